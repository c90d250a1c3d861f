"""Checked cells into orders with their lists, still as columns; payloads are built from them.

Nothing loses its cell: every value of a `Group` knows the row that it came from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from converter.checks.cells import Cells, Values
from converter.checks.values import BAD
from converter.layout.table import Booleans, Integers
from converter.mapping import paths
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Cell, Issue
from converter.orders import derived
from converter.orders.entries import FieldColumn, Group
from converter.sheet import Note
from converter.sheet.columns import Codes
from converter.text import quote


@dataclass
class Orders:
    """All orders of a sheet."""

    cells: Cells
    mapping: ProviderMapping
    references: list[str]
    rows: list[tuple[int, ...]]
    """For every order its Excel rows."""
    groups: dict[str, Group]
    """By list path; the orders themselves under the empty path."""
    issues: list[Issue]
    order_of_line: Integers
    """For every line of the table its order; -1 where it has none."""
    owners: Mapping[str, Codes]
    """By sheet: for every Excel row its order; -1 where it has none."""
    unjudged: frozenset[int]
    """Orders without a readable reference, or without a row of order cells: what else is wrong
    with them only follows from that."""
    notes: tuple[Note, ...] = ()

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
        """The customer's own column title; the mapping's where there is no column."""
        spec = self.mapping.field(path)
        column = self.cells.table.columns.get(spec.path)
        return " ".join(column.title.split()) if column else f"{spec.title.zh} / {spec.title.en}"

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
    issues = list(cells.issues)
    notes: list[Note] = []
    row_order, references = _order_of_lines(cells, mapping, issues, notes)
    order_count = len(references)
    orphans = _orphans(cells, mapping, row_order, references, issues)
    first = _first_rows(row_order, order_count)
    head = Group("", np.arange(order_count), cells.rows[first], np.arange(order_count))
    groups = {"": head}
    membership: dict[str, Integers] = {"": row_order}
    for path in sorted(mapping.order.lists, key=lambda path: path.count("[]")):  # outer lists first
        groups[path], membership[path] = _entries(path, cells, mapping, membership, groups, issues)
    for spec in mapping.fields:
        if spec.path in cells.columns:
            path = paths.list_of(spec.path)
            groups[path].fields[spec.path] = _collect(
                spec, cells, membership[path], len(groups[path]), issues
            )
    derived.fill(cells, mapping, groups, issues, notes)
    table = cells.table
    sheet, excel = table.sheet_of(cells.rows), table.row_of(cells.rows)
    placed = np.flatnonzero((row_order >= 0) & (sheet == 0))
    by_order = placed[np.argsort(row_order[placed], kind="stable")]
    cuts = np.searchsorted(row_order[by_order], np.arange(1, order_count))
    rows = [tuple(part.tolist()) for part in np.split(excel[by_order], cuts)]
    if len(table.parts) > 1:  # a row with several items is one row
        rows = [tuple(dict.fromkeys(part)) for part in rows]
    owners: dict[str, Codes] = {}
    for number, part in enumerate(table.parts):
        at = np.flatnonzero((row_order >= 0) & (sheet == number))
        known = owners.get(part.sheet.name, np.empty(0, np.int32))
        found = np.full(max(excel[at].max(initial=0) + 1, len(known)), -1, np.int32)
        found[: len(known)] = known
        found[excel[at]] = row_order[at]
        owners[part.sheet.name] = found
    nameless = (order for order, reference in enumerate(references) if not reference)
    return Orders(
        cells,
        mapping,
        references,
        rows[:order_count],
        groups,
        issues,
        row_order,
        owners,
        frozenset((*nameless, *orphans)),
        tuple(notes),
    )


def _order_of_lines(
    cells: Cells, mapping: ProviderMapping, issues: list[Issue], notes: list[Note]
) -> tuple[Integers, list[str]]:
    """For every line the number of its order (-1: no order), and the orders' references.

    A line without a reference belongs to the order with its number in a column such as 序号, else
    to the order right above it, as long as it has no order cells of its own.
    """
    spec = mapping.field(mapping.order.reference)
    column = cells.columns[spec.path]
    filled = np.zeros(len(cells.rows), bool)
    for other in cells.columns.values():
        filled |= other.codes >= 0
    codes, meant = column.codes, column.values
    loose = filled & (codes < 0)
    own = _own_order_cells(cells, mapping) if loose.any() else loose
    excel, sheet = cells.table.row_of(cells.rows), cells.table.sheet_of(cells.rows)
    apart = np.append(True, (np.diff(excel) > 1) | (np.diff(sheet) != 0))
    same_row = np.append(False, (np.diff(excel) == 0) & (np.diff(sheet) == 0))
    numbers, known_numbers = _file_numbers(cells, codes) if loose.any() else (codes, {})
    keys: dict[str, int] = {}
    of_code = np.full(len(meant) + 1, -1)
    bad_rows: list[int] = []
    for code in range(len(meant)):
        if meant[code] is not None and meant[code] is not BAD:
            of_code[code] = keys.setdefault(str(meant[code]), len(keys))
    is_bad = np.array([value is BAD for value in meant], dtype=bool)
    result = np.full(len(codes), -1)
    references = list(keys)
    appearance: dict[int, int] = {}
    names: list[str] = []
    current = -1
    continued: list[int] = []
    by_number: dict[int, int] = {}
    later: list[int] = []
    for at in range(len(codes)):
        code = codes[at]
        if apart[at]:
            current = -1
        if code >= 0:
            if is_bad[code]:
                # The cell is there but unreadable: an order of its own that cannot be sent.
                names.append("")
                current = len(names) - 1
            else:
                known = int(of_code[code])
                if known not in appearance:
                    appearance[known] = len(names)
                    names.append(references[known])
                current = appearance[known]
            result[at] = current
            if numbers[at] in known_numbers:
                by_number.setdefault(int(numbers[at]), current)
        elif not filled[at]:
            current = -1
        elif same_row[at] and result[at - 1] >= 0:
            result[at] = result[at - 1]
        elif known_numbers and numbers[at] in known_numbers:
            later.append(at)
        elif current >= 0 and not own[at] and not (known_numbers and numbers[at] >= 0):
            result[at] = current
            continued.append(at)
        else:
            names.append("")
            current = -1
            result[at] = len(names) - 1
            bad_rows.append(int(cells.rows[at]))
    for at in later:  # the row with the reference may stand below
        result[at] = by_number[int(numbers[at])]
    if continued or later:
        rows = [str(int(excel[at])) for at in sorted((*continued, *later))]
        facts = {"count": str(len(rows)), "rows": ", ".join(rows[:10]) + ", …" * (len(rows) > 10)}
        notes.append(("note_numbered_rows" if later else "note_continued", facts))
    for row in bad_rows:
        cell = cells.table.cell(spec.path, row)
        issues.append(Issue(cell, spec.path, cells.table.title(spec.path, row), "no_reference", {}))
    return result, names


def _own_order_cells(cells: Cells, mapping: ProviderMapping) -> Booleans:
    """Lines with an order cell that was typed there, and is not merged from the row above."""
    own = np.zeros(len(cells.rows), bool)
    for path, column in cells.columns.items():
        if not paths.list_of(path) and path != mapping.order.reference:
            labels = any(found.row for found in cells.table.columns_of(path))
            if not labels:
                own |= (column.codes >= 0) & (cells.table.typed_codes(path) >= 0)
    return own


def _file_numbers(cells: Cells, references: Integers) -> tuple[Integers, Collection[int]]:
    """The numbers of a column such as 序号, and those of them that name an order of this file.

    The column numbers orders only where a number stands on several rows and never with two
    references; else it counts rows, and nothing is known by it.
    """
    nothing = np.full(len(references), -1)
    for column in cells.table.group_by[:1]:
        codes, _ = cells.table.column_codes(column)
        given = codes >= 0
        pairs = {*zip(codes[given].tolist(), references[given].tolist(), strict=True)}
        named = [number for number, reference in pairs if reference >= 0]
        repeats = len(np.unique(codes[given])) < int(given.sum())
        if repeats and len(named) == len(set(named)):
            return codes, set(named)
    return nothing, set()


def _orphans(
    cells: Cells,
    mapping: ProviderMapping,
    order_of_line: Integers,
    references: list[str],
    issues: list[Issue],
) -> set[int]:
    """Orders that other sheets speak of and the sheet with the orders does not have."""
    table = cells.table
    sheet = table.sheet_of(cells.rows)
    if not sheet.any():
        return set()
    known = set(order_of_line[(sheet == 0) & (order_of_line >= 0)].tolist())
    path = mapping.order.reference
    found: set[int] = set()
    for at in np.flatnonzero((sheet > 0) & (order_of_line >= 0)).tolist():
        order = int(order_of_line[at])
        if order not in known and references[order]:
            found.add(order)
            line = int(cells.rows[at])
            main = table.columns[path]
            facts = {"found": quote(references[order]), "sheet": table.name,
                     "column": main.letter}  # fmt: skip
            cell = table.cell(path, line)
            issues.append(Issue(cell, path, table.title(path, line), "joins_nothing", facts))
    return found


def _first_rows(member: Integers, count: int) -> Integers:
    """The first row (position) of every entry."""
    first = np.zeros(count, np.int64)
    placed = np.flatnonzero(member >= 0)
    first[member[placed[::-1]]] = placed[::-1]
    return first


def _entries(
    path: str,
    cells: Cells,
    mapping: ProviderMapping,
    membership: Mapping[str, Integers],
    groups: Mapping[str, Group],
    issues: list[Issue],
) -> tuple[Group, Integers]:
    """The entries of one list, and for every row the entry that it belongs to (-1: none)."""
    outer = paths.list_of(path)
    around = _inherited(membership[outer], membership[""], outer)
    key = mapping.order.lists[path].key
    key_path = mapping.field(key).path if key else ""
    active = _rows_with_data(path, key_path, cells, mapping) & (around >= 0)
    rows = np.flatnonzero(active)
    member = np.full(len(cells.rows), -1)
    if key_path in cells.columns:
        column = cells.columns[key_path]
        same = _same(column)
        keys = np.where(column.codes >= 0, same[column.codes], -1)
        # Rows that carry nothing but the key join the entry of that key.
        joined = np.flatnonzero((around >= 0) & (active | (keys >= 0)))
        ids, _ = pd.factorize(around[joined] * (int(keys.max(initial=0)) + 2) + keys[joined] + 1)
        has_data = np.zeros(ids.max() + 1 if len(ids) else 0, bool)
        has_data[ids[active[joined]]] = True
        ids, joined = ids[has_data[ids]], joined[has_data[ids]]
    elif key_path:
        ids, joined = around[rows], rows
    else:
        ids, joined = np.arange(len(rows)), rows
    if not len(joined):
        empty = np.zeros(0, np.int64)
        return Group(path, empty, empty, empty), member
    ids, uniques = pd.factorize(ids)
    first = np.zeros(len(uniques), np.int64)
    first[ids[::-1]] = joined[::-1]
    ranked = np.lexsort((first, around[first]))
    place = np.empty(len(ranked), np.int64)
    place[ranked] = np.arange(len(ranked))
    member[joined] = place[ids]
    first = first[ranked]
    found = Group(path, membership[""][first], cells.rows[first], around[first])
    return found, member


def _inherited(member: Integers, order: Integers, outer: str) -> Integers:
    """Rows that name no entry of the list around belong to the entry above, in the same order."""
    if not outer:
        return member
    result = member.copy()
    latest: dict[int, int] = {}
    for at, (entry, owner) in enumerate(zip(member.tolist(), order.tolist(), strict=True)):
        if entry >= 0:
            latest[owner] = entry
        elif owner in latest:
            result[at] = latest[owner]
    return result


def _rows_with_data(
    path: str, key_path: str, cells: Cells, mapping: ProviderMapping
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows with a cell of this list. A key that another list reads too does not count alone."""
    filled = np.zeros(len(cells.rows), bool)
    table = cells.table
    shared = any(
        spec.copies == key_path and table.columns.get(spec.path) == table.columns.get(key_path)
        for spec in mapping.fields
        if key_path and spec.path in cells.columns
    )
    for spec in mapping.fields:
        if paths.list_of(spec.path) != path or spec.path not in cells.columns:
            continue
        borrowed = spec.copies and table.columns.get(spec.copies) == table.columns[spec.path]
        if borrowed or (spec.path == key_path and shared):
            continue
        filled |= cells.columns[spec.path].codes >= 0
    return filled


