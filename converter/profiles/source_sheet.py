"""A sheet of a known source as a sheet that any mapping reads, and the profile that reads it.

What the source's rules make of its cells stands in columns of the sheet, each under the letter of
the cells that it comes from; rows that are no orders are blank. So all later stages see a sheet
with plain columns, and an issue still names the cell of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from converter.mapping import vocabulary
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import t
from converter.profiles.known_sources import KnownSource, key, recognized
from converter.profiles.model import FieldColumns, Profile
from converter.profiles.source_columns import SourceColumns
from converter.profiles.source_rows import SourceRows
from converter.sheet.model import Sheet

_MOST_ABOVE = 60
"""Rows in which the titles are searched."""


@dataclass(frozen=True)
class SourceSheet:
    """A sheet whose source is known."""

    source: KnownSource
    sheet: Sheet
    """With the columns that the rules of the source make."""
    header_row: int
    columns: Mapping[str, FieldColumns]
    """By the name of the vocabulary: the columns of `sheet` that are this field."""
    orders: int
    items: int

    def line(self) -> str:
        """The source by its name, and how much of it there is to send."""
        return source_line(self.source.title, self.orders, self.items)


def source_line(source: str, orders: int, items: int) -> str:
    """`Shopify orders export: 50 orders, 66 items`."""
    said = t("1 order") if orders == 1 else t("{count} orders", count=f"{orders:,}")
    if not items:
        return t("{source}: {orders}.", source=source, orders=said)
    more = t("1 item") if items == 1 else t("{count} items", count=f"{items:,}")
    return t("{source}: {orders}, {items}.", source=source, orders=said, items=more)


def find(sheet: Sheet) -> SourceSheet | None:
    """The sheet as its source's rules make it; None where its source is not known."""
    for row in _top_rows(sheet):
        titles = sheet.texts(row)
        if source := recognized(titles):
            rows = SourceRows(sheet, row, source)
            columns = SourceColumns(rows)
            orders = len({one for one in rows.kept(rows.references) if one})
            return SourceSheet(
                source, columns.adapted(), row, columns.columns, orders, columns.count_items()
            )
    return None


def profile_of(found: SourceSheet, mapping: ProviderMapping) -> Profile:
    """The profile that reads such a sheet for a provider."""
    columns: dict[str, FieldColumns] = {}
    fixed: dict[str, str] = {}
    for spec in mapping.fields:
        for name in _names_of(spec, mapping):
            if name in found.columns:
                columns[spec.path] = found.columns[name]
            elif name in found.source.fixed:
                fixed[spec.path] = found.source.fixed[name]
            else:
                continue
            break
    known = found.source.closed_titles() - _own_titles(mapping)
    texts = found.sheet.texts(found.header_row)
    made = {text for columns_ in found.columns.values() for text in columns_.titles()}
    ignored = {" ".join(text.split()) for text in texts if key(text) in known} | made
    return Profile(
        name=str(found.source.title),
        provider=mapping.provider,
        columns=columns,
        fixed=fixed,
        ignored=frozenset(ignored),
        header_row=found.header_row,
        sheets=(found.sheet.name,),
    )


def is_readable(mapping: ProviderMapping) -> bool:
    """Whether a mapping says what its fields are, so that sources can be read for it."""
    return any(spec.is_ for spec in mapping.fields)


def _own_titles(mapping: ProviderMapping) -> set[str]:
    """The first titles of fields that no source knows: only the mapping says what they are."""
    return {
        key(title)
        for spec in mapping.fields
        if spec.is_ is None and spec.has_column
        for title in (spec.title.zh, spec.title.en)
    }


def _names_of(spec: FieldSpec, mapping: ProviderMapping) -> Iterator[str]:
    """What a field is, then what else may stand for it where no field of the mapping is that."""
    word = vocabulary.words().get(spec.is_ or "")
    if spec.is_ and word and spec.has_column:
        yield spec.is_
        used = {other.is_ for other in mapping.fields}
        yield from (name for name in word.covers if name not in used)


def _top_rows(sheet: Sheet) -> list[int]:
    head = sheet.frame.iloc[:_MOST_ABOVE]
    filled = ~head.isna().all(axis=1).to_numpy()
    return [int(row) for row in head.index[filled]]
