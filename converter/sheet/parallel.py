"""A large sheet read by two processes, half of its rows each.

A reader uses one core, and reading takes longer than all the rest together. So the XML of the sheet
is cut between two rows, and what is left and right of the cut is a sheet of its own.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pickle import UnpicklingError
from typing import TypeVar

Read = TypeVar("Read")

_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ON_DEATH_OF_PARENT = 1
"""Linux calls it PR_SET_PDEATHSIG."""
LARGE = 16 << 20
"""Bytes of XML from which on the second process saves more than it costs."""


def read(xml: bytes, reader: Callable[[bytes], Read], large: int) -> tuple[Read, Read] | None:
    """What the reader makes of the upper and of the lower rows; None where the sheet is to be read
    as a whole: it is small, it cannot be cut, or the second process has failed.

    Raises what the reader raises for the upper half.
    """
    if len(xml) < large or not possible() or not (cut := _cut(xml)):
        return None
    here, there = multiprocessing.Pipe(duplex=False)
    this = os.getpid()

    def work() -> None:
        _belong_to(this)
        here.close()
        with suppress(Exception):  # no answer says enough
            there.send(reader(cut.lower(xml)))

    helper = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    try:
        helper.start()
    except OSError:
        return None
    there.close()
    try:
        upper = reader(cut.upper(xml))
        lower: Read = here.recv()
    except (EOFError, OSError, MemoryError, UnpicklingError):
        return None
    finally:
        helper.kill()
        helper.join()
        here.close()
    return upper, lower


def _belong_to(parent: int) -> None:
    """Die with the process that this one was divided from, and say nothing in its place: whoever
    waits for its answer must see the end of it."""
    ctypes.CDLL(None).prctl(_ON_DEATH_OF_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)


def possible() -> bool:
    """And a system that can divide a process in two."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


@dataclass(frozen=True)
class _Cut:
    """Where the first row begins, where the row in the middle does, and where the rows end."""

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
