"""What is known of one part of an order: the fold over every attempt to send it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from converter.model import Outcome, Status

CUT_OFF = (
    "The run was cut off while this order was being sent, so the provider may or may not have it."
)
LATER_ANSWER = "{first} A later attempt does not settle this; its answer was: {later}"
LATER_REFUSAL = (
    "{first} A later attempt was refused, which does not tell what became of the first: {later} "
    "If it is refused again, look the order up at the provider and tell converter reconcile."
)
BY_DUPLICATE = (
    "The provider says that it has this reference already. An earlier attempt with the same "
    "content had no clear answer, so that attempt created the order. {message}"
)


class State(StrEnum):
    """Where a part stands in the journal."""

    INVALID = "INVALID"
    PLANNED = "PLANNED"
    SENDING = "SENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    DUPLICATE = "DUPLICATE"
    UNKNOWN = "UNKNOWN"


class Verdict(StrEnum):
    """What one attempt proves about one part."""

    CREATED = "created"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    IN_DOUBT = "in doubt"
    NOT_PROCESSED = "not processed"


STANDING = (State.ACCEPTED, State.UNKNOWN, State.DUPLICATE, State.SENDING)
"""A changed sheet does not make a part in one of these states be sent again."""

_VERDICTS = {
    Status.ACCEPTED: Verdict.CREATED,
    Status.PARTIAL: Verdict.CREATED,
    Status.REJECTED: Verdict.REFUSED,
    Status.DUPLICATE: Verdict.DUPLICATE,
    Status.NOT_SENT: Verdict.NOT_PROCESSED,
}

_STATUSES = {
    State.INVALID: Status.INVALID,
    State.PLANNED: Status.NOT_SENT,
    State.SENDING: Status.UNKNOWN,
    State.ACCEPTED: Status.ACCEPTED,
    State.REFUSED: Status.REJECTED,
    State.DUPLICATE: Status.DUPLICATE,
    State.UNKNOWN: Status.UNKNOWN,
}


def verdict_of(status: Status) -> Verdict:
    """What an outcome proves; a word that no answer can give proves nothing."""
    return _VERDICTS.get(status, Verdict.IN_DOUBT)


def status_of(state: State, flags: Sequence[str]) -> Status:
    """The word shown to people."""
    partial = state is State.ACCEPTED and "partial" in flags
    return Status.PARTIAL if partial else _STATUSES[state]


@dataclass(frozen=True, slots=True)
class Answered:
    """What one finished attempt said of one part."""

    verdict: Verdict
    payload_hash: str
    outcome: Outcome
    doubt_since: float | None = None
    """Epoch seconds; only where the verdict is in doubt."""
    answered: str = ""
    """When the answer came, ISO 8601; empty where none came."""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state that all attempts together prove, and the words that go with it."""

    state: State
    telling: Answered | None = None
    """The attempt whose answer is shown; none where the part was never sent."""
    doubt_since: float | None = None

    @property
    def outcome(self) -> Outcome:
        """What is shown of the part."""
        return self.telling.outcome if self.telling else Outcome(Status.NOT_SENT)

    @property
    def request_id(self) -> str:
        return self.telling.request_id if self.telling else ""


def fold(attempts: Sequence[Answered]) -> Standing:
    """The state of a part, from all of its attempts in the order in which they were made.

    Nothing that comes after a doubt clears it but a success or, for the same payload, the
    provider's word that it has the reference already.
    """
    doubts: list[Answered] = []
    for attempt in attempts:
        if attempt.verdict is Verdict.CREATED:
            partial = attempt.outcome.status is Status.PARTIAL
            return Standing(State.ACCEPTED, _flagged(attempt, "partial") if partial else attempt)
        if attempt.verdict is Verdict.IN_DOUBT:
            doubts.append(attempt)
        elif attempt.verdict is Verdict.DUPLICATE and any(
            doubt.payload_hash == attempt.payload_hash for doubt in doubts
        ):
            message = BY_DUPLICATE.format(message=attempt.outcome.message).strip()
            outcome = replace(attempt.outcome, message=message)
            flagged = _flagged(replace(attempt, outcome=outcome), "by_duplicate_refusal")
            return Standing(State.ACCEPTED, flagged)
    if doubts:
        return _in_doubt(doubts, attempts[-1])
    last = attempts[-1] if attempts else None
    if last is not None and last.verdict is Verdict.REFUSED:
        return Standing(State.REFUSED, last)
    if last is not None and last.verdict is Verdict.DUPLICATE:
        return Standing(State.DUPLICATE, last)
    return Standing(State.PLANNED, last)


def last_answered(attempts: Sequence[Answered]) -> str:
    """When the last answer of any attempt came, ISO 8601; empty where none did."""
    return next((attempt.answered for attempt in reversed(attempts) if attempt.answered), "")


def _in_doubt(doubts: Sequence[Answered], last: Answered) -> Standing:
    since = max(doubt.doubt_since or 0 for doubt in doubts)
    telling = doubts[-1]
    if last is not telling and last.outcome.message:
        first = telling.outcome.message
        sentence = LATER_REFUSAL if last.verdict is Verdict.REFUSED else LATER_ANSWER
        message = sentence.format(first=first, later=last.outcome.message)
        telling = replace(telling, outcome=replace(telling.outcome, message=message))
    return Standing(State.UNKNOWN, telling, since)


def _flagged(attempt: Answered, flag: str) -> Answered:
    flags = attempt.outcome.flags
    if flag in flags:
        return attempt
    return replace(attempt, outcome=replace(attempt.outcome, flags=(*flags, flag)))
