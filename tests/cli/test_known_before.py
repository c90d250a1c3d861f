"""`check` and `convert` know which orders were accepted before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

Run = Callable[..., Result]

TITLES = (
    "平台订单号,平台仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家代码,收件人手机,"
    "收件人城市,收件人地址1,SKU,数量"
)
OMS = ("-p", "oms", "--sandbox")


def sheet(folder: Path, name: str, *references: str, quantity: object = 1) -> str:
    rows = (
        f"{reference},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,{quantity}"
        for reference in references
    )
    (folder / name).write_text("\n".join([TITLES, *rows]) + "\n", "utf-8")
    return name


def statuses(done: Result) -> dict[str, tuple[str, bool]]:
    orders = json.loads(done.stdout)["orders"]
    return {o["reference"]: (o["status"], bool(o["provider_order_no"])) for o in orders}


@pytest.fixture
def sent(run: Run, home: Path) -> str:
    """A sheet of which one order was accepted before."""
    run("submit", sheet(home, "first.csv", "A-1"), *OMS)
    return sheet(home, "a.csv", "A-1", "A-2")


def test_check_says_what_is_accepted_with_its_number(run: Run, sent: str) -> None:
    done = run("check", sent, *OMS, "--json")

    assert done.exit_code == 0
    assert statuses(done) == {"A-1": ("accepted", True), "A-2": ("valid", False)}
    assert "Every order is valid or was accepted before. Next: converter submit" in done.stderr


def test_convert_leaves_it_out_unless_all_are_asked_for(run: Run, sent: str) -> None:
    some = run("convert", sent, *OMS)
    everything = run("convert", sent, *OMS, "--all")

    assert [json.loads(done.stdout)["orders"] for done in (some, everything)] == [
        ["A-2"],
        ["A-1", "A-2"],
    ]
    assert some.exit_code == everything.exit_code == 0


def test_what_was_changed_since_is_told(run: Run, home: Path, sent: str) -> None:
    done = run("check", sheet(home, "b.csv", "A-1", quantity=5), *OMS)

    assert done.exit_code == 0
    assert "although the sheet now differs in: 数量" in done.stderr


def test_an_order_in_doubt_is_unknown_to_check_too(run: Run, home: Path) -> None:
    run("submit", sheet(home, "a.csv", "DROP-1"), *OMS)

    assert run("check", "a.csv", *OMS).exit_code == 3
    assert run("convert", "a.csv", *OMS).stdout == ""


def test_without_the_settings_it_says_that_it_does_not_know(run: Run, sent: str) -> None:
    done = run("check", sent, "-p", "oms", "--lang", "zh")

    assert done.exit_code == 0
    assert "无法得知哪些订单此前已被接受，因为缺少设置：OMS_" in done.stderr


def test_check_never_replaces_a_result_that_holds_numbers(run: Run, home: Path, sent: str) -> None:
    run("submit", sent, *OMS)
    first = run("check", sent, *OMS)
    second = run("check", sent, *OMS)

    assert "a.result.xlsx holds what the provider answered and was kept." in first.stderr
    assert "Result: a.result-2.xlsx" in first.stderr
    assert "Result: a.result-2.xlsx" in second.stderr  # its own is replaced
    book = openpyxl.load_workbook(home / "a.result.xlsx")
    assert [row[1].value for row in book["Results"].iter_rows(min_row=2)] == ["A-1", "A-2"]


def test_submit_replaces_the_result_of_a_check(run: Run, home: Path) -> None:
    run("check", sheet(home, "a.csv", "A-1"), *OMS)
    done = run("submit", "a.csv", *OMS)

    assert "Result: a.result.xlsx" in done.stderr
