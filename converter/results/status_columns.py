"""Where the columns of status and message go on the order sheet, and what is written there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count

from converter import messages
from converter.model import MESSAGE_TITLE, OWN_TITLES, STATUS_TITLE, own_title, own_title_in
from converter.results import page_xml, palette, worksheet
from converter.results.marks import Marks
from converter.results.order_sheet import OrderSheet
from converter.results.page import PageCell
from converter.results.palette import CellStyle
from converter.results.worksheet import Worksheet
from converter.results.worksheet_changes import OwnColumns
from converter.sheet import letter, position

_WIDTHS = {STATUS_TITLE: 20, MESSAGE_TITLE: 70}
_LAST_COLUMN = 16_383

Area = tuple[int, int, int, int]


def known_columns(sheet: OrderSheet) -> dict[str, int]:
    """Our columns by title, as the reader found them."""
    found: dict[str, int] = {}
    for letters, title in zip(sheet.letters, sheet.titles, strict=True):
        if own := own_title(title):
            found.setdefault(own, position(letters))
    return found


def columns_behind(sheet: OrderSheet) -> dict[str, int]:
    """Our columns on a copy of the sheet, which contains none of an earlier run."""
    titled = zip(sheet.letters, sheet.titles, strict=True)
    theirs = [position(letters) for letters, title in titled if not own_title(title)]
    return dict(zip(OWN_TITLES, count(max(theirs, default=-1) + 1), strict=False))


def last_column(sheet: OrderSheet) -> int:
    """The last column that the reader saw; -1 on a sheet without any."""
    return max(map(position, sheet.letters), default=-1)


def with_free_columns(
    known: Mapping[str, int],
    found: Worksheet,
    sheet: OrderSheet,
    tables: Iterable[Area],
) -> dict[str, int]:
    """Our columns by title: the known ones, and the first free ones to the right for the rest."""
    columns = dict(known)
    last = last_column(sheet)
    areas = [*worksheet.merged(found.frame), *tables]
    width = len(OWN_TITLES)
    while len(columns) < len(OWN_TITLES):
        near = [c for c in range(last + 1, last + 1 + width) if c not in columns.values()]
        taken = worksheet.columns_with_values(found, sheet.header_row, near)
        for _, left, bottom, right in areas:
            if bottom >= sheet.header_row:
                taken |= {column for column in near if left <= column <= right}
        free = [column for column in near if column not in taken]
        if max(near) > _LAST_COLUMN:
            raise ValueError("no column is free")
        missing = [title for title in OWN_TITLES if title not in columns]
        if len(free) >= len(missing):
            columns |= dict(zip(missing, free, strict=False))
        width *= 4
    return {title: columns[title] for title in OWN_TITLES}


def own_columns(
    columns: Mapping[str, int],
    marks: Marks,
    header_row: int,
    number_of: Callable[[CellStyle], int],
    *,
    are_new: bool,
    lang: str,
    x: str,
) -> OwnColumns:
    """The cells of our columns: titles, statuses and messages. `x` is the worksheet's prefix."""
    status_column, message_column = columns[STATUS_TITLE], columns[MESSAGE_TITLE]
    names = {column: letter(column) for column in columns.values()}

    def cell(row: int, column: int, text: str, style: CellStyle) -> bytes:
        name = f"{names[column]}{row}"
        return page_xml.cell(name, PageCell(text, style), number_of, x).encode()

    # Thousands of rows have one of eight statuses: all but the row number is built once.
    remainders = {}
    for standing in set(marks.statuses.values()):
        status, look = standing
        text = messages.status_and_code(status, lang, look=look)
        style = palette.status_style(status, look=look)
        whole = cell(0, status_column, text, style)
        remainders[standing] = whole.removeprefix(f'<{x}c r="{names[status_column]}0'.encode())
    before = f'<{x}c r="{names[status_column]}'.encode()

    def cells(row: int) -> dict[int, bytes]:
        if row == header_row:
            return {
                column: cell(row, column, own_title_in(title, lang), palette.HEAD_ADDED)
                for title, column in columns.items()
            }
        found = {}
        if (standing := marks.statuses.get(row)) is not None:
            found[status_column] = b"%b%d%b" % (before, row, remainders[standing])
        if message := marks.messages.get(row):
            found[message_column] = cell(row, message_column, message, palette.ADDED)
        return found

    return OwnColumns(
        positions=(status_column, message_column),
        are_new=are_new,
        header_row=header_row,
        rows={header_row, *marks.statuses, *marks.messages},
        cells=cells,
        widths={column: _WIDTHS[title] for title, column in columns.items()},
    )
