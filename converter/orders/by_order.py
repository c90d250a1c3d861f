"""The problems of each order, as many as can be marked in a workbook; the rest are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from converter.message import Message, join, t
from converter.model import Issue
from converter.orders.grouping import Orders

MOST = 500_000
"""Problems of a sheet that are all kept, each of which takes some hundred bytes."""

_NAMED = 5
"""Columns that the note on too many problems names."""

_NO_ORDER = -1


@dataclass(frozen=True)
class Problems:
    """What is wrong with the orders of a sheet.

    An order with problems always keeps one, and with errors one of these.
    """

    orders: Mapping[int, tuple[Issue, ...]]
    """By the position of the order in the sheet, in the sheet's order."""
    others: tuple[Issue, ...]
    """Issues of rows that belong to no order."""
    left_out: Mapping[int, int]
    """By order: the errors that are only counted; of an order without errors, the warnings."""
    notes: tuple[str, ...] = ()


def collect(orders: Orders, issues: Iterable[Issue], most: int = MOST) -> Problems:
    """Gather issues by order; beyond `most`, keep the first ones of each order."""
    kept = _Kept(most, len(orders.references))
    for issue in issues:
        owners = orders.owners_of(issue.cell)
        kept.add(issue, owners or (_NO_ORDER,))
    kept.finish()
    others = tuple(kept.found.pop(_NO_ORDER, ()))
    by_order = {order: tuple(found) for order, found in kept.found.items()}
    return Problems(by_order, others, kept.left_out(), tuple(kept.notes()))


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """The issues by their place in the sheet."""
    return sorted(issues, key=_place)


class _Kept:
    def __init__(self, most: int, orders: int) -> None:
        self.found: dict[int, list[Issue]] = {}
        self._left_out: dict[bool, Counter[int]] = {False: Counter(), True: Counter()}
        """Errors, and warnings, by order."""
        self._most = most
        self._each = max(1, most // max(1, orders))
        self._orders = orders
        self._count = self._total = 0
        self._next = most
        self._is_shortened = False
        self._columns: Counter[tuple[str, str]] = Counter()

    def add(self, issue: Issue, owners: Iterable[int]) -> None:
        for owner in owners:
            self.found.setdefault(owner, []).append(issue)
            self._count += 1
        self._total += 1
        self._columns[issue.cell.column, issue.title] += 1
        if self._count > self._next:
            self._shorten()
            self._next = max(self._most, 2 * self._count)

    def finish(self) -> None:
        if self._is_shortened:
            self._shorten()
        self.found = {owner: in_order(found) for owner, found in self.found.items()}

    def _shorten(self) -> None:
        """Keep the first errors of each order, and warnings only where there is room left."""
        self._is_shortened = True
        for owner, found in self.found.items():
            if len(found) > self._each:
                found.sort(key=lambda issue: (issue.warning, *_place(issue)))
                for issue in found[self._each :]:
                    self._left_out[issue.warning][owner] += 1
                self._count -= len(found) - self._each
                del found[self._each :]

    def left_out(self) -> dict[int, int]:
        errors, warnings = self._left_out[False], self._left_out[True]
        valid = {o: n for o, n in warnings.items() if all(i.warning for i in self.found.get(o, ()))}
        return {**errors, **valid}

    def notes(self) -> Iterator[Message]:
        if any(self._left_out.values()):
            worst = self._columns.most_common(_NAMED)
            columns = join(
                ", ",
                (
                    join(" ", filter(None, (column, title, f"({count:,})")))
                    for (column, title), count in worst
                ),
            )
            yield t(
                "{orders} orders have {problems} problems in all, too many to mark each: at most "
                "{each} per order are marked and listed, the others are only counted. Correct "
                "these columns first: {columns}.",
                orders=f"{self._orders:,}",
                problems=f"{self._total:,}",
                each=f"{self._each:,}",
                columns=columns,
            )


def _place(issue: Issue) -> tuple[int, int, str]:
    return issue.cell.row, len(issue.cell.column), issue.cell.column
