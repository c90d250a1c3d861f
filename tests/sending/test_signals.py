from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from converter.sending.signals import GracefulStop

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP on Windows")


def interrupt(number: int = signal.SIGINT) -> None:
    signal.raise_signal(number)


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def termination(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A signal that no handler answers, as in a fresh process."""
    number = getattr(signal, request.param)
    before = signal.signal(number, signal.SIG_DFL)
    yield number
    signal.signal(number, before)


def test_two_are_only_counted_and_the_third_is_raised() -> None:
    with GracefulStop() as stop:
        assert not stop.is_requested

        interrupt()
        assert (stop.count, stop.is_requested) == (1, True)

        interrupt()
        assert stop.count == 2

        with pytest.raises(KeyboardInterrupt):
            interrupt()


def test_without_tolerance_each_is_raised() -> None:
    with GracefulStop(tolerance=0):
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                interrupt()


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)

    with GracefulStop():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before


def test_the_innermost_counts_and_passes_its_third_on() -> None:
    with GracefulStop() as outer, GracefulStop() as inner:
        for _ in range(3):
            interrupt()

        assert (outer.count, inner.count) == (1, 3)


def test_one_that_passes_on_counts_and_raises() -> None:
    with GracefulStop() as stop:
        with suppress(KeyboardInterrupt), stop.passing_on():
            interrupt()
            pytest.fail("the first was not raised")
        interrupt()

        assert stop.count == 2


def test_a_request_that_came_otherwise_counts() -> None:
    stop = GracefulStop()

    stop.request()

    assert (stop.count, stop.is_requested) == (1, True)


@posix
def test_a_termination_without_handler_is_left_alone(termination: Any) -> None:
    with GracefulStop():
        assert signal.getsignal(termination) is signal.SIG_DFL


@posix
def test_a_termination_can_be_turned_into_an_interrupt(termination: Any) -> None:
    with GracefulStop(tolerance=0, terminations=True), pytest.raises(KeyboardInterrupt):
        interrupt(termination)

    assert signal.getsignal(termination) is signal.SIG_DFL


@posix
def test_what_is_ignored_stays_so(termination: Any) -> None:
    """That is how nohup asks for a run to outlive its window."""
    signal.signal(termination, signal.SIG_IGN)

    with GracefulStop(tolerance=0, terminations=True):
        interrupt(termination)


@posix
def test_a_closed_window_counts_once() -> None:
    """The system and the shell both send SIGHUP."""
    with GracefulStop(tolerance=0, terminations=True), GracefulStop() as stop:
        for _ in range(4):
            interrupt(signal.SIGHUP)

        assert stop.count == 1


def test_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []

    def look() -> None:
        with GracefulStop():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [before]
