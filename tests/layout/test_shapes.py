"""Any table of orders, in any of the layouts: the payloads are those of the plain one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.mapping.model import ProviderMapping
from converter.orders import rules
from converter.orders.by_order import in_order
from converter.orders.grouping import Orders
from converter.orders.payload import Payloads

Line = tuple[str, str, str, str, str]
"""Reference, receiver, phone, article, quantity: all of it typed, some of it wrong."""

HEAD = ["客户单号", "收件人", "电话"]
ITEM = ["商品编码", "数量"]

WORDS = st.sampled_from(["Ann", "Ben", "7", "张三", "必填", "合计", "x/y"])
PHONES = st.sampled_from(["", "555", "007"])
ARTICLES = st.sampled_from(["pen", "ink", "cup", "007", "SKU"])
NUMBERS = st.sampled_from(["1", "2", "12", "0", "two"])
ITEMS = st.lists(st.tuples(ARTICLES, NUMBERS), min_size=1, max_size=4)
TABLES = st.lists(st.tuples(WORDS, PHONES, ITEMS), min_size=1, max_size=4).map(
    lambda orders: [
        (f"R{at}", name, phone, sku, count)
        for at, (name, phone, items) in enumerate(orders)
        for sku, count in items
    ]
)

Shape = Callable[[Any, list[Line]], Any]


def plain(sheets: Any, lines: list[Line]) -> Any:
    return sheets.xlsx([[*HEAD, *ITEM], *lines])


def by_order(lines: list[Line]) -> list[list[Line]]:
    return [list(found) for _, found in groupby(lines, key=lambda line: line[0])]


def first_row_only(sheets: Any, lines: list[Line]) -> Any:
    rows = [
        line if at == 0 else ("", "", "", *line[3:])
        for order in by_order(lines)
        for at, line in enumerate(order)
    ]
    return sheets.xlsx([[*HEAD, *ITEM], *rows])


def merged(sheets: Any, lines: list[Line]) -> Any:
    def change(book: openpyxl.Workbook) -> None:
        page, row = book.worksheets[0], 2
        for order in by_order(lines):
            for column in (1, 2, 3):
                if len(order) > 1:
                    page.merge_cells(None, row, column, row + len(order) - 1, column)
            row += len(order)

    return sheets.xlsx([[*HEAD, *ITEM], *lines], change=change)


def numbered(sheets: Any, lines: list[Line]) -> Any:
    orders = by_order(lines)
    most = max(map(len, orders))
    titles = [f"{title}{number}" for number in range(1, most + 1) for title in ITEM]
    rows = [[*order[0][:3], *(cell for line in order for cell in line[3:])] for order in orders]
    return sheets.xlsx([[*HEAD, *titles], *rows])


def two_sheets(sheets: Any, lines: list[Line]) -> Any:
    heads = [order[0][:3] for order in by_order(lines)]
    items = [(line[0], *line[3:]) for line in lines]
    return sheets.xlsx({"票": [HEAD, *heads], "货": [[HEAD[0], *ITEM], *items]})


def surrounded(sheets: Any, lines: list[Line]) -> Any:
    hints = ["必填", "必填", "选填", "必填", "整数"]
    total = ["合计", "", "", "", str(len(lines))]
    return sheets.xlsx([["五月订单"], [], [*HEAD, *ITEM], hints, *lines, total])


def found(
    sheets: Any, path: Any, mapping: ProviderMapping
) -> tuple[list[Any], list[tuple[str, str]]]:
    """Payloads of the good orders, and the reference and code of every problem."""
    orders: Orders = sheets.orders(path, mapping)
    bad = [issue for issue in in_order(rules.check(orders)) if not issue.warning]
    said = [(orders.references[at], i.code) for i in bad for at in orders.owners_of(i.cell)]
    invalid = {reference for reference, _ in said}
    made = Payloads(orders)
    payloads = [
        order.payload
        for at, reference in enumerate(orders.references)
        if reference not in invalid
        for order in made.of(at)
    ]
    return payloads, sorted(said)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(first_row_only, id="order cells on the first row"),
        pytest.param(merged, id="merged order cells"),
        pytest.param(numbered, id="numbered columns"),
        pytest.param(two_sheets, id="two sheets"),
        pytest.param(surrounded, id="title, hints and total"),
    ],
)
@settings(max_examples=10)
@given(lines=TABLES)
def test_the_layout_does_not_matter(
    sheets: Any, tiny: ProviderMapping, shape: Shape, lines: list[Line]
) -> None:
    plainly = found(sheets, plain(sheets, lines), tiny)

    assert found(sheets, shape(sheets, lines), tiny) == plainly
