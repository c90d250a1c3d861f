"""What stands around the table, above its titles and on other sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter

from converter import messages, results
from converter.errors import SheetError
from converter.orders import by_order, rules
from converter.orders.payload import Payloads
from converter.report import Report
from converter.results import text_copy
from converter.results.content import ResultContent
from tests.layout.providers_sheets import (
    OMS,
    OMS_CLEAN,
    OMS_TITLES,
    SC,
    SC_ORDER,
    TO_BEN,
    TOTAL,
    Rows,
    boxed,
    first_row_only,
    line,
    merging,
    notes,
    orders,
    payloads,
    problems,
    sc_rows,
)

# -- what stands around the table ------------------------------------------------------------------


def test_an_english_name_in_chinese_is_a_warning(sheets: Any) -> None:
    rows = sc_rows(line("T1", "PEN-01", 2, 物品英文名="笔"))
    said = [
        messages.issue(issue, "en")
        for issue in by_order.in_order(rules.check(orders(sheets, rows, SC)))
        if issue.warning
    ]
    column = get_column_letter(rows[0].index("物品英文名") + 1)

    assert said == [
        f"Orders!{column}2 物品英文名: the provider wants this in English, found '笔'. "
        "Translate it."
    ]


@pytest.mark.parametrize("codec", ["big5", "utf-8", "gb18030"])
def test_titles_in_traditional_characters_are_the_same_titles(sheets: Any, codec: str) -> None:
    titles = ["平臺訂單號", "平臺倉庫編碼", "物流渠道", "收件人姓名", "收件人電話",
              "收件人國家代碼",
              "收件人省/州", "收件人城市", "收件人郵編", "收件人地址1", "SKU", "數量"]  # fmt: skip
    lines = [titles, *(map(str, row) for row in OMS_CLEAN[1:])]
    text = "".join(",".join(line) + "\n" for line in lines)

    given = payloads(sheets, sheets.path("orders.csv", text.encode(codec)), OMS)

    assert given == payloads(sheets, OMS_CLEAN, OMS)


HINTS = ["必填", "必填", "必填，由平台提供", "必填", "必填", "二字代码", "选填", "必填", "必填",
         "必填",
         "必填", "数字"]  # fmt: skip

AROUND = [
    pytest.param(lambda: [["五月订单"], [], *OMS_CLEAN], [], id="a title above"),
    pytest.param(
        lambda: [["订单导入模板", None, "请勿修改表头"], *OMS_CLEAN], [], id="a title and a remark"
    ),
    pytest.param(
        lambda: [OMS_TITLES, HINTS, *OMS_CLEAN[1:]],
        ["Row 2 ('必填' …) explains the columns and is no order; it was passed over."],
        id="a row of hints",
    ),
    pytest.param(
        lambda: [OMS_TITLES, ["示例", *TO_BEN, "X", 1], *OMS_CLEAN[1:]],
        ["Row 2 ('示例' …) explains the columns and is no order; it was passed over."],
        id="an example",
    ),
    pytest.param(
        lambda: [*OMS_CLEAN, TOTAL],
        ["Row 5 ('合计' …) is a total and was passed over."],
        id="a total in the reference's column",
    ),
    pytest.param(
        lambda: [*OMS_CLEAN[:3], [None] * 10 + ["小计：", 3], OMS_CLEAN[3],
                 [None] * 10 + ["Grand Total", 8]],
        ["Row 4, 6 ('小计：' …) is a total and was passed over."],
        id="totals beside the number",
    ),
    pytest.param(
        lambda: [*OMS_CLEAN[:3], OMS_TITLES, *OMS_CLEAN[3:]],
        ["Row 4 repeats the header and was passed over."],
        id="the header once more",
    ),
    pytest.param(lambda: [*OMS_CLEAN[:3], [], [], OMS_CLEAN[3]], [], id="blank rows"),
    pytest.param(
        lambda: [[f"*{t}\n(必填)" for t in OMS_TITLES], *OMS_CLEAN[1:]], [], id="stars and lines"
    ),
    pytest.param(
        lambda: first_row_only(OMS_CLEAN, 10),
        ["Rows without a reference were taken as further lines of the order above them: 3."],
        id="order cells on the first row",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "told"), AROUND)
def test_what_is_no_data_is_passed_over_and_told(
    sheets: Any, rows: Callable[[], Rows], told: list[str]
) -> None:
    assert payloads(sheets, rows(), OMS) == payloads(sheets, OMS_CLEAN, OMS)
    assert notes(sheets, rows(), OMS) == told


@pytest.mark.parametrize(
    "ranges",
    [
        pytest.param([f"{letter}2:{letter}3" for letter in "ABCDEFGHIJ"], id="all order cells"),
        pytest.param([f"{letter}2:{letter}3" for letter in "BCDEFGHIJ"], id="but the reference"),
    ],
)
def test_cells_merged_down_count_for_every_row(sheets: Any, ranges: list[str]) -> None:
    path = sheets.xlsx(first_row_only(OMS_CLEAN, 10), change=merging(*ranges))

    assert payloads(sheets, path, OMS) == payloads(sheets, OMS_CLEAN, OMS)
    assert any("The value of merged cells counts" in note for note in notes(sheets, path, OMS))


def test_a_header_of_two_merged_rows_is_read(sheets: Any) -> None:
    upper = [*OMS_TITLES[:3], "收件人", *[None] * 6, *OMS_TITLES[10:]]
    lower = [None] * 3 + ["姓名", "电话", "国家", "省/州", "城市", "邮编", "地址1"] + [None] * 2
    down = [f"{letter}1:{letter}2" for letter in "ABCKL"]
    path = sheets.xlsx([upper, lower, *OMS_CLEAN[1:]], change=merging(*down, "D1:J1"))

    assert payloads(sheets, path, OMS) == payloads(sheets, OMS_CLEAN, OMS)


def test_headings_over_the_titles_say_whose_they_are(sheets: Any) -> None:
    upper = ["订单信息", None, None, "收件人信息", *[None] * 6, "商品明细", None]
    lower = [*OMS_TITLES[:3], "姓名", "电话", "国家", "省/州", "城市", "邮编", "收件人地址1", "SKU",
             "数量"]  # fmt: skip
    path = sheets.xlsx([upper, lower, *OMS_CLEAN[1:]], change=merging("A1:C1", "D1:J1", "K1:L1"))

    assert payloads(sheets, path, OMS) == payloads(sheets, OMS_CLEAN, OMS)


def test_a_merged_title_above_a_header_of_two_rows_is_no_heading(sheets: Any) -> None:
    """Taken for one, the title `寄件人` would make every column the sender's."""
    title = [None, "寄件人", *[None] * 10]
    upper = [None, None, None, "收件人", *[None] * 6, "商品", None]
    lower = [*OMS_TITLES[:3], "姓名", "电话", "国家", "省/州", "城市", "邮编", "收件人地址1", "SKU",
             "数量"]  # fmt: skip
    merged = merging("B1:L1", "A2:C2", "D2:J2", "K2:L2")
    path = sheets.xlsx([title, upper, lower, *OMS_CLEAN[1:]], change=merged)

    assert payloads(sheets, path, OMS) == payloads(sheets, OMS_CLEAN, OMS)


