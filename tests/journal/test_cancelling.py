from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from converter import journal
from converter.errors import JournalError
from converter.journal import CancelFinding, CancelVerdict, Journal, ResendRule, State
from converter.journal.cancelling import CancelEvents, CancelRequest, fold
from converter.model import HttpRequest, Judgement, NoReply, Outcome, Reply, Status
from tests.journal.builders import (
    REPLY,
    REQUEST,
    FakeClock,
    Opened,
    answer,
    in_a_file,
    order,
    plan,
    rows,
)

CANCEL = HttpRequest("POST", "https://api.acme.test/v1/cancel?key=k", {}, b'{"no":"N1"}')
FREES = ResendRule("A", 900, frees_references=True)


def accept(book: Journal, reference: str, numbers: str = "N1") -> None:
    """Have an order accepted under these numbers."""
    sent = order(reference)
    plan(book, sent)
    attempt = book.intend([sent], REQUEST, deadline=0)
    book.record(attempt, REPLY, Judgement((Outcome(Status.ACCEPTED, "", numbers),)))


def cancel(
    book: Journal,
    reference: str,
    verdict: CancelVerdict,
    number: str = "",
    message: str = "",
    reply: Reply | NoReply = REPLY,
) -> None:
    book.cancels.record(book.cancels.intend(reference, number, CANCEL), reply, verdict, message)


def status(book: Journal, reference: str) -> Status:
    return book.records([reference])[reference].status


# -- what the requests prove -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "shown", "told"),
    [
        (CancelVerdict.CANCELLED, Status.CANCELLED, "Cancelled at the provider."),
        (CancelVerdict.REFUSED, Status.ACCEPTED, "refused to cancel it: x"),
        (CancelVerdict.IN_DOUBT, Status.CANCEL_UNKNOWN, "x"),
        (CancelVerdict.NOT_PROCESSED, Status.ACCEPTED, "was not taken, so it stands as before: x"),
    ],
)
def test_each_verdict_has_its_state(
    opened: Opened, verdict: CancelVerdict, shown: Status, told: str
) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", verdict, message="x")

        known = book.records(["A1"])["A1"]

    assert known.state is State.ACCEPTED
    assert known.status is shown
    assert str(known.cancel_message).endswith(told)


def test_the_intent_is_on_the_disk_before_the_request(opened: Opened, home: Path) -> None:
    with opened() as book:
        accept(book, "A1")
        book.cancels.intend("A1", "N1", CANCEL)

        kept = rows(home, "SELECT number, verdict, url, method FROM cancel_attempt")
        (doubt,) = journal.open_unknowns(home)

    assert kept == [("N1", None, "https://api.acme.test/v1/cancel?key=***", "POST")]
    assert doubt.status is Status.CANCEL_UNKNOWN
    assert str(doubt.message).startswith("Being cancelled at this moment")


def test_a_run_that_was_cut_off_leaves_the_cancellation_unknown(opened: Opened, home: Path) -> None:
    with opened() as book:
        accept(book, "A1")
        book.cancels.intend("A1", "N1", CANCEL)
    with opened() as book:
        known = book.records(["A1"])["A1"]
        with pytest.raises(JournalError):
            book.cancels.intend("A1", "N1", CANCEL)

    assert known.status is Status.CANCEL_UNKNOWN
    assert "cut off" in known.cancel_message
    assert rows(home, "SELECT COUNT(*) FROM cancel_attempt") == [(1,)]


@pytest.mark.parametrize("verdict", [CancelVerdict.CANCELLED, CancelVerdict.IN_DOUBT])
def test_nothing_is_cancelled_twice(opened: Opened, verdict: CancelVerdict) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", verdict)

        with pytest.raises(JournalError, match="cannot be written"):
            book.cancels.intend("A1", "", CANCEL)


def test_what_was_refused_may_be_tried_again(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.REFUSED, message="too soon")
        cancel(book, "A1", CancelVerdict.CANCELLED)

        assert status(book, "A1") is Status.CANCELLED


@pytest.mark.parametrize("sent", [Status.UNKNOWN, Status.REJECTED, Status.DUPLICATE, None])
def test_only_an_accepted_order_is_cancelled(opened: Opened, sent: Status | None) -> None:
    with opened() as book:
        made = plan(book, order("A1"))
        if sent:
            answer(book, made.new, sent)

        with pytest.raises(JournalError):
            book.cancels.intend("A1", "", CANCEL)


def test_an_order_with_several_numbers_is_cancelled_number_by_number(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1", "N1; N2")
        cancel(book, "A1", CancelVerdict.CANCELLED, "N1")
        cancel(book, "A1", CancelVerdict.REFUSED, "N2", "paid")
        partly = book.records(["A1"])["A1"]
        with pytest.raises(JournalError):
            book.cancels.intend("A1", "N1", CANCEL)
        cancel(book, "A1", CancelVerdict.CANCELLED, "N2")

        assert status(book, "A1") is Status.CANCELLED
    assert partly.status is Status.ACCEPTED
    assert partly.cancel_message == "Cancelled at the provider: N1. Not cancelled: N2. paid"


# -- what a query or a person finds out ------------------------------------------------------------


@pytest.mark.parametrize(
    ("cancelled", "shown"), [(True, Status.CANCELLED), (False, Status.ACCEPTED)]
)
def test_a_doubt_is_settled_by_what_is_found_out(
    opened: Opened, cancelled: bool, shown: Status
) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.IN_DOUBT, reply=NoReply(True, "nothing came"))

        settled = book.cancels.settle([CancelFinding("A1", cancelled, "decision", "Li", "looked")])
        known = book.records(["A1"])["A1"]

    assert settled == ["A1"]
    assert known.status is shown
    assert known.cancel_message == "looked"


