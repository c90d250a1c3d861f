"""HTTP attempts in the journal: the intent before sending, the result once it is known."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from converter.errors import JournalError
from converter.journal import canonical, store
from converter.journal.database import Connection
from converter.journal.ended import EndedAttempt, write_ended
from converter.journal.fold import State, Verdict, verdict_of
from converter.journal.records import check_rowcount, outcome_columns, update_states
from converter.journal.redaction import Redaction, without_values
from converter.journal.timestamps import iso_timestamp
from converter.message import N_, pack, t, to_json
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status

_LOG = logging.getLogger(__name__)

ANSWER_NOT_WRITTEN = N_(
    "The journal {path} cannot be written: {problem}. No further order is sent. These orders were "
    "sent, and this is what is known of them; keep it, because the next run shows them as unknown:"
    "\n{lines}"
)
KEPT_ASIDE = N_(
    "The journal {path} cannot be written: {problem}. No further order is sent. The answers that "
    "came are kept in {file}, and the next run of this account on this machine puts them into the "
    "journal."
)
NOT_SENT = N_("Not sent: the journal could not be reached when it was to be sent.")
UNEVEN = N_("The answer was read for {found} orders, but {sent} were sent, so nothing is certain.")

_REPLY_KEPT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Intent:
    """A request about to be sent, and the orders it carries."""

    orders: Sequence[Order]
    request: HttpRequest
    deadline: float


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What came back for an attempt, and what it means for each of its orders."""

    attempt: int
    reply: Reply | NoReply
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class SentPart:
    """An order of an open attempt."""

    id: int
    reference: str


@dataclass(frozen=True, slots=True)
class RedactedResult:
    """The texts of an attempt's result, without secrets."""

    outcomes: Sequence[Outcome]
    body: bytes
    reason: str
    request_id: str
    notes: Sequence[str]

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict_of(outcome.status) for outcome in self.outcomes]


