"""Orders in doubt settled by the provider's word or a person's; nothing is sent while doing so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from converter import sheet
from converter.errors import UsageError
from converter.model import DECISION_TITLE, FOUND_TITLE, RESULTS_SHEET
from converter.runs.decisions import written_decisions

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
LINE = "{},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def settled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A doubt may be settled at once."""
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")


def statuses(done: Result) -> dict[str, tuple[str, str]]:
    found = json.loads(done.stdout)["orders"]
    return {order["reference"]: (order["status"], order["provider_order_no"]) for order in found}


def doubtful_sheet(*names: str) -> str:
    Path("orders.csv").write_text(
        "\n".join([TITLES, *(LINE.format(name) for name in names)]), encoding="utf-8"
    )
    return "orders.csv"


def submit_in_doubt(run: Run, *names: str) -> str:
    """A sheet whose orders were sent and have no clear answer."""
    name = doubtful_sheet(*names)
    done = run("submit", name, "-p", "oms", "--sandbox", "--json")
    assert {status for status, _ in statuses(done).values()} == {"unknown"}
    return name


def test_a_persons_word_settles_a_doubt(run: Run) -> None:
    name = submit_in_doubt(run, "DROP-1", "DROP-2", "DROP-3")

    done = run("reconcile", name, "-p", "oms", "--sandbox", "--json", "--who", "ann",
               "--created", "DROP-1=88001", "--not-created", "DROP-2")  # fmt: skip

    assert done.exit_code == 3
    assert statuses(done) == {
        "DROP-1": ("accepted", "88001"),
        "DROP-2": ("not sent", ""),
        "DROP-3": ("unknown", ""),
    }
    orders = json.loads(done.stdout)["orders"]
    assert orders[0]["message"] == "ann found it at the provider."
    assert orders[1]["message"] == "Not sent. Run again to send it."


def test_what_was_not_created_is_sent_by_the_next_submit(run: Run) -> None:
    name = submit_in_doubt(run, "ERROR500-1", "ERROR500-2")
    run("reconcile", name, "-p", "oms", "--sandbox", "--not-created", "ERROR500-1")

    again = run("submit", name, "-p", "oms", "--sandbox", "--json")

    attempts = {o["reference"]: o["attempts"] for o in json.loads(again.stdout)["orders"]}
    assert attempts == {"ERROR500-1": 2, "ERROR500-2": 1}


def test_decisions_are_read_from_the_result_workbook(run: Run) -> None:
    submit_in_doubt(run, "DROP-1", "DROP-2", "DROP-3")
    book = openpyxl.load_workbook("orders.result.xlsx")
    page = book[RESULTS_SHEET]
    titles = {cell.value: column for column, cell in enumerate(page[1], 1)}
    page.cell(2, titles[DECISION_TITLE], "created")
    page.cell(2, titles[FOUND_TITLE], "88001")
    page.cell(3, titles[DECISION_TITLE], "未创建")
    book.save("orders.result.xlsx")

    done = run("reconcile", "orders.result.xlsx", "-p", "oms", "--sandbox", "--json")

    assert statuses(done) == {
        "DROP-1": ("accepted", "88001"),
        "DROP-2": ("not sent", ""),
        "DROP-3": ("unknown", ""),
    }


def test_another_word_than_a_decision_is_named(run: Run) -> None:
    submit_in_doubt(run, "DROP-1")
    book = openpyxl.load_workbook("orders.result.xlsx")
    page = book[RESULTS_SHEET]
    column = next(cell.column_letter for cell in page[1] if cell.value == DECISION_TITLE)
    page[f"{column}2"] = "maybe"
    book.save("orders.result.xlsx")

    with pytest.raises(UsageError) as caught:
        written_decisions(Path("orders.result.xlsx"))

    assert str(caught.value) == (
        f"Results!{column}2: expected 'created', 'not created', 'settled', 'send missing lines', "
        "'cancelled' or 'not cancelled' (已创建 / 未创建 / 已处理 / 补发缺少的明细 / 已取消 / "
        "未取消), found 'maybe'. Correct it."
    )


def test_a_sheet_without_doubts_asks_for_no_decision(run: Run) -> None:
    run("submit", doubtful_sheet("PO-1"), "-p", "oms", "--sandbox")

    (results, *_) = sheet.read(Path("orders.result.xlsx"))

    assert results.name == RESULTS_SHEET
    assert DECISION_TITLE not in results.texts(1)
    assert written_decisions(Path("orders.result.xlsx")) == []


def test_it_is_too_early_to_say_that_nothing_was_created(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    for row in book["Orders"].iter_rows(min_row=2):
        if row[0].value:
            row[0].value = f"DROP-{row[0].value}"
    book.save("orders.xlsx")
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "600")
    first = run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox", "--json")
    name = next(iter(statuses(first)))

    done = run("reconcile", "orders.xlsx", "-p", "scexpress", "--sandbox", "--json",
               "--not-created", name)  # fmt: skip

    assert statuses(done)[name][0] == "unknown"
    notes = json.loads(done.stdout)["notes"]
    assert any(note.startswith(f"{name}: a request that was given up on may") for note in notes)


def test_the_provider_is_asked_where_it_can_be(run: Run) -> None:
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    for row in book["Orders"].iter_rows(min_row=2):
        if row[0].value:
            row[0].value = f"DROP-{row[0].value}"
    book.save("orders.xlsx")
    first = run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox", "--json")
    assert {status for status, _ in statuses(first).values()} == {"unknown"}

    done = run("reconcile", "orders.xlsx", "-p", "scexpress", "--sandbox", "--json")

    assert done.exit_code == 0
    assert all(s == "accepted" and no.startswith("SBX-") for s, no in statuses(done).values())


def test_a_decision_about_an_order_never_sent_is_refused(run: Run) -> None:
    name = submit_in_doubt(run, "DROP-1")

    done = run("reconcile", name, "-p", "oms", "--sandbox", "--created", "PO-9")

    assert done.exit_code == 2
    assert done.stderr == (
        "Error: There is no order 'PO-9' in this sheet that was ever sent. "
        "Correct the number; none of the decisions was kept.\n"
    )
