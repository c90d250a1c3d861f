"""Queries about orders in doubt, before anything is sent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.shipped import shipped_folder
from converter.model import HttpRequest, NoReply, Reply
from converter.provider import query
from converter.provider.request import Signer
from converter.settings import Settings

MAPPING = load_mapping(find_mapping("scexpress"))
VALUES = {"base_url": "http://tms.test", "code": "C1", "token": "t"}
THERE = {"code": 0, "systemnumber": "S-1", "waybillnumber": "W-1"}
ABSENT = {"code": -1, "msg": "单号系统中不存在"}


class FakeClient:
    """Answers each query with the entries of the orders that it has."""

    def __init__(self, entries: dict[str, Any], fails_at: int = 99) -> None:
        self.asked: list[list[str]] = []
        self._entries = entries
        self._fails_at = fails_at

    def send(self, request: HttpRequest) -> Reply | NoReply:
        names = json.loads(request.body)["datas"]["customernumber"]
        self.asked.append(names)
        if len(self.asked) == self._fails_at:
            return NoReply(True, "the connection broke")
        data = [{**self._entries[n], "customernumber": n} for n in names if n in self._entries]
        body = {"code": 0, "msg": "ok", "data": {"customernumber": data}}
        return Reply(200, {}, json.dumps(body).encode(), 0.1)


def ask(client: FakeClient, *references: str, at_once: int = 50) -> query.QueryResult:
    assert MAPPING.query is not None
    asking = MAPPING.query.model_copy(update={"references_per_request": at_once})
    mapping = MAPPING.model_copy(update={"query": asking})
    signer = Signer(mapping, Settings(VALUES, (), ()), None, masked=False)
    return query.ask(mapping, signer, client, references)


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        pytest.param(THERE, "found", id="with its number"),
        pytest.param(ABSENT, "absent", id="not there"),
        pytest.param(None, "silent", id="not mentioned"),
        pytest.param({"code": 0}, "silent", id="there, but without a number"),
        pytest.param({"code": 7, "systemnumber": "S-1"}, "silent", id="in a code nobody knows"),
    ],
)
def test_what_is_said_of_an_order(entry: Any, where: str) -> None:
    said = ask(FakeClient({} if entry is None else {"R1": entry}), "R1")

    told = {
        "found": [finding.reference for finding in said.found],
        "absent": list(said.absent),
        "silent": list(said.silent),
        "failed": list(said.failed),
    }
    assert told == {"found": [], "absent": [], "silent": [], "failed": [], where: ["R1"]}


def test_a_found_order_brings_its_numbers() -> None:
    (finding,) = ask(FakeClient({"R1": THERE}), "R1").found

    assert (finding.created, finding.source) == (True, "query")
    assert (finding.provider_order_no, finding.tracking_no) == ("S-1", "W-1")


def test_nothing_more_is_asked_after_an_answer_that_is_of_no_use() -> None:
    client = FakeClient({"R1": THERE, "R3": THERE}, fails_at=2)

    said = ask(client, "R1", "R2", "R3", at_once=1)

    assert client.asked == [["R1"], ["R2"]]
    assert [finding.reference for finding in said.found] == ["R1"]
    assert said.failed == ("R2", "R3")


def test_submit_asks_before_it_sends_again(
    run: Callable[..., Result], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox creates these orders and drops the connection; a query then finds them."""
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    run("convert", "orders.xlsx", "-p", "scexpress", "-o", "requests.jsonl")
    text = (home / "requests.jsonl").read_text(encoding="utf-8")
    names = json.loads(text.splitlines()[0])["orders"]
    rows = shipped_folder("templates") / "data" / "scexpress.csv"
    sheet = rows.read_text(encoding="utf-8-sig")
    for name in names:
        sheet = sheet.replace(name, f"DROP-{name}")
    Path("orders.csv").write_text(sheet, encoding="utf-8")
    submit = ("submit", "orders.csv", "-p", "scexpress", "--sandbox", "--json")
    first = json.loads(run(*submit).stdout)

    second = json.loads(run(*submit).stdout)

    assert first["counts"] == {"unknown": len(names)}
    assert second["counts"] == {"accepted": len(names)}
    assert all(order["provider_order_no"].startswith("SBX-") for order in second["orders"])
    attempts = {order["reference"]: order["attempts"] for order in second["orders"]}
    assert attempts == {order["reference"]: order["attempts"] for order in first["orders"]}
