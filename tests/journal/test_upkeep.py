"""What a start costs, and what it does not do: checks, the purge, clocks that were wrong."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from converter.errors import JournalError
from converter.journal import Plan, purge, store
from converter.model import Order, Status
from tests.journal.builders import (
    FakeClock,
    Opened,
    answer,
    file,
    in_a_file,
    order,
    plan,
    references,
    rows,
)

MONTH = 31 * 24 * 3600


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every journal that is read as a whole."""
    made: list[Path] = []
    real = store.check

    def check(connection: sqlite3.Connection, path: Path, *, with_indexes: bool = False) -> None:
        made.append(path)
        real(connection, path, with_indexes=with_indexes)

    monkeypatch.setattr(store, "check", check)
    return made


@in_a_file
def test_a_journal_that_was_closed_is_not_read_as_a_whole(
    opened: Opened, checks: list[Path]
) -> None:
    for _ in range(3):
        with opened():
            pass

    assert checks == []


@in_a_file
def test_one_that_was_not_closed_is(opened: Opened, home: Path, checks: list[Path]) -> None:
    with opened():
        cut_off = file(home).with_suffix(".lock").read_bytes()
    file(home).with_suffix(".lock").write_bytes(cut_off)

    with opened():
        pass

    assert checks == [file(home)]


@in_a_file
def test_and_every_journal_is_once_in_a_while(
    opened: Opened, home: Path, checks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened():
        pass
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + MONTH)
    for _ in range(2):
        with opened():
            pass

    assert checks == [file(home)]


def test_old_payloads_go_in_pieces(
    opened: Opened, home: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are still open are passed over, and found again once they are settled."""
    monkeypatch.setattr(purge, "PIECE", 2)
    orders = [order(f"A{n}") for n in range(5)]
    with opened(class_="D") as journal:
        plan(journal, *orders)
        statuses = [Status.UNKNOWN, *[Status.ACCEPTED] * 4]
        answer(journal, orders, *statuses)
    kept = []
    clock.time += MONTH
    for _ in range(4):
        with opened(class_="D"):
            pass
        kept.append(rows(home, "SELECT COUNT(body) FROM payload")[0][0])

    assert kept == [4, 2, 1, 1]


def test_a_doubt_of_a_day_to_come_ends_in_time(opened: Opened, clock: FakeClock) -> None:
    """The clock was wrong when the order was sent."""
    clock.time += 10 * 365 * 24 * 3600
    with opened() as journal:
        answer(journal, plan(journal, order("A1")).new, Status.UNKNOWN)
    clock.time -= 10 * 365 * 24 * 3600
    with opened() as journal:
        until = journal.records(["A1"])["A1"].settle_until
    clock.time += 900
    with opened() as journal:
        made = plan(journal, order("A1"))

    assert until == clock.time
    assert references(made.again) == ["A1"]


def test_a_doubt_goes_again_though_its_row_has_become_invalid(
    opened: Opened, clock: FakeClock
) -> None:
    """What is sent again is what was sent first, whatever the sheet says by now."""
    with opened() as journal:
        answer(journal, plan(journal, order("A1", n=1)).new, Status.UNKNOWN)
    clock.time += 901
    with opened() as journal:
        made: Plan[Order] = journal.plan([], [("A1", (7,), ("no city",))])
        answer(journal, made.again, Status.DUPLICATE)
        status = journal.records(["A1"])["A1"].status

    (again,) = made.again
    assert (again.payload, again.rows) == ({"ref": "A1", "n": 1}, (7,))
    assert status is Status.ACCEPTED


@pytest.mark.parametrize("index", ["sqlite_autoindex_part_1", "part_parent"])
@in_a_file
def test_an_index_that_misses_an_order_ends_in_words(
    opened: Opened, home: Path, index: str
) -> None:
    """An order that an index misses would be taken for a new one, and sent again."""
    orders = [order(f"ORDER-{n}") for n in range(3)]
    with opened() as journal:
        answer(journal, plan(journal, *orders).new, *[Status.ACCEPTED] * 3)
    with closing(sqlite3.connect(file(home))) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (index,)
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(file(home).read_bytes())
    at = content.index(b"ORDER-1", (page - 1) * size, page * size)
    content[at + 6] = ord("7")
    file(home).write_bytes(content)

    with pytest.raises(JournalError, match="is damaged"), opened() as journal:
        plan(journal, *orders)
