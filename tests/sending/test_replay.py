"""A request with an idempotency key is made again just as it was, where no clear answer came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from converter.journal import Account, Journal, ResendRule, RunStart
from converter.model import HttpRequest, Order, Reply
from tests.sending.fakes import LOST, FakeClient, Run, said

FAILED = Reply(500, {}, b"?A1")


class Keyed(Run):
    """A run whose requests have a key; `fresh` ones are different each time."""

    fresh = False

    def prepare(self, orders: Sequence[Order]) -> HttpRequest:
        made = super().prepare(orders)
        names = made.headers["orders"]
        body = made.body if self.fresh else names.encode()
        return HttpRequest(made.method, made.url, made.headers, body, f"key-{names}")

    def send(self, client: FakeClient, *batches: str, **more: Any) -> Any:
        return super().send(client, *batches, replays=True, **more)


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Keyed]:
    start = RunStart("acme", "create", "orders.xlsx", "", "", "")
    account = Account("acme", "http://p.test", {"code": "C1"})
    with Journal.open(tmp_path, account, start, resend=ResendRule("B", 900)) as journal:
        yield Keyed(journal)


@pytest.mark.parametrize("doubt", [LOST, FAILED, Reply(200, {}, b"?A1")])
def test_it_is_made_again_at_once(keyed: Keyed, doubt: Any) -> None:
    client = FakeClient(doubt)

    result = keyed.send(client, "A1")

    assert keyed.states == "A1:ACCEPTED"
    assert client.bodies == [b"A1", b"A1"]
    assert result.stopped == ""


def test_the_same_failure_three_times_stops(keyed: Keyed) -> None:
    client = FakeClient(*[FAILED] * 5)

    result = keyed.send(client, "A1", "A2")

    assert keyed.states == "A1:UNKNOWN A2:PLANNED"
    assert len(client.seen) == 3
    assert "Three requests in a row" in result.stopped


def test_a_refusal_of_the_same_request_settles_it(keyed: Keyed) -> None:
    keyed.send(FakeClient(LOST, said("-A1")), "A1")

    assert keyed.states == "A1:REFUSED"


def test_what_is_busy_after_a_doubt_stays_in_doubt(keyed: Keyed) -> None:
    keyed.send(FakeClient(LOST, Reply(401, {}, b"")), "A1")

    assert keyed.states == "A1:UNKNOWN"


def test_a_request_that_is_another_one_each_time_is_not_repeated(keyed: Keyed) -> None:
    keyed.fresh = True
    client = FakeClient(LOST)

    keyed.send(client, "A1")

    assert keyed.states == "A1:UNKNOWN"
    assert len(client.seen) == 1


def test_a_request_with_one_clear_answer_is_not_repeated(keyed: Keyed) -> None:
    client = FakeClient(said("+A1 ?A2"))

    keyed.send(client, "A1 A2")

    assert keyed.states == "A1:ACCEPTED A2:UNKNOWN"
    assert len(client.seen) == 1