class AttemptWriter:
    """Writes the attempts of one run: intents, results, and both in one transaction."""

    def __init__(
        self, file: store.JournalFile, redaction: Redaction, clock: Callable[[], float]
    ) -> None:
        self.run = 0
        self.may_be_sent: Collection[str] = ()
        """Keys of the parts the plan allows to be sent."""
        self.may_be_resent: set[int] = set()
        """Ids of the parts in doubt the plan allows to be sent again."""
        self.may_be_sent_once_absent: set[int] = set()
        """Ids of the parts that may be sent again when the provider is known not to have them."""
        self.replays = False
        """A request in doubt may be made again at once, with the same key and the same body."""
        self._file = file
        self._redaction = redaction
        self._clock = clock
        self._open: dict[int, list[SentPart]] = {}
        self._began: set[int] = set()
        """Ids of the parts that this run has sent and may send again at once."""

    def exchange(self, answers: Sequence[AttemptResult], intents: Sequence[Intent]) -> list[int]:
        """See `Journal.exchange`."""
        came = [(answer, self._redacted(answer)) for answer in answers]
        if not intents or self._file.is_full:
            self._record_separately(came)
            if intents:
                raise self._file.write_error()
            return []
        try:
            with self._file.transaction() as connection:
                for answer, redacted in came:
                    self._finish(connection, answer, redacted)
                begun = [self._insert(connection, intent) for intent in intents]
        except sqlite3.Error as error:
            if self._file.is_cut_off:  # the intents may be in the journal, but are not sent
                self._record_after_all(came, error)
                raise self._file.write_error(error) from error
            if came and not (store.is_full(error) or isinstance(error, sqlite3.IntegrityError)):
                raise self._lost(came, error) from error  # a failed fsync must not be retried
            _LOG.warning("results are recorded one by one", exc_info=True)
            self._record_separately(came)
            raise self._file.write_error(error) from error
        except Exception:
            _LOG.warning("results are recorded one by one", exc_info=True)
            self._record_separately(came)
            raise
        for answer, redacted in came:
            self._forget(answer, redacted)
        self._open.update(begun)
        if self.replays:
            self._began.update(part.id for _, parts in begun for part in parts)
        if begun:
            self._file.note_attempt(begun[-1][0])
        return [attempt for attempt, _ in begun]

    # -- second calls ------------------------------------------------------------------------------

    def record_job(
        self,
        connection: Connection,
        orders: Sequence[Order],
        request: HttpRequest,
        reply: Reply,
        outcomes: Sequence[Outcome],
    ) -> None:
        """Insert what a job says of its orders as an attempt that ended at once.

        It is the answer to the attempts before it, so a refusal settles their doubts too.
        """
        now = self._clock()
        told = [
            (order, self._clean(outcome))
            for order, outcome in zip(orders, outcomes, strict=True)
            if outcome.status is not Status.UNKNOWN
        ]
        if not told:
            return
        parts: list[int] = []
        hashes: list[str] = []
        for order, outcome in told:
            part, hash_, last = connection.execute(
                "SELECT part.id, hash, (SELECT MAX(attempt) FROM answer"
                " WHERE answer.part = part.id) FROM part JOIN payload ON payload.id = payload"
                " WHERE key = ? AND state = 'UNKNOWN'",
                (canonical.key_of(order.reference),),
            ).fetchone()
            parts.append(part)
            hashes.append(hash_)
            if verdict_of(outcome.status) is not Verdict.CREATED:
                connection.execute(
                    "INSERT INTO evidence (part, after, run, source, verdict, at)"
                    " VALUES (?, ?, ?, 'query', 'absent', ?)",
                    (part, last, self.run, iso_timestamp(now)),
                )
        body = self._redaction.data(reply.body[:_REPLY_KEPT])
        (attempt,) = connection.execute(
            "INSERT INTO attempt (run, started, started_at, deadline, method, url, body_sha256,"
            " state, ended, answered, made, http_status, reply, reply_bytes, reply_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'DONE', ?, ?, 0, ?, ?, ?, ?) RETURNING id",
            (
                self.run, iso_timestamp(now), now, now, request.method,
                self._redaction.clean(without_values(request.url)),
                hashlib.sha256(request.body).hexdigest(), iso_timestamp(now), iso_timestamp(now),
                reply.status, body, len(reply.body), hashlib.sha256(reply.body).hexdigest(),
            ),
        ).fetchone()  # fmt: skip
        connection.executemany(
            "INSERT INTO answer (attempt, part, payload_hash, verdict, status, message,"
            " message_json, provider_order_no, tracking_no, outputs, flags)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (attempt, part, hash_, verdict_of(outcome.status), *outcome_columns(outcome))
                for part, hash_, (_, outcome) in zip(parts, hashes, told, strict=True)
            ),
        )
        connection.executemany(
            "UPDATE part SET state = 'SENDING' WHERE id = ? AND state = 'UNKNOWN'",
            [(part,) for part in parts],
        )
        update_states(connection, parts, iso_timestamp(now))

    def note_call(
        self,
        connection: Connection,
        kind: str,
        request: HttpRequest,
        reply: Reply | NoReply,
        references: Iterable[str] = (),
    ) -> None:
        """Insert a second call with what came back, and the orders that it was about."""
        body = self._redaction.data(reply.body[:_REPLY_KEPT]) if reply.body else None
        (call,) = connection.execute(
            "INSERT INTO call (run, kind, at, method, url, http_status, reply, reply_sha256,"
            " reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                self.run, kind, iso_timestamp(self._clock()), request.method,
                self._redaction.clean(without_values(request.url)), reply.status, body,
                hashlib.sha256(reply.body).hexdigest() if reply.body else None,
                "" if isinstance(reply, Reply) else str(self._redaction.clean(reply.reason)),
            ),
        ).fetchone()  # fmt: skip
        connection.execute(
            "INSERT INTO called (call, part) SELECT ?, id FROM part"
            " WHERE key IN (SELECT value FROM json_each(?))",
            (call, json.dumps([canonical.key_of(one) for one in references])),
        )

    # -- journal, then network ---------------------------------------------------------------------

    def _insert(self, connection: Connection, intent: Intent) -> tuple[int, list[SentPart]]:
        now = self._clock()
        return insert_attempt(
            connection,
            intent,
            run=self.run,
            started=iso_timestamp(now),
            started_at=now,
            url=self._redaction.clean(without_values(intent.request.url)),
            may_send=self._may_send,
            replays=self.replays,
        )

    def _may_send(self, key: str, part: int, state: State) -> bool:
        if state is State.PLANNED:
            return key in self.may_be_sent or part in self.may_be_sent_once_absent
        return state is State.UNKNOWN and (part in self.may_be_resent or part in self._began)

    # -- network, then journal ---------------------------------------------------------------------

    def _record_separately(self, came: Sequence[tuple[AttemptResult, RedactedResult]]) -> None:
        """Write each result in a transaction of its own; report those that cannot be written."""
        lost: list[tuple[AttemptResult, RedactedResult]] = []
        why: sqlite3.Error | None = None
        for answer, redacted in came:

            def write(answer: AttemptResult = answer, redacted: RedactedResult = redacted) -> None:
                with self._file.transaction() as connection:
                    self._finish(connection, answer, redacted)

            try:
                self._file.write_or_free_space(write)
            except sqlite3.Error as error:
                _LOG.error("result cannot be recorded", extra={"attempt": answer.attempt})
                why = error
                lost.append((answer, redacted))
            else:
                self._forget(answer, redacted)
        if why is None:
            return
        if not self._file.is_cut_off:
            raise self._lost(lost, why) from why
        self._record_after_all(lost, why)

    def _record_after_all(
        self, came: Sequence[tuple[AttemptResult, RedactedResult]], why: sqlite3.Error
    ) -> None:
        """Write results in a new session, where they are not there yet.

        Where the server cannot be reached, or another run holds the account by now, they are kept
        on this machine, and JournalError says where.
        """
        left = list(came)
        try:
            if self._file.reconnect():
                self._end_unsent()
                while left:
                    with self._file.transaction() as connection:
                        if self._is_open(connection, left[0][0].attempt):
                            self._finish(connection, *left[0])
                    self._forget(*left.pop(0))
                return
        except sqlite3.Error:
            _LOG.warning("results cannot be recorded after all", exc_info=True)
        if not left:
            return
        kept_in = self._file.keep_aside([self._ended(*one) for one in left])
        if kept_in is None:
            raise self._lost(left, why) from why
        facts = {"path": self._file.path, "problem": why, "file": kept_in}
        raise JournalError(t(KEPT_ASIDE, **facts)) from why

    def _end_unsent(self) -> None:
        """End attempts that were written when the session was lost, and so were not sent."""
        with self._file.transaction() as connection:
            for attempt, now in connection.execute(
                "SELECT id, started_at FROM attempt WHERE run = ? AND state = 'OPEN'", (self.run,)
            ).fetchall():
                if attempt in self._open:
                    continue
                parts = [
                    SentPart(part, reference)
                    for part, reference in connection.execute(
                        "SELECT part, reference FROM answer JOIN part ON part.id = part"
                        " WHERE attempt = ? ORDER BY part",
                        (attempt,),
                    ).fetchall()
                ]
                why = t(NOT_SENT)
                outcomes = (Outcome(Status.NOT_SENT, why),) * len(parts)
                answer = AttemptResult(attempt, NoReply(False, why), Judgement(outcomes))
                redacted = RedactedResult(outcomes, b"", why, "", ())
                write_ended(
                    connection, ended_attempt(answer, redacted, parts, run=self.run, now=now)
                )

    def _is_open(self, connection: Connection, attempt: int) -> bool:
        (state,) = connection.execute(
            "SELECT state FROM attempt WHERE id = ?", (attempt,)
        ).fetchone()
        return bool(state == "OPEN")

    def _finish(
        self, connection: Connection, answer: AttemptResult, redacted: RedactedResult
    ) -> None:
        write_ended(connection, self._ended(answer, redacted))

    def _ended(self, answer: AttemptResult, redacted: RedactedResult) -> EndedAttempt:
        parts = self._open[answer.attempt]
        return ended_attempt(answer, redacted, parts, run=self.run, now=self._clock())

    def _forget(self, answer: AttemptResult, redacted: RedactedResult) -> None:
        """Close an attempt whose result is on the disk."""
        parts = self._open.pop(answer.attempt)
        self.may_be_resent -= {
            part.id
            for part, verdict in zip(parts, redacted.verdicts, strict=True)
            if verdict is Verdict.IN_DOUBT
        }

    def _lost(
        self, came: Sequence[tuple[AttemptResult, RedactedResult]], why: sqlite3.Error
    ) -> JournalError:
        lines = "\n".join(
            f"  {part.reference}: {' '.join(filter(None, _evidence(outcome)))}"
            for answer, redacted in came
            for part, outcome in zip(self._open[answer.attempt], redacted.outcomes, strict=True)
        )
        return JournalError(t(ANSWER_NOT_WRITTEN, path=self._file.path, problem=why, lines=lines))

    def _redacted(self, answer: AttemptResult) -> RedactedResult:
        """The result without secrets, with exactly one outcome per order sent."""
        clean = self._redaction.clean
        reply, judgement = answer.reply, answer.judgement
        sent = len(self._open[answer.attempt])
        outcomes = [self._clean(outcome) for outcome in judgement.outcomes]
        if len(outcomes) != sent:
            uneven = t(UNEVEN, found=len(outcomes), sent=sent)
            outcomes = [Outcome(Status.UNKNOWN, uneven)] * sent
        return RedactedResult(
            outcomes,
            # The margin keeps a secret that straddles the cut recognisable.
            self._redaction.data(reply.body[: _REPLY_KEPT + 65536])[:_REPLY_KEPT],
            "" if isinstance(reply, Reply) else clean(reply.reason),
            clean(judgement.request_id),
            [clean(note) for note in judgement.notes],
        )

    def _clean(self, outcome: Outcome) -> Outcome:
        clean = self._redaction.clean
        return Outcome(
            outcome.status,
            clean(outcome.message),
            clean(outcome.provider_order_no),
            clean(outcome.tracking_no),
            {name: clean(value) for name, value in outcome.outputs.items()},
            outcome.flags,
        )


