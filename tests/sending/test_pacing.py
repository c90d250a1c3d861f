"""Requests keep to the provider's limit, in one process and from one to the next."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from converter.journal import Account, lock
from converter.journal.store import open_file
from converter.mapping.request import Pace
from converter.model import HttpRequest, NoReply
from converter.sending.pacing import PacedSender, Pacer
from tests.sending.fakes import FakeClient, FakeTime, Run


@pytest.mark.parametrize(
    ("pace", "interval"),
    [
        pytest.param(Pace(per_second=Decimal(5)), 0.2, id="a second"),
        pytest.param(Pace(per_minute=Decimal(400)), 0.15, id="a minute"),
        pytest.param(Pace(per_second=Decimal(5), per_minute=Decimal(100)), 0.6, id="the slower"),
        pytest.param(Pace(per_second=Decimal("0.5")), 2.0, id="less than one a second"),
        pytest.param(Pace(), 0.0, id="no limit"),
        pytest.param(None, 0.0, id="nothing said"),
    ],
)
def test_the_interval_keeps_both_limits(pace: Pace | None, interval: float) -> None:
    assert Pacer(pace).interval == pytest.approx(interval)


@pytest.mark.parametrize("in_flight", [1, 3])
def test_orders_are_sent_at_the_pace(run: Run, in_flight: int) -> None:
    taken: list[float] = []
    pacer = Pacer(Pace(per_second=Decimal(2)), note=taken.append, now=run.time)
    client = FakeClient()

    def tick(_: int) -> None:
        run.time.sleep(0.1)

    run.time.sleep(1000)
    run.send(client, "A1", "A2", "A3", "A4", pacer=pacer, in_flight=in_flight, progress=tick)

    assert len(client.seen) == 4
    assert all(later - earlier >= 0.5 for earlier, later in pairwise(taken))
    assert len(taken) == 4


def test_a_slow_answer_holds_up_no_request_that_is_due(run: Run) -> None:
    """The first answer comes only once the second request has been made."""
    pacer = Pacer(Pace(per_second=Decimal(2)), now=run.time)
    client = FakeClient()

    def second_was_sent() -> NoReply:
        while len(client.seen) < 2:
            pass
        return NoReply(False, "given up")

    client.answers.append(second_was_sent)
    run.time.sleep(1000)
    run.send(client, "A1", "A2", pacer=pacer, in_flight=2, progress=lambda _: run.time.sleep(0.1))

    assert [*map(len, client.seen)] == [1, 1, 1]


def test_other_calls_keep_to_the_same_pace() -> None:
    time = FakeTime()
    time.sleep(1000)
    pacer = Pacer(Pace(per_second=Decimal(4)), now=time, sleep=time.sleep)
    paced = PacedSender(FakeClient(), pacer)
    for _ in range(3):
        paced.send(HttpRequest("GET", "https://p.test/", {"orders": "A1"}, b""))

    assert time.time == pytest.approx(1000.5)


def test_a_clock_that_was_set_back_stops_nothing_for_long() -> None:
    pacer = Pacer(Pace(per_minute=Decimal(30)), last=5000.0, now=lambda: 1000.0)

    assert pacer.wait() == 2.0


def test_the_next_process_knows_when_the_last_request_was_made(tmp_path: Path) -> None:
    account = Account("acme", "https://p.test", {})
    with open_file(tmp_path, account) as file:
        assert file.last_request == 0.0
        file.note_request(1_800_000_000.25)
    with open_file(tmp_path, account) as file:
        assert file.last_request == 1_800_000_000.25


def test_a_lock_file_with_a_time_that_is_none_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_text("journal x\nrequest soon\n".ljust(512))
    with lock.hold(tmp_path / "x.lock") as held:
        assert (held.journal, held.last_request) == ("x", 0.0)
