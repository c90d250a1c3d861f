"""A sheet of our own, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from converter.results import palette, text_size
from converter.results.palette import CellStyle


@dataclass(frozen=True, slots=True)
class PageCell:
    """One cell of a page; `link` is a place in this workbook, `file` the address of a file."""

    content: str | int = ""
    style: CellStyle = palette.PLAIN
    link: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of our own."""

    name: str
    widths: tuple[int, ...]
    rows: Iterable[Sequence[PageCell]]
    tab_colour: str
    titled: int = 0
    """Number of columns titled by row 1, which is frozen and filters them; 0 for none."""
    kept: int = 2
    """Columns that stay where the others are scrolled, where there are titles."""
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """What a drop-down offers in the cells of a column, by its index."""
    shown: tuple[int, frozenset[str]] = (0, frozenset())
    """The column and the texts in it whose rows the filter shows; no text for all rows."""


def row_height(cells: Sequence[PageCell], widths: Sequence[int]) -> float:
    """Points that show the whole row."""
    lines, largest = 1, 0
    for cell, width in zip(cells, widths, strict=False):
        style = cell.style
        if style.wrap and cell.content and isinstance(cell.content, str):
            # widths count letters of the usual 11 points, and wrapped text has 10
            lines = max(lines, text_size.line_count(cell.content, width * 11 // 10))
        if style.size > largest:
            largest = style.size
    return text_size.row_height(lines, size=largest or 10)
