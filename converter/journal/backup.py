"""Copies of every journal, each as it is at one moment, also during a run."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from converter.errors import JournalError, OutputError
from converter.journal import places, store
from converter.journal.location import FOLDER
from converter.message import N_, t
from converter.messages.system import of_system

NOT_COPIED = N_("The journal {path} cannot be copied to {target}: {problem}.")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A journal, and where its copy lies."""

    path: Path
    target: Path


def back_up_all(home: Path, folder: Path) -> Iterator[BackedUp]:
    """Copy every journal into a folder, in place of an older copy there.

    A copy is read as a whole, and on the disk, before it takes its name. Raises JournalError where
    a journal cannot be read or its copy is not sound, OutputError where the folder cannot be
    written.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = of_system(error)
        raise OutputError(
            t("{file} cannot be written: {problem}.", file=folder, problem=problem)
        ) from error
    for path in sorted((home.absolute() / FOLDER).glob("*.sqlite3")):
        yield BackedUp(path, _copy(path, folder / path.name))


def _copy(path: Path, target: Path) -> Path:
    facts = {"path": path, "target": target}
    if target.exists() and target.samefile(path):
        raise OutputError(t(NOT_COPIED, **facts, problem=t("this is the folder of the journals")))
    unfinished = target.with_name(target.name + ".part")

    def write(connection: sqlite3.Connection) -> list[None]:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(store.connect(unfinished)) as made:
                connection.backup(made)
                store.check(made, unfinished)
        except sqlite3.Error as error:
            raise OutputError(t(NOT_COPIED, **facts, problem=of_system(error))) from error
        return []

    try:
        places.read_file(path, write)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (OSError, JournalError, OutputError) as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            problem = of_system(error)
            raise OutputError(t(NOT_COPIED, **facts, problem=problem)) from error
        raise
    return target
