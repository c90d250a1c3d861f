"""What is written of an attempt that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from converter.journal.database import Connection
from converter.journal.records import check_rowcount, update_states


@dataclass(frozen=True, slots=True)
class EndedAttempt:
    """The columns of an attempt that has ended, and of its answers."""

    attempt: int
    run: int
    ended: str
    row: tuple[Any, ...]
    """Of the table `attempt`, from `state` to `job`."""
    answers: tuple[tuple[Any, ...], ...]
    """Of the table `answer`, from `verdict` to `flags`, and the part."""


def write_ended(connection: Connection, one: EndedAttempt) -> None:
    """Write what came back, and the state each part has by all of its attempts (T2)."""
    cursor = connection.executemany(
        "UPDATE answer SET verdict = ?, status = ?, message = ?, message_json = ?,"
        " provider_order_no = ?, tracking_no = ?, outputs = ?, flags = ?"
        " WHERE attempt = ? AND part = ? AND verdict IS NULL",
        [(*columns, one.attempt, part) for *columns, part in one.answers],
    )
    check_rowcount(cursor, len(one.answers))
    cursor = connection.execute(
        "UPDATE attempt SET state = ?, in_doubt_since = ?, ended = ?, answered = ?,"
        " made = ?, http_status = ?, reply = ?, reply_bytes = ?, reply_sha256 = ?,"
        " reason = ?, reason_json = ?, request_id = ?, notes = ?, job = ?"
        " WHERE id = ? AND state = 'OPEN'",
        (*one.row, one.attempt),
    )
    check_rowcount(cursor, 1)
    update_states(connection, [columns[-1] for columns in one.answers], one.ended)
