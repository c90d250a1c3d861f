"""What the pretend providers created, kept so that a killed run can be held against it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One created order: the provider's number for it, and the payload it was created from."""

    seq: int
    provider: str
    reference: str
    number: str
    request: Any


def own_number(seq: int) -> str:
    """An order number that nobody takes for a real one."""
    return f"SBX-{seq:08d}"


def digits_number(seq: int) -> str:
    """The same for providers whose numbers are all digits: as long as theirs, plainly made up."""
    return f"9990000{seq:012d}"


class Book:
    """Append-only lines of JSON, in a file or in memory.

    An order exists if and only if its whole line does: the line is written before the provider
    answers, and a line cut short by a kill is removed by whoever opens the file next. The file is
    opened anew and locked for each call, so several processes may keep one book.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._memory = BytesIO()
        self._mutex = threading.Lock()
        self._once: set[tuple[str, ...]] = set()
        self._forget()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._tape():
            pass  # a file that is no book is refused here, not in the middle of a request

    def entries(self) -> list[dict[str, Any]]:
        """All orders ever created, oldest first."""
        with self._tape() as tape:
            tape.seek(0)
            return [json.loads(line) for line in tape.read(self._end).splitlines()]

    def find(self, provider: str, reference: str) -> Entry | None:
        """The first order that a provider created for a reference."""
        with self._tape() as tape:
            place = self._places.get((provider, reference))
            if place is None:
                return None
            tape.seek(place)
            return Entry(**json.loads(tape.readline()))

    def add(
        self, provider: str, orders: Iterable[tuple[str, Any]], number: Callable[[int], str]
    ) -> list[Entry]:
        """Create an order for each reference and payload, even where the reference is taken."""
        with self._tape() as tape:
            return self._write(tape, provider, orders, number)

    def add_new(
        self, provider: str, orders: Iterable[tuple[str, Any]], number: Callable[[int], str]
    ) -> list[Entry | None]:
        """Create an order for each reference not taken yet; None stands for those that are."""
        with self._tape() as tape:
            chosen: list[tuple[str, Any] | None] = []
            seen: set[str] = set()
            for order in orders:
                reference = order[0]
                is_taken = reference in seen or (provider, reference) in self._places
                chosen.append(None if is_taken else order)
                seen.add(reference)
            fresh = [order for order in chosen if order is not None]
            written = iter(self._write(tape, provider, fresh, number))
            return [None if order is None else next(written) for order in chosen]

    def first_time(self, *what: str) -> bool:
        """Whether this was never asked before. Forgotten with the process: only orders are kept."""
        if what in self._once:
            return False
        self._once.add(what)
        return True

    def _write(
        self,
        tape: IO[bytes],
        provider: str,
        orders: Iterable[tuple[str, Any]],
        number: Callable[[int], str],
    ) -> list[Entry]:
        entries = [
            Entry(seq, provider, reference, number(seq), request)
            for seq, (reference, request) in enumerate(orders, self._last + 1)
        ]
        lines = [_line(entry) for entry in entries]
        # One write for the whole request, so that a kill rarely finds it half done.
        tape.seek(0, os.SEEK_END)
        tape.write(b"".join(lines))
        tape.flush()
        for entry, line in zip(entries, lines, strict=True):
            self._learn(entry.provider, entry.reference, entry.seq, len(line))
        return entries

    @contextlib.contextmanager
    def _tape(self) -> Iterator[IO[bytes]]:
        """The lines, ours alone for the moment, with everything on them known to us."""
        with self._mutex:
            if self._path is None:
                yield self._memory
                return
            with open(self._path, "a+b", opener=_private) as tape, _locked(tape):
                self._catch_up(tape)
                yield tape

    def _catch_up(self, tape: IO[bytes]) -> None:
        size = tape.seek(0, os.SEEK_END)
        if size < self._end:
            self._forget()  # someone began the book anew
        if size == self._end:
            return
        tape.seek(self._end)
        for line in tape.read().splitlines(keepends=True):
            if not line.endswith(b"\n") and line.startswith(_LINE_START[: len(line)]):
                tape.truncate(self._end)
                return
            try:
                entry = json.loads(line)
                self._learn(entry["provider"], entry["reference"], entry["seq"], len(line))
            except (ValueError, KeyError, TypeError) as error:
                # Left as it is: it may be somebody's own file, named by mistake.
                raise ValueError(f"{self._path} is not a book of the sandbox") from error

    def _learn(self, provider: str, reference: str, seq: int, length: int) -> None:
        self._places.setdefault((provider, reference), self._end)
        self._end += length
        self._last = seq

    def _forget(self) -> None:
        self._places: dict[tuple[str, str], int] = {}
        self._end = 0
        self._last = 0


_LINE_START = b'{"seq": '


def _line(entry: Entry) -> bytes:
    members = {
        "seq": entry.seq,
        "provider": entry.provider,
        "reference": entry.reference,
        "number": entry.number,
        "request": entry.request,
    }
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def _private(path: str, flags: int) -> int:
    """Open for this user alone: the book holds names and addresses."""
    return os.open(path, flags, 0o600)


if sys.platform == "win32":
    import msvcrt

    # A byte no book will ever reach: Windows keeps others from reading the very bytes it locks.
    _LOCKED_BYTE = 1 << 40

    @contextlib.contextmanager
    def _locked(tape: IO[bytes]) -> Iterator[None]:
        tape.seek(_LOCKED_BYTE)
        msvcrt.locking(tape.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            tape.seek(_LOCKED_BYTE)
            msvcrt.locking(tape.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextlib.contextmanager
    def _locked(tape: IO[bytes]) -> Iterator[None]:
        fcntl.flock(tape, fcntl.LOCK_EX)  # closing the file lets go of it
        yield
