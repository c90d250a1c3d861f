"""One order table of each provider in the plain layout, and ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl

from converter import messages
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.orders import by_order, rules
from converter.orders.grouping import Orders
from converter.orders.payload import Payloads

Rows = list[list[Any]]

OMS = load_mapping(find_mapping("oms"))
SC = load_mapping(find_mapping("scexpress"))


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
    problems = [
        messages.issue(issue, "en")
        for issue in by_order.in_order(rules.check(found))
        if not issue.warning
    ]
    assert problems == []
    made = Payloads(found)
    return [one.payload for at in range(len(found.references)) for one in made.of(at)]


def problems(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> list[str]:
    found = by_order.in_order(rules.check(orders(sheets, source, mapping)))
    return [f"{issue.cell} {issue.code}" for issue in found if not issue.warning]


def notes(sheets: Any, source: Rows | Path, mapping: ProviderMapping) -> list[str]:
    found = orders(sheets, source, mapping)
    return [str(note) for note in (*found.cells.table.notes, *found.notes)]


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


def boxed(number: str, **more: Any) -> dict[str, Any]:
    size = {"长(CM)": 50, "宽(CM)": 40, "高(CM)": 30}
    return {"箱序号": number, "件数": 1, **size, "单件重量(KG)": "2.5", **more}


ITEM_NUMBERS = ["PEN-01", 2, "INK-02", 1]
NUMBERED_C: Rows = [
    ["客户订单号", "仓库", "产品代码", "收件人姓名", "电话", "收件人国家", "收件人省州",
    "收件人城市",
     "邮编", "收件人地址", "SKU1", "申报数量1", "SKU2", "申报数量2", "SKU3", "申报数量3"],
    ["PO-1", *TO_ANN, *ITEM_NUMBERS, None, None],
    ["PO-2", *TO_BEN, "CUP-03", 5, None, None, None, None],
]  # fmt: skip
TOTAL = ["合计", *[None] * 10, 8]


def merging(*ranges: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for one in ranges:
            book.worksheets[0].merge_cells(one)

    return change
