"""Orders of which the provider made only a part: what is marked, what is said, and the ways out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from converter.model import DECISION_TITLE, FOUND_TITLE, RESULTS_SHEET

Run = Callable[..., Result]

TITLES = "外部订单号,收货人姓名,收货人手机,省份,城市,区,收货地址,商品ID,规格ID,数量"
WHO = "张三,15251667788,浙江省,杭州市,滨江区,网商路699号"
SPECS = ("b266e0726506185beaf205cbae88530d", "2ba3d63866a71fbae83909d9b4814f01")


@pytest.fixture(autouse=True)
def settled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")


def only(done: Result) -> Any:
    (order,) = json.loads(done.stdout)["orders"]
    return order


def submit(run: Run, sheet: str = "orders.csv") -> Any:
    """Two lines of one offer with different specifications; the second one is not made."""
    if not Path("orders.csv").exists():
        lines = [f"PARTIAL-1,{WHO},554456348334,{spec},5" for spec in SPECS]
        Path("orders.csv").write_text("\n".join([TITLES, *lines]), encoding="utf-8")
    return only(run("submit", sheet, "-p", "platform1688", "--sandbox", "--json", "--lang", "en"))


def test_only_the_rows_of_lines_that_were_not_made_are_marked(run: Run) -> None:
    order = submit(run)

    assert order["status"] == "partial"
    assert order["outputs"]["not_made"] == f"offerId=554456348334&specId={SPECS[1]}"
    assert [issue["cell"] for issue in order["issues"]] == ["orders!H3"]


def test_the_message_says_what_was_made_and_what_was_not(run: Run) -> None:
    order = submit(run)

    number = order["provider_order_no"]
    assert number
    said = f"The provider made a part of it, under {number}. Not made: 554456348334 {SPECS[1]}."
    assert said in order["message"]
    told = order["message"] + "".join(issue["message"] for issue in order["issues"])
    assert "submit again" not in told  # nothing would be sent
    assert "Nothing of it is sent again" in told


def test_pandapon_marks_the_goods_of_a_seller_who_sold_nothing(run: Run) -> None:
    run("template", "pandapon", "--example", "-o", "filled.xlsx")
    book = openpyxl.load_workbook("filled.xlsx")
    page = book["Orders"]
    titles = {str(cell.value).split("\n")[0]: cell.column for cell in page[1]}
    rows = [row for row in page.iter_rows(min_row=2) if any(cell.value for cell in row)]
    reference = rows[0][0].value
    for row in rows:
        if row[0].value == reference:
            row[0].value = f"PARTIAL-{reference}"
    book.save("filled.xlsx")
    done = run("submit", "filled.xlsx", "-p", "pandapon", "--sandbox", "--json")
    order = json.loads(done.stdout)["orders"][0]

    assert order["status"] == "partial", titles
    missing = order["outputs"]["not_made"].removeprefix("offerId=")
    cells = [issue["cell"].rpartition("!")[2] for issue in order["issues"]]
    marked = [page[cell].value for cell in cells]
    assert [str(value) for value in marked] == [missing]


def test_a_person_says_that_the_rest_is_settled(run: Run) -> None:
    first = submit(run)
    common = ("orders.csv", "-p", "platform1688", "--sandbox", "--json", "--lang", "en")

    done = run("reconcile", *common, "--settled", "PARTIAL-1=778899", "--who", "ann")
    after = only(done)
    again = submit(run)
    rebuilt = json.loads(run("status", "--run", json.loads(done.stdout)["run"], "--json").stdout)

    both = f"{first['provider_order_no']}; 778899"
    assert (after["status"], after["provider_order_no"]) == ("accepted", both)
    assert "ann settled the rest at the provider." in after["message"]
    assert done.exit_code == 0
    assert (again["status"], again["attempts"]) == ("accepted", 1)
    (order,) = rebuilt["orders"]
    assert (order["status"], order["provider_order_no"]) == ("accepted", both)


def decide(word: str, number: str = "") -> None:
    """Write into the columns for decisions of the only order."""
    book = openpyxl.load_workbook("orders.result.xlsx")
    page = book[RESULTS_SHEET]
    titles = {str(cell.value): cell.column or 0 for cell in page[1]}

    def column(title: str) -> int:
        words = title.split()
        return next(at for name, at in titles.items() if name in (title, " ".join(words[:-1])))

    page.cell(2, column(DECISION_TITLE), word)
    page.cell(2, column(FOUND_TITLE), number)
    book.save("orders.result.xlsx")


@pytest.mark.parametrize("word", ["settled", "已处理"])
def test_the_decision_column_of_the_result_takes_it(run: Run, word: str) -> None:
    submit(run)
    decide(word, "778899")
    done = run("reconcile", "orders.result.xlsx", "-p", "platform1688", "--sandbox", "--json")

    assert only(done)["status"] == "accepted"
    assert only(done)["provider_order_no"].endswith("; 778899")


def test_created_is_not_enough_for_an_order_that_exists_in_part(run: Run) -> None:
    submit(run)
    done = run("reconcile", "orders.csv", "-p", "platform1688", "--sandbox", "--json", "--lang",
               "en", "--created", "PARTIAL-1=1")  # fmt: skip

    assert only(done)["status"] == "partial"
    notes = json.loads(done.stdout)["notes"]
    assert "PARTIAL-1 exists in part. Once the rest is settled, say settled instead." in notes


# -- the missing lines as a new order ------------------------------------------------------------


def send_missing(run: Run) -> Any:
    common = ("-p", "platform1688", "--sandbox", "--json", "--lang", "en")
    return only(run("submit", "orders.csv", *common, "--send-missing"))


def test_the_missing_lines_go_as_a_new_order(run: Run, home: Path) -> None:
    first = submit(run)
    assert "by converter submit with --send-missing" in first["message"]

    order = send_missing(run)
    again = submit(run)
    book = next(iter((home / "home" / "sandbox").glob("*.jsonl")))
    entries = [json.loads(line) for line in book.read_text(encoding="utf-8").splitlines()]
    rest = [entry for entry in entries if entry["reference"] == "PARTIAL-1-R1"]

    assert len(rest) == 1
    sent = rest[0]["request"]
    assert [line["specId"] for line in sent["cargoParamList"]] == [SPECS[1]]
    assert sent["addressParam"]["fullName"] == "张三"
    assert [part["reference"] for part in order["parts"]] == ["PARTIAL-1", "PARTIAL-1-R1"]
    assert order["provider_order_no"].split("; ")[0] == first["provider_order_no"]
    assert (again["parts"], len(entries)) != ([], 0)
    assert [e["reference"] for e in entries].count("PARTIAL-1") == 1


@pytest.mark.parametrize("word", ["send missing lines", "补发缺少的明细"])
def test_the_decision_column_has_the_missing_lines_sent(run: Run, word: str) -> None:
    submit(run)
    decide(word)
    held = only(run("reconcile", "orders.result.xlsx", "-p", "platform1688", "--sandbox",
                    "--json", "-o", "held.xlsx"))  # fmt: skip
    order = submit(run, "orders.result.xlsx")
    again = submit(run)

    assert held["status"] == "partial"
    assert [part["reference"] for part in order["parts"]] == ["PARTIAL-1", "PARTIAL-1-R1"]
    assert order["parts"][1]["attempts"] == 1
    assert again["provider_order_no"] == order["provider_order_no"]


def test_other_words_for_decisions_do_not_concern_sending(run: Run) -> None:
    submit(run)
    decide("shipped")

    assert "parts" not in submit(run, "orders.result.xlsx")


def test_an_order_without_any_line_made_is_not_told_to_send_missing_lines(run: Run) -> None:
    lines = [f"PARTIAL-1,{WHO},554456348334,{SPECS[0]},5"]
    Path("orders.csv").write_text("\n".join([TITLES, *lines]), encoding="utf-8")
    order = submit(run)

    assert (order["status"], order["flags"]) == ("partial", ["no_line_made", "partial"])
    assert order["provider_order_no"] in order["message"]
    assert "--send-missing" not in order["message"]
    assert "write settled and the number" in order["message"]


def test_what_was_sent_under_the_new_reference_is_not_sent_twice(run: Run) -> None:
    submit(run)
    first, second = send_missing(run), send_missing(run)

    assert [part["attempts"] for part in second["parts"]] == [1, 1]
    assert second["provider_order_no"] == first["provider_order_no"]


def test_an_order_and_its_rest_are_accepted_together() -> None:
    from converter.journal import OrderRecord
    from converter.journal.fold import State
    from converter.model import Status
    from converter.runs.status_rows import _with_rest

    part = OrderRecord("A", "A", State.ACCEPTED, Status.PARTIAL, outputs={"not_made": "offerId=1"})
    rest = OrderRecord("A-R1", "A-R1", State.ACCEPTED, Status.ACCEPTED)

    assert [k.status for k in _with_rest(part, {"A-R1": rest})] == [Status.ACCEPTED] * 2
    assert list(_with_rest(part, {})) == [part]


def test_parts_name_their_supplier(run: Run) -> None:
    titles = f"{TITLES},供应商"
    lines = [
        f"PO-1,{WHO},554456348334,{spec},5,{who}"
        for spec, who in zip(SPECS, ("甲厂", "乙厂"), strict=True)
    ]
    Path("orders.csv").write_text("\n".join([titles, *lines]), encoding="utf-8")
    order = submit(run)

    assert "PO-1-1 (甲厂): accepted" in order["message"]
    assert "PO-1-2 (乙厂): accepted" in order["message"]
