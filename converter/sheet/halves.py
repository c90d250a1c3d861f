"""A large sheet read by two processes, half of its rows each.

A reader uses one core, and reading takes longer than all the rest together. So the XML of the sheet
is cut between two rows, and what is left and right of the cut is a sheet of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

Read = TypeVar("Read")

_ROW = re.compile(rb"<(?:\w+:)?row\b")
LARGE = 16 << 20
"""Bytes of XML from which on the second process saves more than it costs."""


def read(xml: bytes, reader: Callable[[bytes], Read], large: int) -> tuple[Read, Read] | None:
    """What the reader makes of the upper and of the lower rows; None where the sheet is to be read
    as a whole: it is small, it cannot be cut, or the second process has failed.

    Raises what the reader raises for the upper half.
    """
    if len(xml) < large or not possible() or not (cut := _halves(xml)):
        return None
    above, below = cut
    here, there = multiprocessing.Pipe(duplex=False)
    helper = multiprocessing.get_context("fork").Process(
        target=_answer, args=(there, reader, below), daemon=True
    )
    try:
        helper.start()
    except OSError:
        return None
    there.close()
    del cut, below
    try:
        upper = reader(above)
        lower: Read = here.recv()
    except EOFError:
        return None
    finally:
        helper.kill()
        helper.join()
        here.close()
    return upper, lower


def possible() -> bool:
    """And a system that can divide a process in two."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _answer(there: Connection, reader: Callable[[bytes], Read], xml: bytes) -> None:
    there.send(reader(xml))


def _halves(xml: bytes) -> tuple[bytes, bytes] | None:
    row = _ROW.search(xml)
    middle = _ROW.search(xml, len(xml) // 2)
    end = xml.rfind(b"</", 0, xml.rfind(b"sheetData>"))
    if row is None or middle is None or not row.start() < middle.start() < end:
        return None
    return xml[: middle.start()] + xml[end:], xml[: row.start()] + xml[middle.start() :]
