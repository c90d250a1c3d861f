"""Sends batches: journal, then network, then journal, for every single attempt."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime

from converter.errors import CallError, JournalError
from converter.journal import AttemptResult, Intent, Journal
from converter.message import N_, join, t
from converter.model import (
    HttpRequest,
    Judgement,
    NoReply,
    Order,
    Outcome,
    Reply,
    SendResult,
    Status,
)
from converter.provider.client import Sender
from converter.sending.pacing import Pacer
from converter.sending.retry import RetryPolicy
from converter.sending.signals import GracefulStop
from converter.sending.workers import Workers, short_switch_interval

_LOG = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
"""Longest single wait: on Windows a wait is not interrupted by Ctrl-C."""
_GRACE_SECONDS = 30.0
"""How long past its deadline a request may take to give up by itself."""
_SKEW_SECONDS = 60
_MOST_DIVISIONS = 32
"""Divisions without an accepted order after which the orders are not what is refused; for large
requests as many as two of them need."""

NO_ANSWER = N_("No usable answer came: {reason}.")
NOT_REACHED = N_("Nothing reached the provider: {reason}.")
NOT_UNDERSTOOD = N_(
    "The answer could not be judged because of a fault in this program ({problem})."
)

UNREACHABLE = N_(
    "The provider cannot be reached: {reason}. Run again later; what was not sent is sent then."
)
BUSY = N_("The provider keeps answering that it is busy. Run again later; the rest is sent then.")
DOUBTS = N_(
    "Three requests in a row had no clear answer, so the rest was not sent. "
    "Find out what is wrong at the provider, then run again."
)
REFUSED_CONNECTION = N_("Nothing can be sent: {reason}.")
FAULT = N_(
    "An answer could not be judged because of a fault in this program ({problem}). The answer is "
    "in the journal. Report this before you run again."
)
HUNG = N_("A request did not end in time, so the rest was not sent. Run again later.")
DIVIDED = N_(
    "The provider refused a request of {count} orders as a whole, because of one or more of them. "
    "It was to be sent again in smaller requests. {message}"
)
DIVISIONS = N_(
    "Requests that were refused as a whole because of single orders: {count}. They were divided "
    "until those orders were alone, which took {requests} more requests."
)
ALL_REFUSED = N_(
    "The provider refuses every request as a whole, whichever orders it holds, so the rest was not "
    "sent. Find out why, then run again. It says: {message}"
)
SKEW = N_(
    "The provider's clock and this machine's differ by {seconds} seconds. Set this one right."
)


def send(
    batches: Iterable[Sequence[Order]],
    *,
    prepare: Callable[[Sequence[Order]], HttpRequest],
    judge: Callable[[Sequence[Order], Reply], Judgement],
    client: Sender,
    journal: Journal,
    in_flight: int,
    total_seconds: float,
    policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
    pacer: Pacer | None = None,
    replays: bool = False,
    progress: Callable[[int], object] = lambda _: None,
    recorded: Callable[[Sequence[str]], object] = lambda _: None,
    stopping: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
    uniform: Callable[[float, float], float] = random.uniform,
) -> SendResult:
    """Send every batch and record what became of it; stop early rather than guess.

    `prepare` makes a fresh request for every attempt, because a signature is never used twice.
    With `replays`, a request without a clear answer is made again with the same key and body.
    `progress` is called with the number of orders finished, after each reply, and with 0 from time
    to time in between. `recorded` is called with the references of orders whose answers have
    reached the journal. `stopping` is called once if Ctrl-C comes while replies are awaited. Raises
    what `batches`, `prepare` or the journal raise, but only once every open attempt has its reply
    recorded.
    """
    return _Loop(
        batches=iter(batches),
        prepare=prepare,
        judge=judge,
        journal=journal,
        in_flight=in_flight,
        total_seconds=total_seconds,
        policy=policy,
        pacer=pacer or Pacer(None),
        replays=replays,
        progress=progress,
        recorded=recorded,
        stopping=stopping,
        clock=clock,
        now=now,
        sleep=sleep,
        uniform=uniform,
        workers=Workers(client),
    ).run()


@dataclass(frozen=True, slots=True)
class _Batch:
    orders: tuple[Order, ...]
    tries: int = 0
    paused: float = 0.0
    """Seconds of all pauses before its tries."""
    whole: int = 0
    """Of a part of a request that was divided: how many orders the undivided request had."""

    sent: tuple[str, bytes] | None = None
    """Key and body of the request that was made for it last."""

    def divided(self) -> tuple[_Batch, _Batch]:
        """Two halves, for a request that was refused because of one of its orders."""
        middle, whole = len(self.orders) // 2, self.whole or len(self.orders)
        first, second = self.orders[:middle], self.orders[middle:]
        return _Batch(first, whole=whole), _Batch(second, whole=whole)


@dataclass(kw_only=True)
class _Loop:
    """The main thread's side: only it uses the journal, and it decides what is sent next."""

    batches: Iterator[Sequence[Order]]
    prepare: Callable[[Sequence[Order]], HttpRequest]
    judge: Callable[[Sequence[Order], Reply], Judgement]
    journal: Journal
    in_flight: int
    total_seconds: float
    policy: RetryPolicy
    pacer: Pacer
    replays: bool
    progress: Callable[[int], object]
    recorded: Callable[[Sequence[str]], object]
    stopping: Callable[[], object]
    clock: Callable[[], float]
    now: Callable[[], float]
    sleep: Callable[[float], object]
    uniform: Callable[[float, float], float]
    workers: Workers

    stop: GracefulStop = field(default_factory=GracefulStop)
    open_attempts: dict[int, tuple[_Batch, float]] = field(default_factory=dict)
    """By attempt: its batch, and when it is given up."""
    retries: deque[_Batch] = field(default_factory=deque)
    prefetched: _Batch | None = None
    """The next one of `batches`, built while replies were awaited."""
    is_exhausted: bool = False
    """Nothing is left in `batches`."""
    pause_until: float = float("-inf")
    doubts: int = 0
    """Requests in a row without a clear answer."""
    divided: int = 0
    """Requests that were divided because they were refused as a whole."""
    requests_of_divided: int = 0
    divisions_in_a_row: int = 0
    """Without an order that was accepted in between."""
    stop_reason: str = ""
    has_announced_stop: bool = False
    failures: list[Exception] = field(default_factory=list)
    fault: Exception | None = None
    """A fault of this program; its answer is recorded, and it ends the run."""
    notes: dict[str, None] = field(default_factory=dict)
    has_told_skew: bool = False

    def run(self) -> SendResult:
        with self.stop, short_switch_interval():
            try:
                while self._step():
                    pass
            finally:
                self.workers.shut_down()
        lost = [failure for failure in self.failures if isinstance(failure, JournalError)]
        if lost:  # each of them may name an outcome that is recorded nowhere else
            raise JournalError(join("\n", (failure.args[0] for failure in lost))) from lost[0]
        if self.failures:
            raise self.failures[0]
        if self.divided:
            facts = {"count": self.divided, "requests": self.requests_of_divided}
            self.notes[t(DIVISIONS, **facts)] = None
        notes = tuple(self.notes)
        return SendResult(self.stop_reason, self.stop.is_requested, notes, self.fault)

    @property
    def _is_stopping(self) -> bool:
        """No further request is made; open attempts are still waited for."""
        return bool(self.stop_reason or self.failures or self.stop.is_requested)

    def _step(self) -> bool:
        """Send what may be sent, then record what has come. False when nothing is left to do."""
        try:
            while self._may_send() and (batch := self._next()):
                self._send(batch)
            if self.open_attempts:
                self._prefetch()
                return self._exchange()
            if self._is_stopping:
                return False
            if (left := max(self.pause_until - self.clock(), self.pacer.wait())) > 0:
                self.progress(0)
                self.sleep(min(left, _POLL_SECONDS))
                return True
            return bool(self.retries) or not self.is_exhausted
        except KeyboardInterrupt:
            self.stop.request()
            return True
        except Exception as error:  # raised again by `run`, once all replies are recorded
            self._fail(error)
            return True

    # -- journal, then network -------------------------------------------------------------------

    def _may_send(self, more: int = 0) -> bool:
        """Whether a request may be sent beside the open ones and `more` about to be sent."""
        # After a doubt one at a time: if the provider is failing, fewer orders become unknown.
        limit = 1 if self.doubts else self.in_flight
        is_paused = self.clock() < self.pause_until or self.pacer.wait() > 0
        return not self._is_stopping and not is_paused and len(self.open_attempts) + more < limit

    def _next(self) -> _Batch | None:
        if self.retries:
            return self.retries.popleft()
        self._prefetch()
        batch, self.prefetched = self.prefetched, None
        return batch

    def _prefetch(self) -> None:
        """Build the next batch, so that a free worker does not have to wait for it."""
        if self.prefetched is None and not self.is_exhausted and not self._is_stopping:
            for orders in self.batches:
                if orders:
                    self.prefetched = _Batch(tuple(orders))
                    for order in orders:
                        _ = order.digest  # cached for the journal, which will ask for it
                    return
            self.is_exhausted = True

    def _send(self, batch: _Batch) -> None:
        intent = self._intent(batch)
        attempt = self.journal.intend(intent.orders, intent.request, deadline=intent.deadline)
        self._submit(batch, attempt, intent.request)

    def _intent(self, batch: _Batch, more: int = 0) -> Intent:
        self.workers.start_threads(len(self.open_attempts) + more + 1)
        request = self.prepare(batch.orders)
        self.pacer.take()
        return Intent(batch.orders, request, self.now() + self.total_seconds)

    def _submit(self, batch: _Batch, attempt: int, request: HttpRequest) -> None:
        give_up_at = self.clock() + self.total_seconds + _GRACE_SECONDS
        sent = (request.key, request.body) if self.replays else None
        self.open_attempts[attempt] = (
            replace(batch, tries=batch.tries + 1, sent=sent),
            give_up_at,
        )
        self.workers.submit(attempt, request)
        self.requests_of_divided += bool(batch.whole and not batch.tries)
        facts = {"attempt": attempt, "orders": len(batch.orders), "try": batch.tries + 1}
        _LOG.info("attempt started", extra=facts)

    # -- network, then journal -------------------------------------------------------------------

    def _exchange(self) -> bool:
        """Record replies, and in the same transaction the intents of the requests that follow.

        Takes the replies of at most half the workers: taken all at once, they would from then on
        arrive all at once, and no request would be open while they are recorded.
        """
        received = self._wait()
        if received is None and self.stop.count < 2:  # the next request is due first
            return True
        if received is None:  # the next run finds these attempts open and calls them unknown
            self.open_attempts.clear()
            return False
        results: list[tuple[_Batch, AttemptResult]] = []
        while received is not None:
            attempt, reply = received
            if found := self.open_attempts.pop(attempt, None):  # None: given up before
                batch = found[0]
                judgement = _undecided(self._judge(batch.orders, reply))
                results.append((batch, AttemptResult(attempt, reply, judgement)))
                if _LOG.isEnabledFor(logging.INFO):
                    _log_end(attempt, reply, judgement)
            is_enough = len(results) >= self.in_flight // 2
            received = None if is_enough else self.workers.next_reply(0)
        done, following = self._follow_up(results)
        attempts = self.journal.exchange(
            [result for _, result in results], [intent for _, intent in following]
        )
        for attempt, (batch, intent) in zip(attempts, following, strict=True):
            self._submit(batch, attempt, intent.request)
        self.recorded([order.reference for batch, _ in results for order in batch.orders])
        if done:
            self.progress(done)
        return True

    def _follow_up(
        self, results: Sequence[tuple[_Batch, AttemptResult]]
    ) -> tuple[int, list[tuple[_Batch, Intent]]]:
        """The number of orders finished, and the requests that may be sent now.

        An error is kept for later: the replies must be recorded first.
        """
        done = 0
        following: list[tuple[_Batch, Intent]] = []
        try:
            for batch, result in results:
                self._note(batch, result.reply, result.judgement)
                done += len(batch.orders) - self._retry(batch, result.reply, result.judgement)
            while self._may_send(len(following)) and (next_batch := self._next()):
                following.append((next_batch, self._intent(next_batch, len(following))))
        except KeyboardInterrupt:
            self.stop.request()
        except Exception as error:
            self._fail(error)
        return done, following

    def _wait(self) -> tuple[int, Reply | NoReply] | None:
        """The next reply, or None where a second Ctrl-C ends the waiting."""
        while self.stop.count < 2 and not self._is_due():
            if self.stop.is_requested and not self.has_announced_stop:
                self.has_announced_stop = True
                _LOG.warning("asked to stop", extra={"open_attempts": len(self.open_attempts)})
                self.stopping()
            if received := self.workers.next_reply(_POLL_SECONDS):
                return received
            if not self.failures:
                self.progress(0)
            for attempt, (_, give_up_at) in self.open_attempts.items():
                if self.clock() >= give_up_at:
                    self._stop(t(HUNG))
                    return attempt, NoReply(True, t("the request did not end in time"))
        return self.workers.next_reply(0)

    def _is_due(self) -> bool:
        """Whether a request that the pace has held back may be sent now."""
        is_held = bool(self.pacer.interval) and bool(self.prefetched or self.retries)
        return is_held and self._may_send()

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
        except Exception as error:  # the reply must reach the journal, whatever it is
            _LOG.exception("reply could not be judged")
            self.fault = error
            problem = type(error).__name__
            message = t(NOT_UNDERSTOOD, problem=problem)
            return _all(orders, Status.UNKNOWN, message, t(FAULT, problem=problem))

    # -- what a reply means for the rest of the run ------------------------------------------------

    def _note(self, batch: _Batch, reply: Reply | NoReply, judgement: Judgement) -> None:
        self.notes.update(dict.fromkeys(map(self.journal.redact, judgement.notes)))
        if isinstance(reply, Reply) and not self.has_told_skew and (seconds := self._skew(reply)):
            self.notes[t(SKEW, seconds=seconds)] = None
            self.has_told_skew = True
        self._stop(judgement.stop)
        statuses = {outcome.status for outcome in judgement.outcomes}
        # Where one order has an answer, the provider works, and the others are its omissions.
        if judgement.job:
            self.doubts = 0  # a clear answer, though not yet about the orders
        elif statuses <= {Status.UNKNOWN} or len(judgement.outcomes) != len(batch.orders):
            self.doubts += 1
            if self.policy.is_hopeless(self.doubts):
                self._stop(t(DOUBTS))
        elif statuses != {Status.NOT_SENT}:
            self.doubts = 0
        if statuses & {Status.ACCEPTED, Status.PARTIAL}:
            self.divisions_in_a_row = 0

    def _retry(self, batch: _Batch, reply: Reply | NoReply, judgement: Judgement) -> int:
        """Put back the orders that the provider did not process; returns their number."""
        if self._is_stopping or len(judgement.outcomes) != len(batch.orders):
            return 0
        statuses = {outcome.status for outcome in judgement.outcomes}
        if judgement.job:
            return 0
        if self.replays and statuses == {Status.UNKNOWN}:
            return self._replay(batch)
        again = tuple(
            order
            for order, outcome in zip(batch.orders, judgement.outcomes, strict=True)
            if outcome.status is Status.NOT_SENT
        )
        if not again:
            return 0
        if judgement.refused_whole:
            return self._divide(batch, judgement)
        if judgement.refused_others:
            return self._without_refused(batch, again, judgement)
        pause = self.policy.pause(batch.tries, batch.paused, judgement.retry_after, self.uniform)
        if pause is not None:
            self.retries.append(replace(batch, orders=again, paused=batch.paused + pause))
            self.pause_until = max(self.pause_until, self.clock() + pause)
            _LOG.info("orders will be tried again", extra={"orders": len(again), "pause": pause})
            return len(again)
        if isinstance(reply, NoReply):
            self._stop(t(UNREACHABLE, reason=reply.reason))
        elif judgement.not_processed:
            self._stop(t(BUSY))
        return 0

    def _replay(self, batch: _Batch) -> int:
        """Put back a request that has a key, to be made again just as it was."""
        request = self.prepare(batch.orders)
        pause = self.policy.pause(batch.tries, batch.paused, None, self.uniform)
        if pause is None or batch.sent != (request.key, request.body):
            return 0
        self.retries.append(replace(batch, paused=batch.paused + pause))
        self.pause_until = max(self.pause_until, self.clock() + pause)
        _LOG.info("request will be made again", extra={"orders": len(batch.orders)})
        return len(batch.orders)

    def _without_refused(self, batch: _Batch, left: tuple[Order, ...], judgement: Judgement) -> int:
        """Put back the orders that were refused only because of others of their request."""
        if self._is_refused_always(batch, judgement):
            return 0
        self.retries.append(_Batch(left, whole=batch.whole or len(batch.orders)))
        _LOG.info("refused request goes again without an order", extra={"orders": len(left)})
        return len(left)

    def _divide(self, batch: _Batch, judgement: Judgement) -> int:
        """Put back the two halves of a request that was refused as a whole."""
        if self._is_refused_always(batch, judgement):
            return 0
        self.retries.extend(batch.divided())
        _LOG.info("refused request is divided", extra={"orders": len(batch.orders)})
        return len(batch.orders)

    def _is_refused_always(self, batch: _Batch, judgement: Judgement) -> bool:
        """Whether so many refusals came in a row that no single order can be the cause."""
        self.divided += not batch.whole
        self.divisions_in_a_row += 1
        most = max(_MOST_DIVISIONS, 2 * (batch.whole or len(batch.orders)))
        if self.divisions_in_a_row > most:
            self._stop(t(ALL_REFUSED, message=judgement.outcomes[0].message))
            return True
        return False

    def _fail(self, error: Exception) -> None:
        """Send nothing more, and raise the error once all replies are recorded.

        A call that failed, such as that for a token, ends the sending like a refusal.
        """
        if isinstance(error, CallError):
            self._stop(error.args[0])
            return
        _LOG.error("sending fails", exc_info=error)
        self.failures.append(error)

    def _stop(self, reason: str) -> None:
        if reason and not self.stop_reason:
            _LOG.warning("sending stops early", extra={"open_attempts": len(self.open_attempts)})
        self.stop_reason = self.stop_reason or self.journal.redact(reason)

    def _skew(self, reply: Reply) -> int:
        """Seconds by which the clocks differ, where that is more than signatures allow; else 0."""
        try:
            there = parsedate_to_datetime(reply.headers["date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return 0
        seconds = abs(self.now() - there)
        return round(seconds) if seconds > _SKEW_SECONDS + reply.seconds else 0


def _log_end(attempt: int, reply: Reply | NoReply, judgement: Judgement) -> None:
    outcomes = Counter(str(outcome.status) for outcome in judgement.outcomes)
    facts: dict[str, object] = {"attempt": attempt, "outcomes": outcomes}
    if isinstance(reply, Reply):
        facts |= {"http_status": reply.status, "seconds": round(reply.seconds, 3)}
    else:
        facts |= {"http_status": reply.status, "sent": reply.sent, "reason": reply.reason}
    _LOG.info("attempt ended", extra={**facts, "request_id": judgement.request_id})


def _undecided(judgement: Judgement) -> Judgement:
    """A refusal of several orders at once says of none of them that it is the refused one.

    Nothing was created, so they are sent again in two halves; only an order that is alone in its
    request is refused.
    """
    count = len(judgement.outcomes)
    if not judgement.refused_whole or count < 2:
        return replace(judgement, refused_whole=False)
    message = t(DIVIDED, count=count, message=judgement.outcomes[0].message)
    return replace(judgement, outcomes=(Outcome(Status.NOT_SENT, message),) * count)


def _all(orders: Sequence[Order], status: Status, message: str, stop: str) -> Judgement:
    return Judgement(tuple(Outcome(status, message) for _ in orders), stop=stop)
