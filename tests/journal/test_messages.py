"""Messages are kept with their template and facts, and told in any language later."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from converter import journal
from converter.journal import State
from converter.journal.fold import CUT_OFF
from converter.journal.redaction import Redaction
from converter.journal.schema import TABLES
from converter.message import Message, from_json, join, t
from converter.messages import translate
from converter.model import Finding, Judgement, NoReply, Outcome, Status
from tests.journal.builders import (
    REPLY,
    REQUEST,
    FakeClock,
    Opened,
    file,
    forget_cancelling,
    in_a_file,
    order,
    plan,
    rows,
    state,
)

BUSY = t("The provider is busy and did not take the request.")
NO_ANSWER = t(
    "No usable answer came: {reason}.", reason=t("no answer for {seconds} seconds", seconds=3)
)
NEW_COLUMNS = {
    "part": "message_json",
    "answer": "message_json",
    "attempt": "reason_json",
    "evidence": "note_json",
    "run": "stopped_json",
}


def send(opened: Opened, *outcomes: Outcome) -> None:
    with opened() as book:
        orders = [order(f"A{number}") for number in range(len(outcomes))]
        attempt = book.intend(plan(book, *orders).new, REQUEST, deadline=0)
        book.record(attempt, REPLY, Judgement(outcomes, notes=(BUSY,)))
        book.finish(result_path="", result_sha256="", counts={}, stopped=BUSY)


def downgrade(home: Path) -> None:
    """Make it the journal of version 2 that an older program has left."""
    with closing(sqlite3.connect(file(home))) as connection:
        forget_cancelling(connection)
        for table in ("sighting", "call"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP VIEW doubt")
        connection.executescript("CREATE VIEW doubt" + TABLES.partition("CREATE VIEW doubt")[2])
        for column in ("request_key", "job"):
            connection.execute(f"ALTER TABLE attempt DROP COLUMN {column}")
        for table, column in NEW_COLUMNS.items():
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        for index in ("attempt_open", "part_in_doubt", "payload_kept"):
            connection.execute(f"DROP INDEX {index}")
        for name in (
            "listed.unchanged", "run.mark", "account.looked_at", "part.doubt_seen", "run.profile",
            "run.profile_sha256",
        ):  # fmt: skip
            table, _, column = name.partition(".")
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 2")
        connection.commit()


def test_what_we_say_is_kept_as_template_and_facts(opened: Opened, home: Path) -> None:
    send(opened, Outcome(Status.UNKNOWN, NO_ANSWER), Outcome(Status.REJECTED, "地址不存在 {x}"))

    kept = rows(home, "SELECT message, message_json FROM answer ORDER BY part")
    (doubt,) = journal.open_unknowns(home)
    (run,) = journal.runs(home)

    assert kept[0][0] == "No usable answer came: no answer for 3 seconds."
    assert json.loads(kept[0][1])["facts"]["reason"]["facts"] == {"seconds": "3"}
    assert kept[1] == ("地址不存在 {x}", "")  # a provider's words are nobody's template
    assert translate(doubt.message, "zh") == "没有收到可用的答复：等待 3 秒没有答复。"
    assert translate(run.stopped, "zh") == "服务商系统繁忙，没有受理该请求。"
    assert rows(home, "SELECT notes FROM attempt") == [
        (json.dumps([{"template": str(BUSY), "facts": {}}]),)
    ]


def test_messages_of_several_attempts_are_told_together(opened: Opened, clock: FakeClock) -> None:
    send(opened, Outcome(Status.UNKNOWN, NO_ANSWER))
    clock.time += 1000
    with opened() as book:
        attempt = book.intend(plan(book, order("A0")).again, REQUEST, deadline=0)
        book.record(attempt, NoReply(False, BUSY), Judgement((Outcome(Status.NOT_SENT, BUSY),)))
        known = book.records(["A0"])["A0"]

    assert translate(known.message, "zh") == (
        "没有收到可用的答复：等待 3 秒没有答复。 之后的一次尝试也未能确认，"
        "其答复为：服务商系统繁忙，没有受理该请求。"
    )


def test_why_an_order_was_invalid_is_told_in_any_language(opened: Opened, home: Path) -> None:
    with opened() as book:
        book.plan([], [("B1", (2,), (NO_ANSWER, "plain")), ("", (3,), (BUSY,))])
    (run,) = journal.runs(home)

    _, found = journal.orders(home, run.run)

    assert [translate(one.record.message, "zh") for one in found] == [
        "没有收到可用的答复：等待 3 秒没有答复。\nplain",
        "服务商系统繁忙，没有受理该请求。",
    ]


def test_what_a_person_found_is_told_in_any_language(opened: Opened, home: Path) -> None:
    send(opened, Outcome(Status.UNKNOWN, NO_ANSWER))
    note = join(" ", [t("{who} found it at the provider.", who="Ann"), "by phone"])
    with opened() as book:
        book.settle([Finding("A0", True, "decision", who="Ann", note=note)])
        known = book.records(["A0"])["A0"]

    assert translate(known.message, "zh") == "Ann 在服务商查到该订单。by phone"
    (kept,) = rows(home, "SELECT note, note_json FROM evidence")
    assert (kept[0], from_json(json.loads(kept[1]))) == (str(note), note)


# -- journals of before ----------------------------------------------------------------------------


@in_a_file
def test_an_older_journal_is_read_as_it_lies(opened: Opened, home: Path) -> None:
    send(opened, Outcome(Status.UNKNOWN, NO_ANSWER))
    downgrade(home)
    before = file(home).read_bytes()

    (doubt,) = journal.open_unknowns(home)
    (run,) = journal.runs(home)
    _, (past,) = journal.orders(home, run.run)

    assert doubt.message == past.record.message == str(NO_ANSWER)
    assert translate(doubt.message, "zh") == str(NO_ANSWER)
    assert file(home).read_bytes() == before


@in_a_file
def test_an_older_journal_is_taken_along(opened: Opened, home: Path, clock: FakeClock) -> None:
    send(opened, Outcome(Status.UNKNOWN, NO_ANSWER), Outcome(Status.ACCEPTED, "ok", "N1"))
    downgrade(home)
    clock.time += 1000

    with opened() as book:
        made = plan(book, order("A0"), order("A1"), order("A2"))
        attempt = book.intend([*made.again, *made.new], REQUEST, deadline=0)
        found = (Outcome(Status.DUPLICATE, "exists"), Outcome(Status.UNKNOWN, NO_ANSWER))
        book.record(attempt, REPLY, Judgement(found))

        assert state(book, "A0") is State.ACCEPTED
        assert book.records(["A1"])["A1"].message == "ok"
        assert isinstance(book.records(["A2"])["A2"].message, Message)
    assert rows(home, "PRAGMA user_version") == [(7,)]


@in_a_file
def test_a_request_that_an_older_program_left_open_becomes_unknown(
    opened: Opened, home: Path
) -> None:
    with opened() as book:
        book.intend(plan(book, order("A0")).new, REQUEST, deadline=0)
    downgrade(home)

    with opened() as book:
        known = book.records(["A0"])["A0"]

    assert known.status is Status.UNKNOWN
    assert translate(known.message, "zh") == translate(CUT_OFF, "zh") != str(CUT_OFF)


# -- secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            t("{message} Not created: {names}.", message="bad tok-123", names="L1"),
            "bad *** Not created: L1.",
            id="in a fact",
        ),
        pytest.param(
            t("Nothing can be sent: {reason}.", reason=t("{place}: {problem}", place="tok-123")),
            "Nothing can be sent: ***: {problem}.",
            id="in a message within",
        ),
        pytest.param(t("a{one}{other}b", one="tok-", other="123"), "a***b", id="across two facts"),
    ],
)
def test_facts_are_kept_without_secrets(message: Message, expected: str) -> None:
    assert Redaction(["tok-123"]).clean(message) == expected
