"""The result workbook as the customer's own: kept as it was, marked, with our pages added."""

from __future__ import annotations

import warnings
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.extended import ExtendedProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import ARC_APP
from openpyxl.xml.functions import tostring

from converter import looks, pages, wording
from converter.looks import AMBER, AUTHOR, RED, Look
from converter.model import MESSAGE_TITLE, OWN_TITLES, RESULTS_SHEET, STATUS_TITLE, SUMMARY_SHEET
from converter.pages import MOST_NOTES, SIGNED, Page, SheetView, Story, Value


def write(story: Story, source: Path, target: Path) -> bool:
    """Load, mark and save the customer's workbook. False where openpyxl cannot keep it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of what it cannot keep, one by one
        try:
            book = openpyxl.load_workbook(source, rich_text=True)
            sheet = book[story.sheet.name]
            _take_back(book, sheet)
            if any(cell.data_type == "f" for cell in _cells(sheet)):
                story = replace(story, notes=(*story.notes, "results_formulas"))
            painter = _Painter()
            _mark(sheet, story, painter)
            results = book.create_sheet(RESULTS_SHEET, 0)
            painter.paint(results, story.results(sheet.title))
            painter.paint(book.create_sheet(SUMMARY_SHEET), story.summary())
            _show_first(book)
            _save(book, target)
        except OSError:
            raise
        except Exception:
            # The orders are sent by now: a workbook that openpyxl chokes on is written anew.
            return False
    return True


# -- what an earlier run left ------------------------------------------------------------------


def _take_back(book: Any, orders: Any) -> None:
    """Remove what an earlier run added: its sheets, its notes, its fills."""
    was_ours = False
    for sheet in list(book.worksheets):
        for name, label in ((RESULTS_SHEET, "Reference"), (SUMMARY_SHEET, "Summary")):
            if sheet.title.lower() != name.lower():
                continue
            if str(sheet["A1"].value or "").split()[:1] == [label] and sheet is not orders:
                book.remove(sheet)
                was_ours = True
            else:
                sheet.title = f"{sheet.title} (2)"  # the customer's own sheet of this name
    cells = [cell for sheet in book.worksheets for cell in _cells(sheet)]
    for cell in cells:
        if cell.comment is not None:
            # openpyxl forgets how large a note was, so those that stay are fitted to their text.
            theirs, ours, _ = cell.comment.text.partition(SIGNED)
            theirs = theirs.rstrip("\n") if ours else theirs
            cell.comment = _note(theirs, cell.comment.author) if theirs else None
            was_ours = was_ours or bool(ours)
    for cell in cells if was_ours else ():
        if cell.has_style and _fill_colour(cell) in (RED, AMBER):
            cell.fill = PatternFill()


def _cells(sheet: Any) -> list[Any]:
    """The cells that the sheet has; openpyxl's own loops would make all those between, too.

    One stray cell in XFD1048576 makes that seventeen billion.
    """
    return [cell for cell in sheet._cells.values() if not isinstance(cell, MergedCell)]


def _fill_colour(cell: Any) -> str:
    fill = cell.fill
    if fill.fill_type != "solid" or fill.fgColor.type != "rgb":
        return ""
    return str(fill.fgColor.rgb)[-6:]


def _note(text: str, author: str) -> Comment:
    return Comment(looks.inert(text), author, **looks.note_size(text))


# -- the order sheet ---------------------------------------------------------------------------


def _mark(sheet: Any, story: Story, painter: _Painter) -> None:
    marks = story.marks()
    header_row = story.sheet.header_row
    status_column, message_column = _own_columns(sheet, story.sheet)
    for column, title, width in (
        (status_column, STATUS_TITLE, 20),
        (message_column, MESSAGE_TITLE, 70),
    ):
        for cell in _cells(sheet):
            if cell.column == column and cell.row > header_row:
                cell.value, cell.fill = None, PatternFill()
        painter.put(sheet.cell(header_row, column), Value(title, looks.HEAD_ADDED))
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, status in marks.statuses.items():
        word = wording.status(status, story.lang)
        painter.put(sheet.cell(row, status_column), Value(word, looks.of_status(status)))
    for row, message in marks.messages.items():
        painter.put(sheet.cell(row, message_column), Value(message, looks.ADDED))
    fills = {colour: PatternFill("solid", fgColor=colour) for colour in (RED, AMBER)}
    anchors: dict[tuple[int, int], tuple[int, int]] | None = None
    noted: set[tuple[int, int]] = set()
    for letters, row in marks.cells:
        if not letters:
            continue
        at = (row, column_index_from_string(letters))
        if isinstance(sheet.cell(*at), MergedCell):
            anchors = _anchors(sheet) if anchors is None else anchors
            at = anchors[at]
        cell = sheet.cell(*at)
        cell.fill = fills[marks.fill((letters, row))]
        if len(noted) < MOST_NOTES and at not in noted:
            noted.add(at)
            text, author = marks.note((letters, row), story.lang), AUTHOR
            if cell.comment is not None:
                text, author = f"{cell.comment.text}\n\n{text}", cell.comment.author
            cell.comment = _note(text, author)


def _own_columns(sheet: Any, view: SheetView) -> tuple[int, int]:
    """The columns of our own, from an earlier run or the first free ones to the right."""
    row = view.header_row
    last = max(map(column_index_from_string, view.letters), default=0)
    found: dict[str, int] = {}
    for cell in _cells(sheet):
        if cell.row == row and str(cell.value or "").strip() in OWN_TITLES:
            found.setdefault(str(cell.value).strip(), cell.column)
    for title in OWN_TITLES:
        while title not in found:
            last += 1
            if last not in found.values() and _is_free(sheet, last, row):
                found[title] = last
    return found[STATUS_TITLE], found[MESSAGE_TITLE]


def _is_free(sheet: Any, column: int, header_row: int) -> bool:
    """Nothing is written in a column from the header down, nor merged over it."""
    return all(
        cell.value is None and not isinstance(cell, MergedCell)
        for (row, at), cell in sheet._cells.items()
        if at == column and row >= header_row
    )


def _anchors(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """For every cell that is hidden by a merged one, the cell that shows."""
    found = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                found[row, column] = (area.min_row, area.min_col)
    return found


# -- our own pages -----------------------------------------------------------------------------


class _Painter:
    """Puts values into openpyxl's cells; each look is built once, since building one is slow."""

    def __init__(self) -> None:
        self._styles: dict[Look, Any] = {}

    def paint(self, sheet: Any, page: Page) -> None:
        sheet.sheet_properties.tabColor = page.tab
        sheet.sheet_view.showGridLines = False
        last = 0
        for number, values in enumerate(page.rows, 1):
            sheet.row_dimensions[number].height = pages.row_height(values, page.widths)
            for column, value in enumerate(values, 1):
                self.put(sheet.cell(number, column), value)
            last = number
        for column, width in enumerate(page.widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        if page.titled:
            sheet.freeze_panes = "C2"
            sheet.auto_filter.ref = f"A1:{get_column_letter(page.titled)}{last}"

    def put(self, cell: Any, value: Value) -> None:
        look = value.look
        if isinstance(value.content, str):
            text = looks.inert(value.content)
            if text:
                cell.value = text
                cell.data_type = "s"  # never a formula, an error or a link, whatever it reads
                look = looks.for_text(look, text)
        else:
            cell.value = value.content
        if look not in self._styles:
            _dress(cell, look)
            self._styles[look] = copy(cell._style)
        cell._style = copy(self._styles[look])
        if value.link:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=value.link)


