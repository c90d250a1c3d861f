"""Read-only queries over the journals of all accounts, safe beside a running one.

Nothing is locked for longer than one query, and nothing is written: a journal left in the middle
of a commit by a dead process is recovered in a copy.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from converter.errors import JournalError
from converter.journal import canonical, replay
from converter.journal.fold import State, status_of
from converter.journal.location import FOLDER
from converter.journal.replay import PastOrder
from converter.journal.resend import ResendRule
from converter.journal.schema import VERSION, upgrade_from
from converter.message import N_, t, unpack
from converter.messages.system import of_system
from converter.model import Status

_LOG = logging.getLogger(__name__)

UNREADABLE = N_(
    "The journal {path} cannot be read: {problem}. Nothing was changed. Try again later."
)
NEWER = N_(
    "The journal {path} was made by a newer version of this program. Install that one again."
)
IN_PROGRESS = t(
    "Being sent at this moment, or its run was cut off: then submit the sheet again to find out."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run, of any account."""

    provider: str
    sandbox: bool
    run: str
    started: str
    action: str
    sheet: str
    counts: Mapping[str, int]
    result_path: str
    finished: bool
    """False while the run is active, and permanently if it was killed."""
    stopped: str
    profile: str = ""
    """The name of the profile that the sheet was read with; empty where there was none."""


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """The outcome of one part of an order over all attempts."""

    reference: str
    sandbox: bool
    status: Status
    provider_order_no: str
    time: str
    """When the last reply came, ISO 8601 with UTC offset."""
    message: str


@dataclass(frozen=True, slots=True)
class OpenUnknown:
    """An order that may or may not have been created."""

    provider: str
    sandbox: bool
    reference: str
    since: float | None
    """Epoch seconds of when the last attempt in doubt was given up."""
    settle_until: float | None
    """Epoch seconds from which a run may settle it; None where only a person can."""
    message: str


def runs(home: Path, most: int = -1) -> list[PastRun]:
    """List the runs of all accounts, newest first; at most `most` unless it is negative."""

    def read(connection: sqlite3.Connection) -> list[PastRun]:
        return [
            PastRun(
                provider, bool(sandbox), run, started, action, sheet, json.loads(counts or "{}"),
                path or "", finished is not None, unpack(stopped or "", packed), profile,
            )
            for (
                provider, sandbox, run, started, action, sheet, counts, path, finished, stopped,
                packed, profile,
            ) in connection.execute(
                "SELECT run.provider, sandbox, name, started, action, sheet, counts, result_path,"
                " finished, stopped, stopped_json, profile FROM run, account"
                " ORDER BY run.id DESC LIMIT ?",
                (most,),
            ).fetchall()
        ]  # fmt: skip

    found = sorted(_from_all(home, read), key=lambda one: one.started, reverse=True)
    return found if most < 0 else found[:most]


def orders(home: Path, run: str) -> tuple[ResendRule, list[PastOrder]]:
    """The provider's resend rule, and the orders of one run as they were at its end.

    Rebuilt from attempts and findings, so that a run killed before its report has one too. Empty
    where there is no such run.
    """

    def read(connection: sqlite3.Connection) -> list[tuple[ResendRule, list[PastOrder]]]:
        found = connection.execute(
            "SELECT id, class, settle_seconds FROM run WHERE name = ?", (run,)
        ).fetchone()
        return [(ResendRule(*found[1:]), replay.orders(connection, found[0]))] if found else []

    return next(iter(_from_all(home, read)), (ResendRule("D", 0), []))


def answers(home: Path, provider: str, references: Sequence[str]) -> list[PastAnswer]:
    """Outcomes of these orders and their parts in all accounts of a provider."""
    keys = json.dumps([canonical.key_of(reference) for reference in references])

    def read(connection: sqlite3.Connection) -> list[PastAnswer]:
        return [
            PastAnswer(
                reference, bool(sandbox), status_of(State(state), json.loads(flags)), order_no,
                answered, unpack(message, packed),
            )
            for (
                reference, sandbox, state, flags, order_no, answered, message, packed
            ) in connection.execute(
                "SELECT reference, sandbox, state, flags, provider_order_no, answered, message,"
                " message_json"
                " FROM part, account WHERE provider = ?1 AND (part.key IN (SELECT value FROM"
                " json_each(?2)) OR parent_key IN (SELECT value FROM json_each(?2)))"
                " ORDER BY part.id",
                (provider, keys),
            )
        ]  # fmt: skip

    return _from_all(home, read)


def open_unknowns(home: Path) -> list[OpenUnknown]:
    """List the unsettled orders of all accounts, oldest first."""

    def read(connection: sqlite3.Connection) -> list[OpenUnknown]:
        last = connection.execute(
            "SELECT class, settle_seconds FROM run ORDER BY id DESC LIMIT 1"
        ).fetchone()
        resend = ResendRule(*(last or ("D", 0)))
        return [
            OpenUnknown(
                provider, bool(sandbox), reference, since,
                resend.settle_until(since) if resend.resends else None,
                IN_PROGRESS if state == State.SENDING else unpack(message, packed),
            )
            for provider, sandbox, reference, state, since, message, packed in connection.execute(
                "SELECT provider, sandbox, reference, state,"
                " COALESCE(doubt_seen, doubt_since, (SELECT MAX(started_at) FROM answer"
                " JOIN attempt ON attempt.id = attempt WHERE part = part.id)), message,"
                " message_json FROM part, account WHERE state IN ('SENDING', 'UNKNOWN')"
                " ORDER BY part.id"
            ).fetchall()
        ]  # fmt: skip

    return sorted(_from_all(home, read), key=lambda one: one.since or float("inf"))


def knows_run(home: Path, run: str) -> bool:
    """Whether any journal holds a run of this name."""

    def read(connection: sqlite3.Connection) -> list[int]:
        found = connection.execute("SELECT 1 FROM run WHERE name = ?", (run,)).fetchone()
        return list(found or ())

    return bool(_from_all(home, read))


def _from_all(home: Path, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
    found: list[T] = []
    for path in sorted((home.absolute() / FOLDER).glob("*.sqlite3")):
        found += read_one(path, read)
    return found


def read_one(path: Path, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
    """What `read` finds in one journal. Raises JournalError where it cannot be read."""
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
