"""Result workbooks at hand that know of orders which the journal does not know."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
SUBMIT = ("submit", "orders.xlsx", "-p", "oms", "--sandbox", "--json")


@pytest.fixture
def sent(run: Run, home: Path) -> Path:
    """The example orders were sent from a home that is not here any more."""
    run("template", "oms", "--example", "-o", "orders.xlsx")
    assert "accepted" in json.loads(run(*SUBMIT).stdout)["counts"]
    shutil.rmtree(home / "home" / "journal")
    shutil.rmtree(home / "home" / "marks")
    return home


def document(done: Result) -> dict[str, Any]:
    return dict(json.loads(done.stdout))


def test_orders_that_the_result_beside_the_sheet_knows_are_not_sent(run: Run, sent: Path) -> None:
    done = run(*SUBMIT)
    chinese = run(*SUBMIT, "--lang", "zh")

    assert (done.exit_code, chinese.exit_code) == (6, 6)
    assert "orders.result.xlsx says that orders of this sheet were sent" in document(done)["error"]
    assert "--journal-is-right" in document(chinese)["error"]


def test_neither_are_those_of_a_result_that_is_submitted(run: Run, sent: Path) -> None:
    """Also where an office program has saved it under another name."""
    book = openpyxl.load_workbook(sent / "orders.result.xlsx")
    book.save(sent / "corrected.xlsx")
    (sent / "orders.result.xlsx").unlink()

    done = run("submit", "corrected.xlsx", *SUBMIT[2:])

    assert done.exit_code == 6
    assert "corrected.xlsx says" in document(done)["error"]


def test_a_person_may_know_better(run: Run, sent: Path) -> None:
    done = run(*SUBMIT, "--journal-is-right")

    assert done.exit_code in (0, 1)
    assert set(document(done)["counts"]) <= {"accepted", "duplicate", "rejected"}


def test_a_result_of_the_sandbox_says_nothing_of_the_provider(
    run: Run, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COMPANY_CODE", "API_TOKEN"):
        monkeypatch.setenv(f"OMS_{name}", "x")
    monkeypatch.setenv("OMS_BASE_URL", "http://127.0.0.1:9")

    done = run("submit", "orders.xlsx", "-p", "oms", "--json")

    assert done.exit_code not in (2, 6), done.stderr


def test_results_of_this_journal_are_no_obstacle(run: Run, home: Path) -> None:
    run("template", "oms", "--example", "-o", "orders.xlsx")
    for _ in range(2):
        done = run(*SUBMIT)
        assert set(document(done)["counts"]) == {"accepted"}


def test_a_home_from_before_the_last_result_is_refused(run: Run, home: Path) -> None:
    """All that the program keeps was put back, so only the workbook shows it."""
    for name, reference in (("first", "PO-1"), ("second", "PO-2")):
        text = f"{TITLES}\n{reference},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2\n"
        (home / f"{name}.csv").write_text(text, encoding="utf-8")
    run("submit", "first.csv", *SUBMIT[2:])
    shutil.copytree(home / "home", home / "copy")
    run("submit", "second.csv", *SUBMIT[2:])
    shutil.rmtree(home / "home")
    shutil.move(home / "copy", home / "home")

    first, second = (run("submit", name, *SUBMIT[2:]) for name in ("first.csv", "second.csv"))

    assert document(first)["counts"] == {"accepted": 1}
    assert second.exit_code == 6
    assert document(second)["error"].endswith("run again with --journal-is-right.")
