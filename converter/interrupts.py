"""Ctrl-C while several sheets are worked on: nothing more is sent, what is begun is finished."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from converter.sending import Ended

_CLOSED_WINDOW = (signal.SIGHUP,) if sys.platform != "win32" else ()


class Patient:
    """Hears Ctrl-C and the like, so that none strikes while a result is written.

    The first one is only noted; the third is let through. While requests are under way, each is
    let through: there `sending` takes care of them. In a thread other than the main one, none
    ever comes.
    """

    def __init__(self) -> None:
        self.is_asked = False
        """Somebody has asked to stop."""
        self._count = 0
        self._is_sending = False
        self._before: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def __enter__(self) -> Patient:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, *_CLOSED_WINDOW):
                before = signal.getsignal(number)
                if callable(before):
                    self._before[number] = before
                    signal.signal(number, self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def sending(self, send: Callable[[], Ended]) -> Ended:
        """Send, unless somebody has asked to stop or does so before anything is under way."""
        ended = Ended("", True, ())
        try:
            self._is_sending = True
            if not self.is_asked:
                ended = send()
        except KeyboardInterrupt:
            pass
        finally:
            self._is_sending = False
        self.is_asked = self.is_asked or ended.interrupted
        return ended

    def _heard(self, number: int, frame: FrameType | None) -> None:
        is_told_twice = number in _CLOSED_WINDOW and self.is_asked  # by the system and by the shell
        self.is_asked = True
        self._count += not is_told_twice
        if self._is_sending or self._count > 2:
            self._before[number](number, frame)
