"""Orders in doubt at a provider that can be asked, or that knows a request by its key."""

from __future__ import annotations

import pytest

from converter.errors import JournalError
from converter.journal import Journal, ResendRule, State
from converter.model import UNPROVEN, Finding, HttpRequest, Judgement, NoReply, Outcome, Status
from tests.journal.builders import REPLY, FakeClock, Opened, answer, order, plan, state

LOST = NoReply(True, "no answer for 60 seconds")
ASKED = ResendRule("C", 900, asks=True)
KEYED = ResendRule("B", 900)


def request(body: bytes = b"{}", key: str = "k1") -> HttpRequest:
    return HttpRequest("POST", "https://api.acme.test/v1/create", {}, body, key)


def send(journal: Journal, made: HttpRequest, *outcomes: Outcome, again: bool = False) -> None:
    names = [f"A{number}" for number, _ in enumerate(outcomes)]
    planned = plan(journal, *(order(name) for name in names))
    attempt = journal.intend(planned.again if again else planned.new, made, deadline=0)
    journal.record(attempt, REPLY, Judgement(outcomes))


@pytest.mark.parametrize(
    ("waits", "gone"),
    [
        pytest.param([0], [[]], id="once"),
        pytest.param([0, 59], [[], []], id="twice, not long enough apart"),
        pytest.param([0, 60], [[], ["A1"]], id="twice, apart"),
        pytest.param([0, 30, 30], [[], [], ["A1"]], id="apart from the first time"),
    ],
)
def test_what_is_lacking_twice_does_not_exist(
    opened: Opened, clock: FakeClock, waits: list[float], gone: list[list[str]]
) -> None:
    with opened(rule=ASKED) as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN, reply=LOST)
    clock.time += 900
    told = []
    for wait in waits:
        clock.time += wait
        with opened(rule=ASKED) as journal:
            told.append(journal.not_found(["A1"]))

    assert told == gone


def test_it_is_sent_again_only_once_it_is_known_not_to_exist(
    opened: Opened, clock: FakeClock
) -> None:
    with opened(rule=ASKED) as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN, reply=LOST)
    clock.time += 900
    with opened(rule=ASKED) as journal:
        planned = plan(journal, order("A1"))
        assert planned.asked == {"A1"}
        with pytest.raises(JournalError):
            journal.intend(planned.again, request(), deadline=0)
        assert journal.settle([Finding("A1", False, "query")]) == ["A1"]
        answer(journal, planned.again, Status.ACCEPTED)

        assert state(journal, "A1") is State.ACCEPTED


def test_what_was_lacking_before_the_last_attempt_proves_nothing(
    opened: Opened, clock: FakeClock
) -> None:
    with opened(rule=ASKED) as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN, reply=LOST)
        clock.time += 900
        journal.not_found(["A1"])
        journal.settle([Finding("A1", False, "decision", who="Ann")])
    with opened(rule=ASKED) as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN, reply=LOST)
        clock.time += 900

        assert journal.not_found(["A1"]) == []


# -- keys --------------------------------------------------------------------------------------

DOUBT = Outcome(Status.UNKNOWN, "?")


def test_the_same_request_goes_again_in_the_next_run(opened: Opened) -> None:
    with opened(rule=KEYED) as journal:
        send(journal, request(), DOUBT, DOUBT)
    with opened(rule=KEYED) as journal:
        planned = plan(journal, order("A0"), order("A1"))

        assert [one.reference for one in planned.again] == ["A0", "A1"]
        assert journal.is_replay(planned.again, request())
        assert not journal.is_replay(planned.again, request(b"other"))
        assert not journal.is_replay(planned.again, request(key="other"))
        assert not journal.is_replay(planned.again[:1], request())
        for other in (request(b"other"), request(key="other")):
            with pytest.raises(JournalError):
                journal.intend(planned.again, other, deadline=0)
        attempt = journal.intend(planned.again, request(), deadline=0)
        journal.record(attempt, REPLY, Judgement((Outcome(Status.ACCEPTED),) * 2))
        assert state(journal, "A1") is State.ACCEPTED


@pytest.mark.parametrize("left", [["A0"], ["A1"]])
def test_part_of_a_request_does_not_go_again(opened: Opened, left: list[str]) -> None:
    with opened(rule=KEYED) as journal:
        send(journal, request(), DOUBT, DOUBT)
    with opened(rule=KEYED) as journal:
        planned = plan(journal, *map(order, left))

    assert planned.again == ()
    assert list(planned.standing) == left


@pytest.mark.parametrize(
    ("later", "key", "expected"),
    [
        pytest.param(Outcome(Status.REJECTED), "k1", State.REFUSED, id="refused"),
        pytest.param(
            Outcome(Status.REJECTED, flags=(UNPROVEN,)), "k1", State.UNKNOWN, id="perhaps"
        ),
        pytest.param(Outcome(Status.NOT_SENT), "k1", State.UNKNOWN, id="busy"),
        pytest.param(Outcome(Status.ACCEPTED), "k1", State.ACCEPTED, id="accepted"),
    ],
)
def test_what_the_same_request_is_told_settles_the_first(
    opened: Opened, later: Outcome, key: str, expected: State
) -> None:
    with opened(rule=KEYED) as journal:
        send(journal, request(), DOUBT)
    with opened(rule=KEYED) as journal:
        send(journal, request(key=key), later, again=True)

        assert state(journal, "A0") is expected


def test_a_key_that_is_too_old_is_not_relied_on(opened: Opened, clock: FakeClock) -> None:
    rule = ResendRule("B", 900, key_seconds=1000)
    with opened(rule=rule) as journal:
        send(journal, request(), DOUBT)
    clock.time += 800
    with opened(rule=rule) as journal:
        assert plan(journal, order("A0")).again == ()
