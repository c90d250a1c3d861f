"""Lines gathered into the entries of a list, and the cells of each entry into one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from converter.checks.cells import Cells, Values
from converter.checks.values import BAD
from converter.layout.table import Booleans, Integers
from converter.mapping import paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Issue, Issues
from converter.orders.entries import FieldColumn, Group
from converter.text import quote


@dataclass(frozen=True)
class Gathered:
    """The entries of one list, and the entry that each line belongs to."""

    group: Group
    entry: Integers
    """For every line its entry; -1 where it has none."""


def orders(cells: Cells, order_of_line: Integers, count: int) -> Gathered:
    """The orders themselves, each beginning on its first line."""
    first = np.zeros(count, np.int64)
    placed = np.flatnonzero(order_of_line >= 0)
    first[order_of_line[placed[::-1]]] = placed[::-1]
    numbers = np.arange(count)
    return Gathered(Group("", numbers, cells.rows[first], numbers), order_of_line)


def entries(
    path: str, cells: Cells, mapping: ProviderMapping, around: Gathered, order_of_line: Integers
) -> Gathered:
    """The entries of one list inside those of the list around it.

    Lines with the same key are one entry; without a key, every line with a cell of the list is one.
    """
    if mapping.order.lists[path].one:
        group = around.group
        same = np.arange(len(group))
        return Gathered(Group(path, group.owner, group.first_row, same), around.entry)
    parent = _inherited(around.entry, order_of_line) if around.group.path else around.entry
    key = mapping.order.lists[path].key
    key_path = mapping.field(key).path if key else ""
    active = _lines_with_data(path, key_path, cells, mapping) & (parent >= 0)
    ids, joined = _ids(key_path, cells, active, parent)
    entry = np.full(len(cells.rows), -1)
    if not len(joined):
        empty = np.zeros(0, np.int64)
        return Gathered(Group(path, empty, empty, empty), entry)
    ids, uniques = pd.factorize(ids)
    first = np.zeros(len(uniques), np.int64)
    first[ids[::-1]] = joined[::-1]
    ranked = np.lexsort((first, parent[first]))
    place = np.empty(len(ranked), np.int64)
    place[ranked] = np.arange(len(ranked))
    entry[joined] = place[ids]
    first = first[ranked]
    group = Group(path, order_of_line[first], cells.rows[first], parent[first])
    return Gathered(group, entry)


def made_from(
    path: str, source: Gathered, lists: Mapping[str, Gathered], mapping: ProviderMapping
) -> Gathered:
    """The same entries as those of another list, each in the one around it that it belongs to."""
    around = scopes.placed_in(path, mapping)
    parent, at = np.arange(len(source.group)), source.group.path
    while at != around:
        parent, at = lists[at].group.parent[parent], paths.list_of(at)
    return Gathered(
        replace(source.group, path=path, parent=parent, source=source.group.path), source.entry
    )


def _ids(
    key_path: str, cells: Cells, active: Booleans, parent: Integers
) -> tuple[Integers, Integers]:
    """The lines of the list, and a number that is equal for lines of one entry."""
    rows = np.flatnonzero(active)
    if not key_path:
        return np.arange(len(rows)), rows
    column = cells.columns.get(key_path)
    if column is None:
        return parent[rows], rows
    same = _same(column)
    keys = np.where(column.codes >= 0, same[column.codes], -1)
    # Lines with nothing but the key join the entry of that key.
    joined = np.flatnonzero((parent >= 0) & (active | (keys >= 0)))
    ids, _ = pd.factorize(parent[joined] * (int(keys.max(initial=0)) + 2) + keys[joined] + 1)
    has_data = np.zeros(ids.max() + 1 if len(ids) else 0, bool)
    has_data[ids[active[joined]]] = True
    return ids[has_data[ids]], joined[has_data[ids]]


def _inherited(entry: Integers, order: Integers) -> Integers:
    """Lines that name no entry of the list around belong to the one above, in the same order."""
    result = entry.copy()
    latest: dict[int, int] = {}
    for at, (own, owner) in enumerate(zip(entry.tolist(), order.tolist(), strict=True)):
        if own >= 0:
            latest[owner] = own
        elif owner in latest:
            result[at] = latest[owner]
    return result


def _lines_with_data(path: str, key_path: str, cells: Cells, mapping: ProviderMapping) -> Booleans:
    """Lines with a cell of this list. A key that another list reads too does not count alone."""
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


# -- values ------------------------------------------------------------------------------------


def values(
    mapping: ProviderMapping, cells: Cells, lists: Mapping[str, Gathered]
) -> tuple[dict[str, Group], Issues]:
    """The groups with a value for every field and entry, and the cells that disagree."""
    fields: dict[str, dict[str, FieldColumn]] = {path: {} for path in lists}
    issues = Issues()
    for spec in mapping.fields:
        if spec.path in cells.columns:
            path = paths.list_of(spec.path)
            fields[path][spec.path], clashes = _collect(spec, cells, lists[path])
            issues += clashes
    return {path: one.group.with_fields(fields[path]) for path, one in lists.items()}, issues


def _collect(spec: FieldSpec, cells: Cells, of: Gathered) -> tuple[FieldColumn, Issues]:
    """The value of a field for every entry: its first cell that can be read, else its first that
    is filled; what can be read must agree."""
    column = cells.columns[spec.path]
    filled = np.flatnonzero((column.codes >= 0) & (of.entry >= 0))
    is_bad = np.array([value is BAD for value in column.values], bool)
    readable = filled[~is_bad[column.codes[filled]]]
    first = np.full(len(of.group), -1)
    for found in (filled, readable):
        first[of.entry[found[::-1]]] = found[::-1]
    same = _same(column)
    expected = first[of.entry[readable]]
    differs = same[column.codes[readable]] != same[column.codes[expected]]
    issues = Issues((partial(_clashes, spec, cells, readable[differs], expected[differs]),))
    codes = np.where(first >= 0, column.codes[first], -1).astype(np.int32)
    rows = np.where(first >= 0, cells.rows[first], -1).astype(np.int32)
    return FieldColumn(codes, column.values.tolist(), column.sent.tolist(), rows), issues


def _clashes(spec: FieldSpec, cells: Cells, lines: Integers, firsts: Integers) -> Iterator[Issue]:
    """Issues of the lines whose cell differs from the first one of their entry."""
    table = cells.table
    codes, texts = table.codes(spec.path) if len(lines) else (lines, [])
    for at, first in zip(lines.tolist(), firsts.tolist(), strict=True):
        line, start = int(cells.rows[at]), int(cells.rows[first])
        found, expected = (
            quote(texts[codes[each]].strip()) if codes[each] >= 0 else "''" for each in (at, first)
        )
        facts = {"found": found, "first": expected, "cell": str(table.cell(spec.path, start))}
        cell, title = table.cell(spec.path, line), table.title(spec.path, line)
        yield Issue(cell, spec.path, title, "disagrees", facts)
