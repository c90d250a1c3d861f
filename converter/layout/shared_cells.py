"""Cells of which a profile takes several fields: items with their quantities, and sizes.

Only plain forms are divided, such as `MUG-01 x 2; TOW-1 x 1` and `60*40*40cm`. What is written
otherwise is left as it is, so that it fits neither field and is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.layout.table import Column
from converter.mapping.model import ProviderMapping
from converter.text import clean

_ENTRIES = re.compile(r"\s*[;；,，、+|\r\n]\s*")
_ITEM = (
    re.compile(r"(?P<sku>\S+?)(?:\s*[*×]\s*|\s+[xX]\s*)(?P<quantity>[1-9]\d{0,4})"),
    re.compile(r"(?P<quantity>[1-9]\d{0,4})\s*[*×xX]\s+(?P<sku>\S+)"),
)
"""A letter x has a blank before it, or belongs to the code: `BOX2`."""

_NUMBER = r"\d+(?:[.,]\d+)?"
_SIZE = re.compile(
    rf"({_NUMBER})\s*(cm|mm|in|m)?\s*[*x×]\s*({_NUMBER})\s*(cm|mm|in|m)?\s*[*x×]\s*({_NUMBER})"
    r"\s*(cm|mm|in|m)?",
    re.IGNORECASE,
)
_SIDES = ("boxes.length", "boxes.width", "boxes.height")
_WORDS = (re.compile(r"长|\bL(?:ength)?\b", re.I), re.compile(r"宽|\bW(?:idth)?\b", re.I),
          re.compile(r"高|\bH(?:eight)?\b", re.I))  # fmt: skip

_LACKS = "{text} × ?"
"""No number and no code: what a cell that cannot be divided gives to its fields."""


@dataclass(frozen=True)
class ItemPart:
    """The code or the quantity of one of the items in a cell."""

    kind: str
    """`sku` or `quantity`."""
    entry: int

    def of(self, text: str) -> str:
        entries = entries_of(text)
        if self.entry >= len(entries):
            return ""
        found = [one for form in _ITEM if (one := form.fullmatch(entries[self.entry]))]
        if len(found) != 1 or found[0]["sku"].isdigit():
            return _LACKS.format(text=entries[self.entry])
        return found[0][self.kind]


@dataclass(frozen=True)
class SizePart:
    """One side of a box whose sides stand in one cell."""

    place: int

    def of(self, text: str) -> str:
        found = _SIZE.fullmatch(clean(text))
        if found is None:
            return _LACKS.format(text=clean(text))
        units = {unit.lower() for unit in found.group(2, 4, 6) if unit}
        if len(units) > 1:
            return _LACKS.format(text=clean(text))
        return found[2 * self.place + 1] + next(iter(units), "")


def entries_of(text: str) -> list[str]:
    return [part for part in _ENTRIES.split(_clean_lines(text)) if part]


def _clean_lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines())


def shared_columns(columns: Mapping[str, Column]) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """The columns that several fields take, and these fields."""
    found: dict[int, list[str]] = {}
    for path, column in columns.items():
        if not (column.row or column.more or column.otherwise or column.cut):
            found.setdefault(column.position, []).append(path)
    for same in found.values():
        if len(same) > 1:
            yield columns[same[0]], tuple(same)


def divided(
    columns: Mapping[str, Column],
    mapping: ProviderMapping,
    texts_of: Callable[[Column], Sequence[str]],
) -> Iterator[tuple[int, str, Column]]:
    """For every field of such a column, the number of the entry (0: the only one) and its part."""
    for column, same in shared_columns(columns):
        kinds = {mapping.field(path).is_ or "": path for path in same}
        if kinds.keys() == {"items.sku", "items.quantity"}:
            count = max((len(entries_of(text)) for text in texts_of(column)), default=1)
            for name, path in kinds.items():
                kind = name.removeprefix("items.")
                for entry in range(count):
                    number = entry + 1 if count > 1 else 0
                    yield number, path, replace(columns[path], cut=ItemPart(kind, entry))
        elif kinds.keys() == {*_SIDES}:
            for place, name in enumerate(_sides(column.title)):
                yield 0, kinds[name], replace(columns[kinds[name]], cut=SizePart(place))


def _sides(title: str) -> tuple[str, ...]:
    """The sides in the order that the title gives them, else the usual one."""
    found = [word.search(title) for word in _WORDS]
    if not all(found):
        return _SIDES
    order = sorted(range(3), key=lambda at: one.start() if (one := found[at]) else 0)
    return tuple(_SIDES[at] for at in order)
