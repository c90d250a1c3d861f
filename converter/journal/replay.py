"""The orders of a past run, rebuilt from the attempts and findings up to its end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from converter.journal import cancelling, canonical
from converter.journal.database import Connection
from converter.journal.fold import State, fold, last_answered, status_of
from converter.journal.records import UNCHANGED, OrderRecord, attempts_of
from converter.message import from_json, join, unpack
from converter.model import Status


@dataclass(frozen=True, slots=True)
class PastOrder:
    """A part of an order at the end of a run, or an order that failed the run's checks."""

    rows: tuple[int, ...]
    record: OrderRecord
    before: OrderRecord | None = None
    """Its record before the run; None where no attempt had been made."""


def orders(connection: Connection, run: int) -> list[PastOrder]:
    """Every order of a run, in the sheet's order."""
    parts = connection.execute(
        "SELECT part.id, reference, parent, listed.rows, unchanged FROM listed"
        " JOIN part ON part.id = listed.part WHERE run = ?1 UNION"
        " SELECT part.id, reference, parent, part.rows, 0 FROM evidence"
        " JOIN part ON part.id = evidence.part WHERE run = ?1"
        " AND part.id NOT IN (SELECT part FROM listed WHERE run = ?1) UNION"
        " SELECT part.id, reference, parent, part.rows, 0 FROM cancel_attempt"
        " JOIN part ON part.id = cancel_attempt.part WHERE run = ?1"
        " AND part.id NOT IN (SELECT part FROM listed WHERE run = ?1) UNION"
        " SELECT part.id, reference, parent, part.rows, 0 FROM cancel_evidence"
        " JOIN part ON part.id = cancel_evidence.part WHERE run = ?1"
        " AND part.id NOT IN (SELECT part FROM listed WHERE run = ?1)",
        (run,),
    ).fetchall()
    ids = [row[0] for row in parts]
    then, earlier = _records_at(connection, ids, run), _records_at(connection, ids, run - 1)
    refused, nameless = _problems(connection, run)
    found = []
    for part, reference, parent, rows, unchanged in parts:
        record = replace(then[part], reference=reference, parent=parent)
        why = refused.get(canonical.key_of(reference))
        if why is not None and record.state in (State.PLANNED, State.REFUSED):
            record = replace(record, state=State.INVALID, status=Status.INVALID, message=why)
        before = earlier[part] if earlier[part].attempts else None
        if before and unchanged:
            before = replace(before, flags=(*before.flags, UNCHANGED))
        found.append(PastOrder(tuple(orjson.loads(rows)), record, before))
    return sorted([*found, *nameless], key=lambda order: order.rows[:1])


def _records_at(connection: Connection, parts: Sequence[int], run: int) -> dict[int, OrderRecord]:
    """Records of the parts at the end of that run."""
    (settle_seconds,) = connection.execute(
        "SELECT settle_seconds FROM run WHERE id <= ? ORDER BY id DESC", (max(run, 1),)
    ).fetchone()
    attempts, made = attempts_of(connection, parts, until=run)
    found = {}
    for part, answers in attempts.items():
        folded = fold(answers)
        outcome, since = folded.outcome, folded.doubt_since
        found[part] = OrderRecord(
            "", "", folded.state, status_of(folded.state, outcome.flags), outcome.message,
            outcome.provider_order_no, outcome.tracking_no, dict(outcome.outputs), outcome.flags,
            made[part], last_answered(answers),
            settle_until=None if since is None else since + settle_seconds,
            request_id=folded.request_id,
        )  # fmt: skip
    for part, source, number, tracking_no, outputs, note, packed in connection.execute(
        "SELECT part, source, provider_order_no, tracking_no, outputs, note, note_json"
        " FROM evidence"
        " WHERE verdict = 'created' AND run <= ?1"
        " AND after > COALESCE((SELECT MAX(sent) FROM released"
        " WHERE released.part = evidence.part AND released.run <= ?1), 0)"
        " AND part IN (SELECT value FROM json_each(?2)) ORDER BY id",
        (run, json.dumps(list(parts))),
    ):
        record = found[part]
        flags = record.flags
        if source == "decision" and record.status is Status.PARTIAL:  # the rest was settled
            flags = tuple(flag for flag in flags if flag != "partial")
            known = record.provider_order_no.split("; ")
            number = "; ".join(dict.fromkeys(filter(None, [*known, number])))
        found[part] = replace(
            record, state=State.ACCEPTED, status=status_of(State.ACCEPTED, flags), flags=flags,
            message=unpack(note, packed), provider_order_no=number or record.provider_order_no,
            tracking_no=tracking_no or record.tracking_no,
            outputs={**record.outputs, **orjson.loads(outputs)}, settle_until=None,
        )  # fmt: skip
    told = cancelling.events_of(connection, parts, until=run)
    for part, record in found.items():
        if record.state is State.ACCEPTED:
            made_of = cancelling.fold(record.provider_order_no, told[part])
            found[part] = replace(
                record,
                status=status_of(record.state, record.flags, made_of.state),
                cancellation=made_of.state,
                cancel_message=made_of.message,
            )
    return found


def _problems(connection: Connection, run: int) -> tuple[dict[str, str], list[PastOrder]]:
    """Orders that failed the run's checks: reasons by key, and those without reference."""
    refused: dict[str, str] = {}
    nameless = []
    for reference, rows, reasons in connection.execute(
        "SELECT reference, rows, reasons FROM problem WHERE run = ?", (run,)
    ):
        why = join("\n", map(from_json, json.loads(reasons)))
        if reference:
            refused[canonical.key_of(reference)] = why
        else:
            record = OrderRecord("", "", State.INVALID, Status.INVALID, why)
            nameless.append(PastOrder(tuple(orjson.loads(rows)), record))
    return refused, nameless