def test_what_stands_after_all_may_be_cancelled_again(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.IN_DOUBT)
        book.cancels.settle([CancelFinding("A1", False, "query")])
        cancel(book, "A1", CancelVerdict.IN_DOUBT, message="lost")

        assert status(book, "A1") is Status.CANCEL_UNKNOWN


def test_an_order_that_somebody_cancelled_there_is_cancelled_here(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1")
        answer(book, plan(book, order("A2")).new, Status.UNKNOWN)

        settled = book.cancels.settle(
            [
                CancelFinding("A1", True, "decision", "Li", "cancelled in the portal"),
                CancelFinding("A2", True, "decision", "Li", "is in doubt itself"),
                CancelFinding("A3", True, "decision", "Li", "was never sent"),
            ]
        )

        assert settled == ["A1"]
        assert status(book, "A1") is Status.CANCELLED
        assert status(book, "A2") is Status.UNKNOWN


# -- after that ------------------------------------------------------------------------------------


def test_a_cancelled_order_is_not_sent_again(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.CANCELLED)
    for rule in (ResendRule("A", 900), FREES):
        with opened(rule=rule) as book:
            changed = order("A1", note="changed")
            again = rule.frees_references
            made = book.plan([changed], [], again_cancelled=not again)

            assert made.new == ()
            assert made.standing["A1"].status is Status.CANCELLED
            assert made.standing["A1"].differences == ()


def test_it_is_sent_anew_where_the_provider_frees_its_reference(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    with opened() as book:
        accept(book, "A1", "N1")
        cancel(book, "A1", CancelVerdict.CANCELLED)
        first = book.run
    with opened(rule=FREES) as book:
        sent = order("A1", note="changed")
        made = book.plan([sent], [], again_cancelled=True)
        assert made.new == (sent,)
        attempt = book.intend([sent], REQUEST, deadline=0)
        book.record(attempt, NoReply(True, "lost"), Judgement((Outcome(Status.UNKNOWN, "lost"),)))
        assert status(book, "A1") is Status.UNKNOWN
    clock.time += 1000
    with opened(rule=FREES) as book:
        again = plan(book, sent).again
        answer(book, again, Status.ACCEPTED)
        assert status(book, "A1") is Status.ACCEPTED
        cancel(book, "A1", CancelVerdict.REFUSED, message="shipped")
        known = book.records(["A1"])["A1"]

    assert known.cancel_message.endswith("shipped")
    assert known.attempts == 3
    _, then = journal.orders(home, first)
    assert then[0].record.status is Status.CANCELLED


def test_it_is_not_sent_anew_after_a_later_refresh(opened: Opened) -> None:
    """A query that still finds a cancelled order does not bring it back."""
    from converter.model import Finding

    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.CANCELLED)

        assert book.settle([Finding("A1", True, "query", "N1", "T1")]) == []
        assert status(book, "A1") is Status.CANCELLED


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("UPDATE part SET state = 'PLANNED'", "an accepted order stays accepted"),
        ("UPDATE part SET cancellation = ''", "a cancelled order stays cancelled"),
        ("UPDATE cancel_attempt SET verdict = 'refused'", "it has ended"),
        ("UPDATE cancel_attempt SET reply = reply", "a reply does not change"),
        ("DELETE FROM cancel_attempt", "the journal forgets nothing"),
        ("DELETE FROM cancel_evidence", "the journal forgets nothing"),
        (
            "INSERT INTO cancel_attempt (part, sent, run, number, started, method, url,"
            " body_sha256) VALUES (1, 1, 1, '', '', '', '', '')",
            "only an accepted order is cancelled",
        ),
    ],
)
def test_the_file_itself_refuses_it(opened: Opened, statement: str, because: str) -> None:
    with opened() as book:
        accept(book, "A1")
        cancel(book, "A1", CancelVerdict.IN_DOUBT)
        book.cancels.settle([CancelFinding("A1", True, "query")])
        connection = book._file.connection

        with pytest.raises(sqlite3.IntegrityError, match=because):
            connection.execute(statement)


def test_the_file_refuses_a_cancellation_without_evidence(opened: Opened) -> None:
    with opened() as book:
        accept(book, "A1")
        connection = book._file.connection
        for state, because in (
            ("CANCELLED", "only with evidence"),
            ("PARTLY", ""),
        ):
            if because:
                with pytest.raises(sqlite3.IntegrityError, match=because):
                    connection.execute("UPDATE part SET cancellation = ?", (state,))
        book.cancels.intend("A1", "", CANCEL)
        with pytest.raises(sqlite3.IntegrityError, match="a doubt is settled only by evidence"):
            connection.execute("UPDATE part SET cancellation = 'REFUSED'")
        with pytest.raises(sqlite3.IntegrityError, match="only a cancelled order is sent anew"):
            connection.execute("INSERT INTO released VALUES (1, 1, 1, '')")


def test_the_order_of_two_findings_does_not_matter() -> None:
    asked = [CancelRequest(1, "", CancelVerdict.IN_DOUBT, "lost")]
    once = fold("N1", CancelEvents(asked, [(1, True, "gone")]))
    twice = fold("N1", CancelEvents(asked, [(1, True, "gone"), (1, False, "there")]))

    assert once == twice


@in_a_file
def test_secrets_are_masked_in_what_is_kept(opened: Opened, home: Path) -> None:
    with opened(secrets=["geheim-123"]) as book:
        accept(book, "A1")
        reply = Reply(500, {}, b'{"echo": "geheim-123"}')
        cancel(book, "A1", CancelVerdict.IN_DOUBT, message="not geheim-123", reply=reply)

    assert b"geheim" not in next((home / "journal").glob("*.sqlite3")).read_bytes()
