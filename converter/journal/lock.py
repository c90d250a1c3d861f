"""One run per account: an operating-system file lock, released when its process ends."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from converter import file_lock
from converter.errors import AccountBusy, JournalError
from converter.journal.marks import Mark
from converter.journal.timestamps import iso_timestamp
from converter.message import N_, t
from converter.messages.system import of_system

_LOG = logging.getLogger(__name__)

BUSY = N_(
    "Another run holds this account: process {pid}, started {started}. "
    "Nothing was sent. Wait until it has ended, then run again."
)
UNUSABLE = N_(
    "The lock file {path} cannot be used: {problem}. Nothing was sent. "
    "Make its folder writable for you, or set CONVERTER_HOME to another one."
)

_LENGTH = 512
"""Fixed length of the text, rewritten in place so that a crash cannot truncate it."""


class AccountLock:
    """A lock that is held. Its file also names the holder and the journal that must exist."""

    def __init__(self, file: int, found: Mapping[str, str], pid: int, started: str) -> None:
        self._file = file
        self._pid = pid
        self._started = started
        self.journal = found.get("journal", "")
        """File name of the journal; empty before the first run."""
        self.mark = Mark.parse(found.get("mark", ""))
        """The last run and attempt of the journal, where it ever had one."""
        self.checked = int(found.get("checked", "0").partition(".")[0] or 0)
        """Epoch seconds of the last full check of the journal."""
        self.last_request = _seconds(found.get("request", ""))
        """Epoch seconds of the last request, where the provider limits how many there are."""
        self.was_closed = "pid" not in found
        """Whether the process that held the lock before has released it itself."""

    def note_journal(self, name: str) -> None:
        """Record durably that this journal exists: if it is missing later, nothing may be sent."""
        self.journal = name
        self.checked = self.checked or int(time.time())
        self.write(holder=True)
        os.fsync(self._file)

    def note_check(self) -> None:
        """Record that the whole journal has been read."""
        self.checked = int(time.time())
        self.write(holder=True)

    def note_mark(self, mark: Mark, *, sync: bool) -> None:
        """Record the last run and attempt; an attempt is in the journal before it is noted here."""
        self.mark = mark
        self.write(holder=True)
        if sync:
            os.fsync(self._file)

    def note_request(self, when: float) -> None:
        """Record when a request is made, for the pace of the next process."""
        self.last_request = when
        self.write(holder=True)

    def write(self, *, holder: bool) -> None:
        who = f"pid {self._pid}\nstarted {self._started}\n" if holder else ""
        mark = f"mark {self.mark}\n" if self.mark else ""
        checked = f"checked {self.checked}\n" if self.checked else ""
        request = f"request {self.last_request:.3f}\n" if self.last_request else ""
        text = f"journal {self.journal}\n{mark}{checked}{request}{who}".encode().ljust(_LENGTH)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, text)


@contextmanager
def hold(path: Path) -> Iterator[AccountLock]:
    """Take the lock without waiting, or raise AccountBusy naming its holder."""
    file = -1
    try:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            if not file_lock.take(file):
                raise _busy(file)
            started = iso_timestamp(time.time())
            lock = AccountLock(file, _read(file), os.getpid(), started)
            lock.write(holder=True)
        except OSError as error:
            raise JournalError(t(UNUSABLE, path=path, problem=of_system(error))) from error
        try:
            yield lock
        finally:
            try:
                lock.write(holder=False)
            except OSError:  # informative only: closing the file releases the lock
                _LOG.debug("lock file cannot be written", exc_info=True)
    finally:
        if file >= 0:
            os.close(file)


def _read(file: int) -> dict[str, str]:
    os.lseek(file, 0, os.SEEK_SET)
    lines = os.read(file, _LENGTH).decode(errors="replace").split("\n")
    words = (line.strip().partition(" ") for line in lines)
    return {name: value for name, _, value in words if value}


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _busy(file: int) -> AccountBusy:
    """The error naming the holder, which may need a moment to write its name."""
    found: dict[str, str] = {}
    for _ in range(20):
        found = _read(file)
        if found.get("pid", "").isdecimal() and is_alive(int(found["pid"])):
            break
        time.sleep(0.005)
    pid = found.get("pid") or t("unknown")
    started = found.get("started") or t("just now")
    return AccountBusy(t(BUSY, pid=pid, started=started))


def is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
