"""Read text files (csv, tsv, and those that programs name xls) into columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from converter.errors import SheetError
from converter.messages.sentence import t
from converter.sheet import limits
from converter.sheet.columns import Builder, Columns
from converter.sheet.dialect import Dialect, TitlePredicate, detect_dialect, empty, undecodable
from converter.sheet.workbook import refuse_many_rows

_BLOCK_OF_ROWS = 10_000
_EXCEL_TEXT = re.compile(r'="([^"]*)"')


def read(
    path: Path, known: TitlePredicate, encoding: str | None, allowed: limits.Limits
) -> Columns:
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
    dialect = detect_dialect(path, known, encoding)
    try:
        made = _RowReader(path, dialect, allowed).columns()
    except UnicodeDecodeError as error:
        raise undecodable(path, dialect.encoding) from error
    if dialect.is_guess:
        made.notes.append(("note_encoding", {"encoding": dialect.encoding}))
    return made


# -- rows --------------------------------------------------------------------------------------


class _RowReader:
    """A single pass over the rows of a text file."""

    def __init__(self, path: Path, dialect: Dialect, allowed: limits.Limits) -> None:
        self._path, self._dialect, self._allowed = path, dialect, allowed
        self._ragged: set[int] = set()

    def columns(self) -> Columns:
        with self._open() as file:
            # strict: an unclosed quote would silently swallow the rest of the file
            rows = csv.reader(file, delimiter=self._dialect.delimiter, strict=True)
            head = self._block(rows, 0, self._dialect.header + 1)
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
        encoding = {"utf-8": "utf-8-sig"}.get(self._dialect.encoding, self._dialect.encoding)
        file = self._path.open(encoding=encoding, newline="")
        for _ in range(self._dialect.skip):
            file.readline()
        return file

    def _block(self, rows: Iterator[list[str]], count: int, most: int) -> list[list[str]]:
        """Return the next rows, after `count` that were read before."""
        block: list[list[str]] = []
        try:
            block.extend(islice(rows, most))
        except csv.Error as error:
            raise self._unreadable(count + len(block), error) from error
        return block

    def _unreadable(self, count: int, error: csv.Error) -> SheetError:
        line = 1 + self._dialect.skip
        if count:
            with self._open() as file:
                again = csv.reader(file, delimiter=self._dialect.delimiter)
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
    """Unwrap ="00123", which programs write to keep Excel from reading a code as a number."""
    found = _EXCEL_TEXT.fullmatch(cell) if cell.startswith('="') else None
    return (found[1] if found else cell), ""
