"""Order sheets of any size and make for the benchmarks: SC-Express, one row per item."""

from __future__ import annotations

import csv
import random
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

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
    """xlsx, ods, or csv in GBK."""
    bad: float = 0.0
    """The share of wrong cells in the columns where a text may be wrong."""
    scattered: bool = False
    """Whether the rows of an order lie anywhere in the sheet."""
    shared: bool = False
    """Whether an xlsx keeps its texts in one table, as Excel does, and not each in its cell."""
    few: bool = False
    """Whether texts repeat: a hundred receivers and articles instead of thousands."""
    warned: bool = False
    """Whether there is something to warn of in every order: its postcode."""
    columns: int = len(TITLES)
    """More than the usual ones are columns that belong to no field."""
    seed: int = 1

    def __str__(self) -> str:
        said = [
            f"{self.rows:,} {self.kind}",
            "shared texts" if self.shared else "",
            "few texts" if self.few else "",
            f"{self.columns} columns" if self.columns != len(TITLES) else "",
            "scattered rows" if self.scattered else "",
            "one warning an order" if self.warned else "",
            f"{self.bad:.0%} wrong cells" if self.bad else "",
        ]
        return ", ".join(filter(None, said))


def titles(shape: Shape) -> list[str]:
    return [*TITLES, *(f"Extra {number}" for number in range(shape.columns - len(TITLES)))]


def rows(shape: Shape) -> Iterator[Row]:
    made = _clean(shape.rows, shape.seed)
    if shape.few or shape.warned or shape.columns > len(TITLES):
        made = _changed(made, shape)
    if shape.bad:
        made = _spoilt(made, shape.bad, shape.seed)
    if not shape.scattered:
        return made
    mixed = list(made)
    random.Random(shape.seed + 2).shuffle(mixed)
    return iter(mixed)


def _changed(clean: Iterable[Row], shape: Shape) -> Iterator[Row]:
    place = {title: at for at, title in enumerate(TITLES)}
    pick = random.Random(shape.seed + 3)
    for row in clean:
        number = int(str(row[place["客户单号"]])[3:])
        if shape.few:
            row[place["收件人姓名"]] = f"Receiver {number % 100}"
            row[place["收件人地址"]] = f"{number % 100} Example street"
            row[place["收件人电话"]] = f"0{100_000_000 + number % 100}"
            row[place["收件人邮箱"]] = f"u{number % 100}@example.com"
            row[place["产品SKU"]] = f"SKU-{number % 100}"
            row[place["海关编码"]] = f"39269{number % 100:05d}"
        if shape.few or shape.warned:
            # An odd postcode of Britain, or a good one of the United States.
            row[place["收件人国家"]] = "GB" if shape.warned else "US"
            row[place["邮编"]] = f"{number % 100:05d}" if shape.few else f"{number % 100_000:05d}"
        more: Row = [f"note {pick.randint(1, 500)}" for _ in range(shape.columns - len(TITLES))]
        yield row + more


def _clean(count: int, seed: int) -> Iterator[Row]:
    """So many item rows, one to six for each order."""
    pick = random.Random(seed)
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


def _spoilt(clean: Iterable[Row], share: float, seed: int) -> Iterator[Row]:
    pick = random.Random(seed + 1)
    places = [TITLES.index(title) for title in _STRICT]
    for row in clean:
        wrong = row.copy()
        for place in places:
            if pick.random() < share:
                wrong[place] = f"{pick.choice('?xz')}{pick.randint(0, 999)}"
        yield wrong


def make(shape: Shape, folder: Path) -> Path:
    """The sheet as a file in the folder."""
    path = folder / f"{abs(hash(shape))}.{shape.kind}"
    if shape.kind == "csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(titles(shape))
            writer.writerows(rows(shape))
        return path
    if shape.kind == "ods":
        return _ods(shape, path)
    book = xlsxwriter.Workbook(path, {"constant_memory": not shape.shared})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, titles(shape))
    for number, row in enumerate(rows(shape), 1):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(number, column, value)
    book.close()
    return path


def _ods(shape: Shape, path: Path) -> Path:
    """A spreadsheet as LibreOffice writes it, without its styles."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
            f'><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
        )
        with archive.open("content.xml", "w") as out:
            head = f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            out.write(f'{head}<table:table table:name="Orders">'.encode())
            first: Row = [*titles(shape)]
            for row in chain([first], rows(shape)):
                cells = "".join(map(_ods_cell, row))
                out.write(f"<table:table-row>{cells}</table:table-row>".encode())
            out.write(
                b"</table:table></office:spreadsheet></office:body></office:document-content>"
            )
    return path


def _ods_cell(value: str | float) -> str:
    if value == "":
        return "<table:table-cell/>"
    kind, text = "string", escape(str(value))
    if not isinstance(value, str):
        kind = f'float" office:value="{value}'
    return (
        f'<table:table-cell office:value-type="{kind}"><text:p>{text}</text:p></table:table-cell>'
    )
