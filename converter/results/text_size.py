"""Estimates of how much room text takes in a cell or a note."""

from __future__ import annotations

import re

_WIDE = re.compile("[⺁-\U0010ffff]")


def width_of(text: str) -> int:
    """In characters of the Latin alphabet; Chinese ones are twice as wide."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def line_count(text: str, width: int) -> int:
    """Number of lines that a text takes in a column `width` characters wide."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    return sum(1 + width_of(line) // width for line in text.split("\n"))


def row_height(lines: int, *, size: int = 10) -> float:
    """Points that show so many lines: some office programs do not fit rows by themselves."""
    return min(4 + lines * size * 1.35, 400)


def note_size(text: str, *, width: int = 320) -> tuple[int, int]:
    """Width and height in pixels of a note that holds the text."""
    return width, 14 + 17 * min(line_count(text, width // 7), 30)
