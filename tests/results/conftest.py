"""Workbooks of customers, with everything that a marked copy must keep."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.results.marking import (
    TITLES,
)


@pytest.fixture
def rich(tmp_path: Path, picture_books: Any) -> Path:
    """A workbook with all that an office program can put into one."""
    path = tmp_path / "orders.xlsx"
    red = picture_books.png((255, 0, 0))
    book = xlsxwriter.Workbook(path)
    book.set_properties({"author": "Wang", "company": "Acme"})
    book.add_worksheet("Cover").write("A1", "hello")
    sheet = book.add_worksheet("Orders")
    sheet.activate()
    yellow = book.add_format({"bg_color": "#FFFF00", "bold": True})
    dotted = book.add_format({"pattern": 4, "fg_color": "#00FF00", "bg_color": "#0000FF"})
    sheet.write_row(0, 0, TITLES, book.add_format({"bold": True, "bottom": 1}))
    sheet.write_row(1, 0, ["", "US", 2, "fragile"])
    sheet.write_row(2, 0, ["A-1", "", 3])
    sheet.write_row(3, 0, ["B-2", "DE", 1])
    sheet.write("A2", "A-1", yellow)
    sheet.write("B3", "US", dotted)
    sheet.write_formula("D3", "=C2+C3", None, 5)
    sheet.write_rich_string("D4", "very ", yellow, "fragile")
    sheet.write_comment("A2", "ask Li", {"author": "Wang", "x_scale": 3, "color": "#CCFFCC"})
    sheet.data_validation("B2:B100", {"validate": "list", "source": ["US", "DE"]})
    sheet.conditional_format("C2:C100", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(
        "C2:C10", {"type": "cell", "criteria": ">", "value": 2, "format": yellow}
    )
    sheet.freeze_panes(1, 1)
    sheet.autofilter("A1:D4")
    sheet.set_column("A:A", 30)
    sheet.set_column("D:XFD", 12)
    sheet.merge_range("A20:B21", "merged")
    sheet.print_area("A1:D50")
    sheet.repeat_rows(0)
    sheet.set_row(10, 40)
    sheet.set_row(12, None, None, {"hidden": True})
    sheet.insert_image("H8", "x.png", {"image_data": io.BytesIO(red)})
    sheet.set_header(
        "&L&G",
        {"image_left": "x.png", "image_data_left": io.BytesIO(red)},
    )
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Orders!$C$2:$C$4"})
    sheet.insert_chart("H12", chart)
    sheet.write_url("A30", "https://example.com/a?b=1&c=2")
    sheet.insert_textbox("J2", "note")
    sheet.add_sparkline("A31", {"range": "Orders!C2:C4"})
    sheet.insert_button("K2", {"caption": "press"})
    lists = book.add_worksheet("Lists")
    lists.write_column(0, 0, [1, 2, 3])
    lists.hide()
    items = book.add_worksheet("Items")
    items.add_table("A1:B4", {"data": [[1, 2], [3, 4], [5, 6]]})
    items.write_comment("A1", "theirs")
    alone = book.add_chartsheet("Chart")
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": "=Orders!$C$2:$C$4"})
    alone.set_chart(pie)
    book.define_name("Prices", "=Lists!$A$1:$A$3")
    book.define_name("Orders!Local", "=Orders!$A$1")
    book.close()
    return path


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    """A workbook that openpyxl made."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for row in (TITLES, ("A-1", "US", 2, "fragile"), ("A-1", "US", 3, "x"), ("B-2", "DE", 1, "")):
        sheet.append(list(row))
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"
