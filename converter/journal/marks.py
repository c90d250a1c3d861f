"""The last thing that a journal did, kept outside it to notice a journal that went back in time.

A journal that was put back from a copy lacks the runs after it. Each run has a random mark; with
the number of the last attempt it is also kept in the lock file, in a small file elsewhere in
CONVERTER_HOME, and in the result workbook.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from converter.journal.database import Connection
from converter.message import N_, t

FOLDER = "marks"

WENT_BACK = N_(
    "The journal {path} is older than {witness}, which names run {run} and attempt {attempt}. It "
    "was probably put back from a copy, and what was sent since then would be sent twice. Nothing "
    "was sent. Put the newest journal back. If it is lost, look up at the provider which orders of "
    "this sheet exist, take those out of the sheet, and run again with --journal-is-right."
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last run and the last attempt that somebody saw."""

    run: str
    mark: str
    attempt: int = 0

    def __str__(self) -> str:
        return f"{self.run} {self.mark} {self.attempt}"

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """The mark that a file holds; None where it holds none."""
        words = text.split()
        if len(words) != 3 or not words[2].isdecimal():
            return None
        return cls(words[0], words[1], int(words[2]))


def is_known(connection: Connection, mark: Mark) -> bool:
    """Whether the journal holds the run and has come at least as far."""
    found = connection.execute("SELECT mark FROM run WHERE name = ?", (mark.run,)).fetchone()
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM attempt").fetchone()
    if found is None or last < mark.attempt:
        return False
    return found[0] == mark.mark or not (found[0] and mark.mark)  # runs of older versions have none


def went_back(path: Path | str, witness: Path, mark: Mark) -> str:
    """What to tell where somebody saw more of a journal than it holds."""
    facts = {"run": mark.run, "attempt": mark.attempt}
    return t(WENT_BACK, path=path, witness=witness, **facts)


def path_of(home: Path, journal: Path) -> Path:
    return home.absolute() / FOLDER / f"{journal.stem}.mark"


def read(path: Path) -> Mark | None:
    try:
        return Mark.parse(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def write(path: Path, mark: Mark) -> None:
    """Replace the mark; where it cannot be written, the lock file still has it."""
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(str(mark))
        new.replace(path)
    except OSError:
        _LOG.warning("mark of the journal cannot be written", exc_info=True)
