from __future__ import annotations

import base64
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from converter import journal as journal_room
from converter.errors import AccountBusy, JournalError, SheetError
from converter.journal import (
    Account,
    AttemptResult,
    Intent,
    Journal,
    OrderRecord,
    Plan,
    RunStart,
    State,
)
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status

ACCOUNT = Account("acme", "https://api.acme.test/v1", {"code": "C1"})
RUN = RunStart("acme", "create", "orders.xlsx", "s" * 64, "m" * 64, "0.1.0")
REQUEST = HttpRequest("POST", "https://api.acme.test/v1/create", {"X": "y"}, b"{}")
REPLY = Reply(200, {}, b'{"code":0}')
LOST = NoReply(True, "no answer for 60 seconds")

Opened = Callable[..., AbstractContextManager[Journal]]


class FakeClock:
    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path, clock: FakeClock) -> Opened:
    """Opens a new run on the same journal."""

    @contextmanager
    def open_run(
        account: Account = ACCOUNT, class_: str = "A", settle: float = 900, **more: Any
    ) -> Iterator[Journal]:
        with Journal.open(
            home, account, RUN, class_=class_, settle_seconds=settle, clock=clock, **more
        ) as journal:
            yield journal

    return open_run


def order(reference: str, parent: str = "", rows: tuple[int, ...] = (2,), **payload: Any) -> Order:
    return Order(reference, parent or reference, {"ref": reference, **payload}, rows)


def plan(journal: Journal, *orders: Order) -> Plan[Order]:
    return journal.plan(orders, [])


def answer(
    journal: Journal,
    orders: Sequence[Order],
    *statuses: Status,
    reply: Reply | NoReply = REPLY,
) -> None:
    """One attempt with these orders, answered."""
    attempt = journal.intend(orders, REQUEST, deadline=0)
    outcomes = (Outcome(status, f"{status}!") for status in statuses)
    journal.record(attempt, reply, Judgement(tuple(outcomes)))


def state(journal: Journal, reference: str) -> State:
    return journal.records([reference])[reference].state


def references(orders: Sequence[Order]) -> list[str]:
    return [one.reference for one in orders]


def file(home: Path) -> Path:
    return home / "journal" / ACCOUNT.file_name


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file(home))) as connection:
        return connection.execute(query).fetchall()


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
        (Status.REJECTED, REPLY, State.REFUSED, Status.REJECTED, False),
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

        assert known.differences == ("order.city", "items[1]")
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
        pytest.param("B", 900, False, id="B"),
        pytest.param("C", 900, False, id="C"),
        pytest.param("D", 99999, False, id="D, never"),
    ],
)
def test_a_doubt_is_sent_again_only_where_a_second_copy_is_refused(
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
    assert (known.differences, known.flags) == (("n",), ("sheet_changed",))


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


def test_a_doubt_of_this_run_is_not_sent_again_in_it(opened: Opened, clock: FakeClock) -> None:
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
        ("UPDATE attempt SET reply = NULL", "it has ended"),
        ("UPDATE payload SET body = x'00'", "a payload does not change"),
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
        closing(sqlite3.connect(file(home))) as connection,
        pytest.raises(sqlite3.IntegrityError, match=because),
    ):
        connection.execute(change)


# -- split orders ----------------------------------------------------------------------------------


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
    """A line put in at the top pushes the last line of a part, already sent, into the next one."""
    with opened() as journal:
        first = [order("P-1", "P", items=[1, 2]), order("P-2", "P", items=[3])]
        answer(journal, plan(journal, *first).new, Status.ACCEPTED, Status.NOT_SENT)

    with opened() as journal:
        made = plan(journal, order("P-1", "P", items=[0, 1]), order("P-2", "P", items=[2, 3]))

    assert made.new == ()
    assert made.standing["P-1"].differences == ("items[0]", "items[1]")
    assert made.standing["P-2"].state is State.PLANNED
    assert made.standing["P-2"].message.startswith("Not sent: lines of this order were changed")


def test_an_invalid_order_shows_the_parts_that_were_sent(opened: Opened) -> None:
    with opened() as journal:
        answer(journal, plan(journal, *parts(2)).new, Status.ACCEPTED, Status.REJECTED)

    with opened() as journal:
        made: Plan[Order] = journal.plan([], [("P", (2, 3), ("no city",))])

        assert list(made.standing) == ["P-1"]
        assert journal.records(["P"]) == {}


# -- recovery --------------------------------------------------------------------------------------

