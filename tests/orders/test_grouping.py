"""Grouping rows into orders and lists, for all the ways in which people fill sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import messages
from converter.checks.values import BAD
from converter.mapping.model import ProviderMapping
from converter.orders.grouping import Orders

MappingWith = Callable[..., ProviderMapping]


def name(path: str) -> str:
    return path.rpartition("].")[2].removeprefix("order.")


def shape(orders: Orders, *, sent: bool = False) -> dict[str, dict[str, Any]]:
    """Reference -> the order's values, and a list of entries for each of its lists."""
    made: list[dict[str, Any]] = []
    for path, group in orders.groups.items():
        for entry, owner in enumerate(group.owner):
            values = {
                name(field): (column.sent if sent else column.value)(entry)
                for field, column in group.fields.items()
            }
            filled = {key: value for key, value in values.items() if value is not None}
            if path:
                made[owner].setdefault(path, []).append(filled)
            else:
                made.append(filled)
    return dict(zip(orders.references, made, strict=True))


def messages_of(orders: Orders, lang: str = "en") -> list[str]:
    return [messages.issue(issue, lang) for issue in orders.issues]


# -- rows into orders --------------------------------------------------------------------------

REPEATED = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
A1       | Ann    | ink      | 2
B2       | Bob    | cap      | 3
"""
FIRST_ROW = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
         |        | ink      | 2
B2       | Bob    | cap      | 3
"""
NOT_ADJACENT = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
B2       | Bob    | cap      | 3
A1       |        | ink      | 2
"""
LATER_ROW = """
客户单号 | 收件人 | 商品编码 | 数量
A1       |        | pen      | 1
A1       | Ann    | ink      | 2
B2       | Bob    | cap      | 3
"""
APART = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
A1       |        | ink      | 2
         |        |          |
B2       | Bob    | cap      | 3
"""
ORDER_ROWS = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    |          |
A1       |        | pen      | 1
A1       |        | ink      | 2
B2       | Bob    | cap      | 3
"""
TWO_ORDERS = {
    "A1": {
        "ref": "A1",
        "to.name": "Ann",
        "items": [{"sku": "pen", "qty": 1}, {"sku": "ink", "qty": 2}],
    },
    "B2": {"ref": "B2", "to.name": "Bob", "items": [{"sku": "cap", "qty": 3}]},
}


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        pytest.param(REPEATED, [(2, 3), (4,)], id="on every row"),
        pytest.param(FIRST_ROW, [(2, 3), (4,)], id="on the first row only"),
        pytest.param(NOT_ADJACENT, [(2, 4), (3,)], id="rows apart"),
        pytest.param(LATER_ROW, [(2, 3), (4,)], id="on a later row"),
        pytest.param(APART, [(2, 3), (5,)], id="blank rows between"),
        pytest.param(ORDER_ROWS, [(2, 3, 4), (5,)], id="on a row without items"),
    ],
)
def test_order_cells_may_stand_in_many_ways(
    sheets: Any, tiny: ProviderMapping, table: str, rows: list[tuple[int, ...]]
) -> None:
    orders = sheets.orders(table, tiny)

    assert shape(orders) == TWO_ORDERS
    assert orders.rows == rows
    assert [*orders.issues] == []


def test_orders_stand_in_the_order_of_the_sheet(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
C3       | Cid    | a        | 1
A1       | Ann    | b        | 1
C3       | Cid    | c        | 1
B2       | Bob    | d        | 1
"""

    assert sheets.orders(table, tiny).references == ["C3", "A1", "B2"]


