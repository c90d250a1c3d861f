"""A journal on a real disk, a real sending loop, and a provider of which everything is known: any
course of events must end in what a simple model says, and never break a rule.

Hypothesis makes up the courses: sheets that are edited between runs, orders that are split,
answers of every kind, answers that never come, orders that are created after we gave up, runs that
die at the worst moment, clocks that jump, people who settle a doubt.

Checked on every change: 40 courses of at most 25 steps, once for each class of providers: those
that refuse a duplicate (A), know a request by its key (B), can be asked (C), take a second copy for
a change of the first (U), or promise nothing (D). RELIABILITY_EXAMPLES and RELIABILITY_STEPS
change both numbers; the nightly ones are 20,000 and 60.

The rules, by the names that the failing assertion shows:

- I1 no order, and no line of one, is created twice
- I2 each order of the sheet has exactly one answer
- I3 what is in doubt is never shown as anything else, and ends only with evidence
- I4 the intent is on disk before the request arrives
- I5 every final state has its evidence, and follows from the attempts alone
- I6 accepted is for ever
- I7 what is in doubt is only sent again as it was
- I8 accepted exists there; refused or not sent was not created by us
- I10 a fault leaves no more in doubt than was under way
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from converter.journal import (
    Account,
    AttemptResult,
    Intent,
    Journal,
    OrderRecord,
    Plan,
    ResendRule,
    RunStart,
    State,
)
from converter.model import Finding, HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from converter.sending import loop
from tests.reliability.wire import quick_folder

EXAMPLES = int(os.environ.get("RELIABILITY_EXAMPLES", "40"))
STEPS = int(os.environ.get("RELIABILITY_STEPS", "25"))

SETTLE = 900.0
LINES_IN_ONE_PART = 2
ACCOUNT = Account("acme", "http://p.test", {})
START = RunStart("acme", "", "orders.xlsx", "", "", "")

NAMES = ["A", "B", "C", "A-1"]
"""The last one is also the reference of the first part of A when A is split."""

ANSWERS = {
    "ok": "what is new is created",
    "refused": "nothing is created",
    "first refused": "the rest is created",
    "partial": "created, though not all of it",
    "lost": "created, and no answer",
    "lost before": "not created, and no answer",
    "late": "no answer, and created some time later",
    "garbage": "created, and an answer that says nothing",
    "first left out": "created, and the answer leaves one out",
    "500": "not created, and an answer that says nothing",
    "busy": "not looked at",
    "unreachable": "nothing left this machine",
    "no entry": "not looked at, and there is no point in asking again",
}
DOUBTFUL = {"lost", "lost before", "late", "garbage", "first left out", "500"}


# -- the other side --------------------------------------------------------------------------------


@dataclass
class Provider:
    """The orders that exist at the provider, and requests still in transit."""

    class_: str
    created: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    """References that another client used."""
    on_the_way: list[tuple[float, str, list[dict[str, Any]]]] = field(default_factory=list)
    """Each with the time it was sent and its key."""
    by_key: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was said to the first request of each key."""

    def process(
        self, payloads: Sequence[dict[str, Any]], key: str = "", refused: Sequence[str] = ()
    ) -> dict[str, str]:
        """What becomes of the orders; a known key gets what it got before."""
        if self.class_ == "B" and key in self.by_key:
            return dict(self.by_key[key])
        said = self._process([one for one in payloads if one["ref"] not in refused])
        said |= dict.fromkeys(refused, Status.REJECTED)
        self.by_key[key] = said
        return dict(said)

    def _process(self, payloads: Sequence[dict[str, Any]]) -> dict[str, str]:
        said: dict[str, str] = {}
        for payload in payloads:
            reference = payload["ref"]
            ours = self.class_ == "A" and self.has(reference)
            if ours or reference in self.foreign:
                said[reference] = Status.DUPLICATE
            elif self.class_ == "U" and self.has(reference):
                before = next(one for name, one in self.created if name == reference)
                assert before == payload, f"I7: {reference} was changed"
                said[reference] = Status.ACCEPTED
            else:
                self.created.append((reference, payload))
                said[reference] = Status.ACCEPTED
        return said

    def has(self, reference: str) -> bool:
        return any(name == reference for name, _ in self.created)


