"""Journals copied between files and a server, checked and backed up there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from click.testing import Result

from converter.errors import AccountBusy, JournalError
from converter.journal import (
    Journal,
    ResendRule,
    State,
    back_up_all,
    check_all,
    copy_to_files,
    copy_to_server,
    copying,
)
from converter.journal.copying import triggers
from converter.model import NoReply, Status
from tests.journal.builders import (
    ACCOUNT,
    RUN,
    FakeClock,
    answer,
    file,
    held,
    order,
    plan,
    references,
    rows,
    state,
)

pytestmark = pytest.mark.postgresql

OpenHere = Callable[[], AbstractContextManager[Journal]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def open_here(here: Path, clock: FakeClock) -> OpenHere:
    return lambda: Journal.open(here, ACCOUNT, RUN, resend=ResendRule("A", 0), clock=clock)


@pytest.fixture
def on_server(database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether the journals are on the server from now on."""

    def choose(wanted: bool) -> None:
        if wanted:
            monkeypatch.setenv("CONVERTER_JOURNAL", database)
        else:
            monkeypatch.delenv("CONVERTER_JOURNAL", raising=False)

    return choose


def used(open_here: OpenHere) -> None:
    with open_here() as book:
        book.plan(
            [order(f"A{n}", name="坚果\u2400") for n in range(4)], [("bad\0", (9,), ("why",))]
        )
        some = [order(f"A{n}", name="坚果\u2400") for n in range(3)]
        answer(book, some, Status.ACCEPTED, Status.UNKNOWN, Status.REJECTED)
        answer(book, [order("A3", name="坚果\u2400")], Status.UNKNOWN, reply=NoReply(True, "lost"))


@pytest.mark.parametrize("from_server", [False, True])
def test_a_copy_is_the_journal(
    open_here: OpenHere, here: Path, on_server: Callable[[bool], None], from_server: bool
) -> None:
    on_server(from_server)
    used(open_here)
    before = {table: sorted(map(repr, _whole(here, table))) for table in copying.tables()}

    on_server(True)
    (copied,) = (copy_to_files if from_server else copy_to_server)(here)
    on_server(not from_server)

    after = {table: sorted(map(repr, _whole(here, table))) for table in copying.tables()}
    assert after == before
    assert copied.rows == sum(map(len, after.values()))
    assert [one.problem for one in check_all(here)] == [""]
    with open_here() as book:  # it goes on where the other one ended
        made = plan(book, *(order(f"A{n}", name="坚果\u2400") for n in range(5)))
        assert references(made.new) == ["A4"]
        assert references(made.again) == ["A1", "A3"]
        assert state(book, "A0") is State.ACCEPTED
        answer(book, made.new, Status.ACCEPTED)
    with held(here) as connection, pytest.raises(sqlite3.IntegrityError, match="stays accepted"):
        connection.execute("UPDATE part SET state = 'PLANNED' WHERE key = 'A0'")

    on_server(from_server)
    with pytest.raises(JournalError), open_here():
        pass  # the one that was left behind does not know what was sent since


def _whole(home: Path, table: str) -> list[tuple[object, ...]]:
    columns = ", ".join(copying.tables()[table])
    return [tuple(row) for row in rows(home, f"SELECT {columns} FROM {table}")]


def test_nothing_is_copied_over_and_nothing_that_is_used(
    open_here: OpenHere, here: Path, on_server: Callable[[bool], None]
) -> None:
    on_server(False)
    used(open_here)
    with open_here():
        on_server(True)
        with pytest.raises(AccountBusy):
            list(copy_to_server(here))
    list(copy_to_server(here))

    assert [one.rows for one in copy_to_server(here)] == [0]  # others that failed can go on
    with pytest.raises(JournalError, match="has runs already"):
        list(copy_to_files(here))
    with open_here(), pytest.raises(AccountBusy):
        list(copy_to_files(here))


def test_a_copy_that_differs_is_thrown_away(
    open_here: OpenHere,
    here: Path,
    on_server: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_server(False)
    used(open_here)
    on_server(True)
    count = iter(range(10**6))
    monkeypatch.setattr(copying, "_digest", lambda _: next(count))

    with pytest.raises(JournalError, match="differs from"):
        list(copy_to_server(here))
    monkeypatch.undo()
    on_server(True)
    assert [one.rows > 0 for one in copy_to_server(here)] == [True]


def test_a_backup_of_the_server_is_a_journal_in_a_file(
    open_here: OpenHere, here: Path, tmp_path: Path, on_server: Callable[[bool], None]
) -> None:
    on_server(True)
    with open_here() as book:
        plan(book, order("A1"))
        (one,) = back_up_all(here, tmp_path / "backup")  # during a run too

    with closing(sqlite3.connect(one.target)) as connection:
        assert connection.execute("SELECT reference, state FROM part").fetchall() == [
            ("A1", "PLANNED")
        ]
        found = connection.execute("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger'")
        assert found.fetchone() == (len(triggers()),)
    assert one.target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in one.target.parent.iterdir()] == [one.target.name]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("ALTER TABLE part DISABLE TRIGGER accepted_is_for_ever", "accepted_is_for_ever"),
        ("DROP TRIGGER keep_answer ON answer", "keep_answer"),
        (
            "ALTER TABLE part DISABLE TRIGGER USER;"
            "UPDATE part SET state = 'ACCEPTED' WHERE key = 'A2';"
            "ALTER TABLE part ENABLE TRIGGER USER",
            "order A2 is accepted without evidence",
        ),
        (
            "ALTER TABLE part DISABLE TRIGGER USER;"
            "UPDATE part SET state = 'PLANNED' WHERE key = 'A1';"
            "ALTER TABLE part ENABLE TRIGGER USER",
            "order A1 is no longer in doubt",
        ),
    ],
)
def test_a_journal_that_breaks_its_rules_is_named(
    open_here: OpenHere,
    here: Path,
    on_server: Callable[[bool], None],
    change: str,
    problem: str,
) -> None:
    on_server(True)
    used(open_here)
    with held(here) as connection:
        for statement in change.split(";"):
            connection.execute(statement)

    (checked,) = check_all(here)
    assert problem in checked.problem


def test_the_command_says_what_it_copied(
    run: Callable[..., Result],
    open_here: OpenHere,
    here: Path,
    on_server: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_server(False)
    used(open_here)
    monkeypatch.setenv("CONVERTER_HOME", str(here))
    nowhere = run("journal", "copy", "files", "server")
    on_server(True)
    done = run("journal", "copy", "files", "server", "--lang", "en")
    same = run("journal", "copy", "server", "server")

    assert nowhere.exit_code == 6
    assert "CONVERTER_JOURNAL is not set" in nowhere.stderr
    assert done.exit_code == 0
    assert f"{file(here)}: copied to postgresql:///" in done.stdout
    assert "rows, and compared" in done.stdout
    assert same.exit_code == 2
