"""Read binary Excel workbooks (xlsb) with python-calamine, and scan their records for the rest."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import python_calamine as calamine

from converter.sheet import limits
from converter.sheet.columns import Columns, Evidence, padded, zero_widths
from converter.sheet.workbook import (
    choose,
    damaged,
    notes,
    refuse_many_rows,
    refuse_shared_part,
    resolved,
    table,
)
from converter.sheet.zip_check import Parts, elements

# Record types, from [MS-XLSB] 2.3.
_ROW, _RK, _ERROR, _REAL, _FORMULA_ERROR, _FORMAT, _STYLE, _COLUMN = 0, 2, 3, 5, 11, 44, 47, 60
_RICH_TEXT, _SHEET, _MERGED, _STYLES, _STYLES_END = 62, 156, 176, 617, 618


def read(
    raw: bytes, parts: Parts, path: Path, only: str | None, allowed: limits.Limits
) -> list[Columns]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        shown, kind = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
        hidden = {
            sheet.name: sheet.visible != shown
            for sheet in book.sheets_metadata
            if sheet.typ == kind
        }
        where, widths = _sheet_parts(parts), _zero_widths(parts)
        refuse_shared_part(where.values(), path)
        sheets = []
        for name in choose(hidden, only, path):
            found = table(book, name, allowed)
            evidence = _scan(parts.read(where[name]), widths)
            if found is None and not evidence.texts:
                continue
            columns = found or Columns(name, 1, 0)
            columns.apply(evidence)
            refuse_many_rows(name, columns.height, allowed)
            sheets.append(columns)
        if sheets:
            sheets[0].notes.extend(notes(parts))
        return sheets
    except (calamine.CalamineError, struct.error, LookupError, ValueError, OSError) as error:
        raise damaged(path) from error


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(raw)
    while at < end:
        kind = raw[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (raw[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while shift < 28:
            byte = raw[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, raw[at : at + size]
        at += size


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", data, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _sheet_parts(parts: Parts) -> dict[str, str]:
    targets = {
        one.get("Id", ""): resolved(one.get("Target", ""))
        for one in elements(parts.read("xl/_rels/workbook.bin.rels"), "Relationship")
    }
    found = {}
    for kind, data in _records(parts.read("xl/workbook.bin")):
        if kind == _SHEET:
            relation, at = _text(data, 8)
            found[_text(data, at)[0]] = targets[relation]
    return found


def _zero_widths(parts: Parts) -> dict[int, int]:
    """Map each cell style that shows leading zeros to its number of digits."""
    if "xl/styles.bin" not in parts.names:
        return {}
    formats: dict[int, str] = {}
    used: list[int] = []
    inside = False
    for kind, data in _records(parts.read("xl/styles.bin")):
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside:
            used.append(struct.unpack_from("<H", data, 2)[0])
    widths = zero_widths(formats)
    return {style: widths[number] for style, number in enumerate(used) if number in widths}


def _scan(raw: bytes, widths: dict[int, int]) -> Evidence:
    found = Evidence()
    row = 0
    for kind, data in _records(raw):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", data)
            if data[11] & 0x10:
                found.hidden_rows.add(row + 1)
        elif kind in (_ERROR, _FORMULA_ERROR):
            found.flaws.append(("error", struct.unpack_from("<I", data)[0], row + 1))
        elif kind == _RICH_TEXT:  # the reader passes over them
            (column,) = struct.unpack_from("<I", data)
            found.texts.append((column, row + 1, _text(data, 9)[0]))
        elif kind in (_RK, _REAL) and widths:
            column, style = struct.unpack_from("<II", data)
            if text := padded(_whole(kind, data), widths.get(style & 0xFFFFFF, 0)):
                found.texts.append((column, row + 1, text))
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            found.merged.append((top + 1, left, bottom + 1, right))
        elif kind == _COLUMN:
            first, last, _, _, flags = struct.unpack_from("<IIIIH", data)
            if flags & 1:
                found.hidden_columns.update(range(first, min(last + 1, limits.COLUMNS)))
    return found


def _whole(kind: int, data: bytes) -> str:
    """Return the digits of a whole, non-negative number; empty for any other."""
    if kind == _REAL:
        (value,) = struct.unpack_from("<d", data, 8)
    else:  # RkNumber: 30 bits of an integer or of a double, perhaps times 100
        (packed,) = struct.unpack_from("<i", data, 8)
        front = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", packed & ~3))[0]
        value = packed >> 2 if packed & 2 else front
        value = value / 100 if packed & 1 else value
    return str(int(value)) if value >= 0 and value == int(value) else ""
