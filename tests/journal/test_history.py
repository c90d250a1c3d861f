from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from converter.errors import JournalError
from converter.journal import (
    Account,
    Journal,
    OpenUnknown,
    PastRun,
    ResendRule,
    RunStart,
    open_unknowns,
    runs,
)
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status

REQUEST = HttpRequest("POST", "https://api.acme.test/v1/create", {}, b"{}")
NOON = 1_800_000_000.0


@contextmanager
def run(
    home: Path, code: str = "C1", *, class_: str = "A", sandbox: bool = False, at: float = NOON
) -> Iterator[Journal]:
    account = Account("acme", "https://api.acme.test/v1", {"code": code}, sandbox)
    start = RunStart("acme", "create", "orders.xlsx", "", "", "")
    with Journal.open(
        home, account, start, resend=ResendRule(class_, 900), clock=lambda: at
    ) as journal:
        yield journal


def send(journal: Journal, *results: tuple[str, Status]) -> None:
    orders = journal.plan([Order(name, name, {"ref": name}, (2,)) for name, _ in results], []).new
    attempt = journal.intend(orders, REQUEST, deadline=0)
    outcomes = tuple(Outcome(status, f"{status}!") for _, status in results)
    journal.record(attempt, Reply(200, {}, b""), Judgement(outcomes))


def test_there_is_nothing_to_tell_before_the_first_run(tmp_path: Path) -> None:
    assert runs(tmp_path / "none") == []
    assert open_unknowns(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_runs_of_all_accounts_are_told_the_newest_first(tmp_path: Path) -> None:
    result = tmp_path / "orders.result.xlsx"
    with run(tmp_path) as first:
        first.finish(result_path=str(result), result_sha256="aa", counts={}, stopped="")
    with run(tmp_path, sandbox=True, at=NOON + 60) as second:
        counts = {"accepted": 2}
        second.finish(result_path=str(result), result_sha256="bb", counts=counts, stopped="busy")
    with run(tmp_path, "C2", at=NOON + 120) as third:
        pass

    found = runs(tmp_path)
    assert [one.run for one in found] == [third.run, second.run, first.run]
    assert found[1] == PastRun(
        provider="acme",
        sandbox=True,
        run=second.run,
        started=found[1].started,
        action="create",
        sheet="orders.xlsx",
        counts={"accepted": 2},
        result_path=str(result),
        finished=True,
        stopped="busy",
    )
    assert (found[0].finished, found[0].sandbox, found[0].counts) == (False, False, {})


def test_orders_in_doubt_are_told_until_they_are_settled(tmp_path: Path) -> None:
    with run(tmp_path, "C1", class_="D", at=NOON + 5) as journal:
        send(journal, ("D1", Status.UNKNOWN))
    with run(tmp_path, "C2") as journal:
        send(journal, ("A1", Status.UNKNOWN), ("A2", Status.ACCEPTED), ("A3", Status.UNKNOWN))
    with run(tmp_path, "C2", at=NOON + 900) as journal:
        again = journal.plan([Order("A3", "A3", {"ref": "A3"}, (2,))], []).again
        attempt = journal.intend(again, REQUEST, deadline=0)
        journal.record(attempt, Reply(200, {}, b""), Judgement((Outcome(Status.ACCEPTED),)))

    assert open_unknowns(tmp_path) == [
        OpenUnknown("acme", False, "A1", NOON, NOON + 900, "unknown!"),
        OpenUnknown("acme", False, "D1", NOON + 5, None, "unknown!"),
    ]


def test_an_order_that_was_being_sent_is_told_with_the_moment_it_was_sent(tmp_path: Path) -> None:
    with run(tmp_path, class_="D") as journal:
        orders = journal.plan([Order("D1", "D1", {"ref": "D1"}, (2,))], []).new
        journal.intend(orders, REQUEST, deadline=0)

    assert [one.since for one in open_unknowns(tmp_path)] == [NOON]


def test_a_look_neither_waits_for_a_run_nor_disturbs_it(tmp_path: Path) -> None:
    with run(tmp_path) as journal:
        orders = journal.plan([Order("A1", "A1", {"ref": "A1"}, (2,))], []).new
        attempt = journal.intend(orders, REQUEST, deadline=0)

        assert [one.run for one in runs(tmp_path)] == [journal.run]
        assert [(one.reference, one.message) for one in open_unknowns(tmp_path)] == [
            (
                "A1",
                "Being sent at this moment, or its run was cut off: "
                "then submit the sheet again to find out.",
            )
        ]

        outcome = Outcome(Status.NOT_SENT)
        journal.record(attempt, NoReply(False, "refused"), Judgement((outcome,)))
        assert open_unknowns(tmp_path) == []


HALF_WRITTEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE run SET stopped = 'never committed'")
for number in range(200):
    connection.execute(
        "INSERT INTO problem (run, reference, rows, reasons) VALUES (1, 'x', '[]', ?)", ["x" * 2000]
    )
os.kill(os.getpid(), 9)
"""


def test_a_commit_cut_off_half_way_is_undone_in_a_copy(tmp_path: Path) -> None:
    with run(tmp_path) as journal:
        send(journal, ("A1", Status.UNKNOWN))
    (path,) = (tmp_path / "journal").glob("*.sqlite3")
    subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(path)], check=False)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert path.name + "-journal" in before

    assert [one.stopped for one in runs(tmp_path)] == [""]
    assert [one.reference for one in open_unknowns(tmp_path)] == ["A1"]
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before

    with run(tmp_path) as journal:
        assert journal.records(["A1"])["A1"].status is Status.UNKNOWN


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "acme-0.sqlite3").write_bytes(b"not a database" * 100)

    with pytest.raises(JournalError, match=r"acme-0\.sqlite3 cannot be read: file is not a"):
        runs(tmp_path)
