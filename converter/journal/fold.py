"""The state of one part of an order: a fold over all attempts to send it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from converter.message import N_, t
from converter.model import UNPROVEN, Outcome, Status

CUT_OFF = t(
    "The run was cut off while this order was being sent, so the provider may or may not have it."
)
LATER_ANSWER = N_("{first} A later attempt does not settle this; its answer was: {later}")
LATER_REFUSAL = N_(
    "{first} A later attempt was refused, which does not tell what became of the first: {later} "
    "If it is refused again, look the order up at the provider and tell converter reconcile."
)
BY_DUPLICATE = N_(
    "The provider says that it has this reference already. An earlier attempt with the same "
    "content had no clear answer, so it counts as created by that attempt. Nobody has compared "
    "what the provider holds. {message}"
)


class State(StrEnum):
    """State of a part in the journal."""

    INVALID = "INVALID"
    PLANNED = "PLANNED"
    SENDING = "SENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    DUPLICATE = "DUPLICATE"
    UNKNOWN = "UNKNOWN"


class Cancellation(StrEnum):
    """What became of the wish to cancel an accepted order; beside its `State`."""

    NONE = ""
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    PARTLY = "PARTLY"
    """Of the provider's orders that were made of it, some are cancelled and others stand."""
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"


class Verdict(StrEnum):
    """What one attempt proves about one part."""

    CREATED = "created"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    IN_DOUBT = "in doubt"
    NOT_PROCESSED = "not processed"


STANDING = (State.ACCEPTED, State.UNKNOWN, State.DUPLICATE, State.SENDING)
"""States in which a part is not sent anew, whatever the sheet says now."""

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


_CANCEL_STATUSES: dict[str, Status] = {
    Cancellation.CANCELLED: Status.CANCELLED,
    Cancellation.CANCELLING: Status.CANCEL_UNKNOWN,
    Cancellation.UNKNOWN: Status.CANCEL_UNKNOWN,
}


def verdict_of(status: Status) -> Verdict:
    """What an outcome proves; a status that no reply can give proves nothing."""
    return _VERDICTS.get(status, Verdict.IN_DOUBT)


def status_of(state: State, flags: Sequence[str], cancellation: str = "") -> Status:
    """The status shown to people."""
    if state is State.ACCEPTED and cancellation in _CANCEL_STATUSES:
        return _CANCEL_STATUSES[cancellation]
    partial = state is State.ACCEPTED and "partial" in flags
    return Status.PARTIAL if partial else _STATUSES[state]


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """What one finished attempt says about one part."""

    verdict: Verdict
    payload_hash: str
    outcome: Outcome
    doubt_since: float | None = None
    """Epoch seconds; only where the verdict is in doubt."""
    answered: str = ""
    """When the reply came, ISO 8601; empty where none came."""
    request_id: str = ""
    replay: str = ""
    """Tells requests apart that have an idempotency key: equal ones are one and the same."""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The state that all attempts together prove, and the attempt shown for it."""

    state: State
    shown: PastAttempt | None = None
    """The attempt whose outcome is shown; None where the part was never sent."""
    doubt_since: float | None = None

    @property
    def outcome(self) -> Outcome:
        """The outcome shown to people."""
        return self.shown.outcome if self.shown else Outcome(Status.NOT_SENT)

    @property
    def request_id(self) -> str:
        return self.shown.request_id if self.shown else ""


def fold(attempts: Sequence[PastAttempt]) -> FoldResult:
    """Derive the state of a part from all its attempts, in the order they were made.

    A doubt is cleared only by a later success, for the same payload by the provider's answer that
    it already has the reference, and for the very same request with an idempotency key by a refusal
    that the provider documents.
    """
    doubts: list[PastAttempt] = []
    for attempt in attempts:
        if attempt.verdict is Verdict.CREATED:
            partial = attempt.outcome.status is Status.PARTIAL
            return FoldResult(State.ACCEPTED, _flagged(attempt, "partial") if partial else attempt)
        if attempt.verdict is Verdict.IN_DOUBT:
            doubts.append(attempt)
        elif attempt.verdict is Verdict.DUPLICATE and any(
            doubt.payload_hash == attempt.payload_hash for doubt in doubts
        ):
            message = t(BY_DUPLICATE, message=attempt.outcome.message)
            outcome = replace(attempt.outcome, message=message)
            flagged = _flagged(replace(attempt, outcome=outcome), "by_duplicate_refusal")
            return FoldResult(State.ACCEPTED, flagged)
        elif attempt.verdict is Verdict.REFUSED and UNPROVEN not in attempt.outcome.flags:
            doubts = [one for one in doubts if not one.replay or one.replay != attempt.replay]
    if doubts:
        return _in_doubt(doubts, attempts[-1])
    last = attempts[-1] if attempts else None
    if last is not None and last.verdict is Verdict.REFUSED:
        return FoldResult(State.REFUSED, last)
    if last is not None and last.verdict is Verdict.DUPLICATE:
        return FoldResult(State.DUPLICATE, last)
    return FoldResult(State.PLANNED, last)


def last_answered(attempts: Sequence[PastAttempt]) -> str:
    """When the last reply to any attempt came, ISO 8601; empty where none came."""
    return next((attempt.answered for attempt in reversed(attempts) if attempt.answered), "")


def _in_doubt(doubts: Sequence[PastAttempt], last: PastAttempt) -> FoldResult:
    since = max(doubt.doubt_since or 0 for doubt in doubts)
    shown = doubts[-1]
    if last is not shown and last.outcome.message:
        first = shown.outcome.message
        sentence = LATER_REFUSAL if last.verdict is Verdict.REFUSED else LATER_ANSWER
        message = t(sentence, first=first, later=last.outcome.message)
        shown = replace(shown, outcome=replace(shown.outcome, message=message))
    return FoldResult(State.UNKNOWN, shown, since)


def _flagged(attempt: PastAttempt, flag: str) -> PastAttempt:
    flags = attempt.outcome.flags
    if flag in flags:
        return attempt
    return replace(attempt, outcome=replace(attempt.outcome, flags=(*flags, flag)))
