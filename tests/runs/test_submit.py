"""How orders in doubt go out again: fewer in a request at each try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from converter.journal import Plan
from converter.mapping.load import find_mapping, load_mapping
from converter.model import Order
from converter.runs.submit import batches_again

MAPPING = load_mapping(find_mapping("scexpress"))
"""It takes twenty orders in one request."""


def sizes(tries: Sequence[int], found: int = 0) -> list[int]:
    orders = tuple(Order(f"A{n}", f"A{n}", {}, (n,)) for n in range(len(tries)))
    names = [order.reference for order in orders]
    plan: Plan[Any] = Plan((), orders, dict(zip(names, tries, strict=True)), {})
    left = {order.reference for order in orders[:found]}
    return [len(batch) for batch in batches_again(plan, MAPPING, left)]


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        pytest.param([1] * 45, [20, 20, 5], id="the second time as the first"),
        pytest.param([2] * 12, [5, 5, 2], id="then fewer"),
        pytest.param([3] * 2, [1, 1], id="then alone"),
        pytest.param([9] * 2, [1, 1], id="and never less"),
        pytest.param([0, 0], [2], id="cut off before anything was made"),
        pytest.param([1, 1, 2, 2, 3], [2, 2, 1], id="never mixed"),
    ],
)
def test_orders_in_doubt_travel_with_fewer_others_at_each_try(
    tries: list[int], expected: list[int]
) -> None:
    assert sizes(tries) == expected


def test_those_that_were_found_do_not_travel() -> None:
    assert sizes([1] * 21, found=2) == [19]
