from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.errors import JournalError
from converter.journal import (
    Account,
    State,
)
from converter.model import Judgement, Outcome, Reply, Status
from tests.journal.builders import (
    ACCOUNT,
    REQUEST,
    Opened,
    account,
    file,
    fill,
    in_a_file,
    order,
    plan,
    state,
)

# -- the file --------------------------------------------------------------------------------------


@in_a_file
def test_only_the_owner_can_read_it(opened: Opened, home: Path) -> None:
    before = os.umask(0)
    try:
        with opened() as journal:
            plan(journal, order("A1"))
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file(home).parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3
    assert stat.S_IMODE(file(home).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@in_a_file
def test_it_is_written_so_that_a_power_cut_loses_nothing(opened: Opened) -> None:
    with opened() as journal:
        pragma = {
            name: journal._file.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout", "user_version")
        }

    assert pragma == {
        "journal_mode": "delete",
        "synchronous": 3,
        "busy_timeout": 10000,
        "user_version": 7,
    }


@in_a_file
def test_a_journal_that_is_gone_stops_everything(opened: Opened, home: Path) -> None:
    with opened():
        pass
    file(home).unlink()

    with pytest.raises(JournalError, match="is gone, though orders were sent with it"), opened():
        pass


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "it is empty", id="emptied"),
        pytest.param(
            lambda path: path.write_bytes(b"not a database" * 500),
            "file is not a database",
            id="overwritten",
        ),
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:9000]),
            "is damaged",
            id="cut off",
        ),
        pytest.param(
            lambda path: path.write_bytes(
                path.read_bytes()[:60] + b"\0\0\0\x08" + path.read_bytes()[64:]
            ),
            "made by a newer version",
            id="newer",
        ),
    ],
)
@in_a_file
def test_a_journal_that_cannot_be_trusted_stops_everything(
    opened: Opened, home: Path, damage: Callable[[Path], object], message: str
) -> None:
    with opened() as journal:
        plan(journal, *(order(f"A{n}", text="x" * 500) for n in range(50)))
    damage(file(home))

    with pytest.raises(JournalError, match=message), opened():
        pass


@in_a_file
def test_a_folder_that_cannot_be_made_stops_everything(opened: Opened, home: Path) -> None:
    home.write_text("a file stands where the folder should be")

    with pytest.raises(JournalError, match="cannot be written"), opened():
        pass


LOCAL = "http://127.0.0.1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(
            account(), account("HTTPS://API.acme.test:443/v1/"), True, id="address typed otherwise"
        ),
        pytest.param(account(), account("https://api.acme.test/v2"), False, id="another address"),
        pytest.param(account(), account(code="C2"), False, id="another code"),
        pytest.param(
            account(),
            account(code="C1", base_url=ACCOUNT.base_url),
            True,
            id="the address among the names",
        ),
        pytest.param(account(), account(sandbox=True), False, id="the sandbox"),
        pytest.param(
            account(f"{LOCAL}:41", sandbox=True, code="X", base_url=f"{LOCAL}:41"),
            account(f"{LOCAL}:42", sandbox=True, code="X", base_url=f"{LOCAL}:42"),
            True,
            id="the sandbox at another port",
        ),
    ],
)
def test_an_account_has_one_file(one: Account, other: Account, same: bool) -> None:
    assert (one.file_name == other.file_name) is same


def test_sandbox_journals_are_named_so() -> None:
    name = Account("acme", "http://127.0.0.1:4001", {}, sandbox=True).file_name

    assert name.startswith("sandbox-acme-")
    assert name.endswith(".sqlite3")
    assert len(name) == len("sandbox-acme-") + 12 + len(".sqlite3")


# -- a full disk -----------------------------------------------------------------------------------


@in_a_file
def test_a_full_disk_before_sending_sends_nothing(opened: Opened) -> None:
    with opened() as journal:
        fill(journal)
        with pytest.raises(JournalError, match="database or disk is full"):
            plan(journal, *(order(f"A{n}", text="x" * 5000) for n in range(50)))

    with opened() as journal:
        assert journal.records(["A1"]) == {}


@in_a_file
def test_an_answer_that_cannot_be_kept_is_told(opened: Opened, home: Path) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend(orders, REQUEST, deadline=0)
        fill(journal)
        outcomes = (Outcome(Status.ACCEPTED, "ok", "SC1"), Outcome(Status.REJECTED, "no city"))
        with pytest.raises(JournalError) as caught:
            journal.record(attempt, Reply(200, {}, b"x" * 100_000), Judgement(outcomes))

    assert str(caught.value).endswith(
        "and this is what is known of them; keep it, because the next run shows them as unknown:\n"
        "  A1: accepted SC1 ok\n"
        "  A2: rejected no city"
    )
    assert not file(home).with_suffix(".ballast").exists()

    with opened() as journal:
        assert state(journal, "A1") is State.UNKNOWN
    assert file(home).with_suffix(".ballast").stat().st_size == 8 * 1024 * 1024


@in_a_file
def test_the_ballast_makes_room_for_one_answer_and_no_more(opened: Opened, home: Path) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2")).new
        attempt = journal.intend(orders[:1], REQUEST, deadline=0)
        fill(journal)
        drop = journal._file.drop_ballast

        def drop_and_make_room() -> None:
            drop()
            journal._file.connection.execute("PRAGMA max_page_count = 1000000")

        journal._file.drop_ballast = drop_and_make_room  # type: ignore[method-assign]
        outcome = Outcome(Status.ACCEPTED, "ok", "SC1")
        journal.record(attempt, Reply(200, {}, b"x" * 100_000), Judgement((outcome,)))

        assert state(journal, "A1") is State.ACCEPTED
        assert not file(home).with_suffix(".ballast").exists()
        with pytest.raises(JournalError, match="the disk is full"):
            journal.intend(orders[1:], REQUEST, deadline=0)
