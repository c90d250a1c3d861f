"""The order table as lines: one for each row, and for each further item in a row or sheet.

Whatever the layout of the customer's sheet, later stages see columns of fields with one line for
each row of the plain layout; every line and field still knows its cell in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from converter.layout.notes import LAYOUT_ROWS
from converter.layout.rewrite import Doubt, Rewrite
from converter.layout.titles import by_language
from converter.model import Cell, Issue
from converter.sheet import Sheet
from converter.text import clean, fold

Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
Objects = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Cut:
    """The part of a cell's text that is one value, where a cell holds several."""

    at: tuple[str, ...]
    """Separators of the values."""
    place: int
    count: int
    """The number of values expected: with more or fewer none can be told apart."""
    each: tuple[str, ...] = ()
    """Separators of entries, where the cell holds several of them."""
    entry: int = 0

    def of(self, text: str) -> str:
        """The value; the whole text where it does not divide as expected, so that it is refused."""
        entries = [part for part in _split(text, self.each) if part] if self.each else [text]
        if self.entry >= len(entries):
            return ""
        parts = _split(entries[self.entry], self.at)
        return parts[self.place] if len(parts) == self.count else entries[self.entry]

    def entries(self, text: str) -> int:
        return sum(bool(part) for part in _split(text, self.each))


def _split(text: str, marks: Sequence[str]) -> list[str]:
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    return [part.strip() for part in text.split(marks[0])]


class CellPart(Protocol):
    """What takes one value out of a cell that holds several."""

    def of(self, text: str) -> str: ...


@dataclass(frozen=True)
class Column:
    """The column of a field on the sheet, or the one cell that applies to all rows."""

    position: int
    letter: str
    title: str
    row: int = 0
    """The row of the value of a label above the table; 0 for a column."""
    text: str = ""
    """The value of such a label."""
    factor: Decimal = Decimal(1)
    """Converts its numbers into the field's unit."""
    currency: str = ""
    """The currency that its title names, as written there."""
    more: tuple[Column, ...] = ()
    """Columns whose texts are appended to this one's."""
    is_name: bool = False
    """Whether this column has given names and the other one family names."""
    cut: CellPart | None = None
    otherwise: tuple[Column, ...] = ()
    """Columns that count, one after the other, where this one is blank."""
    words: Mapping[str, str] = field(default_factory=dict)
    """By folded text: what the sheet's own words mean."""

    def all(self) -> Iterator[Column]:
        """This column and those that add to it."""
        yield self
        for other in (*self.more, *self.otherwise):
            yield from other.all()


@dataclass(frozen=True)
class Part:
    """Lines that are read alike: rows of one sheet, and the column of each field."""

    sheet: Sheet
    header_row: int
    columns: Mapping[str, Column]
    at: Integers
    """Positions of the lines' rows in the sheet's frame."""
    limited: Mapping[str, Booleans] = field(default_factory=dict)
    """By path: the lines to which the column applies; all of them where it is missing here."""
    titles: tuple[str, ...] = ()
    """By position: the titles of the sheet's columns, joined where the header has two rows."""

    @cached_property
    def rows(self) -> Integers:
        return self.sheet.frame.index.to_numpy(dtype=np.int64)[self.at]

    def codes(self, path: str) -> tuple[Integers, list[str]]:
        """Codes of a field's cells (-1 where blank) and the texts they stand for."""
        column = self.columns.get(path)
        if column is None:
            return np.full(len(self.at), -1), []
        codes, texts = self._read(column)
        if path in self.limited:
            codes = np.where(self.limited[path], codes, -1)
        return codes, texts

    def _read(self, column: Column) -> tuple[Integers, list[str]]:
        if column.row:
            return np.zeros(len(self.at), np.int64), [column.text]
        codes, texts = self.sheet.column(column.position)
        codes = codes[self.at]
        if column.cut is not None:
            codes, texts = _recoded(codes, [column.cut.of(text) for text in texts])
        for other in column.more:
            codes, texts = _joined((codes, texts), self._read(other), name=column.is_name)
        for other in column.otherwise:
            codes, texts = _filled_up((codes, texts), self._read(other))
        if column.words:
            codes, texts = _recoded(codes, [column.words.get(fold(clean(x)), x) for x in texts])
        return codes, texts

    def filled_column(self, column: Column, row: int) -> Column:
        """The one of a column's alternatives that has a text in this row; else the first."""
        at = int(self.sheet.frame.index.searchsorted(row)) if column.otherwise else 0
        for one in (column, *column.otherwise):
            if not column.otherwise or one.row or self.sheet.column(one.position)[0][at] >= 0:
                return one
        return column

    def flaws(self, path: str) -> dict[str, set[int]]:
        """Kind of damage -> Excel rows of the lines that have it."""
        column = self.columns.get(path)
        if column is None:
            return {}
        found: dict[str, set[int]] = {}
        counted = self.rows[self.limited[path]] if path in self.limited else self.rows
        known = set(counted.tolist()) if len(self.sheet.flaws) else set()
        for one in column.all():
            for kind, rows in self.sheet.flaws.get(one.position, {}).items():
                hit = rows & known
                if one.row:
                    hit = known if one.row in rows else set()
                if hit:
                    found[kind] = found.get(kind, set()) | hit
        return found