def test_a_heading_of_the_sender_keeps_a_bare_title_from_the_receiver(sheets: Any) -> None:
    rows = [[*row[:4], "x", *row[5:], "999"] for row in OMS_CLEAN]
    lower = [*OMS_TITLES[:4], "备用", *OMS_TITLES[5:], "电话"]
    upper = ["收件人", *[None] * 11, "寄件人", None]
    path = sheets.xlsx([upper, [*lower, "邮箱"], *rows[1:]], change=merging("A1:L1", "M1:N1"))

    with pytest.raises(SheetError, match="收件人电话 / Receiver phone"):
        orders(sheets, path, OMS)


def test_a_title_merged_over_a_row_of_hints_is_read(sheets: Any) -> None:
    hints = [None, "必填", "必填", *[None] * 7, "必填", "数字"]
    path = sheets.xlsx(
        [OMS_TITLES, hints, *OMS_CLEAN[1:]],
        change=merging("A1:A2", *(f"{letter}1:{letter}2" for letter in "DEFGHIJ")),
    )

    assert payloads(sheets, path, OMS) == payloads(sheets, OMS_CLEAN, OMS)


def test_a_sender_is_never_taken_for_the_receiver(sheets: Any) -> None:
    upper = ["平台订单号", "寄件人", None]
    path = sheets.xlsx(
        [upper, [None, "姓名", "电话"], ["PO-1", "Li", "1"]], change=merging("A1:A2", "B1:C1")
    )

    with pytest.raises(SheetError, match="收件人姓名 / Receiver name"):
        orders(sheets, path, OMS)


