"""Checks on the lists of orders: required entries, missing keys and missing split names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from converter.checks import evaluate
from converter.checks.values import BAD
from converter.layout.table import Booleans
from converter.mapping import paths
from converter.model import Issue
from converter.orders.entries import Group
from converter.orders.grouping import Orders
from converter.text import quote


def check(orders: Orders) -> Iterator[Issue]:
    """Find orders without a required list, entries without their key or the name of their part."""
    head = orders.groups[""]
    for path, shape in orders.mapping.order.lists.items():
        group = orders.groups[path]
        if shape.required and not paths.list_of(path):
            counts = np.bincount(group.owner[kept(orders, path)], minlength=len(head))
            for order in np.flatnonzero(counts == 0).tolist():
                cell = orders.cell(orders.mapping.order.reference, head, order)
                yield Issue(cell, "", "", "no_entries", {"list": orders.title(path)})
        if shape.key:
            yield from _without_key(orders, group, orders.mapping.field(shape.key).path)
        if shape.map:
            yield from _map_keys(orders, group, orders.mapping.field(shape.map).path)
    split = orders.mapping.order.split
    if split is not None and split.by is not None:
        yield from _of_no_part(orders, orders.groups[split.list], split.by)


def _without_key(orders: Orders, group: Group, key: str) -> Iterator[Issue]:
    """Entries without a key beside others of the same list."""
    beside = np.bincount(group.parent)
    for entry, value in enumerate(group.values(key)):
        if value is None and beside[group.parent[entry]] > 1:
            yield orders.issue(key, group, entry, "no_key")


def kept(orders: Orders, path: str) -> Booleans:
    """For every entry of a list whether it is sent."""
    found = orders.lists.kept(path)
    return np.ones(len(orders.groups[path]), bool) if found is None else np.array(found, bool)


def _map_keys(orders: Orders, group: Group, key: str) -> Iterator[Issue]:
    """Entries of an object whose key is blank, or that of another entry."""
    seen: set[tuple[int, str]] = set()
    for entry, value in enumerate(group.values(key)):
        if value is BAD:
            continue
        name = (int(group.parent[entry]), "" if value is None else evaluate.plain(value))
        if value is None or name in seen:
            code = "required" if value is None else "key_twice"
            facts = {} if value is None else {"found": quote(name[1])}
            yield orders.issue(key, group, entry, code, facts)
        seen.add(name)


def _of_no_part(orders: Orders, group: Group, by: str) -> Iterator[Issue]:
    """Entries that do not say which of several parts of a split order they belong to."""
    named = [*zip(group.owner.tolist(), group.values(by), strict=True)]
    parts: dict[int, set[str]] = {}
    for owner, value in named:
        if value is not None:
            parts.setdefault(owner, set()).add(str(value))
    for entry, (owner, value) in enumerate(named):
        if value is None and len(parts.get(owner, ())) > 1:
            yield orders.issue(by, group, entry, "no_split_name")
