"""Tables of a plan: read what planning needs, write what it decided."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from converter.journal import canonical
from converter.journal.database import Connection
from converter.journal.fold import Cancellation, State
from converter.journal.planning import Decisions, Draft, Entry, Invalid, P, RefusedContent
from converter.journal.records import check_rowcount, rows_text
from converter.message import join, pack, to_json
from converter.model import Payload


def read_entries(connection: Connection, names: Iterable[str]) -> Iterator[Entry]:
    """Every part whose own reference, or whose order's, is among `names`."""
    keys = json.dumps(list({canonical.key_of(name) for name in names}))
    cursor = connection.execute(
        "SELECT part.id, key, reference, parent_key, parent, part.state, division, rows, hash,"
        " body IS NOT NULL, COALESCE(doubt_seen, doubt_since), attempts,"
        " last.payload_hash, action, last.flags,"
        " CASE WHEN part.state = 'UNKNOWN' THEN (SELECT MIN(started_at) FROM doubt"
        " JOIN attempt AS sent ON sent.id = doubt.attempt WHERE doubt.part = part.id) END,"
        " CASE WHEN part.state = 'UNKNOWN' THEN"
        " (SELECT MAX(attempt) FROM doubt WHERE doubt.part = part.id) END AS in_doubt,"
        " CASE WHEN part.state = 'UNKNOWN' THEN (SELECT job FROM attempt AS began WHERE began.id ="
        " (SELECT MAX(attempt) FROM doubt WHERE doubt.part = part.id)) END,"
        " CASE WHEN part.state = 'UNKNOWN' THEN (SELECT COUNT(*) FROM answer AS other"
        " WHERE other.attempt = (SELECT MAX(attempt) FROM doubt WHERE doubt.part = part.id)) END,"
        " cancellation"
        " FROM part LEFT JOIN payload ON payload.id = payload"
        " LEFT JOIN answer AS last ON last.part = part.id AND last.verdict = 'refused'"
        " AND part.state IN ('REFUSED', 'PLANNED', 'INVALID')"
        " AND last.attempt = (SELECT MAX(attempt) FROM answer WHERE answer.part = part.id)"
        " AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.part = part.id"
        " AND after >= last.attempt)"
        " LEFT JOIN attempt ON attempt.id = last.attempt LEFT JOIN run ON run.id = attempt.run"
        " WHERE key IN (SELECT value FROM json_each(?1))"
        " OR parent_key IN (SELECT value FROM json_each(?1))",
        (keys,),
    )
    for id_, key, reference, parent_key, parent, state, division, rows, *rest in cursor:
        hash_, has_body, since, attempts, refused, action, flags, *doubt = rest
        first_sent, last_doubt, job, beside, cancellation = doubt
        refusal = None
        if refused is not None:
            refusal = RefusedContent(
                refused, action, is_proved="unproven" not in orjson.loads(flags)
            )
        yield Entry(
            id_, key, reference, parent_key, parent, State(state), division,
            tuple(orjson.loads(rows)), hash_ or "", bool(has_body), since, attempts,
            refusal, first_sent, last_doubt or 0, job or "", beside or 0,
            Cancellation(cancellation),
        )  # fmt: skip


def indexes_agree(connection: Connection, names: Iterable[str], found: Collection[Entry]) -> bool:
    """Whether the indexes alone count the parts that were found through both of them."""
    keys = {canonical.key_of(name) for name in names}
    asked = json.dumps(list(keys))
    for column, own in (
        ("key", [e.key for e in found]),
        ("parent_key", [e.parent_key for e in found]),
    ):
        (count,) = connection.execute(
            f"SELECT COUNT(*) FROM part WHERE {column} IN (SELECT value FROM json_each(?))",
            (asked,),
        ).fetchone()
        if count != sum(key in keys for key in own):
            return False
    return True


