"""A second look at the XML of a sheet, for what the reader does not show.

The reader gives error cells and formulas without a value as blanks, and knows no number formats,
merged or hidden cells. Searching the bytes finds them in a tenth of the time that parsing takes,
but only where the XML is written as Excel and its like write it; else it is parsed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

from converter.sheet.columns import Evidence, padded
from converter.sheet.model import position

LAST_COLUMN = 16_384


def look(xml: bytes, widths: Mapping[int, int]) -> Evidence:
    """`widths` are the cell styles that show leading zeros, as `zero_widths` tells them."""
    prefix = _prefix(xml)
    found = _searched(xml, prefix, widths) if _is_usual(xml, prefix) else _Parsed(widths).of(xml)
    found.merged = list(_merged(xml))
    found.hidden_rows |= _hidden_rows(xml)
    found.hidden_columns |= set(_hidden_columns(xml))
    return found


def has_values(xml: bytes) -> bool:
    """Whether a cell has anything in it, when the reader has found nothing."""
    parsed = _Parsed({})
    parsed.of(xml)
    return parsed.values > 0


def _prefix(xml: bytes) -> bytes:
    root = re.search(rb"<(\w+:)?worksheet\b", xml[:4096])
    return (root[1] or b"") if root else b""


def _is_usual(xml: bytes, prefix: bytes) -> bool:
    """Whether each cell begins with its address, and nothing hides what is markup and what not."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return _pattern(prefix, rb'<(?:!|~c(?! r="[A-Z]{1,3}[1-9])(?![\w.-]))').search(xml) is None


# -- searching ---------------------------------------------------------------------------------


@functools.cache
def _pattern(prefix: bytes, text: bytes) -> re.Pattern[bytes]:
    return re.compile(text.replace(b"~", re.escape(prefix)))


_ERROR_CELL = rb'<~c r="([A-Z]+)(\d+)"(?=[^>]*\st="e")'
_NO_VALUE = (
    rb'<~c r="([A-Z]+)(\d+)"(?![^>]*\st="(?:str|e)")[^>]*(?<!/)>\s*'
    rb"<~f\b[^>]*?(?:/>|>[^<]*</~f>)\s*(?:<~v\s*/>|<~v></~v>)?\s*</~c>"
)
_NUMBER_CELL = (
    rb'<~c r="([A-Z]+)(\d+)"(?![^>]*\st="(?!n"))(?=[^>]*\ss="(\d+)")[^>]*>'
    rb"\s*<~v>(\d+)</~v>"
)


def _searched(xml: bytes, prefix: bytes, widths: Mapping[int, int]) -> Evidence:
    found = Evidence()
    # A plain search first: most sheets have neither, and the patterns cost seconds on large ones.
    for kind, sign, pattern in (
        ("error", b't="e"', _ERROR_CELL),
        ("no_value", b"<" + prefix + b"f", _NO_VALUE),
    ):
        if sign in xml:
            for cell in _pattern(prefix, pattern).finditer(xml):
                found.flaws.append((kind, position(cell[1].decode()), int(cell[2])))
    for cell in _pattern(prefix, _NUMBER_CELL).finditer(xml) if widths else ():
        if text := padded(cell[4].decode(), widths.get(int(cell[3]), 0)):
            found.texts.append((position(cell[1].decode()), int(cell[2]), text))
    return found


