"""Progress of sending: orders done, rate and time left, as a bar or as lines."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from converter.cli.output import echo
from converter.message import t
from converter.messages import translate

_LOG = logging.getLogger(__name__)

Advance = Callable[[int, int], None]
"""Called with orders done and orders in all, after each reply and now and then between them."""

QUIET_SECONDS = 30.0
"""Longest time without a line."""
_SHORT_SECONDS = 10.0
"""Before this, a rate would mislead, and a short run needs none."""


@dataclass(frozen=True)
class Pace:
    """Orders done so far, and the time it has taken."""

    done: int
    total: int
    seconds: float
    rate: float
    """Orders a second."""

    def text(self, lang: str) -> str:
        """`12,000 of 29,855 orders done, 410 a second, about 45 s left`."""
        said = translate(
            t("{done} of {total} orders done", done=f"{self.done:,}", total=f"{self.total:,}"), lang
        )
        more = self.more(lang)
        return translate(t("{said}, {more}", said=said, more=more), lang) if more else said

    def more(self, lang: str) -> str:
        """Rate and time left; nothing where it is too early to tell."""
        if self.seconds < _SHORT_SECONDS or self.rate <= 0:
            return ""
        rate = f"{self.rate:,.0f}" if self.rate >= 10 else f"{self.rate:.1f}"
        if self.done >= self.total:
            return translate(t("{rate} a second", rate=rate), lang)
        left = _span((self.total - self.done) / self.rate, lang)
        return translate(t("{rate} a second, about {left} left", rate=rate, left=left), lang)


class Meter:
    """Measures the pace, from the first call on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: tuple[int, float] | None = None

    def __call__(self, done: int, total: int) -> Pace:
        now = self._clock()
        self._begun = self._begun or (done, now)
        before, started = self._begun
        seconds = now - started
        return Pace(done, total, seconds, (done - before) / seconds if seconds > 0 else 0.0)


class SheetProgress:
    """The progress of each sheet in turn: a bar on a terminal, plain lines elsewhere.

    Of several sheets, each is named when its first order is done.
    """

    def __init__(self, lang: str, sheets: Sequence[Path]) -> None:
        self._lang = lang
        self._sheets = sheets
        self._sheet: Path | None = None
        self._advance: Advance | None = None
        self._open_bar = contextlib.ExitStack()

    def advance(self, sheet: Path, done: int, total: int) -> None:
        if sheet != self._sheet:
            self._begin(sheet)
        # The bar is drawn only now, not while the person is still asked whether to send.
        if not sys.stderr.isatty():
            self._advance = self._advance or lines(self._lang, echo)
            self._advance(done, total)
            return
        try:
            self._advance = self._advance or bar(self._lang, self._open_bar)
            self._advance(done, total)
        except OSError:  # the window may have been closed
            _LOG.debug("progress bar cannot be drawn", exc_info=True)

    def close(self) -> None:
        """Take the bar away, so that lines can be printed."""
        self._open_bar.close()
        self._advance = None

    def _begin(self, sheet: Path) -> None:
        self.close()
        self._sheet = sheet
        if len(self._sheets) > 1:
            facts = {"place": self._sheets.index(sheet) + 1, "files": len(self._sheets)}
            echo(translate(t("{sheet} ({place} of {files}):", sheet=sheet, **facts), self._lang))


def lines(
    lang: str, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Advance:
    """Print lines: at most one per tenth done, and one after half a minute of silence."""
    meter = Meter(clock)
    tenth = 0
    told_at: float | None = None

    def advance(done: int, total: int) -> None:
        nonlocal tenth, told_at
        pace = meter(done, total)
        told_at = pace.seconds if told_at is None else told_at
        now_in = done * 10 // max(total, 1)
        if now_in > tenth or pace.seconds - told_at >= QUIET_SECONDS:
            tenth, told_at = now_in, pace.seconds
            tell(pace.text(lang))

    return advance


def bar(
    lang: str, open_bar: contextlib.ExitStack, clock: Callable[[], float] = time.monotonic
) -> Advance:
    """Draw a bar on the terminal; closing the stack removes it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    shown = Progress(*columns, console=Console(stderr=True), transient=True)

    def stop() -> None:
        try:
            shown.stop()
        except OSError:  # the window may have been closed
            _LOG.debug("progress bar cannot be removed", exc_info=True)

    open_bar.callback(stop)
    shown.start()
    task = shown.add_task("", total=None)
    meter = Meter(clock)

    def advance(done: int, total: int) -> None:
        said = meter(done, total).more(lang)
        shown.update(task, completed=done, total=total, description=said)

    return advance


def _span(seconds: float, lang: str) -> str:
    """A duration such as `45 s`, `12 min` or `3 h 05 min`."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return translate(t("{seconds} s", seconds=max(round(seconds), 1)), lang)
    if minutes < 100:
        return translate(t("{minutes} min", minutes=minutes), lang)
    return translate(
        t("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}"), lang
    )