CUT_OFF = """
import sys
from pathlib import Path
from converter.journal import Account, Journal, RunStart
from converter.model import HttpRequest, Order

home, stage = Path(sys.argv[1]), sys.argv[2]
account = Account("acme", "https://api.acme.test/v1", {"code": "C1"})
run = RunStart("acme", "create", "orders.xlsx", "", "", "")
with Journal.open(home, account, run, class_="A", settle_seconds=900) as journal:
    orders = journal.plan([Order(r, r, {"ref": r}, (2,)) for r in ("A1", "A2")], []).new
    if stage == "intended":
        request = HttpRequest("POST", "https://api.acme.test/v1/create", {}, b"{}")
        journal.intend(orders[:1], request, deadline=0)
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(home: Path, stage: str) -> Iterator[subprocess.Popen[str]]:
    """A run that waits at one point, until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", CUT_OFF, str(home), stage],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_a_killed_run_leaves_doubt_only_where_it_was_sending(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    with other_process(home, "intended") as process:
        process.kill()
    (started,) = rows(home, "SELECT started_at FROM attempt")[0]

    clock.time = started + 1
    with opened() as journal:
        known = journal.records(["A1", "A2"])
        made = plan(journal, order("A1"), order("A2"))

    assert (known["A1"].state, known["A2"].state) == (State.UNKNOWN, State.PLANNED)
    assert known["A1"].message == (
        "The run was cut off while this order was being sent, "
        "so the provider may or may not have it."
    )
    assert known["A1"].settle_until == started + 900
    assert (known["A1"].attempts, known["A1"].time) == (1, "")
    assert references(made.new) == ["A2"]
    assert list(made.standing) == ["A1"]

    clock.time = started + 900
    with opened() as journal:
        assert references(plan(journal, order("A1")).again) == ["A1"]


def test_a_killed_run_that_sent_nothing_leaves_no_doubt(opened: Opened, home: Path) -> None:
    with other_process(home, "planned") as process:
        process.kill()

    with opened() as journal:
        assert references(plan(journal, order("A1"), order("A2")).new) == ["A1", "A2"]


def test_the_second_run_of_an_account_is_refused_at_once(opened: Opened, home: Path) -> None:
    with other_process(home, "planned") as process:
        with pytest.raises(AccountBusy) as caught, opened():
            pass
        assert f"Another run holds this account: process {process.pid}, started 2" in str(
            caught.value
        )
        with opened(account=Account("acme", "https://api.acme.test/v1", {"code": "C2"})):
            pass  # another account is free

    with opened():
        pass  # the lock died with its process


def test_an_account_is_held_over_several_runs(opened: Opened, home: Path, clock: FakeClock) -> None:
    """What one run learns holds for the next, and nobody comes in between."""
    with journal_room.open_file(home, ACCOUNT) as account:
        runs = []
        for again in (False, True):
            journal = Journal.start(account, RUN, class_="A", settle_seconds=900, clock=clock)
            made = plan(journal, order("A1", sku=int(again)))
            runs.append(journal.run)
            assert references(made.new) == ([] if again else ["A1"])
            assert list(made.standing) == (["A1"] if again else [])
            if made.new:
                answer(journal, made.new, Status.ACCEPTED)
            with pytest.raises(AccountBusy), opened():
                pass
            journal.finish(result_path="", result_sha256="", counts={}, stopped="")

    assert rows(home, "SELECT name, finished <> '' FROM run") == [(name, 1) for name in runs]
    with opened():
        pass


# -- the file --------------------------------------------------------------------------------------


def test_only_the_owner_can_read_it(opened: Opened, home: Path) -> None:
    before = os.umask(0)
    try:
        with opened() as journal:
            plan(journal, order("A1"))
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file(home).parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3
    assert stat.S_IMODE(file(home).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_it_is_written_so_that_a_power_cut_loses_nothing(opened: Opened) -> None:
    with opened() as journal:
        pragma = {
            name: journal._file.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout", "user_version")
        }

    assert pragma == {
        "journal_mode": "delete",
        "synchronous": 3,
        "busy_timeout": 10000,
        "user_version": 2,
    }


def test_a_journal_that_is_gone_stops_everything(opened: Opened, home: Path) -> None:
    with opened():
        pass
    file(home).unlink()

    with pytest.raises(JournalError, match="is gone, though orders were sent with it"), opened():
        pass


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "it is empty", id="emptied"),
        pytest.param(
            lambda path: path.write_bytes(b"not a database" * 500),
            "file is not a database",
            id="overwritten",
        ),
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:9000]),
            "is damaged",
            id="cut off",
        ),
        pytest.param(
            lambda path: path.write_bytes(
                path.read_bytes()[:60] + b"\0\0\0\x07" + path.read_bytes()[64:]
            ),
            "made by a newer version",
            id="newer",
        ),
    ],
)
def test_a_journal_that_cannot_be_trusted_stops_everything(
    opened: Opened, home: Path, damage: Callable[[Path], object], message: str
) -> None:
    with opened() as journal:
        plan(journal, *(order(f"A{n}", text="x" * 500) for n in range(50)))
    damage(file(home))

    with pytest.raises(JournalError, match=message), opened():
        pass


