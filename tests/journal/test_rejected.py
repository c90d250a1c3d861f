"""Orders that were refused: they go again once they have changed, or with a person's word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from converter.journal import UNCHANGED, Journal, Plan, ResendRule, State, orders
from converter.model import Judgement, Order, Outcome, Status
from tests.journal.builders import (
    ACCOUNT,
    REPLY,
    REQUEST,
    RUN,
    FakeClock,
    Opened,
    answer,
    order,
    plan,
    references,
    state,
)

A1 = order("A1", city="Perht")
CHANGED = order("A1", city="Perth")


@pytest.fixture
def refused(opened: Opened) -> None:
    """A1 was refused."""
    with opened() as journal:
        plan(journal, A1)
        answer(journal, [A1], Status.REJECTED)


def held(made: Plan[Order]) -> list[str]:
    assert not made.again
    return [name for name, known in made.standing.items() if UNCHANGED in known.flags]


@pytest.mark.usefixtures("refused")
def test_a_refused_order_goes_again_only_when_it_has_changed(opened: Opened) -> None:
    with opened() as journal:
        unchanged = plan(journal, A1)
        kept = unchanged.standing["A1"]
    with opened() as journal:
        changed = plan(journal, CHANGED)

    assert (references(unchanged.new), held(unchanged)) == ([], ["A1"])
    assert (kept.state, kept.status, kept.message) == (
        State.REFUSED, Status.REJECTED, "rejected!"
    )  # fmt: skip
    assert (references(changed.new), held(changed)) == (["A1"], [])


@pytest.mark.usefixtures("refused")
def test_a_person_can_have_it_sent_as_it_is(opened: Opened) -> None:
    with opened() as journal:
        made = journal.plan([A1], [], again_rejected=True)
        answer(journal, [A1], Status.ACCEPTED)

        assert references(made.new) == ["A1"]
        assert state(journal, "A1") is State.ACCEPTED


@pytest.mark.usefixtures("refused")
def test_another_action_is_another_request(home: Path, clock: FakeClock) -> None:
    """The provider refused to create it; that says nothing of another thing it may do."""
    run = replace(RUN, action="createForecast")
    with Journal.open(
        home, ACCOUNT, run, resend=ResendRule("A", 0), clock=clock
    ) as journal:  # fmt: skip
        assert references(plan(journal, A1).new) == ["A1"]


@pytest.mark.usefixtures("refused")
def test_it_is_held_though_it_was_something_else_in_between(opened: Opened) -> None:
    """Invalid, or planned with other content that was never sent."""
    with opened() as journal:
        journal.plan([], [("A1", (2,), ("no city",))])
        assert state(journal, "A1") is State.INVALID
    with opened() as journal:
        after_invalid = plan(journal, A1)
        assert state(journal, "A1") is State.REFUSED
    with opened() as journal:
        plan(journal, CHANGED)
    with opened() as journal:
        after_planned = plan(journal, A1)
        kept = journal.records(["A1"])["A1"]

    assert (held(after_invalid), held(after_planned)) == (["A1"], ["A1"])
    assert (kept.state, kept.message, kept.payload_hash) == (
        State.REFUSED, "rejected!", A1.digest
    )  # fmt: skip


@pytest.mark.usefixtures("refused")
def test_it_goes_again_after_an_answer_that_did_not_look_at_it(opened: Opened) -> None:
    with opened() as journal:
        journal.plan([A1], [], again_rejected=True)
        answer(journal, [A1], Status.NOT_SENT)
    with opened() as journal:
        assert references(plan(journal, A1).new) == ["A1"]


def test_only_refusals_without_proof_are_named(opened: Opened) -> None:
    """Also where the person has corrected the order."""
    sent = [order(name, n=1) for name in ("PROVED", "OPEN", "SAME")]
    with opened() as journal:
        plan(journal, *sent)
        attempt = journal.intend(sent, REQUEST, deadline=0)
        no = Outcome(Status.REJECTED, "no")
        unproven = replace(no, flags=("unproven",))
        journal.record(attempt, REPLY, Judgement((no, unproven, unproven)))
        assert journal.records(["OPEN"])["OPEN"].flags == ("unproven",)
    with opened() as journal:
        made = plan(journal, order("PROVED", n=2), order("OPEN", n=2), sent[2])

    assert (references(made.new), made.unproven) == (["PROVED", "OPEN"], ("OPEN",))


@pytest.mark.usefixtures("refused")
def test_the_report_of_an_old_run_says_that_it_was_held(opened: Opened, home: Path) -> None:
    with opened() as journal:
        plan(journal, A1)
        run = journal.run
    with opened() as journal:
        plan(journal, CHANGED)
        answer(journal, [CHANGED], Status.ACCEPTED)

    (then,) = orders(home, run)[1]
    assert then.record.state is State.REFUSED
    assert then.before is not None
    assert UNCHANGED in then.before.flags


def test_an_order_keeps_the_action_that_accepted_it(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    """By which it was accepted; of a doubt that was settled, the first attempt's."""
    forecast = replace(RUN, action="createForecast")
    doubtful = order("A2")
    with opened(settle=0) as journal:
        plan(journal, A1, doubtful)
        answer(journal, [A1, doubtful], Status.ACCEPTED, Status.UNKNOWN)
        assert journal.records(["A1"])["A1"].action == ""
    with Journal.open(
        home, ACCOUNT, forecast, resend=ResendRule("A", 0), clock=clock
    ) as journal:  # fmt: skip
        made = plan(journal, A1, doubtful, order("A3"))
        answer(journal, [doubtful, order("A3")], Status.DUPLICATE, Status.ACCEPTED)
        known = journal.records(["A1", "A2", "A3"])

    assert made.standing["A1"].action == "create"
    assert [known[name].action for name in known] == ["create", "create", ""]