class Line:
    """In place of the client: gives each request the next answer of a script."""

    def __init__(
        self, provider: Provider, script: Sequence[str], file: Path, sent_at: float
    ) -> None:
        self.provider = provider
        self.sent_at = sent_at
        self.script = list(script)
        self.file = file
        self.broken: list[str] = []
        """Violations found where an exception would be swallowed."""
        self.doubtful = 0
        self._lock = threading.Lock()
        self._idle = threading.Condition()
        self._busy = 0

    def send(self, request: HttpRequest) -> Reply | NoReply:
        with self._idle:
            self._busy += 1
        try:
            with self._lock:
                return self._answer(json.loads(request.body), request.key)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def wait_until_idle(self) -> None:
        with self._idle:
            assert self._idle.wait_for(lambda: not self._busy, 10)

    def _answer(self, payloads: list[dict[str, Any]], key: str) -> Reply | NoReply:
        self._check_intent([payload["ref"] for payload in payloads])
        word = self.script.pop(0) if self.script else "ok"
        self.doubtful += word in DOUBTFUL
        names = [payload["ref"] for payload in payloads]
        match word:
            case "ok" | "partial":
                said = self.provider.process(payloads, key)
                if word == "partial":
                    said = {n: Status.PARTIAL if s == A else s for n, s in said.items()}
                return _reply(said)
            case "refused":
                return _reply(self.provider.process(payloads, key, names))
            case "first refused":
                return _reply(self.provider.process(payloads, key, names[:1]))
            case "first left out":
                said = self.provider.process(payloads, key)
                del said[names[0]]
                return _reply(said)
            case "busy" | "no entry":
                return Reply(429 if word == "busy" else 401, {}, b"{}")
            case "unreachable":
                return NoReply(False, "refused")
            case "lost" | "garbage":
                self.provider.process(payloads, key)
            case "late":
                self.provider.on_the_way.append((self.sent_at, key, payloads))
        return Reply(500, {}, b"") if word in ("500", "garbage") else NoReply(True, "no answer")

    def _check_intent(self, names: list[str]) -> None:
        with closing(sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT reference FROM answer JOIN part ON part.id = part"
                " WHERE verdict IS NULL AND state = 'SENDING'"
            ).fetchall()
        if not {(name,) for name in names} <= set(found):
            self.broken.append(f"I4: {names} arrived, but the disk knows only of {found}")


def _reply(said: dict[str, str]) -> Reply:
    return Reply(200, {}, json.dumps(said).encode())


def judge(orders: Sequence[Order], reply: Reply) -> Judgement:
    """Judge these answers as a mapping would."""
    names = [order.reference for order in orders]
    if reply.status in (401, 429):
        nothing = tuple(Outcome(Status.NOT_SENT) for _ in names)
        stop = "no entry" if reply.status == 401 else ""
        return Judgement(nothing, not_processed=reply.status == 429, stop=stop)
    said = json.loads(reply.body) if reply.body else {}
    return Judgement(tuple(Outcome(Status(said.get(name, Status.UNKNOWN))) for name in names))


class Crash(BaseException):
    """The process died."""


class Dying:
    """A journal whose process dies at a given call, before or after its effect."""

    def __init__(self, inner: Journal, model: Model, crash: tuple[str, int] | None) -> None:
        self._inner = inner
        self._model = model
        self._crash = crash
        self._attempts: dict[int, list[str]] = {}

    def intend(self, orders: Sequence[Order], request: HttpRequest, *, deadline: float) -> int:
        self._perhaps("before intend")
        self._model.about_to_send(orders)
        attempt = self._inner.intend(orders, request, deadline=deadline)
        self._attempts[attempt] = [order.reference for order in orders]
        self._model.began(orders)
        self._perhaps("after intend")
        return attempt

    def exchange(self, answers: Sequence[AttemptResult], intents: Sequence[Intent]) -> list[int]:
        if answers:
            self._perhaps("before record")
        if intents:
            self._perhaps("before intend")
        for answer in answers:
            self._model.answered(self._attempts[answer.attempt], answer.judgement)
        for intent in intents:
            self._model.about_to_send(intent.orders)
        attempts = self._inner.exchange(answers, intents)
        for attempt, intent in zip(attempts, intents, strict=True):
            self._attempts[attempt] = [order.reference for order in intent.orders]
            self._model.began(intent.orders)
        if answers:
            self._perhaps("after record")
        if intents:
            self._perhaps("after intend")
        return attempts

    def redact(self, text: str) -> str:
        return self._inner.redact(text)

    def _perhaps(self, place: str) -> None:
        if self._crash and self._crash[0] == place:
            self._crash = (place, self._crash[1] - 1)
            if self._crash[1] == 0:
                raise Crash


