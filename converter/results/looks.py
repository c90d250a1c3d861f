"""How cells of our own look, how much room their text takes, and text that is safe in a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from converter.model import Status

AUTHOR = "converter"
"""Who wrote our notes and saved our workbooks last, as office programs show it."""

RED, AMBER = "F8CBC6", "FCE7B2"
"""Fills of wrong and doubtful cells. No office program offers exactly these, so they are ours."""

LONGEST = 32_000
"""UTF-16 units in a cell; Excel itself ends at 32,767."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A way to look. There are few, so each is its own; cells are many, and ask for it."""

    fill: str = ""
    ink: str = "262626"
    bold: bool = False
    size: int = 10
    wrap: bool = False
    align: str = "left"
    underline: bool = False
    line: bool = False
    quote: bool = False
    """A text that begins like a formula stays one even when somebody edits the cell."""
    text: bool = False
    """Whatever is typed into the cell stays text."""


PLAIN = Look(line=True)
WRAPPED = Look(line=True, wrap=True)
CENTRED = Look(line=True, align="center")
LINK = Look(line=True, ink="1F5FA8", underline=True)
HEAD = Look(fill="44546A", ink="FFFFFF", bold=True, wrap=True)
HEAD_ADDED = Look(fill="44546A", ink="FFFFFF", bold=True)
ADDED = Look()
TITLE = Look(size=16, bold=True)
LABEL = Look(ink="595959", bold=True, line=True)
SECTION = Look(bold=True, size=12)
BANNER = Look(fill="FFD966", ink="7F3F00", bold=True, size=14)
BANNER_IN_ROW = replace(BANNER, size=10)
STOPPED = Look(fill="F8D7DA", ink="842029", bold=True, wrap=True)

_STATUSES = {
    Status.ACCEPTED: ("DDEFDD", "1E5631"),
    Status.VALID: ("DDEFEB", "17594A"),
    Status.PARTIAL: ("FDE3CC", "8A4B08"),
    Status.REJECTED: ("F8D7DA", "842029"),
    Status.DUPLICATE: ("E6DFF0", "53377A"),
    Status.INVALID: ("F8D7DA", "842029"),
    Status.UNKNOWN: ("FFF0C2", "6B4E00"),
    Status.NOT_SENT: ("E7E6E6", "595959"),
}


@cache
def of_status(status: Status) -> Look:
    fill, ink = _STATUSES[status]
    return Look(fill=fill, ink=ink, bold=True, line=True)


# -- text --------------------------------------------------------------------------------------

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "'")
_CUT = " (cut)"


def inert(text: str) -> str:
    """Text as a cell can hold it: what XML forbids is shown as �, what is too long is cut."""
    if not text.isascii() or not text.isprintable():
        text = _UNWRITABLE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > LONGEST:
        units = text.encode("utf-16-le")
        if len(units) > LONGEST * 2:
            text = units[: (LONGEST - len(_CUT)) * 2].decode("utf-16-le", "ignore") + _CUT
    return text


def for_text(look: Look, text: str) -> Look:
    """The look, quoted where the text begins like a formula."""
    return quoted(look) if text.startswith(LIKE_A_FORMULA) else look


@cache
def quoted(look: Look) -> Look:
    return replace(look, quote=True)


# -- room --------------------------------------------------------------------------------------


_WIDE = re.compile("[⺁-\U0010ffff]")


def width_of(text: str) -> int:
    """In characters of the Latin alphabet; Chinese ones are twice as wide."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def line_count(text: str, width: int) -> int:
    """How many lines a text takes in a column that is so many characters wide."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    return sum(1 + width_of(line) // width for line in text.split("\n"))


def row_height(lines: int, *, size: int = 10) -> float:
    """Points that show so many lines: not every office program finds that out by itself."""
    return min(4 + lines * size * 1.35, 400)


def note_size(text: str, *, width: int = 320) -> dict[str, int]:
    """Width and height in pixels that hold the text."""
    return {"width": width, "height": 14 + 17 * min(line_count(text, width // 7), 30)}
