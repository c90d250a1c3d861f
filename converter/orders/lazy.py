"""Orders whose payloads are built when they are sent, and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from converter.model import Order, Payload
from converter.orders.payload import Payloads


@dataclass(frozen=True, slots=True, eq=False)
class LazyOrder:
    """Like `Order`, but builds its payload on demand."""

    reference: str
    parent: str
    rows: tuple[int, ...]
    source: Source
    index: int
    part: int

    def built(self) -> Order:
        return self.source.of(self.index)[self.part]

    @property
    def payload(self) -> Payload:
        return self.built().payload

    @property
    def json(self) -> bytes:
        return self.built().json

    @property
    def digest(self) -> str:
        return self.built().digest


class Source:
    """Builds the orders of a sheet, and remembers the last one: it is often asked for again."""

    def __init__(self, payloads: Payloads) -> None:
        self._payloads = payloads
        self._last: tuple[int, Sequence[Order]] = (-1, ())

    def of(self, index: int) -> Sequence[Order]:
        if self._last[0] != index:
            self._last = (index, self._payloads.of(index))
        return self._last[1]

    def parts(self, index: int) -> list[LazyOrder]:
        """The parts of one order, as `Payloads.of` makes them."""
        orders = self._payloads.orders
        if not self._payloads.part_names(index):
            reference = orders.references[index]
            return [LazyOrder(reference, reference, orders.rows[index], self, index, 0)]
        return [
            LazyOrder(order.reference, order.parent, order.rows, self, index, part)
            for part, order in enumerate(self.of(index))
        ]


class Made(Source):
    """The source of one order that exists already."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def of(self, index: int) -> Sequence[Order]:  # noqa: ARG002 - there is but one
        return (self._order,)

    def lazy(self) -> LazyOrder:
        """The order in the form of those that are built on demand."""
        order = self._order
        return LazyOrder(order.reference, order.parent, order.rows, self, 0, 0)


def built(orders: Iterable[LazyOrder]) -> Iterator[Order]:
    """Each order with its payload, one at a time."""
    return (order.built() for order in orders)
