"""A journal on a server: who holds it, and what becomes of answers when the way to it breaks."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from converter import journal, settings
from converter.errors import AccountBusy, JournalError, SettingsError
from converter.journal import Journal, ResendRule, State, schema, server, shared
from converter.journal.account import Account
from converter.journal.postgres import PostgresConnection
from converter.model import Judgement, Outcome, Status
from tests.journal.builders import (
    ACCOUNT,
    REPLY,
    REQUEST,
    RUN,
    FakeClock,
    answer,
    held,
    order,
    plan,
    references,
    rows,
    state,
)
from tests.journal.test_recovery import other_process
from tests.postgres import TestServer
from tests.postgres_proxy import Proxy, proxy_of

pytestmark = pytest.mark.postgresql

OpenIn = Callable[[Path], AbstractContextManager[Journal]]


@pytest.fixture(autouse=True)
def _on_the_server(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_JOURNAL", database)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The home of one machine."""
    return tmp_path / "here"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """The home of another machine."""
    return tmp_path / "there"


@pytest.fixture
def open_in(clock: FakeClock) -> OpenIn:
    return lambda home: Journal.open(home, ACCOUNT, RUN, resend=ResendRule("A", 0), clock=clock)


@pytest.fixture
def proxy(
    postgresql: TestServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    with proxy_of(postgresql.folder) as made:
        monkeypatch.setenv("CONVERTER_JOURNAL", made.address)
        monkeypatch.setattr(shared, "_RECONNECT_SECONDS", 1.0)
        yield made


# -- who holds an account --------------------------------------------------------------------------


def test_what_one_machine_sent_the_other_knows(open_in: OpenIn, here: Path, there: Path) -> None:
    with open_in(here) as book:
        answer(book, plan(book, order("A1"), order("A2")).new, Status.ACCEPTED, Status.UNKNOWN)

    with open_in(there) as book:
        made = plan(book, order("A1"), order("A2"), order("A3"))
        assert references(made.new) == ["A3"]
        assert references(made.again) == ["A2"]


def test_another_machine_is_told_who_holds_it(open_in: OpenIn, here: Path, there: Path) -> None:
    with open_in(here) as book:
        with pytest.raises(AccountBusy) as caught, open_in(there):
            pass
        whole = f"run {book.run}, process {os.getpid()} on {socket.gethostname()}, started 2"
        assert whole in str(caught.value)

    with open_in(there):
        pass


def test_a_killed_holder_leaves_doubt_and_the_account(
    open_in: OpenIn, here: Path, there: Path
) -> None:
    with other_process(here, "intended") as process:
        with pytest.raises(AccountBusy), open_in(there):
            pass
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(AccountBusy), open_in(there):
            pass
        process.kill()
        process.wait()

        with _as_soon_as_free(open_in, there) as book:
            assert (state(book, "A1"), state(book, "A2")) == (State.UNKNOWN, State.PLANNED)


@contextmanager
def _as_soon_as_free(open_in: OpenIn, home: Path) -> Iterator[Journal]:
    """The server needs a moment to notice that a process is gone."""
    for left in reversed(range(200)):
        try:
            with journal.open_file(home, ACCOUNT):
                break
        except AccountBusy:
            if not left:
                raise
            time.sleep(0.02)
    with open_in(home) as book:
        yield book


def test_a_session_that_the_server_ends_sends_nothing_more(
    open_in: OpenIn, here: Path, there: Path, postgresql: TestServer
) -> None:
    with open_in(here) as book:
        made = plan(book, order("A1"))
        postgresql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'converter'"
        )
        with _as_soon_as_free(open_in, there) as other:
            assert references(plan(other, order("A1")).new) == ["A1"]
            answer(other, [order("A1")], Status.ACCEPTED)
        with pytest.raises(JournalError, match="cannot be written"):
            book.intend(made.new, REQUEST, deadline=0)

    assert rows(here, "SELECT COUNT(*) FROM attempt") == [(1,)]


