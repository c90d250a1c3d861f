"""Sheets that land in a folder: which are complete, who works on them, and where they go.

    FOLDER/orders.xlsx                 landed; nobody has it yet
    FOLDER/working/<id>/orders.xlsx    claimed, with what was made of it so far
    FOLDER/done/orders.xlsx            all of its orders are accepted; its result is beside it
    FOLDER/failed/orders.xlsx          somebody has to look; result and messages are beside it

A sheet is claimed by renaming it, which only one of several watchers can do. It leaves the folder
of its claim last, after everything that was made of it, so that a sheet whose watcher died is
found there and taken up again.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter import file_lock

_LOG = logging.getLogger(__name__)

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt")
_UNFINISHED = ("~$", ".")
"""How the names of lock files and of half-written files begin."""
_EMPTY = 60.0
"""Seconds that a file without content may stay so: most programs make it first and fill it then."""
_LOCK, _NOTE = "running", "claim.json"


@dataclass(frozen=True)
class Claim:
    """A sheet that this process alone works on; what is made of it goes beside it."""

    folder: Path
    sheet: Path
    lock: int
    """Descriptor of the locked file; a child that inherits it holds the claim too."""
    starts: int
    """How many times the sheet was started before."""

    def started(self) -> Claim:
        """The claim with one start more, which is noted on disk."""
        made = Claim(self.folder, self.sheet, self.lock, self.starts + 1)
        _note(made.folder, made.sheet.name, made.starts)
        return made

    def postponed(self) -> Claim:
        """The claim without its last start, which did not come to anything."""
        made = Claim(self.folder, self.sheet, self.lock, self.starts - 1)
        _note(made.folder, made.sheet.name, made.starts)
        return made

    def release(self) -> None:
        """Let the next watcher take it up."""
        os.close(self.lock)


class Inbox:
    """A watched folder. Its working, done and failed folders are made where they are missing.

    A file counts as complete after `quiet` seconds without a change.
    """

    def __init__(self, folder: Path, *, quiet: float = 3.0) -> None:
        self.folder = folder
        self._quiet = quiet
        self.is_settling = False
        """Whether a file landed that does not count as complete yet."""
        self._working = folder / "working"
        self._seen: dict[Path, tuple[int, int, float]] = {}
        """Size and time of change of each file that landed, and since when they are these."""
        for each in (self._working, folder / "done", folder / "failed"):
            each.mkdir(exist_ok=True)

    def complete(self, now: float) -> list[Path]:
        """The sheets that landed and have not changed for some seconds, the oldest first.

        `now` is in seconds of a clock that only goes forward.
        """
        seen, found = {}, []
        for path, stat in sorted(_landed(self.folder), key=lambda one: one[1].st_mtime_ns):
            state = (stat.st_size, stat.st_mtime_ns)
            before = self._seen.get(path)
            since = before[2] if before is not None and before[:2] == state else now
            seen[path] = (*state, since)
            if now - since >= (self._quiet if stat.st_size else _EMPTY):
                found.append(path)
        self._seen = seen
        self.is_settling = len(found) < len(seen)
        return found

    def claim(self, path: Path) -> Claim | None:
        """Take a sheet for this process; None where another one was faster, or has it open."""
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(4)}"
        folder = self._working / name
        folder.mkdir()
        lock = file_lock.hold(folder / _LOCK)
        assert lock is not None  # nobody else knows the name yet
        _note(folder, path.name, 0)
        try:
            sheet = path.rename(folder / path.name)
        except (FileNotFoundError, PermissionError):
            os.close(lock)
            _remove(folder)
            return None
        return Claim(folder, sheet, lock, 0)

    def left_behind(self) -> Iterator[Claim]:
        """Sheets whose watcher has ended without finishing them, the oldest first."""
        for folder in sorted(self._working.iterdir()):
            if not (folder / _NOTE).exists():
                continue
            lock = file_lock.hold(folder / _LOCK)
            if lock is None:
                continue
            note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
            sheet = folder / note["sheet"]
            if sheet.exists():
                yield Claim(folder, sheet, lock, note["starts"])
            else:  # it was finished, but for its folder, or another watcher was faster
                os.close(lock)
                _remove(folder)

    def place(self, claim: Claim, *, done: bool) -> Path:
        """The folder that a sheet goes to, with what was made of it.

        It is done or failed, or a folder in it named after the claim where a name is taken there.
        """
        place = self.folder / ("done" if done else "failed")
        made = {one.name for one in claim.folder.iterdir()} - {_LOCK, _NOTE}
        told = {f"{claim.sheet.stem}{ending}" for ending in (".report.json", ".messages.txt")}
        is_taken = any((place / name).exists() for name in made | told)
        return place / claim.folder.name if is_taken else place

    def finish(self, claim: Claim, place: Path) -> Path:
        """Put a sheet, and what was made of it, where people look. Returns its new path."""
        place.mkdir(exist_ok=True)
        for made in sorted(claim.folder.iterdir()):
            if made.name not in (_LOCK, _NOTE, claim.sheet.name):
                made.rename(place / made.name)
        moved = claim.sheet.rename(place / claim.sheet.name)
        claim.release()
        _remove(claim.folder)
        return moved


def _landed(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files with the names of sheets; links are none, nor what another program still writes."""
    for path in folder.iterdir():
        if path.name.startswith(_UNFINISHED) or path.suffix.lower() not in SUFFIXES:
            continue
        try:
            stat = path.lstat()
        except FileNotFoundError:
            continue
        if path.is_file() and not path.is_symlink():
            yield path, stat


def _note(folder: Path, sheet: str, starts: int) -> None:
    draft = folder / f"{_NOTE}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"sheet": sheet, "starts": starts}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _NOTE)


def _remove(folder: Path) -> None:
    """Remove the folder of a claim that is over."""
    for name in (_NOTE, _LOCK):
        (folder / name).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        _LOG.debug("the folder of a claim is not empty", exc_info=True)
