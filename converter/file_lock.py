"""A lock on an open file, which the system releases however its process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_FAR = 1 << 30
"""Offset of the locked byte: beyond the text, because Windows also blocks reading it."""


def hold(path: Path) -> int | None:
    """The descriptor of the file, locked and created where need be; None where another holds it.

    A child process that inherits the descriptor holds the lock too.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if take(file):
        return file
    os.close(file)
    return None


def is_held(path: Path) -> bool:
    """Whether some process holds the file."""
    if not path.exists():
        return False
    file = hold(path)
    if file is not None:
        os.close(file)
    return file is None


if sys.platform == "win32":
    import msvcrt

    def take(file: int) -> bool:
        """Lock an open file without waiting; False where another process holds it."""
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def take(file: int) -> bool:
        """Lock an open file without waiting; False where another process holds it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
