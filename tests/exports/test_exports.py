"""Exports of known sources, compared with what a careful person reads from them.

Each file has beside it what it holds, in the names of the vocabulary. The data is made up; titles
and forms are those of the sources.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from converter.errors import SheetError
from converter.mapping.load import find_mapping, load_mapping
from converter.runs.prepare import Prepared, prepare_sheet
from converter.runs.report import make_report
from converter.settings import Settings

HERE = Path(__file__).parent
NEUTRAL = load_mapping(HERE / "neutral.yaml")
_NUMBERS = ("unit_price", "declared_price", "declared_weight", "weight", "length", "width",
            "height", "quantity", "count")  # fmt: skip

READ = (
    "1688-buyer-orders.xlsx",
    "amazon-all-orders.tsv",
    "amazon-unshipped.tsv",
    "dianxiaomi-orders.xlsx",
    "douyin-orders.csv",
    "ebay-orders-uk.csv",
    "ebay-orders.csv",
    "etsy-sold-order-items.csv",
    "etsy-sold-orders.csv",
    "guanyi-import.xlsx",
    "jd-orders.csv",
    "kuaishou-orders.xlsx",
    "lazada-orders.xlsx",
    "mabang-orders.xlsx",
    "magento-exporter.csv",
    "magento-grid.csv",
    "mango-import.xlsx",
    "nextsls-fba.xlsx",
    "one-cell-receiver.csv",
    "pinduoduo-orders.csv",
    "sf-domestic.xlsx",
    "sf-international.xlsx",
    "shopee-orders-vn.xlsx",
    "shopee-orders.xlsx",
    "shopify.csv",
    "small-parcel-22.xlsx",
    "stamps-com-import.csv",
    "taobao-items.csv",
    "taobao-orders.csv",
    "temu-orders.xlsx",
    "tiendanube-orders.csv",
    "tiktok-shop-my.csv",
    "tiktok-shop-us.xlsx",
    "wangdiantong-import.xlsx",
    "weidian-orders.xlsx",
    "woocommerce-order-export.csv",
    "woocommerce-webtoffee.csv",
    "yanwen.xlsx",
    "youzan-items.csv",
    "youzan-orders.csv",
    "yunexpress-standard.xls",
    "yunexpress-us.xls",
)
"""Files that are read as their `expected.json` says."""


@cache
def prepared(name: str, encoding: str | None = None) -> Prepared:
    values = cast(Settings, SimpleNamespace(values={}))
    return prepare_sheet(HERE / name, NEUTRAL, values, only=None, lang="en", encoding=encoding)


def expected(name: str) -> dict[str, Any]:
    path = (HERE / name).with_suffix(".expected.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def comparable(value: Any, key: str = "") -> Any:
    """Numbers and times by their value, without what is blank."""
    if isinstance(value, dict):
        return {name: comparable(inner, name) for name, inner in value.items()
                if inner not in (None, "", [], {})}  # fmt: skip
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    if key in _NUMBERS:
        return Decimal(str(value))
    if key in ("order_time", "payment_time"):
        moment = re.sub(r"[+-]\d\d:\d\d$", "", str(value).replace(" ", "T"))
        moment += "T00:00:00" * (len(moment) == 10)
        return moment + ":00" * (len(moment) == 16)
    return value


def notes(found: Prepared) -> list[str]:
    return [*map(str, found.table.notes)]


@pytest.mark.parametrize("name", READ)
def test_an_export_is_read_as_a_careful_person_reads_it(name: str) -> None:
    found = prepared(name)

    assert [comparable(dict(order.payload)) for order in found.valid()] == [
        comparable(order) for order in expected(name)["orders"]
    ]


def test_a_file_in_an_old_japanese_encoding_is_read_once_the_encoding_is_said() -> None:
    found = prepared("amazon-unshipped-jp.tsv", encoding="cp932")

    (order,) = expected("amazon-unshipped-jp.tsv")["orders"]
    assert [comparable(dict(one.payload)) for one in found.valid()] == [comparable(order)]


def test_a_date_that_can_be_read_in_two_ways_is_asked_about() -> None:
    found = prepared("shipstation-orders.csv")

    assert [(str(issue.cell), issue.code) for issue in found.issues[0]] == [
        ("shipstation-orders!A2", "want_datetime"),
        ("shipstation-orders!A3", "want_datetime"),
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shopify.csv", "Shopify orders export: 2 orders, 3 items."),
        ("lazada-orders.xlsx", "Lazada orders: 1 order, 2 items."),
        ("yanwen.xlsx", "Yanwen import sheet: 2 orders, 3 items."),
        ("taobao-orders.csv", "Taobao orders: 2 orders."),
    ],
)
def test_the_source_is_named_with_its_orders(name: str, line: str) -> None:
    found = prepared(name)

    assert make_report(found, "", []).notes[0] == line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shopify.csv", "Left out, because Cancelled at is 2026-05-03 09:00:00 +0200: #1003 "
                        "(row 5)."),
        ("magento-exporter.csv", "Left out, because is_child is yes: 000000102 (row 5)."),
        ("ebay-orders.csv", "Row 8, 9 ('3' …) stands behind the orders and was passed over."),
        ("woocommerce-webtoffee.csv", "Look before you send: status is on-hold for 6002 "
                                      "(row 3)."),
        ("lazada-orders.xlsx",
         "Equal rows of an order are pieces and were counted; row 3 repeats."),
    ],
)  # fmt: skip
def test_rows_that_are_no_orders_are_named(name: str, line: str) -> None:
    assert line in notes(prepared(name))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("shopee-orders.xlsx", ["orders!AT4", "orders!AU4", "orders!AV4"]),
        ("tiktok-shop-my.csv", ["tiktok-shop-my!Z5", "tiktok-shop-my!AA5"]),
        ("douyin-orders.csv", ["douyin-orders!T4", "douyin-orders!U4", "douyin-orders!Y4"]),
    ],
)
def test_orders_with_masked_receivers_are_refused(name: str, cells: list[str]) -> None:
    found = prepared(name)

    masked = [
        issue for own in found.issues.values() for issue in own if issue.code == "cell_masked"
    ]
    assert [str(issue.cell) for issue in masked] == cells


UNKNOWN = [
    ["Order ID", "Buyer Name", "Billing City", "Shipping City", "City", "Shipping Name", "SKU",
     "Quantity"],
    ["A1", "Pat", "Payertown", "Jersey City", "Nowhere", "Ann", "MUG", "2"],
]  # fmt: skip


def test_columns_that_are_the_receivers_come_before_others(sheets: Any) -> None:
    """Also where the export is of no known source."""
    table = sheets.table(UNKNOWN, NEUTRAL)

    found = {path: column.letter for path, column in table.columns.items()}
    assert (found["receiver.city"], found["receiver.name"]) == ("D", "F")
    assert "Column E 'City' was not used, because D 'Shipping City' is the receiver's." in [
        *map(str, table.notes)
    ]


def test_a_buyer_is_no_receiver_where_there_is_one(sheets: Any) -> None:
    oms = load_mapping(find_mapping("oms"))
    titles = [
        *("Platform Order No", "Warehouse Code", "Shipping Method Code", "Buyer Name"),
        *("Consignee", "Phone", "Country", "City", "Zip", "Address", "SKU", "Qty"),
    ]
    row = ["A1", "W", "M", "Pat", "Ann", "5555550100", "US", "Austin", "78701", "1 St", "MUG", "2"]

    table = sheets.table([titles, row], oms)

    assert table.columns["buyerName"].letter == "E"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "amazon-unshipped.tsv",
            "item-price is the total of a line, and was divided by quantity-purchased.",
        ),
        ("ebay-orders.csv", "The currency is that of the amounts in Sold For: USD."),
        (
            "tiktok-shop-us.xlsx",
            "Dates in Created Time were read as 05/13/2026 10:00:00 AM → 2026-05-13 10:00:00.",
        ),
        (
            "woocommerce-webtoffee.csv",
            "3 items stand in line_item_1; each was read from its part of the cell.",
        ),
    ],
)
def test_what_was_made_of_cells_is_told(name: str, line: str) -> None:
    assert line in notes(prepared(name))


def test_dates_that_are_plain_are_not_spoken_of() -> None:
    assert not [note for note in notes(prepared("shopify.csv")) if note.startswith("Dates")]


@pytest.mark.parametrize(
    ("columns", "path", "read"),
    [
        ({"Ship Address1": "1 Example St", "Ship Address2": "Apt 2"}, "receiver.address",
         "1 Example St Apt 2"),
        ({"收件地址": "ul. Przykładowa", "收件人门牌号": "7/3"}, "receiver.address",
         "ul. Przykładowa 7/3"),
        ({"First Name (Shipping)": "Ann", "Last Name (Shipping)": "Example"}, "receiver.name",
         "Ann Example"),
        ({"SKU ID": "5000000001", "Seller SKU": "MUG-01"}, "items[].sku", "MUG-01"),
    ],
)  # fmt: skip
def test_sheets_of_no_known_source_are_read_by_the_vocabulary(
    sheets: Any, columns: dict[str, str], path: str, read: str
) -> None:
    """No line of an address is lost, and no number of the platform is taken for the SKU."""
    table = sheets.table([["Order ID", "Qty", *columns], ["A1", "2", *columns.values()]], NEUTRAL)

    codes, texts = table.codes(path)
    assert [texts[code] for code in codes] == [read]


def test_two_codes_of_an_item_are_asked_about(sheets: Any) -> None:
    with pytest.raises(SheetError, match="are both the field"):
        sheets.table([["Order ID", "商品编码", "规格编码"], ["A1", "MUG", "MUG-01"]], NEUTRAL)


def test_two_receivers_in_one_cell_are_asked_about() -> None:
    found = prepared("one-cell-receiver.csv")

    asked = [(str(one.cell), one.code) for own in found.issues.values() for one in own]
    assert asked == [("one-cell-receiver!B8", "contact_unclear")]
