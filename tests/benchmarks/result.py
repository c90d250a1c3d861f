"""What the result workbook costs on a large sheet, as ratios in one run.

    python -m tests.benchmarks.result --rows 100000

makes its own workbook (one row per item, 45 columns) and an outcome for every order, then prints
seconds, seconds of the processors and peak memory, each in a process of its own:

- the limit of an annotated copy: the sheet's part inflated and deflated again, as zip tools do;
- the annotated copy of a clean sheet, of one with 1 % and with 30 % bad rows, of such a copy that
  comes back with everything corrected, and the copy of the same sheet written anew, as for CSV;
- the sheet Results alone, against XlsxWriter on the same rows.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter

from converter.model import Cell, Issue, Result, Status
from converter.ooxml.package import namespaces
from converter.report import Report
from converter.results import marked_copy, text_copy
from converter.results.content import ResultContent
from converter.results.marks import marks_of
from converter.results.order_sheet import OrderSheet
from converter.results.page_xml import page_xml
from converter.results.results_page import results_page
from converter.results.stylesheet import EMPTY, Stylesheet
from converter.sheet import letter
from tests.benchmarks import sheets

LETTERS = tuple(letter(column) for column in range(len(sheets.TITLES)))
SHEET = "xl/worksheets/sheet1.xml"


def content(count: int, bad: float) -> ResultContent:
    """What a run tells: an order in every few rows, and so many rows with a wrong cell."""
    pick = random.Random(2)
    results, row = [], 2
    while row < count + 2:
        rows = tuple(range(row, min(row + pick.randint(1, 6), count + 2)))
        row = rows[-1] + 1
        wrong = tuple(
            Issue(Cell("Orders", pick.choice(LETTERS), r), "x", "数量", "required", {})
            for r in rows
            if pick.random() < bad
        )
        status = Status.INVALID if wrong else Status.ACCEPTED
        results.append(
            Result(f"ORD{row:07d}", status, "" if wrong else "下单成功", f"P{row}", f"EV{row}",
                   rows, issues=wrong, attempts=1, time="2025-12-01T10:15:22+08:00")
        )  # fmt: skip
    titles = sheets.TITLES

    def texts() -> Iterator[tuple[int, list[str]]]:
        for number, values in enumerate(sheets.rows(sheets.Shape(count)), 2):
            yield number, [str(value) for value in values]

    view = OrderSheet("Orders", 1, LETTERS, titles, count, texts)
    return ResultContent(Report("acme", "orders.xlsx", "run", tuple(results)), view)


def pack_again(source: Path, target: Path) -> None:
    with (
        zipfile.ZipFile(source) as archive,
        archive.open(SHEET) as sheet,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
        out.open("x", "w") as part,
    ):
        while chunk := sheet.read(1 << 20):
            part.write(chunk)


def results_alone(reported: ResultContent, target: Path) -> None:
    main = namespaces(strict=False)["main"]
    stylesheet = Stylesheet(EMPTY.format(main=main).encode(), {})
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out, out.open("x", "w") as part:
        page = results_page(reported, "Orders")
        for chunk in page_xml(page, stylesheet.number_of, main, is_shown=True):
            part.write(chunk)


def results_by_xlsxwriter(reported: ResultContent, target: Path) -> None:
    book = xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, values in enumerate(results_page(reported, "Orders").rows):
        for column, value in enumerate(values):
            if isinstance(value.content, int):
                sheet.write_number(number, column, value.content)
            elif value.content:
                sheet.write_string(number, column, value.content)
    book.close()


def jobs(folder: Path, count: int) -> dict[str, Callable[[], object]]:
    source = folder / "orders.xlsx"

    def kept(bad: float, source: Path, name: str) -> None:
        if not marked_copy.write(content(count, bad), source, folder / name):
            sys.exit("the workbook was not kept")

    return {
        "inflate and deflate": lambda: pack_again(source, folder / "packed.zip"),
        "nothing (imports, outcomes)": lambda: marks_of(content(count, 0.3)),
        "annotated copy, clean": lambda: kept(0, source, "clean.xlsx"),
        "annotated copy, 1 % bad": lambda: kept(0.01, source, "bad.xlsx"),
        "annotated copy, 30 % bad": lambda: kept(0.3, source, "worse.xlsx"),
        "the 30 % corrected": lambda: kept(0, folder / "worse.xlsx", "better.xlsx"),
        "written anew": lambda: text_copy.write(content(count, 0.01), folder / "anew.xlsx"),
        "Results by XlsxWriter": lambda: results_by_xlsxwriter(
            content(count, 0.01), folder / "xlsxwriter.xlsx"
        ),
        "Results": lambda: results_alone(content(count, 0.01), folder / "results.zip"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        jobs(asked.folder, asked.rows)[asked.job]()
        return
    with tempfile.TemporaryDirectory() as folder:
        source = sheets.make(sheets.Shape(asked.rows), Path(folder))
        source = source.rename(source.with_name("orders.xlsx"))
        print(f"{asked.rows} rows, {len(LETTERS)} columns, {source.stat().st_size / 1e6:.1f} MB")
        limits = {"inflate and deflate": 0.0, "Results by XlsxWriter": 0.0}
        limit = ""
        for name in jobs(Path(folder), asked.rows):
            command = [sys.executable, "-m", "tests.benchmarks.result", "--rows", str(asked.rows)]
            command += ["--job", name, "--folder", folder]
            start = time.monotonic()
            process = subprocess.Popen(command)
            _, status, usage = os.wait4(process.pid, 0)
            took = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"{name} failed")
            limit = name if name in limits else limit
            limits[limit] = limits[limit] or took
            ratio = took / limits[limit]
            cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            print(
                f"{name:<30}{took:8.2f} s{cpu:8.2f} s CPU{memory:8.0f} MB{ratio:8.2f} x {limit}",
                flush=True,
            )


if __name__ == "__main__":
    main()
