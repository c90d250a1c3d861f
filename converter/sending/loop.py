"""Batches out and answers in: journal, then network, then journal, for every single attempt."""

from __future__ import annotations

import queue
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from types import FrameType
from typing import Protocol

from converter.errors import JournalError
from converter.journal import AttemptResult, Intent, Journal
from converter.messages.sentence import joined, t
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from converter.sending.signals import CLOSED_WINDOW, Hearing

TRIES = 5
LONGEST_WAIT = 60.0
LONGEST_RETRY_AFTER = 15 * 60.0
ALL_TRIES_SECONDS = 15 * 60.0
DOUBTS_IN_A_ROW = 3
_LOOK_SECONDS = 0.1
"""How often a wait looks up: on Windows a wait does not notice Ctrl-C by itself."""
_GRACE_SECONDS = 30.0
"""How long after its deadline a request may still take to give up by itself."""
_SKEW_SECONDS = 60
_TURN_SECONDS = 0.0005

NO_ANSWER = "No usable answer came: {reason}."
NOT_REACHED = "Nothing reached the provider: {reason}."
NOT_UNDERSTOOD = "The answer could not be judged because of a fault in this program ({problem})."

UNREACHABLE = (
    "The provider cannot be reached: {reason}. Run again later; what was not sent is sent then."
)
BUSY = "The provider keeps answering that it is busy. Run again later; the rest is sent then."
DOUBTS = (
    "Three requests in a row had no clear answer, so the rest was not sent. "
    "Find out what is wrong at the provider, then run again."
)
REFUSED_CONNECTION = "Nothing can be sent: {reason}."
FAULT = (
    "An answer could not be judged because of a fault in this program ({problem}). The answer is "
    "in the journal. Report this before you run again."
)
HUNG = "A request did not end in time, so the rest was not sent. Run again later."
SKEW = "The provider's clock and this machine's differ by {seconds} seconds. Set this one right."


@dataclass(frozen=True)
class Ended:
    """How the sending ended. Both fields empty: everything there was to send was sent."""

    stopped: str
    interrupted: bool
    notes: tuple[str, ...]


class Sender(Protocol):
    """What sending needs of `client.Client`."""

    def send(self, request: HttpRequest) -> Reply | NoReply: ...


def send(
    batches: Iterable[Sequence[Order]],
    *,
    prepare: Callable[[Sequence[Order]], HttpRequest],
    judge: Callable[[Sequence[Order], Reply], Judgement],
    client: Sender,
    journal: Journal,
    in_flight: int,
    total_seconds: float,
    progress: Callable[[int], object] = lambda orders: None,
    stopping: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
    uniform: Callable[[float, float], float] = random.uniform,
) -> Ended:
    """Send every batch and record what became of it; stop early rather than guess.

    `prepare` makes a fresh request for every attempt, because a signature is never used twice.
    `progress` is told how many orders are done with, after each answer, and 0 now and then while
    none comes. `stopping` is called once if Ctrl-C comes while answers are still waited for.
    Raises what `batches`, `prepare` or the journal raise, but only once every request that is
    under way has been answered and recorded.
    """
    return _Loop(
        batches=iter(batches),
        prepare=prepare,
        judge=judge,
        journal=journal,
        in_flight=in_flight,
        total_seconds=total_seconds,
        progress=progress,
        stopping=stopping,
        clock=clock,
        now=now,
        sleep=sleep,
        uniform=uniform,
        workers=_Workers(client),
    ).run()


@dataclass(frozen=True, slots=True)
class _Batch:
    orders: tuple[Order, ...]
    tries: int = 0
    waited: float = 0.0