def _evidence(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.status, outcome.provider_order_no, outcome.tracking_no, outcome.message)


# -- the tables ------------------------------------------------------------------------------------


def insert_attempt(
    connection: Connection,
    intent: Intent,
    *,
    run: int,
    started: str,
    started_at: float,
    url: str,
    may_send: Callable[[str, int, State], bool],
    replays: bool = False,
) -> tuple[int, list[SentPart]]:
    """Insert an attempt and move its parts to SENDING (T1, T4). Returns the id and the parts.

    Raises IntegrityError where an order may not be sent, or differs from what was planned.
    """
    keys = [canonical.key_of(order.reference) for order in intent.orders]
    found = {
        key: (part, State(state), hash_)
        for part, key, state, hash_ in connection.execute(
            "SELECT part.id, key, state, hash FROM part JOIN payload"
            " ON payload.id = payload WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(keys),),
        )
    }
    parts: list[SentPart] = []
    states: list[tuple[int, State]] = []
    hashes: list[str] = []
    for key, order in zip(keys, intent.orders, strict=True):
        part, state, hash_ = found.pop(key, (0, State.INVALID, ""))
        if not may_send(key, part, state) or order.digest != hash_:
            raise sqlite3.IntegrityError(f"order {order.reference} is not to be sent")
        parts.append(SentPart(part, order.reference))
        states.append((part, state))
        hashes.append(hash_)
    if replays and any(state is State.UNKNOWN for _, state in states):
        check_replay(connection, intent, [part.id for part in parts])
    (attempt,) = connection.execute(
        "INSERT INTO attempt (run, started, started_at, deadline, method, url, body_sha256,"
        " request_key, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'OPEN') RETURNING id",
        (
            run, started, started_at, intent.deadline, intent.request.method, url,
            hashlib.sha256(intent.request.body).hexdigest(), intent.request.key,
        ),
    ).fetchone()  # fmt: skip
    connection.executemany(
        "INSERT INTO answer (attempt, part, payload_hash) VALUES (?, ?, ?)",
        ((attempt, part.id, hash_) for part, hash_ in zip(parts, hashes, strict=True)),
    )
    cursor = connection.executemany(
        "UPDATE part SET state = 'SENDING' WHERE id = ? AND state = ?", states
    )
    check_rowcount(cursor, len(parts))
    return attempt, parts


