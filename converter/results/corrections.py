"""Single cells of the customer's file with other values; everything else stays as it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

from converter.errors import ConverterError
from converter.message import N_, t
from converter.ooxml import markup
from converter.ooxml.package import Package
from converter.results import worksheet
from converter.results.cell_text import writable
from converter.results.workbook import Workbook
from converter.results.worksheet import Worksheet
from converter.sheet import TitlePredicate, letter, position
from converter.sheet.dialect import detect_dialect

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")

Values = Mapping[int, Mapping[int, str]]
"""Texts by row, as Excel numbers it, and column, from 0."""

KIND = N_(
    "Cells of {name} cannot be corrected here. Correct them in the file, and upload it again."
)
SHARED = N_(
    "{cell} holds a formula that other cells share. Correct it in the file, and upload it again."
)
NO_ROW = N_("Row {row} is not in the file any more. Upload the file again.")
LETTERS = N_("The file is in {encoding}, which lacks a letter of the correction. Save it as .xlsx.")


class CorrectionError(ConverterError):
    """A cell cannot be corrected without changing more than it."""

    code = "CORRECTION"


def can_correct(name: str) -> bool:
    """Whether cells of a file of this name can be corrected."""
    return name.lower().endswith((*WORKBOOKS, *TEXTS))


def correct(
    source: Path, target: Path, values: Mapping[str, Values], known: TitlePredicate
) -> None:
    """Write a copy of a file with other values, by the names of its sheets.

    `known` tells which titles decide how a text file is read. Raises CorrectionError.
    """
    suffix = source.suffix.lower()
    if suffix in TEXTS:
        (only,) = values.values()
        target.write_bytes(_corrected_text(source, only, known))
    elif suffix in WORKBOOKS:
        _correct_workbook(source, target, values)
    else:
        raise CorrectionError(t(KIND, name=source.name))


# -- workbooks -----------------------------------------------------------------------------------


def _correct_workbook(source: Path, target: Path, values: Mapping[str, Values]) -> None:
    with ZipFile(source) as archive:
        package = Package(archive)
        book = Workbook(package)
        for name, changes in values.items():
            part = book.tab(name).part
            sheet = worksheet.read(lambda part=part: package.chunks(part))  # type: ignore[misc]
            pieces = list(_rewritten(sheet, changes))
            package.change(part, lambda pieces=pieces: pieces)  # type: ignore[misc]
        # Excel makes the order of calculation anew; an old one may name formulas that are gone.
        chain = [one.id for one in package.relations(book.part) if one.kind == "calcChain"]
        package.unrelate(book.part, chain)
        package.save(target)


def _rewritten(sheet: Worksheet, changes: Values) -> Iterator[bytes]:
    """The XML of a worksheet with other cells. Raises CorrectionError where a row is not there."""
    x = sheet.x.encode()
    row = re.compile(rb'<%brow\b[^>]*?\sr="(\d+)"[^>]*>' % x)
    close = b"</%brow>" % x
    left = dict(changes)
    yield sheet.head
    for piece in sheet.rows():
        edits: list[markup.Edit] = []
        at = 0
        while left and (found := row.search(piece, at)):
            at = found.end()
            cells = left.pop(int(found[1]), None)
            if cells is None:
                continue
            if found[0].endswith(b"/>"):
                tag, inner = found[0][:-2].rstrip() + b">", b""
                end = at
            else:
                tag, end = found[0], piece.index(close, at) + len(close)
                inner = piece[at : end - len(close)]
            new = _changed_row(inner, int(found[1]), cells, sheet.x)
            tag = re.sub(rb'\sspans="[^"]*"', b"", tag)
            edits.append((found.start(), end, tag + new + close))
            at = end
        yield markup.splice(piece, edits)
    if left:
        raise CorrectionError(t(NO_ROW, row=min(left)))
    yield sheet.tail


def _changed_row(inner: bytes, row: int, cells: Mapping[int, str], x: str) -> bytes:
    prefix = x.encode()
    whole = re.compile(
        rb'<%bc [^>]*?\br="([A-Z]+)\d+"(?:[^>]*?/>|.*?</%bc>)' % (prefix, prefix), re.S
    )
    found = {position(one[1].decode()): one[0] for one in whole.finditer(inner)}
    for column, text in cells.items():
        name = f"{letter(column)}{row}"
        old = found.get(column, b"")
        if re.search(rb"<(?:\w+:)?f\b[^>]*\sref=", old):
            raise CorrectionError(t(SHARED, cell=name))
        style = re.search(rb'^<[^>]*?\ss="(\d+)"', old)
        attributes = {"r": name, **({"s": style[1].decode()} if style else {})}
        if not text:
            found[column] = markup.start_tag(f"{x}c", attributes, closed=True)
            continue
        content = markup.text_element(f"{x}t", writable(text))
        found[column] = (
            markup.start_tag(f"{x}c", {**attributes, "t": "inlineStr"})
            + f"<{x}is>{content}</{x}is></{x}c>".encode()
        )
    return b"".join(found[column] for column in sorted(found))


# -- text files ----------------------------------------------------------------------------------


def _corrected_text(source: Path, changes: Values, known: TitlePredicate) -> bytes:
    """The file with the records of those rows written anew, and all others as they were."""
    dialect = detect_dialect(source, known, None)
    encoding = "utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding
    with source.open(encoding=encoding, newline="") as file:
        lines = file.readlines()
    made = lines[: dialect.skip]
    made += _records(lines[dialect.skip :], changes, dialect.delimiter)
    try:
        return "".join(made).encode(encoding)
    except UnicodeEncodeError as error:
        raise CorrectionError(t(LETTERS, encoding=encoding)) from error


def _records(lines: list[str], changes: Values, delimiter: str) -> Iterable[str]:
    left = dict(changes)
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    begin = 0
    for number, record in enumerate(reader, 1):
        raw = "".join(lines[begin : reader.line_num])
        begin = reader.line_num
        cells = left.pop(number, None)
        if cells is None:
            yield raw
            continue
        for column, text in cells.items():
            record += [""] * (column + 1 - len(record))
            record[column] = text
        out = io.StringIO(newline="")
        end = raw[len(raw.rstrip("\r\n")) :]
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(record)
        yield out.getvalue()
    if left:
        raise CorrectionError(t(NO_ROW, row=min(left)))
