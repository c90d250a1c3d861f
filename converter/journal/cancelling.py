"""Cancellations in the journal: the intent before asking, the result once it is known."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from converter.errors import JournalError
from converter.journal import canonical, store
from converter.journal.database import Connection
from converter.journal.fold import Cancellation, State
from converter.journal.redaction import Redaction, without_values
from converter.journal.timestamps import iso_timestamp
from converter.message import N_, enumerate_some, pack, t, unpack
from converter.model import HttpRequest, NoReply, Reply

_LOG = logging.getLogger(__name__)
_REPLY_KEPT = 1024 * 1024

CUT_OFF = t(
    "The run was cut off while this order was being cancelled, so the provider may or may not have "
    "cancelled it."
)
IS_CANCELLED = N_("Cancelled at the provider.")
IS_PARTLY = N_("Cancelled at the provider: {gone}. Not cancelled: {left}. {why}")
WAS_REFUSED = N_("The provider refused to cancel it: {why}")
WAS_NOT_TAKEN = N_("The request to cancel it was not taken, so it stands as before: {why}")
NOT_WRITTEN = N_(
    "The journal {path} cannot be written: {problem}. Nothing more is cancelled. Of {reference} "
    "({number}) this is known; keep it, because the next run shows it as cancellation unknown: "
    "{verdict} {message}"
)


class CancelVerdict(StrEnum):
    """What one request to cancel proves."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    NOT_PROCESSED = "not processed"


MAY_BE_CANCELLED = (Cancellation.NONE, Cancellation.PARTLY, Cancellation.REFUSED)
"""States in which an accepted order may be cancelled."""


@dataclass(frozen=True, slots=True)
class CancelFinding:
    """Whether an order is cancelled at the provider, and how that was established."""

    reference: str
    cancelled: bool
    source: str
    """`query` or `decision`."""
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """One past request to cancel an order, under one of its numbers."""

    id: int
    number: str
    """Empty where the order is cancelled by its reference, and so as a whole."""
    verdict: CancelVerdict | None
    """None while it is open."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class CancelEvents:
    """All that speaks of the cancellation of one order, oldest first."""

    asked: Sequence[CancelRequest] = ()
    found: Sequence[tuple[int, bool, str]] = ()
    """Up to which request, whether it is cancelled, and what is said of it."""


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The state of a cancellation, and what is told of it."""

    state: Cancellation = Cancellation.NONE
    message: str = ""


def numbers_of(provider_order_no: str) -> list[str]:
    """The provider's numbers of an order: there are several where it made several of it."""
    return [number for number in provider_order_no.split("; ") if number]


def fold(provider_order_no: str, events: CancelEvents) -> Cancelling:
    """Derive the state of a cancellation from all that speaks of it.

    A doubt is cleared only by what a query or a person found out after it.
    """
    asked, found = events.asked, events.found
    for _, cancelled, note in found:
        if cancelled:
            return Cancelling(Cancellation.CANCELLED, note)
    settled = max((after for after, _, _ in found), default=0)
    open_ = (None, CancelVerdict.IN_DOUBT)
    doubts = [one for one in asked if one.verdict in open_ and one.id > settled]
    if doubts:
        is_open = any(one.verdict is None for one in doubts)
        state = Cancellation.CANCELLING if is_open else Cancellation.UNKNOWN
        return Cancelling(state, doubts[-1].message)
    gone = [one.number for one in asked if one.verdict is CancelVerdict.CANCELLED]
    numbers = numbers_of(provider_order_no)
    left = [number for number in numbers if number not in gone]
    if gone and not (left and set(gone) & set(numbers)):  # else only some of them
        return Cancelling(Cancellation.CANCELLED, t(IS_CANCELLED))
    last = asked[-1] if asked else None
    why = last.message if last and last.verdict is not CancelVerdict.CANCELLED else ""
    if gone:
        facts = {"gone": enumerate_some(gone), "left": enumerate_some(left)}
        return Cancelling(Cancellation.PARTLY, t(IS_PARTLY, **facts, why=why))
    if last is None or (found and last.id <= settled):
        return Cancelling(Cancellation.NONE, found[-1][2] if found else "")
    if last.verdict is CancelVerdict.REFUSED:
        return Cancelling(Cancellation.REFUSED, t(WAS_REFUSED, why=why))
    return Cancelling(Cancellation.NONE, t(WAS_NOT_TAKEN, why=why))


