"""Ctrl-C, a polite kill and a closed window, heard by a handler instead of striking anywhere."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

CLOSED_WINDOW = (signal.SIGHUP,) if sys.platform != "win32" else ()

Handler = Callable[[int, FrameType | None], Any]


class Hearing:
    """While entered, `handler` is called in their place; in a thread other than the main one,
    none ever comes."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._before: dict[int, Handler] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, *CLOSED_WINDOW):
                before = signal.getsignal(number)
                if callable(before):
                    self._before[number] = before
                    signal.signal(number, self._handler)

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def let_through(self, number: int, frame: FrameType | None) -> None:
        """To whoever heard it before."""
        self._before[number](number, frame)