def _dress(cell: Any, look: Look) -> None:
    cell.font = Font(
        name="Calibri",
        size=look.size,
        bold=look.bold,
        color=look.ink,
        underline="single" if look.underline else None,
    )
    cell.fill = PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill()
    cell.alignment = Alignment(look.align, "top", wrap_text=look.wrap)
    side = Side("thin", color="D9D9D9") if look.line else Side()
    cell.border = Border(bottom=side)
    cell.quotePrefix = look.quote


# -- the workbook as a whole -------------------------------------------------------------------


def _show_first(book: Any) -> None:
    """Open on Results alone: with two sheets selected, an edit would go to both."""
    book.active = 0
    for view in book.views:
        view.firstSheet = 0
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is book.active
    for chart in book.chartsheets:
        for view in chart.sheetViews.sheetView:
            view.tabSelected = False


def _save(book: Any, target: Path) -> None:
    book.calculation = book.calculation or CalcProperties()
    book.calculation.fullCalcOnLoad = True  # openpyxl drops the values of formulas
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    book.properties.modified = datetime.now(UTC).replace(tzinfo=None)
    with _Archive(target, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()


class _Archive(ZipFile):
    """Names this program as the one that saved the workbook, where openpyxl names itself.

    So whoever saves it later, be it a script with openpyxl, can be told from us.
    """

    def writestr(
        self,
        zinfo_or_arcname: str | ZipInfo,
        data: Any,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        if zinfo_or_arcname == ARC_APP:
            properties = ExtendedProperties()
            properties.Application = AUTHOR
            data = tostring(properties.to_tree())
        super().writestr(zinfo_or_arcname, data, compress_type, compresslevel)
