"""Queries over the journals of all accounts, safe beside a running one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from converter.journal import canonical, replay
from converter.journal.database import Connection
from converter.journal.fold import Cancellation, State, status_of
from converter.journal.places import all_places
from converter.journal.replay import PastOrder
from converter.journal.resend import ResendRule
from converter.message import stack, t, unpack
from converter.model import Status

IN_PROGRESS = t(
    "Being sent at this moment, or its run was cut off: then submit the sheet again to find out."
)

BEING_CANCELLED = t(
    "Being cancelled at this moment, or its run was cut off: then cancel it again to find out."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run, of any account."""

    provider: str
    sandbox: bool
    run: str
    started: str
    action: str
    sheet: str
    counts: Mapping[str, int]
    result_path: str
    finished: bool
    """False while the run is active, and permanently if it was killed."""
    stopped: str
    profile: str = ""
    """The name of the profile that the sheet was read with; empty where there was none."""


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """The outcome of one part of an order over all attempts."""

    reference: str
    sandbox: bool
    status: Status
    provider_order_no: str
    time: str
    """When the last reply came, ISO 8601 with UTC offset."""
    message: str


@dataclass(frozen=True, slots=True)
class OpenUnknown:
    """An order that may or may not have been created, or cancelled."""

    provider: str
    sandbox: bool
    reference: str
    since: float | None
    """Epoch seconds of when the last attempt in doubt was given up."""
    settle_until: float | None
    """Epoch seconds from which a run may settle it; None where only a person can."""
    message: str
    status: Status = Status.UNKNOWN
    """`cancellation unknown` where it was created, and may or may not have been cancelled."""


_ALL = 2**62


def runs(home: Path, most: int = -1) -> list[PastRun]:
    """List the runs of all accounts, newest first; at most `most` unless it is negative."""

    def read(connection: Connection) -> list[PastRun]:
        return [
            PastRun(
                provider, bool(sandbox), run, started, action, sheet, json.loads(counts or "{}"),
                path or "", finished is not None, unpack(stopped or "", packed), profile,
            )
            for (
                provider, sandbox, run, started, action, sheet, counts, path, finished, stopped,
                packed, profile,
            ) in connection.execute(
                "SELECT run.provider, sandbox, name, started, action, sheet, counts, result_path,"
                " finished, stopped, stopped_json, profile FROM run, account"
                " ORDER BY run.id DESC LIMIT ?",
                (_ALL if most < 0 else most,),
            ).fetchall()
        ]  # fmt: skip

    found = sorted(_from_all(home, read), key=lambda one: one.started, reverse=True)
    return found if most < 0 else found[:most]


def orders(home: Path, run: str) -> tuple[ResendRule, list[PastOrder]]:
    """The provider's resend rule, and the orders of one run as they were at its end.

    Rebuilt from attempts and findings, so that a run killed before its report has one too. Empty
    where there is no such run.
    """

    def read(connection: Connection) -> list[tuple[ResendRule, list[PastOrder]]]:
        found = connection.execute(
            "SELECT id, class, settle_seconds FROM run WHERE name = ?", (run,)
        ).fetchone()
        return [(ResendRule(*found[1:]), replay.orders(connection, found[0]))] if found else []

    return next(iter(_from_all(home, read)), (ResendRule("D", 0), []))


def answers(home: Path, provider: str, references: Sequence[str]) -> list[PastAnswer]:
    """Outcomes of these orders and their parts in all accounts of a provider."""
    keys = json.dumps([canonical.key_of(reference) for reference in references])

    def read(connection: Connection) -> list[PastAnswer]:
        return [
            PastAnswer(
                reference, bool(sandbox), status_of(State(state), json.loads(flags), cancellation),
                order_no, answered, stack([unpack(said, packed_said), unpack(message, packed)]),
            )
            for (
                reference, sandbox, state, flags, order_no, answered, message, packed, cancellation,
                said, packed_said,
            ) in connection.execute(
                "SELECT reference, sandbox, state, flags, provider_order_no, answered, message,"
                " message_json, cancellation, cancel_message, cancel_message_json"
                " FROM part, account WHERE provider = ?1 AND (part.key IN (SELECT value FROM"
                " json_each(?2)) OR parent_key IN (SELECT value FROM json_each(?2)))"
                " ORDER BY part.id",
                (provider, keys),
            )
        ]  # fmt: skip

    return _from_all(home, read)


def open_unknowns(home: Path) -> list[OpenUnknown]:
    """List the unsettled orders of all accounts, oldest first."""

    def read(connection: Connection) -> list[OpenUnknown]:
        last = connection.execute(
            "SELECT class, settle_seconds FROM run ORDER BY id DESC LIMIT 1"
        ).fetchone()
        resend = ResendRule(*(last or ("D", 0)))
        return [
            OpenUnknown(
                provider, bool(sandbox), reference, since,
                resend.settle_until(since) if resend.resends else None,
                IN_PROGRESS if state == State.SENDING else unpack(message, packed),
            )
            for provider, sandbox, reference, state, since, message, packed in connection.execute(
                "SELECT provider, sandbox, reference, state,"
                " COALESCE(doubt_seen, doubt_since, (SELECT MAX(started_at) FROM answer"
                " JOIN attempt ON attempt.id = attempt WHERE part = part.id)), message,"
                " message_json FROM part, account WHERE state IN ('SENDING', 'UNKNOWN')"
                " ORDER BY part.id"
            ).fetchall()
        ] + [
            OpenUnknown(
                provider, bool(sandbox), reference, since, None,
                BEING_CANCELLED if state == Cancellation.CANCELLING else unpack(message, packed),
                Status.CANCEL_UNKNOWN,
            )
            for provider, sandbox, reference, state, since, message, packed in connection.execute(
                "SELECT provider, sandbox, reference, cancellation, (SELECT MAX(unixepoch(started))"
                " FROM cancel_attempt WHERE part = part.id), cancel_message,"
                " cancel_message_json FROM part, account"
                " WHERE cancellation IN ('CANCELLING', 'UNKNOWN') ORDER BY part.id"
            ).fetchall()
        ]  # fmt: skip

    return sorted(_from_all(home, read), key=lambda one: one.since or float("inf"))


def knows_run(home: Path, run: str) -> bool:
    """Whether any journal holds a run of this name."""

    def read(connection: Connection) -> list[int]:
        found = connection.execute("SELECT 1 FROM run WHERE name = ?", (run,)).fetchone()
        return list(found or ())

    return bool(_from_all(home, read))


def _from_all(home: Path, read: Callable[[Connection], list[T]]) -> list[T]:
    found: list[T] = []
    for place in all_places(home):
        found += place.read(read)
    return found
