"""A full check of every journal, index by index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import ConverterError
from converter.journal import copying, location, lock, marks, places, store
from converter.message import COMMA, join, t
from converter.messages.system import of_system

if TYPE_CHECKING:
    from converter.journal.server import Server, ServerPlace


@dataclass(frozen=True, slots=True)
class Checked:
    """A journal that was read as a whole."""

    path: str
    problem: str
    """What is wrong with it; empty where nothing is."""


def check_all(home: Path) -> Iterator[Checked]:
    """Read every journal as a whole, each while no run can use it."""
    if on := places.server():
        for place in on.places():
            yield Checked(str(place), _problem_on_server(home, on, place))
        return
    for path in sorted((home.absolute() / location.FOLDER).glob("*.sqlite3")):
        yield Checked(str(path), _problem(home, path))


def _problem(home: Path, path: Path) -> str:
    lock_path = path.with_suffix(".lock")
    try:
        with lock.hold(lock_path) as held, closing(store.connect(path)) as connection:
            store.check(connection, path, with_indexes=True)
            if problem := copying.broken_rule(connection):
                return t(store.DAMAGED, path=path, problem=problem)
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


def _problem_on_server(home: Path, on: Server, place: ServerPlace) -> str:
    from converter.journal import shared

    own = home.absolute() / location.FOLDER / f"{place.name}.sqlite3"
    try:
        with shared.hold_session(on, place) as session:
            if lacking := shared.missing_triggers(session, copying.triggers()):
                lacks = t("it lacks the rules {names}", names=join(COMMA, lacking))
                return t(shared.DAMAGED, path=str(place), problem=lacks)
            if problem := copying.broken_rule(session):
                return t(shared.DAMAGED, path=str(place), problem=problem)
            mark_path = marks.path_of(home, own)
            mark = marks.read(mark_path)
            if mark and not marks.is_known(session, mark):
                return marks.went_back(str(place), mark_path, mark)
    except ConverterError as error:
        return error.message
    except sqlite3.Error as error:
        return t(shared.DAMAGED, path=str(place), problem=of_system(error))
    return ""
