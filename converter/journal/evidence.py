"""Evidence about orders in doubt, from a query or from a person."""

from __future__ import annotations

import json
from collections.abc import Iterable

from converter.journal import canonical
from converter.journal.database import Connection
from converter.journal.fold import Cancellation, State
from converter.journal.records import check_rowcount
from converter.message import pack
from converter.model import Finding


def record(connection: Connection, finding: Finding, run: int, now: str) -> bool:
    """Insert a finding and update its order. False where the order is not in doubt.

    Found: the order is accepted; one accepted before only gains its numbers, and is no longer
    partial where somebody settled the rest.
    Absent: the order may be sent again, because no attempt so far created it.
    """
    row = connection.execute(
        "SELECT id, state, flags, outputs, provider_order_no, cancellation FROM part WHERE key = ?",
        (canonical.key_of(finding.reference),),
    ).fetchone()
    if row is None:
        return False
    part, state, flags, outputs = row[0], State(row[1]), json.loads(row[2]), json.loads(row[3])
    made, cancellation = row[4:]
    if cancellation == Cancellation.CANCELLED:
        return False
    open_states = (State.UNKNOWN, State.DUPLICATE)
    if state not in open_states and not (finding.created and state is State.ACCEPTED):
        return False
    (after,) = connection.execute(
        "SELECT COALESCE(MAX(attempt), 0) FROM answer WHERE part = ?", (part,)
    ).fetchone()
    connection.execute(
        "INSERT INTO evidence (part, after, run, source, verdict, provider_order_no, who, at, note,"
        " note_json, tracking_no, outputs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            part, after, run, finding.source, "created" if finding.created else "absent",
            finding.provider_order_no, finding.who, now, str(finding.note), pack(finding.note),
            finding.tracking_no,
            json.dumps(dict(finding.outputs), ensure_ascii=False),
        ),
    )  # fmt: skip
    if not finding.created:
        cursor = connection.execute(
            "UPDATE part SET state = 'PLANNED', doubt_since = NULL, message = ?, message_json = ?"
            " WHERE id = ? AND state = ?",
            (str(finding.note), pack(finding.note), part, state),
        )
        check_rowcount(cursor, 1)
        return True
    number = finding.provider_order_no
    if finding.settled:
        flags = [flag for flag in flags if flag != "partial"]
        number = "; ".join(dict.fromkeys(filter(None, [*made.split("; "), number])))
    flag = "by_query" if finding.source == "query" else "manual"
    added = set() if state is State.ACCEPTED and finding.source == "query" else {flag}
    cursor = connection.execute(
        "UPDATE part SET state = 'ACCEPTED', doubt_since = NULL, message = ?1, message_json = ?9,"
        " provider_order_no = CASE WHEN ?2 <> '' THEN ?2 ELSE provider_order_no END,"
        " tracking_no = CASE WHEN ?3 <> '' THEN ?3 ELSE tracking_no END, outputs = ?4, flags = ?5,"
        " accepted = CASE WHEN accepted <> '' THEN accepted ELSE ?6 END"
        " WHERE id = ?7 AND state = ?8",
        (
            str(finding.note), number, finding.tracking_no,
            json.dumps({**outputs, **finding.outputs}, ensure_ascii=False),
            json.dumps(sorted({*flags, *added})), now, part, state, pack(finding.note),
        ),
    )  # fmt: skip
    check_rowcount(cursor, 1)
    return True


def record_absence(
    connection: Connection,
    references: Iterable[str],
    run: int,
    now: float,
    apart: float,
) -> list[str]:
    """Note that the provider said it lacks these orders; returns those it lacked before, long ago
    enough and since the last attempt to send them."""
    gone: list[str] = []
    for reference in references:
        row = connection.execute(
            "SELECT id, (SELECT MAX(attempt) FROM answer WHERE answer.part = part.id) FROM part"
            " WHERE key = ? AND state = 'UNKNOWN'",
            (canonical.key_of(reference),),
        ).fetchone()
        if row is None:
            continue
        part, after = row
        (before,) = connection.execute(
            "SELECT MIN(at) FROM sighting WHERE part = ? AND after = ?", (part, after)
        ).fetchone()
        if before is not None and now - before >= apart:
            gone.append(reference)
        connection.execute(
            "INSERT INTO sighting (part, after, run, at) VALUES (?, ?, ?, ?)",
            (part, after, run, now),
        )
    return gone
