"""Everything that the journals hold about an order, for whoever has to show what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from converter.journal import canonical
from converter.journal.database import Connection
from converter.journal.fold import CUT_OFF, State, status_of
from converter.journal.places import all_places, place_named
from converter.message import stack, unpack
from converter.model import Order, Payload, Status


@dataclass(frozen=True, slots=True)
class Version:
    """What was planned to be sent for an order, by the run that first planned it so."""

    sha256: str
    run: str
    payload: Payload | None
    """None where the body is no longer kept."""
    changes: tuple[tuple[str, object, object], ...] = ()
    """Where it differs from the version before: path, old value, new value."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt: the request and what came back, whatever that means for its orders."""

    number: int
    run: str
    provider: str
    action: str
    started: str
    started_at: float
    method: str
    url: str
    body_sha256: str
    key: str
    """Its idempotency key, where the provider takes one."""
    orders: tuple[str, ...]
    """References of all orders that travelled in it."""
    made: bool
    """False where it is proved that nothing left this machine."""
    ended: str
    http_status: int | None
    reply: bytes
    """What came back, without secrets, at most its first MiB."""
    reply_bytes: int
    reason: str
    """Why no reply can be read; empty where one was."""
    request_id: str

    @property
    def is_answer_of_job(self) -> bool:
        """Whether it is what the provider's job said of orders that were sent before."""
        return not self.made and self.http_status is not None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one exchange says of one order."""

    exchange: Exchange
    sha256: str
    """The version of the order that was sent."""
    verdict: str
    """Empty while the answer is open."""
    status: str
    message: str
    provider_order_no: str
    tracking_no: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a query or a person found out about an order."""

    at: str
    run: str
    source: str
    verdict: str
    provider_order_no: str
    tracking_no: str
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class LaterCall:
    """One request about an order that was sent before: what it asked for, and what came back."""

    kind: str
    """Such as `refresh` or `cancel`."""
    run: str
    at: str
    method: str
    url: str
    number: str
    """Of a cancellation, the provider's number that it names; else empty."""
    verdict: str
    """Of a cancellation, what the answer proves; empty while it is open, and for other calls."""
    http_status: int | None
    reply: bytes
    message: str


@dataclass(frozen=True, slots=True)
class Story:
    """One order, or one part of a divided order, from its plan to what is known of it now."""

    journal: str
    """The name of the journal it stands in."""
    provider: str
    sandbox: bool
    account: Mapping[str, str]
    """The settings that identify the account."""
    reference: str
    parent: str
    status: Status
    message: str
    provider_order_no: str
    tracking_no: str
    outputs: Mapping[str, str]
    accepted: str
    """When it was accepted, ISO 8601; empty where it was not."""
    sheet: str
    """The sheet of the last run that planned it."""
    rows: tuple[int, ...]
    versions: tuple[Version, ...]
    attempts: tuple[Attempt, ...]
    found: tuple[Found, ...]
    calls: tuple[LaterCall, ...]
    """In the order of their times."""


def stories(home: Path, references: Sequence[str]) -> list[Story]:
    """The stories of these orders, part by part, in all accounts of all providers."""
    keys = json.dumps([canonical.key_of(reference) for reference in references])
    told: list[Story] = []
    for place in all_places(home):

        def read(connection: Connection, name: str = place.name) -> list[Story]:
            return list(_stories(connection, name, keys))

        told += place.read(read)
    return told


def stories_of_run(home: Path, run: str) -> list[Story]:
    """The stories of every order that a run planned, sent or settled; empty for no such run."""
    told: list[Story] = []
    for place in all_places(home):

        def read(connection: Connection, name: str = place.name) -> list[Story]:
            own = connection.execute(
                "SELECT DISTINCT key FROM part WHERE id IN"
                " (SELECT part FROM listed WHERE run = (SELECT id FROM run WHERE name = ?1) UNION"
                " SELECT part FROM evidence WHERE run = (SELECT id FROM run WHERE name = ?1) UNION"
                " SELECT part FROM cancel_evidence WHERE run ="
                " (SELECT id FROM run WHERE name = ?1) UNION"
                " SELECT part FROM cancel_attempt WHERE run ="
                " (SELECT id FROM run WHERE name = ?1) UNION"
                " SELECT part FROM called JOIN call ON call.id = called.call WHERE call.run ="
                " (SELECT id FROM run WHERE name = ?1) UNION"
                " SELECT part FROM answer JOIN attempt ON attempt.id = attempt"
                " WHERE run = (SELECT id FROM run WHERE name = ?1))",
                (run,),
            )
            keys = json.dumps([key for (key,) in own])
            return list(_stories(connection, name, keys, with_parts=False))

        told += place.read(read)
    return told


def sent_orders(home: Path, journal: str, attempt: int) -> tuple[Order, ...]:
    """The orders of an attempt as they were sent; empty where one of them is no longer kept."""

    def read(connection: Connection) -> list[Order]:
        found = connection.execute(
            "SELECT reference, parent, rows, (SELECT body FROM payload WHERE payload.part = part.id"
            " AND hash = payload_hash AND body IS NOT NULL LIMIT 1) FROM answer"
            " JOIN part ON part.id = part WHERE attempt = ? ORDER BY part.id",
            (attempt,),
        ).fetchall()
        if any(body is None for *_, body in found):
            return []
        return [
            Order(reference, parent, canonical.from_bytes(body), tuple(orjson.loads(rows)))
            for reference, parent, rows, body in found
        ]

    return tuple(place_named(home, journal).read(read))


