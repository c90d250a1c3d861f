"""The journal of one account on a server that several machines share.

The account is held by an advisory lock of the session on which all of the journal is written, so a
session that the server has cut off can commit nothing more, and its run sends nothing more.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import AccountBusy, JournalError
from converter.journal import location, lock, marks, schema, server, spool, store
from converter.journal.postgres import PostgresConnection, quoted
from converter.journal.postgres_schema import upgrade_from
from converter.journal.timestamps import iso_timestamp
from converter.message import N_, t

if TYPE_CHECKING:
    from converter.journal.account import Account
    from converter.journal.ended import EndedAttempt
    from converter.journal.marks import Mark
    from converter.journal.server import Server, ServerPlace

_LOG = logging.getLogger(__name__)

HELD = N_(
    "Another run holds this account: process {pid} on {host}, started {started}. "
    "Nothing was sent. Wait until it has ended, then run again."
)
HELD_BY_RUN = N_(
    "Another run holds this account: run {run}, process {pid} on {host}, started {started}. "
    "Nothing was sent. Wait until it has ended, then run again."
)
LEFT_BEHIND = N_(
    "This account has the journal {own} on this machine, and {path} does not know what was sent "
    "with it. Nothing was sent, because orders could be sent twice. Take it along: "
    "`converter journal copy`. Where none of its orders matters any more, run again with "
    "--journal-is-right."
)
NOT_WRITTEN = N_(
    "The journal {path} cannot be written: {problem}. No further order is sent. "
    "Run again once the server answers."
)
DAMAGED = N_(
    "The journal {path} contradicts itself: {problem}. Nothing was sent. Put the newest backup of "
    "the database back, or look up at the provider which orders of this sheet exist."
)
OTHER_ACCOUNT = N_("it belongs to another account")

_RECONNECT_SECONDS = 20.0
_NOTICED_SECONDS = 5.0
_IS_HELD = (
    "locktype = 'advisory' AND granted AND objsubid = 1 AND"
    " database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32) | objid::bigint = ?::bigint"
)
"""Of a row of `pg_locks`, that it is the lock of this number."""


class SharedJournal(store.JournalFile):
    """An open journal on a server, whose account this process holds."""

    def __init__(
        self,
        place: ServerPlace,
        connection: PostgresConnection,
        held: lock.AccountLock,
        mark_path: Path,
        epoch: int,
        aside: Path,
    ) -> None:
        super().__init__(str(place), connection, held, mark_path)
        self._place = place
        self._session = connection
        self._on = place.server
        self._epoch = epoch
        self._is_taken_over = False
        self._aside = aside

    @property
    def name(self) -> str:
        return self._place.name

    def note_run(self, run: str, mark: str) -> None:
        super().note_run(run, mark)
        with suppress(sqlite3.Error):  # it only tells others who holds the account
            self.connection.execute("UPDATE holder SET run = ?", (run,))

    @property
    def last_request(self) -> float:
        (when,) = self.connection.execute("SELECT requested_at FROM holder").fetchone()
        return max(float(when), super().last_request)

    def note_request(self, when: float) -> None:
        super().note_request(when)
        try:
            self.connection.execute("UPDATE holder SET requested_at = ?", (when,))
        except sqlite3.Error as error:
            raise self.write_error(error) from error

    @contextmanager
    def transaction(self) -> Iterator[PostgresConnection]:
        session = self._session
        session.execute("BEGIN")
        try:
            yield session
            session.commit()
        except BaseException:
            if not session.is_lost:
                try:
                    session.execute("ROLLBACK")
                except sqlite3.Error:  # the first error is the one to report
                    _LOG.warning("rollback fails", exc_info=True)
            raise

    @property
    def is_cut_off(self) -> bool:
        return self._session.is_lost

    def reconnect(self) -> bool:
        """Hold the account again, unless somebody else has held it since.

        Once the lock is taken, the session before has ended, and what it committed stays so.
        """
        give_up = time.monotonic() + _RECONNECT_SECONDS
        while time.monotonic() < give_up:
            try:
                session = self._on.connect(self.name)
                if self._takes_back(session):
                    self._session = self.connection = session
                    return True
                session.close()
                if self._is_taken_over:
                    return False
            except (JournalError, sqlite3.Error):
                _LOG.info("server cannot be reached yet", exc_info=True)
            time.sleep(0.2)
        return False

    def _takes_back(self, session: PostgresConnection) -> bool:
        number = lock_number(self.name)
        (taken,) = session.execute("SELECT pg_try_advisory_lock(?::bigint)", (number,)).fetchone()
        epoch, backend = session.execute("SELECT epoch, backend FROM holder").fetchone()
        self._is_taken_over = epoch != self._epoch
        if self._is_taken_over:
            return False
        if not taken:  # the server has not noticed yet that the session before has ended
            session.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pid = ? AND {_IS_HELD}",
                (backend, number),
            )
            return False
        session.execute("UPDATE holder SET backend = pg_backend_pid()")
        session.execute("SELECT set_config('converter.epoch', ?, false)", (str(epoch),))
        return True

    def keep_aside(self, ended: Sequence[EndedAttempt]) -> Path | None:
        try:
            spool.keep(self._aside, ended)
        except OSError:
            _LOG.error("answers cannot be kept aside", exc_info=True)
            return None
        return self._aside

    def put_back(self) -> None:
        """Write the answers that were kept on this machine, before anything else."""
        kept = spool.read(self._aside)
        for one in kept:
            with self.transaction() as connection:
                spool.put_back(connection, one, iso_timestamp(time.time()))
        if kept:
            self._aside.unlink()

    def write_or_free_space(self, write: Callable[[], None]) -> None:
        write()

    def close(self) -> None:
        """End the session, and with it the lock."""
        self._session.close()

    def damaged(self, problem: str | Exception) -> JournalError:
        if self._session.is_lost and isinstance(problem, sqlite3.Error):
            return self.write_error(problem)
        told = str(problem) if isinstance(problem, Exception) else problem
        return JournalError(t(DAMAGED, path=self.path, problem=told))

    def write_error(self, error: sqlite3.Error | None = None) -> JournalError:
        problem = str(error) if error else t("the session was lost")
        return JournalError(t(NOT_WRITTEN, path=self.path, problem=problem))


@contextmanager
def open_shared(
    home: Path, account: Account, on: Server, *, trust: store.Trust
) -> Iterator[SharedJournal]:
    """Hold an account, and open its journal on the server; see `store.open_file`.

    The lock file on this machine also says how far the journal had come when it was last used from
    here, whichever kind of journal that was.
    """
    folder = location.make_folder(home)
    place = on.place_of(account)
    own = folder / account.file_name
    lock_path = own.with_suffix(".lock")
    with lock.hold(lock_path) as held:
        mark_path = marks.path_of(home, own)
        seen = {lock_path: held.mark, mark_path: marks.read(mark_path)}
        session = on.connect(place.name)
        try:
            try:
                on.require_safety(session)
                _hold(session, place)
                is_new = not server.has_tables(session, place.name)
                if is_new and (held.journal or any(seen.values())):
                    _require_right(own, held, place, trust)
                    held.mark, seen = None, {}
                _tables(session, place, account, is_new=is_new)
                epoch = _next_epoch(session)
                for witness, mark in seen.items():
                    if mark and not marks.is_known(session, mark):
                        _require_known(own, held, place, witness, mark, trust)
                        break
                held.note_journal(place.name)
            except sqlite3.Error as error:
                problem = str(error)
                raise JournalError(t(server.UNREACHED, server=str(on), problem=problem)) from error
            aside = own.with_suffix(".answers")
            file = SharedJournal(place, session, held, mark_path, epoch, aside)
            try:
                file.put_back()
            except (sqlite3.Error, ValueError) as error:
                raise file.damaged(error) from error
            try:
                yield file
            finally:
                file.note_end()
                file.close()
        finally:
            session.close()


def _require_right(
    own: Path, held: lock.AccountLock, place: ServerPlace, trust: store.Trust
) -> None:
    """Require a person's word where the server has no journal, but orders were sent from here."""
    if held.journal == own.name and own.exists():
        store.require_trust(t(LEFT_BEHIND, own=own, path=str(place)), trust)
    else:
        store.require_trust(t(store.MISSING, path=str(place)), trust)


