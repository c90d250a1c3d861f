"""Builders of orders and answers, and queries on the file, for tests of the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

from converter.journal import (
    Account,
    Journal,
    Plan,
    RunStart,
    State,
)
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
    with closing(sqlite3.connect(file(home))) as connection:
        return connection.execute(query).fetchall()


def account(url: str = ACCOUNT.base_url, sandbox: bool = False, **names: str) -> Account:
    return Account("acme", url, names or {"code": "C1"}, sandbox)


def fill(journal: Journal) -> None:
    """Allow no further page; SQLite then reports a full disk."""
    connection = journal._file.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
