"""Exit codes of the program; scripts rely on the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What a command has to tell the program that called it."""

    OK = 0
    SOME_FAILED = 1
    UNUSABLE = 2
    UNSETTLED = 3
    RESULT_ELSEWHERE = 4
    ACCOUNT_BUSY = 5
    JOURNAL = 6
    STOPPED = 7
    FAULT = 70
    """A fault of this program itself; 70 is EX_SOFTWARE of sysexits.h."""
    INTERRUPTED = 130


_MOST_URGENT_FIRST = (
    Exit.FAULT,
    Exit.INTERRUPTED,
    Exit.STOPPED,
    Exit.RESULT_ELSEWHERE,
    Exit.UNSETTLED,
    Exit.SOME_FAILED,
)
"""Of a run that reached its end; the other codes mean that there was none."""


def most_urgent(codes: Iterable[Exit]) -> Exit:
    """The one code for everything that a run has to tell."""
    found = set(codes)
    return next((code for code in _MOST_URGENT_FIRST if code in found), Exit.OK)
