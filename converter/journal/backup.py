"""Copies of every journal, each as it is at one moment, also during a run."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from converter.errors import JournalError, OutputError
from converter.journal import copying, places, store
from converter.message import N_, t
from converter.messages.system import of_system

NOT_COPIED = N_("The journal {path} cannot be copied to {target}: {problem}.")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A journal, and where its copy lies."""

    path: str
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
    for place in places.all_places(home):
        target = folder / f"{place.name}.sqlite3"
        if isinstance(place, places.FilePlace):
            yield BackedUp(str(place), _copy(place.path, target))
        else:
            yield BackedUp(str(place), _write(place, target))


def _write(place: places.Place, target: Path) -> Path:
    """Write a journal of a server into a file, from which it can be copied to a server again."""
    try:
        place.read(lambda found: [copying.write_file(found, str(place), target)])
    except OSError as error:
        facts = {"path": str(place), "target": target, "problem": of_system(error)}
        raise OutputError(t(NOT_COPIED, **facts)) from error
    return target


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
