"""Copies of whole journals between files and a server, compared row by row."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import JournalError
from converter.journal import location, lock, places, schema, store
from converter.journal.database import Connection, rows_of
from converter.journal.files import sync_file, sync_folder
from converter.message import N_, t
from converter.messages.system import of_system

if TYPE_CHECKING:
    from converter.journal.server import Server


_PIECE = 1000

NOT_EMPTY = N_(
    "The journal {path} has runs already, so {source} cannot be copied over it. It was not copied."
)
DIFFERS = N_(
    "The copy {path} differs from {source} in the table {table}. It was thrown away; nothing else "
    "was changed. Please report this."
)
NOT_COPIED = N_("The journal {source} cannot be copied to {path}: {problem}. It was not copied.")
NO_SERVER = N_(
    "CONVERTER_JOURNAL is not set, so there is no server to copy journals from or to. Set it to "
    "its address, such as postgresql://USER@HOST/DATABASE."
)


@dataclass(frozen=True, slots=True)
class Copied:
    """A journal, where its copy is, and what it holds."""

    source: str
    target: str
    rows: int
    """0 where it was on the server before, and nothing was copied."""


def copy_to_server(home: Path) -> Iterator[Copied]:
    """Copy the journal of every account from this machine's files to the server.

    Each is held while it is copied, and where it is copied to; of one that lives there
    already, nothing is copied. Raises AccountBusy where a run holds it, JournalError where another
    one is there already or the copy differs.
    """
    from converter.journal import shared

    on = _server()
    for path in sorted((home.absolute() / location.FOLDER).glob("*.sqlite3")):
        with lock.hold(path.with_suffix(".lock")) as held, closing(store.connect(path)) as found:
            _require_current(found, path)
            store.check(found, path)
            place = on.place_named(path.stem)
            if held.journal == place.name:
                yield Copied(str(path), str(place), 0)  # when the copy of another one failed
                continue
            with shared.hold_session(on, place) as session, _told(path, str(place)):
                if shared.has_runs(session, place):
                    raise JournalError(t(NOT_EMPTY, path=str(place), source=path))
                shared.begin_copy(session, place, tables())
                rows = _copy(found, session, path, str(place))
                shared.end_copy(session, tables())
            held.note_journal(place.name)
        yield Copied(str(path), str(place), rows)


def copy_to_files(home: Path) -> Iterator[Copied]:
    """Copy the journal of every account from the server to files on this machine."""
    from converter.journal import shared

    on = _server()
    folder = location.make_folder(home)
    for place in on.places():
        path = folder / f"{place.name}.sqlite3"
        with (
            lock.hold(path.with_suffix(".lock")) as held,
            shared.hold_session(on, place) as session,
            _told(str(place), path),
        ):
            if _has_runs(path):
                raise JournalError(t(NOT_EMPTY, path=path, source=str(place)))
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            rows = write_file(session, str(place), path)
            held.note_journal(path.name)
        yield Copied(str(place), str(path), rows)


def write_file(found: Connection, source: str, path: Path) -> int:
    """Write a journal into a new file, which takes its name once it is whole and on the disk."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    store.make_private(unfinished)
    try:
        with closing(store.connect(unfinished)) as made:
            made.executescript(schema.upgrade_from(0))
            triggers = made.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
            ).fetchall()
            made.execute("BEGIN IMMEDIATE")
            for name, _ in triggers:  # rows come as they are, not as a run makes them
                made.execute(f"DROP TRIGGER {name}")
            rows = _copy(found, made, source, unfinished)
            for _, sql in triggers:
                made.execute(sql)
            made.execute("COMMIT")
            store.check(made, unfinished, with_indexes=True)
        sync_file(unfinished)
        unfinished.replace(path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def broken_rule(connection: Connection) -> str:
    """What in a journal contradicts its own rules; empty where nothing does."""
    for problem, sql in _RULES:
        found = connection.execute(sql).fetchone()
        if found:
            return t(problem, name=found[0])
    return ""


_RULES = (
    (
        N_("order {name} is accepted without evidence"),
        "SELECT reference FROM part WHERE state = 'ACCEPTED'"
        " AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.part = part.id"
        " AND verdict IN ('created', 'duplicate'))"
        " AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.part = part.id"
        " AND verdict = 'created') LIMIT 1",
    ),
    (
        N_("order {name} is no longer in doubt, though nothing settles its doubt"),
        "SELECT reference FROM part WHERE state IN ('INVALID', 'PLANNED', 'REFUSED', 'DUPLICATE')"
        " AND EXISTS (SELECT 1 FROM doubt WHERE doubt.part = part.id) LIMIT 1",
    ),
    (
        N_("order {name} was sent, but the payload that was sent was never planned"),
        "SELECT reference FROM part JOIN answer ON answer.part = part.id"
        " WHERE NOT EXISTS (SELECT 1 FROM payload WHERE payload.part = part.id"
        " AND hash = payload_hash) LIMIT 1",
    ),
)


def _server() -> Server:
    on = places.server()
    if on is None:
        raise JournalError(t(NO_SERVER))
    return on


@contextmanager
def _told(source: Path | str, path: Path | str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        facts = {"source": source, "path": path}
        raise JournalError(t(NOT_COPIED, **facts, problem=of_system(error))) from error


def _require_current(found: sqlite3.Connection, path: Path) -> None:
    """Raise JournalError where another version of the program wrote the journal last."""
    (version,) = found.execute("PRAGMA user_version").fetchone()
    if version != schema.VERSION:
        problem = t("no run of this version has renewed it yet")
        raise JournalError(t(places.UNREADABLE, path=path, problem=problem))


def _has_runs(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(store.connect(path)) as found:
        try:
            return found.execute("SELECT 1 FROM run LIMIT 1").fetchone() is not None
        except sqlite3.Error:
            return True  # whatever it is, it is not written over


@cache
def triggers() -> tuple[str, ...]:
    """The names of the triggers that every journal has."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema.upgrade_from(0))
        found = made.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        return tuple(name for (name,) in found)


@cache
def tables() -> dict[str, tuple[str, ...]]:
    """The columns of every table, in an order in which they can be filled."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema.upgrade_from(0))
        names = [
            name
            for (name,) in made.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite%' ORDER BY rootpage"
            )
        ]
        return {
            name: tuple(row[1] for row in made.execute(f"PRAGMA table_info({name})"))
            for name in sorted(names, key=lambda name: _depth(made, name))
        }


def _depth(made: sqlite3.Connection, table: str) -> int:
    """How many tables have to be filled before this one."""
    needed = {row[2] for row in made.execute(f"PRAGMA foreign_key_list({table})")}
    return max((_depth(made, other) + 1 for other in needed - {table}), default=0)


def _copy(found: Connection, made: Connection, source: Path | str, target: Path | str) -> int:
    """Copy all rows, and compare them as they came to lie there. Returns their number."""
    total = 0
    for table, columns in tables().items():
        names = ", ".join(columns)
        marks_ = ", ".join("?" * len(columns))
        before, count = 0, 0
        rows = rows_of(found, f"SELECT {names} FROM {table}")
        while piece := list(itertools.islice(rows, _PIECE)):
            made.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks_})", piece)
            before += sum(map(_digest, piece))
            count += len(piece)
        after, lying = 0, 0
        for row in rows_of(made, f"SELECT {names} FROM {table}"):
            after += _digest(row)
            lying += 1
        if (before, count) != (after, lying):
            raise JournalError(t(DIFFERS, path=target, source=source, table=table))
        total += count
    return total


def _digest(row: tuple[object, ...]) -> int:
    """A number of the row; the sum of all does not depend on their order."""
    return int.from_bytes(hashlib.sha256(repr(tuple(row)).encode("utf-8", "replace")).digest())
