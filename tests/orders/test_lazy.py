"""Orders whose payloads are built on demand, and not kept."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from converter.model import Order
from converter.orders.lazy import Source, built

A1 = Order("A1", "A1", {"ref": "A1"}, (2,))
B1 = Order("B1-1", "B1", {"ref": "B1-1"}, (3, 4))
B2 = Order("B1-2", "B1", {"ref": "B1-2"}, (5,))


class FakePayloads:
    """Builds orders anew each time, as `Payloads` does, and records which were asked for."""

    orders = SimpleNamespace(references=["A1", "B1"], rows=[(2,), (3, 4, 5)])

    def __init__(self) -> None:
        self.asked: list[int] = []

    def of(self, index: int) -> list[Order]:
        self.asked.append(index)
        found = ([A1], [B1, B2])[index]
        return [Order(one.reference, one.parent, dict(one.payload), one.rows) for one in found]

    def part_names(self, index: int) -> list[str]:
        return ([], ["B1-1", "B1-2"])[index]


@pytest.fixture
def payloads() -> FakePayloads:
    return FakePayloads()


@pytest.fixture
def source(payloads: FakePayloads) -> Source:
    return Source(payloads)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("index", "orders"),
    [pytest.param(0, [A1], id="a whole one"), pytest.param(1, [B1, B2], id="one in parts")],
)
def test_a_lazy_order_equals_the_order(source: Source, index: int, orders: list[Order]) -> None:
    lazy = source.parts(index)

    assert [(one.reference, one.parent, one.rows) for one in lazy] == [
        (one.reference, one.parent, one.rows) for one in orders
    ]
    assert [(one.payload, one.json) for one in lazy] == [(one.payload, one.json) for one in orders]
    assert list(built(lazy)) == orders


def test_a_whole_order_is_not_built_before_it_is_asked_for(
    source: Source, payloads: FakePayloads
) -> None:
    (lazy,) = source.parts(0)

    assert (lazy.reference, payloads.asked) == ("A1", [])


def test_only_the_last_order_is_kept(source: Source, payloads: FakePayloads) -> None:
    a1, b1, b2 = *source.parts(0), *source.parts(1)
    payloads.asked.clear()

    for order in (b1, b1, b2, a1, a1, b1):
        assert order.payload["ref"] == order.reference

    assert payloads.asked == [0, 1], "the parts of B1 were built with their names"
