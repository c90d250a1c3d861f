"""Where the journals are, and how one is read beside a run that writes it.

Nothing is locked for longer than one query, and nothing is written: a journal left in the middle
of a commit by a dead process is recovered in a copy.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from converter import settings
from converter.errors import JournalError, SettingsError
from converter.journal.account import Account
from converter.journal.database import Connection
from converter.journal.location import FOLDER
from converter.journal.schema import VERSION, upgrade_from
from converter.message import N_, t
from converter.messages.system import of_system

if TYPE_CHECKING:
    from converter.journal.server import Server

_LOG = logging.getLogger(__name__)

UNREADABLE = N_(
    "The journal {path} cannot be read: {problem}. Nothing was changed. Try again later."
)
NEWER = N_(
    "The journal {path} was made by a newer version of this program. Install that one again."
)
NO_DRIVER = N_(
    "CONVERTER_JOURNAL names a PostgreSQL server, but this Python lacks psycopg, which talks to "
    "it. Install it: pip install 'order-converter[team]'"
)

T = TypeVar("T")


class Place(Protocol):
    """Where the journal of one account is; as text, how people find it."""

    @property
    def name(self) -> str:
        """The name of the journal, which is that of its account."""

    def exists(self) -> bool:
        """Whether a run has used it."""

    def account_key(self) -> str:
        """The key of its account; empty where it cannot be read now."""

    def read(self, read: Callable[[Connection], list[T]]) -> list[T]:
        """What `read` finds in it. Raises JournalError where it cannot be read."""


def server() -> Server | None:
    """The server that holds the journals; None where each is a file on this machine.

    Raises SettingsError where its address cannot be used.
    """
    address = settings.journal_address()
    if not address:
        return None
    try:
        from converter.journal.server import Server
    except ImportError as error:
        raise SettingsError(t(NO_DRIVER)) from error
    return Server(address)


def all_places(home: Path) -> Sequence[Place]:
    """The journals of all accounts."""
    if on := server():
        return on.places()
    return [FilePlace(path) for path in sorted((home.absolute() / FOLDER).glob("*.sqlite3"))]


def place_of(home: Path, account: Account) -> Place:
    """Where the journal of an account is, or would be."""
    if on := server():
        return on.place_of(account)
    return FilePlace(home.absolute() / FOLDER / account.file_name)


def place_named(home: Path, name: str) -> Place:
    """Where the journal of this name is."""
    if on := server():
        return on.place_named(name)
    return FilePlace(home.absolute() / FOLDER / f"{name}.sqlite3")


@dataclass(frozen=True)
class FilePlace:
    """A journal in a file of its own."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        return self.path.stem

    def exists(self) -> bool:
        return self.path.exists()

    def account_key(self) -> str:
        address = f"{self.path.as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=1)) as connection:
                found = connection.execute("SELECT key FROM account").fetchone()
        except sqlite3.Error:
            _LOG.warning("journal cannot be read", extra={"journal": self.name}, exc_info=True)
            return ""
        return str(found[0]) if found else ""

    def read(self, read: Callable[[Connection], list[T]]) -> list[T]:
        return read_file(self.path, read)


def read_file(path: Path, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
    """What `read` finds in a journal file. Raises JournalError where it cannot be read."""
    try:
        try:
            return _read(path, read)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            # A process died in the middle of a commit; rolling back needs write access.
            _LOG.info("journal is read from a copy", extra={"file": path.name})
            with _copy(path) as copied:
                return _read(copied, read)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(t(UNREADABLE, path=path, problem=of_system(error))) from error


def _read(path: Path, read: Callable[[sqlite3.Connection], list[T]], mode: str = "ro") -> list[T]:
    address = f"{path.as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=10)) as found:
        version = found.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise JournalError(t(NEWER, path=path))
        if version in (0, VERSION):
            return read(found) if version else []  # a journal being created has no version yet
        with closing(sqlite3.connect("", isolation_level=None)) as upgraded:  # a temporary file
            found.backup(upgraded)
            upgraded.executescript(upgrade_from(version))
            return read(upgraded)


@contextmanager
def _copy(path: Path) -> Iterator[Path]:
    """A recovered copy of the journal and its rollback file, in a private folder."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / path.name
        shutil.copyfile(path, copied)
        left = path.with_name(path.name + "-journal")
        if left.exists():
            shutil.copyfile(left, copied.with_name(left.name))
        _read(copied, lambda _: [None], mode="rw")
        yield copied
