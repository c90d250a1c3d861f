"""Which order each line of the sheet belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from converter.checks.cells import Cells
from converter.checks.values import BAD
from converter.layout.table import Booleans, Integers
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, N_, join, t
from converter.model import Issue
from converter.text import quote

CONTINUED = N_(
    "Rows without a reference were taken as further lines of the order above them: {rows}."
)
NUMBERED_ROWS = N_(
    "Rows without a reference were taken as lines of the order with their number, or of the one "
    "above: {rows}."
)


@dataclass(frozen=True)
class OrderOfLines:
    """The order of every line, and the references of the orders in the sheet's order."""

    order: Integers
    """For every line the number of its order; -1 where it has none."""
    references: list[str]
    """Empty for an order whose reference is blank or cannot be read."""
    orphans: frozenset[int]
    """Orders that only other sheets name, and not the sheet with the orders."""
    issues: tuple[Issue, ...]
    notes: tuple[str, ...]

    @property
    def unjudged(self) -> frozenset[int]:
        nameless = (order for order, reference in enumerate(self.references) if not reference)
        return self.orphans.union(nameless)


def find(cells: Cells, mapping: ProviderMapping) -> OrderOfLines:
    """Give every line with data its order.

    A line without a reference belongs to the order with its number in a column such as 序号, else
    to the order right above it, as long as it has no order cells of its own.
    """
    lines = _Lines(cells, mapping)
    orders = _Orders(cells, mapping)
    order = [-1] * len(cells.rows)
    by_number: dict[int, int] = {}
    continued: list[int] = []
    postponed: list[int] = []
    strays: list[int] = []
    current = -1
    is_apart = lines.is_apart.tolist()
    for at, code in enumerate(lines.codes.tolist()):
        if is_apart[at]:
            current = -1
        if code >= 0:
            current = order[at] = orders.of(code)
            if lines.known_numbers:
                by_number.setdefault(int(lines.numbers[at]), current)
        elif not lines.is_filled[at]:
            current = -1
        elif lines.is_same_row[at] and order[at - 1] >= 0:
            order[at] = order[at - 1]
        elif lines.numbers[at] in lines.known_numbers:
            postponed.append(at)  # the row with the reference may stand below
        elif current >= 0 and lines.may_continue(at):
            order[at] = current
            continued.append(at)
        else:
            current = -1
            order[at] = orders.nameless()
            strays.append(at)
    for at in postponed:
        order[at] = by_number[int(lines.numbers[at])]
    order_of_line = np.array(order, np.int64)
    lost = _orphaned_lines(cells, order_of_line, orders.references)
    issues = (*_strays(cells, mapping, strays), *_orphans(cells, mapping, lost, orders.references))
    return OrderOfLines(
        order_of_line,
        orders.references,
        frozenset(lost.values()),
        issues,
        _notes(cells, continued, postponed),
    )


class _Lines:
    """Facts about each line, before it is assigned to an order."""

    def __init__(self, cells: Cells, mapping: ProviderMapping) -> None:
        self.codes = cells.columns[mapping.order.reference].codes
        """The numbers of the references; -1 where it is blank."""
        self.is_filled = np.zeros(len(cells.rows), bool)
        for column in cells.columns.values():
            self.is_filled |= column.codes >= 0
        excel, sheet = cells.table.row_of(cells.rows), cells.table.sheet_of(cells.rows)
        rows, is_new_sheet = np.diff(excel), np.diff(sheet) != 0
        self.is_apart = np.append(True, (rows > 1) | is_new_sheet)
        """Lines below a blank row, and the first ones of each sheet."""
        self.is_same_row = np.append(False, (rows == 0) & ~is_new_sheet)
        """Lines of the same row as the one before."""
        self.has_order_cells = np.zeros(len(cells.rows), bool)
        self.numbers = np.full(len(cells.rows), -1)
        """The numbers of a column such as 序号; -1 where it is blank or numbers no orders."""
        self.known_numbers: Collection[int] = frozenset()
        if (self.is_filled & (self.codes < 0)).any():
            self.has_order_cells = _have_order_cells(cells, mapping)
            self.numbers, self.known_numbers = _file_numbers(cells, self.codes)

    def may_continue(self, at: int) -> bool:
        """Whether the line can belong to the order above it."""
        return not (self.has_order_cells[at] or self.numbers[at] >= 0)


