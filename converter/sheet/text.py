"""Text files (csv, tsv and what programs call xls) into columns.

The codec and the delimiter are those under which the mapping knows most headers. Statistics on
the bytes would be wrong too often: small GBK files look like Korean.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from converter.errors import SheetError
from converter.sentence import t
from converter.sheet import limits
from converter.sheet.columns import Builder, Columns
from converter.sheet.workbook import refuse_many_rows

Known = Callable[[str], bool]
"""Whether the mapping knows a header."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD_CODECS = ("gb18030", "big5hkscs", "cp1252")
_WIDE_CODECS = ("utf-16-le", "utf-16-be")
_DELIMITERS = ",;\t|"
_SEP = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
_HEAD = 1 << 16
_HEAD_ROWS = 30
_BLOCK = 1 << 20
_BLOCK_OF_ROWS = 10_000
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
SAVE_AS_UTF8 = t("Save the sheet again as CSV UTF-8.")


@dataclass(frozen=True)
class Form:
    """How a text file is to be read."""

    encoding: str
    delimiter: str
    header: int
    """The header's place among the rows."""
    skip: int
    """Lines in front of the first row: 1 where the file begins with `sep=;`."""


def read(path: Path, known: Known, encoding: str | None, allowed: limits.Limits) -> Columns:
    size = path.stat().st_size
    if size > allowed.bytes:
        raise SheetError(
            t(
                "it has {size} MB, more than the {most} MB that are read",
                size=f"{size >> 20:,}",
                most=f"{allowed.megabytes:,}",
            ),
            where=path,
            remedy=t("Split the file, or raise {name}.", name=limits.MEGABYTES),
            code="SIZE_LIMIT",
        )
    form = form_of(path, known, encoding)
    try:
        return _Reading(path, form, allowed).columns()
    except UnicodeDecodeError as error:
        raise _wrong_bytes(path, form.encoding) from error


# -- codec and delimiter -----------------------------------------------------------------------


def form_of(path: Path, known: Known, encoding: str | None) -> Form:
    """Raises SheetError where nothing is plainly the right way to read the file."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if encoding is not None:
        _check_name(path, encoding)
        return _Trial(path, head, encoding, known).form
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if marked:
        return _Trial(path, head, marked, known).form
    zero = _offset_of_zero(path)
    if zero < 0 and _wrong_byte(path, "utf-8") is None:
        return _Trial(path, head, "utf-8", known).form
    trials = [
        _Trial(path, head, codec, known)
        for codec in (_WIDE_CODECS if zero >= 0 else ("utf-8", *_OLD_CODECS))
    ]
    trials = [trial for trial in trials if trial.is_possible or trial.form.encoding == "utf-8"]
    best = max((trial.score for trial in trials), default=0)
    rivals = [trial for trial in trials if trial.score == best]
    if best and len(rivals) == 1 and rivals[0].form.encoding != "utf-8":
        return rivals[0].form
    if zero >= 0:
        raise SheetError(
            t("byte {place} is a null byte, so this is not a text file", place=zero),
            where=path,
            remedy=SAVE_AS_UTF8,
            code="TEXT_BYTES",
        )
    if trials[0] in rivals and trials[0].is_mostly_right:
        raise _wrong_bytes(path, "utf-8")
    raise _doubtful(path, trials[1:])


def _check_name(path: Path, encoding: str) -> None:
    try:
        b"a".decode(encoding, "replace")  # refuses codecs that do not give text, too
    except (LookupError, ValueError) as error:
        raise SheetError(
            t("no encoding is called {name}", name=repr(encoding)),
            where=path,
            remedy=t("Use a name such as utf-8, gb18030, big5 or cp1252 with --encoding."),
            code="TEXT_ENCODING",
        ) from error


def _offset_of_zero(path: Path) -> int:
    offset = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                return offset + block.index(b"\0")
            offset += len(block)
    return -1


def _wrong_byte(path: Path, encoding: str) -> tuple[int, int] | None:
    """(offset, line) of the first byte that the codec cannot read; None where it reads all."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = 0, 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                at = error.start - pending
                return max(offset + at, 0), line + block[: max(at, 0)].count(b"\n")
            if not block:
                return None
            offset += len(block)
            line += block.count(b"\n")


def _wrong_bytes(path: Path, encoding: str) -> SheetError:
    offset, line = _wrong_byte(path, encoding) or (0, 1)
    return SheetError(
        t(
            "byte {place}, in line {line}, is not text in the encoding {name}",
            place=offset,
            line=line,
            name=encoding,
        ),
        where=path,
        remedy=SAVE_AS_UTF8,
        code="TEXT_BYTES",
    )


def _doubtful(path: Path, trials: list[_Trial]) -> SheetError:
    shown = "; ".join(f"{trial.form.encoding}: {trial.preview}" for trial in trials)
    return SheetError(
        t(
            "the text is not UTF-8, and no header tells in which encoding it is ({shown})",
            shown=shown,
        ),
        where=path,
        remedy=t("Choose one with --encoding NAME, or save the sheet again as CSV UTF-8."),
        code="TEXT_ENCODING",
    )