def _recoded(codes: Integers, texts: list[str]) -> tuple[Integers, list[str]]:
    known: dict[str, int] = {}
    recode = [known.setdefault(text, len(known)) if text.strip() else -1 for text in texts]
    return np.array([*recode, -1])[codes], list(known)


def _joined(
    one: tuple[Integers, list[str]], other: tuple[Integers, list[str]], *, name: bool
) -> tuple[Integers, list[str]]:
    """Two columns joined into one; where one is blank, the text of the other alone."""
    width = len(other[1]) + 1
    pairs, codes = np.unique((one[0] + 1) * width + other[0] + 1, return_inverse=True)
    left, right = ["", *one[1]], ["", *other[1]]
    texts = []
    for pair in pairs.tolist():
        first, second = left[pair // width].strip(), right[pair % width].strip()
        if name and first and second and not (first + second).isascii() and _is_chinese(first):
            texts.append(second + first)  # family name first, without a space
        else:
            texts.append(" ".join(filter(None, (first, second))))
    return _recoded(codes, texts)


def _filled_up(
    one: tuple[Integers, list[str]], other: tuple[Integers, list[str]]
) -> tuple[Integers, list[str]]:
    """A column with the texts of another one where it is blank."""
    codes = np.where(one[0] >= 0, one[0], np.where(other[0] >= 0, other[0] + len(one[1]), -1))
    return _recoded(codes, [*one[1], *other[1]])


def _is_chinese(text: str) -> bool:
    return all("\u3400" <= letter <= "\u9fff" for letter in text)


@dataclass(frozen=True)
class Fill:
    """Values from another file for the blank cells of a field."""

    codes: Integers
    """For every line of the table; -1 where there is no value."""
    texts: list[str]
    factors: list[Decimal]
    """For every text, what converts its number into the field's unit."""
    title: str
    key: str
    """The field by which a value was looked up: its cell stands for that of the value."""


@dataclass(frozen=True)
class Table:
    """All lines of the order sheet, and the column of each field."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    """What the user should know about the sheet as a whole."""
    issues: tuple[Issue, ...] = ()
    """Problems of rows rather than of cells, such as cells merged across columns."""
    typed: Mapping[str, Sheet] = field(default_factory=dict)
    """By name: the sheets before merged cells were filled, where there are merged cells."""
    group_by: tuple[Column, ...] = ()
    """Columns that number the orders within this file, such as 序号."""
    layout: str = LAYOUT_ROWS
    """Template of the note on the layout."""
    fills: Mapping[str, Fill] = field(default_factory=dict)
    """By the field's path: what another file says where its cells are blank."""
    rewrites: Mapping[str, Rewrite] = field(default_factory=dict)
    """By the field's path: what repairs made of its cells."""

    @property
    def sheet(self) -> Sheet:
        """The sheet with the orders; other sheets may have their boxes and items."""
        return self.parts[0].sheet

    @property
    def header_row(self) -> int:
        return self.parts[0].header_row

    @property
    def titles(self) -> tuple[str, ...]:
        return self.parts[0].titles

    @property
    def name(self) -> str:
        return self.sheet.name

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """By the field's path; a field that copies another shares its column."""
        found: dict[str, Column] = {}
        for part in self.parts:
            for path, column in part.columns.items():
                found.setdefault(path, column)
        for path, fill in self.fills.items():
            found.setdefault(path, Column(-1, "", fill.title))
        for path, rewrite in self.rewrites.items():
            found.setdefault(path, Column(-1, "", rewrite.title))
        return found

    @cached_property
    def _without_cell(self) -> Mapping[str, frozenset[int]]:
        """By the path of a field that another file fills: the lines with a blank cell."""
        return {
            path: frozenset(self.lines[self._typed(path)[0] < 0].tolist()) for path in self.fills
        }

    @cached_property
    def _order(self) -> Integers:
        """The order of the table, as indices into the lines of all parts, one after the other."""
        sheets = list(dict.fromkeys(part.sheet.name for part in self.parts))
        sheet = [np.full(len(p.at), sheets.index(p.sheet.name)) for p in self.parts]
        place = [np.full(len(p.at), number) for number, p in enumerate(self.parts)]
        rows = [part.rows for part in self.parts]
        return np.lexsort((np.concatenate(place), np.concatenate(rows), np.concatenate(sheet)))

    @cached_property
    def lines(self) -> Integers:
        """A number for every line; in the plain layout the row's number."""
        if len(self.parts) == 1:
            return self.parts[0].rows
        count = len(self.parts)
        each = [part.rows * count + number for number, part in enumerate(self.parts)]
        return np.concatenate(each)[self._order]

    @property
    def rows(self) -> pd.Index[int]:
        return pd.Index(self.lines)

    def row_of(self, lines: Integers) -> Integers:
        """The Excel row of each line, on the line's own sheet."""
        return lines // len(self.parts)

    def sheet_of(self, lines: Integers) -> Integers:
        """For every line, the index of the first part on the same sheet; 0 is the order sheet."""
        if len(self.parts) == 1:
            return np.zeros(len(lines), np.int64)
        names = [part.sheet.name for part in self.parts]
        return np.array([names.index(name) for name in names])[lines % len(self.parts)]

    def part(self, line: int) -> Part:
        return self.parts[line % len(self.parts)]

    def codes(self, path: str) -> tuple[Integers, list[str]]:
        """Codes of a field's values, one per line (-1 where blank), and the texts they stand for.

        Where a cell is blank, what another file says counts.
        """
        codes, texts = self._typed(path)
        fill = self.fills.get(path)
        if fill is None:
            return codes, texts
        filled = np.where(fill.codes >= 0, fill.codes + len(texts), -1)
        return np.where(codes >= 0, codes, filled), [*texts, *fill.texts]

    def _typed(self, path: str) -> tuple[Integers, list[str]]:
        """Codes and texts of a field's own cells, as they were repaired."""
        if rewrite := self.rewrites.get(path):
            return rewrite.codes, rewrite.texts
        if len(self.parts) == 1:
            return self.parts[0].codes(path)
        every: list[Integers] = []
        texts: list[str] = []
        for part in self.parts:
            codes, own = part.codes(path)
            every.append(np.where(codes >= 0, codes + len(texts), -1))
            texts.extend(own)
        return np.concatenate(every)[self._order], texts

    def columns_of(self, path: str) -> list[Column]:
        """The columns of a field, one for each part that has the field."""
        return [part.columns[path] for part in self.parts if path in part.columns]

    def factors(self, path: str) -> list[Decimal] | None:
        """For every text of `codes` the factor to the field's unit; None where all are 1."""
        fill = self.fills.get(path)
        rewrite = self.rewrites.get(path)
        if rewrite is not None:
            return [*rewrite.factors, *(fill.factors if fill else ())]
        factors = {column.factor for column in self.columns_of(path)}
        if (factors | set(fill.factors if fill else ())) <= {Decimal(1)}:
            return None
        found: list[Decimal] = []
        for part in self.parts:
            if path in part.columns:
                found += [part.columns[path].factor] * len(part.codes(path)[1])
        return [*found, *(fill.factors if fill else ())]

    def label(self, cell: Cell) -> Column | None:
        """The label above the table whose value is in this cell and applies to all lines."""
        return self._columns_by_cell.get((cell.sheet, cell.row, cell.column))

    @cached_property
    def _columns_by_cell(self) -> Mapping[tuple[str, int, str], Column]:
        return {
            (part.sheet.name, column.row, column.letter): column
            for part in reversed(self.parts)
            for column in reversed([*part.columns.values()])
        }

    def typed_codes(self, path: str) -> Integers:
        """Codes like those of `codes`, with the text of a merged cell on its first row only."""
        if not self.typed:
            return self.codes(path)[0]
        parts = [replace(p, sheet=self.typed.get(p.sheet.name, p.sheet)) for p in self.parts]
        return Table(tuple(parts)).codes(path)[0]

    def column_codes(self, column: Column) -> tuple[Integers, list[str]]:
        """Codes and texts of a column of the order sheet that belongs to no field."""
        path = f"{column.letter}:"
        parts = [
            replace(p, columns={path: column} if p.sheet is self.sheet else {}, limited={})
            for p in self.parts
        ]
        return Table(tuple(parts)).codes(path)

    def flaws(self, path: str) -> dict[str, set[int]]:
        """Kind of damage -> lines where the cell of this field has it."""
        count = len(self.parts)
        found: dict[str, set[int]] = {}
        for number, part in enumerate(self.parts):
            for kind, rows in part.flaws(path).items():
                found.setdefault(kind, set()).update(row * count + number for row in rows)
        return found

    def doubts(self, path: str) -> Mapping[int, Doubt]:
        """By line: the cells of a field that somebody has to settle."""
        rewrite = self.rewrites.get(path)
        return rewrite.doubts if rewrite else {}

    def ragged(self) -> list[int]:
        """Rows of the order sheet with more cells than the header has titles."""
        found = self.sheet.flaws.get(0, {}).get("ragged", set())
        return sorted(found & set(self.parts[0].rows.tolist()))

    def is_filled(self, path: str, line: int) -> bool:
        """Whether the cell of a field is blank, and another file has its value, if anyone has."""
        return path in self.fills and line in self._without_cell[path]

    def cell(self, path: str, line: int) -> Cell:
        """The cell of a field's value; the row where the field has no column."""
        if self.is_filled(path, line):
            path = self.fills[path].key
        part = self.part(line)
        if path in self.rewrites and path not in part.columns:
            path = self.rewrites[path].source
        column = part.columns.get(path)
        row = line // len(self.parts)
        if column is None:
            return Cell(part.sheet.name, "", row)
        column = part.filled_column(column, row)
        return Cell(part.sheet.name, column.letter, column.row or row)

    def text_at(self, cell: Cell) -> str:
        """The text that stands in a cell; empty where there is none, or a whole row is meant."""
        if label := self.label(cell):
            return label.text
        if cell.sheet not in self._by_name:
            return ""
        sheet, rows, places = self._by_name[cell.sheet]
        if cell.column in places:
            codes, texts = sheet.column(places[cell.column])
            at = int(rows.searchsorted(cell.row))
            if at < len(rows) and rows[at] == cell.row and codes[at] >= 0:
                return str(texts[codes[at]])
        return ""

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Sheet, Integers, Mapping[str, int]]]:
        """Every sheet with its rows, and the places of its letters."""
        sheets = {part.sheet.name: part.sheet for part in self.parts}
        return {
            name: (
                sheet,
                sheet.frame.index.to_numpy(dtype=np.int64),
                {letter: at for at, letter in enumerate(sheet.letters)},
            )
            for name, sheet in sheets.items()
        }

    def title(self, path: str, line: int) -> str:
        """The title of the field's column, as the customer wrote it."""
        column = self.part(line).columns.get(path) or self.columns[path]
        return by_language(column.title)
