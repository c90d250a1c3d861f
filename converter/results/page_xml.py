"""The XML of our own pages and cells.

Written as text and not by openpyxl or XlsxWriter: pages and cells go into the customer's package,
whose other parts stay as they are, and a sheet of 100,000 orders takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from converter.ooxml import markup
from converter.results import cell_text
from converter.results.page import Page, PageCell, row_height
from converter.results.palette import CellStyle
from converter.sheet import letter

MOST_LINKS = 60_000
"""Excel repairs a sheet with more than 65,530 links, and drops the rest."""

_ROWS_PER_PIECE = 500


StyleNumber = Callable[[CellStyle], int]
"""Looks up the number of a style in the workbook."""


def cell(name: str, value: PageCell, number_of: StyleNumber, x: str = "") -> str:
    """A cell with a text or a number: never a formula or an error, whatever the text looks like.

    `x` is the prefix of the worksheet's elements.
    """
    return f'<{x}c r="{name}"{cell_remainder(value.content, value.style, number_of, x)}'


def cell_remainder(
    content: str | int, style: CellStyle, number_of: StyleNumber, x: str = ""
) -> str:
    """The XML of a cell after its name, which equal cells share."""
    if isinstance(content, int):
        return f' s="{number_of(style)}"><{x}v>{content}</{x}v></{x}c>'
    text = cell_text.writable(content)
    if not text:
        return f' s="{number_of(style)}"/>'
    number = number_of(cell_text.style_for(text, style))
    element = markup.text_element(f"{x}t", text)
    return f' s="{number}" t="inlineStr"><{x}is>{element}</{x}is></{x}c>'


class CellCache:
    """The XML of cells after their names; what is repeated on a sheet is built once."""

    def __init__(self, number_of: StyleNumber) -> None:
        self._number_of = number_of
        self._known: dict[tuple[str | int, CellStyle], str] = {}

    def remainder(self, content: str | int, style: CellStyle) -> str:
        found = self._known.get((content, style))
        if found is None:
            found = cell_remainder(content, style, self._number_of)
            if len(self._known) < _MOST_KNOWN:
                self._known[content, style] = found
        return found


_MOST_KNOWN = 200_000


def page_xml(page: Page, number_of: StyleNumber, main: str, *, is_shown: bool) -> Iterator[bytes]:
    """The worksheet, piece by piece. `main` is the namespace of its elements."""
    selected = ' tabSelected="1"' * is_shown
    pane = (
        '<pane xSplit="2" ySplit="1" topLeftCell="C2" activePane="bottomRight" state="frozen"/>'
        '<selection pane="topRight"/><selection pane="bottomLeft"/><selection pane="bottomRight"/>'
    )
    cols = "".join(
        f'<col min="{number}" max="{number}" width="{width + 0.7109375}" customWidth="1"/>'
        for number, width in enumerate(page.widths, 1)
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{main}"><sheetPr><tabColor rgb="FF{page.tab_colour}"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0">'
        f"{pane if page.titled else ''}</sheetView></sheetViews>"
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{cols}</cols><sheetData>'
    ).encode()
    cache, links = CellCache(number_of), list[str]()
    names = [letter(column) for column in range(max(len(page.widths), 1))]
    last, pending = 0, ""
    for last, values in enumerate(page.rows, 1):
        cells = "".join(
            f'<c r="{name}{last}"{cache.remainder(value.content, value.style)}'
            for name, value in zip(names, values, strict=False)
        )
        height = row_height(values, page.widths)
        pending += f'<row r="{last}" ht="{height:g}" customHeight="1">{cells}</row>'
        for name, value in zip(names, values, strict=False):
            if value.link and value.content != "" and len(links) < MOST_LINKS:
                place = markup.escape(value.link)
                links.append(f'<hyperlink ref="{name}{last}" location="{place}"/>')
        if last % _ROWS_PER_PIECE == 0:
            yield pending.encode()
            pending = ""
    yield f"{pending}</sheetData>".encode()
    if page.titled:
        yield f'<autoFilter ref="A1:{names[page.titled - 1]}{last}"/>'.encode()
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()
    yield (
        b'<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>'
        b"</ignoredErrors></worksheet>"
    )
