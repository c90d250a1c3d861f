"""Rows of the table `part`: read as records, and updated from their attempts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from converter.journal.canonical import Difference
from converter.journal.database import Connection, Cursor
from converter.journal.fold import (
    CUT_OFF,
    Cancellation,
    PastAttempt,
    State,
    Verdict,
    fold,
    last_answered,
    status_of,
)
from converter.journal.resend import ResendRule
from converter.message import pack, unpack
from converter.model import Outcome, Status

UNCHANGED = "unchanged"
"""Flag of an order that a run does not send: it was refused, and is as it was then."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """What the journal holds about one part of an order."""

    reference: str
    parent: str
    state: State
    status: Status
    message: str = ""
    """What was said of it when it was sent; of its cancellation, `cancel_message` tells."""
    provider_order_no: str = ""
    tracking_no: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    attempts: int = 0
    """Number of HTTP requests actually made."""
    time: str = ""
    """When the last answer came, ISO 8601 with zone."""
    accepted_at: str = ""
    payload_hash: str = ""
    settle_until: float | None = None
    """Epoch seconds after which a request in doubt can no longer take effect."""
    request_id: str = ""
    differences: tuple[Difference, ...] = ()
    """Payload paths in which the sheet now differs from what was sent."""
    rows: tuple[int, ...] = ()
    action: str = ""
    """By which action it was accepted, where the run that asks is of another one."""
    first_sent: float | None = None
    """Class B, in doubt: when its idempotency key was first used, in epoch seconds."""
    is_whole: bool = True
    """False where other orders of the request in doubt have their answer."""
    cancellation: Cancellation = Cancellation.NONE
    cancel_message: str = ""
    """What became of the wish to cancel it; empty where there was none."""
    cancelled_at: str = ""
    """When it was cancelled, ISO 8601; empty where it was not."""


def read(
    connection: Connection,
    column: str,
    keys: Iterable[str],
    *,
    resend: ResendRule,
    differences: Mapping[str, tuple[Difference, ...]],
) -> list[OrderRecord]:
    """Records of the parts whose `key` or `parent_key` is among `keys`."""
    cursor = connection.execute(
        "SELECT key, reference, parent, state, message, message_json, provider_order_no,"
        " tracking_no, outputs, flags, attempts, answered, accepted, hash,"
        " COALESCE(doubt_seen, doubt_since), request_id, rows,"
        " cancellation, cancel_message, cancel_message_json, cancelled"
        " FROM part LEFT JOIN payload ON payload.id = payload"
        f" WHERE {column} IN (SELECT value FROM json_each(?)) ORDER BY part.id",
        (json.dumps(list(keys)),),
    )
    rows = cursor.fetchall()
    keyed = _keyed(connection, [row[0] for row in rows if row[3] == State.UNKNOWN], resend)
    return [
        replace(record, first_sent=keyed[row[0]][0], is_whole=keyed[row[0]][1])
        if row[0] in keyed
        else record
        for row in rows
        for record in [_record(row, resend, differences)]
    ]


def _keyed(
    connection: Connection, keys: Sequence[str], resend: ResendRule
) -> dict[str, tuple[float | None, bool]]:
    """Of each order in doubt: since when its idempotency key is known, and whether all orders of
    its request are in doubt."""
    if not resend.replays:
        return {}
    cursor = connection.execute(
        "SELECT key, first_sent, NOT EXISTS (SELECT 1 FROM answer AS other"
        " JOIN part AS its ON its.id = other.part WHERE other.attempt = last AND"
        " its.state <> 'UNKNOWN') FROM (SELECT key, MIN(started_at) AS first_sent,"
        " MAX(doubt.attempt) AS last FROM part JOIN doubt ON doubt.part = part.id"
        " JOIN attempt ON attempt.id = doubt.attempt"
        " WHERE key IN (SELECT value FROM json_each(?)) GROUP BY part.id) AS sent",
        (json.dumps(list(keys)),),
    )
    return {key: (first_sent, bool(is_whole)) for key, first_sent, is_whole in cursor}


def _record(
    row: Sequence[Any], resend: ResendRule, differences: Mapping[str, tuple[Difference, ...]]
) -> OrderRecord:
    key, reference, parent, state_text, text, packed, order_no, tracking_no, *rest = row
    outputs, flag_text, attempts, answered, accepted, hash_, since, request_id, rows, *more = rest
    cancellation, cancel_text, cancel_packed, cancelled = more
    state = State(state_text)
    flags = tuple(orjson.loads(flag_text))
    until = resend.settle_until(since) if state is State.UNKNOWN else None
    message = unpack(text, packed)
    if state is State.SENDING:
        message = CUT_OFF  # its run gave up waiting for the reply
    return OrderRecord(
        reference, parent, state, status_of(state, flags, cancellation), message, order_no,
        tracking_no, orjson.loads(outputs),
        (*flags, "sheet_changed") if key in differences else flags,
        attempts, answered, accepted, hash_ or "", until, request_id,
        differences.get(key, ()), tuple(orjson.loads(rows)),
        cancellation=Cancellation(cancellation), cancel_message=unpack(cancel_text, cancel_packed),
        cancelled_at=cancelled,
    )  # fmt: skip


def accepting_actions(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The action of the attempt that created each of these accepted parts, by key.

    Where no answer says which, it is the first attempt that may have.
    """
    cursor = connection.execute(
        "SELECT key, action FROM part JOIN answer ON answer.part = part.id"
        " JOIN attempt ON attempt.id = answer.attempt JOIN run ON run.id = attempt.run"
        " WHERE part.state = 'ACCEPTED' AND key IN (SELECT value FROM json_each(?))"
        " AND verdict IN ('created', 'in doubt') AND answer.attempt >"
        " COALESCE((SELECT MAX(sent) FROM released WHERE released.part = part.id), 0)"
        " ORDER BY verdict = 'created', answer.attempt DESC",
        (json.dumps(list(keys)),),
    )
    return dict(cursor.fetchall())