class _Trial:
    """The head of the file as it reads under one codec."""

    def __init__(self, path: Path, head: bytes, encoding: str, known: Known) -> None:
        whole = len(head) < _HEAD  # else its last character may be cut
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head, whole)
            self.is_possible = True
        except UnicodeDecodeError:
            text = codecs.getincrementaldecoder(encoding)("replace").decode(head, whole)
            self.is_possible = False
        self._text = text.removeprefix("\ufeff")
        found = _SEP.match(self._text)
        rows = self._text[len(found[0]) :] if found else self._text
        choice = found[1] if found else _DELIMITERS
        if path.suffix.lower() == ".tsv" and "\t" in rows:
            choice = "\t"
        headers = {delimiter: _header(rows, delimiter, known) for delimiter in choice}
        delimiter = max(headers, key=lambda one: (headers[one].score, headers[one].width))
        self.score = headers[delimiter].score
        self.form = Form(encoding, delimiter, headers[delimiter].row, 1 if found else 0)

    @property
    def is_mostly_right(self) -> bool:
        """Whether there is text beyond ASCII that the codec reads well."""
        return any(ord(sign) > 127 and sign != "\ufffd" for sign in self._text)

    @property
    def preview(self) -> str:
        """The header, or the first line that is not the same under every codec."""
        lines = self._text.splitlines()
        line = next((line for line in lines if not line.isascii()), "")
        return repr(line[:60])


@dataclass
class _Header:
    row: int = 0
    width: int = 0
    score: int = 0
    """How many of its titles are known."""


def _header(text: str, delimiter: str, known: Known) -> _Header:
    """The row with most known titles; where none has any, the first that is not blank."""
    best, first = _Header(), True
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with suppress(csv.Error):  # said where the rows are read
        for number, row in enumerate(islice(rows, _HEAD_ROWS)):
            filled = {cell for cell in row if cell.strip()}
            score = sum(map(known, filled))
            if filled and (first or score > best.score):
                best = _Header(number, len(row), score)
                first = False
            elif first:
                best.width = max(best.width, len(row))
    return best


# -- rows --------------------------------------------------------------------------------------


class _Reading:
    """One pass over the rows of a text file."""

    def __init__(self, path: Path, form: Form, allowed: limits.Limits) -> None:
        self._path, self._form, self._allowed = path, form, allowed
        self._ragged: set[int] = set()

    def columns(self) -> Columns:
        with self._open() as file:
            # strict: a quote that never closes would swallow the rest of the file in silence
            rows = csv.reader(file, delimiter=self._form.delimiter, strict=True)
            head = self._block(rows, 0, self._form.header + 1)
            if not any(cell.strip() for row in head for cell in row):
                raise empty(self._path)
            width = max(len(row) for row in head)
            if width > limits.COLUMNS:
                raise SheetError(
                    t(
                        "its header has {count} columns, more than the {most} of Excel",
                        count=f"{width:,}",
                        most=f"{limits.COLUMNS:,}",
                    ),
                    where=self._path,
                    remedy=t("Look whether the separator between the columns is right."),
                    code="COLUMN_LIMIT",
                )
            builder = Builder(width, _shown)
            self._even(head, 1, width)
            builder.add(head)
            number = len(head) + 1
            while block := self._block(rows, number - 1, _BLOCK_OF_ROWS):
                refuse_many_rows(self._path.stem, number - 1 + len(block), self._allowed)
                self._even(block, number, width)
                builder.add(block)
                number += len(block)
        made = builder.columns(self._path.stem, 1)
        if self._ragged:
            made.flaws.setdefault(0, {})["ragged"] = self._ragged
        return made

    def _open(self) -> Any:
        encoding = {"utf-8": "utf-8-sig"}.get(self._form.encoding, self._form.encoding)
        file = self._path.open(encoding=encoding, newline="")
        for _ in range(self._form.skip):
            file.readline()
        return file

    def _block(self, rows: Iterator[list[str]], count: int, most: int) -> list[list[str]]:
        """The next rows; `count` have been read before."""
        block: list[list[str]] = []
        try:
            block.extend(islice(rows, most))
        except csv.Error as error:
            raise self._unreadable(count + len(block), error) from error
        return block

    def _unreadable(self, count: int, error: csv.Error) -> SheetError:
        line = 1 + self._form.skip
        if count:
            with self._open() as file:
                again = csv.reader(file, delimiter=self._form.delimiter)
                for _ in range(count):
                    next(again)
                line += again.line_num
        long = "field limit" in str(error)
        return SheetError(
            t(
                "the row that begins in line {line} cannot be read as comma-separated text "
                "({problem})",
                line=line,
                problem=str(error),
            ),
            where=self._path,
            remedy=t(
                "Look for a quotation mark that is not closed, or a text that is far too long."
                if long
                else "Look for a quotation mark that is not closed."
            ),
            code="CELL_LIMIT" if long else "TEXT_QUOTES",
        )

    def _even(self, rows: list[list[str]], number: int, width: int) -> None:
        """Give each row as many cells as the header has. What is more is never shifted into other
        columns: the row is named and its order is not sent."""
        if set(map(len, rows)) == {width}:
            return
        for row in rows:
            if len(row) != width:
                if len(row) > width and any(cell.strip() for cell in row[width:]):
                    self._ragged.add(number)
                row[width:] = []
                row.extend([""] * (width - len(row)))
            number += 1


def _shown(cell: str) -> tuple[str, str]:
    """Programs write ="00123" to keep Excel from taking a code for a number."""
    found = _EXCEL_TEXT.fullmatch(cell) if cell.startswith('="') else None
    return (found[1] if found else cell), ""


def empty(path: Path) -> SheetError:
    return SheetError(
        t("the file is empty"), where=path, remedy=t("Save the sheet again."), code="EMPTY_FILE"
    )
