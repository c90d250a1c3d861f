"""`converter cancel`: orders that were accepted are cancelled at the provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

Run = Callable[..., Result]

OMS = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{ref},LA,UPS,Ann,90001,US,3235550100,Los Angeles,{ref} Road,S-1,2"


@pytest.fixture
def oms(run: Run, home: Path) -> Callable[..., str]:
    """Submits these orders to OMS; returns the run."""

    def submit(*references: str) -> str:
        lines = [OMS, *(ROW.format(ref=ref) for ref in references)]
        (home / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--json")
        assert done.exit_code == 0, done.stderr
        return str(json.loads(done.stdout)["run"])

    return submit


def statuses(report: str) -> dict[str, str]:
    return {one["reference"]: one["status"] for one in json.loads(report)["orders"]}


def row_of(path: Path, reference: str) -> str:
    rows = openpyxl.load_workbook(path)["Results"].iter_rows(values_only=True)
    return " ".join(str(cell) for row in rows if reference in row for cell in row if cell)


def test_an_order_is_cancelled_and_the_workbook_says_so(
    run: Run, home: Path, oms: Callable[..., str]
) -> None:
    oms("PO-1", "PO-2")

    done = run("cancel", "PO-1", "-p", "oms", "--sandbox")

    assert done.exit_code == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].split() == ["PO-1", "SBX-00000001", "US"]
    assert "The call that cancels orders is not documented by oms itself:" in done.stderr
    assert "PO-1: cancelled." in lines
    assert "1 orders: 1 cancelled" in lines
    assert "cancelled Cancelled at the provider." in row_of(home / "orders.result.xlsx", "PO-1")
    assert "accepted" in row_of(home / "orders.result.xlsx", "PO-2")

    again = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--json")

    assert again.exit_code == 0
    assert statuses(again.stdout) == {"PO-1": "cancelled", "PO-2": "accepted"}
    (told,) = [one for one in json.loads(again.stdout)["orders"] if one["reference"] == "PO-1"]
    assert "give it another order number" in told["message"]


def test_all_accepted_orders_of_a_run(run: Run, oms: Callable[..., str]) -> None:
    name = oms("PO-1", "CANCELFAIL-2", "PO-3")

    done = run("cancel", "--run", name, "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert statuses(done.stdout) == {
        "PO-1": "cancelled",
        "CANCELFAIL-2": "accepted",
        "PO-3": "cancelled",
    }
    assert (
        "CANCELFAIL-2: not cancelled. The provider refused to cancel it: "
        "出库单已拣货，不能取消 请求成功"
    ) in told["notes"]


def test_a_lost_answer_is_settled_by_the_state_at_the_provider(
    run: Run, oms: Callable[..., str]
) -> None:
    oms("CANCELDROP-1")

    done = run("cancel", "CANCELDROP-1", "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 0
    (one,) = json.loads(done.stdout)["orders"]
    assert one["status"] == "cancelled"
    assert "says that it is cancelled" in one["message"]


def test_a_lost_answer_stays_unknown_where_nobody_can_be_asked(run: Run, home: Path) -> None:
    run("template", "platform1688", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook(home / "orders.xlsx")
    for row in book["Orders"].iter_rows():
        for cell in row:
            if cell.value == "PO-20251201-0002":
                cell.value = "CANCELDROP-9"
    book.save(home / "lost.xlsx")
    run("submit", "lost.xlsx", "-p", "platform1688", "--sandbox", "--json")

    first = run("cancel", "CANCELDROP-9", "-p", "platform1688", "--sandbox", "--json")
    second = run("cancel", "CANCELDROP-9", "-p", "platform1688", "--sandbox", "--json")
    known = run("status")
    words = ("--cancelled", "CANCELDROP-9", "--who", "Li", "--json")
    told = run("reconcile", "lost.result.xlsx", "-p", "platform1688", "--sandbox", *words)

    assert (first.exit_code, second.exit_code) == (3, 3)
    assert statuses(first.stdout) == {"CANCELDROP-9": "cancellation unknown"}
    assert statuses(second.stdout) == {"CANCELDROP-9": "cancellation unknown"}
    assert any("it is not made again" in note for note in json.loads(second.stdout)["notes"])
    assert known.stdout.startswith("cancellation unknown  platform1688 (sandbox)  CANCELDROP-9")
    assert statuses(told.stdout)["CANCELDROP-9"] == "cancelled"
    assert "Li found that it is cancelled at the provider." in told.stdout


def test_what_is_not_accepted_is_not_cancelled(run: Run, oms: Callable[..., str]) -> None:
    oms("PO-1")
    run("cancel", "PO-1", "-p", "oms", "--sandbox")

    done = run("cancel", "PO-1", "-p", "oms", "--sandbox", "--json")
    unknown = run("cancel", "PO-9", "-p", "oms", "--sandbox", "--json")
    nothing = run("cancel", "-p", "oms", "--sandbox", "--json")

    assert done.exit_code == 0
    assert "PO-1 was cancelled before." in json.loads(done.stdout)["notes"]
    assert (unknown.exit_code, nothing.exit_code) == (2, 2)
    assert "knows no order PO-9" in json.loads(unknown.stdout)["error"]


def test_a_provider_without_such_a_call_says_what_to_do(run: Run) -> None:
    done = run("cancel", "A-1", "-p", "apicenter", "--sandbox")

    assert done.exit_code == 2
    assert "has a call that cancels orders, so nothing was cancelled" in done.stderr


def test_a_call_of_siblings_is_off_until_somebody_switches_it_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCEXPRESS_CODE", "c")
    monkeypatch.setenv("SCEXPRESS_TOKEN", "t")

    done = run("cancel", "A-1", "-p", "scexpress")

    assert done.exit_code == 2
    assert "It is off until SCEXPRESS_CALLS=cancel is set. Nothing was asked." in done.stderr
