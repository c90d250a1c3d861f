"""A connection to PostgreSQL that takes the statements of the journal.

They are written for SQLite too. What differs in all of them is put into PostgreSQL's words here:
parameters, lists of keys, and texts with characters that PostgreSQL stores in no text.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import abc, adapt, pq
from psycopg.types.numeric import Int8Dumper

from converter.journal.database import Cursor

_SIGN = "\u2400"
"""Stands in a stored text before the number of a character that PostgreSQL stores in no text."""
_UNSTORED = re.compile(f"[\0{_SIGN}\ud800-\udfff]")
_STORED = re.compile(f"{_SIGN}([0-9a-f]{{4}})")

_LIST = re.compile(r"\bIN \(SELECT value FROM json_each\(\?(\d*)\)\)")
_PARAMETER = re.compile(r"\?(\d*)")
_ONLY_FOR_SQLITE = re.compile(r" INDEXED BY \w+|\bCROSS (?=JOIN \w+ ON)")
_NUMBER_OR_NULL = re.compile(r"(\?\d+)(?= IS (?:NOT )?NULL)")
_INSERT = re.compile(r"(INSERT INTO \w+ \([^)]*\)) VALUES \(([^()]*)\)")
_UPDATE = re.compile(r"(UPDATE \w+ SET (?:[^()]|COALESCE\([^()]*\))*?) (WHERE [^()]*)")
_KINDS = {int: "bigint", float: "double precision", str: "text", bytes: "bytea"}


class PostgresConnection:
    """A session in one schema; its transactions are begun and committed by their own words."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        statement, values = _values(sql, parameters)
        with translated_errors():
            return self.raw.execute(statement, values or None)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Execute it for all of them at once where that is the same, else one after the other."""
        rows = [[stored(value) for value in row] for row in parameters]
        with translated_errors():
            cursor = self.raw.cursor()
            if not rows:
                return cursor
            if len(rows) > 1 and (bulk := _for_all(sql, list(zip(*rows, strict=True)))):
                return cursor.execute(*bulk)
            cursor.executemany(_translated(sql), rows)
            return cursor

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query in a transaction, some at a time."""
        with translated_errors():
            self.raw.execute(f"DECLARE streamed NO SCROLL CURSOR FOR {sql}".encode())
            fetch = b"FETCH 1000 FROM streamed"
            while piece := self.raw.execute(fetch, prepare=False).fetchall():
                yield from piece
            self.raw.execute("CLOSE streamed", prepare=False)

    def run_script(self, sql: str) -> None:
        """Execute several statements."""
        with translated_errors():
            self.raw.execute(sql.encode())

    def commit(self) -> None:
        """Commit durably. An error does not tell that nothing was committed."""
        with translated_errors():
            done = self.raw.execute("COMMIT", prepare=False).statusmessage
        if done != "COMMIT":  # where a statement failed before, the server only rolls back
            raise sqlite3.IntegrityError(f"the transaction was not committed: {done}")

    @property
    def in_transaction(self) -> bool:
        status = self.raw.info.transaction_status
        return status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)

    @property
    def is_lost(self) -> bool:
        """Whether the session has ended, and with it its lock."""
        return self.raw.closed or self.raw.broken

    def close(self) -> None:
        self.raw.close()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Errors of PostgreSQL as those of the module `sqlite3`."""
    try:
        yield
    except psycopg.IntegrityError as error:
        raise sqlite3.IntegrityError(told(error)) from error
    except psycopg.OperationalError as error:
        raise sqlite3.OperationalError(told(error)) from error
    except psycopg.Error as error:
        raise sqlite3.DatabaseError(told(error)) from error


def told(error: psycopg.Error) -> str:
    """What the server, or libpq, has against it, in one line; libpq's hints follow in others."""
    text = error.diag.message_primary or str(error)
    first, *_ = text.strip().splitlines() or [type(error).__name__]
    return first.strip().rstrip(".")


