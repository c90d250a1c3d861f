"""Order sheets of any size for the benchmarks: SC-Express, one row per item, 45 columns."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

TITLES = (
    "收货渠道", "客户单号", "总件数", "是否带电", "总实重", "包裹类型", "货物类型", "收件人国家",
    "收件人姓名", "收件人公司", "收件人地址", "收件人地址二", "城市", "邮编", "省/州",
    "收件人电话", "收件人手机号", "收件人邮箱", "寄件人国家", "寄件人姓名", "寄件人地址一",
    "寄件人城市", "寄件人邮编", "寄件人省份/州", "寄件电话", "备注", "件数", "长(CM)", "宽(CM)",
    "高(CM)", "单箱重量kg", "箱号", "产品SKU", "中文品名", "英文品名", "净重(KG)", "毛重(KG)",
    "数量", "单位", "单价", "币种", "海关编码", "产地", "品牌", "型号",
)  # fmt: skip

_STRICT = (
    "总件数", "是否带电", "总实重", "包裹类型", "货物类型", "收件人国家", "寄件人国家", "件数",
    "长(CM)", "宽(CM)", "高(CM)", "单箱重量kg", "净重(KG)", "毛重(KG)", "数量", "单价", "币种",
)  # fmt: skip
"""Columns in which a text may be wrong: numbers, choices, countries and currencies."""

Row = list[str | float]


@dataclass(frozen=True)
class Shape:
    """What a sheet is like; its order cells stand on every row."""

    rows: int
    kind: str = "xlsx"
    """xlsx, or csv in GBK."""
    bad: float = 0.0
    """The share of wrong cells in the columns where a text may be wrong."""
    scattered: bool = False
    """Whether the rows of an order lie anywhere in the sheet."""

    def __str__(self) -> str:
        keys = "scattered" if self.scattered else "adjacent"
        return f"{self.rows:,} rows {self.kind}, {self.bad:.0%} bad, {keys}"


def rows(shape: Shape) -> Iterator[Row]:
    made = _spoilt(_clean(shape.rows), shape.bad) if shape.bad else _clean(shape.rows)
    if not shape.scattered:
        return made
    mixed = list(made)
    random.Random(3).shuffle(mixed)
    return iter(mixed)


def _clean(count: int) -> Iterator[Row]:
    """So many item rows, one to six for each order."""
    pick = random.Random(1)
    order = left = 0
    head: Row = []
    weight = 0.0
    for _ in range(count):
        if not left:
            order, left = order + 1, pick.randint(1, 6)
            weight = round(pick.uniform(1, 20), 2)
            country = pick.choice(["US", "GB", "DE", "法国", "SA"])
            name, house = f"Receiver {pick.randint(1, 20000)}", pick.randint(1, 9999)
            phone, post = f"0{pick.randint(10**8, 10**9)}", f"{pick.randint(0, 99999):05d}"
            head = [
                "HK_TNT", f"ORD{order:07d}", 1, pick.choice("是否"), str(weight), "其它", "包裹",
                country, name, "", f"{house} Example street", f"Unit {house % 99}", "City", post,
                "State", phone, "", f"u{house}@example.com", "CN", "Li Lei", "1 Example Road",
                "Shenzhen", "518000", "Guangdong", "075500000000", "",
            ]  # fmt: skip
        left -= 1
        yield [
            *head, 1, 50.5, 40, 30, weight, "1", f"SKU-{pick.randint(1, 5000)}", "手机壳",
            "phone case", 1.15, 1.25, pick.randint(1, 50), "PCS", round(pick.uniform(0.5, 50), 2),
            "USD", f"39269{pick.randint(0, 99999):05d}", "CN", "none", "P40",
        ]  # fmt: skip


def _spoilt(clean: Iterable[Row], share: float) -> Iterator[Row]:
    pick = random.Random(2)
    places = [TITLES.index(title) for title in _STRICT]
    for row in clean:
        wrong = row.copy()
        for place in places:
            if pick.random() < share:
                wrong[place] = f"{pick.choice('?xz')}{pick.randint(0, 999)}"
        yield wrong


def make(shape: Shape, folder: Path) -> Path:
    """The sheet as a file in the folder."""
    path = folder / f"{shape.rows}-{shape.bad}-{shape.scattered}.{shape.kind}"
    if shape.kind == "csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(TITLES)
            writer.writerows(rows(shape))
        return path
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, TITLES)
    for number, row in enumerate(rows(shape), 1):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(number, column, value)
    book.close()
    return path
