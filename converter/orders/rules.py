"""Checks on whole orders: required fields, rules across fields, lengths, and what looks odd.

Every group of entries becomes frames for pandera with a row for each entry. What fails there is an
issue at the cell of the field that is at fault.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from converter.checks import evaluate, schema
from converter.checks.rule_columns import EntryColumns
from converter.checks.values import BAD
from converter.layout.table import Booleans, Integers, Objects
from converter.mapping import paths, rule_kinds
from converter.mapping.expressions import Count, Number, Path, Sum
from converter.mapping.formulas import Formula
from converter.mapping.model import FieldSpec
from converter.mapping.rules import FieldRule, OrderValues
from converter.model import Issue
from converter.orders import lists, phones, postcodes, repetitions
from converter.orders.entries import Group
from converter.orders.grouping import Orders
from converter.text import quote

_WITHOUT_COLUMN = {"required": "column_required", "required_when": "column_required_when"}
"""What is said of a blank cell where the sheet has no such column."""


def check(orders: Orders) -> Iterator[Issue]:
    """Every issue and warning of the whole sheet, those of single cells included."""
    yield from orders.issues
    found = chain(
        chain.from_iterable(_check_group(orders, group) for group in orders.groups.values()),
        lists.check(orders),
        repetitions.check(orders),
        postcodes.check(orders),
        phones.check(orders),
    )
    columns = orders.cells.table.columns
    for issue in found:
        if issue.code in _WITHOUT_COLUMN and issue.field not in columns:
            issue = replace(issue, code=_WITHOUT_COLUMN[issue.code])
        # Where an order's reference is at fault already, nothing else can be judged.
        if not (orders.unjudged and orders.unjudged.intersection(orders.owners_of(issue.cell))):
            yield issue


# -- one group of entries ----------------------------------------------------------------------


def _check_group(orders: Orders, group: Group) -> Iterator[Issue]:
    if len(group):
        yield from _required(orders, group)
        for rule in rule_kinds.rules_of(orders.mapping):
            if rule.scope == group.path:
                yield from _broken(orders, group, rule)
        for spec in orders.mapping.fields:
            if paths.list_of(spec.path) == group.path and _is_measured_late(orders, spec):
                yield from _too_long(orders, group, spec)


def _required(orders: Orders, group: Group) -> Iterator[Issue]:
    """Entries are alike where the same fields are blank, and each kind is checked once."""
    needed = schema.required(orders.mapping, group.path)
    if not needed.columns:
        return
    paths_needed = list(needed.columns)
    filled = np.array([group.filled(path) | _withheld(group, path) for path in paths_needed]).T
    kinds, kind_of = _distinct(filled)
    # Only whether there is a value counts here, and numbers tell that fastest.
    frame = pd.DataFrame(np.where(kinds, 1.0, np.nan), columns=paths_needed)
    missing: dict[int, list[str]] = {}
    for failure in schema.failures(needed, frame):
        missing.setdefault(failure.index, []).append(failure.column)
    if missing:
        by_line = np.argsort(group.first_row, kind="stable")
        for entry, kind in zip(by_line.tolist(), kind_of[by_line].tolist(), strict=True):
            for path in missing.get(kind, ()):
                yield orders.issue(path, group, entry, "required")


def _distinct(rows: Booleans) -> tuple[Booleans, Integers]:
    """The distinct rows of a table, and for every row which of these it is."""
    packed = np.packbits(rows, axis=1)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], number


def _withheld(group: Group, path: str) -> Booleans:
    """Where a field is not sent, and so not required."""
    column = group.fields.get(path)
    none = np.zeros(len(group), bool)
    return none if column is None or column.withheld is None else column.withheld


def _is_measured_late(orders: Orders, spec: FieldSpec) -> bool:
    """Fields whose text is only known once others have flowed into it."""
    targets = {other.spill for other in orders.mapping.fields if other.spill}
    made = bool(spec.spill or spec.join or spec.fallback or spec.path in targets)
    return made and spec.max is not None


def _too_long(orders: Orders, group: Group, spec: FieldSpec) -> Iterator[Issue]:
    texts = [None if v is None or v is BAD else str(v) for v in group.values(spec.path)]
    column = pa.Column(name=spec.path, checks=schema.length(spec), nullable=True)
    for _, entry in _failures(column, _frame(group, {spec.path: texts})):
        source, room = _spilt_from(orders, group, entry, spec)
        whole = (
            ""
            if source is spec
            else orders.cells.table.text_at(orders.cell(source.path, group, entry))
        )
        text = whole or str(texts[entry])
        if not whole:
            source, room = spec, spec.max or 0
        facts = {"found": quote(text), "max": str(room), "length": str(len(text))}
        yield orders.issue(source.path, group, entry, "too_long", facts)


def _spilt_from(orders: Orders, group: Group, entry: int, spec: FieldSpec) -> tuple[FieldSpec, int]:
    """The field in whose cell a text begins that went on into this one, and their room together."""
    room = spec.max or 0
    while not orders.cells.table.text_at(orders.cell(spec.path, group, entry)):
        before = next((o for o in orders.mapping.fields if o.spill == spec.path), None)
        if before is None:
            break
        spec, room = before, room + (before.max or 0)
    return spec, room


def _frame(group: Group, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each entry, by the line that it begins on."""
    return pd.DataFrame(columns, index=group.first_row, dtype=object)