def test_only_the_newest_holder_can_write(open_in: OpenIn, here: Path) -> None:
    with open_in(here) as book:
        plan(book, order("A1"))
        connection = book._file.connection
        connection.execute("UPDATE holder SET epoch = epoch + 1")  # as another one would
        with pytest.raises(JournalError, match="another run holds the account"):
            book.intend([order("A1")], REQUEST, deadline=0)


# -- what a server has to be -----------------------------------------------------------------------


def test_a_connection_pool_is_refused(open_in: OpenIn, here: Path, proxy: Proxy) -> None:
    proxy.other_backend = True

    with pytest.raises(JournalError, match="is a connection pool"), open_in(here):
        pass


def test_a_server_that_loses_commits_is_refused(
    open_in: OpenIn, here: Path, postgresql: TestServer, database: str
) -> None:
    postgresql.execute("ALTER SYSTEM SET fsync = off")
    postgresql.execute("SELECT pg_reload_conf()")
    try:
        while postgresql.execute("SHOW fsync") == [("on",)]:
            time.sleep(0.01)  # the server reads its settings again when it comes to it
        with pytest.raises(JournalError, match="has fsync = off"), open_in(here):
            pass
    finally:
        postgresql.execute("ALTER SYSTEM RESET fsync")
        postgresql.execute("SELECT pg_reload_conf()")


