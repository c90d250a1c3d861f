"""Fonts, fills and formats of the order sheets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from converter.results.cell_text import writable

NEEDS = ("always", "group", "no")

_SHADES = (
    ("2F5C8F", "A9C3E0", "DFE9F5"),
    ("3E7B5A", "A8D0B8", "DDEEE4"),
    ("96691E", "E3C68A", "F6EBD3"),
    ("65508F", "C3B4DF", "E9E3F4"),
    ("2F7C85", "9FD0D5", "DCEFF1"),
)
"""For each group: required, required once begun, optional."""

COLUMN_PADDING = 0.7109375
"""Excel counts the space beside the text as part of a column's width."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """The style of a cell; colours are RGB in hexadecimal, and no ink is the theme's own."""

    size: int = 10
    bold: bool = False
    ink: str = ""
    fill: str = ""
    wrap: bool = False
    vertical: str = "top"
    border: str = ""
    """Colour of a thin line around the cell."""
    line: str = ""
    """Colour of a thin line below the cell."""
    number_format: str = "General"


PLAIN = TextStyle()
BOLD = TextStyle(bold=True)
FAINT = TextStyle(ink="7F7F7F")
TITLE = TextStyle(size=16, bold=True)
SECTION = TextStyle(size=12, bold=True)
HEAD = TextStyle(bold=True, ink="FFFFFF", fill="44546A", wrap=True)
LISTED = TextStyle(line="D9D9D9", wrap=True)


def shade(group: int, need: str) -> TextStyle:
    """The style that tells the group of a column and whether it is required."""
    return TextStyle(
        bold=need != "no",
        ink="FFFFFF" if need == "always" else "262626",
        fill=_SHADES[group % len(_SHADES)][NEEDS.index(need)],
        wrap=True,
        border="FFFFFF",
    )


def apply(styled: StyleableObject, style: TextStyle) -> None:
    """Style a cell or a column."""
    font, fill, border, alignment = _parts(style)
    styled.font, styled.fill, styled.border, styled.alignment = font, fill, border, alignment
    styled.number_format = style.number_format


def put(sheet: Worksheet, row: int, column: int, text: str, style: TextStyle) -> None:
    """Write text that stays text, even where it begins like a formula."""
    cell = sheet.cell(row, column)
    if text:
        cell.value = writable(text)
        cell.data_type = "s"
    apply(cell, style)


@cache
def _parts(style: TextStyle) -> tuple[Font, PatternFill, Border, Alignment]:
    around = Side(style="thin", color=f"FF{style.border}") if style.border else Side()
    below = Side(style="thin", color=f"FF{style.line}") if style.line else around
    ink = Color(f"FF{style.ink}") if style.ink else Color(theme=1)
    return (
        Font(name="Calibri", family=2, size=style.size, bold=style.bold, color=ink),
        PatternFill("solid", fgColor=f"FF{style.fill}") if style.fill else PatternFill(),
        Border(left=around, right=around, top=around, bottom=below),
        Alignment(vertical=style.vertical, wrap_text=style.wrap or None),
    )


def make_printable(sheet: Worksheet, *, titles: str = "") -> None:
    """All columns on the width of a page; the rows `titles` head every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = titles or None