def test_a_folder_that_cannot_be_made_stops_everything(opened: Opened, home: Path) -> None:
    home.write_text("a file stands where the folder should be")

    with pytest.raises(JournalError, match="cannot be written"), opened():
        pass


def account(url: str = ACCOUNT.base_url, sandbox: bool = False, **names: str) -> Account:
    return Account("acme", url, names or {"code": "C1"}, sandbox)


LOCAL = "http://127.0.0.1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(
            account(), account("HTTPS://API.acme.test:443/v1/"), True, id="address typed otherwise"
        ),
        pytest.param(account(), account("https://api.acme.test/v2"), False, id="another address"),
        pytest.param(account(), account(code="C2"), False, id="another code"),
        pytest.param(
            account(),
            account(code="C1", base_url=ACCOUNT.base_url),
            True,
            id="the address among the names",
        ),
        pytest.param(account(), account(sandbox=True), False, id="the sandbox"),
        pytest.param(
            account(f"{LOCAL}:41", sandbox=True, code="X", base_url=f"{LOCAL}:41"),
            account(f"{LOCAL}:42", sandbox=True, code="X", base_url=f"{LOCAL}:42"),
            True,
            id="the sandbox at another port",
        ),
    ],
)
def test_an_account_has_one_file(one: Account, other: Account, same: bool) -> None:
    assert (one.file_name == other.file_name) is same


def test_sandbox_journals_are_named_so() -> None:
    name = Account("acme", "http://127.0.0.1:4001", {}, sandbox=True).file_name

    assert name.startswith("sandbox-acme-")
    assert name.endswith(".sqlite3")
    assert len(name) == len("sandbox-acme-") + 12 + len(".sqlite3")


# -- a full disk -----------------------------------------------------------------------------------


def fill(journal: Journal) -> None:
    """No page more: what SQLite says then is what it says when the disk is full."""
    connection = journal._file.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_before_sending_sends_nothing(opened: Opened, home: Path) -> None:
    with opened() as journal:
        fill(journal)
        with pytest.raises(JournalError, match="database or disk is full"):
            plan(journal, *(order(f"A{n}", text="x" * 5000) for n in range(50)))

    with opened() as journal:
        assert journal.records(["A1"]) == {}


def test_an_answer_that_cannot_be_kept_is_told(opened: Opened, home: Path) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend(orders, REQUEST, deadline=0)
        fill(journal)
        outcomes = (Outcome(Status.ACCEPTED, "ok", "SC1"), Outcome(Status.REJECTED, "no city"))
        with pytest.raises(JournalError) as caught:
            journal.record(attempt, Reply(200, {}, b"x" * 100_000), Judgement(outcomes))

    assert str(caught.value).endswith(
        "and this is what is known of them; keep it, because the next run shows them as unknown:\n"
        "  A1: accepted SC1 ok\n"
        "  A2: rejected no city"
    )
    assert not file(home).with_suffix(".ballast").exists()

    with opened() as journal:
        assert state(journal, "A1") is State.UNKNOWN
    assert file(home).with_suffix(".ballast").stat().st_size == 8 * 1024 * 1024


def test_the_ballast_makes_room_for_one_answer_and_no_more(opened: Opened, home: Path) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend(orders[:1], REQUEST, deadline=0)
        fill(journal)
        drop = journal._file.drop_ballast

        def drop_and_make_room() -> None:
            drop()
            journal._file.connection.execute("PRAGMA max_page_count = 1000000")

        journal._file.drop_ballast = drop_and_make_room  # type: ignore[method-assign]
        outcome = Outcome(Status.ACCEPTED, "ok", "SC1")
        journal.record(attempt, Reply(200, {}, b"x" * 100_000), Judgement((outcome,)))

        assert state(journal, "A1") is State.ACCEPTED
        assert not file(home).with_suffix(".ballast").exists()
        with pytest.raises(JournalError, match="the disk is full"):
            journal.intend(orders[1:], REQUEST, deadline=0)


# -- answers and intents together ------------------------------------------------------------------


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


