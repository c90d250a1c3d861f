"""A queue of commands on sheets, in the database of the journal, for workers on several machines.

Sheets and results lie in the database, for 30 days after they ended, so that machines need no
folder in common. The engine (Procrastinate) decides which command runs next, one at a time for an
account; this table holds what it is and what became of it.
"""

from __future__ import annotations

import getpass
import hashlib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row

from converter.errors import JournalError, UsageError
from converter.journal.server import NOT_AN_ADDRESS
from converter.message import N_, t
from converter.unattended.command import Ended

SCHEMA = "converter_queue"
VERSION = 1
"""Of the table below. Programs of different versions do not work on one queue."""
LARGEST = 100 * 1024 * 1024
"""Bytes of a sheet; larger ones are refused."""

_OTHER_VERSION = N_(
    "The queue was made by another version of this program (queue {found}, this program has "
    "{own}). Install the same version on every machine."
)
_UNREACHED = N_(
    "The queue cannot be reached: {problem}. Run again once the server of CONVERTER_JOURNAL "
    "answers."
)
_REFUSED = N_(
    "The database of CONVERTER_JOURNAL refuses the queue: {problem}. Ask whoever looks after it."
)
_TOO_LARGE = N_("{file} has {size} MB; the queue takes sheets of up to {most} MB.")
_TABLE = """
CREATE TABLE version (number integer NOT NULL, engine text NOT NULL);
CREATE TABLE work (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command text NOT NULL,
    words text[] NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    sheet bytea NOT NULL,
    sha256 text NOT NULL,
    who text NOT NULL,
    given timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'withdrawn')),
    starts integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    worker text NOT NULL DEFAULT '',
    started timestamptz,
    ended timestamptz,
    exit_code integer,
    report text NOT NULL DEFAULT '',
    messages text NOT NULL DEFAULT '',
    result_name text NOT NULL DEFAULT '',
    result bytea
);
"""
_FIELDS = (
    "id, command, words, account, name, who, given, state, starts, lost, worker, started, ended, "
    "exit_code, result_name"
)


@dataclass(frozen=True)
class Work:
    """A command on a sheet, as the queue knows it."""

    id: int
    command: str
    words: list[str]
    """Its options."""
    account: str
    """What no two commands run on at the same time."""
    name: str
    """File name of the sheet."""
    who: str
    given: datetime
    state: str
    """`waiting`, `running`, `done`, `failed` or `withdrawn`."""
    starts: int
    """How often it was started; the latest start alone may keep its result."""
    lost: int
    """How many of the starts neither ended nor gave it back, this one included."""
    worker: str
    """Host and process that runs it, or ran it."""
    started: datetime | None
    ended: datetime | None
    exit_code: int | None
    result_name: str


