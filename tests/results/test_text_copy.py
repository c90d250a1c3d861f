"""The result workbook written anew: the order sheet as text, on the same rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from converter.model import MESSAGE_TITLE, STATUS_TITLE, Result, Status
from converter.report import Report
from converter.results import text_copy
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet


def write(
    target: Path,
    *told: Result,
    titles: tuple[str, ...] = ("客户单号",),
    rows: Sequence[Sequence[str]] = (),
    name: str = "Orders",
    header_row: int = 1,
) -> Any:
    """The workbook, read back."""
    numbered = list(enumerate(rows, header_row + 1))
    letters = tuple("ABCDEFGHIJ"[: len(titles)])
    sheet = OrderSheet(name, header_row, letters, titles, len(rows), lambda: numbered)
    text_copy.write(ResultContent(Report("acme", "orders.csv", "run", told), sheet), target)
    return openpyxl.load_workbook(target)


def test_copy_keeps_rows_and_columns_where_they_were(tmp_path: Path) -> None:
    """And it is a valid input again: the columns of an earlier run are not copied."""
    titles = ("客户单号", "国家", STATUS_TITLE, "数量")
    rows = [("A-1", "US", "accepted", "007"), ("B-2", "DE", "invalid", "")]

    told = Result("A-1", Status.ACCEPTED, rows=(6,))
    book = write(tmp_path / "out.xlsx", told, titles=titles, rows=rows, header_row=5)

    sheet = book["Orders"]
    assert [cell.value for cell in sheet[5]] == [
        *("客户单号", "国家", None, "数量"),
        *(STATUS_TITLE, MESSAGE_TITLE),
    ]
    assert [cell.value for cell in sheet[6]] == ["A-1", "US", None, "007", "accepted", None]
    assert sheet["D6"].number_format == "@"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Orders", "Orders", id="plain"),
        pytest.param("a[b]:c*d?e/f\\g", "a_b__c_d_e_f_g", id="signs Excel refuses"),
        pytest.param("x" * 40, "x" * 31, id="too long"),
        pytest.param("results", "results (2)", id="one of ours"),
        pytest.param("'quoted'", "quoted", id="quoted"),
    ],
)
def test_copied_sheet_gets_a_name_that_excel_takes(tmp_path: Path, name: str, shown: str) -> None:
    assert write(tmp_path / "out.xlsx", name=name).sheetnames == ["Results", shown, "Summary"]
