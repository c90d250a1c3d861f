"""The customer's own workbook, marked: what was there before stays there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from converter.model import MESSAGE_TITLE, STATUS_TITLE, Cell, Issue, Result, Status
from converter.report import Report
from converter.results import marked_copy, palette
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet

TITLES = ("客户单号", "国家", "数量", "备注")
ROWS = (
    ("A-1", "US", "2", "fragile"),
    ("A-1", "US", "3", ""),
    ("B-2", "XX", "1", ""),
)
FACTS = {"provider": "acme", "file": "orders.xlsx", "sha256": "0" * 64}
BLANK = "expected a value, found a blank cell. Fill it in."


def issue(column: str, row: int, title: str) -> Issue:
    return Issue(Cell("Orders", column, row), "x", title, "required", {})


def mark(source: Path, target: Path, *rows: Result, lang: str = "en", notes: Any = ()) -> Any:
    """The workbook after a run that told this of its orders."""
    told = Report("acme", "orders.xlsx", "20251201-101522-ab12", rows, notes=notes, facts=FACTS)
    sheet = OrderSheet("Orders", 1, ("A", "B", "C", "D"), TITLES, len(ROWS), lambda: ())

    assert marked_copy.write(ResultContent(told, sheet, lang=lang), source, target)
    return openpyxl.load_workbook(target)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A customer's workbook with their own colours, formula, note and second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for row in (TITLES, *ROWS):
        sheet.append(list(row))
    sheet["A2"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["A2"].comment = Comment("ask Li", "Wang")
    sheet["D3"] = "=C2+C3"
    book.create_sheet("Prices").append(["pen", 2])
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"


def change(path: Path, edit: Callable[[Any], object]) -> None:
    """What a customer does to a workbook before they send it."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


ACCEPTED = Result("A-1", Status.ACCEPTED, "下单成功", "159", "EV1", (2, 3))
INVALID = Result("B-2", Status.INVALID, rows=(4,), issues=(issue("B", 4, "国家"),))


def test_customers_own_things_stay(source: Path, tmp_path: Path) -> None:
    told = Result("A-1", Status.INVALID, rows=(2, 3), issues=(issue("A", 2, "客户单号"),))

    book = mark(source, tmp_path / "out.xlsx", told)

    assert book["Orders"]["D3"].value == "=C2+C3"
    assert list(book["Prices"].values) == [("pen", 2)]
    note = book["Orders"]["A2"].comment
    assert (note.author, note.text) == ("Wang", f"ask Li\n\nconverter:\n客户单号: {BLANK}")


def test_second_run_replaces_the_marks_of_the_first(source: Path, tmp_path: Path) -> None:
    wrong = (issue("A", 2, "客"), issue("C", 3, "数量"))
    first, second = tmp_path / "a.result.xlsx", tmp_path / "a.result-2.xlsx"

    mark(
        source,
        first,
        Result("A-1", Status.INVALID, rows=(2, 3), issues=wrong),
        INVALID,
        lang="zh",
        notes=("first run",),
    )
    book = mark(
        first,
        second,
        Result("A-1", Status.ACCEPTED, "好", rows=(2, 3)),
        Result("B-2", Status.INVALID, rows=(4,), issues=(issue("C", 4, "数量"),)),
    )

    assert book.sheetnames == ["Results", "Orders", "Prices", "Summary"]
    sheet = book["Orders"]
    assert [cell.value for cell in sheet[1]] == [*TITLES, STATUS_TITLE, MESSAGE_TITLE]
    assert [sheet[f"E{row}"].value for row in (2, 3, 4)] == ["accepted", "accepted", "invalid"]
    notes = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert notes == {"A2": "ask Li", "C4": f"converter:\n数量: {BLANK}"}
    filled = {
        cell.coordinate: cell.fill.fgColor.rgb[-6:]
        for row in sheet["A2:D4"]
        for cell in row
        if cell.fill.fill_type
    }
    assert filled == {"A2": "FFFF00", "C4": palette.RED}


def test_rows_that_are_no_order_any_more_lose_their_status(source: Path, tmp_path: Path) -> None:
    mark(source, tmp_path / "a.xlsx", ACCEPTED, INVALID)

    sheet = mark(tmp_path / "a.xlsx", tmp_path / "b.xlsx", ACCEPTED)["Orders"]

    assert [(sheet[f"E{row}"].value, sheet[f"E{row}"].fill.fill_type) for row in (3, 4)] == [
        ("accepted", "solid"),
        (None, None),
    ]


def test_columns_go_right_of_what_is_written_there(source: Path, tmp_path: Path) -> None:
    def add_remark(book: Any) -> None:
        book["Orders"]["E3"] = "a remark beside the table"

    change(source, add_remark)

    sheet = mark(source, tmp_path / "out.xlsx", ACCEPTED, INVALID)["Orders"]

    assert sheet["E3"].value == "a remark beside the table"
    assert [sheet["F1"].value, sheet["G1"].value] == [STATUS_TITLE, MESSAGE_TITLE]


def test_mark_on_a_merged_cell_goes_where_it_shows(source: Path, tmp_path: Path) -> None:
    change(source, lambda book: book["Orders"].merge_cells("B2:B3"))
    told = Result("A-1", Status.INVALID, rows=(2, 3), issues=(issue("B", 3, "国家"),))

    sheet = mark(source, tmp_path / "out.xlsx", told)["Orders"]

    assert sheet["B2"].comment.text == f"converter:\n国家: {BLANK}"


def test_stray_cell_in_the_last_corner_does_no_harm(source: Path, tmp_path: Path) -> None:
    def add_stray(book: Any) -> None:
        book["Orders"]["XFD1048576"] = "stray"

    change(source, add_stray)

    sheet = mark(source, tmp_path / "out.xlsx", ACCEPTED, INVALID)["Orders"]

    assert sheet["XFD1048576"].value == "stray"


@pytest.mark.parametrize(
    ("name", "titles", "expected"),
    [
        pytest.param(
            "results",
            ["mine"],
            ["Results", "Orders", "Prices", "results (2)", "Summary"],
            id="another spelling",
        ),
        pytest.param(
            "Results",
            ["Reference", "Status", "Paid"],
            ["Results", "Orders", "Prices", "Results (2)", "Summary"],
            id="begins as ours",
        ),
        pytest.param(
            "Summary",
            ["Summary", "Total"],
            ["Results", "Orders", "Prices", "Summary (2)", "Summary"],
            id="begins as our other page",
        ),
    ],
)
def test_customers_own_sheet_of_our_name_is_kept_under_another(
    source: Path, tmp_path: Path, name: str, titles: list[str], expected: list[str]
) -> None:
    change(source, lambda book: book.create_sheet(name).append(titles))

    first = mark(source, tmp_path / "out.xlsx", ACCEPTED, INVALID)
    again = mark(tmp_path / "out.xlsx", tmp_path / "again.xlsx", ACCEPTED, INVALID)

    assert first.sheetnames == again.sheetnames == expected
    assert list(again[f"{name} (2)"].values) == [tuple(titles)]