def test_codes_that_look_alike_are_different_orders(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
7        | Ann    | pen      | 1
007      | Bob    | ink      | 1
7.0      | Cid    | cap      | 1
"""

    assert sheets.orders(table, tiny).references == ["7", "007", "7.0"]


def test_a_sheet_without_rows_has_no_orders(sheets: Any, tiny: ProviderMapping) -> None:
    orders = sheets.orders("客户单号 | 收件人 | 箱号 | 商品编码 | 数量", tiny)

    assert (orders.references, orders.rows, [*orders.issues]) == ([], [], [])


def test_a_row_without_reference_after_a_blank_row_is_named(
    sheets: Any, tiny: ProviderMapping
) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
         |        |          |
         | Bob    | ink      | 2
         | Cid    | cap      | 3
"""

    orders = sheets.orders(table, tiny)

    assert orders.references == ["A1", "", ""]
    assert orders.rows == [(2,), (4,), (5,)]
    assert messages_of(orders) == [
        f"Orders!A{row} 客户单号: expected the order's reference, found a blank cell in a row with "
        "data that cannot be told to belong to the order above. Fill it in."
        for row in (4, 5)
    ]


def test_a_row_below_a_stray_one_goes_to_no_other_order(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
         | Bob    | ink      | 2
         |        | cap      | 3
"""

    orders = sheets.orders(table, tiny)

    assert orders.references == ["A1", "", ""]
    assert orders.rows == [(2,), (3,), (4,)]
    assert [str(issue.cell) for issue in orders.issues] == ["Orders!A3", "Orders!A4"]


NUMBERED = ["客户单号", "收件人", "商品编码1", "数量1", "商品编码2", "数量2"]


def test_a_row_with_two_items_is_one_row_of_its_order(sheets: Any, tiny: ProviderMapping) -> None:
    rows = [["A1", "Ann", "pen", "1", "ink", "2"], ["A1", "Ann", "cap", "3", "", ""]]

    orders = sheets.orders([NUMBERED, *rows], tiny)

    assert orders.rows == [(2, 3)]
    assert shape(orders)["A1"]["items"] == [
        {"sku": "pen", "qty": 1},
        {"sku": "ink", "qty": 2},
        {"sku": "cap", "qty": 3},
    ]


def test_a_row_with_two_items_and_no_reference_is_one_stray_row(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [["A1", "Ann", "pen", "1", "ink", "2"], ["", "Bob", "cap", "3", "hat", "4"]]

    orders = sheets.orders([NUMBERED, *rows], tiny)

    assert orders.references == ["A1", ""]
    assert orders.rows == [(2,), (3,)]
    assert [str(issue.cell) for issue in orders.issues] == ["Orders!A3"]
    assert orders.groups["items"].owner.tolist() == [0, 0, 1, 1]


def test_a_row_above_the_first_reference_is_named(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
         | Ann    | pen      | 1
A1       | Bob    | ink      | 2
"""

    orders = sheets.orders(table, tiny)

    assert orders.rows == [(2,), (3,)]
    assert messages_of(orders, "zh") == [
        "Orders!A2 客户单号: 该行有数据但没有单号，无法确定属于上方哪个订单。请填写单号。"
    ]


def test_an_unreadable_reference_is_an_order_of_its_own(sheets: Any, tiny: ProviderMapping) -> None:
    path = sheets.xlsx(
        [
            ["客户单号", "收件人", "商品编码", "数量"],
            [138000000000012345, "Ann", "pen", 1],
            [None, None, "ink", 2],
            ["A1", "Bob", "cap", 3],
        ]
    )

    orders = sheets.orders(path, tiny)

    assert orders.references == ["", "A1"]
    assert orders.rows == [(2, 3), (4,)]
    assert messages_of(orders) == [
        "Orders!A2 客户单号: found a number of more than 15 digits, which Excel has already "
        "rounded. Set the cell to text and type the number again."
    ]


# -- order cells that disagree -----------------------------------------------------------------


def test_order_cells_that_disagree_are_named_both(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 电话 | 商品编码 | 数量
A1       | Ann    |      | pen      | 1
A1       | Anne   | 12   | ink      | 2
B2       | Bob    | 13   | cap      | 3
A1       | Ann    | 13   | hat      | 4
"""

    orders = sheets.orders(table, tiny)

    assert messages_of(orders) == [
        "Orders!B3 收件人: expected 'Ann' as in Orders!B2 of the same order, found 'Anne'. "
        "Make them equal, or give the rows different references.",
        "Orders!C5 电话: expected '12' as in Orders!C3 of the same order, found '13'. "
        "Make them equal, or give the rows different references.",
    ]
    assert messages_of(orders, "zh")[0] == (
        "Orders!B3 收件人: 同一订单应与 Orders!B2 的 'Ann' 一致，实际为 'Anne'。"
        "请改为一致，或使用不同的单号。"
    )
    assert shape(orders)["A1"]["to.name"] == "Ann"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("5", "5.0", id="one number, written twice"),
        pytest.param("1,000", "1000", id="thousands"),
        pytest.param("5", "", id="blank agrees with all"),
        pytest.param("5", "-", id="so does a dash"),
        pytest.param("５", "5", id="full width"),
    ],
)
def test_order_cells_agree_by_their_meaning(
    sheets: Any, tiny: ProviderMapping, first: str, second: str
) -> None:
    table = f"""
客户单号 | 收件人 | 总件数 | 商品编码 | 数量
A1       | Ann    | {first}  | pen    | 1
A1       | Ann    | {second} | ink    | 2
"""

    assert [*sheets.orders(table, tiny).issues] == []


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        pytest.param(("five", "5", "5"), ["C2"], id="the first"),
        pytest.param(("5", "five", "5"), ["C3"], id="a later one"),
        pytest.param(("five", "5", "6"), ["C2", "C4"], id="and the others disagree"),
        pytest.param(("five", "six", ""), ["C2", "C3"], id="all of them"),
    ],
)
def test_a_cell_that_cannot_be_read_disagrees_with_none(
    sheets: Any, tiny: ProviderMapping, cells: tuple[str, ...], wrong: list[str]
) -> None:
    rows = [f"A1 | Ann | {cell} | pen | 1" for cell in cells]

    orders = sheets.orders("\n".join(["客户单号 | 收件人 | 总件数 | 商品编码 | 数量", *rows]), tiny)

    assert sorted(f"{i.cell.column}{i.cell.row}" for i in orders.issues) == wrong


# -- lists -------------------------------------------------------------------------------------


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


# -- values that are not typed -----------------------------------------------------------------


def one_order(
    sheets: Any, mapping_with: MappingWith, fields: str, titles: str = "", cells: str = ""
) -> dict[str, Any]:
    """One order with one item, grouped with some more fields."""
    table = f"客户单号 | 收件人 | 商品编码 | 数量{titles}\nA1 | Ann | pen | 2{cells}"
    return shape(sheets.orders(table, mapping_with(more_fields=fields)))["A1"]


@pytest.mark.parametrize(
    ("spec", "titles", "cells", "expected"),
    [
        pytest.param("default: X", "", "", "X", id="default, no column"),
        pytest.param("default: X", " | More", " | ", "X", id="default, blank cell"),
        pytest.param("default: X", " | More", " | Y", "Y", id="default gives way"),
        pytest.param("type: integer, default: 7", "", "", 7, id="default of another type"),
        pytest.param("fallback: {parts: [$order.ref, x], separator: '-'}", "", "", "A1-x",
                     id="made of others"),
        pytest.param("fallback: {parts: [$order.ref]}", " | More", " | Y", "Y",
                     id="typed one comes first"),
        pytest.param("fallback: {parts: [$order.second, $order.to.phone]}", "", "", None,
                     id="made of blanks"),
        pytest.param("join: {parts: [$order.to.name, $order.second, $order.ref], separator: '/'}",
                     "", "", "Ann/A1", id="blanks leave no separator"),
    ],
)  # fmt: skip
def test_blank_order_cells_are_filled_in_as_the_mapping_says(
    sheets: Any, mapping_with: MappingWith, spec: str, titles: str, cells: str, expected: Any
) -> None:
    field = f"\n  - {{path: order.more, title: {{zh: 更多, en: More}}, {spec}}}\n"

    assert one_order(sheets, mapping_with, field, titles, cells).get("more") == expected


def test_entries_can_be_numbered_and_named_after_their_order(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(
        more_fields="""
  - path: items[].line
    title: {zh: 行, en: Line}
    fallback: {parts: [$order.ref, $line, "$items[].sku"], separator: "-"}
"""
    )
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
B2       | Bob    | cap      | 3
A1       | Ann    | ink      | 2
"""

    orders = shape(sheets.orders(table, mapping))

    assert [item["line"] for item in orders["A1"]["items"]] == ["A1-1-pen", "A1-2-ink"]
    assert [item["line"] for item in orders["B2"]["items"]] == ["B2-1-cap"]


SPILL = """
  - {path: order.a1, title: {zh: 地址1, en: A1}, max: 10, spill: order.a2}
  - {path: order.a2, title: {zh: 地址2, en: A2}, max: 10, spill: order.a3}
  - {path: order.a3, title: {zh: 地址3, en: A3}, max: 10}
"""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param(["1 Main St", "", ""], ["1 Main St", None, None], id="short enough"),
        pytest.param(["12 Main St", "", ""], ["12 Main St", None, None], id="just short enough"),
        pytest.param(["12 Main Str", "", ""], ["12 Main", "Str", None], id="cut at a word"),
        pytest.param(["12 Main St x", "", ""], ["12 Main St", "x", None], id="cut behind a word"),
        pytest.param(["中山路一百二十三号四楼", "", ""], ["中山路一百二十三号四", "楼", None],
                     id="cut where there is no word"),
        pytest.param(["aaaa bbbb cccc dddd eeee", "", ""], ["aaaa bbbb", "cccc dddd", "eeee"],
                     id="over three"),
        pytest.param(["aaaa bbbb cccc", "x", ""], ["aaaa bbbb cccc", "x", None],
                     id="the place is taken"),
    ],
)  # fmt: skip
def test_long_text_goes_on_in_the_next_field(
    sheets: Any, mapping_with: MappingWith, typed: list[str], expected: list[str | None]
) -> None:
    cells = "".join(f" | {text}" for text in typed)

    order = one_order(sheets, mapping_with, SPILL, " | 地址1 | 地址2 | 地址3", cells)

    assert [order.get(f"a{i}") for i in (1, 2, 3)] == expected


@given(st.text("ab 中", max_size=30))
def test_text_that_goes_on_loses_nothing_but_blanks(
    sheets: Any, mapping_with: MappingWith, text: str
) -> None:
    table = [["客户单号", "收件人", "商品编码", "数量", "地址1"], ["A1", "Ann", "pen", "1", text]]

    order = shape(sheets.orders(table, mapping_with(more_fields=SPILL)))["A1"]

    parts = [order.get(f"a{i}") or "" for i in (1, 2, 3)]
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert max(len(part) for part in parts[:2]) <= 10


# -- cells -------------------------------------------------------------------------------------


def test_every_value_leads_back_to_its_cell(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       |        | 1    | 2        | pen      | 1
A1       | Ann    | 1    |          | ink      |
"""

    orders = sheets.orders(table, tiny)

    def cell(path: str, list_: str, entry: int) -> str:
        return str(orders.cell(path, orders.groups[list_], entry))

    assert cell("order.to.name", "", 0) == "Orders!B3"
    assert cell("boxes[].count", "boxes", 0) == "Orders!D2"
    assert cell("items[].sku", "items", 1) == "Orders!E3"
    assert cell("items[].qty", "items", 1) == "Orders!F3"  # blank: where it ought to stand
    assert cell("order.to.phone", "", 0) == "Orders!2"  # no column


# -- properties --------------------------------------------------------------------------------

TITLES = ["客户单号", "收件人", "总件数", "箱号", "每箱件数", "商品编码", "数量"]
REFERENCES = st.sampled_from(["A1", "B2", "C3", "D4"])


@st.composite
def repeated(draw: st.DrawFn) -> list[list[str]]:
    """Rows that repeat the order's cells; all items differ, so that rows can be identified."""
    count = draw(st.integers(1, 12))
    boxes = {(ref, box): str(draw(st.integers(1, 9))) for ref in ["A1", "B2", "C3", "D4"]
             for box in ("1", "2")}  # fmt: skip
    rows = []
    for number in range(count):
        ref, box = draw(REFERENCES), draw(st.sampled_from("12"))
        rows.append([ref, f"name of {ref}", "5", box, boxes[ref, box], f"sku{number}", "1"])
    return rows


def unordered(orders: Orders) -> dict[str, Any]:
    return {
        reference: {
            key: sorted(value, key=str) if isinstance(value, list) else value
            for key, value in order.items()
        }
        for reference, order in shape(orders).items()
    }


@given(rows=repeated(), data=st.data())
def test_any_order_of_the_rows_gives_the_same_orders(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))

    one = sheets.orders([TITLES, *rows], tiny)
    other = sheets.orders([TITLES, *shuffled], tiny)

    assert [*one.issues] == [*other.issues] == []
    assert unordered(one) == unordered(other)


@given(rows=repeated())
def test_repeating_order_cells_changes_nothing(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]]
) -> None:
    seen: set[str] = set()
    sparse = []
    for row in rows:
        sparse.append([row[0], "", "", *row[3:]] if row[0] in seen else row)
        seen.add(row[0])

    one, other = sheets.orders([TITLES, *rows], tiny), sheets.orders([TITLES, *sparse], tiny)

    assert shape(one) == shape(other)
    assert one.rows == other.rows


