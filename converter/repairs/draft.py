"""The cells of a table while they are repaired, each distinct text judged once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from converter.layout.rewrite import Doubt, Rewrite
from converter.layout.table import Integers, Table
from converter.mapping.model import ProviderMapping
from converter.model import Cell, Repair
from converter.text import clean

MOST_LISTED = 100_000
"""Repairs that are listed one by one; more are only counted."""


@dataclass(frozen=True, slots=True)
class Change:
    """What texts are meant to be, by the field's path; `at` is the field that was repaired."""

    code: str
    at: str
    texts: Mapping[str, str]
    facts: Mapping[str, str] = field(default_factory=dict)
    in_unit: bool = False
    """Whether the texts are in the fields' own units, whatever their columns' titles say."""


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked at the cell of a field."""

    at: str
    doubt: Doubt


Judge = Callable[..., Sequence[Change | Question]]
"""What is to be done about the texts of some fields in one line, blank ones being empty."""


@dataclass
class _Field:
    codes: Integers
    texts: list[str]
    factors: list[Decimal]
    doubts: dict[int, Doubt] = field(default_factory=dict)
    """By line."""


@dataclass(frozen=True, slots=True)
class _Hit:
    change: Change
    lines: Integers
    """Places of the lines."""


class Draft:
    """The texts of all fields, which judges change one after the other."""

    def __init__(self, table: Table, mapping: ProviderMapping, *, adapted: bool = False) -> None:
        self.table, self.mapping, self.adapted = table, mapping, adapted
        self.lines = table.lines
        self._fields: dict[str, _Field] = {}
        self._sources: dict[str, str] = {}
        self._changed: set[str] = set()
        self._hits: list[_Hit] = []

    def texts(self, path: str) -> list[str]:
        """The distinct texts of a field that stand in some line."""
        found = self._of(path)
        return [found.texts[code] for code in np.unique(found.codes[found.codes >= 0]).tolist()]

    def has(self, path: str) -> bool:
        return path in self.table.columns or path in self._fields

    def is_blank_beside(self, path: str, other: str) -> bool:
        """Whether a field is blank in some line in which the other one is not."""
        return bool(((self._of(path).codes < 0) & (self._of(other).codes >= 0)).any())

    def apply(
        self, paths: Sequence[str], judge: Judge, *, where: Callable[[str], Any] | None = None
    ) -> None:
        """Judge the texts that fields have together in each line, and change them.

        `where` says of a text of the first field whether the judge may find anything: the lines
        with other texts, mostly all of them, are then passed over.
        """
        fields = [self._of(path) for path in paths]
        places = self._places(fields[0], where)
        if not len(places):
            return
        together = fields[0].codes[places] + 1
        for one in fields[1:]:
            together = together * (len(one.texts) + 1) + one.codes[places] + 1
            _, together = np.unique(together, return_inverse=True)
        found: list[tuple[int, Sequence[Change | Question]]] = []
        known = np.full(int(together.max(initial=0)) + 1, -1)
        known[together] = places  # a place of each
        for number, place in enumerate(known.tolist()):
            if place < 0:
                continue
            given = [one.texts[code] if (code := one.codes[place]) >= 0 else "" for one in fields]
            if any(given) and (said := judge(*given)):
                found.append((number, said))
        if not found:
            return
        order = np.argsort(together, kind="stable")
        starts = np.searchsorted(together[order], np.arange(len(known) + 1))
        for number, said in found:
            hit = places[order[starts[number] : starts[number + 1]]]
            for each in said:
                self._take(each, hit)

    def _places(self, first: _Field, where: Callable[[str], Any] | None) -> Integers:
        if where is None:
            return np.arange(len(first.codes))
        worth = np.array([*map(bool, map(where, first.texts)), False])  # a blank cell has code -1
        return np.flatnonzero(worth[first.codes])

    def _take(self, found: Change | Question, places: Integers) -> None:
        if isinstance(found, Question):
            self._changed.add(found.at)
            doubts = self._of(found.at).doubts
            for line in self.lines[places].tolist():
                doubts.setdefault(line, found.doubt)
            return
        for path, text in found.texts.items():
            one = self._of(path)
            if path not in self.table.columns:
                self._sources.setdefault(path, found.at)
            kept = one.factors[one.codes[places[0]]] if one.codes[places[0]] >= 0 else Decimal(1)
            factor = Decimal(1) if found.in_unit else kept
            self._changed.add(path)
            if not text.strip():
                one.codes[places] = -1
                continue
            one.codes[places] = len(one.texts)
            one.texts.append(text)
            one.factors.append(factor)
        self._hits.append(_Hit(found, places))

    def _of(self, path: str) -> _Field:
        if path not in self._fields:
            codes, texts = self.table.codes(path)
            factors = self.table.factors(path) or [Decimal(1)] * len(texts)
            self._fields[path] = _Field(codes.astype(np.int64), [*texts], [*factors])
        return self._fields[path]

    # -- what came of it ---------------------------------------------------------------------------

    def rewrites(self) -> dict[str, Rewrite]:
        found = {}
        for path in self._changed:
            one, title = self._fields[path], self.mapping.field(path).title
            found[path] = Rewrite(
                one.codes, one.texts, one.factors, f"{title.zh}\n{title.en}",
                self._sources.get(path, ""), one.doubts,
            )  # fmt: skip
        return found

    def counts(self) -> dict[str, int]:
        """How many cells were repaired, by the kind of repair."""
        found: dict[str, int] = {}
        for hit in self._hits:
            labels = any(column.row for column in self.table.columns_of(hit.change.at))
            size = len(self._cells(hit)) if labels else len(hit.lines)
            found[hit.change.code] = found.get(hit.change.code, 0) + size
        return found

    def repairs(self) -> Iterator[Repair]:
        """Every repair in the order of the sheet, of very many the first ones."""
        made: dict[tuple[Cell, str, str], Repair] = {}
        listed = 0
        for hit in self._hits:
            cells = self._cells(hit)
            listed += len(cells)
            if listed > MOST_LISTED:
                break
            for line, cell in cells.items():
                for one in self._listed(hit.change, line, cell):
                    made.setdefault((one.cell, one.code, one.field), one)
        places = {sheet: n for n, sheet in enumerate(p.sheet.name for p in self.table.parts)}
        yield from sorted(
            made.values(), key=lambda one: (places.get(one.cell.sheet, 0), one.cell.row)
        )

    def _cells(self, hit: _Hit) -> dict[int, Cell]:
        """By line: the cells of a repair; a label's, or that of two fields, is one."""
        table = self.table
        source = hit.change.at if hit.change.at in table.columns else ""
        source = source or self._sources.get(hit.change.at, hit.change.at)
        cells = {
            table.cell(source, line): line for line in reversed(self.lines[hit.lines].tolist())
        }
        return {line: cell for cell, line in cells.items()}

    def _listed(self, change: Change, line: int, cell: Cell) -> Iterator[Repair]:
        """A repair, with a line for every field that it fills."""
        value = self.table.text_at(cell)
        for path, text in change.texts.items():
            title = clean(self.table.title(path, line)) if path in self.table.columns else ""
            spec = self.mapping.field(path).title
            yield Repair(
                cell,
                path,
                title or f"{spec.zh} / {spec.en}",
                change.code,
                change.facts,
                value,
                text,
            )
