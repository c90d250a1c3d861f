"""Units, currencies, parts of a value, and several values in one cell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from converter.mapping.model import ProviderMapping
from tests.layout.providers_sheets import (
    OMS,
    OMS_CLEAN,
    OMS_TITLES,
    SC,
    SC_CLEAN,
    line,
    notes,
    orders,
    payloads,
    problems,
    sc_rows,
    titled,
    with_columns,
    without,
)

# -- units, currencies, parts of a value -----------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "typed", "expected"),
    [
        pytest.param("净重(g)", 500, Decimal("0.5"), id="grams"),
        pytest.param("净重(KG)", "0.5", Decimal("0.5"), id="as wanted"),
        pytest.param("净重 lb", 2, Decimal("0.90718474"), id="pounds"),
        pytest.param("净重(oz)", "1", Decimal("0.028349523125"), id="ounces"),
        pytest.param("净重(千克)", "1.50", Decimal("1.5"), id="Chinese unit"),
    ],
)
def test_weights_are_converted_exactly(
    sheets: Any, title: str, typed: object, expected: Decimal
) -> None:
    weights = {"净重(KG)": typed, "毛重(KG)": "3"}
    rows = titled(sc_rows(line("T1", "PEN-01", 2, **weights)), **{"净重(KG)": title})

    (found,) = payloads(sheets, rows, SC)

    assert found["items"][0]["weight"] == expected


def test_what_was_converted_is_told(sheets: Any) -> None:
    rows = titled(SC_CLEAN, **{"毛重(KG)": "毛重(g)"})

    assert notes(sheets, rows, SC) == [
        "Column AD '毛重(g)' is in g; its numbers were converted to kg."
    ]


def test_a_currency_in_a_title_fills_the_blank_cells(sheets: Any) -> None:
    rows = titled(without(SC_CLEAN, "申报币别"), 申报单价="单价(元)")

    found = payloads(sheets, rows, SC)

    assert {item["declarecurrency"] for one in found for item in one["items"]} == {"CNY"}
    assert notes(sheets, rows, SC) == [
        "The currency is CNY where no other is given, as the title of column AD '单价(元)' says."
    ]


@pytest.mark.parametrize(
    ("titles", "used"),
    [
        pytest.param(["客户订单号", "参考号"], "客户订单号", id="beside the usual one"),
        pytest.param(["参考号", "客户订单号"], "客户订单号", id="before the usual one"),
        pytest.param(["参考号", "备注"], "参考号", id="alone"),
    ],
)
def test_some_titles_stand_in_where_no_other_column_is_the_reference(
    sheets: Any, titles: list[str], used: str
) -> None:
    rows = [
        [*titles, *OMS_TITLES[1:]],
        *([f"{row[0]}{titles[0]}", f"{row[0]}{titles[1]}", *row[1:]] for row in OMS_CLEAN[1:]),
    ]

    assert orders(sheets, rows, OMS).references == [f"PO-1{used}", f"PO-2{used}"]


def test_digits_of_a_code_are_no_number_of_an_item(sheets: Any) -> None:
    rows = titled(SC_CLEAN, 海关编码="HS编码")
    rows = with_columns(rows, HS编码10=["1", "1", "1"])

    assert payloads(sheets, rows, SC) == payloads(sheets, SC_CLEAN, SC)
    assert notes(sheets, rows, SC) == ["Column AH 'HS编码10' is not known and was not used."]


def test_a_house_number_is_put_behind_the_address(sheets: Any) -> None:
    rows = with_columns(OMS_CLEAN, 收件人门牌号=["12b", "12b", None])

    assert [one["buyerAddress"] for one in payloads(sheets, rows, OMS)] == [
        "1 Main St 12b",
        "Ring 5",
    ]


def test_chinese_names_are_joined_in_their_order(sheets: Any) -> None:
    rows = without(
        with_columns(OMS_CLEAN, 姓=["张", "张", "Li"], 名=["三", "三", "Ben"]), "收件人姓名"
    )

    assert [one["buyerName"] for one in payloads(sheets, rows, OMS)] == ["张三", "Ben Li"]


# -- several values in a cell ----------------------------------------------------------------------

PACKED = """
  - {titles: [明细], each: [";", "；"], at: ["*", x], fields: ["items[].sku", "items[].qty"]}
"""


def packed(mapping_with: Any) -> ProviderMapping:
    found: ProviderMapping = mapping_with(rules=f"[]\ncut_cells: {PACKED}")
    return found


@pytest.mark.parametrize(
    ("cells", "items"),
    [
        pytest.param(["pen*2;ink*1"], [("pen", 2), ("ink", 1)], id="two in a cell"),
        pytest.param(
            ["pen * 2 ；ink x 1；"], [("pen", 2), ("ink", 1)], id="other marks and blanks"
        ),
        pytest.param(["pen*2"], [("pen", 2)], id="one in a cell"),
        pytest.param(["pen*2", "ink*1;cup*3"], [("pen", 2), ("ink", 1), ("cup", 3)], id="two rows"),
    ],
)
def test_several_items_in_a_cell_are_read_where_the_mapping_allows_it(
    sheets: Any, mapping_with: Any, cells: list[str], items: list[tuple[str, int]]
) -> None:
    rows = [["客户单号", "收件人", "明细"], *(["A1", "Ann", cell] for cell in cells)]

    (found,) = payloads(sheets, rows, packed(mapping_with))

    assert [(item["sku"], item["qty"]) for item in found["items"]] == items


def test_an_item_that_cannot_be_told_apart_names_the_cell(sheets: Any, mapping_with: Any) -> None:
    rows = [["客户单号", "收件人", "明细"], ["A1", "Ann", "pen*2;ink"], ["A2", "Ben", "a*b*1"]]

    assert problems(sheets, rows, packed(mapping_with)) == [
        "Orders!C2 want_integer", "Orders!C3 want_integer"
    ]  # fmt: skip


def test_they_are_not_read_where_the_mapping_does_not_say_so(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [["客户单号", "收件人", "商品编码", "数量"], ["A1", "Ann", "pen*2;ink*1", "2;1"]]

    assert problems(sheets, rows, tiny) == ["Orders!D2 want_integer"]
