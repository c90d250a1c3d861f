"""A request that is refused as a whole is divided until the order that causes it is alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from tests.sending import fakes
from tests.sending.fakes import FakeClient, Run

REFUSED = Reply(422, {}, b"")


class Particular(FakeClient):
    """Refuses every request as a whole that holds one of the bad orders."""

    def __init__(self, *bad: str) -> None:
        super().__init__()
        self.bad = set(bad)

    def send(self, request: HttpRequest) -> Reply | NoReply:
        names = request.headers["orders"].split()
        answer = super().send(request)
        return REFUSED if self.bad & set(names) else answer


def judge(orders: Sequence[Order], reply: Reply) -> Judgement:
    if reply.status == 422:
        outcomes = tuple(Outcome(Status.REJECTED, "422 bad order") for _ in orders)
        return Judgement(outcomes, refused_whole=True)
    return fakes.judge(orders, reply)


def states(run: Run, state: str) -> set[str]:
    return {word.partition(":")[0] for word in run.states.split() if word.endswith(f":{state}")}


NAMES = [f"A{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("bad", "most"),
    [
        ([], 1),
        (["A0"], 11),
        (["A7"], 11),
        (["A19"], 11),
        (["A3", "A17"], 20),
        (NAMES, 39),
    ],
)
@pytest.mark.parametrize("in_flight", [1, 4])
def test_only_the_guilty_orders_are_refused(
    run: Run, bad: list[str], most: int, in_flight: int
) -> None:
    client = Particular(*bad)

    ended = run.send(client, " ".join(NAMES), judge=judge, in_flight=in_flight)

    assert states(run, "REFUSED") == set(bad)
    assert states(run, "ACCEPTED") == set(NAMES) - set(bad)
    assert len(client.seen) <= most
    assert ended.stopped == ""
    assert sum(run.progress) == 20
    said_of_it = (
        "Requests that were refused as a whole because of single orders: 1. They were divided "
        f"until those orders were alone, which took {len(client.seen) - 1} more requests."
    )
    assert ended.notes == ((said_of_it,) if bad else ())


def test_no_good_order_is_sent_once_more_after_it_was_accepted(run: Run) -> None:
    client = Particular("A5")

    run.send(client, " ".join(NAMES), judge=judge)

    accepted = [name for names in client.seen if "A5" not in names for name in names]
    assert sorted(accepted) == sorted(set(NAMES) - {"A5"})


def test_a_refusal_that_proves_nothing_is_not_divided(run: Run) -> None:
    client = Particular("A1")

    def unproven(orders: Sequence[Order], reply: Reply) -> Judgement:
        return replace(judge(orders, reply), refused_whole=False)

    run.send(client, "A0 A1", judge=unproven)

    assert client.seen == [["A0", "A1"]]
    assert states(run, "REFUSED") == {"A0", "A1"}


def test_an_interrupt_leaves_the_halves_unsent(run: Run) -> None:
    client = Particular("A0")

    def interrupted(orders: Sequence[Order], reply: Reply) -> Judgement:
        import signal

        signal.raise_signal(signal.SIGINT)
        return judge(orders, reply)

    run.send(client, "A0 A1", judge=interrupted)

    assert states(run, "PLANNED") == {"A0", "A1"}
    (record, _) = run.journal.records(["A0", "A1"]).values()
    assert record.message == (
        "The provider refused a request of 2 orders as a whole, because of one or more of them. "
        "It was to be sent again in smaller requests. 422 bad order"
    )


def test_a_provider_that_refuses_everything_is_not_asked_for_ever(run: Run) -> None:
    batches = [f"A{n} B{n}" for n in range(100)]
    client = Particular(*(name for batch in batches for name in batch.split()))

    ended = run.send(client, *batches, judge=judge)

    assert ended.stopped.startswith("The provider refuses every request as a whole")
    assert len(client.seen) <= 100
    assert states(run, "REFUSED") | states(run, "PLANNED") == client.bad


def test_an_accepted_order_in_between_shows_that_the_orders_are_to_blame(run: Run) -> None:
    batches = [f"A{n} B{n}" for n in range(100)]
    client = Particular(*(batch.split()[0] for batch in batches))

    ended = run.send(client, *batches, judge=judge)

    assert ended.stopped == ""
    assert len(states(run, "ACCEPTED")) == len(states(run, "REFUSED")) == 100


class Pointing(Particular):
    """Refuses every request that holds a bad order, and names the first such one."""


def judge_by_name(orders: Sequence[Order], reply: Reply) -> Judgement:
    if reply.status != 422:
        return fakes.judge(orders, reply)
    named = next(order for order in orders if order.reference in BAD)
    outcomes = (
        Outcome(Status.REJECTED, "422") if order is named else Outcome(Status.NOT_SENT, "others")
        for order in orders
    )
    return Judgement(tuple(outcomes), refused_others=True)


BAD = ("A3", "A17")


def test_orders_that_are_named_as_the_cause_are_left_out(run: Run) -> None:
    client = Pointing(*BAD)

    result = run.send(client, " ".join(NAMES), judge=judge_by_name)

    assert states(run, "REFUSED") == set(BAD)
    assert states(run, "ACCEPTED") == set(NAMES) - set(BAD)
    assert [len(seen) for seen in client.seen] == [20, 19, 18]
    assert run.time() == 0
    assert result.stopped == ""


def test_a_single_order_left_over_is_sent_once_more(run: Run) -> None:
    client = Pointing("A3")

    run.send(client, "A2 A3", judge=judge_by_name)

    assert run.states == "A2:ACCEPTED A3:REFUSED"
    assert client.seen == [["A2", "A3"], ["A2"]]
