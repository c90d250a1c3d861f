"""The orders that the pretend providers created: the ground truth for tests of killed runs."""

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
class CreatedOrder:
    """A created order, with the provider's number for it and the payload it was created from."""

    seq: int
    provider: str
    reference: str
    number: str
    request: Any


def own_number(seq: int) -> str:
    """An order number that cannot be mistaken for a real one."""
    return f"SBX-{seq:08d}"


def digits_number(seq: int) -> str:
    """Like `own_number`, for providers whose order numbers consist of digits."""
    return f"9990000{seq:012d}"


class Book:
    """An append-only log of JSON lines, in a file or in memory.

    An order exists if and only if its whole line does: the line is written before the provider
    answers, and a line truncated by a kill is removed when the file is opened next. The file is
    reopened and locked for each call, so several processes may share one book.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._memory = BytesIO()
        self._in_memory: list[bytes] = []
        """Cancellations, where there is no file."""
        self._mutex = threading.Lock()
        self._once: set[tuple[str, ...]] = set()
        self._forget()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._open():
            pass  # refuses a file that is not a book now, rather than during a request

    def entries(self) -> list[dict[str, Any]]:
        """All created orders, oldest first."""
        with self._open() as file:
            file.seek(0)
            return [json.loads(line) for line in file.read(self._end).splitlines()]

    def find(self, provider: str, reference: str) -> CreatedOrder | None:
        """The first order that a provider created for a reference, if any."""
        with self._open() as file:
            place = self._places.get((provider, reference))
            if place is None:
                return None
            file.seek(place)
            return CreatedOrder(**json.loads(file.readline()))

    def add(
        self, provider: str, orders: Iterable[tuple[str, Any]], number: Callable[[int], str]
    ) -> list[CreatedOrder]:
        """Create an order for each reference and payload, even where the reference exists."""
        with self._open() as file:
            return self._write(file, provider, orders, number)

    def add_new(
        self, provider: str, orders: Iterable[tuple[str, Any]], number: Callable[[int], str]
    ) -> list[CreatedOrder | None]:
        """Create an order for each new reference; None for those that exist."""
        with self._open() as file:
            chosen: list[tuple[str, Any] | None] = []
            seen: set[str] = set()
            for order in orders:
                reference = order[0]
                is_taken = reference in seen or (provider, reference) in self._places
                chosen.append(None if is_taken else order)
                seen.add(reference)
            fresh = [order for order in chosen if order is not None]
            written = iter(self._write(file, provider, fresh, number))
            return [None if order is None else next(written) for order in chosen]

    def find_number(self, provider: str, number: str) -> CreatedOrder | None:
        """The order that a provider gave this number, if any."""
        found = (CreatedOrder(**entry) for entry in self.entries())
        return next(
            (one for one in found if (one.provider, one.number) == (provider, number)), None
        )

    def cancel(self, entry: CreatedOrder) -> bool:
        """Cancel an order; False where it was cancelled before, which is noted all the same."""
        with self._open():
            is_first = not self._is_cancelled(entry)
            line = {"provider": entry.provider, "reference": entry.reference}
            self._note_cancelled({**line, "number": entry.number})
            return is_first

    def is_cancelled(self, entry: CreatedOrder) -> bool:
        with self._open():
            return self._is_cancelled(entry)

    def cancellations(self) -> list[dict[str, Any]]:
        """Every time that an order was to be cancelled and could be, oldest first."""
        with self._open():
            return self._cancelled()

    def _is_cancelled(self, entry: CreatedOrder) -> bool:
        return any(
            (one["provider"], one["number"]) == (entry.provider, entry.number)
            for one in self._cancelled()
        )

    def _cancelled(self) -> list[dict[str, Any]]:
        lines = self._in_memory
        if self._path is not None:
            kept = self._path.with_suffix(".cancelled.jsonl")
            lines = kept.read_bytes().splitlines(keepends=True) if kept.exists() else []
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def _note_cancelled(self, cancelled: dict[str, Any]) -> None:
        line = json.dumps(cancelled, ensure_ascii=False).encode() + b"\n"
        if self._path is None:
            self._in_memory.append(line)
            return
        with open(self._path.with_suffix(".cancelled.jsonl"), "ab", opener=_private) as file:
            file.write(line)

    def first_time(self, *what: str) -> bool:
        """Whether this is the first call with these arguments in this process."""
        if what in self._once:
            return False
        self._once.add(what)
        return True

    def _write(
        self,
        file: IO[bytes],
        provider: str,
        orders: Iterable[tuple[str, Any]],
        number: Callable[[int], str],
    ) -> list[CreatedOrder]:
        entries = [
            CreatedOrder(seq, provider, reference, number(seq), request)
            for seq, (reference, request) in enumerate(orders, self._last + 1)
        ]
        lines = [_line(entry) for entry in entries]
        # One write for the whole request, so that a kill rarely truncates it.
        file.seek(0, os.SEEK_END)
        file.write(b"".join(lines))
        file.flush()
        for entry, line in zip(entries, lines, strict=True):
            self._index(entry.provider, entry.reference, entry.seq, len(line))
        return entries

    @contextlib.contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        """The file, locked, with all of its lines indexed."""
        with self._mutex:
            if self._path is None:
                yield self._memory
                return
            with open(self._path, "a+b", opener=_private) as file, _locked(file):
                self._catch_up(file)
                yield file

    def _catch_up(self, file: IO[bytes]) -> None:
        size = file.seek(0, os.SEEK_END)
        if size < self._end:
            self._forget()  # the book was replaced by a new one
        if size == self._end:
            return
        file.seek(self._end)
        for line in file.read().splitlines(keepends=True):
            if not line.endswith(b"\n") and line.startswith(_LINE_START[: len(line)]):
                file.truncate(self._end)
                return
            try:
                entry = json.loads(line)
                self._index(entry["provider"], entry["reference"], entry["seq"], len(line))
            except (ValueError, KeyError, TypeError) as error:
                # Not overwritten: it may be another file, given by mistake.
                raise ValueError(f"{self._path} is not a book of the sandbox") from error

    def _index(self, provider: str, reference: str, seq: int, length: int) -> None:
        self._places.setdefault((provider, reference), self._end)
        self._end += length
        self._last = seq

    def _forget(self) -> None:
        self._places: dict[tuple[str, str], int] = {}
        self._end = 0
        self._last = 0


_LINE_START = b'{"seq": '


def _line(entry: CreatedOrder) -> bytes:
    members = {
        "seq": entry.seq,
        "provider": entry.provider,
        "reference": entry.reference,
        "number": entry.number,
        "request": entry.request,
    }
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def _private(path: str, flags: int) -> int:
    """Open with private permissions: the book holds names and addresses."""
    return os.open(path, flags, 0o600)


if sys.platform == "win32":
    import msvcrt

    # An offset beyond any book: Windows also blocks reading of the locked bytes.
    _LOCKED_BYTE = 1 << 40

    @contextlib.contextmanager
    def _locked(file: IO[bytes]) -> Iterator[None]:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextlib.contextmanager
    def _locked(file: IO[bytes]) -> Iterator[None]:
        fcntl.flock(file, fcntl.LOCK_EX)  # closing the file releases it
        yield
