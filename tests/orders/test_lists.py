"""Lists of an order: boxes, items, and lists in lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from converter.mapping.model import ProviderMapping
from tests.orders.grouped import messages_of, shape

MappingWith = Callable[..., ProviderMapping]


def test_rows_with_the_same_box_number_are_one_box(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 重量(KG) | 商品编码 | 数量
A1       | Ann    | 1    | 2        | 5.5      | pen      | 1
A1       |        | 2    | 1        | 3        | ink      | 2
A1       |        | 1    |          |          | cap      | 3
A1       |        | 1    | 2        | 5.50     | hat      | 4
B2       | Bob    | 1    | 9        | 1        | pen      | 5
"""

    orders = sheets.orders(table, tiny)

    assert [*orders.issues] == []
    assert shape(orders, sent=True) == {
        "A1": {
            "ref": "A1",
            "to.name": "Ann",
            "boxes": [
                {"no": "1", "count": 2, "weight": pytest.approx(5.5)},
                {"no": "2", "count": 1, "weight": 3},
            ],
            "items": [
                {"sku": "pen", "qty": 1, "box": "1"},
                {"sku": "ink", "qty": 2, "box": "2"},
                {"sku": "cap", "qty": 3, "box": "1"},
                {"sku": "hat", "qty": 4, "box": "1"},
            ],
        },
        "B2": {
            "ref": "B2",
            "to.name": "Bob",
            "boxes": [{"no": "1", "count": 9, "weight": 1}],
            "items": [{"sku": "pen", "qty": 5, "box": "1"}],
        },
    }


def test_rows_of_one_box_must_agree(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       | Ann    | 2    | 2        | ink      | 2
A1       | Ann    | 1    | 3        | cap      | 3
"""

    assert messages_of(sheets.orders(table, tiny)) == [
        "Orders!D4 每箱件数: expected '2' as in Orders!D2 of the same order, found '3'. "
        "Make them equal, or give the rows different references."
    ]


def test_a_box_number_alone_makes_no_item(sheets: Any, tiny: ProviderMapping) -> None:
    """Boxes and items share the column, and a row may describe a box only."""
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       |        | 2    | 1        |          |
A1       |        | 2    |          | ink      | 2
"""

    order = shape(sheets.orders(table, tiny))["A1"]

    assert order["boxes"] == [{"no": "1", "count": 2}, {"no": "2", "count": 1}]
    assert order["items"] == [
        {"sku": "pen", "qty": 1, "box": "1"},
        {"sku": "ink", "qty": 2, "box": "2"},
    ]


def test_boxes_without_a_column_of_numbers_are_one_box(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 2        | pen      | 1
A1       | Ann    | 2        | ink      | 1
B2       | Bob    | 2        | cap      | 1
B2       | Bob    | 3        | hat      | 1
"""

    orders = sheets.orders(table, tiny)

    assert [order["boxes"] for order in shape(orders).values()] == [
        [{"no": "1", "count": 2}],
        [{"no": "1", "count": 2}],
    ]
    assert messages_of(orders) == [
        "Orders!C5 每箱件数: expected '2' as in Orders!C4 of the same order, found '3'. "
        "Make them equal, or give the rows different references."
    ]


def test_boxes_may_stand_on_rows_of_their_own(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量 | 物品箱号
A1       | Ann    | 1    | 2        |          |      |
A1       |        | 2    | 1        |          |      |
A1       |        |      |          | pen      | 1    | 2
A1       |        |      |          | ink      | 2    | 1
"""

    orders = sheets.orders(table, tiny)

    assert [*orders.issues] == []
    assert shape(orders)["A1"] == {
        "ref": "A1",
        "to.name": "Ann",
        "boxes": [{"no": "1", "count": 2}, {"no": "2", "count": 1}],
        "items": [{"sku": "pen", "qty": 1, "box": "2"}, {"sku": "ink", "qty": 2, "box": "1"}],
    }


@pytest.mark.parametrize(
    ("table", "boxes", "in_box"),
    [
        pytest.param(
            """
客户单号 | 收件人 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 2        | pen      | 1
A1       | Ann    |          | ink      | 1
""",
            [{"no": "1", "count": 2}],
            ["1", "1"],
            id="no column of numbers",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    |      | 2        | pen      | 1
A1       | Ann    |      |          | ink      | 1
""",
            [{"no": "1", "count": 2}],
            ["1", "1"],
            id="blank numbers",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 7    | 2        | pen      | 1
A1       | Ann    |      |          | ink      | 1
""",
            [{"no": "7", "count": 2}],
            ["7", "7"],
            id="a number of one's own",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 7    |          | pen      | 1
A1       | Ann    | 8    |          | ink      | 1
""",
            None,
            ["7", "8"],
            id="numbers alone make no box",
        ),
    ],
)
def test_the_only_box_needs_no_number(
    sheets: Any,
    tiny: ProviderMapping,
    table: str,
    boxes: list[dict[str, Any]] | None,
    in_box: list[str],
) -> None:
    order = shape(sheets.orders(table, tiny))["A1"]

    assert order.get("boxes") == boxes
    assert [item["box"] for item in order["items"]] == in_box


def test_items_are_never_merged(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
A1       | Ann    | pen      | 1
"""

    assert shape(sheets.orders(table, tiny))["A1"]["items"] == [
        {"sku": "pen", "qty": 1},
        {"sku": "pen", "qty": 1},
    ]


NESTED = """
  - {path: ref, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: "parcels[].no", title: {zh: 箱号, en: Parcel}}
  - {path: "parcels[].weight", title: {zh: 重量, en: Weight}, type: decimal}
  - {path: "parcels[].items[].sku", title: {zh: 商品编码, en: Article}}
  - {path: "parcels[].items[].qty", title: {zh: 数量, en: Quantity}, type: integer}
"""


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param('{parcels: {key: "parcels[].no"}, "parcels[].items": {}}', id="outer first"),
        pytest.param('{"parcels[].items": {}, parcels: {key: "parcels[].no"}}', id="inner first"),
    ],
)
def test_lists_may_hold_lists(sheets: Any, mapping_with: MappingWith, lists: str) -> None:
    table = """
客户单号 | 箱号 | 重量 | 商品编码 | 数量
A1       | 1    | 5    | pen      | 1
A1       |      |      | ink      | 2
A1       | 2    | 6    | cap      | 3
A1       | 1    |      | hat      | 4
B2       | 1    | 7    | pen      | 5
"""
    mapping = mapping_with(fields=NESTED, reference="ref", lists=lists)

    orders = sheets.orders(table, mapping)

    parcels, items = orders.groups["parcels"], orders.groups["parcels[].items"]
    assert parcels.fields["parcels[].no"].values().tolist() == ["1", "2", "1"]
    assert parcels.owner.tolist() == [0, 0, 1]
    assert items.fields["parcels[].items[].sku"].values().tolist() == [
        *("pen", "ink", "hat", "cap", "pen")
    ]
    assert items.parent.tolist() == [0, 0, 0, 1, 2]
    assert items.owner.tolist() == [0, 0, 0, 0, 1]
    assert items.bounds(len(parcels)).tolist() == [0, 3, 4, 5]
    assert [*orders.issues] == []
