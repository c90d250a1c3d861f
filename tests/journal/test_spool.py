"""Answers kept on the disk of this machine, for a journal that could not be reached."""

from __future__ import annotations

from pathlib import Path

from converter.journal import spool
from converter.journal.ended import EndedAttempt


def ended(attempt: int) -> EndedAttempt:
    return EndedAttempt(attempt, 7, "2026-12-01T00:00:00Z", (200, b"\x00\xff", None), ())


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.answers"
    spool.keep(path, [ended(1), ended(2)])
    spool.keep(path, [ended(3)])

    assert spool.read(path) == [ended(1), ended(2), ended(3)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_joined_to_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.answers"
    spool.keep(path, [ended(1)])
    with path.open("ab") as file:
        file.write(b'{"attempt": 2, "run"')  # a full disk

    assert spool.read(path) == [ended(1)]
    spool.keep(path, [ended(3)])
    assert spool.read(path) == [ended(1), ended(3)]
