"""Dictionary-encode cells into columns: each distinct value becomes text once.

A sheet leaves the child process in this form: integer codes per row, and a list of texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.sheet import limits
from converter.sheet.model import Flaws, Merged, Sheet, letter

LARGEST_EXACT = 10**15
"""Excel keeps 15 digits of a number; from here on the rest are zeros or noise."""

Codes = np.ndarray[Any, np.dtype[np.int32]]

if TYPE_CHECKING:
    _Index = defaultdict[Any, int]


@dataclass
class Evidence:
    """What cell values do not show. Columns count from 0 (A); rows are Excel's numbers."""

    flaws: list[tuple[str, int, int]] = field(default_factory=list)
    """(kind, column, row) of each cell whose value is lost."""
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    """(column, row, text) of each cell that shows another text than the reader returns."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(first row, first column, last row, last column)."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def extend(self, more: Evidence) -> None:
        """Add the evidence of further rows of the same sheet."""
        self.flaws += more.flaws
        self.texts += more.texts
        self.merged = sorted({*self.merged, *more.merged})
        self.hidden_rows |= more.hidden_rows
        self.hidden_columns |= more.hidden_columns


@dataclass
class Columns:
    """A sheet as plain arrays, before it becomes a DataFrame."""

    name: str
    first_row: int
    """Excel's number of the first row."""
    first_column: int
    """0 is column A."""
    codes: list[Codes] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    flaws: Flaws = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        return len(self.codes[0]) if self.codes else 0

    def flaw(self, kind: str, column: int, row: int) -> None:
        """Record a flaw of a cell; cells outside the table are ignored."""
        at = column - self.first_column
        if 0 <= at < len(self.codes) and 0 <= row - self.first_row < self.height:
            self.flaws.setdefault(at, {}).setdefault(kind, set()).add(row)

    def ends_before(self, lower: Columns) -> bool:
        return self.first_row + self.height <= lower.first_row

    def above(self, *lower: Columns) -> Columns:
        """Return the sheet of these rows and, below them, those of `lower`: cells and flaws."""
        parts = (self, *lower)
        height = parts[-1].first_row + parts[-1].height - self.first_row
        first = min(one.first_column for one in parts)
        end = max(one.first_column + len(one.codes) for one in parts)
        made = Columns(self.name, self.first_row, first)
        for column in range(first, end):
            codes = np.full(height, -1, np.int32)
            index: dict[str, int] = {}
            for one in parts:
                at = column - one.first_column
                if 0 <= at < len(one.codes):
                    known = [index.setdefault(text, len(index)) for text in one.texts[at]]
                    start = one.first_row - self.first_row
                    # a blank cell's code, -1, indexes the last entry
                    codes[start : start + one.height] = np.array([*known, -1], np.int32)[
                        one.codes[at]
                    ]
                    for kind, rows in one.flaws.get(at, {}).items():
                        made.flaws.setdefault(column - first, {}).setdefault(kind, set()).update(
                            rows
                        )
            made.codes.append(codes)
            made.texts.append(list(index))
        return made

    def apply(self, evidence: Evidence) -> None:
        """Add what a scan of the file has found; the table grows to cells that were left out."""
        self._grow(evidence)
        for kind, column, row in evidence.flaws:
            self.flaw(kind, column, row)
        changed: dict[int, list[tuple[int, str]]] = {}
        for column, row, text in evidence.texts:
            at = column - self.first_column
            if 0 <= at < len(self.codes) and 0 <= row - self.first_row < self.height:
                changed.setdefault(at, []).append((row - self.first_row, text))
        for at, cells in changed.items():
            index = {text: code for code, text in enumerate(self.texts[at])}
            rows = [row for row, _ in cells]
            self.codes[at][rows] = [index.setdefault(text, len(index)) for _, text in cells]
            self.texts[at] = list(index)
        last_row, last_column = self.first_row + self.height - 1, len(self.codes) - 1
        for top, left, bottom, right in evidence.merged:
            left, right = max(left - self.first_column, 0), right - self.first_column
            clipped = Merged(
                max(top, self.first_row), left, min(bottom, last_row), min(right, last_column)
            )
            many = (clipped.top, clipped.left) != (clipped.bottom, clipped.right)
            if many and clipped.top <= clipped.bottom and clipped.left <= clipped.right:
                self.merged.append(clipped)
        self.merged.sort()
        self.hidden_rows |= {
            row for row in evidence.hidden_rows if self.first_row <= row <= last_row
        }
        hidden = {column - self.first_column for column in evidence.hidden_columns}
        self.hidden_columns |= hidden & set(range(len(self.codes)))

    def _grow(self, evidence: Evidence) -> None:
        places = [(column, row) for _, column, row in evidence.flaws]
        places += [(column, row) for column, row, text in evidence.texts if text.strip()]
        if not places:
            return
        if not self.codes:
            self.first_column, self.first_row = places[0]
        first = min(self.first_column, *(column for column, _ in places))
        end = max(self.first_column + len(self.codes), *(column + 1 for column, _ in places))
        top = min(self.first_row, *(row for _, row in places))
        bottom = max(self.first_row + self.height, *(row + 1 for _, row in places))
        if (end - first) * (bottom - top) > limits.GRID:
            raise ValueError("a damaged cell lies far outside the table")
        left, above = self.first_column - first, self.first_row - top
        below = bottom - self.first_row - self.height
        right = end - self.first_column - len(self.codes)
        if left or right:
            blank = np.full(self.height, -1, np.int32)
            self.codes = [blank.copy() for _ in range(left)] + self.codes
            self.codes += [blank.copy() for _ in range(right)]
            self.texts = [[] for _ in range(left)] + self.texts + [[] for _ in range(right)]
            self.flaws = {at + left: kinds for at, kinds in self.flaws.items()}
        if above or below:
            self.codes = [np.pad(c, (above, below), constant_values=-1) for c in self.codes]
        self.first_column, self.first_row = first, top

    def as_evidence(self) -> Evidence:
        """Return the texts and flaws of these cells, to add them to the rest of the sheet."""
        found = Evidence()
        for at, (codes, texts) in enumerate(zip(self.codes, self.texts, strict=True)):
            column = self.first_column + at
            for row in np.flatnonzero(codes >= 0).tolist():
                found.texts.append((column, row + self.first_row, texts[codes[row]]))
            for kind, rows in self.flaws.get(at, {}).items():
                found.flaws += [(kind, column, row) for row in rows]
        return found

    def as_sheet(self) -> Sheet:
        import pandas as pd

        frame = pd.DataFrame(
            {
                at: pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype=object))
                for at, (codes, texts) in enumerate(zip(self.codes, self.texts, strict=True))
            },
            index=pd.RangeIndex(self.first_row, self.first_row + self.height),
        )
        return Sheet(
            self.name,
            tuple(letter(self.first_column + at) for at in range(len(self.codes))),
            frame,
            self.flaws,
            tuple(self.merged),
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            tuple(self.notes),
        )