# -- parsing -----------------------------------------------------------------------------------


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Excel writes a character that XML cannot hold as `_x000D_`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class _Parsed:
    """The same by parsing: rows and cells may leave out where they are."""

    def __init__(self, widths: Mapping[int, int]) -> None:
        self.found = Evidence()
        self.values = 0
        self._widths = widths
        self._row = self._column = 0
        self._cell: dict[str, str] = {}
        self._formula = False
        self._text = ""
        self._open = ""
        self._hidden_from_reader = False

    def of(self, xml: bytes) -> Evidence:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._cdata
        parser.Parse(xml, True)
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif name == "c":
            address = re.fullmatch(r"([A-Za-z]{1,3})(\d+)", attributes.get("r", ""))
            if address:
                self._column = position(address[1].upper()) + 1
                self._row = int(address[2])
            else:
                self._column += 1
            self._cell, self._formula, self._text = attributes, False, ""
            self._hidden_from_reader = False
        elif name == "f":
            self._formula = True
        elif name in ("v", "t"):
            self._open = name

    def _characters(self, text: str) -> None:
        if self._open:
            self._text += text

    def _cdata(self) -> None:
        self._hidden_from_reader = self._open != ""

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._open = ""
        elif name == "c":
            self._judge()

    def _judge(self) -> None:
        kind, at = self._cell.get("t", "n"), self._column - 1
        self.values += bool(self._text.strip())
        if kind == "e":
            self.found.flaws.append(("error", at, self._row))
        elif self._formula and not self._text.strip() and kind != "str":
            self.found.flaws.append(("no_value", at, self._row))
        elif self._hidden_from_reader and kind == "s":
            self.found.flaws.append(("error", at, self._row))
        elif self._hidden_from_reader:
            self.found.texts.append((at, self._row, unescaped(self._text)))
        elif kind == "n":
            style = self._cell.get("s", "0")
            width = self._widths.get(int(style), 0) if style.isdigit() else 0
            if text := padded(self._text, width):
                self.found.texts.append((at, self._row, text))


# -- what is merged and hidden -----------------------------------------------------------------

_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)[\"']"
)
_YES = rb"[\"'](?:1|true)[\"']"
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*\shidden=%s[^>]*)>" % _YES)
_HIDDEN_COLUMN = re.compile(
    rb"<(?:\w+:)?col\b([^>]*\s(?:hidden=%s|width=[\"']0(?:\.0+)?[\"'])[^>]*)>" % _YES
)


def _merged(xml: bytes) -> Iterable[tuple[int, int, int, int]]:
    for found in _MERGED.finditer(xml, max(xml.rfind(b"sheetData>"), 0)):
        left, right = position(found[1].decode()), position(found[3].decode())
        yield int(found[2]), left, int(found[4]), right


def _hidden_rows(xml: bytes) -> set[int]:
    if b" hidden=" not in xml:
        return set()
    numbers = (re.search(rb"\br=[\"'](\d+)[\"']", found[1]) for found in _HIDDEN_ROW.finditer(xml))
    return {int(number[1]) for number in numbers if number}


def _hidden_columns(xml: bytes) -> Iterator[int]:
    """Positions counted from A."""
    for found in _HIDDEN_COLUMN.finditer(xml, 0, max(xml.find(b"sheetData"), 0)):
        first, last = (
            re.search(rb"\b%s=[\"'](\d{1,5})[\"']" % name, found[1]) for name in (b"min", b"max")
        )
        if first and last:
            yield from range(int(first[1]) - 1, min(int(last[1]), LAST_COLUMN))


# -- values far away ---------------------------------------------------------------------------

_FILLED = rb'\d+)"[^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b'
_VALUE = re.compile(rb' r="([A-Z]+' + _FILLED)
_FAR_VALUE = re.compile(rb' r="([A-Z]{3}' + _FILLED)
_WIDE_VALUE = re.compile(rb' r="([B-Z][A-Z]' + _FILLED)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)[\"']")
_MANY_ROWS = 50_000


def stray(xml: bytes) -> str:
    """Where a value lies far outside any table; empty where none does.

    A forgotten value in the last corner makes a grid that no memory holds: the reader dies.
    """
    last_value = max(xml.rfind(b"v>"), xml.rfind(b"is>"), 0)
    start = max(xml.rfind(b"<", 0, max(xml.rfind(b"row ", 0, last_value), 0)), 0)
    row = _ROW.match(xml, start)
    last = int(row[1]) if row and len(row[1]) < 12 else 0
    far = None
    if last > _MANY_ROWS and xml.count(b"row ") * 20 < last:
        far = _VALUE.search(xml, start)
    far = far or _FAR_VALUE.search(xml)
    if last > _MANY_ROWS:
        far = far or _WIDE_VALUE.search(xml)
    return far[1].decode() if far else ""
