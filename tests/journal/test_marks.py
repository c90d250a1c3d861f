"""A journal that went back in time, or is gone, is not trusted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from converter import journal
from converter.errors import JournalError
from converter.model import Status
from tests.journal.builders import (
    ACCOUNT,
    REQUEST,
    Opened,
    answer,
    file,
    in_a_file,
    order,
    plan,
    rows,
)


def lock(home: Path) -> Path:
    return file(home).with_suffix(".lock")


def side(home: Path) -> Path:
    return home / "marks" / f"{file(home).stem}.mark"


@pytest.fixture
def put_back(opened: Opened, home: Path) -> None:
    """A run was made, its journal copied; another run was made, and the copy was put back."""
    copy = home.with_name("copy")
    for name in ("A1", "A2"):
        with opened() as book:
            answer(book, plan(book, order(name)).new, Status.ACCEPTED)
        if not copy.exists():
            shutil.copyfile(file(home), copy)
    shutil.copyfile(copy, file(home))


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("left", [lock, side], ids=["beside it", "elsewhere"])
@in_a_file
def test_a_journal_from_a_copy_is_refused(
    opened: Opened, home: Path, left: Callable[[Path], Path]
) -> None:
    for witness in {lock(home), side(home)} - {left(home)}:
        witness.unlink()

    with pytest.raises(JournalError, match="older than") as error, opened():
        pass

    assert str(left(home)) in error.value.message
    assert "--journal-is-right" in error.value.message
    assert rows(home, "SELECT COUNT(*) FROM run") == [(1,)]


@in_a_file
def test_a_copy_made_during_a_run_is_refused(opened: Opened, home: Path) -> None:
    """The run is known to it, but not all of its attempts."""
    copy = home.with_name("copy")
    with opened() as book:
        plan(book, order("A1"), order("A2"))
        answer(book, [order("A1")], Status.ACCEPTED)
        shutil.copyfile(file(home), copy)
        answer(book, [order("A2")], Status.ACCEPTED)
    shutil.copyfile(copy, file(home))

    with pytest.raises(JournalError, match="older than"), opened():
        pass


@pytest.mark.usefixtures("put_back")
@in_a_file
def test_a_person_may_know_better(opened: Opened, home: Path) -> None:
    asked: list[str] = []

    def trust(problem: str) -> bool:
        asked.append(problem)
        return True

    with journal.open_file(home, ACCOUNT, trust=trust) as account:
        journal.Journal.start(
            account, journal.RunStart("acme", "", "", "", "", ""), resend=journal.ResendRule("A", 0)
        )
    with opened():
        pass

    assert len(asked) == 1


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param([file], id="the journal"),
        pytest.param([file, lock], id="its lock too"),
        pytest.param([file, side], id="its mark too"),
    ],
)
@in_a_file
def test_a_journal_that_is_gone_is_missed(
    opened: Opened, home: Path, gone: list[Callable[[Path], Path]]
) -> None:
    with opened() as book:
        answer(book, plan(book, order("A1")).new, Status.ACCEPTED)
    for place in gone:
        place(home).unlink()

    with pytest.raises(JournalError, match="is gone"), opened():
        pass
    assert not file(home).exists()
    with journal.open_file(home, ACCOUNT, trust=lambda _: True):
        assert file(home).exists()


def test_marks_outlive_a_killed_run(opened: Opened, home: Path) -> None:
    """Each attempt is noted beside the journal before it is made."""
    with opened() as book:
        plan(book, order("A1"))
        book.intend([order("A1")], REQUEST, deadline=0)
        noted = lock(home).read_text().splitlines()[1]

    assert noted == f"mark {book.run} {book.facts['mark']} 1"
