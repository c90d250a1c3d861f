"""The entries of a list as columns: a value for each entry and field, and the row it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from converter.checks import evaluate
from converter.layout.table import Booleans, Integers, Objects
from converter.mapping import paths, scopes
from converter.mapping.model import ProviderMapping
from converter.sheet.columns import Codes


@dataclass(frozen=True)
class FieldColumn:
    """One field of a group: per entry the value, what is sent, and the row (-1: no cell).

    A value that several entries have may be stored once.
    """

    codes: Codes
    """For every entry the place of its value; -1 where it is blank."""
    known: list[Any]
    known_sent: list[Any]
    rows: Codes
    withheld: Booleans | None = None
    """Where the field's condition does not hold: neither sent nor required."""

    @classmethod
    def blank(cls, count: int) -> FieldColumn:
        return cls(np.full(count, -1, np.int32), [], [], np.full(count, -1, np.int32))

    def value(self, entry: int) -> Any:
        code = self.codes[entry]
        return self.known[code] if code >= 0 else None

    def sent(self, entry: int) -> Any:
        code = self.codes[entry]
        return self.known_sent[code] if code >= 0 else None

    def values(self) -> Objects:
        """The value of every entry; None where it is blank."""
        return _spread(self.known, self.codes, None)

    def all_sent(self, blank: Any) -> list[Any]:
        """What is sent of every entry, and `blank` where nothing is."""
        known = [blank if value is None else value for value in self.known_sent]
        found: list[Any] = _spread(known, self.codes, blank).tolist()
        return found

    def only_where(self, holds: Booleans) -> FieldColumn:
        """The column with no value for the other entries."""
        return replace(
            self, codes=np.where(holds, self.codes, -1).astype(np.int32), withheld=~holds
        )

    def with_values(
        self, found: Mapping[int, tuple[Any, Any]], rows: Mapping[int, int] = MappingProxyType({})
    ) -> FieldColumn:
        """The column with other values for some entries: each the value and what is sent of it.

        `rows` has the rows that such values came from; the others keep theirs.
        """
        codes, places = self.codes.copy(), self.rows.copy()
        codes[list(found)] = np.arange(len(self.known), len(self.known) + len(found))
        places[list(rows)] = list(rows.values())
        known = [*self.known, *(value for value, _ in found.values())]
        known_sent = [*self.known_sent, *(sent for _, sent in found.values())]
        return FieldColumn(codes, known, known_sent, places, self.withheld)


def _spread(known: list[Any], codes: Codes, blank: Any) -> Objects:
    """For every code its value; -1 is the last place of the array, and that is the blank one."""
    places = np.empty(len(known) + 1, object)
    places[:-1] = np.fromiter(known, object, len(known))  # some values are lists themselves
    places[-1] = blank
    found: Objects = places[codes]
    return found


@dataclass(frozen=True)
class Group:
    """The entries of one list, in the order of their orders and then of the sheet."""

    path: str
    owner: Integers
    """The order that each entry belongs to (for the orders themselves, their own number)."""
    first_row: Integers
    parent: Integers
    """The entry of the list around this one; for a list of the order, the order."""
    source: str = ""
    """The list that this one is made from: the entries of both are the same ones."""
    fields: Mapping[str, FieldColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.owner)

    def with_fields(self, columns: Mapping[str, FieldColumn]) -> Group:
        """The group with these columns, in place of those of the same fields."""
        return replace(self, fields={**self.fields, **columns})

    def values(self, path: str) -> Objects:
        """The field's value of every entry; None where it is blank."""
        column = self.fields.get(path)
        return column.values() if column else np.full(len(self), None, dtype=object)

    def filled(self, path: str) -> Booleans:
        """For every entry whether the field has a value, even one that could not be read."""
        column = self.fields.get(path)
        if column is None:
            return np.zeros(len(self), bool)
        known = np.array([*(value is not None for value in column.known), False])
        found: Booleans = known[column.codes]
        return found

    def entries_of(self, order: int) -> range:
        """The entries of one order, which lie together."""
        start, end = np.searchsorted(self.owner, (order, order + 1)).tolist()
        return range(start, end)

    def bounds(self, parents: int) -> Integers:
        """Entries of parent i are those from bounds[i] to bounds[i + 1]."""
        return np.searchsorted(self.parent, np.arange(parents + 1))


@dataclass(frozen=True)
class GroupLists:
    """All groups, as expressions read them."""

    groups: Mapping[str, Group]
    settings: Mapping[str, str]
    mapping: ProviderMapping
    is_filtered: bool = True
    """False while it is worked out which entries are sent: a condition speaks of all."""

    @property
    def nesting(self) -> scopes.Nesting:
        around = self.groups.items()
        return {path: group.source or paths.list_of(path) for path, group in around if path}

    def setting(self, name: str) -> str | None:
        return self.settings.get(name)

    def kept(self, path: str) -> Sequence[bool] | None:
        where = scopes.where_of(path, self.mapping) if self.is_filtered else None
        if where is None:
            return None
        found = evaluate.evaluate(where, path, replace(self, is_filtered=False))
        return [*map(evaluate.is_true, found)]

    def size(self, path: str) -> int:
        return len(self.groups[path])

    def column(self, path: str) -> Sequence[Any]:
        found: list[Any] = self.groups[paths.list_of(path)].values(path).tolist()
        return found

    def around(self, inner: str, outer: str) -> Sequence[int]:
        if not outer:
            owner: list[int] = self.groups[inner].owner.tolist()
            return owner
        found = np.arange(len(self.groups[inner]))
        while inner != outer:
            group = self.groups[inner]
            found = found if group.source else group.parent[found]
            inner = group.source or paths.list_of(inner)
        around: list[int] = found.tolist()
        return around
