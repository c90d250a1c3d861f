"""A run's orders made again, from every attempt, answer and finding up to that run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from converter.journal import canonical
from converter.journal.fold import State, fold, last_answered, status_of
from converter.journal.known import Known, attempts_of
from converter.model import Status


@dataclass(frozen=True, slots=True)
class PastOrder:
    """One part of an order as a run left it, or an order that failed the run's checks."""

    rows: tuple[int, ...]
    known: Known
    before: Known | None = None
    """As it stood before the run; none where no attempt had been made."""


def orders(connection: sqlite3.Connection, run: int) -> list[PastOrder]:
    """Every order of a run, in the sheet's order."""
    parts = connection.execute(
        "SELECT part.id, reference, parent, listed.rows FROM listed"
        " JOIN part ON part.id = listed.part WHERE run = ?1 UNION"
        " SELECT part.id, reference, parent, part.rows FROM evidence"
        " JOIN part ON part.id = evidence.part WHERE run = ?1"
        " AND part.id NOT IN (SELECT part FROM listed WHERE run = ?1)",
        (run,),
    ).fetchall()
    ids = [row[0] for row in parts]
    then, earlier = _standing(connection, ids, run), _standing(connection, ids, run - 1)
    refused, nameless = _problems(connection, run)
    found = []
    for part, reference, parent, rows in parts:
        known = replace(then[part], reference=reference, parent=parent)
        why = refused.get(canonical.key_of(reference))
        if why is not None and known.state in (State.PLANNED, State.REFUSED):
            known = replace(known, state=State.INVALID, status=Status.INVALID, message=why)
        before = earlier[part] if earlier[part].attempts else None
        found.append(PastOrder(tuple(orjson.loads(rows)), known, before))
    return sorted([*found, *nameless], key=lambda order: order.rows[:1])


def _standing(connection: sqlite3.Connection, parts: Sequence[int], run: int) -> dict[int, Known]:
    """The parts as they stood when that run had ended."""
    (settle_seconds,) = connection.execute(
        "SELECT settle_seconds FROM run WHERE id <= MAX(?, 1) ORDER BY id DESC", (run,)
    ).fetchone()
    attempts, made = attempts_of(connection, parts, until=run)
    found = {}
    for part, answers in attempts.items():
        standing = fold(answers)
        outcome, since = standing.outcome, standing.doubt_since
        found[part] = Known(
            "", "", standing.state, status_of(standing.state, outcome.flags), outcome.message,
            outcome.provider_order_no, outcome.tracking_no, dict(outcome.outputs), outcome.flags,
            made[part], last_answered(answers),
            settle_until=None if since is None else since + settle_seconds,
            request_id=standing.request_id,
        )  # fmt: skip
    for part, number, tracking_no, outputs, note in connection.execute(
        "SELECT part, provider_order_no, tracking_no, outputs, note FROM evidence"
        " WHERE verdict = 'created' AND run <= ?"
        " AND part IN (SELECT value FROM json_each(?)) ORDER BY id",
        (run, json.dumps(list(parts))),
    ):
        known = found[part]
        found[part] = replace(
            known, state=State.ACCEPTED, status=status_of(State.ACCEPTED, known.flags),
            message=note, provider_order_no=number or known.provider_order_no,
            tracking_no=tracking_no or known.tracking_no,
            outputs={**known.outputs, **orjson.loads(outputs)}, settle_until=None,
        )  # fmt: skip
    return found


def _problems(connection: sqlite3.Connection, run: int) -> tuple[dict[str, str], list[PastOrder]]:
    """What failed the run's checks: the reasons by key, and the orders without a reference."""
    refused: dict[str, str] = {}
    nameless = []
    for reference, rows, reasons in connection.execute(
        "SELECT reference, rows, reasons FROM problem WHERE run = ?", (run,)
    ):
        why = "\n".join(json.loads(reasons))
        if reference:
            refused[canonical.key_of(reference)] = why
        else:
            known = Known("", "", State.INVALID, Status.INVALID, why)
            nameless.append(PastOrder(tuple(orjson.loads(rows)), known))
    return refused, nameless
