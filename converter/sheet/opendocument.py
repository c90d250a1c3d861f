"""Read OpenDocument workbooks (ods) with python-calamine, and scan their XML for the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import python_calamine as calamine

from converter.message import t
from converter.ooxml import markup
from converter.sheet import limits
from converter.sheet.columns import Columns, Evidence
from converter.sheet.detect import not_a_workbook
from converter.sheet.workbook import choose, damaged, table
from converter.sheet.zip_check import Parts, encrypted

_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "Err:")


def read(
    raw: bytes, parts: Parts, path: Path, only: str | None, allowed: limits.Limits
) -> list[Columns]:
    try:
        if "mimetype" in parts.names:
            kind = parts.read("mimetype").decode("ascii", "replace").strip()
            if "opendocument.spreadsheet" not in kind:
                raise not_a_workbook(t("a document of the kind {kind}", kind=kind[:60]), path)
        manifest = "meta-inf/manifest.xml"
        if manifest in parts.names and b"encryption-data" in parts.read(manifest):
            raise encrypted(path)
        content = parts.read("content.xml")
        found = dict(_scan(content))
        book = _open(raw, parts, content)
        shown = calamine.SheetVisibleEnum.Visible
        hidden = {sheet.name: sheet.visible != shown for sheet in book.sheets_metadata}
        sheets = []
        for name in choose(hidden, only, path):
            columns = table(book, name, allowed)
            if columns is not None:
                columns.apply(found.get(name, Evidence()))
                sheets.append(columns)
        return sheets
    except (calamine.CalamineError, expat.ExpatError, LookupError, ValueError, OSError) as error:
        raise damaged(path) from error


def _open(raw: bytes, parts: Parts, content: bytes) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(parts.repacked(raw)))
    except calamine.CalamineError:  # it refuses any text between cells, even blanks
        parts.replace("content.xml", _without_text_between_cells(content))
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(parts.repacked(raw)))


def _without_text_between_cells(xml: bytes) -> bytes:
    out: list[bytes] = []
    open_names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        open_names.append(name)
        out.append(markup.start_tag(name, attributes))

    def end(name: str) -> None:
        open_names.pop()
        out.append(f"</{name}>".encode())

    def characters(text: str) -> None:
        if not open_names[-1].startswith(("table:", "office:")):
            out.append(markup.escape(text).encode())

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.Parse(xml, True)
    return b"".join(out)


def _scan(xml: bytes) -> Iterator[tuple[str, Evidence]]:
    scanner = _Scanner()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scanner.start
    parser.EndElementHandler = scanner.end
    parser.CharacterDataHandler = scanner.characters
    parser.Parse(xml, True)
    yield from scanner.sheets.items()


class _Scanner:
    """Collects evidence cell by cell; rows and cells carry repeat counts."""

    def __init__(self) -> None:
        self.sheets: dict[str, Evidence] = {}
        self._found = Evidence()
        self._row = self._column = self._columns = 0
        self._row_repeat = self._repeat = 1
        self._cell: dict[str, str] = {}
        self._hidden = False
        self._text: list[str] = []
        self._depth = self._notes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._depth += 1
            if self._depth == 1:  # otherwise a table inside a cell
                self._found = self.sheets.setdefault(attributes.get("table:name", ""), Evidence())
                self._row = self._columns = 0
        elif self._depth != 1:
            return
        elif name == "table:table-column":
            count = _number(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility", "visible") != "visible" and count < 2000:
                self._found.hidden_columns.update(range(self._columns, self._columns + count))
            self._columns += count
        elif name == "table:table-row":
            self._row_repeat = _number(attributes, "table:number-rows-repeated")
            self._column = 0
            if attributes.get("table:visibility", "visible") != "visible":
                count = min(self._row_repeat, 100_000)
                self._found.hidden_rows.update(range(self._row + 1, self._row + 1 + count))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._repeat = _number(attributes, "table:number-columns-repeated")
            self._cell, self._text = attributes, []
        elif name == "office:annotation":
            self._notes += 1

    def characters(self, text: str) -> None:
        if not self._notes:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1
        elif name == "office:annotation":
            self._notes -= 1
        elif self._depth != 1:
            return
        elif name == "table:table-row":
            self._row += self._row_repeat
        elif name in ("table:table-cell", "table:covered-table-cell"):
            if self._cell:
                self._judge()
            self._column += self._repeat

    def _judge(self) -> None:
        cell, text = self._cell, "".join(self._text).strip()
        kind = cell.get("office:value-type", "")
        formula = "table:formula" in cell
        wrong = cell.get("calcext:value-type") == "error" or (formula and text.startswith(_ERRORS))
        if wrong:
            self._note("error")
        elif formula and not kind and not text:
            self._note("no_value")
        elif kind == "boolean":
            self._show(cell.get("office:boolean-value", "").upper())
        elif kind == "float" and (text in ("TRUE", "FALSE") or _shows_zeros(cell, text)):
            self._show(text)
        elif kind == "time":
            self._show(text)
            self._note("date")
        down = _number(cell, "table:number-rows-spanned")
        across = _number(cell, "table:number-columns-spanned")
        if down > 1 or across > 1:
            last = (self._row + down, self._column + across - 1)
            self._found.merged.append((self._row + 1, self._column, *last))

    def _places(self) -> Iterator[tuple[int, int]]:
        for row in range(self._row, self._row + min(self._row_repeat, 100_000)):
            for column in range(self._column, self._column + min(self._repeat, 1000)):
                yield column, row + 1

    def _note(self, kind: str) -> None:
        self._found.flaws.extend((kind, column, row) for column, row in self._places())

    def _show(self, text: str) -> None:
        self._found.texts.extend((column, row, text) for column, row in self._places())


def _shows_zeros(cell: dict[str, str], text: str) -> bool:
    """Whether the number's format adds leading zeros, as codes have them."""
    return text.startswith("0") and text.isdigit() and text.lstrip("0") == cell.get("office:value")


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdigit() and len(text) < 9 else 1
