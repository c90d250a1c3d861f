"""Golden payloads: each sheet in `cases/<provider>/` becomes exactly the payloads beside it.

The JSON was written from the providers' documents, not copied from what the program printed.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from converter import layout, messages, sheet
from converter.checks import cells
from converter.json_text import encode
from converter.layout.titles import Titles
from converter.mapping.load import available_mappings, find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.orders import by_order, grouping, rules
from converter.orders.payload import Payloads

FOLDER = Path(__file__).parent / "cases"

Row = dict[str, Any]

# Sheets that a CSV file cannot be: the types of the cells are what is tested.
WORKBOOKS: dict[str, list[Row]] = {
    "scexpress/typed_cells": [
        {
            "收货渠道": "HK_TNT",
            "客户参考号1": "202512010000012345",
            "总件数": 1,
            "是否带电": 2,
            "预报总重量(KG)": 0.1 + 0.2,
            "包裹类型": "O",
            "物品类型": "DOC",
            "收件人国家编码": "us",
            "收件人名称": "Jane Roe",
            "收件人地址1": "100 Example St",
            "收件人城市": "Agawam",
            "收件人邮编": "01001",
            "收件人省州": "MA",
            "收件人电话": 4135550100,
            "收件人邮箱": "jane@example.com",
            "寄件人国家编码": "CN",
            "寄件人名称": "Li Lei",
            "寄件人地址1": "1 Example Road",
            "寄件人城市": "Shenzhen",
            "寄件人邮编": 518000,
            "寄件人省州": "Guangdong",
            "寄件人电话": "075500000000",
            "打单运费": 12.5,
            "是否住宅地址": 1,
            "件数": 1.0,
            "长(CM)": 50,
            "宽(CM)": 40.5,
            "高(CM)": 30.0,
            "单件重量(KG)": 0.3,
            "箱序号": 1,
            "商品SKU": "007",
            "物品中文名": "说明书",
            "物品英文名": "manual",
            "净重(KG)": 0.3,
            "毛重(KG)": 0.3,
            "数量": 10,
            "数量单位": "PCS",
            "申报单价": 5.87,
            "申报币别": "USD",
            "海关编码": 4901990000,
            "产地": "CN",
        },
    ],
    "oms/typed_cells": [
        {
            "平台订单号": "112345678901234567",
            "平台仓库编码": 1,
            "物流渠道": "UPS",
            "收件人姓名": "Jane Roe",
            "收件人电话": 4135550100,
            "收件人国家代码": "US",
            "收件人城市": "Agawam",
            "收件人邮编": "01001",
            "收件人地址1": "100 Example St",
            "是否投保": 1,
            "投保金额": 100.5,
            "下单时间": datetime(2025, 12, 1, 10, 15, 22),
            "付款时间": date(2025, 12, 2),
            "SKU": "000123",
            "数量": 2,
            "销售数量": 2.0,
        },
    ],
    "platform1688/typed_cells": [
        {
            "外部订单号": "4000000000000000123",
            "流程": "分销",
            "收货人姓名": "张三",
            "收货人手机": 15251667788,
            "收货人电话": "0517-88990077",
            "省份": "内蒙古自治区",
            "城市": "呼和浩特市",
            "区": "新城区",
            "收货地址": "示例路8号",
            "邮编": "010010",
            "商品ID": 554456348334,
            "规格ID": None,
            "数量": 5,
        },
        {
            "商品ID": "1234567890123456789",
            "规格ID": "b266e0726506185beaf205cbae88530d",
            "数量": 12.0,
        },
    ],
    "apicenter/typed_cells": [
        {
            "平台订单号": "700000000000000001",
            "仓库编码": "CKMX",
            "店铺编码": 2023,
            "实时验证所有订单数据": True,
            "订单流程类型": 1,
            "运输服务": "DHL",
            "收件人姓名": "Jane Roe",
            "收件人详细地址": "20 1st Ave",
            "收件人城市": "Taguig",
            "收件人国家代码": "PH",
            "收件人邮编": "0880",
            "收件人电话": "09170000000",
            "SKU": 100200,
            "数量": 2,
            "单价": 46.0,
            "币种": "PHP",
        },
    ],
    "pandapon/typed_cells": [
        {
            "客户单号": "200000000000000001",
            "买家留言": 2025,
            "收货人姓名": "张三",
            "收货人手机": 13800000000,
            "省份": "浙江省",
            "城市": "杭州市",
            "收货地址": "示例路1号",
            "邮编": "010010",
            "商品ID": 554456348334,
            "规格ID": None,
            "数量": 5,
            "卖家OpenID": 1001,
        },
        {
            "商品ID": "1234567890123456789",
            "规格ID": "0" * 32,
            "数量": 1,
            "卖家OpenID": "SELLER-A",
        },
    ],
}

CASES = sorted(path.relative_to(FOLDER).with_suffix("") for path in FOLDER.glob("*/*.json"))
CSV_CASES = [case for case in CASES if str(case) not in WORKBOOKS]


def payloads(file: Path, mapping: ProviderMapping) -> Any:
    """The payloads of a sheet as they travel: what JSON says, nothing that only Python sees."""
    values = {name: s.default for name, s in mapping.settings.items() if s.default is not None}
    table = layout.find_table(sheet.read(file, known=Titles(mapping).is_known), mapping, file)
    grouped = grouping.group(cells.check(table, mapping, values), mapping)
    problems = [
        messages.issue(issue, "en")
        for issue in by_order.in_order(rules.check(grouped))
        if not issue.warning
    ]
    assert problems == []

    made = Payloads(grouped)
    found = [order.payload for index in range(len(grouped.references)) for order in made.of(index)]
    return exactly(encode(found))


def exactly(text: str | bytes) -> Any:
    """JSON in which 5, 5.0, "5" and true differ, and 5.87 has no more digits than were written."""

    def number(written: str) -> tuple[str, str]:
        return ("number", written)

    return json.loads(text, parse_int=number, parse_float=number)


def expected(case: Path) -> Any:
    return exactly((FOLDER / case).with_suffix(".json").read_text(encoding="utf-8"))


def mapping_of(case: Path) -> ProviderMapping:
    return load_mapping(find_mapping(case.parent.name))


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def read_csv(case: Path) -> list[list[str]]:
    """The rows of a case's CSV file, whatever it is encoded in."""
    raw = (FOLDER / case).with_suffix(".csv").read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    delimiter = ";" if "semicolons" in case.name else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sheet_becomes_the_payloads_beside_it(case: Path, tmp_path: Path) -> None:
    if rows := WORKBOOKS.get(str(case)):
        header = list(rows[0])
        cells_of = [[row.get(title) for title in header] for row in rows]
        file = workbook(tmp_path / "orders.xlsx", [header, *cells_of])
    else:
        file = (FOLDER / case).with_suffix(".csv")

    assert payloads(file, mapping_of(case)) == expected(case)


