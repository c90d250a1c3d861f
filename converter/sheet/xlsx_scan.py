"""Scan the XML of a sheet for what the reader does not show.

The reader returns error cells and formulas without a value as blanks, and knows no number formats,
merged or hidden cells. Regular expressions find them in a tenth of the time that parsing takes, but
only in XML as Excel and similar programs write it; any other is parsed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from converter.sheet.columns import Evidence, padded
from converter.sheet.model import letter, position
from converter.sheet.tags import Tags, count_tags

LAST_COLUMN = 16_384


class CellTwiceError(Exception):
    """A sheet has two values for one cell; the reader would keep the last."""


@dataclass(frozen=True)
class Survey:
    """How a sheet's XML is written, determined before it is read."""

    prefix: bytes
    """Namespace prefix of its elements, with the colon; mostly empty."""
    is_usual: bool
    """Whether regular expressions can be trusted: every cell begins with its address, and there are
    no comments or CDATA sections."""
    stray: str
    """Address of a value far outside any table; empty if there is none. The grid up to a forgotten
    value in the last corner would exhaust the reader's memory."""
    tags: Tags | None = None
    """None where elements have a prefix, or the text is not UTF-8."""


def survey(xml: bytes) -> Survey:
    root = re.search(rb"<(\w+:)?worksheet\b", xml[:4096])
    prefix = (root[1] or b"") if root else b""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Survey(prefix, is_usual=False, stray=_stray(xml, is_narrow=False))
    tags = None if prefix else count_tags(xml)
    if (tags is None or tags.has_text_values) and _pattern(prefix, _BAD_INDEX).search(xml):
        raise ValueError("an index of a shared string is no number")
    is_narrow = tags.plain if tags else _pattern(prefix, _ODD_OR_WIDE).search(xml) is None
    is_usual = is_narrow or _pattern(prefix, _ODD).search(xml) is None
    return Survey(prefix, is_usual, _stray(xml, is_narrow=is_narrow), tags)


def scan(xml: bytes, widths: Mapping[int, int], known: Survey) -> Evidence:
    """Collect evidence; `widths` maps cell styles that show leading zeros to their digits."""
    found = _search(xml, known, widths) if known.is_usual else _Parser(widths).parse(xml)
    found.merged = list(_merged(xml))
    found.hidden_rows |= _hidden_rows(xml)
    found.hidden_columns |= set(_hidden_columns(xml))
    return found


def refuse_cell_twice(xml: bytes, known: Survey, *, filled: int, errors: int) -> None:
    """Raise CellTwiceError if a cell has two values; `filled` cells have one for the reader.

    A comparison of counts settles it for nearly every sheet.
    """
    if not known.is_usual:  # found by parsing
        return
    if known.tags is not None and known.tags.values <= filled + errors:
        return
    open_ = b"<" + known.prefix
    values = sum(xml.count(open_ + tag) for tag in (b"v>", b"v ", b"is>", b"is "))
    if values <= filled + errors:
        return
    row, seen = 0, set[bytes]()
    for cell in _pattern(known.prefix, _VALUE_CELL).finditer(xml):
        if row != (row := int(cell[2])):
            seen.clear()
        if cell[1] in seen:
            raise CellTwiceError(f"{cell[1].decode()}{row}")
        seen.add(cell[1])


def has_values(xml: bytes) -> bool:
    """Whether any cell has a value, although the reader found none."""
    parser = _Parser({})
    parser.parse(xml)
    return parser.values > 0


# -- searching ---------------------------------------------------------------------------------


@functools.cache
def _pattern(prefix: bytes, text: bytes) -> re.Pattern[bytes]:
    return re.compile(text.replace(b"~", re.escape(prefix)))


_ODD = rb'<(?:!|~c(?! r="[A-Z]{1,3}[1-9])(?![\w.-]))'
_ODD_OR_WIDE = rb'<(?:!|~c(?! r="A?[A-Z][1-9])(?![\w.-]))'
"""Like _ODD, for a sheet that ends at column AZ."""
_ERROR_CELL = rb'<~c r="([A-Z]+)(\d+)"(?=[^>]*\st="e")'
_VALUE_CELL = (
    rb'<~c r="([A-Z]+)(\d+)"[^>]*(?<!/)>\s*(?:<~f\b[^>]*?(?:/>|>[^<]*</~f>)\s*)?<~(?:v|is)\b'
)
_NO_VALUE = (
    rb'<~c r="([A-Z]+)(\d+)"(?![^>]*\st="(?:str|e)")[^>]*(?<!/)>\s*'
    rb"<~f\b[^>]*?(?:/>|>[^<]*</~f>)\s*(?:<~v\s*/>|<~v></~v>)?\s*</~c>"
)
_NO_STRING = (
    rb'<~c r="([A-Z]+)(\d+)"(?=[^>]*\st="str")[^>]*(?<!/)>\s*'
    rb"<~f\b[^>]*?(?:/>|>[^<]*</~f>)\s*</~c>"
)
"""A formula whose text is missing; an empty one is written as `<v></v>`."""
_BAD_INDEX = rb'<~c\b[^>]*\st=["\']s["\'][^>]*(?<!/)>\s*<~v>(?![0-9]+</)[^<]'
"""A cell whose index of a shared string is no number; the reader takes it for 0."""
_NUMBER_CELL = (
    rb'<~c r="([A-Z]+)(\d+)"(?![^>]*\st="(?!n"))(?=[^>]*\ss="(\d+)")[^>]*>'
    rb"\s*<~v>(\d+)</~v>"
)


