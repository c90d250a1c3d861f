"""The journal's file: permissions, locking, durability and schema version."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import JournalError
from converter.journal import canonical, location, lock, marks, schema
from converter.journal.account import Account
from converter.journal.database import Connection
from converter.journal.files import sync_folder
from converter.journal.marks import Mark
from converter.message import N_, t
from converter.messages.system import of_system

if TYPE_CHECKING:
    from converter.journal.ended import EndedAttempt

_LOG = logging.getLogger(__name__)

_CHECKED_EVERY_SECONDS = 30 * 24 * 3600
"""A whole journal is read after it was not closed, and once in a while."""
BALLAST_BYTES = 8 * 1024 * 1024

MISSING = N_(
    "The journal {path} is gone, though orders were sent with it. Nothing was sent now, because "
    "without it orders could be sent twice. If it was moved, move it back; a copy that was made "
    "before the last run is refused. If it is lost, look up at the provider which orders of this "
    "sheet exist, take those out of the sheet, and run again with --journal-is-right."
)
ON_A_SERVER = N_(
    "Orders of this account were sent with a journal on a server, and {path} does not know of "
    "them. Nothing was sent, because they could be sent twice. Set CONVERTER_JOURNAL as it was, or "
    "take that journal along: `converter journal copy`. Where none of its orders matters any more, "
    "run again with --journal-is-right."
)
DAMAGED = N_(
    "The journal {path} is damaged: {problem}. Nothing was sent. Keep the file. A copy can take "
    "its place if no run came after it; an older one is refused. If there is none, look up at the "
    "provider which orders of this sheet exist, take those out of the sheet, move the damaged file "
    "away, and run again with --journal-is-right."
)
NEWER = N_(
    "The journal {path} was made by a newer version of this program. Nothing was sent. "
    "Install that version again."
)
NOT_WRITTEN = N_(
    "The journal {path} cannot be written: {problem}. No further order is sent. "
    "Make room on the disk and the file writable, then run again."
)
OLD_SQLITE = N_(
    "This Python comes with SQLite {found}, but the journal needs 3.38 or newer. Nothing was sent. "
    "Install a newer Python."
)


class JournalFile:
    """An open journal file, with a ballast file that is deleted when the disk is full."""

    def __init__(
        self,
        path: Path | str,
        connection: Connection,
        held: lock.AccountLock,
        mark_path: Path,
    ) -> None:
        self.path = path
        """Where the journal is, as people find it."""
        self.connection = connection
        self.mark = held.mark or Mark("", "")
        """The last run and attempt, as they are kept outside the journal."""
        self._held = held
        self._mark_path = mark_path
        self.is_full = False
        """The ballast has been deleted: there is no reserve for a further result."""

    @property
    def name(self) -> str:
        """The name of the journal, which is that of its account."""
        return Path(self.path).stem

    @property
    def ballast(self) -> Path:
        return Path(self.path).with_suffix(".ballast")

    def knows(self, mark: Mark) -> bool:
        """Whether the journal holds a run and has come at least as far."""
        return marks.is_known(self.connection, mark)

    @property
    def is_new(self) -> bool:
        """Whether no run has used it yet."""
        return self.connection.execute("SELECT 1 FROM run LIMIT 1").fetchone() is None

    def has_run(self, run: str) -> bool:
        found = self.connection.execute("SELECT 1 FROM run WHERE name = ?", (run,))
        return found.fetchone() is not None

    def knows_result(self, sha256: str) -> bool:
        """Whether a run of this journal has written this result workbook."""
        found = self.connection.execute("SELECT 1 FROM run WHERE result_sha256 = ?", (sha256,))
        return found.fetchone() is not None

    def without_record(self, references: Sequence[str]) -> list[str]:
        """Those of the orders that this journal would send, as far as it knows."""
        keys = [canonical.key_of(reference) for reference in references]
        states = "('ACCEPTED', 'UNKNOWN', 'DUPLICATE', 'SENDING')"
        known = {
            key
            for pair in self.connection.execute(
                f"SELECT key, parent_key FROM part WHERE state IN {states}"
                " AND (key IN (SELECT value FROM json_each(?1))"
                " OR parent_key IN (SELECT value FROM json_each(?1)))",
                (json.dumps(keys),),
            )
            for key in pair
        }
        return [name for name, key in zip(references, keys, strict=True) if key not in known]

    def note_run(self, run: str, mark: str) -> None:
        """Keep outside the journal that this run has begun."""
        (last,) = self.connection.execute("SELECT COALESCE(MAX(id), 0) FROM attempt").fetchone()
        self.mark = Mark(run, mark, last)
        self._note(sync=True)
        marks.write(self._mark_path, self.mark)

    def note_attempt(self, attempt: int) -> None:
        """Keep outside the journal that this attempt is about to be made."""
        self.mark = replace(self.mark, attempt=attempt)
        self._note(sync=False)

    @property
    def last_request(self) -> float:
        """Epoch seconds of the last request of this account, where its pace is limited."""
        return self._held.last_request

    def note_request(self, when: float) -> None:
        """Keep outside the journal when a request is made, for the pace of the next process."""
        try:
            self._held.note_request(when)
        except OSError:
            _LOG.warning("time of the request cannot be written", exc_info=True)

    def note_end(self) -> None:
        """Keep in the second place too how far the run has come."""
        if self.mark.run:
            marks.write(self._mark_path, self.mark)

    def _note(self, *, sync: bool) -> None:
        try:
            self._held.note_mark(self.mark, sync=sync)
        except OSError:
            _LOG.warning("mark of the journal cannot be written", exc_info=True)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit durably at the end of the block; roll back if the block raises."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                try:
                    self.connection.execute("ROLLBACK")
                except sqlite3.Error:  # the first error is the one to report
                    _LOG.warning("rollback fails", exc_info=True)
            raise

    def write_or_free_space(self, write: Callable[[], None]) -> None:
        """Write; where the disk is full, delete the ballast and write once more."""
        try:
            write()
        except sqlite3.Error as error:
            if not is_full(error):
                raise
            _LOG.warning("disk is full; the reserve of the journal is freed")
            self.drop_ballast()
            self.is_full = True
            write()

    @property
    def is_cut_off(self) -> bool:
        """Whether the session with a server has ended, so that nobody knows what was committed."""
        return False

    def reconnect(self) -> bool:
        """Go on in a new session where nobody has held the account in between."""
        return False

    def keep_aside(self, _: Sequence[EndedAttempt]) -> Path | None:
        """Keep answers on this machine until they can be written; None where they cannot be."""
        return None

    def drop_ballast(self) -> None:
        try:
            self.ballast.unlink(missing_ok=True)
        except OSError:
            _LOG.warning("reserve of the journal cannot be freed", exc_info=True)

    def damaged(self, problem: str | Exception) -> JournalError:
        """The error for a journal that contradicts itself."""
        told = of_system(problem) if isinstance(problem, Exception) else problem
        return JournalError(t(DAMAGED, path=self.path, problem=told))

    def write_error(self, error: sqlite3.Error | None = None) -> JournalError:
        full = t("the disk is full")
        problem = full if error is None or self.is_full else of_system(error)
        return JournalError(t(NOT_WRITTEN, path=self.path, problem=problem))


def is_full(error: sqlite3.Error) -> bool:
    """Whether free space on the disk might help.

    SQLite reports SQLITE_FULL only for some writes: without room for its rollback journal it
    "cannot open" that, and beyond a quota there is an "I/O error". Never true of a failed fsync:
    its effect on the disk is unknown, so it must not be retried.
    """
    code = getattr(error, "sqlite_errorcode", None) or 0
    plain = code & 0xFF  # the low byte of an extended code is the primary one
    return (
        plain in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)
        or code == sqlite3.SQLITE_IOERR_WRITE
    )


Trust = Callable[[str], bool]
"""Given what speaks against a journal; tells whether a person knows that it is right."""


@contextmanager
def open_file(
    home: Path, account: Account, *, trust: Trust = lambda _: False
) -> Iterator[JournalFile]:
    """Lock, open and check the journal of an account, creating it for the first run.

    Raises JournalError where it is gone or older than what is known of it, unless `trust` says
    that it is right nevertheless.
    """
    if sqlite3.sqlite_version_info < (3, 38):
        raise JournalError(t(OLD_SQLITE, found=sqlite3.sqlite_version))
    folder = location.make_folder(home)
    path = folder / account.file_name
    lock_path = path.with_suffix(".lock")
    with lock.hold(lock_path) as held:
        mark_path = marks.path_of(home, path)
        seen = {lock_path: held.mark, mark_path: marks.read(mark_path)}
        is_elsewhere = bool(held.journal) and held.journal != path.name
        if not path.exists() and (held.journal or any(seen.values())):
            gone = ON_A_SERVER if is_elsewhere else MISSING
            require_trust(t(gone, path=path), trust)
            held.journal, held.mark, seen = "", None, {}
        with closing(_ready(path, account, held)) as connection:
            for witness, mark in seen.items():
                if mark and not marks.is_known(connection, mark):
                    older = marks.went_back(path, witness, mark)
                    require_trust(t(ON_A_SERVER, path=path) if is_elsewhere else older, trust)
                    break
            file = JournalFile(path, connection, held, mark_path)
            try:
                yield file
            finally:
                file.note_end()


def require_trust(problem: str, trust: Trust) -> None:
    """Raise JournalError unless a person knows that the journal is right."""
    _LOG.warning("journal may not be the right one", extra={"problem": problem})
    if not trust(problem):
        raise JournalError(problem)


def _ready(path: Path, account: Account, held: lock.AccountLock) -> sqlite3.Connection:
    """Create what is missing, check the rest, and connect."""
    connection: sqlite3.Connection | None = None
    try:
        left = path.with_name(path.name + "-journal").exists()
        make_private(path)
        _ballast(path.with_suffix(".ballast"))
        connection = connect(path)
        _settings(connection)
        _schema(connection, path, account, made_before=bool(held.journal))
        is_due = held.checked + _CHECKED_EVERY_SECONDS < time.time()
        if held.journal and (left or is_due or not held.was_closed):
            check(connection, path)
            held.note_check()
        if held.journal != path.name:
            sync_folder(path.parent)
            sync_folder(path.parent.parent)
            held.note_journal(path.name)
        return connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise JournalError(
                t(location.UNWRITABLE, path=path.parent, problem=of_system(error))
            ) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise JournalError(t(DAMAGED, path=path, problem=of_system(error))) from error
        if isinstance(error, OSError):
            problem = of_system(error)
            raise JournalError(t(location.UNWRITABLE, path=path.parent, problem=problem)) from error
        raise


def make_private(path: Path) -> None:
    """Create the file before SQLite does: its rollback journal inherits the permissions."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(file)
    if sys.platform != "win32":
        path.chmod(0o600)


