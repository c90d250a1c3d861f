"""The colours and cell styles of everything that this program writes into a workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from converter.model import Status

RED, AMBER, SANDBOX = "F8CBC6", "FCE7B2", "C4690F"
"""Fills of wrong and doubtful cells, and of the title that says that nothing was sent: on this one
both dark and light letters can be read. No office program offers
exactly these, so they are ours."""


@dataclass(frozen=True, slots=True, eq=False)
class CellStyle:
    """The style of a cell. There are few styles and many cells, so they compare by identity."""

    fill: str = ""
    ink: str = "262626"
    bold: bool = False
    size: int = 10
    wrap: bool = False
    align: str = "left"
    underline: bool = False
    line: bool = False
    quote: bool = False
    """Text that begins like a formula stays text even when somebody edits the cell."""
    text: bool = False
    """Whatever is typed into the cell stays text."""


PLAIN = CellStyle(line=True)
WRAPPED = CellStyle(line=True, wrap=True)
CENTRED = CellStyle(line=True, align="center")
TO_FILL = CellStyle(line=True, fill="FFF9E5", text=True)
"""Where a person is to write something."""
LINK = CellStyle(line=True, ink="1F5FA8", underline=True)
HEAD = CellStyle(fill="44546A", ink="FFFFFF", bold=True, wrap=True)
HEAD_ADDED = CellStyle(fill="44546A", ink="FFFFFF", bold=True)
ADDED = CellStyle()
TITLE = CellStyle(size=16, bold=True)
LABEL = CellStyle(ink="595959", bold=True, line=True)
SECTION = CellStyle(bold=True, size=12)
BANNER = CellStyle(fill="FFD966", ink="7F3F00", bold=True, size=14)
BANNER_IN_ROW = replace(BANNER, size=10, wrap=True)
STOPPED = CellStyle(fill="F8D7DA", ink="842029", bold=True, wrap=True)

_STATUSES = {
    Status.ACCEPTED: ("DDEFDD", "1E5631"),
    Status.VALID: ("DDEFEB", "17594A"),
    Status.PARTIAL: ("FDE3CC", "8A4B08"),
    Status.REJECTED: ("F8D7DA", "842029"),
    Status.DUPLICATE: ("E6DFF0", "53377A"),
    Status.INVALID: ("F8D7DA", "842029"),
    Status.UNKNOWN: ("FFF0C2", "6B4E00"),
    Status.NOT_SENT: ("E7E6E6", "595959"),
    Status.CANCELLED: ("DCE6F1", "1F3864"),
    Status.CANCEL_UNKNOWN: ("FFF0C2", "6B4E00"),
}


_LOOK = ("FCE7B2", "6B4E00")


@cache
def status_style(status: Status, *, look: bool = False) -> CellStyle:
    """The style of a status; `look` is that of a valid order with warnings."""
    fill, ink = _LOOK if look else _STATUSES[status]
    return CellStyle(fill=fill, ink=ink, bold=True, line=True)


@cache
def quoted(style: CellStyle) -> CellStyle:
    return replace(style, quote=True)
