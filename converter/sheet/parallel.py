"""Read a large sheet in two processes, half of its rows each.

A reader uses one core, and reading takes longer than all other stages together. The XML of the
sheet is cut between two rows, and each half becomes a sheet of its own.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pickle import UnpicklingError
from typing import TypeVar

_LOG = logging.getLogger(__name__)

Read = TypeVar("Read")

_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ON_DEATH_OF_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""
LARGE = 16 << 20
"""Bytes of XML above which a second process saves more than it costs."""


def read(xml: bytes, reader: Callable[[bytes], Read], large: int) -> tuple[Read, Read] | None:
    """Apply the reader to the upper and the lower rows, at the same time.

    None if the sheet must be read as a whole: it is small, cannot be cut, or the second process
    failed. Exceptions of the reader are raised for the upper half only.
    """
    if len(xml) < large or not possible() or not (cut := _cut(xml)):
        return None
    receiver, sender = multiprocessing.Pipe(duplex=False)
    parent = os.getpid()

    def work() -> None:
        _die_with(parent)
        receiver.close()
        try:
            sender.send(reader(cut.lower(xml)))
        except Exception:  # the parent notices that there is no answer
            _LOG.info("lower half of the sheet cannot be read", exc_info=True)

    helper = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    try:
        helper.start()
    except OSError:
        _LOG.info("sheet is not read in two halves", exc_info=True)
        return None
    sender.close()
    try:
        upper = reader(cut.upper(xml))
        lower: Read = receiver.recv()
    except (EOFError, OSError, MemoryError, UnpicklingError):
        _LOG.info("sheet is read again as a whole", exc_info=True)
        return None
    finally:
        helper.kill()
        helper.join()
        receiver.close()
    return upper, lower


def pieces(xml: bytes, size: int) -> Iterator[bytes]:
    """Yield sheets of some of the rows each, every one with about `size` bytes of XML.

    A reader that is given one after the other needs memory for one of them only.
    """
    if not (cut := _cut(xml)):
        yield xml
        return
    start = cut.first
    while start < cut.end:
        next_row = _ROW.search(xml, start + size, cut.end)
        end = next_row.start() if next_row else cut.end
        yield b"".join((xml[: cut.first], xml[start:end], xml[cut.end :]))
        start = end


def _die_with(parent: int) -> None:
    """Die with the parent, and let go of its pipes: whoever reads from them must see their end."""
    ctypes.CDLL(None).prctl(_ON_DEATH_OF_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(null, stream)


def possible() -> bool:
    """Whether there is a second core, and fork is safe enough to use."""
    return sys.platform == "linux" and cores() > 1


def cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Cut:
    """Offsets of the first row, of a row in the middle, and of the end of the rows."""

    first: int
    middle: int
    end: int

    def upper(self, xml: bytes) -> bytes:
        return xml[: self.middle] + xml[self.end :]

    def lower(self, xml: bytes) -> bytes:
        return xml[: self.first] + xml[self.middle :]


def _cut(xml: bytes) -> _Cut | None:
    first, middle = _ROW.search(xml), _ROW.search(xml, len(xml) // 2)
    end = xml.rfind(b"</", 0, xml.rfind(b"sheetData>"))
    if first is None or middle is None or not first.start() < middle.start() < end:
        return None
    return _Cut(first.start(), middle.start(), end)
