"""Everything about one cell or one field, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from openpyxl.utils import get_column_letter

from converter.mapping import rule_kinds

Run = Callable[..., Result]


@pytest.fixture
def letters(run: Run) -> dict[str, str]:
    """The columns of an example sheet, by the path that its titles stand for."""
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    run("convert", "orders.xlsx", "-p", "scexpress", "-o", "requests.jsonl")
    sheet = openpyxl.load_workbook("orders.xlsx")["Orders"]
    titles = {
        str(cell.value).split("\n")[0].strip("*"): get_column_letter(at)
        for at, cell in enumerate(sheet[1], 1)
    }
    return {title.strip(): letter for title, letter in titles.items()}


def explain(run: Run, where: str, *more: str) -> Any:
    done = run("explain", "orders.xlsx", where, "-p", "scexpress", "--json", *more)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_a_cell_tells_its_field_and_what_is_sent(run: Run, letters: dict[str, str]) -> None:
    at = letters["收货渠道"]
    with open("requests.jsonl", encoding="utf-8") as file:
        first = json.loads(file.readline())["body"]["datas"][0]["order"]

    found = explain(run, f"Orders!{at}2")

    (field,) = found["fields"]
    assert field["path"] == "order.channelid"
    assert field["sent"] == [{"path": "order.channelid", "value": str(first["channelid"])}]
    assert found["orders"] == [first["customernumber1"]]
    assert found["issues"] == found["answers"] == []


def test_a_cell_of_a_list_names_its_place(run: Run, letters: dict[str, str]) -> None:
    at = next(letter for title, letter in letters.items() if "SKU" in title)
    sheet = openpyxl.load_workbook("orders.xlsx")["Orders"]
    names = [sheet.cell(row, 1).value for row in range(2, 20)]
    row = next(r for r in range(3, 20) if names[r - 2] in (None, "", names[r - 3]))

    (field,) = explain(run, f"{at}{row}")["fields"]

    (sent,) = field["sent"]
    assert sent["path"].startswith("items[1].")
    assert sent["value"] == sheet[f"{at}{row}"].value


def test_a_wrong_cell_tells_what_is_wrong(run: Run, letters: dict[str, str]) -> None:
    at = letters["收货渠道"]
    book = openpyxl.load_workbook("orders.xlsx")
    book["Orders"][f"{at}2"] = None
    book.save("orders.xlsx")

    (issue,) = explain(run, f"{at}2", "--lang", "en")["issues"]

    assert "expected" in issue


def test_after_a_submit_the_answer_is_told(run: Run, letters: dict[str, str]) -> None:
    run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox")

    (answer,) = explain(run, "A2")["answers"]

    assert (answer["status"], answer["sandbox"]) == ("accepted", True)
    assert answer["provider_order_no"].startswith("SBX-")


def test_a_field_tells_its_column_and_titles(run: Run, letters: dict[str, str]) -> None:
    found = explain(run, "order.channelid")

    assert found["column"] == letters["收货渠道"]
    assert "收货渠道" in found["titles"]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        pytest.param("Orders!ZZ2", "There is no cell Orders!ZZ2", id="no such column"),
        pytest.param("Other!A2", "The sheets with orders: Orders", id="no such sheet"),
        pytest.param("chanelid", "Did you mean", id="no such field"),
        pytest.param("A1048577999", "is no order of this sheet", id="no such thing"),
    ],
)
def test_what_does_not_exist_is_named(
    run: Run, letters: dict[str, str], where: str, told: str
) -> None:
    done = run("explain", "orders.xlsx", where, "-p", "scexpress")

    assert done.exit_code == 2
    assert told in done.stderr


def test_people_read_a_line_for_each_thing(run: Run, letters: dict[str, str]) -> None:
    said = run("explain", "orders.xlsx", "A2", "-p", "scexpress", "--lang", "zh").stdout

    assert "单元格: Orders!A2" in said
    assert "字段: order.customernumber1" in said


def test_a_field_tells_every_rule_that_reads_it(run: Run, letters: dict[str, str]) -> None:
    weight = explain(run, "items[].mweight", "--lang", "en")
    pieces = explain(run, "volumes[].prenum", "--lang", "en")

    assert weight["rules"] == ["Net weight (kg) ≤ Gross weight (kg)"]
    assert [rule.partition(": ")[2].partition(" ")[0] for rule in pieces["rules"]] == [
        "Total",
        "Total",
    ]


def test_a_formula_reads_the_fields_that_it_names(mapping_with: Callable[..., Any]) -> None:
    mapping = mapping_with(rules='[{equal: [order.pieces, "sum(boxes.count) + 0"]}]')
    (rule,) = rule_kinds.rules_of(mapping)

    assert rule.reads_field("boxes[].count")
    assert rule.reads_field("order.pieces")
    assert not rule.reads_field("items[].qty")


def test_an_order_is_explained_by_its_reference(run: Run, letters: dict[str, str]) -> None:
    at = letters["收货渠道"]
    book = openpyxl.load_workbook("orders.xlsx")
    reference = book["Orders"]["A2"].value
    book["Orders"][f"{at}2"] = None
    book.save("orders.xlsx")

    found = explain(run, reference)

    assert (found["orders"], found["rows"][0], found["checks"]) == ([reference], 2, "invalid")
    assert f"Orders!{at}2" in found["issues"][0]


@pytest.mark.parametrize("title", ["收件人邮编", "*收件人邮编", "Receiver postcode"])
def test_a_field_is_explained_by_a_title(run: Run, letters: dict[str, str], title: str) -> None:
    assert explain(run, title)["path"] == "order.consigneezipcode"


def test_status_of_a_result_lists_its_orders(run: Run) -> None:
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    run("submit", "orders.xlsx", "-p", "scexpress", "--sandbox")

    told = run("status", "orders.result.xlsx", "--lang", "zh")
    found = json.loads(run("status", "orders.result.xlsx", "--json").stdout)

    assert len(found["orders"]) == 4
    assert {order["status"] for order in found["orders"]} == {"accepted"}
    for order in found["orders"]:
        assert f"{order['reference']}  已接受  {order['provider_order_no']}" in told.stdout
