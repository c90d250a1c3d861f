"""The result workbook written anew: for what is no workbook, or none that can be kept.

The order sheet is copied as text, on the same rows and columns, and then marked as one that was
there before.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import xlsxwriter

from converter.model import OWN_TITLES, RESULTS_SHEET, SUMMARY_SHEET
from converter.ooxml.package import Package
from converter.results import kept_workbook, looks, page_sheet
from converter.results.looks import AUTHOR, Look
from converter.results.pages import SheetView, Story
from converter.results.styles import Styles
from converter.sheet import position

_CELL = Look(size=11, text=True)
"""A customer's cell: text that stays text, however it is edited."""

_ROWS_AT_ONCE = 500
_HUGE = 10_000_000
"""Cells from which on a sheet may need more than two gigabytes."""


def write(story: Story, target: Path) -> None:
    """Write our pages and, between them, the order sheet as text."""
    view = story.sheet
    name = _sheet_name(view.name)
    with zipfile.ZipFile(_skeleton(name, view)) as archive:
        kept_workbook.mark(
            Package(archive),
            story,
            target,
            called=name,
            rows=lambda styles: _rows(view, styles),
            huge=view.row_count * len(view.letters) > _HUGE,
        )


def _skeleton(name: str, view: SheetView) -> io.BytesIO:
    """A workbook whose order sheet has columns and no rows; sheets beside it are whole."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"author": AUTHOR})
    sheet = book.add_worksheet(name)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    text = book.add_format({"num_format": "@", "font_size": _CELL.size})
    for column, title in _copied(view):
        longest = max(map(len, title.split("\n")))
        sheet.set_column(column, column, min(max(12, longest * 1.7), 34), text)
    sheet.freeze_panes(view.header_row, 0)
    for other in view.others:
        beside = book.add_worksheet(_sheet_name(other.name))
        for number, texts in other.rows():
            for letters, content in zip(other.letters, texts, strict=True):
                if content:
                    beside.write_string(number - 1, position(letters), content, text)
    book.close()
    return made


def _copied(view: SheetView) -> Iterator[tuple[int, str]]:
    """The columns that are the customer's, and their titles."""
    for letters, title in zip(view.letters, view.titles, strict=True):
        if title.strip() not in OWN_TITLES:
            yield position(letters), title


def _sheet_name(name: str) -> str:
    """A name that Excel takes: a CSV file's may be too long, or be one of ours."""
    name = looks.inert(re.sub(r"[\[\]:*?/\\]", "_", name)).strip("'")[:31] or "Orders"
    taken = {RESULTS_SHEET.lower(), SUMMARY_SHEET.lower(), "history"}
    return f"{name[:27]} (2)" if name.lower() in taken else name


def _rows(view: SheetView, styles: Styles) -> Iterator[bytes]:
    """All rows: what stands above the header is part of the sheet, as labels are."""
    kept = [
        (i, letters)
        for i, (letters, title) in enumerate(zip(view.letters, view.titles, strict=True))
        if title.strip() not in OWN_TITLES
    ]
    rests = page_sheet.Rests(styles.of)

    def written(texts: Iterable[tuple[str, str]], number: int, look: Look) -> str:
        cells = "".join(
            f'<c r="{letters}{number}"{rests.of(text, look)}' for letters, text in texts if text
        )
        return f'<row r="{number}">{cells}</row>'

    titles = [(letters, view.titles[i]) for i, letters in kept]
    header: str | None = written(titles, view.header_row, looks.HEAD)
    waiting: list[str] = []
    for number, texts in view.rows():
        if header is not None and number > view.header_row:
            waiting.append(header)
            header = None
        waiting.append(written([(letters, texts[i]) for i, letters in kept], number, _CELL))
        if len(waiting) == _ROWS_AT_ONCE:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join([*waiting, header or ""]).encode()