def _stories(
    connection: Connection, journal: str, keys: str, *, with_parts: bool = True
) -> Iterator[Story]:
    account = connection.execute("SELECT key, provider, sandbox FROM account").fetchone()
    if account is None:
        return
    key, provider, sandbox = account
    also = " OR parent_key IN (SELECT value FROM json_each(?1))" if with_parts else ""
    for row in connection.execute(
        "SELECT id, reference, parent, state, flags, message, message_json, provider_order_no,"
        " tracking_no, outputs, accepted, rows, cancellation, cancel_message, cancel_message_json"
        " FROM part"
        f" WHERE key IN (SELECT value FROM json_each(?1)){also} ORDER BY id",
        (keys,),
    ).fetchall():
        part, reference, parent, state, flags, message, packed, number, tracking, *rest = row
        outputs, accepted, rows, cancellation, cancelled, packed_cancelled = rest
        told = [unpack(cancelled, packed_cancelled), unpack(message, packed)]
        yield Story(
            journal, provider, bool(sandbox), orjson.loads(key)["names"], reference, parent,
            status_of(State(state), orjson.loads(flags), cancellation), stack(told), number,
            tracking, orjson.loads(outputs), accepted, _sheet(connection, part),
            tuple(orjson.loads(rows)), tuple(_versions(connection, part)),
            tuple(_attempts(connection, part)), tuple(_found(connection, part)),
            tuple(sorted(_calls(connection, part), key=lambda one: one.at)),
        )  # fmt: skip


def _sheet(connection: Connection, part: int) -> str:
    found = connection.execute(
        "SELECT sheet FROM run WHERE id = (SELECT MAX(run) FROM listed WHERE part = ?)", (part,)
    ).fetchone()
    return found[0] if found else ""


def _versions(connection: Connection, part: int) -> Iterator[Version]:
    before: Payload | None = None
    for hash_, run, body in connection.execute(
        "SELECT hash, name, body FROM payload JOIN run ON run.id = run WHERE part = ?"
        " ORDER BY payload.id",
        (part,),
    ):
        payload = canonical.from_bytes(body) if body is not None else None
        both = before is not None and payload is not None
        yield Version(
            hash_, run, payload, tuple(canonical.differences(before, payload)) if both else ()
        )
        before = payload


def _attempts(connection: Connection, part: int) -> Iterator[Attempt]:
    for row in connection.execute(
        "SELECT attempt.id, run.name, run.provider, run.action, attempt.started, started_at,"
        " method, url, body_sha256, request_key, made, ended, http_status, reply, reply_bytes,"
        " reason, reason_json, attempt.request_id, payload_hash, verdict, status, message,"
        " message_json, provider_order_no, tracking_no"
        " FROM answer JOIN attempt ON attempt.id = attempt JOIN run ON run.id = attempt.run"
        " WHERE part = ? ORDER BY attempt.id",
        (part,),
    ).fetchall():
        number, run, provider, action, started, started_at, method, url, sha256, key = row[:10]
        made, ended, http_status, reply, size, reason, packed_reason, request_id = row[10:18]
        hash_, verdict, status, message, packed, order_no, tracking_no = row[18:]
        carried = connection.execute(
            "SELECT reference FROM answer JOIN part ON part.id = part WHERE attempt = ?"
            " ORDER BY part.id",
            (number,),
        )
        exchange = Exchange(
            number, run, provider, action, started, started_at, method, url, sha256, key,
            tuple(name for (name,) in carried), bool(made), ended, http_status, reply or b"",
            size or 0, unpack(reason, packed_reason), request_id,
        )  # fmt: skip
        said = unpack(message, packed) if verdict else CUT_OFF
        yield Attempt(exchange, hash_, verdict or "", status, said, order_no, tracking_no)


def _found(connection: Connection, part: int) -> Iterator[Found]:
    for row in connection.execute(
        "SELECT at, run.name, source, verdict, provider_order_no, tracking_no, who, note,"
        " note_json FROM evidence JOIN run ON run.id = run WHERE part = ?1 UNION ALL"
        " SELECT at, run.name, source, verdict, '', '', who, note, note_json FROM cancel_evidence"
        " JOIN run ON run.id = run WHERE part = ?1 ORDER BY at",
        (part,),
    ):
        at, run, source, verdict, order_no, tracking_no, who, note, packed = row
        said = unpack(note, packed)
        yield Found(at, run, source, verdict, order_no, tracking_no, who, said)


def _calls(connection: Connection, part: int) -> Iterator[LaterCall]:
    for row in connection.execute(
        "SELECT kind, run.name, at, method, url, http_status, reply, reason FROM called"
        " JOIN call ON call.id = called.call JOIN run ON run.id = call.run WHERE part = ?"
        " ORDER BY call.id",
        (part,),
    ):
        kind, run, at, method, url, status, reply, reason = row
        yield LaterCall(kind, run, at, method, url, "", "", status, reply or b"", reason)
    for row in connection.execute(
        "SELECT run.name, cancel_attempt.started, method, url, number, verdict, http_status,"
        " reply, message, message_json FROM cancel_attempt JOIN run ON run.id = run"
        " WHERE part = ? ORDER BY cancel_attempt.id",
        (part,),
    ):
        run, at, method, url, number, verdict, status, reply, message, packed = row
        said = unpack(message, packed)
        yield LaterCall(
            "cancel", run, at, method, url, number, verdict or "", status, reply or b"", said
        )
