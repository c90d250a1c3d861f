from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from converter.errors import CallError, JournalError
from converter.journal import State
from converter.model import (
    HttpRequest,
    Judgement,
    NoReply,
    Order,
    Reply,
    SendResult,
    Status,
)
from converter.sending.loop import send
from tests.sending.fakes import BUSY, FakeClient, Run, judge, said

# -- stopping --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state", "stopped"),
    [
        pytest.param(
            Reply(401, {}, b""), State.PLANNED, "the key *** is refused", id="credentials"
        ),
        pytest.param(
            NoReply(False, "the certificate is refused", stop=True),
            State.PLANNED,
            "Nothing can be sent: the certificate is refused.",
            id="certificate",
        ),
    ],
)
def test_what_cannot_get_better_stops_at_once(
    run: Run, answer: Reply | NoReply, state: State, stopped: str
) -> None:
    client = FakeClient(answer)

    ended = run.send(client, "A1", "A2")

    assert ended == SendResult(stopped, False, ())
    assert client.seen == [["A1"]]
    assert run.states == f"A1:{state} A2:PLANNED"


def test_what_is_under_way_is_recorded_when_the_run_stops(run: Run) -> None:
    stopped = threading.Event()

    def late() -> Reply:
        assert stopped.wait(10)
        return said("+A1 +A2")

    def stop(done: int) -> None:
        if done:
            stopped.set()

    client = FakeClient(by_orders={"A1": late, "A2": lambda: Reply(401, {}, b"")})

    ended = run.send(client, "A1", "A2", "A3", in_flight=2, progress=stop)

    assert ended.stopped == "the key *** is refused"
    assert run.states == "A1:ACCEPTED A2:PLANNED A3:PLANNED"


@pytest.mark.parametrize("where", ["prepare", "batches", "progress", "journal"])
def test_an_error_is_raised_once_all_that_was_sent_is_recorded(run: Run, where: str) -> None:
    first_is_out = threading.Event()
    failed = threading.Event()

    def late() -> Reply:
        first_is_out.set()
        assert failed.wait(10)
        return said("+A1 +A2 +A3")

    def prepare(orders: Sequence[Order]) -> HttpRequest:
        if where == "prepare" and orders[0].reference == "A3":
            failed.set()
            raise ValueError(where)
        if where == "journal" and orders[0].reference == "A3":
            failed.set()
        return run.prepare(orders)

    def progress(done: int) -> None:
        if where == "progress" and done:
            raise ValueError(where)

    def batches() -> Iterator[list[Order]]:
        for order in orders:
            if where == "batches" and order.reference == "A3":
                failed.set()
                raise ValueError(where)
            is_other = where == "journal" and order.reference == "A3"
            yield [replace(order, payload={"ref": "changed"}) if is_other else order]

    if where == "progress":  # by then the next request is out
        failed.set()
    orders = [Order(n, n, {"ref": n}, (2,)) for n in ("A1", "A2", "A3")]
    run.orders = orders
    run.journal.plan(orders, [])
    with pytest.raises(JournalError if where == "journal" else ValueError):
        send(
            batches(),
            prepare=prepare,
            judge=judge,
            client=FakeClient(late, late),
            journal=run.journal,
            in_flight=3 if where != "progress" else 1,
            total_seconds=120,
            progress=progress,
        )

    assert run.states == "A1:ACCEPTED A2:ACCEPTED A3:PLANNED"


def test_answers_that_cannot_be_kept_are_all_told(run: Run) -> None:
    """Both requests are open when the journal fails; the outcomes of both must be reported."""
    out = threading.Barrier(2, timeout=10)

    def answer() -> Reply:
        out.wait()
        return said("+A1 +A2 " + "x" * 100_000)

    def progress_never(done: int) -> None:
        assert not done

    def judge_and_fill(orders: Sequence[Order], reply: Reply) -> Judgement:
        connection = run.journal._file.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return judge(orders, reply)

    with pytest.raises(JournalError) as caught:
        run.send(
            FakeClient(answer, answer),
            "A1",
            "A2",
            "A3",
            in_flight=2,
            judge=judge_and_fill,
            progress=progress_never,
        )

    assert "A1: accepted" in str(caught.value)
    assert "A2: accepted" in str(caught.value)
    assert run.states == "A1:SENDING A2:SENDING A3:PLANNED"


def test_progress_counts_orders_that_are_not_tried_again_because_the_run_stops(run: Run) -> None:
    refused = threading.Event()

    def busy() -> Reply:
        refused.wait(10)
        return BUSY

    def refuse() -> Reply:
        return Reply(401, {}, b"")

    def progress(done: int) -> None:
        run.progress.append(done)
        if done:
            refused.set()

    client = FakeClient(by_orders={"A1": busy, "A2": refuse})

    ended = run.send(client, "A1", "A2", "A3", in_flight=2, progress=progress)

    assert ended.stopped == "the key *** is refused"
    assert sum(run.progress) == 2


