"""Threads that send requests."""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from converter.message import t
from converter.model import HttpRequest, NoReply, Reply
from converter.provider.client import Sender

_LOG = logging.getLogger(__name__)

_SWITCH_SECONDS = 0.0005


class Workers:
    """Daemon threads that send requests; every result is labelled with its attempt.

    Not concurrent.futures, whose threads are joined when the program ends: after a second Ctrl-C
    nobody wants to sit out a time-out.
    """

    def __init__(self, client: Sender) -> None:
        self._client = client
        self._requests: queue.SimpleQueue[tuple[int, HttpRequest] | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[tuple[int, Reply | NoReply]] = queue.SimpleQueue()
        self._threads = 0

    def start_threads(self, number: int) -> None:
        """Start threads until there are so many; may fail, so call it before writing an intent."""
        while self._threads < number:
            threading.Thread(target=self._work, name="converter-send", daemon=True).start()
            self._threads += 1

    def submit(self, attempt: int, request: HttpRequest) -> None:
        self._requests.put((attempt, request))

    def next_reply(self, timeout: float) -> tuple[int, Reply | NoReply] | None:
        """An attempt and its reply; None where none comes within `timeout` seconds."""
        try:
            return self._replies.get(timeout=timeout) if timeout else self._replies.get_nowait()
        except queue.Empty:
            return None

    def shut_down(self) -> None:
        """Let the threads end, each after its current request."""
        for _ in range(self._threads):
            self._requests.put(None)

    def _work(self) -> None:
        while job := self._requests.get():
            attempt, request = job
            reply: Reply | NoReply
            try:
                reply = self._client.send(request)
            except BaseException as error:  # the main thread is waiting for this attempt
                _LOG.exception("request failed", extra={"attempt": attempt})
                problem = type(error).__name__
                reply = NoReply(True, t("the request failed ({problem})", problem=problem))
            self._replies.put((attempt, reply))


@contextmanager
def short_switch_interval() -> Iterator[None]:
    """Make threads take turns quickly, so that replies and requests are not delayed.

    By default Python lets a busy thread run for 5 ms; a request takes 1 ms.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