def _require_known(
    own: Path,
    held: lock.AccountLock,
    place: ServerPlace,
    witness: Path,
    mark: Mark,
    trust: store.Trust,
) -> None:
    if held.journal == own.name and own.exists():
        store.require_trust(t(LEFT_BEHIND, own=own, path=str(place)), trust)
    else:
        store.require_trust(marks.went_back(str(place), witness, mark), trust)


def lock_number(name: str) -> int:
    """The number of the advisory lock that holds the account of a journal."""
    digest = hashlib.sha256(server.schema_of(name).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _hold(session: PostgresConnection, place: ServerPlace) -> None:
    """Take the lock without waiting, or raise AccountBusy naming its holder.

    For a process of this machine that is gone, it waits until the server has noticed.
    """
    number = lock_number(place.name)
    give_up = time.monotonic() + _NOTICED_SECONDS
    while not session.execute("SELECT pg_try_advisory_lock(?::bigint)", (number,)).fetchone()[0]:
        holder = _holder(session, place, number)
        if holder is None:
            unknown = t("unknown")
            raise AccountBusy(t(HELD, host=unknown, pid=unknown, started=t("just now")))
        host, pid, started, run = holder
        is_here = host == socket.gethostname()
        if not is_here or lock.is_alive(pid) or time.monotonic() > give_up:
            facts = {"host": host, "pid": pid, "started": started}
            raise AccountBusy(t(HELD_BY_RUN, run=run, **facts) if run else t(HELD, **facts))
        time.sleep(0.02)


def _holder(
    session: PostgresConnection, place: ServerPlace, number: int
) -> tuple[str, int, str, str] | None:
    """Host, process, start and run of the holder, who may need a moment to write them."""
    for _ in range(20):
        if server.has_tables(session, place.name):
            found = session.execute(
                "SELECT host, pid, started, run FROM holder WHERE backend IN (SELECT pid FROM"
                f" pg_locks WHERE {_IS_HELD})",
                (number,),
            ).fetchone()
            if found:
                host, pid, started, run = found
                return host, pid, started, run
        time.sleep(0.01)
    return None


def _tables(
    session: PostgresConnection, place: ServerPlace, account: Account, *, is_new: bool
) -> None:
    """Create what is missing, and check the rest."""
    if is_new:
        name = quoted(server.schema_of(place.name))
        session.run_script(f"BEGIN; CREATE SCHEMA IF NOT EXISTS {name}; {upgrade_from(0)}")
        session.commit()
    (version,) = session.execute("SELECT version FROM holder").fetchone()
    if version > schema.VERSION:
        raise JournalError(t(server.NEWER, path=str(place)))
    if version < schema.VERSION:
        session.run_script(f"BEGIN; {upgrade_from(version)}")
        session.commit()
    session.execute(
        "INSERT INTO account (id, key, provider, sandbox) VALUES (1, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (account.key, account.provider, account.sandbox),
    )
    (key,) = session.execute("SELECT key FROM account").fetchone()
    if key != account.key:
        raise JournalError(t(DAMAGED, path=str(place), problem=t(OTHER_ACCOUNT)))


def _next_epoch(session: PostgresConnection) -> int:
    """Begin the time of this holder; whoever held the account before can write no more."""
    now = iso_timestamp(time.time())
    (epoch,) = session.execute(
        "UPDATE holder SET epoch = epoch + 1, backend = pg_backend_pid(), host = ?, pid = ?,"
        " started = ?, run = '' RETURNING epoch",
        (socket.gethostname(), os.getpid(), now),
    ).fetchone()
    session.execute("SELECT set_config('converter.epoch', ?, false)", (str(epoch),))
    return int(epoch)


# -- copies and checks -----------------------------------------------------------------------------


@contextmanager
def hold_session(on: Server, place: ServerPlace) -> Iterator[PostgresConnection]:
    """A session that holds an account without a run. Raises AccountBusy where a run holds it."""
    session = on.connect(place.name)
    try:
        on.require_safety(session)
        _hold(session, place)
        yield session
    finally:
        session.close()


def has_runs(session: PostgresConnection, place: ServerPlace) -> bool:
    if not server.has_tables(session, place.name):
        return False
    return session.execute("SELECT 1 FROM run LIMIT 1").fetchone() is not None


def begin_copy(session: PostgresConnection, place: ServerPlace, tables: Iterable[str]) -> None:
    """Begin to fill a journal with rows as they are in another one."""
    name = quoted(server.schema_of(place.name))
    off = "".join(f"ALTER TABLE {table} DISABLE TRIGGER USER; " for table in tables)
    session.run_script(
        f"BEGIN; DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name};"
        f" {upgrade_from(0)} {off}"
    )


def end_copy(session: PostgresConnection, tables: Iterable[str]) -> None:
    session.run_script("".join(f"ALTER TABLE {table} ENABLE TRIGGER USER; " for table in tables))
    session.commit()


def missing_triggers(session: PostgresConnection, wanted: Iterable[str]) -> list[str]:
    """The triggers that a journal should have and lacks, or that somebody has switched off."""
    found = session.execute(
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE relnamespace = current_schema()::regnamespace AND tgenabled = 'O'"
    )
    return sorted(set(wanted) - {name for (name,) in found})
