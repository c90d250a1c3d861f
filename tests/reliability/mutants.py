"""Disable rules of the program one by one: the harness must catch each of them.

    python -m tests.reliability.mutants
    python -m tests.reliability.mutants --only no-intent --only no-lock

A harness that finds nothing proves little until it is seen to find what is there. The exit code is
1 when a mutant was not caught within --runs runs.
"""

from __future__ import annotations

import argparse
import dataclasses
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from converter import json_text
from converter.journal import (
    Journal,
    ResendRule,
    State,
    lock,
    planning,
    records,
    schema,
    store,
)
from converter.journal.attempts import AttemptWriter
from converter.journal.fold import STANDING, FoldResult, Verdict, fold
from converter.model import Judgement, NoReply, Order, Outcome, Reply, Status
from converter.provider import answers
from converter.provider.client import Client


@dataclass(frozen=True)
class Mutant:
    """A rule that is disabled in every process of a run."""

    rule: str
    switch_off: Callable[[], object]
    classes: str = "AD"
    more: dict[str, Any] = field(default_factory=dict)
    """Scenario settings without which the rule has no effect."""
    crowd: bool = False


def _replace(owner: object, **changes: object) -> None:
    for name, changed in changes.items():
        setattr(owner, name, changed)


# -- the journal -----------------------------------------------------------------------------------


def _without_triggers() -> None:
    """Disable the triggers too: what they stop would only look like a broken disk."""
    _replace(schema, TRIGGERS="")


def _no_intent() -> None:
    """Make what `AttemptWriter.exchange` writes durable only with the next transaction."""
    exchange = AttemptWriter.exchange
    exchanging = False

    @contextmanager
    def transaction(file: store.JournalFile) -> Iterator[Any]:
        if not file.connection.in_transaction:
            file.connection.execute("BEGIN IMMEDIATE")
        yield file.connection
        if not exchanging:
            file.connection.execute("COMMIT")

    def mutated(self: AttemptWriter, answers: Any, intents: Any) -> list[int]:
        nonlocal exchanging
        exchanging = bool(intents)
        try:
            return exchange(self, answers, intents)
        finally:
            exchanging = False

    _replace(store.JournalFile, transaction=transaction)
    _replace(AttemptWriter, exchange=mutated)


class _Deaf:
    """A connection that ignores some statements."""

    def __init__(self, connection: Any, *unheard: str) -> None:
        self._connection = connection
        self._unheard = unheard

    def execute(self, sql: str, *parameters: Any) -> Any:
        if sql.startswith(self._unheard):
            return self._connection.execute("SELECT 1 WHERE 0")
        return self._connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _no_recovery() -> None:
    begin = Journal._begin
    statements = ("SELECT part FROM answer", "UPDATE answer SET verdict", "UPDATE attempt SET")

    def mutated(self: Journal, run: Any) -> None:
        transaction = self._file.transaction

        @contextmanager
        def deaf() -> Iterator[Any]:
            with transaction() as connection:
                yield _Deaf(connection, *statements)

        _replace(self._file, transaction=deaf)
        begin(self, run)
        _replace(self._file, transaction=transaction)

    _replace(Journal, _begin=mutated)


def _cut_off_is_not_sent() -> None:
    _without_triggers()
    begin = Journal._begin

    def mutated(self: Journal, run: Any) -> None:
        connection = self._file.connection
        open_ = "(SELECT id FROM attempt WHERE state = 'OPEN')"
        connection.execute(f"DELETE FROM answer WHERE attempt IN {open_}")
        connection.execute("UPDATE attempt SET state = 'DONE' WHERE state = 'OPEN'")
        connection.execute("UPDATE part SET state = 'PLANNED' WHERE state = 'SENDING'")
        begin(self, run)

    _replace(Journal, _begin=mutated)


def _accepted_again() -> None:
    _without_triggers()
    _replace(planning, STANDING=tuple(s for s in STANDING if s is not State.ACCEPTED))


def _doubt_again() -> None:
    _replace(ResendRule, may_resend=lambda *_: True)


def _later_word_counts() -> None:
    """Any clear answer to a later attempt settles a doubt."""
    _without_triggers()

    def mutated(attempts: Sequence[Any]) -> FoldResult:
        last = attempts[-1] if attempts else None
        if last is not None and last.verdict is Verdict.REFUSED:
            return FoldResult(State.REFUSED, last)
        return fold(attempts)

    _replace(records, fold=mutated)


def _duplicate_stays_duplicate() -> None:
    _without_triggers()

    def mutated(attempts: Sequence[Any]) -> FoldResult:
        last = attempts[-1] if attempts else None
        if last is not None and last.verdict is Verdict.DUPLICATE:
            return FoldResult(State.DUPLICATE, last)
        return fold(attempts)

    _replace(records, fold=mutated)


class _AnyHash(str):
    def __ne__(self, other: object) -> bool:
        return False

    __eq__ = str.__eq__
    __hash__ = str.__hash__


def _changed_payload() -> None:
    _without_triggers()
    plan = Journal.plan

    def planned(self: Journal, orders: Sequence[Any], invalid: Sequence[Any]) -> Any:
        made = plan(self, orders, invalid)
        now = {order.reference: order for order in orders}
        again = tuple(now.get(order.reference, order) for order in made.again)
        return dataclasses.replace(made, again=again)

    def digest(self: Any) -> str:
        return _AnyHash(json_text.digest(self.payload))

    _replace(Journal, plan=planned)
    _replace(Order, digest=property(digest))


def _no_lock() -> None:
    _replace(lock, _take=lambda _: True)


