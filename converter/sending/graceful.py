"""Ctrl-C while several sheets are worked on: nothing more is sent, what is begun is finished."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType

from converter.sending.loop import Ended
from converter.sending.signals import CLOSED_WINDOW, Hearing


class Patient:
    """Hears Ctrl-C and the like, so that none strikes while a result is written.

    The first one is only noted; the third is let through. While requests are under way, each is
    let through: there `sending` takes care of them.
    """

    def __init__(self) -> None:
        self.is_asked = False
        """Somebody has asked to stop."""
        self._count = 0
        self._is_sending = False
        self._hearing = Hearing(self._heard)

    def __enter__(self) -> Patient:
        self._hearing.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._hearing.__exit__(*error)

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
        is_told_twice = number in CLOSED_WINDOW and self.is_asked  # by the system and by the shell
        self.is_asked = True
        self._count += not is_told_twice
        if self._is_sending or self._count > 2:
            self._hearing.let_through(number, frame)
