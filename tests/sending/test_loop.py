from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from converter.errors import JournalError
from converter.journal import Account, Journal, RunStart, State
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from converter.sending.loop import Ended, send

LOST = NoReply(True, "no answer for 60 seconds")
CLOSED = NoReply(False, "no connection to the provider: refused")
BUSY = Reply(429, {}, b"")

Answer = Reply | NoReply | Callable[[], Reply | NoReply]


def said(text: str, **headers: str) -> Reply:
    """`+A1 -A2 ?A3 =A4`: accepted, rejected, unknown, duplicate; what is left out: not sent."""
    return Reply(200, headers, text.encode())


def judge(orders: Sequence[Order], reply: Reply) -> Judgement:
    words = {word[1:]: word[0] for word in reply.body.decode().split()}
    statuses = {
        "+": Status.ACCEPTED,
        "-": Status.REJECTED,
        "?": Status.UNKNOWN,
        "=": Status.DUPLICATE,
    }
    outcomes = tuple(
        Outcome(statuses.get(words.get(order.reference, ""), Status.NOT_SENT)) for order in orders
    )
    after = reply.headers.get("retry-after")
    return Judgement(
        outcomes,
        not_processed=reply.status == 429,
        retry_after=float(after) if after else None,
        stop="the key sk-12345 is refused" if reply.status == 401 else "",
        notes=("an order that was not sent: X9",) if "X9" in words else (),
    )


class FakeTime:
    """A clock that only moves when someone sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class FakeClient:
    """Answers with what it was given, by orders or in turn; then accepts everything."""

    def __init__(
        self, *answers: Answer, by_orders: Mapping[str, Answer] = MappingProxyType({})
    ) -> None:
        self._by_orders = by_orders
        self.answers = list(answers)
        self.seen: list[list[str]] = []
        self.bodies: list[bytes] = []
        self.most = 0
        self._busy = 0
        self._lock = threading.Lock()

    def send(self, request: HttpRequest) -> Reply | NoReply:
        with self._lock:
            self._busy += 1
            self.most = max(self.most, self._busy)
            names = request.headers["orders"].split()
            self.seen.append(names)
            self.bodies.append(request.body)
            found = self._by_orders.get(request.headers["orders"]) or (
                self.answers.pop(0) if self.answers else said(" ".join(f"+{n}" for n in names))
            )
        try:
            return found() if callable(found) else found
        finally:
            with self._lock:
                self._busy -= 1


class FakeJournal:
    """What sending needs of a journal, as far as it is not said otherwise."""

    def __init__(self, inner: Journal) -> None:
        self.intend = inner.intend
        self.redact = inner.redact


class Run:
    """One run of `send` over a real journal, and everything that can be seen of it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.time = FakeTime()
        self.progress: list[int] = []
        self.prepared = 0

    def prepare(self, orders: Sequence[Order]) -> HttpRequest:
        self.prepared += 1
        names = " ".join(order.reference for order in orders)
        return HttpRequest("POST", "http://p.test/", {"orders": names}, b"%d" % self.prepared)

    def send(self, client: FakeClient, *batches: str, **more: Any) -> Ended:
        """Each batch is written as its references: `"A1 A2", "A3"`."""
        made = [[Order(n, n, {"ref": n}, (2,)) for n in batch.split()] for batch in batches]
        self.orders = [order for batch in made for order in batch]
        plan = self.journal.plan(self.orders, [])
        known = {order.reference for order in (*plan.new, *plan.again)}
        options: dict[str, Any] = {
            "prepare": self.prepare,
            "judge": judge,
            "client": client,
            "journal": self.journal,
            "in_flight": 1,
            "total_seconds": 120,
            "progress": lambda done: self.progress.append(done) if done else None,
            "clock": self.time,
            "now": lambda: 1_800_000_000.0,
            "sleep": self.time.sleep,
            "uniform": lambda low, high: high,
        }
        batched = ([order for order in batch if order.reference in known] for batch in made)
        return send(batched, **{**options, **more})

    @property
    def states(self) -> str:
        known = self.journal.records(order.reference for order in self.orders)
        return " ".join(f"{name}:{one.state}" for name, one in known.items())


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    account = Account("acme", "http://p.test", {"code": "C1"})
    start = RunStart("acme", "create", "orders.xlsx", "", "", "")
    with Journal.open(
        tmp_path, account, start, class_="A", settle_seconds=0, secrets=["sk-12345"]
    ) as journal:
        yield Run(journal)


# -- the plain way ---------------------------------------------------------------------------------


def test_every_batch_is_sent_once_and_recorded(run: Run) -> None:
    client = FakeClient(said("+A1 -A2"), said("=A3"))

    ended = run.send(client, "A1 A2", "A3", "A4")

    assert ended == Ended("", False, ())
    assert client.seen == [["A1", "A2"], ["A3"], ["A4"]]
    assert run.states == "A1:ACCEPTED A2:REFUSED A3:DUPLICATE A4:ACCEPTED"
    assert run.progress == [2, 1, 1]


def test_nothing_to_send_is_no_trouble(run: Run) -> None:
    assert run.send(FakeClient()) == Ended("", False, ())
    assert run.send(FakeClient(), "", "") == Ended("", False, ())


def test_the_intent_is_on_disk_before_the_request_leaves(run: Run, tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> Reply:
        import sqlite3
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
    run.journal._file.connection.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )

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

    assert ended == Ended("", False, ())
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
    """One fault leaves at most one batch per place in doubt, not one more for each time-out."""
    names = [f"A{n}" for n in range(20)]

    run.send(FakeClient(*[LOST] * 20), *names, in_flight=4)

    assert run.states.count("UNKNOWN") == 4


def test_a_fault_in_judging_keeps_the_answer_and_stops(run: Run) -> None:
    def broken(orders: Sequence[Order], reply: Reply) -> Judgement:
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

    assert ended == Ended(stopped, False, ())
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
    """Both requests are out when the journal fails: what came back for either must be printed."""
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


# -- Ctrl-C ----------------------------------------------------------------------------------------


def interrupting(then: Reply | NoReply) -> Callable[[], Reply | NoReply]:
    """Ctrl-C while this request is under way."""

    def answer() -> Reply | NoReply:
        signal.raise_signal(signal.SIGINT)
        return then

    return answer


def test_ctrl_c_takes_nothing_new_and_records_what_is_under_way(run: Run) -> None:
    before = signal.getsignal(signal.SIGINT)
    client = FakeClient(interrupting(said("+A1")))

    ended = run.send(client, "A1", "A2")

    assert ended == Ended("", True, ())
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


def test_ctrl_c_ends_a_wait(run: Run) -> None:
    def sleep(seconds: float) -> None:
        signal.raise_signal(signal.SIGINT)
        run.time.sleep(seconds)

    ended = run.send(FakeClient(BUSY), "A1", sleep=sleep)

    assert ended == Ended("", True, ())
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
    def handler(number: int, frame: object) -> None:
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
    def handler(number: int, frame: object) -> None:
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
