"""The provider's refusal, and the cells that it is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from converter.orders.grouping import Orders
from converter.runs import blame

FIELDS = """
  - {path: order.customernumber1, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: order.channelid, title: {zh: 收货渠道, en: Channel}}
  - {path: order.countrycode, title: {zh: 国家, en: Country}}
  - {path: order.consigneename, title: {zh: 收件人, en: Receiver}}
  - {path: order.consigneezipcode, title: {zh: 邮编, en: Postcode}}
  - {path: order.number, title: {zh: 件数, en: Pieces}}
  - {path: order.weight, title: {zh: 重量, en: Gross weight}}
  - {path: "items[].enname", title: {zh: 英文品名, en: English name}}
  - {path: "items[].hscode", title: {zh: 海关编码, en: HS code}}
  - {path: "items[].declarecurrency", title: {zh: 申报币别, en: Declared currency}}
"""
TITLES = {
    "order.customernumber1": "客户单号",
    "order.channelid": "收货渠道",
    "order.countrycode": "国家",
    "order.consigneename": "收件人",
    "order.consigneezipcode": "邮编",
    "order.number": "件数",
    "order.weight": "重量",
    "items[].enname": "英文品名",
    "items[].hscode": "海关编码",
    "items[].declarecurrency": "申报币别",
}
ROWS = [
    ["R1", "FBA-X1", "US", "Ann Roe", "9000199", "4", "2.5", "Shirt", "61091000", "USD"],
    ["R1", "", "", "", "", "", "", "Shoes", "64039900", "USD"],
    ["R2", "FBA-X1", "DE", "Bo Ek", "10115", "1", "2", "Shirt", "61091000", "EUR"],
]


@pytest.fixture(scope="module")
def orders(sheets: Any, mapping_with: Callable[..., Any]) -> Orders:
    mapping = mapping_with(
        fields=FIELDS, reference="order.customernumber1", lists="{items: {required: true}}"
    )
    found = sheets.orders([list(TITLES.values()), *ROWS], mapping)
    assert isinstance(found, Orders)
    return found


@pytest.mark.parametrize(
    ("message", "cells"),
    [
        pytest.param("渠道错误: 收货渠道 (channelid) 不存在", ["B2"], id="name and title"),
        pytest.param("consigneezipcode is invalid", ["E2"], id="a name as programs write it"),
        pytest.param("/order/items/1/hscode: bad", ["I3"], id="JSON pointer"),
        pytest.param("/data/[0]/items/[1]/hscode", ["I3"], id="pointer with brackets"),
        pytest.param("orders.0.items.1.hscode", ["I3"], id="numbers between dots"),
        pytest.param("/countrycode: bad", ["C2"], id="pointer to one name"),
        pytest.param("see https://x.test/order/number for help", [], id="address of a page"),
        pytest.param("order.countrycode: not supported", ["C2"], id="a path"),
        pytest.param("datas[0].items[1].hscode wrong", ["I3"], id="a path with its place"),
        pytest.param("items[].hscode wrong", ["I2", "I3"], id="a list without a place"),
        pytest.param("海关编码 64039900 不存在", ["I3"], id="a title and one of its values"),
        pytest.param("邮编格式不正确", ["E2"], id="a title"),
        pytest.param("postal code 9000199 unknown", ["E2"], id="only a value"),
        pytest.param("余额不足", [], id="about no cell"),
        pytest.param("The number of the weight is wrong", [], id="plain words that are names too"),
        pytest.param("R1 already exists", [], id="the reference proves nothing"),
        pytest.param("", [], id="nothing said"),
    ],
)
def test_a_refusal_finds_its_cells(orders: Orders, message: str, cells: list[str]) -> None:
    found = blame.issues(orders, 0, message)

    assert [f"{issue.cell.column}{issue.cell.row}" for issue in found] == cells
    assert all(issue.facts["why"] == message for issue in found)


def test_each_order_has_its_own_cells(orders: Orders) -> None:
    (issue,) = blame.issues(orders, 1, "items[0].enname: forbidden")

    assert (str(issue.cell), issue.title, issue.field) == (
        "Orders!H4",
        "英文品名",
        "items[].enname",
    )


@pytest.mark.parametrize(
    ("message", "cells"),
    [
        pytest.param("customs.lines[0].hs: unknown", ["D3"], id="made from another list"),
        pytest.param("/customs/lines/1/worth", ["E4", "F4"], id="a product of two cells"),
        pytest.param("/customs/lines/2/hs", ["D2", "D3", "D4"], id="no such entry"),
        pytest.param("to.land is wrong", ["B2"], id="a copy of another field"),
        pytest.param("to.label is too long", ["A2", "B2"], id="a text of two fields"),
        pytest.param("customs.total is too low", [], id="a sum is in no single cell"),
        pytest.param("lines[1].hs: bad", ["D4"], id="counted among the lines that are sent"),
    ],
)
def test_a_refusal_of_what_was_computed_finds_the_cells_that_it_was_made_of(
    sheets: Any, mapping_with: Callable[..., Any], message: str, cells: list[str]
) -> None:
    mapping = mapping_with(
        fields="""
  - {path: ref, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: country, title: {zh: 国家, en: Country}, type: country, sent: false}
  - {path: to.land, formula: country}
  - {path: to.label, text: "{ref} {to.land}"}
  - {path: "items[].sku", title: {zh: 货号, en: SKU}}
  - {path: "items[].code", title: {zh: 海关编码, en: HS code}, sent: false}
  - {path: "items[].qty", title: {zh: 数量, en: Quantity}, type: integer}
  - {path: "items[].price", title: {zh: 单价, en: Price}, type: decimal}
  - {path: "customs.lines[].hs", formula: items.code}
  - {path: "customs.lines[].worth", formula: items.qty * items.price}
  - {path: customs.total, formula: sum(customs.lines.worth)}
