"""Hooks installed in a child of the starter: kill it at a named point, or disable a rule.

A hook is a few words: `kill intend before 2` ends the process right before the second call of
`Journal.intend`, as SIGKILL does; `interrupt plan before 2` is Ctrl-C at that moment; `pause send`
holds back each request for as long as the file `pausing`, which it makes, is there; `later 90` sets
the journal's clock ahead by seconds; `mutant NAME` switches off one rule of `mutants`.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from converter import results
from converter.journal import Journal, lock, store
from converter.provider.client import Client
from converter.sending.workers import Workers

POINTS: dict[str, tuple[Any, str, int]] = {
    "lock": (lock.AccountLock, "write", 2),
    "plan": (Journal, "plan", 1),
    "intend": (Journal, "intend", 3),
    "submit": (Workers, "submit", 3),
    "send": (Client, "send", 3),
    "exchange": (Journal, "exchange", 3),
    "records": (Journal, "records", 1),
    "finish": (Journal, "finish", 1),
    "commit": (None, "COMMIT", 10),
    "fsync": (os, "fsync", 5),
    "replace": (os, "replace", 1),
    "result": (results, "write", 1),
}
"""Functions at which a run may be killed, and up to which call."""

ALL_POINTS = [
    f"kill {name} {when} {number}"
    for name, (_, _, most) in POINTS.items()
    for number in range(1, most + 1)
    for when in ("before", "after")
]


def install(hooks: Sequence[str]) -> None:
    for hook in hooks:
        kind, *words = hook.split()
        if kind == "kill":
            _do_at(words[0], words[1], int(words[2]), die)
        elif kind == "interrupt":
            _do_at(words[0], words[1], int(words[2]), interrupt)
        elif kind == "pause":
            _pause()
        elif kind == "later":
            _set_ahead(float(words[0]))
        else:
            from tests.reliability import mutants

            mutants.MUTANTS[words[0]].switch_off()


def _do_at(name: str, when: str, number: int, deed: Callable[[], object]) -> None:
    owner, attribute, _ = POINTS[name]
    left = number
    mutex = threading.Lock()

    def counted() -> bool:
        nonlocal left
        with mutex:
            left -= 1
            return left == 0

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **more: Any) -> Any:
            due = counted()
            if due and when == "before":
                deed()
            returned = call(*arguments, **more)
            if due and when == "after":
                deed()
            return returned

        return called

    if owner is None:
        _around_commits(around)
    else:
        setattr(owner, attribute, around(getattr(owner, attribute)))


def _around_commits(around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    connect = store.connect

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            execute = super().execute
            return (commit if sql == "COMMIT" else execute)(sql, *parameters)

    def plain(sql: str, *parameters: Any) -> sqlite3.Cursor:
        return sqlite3.Connection.execute(opened[0], sql, *parameters)

    opened: list[sqlite3.Connection] = []
    commit = around(plain)

    def connected(path: Any) -> sqlite3.Connection:
        original = sqlite3.connect

        def with_class(*arguments: Any, **more: Any) -> sqlite3.Connection:
            return original(*arguments, factory=Connection, **more)

        sqlite3.connect = with_class  # type: ignore[assignment]
        try:
            opened[:] = [connect(path)]
        finally:
            sqlite3.connect = original
        return opened[0]

    store.connect = connected
    if os.environ.get("CONVERTER_JOURNAL"):
        from converter.journal.postgres import PostgresConnection

        PostgresConnection.commit = around(PostgresConnection.commit)  # type: ignore[method-assign]


def _pause() -> None:
    send = Client.send
    pausing = Path("pausing")
    paused = False

    def called(self: Client, request: Any) -> Any:
        nonlocal paused
        if not paused:
            paused = True
            pausing.touch()
        while pausing.exists():
            time.sleep(0.01)
        return send(self, request)

    Client.send = called  # type: ignore[method-assign]


def _set_ahead(seconds: float) -> None:
    initialise = Journal.__init__

    def called(self: Journal, *arguments: Any, clock: Callable[[], float], **more: Any) -> None:
        initialise(self, *arguments, clock=lambda: clock() + seconds, **more)

    Journal.__init__ = called  # type: ignore[method-assign]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()  # in a thread that was not the one to die at once


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
