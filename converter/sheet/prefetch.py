"""Prefetch the files of one call: as many at once as there are cores."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from converter.sheet import Reading, Sheet, parallel
from converter.sheet.dialect import TitlePredicate

_LOG = logging.getLogger(__name__)


class Prefetch:
    """Files being read in the background, to be taken in their order.

    The first ones start at once. Threads receive the results, so that no child process blocks
    until its file's turn. Call `close` when done.
    """

    def __init__(
        self,
        files: Sequence[Path],
        *,
        only: str | None,
        at_once: int | None = None,
        begin: Callable[..., Reading] = Reading,
    ) -> None:
        at_once = at_once or parallel.cores()
        self._files = files
        self._only = only
        self._begin_one = begin
        self._begun: dict[int, Reading] = {}
        self._received: dict[int, Future[list[Sheet]]] = {}
        self._next = 0
        self._others = at_once - 1
        """Files read in the background while this process checks one."""
        self._threads = ThreadPoolExecutor(at_once, "converter-read")
        self._begin(self._others)

    def file(self, place: int) -> PrefetchedFile:
        return PrefetchedFile(self, place)

    def take(self, place: int, known: TitlePredicate, encoding: str | None) -> list[Sheet]:
        """Return the sheets of a file, and start reading the next ones."""
        self._begin(place + self._others)
        started = time.monotonic()
        for at, reading in self._begun.items():
            if at not in self._received and at != place:
                self._received[at] = self._threads.submit(
                    reading.sheets, known=known, encoding=encoding
                )
        try:
            if place in self._received:
                sheets = self._received.pop(place).result()
            else:
                sheets = self._begun[place].sheets(known=known, encoding=encoding)
        finally:
            self._begun.pop(place).close()
        seconds = round(time.monotonic() - started, 3)
        facts = {"sheet": str(self._files[place]), "rows": sum(len(one.frame) for one in sheets)}
        _LOG.info("reading ended", extra={**facts, "sheets": len(sheets), "waited": seconds})
        return sheets

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for reading in self._begun.values():
            reading.close()

    def _begin(self, last: int) -> None:
        while self._next <= last and self._next < len(self._files):
            _LOG.info("reading started", extra={"sheet": str(self._files[self._next])})
            self._begun[self._next] = self._begin_one(self._files[self._next], only=self._only)
            self._next += 1


class PrefetchedFile:
    """One of the files, read when its turn comes."""

    def __init__(self, prefetch: Prefetch, place: int) -> None:
        self._prefetch = prefetch
        self._place = place

    def sheets(self, *, known: TitlePredicate, encoding: str | None) -> list[Sheet]:
        return self._prefetch.take(self._place, known, encoding)
