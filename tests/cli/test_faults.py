"""What scripts and cron see where a command cannot do its work, or nobody reads its output."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter import results, settings
from converter.exit_codes import Exit
from converter.journal import Journal
from converter.orders import grouping
from converter.provider import answers
from converter.sending import loop

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{ref},LA,UPS,Ann Secretive,90001,US,3235550100,Los Angeles,1 Road,S-1,2"


@pytest.fixture
def sheet(home: Path) -> str:
    rows = [ROW.format(ref=f"PO-{number}") for number in range(3)]
    (home / "orders.csv").write_text("\n".join([TITLES, *rows]) + "\n", encoding="utf-8")
    return "orders.csv"


OF_A_CELL = "Ann Secretive"


def broken(*_: Any, **__: Any) -> Any:
    raise KeyError(OF_A_CELL)


def fault_logs() -> list[Path]:
    return sorted((settings.home() / "logs").glob("fault-*.log"))


def test_a_fault_has_an_exit_code_and_a_private_log(
    run: Run, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "group", broken)

    done = run("check", sheet, "-p", "oms", "--json")

    (log,) = fault_logs()
    text = log.read_text()
    assert done.exit_code == Exit.FAULT
    assert done.stderr.startswith("Error: This program has a fault (KeyError).")
    assert str(log) in done.stderr
    assert json.loads(done.stdout) == {
        "provider": "oms",
        "sheet": sheet,
        "schema_version": 1,
        "error": done.stderr.removeprefix("Error: ").strip(),
        "exit_code": 70,
        "code": "FAULT",
    }
    assert "builtins.KeyError" in text
    assert "test_faults.py" in text
    assert OF_A_CELL not in text + done.stderr
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_fault_while_sending_still_leaves_report_and_workbook(
    run: Run, home: Path, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = answers.judge
    calls = []

    def fails_at_the_second(*arguments: Any) -> Any:
        calls.append(arguments)
        return judge(*arguments) if len(calls) < 2 else broken()

    monkeypatch.setattr(answers, "judge", fails_at_the_second)

    done = run("submit", sheet, "-p", "oms", "--sandbox", "--orders-per-request", "1", "--json")

    document = json.loads(done.stdout)
    statuses = [order["status"] for order in document["orders"]]
    assert (done.exit_code, document["exit_code"], document["code"]) == (70, 70, "FAULT")
    assert "accepted" in statuses
    assert "unknown" in statuses
    assert (home / "orders.result.xlsx").exists()
    assert len(fault_logs()) == 1
    shown = json.loads(run("status", "--json").stdout)
    assert shown["runs"][0]["counts"] == document["counts"]


def test_a_fault_between_answers_ends_the_same_way(
    run: Run, home: Path, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "send", broken)

    done = run("submit", sheet, "-p", "oms", "--sandbox", "--json")

    document = json.loads(done.stdout)
    assert done.exit_code == 70
    assert document["counts"] == {"not sent": 3}
    assert (home / "orders.result.xlsx").exists()


def test_a_fault_of_the_marked_copy_leaves_a_plain_workbook(
    run: Run, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = results.write

    def fails_at_the_copy(*arguments: Any, **more: Any) -> Any:
        return write(*arguments, **more) if more["source"] is None else broken()

    monkeypatch.setattr(results, "write", fails_at_the_copy)

    done = run("submit", sheet, "-p", "oms", "--sandbox")

    (past,) = json.loads(run("status", "--json").stdout)["runs"]
    assert done.exit_code == 70
    assert "3 orders: 3 accepted" in done.stderr
    assert past["counts"] == {"accepted": 3}
    assert Path(past["result_path"]).exists()


@pytest.mark.parametrize("place", ["while its result is written", "while it is planned"])
def test_sheets_after_the_one_with_a_fault_still_get_their_rows(
    run: Run, home: Path, sheet: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (home / "later.csv").write_text(
        (home / sheet).read_text(encoding="utf-8").replace("PO-", "LATER-"), encoding="utf-8"
    )
    if place == "while its result is written":
        write = results.write

        def fails_for_the_first(report: Any, *arguments: Any, **more: Any) -> Any:
            is_first = report.sheet == sheet and more["source"] is not None
            return broken() if is_first else write(report, *arguments, **more)

        monkeypatch.setattr(results, "write", fails_for_the_first)
    else:
        plan = Journal.plan

        def fails_once(*arguments: Any, **more: Any) -> Any:
            monkeypatch.setattr(Journal, "plan", plan)
            return broken()

        monkeypatch.setattr(Journal, "plan", fails_once)

    done = run("submit", sheet, "later.csv", "-p", "oms", "--sandbox", "--json")

    document = json.loads(done.stdout)
    later = document["sheets"][-1]
    assert done.exit_code == 70
    assert (later["sheet"], later["counts"]) == ("later.csv", {"not sent": 3})
    assert "This program has a fault (KeyError), so the rest was not sent." in later["stopped"]
    assert (home / "later.result.xlsx").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["submit", "a.csv"], "Missing option '-p' / '--provider'.", id="missing"),
        pytest.param(["nope"], "No such command 'nope'.", id="no command"),
        pytest.param(["status", "--runs"], "No such option '--runs'.", id="no option"),
    ],
)
def test_a_usage_error_is_a_document_too(run: Run, words: list[str], message: str) -> None:
    done = run(*words, "--json")

    document = json.loads(done.stdout)
    assert done.exit_code == 2
    assert document["error"].startswith(message)
    assert (document["schema_version"], document["exit_code"], document["code"]) == (1, 2, "USAGE")
    assert message in done.stderr


def test_a_command_without_sheets_tells_its_error_as_a_document(run: Run) -> None:
    done = run("providers", "--mappings", "nowhere", "--json")

    assert done.exit_code == 2
    assert json.loads(done.stdout)["code"] == "USAGE"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--help"], id="help"),
        pytest.param(["submit", "--help"], id="help of a command"),
        pytest.param(["providers"], id="providers"),
        pytest.param(["convert", "orders.csv", "-p", "oms"], id="convert"),
        pytest.param(["check", "orders.csv", "-p", "oms", "--json"], id="json"),
    ],
)
def test_a_reader_that_has_enough_is_no_failure(home: Path, sheet: str, words: list[str]) -> None:
    out, into = os.pipe()
    os.close(out)  # as `| true` does

    done = subprocess.run(
        [sys.executable, "-m", "converter", *words],
        stdout=into, stderr=subprocess.PIPE, cwd=home, check=False,
    )  # fmt: skip
    os.close(into)

    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


def test_the_exit_code_is_that_of_the_orders_though_nobody_reads(home: Path, sheet: str) -> None:
    (home / sheet).write_text(f"{TITLES}\n{ROW.format(ref='')}\n", encoding="utf-8")
    out, into = os.pipe()
    os.close(out)

    done = subprocess.run(
        [sys.executable, "-m", "converter", "check", sheet, "-p", "oms", "--json"],
        stdout=into, stderr=subprocess.PIPE, cwd=home, check=False,
    )  # fmt: skip
    os.close(into)

    assert done.returncode == 1


def test_submit_of_no_orders_is_no_success(run: Run, home: Path) -> None:
    (home / "orders.csv").write_text(TITLES + "\n", encoding="utf-8")

    done = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 2
    assert json.loads(done.stdout)["code"] == "NO_ORDERS"
    assert done.stderr == (
        "Error: orders.csv: no orders in this sheet: it has a header and no rows. "
        "Give the sheet that holds the orders. [NO_ORDERS]\n"
    )
    assert not (home / "orders.result.xlsx").exists()


def test_an_empty_sheet_beside_one_with_orders_is_only_told(
    run: Run, home: Path, sheet: str
) -> None:
    (home / "empty.csv").write_text(TITLES + "\n", encoding="utf-8")

    done = run("submit", "empty.csv", sheet, "-p", "oms", "--sandbox")

    assert done.exit_code == 0
    assert "empty.csv: no orders" in done.stderr


def test_status_shows_the_last_runs_and_all_when_asked(run: Run, sheet: str) -> None:
    for _ in range(21):
        run("submit", sheet, "-p", "oms", "--sandbox")

    last, everything = run("status"), run("status", "--all")

    assert len(last.stdout.splitlines()) == 21
    assert last.stdout.splitlines()[-1] == "There are older runs: converter status --all"
    assert len(everything.stdout.splitlines()) == 21
    document = json.loads(run("status", "--json").stdout)
    assert (len(document["runs"]), document["more_runs"]) == (20, True)
    assert json.loads(run("status", "--all", "--json").stdout)["more_runs"] is False


def test_status_check_tells_monitoring_of_doubts(run: Run, home: Path, sheet: str) -> None:
    assert run("status", "--check").exit_code == 0
    rows = [TITLES, ROW.format(ref="GARBAGE")]
    (home / sheet).write_text("\n".join(rows) + "\n", encoding="utf-8")
    run("submit", sheet, "-p", "oms", "--sandbox")

    assert run("status").exit_code == 0
    assert run("status", "--check").exit_code == 3
    assert run("status", "--check", "--json").exit_code == 3


def test_only_submit_offers_to_skip_a_question(run: Run, sheet: str) -> None:
    assert run("check", sheet, "-p", "oms", "--yes").exit_code == 2
    assert "--yes" in run("submit", "--help").stdout
