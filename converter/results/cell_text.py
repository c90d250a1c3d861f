"""Text that is safe to write in a cell."""

from __future__ import annotations

import re

from converter.results.palette import CellStyle, quoted

LONGEST = 32_000
"""UTF-16 units in a cell; Excel itself ends at 32,767."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "'")

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CUT = " (cut)"


def writable(text: str) -> str:
    """Text as a cell can hold it: what XML forbids becomes �, what is too long is cut."""
    if not text.isascii() or not text.isprintable():
        text = _UNWRITABLE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > LONGEST:
        units = text.encode("utf-16-le")
        if len(units) > LONGEST * 2:
            text = units[: (LONGEST - len(_CUT)) * 2].decode("utf-16-le", "ignore") + _CUT
    return text


def style_for(text: str, style: CellStyle) -> CellStyle:
    """The style, quoted where the text begins like a formula."""
    return quoted(style) if text.startswith(FORMULA_STARTS) else style
