"""The result workbook written anew: for text files and for workbooks too large to be kept."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.packager import Packager

from converter import looks, pages, wording
from converter.looks import AMBER, AUTHOR, RED, Look
from converter.model import MESSAGE_TITLE, OWN_TITLES, RESULTS_SHEET, STATUS_TITLE, SUMMARY_SHEET
from converter.pages import MOST_NOTES, Page, Story
from converter.sheet import position

MOST_LINKS = 60_000
"""Excel repairs away what goes beyond 65,530 links on one sheet."""


def write(story: Story, target: Path) -> None:
    """Write our pages and, between them, the order sheet as text.

    It is made elsewhere and then copied: XlsxWriter leaves its file open where the disk is full,
    and that is heard of later, in nobody's words.
    """
    with tempfile.TemporaryDirectory(prefix="converter-") as folder:
        made = Path(folder, "made.xlsx")
        book = _Workbook(
            str(made),
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        book.set_properties({"author": AUTHOR})
        name = _sheet_name(story.sheet.name)
        formats = _Formats(book)
        try:
            _paint(book, formats, story.results(name))
            _copy(book.add_worksheet(name), formats, story)
            _paint(book, formats, story.summary())
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
        finally:
            for sheet in book.worksheets():
                if sheet.row_data_fh is not None:
                    sheet.row_data_fh.close()
        shutil.copyfile(made, target)


class _Workbook(xlsxwriter.Workbook):  # type: ignore[misc]
    def _get_packager(self) -> Packager:
        return _Packager()


class _Packager(Packager):  # type: ignore[misc]
    """Names this program as the one that saved the workbook, where XlsxWriter says Excel.

    So whoever saves it later, be it with Excel, can be told from us.
    """

    def _create_package(self) -> list[tuple[str, str, bool]]:
        files: list[tuple[str, str, bool]] = super()._create_package()
        for file, part, _ in files:
            if part == "docProps/app.xml":
                xml = Path(file).read_text(encoding="utf-8")
                name = "<Application>{}</Application>"
                xml = xml.replace(name.format("Microsoft Excel"), name.format(AUTHOR))
                Path(file).write_text(xml, encoding="utf-8")
        return files


def _sheet_name(name: str) -> str:
    """A name that Excel takes: a CSV file's may be too long, or be one of ours."""
    name = looks.inert(re.sub(r"[\[\]:*?/\\]", "_", name)).strip("'")[:31] or "Orders"
    taken = {RESULTS_SHEET.lower(), SUMMARY_SHEET.lower(), "history"}
    return f"{name[:27]} (2)" if name.lower() in taken else name


_CELL = Look(size=11)
"""A customer's cell: text that stays text, however it is edited."""


class _Formats:
    """XlsxWriter's formats, one for each look."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[Look, Any] = {}

    def get(self, look: Look, text: str = "") -> Any:
        look = looks.for_text(look, text)
        if look not in self._made:
            wish = {"font_size": look.size, "bold": look.bold, "font_color": f"#{look.ink}"}
            wish |= {
                "align": look.align,
                "valign": "top",
                "text_wrap": look.wrap,
                "quote_prefix": look.quote,
            }
            wish |= {"underline": 1} if look.underline else {}
            wish |= {"bg_color": f"#{look.fill}"} if look.fill else {}
            wish |= {"bottom": 1, "bottom_color": "#D9D9D9"} if look.line else {}
            is_customers = look in (_CELL, looks.quoted(_CELL)) or look.fill in (RED, AMBER)
            wish |= {"num_format": "@"} if is_customers else {}
            self._made[look] = self._book.add_format(wish)
        return self._made[look]


# -- our own pages -----------------------------------------------------------------------------


def _paint(book: Any, formats: _Formats, page: Page) -> None:
    sheet = book.add_worksheet(page.name)
    sheet.set_tab_color(f"#{page.tab}")
    sheet.hide_gridlines(2)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width)
    last = links = 0
    for row, values in enumerate(page.rows):
        last = row
        sheet.set_row(row, pages.row_height(values, page.widths))
        for column, value in enumerate(values):
            if isinstance(value.content, int):
                sheet.write_number(row, column, value.content, formats.get(value.look))
                continue
            text = looks.inert(value.content)
            if value.link and text and links < MOST_LINKS:
                links += 1
                look = formats.get(value.look, text)
                sheet.write_url(row, column, f"internal:{value.link}", look, text)
            else:
                _put(sheet, row, column, text, formats.get(value.look, text))
    if page.titled:
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, last, page.titled - 1)


def _put(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    if text:
        sheet.write_string(row, column, text, look)
    else:
        sheet.write_blank(row, column, None, look)


# -- the order sheet ---------------------------------------------------------------------------


def _copy(sheet: Any, formats: _Formats, story: Story) -> None:
    """The order sheet as text, on the same rows and columns, marked."""
    view, marks = story.sheet, story.marks()
    kept = [
        (i, position(letters))
        for i, (letters, title) in enumerate(zip(view.letters, view.titles, strict=True))
        if title.strip() not in OWN_TITLES
    ]
    status_column = max((column for _, column in kept), default=-1) + 1
    message_column = status_column + 1
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for i, column in kept:
        longest = max(map(len, view.titles[i].split("\n")))
        sheet.set_column(column, column, min(max(12, longest * 1.7), 34), formats.get(_CELL))
    sheet.set_column(status_column, status_column, 20)
    sheet.set_column(message_column, message_column, 70)
    header = view.header_row - 1
    for i, column in kept:
        title = looks.inert(view.titles[i])
        sheet.write_string(header, column, title, formats.get(looks.HEAD, title))
    for column, title in ((status_column, STATUS_TITLE), (message_column, MESSAGE_TITLE)):
        sheet.write_string(header, column, title, formats.get(looks.HEAD))
    sheet.freeze_panes(view.header_row, 0)

    by_row: dict[int, dict[int, tuple[str, int]]] = {}
    for letters, row in marks.cells:
        if letters:
            by_row.setdefault(row, {})[position(letters)] = (letters, row)
    notes = 0
    plain = formats.get(_CELL)
    for number, texts in view.rows():
        row, marked = number - 1, by_row.get(number, {})
        for i, column in kept:
            text = looks.inert(texts[i]) if texts[i] else ""
            if column in marked:
                place = marked[column]
                fill = Look(size=_CELL.size, fill=marks.fill(place))
                _put(sheet, row, column, text, formats.get(fill, text))
                if notes < MOST_NOTES:
                    notes += 1
                    _note(sheet, row, column, marks.note(place, story.lang))
            elif text:
                looks_odd = text.startswith(looks.LIKE_A_FORMULA)
                look = formats.get(_CELL, text) if looks_odd else plain
                sheet.write_string(row, column, text, look)
        if (status := marks.statuses.get(number)) is not None:
            word = wording.status(status, story.lang)
            sheet.write_string(row, status_column, word, formats.get(looks.of_status(status)))
        if message := looks.inert(marks.messages.get(number, "")):
            sheet.write_string(row, message_column, message, formats.get(looks.ADDED, message))


def _note(sheet: Any, row: int, column: int, text: str) -> None:
    size = looks.note_size(text)
    sheet.write_comment(row, column, looks.inert(text), {"author": AUTHOR, **size})
