"""`converter labels`: the labels of accepted orders, in a folder and in Results."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from pypdf import PdfReader

Run = Callable[..., Result]
HERE = ("-p", "scexpress", "--sandbox")


def calls_made(home: Path) -> int:
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM call WHERE kind = 'labels'").fetchone()
    return int(count)


@pytest.fixture
def sheet(run: Run, home: Path) -> str:
    """Example orders of SC-Express, the second of which has no label."""
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook(home / "orders.xlsx")
    for row in book["Orders"].iter_rows():
        for cell in row:
            if cell.value == "SCX-20251201-001":
                cell.value = "CK/1"
            if cell.value == "SCX-20251201-002":
                cell.value = "NOLABEL-2"
    book.save(home / "orders.xlsx")
    return "orders.xlsx"


def test_labels_go_into_a_folder_and_results_link_to_them(run: Run, home: Path, sheet: str) -> None:
    run("submit", sheet, *HERE)
    done = run("labels", sheet, *HERE, "--merge", "--json")
    report = json.loads(done.stdout)
    names = sorted(path.name for path in (home / "labels").iterdir())
    book = openpyxl.load_workbook(home / "orders.result.xlsx")
    cells = [cell for row in book["Results"].iter_rows() for cell in row if cell.hyperlink]
    links = [str(cell.hyperlink.target) for cell in cells if cell.hyperlink]

    assert done.exit_code == 7
    assert "The provider has no label for NOLABEL-2 yet. Run this again later." in report["notes"]
    assert report["stopped"].startswith("Not all labels were fetched")
    assert len(names) == 4
    assert "labels.pdf" in names
    assert sorted(links) == sorted(f"labels/{name}" for name in names if name != "labels.pdf")
    assert len(PdfReader(home / "labels" / "labels.pdf").pages) == 3
    assert calls_made(home) == 4

    run("labels", sheet, *HERE)
    assert calls_made(home) == 5  # only the one that lacks its label is asked about again


def test_a_file_that_somebody_changed_stays(run: Run, home: Path, sheet: str) -> None:
    run("submit", sheet, *HERE)
    first = run("labels", "SCX-20251201-003", *HERE, "-o", "out", "--json")
    (path,) = (home / "out").iterdir()
    fetched = path.read_bytes()
    path.write_bytes(b"mine")
    after = run("labels", "SCX-20251201-003", *HERE, "-o", "out")

    assert first.exit_code == after.exit_code == 0
    assert json.loads(first.stdout)["orders"][0]["outputs"]["label_file"] == str(path.resolve())
    assert path.name == "SCX-20251201-003.pdf"
    assert path.read_bytes() == b"mine"
    assert (home / "out" / "SCX-20251201-003 (2).pdf").read_bytes() == fetched


def test_who_documents_no_labels_is_said(run: Run, home: Path) -> None:
    said = run("labels", "PO-1", "-p", "oms", "--sandbox")

    assert said.exit_code == 2
    assert "No document of oms has a call for labels" in said.stderr