ANY_CELL = st.sampled_from(["", "", "A1", "B2", "1", "2", "x", "-"])


@given(st.lists(st.tuples(*[ANY_CELL] * len(TITLES)), max_size=12))
def test_every_row_with_data_belongs_to_exactly_one_order(
    sheets: Any, tiny: ProviderMapping, rows: list[tuple[str, ...]]
) -> None:
    cells = sheets.cells([TITLES, *rows], tiny)
    orders = sheets.orders([TITLES, *rows], tiny)

    filled = [
        int(row)
        for at, row in enumerate(cells.rows)
        if any(column.codes[at] >= 0 for column in cells.columns.values())
    ]
    placed = sorted(row for rows_ in orders.rows for row in rows_)
    assert placed == filled
    assert np.flatnonzero(orders.owners["Orders"] >= 0).tolist() == filled
    assert len(orders.references) == len(orders.rows) == len(orders.groups[""])
    assert all(orders.rows)


@given(st.lists(st.tuples(*[ANY_CELL] * len(TITLES)), max_size=12))
def test_every_item_that_was_typed_is_in_the_order_of_its_row(
    sheets: Any, tiny: ProviderMapping, rows: list[tuple[str, ...]]
) -> None:
    orders = sheets.orders([TITLES, *rows], tiny)

    group = orders.groups["items"]
    typed = [(row, cells[5]) for row, cells in enumerate(rows, 2) if cells[5]]
    column = group.fields["items[].sku"]
    found = [
        (int(row), value)
        for row, value in zip(column.rows, column.values(), strict=True)
        if value is not None and value is not BAD
    ]
    assert sorted(found) == typed
    assert orders.owners["Orders"][group.first_row].tolist() == group.owner.tolist()


def test_the_entries_of_an_order_lie_together(
    sheets: Any, mapping_with: Callable[..., ProviderMapping]
) -> None:
    """Nested lists and interleaved rows included."""
    mapping = mapping_with(
        fields="""
  - {path: ref, title: {zh: 单号, en: Reference}, required: true}
  - {path: "parcels[].no", title: {zh: 箱号, en: Parcel}}
  - {path: "parcels[].items[].sku", title: {zh: 编码, en: SKU}}
""",
        reference="ref",
        lists='{parcels: {key: "parcels[].no"}, "parcels[].items": {}}',
    )
    rows = [
        ["R2", "1", "A"],
        ["R1", "1", "B"],
        ["R2", "2", "C"],
        ["R1", "1", "D"],
        ["R2", "1", "E"],
    ]
    found = sheets.orders([["单号", "箱号", "编码"], *rows], mapping)

    entries = {
        path: [
            [column.value(entry) for entry in group.entries_of(order)]
            for order in range(len(found.references))
        ]
        for path, group in found.groups.items()
        for column in group.fields.values()
    }

    assert entries == {
        "": [["R2"], ["R1"]],
        "parcels": [["1", "2"], ["1"]],
        "parcels[].items": [["A", "E", "C"], ["B", "D"]],
    }
