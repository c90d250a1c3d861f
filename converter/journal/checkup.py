"""A full check of every journal, index by index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from converter.errors import ConverterError
from converter.journal import location, lock, marks, store
from converter.message import t
from converter.messages.system import of_system


@dataclass(frozen=True, slots=True)
class Checked:
    """A journal that was read as a whole."""

    path: Path
    problem: str
    """What is wrong with it; empty where nothing is."""


def check_all(home: Path) -> Iterator[Checked]:
    """Read every journal as a whole, each while no run can use it."""
    for path in sorted((home.absolute() / location.FOLDER).glob("*.sqlite3")):
        yield Checked(path, _problem(home, path))


def _problem(home: Path, path: Path) -> str:
    lock_path = path.with_suffix(".lock")
    try:
        with lock.hold(lock_path) as held, closing(store.connect(path)) as connection:
            store.check(connection, path, with_indexes=True)
            mark_path = marks.path_of(home, path)
            seen = {lock_path: held.mark, mark_path: marks.read(mark_path)}
            for witness, mark in seen.items():
                if mark and not marks.is_known(connection, mark):
                    return marks.went_back(path, witness, mark)
            held.note_check()
    except ConverterError as error:
        return error.message
    except sqlite3.Error as error:
        return t(store.DAMAGED, path=path, problem=of_system(error))
    return ""
