"""Find rows of a text file whose cells may have shifted: a separator too few or too many.

A short row is no proof, because programs leave out blank cells at the end of a row. Excel does so
for blocks of 16 rows; others do it in every row, or in none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from converter.sheet.columns import Columns

Counts = np.ndarray[Any, np.dtype[np.int32]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_BLOCK = 16
"""Rows for which Excel decides at once how many cells it writes."""
_FEW = 3
"""Rows that must agree before they show what the file's writer usually does."""
_MANY = 8
"""Rows of one block of Excel that are believed whatever the other rows hold."""


def ragged(
    columns: Columns, counts: Counts, overfull: set[int], header: int, width: int
) -> set[int]:
    """Return the numbers of suspicious rows.

    `counts` are the cells of each row as written, `overfull` the numbers of rows with a value
    beyond the last title. `header` is the index of the header, `width` its number of titles.
    """
    if not overfull and bool((counts[header + 1 :] == width).all()):
        return set()
    ends_filled = np.zeros(len(counts), bool)
    is_blank = np.ones(len(counts), bool)
    for at, codes in enumerate(columns.codes):
        ends_filled |= (codes >= 0) & (counts == at + 1)
        is_blank &= codes < 0
    is_blank[: header + 1] = True
    below = np.flatnonzero(~is_blank)
    if not len(below):
        return overfull
    is_excel, is_large = _blocks(counts, ends_filled)
    rows = _Rows(
        counts=counts[below],
        ends_filled=ends_filled[below],
        filled=[codes[below] >= 0 for codes in columns.codes[:width]],
        is_excel=is_excel[below],
        is_large_block=is_large[below],
        width=width,
    )
    return overfull | {int(at) + 1 for at in below[rows.suspicious()]}


def _blocks(counts: Counts, ends_filled: Mask) -> tuple[Mask, Mask]:
    """For each row, whether Excel may have cut its block to that length, and in many rows."""
    block = np.arange(len(counts)) // _BLOCK
    kinds, kind, sizes = np.unique(
        block * (int(counts.max()) + 1) + counts, return_inverse=True, return_counts=True
    )
    is_cut = np.bincount(kind, ends_filled, len(kinds)) > 0
    is_most = 2 * sizes[kind] > np.bincount(block)[block]
    return is_cut[kind] & is_most, sizes[kind] >= _MANY


class _Rows:
    """The rows below the header that are not blank."""

    def __init__(
        self,
        *,
        counts: Counts,
        ends_filled: Mask,
        filled: list[Mask],
        is_excel: Mask,
        is_large_block: Mask,
        width: int,
    ) -> None:
        self._counts = counts
        self._ends_filled = ends_filled
        self._filled = filled
        self._is_excel = is_excel
        self._is_large_block = is_large_block
        self._width = width

    def suspicious(self) -> Mask:
        usual = self._usual()
        short, long = self._counts < usual, self._counts > usual
        if not self._ends_filled.all():  # blank cells are written, so each row has them all
            odd = (short | long) & ~self._is_excel
        else:
            odd = long & ~self._is_excel
        return odd | (short & self._lacks_cells() & ~(self._is_excel & self._is_large_block))

    def _usual(self) -> int:
        """Cells of most rows; more than titles where every row ends in further separators."""
        counts, sizes = np.unique(self._counts, return_counts=True)
        most = int(counts[sizes.argmax()])
        is_certain = most - self._width > 1 or int(sizes.max()) >= _FEW
        return most if most > self._width and is_certain else self._width

    def _lacks_cells(self) -> Mask:
        """Rows that end before a column which is filled in most other rows."""
        found = np.zeros(len(self._counts), bool)
        others = len(self._counts) - 1
        for column, filled in enumerate(self._filled):
            count = int(filled.sum())
            if (column == self._width - 1 or count >= _FEW) and 2 * count > others:
                is_always = count == others
                found |= (self._counts <= column) & (is_always | ~self._is_excel)
        return found