# -- several sheets --------------------------------------------------------------------------------

ORDERS_ONLY = [OMS_TITLES[:10], OMS_CLEAN[1][:10], OMS_CLEAN[3][:10]]
ITEMS_ONLY = [[row[0], *row[10:]] for row in OMS_CLEAN]


def test_orders_and_items_on_two_sheets_are_joined(sheets: Any) -> None:
    path = sheets.xlsx({"订单": ORDERS_ONLY, "商品": [ITEMS_ONLY[0], *ITEMS_ONLY[:0:-1]]})
    found = orders(sheets, path, OMS)

    assert found.references == ["PO-1", "PO-2"]
    assert found.rows == [(2,), (3,)]
    again = sheets.xlsx({"订单": ORDERS_ONLY, "商品": ITEMS_ONLY})
    assert payloads(sheets, again, OMS) == payloads(sheets, OMS_CLEAN, OMS)


def test_boxes_on_a_sheet_of_their_own_are_joined(sheets: Any) -> None:
    clean = sc_rows(
        line("T1", "PEN-01", 2, **boxed("B1"), **{"总件数": 2, "预报总重量(KG)": "5"}),
        line("T1", "INK-02", 1, **boxed("B2"), **{"总件数": 2, "预报总重量(KG)": "5"}),
    )
    names = [*SC_ORDER, "客户参考号1", "总件数", "预报总重量(KG)"]
    boxes = ["客户参考号1", *boxed("")]

    def taken(titles: Iterable[str]) -> Rows:
        return [[row[clean[0].index(title)] for title in titles] for row in clean]

    items = ["客户参考号1", "箱序号"] + [t for t in clean[0] if t not in {*names, *boxes}]
    items_sheet = taken(items)
    items_sheet[0][1] = "物品箱序号"
    path = sheets.xlsx({"票": taken(names)[:2], "箱": taken(boxes), "货": items_sheet})

    assert payloads(sheets, path, SC) == payloads(sheets, clean, SC)


def test_a_result_that_is_written_anew_has_the_other_sheets_too(
    sheets: Any, tmp_path: Path
) -> None:
    path = sheets.xlsx({"订单": ORDERS_ONLY, "商品": ITEMS_ONLY})
    view = results.order_sheet_of(orders(sheets, path, OMS).cells.table)
    text_copy.write(ResultContent(Report("oms", "x.ods", "", ()), view), tmp_path / "made.xlsx")

    again = orders(sheets, tmp_path / "made.xlsx", OMS)

    assert [one.payload for at in range(2) for one in Payloads(again).of(at)] == payloads(
        sheets, path, OMS
    )


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        pytest.param(
            {"订单": ORDERS_ONLY, "商品": [*ITEMS_ONLY, ["PO-9", "X", 1]]},
            ["商品!A5 joins_nothing"],
            id="an item that joins nothing",
        ),
        pytest.param(
            {"订单": ORDERS_ONLY, "商品": ITEMS_ONLY[:3]},
            ["订单!A3 no_entries"],
            id="an order without items",
        ),
        pytest.param(
            {"订单": ORDERS_ONLY, "商品": [*ITEMS_ONLY[:3], ["PO-2", "X", "two"]]},
            ["商品!C4 want_integer"],
            id="a wrong cell of another sheet",
        ),
    ],
)
def test_what_is_wrong_on_another_sheet_is_named_there(
    sheets: Any, book: dict[str, Rows], expected: list[str]
) -> None:
    assert problems(sheets, sheets.xlsx(book), OMS) == expected