class CancelWriter:
    """Writes the cancellations of one run."""

    def __init__(
        self, file: store.JournalFile, redaction: Redaction, clock: Callable[[], float]
    ) -> None:
        self.run = 0
        self._file = file
        self._redaction = redaction
        self._clock = clock
        self._open: dict[int, tuple[int, str, str]] = {}
        """Part, reference and number of each request that has no answer yet."""

    def intend(self, reference: str, number: str, request: HttpRequest) -> int:
        """Record, before it is sent, that this request is to cancel an order.

        `number` is the one of the provider's numbers that it names; empty where it names the
        reference. Raises JournalError, also where the order may not be cancelled.
        """
        try:
            with self._file.transaction() as connection:
                found = connection.execute(
                    "SELECT id, (SELECT MAX(attempt) FROM answer WHERE answer.part = part.id)"
                    " FROM part WHERE key = ?",
                    (canonical.key_of(reference),),
                ).fetchone()
                if found is None or found[1] is None:
                    raise sqlite3.IntegrityError(f"order {reference} was not sent")
                part, sent = int(found[0]), int(found[1])
                (cancel,) = connection.execute(
                    "INSERT INTO cancel_attempt (part, sent, run, number, started, method, url,"
                    " body_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    (
                        part, sent, self.run, self._redaction.clean(number), self._now(),
                        request.method, self._redaction.clean(without_values(request.url)),
                        hashlib.sha256(request.body).hexdigest(),
                    ),
                ).fetchone()  # fmt: skip
                update_cancellations(connection, [part], self._now())
        except sqlite3.Error as error:
            raise self._file.write_error(error) from error
        self._open[cancel] = (part, reference, number)
        return int(cancel)

    def record(
        self, cancel: int, reply: Reply | NoReply, verdict: CancelVerdict, message: str
    ) -> None:
        """Record what came back; where that fails, JournalError tells it instead."""
        part, reference, number = self._open[cancel]
        said = self._redaction.clean(message)
        body = self._redaction.data(reply.body[:_REPLY_KEPT]) if reply.body else None

        def write() -> None:
            with self._file.transaction() as connection:
                connection.execute(
                    "UPDATE cancel_attempt SET verdict = ?, ended = ?, http_status = ?, reply = ?,"
                    " reply_sha256 = ?, message = ?, message_json = ?"
                    " WHERE id = ? AND verdict IS NULL",
                    (
                        verdict, self._now(), reply.status, body,
                        hashlib.sha256(reply.body).hexdigest() if reply.body else None,
                        str(said), pack(said), cancel,
                    ),
                )  # fmt: skip
                update_cancellations(connection, [part], self._now())

        try:
            self._file.write_or_free_space(write)
        except sqlite3.Error as error:
            facts = {"path": self._file.path, "problem": error, "number": number or "-"}
            told = t(NOT_WRITTEN, **facts, reference=reference, verdict=verdict, message=said)
            raise JournalError(told) from error
        del self._open[cancel]

    def cancelled_numbers(self, reference: str) -> set[str]:
        """Under which of its numbers an order is cancelled already."""
        found = self._file.connection.execute(
            "SELECT id FROM part WHERE key = ?", (canonical.key_of(reference),)
        ).fetchone()
        if found is None:
            return set()
        asked = events_of(self._file.connection, [found[0]])[found[0]].asked
        return {one.number for one in asked if one.verdict is CancelVerdict.CANCELLED}

    def since(self, reference: str) -> float:
        """Epoch seconds of when the last request to cancel an order was given up on."""
        (found,) = self._file.connection.execute(
            "SELECT MAX(unixepoch(ended)) FROM cancel_attempt JOIN part ON part.id = part"
            " WHERE key = ?",
            (canonical.key_of(reference),),
        ).fetchone()
        return float(found or 0)

    def settle(self, findings: Iterable[CancelFinding]) -> list[str]:
        """Record what a query or a person found out. Returns the references that it settled.

        That an order stands settles only a doubt; that it is cancelled, the state of every
        accepted order.
        """
        try:
            with self._file.transaction() as connection:
                return [one.reference for one in findings if self._settle(connection, one)]
        except sqlite3.Error as error:
            raise self._file.write_error(error) from error

    def _settle(self, connection: Connection, finding: CancelFinding) -> bool:
        row = connection.execute(
            "SELECT id, state, cancellation,"
            " (SELECT MAX(attempt) FROM answer WHERE answer.part = part.id),"
            " (SELECT COALESCE(MAX(id), 0) FROM cancel_attempt WHERE part = part.id)"
            " FROM part WHERE key = ?",
            (canonical.key_of(finding.reference),),
        ).fetchone()
        if row is None:
            return False
        part, state, cancellation, sent, after = row
        is_open = cancellation == Cancellation.UNKNOWN or (
            finding.cancelled and cancellation != Cancellation.CANCELLED
        )
        if state != State.ACCEPTED or not is_open:
            return False
        note = self._redaction.clean(finding.note)
        connection.execute(
            "INSERT INTO cancel_evidence (part, sent, after, run, source, verdict, who, at, note,"
            " note_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                part, sent, after, self.run, finding.source,
                "cancelled" if finding.cancelled else "standing",
                self._redaction.clean(finding.who), self._now(), str(note), pack(note),
            ),
        )  # fmt: skip
        update_cancellations(connection, [part], self._now())
        return True

    def _now(self) -> str:
        return iso_timestamp(self._clock())


