"""Grouping rows into orders, for all the ways in which people fill sheets."""

from __future__ import annotations

from typing import Any

import pytest

from converter.mapping.model import ProviderMapping
from tests.orders.grouped import messages_of, shape

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
        "Orders!A2 客户单号：该行有数据但没有单号，无法确定属于上方哪个订单。请填写单号。"
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
        "Orders!B3 收件人：同一订单应与 Orders!B2 的 'Ann' 一致，实际为 'Anne'。"
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
