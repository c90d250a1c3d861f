from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from converter.model import (
    Judgement,
    NoReply,
    Order,
    Reply,
    SendResult,
)
from converter.sending.loop import send
from tests.sending.fakes import BUSY, CLOSED, LOST, FakeClient, FakeJournal, Run, judge, said

# -- the plain way ---------------------------------------------------------------------------------


def test_every_batch_is_sent_once_and_recorded(run: Run) -> None:
    client = FakeClient(said("+A1 -A2"), said("=A3"))

    ended = run.send(client, "A1 A2", "A3", "A4")

    assert ended == SendResult()
    assert client.seen == [["A1", "A2"], ["A3"], ["A4"]]
    assert run.states == "A1:ACCEPTED A2:REFUSED A3:DUPLICATE A4:ACCEPTED"
    assert run.progress == [2, 1, 1]


def test_nothing_to_send_is_no_trouble(run: Run) -> None:
    assert run.send(FakeClient()) == SendResult()
    assert run.send(FakeClient(), "", "") == SendResult()


def test_the_intent_is_on_disk_before_the_request_leaves(run: Run, tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> Reply:
        from contextlib import closing

        (path,) = (tmp_path / "journal").glob("*.sqlite3")
        with closing(sqlite3.connect(path)) as connection:
            seen.extend(state for (state,) in connection.execute("SELECT state FROM part"))
        return said("+A1")

    run.send(FakeClient(look), "A1")

    assert seen == ["SENDING"]


def test_batches_are_taken_as_they_are_needed(run: Run) -> None:
    taken: list[int] = []
    orders = [Order(f"A{n}", f"A{n}", {"ref": f"A{n}"}, (2,)) for n in range(9)]
    run.journal.plan(orders, [])

    def batches() -> Iterator[list[Order]]:
        for n, order in enumerate(orders):
            taken.append(n)
            yield [order]

    ended = send(
        batches(),
        prepare=run.prepare,
        judge=judge,
        client=FakeClient(said("+A0"), Reply(401, {}, b"")),
        journal=run.journal,
        in_flight=1,
        total_seconds=120,
    )

    assert ended.stopped == "the key *** is refused"
    assert taken == [0, 1, 2], "one is built while the second is under way, and no more"


def test_no_more_requests_are_under_way_than_allowed(run: Run) -> None:
    everyone = threading.Barrier(3, timeout=10)

    def together(name: str) -> Callable[[], Reply]:
        def answer() -> Reply:
            everyone.wait()
            return said(f"+{name}")

        return answer

    names = [f"A{n}" for n in range(6)]
    client = FakeClient(*(together(name) for name in names))
    # Which thread takes which answer is chance, so every answer names every order.
    client.answers = [lambda: (everyone.wait(), said(" ".join(f"+{n}" for n in names)))[1]] * 6

    run.send(client, *names, in_flight=3)

    assert client.most == 3
    assert run.states == " ".join(f"{name}:ACCEPTED" for name in names)


def test_who_waits_hears_of_it_although_no_answer_comes(run: Run) -> None:
    told: list[int] = []
    waited = threading.Event()

    def late() -> Reply:
        assert waited.wait(10)
        return said("+A1")

    def progress(done: int) -> None:
        told.append(done)
        waited.set()

    run.send(FakeClient(late, BUSY, said("+A2")), "A1", "A2", progress=progress)

    assert told[0] == 0
    assert [done for done in told if done] == [1, 1]
    assert told[-2] == 0, "while the provider is busy too"


def test_the_answer_and_the_next_intent_are_one_transaction(run: Run) -> None:
    commits: list[str] = []
    connection = run.journal._file.connection
    assert isinstance(connection, sqlite3.Connection)
    connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    run.send(FakeClient(said("+A1"), BUSY, said("+A2"), said("+A3")), "A1", "A2", "A3")

    # The plan, A1's intent, A2's with A1's answer, busy, A2's intent again, A3's with A2's, A3's.
    assert len(commits) == 7


def test_answers_that_came_together_are_one_transaction(run: Run) -> None:
    exchanged: list[tuple[int, int]] = []
    exchange = run.journal.exchange
    all_are_here = threading.Barrier(3, timeout=10)

    class Watched(FakeJournal):
        def exchange(self, answers: Sequence[Any], intents: Sequence[Any]) -> list[int]:
            exchanged.append((len(answers), len(intents)))
            return exchange(answers, intents)

    def judge_late(orders: Sequence[Order], reply: Reply) -> Judgement:
        if not exchanged:
            time.sleep(0.1)
        return judge(orders, reply)

    def together() -> Reply:
        all_are_here.wait()
        return said("+A1 +A2 +A3")

    client = FakeClient(together, together, together)
    run.send(client, "A1", "A2", "A3", in_flight=6, judge=judge_late, journal=Watched(run.journal))

    assert exchanged == [(3, 0)]


def test_notes_are_gathered_once_and_without_secrets(run: Run) -> None:
    date = {"date": "Fri, 15 Jan 2027 08:01:30 GMT"}
    client = FakeClient(said("+A1 +X9", **date), said("+A2 +X9", **date))

    ended = run.send(client, "A1", "A2")

    assert ended.notes == (
        "an order that was not sent: X9",
        "The provider's clock and this machine's differ by 90 seconds. Set this one right.",
    )


# -- not processed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [pytest.param(BUSY, id="429"), pytest.param(CLOSED, id="closed")]
)
def test_what_was_not_processed_is_tried_again_with_a_fresh_request(
    run: Run, answer: Reply | NoReply
) -> None:
    client = FakeClient(answer, answer, said("+A1"), said("+A2"))

    ended = run.send(client, "A1", "A2")

    assert ended == SendResult()
    assert client.seen == [["A1"], ["A1"], ["A1"], ["A2"]]
    assert client.bodies == [b"1", b"2", b"3", b"4"]
    assert run.time.time == pytest.approx(2 + 4)
    assert run.progress == [1, 1]