def connect(address: str, schema: str, defaults: Mapping[str, str]) -> PostgresConnection:
    """A session in that schema. Raises psycopg.Error where the server refuses it."""
    raw = psycopg.connect(
        address,
        autocommit=True,
        prepare_threshold=2,
        cursor_factory=psycopg.RawCursor,
        **dict(defaults),  # type: ignore[arg-type]  # only strings for libpq
    )
    raw.adapters.register_dumper(int, Int8Dumper)  # one type, so one prepared statement
    raw.adapters.register_loader("text", _TextLoader)
    if schema:
        raw.execute("SELECT set_config('search_path', $1, false)", [quoted(schema)])
    # Orders are looked up by keys that have indexes; a plan made while a table was small must not
    # read all of it when it is large.
    raw.execute("SET enable_seqscan = off; SET jit = off")
    return PostgresConnection(raw)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def stored(value: Any) -> Any:
    """A value as PostgreSQL takes it."""
    if isinstance(value, str):
        return _UNSTORED.sub(_escaped, str.__str__(value))
    if isinstance(value, bool):
        return int(value)
    return value


def _escaped(match: re.Match[str]) -> str:
    return f"{_SIGN}{ord(match[0]):04x}"


class _TextLoader(adapt.Loader):
    """Texts as they were before they were stored."""

    def load(self, data: abc.Buffer) -> str:
        text = bytes(data).decode()
        return text if _SIGN not in text else _STORED.sub(lambda m: chr(int(m[1], 16)), text)


def _values(sql: str, parameters: Sequence[Any]) -> tuple[bytes, list[Any]]:
    """The statement as PostgreSQL takes it, and its parameters."""
    lists = _lists_of(sql)
    values = [
        [stored(one) for one in json.loads(value)] if index in lists else stored(value)
        for index, value in enumerate(parameters, 1)
    ]
    kinds = tuple((index, _kind(values[index - 1])) for index in sorted(lists))
    return _translated(sql, kinds), values


@cache
def _numbered(sql: str) -> str:
    """The statement with all of its parameters numbered, without what SQLite alone knows."""
    numbers = itertools.count(1)
    return _PARAMETER.sub(
        lambda found: f"?{found[1] or next(numbers)}", _ONLY_FOR_SQLITE.sub("", sql)
    )


@cache
def _lists_of(sql: str) -> frozenset[int]:
    """Parameters that are lists of keys, as JSON."""
    return frozenset(int(found[1]) for found in _LIST.finditer(_numbered(sql)))


@cache
def _translated(sql: str, kinds: tuple[tuple[int, str], ...] = ()) -> bytes:
    """The statement in PostgreSQL's words, given the types of its lists; empty lists have none."""
    types = dict(kinds)

    def listed(found: re.Match[str]) -> str:
        if kind := types[int(found[1])]:  # a join, which finds long lists by their hashes
            return f"IN (SELECT unnest(${found[1]}::{kind}[]))"
        return f"= ANY(${found[1]})"

    text = _LIST.sub(listed, _numbered(sql))
    text = _NUMBER_OR_NULL.sub(r"CAST(\1 AS BIGINT)", text)  # else it has no type
    return text.replace("?", "$").encode()


def _for_all(
    sql: str, columns: Sequence[Sequence[Any]]
) -> tuple[bytes, list[Sequence[Any]]] | None:
    """One statement for many rows of parameters; None where it would not mean the same."""
    found = _INSERT.fullmatch(sql) or _UPDATE.fullmatch(sql)
    if found is None:
        return None
    kinds = [_kind(column) for column in columns]
    numbers = itertools.count(1)

    def value(match: re.Match[str]) -> str:
        number = int(match[1] or next(numbers))
        return f"v.p{number}" if kinds[number - 1] else "NULL"

    used = [number for number, kind in enumerate(kinds, 1) if kind]
    arrays = ", ".join(f"${at}::{kinds[number - 1]}[]" for at, number in enumerate(used, 1))
    names = ", ".join(f"p{number}" for number in used)
    rows = f"FROM unnest({arrays}) AS v ({names})"
    head = _PARAMETER.sub(value, found[1])
    tail = _PARAMETER.sub(value, found[2])
    text = f"{head} SELECT {tail} {rows}" if sql.startswith("INSERT") else f"{head} {rows} {tail}"
    return text.encode(), [list(columns[number - 1]) for number in used]


def _kind(column: Sequence[Any]) -> str:
    """The type of a column of parameters; empty where all of them are NULL."""
    types = {type(value) for value in column if value is not None}
    if types == {int, float}:
        return "double precision"
    return _KINDS[types.pop()] if types else ""
