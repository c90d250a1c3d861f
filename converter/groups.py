"""The entries of a list as columns: a value for each entry and field, and the row it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from converter.cells import Objects
from converter.layout.table import Integers


@dataclass
class FieldColumn:
    """One field of a group: per entry the value, what is sent, and the row (-1: no cell)."""

    values: Objects
    sent: Objects
    rows: Integers

    @classmethod
    def blank(cls, count: int) -> FieldColumn:
        none = np.full(count, None, dtype=object)
        return cls(none, none.copy(), np.full(count, -1))


@dataclass
class Group:
    """The entries of one list, in the order of their orders and then of the sheet."""

    path: str
    owner: Integers
    """The order that each entry belongs to (for the orders themselves, their own number)."""
    first_row: Integers
    parent: Integers
    """The entry of the list around this one; for a list of the order, the order."""
    fields: dict[str, FieldColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.owner)

    def entries_of(self, order: int) -> range:
        """The entries of one order, which lie together."""
        start, end = np.searchsorted(self.owner, (order, order + 1)).tolist()
        return range(start, end)

    def bounds(self, parents: int) -> Integers:
        """Entries of parent i are those from bounds[i] to bounds[i + 1]."""
        return np.searchsorted(self.parent, np.arange(parents + 1))
