"""The files of one call, read before their turn: as many at once as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from converter.sheet import Known, Reading, Sheet


class Ahead:
    """Files that are being read. One is taken after the other, in their order.

    The first ones begin at once. What was read is received by threads, so that a process that
    reads need not wait for its file's turn. `close` when done.
    """

    def __init__(
        self,
        files: Sequence[Path],
        *,
        only: str | None,
        at_once: int | None = None,
        begin: Callable[..., Reading] = Reading,
    ) -> None:
        at_once = at_once or _cores()
        self._files = files
        self._only = only
        self._begin_one = begin
        self._begun: dict[int, Reading] = {}
        self._received: dict[int, Future[list[Sheet]]] = {}
        self._next = 0
        self._others = at_once - 1
        """As many are read while one is checked in this process."""
        self._threads = ThreadPoolExecutor(at_once, "converter-read")
        self._begin(self._others)

    def file(self, place: int) -> InTurn:
        return InTurn(self, place)

    def take(self, place: int, known: Known, encoding: str | None) -> list[Sheet]:
        """What stands in the file; the next ones are begun meanwhile."""
        self._begin(place + self._others)
        for at, reading in self._begun.items():
            if at not in self._received:
                self._received[at] = self._threads.submit(
                    reading.sheets, known=known, encoding=encoding
                )
        try:
            return self._received.pop(place).result()
        finally:
            self._begun.pop(place).close()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for reading in self._begun.values():
            reading.close()

    def _begin(self, last: int) -> None:
        while self._next <= last and self._next < len(self._files):
            self._begun[self._next] = self._begin_one(self._files[self._next], only=self._only)
            self._next += 1


class InTurn:
    """One of the files."""

    def __init__(self, ahead: Ahead, place: int) -> None:
        self._ahead = ahead
        self._place = place

    def sheets(self, *, known: Known, encoding: str | None) -> list[Sheet]:
        return self._ahead.take(self._place, known, encoding)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
