from __future__ import annotations

from typing import Any

import pytest

from converter.errors import JournalError
from converter.journal import (
    Plan,
    State,
)
from converter.model import Order, Status
from tests.journal.builders import (
    REQUEST,
    FakeClock,
    Opened,
    answer,
    order,
    plan,
    references,
)


def parts(count: int, **payload: Any) -> list[Order]:
    return [order(f"P-{n}", "P", **payload, part=n) for n in range(1, count + 1)]


def test_each_part_of_a_split_order_has_its_own_state(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, *parts(2)).new, Status.ACCEPTED, Status.REJECTED)

    with opened() as journal:
        made = plan(journal, *parts(2, city="Abha"))

        assert references(made.new) == ["P-2"]
        assert list(made.standing) == ["P-1"]
        assert {
            name: [one.reference for one in found]
            for name, found in journal.by_parent(["P", "Q"]).items()
        } == {"P": ["P-1", "P-2"]}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(parts(2), parts(3), id="more parts"),
        pytest.param(parts(3), parts(2), id="fewer parts"),
        pytest.param([order("P")], parts(2), id="whole, then split"),
        pytest.param(parts(2), [order("P")], id="split, then whole"),
    ],
)
@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.UNKNOWN, Status.DUPLICATE])
def test_an_order_divided_anew_is_not_sent(
    opened: Opened, clock: FakeClock, first: list[Order], then: list[Order], status: Status
) -> None:
    others = [Status.NOT_SENT] * (len(first) - 1)
    with opened() as journal:
        answer(journal, plan(journal, *first).new, status, *others)

    clock.time += 10_000
    with opened() as journal:
        made = plan(journal, *then)
        assert (made.new, made.again) == ((), ())
        assert set(references(then)) | {first[0].reference} == set(made.standing)
        new = next(one for one in made.standing.values() if one.state is State.PLANNED)
        assert new.message == (
            "Not sent: this order was already sent divided into other parts, so its lines could "
            "be sent twice. Make the order as it was, or give the new lines an order number of "
            "their own."
        )
        assert new.status is Status.NOT_SENT
        with pytest.raises(JournalError):
            journal.intend(
                [next(o for o in then if o.reference == new.reference)], REQUEST, deadline=0
            )

    with opened() as journal:
        back = plan(journal, *first)
        assert references(back.new) == references(first[1:])


@pytest.mark.parametrize("status", [Status.REJECTED, Status.NOT_SENT])
def test_an_order_of_which_nothing_can_exist_may_be_divided_anew(
    opened: Opened, status: Status
) -> None:
    with opened() as journal:
        answer(journal, plan(journal, *parts(2)).new, status, status)

    with opened() as journal:
        made = plan(journal, *parts(3))
        assert references(made.new) == ["P-1", "P-2", "P-3"]
        answer(journal, made.new, *[Status.ACCEPTED] * 3)

    with opened() as journal:
        made = plan(journal, *parts(3))
        assert list(made.standing) == ["P-1", "P-2", "P-3"]
        assert [one.state for one in journal.by_parent(["P"])["P"]] == [State.ACCEPTED] * 3


def test_parts_of_a_division_given_up_are_not_shown(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, *parts(3)).new, *[Status.REJECTED] * 3)

    with opened() as journal:
        plan(journal, *parts(2))
        found = journal.by_parent(["P"])["P"]

    assert [one.reference for one in found] == ["P-1", "P-2"]


def test_lines_that_moved_between_parts_are_not_sent(opened: Opened) -> None:
    """A line inserted at the top pushes the last line of a part already sent into the next part."""
    with opened() as journal:
        first = [order("P-1", "P", items=[1, 2]), order("P-2", "P", items=[3])]
        answer(journal, plan(journal, *first).new, Status.ACCEPTED, Status.NOT_SENT)

    with opened() as journal:
        made = plan(journal, order("P-1", "P", items=[0, 1]), order("P-2", "P", items=[2, 3]))

    assert made.new == ()
    found = made.standing["P-1"].differences
    assert [one.path for one in found] == ["items[0]", "items[1]"]
    assert made.standing["P-2"].state is State.PLANNED
    assert made.standing["P-2"].message.startswith("Not sent: lines of this order were changed")


def test_an_invalid_order_shows_the_parts_that_were_sent(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, *parts(2)).new, Status.ACCEPTED, Status.REJECTED)

    with opened() as journal:
        made: Plan[Order] = journal.plan([], [("P", (2, 3), ("no city",))])

        assert list(made.standing) == ["P-1"]
        assert journal.records(["P"]) == {}
