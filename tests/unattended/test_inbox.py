"""Which files of a watched folder are taken, by whom, and where they go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from converter.unattended.inbox import Claim, Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def land(inbox: Inbox, name: str, content: str = "a,b\n") -> Path:
    path = inbox.folder / name
    path.write_text(content)
    return path


def claimed(inbox: Inbox, name: str) -> Claim:
    claim = inbox.claim(land(inbox, name))
    assert claim is not None
    return claim


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_sheet_is_complete_once_nobody_writes_to_it(inbox: Inbox) -> None:
    path = land(inbox, "orders.csv")

    assert inbox.complete(100) == []
    assert inbox.is_settling
    with path.open("a") as file:
        file.write("1,2\n")
    assert inbox.complete(103) == []
    assert inbox.complete(105.9) == []
    assert inbox.complete(106) == [path]
    assert not inbox.is_settling


def test_an_empty_file_may_yet_be_filled(inbox: Inbox) -> None:
    path = land(inbox, "orders.csv", "")

    assert [inbox.complete(now) for now in (0, 30, 60)] == [[], [], [path]]


def test_the_oldest_sheet_comes_first(inbox: Inbox) -> None:
    late, early = land(inbox, "a.csv"), land(inbox, "b.csv")
    os.utime(early, (1000, 1000))
    inbox.complete(0)

    assert inbox.complete(3) == [early, late]


@pytest.mark.parametrize(
    "name", ["~$orders.xlsx", ".orders.xlsx", "orders.xlsx.part", "orders.crdownload", "notes.pdf"]
)
def test_what_is_no_sheet_stays(inbox: Inbox, name: str) -> None:
    land(inbox, name)
    inbox.complete(0)

    assert inbox.complete(100) == []
    assert not inbox.is_settling


def test_links_and_folders_stay(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "orders.csv"
    elsewhere.write_text("a\n")
    (inbox.folder / "linked.csv").symlink_to(elsewhere)
    (inbox.folder / "folder.csv").mkdir()
    inbox.complete(0)

    assert inbox.complete(100) == []


def test_only_one_watcher_gets_a_sheet(inbox: Inbox) -> None:
    other = Inbox(inbox.folder)
    path = land(inbox, "orders.csv")

    assert inbox.claim(path) is not None
    assert other.claim(path) is None
    assert list(other.left_behind()) == []
    assert len(list((inbox.folder / "working").iterdir())) == 1


def test_what_a_watcher_left_is_taken_up_with_the_number_of_its_starts(inbox: Inbox) -> None:
    claimed(inbox, "orders.csv").started().started().release()

    (found,) = Inbox(inbox.folder).left_behind()

    assert (found.sheet.name, found.starts) == ("orders.csv", 2)
    assert list(Inbox(inbox.folder).left_behind()) == []


@pytest.mark.parametrize(("done", "place"), [(True, "done"), (False, "failed")])
def test_a_finished_sheet_goes_where_people_look(inbox: Inbox, done: bool, place: str) -> None:
    claim = claimed(inbox, "orders.csv")
    (claim.folder / "orders.result.xlsx").touch()

    moved = inbox.finish(claim, inbox.place(claim, done=done))

    assert moved == inbox.folder / place / "orders.csv"
    assert files(inbox.folder) == {f"{place}/orders.csv", f"{place}/orders.result.xlsx"}
    assert list((inbox.folder / "working").iterdir()) == []


def test_a_second_sheet_of_the_same_name_replaces_nothing(inbox: Inbox) -> None:
    first = claimed(inbox, "orders.csv")
    inbox.finish(first, inbox.place(first, done=True))
    second = claimed(inbox, "orders.csv")

    moved = inbox.finish(second, inbox.place(second, done=True))

    assert moved == inbox.folder / "done" / second.folder.name / "orders.csv"
    assert files(inbox.folder / "done") == {"orders.csv", f"{second.folder.name}/orders.csv"}


def test_a_sheet_that_was_finished_but_for_its_folder_is_not_taken_up(inbox: Inbox) -> None:
    claim = claimed(inbox, "orders.csv")
    claim.sheet.rename(inbox.folder / "done" / "orders.csv")  # and then the watcher died
    claim.release()

    assert list(inbox.left_behind()) == []
    assert list((inbox.folder / "working").iterdir()) == []