def check_replay(connection: Connection, intent: Intent, parts: Sequence[int]) -> None:
    """Raise IntegrityError unless every doubt about these parts is about this very request."""
    request = intent.request
    if not is_replay(connection, request, parts):
        raise sqlite3.IntegrityError("another request than the one in doubt")


def is_replay(connection: Connection, request: HttpRequest, parts: Sequence[int]) -> bool:
    """Whether this request has the key, the body and the orders of the ones in doubt."""
    made = connection.execute(
        "SELECT attempt.id, body_sha256, request_key FROM attempt WHERE id IN"
        " (SELECT attempt FROM doubt WHERE part IN (SELECT value FROM json_each(?)))",
        (json.dumps(list(parts)),),
    ).fetchall()
    now = (hashlib.sha256(request.body).hexdigest(), request.key)
    if not made or any((sha256, key) != now for _, sha256, key in made):
        return False
    carried = connection.execute(
        "SELECT DISTINCT part FROM answer WHERE attempt IN (SELECT value FROM json_each(?))",
        (json.dumps([attempt for attempt, _, _ in made]),),
    ).fetchall()
    return {part for (part,) in carried} == set(parts)


def ended_attempt(
    answer: AttemptResult,
    redacted: RedactedResult,
    parts: Sequence[SentPart],
    *,
    run: int,
    now: float,
) -> EndedAttempt:
    """What is written of an attempt and its answers."""
    ended = iso_timestamp(now)
    reply = answer.reply
    in_doubt = Verdict.IN_DOUBT in redacted.verdicts
    has_reply = isinstance(reply, Reply)
    body = reply.body if has_reply else reply.body or None
    row = (
        "IN_DOUBT" if in_doubt else "DONE",
        now if in_doubt else None,
        ended,
        ended if has_reply else "",
        int(isinstance(reply, Reply) or reply.sent),
        reply.status,
        None if body is None else redacted.body,
        None if body is None else len(body),
        None if body is None else hashlib.sha256(body).hexdigest(),
        str(redacted.reason),
        pack(redacted.reason),
        redacted.request_id,
        json.dumps([to_json(note) for note in redacted.notes]),
        answer.judgement.job,
    )
    answers = tuple(
        (verdict, *outcome_columns(outcome), part.id)
        for part, verdict, outcome in zip(parts, redacted.verdicts, redacted.outcomes, strict=True)
    )
    return EndedAttempt(answer.attempt, run, ended, row, answers)
