"""`converter refresh`, and `submit --wait`: what providers tell later about accepted orders."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from converter import sandbox
from converter.runs import refresh

Run = Callable[..., Result]

OMS = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{ref},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2"
SIBLING = (
    "The call for late numbers is not documented by scexpress itself: Page waybillnumber "
    "(获取单号) of another forwarder's installation of the same TMS product."
)


@pytest.fixture
def sheet(run: Run, home: Path) -> str:
    """Three example orders of SC-Express, the second of which gets its number late."""
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook(home / "orders.xlsx")
    for row in book["Orders"].iter_rows():
        for cell in row:
            if cell.value == "SCX-20251201-002":
                cell.value = "LATE-2"
    book["Orders"].delete_rows(8, 20)
    book.save(home / "orders.xlsx")
    return "orders.xlsx"


def late_row(path: Path) -> tuple[object, ...]:
    """The row of LATE-2 in the sheet Results."""
    rows = openpyxl.load_workbook(path)["Results"].iter_rows(values_only=True)
    return next(row for row in rows if "LATE-2" in row)


def calls_made(home: Path) -> int:
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM call WHERE kind = 'refresh'").fetchone()
    return int(count)


def test_a_late_number_is_fetched_into_the_result(run: Run, home: Path, sheet: str) -> None:
    sent = run("submit", sheet, "-p", "scexpress", "--sandbox")
    before = late_row(home / "orders.result.xlsx")
    done = run("refresh", sheet, "-p", "scexpress", "--sandbox", "--json")
    after = late_row(home / "orders.result.xlsx")

    assert (
        "Every order was accepted; 1 of them have no tracking number so far. "
        "Later: converter refresh orders.xlsx -p scexpress --sandbox\n"
    ) in sent.stderr
    assert "No tracking number yet. Run converter refresh on this file later." in str(before)
    assert "SBX-W" not in str(before)
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert SIBLING in report["notes"]
    (late,) = [one for one in report["orders"] if one["reference"] == "LATE-2"]
    assert late["status"] == "accepted"
    assert late["tracking_no"].startswith("SBX-W")
    assert late["tracking_no"] in after
    assert "No tracking number yet" not in str(after)


def test_what_has_its_number_is_not_asked_about_again(run: Run, home: Path, sheet: str) -> None:
    run("submit", sheet, "-p", "scexpress", "--sandbox")
    first = run("refresh", "-p", "scexpress", "--sandbox", "--json")
    second = run("refresh", "-p", "scexpress", "--sandbox")

    assert [one["reference"] for one in json.loads(first.stdout)["orders"]] == ["LATE-2"]
    assert second.exit_code == 0
    assert second.stderr.splitlines() == [
        "No accepted order is waiting for anything that this provider tells later.",
        "This was the SANDBOX: nothing real was sent.",
    ]
    assert calls_made(home) == 1


def test_orders_and_runs_are_meant_by_their_names(run: Run, home: Path, sheet: str) -> None:
    sent = run("submit", sheet, "-p", "scexpress", "--sandbox", "--json")
    name = json.loads(sent.stdout)["run"]

    of_run = run("refresh", name, "-p", "scexpress", "--sandbox", "--json")
    of_order = run("refresh", "LATE-2", "-p", "scexpress", "--sandbox", "--json")
    unknown = run("refresh", "LATE-3", "-p", "scexpress", "--sandbox", "--json")

    assert len(json.loads(of_run.stdout)["orders"]) == 3
    (late,) = json.loads(of_order.stdout)["orders"]
    assert late["tracking_no"].startswith("SBX-W")
    assert unknown.exit_code == 2
    assert "knows no order LATE-3" in json.loads(unknown.stdout)["error"]


def test_a_result_that_somebody_has_edited_is_left_alone(run: Run, home: Path, sheet: str) -> None:
    run("submit", sheet, "-p", "scexpress", "--sandbox")
    book = openpyxl.load_workbook(home / "orders.result.xlsx")
    book["Results"]["Z1"] = "mine"
    book.save(home / "orders.result.xlsx")
    edited = (home / "orders.result.xlsx").read_bytes()

    done = run("refresh", sheet, "-p", "scexpress", "--sandbox")

    assert "Result: orders.result-2.xlsx\n" in done.stderr
    assert (home / "orders.result.xlsx").read_bytes() == edited


def test_without_a_sheet_the_result_that_the_customer_has_is_brought_up_to_date(
    run: Run, home: Path, sheet: str
) -> None:
    """In its own language, whatever the one of the job that refreshes it."""
    run("submit", sheet, "-p", "scexpress", "--sandbox", "--lang", "zh")
    done = run("refresh", "-p", "scexpress", "--sandbox", "--lang", "en", "--json")

    result = home / "orders.result.xlsx"
    assert f"Result: {result}" in json.loads(done.stdout)["notes"]
    row = late_row(result)
    assert any(str(value).startswith("SBX-W") for value in row)
    assert "已接受 accepted" in row
    assert not list(home.glob("orders.result-*.xlsx"))
    again = run("submit", "orders.result.xlsx", "-p", "scexpress", "--sandbox", "--json")
    assert json.loads(again.stdout)["counts"] == {"accepted": 3}


def test_without_a_sheet_an_edited_result_is_named_and_left_alone(
    run: Run, home: Path, sheet: str
) -> None:
    run("submit", sheet, "-p", "scexpress", "--sandbox")
    result = home / "orders.result.xlsx"
    book = openpyxl.load_workbook(result)
    book["Results"]["Z1"] = "mine"
    book.save(result)
    edited = result.read_bytes()

    done = run("refresh", "-p", "scexpress", "--sandbox", "--json")

    report = json.loads(done.stdout)
    assert report["notes"][-1] == (
        f"{result} was saved by somebody since, so it is not written over. To get the numbers "
        f"into a new one beside it: converter refresh {result} -p scexpress"
    )
    assert report["orders"][0]["tracking_no"].startswith("SBX-W")
    assert result.read_bytes() == edited


def test_a_call_that_the_provider_does_not_document_is_off(run: Run, sheet: str) -> None:
    done = run("refresh", sheet, "-p", "scexpress")

    assert done.exit_code == 2
    assert done.stderr.endswith(
        "Error: scexpress does not document the call for late numbers itself: it is known from "
        "another installation of the same product. It is off until SCEXPRESS_CALLS=refresh is "
        "set. Nothing was asked.\n"
    )


def test_a_setting_that_names_no_call_is_refused(
    run: Run, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCEXPRESS_CALLS", "refrsh")

    done = run("refresh", sheet, "-p", "scexpress")

    assert done.exit_code == 2
    assert (
        "SCEXPRESS_CALLS names 'refrsh', which is no call of scexpress: "
        "it has refresh, cancel, lookup.\n" in done.stderr
    )


def test_a_provider_without_such_a_call_is_not_asked(run: Run) -> None:
    done = run("refresh", "-p", "apicenter", "--sandbox")

    assert done.exit_code == 2
    assert "No document of apicenter has a call" in done.stderr


def test_orders_stay_accepted_where_the_provider_cannot_be_asked(
    run: Run, home: Path, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCEXPRESS_CALLS", "refresh")
    with sandbox.serve() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        sent = run("submit", sheet, "-p", "scexpress", "--yes")

    done = run("refresh", sheet, "-p", "scexpress", "--json")

    assert sent.exit_code == 0
    assert done.exit_code == 7
    report = json.loads(done.stdout)
    assert report["counts"] == {"accepted": 3}
    assert report["stopped"].startswith("The provider could not be asked about 1 orders (LATE-2). ")


def test_submit_waits_until_all_numbers_are_there(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox tells the number of an order marked LATE at the second time."""
    monkeypatch.setattr(refresh, "FIRST_PAUSE", 0.1)
    rows = [OMS, ROW.format(ref="PO-1"), ROW.format(ref="LATE-1")]
    (home / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    done = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--wait", "30s", "--json")

    assert done.exit_code == 0
    found = {one["reference"]: one for one in json.loads(done.stdout)["orders"]}
    assert all(one["tracking_no"].startswith("SBX-T") for one in found.values())
    assert found["LATE-1"]["outputs"]["state"] == "4"
    assert calls_made(home) == 2


@pytest.mark.parametrize("text", ["soon", "10 minutes", "-5m"])
def test_a_time_that_is_none_is_refused(run: Run, sheet: str, text: str) -> None:
    done = run("submit", sheet, "-p", "scexpress", "--sandbox", f"--wait={text}")

    assert done.exit_code == 2
    assert f"{text!r} is no time. Write 90s, 10m or 2h." in done.stderr