def test_only_the_orders_that_were_not_processed_are_tried_again(run: Run) -> None:
    client = FakeClient(said("+A1 -A3"), said("+A2"))

    run.send(client, "A1 A2 A3")

    assert client.seen == [["A1", "A2", "A3"], ["A2"]]
    assert run.states == "A1:ACCEPTED A2:ACCEPTED A3:REFUSED"
    assert run.progress == [2, 1]


def test_after_five_tries_the_run_stops_because_nothing_reaches_the_provider(run: Run) -> None:
    client = FakeClient(*[CLOSED] * 9)

    ended = run.send(client, "A1", "A2")

    assert ended.stopped == (
        "The provider cannot be reached: no connection to the provider: refused. "
        "Run again later; what was not sent is sent then."
    )
    assert client.seen == [["A1"]] * 5
    assert run.states == "A1:PLANNED A2:PLANNED"
    assert run.time.time == pytest.approx(2 + 4 + 8 + 16)
    assert run.progress == [1]


def test_a_provider_that_stays_busy_stops_the_run(run: Run) -> None:
    ended = run.send(FakeClient(*[BUSY] * 9), "A1", "A2")

    assert ended.stopped == (
        "The provider keeps answering that it is busy. Run again later; the rest is sent then."
    )
    assert run.states == "A1:PLANNED A2:PLANNED"


def test_one_order_that_is_never_processed_stops_nothing(run: Run) -> None:
    client = FakeClient(said("+A1"), *[said("")] * 4, said("+A3"))

    ended = run.send(client, "A1 A2", "A3")

    assert ended.stopped == ""
    assert run.states == "A1:ACCEPTED A2:PLANNED A3:ACCEPTED"
    assert run.progress == [1, 1, 1]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        pytest.param("7", 7, id="as asked"),
        pytest.param("0", 0, id="at once"),
        pytest.param("86400", 900, id="capped"),
        pytest.param("-3", 2, id="junk"),
        pytest.param("nan", 2, id="no number"),
        pytest.param("inf", 900, id="for ever"),
    ],
)
def test_the_wait_follows_retry_after(run: Run, asked: str, waited: float) -> None:
    client = FakeClient(Reply(429, {"retry-after": asked}, b""), said("+A1"))

    run.send(client, "A1")

    assert run.time.time == pytest.approx(waited)
    assert run.states == "A1:ACCEPTED"


