"""Commands that people wait for load only what they need; what loads slowly is named here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from converter.mapping.shipped import shipped_folder

SLOW = {
    "babel", "fastapi", "httpx", "jinja2", "jmespath", "jsonschema", "numpy", "openpyxl", "pandas",
    "pandera", "phonenumbers", "pydantic", "python_calamine", "rapidfuzz", "rich", "starlette",
    "uvicorn", "xlrd", "xlsxwriter", "yaml",
}  # fmt: skip

LOOK = """
import sys

def loaded():
    print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)

"""
AT_THE_END = """
from converter.cli import main
try: main()
finally: loaded()
"""
WHEN_THE_READER_STARTS = """
def look(event, _):
    if event == "subprocess.Popen": loaded()

sys.addaudithook(look)
from converter.cli import main
main()
"""

TITLES = ("Service", "Order No", "Quantity")


def loaded(program: str, words: list[str], home: Path) -> list[set[str]]:
    """What was loaded of the slow, each time that the program looked."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK + program, *words],
        cwd=home, env={**os.environ, "CONVERTER_HOME": str(home / "kept")},
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    looks = [line.split() for line in done.stderr.splitlines() if line.startswith("loaded ")]
    assert all("click" in look for look in looks), done.stderr
    return [SLOW.intersection(look) for look in looks]


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        pytest.param(["--help"], set(), id="help"),
        pytest.param(["submit", "--help"], set(), id="help of a command"),
        pytest.param(["web", "--help"], set(), id="help of the page"),
        pytest.param(["--version"], set(), id="version"),
        pytest.param(["status"], set(), id="status"),
        pytest.param(["providers"], {"yaml"}, id="providers"),
        pytest.param(["providers", "--json"], {"yaml"}, id="providers as JSON"),
    ],
)
def test_a_quick_command_loads_nothing_slow(
    words: list[str], needed: set[str], tmp_path: Path
) -> None:
    assert loaded(AT_THE_END, words, tmp_path) == [needed]


def test_a_blank_order_sheet_needs_nothing_that_reads_one(tmp_path: Path) -> None:
    words = ["template", "oms", "-o", "orders.xlsx"]

    assert loaded(AT_THE_END, words, tmp_path) == [
        {"babel", "jmespath", "numpy", "openpyxl", "pydantic", "yaml"}
    ]


def test_converting_loads_nothing_that_sends_or_writes_workbooks(tmp_path: Path) -> None:
    example = shipped_folder("templates") / "data" / "oms.csv"

    (found,) = loaded(AT_THE_END, ["convert", str(example), "-p", "oms"], tmp_path)

    assert found >= {"numpy", "pandas", "pandera", "pydantic", "yaml"}
    assert not found & {
        "fastapi", "httpx", "jsonschema", "openpyxl", "rich", "starlette", "uvicorn", "xlrd",
        "xlsxwriter",
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["check", "orders.xlsx"], id="check"),
        pytest.param(["convert", "orders.xlsx"], id="convert"),
        pytest.param(["submit", "orders.xlsx", "--no-input"], id="submit"),
        pytest.param(["reconcile", "orders.xlsx"], id="reconcile"),
        pytest.param(["explain", "orders.xlsx", "Orders!A2"], id="explain"),
        pytest.param(["submit", "orders.xlsx", "orders.csv"], id="submit several"),
    ],
)
def test_the_reader_of_a_workbook_starts_before_what_loads_slowly(
    words: list[str], tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(tmp_path / "orders.xlsx") as workbook:
        workbook.add_worksheet("Orders").write_row(0, 0, TITLES)

    at_the_start, *_ = loaded(WHEN_THE_READER_STARTS, [*words, "-p", "oms"], tmp_path)

    assert at_the_start == set()
