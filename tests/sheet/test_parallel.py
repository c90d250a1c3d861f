"""Two processes read the same as one."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.errors import SheetError
from converter.sheet import Reading, parallel, workbook
from converter.sheet.columns import Columns
from converter.sheet.limits import Limits
from converter.sheet.zip_check import Parts

NEVER = 1 << 60

# The test process has other threads; the child process that reads workbooks has none.
pytestmark = pytest.mark.filterwarnings("default:.*multi-threaded.*:DeprecationWarning")


def written(fill: Callable[[Any, Any], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book, book.add_worksheet("Orders"))
    return out.getvalue()


def read(raw: bytes, large: int, rows: int = 1000) -> list[dict[str, Any]]:
    allowed = Limits(rows=rows)
    parts = Parts(raw, Path("orders.xlsx"), allowed)
    parts.check()
    return [
        as_seen(sheet)
        for sheet in workbook.read(raw, parts, Path("orders.xlsx"), None, allowed, large)
    ]


def as_seen(sheet: Columns) -> dict[str, Any]:
    """Everything about a sheet, with texts instead of codes."""
    return {
        "name": sheet.name,
        "start": (sheet.first_row, sheet.first_column),
        "cells": [
            [texts[code] if code >= 0 else "" for code in codes]
            for codes, texts in zip(sheet.codes, sheet.texts, strict=True)
        ],
        "flaws": {at: kinds for at, kinds in sheet.flaws.items() if kinds},
        "merged": sheet.merged,
        "hidden": (sheet.hidden_rows, sheet.hidden_columns),
        "notes": sheet.notes,
    }


def ornate(book: Any, sheet: Any) -> None:
    """A sheet with peculiarities in the upper rows, in the lower ones, and across both."""
    zeros, day = book.add_format({"num_format": "00000"}), book.add_format({"num_format": 14})
    for row in range(2, 60):
        sheet.write_string(row, 1, f"ORD{row // 3}")
        sheet.write_number(row, 2, row / 10)
    for row in (5, 50):
        sheet.write_number(row, 3, 2108, zeros)
        sheet.write_datetime(row, 4, date(2025, 12, row // 10 + 1), day)
        sheet.write_formula(row, 5, "=A1", value="")
        sheet.write_formula(row, 6, "=1/0", value="#DIV/0!")
        sheet.write_number(row, 7, 1234567890123456789)
        sheet.write_boolean(row, 8, row > 9)
        sheet.set_row(row, None, None, {"hidden": True})
    sheet.set_column(2, 2, None, None, {"hidden": True})
    sheet.merge_range(3, 9, 5, 9, "above")
    sheet.merge_range(20, 9, 45, 9, "across the middle")
    sheet.merge_range(50, 9, 52, 10, "below")


def gap(_: Any, sheet: Any) -> None:
    for row in (0, 1, 2, 40, 41):
        sheet.write_string(row, row % 3, f"r{row}")


def left_and_right(_: Any, sheet: Any) -> None:
    for row in range(40):
        sheet.write_string(row + 1, 1 if row < 20 else 4, f"r{row}")


@pytest.fixture(params=["whole", "in pieces"], scope="module")
def pieces(request: pytest.FixtureRequest) -> Iterator[None]:
    """Halves of few rows are read as a whole, and again in pieces of two or three rows."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "in pieces":
            patch.setattr(workbook, "_PIECE", 600)
            patch.setattr(Parts, "size", lambda *_: 0)
        yield


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("fill", [ornate, gap, left_and_right])
def test_both_halves_together_are_the_sheet(fill: Callable[[Any, Any], None]) -> None:
    raw = written(fill)

    assert read(raw, 0) == read(raw, NEVER)


CELLS = st.one_of(
    st.none(),
    st.text("ab手1 0", max_size=3),
    st.integers(-9, 10**17),
    st.just(-0.0),
    st.floats(-1e20, 1e20),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12))
def test_any_sheet_is_the_same(grid: list[list[Any]]) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row, cells in enumerate(grid):
            for column, value in enumerate(cells):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)

    raw = written(fill)
    assert read(raw, 0) == read(raw, NEVER)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"<sheetData>", b"<sheetData><!-- <row > -->", id="a comment"),
        pytest.param(b'r="B31"', b"", id="a cell without its address"),
        pytest.param(b'<row r="31"', b'<row r="3"', id="a row that is out of order"),
        pytest.param(b'r="B31"', b'r="XFD31"', id="a value far away"),
        pytest.param(b"</sheetData>", b"</sheetData", id="no XML"),
    ],
)
def test_what_is_out_of_the_ordinary_is_read_as_a_whole(old: bytes, new: bytes) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written(ornate))) as source, zipfile.ZipFile(raw, "w") as out:
        for name in source.namelist():
            out.writestr(name, source.read(name).replace(old, new))

    def told(large: int) -> Any:
        try:
            return read(raw.getvalue(), large)
        except SheetError as error:
            return error.code

    assert told(0) == told(NEVER)


def test_too_many_rows_are_counted_over_both_halves() -> None:
    raw = written(ornate)

    with pytest.raises(SheetError, match="more than 50 rows"):
        read(raw, 0, rows=50)


SHEET = b'<worksheet><sheetData><row r="1"/><row r="2"/><row r="3"/></sheetData></worksheet>'


def test_the_second_process_reads_the_lower_rows() -> None:
    found = parallel.read(SHEET, lambda xml: (xml.count(b"<row "), os.getpid()), 0)

    if parallel.possible():
        assert found is not None
        (upper, here), (lower, there) = found
        assert (upper + lower, here) == (3, os.getpid())
        assert here != there


def test_a_second_process_that_dies_has_read_nothing() -> None:
    here = os.getpid()

    def reader(xml: bytes) -> int:
        if os.getpid() != here:
            os._exit(1)
        return len(xml)

    assert parallel.read(SHEET, reader, 0) is None


def test_a_second_process_that_dies_while_it_answers_has_read_nothing() -> None:
    here = os.getpid()

    class Endless:
        def __reduce__(self) -> Any:
            return (bytes, (b"x" * (64 << 20),))

    def reader(xml: bytes) -> Any:
        if os.getpid() != here:
            threading.Timer(0.3, os._exit, (1,)).start()
            return Endless()
        time.sleep(1)
        return len(xml)

    assert parallel.read(SHEET, reader, 0) is None


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in text.split()]


def test_nobody_waits_and_nothing_remains_when_the_reading_process_is_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Orders")
        for row in range(9_000):
            for column in range(40):
                sheet.write_string(row, column, f"{row} of a text that takes some room, {column}")
    with closing(Reading(path)) as reading:
        (reader,) = (child for child in children(os.getpid()) if is_reader(child))
        until(lambda: bool(children(reader)) or not is_reader(reader))
        helpers = children(reader)
        os.kill(reader, signal.SIGKILL)

        with pytest.raises(SheetError) as error:
            reading.sheets(known=set[str]().__contains__, encoding=None)

    assert error.value.code == "READER_FAILED"
    assert len(helpers) == parallel.possible()
    until(lambda: not any(Path(f"/proc/{helper}/exe").exists() for helper in helpers))


def is_reader(pid: int) -> bool:
    try:
        return b"converter.sheet.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it took too long")
