"""Read Excel 97-2003 workbooks (xls) with xlrd, which knows errors, formats and merged cells."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import xlrd

from converter.errors import SheetError
from converter.sheet import limits
from converter.sheet.columns import Builder, Columns, Evidence, padded, zero_widths
from converter.sheet.workbook import choose, damaged, refuse_many_rows
from converter.sheet.zip_check import encrypted

_LOG = logging.getLogger(__name__)

_BLOCK_OF_ROWS = 2_000


def read(raw: bytes, path: Path, only: str | None, allowed: limits.Limits) -> list[Columns]:
    try:
        book = _open(raw)
        names = choose({sheet.name: sheet.visibility != 0 for sheet in book.sheets()}, only, path)
        return [made for name in names if (made := _XlsSheet(book, name).columns(allowed))]
    except SheetError:
        raise
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise encrypted(path) from error
        raise damaged(path) from error
    except Exception as error:  # xlrd raises all kinds of exceptions on damaged files
        _LOG.info("workbook cannot be read", exc_info=True)
        raise damaged(path) from error


def _open(raw: bytes) -> Any:
    quiet = io.StringIO()
    try:
        return xlrd.open_workbook(
            file_contents=raw, formatting_info=True, ragged_rows=True, logfile=quiet
        )
    except (NotImplementedError, AssertionError, LookupError, ValueError):
        # It does not understand the styles; the values can still be read.
        _LOG.info("workbook is read without its styles", exc_info=True)
        return xlrd.open_workbook(file_contents=raw, ragged_rows=True, logfile=quiet)


class _XlsSheet:
    def __init__(self, book: Any, name: str) -> None:
        self._book = book
        self._sheet = book.sheet_by_name(name)
        self._styles = book.formatting_info
        self._formats = {key: one.format_str or "" for key, one in book.format_map.items()}
        self._widths = zero_widths(self._formats)
        self._evidence = Evidence()

    def columns(self, allowed: limits.Limits) -> Columns | None:
        sheet = self._sheet
        refuse_many_rows(sheet.name, sheet.nrows, allowed)
        width = max((sheet.row_len(row) for row in range(sheet.nrows)), default=0)
        if not width:
            return None
        builder = Builder(width)
        rows = (self._row(number, width) for number in range(sheet.nrows))
        while block := list(islice(rows, _BLOCK_OF_ROWS)):
            builder.add(block)
        made = builder.columns(sheet.name, 1)
        self._evidence.merged = [
            (top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells
        ]
        self._evidence.hidden_rows = {
            row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden
        }
        self._evidence.hidden_columns = {
            column for column, info in sheet.colinfo_map.items() if info.hidden
        }
        made.apply(self._evidence)
        return made

    def _row(self, number: int, width: int) -> list[Any]:
        cells = list(self._cells(number))
        return cells + [""] * (width - len(cells))

    def _cells(self, number: int) -> Iterator[Any]:
        kinds = self._sheet.row_types(number)
        for column, (kind, value) in enumerate(
            zip(kinds, self._sheet.row_values(number), strict=True)
        ):
            if kind == xlrd.XL_CELL_TEXT:  # lone surrogates cannot be encoded later
                yield value.encode("utf-8", "replace").decode() if not value.isascii() else value
            elif kind == xlrd.XL_CELL_NUMBER:
                yield value
                if self._widths and value == int(value):
                    width = self._widths.get(self._format(number, column), 0)
                    if text := padded(str(int(value)), width):
                        self._evidence.texts.append((column, number + 1, text))
            elif kind == xlrd.XL_CELL_DATE:
                yield self._moment(value, self._formats.get(self._format(number, column), ""))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                yield bool(value)
            else:
                if kind == xlrd.XL_CELL_ERROR:
                    self._evidence.flaws.append(("error", column, number + 1))
                yield ""

    def _format(self, row: int, column: int) -> int:
        if not self._styles:
            return -1
        style = self._sheet.cell_xf_index(row, column)
        return int(self._book.xf_list[style].format_key)

    def _moment(self, value: float, shown: str) -> date | time | timedelta | float:
        if "[h" in shown.lower() or "[m" in shown.lower():
            return timedelta(days=value)
        try:
            found: datetime = xlrd.xldate_as_datetime(value, self._book.datemode)
        except (ValueError, OverflowError, xlrd.XLDateError):
            return value
        if 0 <= value < 1:
            return found.time()
        return found.date() if value == int(value) else found
