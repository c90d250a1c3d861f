"""A lock on an open file, which the system releases however its process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def hold(path: Path) -> int | None:
    """The descriptor of the file, locked and created where need be; None where another holds it.

    A child process that inherits the descriptor holds the lock too.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _take(file):
        return file
    os.close(file)
    return None


if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