def test_all_waits_together_are_bounded(run: Run) -> None:
    client = FakeClient(*[Reply(429, {"retry-after": "500"}, b"")] * 5)

    ended = run.send(client, "A1")

    assert ended.stopped.startswith("The provider keeps answering")
    assert run.time.time == pytest.approx(500)


def test_a_pause_may_end_between_two_readings_of_the_clock(run: Run) -> None:
    readings = 0

    def clock() -> float:
        """Moves by itself, so that the pause ends after a request was held back by it."""
        nonlocal readings
        readings += 1
        return run.time.time + readings

    run.send(FakeClient(BUSY), "A1", clock=clock, uniform=lambda *_: 2.5)

    assert run.states == "A1:ACCEPTED"
    assert run.time.time == 0


# -- in doubt --------------------------------------------------------------------------------------


def test_a_doubt_is_told_and_never_sent_again_in_this_run(run: Run) -> None:
    client = FakeClient(LOST, said("+A2"))

    ended = run.send(client, "A1", "A2")

    assert ended.stopped == ""
    assert client.seen == [["A1"], ["A2"]]
    assert run.states == "A1:UNKNOWN A2:ACCEPTED"
    assert run.journal.records(["A1"])["A1"].message == (
        "No usable answer came: no answer for 60 seconds."
    )


def test_three_doubts_in_a_row_stop_the_run(run: Run) -> None:
    client = FakeClient(LOST, said("?A2"), said("?A3"))

    ended = run.send(client, "A1", "A2", "A3", "A4")

    assert ended.stopped == (
        "Three requests in a row had no clear answer, so the rest was not sent. "
        "Find out what is wrong at the provider, then run again."
    )
    assert run.states == "A1:UNKNOWN A2:UNKNOWN A3:UNKNOWN A4:PLANNED"


def test_a_clear_answer_in_between_counts_anew(run: Run) -> None:
    client = FakeClient(LOST, LOST, said("+A3"), LOST, LOST)

    assert run.send(client, "A1", "A2", "A3", "A4", "A5").stopped == ""


def test_a_request_that_is_clear_about_one_order_is_no_doubt_about_the_provider(run: Run) -> None:
    client = FakeClient(said("+A1 ?A2"), said("?A3 +A4"), said("-A5 ?A6"), said("+A7"))

    ended = run.send(client, "A1 A2", "A3 A4", "A5 A6", "A7")

    assert ended.stopped == ""


def test_busy_in_between_is_no_clear_answer(run: Run) -> None:
    client = FakeClient(LOST, LOST, BUSY, LOST)

    assert run.send(client, "A1", "A2", "A3", "A4").stopped.startswith("Three requests")


def test_a_provider_that_fails_meets_no_more_than_what_was_under_way(run: Run) -> None:
    """One fault leaves at most one batch per worker in doubt, not one more for each time-out."""
    names = [f"A{n}" for n in range(20)]

    run.send(FakeClient(*[LOST] * 20), *names, in_flight=4)

    assert run.states.count("UNKNOWN") == 4


def test_a_fault_in_judging_keeps_the_answer_and_stops(run: Run) -> None:
    def broken(*_: object) -> Judgement:
        raise KeyError("sk-12345")

    ended = run.send(FakeClient(), "A1", "A2", judge=broken)

    assert ended.stopped == (
        "An answer could not be judged because of a fault in this program (KeyError). "
        "The answer is in the journal. Report this before you run again."
    )
    assert run.states == "A1:UNKNOWN A2:PLANNED"


def test_a_client_that_fails_has_perhaps_sent(run: Run) -> None:
    def fail() -> Reply:
        raise MemoryError

    run.send(FakeClient(fail), "A1")

    assert run.states == "A1:UNKNOWN"


def test_a_request_that_never_ends_is_given_up(run: Run) -> None:
    release = threading.Event()

    def hang() -> Reply:
        release.wait(10)
        return said("+A1")

    ticks = iter(range(0, 100_000, 100))
    try:
        ended = run.send(FakeClient(hang), "A1", "A2", clock=lambda: next(ticks))
    finally:
        release.set()

    assert ended.stopped.startswith("A request did not end in time")
    assert run.states == "A1:UNKNOWN A2:PLANNED"