def attempts_of(
    connection: Connection, parts: Sequence[int], *, until: int | None = None
) -> tuple[dict[int, list[PastAttempt]], dict[int, int]]:
    """Attempts of each part, oldest first, and the number of requests actually made.

    With `until`, as they were at the end of that run.
    """
    attempts: dict[int, list[PastAttempt]] = {part: [] for part in parts}
    made = dict.fromkeys(parts, 0)
    for row in connection.execute(
        "SELECT answer.part, CASE WHEN COALESCE(verdict, 'in doubt') <> 'in doubt' THEN verdict"
        " WHEN EXISTS (SELECT 1 FROM evidence WHERE evidence.part = answer.part"
        " AND evidence.verdict = 'absent' AND after >= attempt AND (?2 IS NULL OR run <= ?2))"
        " THEN 'not processed' ELSE 'in doubt' END,"
        " payload_hash, COALESCE(in_doubt_since, started_at), answered,"
        " request_id, made, CASE WHEN verdict IS NULL THEN 'unknown' ELSE status END,"
        " CASE WHEN verdict IS NULL THEN ?3 ELSE message END,"
        " CASE WHEN verdict IS NULL THEN ?4 ELSE message_json END,"
        " CASE WHEN run.class = 'B' THEN body_sha256 || ' ' || request_key ELSE '' END,"
        " provider_order_no, tracking_no, outputs, flags,"
        " EXISTS (SELECT 1 FROM released WHERE released.part = answer.part AND sent >= attempt"
        " AND (?2 IS NULL OR released.run <= ?2))"
        " FROM answer JOIN attempt ON attempt.id = answer.attempt JOIN run ON run.id = attempt.run"
        " WHERE part IN (SELECT value FROM json_each(?1))"
        " AND (verdict IS NOT NULL OR ?2 IS NOT NULL) AND (?2 IS NULL OR run <= ?2)"
        " ORDER BY answer.part, answer.attempt",
        (json.dumps(list(parts)), until, str(CUT_OFF), pack(CUT_OFF)),
    ):
        part, verdict, hash_, since, answered_at, request_id, was_made, *texts, is_past = row
        replay = texts.pop(3)
        made[part] += was_made
        if is_past:  # it was cancelled, and is sent anew
            continue
        attempts[part].append(
            PastAttempt(
                Verdict(verdict), hash_, _outcome(texts), since, answered_at, request_id, replay
            )
        )
    return attempts, made


def update_states(connection: Connection, parts: Sequence[int], now: str) -> None:
    """Move parts out of SENDING, into the state that all of their attempts prove."""
    attempts, made = attempts_of(connection, parts)
    updates = []
    for part, answers in attempts.items():
        folded = fold(answers)
        accepted = now if folded.state is State.ACCEPTED else ""
        updates.append(
            (
                folded.state, *outcome_columns(folded.outcome)[1:], made[part],
                last_answered(answers), accepted, folded.doubt_since, folded.request_id, part,
            )
        )  # fmt: skip
    cursor = connection.executemany(
        "UPDATE part SET state = ?, message = ?, message_json = ?, provider_order_no = ?,"
        " tracking_no = ?, outputs = ?, flags = ?, attempts = ?, answered = ?, accepted = ?,"
        " doubt_since = ?, doubt_seen = NULL,"
        " request_id = ? WHERE id = ? AND state = 'SENDING'",
        updates,
    )
    check_rowcount(cursor, len(updates))


def rows_text(rows: Sequence[int]) -> str:
    """Row numbers in the form the tables keep them; equal rows give equal text."""
    return orjson.dumps(list(rows)).decode()


def outcome_columns(outcome: Outcome) -> tuple[str, ...]:
    """Columns of an outcome in the table `answer`; `part` has all but the status."""
    return (
        outcome.status,
        str(outcome.message),
        pack(outcome.message),
        outcome.provider_order_no,
        outcome.tracking_no,
        orjson.dumps(dict(outcome.outputs)).decode() if outcome.outputs else "{}",
        orjson.dumps(outcome.flags).decode(),
    )


def _outcome(texts: Sequence[str]) -> Outcome:
    status, message, packed, order_no, tracking_no, outputs, flags = texts
    read = orjson.loads(outputs), tuple(orjson.loads(flags))
    return Outcome(Status(status), unpack(message, packed), order_no, tracking_no, *read)


def check_rowcount(cursor: Cursor, rows: int) -> None:
    """Raise IntegrityError unless the statement changed exactly so many rows."""
    if max(cursor.rowcount, 0) != rows:
        raise sqlite3.IntegrityError(f"expected to change {rows} orders, found {cursor.rowcount}")
