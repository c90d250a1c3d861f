"""Submit the sheets of a watched folder, one after the other, each in a process of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from converter.exit_codes import Exit
from converter.sending.signals import GracefulStop
from converter.unattended.command import PROGRAM, Ended, run_command
from converter.unattended.inbox import Claim, Inbox

_LOG = logging.getLogger(__name__)

SUBMIT = (*PROGRAM, "submit")
_MOST_STARTS = 3
"""How often a sheet is started whose process is killed each time."""
_STEP = 0.2
"""Seconds between two looks at the request to stop."""


@dataclass(frozen=True)
class Finished:
    """A sheet that was submitted, and where it lies now."""

    sheet: Path
    ended: Ended

    @property
    def is_done(self) -> bool:
        """Whether nobody has to look at it."""
        return self.ended.exit_code == Exit.OK


class Watcher:
    """Takes the sheets of a folder to `converter submit`.

    `command` is the command with its options, and `every` the seconds between two looks at the
    folder. While the account is busy, a sheet waits its turn. After a request to stop, the process
    that runs is asked once to stop too, and its sheet stays claimed: the next watcher goes on with
    it, as the journal knows what was sent.
    """

    def __init__(
        self, inbox: Inbox, command: Sequence[str], *, every: float, stop: GracefulStop
    ) -> None:
        self._inbox = inbox
        self._command = command
        self._every = every
        self._stop = stop
        self._waiting: list[Claim] = []

    def run(self, *, once: bool) -> Iterator[Finished]:
        """Yield each sheet when it is finished. With `once`, end when no sheet is left."""
        self._waiting = list(self._inbox.left_behind())
        while not self._is_stopping():
            claims, self._waiting = self._waiting, []
            for claim in claims:
                yield from self._submit(claim)
            for path in self._inbox.complete(time.monotonic()):
                found = None if self._is_stopping() else self._inbox.claim(path)
                if found is not None:
                    yield from self._submit(found)
            if once and not self._inbox.is_settling and not self._waiting:
                break
            self._pause()
        for claim in self._waiting:
            claim.release()

    def _submit(self, claim: Claim) -> Iterator[Finished]:
        """Submit a sheet, and yield it unless it waits for another turn or the next watcher."""
        if self._is_stopping():
            claim.release()
            return
        claim = claim.started()
        ended = run_command(
            self._command, claim.sheet, is_stopping=self._is_stopping, inherited=[claim.lock]
        )
        code = ended.exit_code
        facts = {"sheet": claim.sheet.name, "exit_code": code, "starts": claim.starts}
        _LOG.info("sheet submitted", extra=facts)
        if self._is_stopping() and code != Exit.OK:
            claim.release()
        elif code == Exit.ACCOUNT_BUSY:
            self._waiting.append(claim.postponed())
        elif code < 0 and claim.starts < _MOST_STARTS:
            self._waiting.append(claim)
        else:
            yield self._finish(claim, ended)

    def _finish(self, claim: Claim, ended: Ended) -> Finished:
        is_done = ended.exit_code == Exit.OK
        place = self._inbox.place(claim, done=is_done)
        ended = ended.moved(claim.folder, place)
        stem = claim.sheet.stem
        if ended.printed:
            (claim.folder / f"{stem}.report.json").write_text(ended.printed, encoding="utf-8")
        if ended.messages and not is_done:
            (claim.folder / f"{stem}.messages.txt").write_text(ended.messages, encoding="utf-8")
        return Finished(self._inbox.finish(claim, place), ended)

    def _is_stopping(self) -> bool:
        return self._stop.is_requested

    def _pause(self) -> None:
        end = time.monotonic() + self._every
        while time.monotonic() < end and not self._is_stopping():
            time.sleep(_STEP)
