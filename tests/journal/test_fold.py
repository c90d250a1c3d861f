from __future__ import annotations

import pytest

from converter.journal.fold import PastAttempt, State, Verdict, fold, status_of, verdict_of
from converter.model import Outcome, Status

WORDS = {
    "created": Status.ACCEPTED,
    "partial": Status.PARTIAL,
    "refused": Status.REJECTED,
    "duplicate": Status.DUPLICATE,
    "doubt": Status.UNKNOWN,
    "busy": Status.NOT_SENT,
}


def attempts(text: str) -> list[PastAttempt]:
    """`doubt refused/2` is an attempt in doubt, then a refusal of another payload."""
    made = []
    for number, word in enumerate(text.split(), 1):
        name, _, payload = word.partition("/")
        status = WORDS[name]
        outcome = Outcome(status, f"{name} {number}")
        since = float(number) if name == "doubt" else None
        made.append(PastAttempt(verdict_of(status), payload or "1", outcome, since))
    return made


@pytest.mark.parametrize(
    ("history", "state", "message"),
    [
        pytest.param("", State.PLANNED, None, id="never sent"),
        pytest.param("created", State.ACCEPTED, "created 1", id="created"),
        pytest.param("partial", State.ACCEPTED, "partial 1", id="created in part"),
        pytest.param("refused", State.REFUSED, "refused 1", id="refused"),
        pytest.param("duplicate", State.DUPLICATE, "duplicate 1", id="duplicate at first"),
        pytest.param("doubt", State.UNKNOWN, "doubt 1", id="in doubt"),
        pytest.param("busy", State.PLANNED, "busy 1", id="not processed"),
        pytest.param("busy busy created", State.ACCEPTED, "created 3", id="busy, then created"),
        pytest.param("refused busy", State.PLANNED, "busy 2", id="corrected, not processed"),
        pytest.param("refused created/2", State.ACCEPTED, "created 2", id="corrected, created"),
        pytest.param("busy duplicate", State.DUPLICATE, "duplicate 2", id="busy clears nothing"),
        pytest.param("refused duplicate", State.DUPLICATE, "duplicate 2", id="not ours"),
        pytest.param("doubt created", State.ACCEPTED, "created 2", id="doubt, then created"),
        pytest.param("created doubt", State.ACCEPTED, "created 1", id="created is for ever"),
        pytest.param("doubt doubt", State.UNKNOWN, "doubt 2", id="in doubt twice"),
        pytest.param(
            "doubt refused",
            State.UNKNOWN,
            "doubt 1 A later attempt was refused, which does not tell what became of the first: "
            "refused 2 If it is refused again, look the order up at the provider and tell "
            "converter reconcile.",
            id="a refusal clears no doubt",
        ),
        pytest.param(
            "doubt busy",
            State.UNKNOWN,
            "doubt 1 A later attempt does not settle this; its answer was: busy 2",
            id="busy clears no doubt",
        ),
        pytest.param(
            "doubt duplicate/2",
            State.UNKNOWN,
            "doubt 1 A later attempt does not settle this; its answer was: duplicate 2",
            id="duplicate of another payload",
        ),
        pytest.param(
            "doubt busy duplicate",
            State.ACCEPTED,
            "The provider says that it has this reference already. An earlier attempt with the "
            "same content had no clear answer, so it counts as created by that attempt. Nobody has "
            "compared what the provider holds. duplicate 3",
            id="the doubtful one landed",
        ),
    ],
)
def test_fold_over_all_attempts(history: str, state: State, message: str | None) -> None:
    folded = fold(attempts(history))

    assert folded.state is state
    assert (folded.shown and folded.shown.outcome.message) == message


def test_flags_tell_how_an_order_was_accepted() -> None:
    partial = fold(attempts("partial")).shown
    landed = fold(attempts("doubt duplicate")).shown

    assert partial is not None
    assert partial.outcome.flags == ("partial",)
    assert landed is not None
    assert landed.outcome.flags == ("by_duplicate_refusal",)


def test_the_latest_doubt_says_from_when_to_wait() -> None:
    assert fold(attempts("doubt busy doubt refused")).doubt_since == 3


def test_the_word_shown_follows_the_state() -> None:
    assert status_of(State.ACCEPTED, ["partial"]) is Status.PARTIAL
    assert {state: status_of(state, []) for state in State} == {
        State.INVALID: Status.INVALID,
        State.PLANNED: Status.NOT_SENT,
        State.SENDING: Status.UNKNOWN,
        State.ACCEPTED: Status.ACCEPTED,
        State.REFUSED: Status.REJECTED,
        State.DUPLICATE: Status.DUPLICATE,
        State.UNKNOWN: Status.UNKNOWN,
    }


def test_a_word_that_no_answer_can_give_proves_nothing() -> None:
    assert verdict_of(Status.VALID) is Verdict.IN_DOUBT
    assert verdict_of(Status.INVALID) is Verdict.IN_DOUBT
