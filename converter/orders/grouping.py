"""Checked cells into orders with their lists, still as columns; payloads are built from them.

Nothing loses its cell: every value of a `Group` knows the row that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from converter.checks.cells import Cells
from converter.layout.table import Integers
from converter.layout.titles import by_language
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.message import Multilingual
from converter.model import Cell, Issue, Issues
from converter.orders import derived, gather, references
from converter.orders.entries import Group, GroupLists
from converter.sheet.columns import Codes


@dataclass(frozen=True)
class Orders:
    """All orders of a sheet."""

    cells: Cells
    mapping: ProviderMapping
    references: list[str]
    rows: list[tuple[int, ...]]
    """For every order its Excel rows."""
    groups: Mapping[str, Group]
    """By list path; the orders themselves under the empty path."""
    issues: Issues
    order_of_line: Integers
    """For every line of the table its order; -1 where it has none."""
    owners: Mapping[str, Codes]
    """By sheet: for every Excel row its order; -1 where it has none."""
    unjudged: frozenset[int]
    """Orders without a readable reference, or without a row of order cells: what else is wrong
    with them only follows from that."""
    notes: tuple[str, ...]

    @property
    def lists(self) -> GroupLists:
        """The groups, as expressions read them."""
        return GroupLists(self.groups, self.cells.settings, self.mapping)

    def owners_of(self, cell: Cell) -> Sequence[int]:
        """The orders that a cell belongs to: several for a label above the table."""
        owners = self.owners.get(cell.sheet, ())
        if cell.row < len(owners) and (found := int(owners[cell.row])) >= 0:
            return (found,)
        return range(len(self.references)) if self.cells.table.label(cell) else ()

    def cell(self, path: str, group: Group, entry: int) -> Cell:
        """The cell of a field's value; where it is blank, the cell that ought to have it."""
        column = group.fields.get(path)
        row = int(column.rows[entry]) if column is not None else -1
        return self.cells.table.cell(path, row if row > 0 else int(group.first_row[entry]))

    def title(self, path: str) -> str:
        """The customer's own column title; the mapping's where there is no column.

        A list is called by one of its fields.
        """
        if path not in self._titles:
            self._titles[path] = self._title(path)
        return self._titles[path]

    @cached_property
    def _titles(self) -> dict[str, str]:
        """Those that were asked for: a sheet may have an issue in every row."""
        return {}

    def _title(self, path: str) -> str:
        is_list = path in self.mapping.order.lists
        spec = self.mapping.field_of_list(path) if is_list else self.mapping.field(path)
        column = self.cells.table.columns.get(spec.path)
        if column is None:
            return Multilingual(spec.title.en, zh=spec.title.zh)
        return by_language(column.title)

    def issue(
        self,
        path: str,
        group: Group,
        entry: int,
        code: str,
        facts: Mapping[str, str] = MappingProxyType({}),
        *,
        warning: bool = False,
    ) -> Issue:
        """An issue with one field of an entry."""
        return Issue(self.cell(path, group, entry), path, self.title(path), code, facts, warning)


def group(cells: Cells, mapping: ProviderMapping) -> Orders:
    """Gather the rows into orders, and each order's rows into the entries of its lists.

    Rows of one order need not be adjacent. Order cells may stand on every row or on the first
    one only; where they stand twice they must agree.
    """
    lines = references.find(cells, mapping)
    lists = {"": gather.orders(cells, lines.order, len(lines.references))}
    for path in sorted(mapping.order.lists, key=lambda path: path.count("[]")):  # outer lists first
        if mapping.order.lists[path].from_ is None:
            around = lists[paths.list_of(path)]
            lists[path] = gather.entries(path, cells, mapping, around, lines.order)
    for path, shape in mapping.order.lists.items():
        if shape.from_ is not None:
            lists[path] = gather.made_from(path, lists[shape.from_], lists, mapping)
    groups, clashes = gather.values(mapping, cells, lists)
    filled = derived.fill(cells, mapping, groups)
    return Orders(
        cells,
        mapping,
        lines.references,
        _rows_of_orders(cells, lines.order, len(lines.references)),
        filled.groups,
        cells.issues + Issues((lambda: lines.issues,)) + clashes + Issues((lambda: filled.issues,)),
        lines.order,
        _owners(cells, lines.order),
        lines.unjudged,
        (*lines.notes, *filled.notes),
    )


def _rows_of_orders(cells: Cells, order_of_line: Integers, count: int) -> list[tuple[int, ...]]:
    """For every order its rows on the sheet with the orders."""
    table = cells.table
    placed = np.flatnonzero((order_of_line >= 0) & (table.sheet_of(cells.rows) == 0))
    by_order = placed[np.argsort(order_of_line[placed], kind="stable")]
    cuts = np.searchsorted(order_of_line[by_order], np.arange(1, count))
    parts = np.split(table.row_of(cells.rows)[by_order], cuts)
    rows = [tuple(part.tolist()) for part in parts][:count]
    # A row with several items is one row.
    return [tuple(dict.fromkeys(part)) for part in rows] if len(table.parts) > 1 else rows


def _owners(cells: Cells, order_of_line: Integers) -> dict[str, Codes]:
    """By sheet: for every Excel row its order; -1 where it has none."""
    table = cells.table
    sheet, excel = table.sheet_of(cells.rows), table.row_of(cells.rows)
    owners: dict[str, Codes] = {}
    for number, part in enumerate(table.parts):
        at = np.flatnonzero((order_of_line >= 0) & (sheet == number))
        known = owners.get(part.sheet.name, np.empty(0, np.int32))
        found = np.full(max(excel[at].max(initial=0) + 1, len(known)), -1, np.int32)
        found[: len(known)] = known
        found[excel[at]] = order_of_line[at]
        owners[part.sheet.name] = found
    return owners
