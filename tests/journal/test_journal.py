from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from converter.errors import JournalError, SheetError
from converter.journal import (
    OrderRecord,
    Plan,
    State,
)
from converter.model import Judgement, NoReply, Order, Outcome, Reply, Status
from tests.journal.builders import (
    REPLY,
    REQUEST,
    FakeClock,
    Opened,
    answer,
    held,
    order,
    plan,
    references,
    rows,
    state,
)

LOST = NoReply(True, "no answer for 60 seconds")


# -- the life of an order --------------------------------------------------------------------------


def test_a_new_order_is_planned_then_accepted(opened: Opened, clock: FakeClock) -> None:
    with opened() as journal:
        made = plan(journal, order("A1"), order("A2"))
        assert references(made.new) == ["A1", "A2"]
        assert state(journal, "A1") is State.PLANNED

        attempt = journal.intend(made.new, REQUEST, deadline=clock.time + 120)
        assert state(journal, "A1") is State.SENDING

        clock.time += 3
        outcomes = (
            Outcome(Status.ACCEPTED, "ok", "SC1", "TN1", {"short": "7"}, ("number_pending",)),
            Outcome(Status.REJECTED, "no such channel"),
        )
        journal.record(attempt, REPLY, Judgement(outcomes, request_id="r-1"))

        accepted, refused = journal.records(["A1", "A2"]).values()

    assert accepted == OrderRecord(
        reference="A1",
        parent="A1",
        state=State.ACCEPTED,
        status=Status.ACCEPTED,
        message="ok",
        provider_order_no="SC1",
        tracking_no="TN1",
        outputs={"short": "7"},
        flags=("number_pending",),
        attempts=1,
        time=accepted.time,
        accepted_at=accepted.time,
        payload_hash=accepted.payload_hash,
        request_id="r-1",
        rows=(2,),
    )
    assert len(accepted.payload_hash) == 64
    assert accepted.time.startswith("2027-01-")
    assert (refused.state, refused.status) == (State.REFUSED, Status.REJECTED)
    assert refused.message == "no such channel"


@pytest.mark.parametrize(
    ("status", "reply", "now", "shown", "standing"),
    [
        (Status.ACCEPTED, REPLY, State.ACCEPTED, Status.ACCEPTED, True),
        (Status.PARTIAL, REPLY, State.ACCEPTED, Status.PARTIAL, True),
        (Status.DUPLICATE, REPLY, State.DUPLICATE, Status.DUPLICATE, True),
        (Status.UNKNOWN, REPLY, State.UNKNOWN, Status.UNKNOWN, True),
        (Status.UNKNOWN, LOST, State.UNKNOWN, Status.UNKNOWN, True),
        (Status.REJECTED, REPLY, State.REFUSED, Status.REJECTED, True),
        (Status.NOT_SENT, NoReply(False, "refused"), State.PLANNED, Status.NOT_SENT, False),
    ],
)
def test_the_next_run_sends_only_what_cannot_exist_yet(
    opened: Opened,
    status: Status,
    reply: Reply | NoReply,
    now: State,
    shown: Status,
    standing: bool,
) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("A1")).new, status, reply=reply)
        known = journal.records(["A1"])["A1"]
        assert (known.state, known.status) == (now, shown)

    with opened() as journal:
        again = plan(journal, order("A1"))

    assert references(again.new) == ([] if standing else ["A1"])
    assert list(again.standing) == (["A1"] if standing else [])
    assert again.again == ()


def test_attempts_count_requests_that_were_really_made(opened: Opened) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.NOT_SENT, reply=NoReply(False, "refused"))
        assert journal.records(["A1"])["A1"].attempts == 0
        answer(journal, orders, Status.NOT_SENT, reply=Reply(429, {}, b""))
        answer(journal, orders, Status.ACCEPTED)

        assert journal.records(["A1"])["A1"].attempts == 2


