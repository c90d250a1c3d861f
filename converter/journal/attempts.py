"""One request in the journal: its intent before it leaves, its answer once it came."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from converter.errors import JournalError
from converter.journal import canonical, store
from converter.journal.fold import State, Verdict, verdict_of
from converter.journal.known import columns, exactly, settle
from converter.journal.redaction import MASK, Redaction
from converter.messages.sentence import t
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status

ANSWER_NOT_WRITTEN = (
    "The journal {path} cannot be written: {problem}. No further order is sent. These orders were "
    "sent, and this is what is known of them; keep it, because the next run shows them as unknown:"
    "\n{lines}"
)
UNEVEN = "The answer was read for {found} orders, but {sent} were sent, so nothing is certain."

_REPLY_KEPT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that is about to leave, and the orders that it carries."""

    orders: Sequence[Order]
    request: HttpRequest
    deadline: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for an attempt, and what it means."""

    attempt: int
    reply: Reply | NoReply
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Part:
    """One order of a request that is under way."""

    id: int
    reference: str


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says, without secrets."""

    outcomes: Sequence[Outcome]
    body: bytes
    reason: str
    request_id: str
    notes: Sequence[str]

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict_of(outcome.status) for outcome in self.outcomes]


class Requests:
    """The requests of one run that are under way, and those that are about to be."""

    def __init__(
        self, file: store.JournalFile, redaction: Redaction, clock: Callable[[], float]
    ) -> None:
        self.run = 0
        self.new: Collection[str] = ()
        """Keys of the parts that the plan found fit to be sent."""
        self.again: set[int] = set()
        """Parts in doubt that the plan found fit to be sent again."""
        self._file = file
        self._redaction = redaction
        self._clock = clock
        self._open: dict[int, list[Part]] = {}

    def exchange(self, answers: Sequence[Answer], intents: Sequence[Intent]) -> list[int]:
        """See `Journal.exchange`."""
        came = [(answer, self._words(answer)) for answer in answers]
        if not intents or self._file.is_full:
            self._record_alone(came)
            if intents:
                raise self._file.not_written()
            return []
        try:
            with self._file.transaction() as connection:
                for answer, words in came:
                    self._end(connection, answer, words)
                begun = [self._begin(connection, intent) for intent in intents]
        except sqlite3.Error as error:
            if came and not (store.is_full(error) or isinstance(error, sqlite3.IntegrityError)):
                raise self._lost(came, error) from error  # such as a failed sync: never again
            self._record_alone(came)
            raise self._file.not_written(error) from error
        except Exception:
            self._record_alone(came)
            raise
        for answer, words in came:
            self._ended(answer, words)
        self._open.update(begun)
        return [attempt for attempt, _ in begun]

    # -- journal, then network ---------------------------------------------------------------------

    def _begin(self, connection: sqlite3.Connection, intent: Intent) -> tuple[int, list[Part]]:
        now = self._clock()
        return begin(
            connection,
            intent,
            run=self.run,
            started=moment(now),
            started_at=now,
            url=self._redaction.clean(_without_values(intent.request.url)),
            may_send=self._may_send,
        )

    def _may_send(self, key: str, part: int, state: State) -> bool:
        if state is State.PLANNED:
            return key in self.new
        return state is State.UNKNOWN and part in self.again

    # -- network, then journal ---------------------------------------------------------------------

    def _record_alone(self, came: Sequence[tuple[Answer, Words]]) -> None:
        """Each answer in a transaction of its own, by all means; what is lost is told together."""
        lost: list[tuple[Answer, Words]] = []
        why: sqlite3.Error | None = None
        for answer, words in came:

            def write(answer: Answer = answer, words: Words = words) -> None:
                with self._file.transaction() as connection:
                    self._end(connection, answer, words)

            try:
                self._file.by_all_means(write)
            except sqlite3.Error as error:
                why = error
                lost.append((answer, words))
            else:
                self._ended(answer, words)
        if why is not None:
            raise self._lost(lost, why) from why

    def _end(self, connection: sqlite3.Connection, answer: Answer, words: Words) -> None:
        end(connection, answer, words, self._open[answer.attempt], now=self._clock())

    def _ended(self, answer: Answer, words: Words) -> None:
        """To be called once the answer is on the disk."""
        parts = self._open.pop(answer.attempt)
        self.again -= {
            part.id
            for part, verdict in zip(parts, words.verdicts, strict=True)
            if verdict is Verdict.IN_DOUBT
        }

    def _lost(self, came: Sequence[tuple[Answer, Words]], why: sqlite3.Error) -> JournalError:
        lines = "\n".join(
            f"  {part.reference}: {' '.join(filter(None, _evidence(outcome)))}"
            for answer, words in came
            for part, outcome in zip(self._open[answer.attempt], words.outcomes, strict=True)
        )
        return JournalError(t(ANSWER_NOT_WRITTEN, path=self._file.path, problem=why, lines=lines))

    def _words(self, answer: Answer) -> Words:
        """What an answer says, without secrets, and about as many orders as were sent."""
        clean = self._redaction.clean
        reply, judgement = answer.reply, answer.judgement
        sent = len(self._open[answer.attempt])
        outcomes = [self._clean(outcome) for outcome in judgement.outcomes]
        if len(outcomes) != sent:
            uneven = t(UNEVEN, found=len(outcomes), sent=sent)
            outcomes = [Outcome(Status.UNKNOWN, uneven)] * sent
        return Words(
            outcomes,
            # The beginning, with a margin for a secret that stands where it is cut.
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


def moment(seconds: float) -> str:
    """A time as the journal holds it: ISO 8601 with zone."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _evidence(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.status, outcome.provider_order_no, outcome.tracking_no, outcome.message)


def _without_values(url: str) -> str:
    """The address without what its query says, and without anybody's name and password."""
    parts = urlsplit(url)
    names = [part.partition("=")[0] for part in parts.query.split("&") if part]
    query = "&".join(f"{name}={MASK}" for name in names)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


# -- the tables ------------------------------------------------------------------------------------


def begin(
    connection: sqlite3.Connection,
    intent: Intent,
    *,
    run: int,
    started: str,
    started_at: float,
    url: str,
    may_send: Callable[[str, int, State], bool],
) -> tuple[int, list[Part]]:
    """T1 and T4: a new attempt, and its parts in SENDING. Returns both.

    Raises IntegrityError where one of the orders is not to be sent, or not as it was planned.
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
    parts: list[Part] = []
    states: list[tuple[int, State]] = []
    hashes: list[str] = []
    for key, order in zip(keys, intent.orders, strict=True):
        part, state, hash_ = found.pop(key, (0, State.INVALID, ""))
        if not may_send(key, part, state) or order.digest != hash_:
            raise sqlite3.IntegrityError(f"order {order.reference} is not to be sent")
        parts.append(Part(part, order.reference))
        states.append((part, state))
        hashes.append(hash_)
    attempt = connection.execute(
        "INSERT INTO attempt (run, started, started_at, deadline, method, url, body_sha256,"
        " state) VALUES (?, ?, ?, ?, ?, ?, ?, 'OPEN')",
        (
            run, started, started_at, intent.deadline, intent.request.method, url,
            hashlib.sha256(intent.request.body).hexdigest(),
        ),
    ).lastrowid  # fmt: skip
    assert attempt is not None
    connection.executemany(
        "INSERT INTO answer (attempt, part, payload_hash) VALUES (?, ?, ?)",
        ((attempt, part.id, hash_) for part, hash_ in zip(parts, hashes, strict=True)),
    )
    cursor = connection.executemany(
        "UPDATE part SET state = 'SENDING' WHERE id = ? AND state = ?", states
    )
    exactly(cursor, len(parts))
    return attempt, parts


def end(
    connection: sqlite3.Connection,
    answer: Answer,
    words: Words,
    parts: Sequence[Part],
    *,
    now: float,
) -> None:
    """T2: the attempt with what came back, and its parts as all of their attempts prove them."""
    ended = moment(now)
    reply = answer.reply
    verdicts = words.verdicts
    in_doubt = Verdict.IN_DOUBT in verdicts
    came = isinstance(reply, Reply)
    body = reply.body if came else reply.body or None
    cursor = connection.executemany(
        "UPDATE answer SET verdict = ?, status = ?, message = ?, provider_order_no = ?,"
        " tracking_no = ?, outputs = ?, flags = ?"
        " WHERE attempt = ? AND part = ? AND verdict IS NULL",
        (
            (verdict, *columns(outcome), answer.attempt, part.id)
            for part, verdict, outcome in zip(parts, verdicts, words.outcomes, strict=True)
        ),
    )
    exactly(cursor, len(parts))
    cursor = connection.execute(
        "UPDATE attempt SET state = ?, in_doubt_since = ?, ended = ?, answered = ?,"
        " made = ?, http_status = ?, reply = ?, reply_bytes = ?, reply_sha256 = ?,"
        " reason = ?, request_id = ?, notes = ? WHERE id = ? AND state = 'OPEN'",
        (
            "IN_DOUBT" if in_doubt else "DONE",
            now if in_doubt else None,
            ended,
            ended if came else "",
            int(isinstance(reply, Reply) or reply.sent),
            reply.status,
            None if body is None else words.body,
            None if body is None else len(body),
            None if body is None else hashlib.sha256(body).hexdigest(),
            words.reason,
            words.request_id,
            json.dumps(words.notes),
            answer.attempt,
        ),
    )
    exactly(cursor, 1)
    settle(connection, [part.id for part in parts], ended)
