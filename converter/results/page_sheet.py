"""A page of our own as a worksheet, and the cells that we write."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from converter.ooxml import markup
from converter.results import looks, pages
from converter.results.looks import Look
from converter.results.pages import Page, Value
from converter.sheet import letter

MOST_LINKS = 60_000
"""Excel repairs away what goes beyond 65,530 links on one sheet."""

_ROWS_AT_ONCE = 500


def cell(name: str, value: Value, styles: Callable[[Look], int], x: str = "") -> str:
    """A cell with a text or a number: never a formula or an error, whatever the text looks like."""
    return f'<{x}c r="{name}"{rest(value, styles, x)}'


def rest(value: Value, styles: Callable[[Look], int], x: str = "") -> str:
    """A cell from behind its name on."""
    if isinstance(value.content, int):
        return f' s="{styles(value.look)}"><{x}v>{value.content}</{x}v></{x}c>'
    text = looks.inert(value.content)
    if not text:
        return f' s="{styles(value.look)}"/>'
    style = styles(looks.for_text(value.look, text))
    told = markup.text_element(f"{x}t", text)
    return f' s="{style}" t="inlineStr"><{x}is>{told}</{x}is></{x}c>'


class Rests:
    """Cells from behind their names on; those that come again and again are made once."""

    def __init__(self, styles: Callable[[Look], int]) -> None:
        self._styles = styles
        self._known: dict[tuple[str | int, Look], str] = {}

    def of(self, content: str | int, look: Look) -> str:
        found = self._known.get((content, look))
        if found is None:
            found = rest(Value(content, look), self._styles)
            if len(self._known) < _MOST_KNOWN:
                self._known[content, look] = found
        return found


_MOST_KNOWN = 200_000


def write(
    page: Page, styles: Callable[[Look], int], main: str, *, is_shown: bool
) -> Iterator[bytes]:
    """The worksheet, piece by piece."""
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
        f'<worksheet xmlns="{main}"><sheetPr><tabColor rgb="FF{page.tab}"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0">'
        f"{pane if page.titled else ''}</sheetView></sheetViews>"
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{cols}</cols><sheetData>'
    ).encode()
    rests, links = Rests(styles), list[str]()
    names = [letter(column) for column in range(max(len(page.widths), 1))]
    last, waiting = 0, ""
    for last, values in enumerate(page.rows, 1):
        cells = "".join(
            f'<c r="{name}{last}"{rests.of(value.content, value.look)}'
            for name, value in zip(names, values, strict=False)
        )
        height = pages.row_height(values, page.widths)
        waiting += f'<row r="{last}" ht="{height:g}" customHeight="1">{cells}</row>'
        for name, value in zip(names, values, strict=False):
            if value.link and value.content != "" and len(links) < MOST_LINKS:
                place = markup.escape(value.link)
                links.append(f'<hyperlink ref="{name}{last}" location="{place}"/>')
        if last % _ROWS_AT_ONCE == 0:
            yield waiting.encode()
            waiting = ""
    yield f"{waiting}</sheetData>".encode()
    if page.titled:
        yield f'<autoFilter ref="A1:{names[page.titled - 1]}{last}"/>'.encode()
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()
    yield (
        b'<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>'
        b"</ignoredErrors></worksheet>"
    )
