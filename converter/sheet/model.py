"""The result of reading: a sheet as columns of text, its flaws, and hidden or merged cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Flaws = dict[int, dict[str, set[int]]]
"""Column position -> kind of damage -> Excel rows.

Kinds: error, no_value, rounded, date, ragged.
"""


@dataclass(frozen=True, order=True)
class Merged:
    """A merged range; only its first cell has a text.

    Rows are Excel's numbers, columns are positions as in the sheet's frame.
    """

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One sheet of the file, including its header.

    `frame` has one categorical column of text per entry of `letters`, blank cells as NaN; its index
    is Excel's row numbers.
    """

    name: str
    letters: tuple[str, ...]
    frame: pd.DataFrame
    flaws: Flaws = field(default_factory=dict)
    merged: tuple[Merged, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    """Excel rows hidden by hand or by a filter."""
    hidden_columns: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def column(self, position: int) -> tuple[np.ndarray[Any, Any], list[str]]:
        """Return the code of every row (-1 if blank) and the texts the codes index."""
        return self._columns[position]

    @cached_property
    def _columns(self) -> list[tuple[np.ndarray[Any, Any], list[str]]]:
        columns = (self.frame[position].cat for position in self.frame)
        return [(column.codes.to_numpy(), list(column.categories)) for column in columns]

    def texts(self, row: int) -> list[str]:
        """Return the texts of a row; blank cells are empty."""
        at = self.frame.index.get_loc(row)
        found = (self.column(position) for position in range(len(self.letters)))
        return [texts[codes[at]] if codes[at] >= 0 else "" for codes, texts in found]


@lru_cache(maxsize=1 << 14)
def letter(column: int) -> str:
    """Return Excel's name of a column: 0 is A, 26 is AA.

    Like xlsxwriter's `xl_col_to_name`, without importing XlsxWriter.
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=1 << 14)
def position(name: str) -> int:
    """Return the index of a column: the inverse of `letter`."""
    number = 0
    for character in name:
        number = number * 26 + ord(character) - 64
    return number - 1
