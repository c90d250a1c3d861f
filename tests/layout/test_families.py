"""Sheets as people really send them, one of each family: the same payloads as the clean sheet.

The letters are those of the template families in order sheets: A a forwarder's form with a block
of labels, B one row per waybill, C to E numbered items, F and G box lines, I a merged export, J to
M shop and warehouse sheets, N customs titles in two languages, O English bookings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from converter import messages, results
from converter.errors import SheetError
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.orders import rules
from converter.orders.grouping import Orders
from converter.orders.payload import Payloads
from converter.report import Report
from converter.results import text_copy
from converter.results.content import ResultContent

Rows = list[list[Any]]

OMS = load_mapping(find_mapping("oms"))
SC = load_mapping(find_mapping("scexpress"))

# -- one order table of each provider, in the plain layout -----------------------------------------

TO_ANN = ["US-LA", "UPS", "Ann Roe", "3235550100", "US", "CA", "Los Angeles", "90001", "1 Main St"]
TO_BEN = ["US-NJ", "DHL", "Ben Li", "2015550123", "DE", "BE", "Berlin", "01067", "Ring 5"]
OMS_TITLES = ["平台订单号", "平台仓库编码", "物流渠道", "收件人姓名", "收件人电话",
              "收件人国家代码",
              "收件人省/州", "收件人城市", "收件人邮编", "收件人地址1", "SKU", "数量"]  # fmt: skip
OMS_CLEAN: Rows = [
    OMS_TITLES,
    ["PO-1", *TO_ANN, "PEN-01", 2],
    ["PO-1", *TO_ANN, "INK-02", 1],
    ["PO-2", *TO_BEN, "CUP-03", 5],
]

SC_ORDER = {
    "收货渠道": "HK_TNT", "是否带电": "否", "包裹类型": "其它", "物品类型": "包裹",
    "收件人国家编码": "US", "收件人名称": "Ann Roe", "收件人地址1": "1 Main St",
    "收件人城市": "Los Angeles", "收件人邮编": "90001", "收件人省州": "CA",
    "收件人电话": "3235550100", "收件人邮箱": "ann@example.com", "寄件人国家编码": "CN",
    "寄件人名称": "Li Lei", "寄件人地址1": "1 Example Road", "寄件人城市": "Shenzhen",
    "寄件人邮编": "518000", "寄件人省州": "Guangdong", "寄件人电话": "075500000000",
}  # fmt: skip
SC_ITEM = {
    "物品中文名": "笔", "物品英文名": "pen", "数量单位": "PCS", "海关编码": "9608100000",
    "产地": "CN",
}  # fmt: skip


def sc_rows(*lines: dict[str, Any]) -> Rows:
    """An SC-Express table: each line on top of the usual order and item."""
    every = [{**SC_ORDER, **SC_ITEM, "申报币别": "USD", **line} for line in lines]
    titles = list(dict.fromkeys(title for line in every for title in line))
    return [titles, *([line.get(title) for title in titles] for line in every)]


def line(reference: str, sku: str, quantity: int, **more: Any) -> dict[str, Any]:
    weights = {"净重(KG)": "0.5", "毛重(KG)": "0.55", "申报单价": "1.25"}
    order = {"客户参考号1": reference, "总件数": 1, "预报总重量(KG)": "2.5"}
    return {**order, **weights, "商品SKU": sku, "数量": quantity, **more}


SC_CLEAN = sc_rows(line("T1", "PEN-01", 2), line("T1", "INK-02", 1), line("T2", "CUP-03", 5))


def orders(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> Orders:
    path = source if isinstance(source, Path) else sheets.xlsx(source)
    found: Orders = sheets.orders(path, mapping)
    return found


def payloads(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> list[Any]:
    found = orders(sheets, source, mapping)
    problems = [messages.issue(issue, "en") for issue in rules.check(found) if not issue.warning]
    assert problems == []
    made = Payloads(found)
    return [one.payload for at in range(len(found.references)) for one in made.of(at)]


def problems(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> list[str]:
    found = rules.check(orders(sheets, source, mapping))
    return [f"{issue.cell} {issue.code}" for issue in found if not issue.warning]


def notes(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> list[str]:
    found = orders(sheets, source, mapping)
    every = (*found.cells.table.notes, *found.notes)
    return [messages.say(code, "en", **facts) for code, facts in every]


def titled(rows: Rows, **titles: str) -> Rows:
    """The same table under the titles of a family."""
    return [[titles.get(title, title) for title in rows[0]], *rows[1:]]


def without(rows: Rows, *titles: str) -> Rows:
    keep = [at for at, title in enumerate(rows[0]) if title not in titles]
    return [[row[at] for at in keep] for row in rows]


def with_columns(rows: Rows, **columns: Any) -> Rows:
    return [
        [*row, *([title, *values][at] for title, values in columns.items())]
        for at, row in enumerate(rows)
    ]


def first_row_only(rows: Rows, count: int) -> Rows:
    """Order cells, the first `count` columns, on the first row of each order alone."""
    made = [rows[0]]
    for before, row in pairwise(rows):
        again = row[0] == before[0]
        made.append([None] * count + row[count:] if again else row)
    return made


# -- the families ----------------------------------------------------------------------------------


def form_a() -> Rows:
    """Labels with their values above, the table of boxes and items on row 18."""
    above: Rows = [["单票运单导入模板"], []]
    labels = {
        "客户订单号*:": "T1", "服务*:": "HK_TNT", "是否带电*：": "否", "包裹类型:": "其它",
        "物品类型:": "包裹", "收件人国家代码(二字代码)*:": "US", "收件人姓名*:": "Ann Roe",
        "收件人地址一*:": "1 Main St", "收件人城市:": "Los Angeles", "收件人邮编:": "90001",
        "收件人省份/州:": "CA", "收件人电话:": "3235550100", "收件人邮箱:": "ann@example.com",
        "发件人国家代码(二字代码)*:": "CN", "发件人姓名*:": "Li Lei",
        "发件人地址一*:": "1 Example Road",
        "发件人城市*:": "Shenzhen", "发件人邮编*:": "518000", "发件人省份/州*:": "Guangdong",
        "发件人电话:": "075500000000", "总件数*:": 2, "总实重*:": "5", "店铺:": "Shop 1",
        "备注:": None,
    }  # fmt: skip
    given = list(labels.items())
    above += [
        [label, value, None, given[at + 1][0], given[at + 1][1]]
        for at, (label, value) in enumerate(given)
        if at % 2 == 0
    ]
    above += [[]] * (17 - len(above))
    titles = ["货箱编号*", "箱数", "货箱重量(KG)", "货箱长度(CM)", "货箱宽度(CM)", "货箱高度(CM)",
              "产品英文品名*", "产品中文品名*", "产品申报单价*", "产品申报数量*", "申报币种",
              "单位",
              "产品海关编码", "产品SKU", "产品重量(kg)", "毛重(KG)", "原产国"]  # fmt: skip
    box = [1, "2.5", 50, 40, 30]
    item = ["PCS", "9608100000"]
    return [
        *above,
        titles,
        ["B1", *box, "pen", "笔", "1.25", 2, "USD", *item, "PEN-01", "0.5", "0.55", "CN"],
        ["B2", *box, "pen", "笔", "1.25", 1, "USD", *item, "INK-02", "0.5", "0.55", "CN"],
    ]


def boxed(number: str, **more: Any) -> dict[str, Any]:
    size = {"长(CM)": 50, "宽(CM)": 40, "高(CM)": 30}
    return {"箱序号": number, "件数": 1, **size, "单件重量(KG)": "2.5", **more}


A_CLEAN = sc_rows(
    line("T1", "PEN-01", 2, **boxed("B1"), **{"总件数": 2, "预报总重量(KG)": "5"}),
    line("T1", "INK-02", 1, **boxed("B2"), **{"总件数": 2, "预报总重量(KG)": "5"}),
)

ITEM_NUMBERS = ["PEN-01", 2, "INK-02", 1]
NUMBERED_C: Rows = [
    ["客户订单号", "仓库", "产品代码", "收件人姓名", "电话", "收件人国家", "收件人省州",
    "收件人城市",
     "邮编", "收件人地址", "SKU1", "申报数量1", "SKU2", "申报数量2", "SKU3", "申报数量3"],
    ["PO-1", *TO_ANN, *ITEM_NUMBERS, None, None],
    ["PO-2", *TO_BEN, "CUP-03", 5, None, None, None, None],
]  # fmt: skip
SC_NUMBERED: Rows = [
    [*SC_ORDER, "客户参考号1", "总件数", "总实重", "中文品名1", "英文品名1", "SKU1", "数量1",
     "申报单价1", "单位净重(kg)1", "毛重1(g)", "中文品名2", "英文品名2", "SKU2", "数量2",
     "申报单价2",
     "单位净重(kg)2", "毛重2(g)", "单位", "海关编码", "申报币种", "原产国"],
    [*SC_ORDER.values(), "T1", 1, "2.5", "笔", "pen", "PEN-01", 2, "1.25", "0.5", 550, "笔", "pen",
     "INK-02", 1, "1.25", "0.5", 550, "PCS", "9608100000", "USD", "CN"],
    [*SC_ORDER.values(), "T2", 1, "2.5", "笔", "pen", "CUP-03", 5, "1.25", "0.5", 550, None, None,
     None, None, None, None, None, "PCS", "9608100000", "USD", "CN"],
]  # fmt: skip

SHAPES = [
    pytest.param(SC, lambda: form_a(), A_CLEAN, id="A: labels above the items"),
    pytest.param(
        SC,
        lambda: titled(
            SC_CLEAN, 客户参考号1="客户单号(文本格式)", **{"总件数": "件数",
            "预报总重量(KG)": "总实重"},
            收件人国家编码="目的地国家", 收件人省州="省份/洲名简码", 收件人城市="城市",
            收件人邮编="邮编",
            收件人名称="收件人姓名", 寄件人名称="寄件人姓名", 寄件人省州="寄件人州名",
            商品SKU="货号",
            物品中文名="中文品名", 物品英文名="英文品名", 申报币别="币种", 申报单价="单价",
        ),
        SC_CLEAN,
        id="B: a forwarder's titles",
    ),
    pytest.param(OMS, lambda: NUMBERED_C, OMS_CLEAN, id="C: numbered items"),
    pytest.param(SC, lambda: SC_NUMBERED, SC_CLEAN, id="D and E: numbered items, units, shared"),
    pytest.param(
        OMS,
        lambda: [
            *([t.replace("1", "") if "1" in t else t for t in row] if at == 0 else row
              for at, row in enumerate([NUMBERED_C[0][:14], *(r[:14] for r in NUMBERED_C[1:])]))
        ],
        OMS_CLEAN,
        id="C: the first item without a number",
    ),
    pytest.param(
        OMS,
        lambda: [
            [{"SKU1": "item1_sku", "申报数量1": "item1_quantity", "SKU2": "item2_sku",
              "申报数量2": "item2_quantity"}.get(t, t) for t in NUMBERED_C[0][:14]],
            *(row[:14] for row in NUMBERED_C[1:]),
        ],
        OMS_CLEAN,
        id="C: numbers within the titles",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 1, 2]),
            平台订单号="参考编号", 收件人国家代码="收件国家", 收件人地址1="收件地址",
            收件人邮编="收件邮编",
            收件人城市="收件城市", 收件人姓名="收件人", 收件人电话="收件电话", 物流渠道="指定路线",
        ),
        OMS_CLEAN,
        id="F: the reference on the first row, numbered in the file",
    ),
    pytest.param(
        OMS,
        lambda: [
            with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 1, 2])[at] for at in (0, 1, 3, 2)
        ],
        OMS_CLEAN,
        id="F: rows of one number apart",
    ),
    pytest.param(
        OMS,
        lambda: with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 2, 3]),
        OMS_CLEAN,
        id="F: numbers that only count the rows",
    ),
    pytest.param(
        SC,
        lambda: titled(
            sc_rows(*(
                {**line("T1", sku, 2, **{"总件数": 2, "预报总重量(KG)": "5"}), "货箱编号": box,
                 "件数": 1, "货箱重量(kg)": "2.5", "货箱尺寸(长*宽*高cm)": "50*40x30"}
                for sku, box in (("PEN-01", "B1"), ("INK-02", "B2"))
            )),
            申报单价="单个产品申报价值(usd)", 数量="单票数量",
        ),
        sc_rows(*(
            line("T1", sku, 2, **boxed(box), **{"总件数": 2, "预报总重量(KG)": "5"})
            for sku, box in (("PEN-01", "B1"), ("INK-02", "B2"))
        )),
        id="G: box sizes in one column",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            first_row_only(OMS_CLEAN, 10), 平台订单号="订单编号", 收件人姓名="收货人姓名",
            收件人地址1="收货地址", 收件人邮编="邮编", 收件人电话="联系手机", SKU="货号",
            物流渠道="物流公司", 平台仓库编码="发货仓库",
        ),
        OMS_CLEAN,
        id="I: order cells on the first row only",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="线上单号", 收件人地址1="收件人地址 1", SKU="商品编码",
            数量="商品数量", 收件人电话="收件人手机号", 平台仓库编码="发货仓库",
            物流渠道="快递公司",
        ),
        OMS_CLEAN,
        id="J: a shop's sheet",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            without(
                with_columns(OMS_CLEAN, 名=["Ann", "Ann", "Ben"], 姓=["Roe", "Roe", "Li"]),
                "收件人姓名",
            ),
            平台订单号="订单编号", 收件人国家代码="国家/地区", 收件人地址1="街道",
            收件人城市="城市",
            收件人电话="联系电话",
        ),
        OMS_CLEAN,
        id="K: given and family name",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="参考号", 物流渠道="运输方式代码", 平台仓库编码="交货仓库",
            **{"收件人省/州": "收件人州/区域"}, 收件人国家代码="收件人国家或地区",
        ),
        OMS_CLEAN,
        id="L: a warehouse's titles",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="客户参考号1", 收件人姓名="收货方", 收件人电话="收货联系电话",
            收件人地址1="收货地地址", SKU="货号",
        ),
        OMS_CLEAN,
        id="M: a dispatch sheet",
    ),
    pytest.param(
        SC,
        lambda: titled(
            with_columns(SC_CLEAN, **{"Weight Unit\n重量单位": ["KG", "KG", "kg"]}),
            客户参考号1="Declaration Bill Id\n订单号", **{"净重(KG)": "Item Weight\n商品重量"},
            数量="Qty / 数量", 收件人名称="Receiver Name\n收件人名称",
        ),
        SC_CLEAN,
        id="N: titles in two languages, weights in their unit",
    ),
    pytest.param(
        SC,
        lambda: titled(
            with_columns(
                without(SC_CLEAN, "净重(KG)"),
                **{"Item Weight\n商品重量": [500, 500, 500],
                   "Weight Unit\n重量单位": ["g", "G", "克"]},
            ),
        ),
        SC_CLEAN,
        id="N: weights in grams",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="CustomerReference", 收件人姓名="ContactName", 收件人电话="Phone",
            收件人地址1="AddressLine1", 收件人城市="City", 收件人邮编="PostalCode",
            收件人国家代码="Country", 物流渠道="ServiceCode", 数量="Quantity",
            **{"收件人省/州": "Province"},
        ),
        OMS_CLEAN,
        id="O: an English booking",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "rows", "clean"), SHAPES)
def test_a_sheet_of_each_family_becomes_the_payloads_of_the_clean_one(
    sheets: Any, mapping: ProviderMapping, rows: Callable[[], Rows], clean: Rows
) -> None:
    assert payloads(sheets, rows(), mapping) == payloads(sheets, clean, mapping)


# -- what stands around the table ------------------------------------------------------------------


def test_an_english_name_in_chinese_is_a_warning(sheets: Any) -> None:
    rows = sc_rows(line("T1", "PEN-01", 2, 物品英文名="笔"))
    said = [
        messages.issue(issue, "en")
        for issue in rules.check(orders(sheets, rows, SC))
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
TOTAL = ["合计", *[None] * 10, 8]

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


def merging(*ranges: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for one in ranges:
            book.worksheets[0].merge_cells(one)

    return change


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


# -- what a careful person would ask about ---------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "rows", "expected"),
    [
        pytest.param(
            OMS,
            [*NUMBERED_C[:2], [*NUMBERED_C[2][:12], "X", None, *NUMBERED_C[2][14:]]],
            ["Orders!N3 required"],
            id="a numbered item without its quantity",
        ),
        pytest.param(
            OMS,
            [*OMS_CLEAN[:3], [None, *TO_BEN, "CUP-03", 5]],
            ["Orders!A4 no_reference"],
            id="another receiver without a reference",
        ),
        pytest.param(
            OMS,
            [*OMS_CLEAN, TOTAL, [None] * 10 + ["X", 1]],
            ["Orders!A6 no_reference"],
            id="a row below the total",
        ),
        pytest.param(
            OMS,
            [
                *with_columns(first_row_only(OMS_CLEAN, 10)[:3], 序号=[1, 1]),
                [*[None] * 10, "X", 1, 2],
            ],
            ["Orders!A4 no_reference"],
            id="a number without a reference",
        ),
        pytest.param(
            SC,
            titled(SC_CLEAN, 申报单价="申报单价(元)"),
            [f"Orders!Y{row} currency_disagrees" for row in (2, 3, 4)],
            id="a title's currency that is not the column's",
        ),
    ],
)
def test_what_cannot_be_read_names_its_cell(
    sheets: Any, mapping: ProviderMapping, rows: Rows, expected: list[str]
) -> None:
    assert problems(sheets, rows, mapping) == expected


@pytest.mark.parametrize(
    ("mapping", "rows", "message"),
    [
        pytest.param(
            OMS, titled(OMS_CLEAN, 平台订单号="单号"), "Orders!A1: the column title '单号'",
            id="单号"
        ),
        pytest.param(
            SC,
            with_columns(SC_CLEAN, **{"产品尺寸(长*宽*高cm)": ["1*1*1"] * 3}),
            "the column title '产品尺寸(长*宽*高cm)' can mean",
            id="the product's size is not the box's",
        ),
        pytest.param(
            SC,
            with_columns(without(SC_CLEAN, "净重(KG)"), 商品重量=[1, 1, 1], 重量单位=["g", "kg",
            "g"]),
            "does not have one known unit in all rows but",
            id="weights in several units",
        ),
        pytest.param(
            OMS,
            with_columns(without(OMS_CLEAN, "数量"), 数量1=[1, 1, 1], 数量2=[2, 2, 2]),
            "the column '数量1' has a number, but column K 'SKU' has none",
            id="numbered quantities alone",
        ),
        pytest.param(
            SC,
            with_columns(SC_CLEAN, **{"Weight\n重量": [1, 1, 1]}),
            "the column title 'Weight 重量' can mean several things",
            id="重量 in two languages",
        ),
        pytest.param(
            OMS,
            with_columns(OMS_CLEAN, SKU1=["X"] * 3, SKU2=["Y"] * 3),
            "the columns K 'SKU' and M 'SKU1' are both the field SKU / SKU",
            id="with and without a number",
        ),
        pytest.param(
            SC,
            [["总件数:", 3], *without(SC_CLEAN, "总件数")],
            "Orders!B1: '总件数' stands above the table, but the table has 2 orders",
            id="a number above several orders",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_asked(
    sheets: Any, mapping: ProviderMapping, rows: Rows, message: str
) -> None:
    with pytest.raises(SheetError) as caught:
        orders(sheets, rows, mapping)

    assert message in str(caught.value)


def test_cells_merged_across_make_their_row_invalid(sheets: Any) -> None:
    path = sheets.xlsx(OMS_CLEAN, change=merging("G4:H4"))

    assert "Orders!G4 merged_across" in problems(sheets, path, OMS)


def test_one_quantity_for_several_items_is_asked(sheets: Any) -> None:
    path = sheets.xlsx(OMS_CLEAN, change=merging("L2:L3"))

    assert problems(sheets, path, OMS) == ["Orders!L2 merged_count"]


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
    rows = titled(sc_rows(line("T1", "PEN-01", 2, **{"净重(KG)": typed})), **{"净重(KG)": title})

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
    assert notes(sheets, rows, SC) == [
        "Column AH 'HS编码10' is not known and was not used. Did you mean '海关编码'? "
        "Then rename the column."
    ]


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
