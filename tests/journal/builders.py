"""Builders of orders and answers, and queries on the file, for tests of the journal."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from converter.journal import (
    Account,
    Journal,
    Plan,
    RunStart,
    State,
    open_file,
    schema,
)
from converter.journal.database import Connection
from converter.journal.places import place_of
from converter.journal.schema_cancelling import CANCELLING
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status

ACCOUNT = Account("acme", "https://api.acme.test/v1", {"code": "C1"})
RUN = RunStart("acme", "create", "orders.xlsx", "s" * 64, "m" * 64, "0.1.0")
REQUEST = HttpRequest("POST", "https://api.acme.test/v1/create", {"X": "y"}, b"{}")
REPLY = Reply(200, {}, b'{"code":0}')
Opened = Callable[..., AbstractContextManager[Journal]]


class FakeClock:
    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


in_a_file = pytest.mark.parametrize("home", ["sqlite"], indirect=True)
"""For what is true of a journal in a file alone."""


def order(reference: str, parent: str = "", rows: tuple[int, ...] = (2,), **payload: Any) -> Order:
    return Order(reference, parent or reference, {"ref": reference, **payload}, rows)


def plan(journal: Journal, *orders: Order) -> Plan[Order]:
    return journal.plan(orders, [])


def answer(
    journal: Journal,
    orders: Sequence[Order],
    *statuses: Status,
    reply: Reply | NoReply = REPLY,
) -> None:
    """One attempt with these orders, answered."""
    attempt = journal.intend(orders, REQUEST, deadline=0)
    outcomes = (Outcome(status, f"{status}!") for status in statuses)
    journal.record(attempt, reply, Judgement(tuple(outcomes)))


def state(journal: Journal, reference: str) -> State:
    return journal.records([reference])[reference].state


def references(orders: Sequence[Order]) -> list[str]:
    return [one.reference for one in orders]


def file(home: Path) -> Path:
    return home / "journal" / ACCOUNT.file_name


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    return place_of(home, ACCOUNT).read(lambda connection: connection.execute(query).fetchall())


@contextmanager
def held(home: Path) -> Iterator[Connection]:
    """A connection that may write the journal, whatever its triggers refuse."""
    with open_file(home, ACCOUNT) as one:
        yield one.connection


def account(url: str = ACCOUNT.base_url, sandbox: bool = False, **names: str) -> Account:
    return Account("acme", url, names or {"code": "C1"}, sandbox)


def fill(journal: Journal) -> None:
    """Allow no further page; SQLite then reports a full disk."""
    connection = journal._file.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def forget_cancelling(connection: sqlite3.Connection) -> None:
    """Undo what the newest version of the tables adds, as an older program has left them."""
    before = schema.NEW.partition(CANCELLING)[0]
    triggers = re.findall(r"CREATE TRIGGER (\w+)", CANCELLING)
    script = [f"DROP TRIGGER {name}" for name in triggers]
    script += ["DROP VIEW cancel_doubt", "DROP VIEW doubt"]
    script += re.findall(r"(CREATE VIEW doubt.*?);", before, re.DOTALL)[-1:]
    script += ["DROP INDEX part_cancel_unknown"]
    for table in ("called", "released", "cancel_evidence", "cancel_attempt"):
        script.append(f"DROP TABLE {table}")
    for column in ("cancellation", "cancel_message", "cancel_message_json", "cancelled"):
        script.append(f"ALTER TABLE part DROP COLUMN {column}")
    for name in re.findall(r"DROP TRIGGER (\w+)", CANCELLING):
        script += re.findall(rf"(CREATE TRIGGER {name} .*?END);", before, re.DOTALL)
    connection.executescript(";\n".join(script) + ";")
