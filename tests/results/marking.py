"""Mark a customer's workbook, and look at what changed in it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl

from converter.model import Cell, Issue, Result, Status
from converter.report import Report
from converter.results import marked_copy
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet
from tests.soundness import faults

TITLES = ("客户单号", "国家", "数量", "备注")
FACTS = {"provider": "acme", "file": "orders.xlsx", "sha256": "0" * 64}
VBA_TYPE = "application/vnd.ms-office.vbaProject"


def issue(column: str, row: int, sheet: str = "Orders") -> Issue:
    return Issue(Cell(sheet, column, row), "x", "国家", "required", {})


def invalid(*places: str) -> tuple[Result, ...]:
    """Both orders, wrong at these cells."""
    found = [re.fullmatch(r"(?:(\w+)!)?([A-Z]+)(\d+)", place) for place in places]
    issues = tuple(issue(m[2], int(m[3]), m[1] or "Orders") for m in found if m)
    return (
        Result("A-1", Status.INVALID, rows=(2, 3), issues=issues),
        Result("B-2", Status.ACCEPTED, rows=(4,)),
    )


ACCEPTED = (
    Result("A-1", Status.ACCEPTED, rows=(2, 3)),
    Result("B-2", Status.ACCEPTED, rows=(4,)),
)


def mark(
    source: Path,
    results: Iterable[Result],
    titles: tuple[str, ...] = TITLES,
    *,
    header_row: int = 1,
) -> Path:
    """A run that told this of the orders."""
    target = source.with_suffix(".result.xlsx")
    report = Report("acme", "orders.xlsx", "20251201-101522-ab12", tuple(results), facts=FACTS)
    letters = tuple("ABCDEFGH"[: len(titles)])
    view = OrderSheet("Orders", header_row, letters, titles, 3, lambda: ())

    assert marked_copy.write(ResultContent(report, view), source, target)
    assert faults(target) == []
    return target


def load(path: Path, **how: Any) -> Any:
    """As openpyxl reads it, which tells of all that it cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, **how)


def look(cell: Any) -> tuple[str, ...]:
    styles = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
    return (repr(cell.value), cell.number_format, *map(repr, styles))


def cells(path: Path, *, own: str = "EF") -> dict[str, tuple[str, ...]]:
    """Every cell of the customer's, with its value, its look and its note."""
    book = load(path, rich_text=True)
    return {
        f"{sheet.title}!{cell.coordinate}": (
            *look(cell),
            cell.comment.text if cell.comment else "",
        )
        for sheet in book.worksheets
        if sheet.title not in ("Results", "Summary")
        for row in sheet.iter_rows()
        for cell in row
        if not (sheet.title == "Orders" and cell.coordinate[0] in own)
        and look(cell) != look(sheet["ZZ999"])
    }


def statuses(path: Path, column: str = "E") -> list[Any]:
    sheet = load(path)["Orders"]
    return [sheet[f"{column}{row}"].value for row in range(1, 5)]