# -- Ctrl-C ----------------------------------------------------------------------------------------


def interrupting(then: Reply | NoReply) -> Callable[[], Reply | NoReply]:
    """Ctrl-C while this request is open."""

    def answer() -> Reply | NoReply:
        signal.raise_signal(signal.SIGINT)
        return then

    return answer


def test_ctrl_c_takes_nothing_new_and_records_what_is_under_way(run: Run) -> None:
    before = signal.getsignal(signal.SIGINT)
    client = FakeClient(interrupting(said("+A1")))

    ended = run.send(client, "A1", "A2")

    assert ended == SendResult(interrupted=True)
    assert client.seen == [["A1"]]
    assert run.states == "A1:ACCEPTED A2:PLANNED"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_waits_no_longer(run: Run) -> None:
    release = threading.Event()

    def hang() -> Reply:
        release.wait(10)
        return said("+A1")

    client = FakeClient(by_orders={"A1": hang, "A2": interrupting(said("+A2"))})

    def interrupt(done: int) -> None:
        if done:
            signal.raise_signal(signal.SIGINT)

    try:
        ended = run.send(
            client,
            "A1",
            "A2",
            "A3",
            in_flight=2,
            progress=interrupt,
        )
        assert not release.is_set()
    finally:
        release.set()

    assert ended.interrupted
    assert run.states == "A1:SENDING A2:ACCEPTED A3:PLANNED"
    assert run.journal.records(["A1"])["A1"].status is Status.UNKNOWN


def test_a_third_ctrl_c_is_passed_on(run: Run) -> None:
    heard: list[int] = []
    seen: list[int] = []

    def prepare(orders: Sequence[Order]) -> HttpRequest:
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
            seen.append(len(heard))
        return run.prepare(orders)

    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        ended = run.send(FakeClient(), "A1", prepare=prepare)
    finally:
        signal.signal(signal.SIGINT, before)

    assert seen == [0, 0, 1]
    assert ended.interrupted


def test_ctrl_c_ends_a_wait(run: Run) -> None:
    def sleep(seconds: float) -> None:
        signal.raise_signal(signal.SIGINT)
        run.time.sleep(seconds)

    ended = run.send(FakeClient(BUSY), "A1", sleep=sleep)

    assert ended == SendResult(interrupted=True)
    assert run.time.time < 1
    assert run.states == "A1:PLANNED"


def test_ctrl_c_while_the_journal_is_written_strikes_afterwards(run: Run) -> None:
    def prepare(orders: Sequence[Order]) -> HttpRequest:
        signal.raise_signal(signal.SIGINT)
        return run.prepare(orders)

    ended = run.send(FakeClient(), "A1", "A2", prepare=prepare)

    assert ended.interrupted
    assert run.states == "A1:ACCEPTED A2:PLANNED"


def test_ctrl_c_from_elsewhere_is_understood_too(run: Run) -> None:
    def progress(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    ended = run.send(FakeClient(), "A1", "A2", "A3", progress=progress)

    assert ended.interrupted
    assert run.states == "A1:ACCEPTED A2:ACCEPTED A3:PLANNED"


def test_a_termination_that_is_handled_counts_as_ctrl_c(run: Run) -> None:
    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    def terminate() -> Reply:
        signal.raise_signal(signal.SIGTERM)
        return said("+A1")

    before = signal.signal(signal.SIGTERM, handler)
    try:
        ended = run.send(FakeClient(terminate), "A1", "A2")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert ended.interrupted
    assert run.states == "A1:ACCEPTED A2:PLANNED"


@pytest.mark.skipif(sys.platform == "win32", reason="windows there close otherwise")
def test_a_closed_window_that_is_told_of_twice_is_waited_for(run: Run) -> None:
    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    def close() -> Reply:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        return said("+A1")

    before = signal.signal(signal.SIGHUP, handler)
    try:
        ended = run.send(FakeClient(close), "A1", "A2")
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ended.interrupted
    assert run.states == "A1:ACCEPTED A2:PLANNED"


def test_a_call_that_the_requests_need_ends_the_sending_when_it_fails(run: Run) -> None:
    """Such as one for a token: what was sent is recorded, and the rest is not sent."""

    def prepare(orders: Sequence[Order]) -> HttpRequest:
        if orders[0].reference == "A2":
            raise CallError("the key sk-12345 is refused")
        return run.prepare(orders)

    result = run.send(FakeClient(), "A1", "A2", "A3", prepare=prepare)

    assert result.stopped == "the key *** is refused"
    assert run.states == "A1:ACCEPTED A2:PLANNED A3:PLANNED"
