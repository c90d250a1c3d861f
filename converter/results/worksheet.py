"""A worksheet of the customer's: its rows piece by piece, and the XML around them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from converter.ooxml import markup
from converter.ooxml.markup import Element
from converter.sheet import letter, position

Place = tuple[int, int]
"""Row and column; rows count from 1 as Excel's do, columns from 0."""


@dataclass(frozen=True)
class Worksheet:
    """A worksheet: the XML before its rows, the rows piece by piece, and the XML after them."""

    head: bytes
    """Up to and including the tag that opens the rows."""
    rows: Callable[[], Iterator[bytes]]
    """Yields pieces of whole rows."""
    tail: bytes
    """From the tag that closes the rows."""

    @cached_property
    def frame(self) -> Element:
        """The parsed worksheet without its rows."""
        return markup.parse(self.head + self.tail)

    @property
    def x(self) -> str:
        return self.frame.prefix


_ODD = re.compile(
    rb"""<[!?]|<[^<>"']*=\s*'|<(?:\w+:)?(?:row|c)(?:(?![^<>]*\sr=")[\s/>]|[\t\r\n])|</(?:\w+:)?(?:row|c)\s"""
)


def _is_odd(rows: bytes, *, is_first: bool) -> bool:
    """Whether rows are written in a way that searching their bytes may misread.

    Rare sequences are searched first, and missing row numbers only at the beginning of the sheet:
    a program that omits them does so everywhere.
    """
    rare = (b"<!", b"<?", b"='")  # their second characters are far rarer than their first
    if not is_first and not any(sign[1:] in rows and sign in rows for sign in rare):
        return False
    return _ODD.search(rows) is not None


def read(chunks: Callable[[], Iterator[bytes]]) -> Worksheet:
    """Find the rows of a worksheet.

    If its XML is unlike that of the usual programs, it is first rewritten in UTF-8 with a number on
    every row and cell.
    """
    found = _split(chunks)
    if found is None:
        found = _split(lambda: markup.plain(chunks(), _Numbered()))
    if found is None:
        raise ValueError("this is no worksheet")
    return found


class _Numbered:
    """Numbers the rows and cells that have none."""

    def __init__(self) -> None:
        self._row = 0
        self._column = -1

    def __call__(self, tag: str, attributes: dict[str, str]) -> dict[str, str]:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes.pop("r", 0) or self._row + 1)
            self._column = -1
            return {"r": str(self._row), **attributes}
        if name == "c":
            given = attributes.pop("r", "")
            self._column = position(given.rstrip("0123456789")) if given else self._column + 1
            return {"r": f"{letter(self._column)}{self._row}", **attributes}
        return attributes


_OPEN = re.compile(rb"<(\w+:)?sheetData\b[^>]*>")