# -- what answers mean -----------------------------------------------------------------------------


def _judged(change: Callable[[Sequence[Outcome], Reply], Sequence[Outcome]]) -> None:
    judge = answers.judge

    def mutated(mapping: Any, orders: Any, reply: Reply) -> Judgement:
        judgement = judge(mapping, orders, reply)
        return dataclasses.replace(judgement, outcomes=tuple(change(judgement.outcomes, reply)))

    _replace(answers, judge=mutated)


def _all_rejected_where(found: Callable[[Reply], bool]) -> None:
    def change(outcomes: Sequence[Outcome], reply: Reply) -> Sequence[Outcome]:
        return [Outcome(Status.REJECTED, "No.")] * len(outcomes) if found(reply) else outcomes

    _judged(change)


def _taken_for(status: Status, message: str) -> None:
    def change(outcomes: Sequence[Outcome], _: Reply) -> Sequence[Outcome]:
        return [Outcome(status) if message in each.message else each for each in outcomes]

    _judged(change)


def _lost_is_not_sent() -> None:
    send = Client.send

    def mutated(self: Client, request: Any) -> Reply | NoReply:
        reply = send(self, request)
        if isinstance(reply, NoReply):
            return dataclasses.replace(reply, sent=False)
        return reply

    _replace(Client, send=mutated)


def _client_tries_again() -> None:
    send = Client.send

    def mutated(self: Client, request: Any) -> Reply | NoReply:
        reply = send(self, request)
        return send(self, request) if isinstance(reply, NoReply) else reply

    _replace(Client, send=mutated)


MUTANTS: dict[str, Mutant] = {
    "no-intent": Mutant("an intent is on the disk before its request leaves", _no_intent),
    "no-recovery": Mutant("what a dead run left open is in doubt", _no_recovery),
    "cut-off-is-not-sent": Mutant("what was cut off may have arrived", _cut_off_is_not_sent),
    "accepted-again": Mutant("an accepted order is never sent again", _accepted_again),
    "doubt-again": Mutant("class D never sends a doubt again by itself", _doubt_again, "D"),
    "too-early": Mutant(
        "a doubt settles before it is sent again", _doubt_again, "A", {"settle": 1.0}
    ),
    "changed-payload": Mutant(
        "an order in doubt is sent again unchanged", _changed_payload, "A", {"edits": 1.0}
    ),
    "stays-duplicate": Mutant(
        "a duplicate after a doubt is our own order", _duplicate_stays_duplicate, "A"
    ),
    "later-word-counts": Mutant("no refusal clears an older doubt", _later_word_counts, "A"),
    "no-lock": Mutant("one run for each account", _no_lock, crowd=True),
    "5xx-refused": Mutant(
        "a 5xx is a doubt", lambda: _all_rejected_where(lambda reply: reply.status >= 500)
    ),
    "busy-refused": Mutant(
        "a 429 refuses nothing", lambda: _all_rejected_where(lambda reply: reply.status == 429)
    ),
    "unreadable-refused": Mutant(
        "what cannot be read is a doubt", lambda: _taken_for(Status.REJECTED, answers.UNREADABLE)
    ),
    "omitted-accepted": Mutant(
        "an order that the answer leaves out is in doubt",
        lambda: _taken_for(Status.ACCEPTED, "leaves this order out"),
    ),
    "by-place": Mutant(
        "an entry belongs to the reference that it names",
        lambda: _judged(lambda outcomes, _: list(reversed(outcomes))),
    ),
    "lost-is-not-sent": Mutant("no answer is a doubt", _lost_is_not_sent),
    "client-tries-again": Mutant("the client repeats no request", _client_tries_again, "D"),
}


# -- the command -----------------------------------------------------------------------------------


def main() -> int:
    from tests.reliability.kill import table
    from tests.reliability.world import World

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=sorted(MUTANTS), metavar="NAME")
    parser.add_argument("--runs", type=int, default=100, help="runs until it must be caught")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="mutants-"))
    rows = [("mutant", "rule that is off", "class", "caught after", "by")]
    escaped = 0
    with World(folder) as world:
        for name in chosen.only or MUTANTS:
            for class_ in MUTANTS[name].classes:
                runs, by = _caught(world, name, class_, chosen)
                escaped += not runs
                after = f"{runs} runs" if runs else "NOT CAUGHT"
                rows.append((name, MUTANTS[name].rule, class_, after, by[:60]))
                print(" | ".join(rows[-1]), flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{table(rows)}")
    return 1 if escaped else 0


def _caught(world: Any, name: str, class_: str, chosen: Any) -> tuple[int, str]:
    """Number of runs until the harness caught it, and the violation; 0 where it did not."""
    from tests.reliability import crowd
    from tests.reliability.world import Scenario, play

    mutant = MUTANTS[name]
    at_once = 1 if mutant.crowd else chosen.jobs
    for first in range(0, chosen.runs, at_once):
        scenarios = [
            Scenario(
                f"{chosen.seed}/{name}/{class_}/{number}",
                class_,
                ("random", "points")[number % 2],
                real=0.0,
                hooks=(f"mutant {name}",),
                **mutant.more,
            )
            for number in range(first, first + at_once)
        ]
        seen = (
            [crowd.Crowd(world, scenarios[0]).run()]
            if mutant.crowd
            else play(world, scenarios, jobs=chosen.jobs)
        )
        for number, one in enumerate(seen, first + 1):
            if one.violations:
                return number, one.violations[0]
    return 0, ""


if __name__ == "__main__":
    sys.exit(main())