def _failures(
    of: pa.DataFrameSchema | pa.Column, frame: pd.DataFrame
) -> Iterator[tuple[schema.Failure, int]]:
    """Each failure with the entry that it is about."""
    found = schema.failures(of, frame)
    entry_of = dict(zip(frame.index.tolist(), range(len(frame)), strict=True)) if found else {}
    for failure in found:
        yield failure, entry_of[failure.index]


# -- rules of the mapping ----------------------------------------------------------------------


def _broken(orders: Orders, group: Group, rule: FieldRule) -> Iterator[Issue]:
    """The issues of one rule."""
    columns = {
        str(term): _column(orders, group, term)
        for term in rule.reads
        if not isinstance(term, Number)
    }
    frame = _frame(group, columns)
    entries = EntryColumns(frame)
    for _, entry in _failures(schema.rule_schema(rule), frame):
        for found in rule.findings(entries, entry, orders.title):
            # A sum or count stands in no single cell: the order's reference is marked instead.
            path = found.path or orders.mapping.order.reference
            source = orders.groups[paths.list_of(path)]
            at = int(_around(orders, group, source)[entry])
            yield orders.issue(path, source, at, found.code, found.facts, warning=rule.warn)


def _column(
    orders: Orders, group: Group, term: Path | Count | Sum | OrderValues | Formula
) -> Objects:
    """A term's value for every entry; None where it cannot be known."""
    match term:
        case Path(path):
            source = orders.groups[paths.list_of(path)]
            return source.values(path)[_around(orders, group, source)]
        case Count(path):
            return _counts(orders, path).astype(object)[group.owner]
        case Sum(factors):
            return _objects(_sums(orders, factors))[group.owner]
        case OrderValues(path):
            return _objects(_values_of_orders(orders, path))[group.owner]
        case Formula():
            found = evaluate.evaluate(term, group.path, orders.lists)
            return _objects([*map(evaluate.known, found)])


def _around(orders: Orders, group: Group, source: Group) -> Integers:
    """For every entry of the group the entry of `source` that it is, or that it lies in."""
    return np.asarray(orders.lists.around(group.path, source.path), np.int64)


def _counts(orders: Orders, path: str) -> Integers:
    return np.bincount(orders.groups[path].owner, minlength=len(orders.references))


def _sums(orders: Orders, factors: tuple[str, ...]) -> list[Any]:
    """Sum for every order; None where one of its values is missing or cannot be read."""
    entries = orders.groups[paths.list_of(factors[0])]
    columns = [entries.values(path).tolist() for path in factors]
    sums: list[Any] = [Decimal(0)] * len(orders.references)
    for owner, *found in zip(entries.owner.tolist(), *columns, strict=True):
        if sums[owner] is None or any(value is None or value is BAD for value in found):
            sums[owner] = None
        else:
            sums[owner] += math.prod(found, start=Decimal(1))
    return sums


def _values_of_orders(orders: Orders, path: str) -> list[set[str]]:
    """For every order the values that a field has in it."""
    entries = orders.groups[paths.list_of(path)]
    found: dict[int, set[str]] = {}
    for owner, value in zip(entries.owner.tolist(), entries.values(path).tolist(), strict=True):
        if value is not None:
            found.setdefault(owner, set()).add(str(value))
    nothing: set[str] = set()
    return [found.get(order, nothing) for order in range(len(orders.references))]


def _objects(values: list[Any]) -> Objects:
    """An array of the values, also of sets, which numpy would take for sequences."""
    return np.fromiter(values, object, len(values))
