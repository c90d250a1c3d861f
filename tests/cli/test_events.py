"""The stream of `--events`, and completion in the shell."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from click.testing import Result

from converter.cli.commands import cli

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROWS = [
    "PO-1,LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2",
    "PO-2,LA,UPS,Ben,90001,US,3235550101,Los Angeles,2 Road,S-1,two",
]


@pytest.fixture
def sheet(home: Path) -> str:
    (home / "orders.csv").write_text("\n".join([TITLES, *ROWS]) + "\n", encoding="utf-8")
    return "orders.csv"


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_is_told_step_by_step(run: Run, home: Path, sheet: str) -> None:
    done = run("submit", sheet, "-p", "oms", "--sandbox", "--events", "events.jsonl")

    path = home / "events.jsonl"
    found = events(path.read_text(encoding="utf-8"))
    assert [one["event"] for one in found] == [
        "started", "sheet_read", "checked", "run_started", "planned", "attempt_sent",
        "attempt_answered", "order", "result_written", "run_ended", "order", "ended",
    ]  # fmt: skip
    assert {one["schema_version"] for one in found} == {1}
    told = [one for one in found if one["event"] == "order"]
    assert [(one["reference"], one["status"], one["rows"]) for one in told] == [
        ("PO-1", "accepted", [2]), ("PO-2", "invalid", [3]),
    ]  # fmt: skip
    assert found[5]["run"] == found[3]["run"]
    assert (found[-1]["exit_code"], done.exit_code) == (1, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_orders_are_told_when_their_answers_come(run: Run, home: Path) -> None:
    rows = [ROWS[0].replace("PO-1", f"PO-{number}") for number in range(1, 4)]
    (home / "three.csv").write_text("\n".join([TITLES, *rows]) + "\n", encoding="utf-8")
    done = run("submit", "three.csv", "-p", "oms", "--sandbox", "--orders-per-request", "1",
               "--events", "-")  # fmt: skip

    names = [one["event"] for one in events(done.stdout)]
    first, last = names.index("order"), len(names) - names[::-1].index("attempt_answered")
    assert first < last < names.index("run_ended")
    assert names.count("order") == 3


@pytest.mark.parametrize("command", ["check", "reconcile"])
def test_events_can_be_printed(run: Run, sheet: str, command: str) -> None:
    done = run(command, sheet, "-p", "oms", "--sandbox", "--events", "-")

    found = events(done.stdout)
    assert (found[0]["event"], found[0]["command"]) == ("started", command)
    assert (found[-1]["event"], found[-1]["exit_code"]) == ("ended", done.exit_code)


def test_an_error_ends_the_stream_with_its_code(run: Run, home: Path) -> None:
    run("check", "none.csv", "-p", "oms", "--events", "events.jsonl")

    last = events((home / "events.jsonl").read_text())[-1]
    assert (last["event"], last["exit_code"], last["code"]) == ("ended", 2, "USAGE")


def test_two_kinds_of_data_do_not_share_stdout(run: Run, sheet: str) -> None:
    together = run("check", sheet, "-p", "oms", "--json", "--events", "-")
    requests = run("convert", sheet, "-p", "oms", "--events", "-")

    assert (together.exit_code, requests.exit_code) == (2, 2)
    assert "stdout has other data already. Give --events a file." in together.stderr


@pytest.mark.parametrize(
    ("words", "begun", "names"),
    [
        pytest.param(["submit", "-p"], "pa", ["pandapon"], id="option"),
        pytest.param(["template"], "sc", ["scexpress"], id="argument"),
    ],
)
def test_the_shell_completes_providers(words: list[str], begun: str, names: list[str]) -> None:
    completing = ShellComplete(cli, {}, "converter", "_CONVERTER_COMPLETE")

    assert [one.value for one in completing.get_completions(words, begun)] == names
