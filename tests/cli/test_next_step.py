"""The last lines of a command can be copied as they stand."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from converter import model
from converter.cli.next_step import Situation, Totals, last_lines
from converter.cli.session import confirm
from converter.model import Status
from converter.report import Report
from converter.runs.proposal import Proposal

MAPPINGS = Path(__file__).parents[2] / "mappings"
Run = Callable[..., Result]
Order = model.Result

TITLES = (
    "平台订单号,平台仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家代码,收件人手机,"
    "收件人城市,收件人地址1,SKU,数量"
)


def sheet(folder: Path, name: str, reference: str, quantity: object = 1) -> str:
    row = f"{reference},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,{quantity}"
    (folder / name).write_text(f"{TITLES}\n{row}\n", "utf-8")
    return name


def words(done: Result) -> list[str]:
    """The command in the line that says what to do next."""
    line = [one for one in done.stderr.splitlines() if "converter " in one][-1]
    return shlex.split(line[line.rindex("converter ") :])


@pytest.mark.parametrize(
    "given",
    [
        ["--sandbox", "--lang", "zh"],
        ["--sheet", "my orders", "--hidden-rows", "include", "--orders-per-request", "3"],
    ],
)
def test_it_repeats_the_options_that_were_given(run: Run, home: Path, given: list[str]) -> None:
    done = run("check", sheet(home, "my orders.csv", "A-1"), "-p", "oms", *given, "-v")

    command, name, *options = words(done)[1:]
    assert [command, name] == ["submit", "my orders.csv"]
    assert sorted(options) == sorted(["-p", "oms", *given])


def test_it_repeats_a_mapping_file_and_the_choices_of_columns(run: Run, home: Path) -> None:
    mapping = home / "my provider.yaml"
    mapping.write_bytes((MAPPINGS / "oms.yaml").read_bytes())
    sheet(home, "a.csv", "A-1")

    done = run("check", "a.csv", "-p", str(mapping), "--columns", "columns.csv")
    again = run(*words(done)[1:], "--sandbox")

    assert words(done)[2:] == ["a.csv", "-p", str(mapping), "--columns", "columns.csv"]
    assert again.exit_code == 0


@pytest.mark.parametrize(
    ("reference", "quantity", "command", "expected"),
    [
        ("A-1", "two", "check", "submit a.result.xlsx"),
        ("A-1", "two", "convert", "convert a.csv"),
        ("DROP-1", 1, "submit", "reconcile a.result.xlsx"),
        ("REJECT-1", 1, "submit", "submit a.result.xlsx"),
    ],
)
def test_it_names_the_right_command(
    run: Run, home: Path, reference: str, quantity: object, command: str, expected: str
) -> None:
    done = run(command, sheet(home, "a.csv", reference, quantity), "-p", "oms", "--sandbox")

    assert " ".join(words(done)[1:]) == f"{expected} -p oms --sandbox"


def test_after_reconcile_it_is_submit(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    run("submit", sheet(home, "a.csv", "DROP-1"), "-p", "oms", "--sandbox")
    done = run("reconcile", "a.csv", "-p", "oms", "--sandbox", "--not-created", "DROP-1")

    assert done.exit_code == 3
    assert words(done)[1:3] == ["submit", "a.csv"]


def test_the_sandbox_is_said_last_and_alone(run: Run, home: Path) -> None:
    done = run("submit", sheet(home, "a.csv", "A-1"), "-p", "oms", "--sandbox", "--lang", "zh")

    assert done.stderr.splitlines()[-1] == "这是沙箱演练：没有真实发送任何订单。"


def test_an_accepted_order_that_was_changed_is_told(run: Run, home: Path) -> None:
    run("submit", sheet(home, "a.csv", "A-1"), "-p", "oms", "--sandbox")
    done = run("submit", sheet(home, "a.csv", "A-1", 5), "-p", "oms", "--sandbox")

    assert done.exit_code == 0
    assert "A-1: accepted: Already accepted at " in done.stderr
    assert "1 of them stand otherwise in the sheet now" in done.stderr


def test_accepted_without_an_order_number_is_told() -> None:
    orders = (
        Order("A-1", Status.ACCEPTED, provider_order_no="N-1"),
        Order("A-2", Status.ACCEPTED),
    )
    situation = Situation("submit", lambda *_: "", has_numbers=True)

    (line,) = last_lines([Totals.of(Report("oms", "a.csv", "R", orders))], "en", situation)

    assert line == (
        "Every order was accepted, but the provider gave no order number for 1 of them. "
        "Look them up there."
    )


@pytest.mark.parametrize(
    ("has_tracking", "expected"),
    [
        (True, "所有订单均已接受，其中 1 单暂时没有跟踪号。"),
        (False, "所有订单均已接受，无需操作。"),
    ],
)
def test_accepted_without_a_tracking_number_is_told(has_tracking: bool, expected: str) -> None:
    orders = (
        Order("A-1", Status.ACCEPTED, tracking_no="T-1"),
        Order("A-2", Status.ACCEPTED),
    )
    situation = Situation("submit", lambda *_: "", has_tracking=has_tracking)

    lines = last_lines([Totals.of(Report("oms", "a.csv", "", orders))], "zh", situation)

    assert list(lines) == [expected]


# -- before anything is sent -------------------------------------------------------------------

PROPOSED = Proposal(
    3, 1, "https://oms.example", 1, total=17, goes=3, invalid=13, warned=("AK8 邮编 2108",),
    provider="oms", account="KJHB1", action="create",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "typed", "agreed", "lines"),
    [
        (
            "en", "y", True,
            ["17 orders: 3 go (1 with a warning: AK8 邮编 2108), 13 have errors and stay, "
             "1 were sent before and stay",
             "To oms, account KJHB1, action create. This is REAL.",
             "Send 3 orders in 1 requests to https://oms.example? [y/N]: y"],
        ),
        (
            "zh", "是", True,
            ["共 17 个订单：3 个将发送（其中 1 个有提醒：AK8 邮编 2108），13 个数据有误，不发送，"
             "1 个此前已发送，不再发送",
             "发送到 oms，账号 KJHB1，操作 create。这是真实发送。",
             "将 3 个订单分 1 次请求发送到 https://oms.example，确定吗？ [是/否]: 是"],
        ),
        ("zh", "否", False, None),
        ("en", "yes", True, None),
        ("en", "", False, None),
        ("en", "what?\nno", False, None),
    ],
)  # fmt: skip
def test_the_plan_is_told_and_agreed_to_in_either_language(
    lang: str, typed: str, agreed: bool, lines: list[str] | None
) -> None:
    said: list[bool] = []

    @click.command()
    def ask() -> None:
        said.append(confirm(lang, PROPOSED))

    done = CliRunner().invoke(ask, input=f"{typed}\n")

    assert said == [agreed], done.output
    if lines is not None:
        assert done.output.splitlines() == lines