@pytest.mark.parametrize("case", CSV_CASES, ids=str)
def test_a_workbook_of_the_same_texts_becomes_the_same_payloads(case: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "orders.xlsx", read_csv(case))

    assert payloads(file, mapping_of(case)) == expected(case)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "ending"),
    [
        pytest.param("utf-8", ",", "\n", id="UTF-8"),
        pytest.param("utf-8-sig", ",", "\r\n", id="UTF-8 with a mark, Windows line ends"),
        pytest.param("gb18030", ",", "\r\n", id="GBK"),
        pytest.param("utf-16", "\t", "\r\n", id="UTF-16, tabs (Excel's Unicode text)"),
        pytest.param("utf-8", ";", "\n", id="semicolons"),
    ],
)
@pytest.mark.parametrize("case", CSV_CASES, ids=str)
def test_the_way_a_csv_file_was_saved_does_not_matter(
    case: Path, encoding: str, delimiter: str, ending: str, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(read_csv(case))

    assert payloads(file, mapping_of(case)) == expected(case)


@pytest.mark.parametrize("case", CSV_CASES, ids=str)
def test_the_order_of_the_columns_does_not_matter(case: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "orders.xlsx", [row[::-1] for row in read_csv(case)])

    assert payloads(file, mapping_of(case)) == expected(case)


def test_every_sheet_has_its_payloads_and_every_provider_its_cases() -> None:
    sheets = {str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.csv")}

    assert sheets | set(WORKBOOKS) == {str(case) for case in CASES}
    for provider in available_mappings():
        assert len([case for case in CASES if case.parent.name == provider]) >= 4
