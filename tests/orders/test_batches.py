"""Batches: as many orders in a request as the provider takes."""

from __future__ import annotations

import pytest

from converter.json_text import encode
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.model import Order
from converter.orders.batches import batches


def three_orders_or_1000_bytes() -> ProviderMapping:
    mapping = load_mapping(find_mapping("oms"))
    limits = {"orders_per_request": 3, "bytes_per_request": 1000}
    return mapping.model_copy(update={"request": mapping.request.model_copy(update=limits)})


def order(reference: str, length: int = 0) -> Order:
    """An order whose payload has this many bytes, or the fewest possible."""
    empty = len(encode({"text": ""}))
    return Order(reference, reference, {"text": "x" * max(length - empty, 0)}, (2,))


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([20] * 3, [3], id="as many as are allowed"),
        pytest.param([20] * 7, [3, 3, 1], id="more"),
        pytest.param([500, 500, 20], [2, 1], id="as many bytes as are allowed"),
        pytest.param([500, 501, 20], [1, 2], id="a byte more"),
        pytest.param([20, 5000, 20], [1, 1, 1], id="an order that alone is too large"),
        pytest.param([999, 20, 20, 20, 20], [1, 3, 1], id="by bytes, then by number"),
        pytest.param([999, 500, 500, 20], [1, 2, 1], id="as many bytes in the second batch"),
    ],
)
def test_batches_hold_what_one_request_may(lengths: list[int], expected: list[int]) -> None:
    given = [order(f"R{i}", length) for i, length in enumerate(lengths)]
    found = list(batches(given, three_orders_or_1000_bytes()))

    assert [len(batch) for batch in found] == expected
    assert [order for batch in found for order in batch] == given


def test_bytes_are_counted_and_not_characters() -> None:
    """A Chinese character has three bytes."""
    given = [Order(name, name, {"text": "字" * 150}, (2,)) for name in ("R1", "R2", "R3")]

    assert [len(batch) for batch in batches(given, three_orders_or_1000_bytes())] == [2, 1]


def test_a_provider_of_single_orders_gets_one_at_a_time() -> None:
    apicenter = load_mapping(find_mapping("apicenter"))

    assert [len(batch) for batch in batches([order("R1"), order("R2")], apicenter)] == [1, 1]