""",
        reference="ref",
        lists="{items: {required: true}, customs.lines: {from: items, where: items.qty > 1}}",
    )
    rows = [
        ["R1", "DE", "pen", "101", "1", "5"],
        ["R1", "", "ink", "102", "2", "6"],
        ["R1", "", "cap", "103", "3", "7"],
    ]
    titles = ["客户单号", "国家", "货号", "海关编码", "数量", "单价"]

    found = blame.issues(sheets.orders([titles, *rows], mapping), 0, message)

    assert [f"{issue.cell.column}{issue.cell.row}" for issue in found] == cells


def test_a_refusal_marks_its_cell_in_the_report(run: Callable[..., Any]) -> None:
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    sheet = book["Orders"]
    for row in sheet.iter_rows(min_row=2):
        if row[0].value:
            row[0].value = f"REJECT-{row[0].value}"
    book.save("orders.xlsx")

    done = run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox", "--json", "--lang", "en")

    order = json.loads(done.stdout)["orders"][0]
    (issue,) = order["issues"]
    assert (order["status"], issue["field"]) == ("rejected", "order.channelid")
    assert f"Look at {issue['cell']}" in order["message"]
    result = openpyxl.load_workbook("orders.result.xlsx")["Orders"]
    assert "channelid" in result[issue["cell"].rpartition("!")[2]].comment.text
    run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox", "--lang", "zh",
        "--again-rejected", "-o", "chinese.xlsx")  # fmt: skip
    page = openpyxl.load_workbook("chinese.xlsx")["Results"]
    titles = [str(cell.value).partition("\n")[0] for cell in page[1]]
    message = str(page.cell(2, titles.index("处理说明") + 1).value)
    refusal, look = message.split("\n")
    assert refusal.startswith("下单失败: 收货渠道")  # told once
    assert look == "请查看 Orders!B2（收货渠道）。"