class _Orders:
    """Numbers the orders as they appear."""

    def __init__(self, cells: Cells, mapping: ProviderMapping) -> None:
        self.references: list[str] = []
        self._values = cells.columns[mapping.order.reference].values
        self._known: dict[str, int] = {}

    def of(self, code: int) -> int:
        """The order with this reference."""
        value = self._values[code]
        if value is BAD:  # filled in but unreadable: an order of its own that cannot be sent
            return self.nameless()
        order = self._known.setdefault(str(value), len(self.references))
        if order == len(self.references):
            self.references.append(str(value))
        return order

    def nameless(self) -> int:
        self.references.append("")
        return len(self.references) - 1


def _notes(cells: Cells, continued: Sequence[int], numbered: Sequence[int]) -> tuple[str, ...]:
    """The note on lines that were assigned to an order without a reference."""
    lines = np.array(sorted((*continued, *numbered)), np.int64)
    if not len(lines):
        return ()
    rows = list(map(str, cells.table.row_of(cells.rows[lines]).tolist()))
    shown = join(COMMA, [*rows[:10], *["…"] * (len(rows) > 10)])
    facts = {"count": str(len(rows)), "rows": shown}
    return (t(NUMBERED_ROWS if numbered else CONTINUED, **facts),)


def _have_order_cells(cells: Cells, mapping: ProviderMapping) -> Booleans:
    """Lines with an order cell that was typed there, and is not merged from the row above."""
    found = np.zeros(len(cells.rows), bool)
    for path, column in cells.columns.items():
        if not paths.list_of(path) and path != mapping.order.reference:
            labels = any(each.row for each in cells.table.columns_of(path))
            if not labels:
                found |= (column.codes >= 0) & (cells.table.typed_codes(path) >= 0)
    return found


def _file_numbers(cells: Cells, references: Integers) -> tuple[Integers, Collection[int]]:
    """The numbers of a column such as 序号, and those of them that name an order of this file.

    The column numbers orders only where a number stands on several rows and never with two
    references; otherwise it counts rows and says nothing about orders.
    """
    for column in cells.table.group_by[:1]:
        codes, _ = cells.table.column_codes(column)
        is_given = codes >= 0
        pairs = {*zip(codes[is_given].tolist(), references[is_given].tolist(), strict=True)}
        named = [number for number, reference in pairs if reference >= 0]
        repeats = len(np.unique(codes[is_given])) < int(is_given.sum())
        if named and repeats and len(named) == len(set(named)):
            return codes, set(named)
    return np.full(len(references), -1), frozenset()


def _strays(cells: Cells, mapping: ProviderMapping, lines: Sequence[int]) -> Iterator[Issue]:
    """Issues of the lines that belong to no order."""
    path = mapping.order.reference
    for line in cells.rows[lines].tolist() if lines else ():
        title = cells.table.title(path, line)
        yield Issue(cells.table.cell(path, line), path, title, "no_reference", {})


def _orphaned_lines(cells: Cells, order: Integers, references: Sequence[str]) -> dict[int, int]:
    """Lines of other sheets whose order the sheet with the orders does not have, and that order."""
    sheet = cells.table.sheet_of(cells.rows)
    known = set(order[sheet == 0].tolist())
    placed = np.flatnonzero((sheet > 0) & (order >= 0)).tolist()
    found = {at: int(order[at]) for at in placed}
    return {at: one for at, one in found.items() if one not in known and references[one]}


def _orphans(
    cells: Cells, mapping: ProviderMapping, lost: Mapping[int, int], references: Sequence[str]
) -> Iterator[Issue]:
    table = cells.table
    path = mapping.order.reference
    for at, order in lost.items():
        line = int(cells.rows[at])
        facts = {"found": quote(references[order]), "sheet": table.name,
                 "column": table.columns[path].letter}  # fmt: skip
        yield Issue(table.cell(path, line), path, table.title(path, line), "joins_nothing", facts)
