"""Required cells of orders and of their lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from converter.mapping.model import ProviderMapping
from tests.orders.rows import FINE

MappingWith = Callable[..., ProviderMapping]

BLANK = "expected a value, found a blank cell. Fill it in."


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       |        | pen      | 1
A1       |        | ink      | 2
B2       | Bob    | cap      | 3
""",
            [f"Orders!B2 收件人: {BLANK}"],
            id="of an order: once, at its first row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      |
A1       | Ann    |          | 2
B2       | Bob    | cap      | 3
""",
            [f"Orders!D2 数量: {BLANK}", f"Orders!C3 商品编码: {BLANK}"],
            id="of an item: at its own row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 箱号 | 每箱件数 | Weight (kg) | 商品编码 | 数量
A1       | Ann    | 1    |          | 5           | pen      | 1
A1       | Ann    | 1    |          |             | ink      | 1
""",
            [f"Orders!D2 每箱件数: {BLANK}"],
            id="of a box: once, at its first row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | two
""",
            [
                "Orders!D2 数量: expected a whole number, found 'two'. "
                "Type the number without other characters."
            ],
            id="an unreadable cell is not blank too",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    |          |
""",
            [
                "Orders!A2 expected at least one line with 商品编码 for this order, found none. "
                "Add one."
            ],
            id="a list that every order has",
        ),
    ],
)
def test_required_cells(
    sheets: Any, tiny: ProviderMapping, table: str, expected: list[str]
) -> None:
    assert sheets.issues(table, tiny) == expected


def test_required_cells_in_chinese(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       |        |          |
"""

    assert sheets.issues(table, tiny, lang="zh") == [
        "Orders!A2 该订单至少要有一行填写了 商品编码，现在没有。请补充。",
        "Orders!B2 收件人：必填，但单元格为空。请填写。",
    ]


def test_a_filled_in_value_is_enough(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(
        more_fields="""
  - {path: order.a, title: {zh: 甲, en: A}, required: true, default: X}
  - {path: order.b, title: {zh: 乙, en: B}, required: true, fallback: {parts: [$order.ref]}}
"""
    )

    assert sheets.issues(FINE, mapping) == []


def test_boxes_without_a_number_beside_others_are_issues(
    sheets: Any, tiny: ProviderMapping
) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       | Ann    |      | 1        | ink      | 2
B2       | Bob    |      | 1        | cap      | 3
"""

    assert sheets.issues(table, tiny) == [
        "Orders!C3 箱号: expected a number because the order has several of these, found a blank "
        "cell. Number them: rows with the same number are one."
    ]
    assert sheets.issues(table, tiny, lang="zh") == [
        "Orders!C3 箱号：该订单有多个，必须编号，但单元格为空。请编号：编号相同的行视为同一个。"
    ]
