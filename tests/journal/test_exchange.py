from __future__ import annotations

from dataclasses import replace

import pytest

from converter.errors import JournalError
from converter.journal import (
    AttemptResult,
    Intent,
    State,
)
from converter.model import Judgement, Outcome, Reply, Status
from tests.journal.builders import (
    REQUEST,
    Opened,
    fill,
    in_a_file,
    order,
    plan,
    state,
)

ACCEPTED = Judgement((Outcome(Status.ACCEPTED, "ok", "SC1"),))


def test_an_answer_and_an_intent_are_kept_together(opened: Opened) -> None:
    with opened() as journal:
        first, second = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend([first], REQUEST, deadline=0)

        [following] = journal.exchange(
            [AttemptResult(attempt, Reply(200, {}, b""), ACCEPTED)], [Intent([second], REQUEST, 0)]
        )

        assert following == attempt + 1
        assert (state(journal, "A1"), state(journal, "A2")) == (State.ACCEPTED, State.SENDING)


def test_an_order_may_be_sent_again_beside_the_answer_that_it_was_not_looked_at(
    opened: Opened,
) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1")).new
        attempt = journal.intend(orders, REQUEST, deadline=0)
        busy = Judgement((Outcome(Status.NOT_SENT),), not_processed=True)

        again = journal.exchange(
            [AttemptResult(attempt, Reply(429, {}, b""), busy)], [Intent(orders, REQUEST, 0)]
        )

        assert again == [attempt + 1]
        assert state(journal, "A1") is State.SENDING


@pytest.mark.parametrize("problem", ["not planned", "changed", "no JSON"])
def test_an_intent_that_cannot_be_kept_takes_no_answer_with_it(
    opened: Opened, problem: str
) -> None:
    with opened() as journal:
        first, second = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend([first], REQUEST, deadline=0)
        if problem == "not planned":
            following = order("A3")
        else:
            more = 1 if problem == "changed" else object()
            following = replace(second, payload={**second.payload, "more": more})

        with pytest.raises(TypeError if problem == "no JSON" else JournalError):
            journal.exchange(
                [AttemptResult(attempt, Reply(200, {}, b""), ACCEPTED)],
                [Intent([following], REQUEST, 0)],
            )

        assert (state(journal, "A1"), state(journal, "A2")) == (State.ACCEPTED, State.PLANNED)


@in_a_file
def test_a_disk_that_is_full_keeps_the_answer_and_begins_nothing(
    opened: Opened,
) -> None:
    with opened() as journal:
        first, second = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend([first], REQUEST, deadline=0)
        fill(journal)
        drop = journal._file.drop_ballast

        def drop_and_make_room() -> None:
            drop()
            journal._file.connection.execute("PRAGMA max_page_count = 1000000")

        journal._file.drop_ballast = drop_and_make_room  # type: ignore[method-assign]
        large = Reply(200, {}, b"x" * 100_000)

        with pytest.raises(JournalError, match="the disk is full"):
            journal.exchange(
                [AttemptResult(attempt, large, ACCEPTED)], [Intent([second], REQUEST, 0)]
            )

        assert (state(journal, "A1"), state(journal, "A2")) == (State.ACCEPTED, State.PLANNED)


@in_a_file
def test_answers_that_are_lost_together_are_told_together(opened: Opened) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempts = [journal.intend([one], REQUEST, deadline=0) for one in orders]
        fill(journal)
        large = Reply(200, {}, b"x" * 100_000)

        with pytest.raises(JournalError) as caught:
            journal.exchange([AttemptResult(attempt, large, ACCEPTED) for attempt in attempts], ())

    assert str(caught.value).endswith("\n  A1: accepted SC1 ok\n  A2: accepted SC1 ok")
