"""The result workbook for a source that is no workbook, or none that can be marked.

The order sheet is copied as text, to the same rows and columns, and then marked like a
customer's workbook. The rows are written as XML and the rest by XlsxWriter, not by openpyxl, for
the sake of speed: an order sheet of 100,000 rows and 50 columns takes openpyxl 32 s.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import xlsxwriter

from converter.model import REPAIRS_SHEET, RESULTS_SHEET, SUMMARY_SHEET, own_title
from converter.ooxml.package import Package
from converter.results import marked_copy, palette
from converter.results.cell_text import writable
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet
from converter.results.page_xml import CellCache
from converter.results.palette import CellStyle
from converter.results.properties import AUTHOR
from converter.results.stylesheet import Stylesheet
from converter.sheet import position

_CELL = CellStyle(size=11, text=True)
"""A customer's cell: text that stays text, whatever is typed into it."""

_ROWS_PER_PIECE = 500
_HUGE = 10_000_000
"""A sheet with more cells may need more than two gigabytes."""


def write(content: ResultContent, target: Path) -> None:
    """Write our pages and, between them, the order sheet as text."""
    sheet = content.sheet
    name = _sheet_name(sheet.name)
    with zipfile.ZipFile(_skeleton(name, sheet)) as archive:
        marked_copy.mark(
            Package(archive),
            content,
            target,
            sheet_name=name,
            rows=lambda styles: _rows(sheet, styles),
            huge=sheet.row_count * len(sheet.letters) > _HUGE,
        )


def _skeleton(name: str, order_sheet: OrderSheet) -> io.BytesIO:
    """A workbook whose order sheet has columns and no rows yet; other sheets are complete."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"author": AUTHOR})
    sheet = book.add_worksheet(name)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    text = book.add_format({"num_format": "@", "font_size": _CELL.size})
    for column, title in _copied_columns(order_sheet):
        longest = max(map(len, title.split("\n")))
        sheet.set_column(column, column, min(max(12, longest * 1.7), 34), text)
    sheet.freeze_panes(order_sheet.header_row, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, order_sheet.header_row - 1)
    for other in order_sheet.others:
        beside = book.add_worksheet(_sheet_name(other.name))
        for number, texts in other.rows():
            for letters, value in zip(other.letters, texts, strict=True):
                if value:
                    beside.write_string(number - 1, position(letters), value, text)
    book.close()
    return made


def _copied_columns(sheet: OrderSheet) -> Iterator[tuple[int, str]]:
    """The customer's own columns and their titles."""
    for letters, title in zip(sheet.letters, sheet.titles, strict=True):
        if not own_title(title):
            yield position(letters), title


def _sheet_name(name: str) -> str:
    """A name that Excel accepts: a CSV file's may be too long, or one of ours."""
    name = writable(re.sub(r"[\[\]:*?/\\]", "_", name)).strip("'")[:31] or "Orders"
    taken = {*map(str.lower, (RESULTS_SHEET, REPAIRS_SHEET, SUMMARY_SHEET)), "history"}
    return f"{name[:27]} (2)" if name.lower() in taken else name


def _rows(sheet: OrderSheet, stylesheet: Stylesheet) -> Iterator[bytes]:
    """All rows, those above the header included: they may hold labels of the orders."""
    kept = [
        (i, letters)
        for i, (letters, title) in enumerate(zip(sheet.letters, sheet.titles, strict=True))
        if not own_title(title)
    ]
    cache = CellCache(stylesheet.number_of)

    def row_xml(texts: Iterable[tuple[str, str]], number: int, style: CellStyle) -> str:
        cells = "".join(
            f'<c r="{letters}{number}"{cache.remainder(text, style)}'
            for letters, text in texts
            if text
        )
        return f'<row r="{number}">{cells}</row>'

    titles = [(letters, sheet.titles[i]) for i, letters in kept]
    header: str | None = row_xml(titles, sheet.header_row, palette.HEAD)
    pending: list[str] = []
    for number, texts in sheet.rows():
        if header is not None and number > sheet.header_row:
            pending.append(header)
            header = None
        pending.append(row_xml([(letters, texts[i]) for i, letters in kept], number, _CELL))
        if len(pending) == _ROWS_PER_PIECE:
            yield "".join(pending).encode()
            pending.clear()
    yield "".join([*pending, header or ""]).encode()
