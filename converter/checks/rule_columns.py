"""The columns that rules across fields read, out of a frame that pandera checks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from converter.checks import evaluate
from converter.checks.values import BAD
from converter.layout.table import Booleans, Integers, Objects
from converter.mapping import paths, scopes
from converter.mapping.expressions import Count, Number, Path, Sum
from converter.mapping.formulas import Formula
from converter.mapping.model import ProviderMapping
from converter.mapping.rules import OrderValues, Term


class EntryColumns:
    """A frame with a row for each entry of a list, and a column for each term.

    Columns are named as `str(term)` says: `order.pieces`, `sum(boxes[].count)`. A cell is None
    where it is blank, and BAD where it could not be read.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._filled: dict[str, Booleans] = {}
        self._known: dict[Term, Booleans] = {}
        self._values: dict[Term, Objects] = {}

    def filled(self, path: str) -> Booleans:
        if path not in self._filled:
            self._filled[path] = pd.notna(self._column(Path(path)))
        return self._filled[path]

    def known(self, term: Term) -> Booleans:
        if term not in self._known:
            column = self.values(term)
            self._known[term] = pd.notna(column)
        return self._known[term]

    def values(self, term: Term) -> Objects:
        if term not in self._values:
            column = self._column(term)
            if isinstance(term, Path):
                column = column.copy()
                column[column == BAD] = None
            self._values[term] = column
        return self._values[term]

    def _column(self, term: Term) -> Objects:
        if isinstance(term, Number):
            return np.full(len(self.frame), term.value, object)
        return self.frame[str(term)].to_numpy(object)


class LineColumns(EntryColumns):
    """A frame of typed values with a row for each line of the sheet, as a notebook has it.

    Columns are named by the paths of fields, and cells of the order stand on each of its lines. A
    column that is missing is blank; sums, counts and the values of an order are worked out.
    """

    def __init__(self, frame: pd.DataFrame, mapping: ProviderMapping) -> None:
        super().__init__(frame)
        self.mapping = mapping

    def in_list(self, path: str) -> Booleans:
        """The lines that have a cell of a list; all of them for the order itself."""
        path = self._source(path)
        own = [p for p in self.frame.columns if path and paths.list_of(str(p)) == path]
        found: Booleans = self.frame[own].notna().any(axis="columns").to_numpy()
        return found if path else np.ones(len(self.frame), bool)

    def _source(self, path: str) -> str:
        """The list itself, or the one that it is made from."""
        return (self.mapping.order.lists[path].from_ or path) if path else path

    def _column(self, term: Term) -> Objects:
        match term:
            case Path(path) if path in self.frame:
                column = self.frame[path].astype(object)
                exact = [_exact(value) for value in column.where(column.notna(), None)]
                return _objects(exact)
            case Path():
                return np.full(len(self.frame), None, object)
            case Sum(factors):
                return self._of_orders(self._sums(factors), Decimal(0))
            case Count(path):
                owners, counts = np.unique(self._order[self._entries(path)], return_counts=True)
                return self._of_orders(dict(zip(owners.tolist(), counts.tolist(), strict=True)), 0)
            case OrderValues(path):
                return self._of_orders(self._values_of(path), frozenset())
            case Formula():
                return self._of_formula(term)
        return super()._column(term)

    def _of_formula(self, formula: Formula) -> Objects:
        """A formula's value for every line: the one of the line's entry."""
        lists = _LineLists(self)
        here = scopes.innermost(formula.lists, lists.nesting)
        found = [evaluate.known(each) for each in evaluate.evaluate(formula, here, lists)]
        entry = lists.entry_of_line(here).tolist()
        return _objects([found[at] if at >= 0 else None for at in entry])

    @property
    def _order(self) -> Integers:
        """For every line a number that is equal for lines of one order."""
        reference = self.frame[self.mapping.order.reference]
        order: Integers = pd.factorize(reference, use_na_sentinel=False)[0]
        return order

    def _of_orders(self, found: dict[int, Any], otherwise: Any) -> Objects:
        return _objects([found.get(order, otherwise) for order in self._order.tolist()])

    def _entries(self, path: str) -> Integers:
        """The first line of every entry: lines with the same keys are one."""
        known, first = np.unique(self.numbered(path), return_index=True)
        return np.sort(first[known >= 0])

    def numbered(self, path: str) -> Integers:
        """For every line the number of its entry of a list, the first one's 0; -1 for none."""
        path = self._source(path)
        lines = np.flatnonzero(self.in_list(path))
        keys = {"": self._order}
        found = np.full(len(self.frame), -1)
        while path:
            key = self.mapping.order.lists[path].key
            if key is None:
                found[lines] = np.arange(len(lines))
                return found
            column = self.mapping.field(key).path
            if column in self.frame:
                keys[path] = pd.factorize(self.frame[column])[0]
            path = paths.list_of(path)
        found[lines] = pd.DataFrame(keys).iloc[lines].groupby([*keys], sort=False).ngroup()
        return found

    def _sums(self, factors: Sequence[str]) -> dict[int, Any]:
        entries = self._entries(paths.list_of(factors[0]))
        columns = [self._column(Path(path))[entries] for path in factors]
        sums: dict[int, Any] = {}
        for order, *values in zip(self._order[entries].tolist(), *columns, strict=True):
            if sums.setdefault(order, Decimal(0)) is None or None in values:
                sums[order] = None
            else:
                sums[order] += np.prod(np.array(values, object))
        return sums

    def _values_of(self, path: str) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        column = self._column(Path(path))
        for order, value in zip(self._order.tolist(), column, strict=True):
            if value is not None:
                found.setdefault(order, set()).add(str(value))
        return found


class _LineLists:
    """The lists of a frame of lines, as expressions read them: an entry is its first line."""

    def __init__(self, columns: LineColumns, *, is_filtered: bool = True) -> None:
        self._columns = columns
        self._is_filtered = is_filtered

    @property
    def nesting(self) -> scopes.Nesting:
        return scopes.nesting(self._columns.mapping)

    def setting(self, name: str) -> str | None:
        """The mapping's own: a frame knows of no installation."""
        return self._columns.mapping.settings[name].default

    def kept(self, path: str) -> Sequence[bool] | None:
        where = scopes.where_of(path, self._columns.mapping) if self._is_filtered else None
        if where is None:
            return None
        found = evaluate.evaluate(where, path, _LineLists(self._columns, is_filtered=False))
        return [*map(evaluate.is_true, found)]

    def size(self, path: str) -> int:
        return len(self._first(path))

    def column(self, path: str) -> Sequence[Any]:
        found: list[Any] = self._columns.values(Path(path))[
            self._first(paths.list_of(path))
        ].tolist()
        return found

    def around(self, inner: str, outer: str) -> Sequence[int]:
        found: list[int] = self.entry_of_line(outer)[self._first(inner)].tolist()
        return found

    def entry_of_line(self, path: str) -> Integers:
        """For every line its entry; -1 where it has none."""
        return self._columns.numbered(path)

    def _first(self, path: str) -> Integers:
        numbers = self.entry_of_line(path)
        known, first = np.unique(numbers, return_index=True)
        return first[known >= 0]


def _objects(values: Sequence[Any]) -> Objects:
    """Also of sets, which numpy would take for sequences."""
    return np.fromiter(values, object, len(values))


def _exact(value: Any) -> Any:
    """Decimals stay exact, and meet a float as the number that it is written as."""
    return Decimal(repr(value)) if isinstance(value, float) else value