# -- what must be ----------------------------------------------------------------------------------

A = Status.ACCEPTED


@dataclass
class Part:
    """The model's record of one part, as small as possible."""

    state: State
    parent: str
    doubts: list[str] = field(default_factory=list)
    """Payloads of attempts without a clear answer."""
    since: float = 0.0
    """Wall-clock time at which the last of them was given up."""
    seen: float | None = None
    """When a run first saw that doubt, while the clock stands before `since`."""
    under_way: str = ""
    sent_at: float = 0.0
    refused: str = ""
    """The content that the last answer refused; empty where that was no refusal."""

    @property
    def settles(self) -> float:
        """Wall-clock time from which the doubt is settled."""
        return (self.since if self.seen is None else self.seen) + SETTLE


class Model:
    """The state rules in their simplest form."""

    def __init__(self, class_: str) -> None:
        self.class_ = class_
        self.parts: dict[str, Part] = {}
        self.now = 0.0

    def planned(self, orders: Sequence[Order], invalid: Sequence[str], plan: Plan[Order]) -> None:
        new = {order.reference for order in plan.new}
        again = {order.reference for order in plan.again}
        for order in orders:
            name = order.reference
            part = self.parts.get(name)
            places = [name in new, name in again, name in plan.standing]
            assert sum(places) == 1, f"I2: {name} is planned {sum(places)} times"
            if part is None or part.state in (State.PLANNED, State.INVALID, State.REFUSED):
                assert name not in again
                unchanged = part is not None and part.refused == json.dumps(order.payload)
                if order.parent == name and not self._has_other_parts(name):
                    assert (name in new) != unchanged, f"{name}: {unchanged=}, yet {name in new=}"
                    if unchanged and part is not None:
                        part.state = State.REFUSED
                refused = part is not None and part.state is State.REFUSED
                if part is None:
                    self.parts[name] = Part(State.PLANNED, order.parent)
                elif not (refused and name in plan.standing):
                    part.state, part.parent = State.PLANNED, order.parent
            else:
                assert name not in new, f"I1: {name} is {part.state} and planned anew"
            if name in again:
                assert part is not None
                assert part.state is State.UNKNOWN, f"I3: {name} sent again"
                assert self.class_ != "D", f"I3: {name} sent again"
                is_late = self.class_ == "B" or part.settles <= self.now
                assert is_late, f"{name} is sent again before it settled"
        for name in invalid:
            own = [part for key, part in self.parts.items() if name in (key, part.parent)]
            if not any(part.state in STANDING for part in own):
                self.parts.setdefault(name, Part(State.INVALID, name)).state = State.INVALID

    def _has_other_parts(self, name: str) -> bool:
        return any(other.startswith(f"{name}-") or name.startswith(f"{other}-")
                   for other in self.parts)  # fmt: skip

    def about_to_send(self, orders: Sequence[Order]) -> None:
        for order in orders:
            part, text = self.parts[order.reference], json.dumps(order.payload)
            assert part.state in (State.PLANNED, State.UNKNOWN), f"I1: {order.reference} sent again"
            assert set(part.doubts) <= {text}, f"I7: {order.reference} was something else before"

    def began(self, orders: Sequence[Order]) -> None:
        for order in orders:
            part = self.parts[order.reference]
            part.state, part.under_way = State.SENDING, json.dumps(order.payload)
            part.sent_at = self.now

    def answered(self, names: list[str], judgement: Judgement) -> None:
        for name, outcome in zip(names, judgement.outcomes, strict=True):
            part = self.parts[name]
            text, part.under_way, part.seen = part.under_way, "", None
            part.refused = text if outcome.status is Status.REJECTED else ""
            if outcome.status in (Status.ACCEPTED, Status.PARTIAL):
                part.state = State.ACCEPTED
            elif outcome.status is Status.UNKNOWN:
                self._in_doubt(part, text, self.now)
            elif part.doubts and self.class_ == "B" and outcome.status is Status.REJECTED:
                part.state, part.doubts = State.REFUSED, []  # the very same request
            elif part.doubts:
                duplicate = outcome.status is Status.DUPLICATE  # so the first one landed
                part.state = State.ACCEPTED if duplicate else State.UNKNOWN
            else:
                part.state = {
                    Status.REJECTED: State.REFUSED,
                    Status.DUPLICATE: State.DUPLICATE,
                    Status.NOT_SENT: State.PLANNED,
                }[outcome.status]

    def died(self) -> None:
        """Mark open attempts as in doubt, as the next run must."""
        for part in self.parts.values():
            if part.under_way:
                text, part.under_way, part.seen = part.under_way, "", None
                self._in_doubt(part, text, part.sent_at)

    def opened(self, now: float) -> None:
        """Count doubts that are dated in the future from when they were first seen."""
        self.now = now
        for part in self.parts.values():
            if part.state is State.UNKNOWN:
                earlier = now if part.seen is None else part.seen
                part.seen = min(earlier, now) if part.since > now else None

    def decided(self, name: str, created: bool) -> None:
        part = self.parts[name]
        part.state = State.ACCEPTED if created else State.PLANNED
        part.doubts, part.refused = [], ""

    @staticmethod
    def _in_doubt(part: Part, text: str, since: float) -> None:
        part.since = max(part.since, since) if part.doubts else since
        part.doubts.append(text)
        part.state = State.UNKNOWN