def test_a_disk_that_is_full_keeps_the_answer_and_begins_nothing(
    opened: Opened, home: Path
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


def test_answers_that_are_lost_together_are_told_together(opened: Opened, home: Path) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempts = [journal.intend([one], REQUEST, deadline=0) for one in orders]
        fill(journal)
        large = Reply(200, {}, b"x" * 100_000)

        with pytest.raises(JournalError) as caught:
            journal.exchange([AttemptResult(attempt, large, ACCEPTED) for attempt in attempts], ())

    assert str(caught.value).endswith("\n  A1: accepted SC1 ok\n  A2: accepted SC1 ok")


# -- secrets and evidence --------------------------------------------------------------------------


def test_no_secret_reaches_the_file(opened: Opened, home: Path) -> None:
    secret = "s3cret/token+1"
    encoded = base64.b64encode(b"user:" + secret.encode()).decode()
    request = HttpRequest(
        "POST",
        f"https://u:{quote(secret, safe='')}@api.acme.test/v1/create?sign={secret}&mode=x",
        {"Authorization": f"Basic {encoded}"},
        f'{{"token":"{secret}"}}'.encode(),
    )
    echo = f"echo {secret} {encoded} s3cret%2Ftoken%2B1"
    with opened(secrets=[secret]) as journal:
        made = journal.plan([order("A1"), order("A2")], [("A3", (3,), (f"bad {secret}",))])
        attempt = journal.intend(made.new[:1], request, deadline=0)
        outcome = Outcome(Status.REJECTED, echo, secret, secret, {"x": secret})
        judgement = Judgement((outcome,), request_id=secret, notes=(echo,))
        journal.record(attempt, Reply(400, {"x": secret}, echo.encode()), judgement)
        attempt = journal.intend(made.new[1:], request, deadline=0)
        unknown = Judgement((Outcome(Status.UNKNOWN, echo),))
        journal.record(attempt, NoReply(True, echo), unknown)
        journal.finish(result_path="r.xlsx", result_sha256="", counts={}, stopped=echo)

        assert journal.redact(echo) == "echo *** dXNlcjp***Q== ***"

    for path in file(home).parent.iterdir():
        data = path.read_bytes()
        for form in (secret, encoded, "s3cret", "czNjcmV0"):
            assert form.encode() not in data, path
    assert rows(home, "SELECT url FROM attempt LIMIT 1") == [
        ("https://api.acme.test/v1/create?sign=***&mode=***",)
    ]


def test_the_raw_answer_is_kept_up_to_a_mebibyte(opened: Opened, home: Path) -> None:
    body = b"<html>" + bytes(2 * 1024 * 1024)
    with opened() as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.UNKNOWN, reply=Reply(502, {}, body))

    kept, size, status, verdict = rows(
        home,
        "SELECT reply, reply_bytes, http_status, state FROM attempt",
    )[0]
    assert (kept, size) == (body[: 1024 * 1024], len(body))
    assert (status, verdict) == (502, "IN_DOUBT")


def test_what_came_of_a_broken_answer_is_kept_without_secrets(opened: Opened, home: Path) -> None:
    broken = NoReply(True, "it broke", status=200, body=b'{"token": "sk\\/12345", "no": "SC')
    with opened(secrets=["sk/12345"]) as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.UNKNOWN, reply=broken)

    assert rows(home, "SELECT reply, http_status, answered, state FROM attempt") == [
        (b'{"token": "***", "no": "SC', 200, "", "IN_DOUBT")
    ]


def test_text_that_cannot_be_written_does_not_lose_an_answer(opened: Opened) -> None:
    with opened() as journal:
        attempt = journal.intend(plan(journal, order("A1")).new, REQUEST, deadline=0)
        outcome = Outcome(Status.ACCEPTED, "half a \ud83d character", "SC1")
        journal.record(attempt, REPLY, Judgement((outcome,)))

        assert journal.records(["A1"])["A1"].message == "half a ? character"


def test_payloads_of_settled_orders_go_after_30_days(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2"), order("A3")).new
        answer(journal, orders[:2], Status.ACCEPTED, Status.REJECTED)
        answer(journal, orders[2:], Status.UNKNOWN)

    clock.time += 31 * 24 * 3600
    with opened() as journal:
        made = plan(journal, order("A1", n=2), order("A2"), order("A3"))

    assert (made.standing["A1"].flags, made.standing["A1"].differences) == (("sheet_changed",), ())
    assert references(made.new) == ["A2"]
    assert references(made.again) == ["A3"]
    bodies = rows(home, "SELECT body IS NULL, length(hash) FROM payload ORDER BY id")
    assert bodies == [(1, 64), (1, 64), (0, 64), (0, 64)]


def test_run_ids_tell_when_and_differ(opened: Opened) -> None:
    names = set()
    for _ in range(3):
        with opened() as journal:
            names.add(journal.run)

    assert len(names) == 3
    assert all(name.startswith("2027011") and len(name) == 20 for name in names)


def test_many_orders_are_planned_and_looked_up_in_bulk(opened: Opened) -> None:
    orders = [order(f"A{n}", weight=Decimal("1.5"), rows=(n,)) for n in range(20_000)]
    with opened() as journal:
        made = journal.plan(orders, [])
        assert [*made.new] == orders

    with opened() as journal:
        assert len(journal.plan(orders, []).new) == 20_000
        assert len(journal.records(references(orders))) == 20_000