def in_doubt_elsewhere(
    connection: Connection, keys: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Orders in doubt that are not among `keys`: the reference, and the content without it."""
    cursor = connection.execute(
        "SELECT key, reference, parent, body FROM part JOIN payload ON payload.id = payload"
        " WHERE state IN ('SENDING', 'UNKNOWN') AND body IS NOT NULL"
    )
    for key, reference, parent, body in cursor:
        if key not in keys:
            payload = canonical.from_bytes(body)
            yield reference, canonical.without_names(payload, (reference, parent))


def sent_payload(connection: Connection, entry: Entry) -> Payload | None:
    """The latest planned payload of a part; None where its body is no longer kept."""
    found = connection.execute(
        "SELECT body FROM payload WHERE id = (SELECT payload FROM part WHERE id = ?)",
        (entry.id,),
    ).fetchone()
    return canonical.from_bytes(found[0]) if found and found[0] is not None else None


def write(
    connection: Connection,
    made: Decisions[P],
    problems: Sequence[Invalid],
    run: int,
    now: str,
) -> None:
    """Write the decisions about the orders of a sheet; `problems` are those that failed checks."""
    _release(connection, made.drafts, run, now)
    _write_drafts(connection, made.drafts, run)
    _write_unchanged(connection, made.unchanged)
    _write_invalid(connection, made.invalid, problems, run)
    connection.executemany(
        "UPDATE part SET rows = ?2 WHERE key = ?1 AND rows <> ?2",
        ((key, rows_text(rows)) for key, rows in made.standing.items()),
    )
    _write_listed(
        connection,
        [
            *(draft.key for draft in made.drafts),
            *(entry.key for entry, _ in made.again),
            *made.standing,
            *made.invalid,
        ],
        [draft.key for draft in made.unchanged],
        run,
    )


def _release(connection: Connection, drafts: Iterable[Draft[Any]], run: int, now: str) -> None:
    """Let what was sent of cancelled parts no longer count, because they are sent anew."""
    connection.executemany(
        "INSERT INTO released (part, sent, run, at)"
        " SELECT part, MAX(attempt), ?, ? FROM answer WHERE part = ? GROUP BY part",
        [
            (run, now, draft.entry.id)
            for draft in drafts
            if draft.entry and draft.entry.cancellation is Cancellation.CANCELLED
        ],
    )


def _write_drafts(connection: Connection, drafts: Iterable[Draft[Any]], run: int) -> None:
    """Plan these parts, each with a new payload version where its payload changed (T0, T6)."""
    next_part = _next_id(connection, "part")
    next_payload = _next_id(connection, "payload")
    payloads: list[tuple[Any, ...]] = []
    parts: list[tuple[Any, ...]] = []
    updates: list[tuple[Any, ...]] = []

    def flush() -> None:
        connection.executemany(
            "INSERT INTO part (id, key, reference, parent_key, parent, division, rows, payload,"
            " state, message, message_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'PLANNED', ?, ?)",
            parts,
        )
        connection.executemany(
            "INSERT INTO payload (id, part, run, hash, body) VALUES (?, ?, ?, ?, ?)", payloads
        )
        check_rowcount(
            connection.executemany(
                "UPDATE part SET state = 'PLANNED', reference = ?, parent_key = ?, parent = ?,"
                " division = ?, rows = ?, payload = COALESCE(?, payload), message = ?,"
                " message_json = ?,"
                " provider_order_no = '', tracking_no = '', outputs = '{}', flags = '[]',"
                " request_id = '', cancellation = '',"
                " cancel_message = '', cancel_message_json = '', cancelled = ''"
                " WHERE id = ? AND state = ?",
                updates,
            ),
            len(updates),
        )
        for rows in (parts, payloads, updates):
            rows.clear()

    for draft in drafts:
        order, entry = draft.order, draft.entry
        hash_ = order.digest
        part = entry.id if entry else next_part
        version = None
        if entry is None or entry.payload_hash != hash_ or not entry.has_body:
            version, next_payload = next_payload, next_payload + 1
            body = order.json
            payloads.append((version, part, run, hash_, body))
        text = (order.reference, draft.parent_key, order.parent, draft.division)
        rows = rows_text(order.rows)
        message = (str(draft.message), pack(draft.message))
        if entry is None:
            next_part += 1
            parts.append((part, draft.key, *text, rows, version, *message))
        else:
            updates.append((*text, rows, version, *message, part, entry.state))
        if (
            len(parts) + len(updates) >= 1000
        ):  # else the bodies of a whole file would be in memory twice
            flush()
    flush()


def _write_invalid(
    connection: Connection,
    parts: Mapping[str, Invalid],
    problems: Iterable[Invalid],
    run: int,
) -> None:
    """Write orders that failed the checks, and a part for those that have a reference (T0)."""
    connection.executemany(
        "INSERT INTO problem (run, reference, rows, reasons) VALUES (?, ?, ?, ?)",
        (
            (
                run,
                reference,
                rows_text(rows),
                json.dumps([*map(to_json, reasons)], ensure_ascii=False),
            )
            for reference, rows, reasons in problems
        ),
    )
    cursor = connection.executemany(
        "INSERT INTO part (key, reference, parent_key, parent, division, rows, state, message,"
        " message_json) VALUES (?1, ?2, ?1, ?2, '', ?3, 'INVALID', ?4, ?5)"
        " ON CONFLICT (key) DO UPDATE SET"
        " state = 'INVALID', reference = ?2, parent_key = ?1, parent = ?2, division = '',"
        " rows = ?3, message = ?4, message_json = ?5,"
        " provider_order_no = '', tracking_no = '', outputs = '{}',"
        " flags = '[]', request_id = '' WHERE part.state IN ('PLANNED', 'REFUSED', 'INVALID')",
        (
            (key, reference, rows_text(rows), "\n".join(reasons), pack(join("\n", reasons)))
            for key, (reference, rows, reasons) in parts.items()
        ),
    )
    check_rowcount(cursor, len(parts))


def _write_unchanged(connection: Connection, drafts: Iterable[Draft[Any]]) -> None:
    """Show a part as refused that is again as it was when it was refused.

    In between it may have been invalid, or planned with other content and never sent.
    """
    changed = [
        (draft.order.reference, draft.parent_key, draft.order.parent, draft.division, entry.id,
         refusal.payload_hash, entry.state)
        for draft in drafts
        if (entry := draft.entry) and (refusal := entry.refusal)
        and entry.state is not State.REFUSED
    ]  # fmt: skip
    cursor = connection.executemany(
        "UPDATE part SET state = 'REFUSED', reference = ?1, parent_key = ?2, parent = ?3,"
        " division = ?4, message = last.message, message_json = last.message_json,"
        " provider_order_no = last.provider_order_no, tracking_no = last.tracking_no,"
        " outputs = last.outputs, flags = last.flags, payload = (SELECT MAX(id) FROM payload"
        " WHERE payload.part = ?5 AND hash = ?6)"
        " FROM (SELECT * FROM answer WHERE part = ?5 ORDER BY attempt DESC LIMIT 1) AS last"
        " WHERE id = ?5 AND state = ?7",
        changed,
    )
    check_rowcount(cursor, len(changed))


def _write_listed(
    connection: Connection, keys: Iterable[str], unchanged: Iterable[str], run: int
) -> None:
    """Write which parts the run's sheet holds, in which rows, and which of them were held."""
    connection.execute(
        "INSERT INTO listed (run, part, rows, unchanged)"
        " SELECT ?1, id, rows, CASE WHEN key IN (SELECT value FROM json_each(?3)) THEN 1 ELSE 0 END"
        " FROM part"
        " WHERE key IN (SELECT value FROM json_each(?2))",
        (run, json.dumps(list(keys)), json.dumps(list(unchanged))),
    )


def _next_id(connection: Connection, table: str) -> int:
    (found,) = connection.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}").fetchone()
    return int(found)


