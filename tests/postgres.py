"""A PostgreSQL server for the tests, started as an ordinary user and stopped with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_FOUND = shutil.which("postgres")
_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
PROGRAMS = Path(_FOUND).parent if _FOUND else (_DEBIAN[-1] if _DEBIAN else None)
"""Where the server's programs are; None where there are none."""

_USER = "postgres" if hasattr(os, "getuid") and os.getuid() == 0 else None
"""Root may not run the server."""


@dataclass(frozen=True)
class TestServer:
    """A server that listens on a socket in its folder."""

    __test__ = False
    folder: Path

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """What an administrator does, and sees."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> str:
        """The address of a database that holds nothing yet."""
        name = f"t{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address.replace("/postgres?", f"/{name}?")

    def drop_journals(self) -> None:
        found = self.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'converter-%'")
        for (name,) in found:
            self.execute(f'DROP SCHEMA "{name}" CASCADE')

    def restart(self) -> None:
        _run(["pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop"])
        start(self.folder)


@contextmanager
def running() -> Iterator[TestServer]:
    """A new server, for as long as the tests run."""
    memory = Path("/dev/shm")  # its syncs cost nothing there
    with tempfile.TemporaryDirectory(
        prefix="pg", dir=memory if os.access(memory, os.W_OK) else None
    ) as name:
        folder = Path(name)
        if _USER:
            shutil.chown(folder, _USER)
        options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
        _run(["initdb", "-D", str(folder / "data"), *options])
        start(folder)
        try:
            yield TestServer(folder)
        finally:
            _run(["pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "-w", "stop"])


def start(folder: Path) -> None:
    # No autovacuum: its start-up costs more than it gives to tables that live for milliseconds.
    options = f"-k {folder} -c listen_addresses='' -c autovacuum=off -c max_connections=50"
    log = str(folder / "log")
    _run(["pg_ctl", "-D", str(folder / "data"), "-o", options, "-l", log, "-w", "start"])


def _run(words: Sequence[str]) -> None:
    program, *rest = words
    subprocess.run(
        [_program(program), *rest],
        check=True,
        user=_USER,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _program(name: str) -> str:
    assert PROGRAMS is not None
    return str(PROGRAMS / name)
