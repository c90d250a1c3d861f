"""Checks of texts by the country that stands beside them, once for each distinct pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from converter.checks.values import BAD, Problem
from converter.mapping import paths
from converter.mapping.model import FieldSpec, is_country
from converter.model import Issue
from converter.orders.entries import FieldColumn, Group
from converter.orders.grouping import Orders

Check = Callable[[str, str], Problem | None]
"""What is odd about a text in a country, given by its two letters."""


def warnings(orders: Orders, spec: FieldSpec, country: str, check: Check) -> Iterator[Issue]:
    """Warn of every value of a field that is odd in its country: a field, or the one that counts.

    A default of the mapping is nobody's mistake, so a field without a column is passed over.
    """
    group = orders.groups[paths.list_of(spec.path)]
    texts = group.fields.get(spec.path)
    countries = _countries(country, group)
    if texts is None or countries is None or spec.path not in orders.cells.table.columns:
        return
    width = len(countries.known) + 1
    pairs = (texts.codes.astype(np.int64) + 1) * width + countries.codes + 1
    distinct, entries = np.unique(pairs, return_inverse=True)
    found: dict[int, Problem] = {}
    for number, pair in enumerate(distinct.tolist()):
        text, place = texts.known[pair // width - 1], countries.known[pair % width - 1]
        if pair >= width and pair % width and isinstance(text, str) and isinstance(place, str):
            problem = None if text is BAD or place is BAD else check(text, place)
            if problem is not None:
                found[number] = problem
    for entry in np.flatnonzero(np.isin(entries, list(found))).tolist():
        problem = found[int(entries[entry])]
        yield orders.issue(spec.path, group, entry, problem.code, problem.facts, warning=True)


def _countries(country: str, group: Group) -> FieldColumn | None:
    if not is_country(country):
        return group.fields.get(country)
    codes = np.zeros(len(group), np.int32)
    return FieldColumn(codes, [country], [country], codes)