def _search(xml: bytes, known: Survey, widths: Mapping[int, int]) -> Evidence:
    found, prefix = Evidence(), known.prefix
    has_formulas = known.tags is None or known.tags.has_formulas
    # A plain search first: most sheets have neither, and the patterns cost seconds on large ones.
    for kind, sign, pattern, possible in (
        ("error", b't="e"', _ERROR_CELL, True),
        ("no_value", b"<" + prefix + b"f", _NO_VALUE, has_formulas),
        ("no_value", b't="str"', _NO_STRING, has_formulas),
    ):
        if possible and sign in xml:
            for cell in _pattern(prefix, pattern).finditer(xml):
                found.flaws.append((kind, position(cell[1].decode()), int(cell[2])))
    for cell in _pattern(prefix, _NUMBER_CELL).finditer(xml) if widths else ():
        if text := padded(cell[4].decode(), widths.get(int(cell[3]), 0)):
            found.texts.append((position(cell[1].decode()), int(cell[2]), text))
    return found


# -- parsing -----------------------------------------------------------------------------------


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Decode `_x000D_`, as Excel writes characters that XML cannot hold."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class _Parser:
    """Collects the same evidence by parsing; rows and cells need not carry addresses."""

    def __init__(self, widths: Mapping[int, int]) -> None:
        self.found = Evidence()
        self.values = 0
        self._widths = widths
        self._row = self._column = 0
        self._cell: dict[str, str] = {}
        self._formula = self._has_value = False
        self._text = ""
        self._filled: set[tuple[int, int]] = set()
        self._open = ""
        self._hidden_from_reader = False

    def parse(self, xml: bytes) -> Evidence:
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
            self._has_value = False
            self._hidden_from_reader = False
        elif name == "f":
            self._formula = True
        elif name in ("v", "t"):
            self._open = name
            self._has_value = True

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
        if self._text:
            if (self._row, at) in self._filled:
                raise CellTwiceError(f"{letter(at)}{self._row}")
            self._filled.add((self._row, at))
        self.values += bool(self._text.strip())
        if kind == "e":
            self.found.flaws.append(("error", at, self._row))
        elif self._formula and not self._text.strip() and (kind != "str" or not self._has_value):
            self.found.flaws.append(("no_value", at, self._row))
        elif kind == "s" and self._text and not (self._text.isascii() and self._text.isdigit()):
            raise ValueError(f"{self._text[:20]!r} is no index of a shared string")
        elif self._hidden_from_reader and kind == "s":
            self.found.flaws.append(("error", at, self._row))
        elif self._hidden_from_reader:
            self.found.texts.append((at, self._row, unescaped(self._text)))
        elif kind == "n":
            style = self._cell.get("s", "0")
            width = self._widths.get(int(style), 0) if style.isdigit() else 0
            if text := padded(self._text, width):
                self.found.texts.append((at, self._row, text))


# -- merged and hidden cells -------------------------------------------------------------------

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
    """Column indexes."""
    for found in _HIDDEN_COLUMN.finditer(xml, 0, max(xml.find(b"sheetData"), 0)):
        first, last = (
            re.search(rb"\b%s=[\"'](\d{1,5})[\"']" % name, found[1]) for name in (b"min", b"max")
        )
        if first and last:
            yield from range(int(first[1]) - 1, min(int(last[1]), LAST_COLUMN))


# -- stray values ------------------------------------------------------------------------------

_FILLED = rb'\d+)"[^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b'
_VALUE = re.compile(rb' r="([A-Z]+' + _FILLED)
_FAR_VALUE = re.compile(rb' r="([A-Z]{3}' + _FILLED)
_WIDE_VALUE = re.compile(rb' r="([B-Z][A-Z]' + _FILLED)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)[\"']")
_MANY_ROWS = 50_000
_MANY_CELLS = 20_000_000
"""Cells of the grid between the first and the last value, which take some 600 MB."""


def _stray(xml: bytes, *, is_narrow: bool) -> str:
    last_value = max(xml.rfind(b"v>"), xml.rfind(b"is>"), 0)
    start = max(xml.rfind(b"<", 0, max(xml.rfind(b"row ", 0, last_value), 0)), 0)
    row = _ROW.match(xml, start)
    last = int(row[1]) if row and len(row[1]) < 12 else 0
    far = None
    if last > _MANY_ROWS and xml.count(b"row ") * 20 < last:
        far = _VALUE.search(xml, start)
    if not far and not is_narrow:
        far = _FAR_VALUE.search(xml)
    if not far and not is_narrow and last > _MANY_ROWS:
        wide = _WIDE_VALUE.finditer(xml)
        far = next((one for one in wide if last * _column(one[1]) > _MANY_CELLS), None)
    return far[1].decode() if far else ""


def _column(address: bytes) -> int:
    """One-based column number of an address."""
    return position(address.decode().rstrip("0123456789")) + 1
