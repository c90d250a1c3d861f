"""`-` as the sheet is stdin, and as the output stdout."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from converter.cli.commands import cli

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
TEXT = f"{TITLES}\nPO-1,LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2\n"


def piped(given: bytes, *words: str) -> Result:
    return CliRunner().invoke(cli, list(words), input=given, prog_name="converter")


@pytest.mark.usefixtures("home")
def test_a_text_sheet_comes_from_stdin() -> None:
    done = piped(TEXT.encode(), "submit", "-", "-p", "oms", "--sandbox", "--json")

    document = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (document["sheet"], document["counts"]) == ("-", {"accepted": 1})
    assert Path(document["result"]).resolve() == Path("stdin.result.xlsx").resolve()
    assert Path("stdin.result.xlsx").exists()
    (past,) = json.loads(piped(b"", "status", "--json").stdout)["runs"]
    assert past["sheet"] == "-"


@pytest.mark.usefixtures("home")
def test_events_call_it_as_reports_do() -> None:
    done = piped(TEXT.encode(), "check", "-", "-p", "oms", "--events", "-")

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["sheet"] for one in found if "sheet" in one} == {"-"}


def test_a_workbook_goes_from_stdout_to_stdin(run: Run, home: Path) -> None:
    made = run("template", "scexpress", "--example", "-o", "-")
    done = piped(made.stdout_bytes, "convert", "-", "-p", "scexpress", "-o", "-")

    assert openpyxl.load_workbook(io.BytesIO(made.stdout_bytes)).sheetnames
    assert done.exit_code == 0
    assert json.loads(done.stdout.splitlines()[0])["method"] == "POST"
    assert list(home.glob("*.xlsx")) == []


@pytest.mark.usefixtures("home")
def test_what_is_no_sheet_is_refused_with_its_code() -> None:
    done = piped(b"%PDF-1.4 ...", "check", "-", "-p", "oms", "--json")

    document = json.loads(done.stdout)
    assert (done.exit_code, document["code"]) == (2, "NOT_A_WORKBOOK")
    assert document["sheet"] == "-"


def test_stdin_is_the_only_sheet(run: Run, home: Path) -> None:
    (home / "orders.csv").write_text(TEXT, encoding="utf-8")

    done = run("check", "-", "orders.csv", "-p", "oms")

    assert (done.exit_code, done.stderr) == (
        2, "Error: A sheet from stdin (-) has to be the only one.\n"
    )  # fmt: skip


@pytest.mark.parametrize("command", ["check", "submit", "reconcile"])
def test_a_result_workbook_is_not_printed(run: Run, home: Path, command: str) -> None:
    (home / "orders.csv").write_text(TEXT, encoding="utf-8")

    done = run(command, "orders.csv", "-p", "oms", "--sandbox", "-o", "-")

    assert done.exit_code == 2
    assert done.stderr == "Error: The result is a workbook, which is not printed. Give -o a file.\n"
    assert not (home / "-").exists()