def _split(chunks: Callable[[], Iterator[bytes]]) -> Worksheet | None:
    """The parts of a worksheet; None where it is written in an unusual way."""
    head, rest = _head(chunks())
    opened = _OPEN.search(head)
    if opened is None or not markup.is_utf8(head[:200]):
        return None
    if opened[0].endswith(b"/>"):
        close = b"</" + (opened[1] or b"") + b"sheetData>"
        tag = head[: opened.end() - 2] + b">"
        return Worksheet(tag, lambda: iter(()), close + head[opened.end() :] + b"".join(rest))
    prefix = opened[1] or b""
    close, row_end = b"</" + prefix + b"sheetData", b"</" + prefix + b"row>"
    tail, is_first = b"", True
    for piece, is_rows in _pieces(head, opened.end(), rest, close, row_end):
        if not is_rows:
            tail = piece
        elif _is_odd(piece, is_first=is_first):
            return None
        is_first = False

    def rows() -> Iterator[bytes]:
        again, more = _head(chunks())
        for piece, is_rows in _pieces(again, opened.end(), more, close, row_end):
            if is_rows:
                yield piece

    return Worksheet(head[: opened.end()], rows, tail)


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first chunks up to where the rows begin, and the chunks that follow."""
    head = b""
    for chunk in chunks:
        head += chunk
        if _OPEN.search(head):
            break
    return head.removeprefix(b"\xef\xbb\xbf"), chunks


def _pieces(
    head: bytes, start: int, rest: Iterable[bytes], close: bytes, row_end: bytes
) -> Iterator[tuple[bytes, bool]]:
    """Pieces of whole rows, then everything after the rows; the flag tells rows."""
    held = head[start:]
    rest = iter(rest)
    while (at := held.find(close)) < 0:
        cut = held.rfind(row_end) + len(row_end)
        if cut >= len(row_end):
            yield held[:cut], True
            held = held[cut:]
        chunk = next(rest, b"")
        if not chunk:
            raise ValueError("the rows do not end")
        held += chunk
    yield held[:at], True
    yield held[at:] + b"".join(rest), False


def head(chunks: Iterator[bytes]) -> bytes:
    """The XML before the rows, and whatever was read with it."""
    return _head(chunks)[0]


# -- areas, columns and cells --------------------------------------------------------------------

_REF = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")


def area(ref: str) -> tuple[int, int, int, int]:
    """First row and column, last row and column of `B2:D9`."""
    ends = [(int(row), position(name)) for name, row in _REF.findall(ref)]
    if not ends:
        raise ValueError(f"{ref!r} is no area")
    (top, left), (bottom, right) = ends[0], ends[-1]
    return top, left, bottom, right


def merged(frame: Element) -> list[tuple[int, int, int, int]]:
    return [area(element.get("ref")) for element in frame.within("mergeCell")]


def columns_of(frame: Element) -> list[Element]:
    """The elements that set the widths and styles of columns."""
    cols = frame.first("cols")
    return cols.all("col") if cols else []


def visible_places(
    places: Collection[Place], areas: Iterable[tuple[int, int, int, int]]
) -> dict[Place, Place]:
    """For every place that a merged cell hides, the place that is visible instead."""
    by_row: dict[int, list[int]] = {}
    for row, column in places:
        by_row.setdefault(row, []).append(column)
    rows = sorted(by_row)
    found = {}
    for top, left, bottom, right in areas:
        for row in rows[bisect_left(rows, top) : bisect_right(rows, bottom)]:
            for column in by_row[row]:
                if left <= column <= right:
                    found[row, column] = (top, left)
    return found


def cells_of(sheet: Worksheet, row: int) -> list[Element]:
    """The cells of one row."""
    pattern = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="%d"' % row)
    for piece in sheet.rows():
        if found := pattern.search(piece):
            end = piece.find(b"</" + sheet.x.encode() + b"row>", found.start())
            inner = piece[piece.index(b">", found.end()) + 1 : max(end, 0)]
            names = " ".join(
                f'xmlns:{p.decode()}=""' for p in {*re.findall(rb"[<\s](\w+):", inner)}
            )
            return (
                markup.parse(f"<r {names}>".encode() + inner + b"</r>").children if end > 0 else []
            )
    return []


def columns_with_values(sheet: Worksheet, first_row: int, wanted: Collection[int]) -> set[int]:
    """The wanted columns that hold a value in this row or below."""
    dimension = sheet.frame.first("dimension")
    if dimension and ":" in dimension.get("ref") and area(dimension.get("ref"))[3] < min(wanted):
        return set()
    names = b"|".join(letter(column).encode() for column in wanted)
    hint = [b' r="' + letter(column).encode() for column in wanted]
    cell = re.compile(
        rb'<(?:\w+:)?c\b[^>]*?\sr="(%b)(\d+)"[^>]*?(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b' % names
    )
    found = set()
    for piece in sheet.rows():
        if any(sign in piece for sign in hint):
            found |= {
                position(m[1].decode()) for m in cell.finditer(piece) if int(m[2]) >= first_row
            }
    return found


# -- sizes on the screen ---------------------------------------------------------------------------


def column_pixels(frame: Element) -> dict[int, int]:
    """The widths of columns in pixels, with the default width under -1."""
    form = frame.first("sheetFormatPr")
    found = {-1: to_pixels(float(form.get("defaultColWidth") or "8.43")) if form else 64}
    for col in columns_of(frame):
        is_hidden = col.get("hidden") in ("1", "true")
        width = 0 if is_hidden else to_pixels(float(col.get("width") or "8.43"))
        for column in range(int(col.get("min")) - 1, min(int(col.get("max")), 16_384)):
            found[column] = width
    return found


def to_pixels(width: float) -> int:
    """The pixels of a column so many characters wide."""
    return int(width * 7 + 5)


def row_pixels(frame: Element) -> int:
    """The default height of a row in pixels."""
    form = frame.first("sheetFormatPr")
    return max(int(float((form.get("defaultRowHeight") if form else "") or 15) * 4 / 3), 10)
