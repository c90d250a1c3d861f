"""The XML of our own pages and cells.

Written as text and not by openpyxl or XlsxWriter: pages and cells go into the customer's package,
whose other parts stay as they are, and a sheet of 100,000 orders takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class FileLinks:
    """The ids of a page's relationships to files, by their addresses."""

    namespace: str
    ids: Mapping[str, str]


def page_xml(
    page: Page,
    number_of: StyleNumber,
    main: str,
    *,
    is_shown: bool,
    files: FileLinks | None = None,
) -> Iterator[bytes]:
    """The worksheet, piece by piece. `main` is the namespace of its elements."""
    selected = ' tabSelected="1"' * is_shown
    pane = (
        f'<pane xSplit="{page.kept}" ySplit="1" topLeftCell="{letter(page.kept)}2"'
        ' activePane="bottomRight" state="frozen"/>'
        '<selection pane="topRight"/><selection pane="bottomLeft"/><selection pane="bottomRight"/>'
    )
    cols = "".join(
        f'<col min="{number}" max="{number}" width="{width + 0.7109375}" customWidth="1"/>'
        for number, width in enumerate(page.widths, 1)
    )
    filtered, shown = page.shown
    mode = ' filterMode="1"' if shown else ""
    yield (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{main}"><sheetPr{mode}>'
        f'<tabColor rgb="FF{page.tab_colour}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
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
        is_hidden = shown and last > 1 and values[filtered].content not in shown
        hidden = ' hidden="1"' if is_hidden else ""
        pending += f'<row r="{last}" ht="{height:g}" customHeight="1"{hidden}>{cells}</row>'
        for name, value in zip(names, values, strict=False):
            if value.link and value.content != "" and len(links) < MOST_LINKS:
                place = markup.escape(value.link)
                links.append(f'<hyperlink ref="{name}{last}" location="{place}"/>')
            elif value.file and files and value.file in files.ids and len(links) < MOST_LINKS:
                space, number = files.namespace, files.ids[value.file]
                links.append(f'<hyperlink xmlns:r="{space}" ref="{name}{last}" r:id="{number}"/>')
        if last % _ROWS_PER_PIECE == 0:
            yield pending.encode()
            pending = ""
    yield f"{pending}</sheetData>".encode()
    if page.titled:
        yield _filter(f"A1:{names[page.titled - 1]}{last}", filtered, shown)
    if page.choices and last > 1:
        yield _drop_downs(page.choices, last)
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()
    yield (
        b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        b'<pageSetup orientation="landscape" fitToHeight="0"/>'
        b"<headerFooter><oddFooter>&amp;C&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
        b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>'
        b"</ignoredErrors></worksheet>"
    )


def _filter(area: str, column: int, shown: Collection[str]) -> bytes:
    if not shown:
        return f'<autoFilter ref="{area}"/>'.encode()
    texts = "".join(f'<filter val="{markup.escape(text)}"/>' for text in sorted(shown))
    return (
        f'<autoFilter ref="{area}"><filterColumn colId="{column}"><filters>{texts}</filters>'
        "</filterColumn></autoFilter>"
    ).encode()


def _drop_downs(choices: Mapping[int, Sequence[str]], last: int) -> bytes:
    """Lists to choose from; other texts may be typed, since the reader knows more words."""
    rules = "".join(
        '<dataValidation type="list" errorStyle="information" allowBlank="1"'
        f' sqref="{letter(column)}2:{letter(column)}{last}">'
        f"<formula1>&quot;{markup.escape(','.join(texts))}&quot;</formula1></dataValidation>"
        for column, texts in choices.items()
    )
    return f'<dataValidations count="{len(choices)}">{rules}</dataValidations>'.encode()
