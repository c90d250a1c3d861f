"""A file into `Sheet`s: columns of text, rows numbered as Excel does, and what was damaged.

Text stays text: nothing here decides what a number means. Where the file itself has lost
something (an error cell, a number that Excel rounded) the place is noted in `flaws`, because
the text alone no longer shows it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd

from converter.errors import SheetError
from converter.sheet.model import Flaws, Merged, Sheet, letter, position

__all__ = ["Merged", "Sheet", "letter", "position", "read"]

LARGEST_EXACT = 10**15
"""Excel keeps 15 digits of a number; from here on the rest are zeros or noise."""


def read(path: Path, *, only: str | None = None) -> list[Sheet]:
    """Every visible sheet of a workbook that has a cell, or the one table of a CSV file.

    Raises SheetError where the file cannot be read as what its name says.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise SheetError(
            "this is not a file", where=path, remedy="Give the name of the order sheet itself."
        )
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise SheetError(
            f"the file cannot be opened ({error.strerror})",
            where=path,
            remedy="Check the name and that no other program holds it.",
        ) from error
    if not head:
        raise SheetError("the file is empty", where=path, remedy="Save the sheet again.")
    kind = path.suffix.lower()
    is_zip, is_old = head.startswith(b"PK"), head.startswith(b"\xd0\xcf\x11\xe0")
    if kind in (".csv", ".tsv", ".txt"):
        if is_zip or is_old:
            raise SheetError(
                f"this is an Excel workbook that is called {kind}",
                where=path,
                remedy="Rename it to .xlsx.",
            )
        return [_read_csv(path)]
    if kind not in (".xlsx", ".xlsm"):
        raise SheetError(
            f"files that end in {kind or 'nothing'} are not read",
            where=path,
            remedy="Save the sheet as .xlsx or .csv.",
        )
    if is_old:
        raise _old_format(path)
    if not is_zip:
        raise SheetError(
            f"this is not an Excel workbook although it is called {kind}",
            where=path,
            remedy="If it is comma-separated text, rename it to .csv; else save it again in Excel.",
        )
    return _read_workbook(path, only)


def _old_format(path: Path) -> SheetError:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return SheetError(
            "the workbook is protected by a password",
            where=path,
            remedy="Open it in Excel, remove the password (File, Info, Protect Workbook) "
            "and save it.",
        )
    return SheetError(
        f"this is an old Excel 97-2003 workbook that is called {path.suffix.lower()}",
        where=path,
        remedy="Open it in Excel and save it as .xlsx.",
    )


# -- workbooks ---------------------------------------------------------------------------------


def _read_workbook(path: Path, only: str | None) -> list[Sheet]:
    import python_calamine as calamine

    damaged = SheetError(
        "the workbook is damaged and cannot be read",
        where=path,
        remedy="Open it in Excel, let it repair the file, and save it again.",
    )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _sheet_parts(archive)
            visible = [name for name, (_, hidden) in parts.items() if not hidden]
            if not parts:
                raise SheetError(
                    "the workbook has no sheets", where=path, remedy="Save it again from Excel."
                )
            if only is not None and only not in parts:
                raise SheetError(
                    f"there is no sheet {only!r}",
                    where=path,
                    remedy=f"Its sheets are: {', '.join(visible)}.",
                )
            book = calamine.CalamineWorkbook.from_path(str(path))
            zero_formats = _zero_formats(archive)
            sheets = []
            for name in [only] if only is not None else visible:
                xml = archive.read(parts[name][0])
                _refuse_stray(name, xml)
                found = book.get_sheet_by_name(name)
                if found.start is not None:
                    padded = _padded(xml, zero_formats)
                    sheets.append(_as_sheet(name, found, xml, padded))
            return sheets
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise damaged from error  # RuntimeError: a part is encrypted, or packed in an unknown way
    except (calamine.CalamineError, expat.ExpatError, LookupError, ValueError, OSError) as error:
        raise damaged from error


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, tuple[str, bool]]:
    """Sheet name -> its part of the zip file and whether it is hidden, in the workbook's order."""
    targets: dict[str, str] = {}
    relations = archive.read("xl/_rels/workbook.xml.rels")
    for _, attributes in _elements(relations, "Relationship"):
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = (
            target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        )
    found: dict[str, tuple[str, bool]] = {}
    for _, attributes in _elements(archive.read("xl/workbook.xml"), "sheet"):
        relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
        part = targets.get(relation, "")
        if "worksheets/" in part:
            found[attributes["name"]] = (part, attributes.get("state", "visible") != "visible")
    return found