def storable(text: str) -> str:
    """Text as the database takes it: without NUL, and `?` for half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class Queue:
    """The queue in one database. Every method is a transaction of its own.

    Raises JournalError where the database does not answer.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_conninfo(url, options=f"-c search_path={SCHEMA}")
        except psycopg.Error:  # whose text may hold the password
            raise UsageError(t(NOT_AN_ADDRESS)) from None
        """For connections whose tables are those of the queue."""

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection whose changes are committed at the end."""
        try:
            with psycopg.connect(self.url, connect_timeout=10) as connection:
                yield connection
        except psycopg.Error as error:
            problem = str(error).strip().split("\n")[0]
            told = _UNREACHED if isinstance(error, psycopg.OperationalError) else _REFUSED
            raise JournalError(t(told, problem=problem)) from error

    def prepare(self, engine: str) -> None:
        """Make the tables where they are missing; `engine` is the SQL of the engine's own.

        Raises UsageError where another version of the program made them.
        """
        own = (VERSION, hashlib.sha256(engine.encode()).hexdigest()[:8])
        with self.connected() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SCHEMA])
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            made = connection.execute(f"SELECT to_regclass('{SCHEMA}.version')").fetchone()
            if made is None or made[0] is None:
                connection.execute(engine.encode())
                connection.execute(_TABLE.encode())
                connection.execute("INSERT INTO version VALUES (%s, %s)", own)
            found = connection.execute("SELECT number, engine FROM version").fetchone()
            if found != own:
                number = ".".join(map(str, found)) if found else t("unknown")
                facts = {"found": number, "own": ".".join(map(str, own))}
                raise UsageError(t(_OTHER_VERSION, **facts))

    def put(
        self,
        connection: psycopg.Connection[Any],
        command: str,
        words: Sequence[str],
        sheet: Path,
        account: str,
    ) -> int:
        """Add a command on a sheet, which a worker has yet to be told of. Returns its number.

        Raises UsageError for a sheet that is too large.
        """
        size = sheet.stat().st_size
        if size > LARGEST:
            facts = {"size": size >> 20, "most": LARGEST >> 20}
            raise UsageError(t(_TOO_LARGE, file=sheet, **facts))
        content = sheet.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        who = storable(f"{getpass.getuser()}@{socket.gethostname()}")
        row = connection.execute(
            "INSERT INTO work (command, words, account, name, sheet, sha256, who) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [command, list(words), account, storable(sheet.name), content, sha256, who],
        ).fetchone()
        assert row is not None
        return int(row[0])

    def all(self, most: int) -> list[Work]:
        """The last ones, newest first."""
        with self.connected() as connection, connection.cursor(row_factory=class_row(Work)) as rows:
            statement = f"SELECT {_FIELDS} FROM work ORDER BY id DESC LIMIT %s"
            return rows.execute(statement, [most]).fetchall()

    def submitted(self, days: int) -> list[tuple[str, list[str]]]:
        """The accounts that sheets were submitted to lately, each with the options of the last."""
        with self.connected() as connection:
            return connection.execute(
                "SELECT DISTINCT ON (account) account, words FROM work WHERE command = 'submit' "
                "AND state IN ('done', 'failed') AND given > now() - make_interval(days => %s) "
                "ORDER BY account, id DESC",
                [days],
            ).fetchall()

    def find(self, number: int) -> Work | None:
        with self.connected() as connection, connection.cursor(row_factory=class_row(Work)) as rows:
            return rows.execute(f"SELECT {_FIELDS} FROM work WHERE id = %s", [number]).fetchone()

    def start(self, number: int, worker: str) -> Work | None:
        """Take a command to run, with a number of its start; None where nothing is to be done."""
        with self.connected() as connection, connection.cursor(row_factory=class_row(Work)) as rows:
            return rows.execute(
                "UPDATE work SET state = 'running', starts = starts + 1, lost = lost + 1, "
                f"worker = %s, started = now() WHERE id = %s AND state IN ('waiting', 'running') "
                f"RETURNING {_FIELDS}",
                [worker, number],
            ).fetchone()

    def sheet(self, number: int) -> bytes:
        return self._content("sheet", number)

    def result(self, number: int) -> bytes:
        return self._content("result", number)

    def texts(self, number: int) -> tuple[str, str]:
        """The document that the command printed, and what it told people."""
        with self.connected() as connection:
            found = connection.execute(
                "SELECT report, messages FROM work WHERE id = %s", [number]
            ).fetchone()
            return (found[0], found[1]) if found else ("", "")

    def wait_again(self, work: Work, *, was_killed: bool) -> None:
        """Give a command back, which was not finished."""
        self._end(work, "waiting", ended=False, lost=work.lost - (not was_killed))

    def forget(self, days: int) -> None:
        """Empty what ended so many days ago: its sheet, its result and what was said of it."""
        with self.connected() as connection:
            connection.execute(
                "UPDATE work SET sheet = '', result = NULL, result_name = '', report = '', "
                "messages = '' WHERE ended < now() - make_interval(days => %s) AND sheet <> ''",
                [days],
            )

    def finish(self, work: Work, ended: Ended, result: Path | None) -> bool:
        """Keep what became of a command. False, and nothing is kept, where another took it over."""
        return self._end(
            work,
            "done" if ended.exit_code == 0 else "failed",
            exit_code=ended.exit_code,
            report=storable(ended.printed),
            messages=storable(ended.messages),
            result_name=storable(result.name) if result else "",
            result=result.read_bytes() if result else None,
        )

    def withdraw(self, number: int) -> bool:
        """Take back a command that no worker ever started. False where one did."""
        with self.connected() as connection:
            done = connection.execute(
                "UPDATE work SET state = 'withdrawn', ended = now() "
                "WHERE id = %s AND state = 'waiting' AND starts = 0",
                [number],
            )
            return done.rowcount == 1

    def _end(self, work: Work, state: str, *, ended: bool = True, **values: object) -> bool:
        """Change a command that this start of it still holds."""
        names = "".join(f", {name} = %s" for name in values)
        time = ", ended = now()" if ended else ""
        with self.connected() as connection:
            done = connection.execute(
                f"UPDATE work SET state = %s{time}{names} "
                "WHERE id = %s AND state = 'running' AND starts = %s".encode(),
                [state, *values.values(), work.id, work.starts],
            )
            return done.rowcount == 1

    def _content(self, column: str, number: int) -> bytes:
        with self.connected() as connection:
            found = connection.execute(
                f"SELECT {column} FROM work WHERE id = %s".encode(), [number]
            ).fetchone()
            return bytes(found[0] or b"") if found else b""
