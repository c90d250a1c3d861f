"""Ctrl-C, SIGTERM and SIGHUP counted instead of raised at an arbitrary moment."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

if sys.platform == "win32":
    _WINDOW_CLOSED = (signal.SIGBREAK,)  # what reaches a process group of its own, unlike Ctrl-C
else:
    _WINDOW_CLOSED = (signal.SIGHUP,)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, *_WINDOW_CLOSED)

_Handler = Callable[[int, FrameType | None], Any]


class GracefulStop:
    """Counts signals that ask the program to stop, while entered.

    Up to `tolerance` of them are only counted; further ones go to the handler installed before,
    which usually raises KeyboardInterrupt. Instances nest: the innermost one receives the signals.
    In a thread other than the main one, none is ever received.

    By default only signals that some handler would answer are received. With `terminations`,
    SIGTERM and SIGHUP raise KeyboardInterrupt where they would have ended the process; where they
    are ignored, as under nohup, they stay so.
    """

    def __init__(self, tolerance: int = 2, *, terminations: bool = False) -> None:
        self.count = 0
        self._tolerance = tolerance
        self._terminations = terminations
        self._is_passing_on = False
        self._before: dict[int, Any] = {}

    @property
    def is_requested(self) -> bool:
        return self.count > 0

    def request(self) -> None:
        """Count a request that came in another way, such as a KeyboardInterrupt."""
        self.count += 1

    @contextmanager
    def passing_on(self) -> Iterator[None]:
        """Count signals, but pass each of them on."""
        try:
            self._is_passing_on = True
            yield
        finally:
            self._is_passing_on = False

    def __enter__(self) -> GracefulStop:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                before = signal.getsignal(number)
                if callable(before) or (self._terminations and before is signal.SIG_DFL):
                    self._before[number] = before
                    signal.signal(number, self._receive)
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        # A closed window sends SIGHUP twice, by the system and by the shell: no impatience.
        if not (number in _WINDOW_CLOSED and self.is_requested):
            self.count += 1
        if self._is_passing_on or self.count > self._tolerance:
            self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        before = self._before[number]
        if not callable(before):
            raise KeyboardInterrupt
        before(number, frame)
