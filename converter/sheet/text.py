"""Read text files (csv, tsv, and those that programs name xls) into columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from converter.errors import SheetError
from converter.message import N_, t
from converter.sheet import limits
from converter.sheet.columns import Builder, Columns
from converter.sheet.dialect import Dialect, TitlePredicate, detect_dialect, empty, undecodable
from converter.sheet.ragged import Counts, ragged
from converter.sheet.workbook import refuse_many_rows

_BLOCK_OF_ROWS = 10_000
_SEVERAL = 2
"""Rows that must all be short before that is said of the file."""
_EXCEL_TEXT = re.compile(r'="([^"]*)"')

EVERY_ROW_SHORT = N_(
    "Every row has {cells} cells, but the header has {titles} titles: the last columns were taken "
    "as blank. If they should not be, each row lacks a separator somewhere and its values stand in "
    "the wrong columns."
)


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
        made.notes.append(
            t(
                "The text is not UTF-8; by its letters it was read as {encoding}. If they look "
                "wrong, choose another with --encoding.",
                encoding=dialect.encoding,
            )
        )
    return made


# -- rows --------------------------------------------------------------------------------------


class _RowReader:
    """A single pass over the rows of a text file."""

    def __init__(self, path: Path, dialect: Dialect, allowed: limits.Limits) -> None:
        self._path, self._dialect, self._allowed = path, dialect, allowed

    def columns(self) -> Columns:
        header = self._dialect.header
        overfull: set[int] = set()
        with self._open() as file:
            # strict: an unclosed quote would silently swallow the rest of the file
            rows = csv.reader(file, delimiter=self._dialect.delimiter, strict=True)
            head = self._block(rows, 0, header + 1)
            if not any(map(_is_filled, head)):  # more blank rows than were examined
                head += self._up_to_first_filled(rows, len(head))
                header = len(head) - 1
            width = max(map(len, head))
            self._refuse_many_columns(width)
            builder = Builder(width, _display_text)
            counts = [np.fromiter(map(len, head), np.int32, len(head))]
            titles = int(counts[0][-1])
            builder.add(_evened(head, width))
            number = len(head) + 1
            while block := self._block(rows, number - 1, _BLOCK_OF_ROWS):
                refuse_many_rows(self._path.stem, number - 1 + len(block), self._allowed)
                lengths = np.fromiter(map(len, block), np.int32, len(block))
                counts.append(lengths)
                if width == titles and (lengths == width).all():
                    builder.add(block)
                else:
                    overfull |= {
                        number + int(at)
                        for at in np.flatnonzero(lengths > titles)
                        if _is_filled(block[at][titles:])
                    }
                    builder.add(_evened(block, width))
                number += len(block)
        columns = builder.columns(self._path.stem, 1)
        lengths = np.concatenate(counts)
        if found := ragged(columns, lengths, overfull, header, titles):
            columns.flaws.setdefault(0, {})["ragged"] = found
        elif cells := _same_shortfall(lengths[header + 1 :], titles):
            note = t(EVERY_ROW_SHORT, cells=cells, titles=titles)
            columns.notes.append(note)
        return columns

    def _up_to_first_filled(self, rows: Iterator[list[str]], count: int) -> list[list[str]]:
        """Return blank rows and the first that is not, after `count` that were read before."""
        found: list[list[str]] = []
        while row := self._block(rows, count + len(found), 1):
            found += row
            if _is_filled(row[0]):
                return found
        raise empty(self._path)

    def _refuse_many_columns(self, width: int) -> None:
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
                N_("Look for a quotation mark that is not closed, or a text that is far too long.")
                if long
                else N_("Look for a quotation mark that is not closed.")
            ),
            code="CELL_LIMIT" if long else "TEXT_QUOTES",
        )


def _same_shortfall(lengths: Counts, titles: int) -> int:
    """How many cells each row has, where all have as many and fewer than there are titles."""
    found = np.unique(lengths[lengths > 0], return_counts=True)
    if len(found[0]) != 1 or found[1][0] < _SEVERAL or found[0][0] >= titles:
        return 0
    return int(found[0][0])


def _is_filled(row: list[str]) -> bool:
    return any(cell.strip() for cell in row)


def _evened(rows: list[list[str]], width: int) -> list[list[str]]:
    """Cut or fill up each row to one width; cells are never shifted into other columns."""
    return [row if len(row) == width else row[:width] + [""] * (width - len(row)) for row in rows]


def _display_text(cell: str) -> tuple[str, str]:
    """Unwrap ="00123", which programs write to keep Excel from reading a code as a number."""
    found = _EXCEL_TEXT.fullmatch(cell) if cell.startswith('="') else None
    return (found[1] if found else cell), ""
