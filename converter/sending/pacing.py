"""Keep to a provider's limit of requests per second or minute, across processes too."""

from __future__ import annotations

import time
from collections.abc import Callable

from converter.mapping.request import Pace
from converter.model import HttpRequest, NoReply, Reply
from converter.provider.client import Sender

_LONGEST_SLEEP = 0.1
"""On Windows a sleep is not interrupted by Ctrl-C."""


class Pacer:
    """Tells when the next request of an account may be made.

    Requests are spread evenly, so that the time of the last one is all there is to remember.
    """

    def __init__(
        self,
        pace: Pace | None,
        *,
        last: float = 0.0,
        note: Callable[[float], object] = lambda _: None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.interval = pace.interval if pace else 0.0
        self._last = last
        self._note = note
        self._now = now
        self._sleep = sleep

    def wait(self) -> float:
        """Seconds until a request may be made."""
        if not self.interval:
            return 0.0
        # A clock that was set back must not stop everything.
        return min(max(self._last + self.interval - self._now(), 0.0), self.interval)

    def take(self) -> None:
        """A request is about to be made."""
        if self.interval:
            self._last = self._now()
            self._note(self._last)

    def sleep_until_free(self) -> None:
        while (left := self.wait()) > 0:
            self._sleep(min(left, _LONGEST_SLEEP))


class PacedSender:
    """Sends calls beside the orders, such as those for tokens, at the same pace."""

    def __init__(self, client: Sender, pacer: Pacer) -> None:
        self._client = client
        self._pacer = pacer

    def send(self, request: HttpRequest) -> Reply | NoReply:
        self._pacer.sleep_until_free()
        self._pacer.take()
        return self._client.send(request)