@dataclass(kw_only=True)
class _Loop:
    """The main thread's side: it alone touches the journal, and it decides what comes next."""

    batches: Iterator[Sequence[Order]]
    prepare: Callable[[Sequence[Order]], HttpRequest]
    judge: Callable[[Sequence[Order], Reply], Judgement]
    journal: Journal
    in_flight: int
    total_seconds: float
    progress: Callable[[int], object]
    stopping: Callable[[], object]
    clock: Callable[[], float]
    now: Callable[[], float]
    sleep: Callable[[float], object]
    uniform: Callable[[float, float], float]
    workers: _Workers

    interrupts: _Interrupts = field(default_factory=lambda: _Interrupts())
    under_way: dict[int, tuple[_Batch, float]] = field(default_factory=dict)
    """By attempt: what it carries, and when it is given up."""
    retries: deque[_Batch] = field(default_factory=deque)
    ahead: _Batch | None = None
    """The next one of `batches`, made while nothing else was to be done."""
    pause_until: float = float("-inf")
    doubts: int = 0
    exhausted: bool = False
    said_so: bool = False
    stopped: str = ""
    failures: list[Exception] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    def run(self) -> Ended:
        with self.interrupts, _quick_turns():
            try:
                while self._step():
                    pass
            finally:
                self.workers.dismiss()
        lost = [failure for failure in self.failures if isinstance(failure, JournalError)]
        if lost:  # each of them may hold an answer that is kept nowhere else
            raise JournalError(joined("\n", (failure.args[0] for failure in lost))) from lost[0]
        if self.failures:
            raise self.failures[0]
        return Ended(self.stopped, self.interrupts.count > 0, tuple(self.notes))

    @property
    def _over(self) -> bool:
        """No further request is made; those under way are still waited for."""
        return bool(self.stopped or self.failures or self.interrupts.count)

    def _step(self) -> bool:
        """Start what may be started, then take what has come. False when nothing is left to do."""
        try:
            while self._may_start() and (batch := self._next()):
                self._start(batch)
            if self.under_way:
                self._make_ahead()
                return self._take()
            if self._over:
                return False
            if (left := self.pause_until - self.clock()) > 0:
                self.progress(0)
                self.sleep(min(left, _LOOK_SECONDS))
                return True
            return bool(self.retries) or not self.exhausted
        except KeyboardInterrupt:
            self.interrupts.count += 1
            return True
        except Exception as error:  # raised again by `run`, when all that was sent is recorded
            self.failures.append(error)
            return True

    # -- journal, then network -------------------------------------------------------------------

    def _may_start(self, more: int = 0) -> bool:
        """Whether a request may leave, beside those under way and so many that are about to."""
        # After a doubt go one by one: if the provider has failed, fewer orders fall into doubt.
        at_once = 1 if self.doubts else self.in_flight
        waiting = self.clock() < self.pause_until
        return not self._over and not waiting and len(self.under_way) + more < at_once

    def _next(self) -> _Batch | None:
        if self.retries:
            return self.retries.popleft()
        self._make_ahead()
        batch, self.ahead = self.ahead, None
        return batch

    def _make_ahead(self) -> None:
        """Build the next batch, so that no place has to wait for it when it is free."""
        if self.ahead is None and not self.exhausted and not self._over:
            for orders in self.batches:
                if orders:
                    self.ahead = _Batch(tuple(orders))
                    for order in orders:
                        _ = order.digest  # kept for the journal, which will ask for it
                    return
            self.exhausted = True

    def _start(self, batch: _Batch) -> None:
        intent = self._intent(batch)
        attempt = self.journal.intend(intent.orders, intent.request, deadline=intent.deadline)
        self._begin(batch, attempt, intent.request)

    def _intent(self, batch: _Batch, more: int = 0) -> Intent:
        self.workers.ready(len(self.under_way) + more + 1)
        request = self.prepare(batch.orders)
        return Intent(batch.orders, request, self.now() + self.total_seconds)

    def _begin(self, batch: _Batch, attempt: int, request: HttpRequest) -> None:
        given_up = self.clock() + self.total_seconds + _GRACE_SECONDS
        self.under_way[attempt] = (replace(batch, tries=batch.tries + 1), given_up)
        self.workers.begin(attempt, request)

    # -- network, then journal -------------------------------------------------------------------

    def _take(self) -> bool:
        """Record the answers that have come; what leaves in their places is noted with them.

        At most those of half the places: taken all at once, they would from then on come all at
        once, and then each time nothing would be under way while they are recorded.
        """
        ended = self._wait()
        if ended is None:  # the next run finds these attempts open and calls them unknown
            self.under_way.clear()
            return False
        came: list[tuple[_Batch, AttemptResult]] = []
        while ended is not None:
            attempt, reply = ended
            if found := self.under_way.pop(attempt, None):  # else it had been given up
                batch = found[0]
                came.append(
                    (batch, AttemptResult(attempt, reply, self._judge(batch.orders, reply)))
                )
            ended = self.workers.ended(0) if len(came) < self.in_flight // 2 else None
        done, following = self._consequences(came)
        answers, intents = [answer for _, answer in came], [intent for _, intent in following]
        attempts = self.journal.exchange(answers, intents)
        for attempt, (batch, intent) in zip(attempts, following, strict=True):
            self._begin(batch, attempt, intent.request)
        if done:
            self.progress(done)
        return True

    def _consequences(
        self, came: Sequence[tuple[_Batch, AttemptResult]]
    ) -> tuple[int, list[tuple[_Batch, Intent]]]:
        """How many orders are done with, and what may leave now.

        An error is kept for later: first the answers must be recorded.
        """
        done = 0
        following: list[tuple[_Batch, Intent]] = []
        try:
            for batch, answer in came:
                self._note(batch, answer.reply, answer.judgement)
                done += len(batch.orders) - self._retry(batch, answer.reply, answer.judgement)
            while self._may_start(len(following)) and (batch_ := self._next()):
                following.append((batch_, self._intent(batch_, len(following))))
        except KeyboardInterrupt:
            self.interrupts.count += 1
        except Exception as error:
            self.failures.append(error)
        return done, following

    def _wait(self) -> tuple[int, Reply | NoReply] | None:
        while self.interrupts.count < 2:
            if self.interrupts.count and not self.said_so:
                self.said_so = True
                self.stopping()
            if ended := self.workers.ended(_LOOK_SECONDS):
                return ended
            if not self.failures:
                self.progress(0)
            for attempt, (_, given_up) in self.under_way.items():
                if self.clock() >= given_up:
                    self._stop(t(HUNG))
                    return attempt, NoReply(True, t("the request did not end in time"))
        return self.workers.ended(0)

    def _judge(self, orders: Sequence[Order], reply: Reply | NoReply) -> Judgement:
        if isinstance(reply, NoReply):
            stop = t(REFUSED_CONNECTION, reason=reply.reason) if reply.stop else ""
            if reply.sent:
                message = t(NO_ANSWER, reason=reply.reason)
                return _all(orders, Status.UNKNOWN, message, stop)
            message = t(NOT_REACHED, reason=reply.reason)
            return replace(_all(orders, Status.NOT_SENT, message, stop), not_processed=True)
        try:
            return self.judge(orders, reply)
        except Exception as error:  # the answer must reach the journal, whatever it is
            problem = type(error).__name__
            message = t(NOT_UNDERSTOOD, problem=problem)
            return _all(orders, Status.UNKNOWN, message, t(FAULT, problem=problem))

    # -- what an answer means for the rest of the run ----------------------------------------------

    def _note(self, batch: _Batch, reply: Reply | NoReply, judgement: Judgement) -> None:
        self.notes.update(dict.fromkeys(map(self.journal.redact, judgement.notes)))
        said = any(note.startswith(SKEW.partition("{")[0]) for note in self.notes)
        if isinstance(reply, Reply) and not said and (seconds := self._skew(reply)):
            self.notes[t(SKEW, seconds=seconds)] = None
        self._stop(judgement.stop)
        statuses = {outcome.status for outcome in judgement.outcomes}
        # Where one order is answered for, the provider works: the others are its omissions.
        if statuses <= {Status.UNKNOWN} or len(judgement.outcomes) != len(batch.orders):
            self.doubts += 1
            if self.doubts >= DOUBTS_IN_A_ROW:
                self._stop(t(DOUBTS))
        elif statuses != {Status.NOT_SENT}:
            self.doubts = 0

    def _retry(self, batch: _Batch, reply: Reply | NoReply, judgement: Judgement) -> int:
        """Put back what the provider has not looked at; returns how many orders that are."""
        if self._over or len(judgement.outcomes) != len(batch.orders):
            return 0
        again = tuple(
            order
            for order, outcome in zip(batch.orders, judgement.outcomes, strict=True)
            if outcome.status is Status.NOT_SENT
        )
        if not again:
            return 0
        wait = self._pause(batch.tries, judgement.retry_after)
        if batch.tries < TRIES and batch.waited + wait <= ALL_TRIES_SECONDS:
            self.retries.append(replace(batch, orders=again, waited=batch.waited + wait))
            self.pause_until = max(self.pause_until, self.clock() + wait)
            return len(again)
        if isinstance(reply, NoReply):
            self._stop(t(UNREACHABLE, reason=reply.reason))
        elif judgement.not_processed:
            self._stop(t(BUSY))
        return 0

    def _pause(self, tries: int, retry_after: float | None) -> float:
        """As long as the provider asks for; else by chance, so that clients come one by one."""
        if retry_after is not None and retry_after >= 0:  # False for NaN too
            return min(retry_after, LONGEST_RETRY_AFTER)
        return self.uniform(1.0, min(LONGEST_WAIT, 2.0**tries))

    def _stop(self, reason: str) -> None:
        self.stopped = self.stopped or self.journal.redact(reason)

    def _skew(self, reply: Reply) -> int:
        """By how many seconds the clocks differ, where it is more than a signature allows."""
        try:
            there = parsedate_to_datetime(reply.headers["date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return 0
        seconds = abs(self.now() - there)
        return round(seconds) if seconds > _SKEW_SECONDS + reply.seconds else 0


def _all(orders: Sequence[Order], status: Status, message: str, stop: str) -> Judgement:
    return Judgement(tuple(Outcome(status, message) for _ in orders), stop=stop)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """A thread that has an answer to read, or a request to send, waits for no other one.

    Python lets a busy thread go on for 5 ms before it gives another a turn; a request takes 1 ms.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Workers:
    """A few threads that do nothing but send.

    They are not waited for when the program ends, as those of concurrent.futures would be: after
    a second Ctrl-C nobody wants to sit out a time-out.
    """

    def __init__(self, client: Sender) -> None:
        self._client = client
        self._jobs: queue.SimpleQueue[tuple[int, HttpRequest] | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[tuple[int, Reply | NoReply]] = queue.SimpleQueue()
        self._threads = 0

    def ready(self, number: int) -> None:
        """Have so many threads; asked for before the intent is written, because it may fail."""
        while self._threads < number:
            threading.Thread(target=self._work, name="converter-send", daemon=True).start()
            self._threads += 1

    def begin(self, attempt: int, request: HttpRequest) -> None:
        self._jobs.put((attempt, request))

    def ended(self, seconds: float) -> tuple[int, Reply | NoReply] | None:
        try:
            return self._ended.get(timeout=seconds) if seconds else self._ended.get_nowait()
        except queue.Empty:
            return None

    def dismiss(self) -> None:
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            attempt, request = job
            reply: Reply | NoReply
            try:
                reply = self._client.send(request)
            except BaseException as error:
                reply = NoReply(
                    True, t("the request failed ({problem})", problem=type(error).__name__)
                )
            self._ended.put((attempt, reply))


class _Interrupts:
    """Counts Ctrl-C and the like, so that none strikes between the journal and the network.

    The first one means: take nothing new. The second: do not wait any longer. The third is let
    through.

    A closed window is told of twice, by the system and by the shell; that is no impatience.
    """

    def __init__(self) -> None:
        self.count = 0
        self._hearing = Hearing(self._count)

    def __enter__(self) -> None:
        self._hearing.__enter__()

    def __exit__(self, *error: object) -> None:
        self._hearing.__exit__(*error)

    def _count(self, number: int, frame: FrameType | None) -> None:
        if number in CLOSED_WINDOW and self.count:
            return
        self.count += 1
        if self.count > 2:
            self._hearing.let_through(number, frame)