def test_references_are_the_same_in_any_form_of_letters(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("Café-1")).new, Status.ACCEPTED)

    with opened() as journal:
        made = plan(journal, order(" Cafe\N{COMBINING ACUTE ACCENT}-1"))

        assert made.new == ()
        assert list(made.standing) == [" Cafe\N{COMBINING ACUTE ACCENT}-1"]
        assert list(journal.records([" Café-1"])) == [" Café-1"]


def test_two_orders_with_one_reference_are_refused(opened: Opened) -> None:
    with opened() as journal, pytest.raises(SheetError) as caught:
        plan(journal, order("A1", rows=(2,)), order("A1 ", rows=(7, 8)))

    assert str(caught.value) == (
        "rows 7, 8: two orders have the reference 'A1'. "
        "Give one of them another order number; nothing was sent"
    )


def test_payloads_come_back_exactly(opened: Opened, clock: FakeClock) -> None:
    payload: dict[str, Any] = {
        "weight": Decimal("1.150"),
        "n": 3,
        "zip": "007",
        "items": [{"ok": True, "x": None}],
    }
    with opened() as journal:
        answer(journal, plan(journal, order("A1", **payload)).new, Status.UNKNOWN, reply=LOST)

    clock.time += 901
    with opened() as journal:
        again = plan(journal, order("A1", **payload)).again[0]

    assert again.payload == {"ref": "A1", **payload}
    assert str(again.payload["weight"]) == "1.150"


# -- a changed sheet -------------------------------------------------------------------------------


def test_a_refused_order_gets_a_new_version_and_keeps_the_old_one(
    opened: Opened, home: Path
) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("A1", city="Abha")).new, Status.REJECTED)
    with opened() as journal:
        made = plan(journal, order("A1", city="Jazan", rows=(5,)))
        known = journal.records(["A1"])["A1"]
        assert (known.state, known.message, known.rows) == (State.PLANNED, "", (5,))
        answer(journal, made.new, Status.ACCEPTED)

    bodies = [body for (body,) in rows(home, "SELECT body FROM payload ORDER BY id")]
    assert bodies == [b'{"ref":"A1","city":"Abha"}', b'{"ref":"A1","city":"Jazan"}']


def test_an_accepted_order_is_not_sent_again_and_its_differences_are_named(opened: Opened) -> None:
    with opened() as journal:
        sent = order("A1", order={"city": "Abha"}, items=[{"sku": "A"}])
        answer(journal, plan(journal, sent).new, Status.ACCEPTED)

    with opened() as journal:
        now = order("A1", order={"city": "Jazan"}, items=[{"sku": "A"}, {"sku": "B"}], rows=(9,))
        known = plan(journal, now).standing["A1"]

        assert [one.path for one in known.differences] == ["order.city", "items[1]"]
        assert known.flags == ("sheet_changed",)
        assert known.rows == (9,)
        assert journal.records(["A1"])["A1"] == known

    with opened() as journal:
        assert plan(journal, sent).standing["A1"].flags == ()


def test_keys_that_come_in_another_order_are_no_change(opened: Opened) -> None:
    with opened() as journal:
        sent = plan(journal, Order("A1", "A1", {"a": 1, "b": 2}, (2,))).new
        answer(journal, sent, Status.ACCEPTED)

    with opened() as journal:
        known = plan(journal, Order("A1", "A1", {"b": 2, "a": 1}, (2,))).standing["A1"]

    assert known.flags == ()


@pytest.mark.parametrize(
    ("status", "now"),
    [
        (Status.ACCEPTED, State.ACCEPTED),
        (Status.UNKNOWN, State.UNKNOWN),
        (Status.DUPLICATE, State.DUPLICATE),
        (Status.REJECTED, State.INVALID),
        (Status.NOT_SENT, State.INVALID),
    ],
)
def test_an_order_that_became_invalid_stays_what_it_may_be(
    opened: Opened, status: Status, now: State
) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("A1")).new, status)

    with opened() as journal:
        made: Plan[Order] = journal.plan([], [("A1", (4,), ("Orders!D4 City: expected a value",))])
        known = journal.records(["A1"])["A1"]

    assert known.state is now
    assert list(made.standing) == ([] if now is State.INVALID else ["A1"])
    assert known.rows == (4,)