def test_a_commit_waits_for_the_disk_whatever_the_role_says(
    open_in: OpenIn, here: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_JOURNAL", f"{database}&options=-csynchronous_commit%3Doff")

    with open_in(here) as book:
        found = book._file.connection.execute("SELECT current_setting('synchronous_commit')")
        assert found.fetchone() == ("on",)


def test_a_server_that_is_not_there_is_said_without_its_password(
    here: Path, open_in: OpenIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    address = f"postgresql://clerk:geheim-123@127.0.0.1:{port}/orders"
    monkeypatch.setenv("CONVERTER_JOURNAL", address)

    with pytest.raises(JournalError, match="cannot be reached") as caught, open_in(here):
        pass

    assert f"postgresql://127.0.0.1:{port}/orders" in str(caught.value)
    assert "geheim" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert "geheim" not in repr(server.Server(address))


@pytest.mark.parametrize(
    "address", ["mysql://host/db", "/srv/journal", "postgresql://u:geheim-123@h:port%zz/db"]
)
def test_what_is_no_address_is_refused_without_being_told(
    address: str, here: Path, open_in: OpenIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_JOURNAL", address)

    with pytest.raises(SettingsError, match="address of a PostgreSQL server") as caught:
        open_in(here).__enter__()

    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_address_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql://clerk:pass@host/orders\n")
    monkeypatch.delenv("CONVERTER_JOURNAL")
    monkeypatch.setenv("CONVERTER_JOURNAL_FILE", str(file))

    assert settings.journal_address() == "postgresql://clerk:pass@host/orders"

    file.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.journal_address()


def test_a_journal_of_a_newer_version_is_refused(open_in: OpenIn, here: Path) -> None:
    with held(here) as connection:
        connection.execute("UPDATE holder SET version = version + 1")

    with pytest.raises(JournalError, match="newer version"), open_in(here):
        pass
    with pytest.raises(JournalError, match="newer version"):
        journal.runs(here)


# -- journals that know less -----------------------------------------------------------------------


def test_a_journal_that_is_gone_stops_everything(
    open_in: OpenIn, here: Path, postgresql: TestServer
) -> None:
    with open_in(here) as book:
        answer(book, plan(book, order("A1")).new, Status.ACCEPTED)
    postgresql.drop_journals()

    with pytest.raises(JournalError, match="is gone"), open_in(here):
        pass


def test_a_journal_that_went_back_in_time_stops_everything(
    open_in: OpenIn, here: Path, there: Path, postgresql: TestServer
) -> None:
    with open_in(here) as book:
        answer(book, plan(book, order("A1")).new, Status.ACCEPTED)
    postgresql.drop_journals()
    with open_in(there):  # as if an older copy had been put back
        pass

    with pytest.raises(JournalError, match="is older than"), open_in(here):
        pass


def test_a_journal_left_behind_in_files_stops_everything(
    open_in: OpenIn, here: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONVERTER_JOURNAL")
    with open_in(here) as book:
        answer(book, plan(book, order("A1")).new, Status.ACCEPTED)
    monkeypatch.setenv("CONVERTER_JOURNAL", database)

    with pytest.raises(JournalError, match="does not know what was sent with it"), open_in(here):
        pass
    with journal.open_file(here, ACCOUNT, trust=lambda _: True):
        pass


def test_a_journal_left_behind_on_a_server_stops_everything(
    open_in: OpenIn, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_in(here) as book:
        answer(book, plan(book, order("A1")).new, Status.ACCEPTED)
    monkeypatch.delenv("CONVERTER_JOURNAL")

    with pytest.raises(JournalError, match="with a journal on a server"), open_in(here):
        pass


# -- a commit that is lost on its way --------------------------------------------------------------


@pytest.mark.parametrize("cut", ["cut_before_commit", "cut_after_commit"])
def test_an_intent_that_may_be_lost_is_not_sent(
    open_in: OpenIn, here: Path, proxy: Proxy, cut: str
) -> None:
    with open_in(here) as book:
        made = plan(book, order("A1"))
        proxy.count_from_here()
        setattr(proxy, cut, 1)
        with pytest.raises(JournalError, match="No further order is sent"):
            book.intend(made.new, REQUEST, deadline=0)

    assert proxy.was_cut
    with open_in(here) as book:  # nothing left this machine, so nothing is in doubt
        assert references(plan(book, order("A1")).new) == ["A1"]


@pytest.mark.parametrize("cut", ["cut_before_commit", "cut_after_commit"])
def test_an_answer_that_may_be_lost_is_looked_for_and_written_again(
    open_in: OpenIn, here: Path, proxy: Proxy, cut: str
) -> None:
    with open_in(here) as book:
        made = plan(book, order("A1"))
        attempt = book.intend(made.new, REQUEST, deadline=0)
        proxy.count_from_here()
        setattr(proxy, cut, 1)

        book.record(attempt, REPLY, Judgement((Outcome(Status.ACCEPTED, provider_order_no="N1"),)))

        assert proxy.was_cut
        assert state(book, "A1") is State.ACCEPTED
        answer(book, plan(book, order("A2")).new, Status.ACCEPTED)  # the account is still held

    assert rows(here, "SELECT state FROM attempt") == [("DONE",), ("DONE",)]


@pytest.mark.parametrize("cut", ["cut_before_commit", "cut_after_commit"])
def test_an_answer_that_is_lost_with_the_next_intent_is_kept(
    open_in: OpenIn, here: Path, proxy: Proxy, cut: str
) -> None:
    with open_in(here) as book:
        first, second = plan(book, order("A1"), order("A2")).new
        attempt = book.intend([first], REQUEST, deadline=0)
        proxy.count_from_here()
        setattr(proxy, cut, 1)
        with pytest.raises(JournalError, match="No further order is sent"):
            book.exchange(
                [journal.AttemptResult(attempt, REPLY, Judgement((Outcome(Status.ACCEPTED),)))],
                [journal.Intent([second], REQUEST, 0)],
            )

    with open_in(here) as book:
        assert references(plan(book, order("A1"), order("A2")).new) == ["A2"]
        assert state(book, "A1") is State.ACCEPTED


@pytest.mark.parametrize("taken_over", [False, True])
def test_an_answer_is_kept_on_this_machine_while_the_server_is_away(
    open_in: OpenIn,
    here: Path,
    there: Path,
    proxy: Proxy,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    taken_over: bool,
) -> None:
    with open_in(here) as book:
        made = plan(book, order("A1"), order("A2"))
        attempt = book.intend(made.new, REQUEST, deadline=0)
        proxy.count_from_here()
        proxy.cut_before_commit, proxy.goes_down = 1, True
        told = (
            Outcome(Status.ACCEPTED, provider_order_no="N1", outputs={"label": "L1"}),
            Outcome(Status.REJECTED, "no stock"),
        )
        with pytest.raises(JournalError, match=r"are kept in .*\.answers"):
            book.record(attempt, REPLY, Judgement(told))

    assert proxy.was_cut
    monkeypatch.setenv("CONVERTER_JOURNAL", database)
    if taken_over:
        with _as_soon_as_free(open_in, there) as book:
            assert state(book, "A1") is State.UNKNOWN
    with _as_soon_as_free(open_in, here) as book:
        known = book.records(["A1", "A2"])
        assert known["A1"].state is State.ACCEPTED
        assert known["A1"].provider_order_no == "N1"
        assert known["A1"].outputs == {"label": "L1"}
        assert known["A2"].state is (State.UNKNOWN if taken_over else State.REFUSED)
    assert not list((here / "journal").glob("*.answers"))


# -- texts and tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\u2400", "\u24000000", "坚果\U0001f4e6"])
def test_texts_that_postgresql_does_not_take_come_back_as_they_were(
    open_in: OpenIn, here: Path, text: str
) -> None:
    with open_in(here) as book:
        connection = book._file.connection
        found = connection.execute(
            "SELECT ?1, ?1 IN (SELECT value FROM json_each(?2))", (text, "[]")
        )
        assert found.fetchone()[0] == text
        book.plan([order("A1")], [(text, (3,), (text,))])
        answer(book, [order("A1")], Status.UNKNOWN)
        connection.execute("UPDATE part SET message = ?", (text,))
        assert book.records(["A1"])["A1"].message == text


def test_times_are_kept_to_the_microsecond(open_in: OpenIn, here: Path) -> None:
    """REAL has only four bytes there."""
    with open_in(here) as book:
        plan(book, order("A1"))
        book._file.connection.execute("UPDATE part SET doubt_since = ?", (1_800_000_000.123456,))

    assert rows(here, "SELECT doubt_since FROM part") == [(1_800_000_000.123456,)]


def test_both_databases_have_the_same_tables(open_in: OpenIn, here: Path) -> None:
    kinds = {"INTEGER": "bigint", "REAL": "double precision", "BLOB": "bytea", "TEXT": "text"}
    with closing(sqlite3.connect(":memory:")) as file:
        file.executescript(schema.upgrade_from(0))
        tables = [
            name
            for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        wanted = {
            (table, name, kinds[kind], bool(must) or bool(is_key))
            for table in tables
            for _, name, kind, must, _, is_key in file.execute(f"PRAGMA table_info({table})")
        }
        triggers = {
            name
            for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        }
    with held(here) as connection:
        found = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable = 'NO'"
            " FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name NOT IN ('holder', 'doubt', 'cancel_doubt')"
        ).fetchall()
        made = {
            name
            for (name,) in connection.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
                " AND tgrelid::regclass::text NOT LIKE '%.%'"
            )
        }

    assert {tuple(row) for row in found} == wanted
    own = {name for name in made if name.endswith(("_whole", "_is_held"))}
    assert made - own == triggers


def test_nothing_is_forgotten_by_truncating(open_in: OpenIn, here: Path) -> None:
    with held(here) as connection, pytest.raises(sqlite3.IntegrityError, match="forgets nothing"):
        connection.execute("TRUNCATE part CASCADE")


def test_long_names_of_providers_fit() -> None:
    one, other = (Account("供应商" * 30, f"https://{host}.test", {}) for host in ("a", "b"))
    sandbox = Account("供应商" * 30, "", {}, sandbox=True)

    assert server.name_of(one) != server.name_of(other)
    assert server.name_of(sandbox).startswith("sandbox-")
    assert len(server.schema_of(server.name_of(sandbox)).encode()) <= 63


def test_a_statement_that_fails_is_not_taken_for_committed(database: str) -> None:
    with closing(PostgresConnection(psycopg.connect(database, autocommit=True))) as connection:
        connection.execute("BEGIN")
        with pytest.raises(sqlite3.Error):
            connection.execute("SELECT 1 / 0")
        with pytest.raises(sqlite3.IntegrityError, match="was not committed"):
            connection.commit()