STANDING = (State.ACCEPTED, State.UNKNOWN, State.DUPLICATE, State.SENDING)


# -- the courses -----------------------------------------------------------------------------------


@dataclass
class Entry:
    """An order of the sheet."""

    lines: list[str]
    receiver: str = "Ann"
    valid: bool = True


A_RUN: dict[str, Any] = {
    "script": st.lists(st.sampled_from(sorted(ANSWERS)), max_size=5),
    "size": st.integers(1, 3),
    "in_flight": st.integers(1, 2),
}


class Course(RuleBasedStateMachine):
    class_ = "A"

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.home = self._stack.enter_context(quick_folder())
        self.file = self.home / "journal" / ACCOUNT.file_name
        self.model = Model(self.class_)
        self.provider = Provider(self.class_)
        self.sheet: dict[str, Entry] = {}
        self.made_lines: Counter[str] = Counter()
        self.wall = 1_800_000_000.0
        self.monotonic = 0.0
        self.accepted: set[str] = set()
        self.numbers: dict[str, str] = {}
        """The last tracking number that was fetched for an order."""

    def teardown(self) -> None:
        self._stack.close()

    # -- the sheet ---------------------------------------------------------------------------------

    @initialize(counts=st.lists(st.integers(1, 5), min_size=1, max_size=3))
    def begin(self, counts: list[int]) -> None:
        for name, count in zip(NAMES, counts, strict=False):
            self.sheet[name] = Entry([self._line(name) for _ in range(count)])

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 5))
    def add(self, name: str, count: int) -> None:
        if name not in self.sheet:
            self.sheet[name] = Entry([self._line(name) for _ in range(count)])

    @rule(
        data=st.data(), what=st.sampled_from(["receiver", "valid", "more", "less", "turn", "gone"])
    )
    def edit(self, data: st.DataObject, what: str) -> None:
        if not self.sheet:
            return
        name = data.draw(st.sampled_from(sorted(self.sheet)))
        entry = self.sheet[name]
        match what:
            case "receiver":
                entry.receiver = "Ben" if entry.receiver == "Ann" else "Ann"
            case "valid":
                entry.valid = not entry.valid
            case "more":
                entry.lines.insert(data.draw(st.integers(0, len(entry.lines))), self._line(name))
            case "less":
                for _ in range(data.draw(st.integers(1, 2))):
                    if len(entry.lines) > 1:
                        entry.lines.pop(data.draw(st.integers(0, len(entry.lines) - 1)))
            case "turn":
                entry.lines.reverse()
            case "gone":
                del self.sheet[name]

    def _line(self, name: str) -> str:
        """Return a new line each time: a repeated one would rightly be created again."""
        self.made_lines[name] += 1
        return f"{name}/{self.made_lines[name]}"

    def _orders(self) -> tuple[list[Order], list[str]]:
        orders: list[Order] = []
        invalid: list[str] = []
        for row, (name, entry) in enumerate(self.sheet.items(), 2):
            size = LINES_IN_ONE_PART
            parts = [entry.lines[at : at + size] for at in range(0, len(entry.lines), size)]
            names = [f"{name}-{number}" for number in range(1, len(parts) + 1)]
            names = names if len(parts) > 1 else [name]
            if not entry.valid or (len(parts) > 1 and set(names) & set(self.sheet)):
                invalid.append(name)  # a part may not be called as another order is
                continue
            for part, lines in zip(names, parts, strict=True):
                payload = {"ref": part, "to": entry.receiver, "lines": [{"id": x} for x in lines]}
                orders.append(Order(part, name, payload, (row,)))
        return orders, invalid

    # -- runs --------------------------------------------------------------------------------------

    def _run(
        self, script: list[str], crash: tuple[str, int] | None, size: int, in_flight: int
    ) -> None:
        orders, invalid = self._orders()
        doubted = self._in_doubt()
        line = Line(self.provider, script, self.file, self.monotonic)
        died = False
        with self._opened() as journal:
            plan = journal.plan(orders, [(name, (2,), ("bad",)) for name in invalid])
            self.model.planned(orders, invalid, plan)
            held = self._ask(journal, plan)
            try:
                self._send(journal, plan, held, line, crash, size, in_flight)
            except Crash:
                died = True
            line.wait_until_idle()
            if not died:
                self._check_rows(journal, orders)
        if died:
            self.model.died()
        assert line.broken == []
        faults = line.doubtful + died * in_flight
        assert len(self._in_doubt() - doubted) <= faults * size, "I10"

    # Several rules, so that runs are a good part of every course.

    @rule(**A_RUN)
    def run(self, script: list[str], size: int, in_flight: int) -> None:
        self._run(script, None, size, in_flight)

    @rule(**A_RUN, seconds=st.sampled_from([0.0, 901.0]))
    def run_later(self, script: list[str], size: int, in_flight: int, seconds: float) -> None:
        self._sleep(seconds)
        self._run(script, None, size, in_flight)

    @rule(
        **A_RUN,
        place=st.sampled_from(["before intend", "after intend", "before record", "after record"]),
        number=st.integers(1, 3),
    )
    def run_and_die(
        self, script: list[str], size: int, in_flight: int, place: str, number: int
    ) -> None:
        self._run(script, (place, number), size, in_flight)

    @rule(data=st.data(), **A_RUN)
    def edit_and_run(
        self, data: st.DataObject, script: list[str], size: int, in_flight: int
    ) -> None:
        self.edit(data, data.draw(st.sampled_from(["receiver", "more", "less", "turn"])))
        self._run(script, None, size, in_flight)

    def _ask(self, journal: Journal, plan: Plan[Order]) -> set[str]:
        """Ask the provider about orders in doubt; returns those that are not to be sent."""
        if not plan.asked:
            return set()
        there = sorted(name for name in plan.asked if self.provider.has(name))
        note = "asked"
        assert journal.settle(Finding(name, True, "query", note=note) for name in there) == there
        gone = journal.not_found(sorted(set(plan.asked) - set(there)))
        assert journal.settle(Finding(name, False, "query", note=note) for name in gone) == gone
        for name in (*there, *gone):
            self.model.decided(name, name in there)
        return set(plan.asked) - (set(gone) - plan.edited)

    def _send(
        self,
        journal: Journal,
        plan: Plan[Order],
        held: set[str],
        line: Line,
        crash: tuple[str, int] | None,
        size: int,
        in_flight: int,
    ) -> None:
        def batches() -> Iterator[Sequence[Order]]:
            again = [order for order in plan.again if order.reference not in held]
            if journal.resend.replays:
                requests: dict[int, list[Order]] = {}
                for order in again:
                    requests.setdefault(plan.requests[order.reference], []).append(order)
                yield from (
                    one for one in requests.values() if journal.is_replay(one, prepare(one))
                )
                again = []
            for group in (again, plan.new):
                yield from (group[at : at + size] for at in range(0, len(group), size))

        def prepare(orders: Sequence[Order]) -> HttpRequest:
            body = json.dumps([order.payload for order in orders]).encode()
            return HttpRequest("POST", "http://p.test/", {}, body, f"key of {body!r}")

        dying: Any = Dying(journal, self.model, crash)
        loop.send(
            batches(),
            prepare=prepare,
            judge=judge,
            client=line,
            journal=dying,
            in_flight=in_flight,
            total_seconds=120,
            replays=journal.resend.replays,
            clock=lambda: self.monotonic,
            now=lambda: self.wall,
            sleep=self._sleep,
        )

    def _check_rows(self, journal: Journal, orders: Sequence[Order]) -> None:
        known = journal.records(order.reference for order in orders)
        assert set(known) == {order.reference for order in orders}, "I2"
        for name, one in known.items():
            self._check_known(name, one)

    def _check_known(self, name: str, one: OrderRecord) -> None:
        part = self.model.parts[name]
        assert one.state is part.state, name
        if name in self.numbers:
            assert one.tracking_no == self.numbers[name], name
        if part.state is State.UNKNOWN:
            assert one.status is Status.UNKNOWN, "I3"
            if self.class_ in ("A", "U"):
                assert one.settle_until == part.settles

    @rule()
    def look(self) -> None:
        """A run that sends nothing."""
        with self._opened() as journal:
            known = journal.records(self.model.parts)
        assert set(known) == set(self.model.parts), "I2"
        for name, one in known.items():
            self._check_known(name, one)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Journal]:
        self.model.opened(self.wall)
        with Journal.open(
            self.home,
            ACCOUNT,
            START,
            resend=ResendRule(self.class_, SETTLE, asks=self.class_ == "C"),
            clock=lambda: self.wall,
        ) as journal:
            yield journal

    # -- time, and the world outside ---------------------------------------------------------------

    def _sleep(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds
        self.model.now = self.wall
        if self.class_ in ("C", "U"):  # later than that, nothing takes effect any more
            while any(self.monotonic - at >= SETTLE for at, _, _ in self.provider.on_the_way):
                self.what_was_on_the_way_arrives()

    @rule(seconds=st.sampled_from([1.0, 899.0, 901.0, 3600.0, 31 * 86400.0]))
    def time_passes(self, seconds: float) -> None:
        self._sleep(seconds)

    @precondition(lambda self: self.class_ in ("A", "B", "D"))  # others rely on the settle time
    @rule(seconds=st.sampled_from([-86400.0, -1000.0, -5.0, 1000.0]))
    def the_clock_jumps(self, seconds: float) -> None:
        self.wall += seconds

    @precondition(lambda self: self.provider.on_the_way)
    @rule()
    def what_was_on_the_way_arrives(self) -> None:
        _, key, payloads = self.provider.on_the_way.pop(0)
        self.provider.process(payloads, key)

    @precondition(lambda self: self.class_ != "U")
    @rule(name=st.sampled_from(NAMES))
    def somebody_else_uses_a_reference(self, name: str) -> None:
        if not self.provider.has(name) and name not in self._on_the_way():
            self.provider.foreign.add(name)

    def _on_the_way(self) -> set[str]:
        return {payload["ref"] for _, _, batch in self.provider.on_the_way
                for payload in batch}  # fmt: skip

    @precondition(lambda self: any(p.state is State.UNKNOWN for p in self.model.parts.values()))
    @rule(data=st.data())
    def a_person_finds_out(self, data: st.DataObject) -> None:
        """A person looks orders up once everything in transit has arrived."""
        while self.provider.on_the_way:
            self.what_was_on_the_way_arrives()
        with self._opened() as journal:  # which may find attempts of a run that died
            doubts = sorted(n for n, p in self.model.parts.items() if p.state is State.UNKNOWN)
            name = data.draw(st.sampled_from(doubts))
            created = self.provider.has(name)
            finding = Finding(name, created, "decision", who="Ann", note="looked it up")
            assert journal.settle([finding]) == [name]
        self.model.decided(name, created)

    @rule(number=st.integers(1, 99))
    def late_numbers_come(self, number: int) -> None:
        """A run that only fetches numbers; they prove nothing of what was never accepted."""
        with self._opened() as journal:
            settled = (State.ACCEPTED, State.UNKNOWN, State.DUPLICATE, State.SENDING)
            parts = sorted(self.model.parts.items())
            accepted = [name for name, part in parts if part.state is State.ACCEPTED]
            others = [name for name, part in parts if part.state not in settled]
            text = f"W{number}"
            found = [Finding(name, True, "query", "", text) for name in (*accepted, *others)]
            assert journal.settle(found) == accepted
        self.numbers.update(dict.fromkeys(accepted, text))

    # -- always ------------------------------------------------------------------------------------

    def _in_doubt(self) -> set[str]:
        return {name for name, part in self.model.parts.items() if part.state is State.UNKNOWN}

    @invariant()
    def nothing_is_created_twice(self) -> None:
        names = Counter(name for name, _ in self.provider.created)
        assert max(names.values(), default=0) <= 1, f"I1: {names}"
        lines = Counter(x["id"] for _, payload in self.provider.created for x in payload["lines"])
        assert max(lines.values(), default=0) <= 1, f"I1: {lines}"

    @invariant()
    def what_is_said_is_so(self) -> None:
        for name, part in self.model.parts.items():
            exists = self.provider.has(name)
            if part.state is State.ACCEPTED:
                self.accepted.add(name)
                assert exists or name in self.provider.foreign, f"I8: {name} does not exist"
            elif part.state in (State.REFUSED, State.PLANNED, State.INVALID):
                assert not exists, f"I8: {name} exists"
        for name in self.accepted:
            assert self.model.parts[name].state is State.ACCEPTED, f"I6: {name}"

    @invariant()
    def the_disk_can_prove_it(self) -> None:
        """Check the file without the journal's own code."""
        if not self.file.exists():
            return
        with closing(sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True)) as connection:
            states = dict(connection.execute("SELECT reference, state FROM part").fetchall())
            attempts = connection.execute(
                "SELECT reference, attempt, verdict, payload_hash FROM answer"
                " JOIN part ON part.id = part ORDER BY attempt"
            ).fetchall()
            evidence = connection.execute(
                "SELECT reference, after, verdict FROM evidence JOIN part ON part.id = part"
            ).fetchall()
        assert set(states) == set(self.model.parts), "I2"
        for name, state in states.items():
            part = self.model.parts[name]
            if part.state is State.UNKNOWN and state == "SENDING":
                continue  # of a run that died; the next one calls it by its name
            assert state == part.state, name
            proved = _proved(
                [(number, said, hash_) for who, number, said, hash_ in attempts if who == name],
                [(after, said) for who, after, said in evidence if who == name],
                replays=self.class_ == "B",
            )
            if state in ("ACCEPTED", "UNKNOWN", "DUPLICATE"):
                assert state == proved, f"I5: {name} is {state}, but what is kept says {proved}"
            elif state == "REFUSED":
                assert proved in ("REFUSED", "DUPLICATE"), f"I5: {name}"
            else:  # a new sheet lets what was refused be planned again, or be invalid
                assert proved in ("PLANNED", "REFUSED"), f"I5: {name}"