def test_an_invalid_order_is_kept_with_its_reasons_and_sent_once_mended(
    opened: Opened, home: Path
) -> None:
    problems = [("A1", (2,), ("no city", "no zip")), ("", (3,), ("no reference",))]
    with opened() as journal:
        made = journal.plan([order("A2")], [*problems, ("A1", (4,), ("rows differ",))])
        known = journal.records(["A1"])["A1"]
        assert (made.standing, references(made.new)) == ({}, ["A2"])
        assert (known.state, known.status) == (State.INVALID, Status.INVALID)
        assert (known.message, known.rows) == ("no city\nno zip\nrows differ", (2, 4))
        with pytest.raises(JournalError):
            journal.intend([order("A1")], REQUEST, deadline=0)

    with opened() as journal:
        assert references(plan(journal, order("A1")).new) == ["A1"]

    assert rows(home, "SELECT reference, rows, reasons FROM problem") == [
        ("A1", "[2]", '["no city", "no zip"]'),
        ("", "[3]", '["no reference"]'),
        ("A1", "[4]", '["rows differ"]'),
    ]


# -- doubt -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_", "waited", "again"),
    [
        pytest.param("A", 899, False, id="A, still settling"),
        pytest.param("A", 900, True, id="A, settled"),
        pytest.param("B", 0, True, id="B, at once"),
        pytest.param("U", 899, False, id="U, still settling"),
        pytest.param("U", 900, True, id="U, settled"),
        pytest.param("C", 900, False, id="C"),
        pytest.param("D", 99999, False, id="D, never"),
    ],
)
def test_a_doubt_is_sent_again_only_where_a_second_copy_does_no_harm(
    opened: Opened,
    clock: FakeClock,
    class_: str,
    waited: float,
    again: bool,
) -> None:
    with opened(class_=class_) as journal:
        answer(journal, plan(journal, order("A1", n=1)).new, Status.UNKNOWN, reply=LOST)
    began = clock.time

    clock.time += waited
    with opened(class_=class_) as journal:
        made = plan(journal, order("A1", n=2, rows=(6,)))
        known = journal.records(["A1"])["A1"]

    assert made.new == ()
    assert made.again == ((order("A1", n=1, rows=(6,)),) if again else ())
    assert list(made.standing) == ([] if again else ["A1"])
    assert known.settle_until == began + 900
    assert ([one.path for one in known.differences], known.flags) == (["n"], ("sheet_changed",))


@pytest.mark.parametrize(
    ("status", "now", "flags"),
    [
        (Status.ACCEPTED, State.ACCEPTED, ()),
        (Status.DUPLICATE, State.ACCEPTED, ("by_duplicate_refusal",)),
        (Status.REJECTED, State.UNKNOWN, ()),
        (Status.NOT_SENT, State.UNKNOWN, ()),
        (Status.UNKNOWN, State.UNKNOWN, ()),
    ],
)
def test_what_a_second_attempt_says_of_a_doubt(
    opened: Opened, clock: FakeClock, status: Status, now: State, flags: tuple[str, ...]
) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN, reply=LOST)
    clock.time += 900
    with opened() as journal:
        answer(journal, plan(journal, order("A1")).again, status)
        known = journal.records(["A1"])["A1"]

    assert (known.state, known.flags) == (now, flags)
    assert known.attempts == 2


def test_a_doubt_of_this_run_is_not_sent_again_in_it(opened: Opened) -> None:
    with opened(settle=0) as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.UNKNOWN, reply=LOST)
        with pytest.raises(JournalError):
            journal.intend(orders, REQUEST, deadline=0)

    with opened(settle=0) as journal:
        again = plan(journal, order("A1")).again
        answer(journal, again, Status.NOT_SENT, reply=Reply(429, {}, b""))
        answer(journal, again, Status.UNKNOWN, reply=LOST)
        with pytest.raises(JournalError):
            journal.intend(again, REQUEST, deadline=0)


