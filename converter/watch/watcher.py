"""Submit the sheets of a watched folder, one after the other, each in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.exit_codes import Exit
from converter.results.target import default_target
from converter.sending.signals import GracefulStop
from converter.watch.inbox import Claim, Inbox

_LOG = logging.getLogger(__name__)

SUBMIT = (sys.executable, "-P", "-m", "converter", "submit")
_MOST_STARTS = 3
"""How often a sheet is started whose process is killed each time."""
_STEP = 0.2
"""Seconds between two looks at a process that runs, and at the request to stop."""


@dataclass(frozen=True)
class Finished:
    """A sheet that was submitted, and where it lies now."""

    sheet: Path
    exit_code: int
    """Of `submit`; negative where its process was killed by a signal each time."""
    report: dict[str, Any]
    """The document that `submit --json` printed; empty where there is none."""
    messages: str
    """What `submit` told people."""

    @property
    def is_done(self) -> bool:
        """Whether nobody has to look at it."""
        return self.exit_code == Exit.OK


class Watcher:
    """Takes the sheets of a folder to `converter submit`.

    `command` is the command with its options, and `every` the seconds between two looks at the
    folder.
    While the account is busy, a sheet waits its turn. After a request to stop, the process that
    runs is asked once to stop too, and its sheet stays claimed: the next watcher goes on with it,
    as the journal knows what was sent.
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
        report = claim.folder / f"{claim.sheet.stem}.report.json"
        messages = claim.folder / f"{claim.sheet.stem}.messages.txt"
        code = self._run(claim, report, messages)
        facts = {"sheet": claim.sheet.name, "exit_code": code, "starts": claim.starts}
        _LOG.info("sheet submitted", extra=facts)
        if self._is_stopping() and code != Exit.OK:
            claim.release()
        elif code == Exit.ACCOUNT_BUSY or (code < 0 and claim.starts < _MOST_STARTS):
            self._waiting.append(claim)
        else:
            yield self._finish(claim, code, report, messages)

    def _finish(self, claim: Claim, code: int, report: Path, messages: Path) -> Finished:
        is_done = code == Exit.OK
        place = self._inbox.place(claim, done=is_done)
        told = messages.read_text(encoding="utf-8").replace(str(claim.folder), str(place))
        printed = report.read_text(encoding="utf-8")
        before, after = (json.dumps(str(folder))[1:-1] for folder in (claim.folder, place))
        printed = printed.replace(before, after)
        for path, text in ((report, printed), (messages, "" if is_done else told)):
            if text:
                path.write_text(text, encoding="utf-8")
            else:
                path.unlink()
        sheet = self._inbox.finish(claim, place)
        return Finished(sheet, code, json.loads(printed) if printed else {}, told)

    def _run(self, claim: Claim, report: Path, messages: Path) -> int:
        command = [*self._command, "--yes", "--no-input", "--json"]
        command += [f"-o{default_target(claim.sheet)}", "--", str(claim.sheet)]
        with report.open("wb") as out, messages.open("wb") as told:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=told,
                env={**os.environ, "PYTHONUTF8": "1"},
                # The claim is held until the child ends, even where this process is killed.
                pass_fds=() if sys.platform == "win32" else (claim.lock,),
                start_new_session=True,  # Ctrl-C in the terminal is for this process alone
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
            is_asked = False
            while child.poll() is None:
                if self._is_stopping() and not is_asked:
                    is_asked = True
                    child.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
                time.sleep(_STEP)
        return child.returncode

    def _is_stopping(self) -> bool:
        return self._stop.is_requested

    def _pause(self) -> None:
        end = time.monotonic() + self._every
        while time.monotonic() < end and not self._is_stopping():
            time.sleep(_STEP)
