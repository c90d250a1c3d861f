"""Stand-ins for the provider and the clock, and one observed run of `send`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from converter.journal import Journal
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
from converter.sending.loop import send

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
    """A clock that advances only by sleeping."""

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
    """The methods of a journal that sending needs; tests override some."""

    def __init__(self, inner: Journal) -> None:
        self.intend = inner.intend
        self.redact = inner.redact


class Run:
    """One run of `send` with a real journal, observed from outside."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.time = FakeTime()
        self.progress: list[int] = []
        self.prepared = 0

    def prepare(self, orders: Sequence[Order]) -> HttpRequest:
        self.prepared += 1
        names = " ".join(order.reference for order in orders)
        return HttpRequest("POST", "http://p.test/", {"orders": names}, b"%d" % self.prepared)

    def send(self, client: FakeClient, *batches: str, **more: Any) -> SendResult:
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
            "uniform": lambda _, high: high,
        }
        batched = ([order for order in batch if order.reference in known] for batch in made)
        return send(batched, **{**options, **more})

    @property
    def states(self) -> str:
        known = self.journal.records(order.reference for order in self.orders)
        return " ".join(f"{name}:{one.state}" for name, one in known.items())