class Builder:
    """Build columns from rows block by block, without holding all cells at once."""

    def __init__(self, width: int, shown: Callable[[Any], tuple[str, str]] | None = None) -> None:
        self._shown = shown or as_text
        self._mixed = shown is None
        self._indexes: list[_Index] = []
        for _ in range(width):
            index: _Index = defaultdict()
            index.default_factory = index.__len__  # a new value gets the next code
            self._indexes.append(index)
        self._blocks: list[list[Codes]] = [[] for _ in range(width)]

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, each of the full width."""
        for index, blocks, cells in zip(
            self._indexes, self._blocks, zip(*rows, strict=True), strict=True
        ):
            known: Iterable[Any] = cells
            if self._mixed and bool in set(
                map(type, cells)
            ):  # True and 1 are the same dictionary key
                known = [str(cell).upper() if isinstance(cell, bool) else cell for cell in cells]
            blocks.append(np.fromiter(map(index.__getitem__, known), np.int32, len(cells)))

    def columns(self, name: str, first_row: int, first_column: int = 0) -> Columns:
        made = Columns(name, first_row, first_column)
        for at, (index, blocks) in enumerate(zip(self._indexes, self._blocks, strict=True)):
            raw = np.concatenate(blocks) if blocks else np.empty(0, np.int32)
            texts: dict[str, int] = {}
            recode = np.empty(len(index), np.int32)
            for value, code in index.items():
                text, flaw = self._shown(value)
                recode[code] = texts.setdefault(text, len(texts)) if text.strip() else -1
                if flaw:
                    rows = (np.flatnonzero(raw == code) + first_row).tolist()
                    made.flaws.setdefault(at, {}).setdefault(flaw, set()).update(rows)
            made.codes.append(recode[raw])
            made.texts.append(list(texts))
            blocks.clear()
        return made


def as_text(value: Any) -> tuple[str, str]:
    """Return the text that Excel displays, and the kind of flaw if the value has one."""
    if isinstance(value, str):
        return value, ""
    if isinstance(value, float | int):
        if value != value or abs(value) == float("inf"):
            return str(value), "rounded"
        # Excel keeps and shows 15 digits; the rest is binary noise (0.1 + 0.2).
        plain = format(Decimal(f"{value + 0:.15g}"), "f")  # + 0 turns -0.0 into 0.0
        return plain, "rounded" if abs(value) >= LARGEST_EXACT else ""
    if isinstance(value, datetime):
        return value.isoformat(" "), "date"
    if isinstance(value, date | time):
        return value.isoformat(), "date"
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}", "date"
    return str(value), ""


def padded(number: str, width: int) -> str:
    """Return a whole number as a format such as `00000` shows it; empty if that adds no zeros."""
    return number.zfill(width) if number.isdigit() and len(number) < width else ""


def zero_widths(formats: Mapping[Any, str | None]) -> dict[Any, int]:
    """Map each number format of zeros alone to its width.

    `00000` shows 2108 as 02108, which is what the person typed and means.
    """
    bare = {key: (text or "").strip('"') for key, text in formats.items()}
    return {key: len(text) for key, text in bare.items() if len(text) > 1 and set(text) == {"0"}}