def _ballast(path: Path) -> None:
    """Create the ballast, which reserves disk space for writing a result."""
    with suppress(FileNotFoundError):
        if path.stat().st_size == BALLAST_BYTES:
            return
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(8):  # random bytes: a compressing file system reserves nothing for zeros
            os.write(file, os.urandom(BALLAST_BYTES // 8))
        os.fsync(file)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose transactions are begun and committed by their own words."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=10)


def _settings(connection: sqlite3.Connection) -> None:
    """Make commits survive a power cut; read back, because PRAGMA fails silently."""
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA synchronous = EXTRA")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = 1")
    mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, level) != ("delete", 3):
        raise sqlite3.OperationalError(f"SQLite refuses safe writing ({mode}, {level})")


def check(connection: sqlite3.Connection, path: Path, *, with_indexes: bool = False) -> None:
    """Read the whole journal. Raises JournalError where it is damaged."""
    kind = "integrity_check" if with_indexes else "quick_check"
    problem = connection.execute(f"PRAGMA {kind}(1)").fetchone()[0]
    if problem != "ok":
        raise JournalError(t(DAMAGED, path=path, problem=problem))


def _schema(
    connection: sqlite3.Connection, path: Path, account: Account, *, made_before: bool
) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size < pages * page_bytes:
        raise JournalError(t(DAMAGED, path=path, problem=t("its end is missing")))
    if version > schema.VERSION:
        raise JournalError(t(NEWER, path=path))
    if version == 0 and made_before:
        raise JournalError(t(DAMAGED, path=path, problem=t("it is empty")))
    if version < schema.VERSION:
        connection.executescript(schema.upgrade_from(version))
    connection.execute(
        "INSERT INTO account (id, key, provider, sandbox) VALUES (1, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (account.key, account.provider, account.sandbox),
    )
    (key,) = connection.execute("SELECT key FROM account").fetchone()
    if key != account.key:
        problem = t("it belongs to another account")
        raise JournalError(t(DAMAGED, path=path, problem=problem))
