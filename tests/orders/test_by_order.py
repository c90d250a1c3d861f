"""Tests for the problems of each order, and for those of sheets that have too many."""

from __future__ import annotations

from itertools import chain
from typing import Any

from converter.mapping.model import ProviderMapping
from converter.orders import by_order, rules
from converter.orders.by_order import Problems

TABLE = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | zero
A1       |        |          | 0
B2       |        |          |
C3       | Cid    | pen      | 2
D4       |        |          | x
"""


def collected(sheets: Any, mapping: ProviderMapping, most: int, table: str = TABLE) -> Problems:
    orders = sheets.orders(table, mapping)
    return by_order.collect(orders, rules.check(orders), most)


def cells(found: Problems) -> dict[int, list[str]]:
    return {order: [str(issue.cell) for issue in own] for order, own in found.orders.items()}


def test_every_problem_is_kept_up_to_the_limit(sheets: Any, tiny: ProviderMapping) -> None:
    every = by_order.in_order(rules.check(sheets.orders(TABLE, tiny)))

    found = collected(sheets, tiny, len(every))

    assert sorted(str(i.cell) for i in every) == sorted(chain(*cells(found).values()))
    assert (found.left_out, found.notes) == ({}, ())


def test_beyond_the_limit_each_order_keeps_its_first_problems_and_the_rest_is_counted(
    sheets: Any, tiny: ProviderMapping
) -> None:
    whole = collected(sheets, tiny, 1000)
    total = sum(map(len, whole.orders.values()))

    found = collected(sheets, tiny, total - 1)

    each = (total - 1) // 4
    assert cells(found) == {order: own[:each] for order, own in cells(whole).items()}
    assert found.left_out == {
        order: len(own) - each for order, own in whole.orders.items() if len(own) > each
    }
    (note,) = found.notes
    assert note.startswith(
        f"4 orders have {total} problems in all, too many to mark each: at most {each} per order"
    )
    assert "Correct these columns first: " in note
    assert "D 数量 (" in note


def test_no_order_becomes_valid_because_its_errors_are_too_many(
    sheets: Any, tiny: ProviderMapping
) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
A1       | Ann    | pen      | 1
A1       | Ann    | pen      | 1
A1       | Ann    | pen      | x
B2       | Bob    | pen      | 2
"""

    whole, found = (collected(sheets, tiny, most, table) for most in (100, 1))

    assert [issue.warning for issue in whole.orders[0]] == [True, True, False]
    assert [str(issue.cell) for issue in found.orders[0]] == ["Orders!D5"]
    assert found.left_out == {}  # as elsewhere, the warnings of an invalid order do not count
    assert 1 not in found.orders