# -- the tables ------------------------------------------------------------------------------------


def end_cut_off(connection: Connection, now: str) -> None:
    """Leave in doubt what a dead run was about to cancel."""
    parts = connection.execute("SELECT part FROM cancel_attempt WHERE verdict IS NULL").fetchall()
    if not parts:
        return
    connection.execute(
        "UPDATE cancel_attempt SET verdict = 'in doubt', ended = ?, message = ?, message_json = ?"
        " WHERE verdict IS NULL",
        (now, str(CUT_OFF), pack(CUT_OFF)),
    )
    update_cancellations(connection, [part for (part,) in parts], now)


def update_cancellations(connection: Connection, parts: Sequence[int], now: str) -> None:
    """Give parts the state of cancellation that all that speaks of them proves."""
    told = events_of(connection, parts)
    for part in parts:
        (number,) = connection.execute(
            "SELECT provider_order_no FROM part WHERE id = ?", (part,)
        ).fetchone()
        folded = fold(number, told[part])
        connection.execute(
            "UPDATE part SET cancellation = ?1, cancel_message = ?2, cancel_message_json = ?3,"
            " cancelled = CASE WHEN ?1 <> 'CANCELLED' THEN '' WHEN cancelled <> '' THEN cancelled"
            " ELSE ?4 END WHERE id = ?5",
            (folded.state, str(folded.message), pack(folded.message), now, part),
        )


def events_of(
    connection: Connection, parts: Sequence[int], *, until: int | None = None
) -> Mapping[int, CancelEvents]:
    """What speaks of the cancellation of each part since it was last sent.

    With `until`, as it was at the end of that run.
    """
    asked: dict[int, list[CancelRequest]] = {part: [] for part in parts}
    found: dict[int, list[tuple[int, bool, str]]] = {part: [] for part in parts}
    since = (
        " COALESCE((SELECT MAX(released.sent) FROM released WHERE released.part = told.part"
        " AND (?2 IS NULL OR released.run <= ?2)), 0)"
    )
    which = (
        " FROM {table} AS told WHERE part IN (SELECT value FROM json_each(?1))"
        f" AND (?2 IS NULL OR run <= ?2) AND sent > {since} ORDER BY id"
    )
    facts = (json.dumps(list(parts)), until)
    for part, id_, number, verdict, message, packed in connection.execute(
        "SELECT part, id, number, verdict, message, message_json"
        + which.format(table="cancel_attempt"),
        facts,
    ):
        said = CancelVerdict(verdict) if verdict else None
        asked[part].append(CancelRequest(id_, number, said, unpack(message, packed)))
    for part, after, verdict, note, packed in connection.execute(
        "SELECT part, after, verdict, note, note_json" + which.format(table="cancel_evidence"),
        facts,
    ):
        found[part].append((after, verdict == "cancelled", unpack(note, packed)))
    return {part: CancelEvents(asked[part], found[part]) for part in parts}
