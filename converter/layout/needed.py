"""The columns that every order needs, and the error where one is missing."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from pathlib import Path

from converter.errors import SheetError
from converter.layout.errors import named, place
from converter.layout.matching import Matching
from converter.layout.table import Column
from converter.layout.titles import are_opposite, normalise, show
from converter.mapping import paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import N_, Multilingual, join, t
from converter.model import Cell


def missing(
    mapping: ProviderMapping, found: Mapping[str, Column], used: Collection[str]
) -> list[FieldSpec]:
    """The required fields that have no column, given the lists in use."""
    # The title of an amount may name its currency.
    filled = {mapping.field(path).currency for path, column in found.items() if column.currency}
    for spec in mapping.fields:
        if spec.file and spec.path in found:
            filled.update(spec.file.fills)
    return [spec for spec in without_column(mapping, found, used) if spec.path not in filled]


def without_column(
    mapping: ProviderMapping, found: Container[str], used: Collection[str]
) -> list[FieldSpec]:
    """The required fields that nothing else fills and that are not among those found."""
    return [
        spec
        for spec in mapping.fields
        if spec.required
        and spec.path not in found
        and spec.default is None
        and spec.has_column
        and not scopes.conditions(spec, mapping)
        and not (spec.fallback or spec.copies or spec.default_if_single)
        and paths.list_of(spec.path) in used
    ]


def check(
    matching: Matching,
    found: Mapping[str, Column],
    used: Collection[str],
    unknown: Sequence[Column],
    file: Path,
    provided: Collection[str] = (),
) -> None:
    """Raise SheetError where a required column is missing."""
    mapping, area = matching.mapping, matching.area
    absent = [spec for spec in missing(mapping, found, used) if spec.path not in provided]
    reference = mapping.field(mapping.order.reference)
    if reference.path not in found and reference not in absent:
        absent.insert(0, reference)
    if not absent:
        return
    from rapidfuzz import process

    wanted: list[str] = []
    shown = {place(column): show(column.title) for column in unknown}
    names = {place(column): normalise(column.title)[0] for column in unknown}
    names = {
        at: name for at, name in names.items() if len(name) > 1
    }  # a single letter resembles everything
    for spec in absent:
        # English words share many letters, so they have to be more alike than Chinese ones.
        near = []
        for title, least in ((spec.title.zh, 50), (spec.title.en, 75)):
            name = normalise(title)[0]
            same_side = {at: each for at, each in names.items() if not are_opposite(each, name)}
            near.append(process.extractOne(name, same_side, score_cutoff=least))
        _, _, letter = max(filter(None, near), key=lambda found: found[1], default=(0, 0, ""))
        is_it = N_("{field} (is it column {column} {title}?)")
        hinted = t(is_it, field=named(spec), column=letter, title=shown.get(letter, ""))
        wanted.append(hinted if letter else named(spec))
    if isinstance(last := wanted[-1], Multilingual):  # a full stop follows
        wanted[-1] = Multilingual(last.rstrip("."), **last.languages)
    titles = [title for title in area.titles if title]
    facts = {
        "fields": join("; ", wanted),
        "row": area.header_row,
        "found": ", ".join(show(title) for title in titles)[:400],
    }
    one = t("missing required column {fields}. Found in row {row}: {found}", **facts)
    more = t("missing required columns {fields}. Found in row {row}: {found}", **facts)
    csv = file.suffix.lower() == ".csv"
    raise SheetError(
        one if len(wanted) == 1 else more,
        where=file if csv else Cell(area.sheet.name, "", area.header_row),
        remedy=t(
            "Add the column, or rename the one that holds it. `converter template {provider}` "
            "writes a sheet with every column, and --columns FILE keeps your own choice of "
            "columns.",
            provider=mapping.provider,
        ),
        code="MISSING_COLUMN",
    )