def _elements(xml: bytes, wanted: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append((name, attributes))

    def refuse(*_: object) -> None:
        raise ValueError("document type declarations are not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)
    return found


_BEYOND_ZZ = re.compile(rb' r="([A-Z]{3})(\d+)"[^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b')
_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"')
_LAST_ROW = 1_000_000


def _refuse_stray(name: str, xml: bytes) -> None:
    """A forgotten value in the last corner makes a grid that no memory holds: the reader dies."""
    last_value = max(xml.rfind(b"</v>"), xml.rfind(b"</is>"))
    last_row = _ROW.match(xml, max(xml.rfind(b"<row ", 0, last_value), 0))
    stray = f"row {int(last_row[1])}" if last_row and int(last_row[1]) > _LAST_ROW else ""
    if found := _BEYOND_ZZ.search(xml):
        stray = (found[1] + found[2]).decode()
    if stray:
        raise SheetError(
            f"there is a value in {stray}, far outside any table",
            where=f"sheet {name!r}",
            remedy="Delete it (Ctrl+End in Excel leads there) and save the workbook.",
        )


def _as_sheet(
    name: str, found: Any, xml: bytes, padded: Iterable[tuple[int, int, str]] = ()
) -> Sheet:
    first_row, first_column = found.start
    rows = found.to_python(skip_empty_area=True)
    letters = tuple(letter(first_column + i) for i in range(len(rows[0]) if rows else 0))
    flaws: Flaws = defaultdict(lambda: defaultdict(set))
    columns = {}
    for at, cells in enumerate(zip(*rows, strict=True)):
        columns[at] = _categories(cells, first_row + 1, flaws[at])
    frame = pd.DataFrame(columns, index=pd.RangeIndex(first_row + 1, first_row + 1 + len(rows)))
    for column, row, text in padded:
        if 0 <= column - first_column < len(letters) and row in frame.index:
            at = column - first_column
            if text not in frame[at].cat.categories:
                frame[at] = frame[at].cat.add_categories([text])
            frame.loc[row, at] = text
    for kind, column, row in _hidden_damage(xml):
        if 0 <= column - first_column < len(letters):
            flaws[column - first_column][kind].add(row)
    hidden_columns = {at - first_column for at in _hidden_columns(xml)}
    return Sheet(
        name,
        letters,
        frame,
        {p: dict(kinds) for p, kinds in flaws.items() if kinds},
        tuple(sorted(_merged(xml, first_row + 1, first_column, len(rows), len(letters)))),
        frozenset(_hidden_rows(xml) & set(frame.index)),
        frozenset(hidden_columns & set(range(len(letters)))),
    )


def _categories(cells: Sequence[Any], first_row: int, flaws: dict[str, set[int]]) -> Any:
    """A column as categories of text. Each distinct value is turned into text once."""
    if bool in set(map(type, cells)):  # True would be the same key as the number 1
        cells = [str(cell).upper() if isinstance(cell, bool) else cell for cell in cells]
    index: dict[Any, int] = {}
    raw = np.fromiter((index.setdefault(cell, len(index)) for cell in cells), np.int64, len(cells))
    texts: dict[str, int] = {}
    recode = np.empty(len(index), np.int64)
    for value, code in index.items():
        text, flaw = _text(value)
        recode[code] = texts.setdefault(text, len(texts)) if text.strip() else -1
        if flaw:
            flaws.setdefault(flaw, set()).update((np.flatnonzero(raw == code) + first_row).tolist())
    return pd.Categorical.from_codes(recode[raw], categories=pd.Index(list(texts), dtype=object))


def _text(value: Any) -> tuple[str, str]:
    """The text that a person sees in the cell, and what the cell has lost."""
    if isinstance(value, str):
        return value, ""
    if isinstance(value, float | int):
        if value != value or abs(value) == float("inf"):
            return str(value), "rounded"
        # 15 digits are what Excel keeps and shows; the rest is binary noise (0.1 + 0.2).
        plain = format(Decimal(f"{value:.15g}"), "f")
        return plain, "rounded" if abs(value) >= LARGEST_EXACT else ""
    if isinstance(value, datetime):
        return value.isoformat(" "), "date"
    if isinstance(value, date | time):
        return value.isoformat(), "date"
    if isinstance(value, timedelta):
        return str(value), "date"
    return str(value), ""


# The reader shows error cells and formulas that were never calculated as blank cells.
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\b(?=[^>]*\bt=\"e\")[^>]*?\br=\"([A-Z]+)(\d+)\"")
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=\"str\")[^>]*?\br=\"([A-Z]+)(\d+)\"[^>]*>\s*"
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


_NUMBER_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=\"(?!n\"))(?=[^>]*\bs=\"(\d+)\")[^>]*?\br=\"([A-Z]+)(\d+)\"[^>]*>"
    rb"\s*<(?:\w+:)?v>(\d+)</(?:\w+:)?v>"
)
_ZEROS = re.compile(r'"?(0{2,})"?')


def _zero_formats(archive: zipfile.ZipFile) -> dict[int, int]:
    """Cell styles whose number format is nothing but zeros, and how many: `00000` shows 2108 as
    02108, so that is what the person typed and means."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = archive.read("xl/styles.xml")
    widths = {}
    for _, attributes in _elements(styles, "numFmt"):
        if found := _ZEROS.fullmatch(attributes.get("formatCode", "")):
            widths[attributes.get("numFmtId")] = len(found[1])
    if not widths:
        return {}
    cell_styles = styles[styles.find(b"cellXfs") :]
    cell_styles = b"<x " + cell_styles[: cell_styles.find(b"cellXfs", 8)] + b"x>"
    ids = re.findall(rb"<(?:\w+:)?xf\b[^>]*?\bnumFmtId=\"(\d+)\"", cell_styles)
    return {
        style: widths[name.decode()] for style, name in enumerate(ids) if name.decode() in widths
    }


def _padded(xml: bytes, widths: Mapping[int, int]) -> Iterable[tuple[int, int, str]]:
    """(column position, Excel row, text) of numbers whose format shows leading zeros."""
    for found in _NUMBER_CELL.finditer(xml) if widths else ():
        width = widths.get(int(found[1]), 0)
        if len(found[4]) < width:
            yield position(found[2].decode()), int(found[3]), found[4].decode().zfill(width)


def _hidden_damage(xml: bytes) -> Iterable[tuple[str, int, int]]:
    """(kind, column position from 0, Excel row) of cells that the reader shows as blank."""
    # A plain search first: most sheets have neither, and the patterns cost seconds on large ones.
    kinds = (("error", (b't="e"',), _ERROR_CELL), ("no_value", (b"<f", b":f"), _NO_VALUE))
    for kind, signs, pattern in kinds:
        if not any(sign in xml for sign in signs):
            continue
        for found in pattern.finditer(xml):
            yield kind, position(found[1].decode()), int(found[2])


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b([^>]*\s(?:hidden="(?:1|true)"|ht="0(?:\.0+)?")[^>]*)>')
_HIDDEN_COLUMN = re.compile(
    rb'<(?:\w+:)?col\b([^>]*\s(?:hidden="(?:1|true)"|width="0(?:\.0+)?")[^>]*)>'
)


def _merged(
    xml: bytes, first_row: int, first_column: int, height: int, width: int
) -> Iterable[Merged]:
    """The merged cells as far as the table reaches."""
    for found in _MERGED.finditer(xml) if b"mergeCell " in xml else ():
        top = max(int(found[2]), first_row)
        bottom = min(int(found[4]), first_row + height - 1)
        left = max(position(found[1].decode()) - first_column, 0)
        right = min(position(found[3].decode()) - first_column, width - 1)
        if bottom >= top and right >= left and (bottom, right) != (top, left):
            yield Merged(top, left, bottom, right)


def _hidden_rows(xml: bytes) -> set[int]:
    if b'hidden="' not in xml and b'ht="0' not in xml:
        return set()
    numbers = (re.search(rb'\br="(\d+)"', found[1]) for found in _HIDDEN_ROW.finditer(xml))
    return {int(number[1]) for number in numbers if number}


def _hidden_columns(xml: bytes) -> set[int]:
    """Positions counted from A."""
    hidden: set[int] = set()
    for found in _HIDDEN_COLUMN.finditer(xml[: max(xml.find(b"<sheetData"), 0)]):
        ends = [re.search(rb'\b%s="(\d{1,5})"' % name, found[1]) for name in (b"min", b"max")]
        if ends[0] and ends[1]:
            hidden.update(range(int(ends[0][1]) - 1, min(int(ends[1][1]), 16384)))
    return hidden


# -- CSV ---------------------------------------------------------------------------------------

_EXCEL_TEXT = re.compile(r'="([^"]*)"')


def _read_csv(path: Path) -> Sheet:
    text = _decode(path)
    delimiter = _delimiter(path, text)
    # strict: a quote that never closes would swallow the rest of the file in silence
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        again = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for _ in rows:
            next(again)
        raise SheetError(
            f"the row that begins in line {again.line_num + 1} cannot be read as "
            f"comma-separated text ({error})",
            where=path,
            remedy="Look for a quotation mark that is not closed.",
        ) from error
    width = next((len(row) for row in rows if any(cell.strip() for cell in row)), 0)
    if not width:
        raise SheetError("the file is empty", where=path, remedy="Save the sheet again.")
    flaws: Flaws = {}
    for number, row in enumerate(rows, 1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            # Never shifted into other columns: the row is named and its order is not sent.
            flaws.setdefault(0, {}).setdefault("ragged", set()).add(number)
        row[width:] = []
        row.extend([""] * (width - len(row)))
        for i, cell in enumerate(row):
            if cell.startswith('="') and (found := _EXCEL_TEXT.fullmatch(cell)):
                row[i] = found[1]
    columns = {
        position: _categories(cells, 1, {})
        for position, cells in enumerate(zip(*rows, strict=True))
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, len(rows) + 1))
    return Sheet(path.stem, tuple(letter(i) for i in range(width)), frame, flaws)


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    codecs = ["utf-16"] if wide else ["utf-8-sig", "gb18030"]
    if b"\0" in raw and not wide:
        raise SheetError(
            f"byte {raw.index(0)} is a null byte, so this is not a text file",
            where=path,
            remedy="Save the sheet again as CSV UTF-8.",
        )
    for codec in codecs:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError as error:
            offset = error.start
    raise SheetError(
        f"the text is neither UTF-8 nor GBK (byte {offset})",
        where=path,
        remedy="Save the sheet again as CSV UTF-8.",
    )


def _delimiter(path: Path, text: str) -> str:
    """The separator of the header line: whichever of comma, semicolon and tab it holds most."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    if path.suffix.lower() == ".tsv":
        return "\t"
    return max(",;\t", key=header.count)