def _proved(
    attempts: Sequence[tuple[int, str | None, str]],
    evidence: Sequence[tuple[int, str]],
    *,
    replays: bool,
) -> str:
    if any(said == "created" for _, said in evidence):
        return "ACCEPTED"
    absent_after = max((after for after, said in evidence if said == "absent"), default=0)
    doubts: set[str] = set()
    last = "PLANNED"
    for number, said, hash_ in attempts:
        if said == "created" or (said == "duplicate" and hash_ in doubts):
            return "ACCEPTED"
        if said in (None, "in doubt"):
            if number > absent_after:
                doubts.add(hash_)
            last = "PLANNED"
        else:
            words = {"refused": "REFUSED", "duplicate": "DUPLICATE", "not processed": "PLANNED"}
            last = words[said]
            if replays and said == "refused":
                doubts.discard(hash_)
    return "UNKNOWN" if doubts else last


class CourseWithKeys(Course):
    class_ = "B"


class CourseWithQueries(Course):
    class_ = "C"


class CourseWithChanges(Course):
    class_ = "U"


class CourseWithoutRefusals(Course):
    class_ = "D"


SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestClassA = Course.TestCase
TestClassA.settings = SETTINGS
TestClassB = CourseWithKeys.TestCase
TestClassB.settings = SETTINGS
TestClassC = CourseWithQueries.TestCase
TestClassC.settings = SETTINGS
TestClassU = CourseWithChanges.TestCase
TestClassU.settings = SETTINGS
TestClassD = CourseWithoutRefusals.TestCase
TestClassD.settings = SETTINGS
