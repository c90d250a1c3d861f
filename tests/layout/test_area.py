"""What of a sheet is the order table, and what around it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from converter import sheet
from converter.layout.area import Area, find_area
from converter.layout.titles import Titles
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping

Run = Callable[..., Result]

TITLES = ["客户单号", "收件人", "商品编码", "数量"]
ROWS = [TITLES, ["A1", "Ann", "pen", "1"], ["A2", "Ben", "ink", "2"]]


def found(sheets: Any, mapping: ProviderMapping, rows: list[list[Any]]) -> Area:
    (only,) = sheet.read(sheets.xlsx(rows))
    return find_area(only, Titles(mapping), mapping)


def kept(sheets: Any, mapping: ProviderMapping, rows: list[list[Any]]) -> list[int]:
    here = found(sheets, mapping, rows)
    return [int(row) for row in here.sheet.frame.index[here.keep]]


@pytest.mark.parametrize(
    ("above", "header_row"),
    [
        pytest.param([], 1, id="nothing"),
        pytest.param([["Orders of May"]], 2, id="a title"),
        pytest.param([["Orders of May"], [], ["made by", "Ann"]], 4, id="title and maker"),
        pytest.param([["客户单号", "x"]], 2, id="a single known word"),
        pytest.param([[str(n)] for n in range(40)], 41, id="forty rows"),
        pytest.param(
            [["客户单号:", "A1", "收件人*：", "Ann", "电话:", "1", "总件数:", "2", "箱号:", "3"]],
            2,
            id="many labels with their values",
        ),
        pytest.param(
            [["电话", "1", "总件数", "2", "箱号", "3", "第二单号", "4", "每箱件数", "5"]],
            2,
            id="many labels without colons",
        ),
    ],
)
def test_the_header_is_the_row_with_the_most_known_titles(
    sheets: Any, tiny: ProviderMapping, above: list[list[str]], header_row: int
) -> None:
    assert found(sheets, tiny, [*above, *ROWS]).header_row == header_row


def test_titles_that_end_in_colons_are_titles_where_no_values_stand_between(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [["made", "by", "Ann"], [f"{title}：" for title in TITLES], *ROWS[1:]]

    assert found(sheets, tiny, rows).header_row == 2


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["必填", "必填", "必填", "必填"], id="required"),
        pytest.param(["(Required)", "optional", "required", "required"], id="in English"),
        pytest.param(["文本", "文本", "文本", "整数"], id="types"),
        pytest.param(["必填項", "請填寫姓名", "選填", "數字"], id="traditional characters"),
        pytest.param(["必填，每票唯一", "请填写姓名", "格式：ABC-1", "例如 5"], id="remarks"),
        pytest.param(["Reference", "Receiver", "Article", "Quantity"], id="the other language"),
        pytest.param(["order.ref", "order.to.name", "items[].sku", "items[].qty"], id="paths"),
        pytest.param(["示例", "Ann", "pen", "1"], id="an example"),
        pytest.param(["例：", "Ann", "pen", "1"], id="an example, in short"),
        pytest.param([None, "必填", None, "必填"], id="no reference"),
        pytest.param(["必填", "姓名", "必填", "1-99"], id="mostly hints"),
    ],
)
def test_a_row_of_hints_is_no_data(sheets: Any, tiny: ProviderMapping, row: list[Any]) -> None:
    assert kept(sheets, tiny, [TITLES, row, *ROWS[1:]]) == [3, 4]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["A0", "Ann", "pen", "1"], id="data"),
        pytest.param([None, "Ann", "pen", "1"], id="data without a reference"),
        pytest.param(["A0", "必填", "必填", "必填"], id="a reference among hints"),
        pytest.param(["客户单号", None, None, None], id="only the reference's own title"),
        pytest.param(["必填", "Ann", "pen", "1"], id="one hint among data"),
    ],
)
def test_what_may_be_data_is_kept(sheets: Any, tiny: ProviderMapping, row: list[Any]) -> None:
    assert kept(sheets, tiny, [TITLES, row, *ROWS[1:]]) == [2, 3, 4]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["合计", None, None, "3"], id="total"),
        pytest.param(["總計：", None, None, "3"], id="total in traditional characters"),
        pytest.param(["总 计：", None, None, "3"], id="blanks and a colon"),
        pytest.param([None, None, "Total", "3"], id="beside the number"),
        pytest.param([None, "Sub-Total", None, "3"], id="subtotal"),
        pytest.param(["合计/Total", None, None, "3"], id="two languages"),
        pytest.param(["合计：2票", None, None, "3"], id="with the number of parcels"),
        pytest.param(["Total: 2 orders", None, None, "3"], id="with the number of orders"),
    ],
)
def test_a_total_is_no_data(sheets: Any, tiny: ProviderMapping, row: list[Any]) -> None:
    assert kept(sheets, tiny, [*ROWS, row]) == [2, 3]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["A3", "Total", "pen", "1"], id="a receiver of that name"),
        pytest.param(["Total-1", "Ann", "pen", "1"], id="a reference that begins so"),
        pytest.param([None, "Ann", "Total", "1"], id="not the first cell"),
    ],
)
def test_the_word_alone_makes_no_total(sheets: Any, tiny: ProviderMapping, row: list[Any]) -> None:
    assert kept(sheets, tiny, [*ROWS, row]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("above", "labels"),
    [
        pytest.param([["电话:", "555"]], {"B1": "555"}, id="to the right"),
        pytest.param([["电话*：", "555", "件数:", "2"]], {"B1": "555", "D1": "2"}, id="two"),
        pytest.param([["电话: 555"]], {"A1": "555"}, id="in one cell"),
        pytest.param([["收件人：Ann"]], {"A1": "Ann"}, id="in one cell, with a full-width colon"),
        pytest.param(
            [["收件人:", "电话: 555"]], {"B1": "电话: 555"}, id="a value that looks like a label"
        ),
        pytest.param([["电话:", None, "件数:", "2"]], {"D1": "2"}, id="one without a value"),
        pytest.param([["电话", "555"]], {"B1": "555"}, id="without a colon, in pairs"),
        pytest.param([["电话", "件数", "备注"]], {}, id="headings are no labels"),
        pytest.param([["Made by", "Ann"]], {}, id="unknown"),
        pytest.param([["电话: 555 备注: x"]], {}, id="two in one cell"),
    ],
)
def test_labels_above_the_table_are_found(
    sheets: Any, tiny: ProviderMapping, above: list[list[Any]], labels: dict[str, str]
) -> None:
    here = found(sheets, tiny, [*above, *ROWS])

    assert {f"{one.letter}{one.row}": one.text for one in here.labels} == labels


def test_labels_of_a_text_file_stand_in_its_result_too(run: Run, home: Path) -> None:
    item = "PEN,two"
    head = "平台订单号:,PO-1,仓库:,LA,渠道:,UPS,收件人:,Ann,电话:,3235550100\n"
    head += "国家:,US,城市:,LA,邮编:,90001,地址:,1 Main St,,\n"
    (home / "form.csv").write_text(f"{head}SKU,数量\n{item}\n", encoding="utf-8")

    first = run("check", "form.csv", "-p", "oms")
    again = run("check", "form.result.xlsx", "-p", "oms")

    assert "form!B4 数量: expected a whole number, found 'two'." in first.stderr
    assert again.stderr.splitlines()[1:3] == first.stderr.splitlines()[1:3]


# -- hidden rows -----------------------------------------------------------------------------------

OMS = load_mapping(find_mapping("oms"))
TO = ["LA", "UPS", "Ann", "3235550100", "US", "LA", "90001", "1 Main St", "PEN", "2"]
ORDERS = [
    ["平台订单号", "仓库", "渠道", "收件人", "电话", "国家", "城市", "邮编", "地址", "SKU", "数量"],
    *([f"PO-{number}", *TO] for number in range(1, 5)),
]


@pytest.fixture
def filtered(home: Path, sheets: Any) -> str:
    def hide(book: openpyxl.Workbook) -> None:
        for row in (3, 5):
            book.worksheets[0].row_dimensions[row].hidden = True

    (home / "filtered.xlsx").write_bytes(sheets.xlsx(ORDERS, change=hide).read_bytes())
    return "filtered.xlsx"


def test_hidden_rows_with_data_are_asked_about(run: Run, filtered: str) -> None:
    done = run("check", filtered, "-p", "oms")

    assert done.exit_code == 2
    assert (
        "sheet 'Orders': 2 rows with data are hidden or filtered out (rows 3, 5), 2 are shown. "
        "Say whether they count: --hidden-rows include or --hidden-rows exclude."
    ) in done.stderr


@pytest.mark.parametrize(("choice", "orders"), [("include", 4), ("exclude", 2)])
def test_hidden_rows_count_as_the_person_says(
    run: Run, filtered: str, choice: str, orders: int
) -> None:
    done = run("check", filtered, "-p", "oms", "--hidden-rows", choice)

    assert done.exit_code == 0
    assert f"{orders} orders: {orders} valid" in done.stderr
    assert "2 rows with data are hidden in the sheet" in done.stderr