def _same(column: Values) -> Integers:
    """For every code a number that is equal where the values are equal (`5` and `5.0`)."""
    seen: dict[Any, int] = {}
    return np.array(
        [seen.setdefault(value, len(seen)) for value in column.values] or [0], dtype=np.int64
    )


def _collect(
    spec: FieldSpec, cells: Cells, member: Integers, count: int, issues: list[Issue]
) -> FieldColumn:
    """The value of a field for every entry: its first cell that can be read, else its first that
    is filled; what can be read must agree."""
    column = cells.columns[spec.path]
    filled = np.flatnonzero((column.codes >= 0) & (member >= 0))
    is_bad = np.array([value is BAD for value in column.values], bool)
    readable = filled[~is_bad[column.codes[filled]]]
    first = np.full(count, -1)
    for found in (filled, readable):
        first[member[found[::-1]]] = found[::-1]
    same = _same(column)
    clash = readable[same[column.codes[readable]] != same[column.codes[first[member[readable]]]]]
    texts = cells.table.codes(spec.path)
    for at in clash:
        start = first[member[at]]
        facts = {
            "found": _typed(texts, at),
            "first": _typed(texts, start),
            "cell": str(cells.table.cell(spec.path, int(cells.rows[start]))),
        }
        line = int(cells.rows[at])
        cell, title = cells.table.cell(spec.path, line), cells.table.title(spec.path, line)
        issues.append(Issue(cell, spec.path, title, "disagrees", facts))
    codes = np.where(first >= 0, column.codes[first], -1).astype(np.int32)
    rows = np.where(first >= 0, cells.rows[first], -1).astype(np.int32)
    return FieldColumn(codes, column.values.tolist(), column.sent.tolist(), rows)


def _typed(texts: tuple[Integers, list[str]], at: int) -> str:
    code = texts[0][at]
    return quote(texts[1][code].strip()) if code >= 0 else "''"
