"""Warnings of likely mistakes: repeated rows, and references that are nearly alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from converter.layout.table import Integers
from converter.model import Issue
from converter.orders.grouping import Orders
from converter.text import fold, quote

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""Multiplier of the hash: an odd 64-bit number with well mixed bits."""


def check(orders: Orders) -> Iterator[Issue]:
    """Warn of each order and row that seems to occur twice."""
    yield from _alike_references(orders)
    yield from _repeated_rows(orders)


def _alike_references(orders: Orders) -> Iterator[Issue]:
    """References that differ only in case or width."""
    head = orders.groups[""]
    seen: dict[str, int] = {}
    for order, reference in enumerate(orders.references):
        other = seen.setdefault(fold(reference), order)
        if reference and other != order:
            facts = {"found": quote(reference), "other": quote(orders.references[other])}
            path = orders.mapping.order.reference
            yield orders.issue(path, head, order, "alike", facts, warning=True)


def _repeated_rows(orders: Orders) -> Iterator[Issue]:
    """Rows that repeat another row of the order exactly."""
    cells = orders.cells
    alike = _maybe_alike(orders)
    codes = {path: column.codes[alike] for path, column in cells.columns.items()}
    wanted = pd.DataFrame({"": orders.order_of_line[alike], **codes}, index=alike)
    firsts: dict[tuple[int, ...], int] = {}
    for at, row in zip(wanted.index, wanted.itertuples(index=False, name=None), strict=True):
        first = firsts.setdefault(row, at)
        if first != at:
            cell = cells.table.cell("", int(cells.rows[at]))
            earlier = cells.table.cell("", int(cells.rows[first]))
            if cell != earlier:  # two numbers of one row may well be alike
                yield Issue(cell, "", "", "row_repeats", {"row": str(earlier.row)}, True)


def _maybe_alike(orders: Orders) -> Integers:
    """Lines whose hash equals another's: nearly always none, so that few need comparing."""
    mixed = orders.order_of_line.astype(np.uint64)
    filled = np.zeros(len(mixed), bool)
    for column in orders.cells.columns.values():
        mixed = mixed * _MIX + column.codes.astype(np.uint64)
        filled |= column.codes >= 0
    again = pd.Series(mixed).duplicated(keep=False).to_numpy()
    return np.flatnonzero(again & filled & (orders.order_of_line >= 0))