@dataclass(frozen=True, slots=True)
class WrittenResult:
    """The newest result workbook of a sheet."""

    path: str
    sha256: str
    """As the program wrote it; another one means that somebody has saved it since."""
    profile: str
    """What the sheet was read with; empty where no profile was used."""
    references: tuple[str, ...]
    """Which of the parts that were asked about stand in it."""


def results_of(connection: Connection, references: Sequence[str]) -> list[WrittenResult]:
    """The result workbooks that parts stand in, by the last sheet that had each of them."""
    found: dict[str, WrittenResult] = {}
    for path, sha256, profile, reference in connection.execute(
        "WITH last AS (SELECT reference, part.id AS part, MAX(run) AS run FROM listed"
        " JOIN part ON part.id = listed.part"
        " WHERE key IN (SELECT value FROM json_each(?)) GROUP BY part.id),"
        " written AS (SELECT reference, last.part, sent.profile, (SELECT result_path FROM run"
        " AS newer WHERE newer.sheet = sent.sheet AND result_path <> '' ORDER BY newer.id DESC"
        " LIMIT 1) AS path FROM last JOIN run AS sent ON sent.id = last.run)"
        " SELECT path, (SELECT result_sha256 FROM run WHERE result_path = path"
        " ORDER BY id DESC LIMIT 1), profile, reference"
        " FROM written WHERE path IS NOT NULL ORDER BY part",
        (json.dumps([canonical.key_of(reference) for reference in references]),),
    ):
        one = found.get(path, WrittenResult(path, sha256, profile, ()))
        found[path] = replace(
            one, profile=max(one.profile, profile), references=(*one.references, reference)
        )
    return list(found.values())