def test_an_answer_for_another_number_of_orders_proves_nothing(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, order("A1"), order("A2")).new, Status.ACCEPTED)
        known = journal.records(["A1", "A2"])

    assert {one.state for one in known.values()} == {State.UNKNOWN}
    assert known["A1"].message == (
        "The answer was read for 1 orders, but 2 were sent, so nothing is certain."
    )


# -- what may not be sent --------------------------------------------------------------------------


def test_nothing_is_sent_that_was_not_planned(opened: Opened) -> None:
    with opened() as journal:
        planned = plan(journal, order("A1", n=1), order("A2"))
        for orders in (
            [order("B1")],
            [order("A1", n=2)],
            [order("A1", n=1), order("A1", n=1)],
        ):
            with pytest.raises(JournalError):
                journal.intend(orders, REQUEST, deadline=0)
        assert state(journal, "A1") is State.PLANNED

        journal.intend(planned.new, REQUEST, deadline=0)
        with pytest.raises(JournalError):
            journal.intend(planned.new[:1], REQUEST, deadline=0)

    with opened() as journal, pytest.raises(JournalError):
        journal.intend([order("A1", n=1)], REQUEST, deadline=0)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ("UPDATE part SET state = 'PLANNED' WHERE key = 'ok'", "an accepted order stays accepted"),
        ("UPDATE part SET state = 'PLANNED' WHERE key = 'lost'", "a doubt is settled only by"),
        ("UPDATE part SET state = 'REFUSED' WHERE key = 'lost'", "a doubt is settled only by"),
        ("UPDATE part SET state = 'ACCEPTED' WHERE key = 'lost'", "accepted only with evidence"),
        ("UPDATE part SET state = 'ACCEPTED' WHERE key = 'no'", "accepted only with evidence"),
        ("UPDATE part SET state = 'PLANNED' WHERE key = 'twice'", "a duplicate is settled only"),
        ("UPDATE part SET state = 'SENDING' WHERE key = 'no'", "only a planned order is sent"),
        (
            "INSERT INTO part (key, reference, parent_key, parent, division, rows, state)"
            " VALUES ('x', 'x', 'x', 'x', '', '[]', 'ACCEPTED')",
            "begins as planned or invalid",
        ),
        (
            "INSERT INTO answer (attempt, part, payload_hash)"
            " SELECT 99, id, 'other' FROM part WHERE key = 'lost'",
            "only unchanged",
        ),
        (
            "INSERT INTO answer (attempt, part, payload_hash)"
            " SELECT 99, id, 'other' FROM part WHERE key = 'ok'",
            "only a planned order is sent",
        ),
        ("UPDATE answer SET verdict = 'created'", "an answer does not change"),
        ("UPDATE attempt SET reason = 'x'", "it has ended"),
        ("UPDATE attempt SET reply = reply", "a reply does not change"),
        ("UPDATE payload SET body = body", "a payload does not change"),
        *(
            (f"DELETE FROM {table}", "the journal forgets nothing")
            for table in ("account", "run", "part", "payload", "attempt", "answer")
        ),
    ],
)
def test_the_file_itself_refuses_to_forget(
    opened: Opened, home: Path, change: str, because: str
) -> None:
    with opened() as journal:
        made = plan(journal, *(order(key) for key in ("ok", "lost", "no", "twice")))
        answer(
            journal,
            made.new,
            Status.ACCEPTED,
            Status.UNKNOWN,
            Status.REJECTED,
            Status.DUPLICATE,
        )

    with (
        held(home) as connection,
        pytest.raises(sqlite3.IntegrityError, match=because),
    ):
        connection.execute(change)
