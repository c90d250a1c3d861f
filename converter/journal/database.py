"""What the journal needs of its database, whichever it is.

Statements are written in the words that SQLite and PostgreSQL share. The tables, the durability of
a commit and the lock differ, and stand in files of their own: `schema` and `store` for SQLite. What
goes wrong is an error of the module `sqlite3`, whichever database it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable


class Cursor(Protocol):
    """The rows that a statement found, and how many it changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection; parameters are `?`, or `?1` where one is used twice."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor: ...


@runtime_checkable
class Streams(Protocol):
    """A connection that reads long results in pieces only where it is asked to."""

    def stream(self, sql: str) -> Iterator[Any]: ...


def rows_of(connection: Connection, sql: str) -> Iterator[Any]:
    """The rows of a query, without all of them in memory at once."""
    if isinstance(connection, Streams):
        return connection.stream(sql)
    return iter(connection.execute(sql))
