"""One command of the program on one sheet, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.results.target import default_target

PROGRAM = (sys.executable, "-P", "-m", "converter")
_ASKING_NOBODY = ("--yes", "--no-input", "--json")
_STEP = 0.2
"""Seconds between two looks at a process that runs, and at the request to stop."""


@dataclass(frozen=True)
class Ended:
    """What a command said, and how it ended."""

    exit_code: int
    """Negative where its process was killed by a signal."""
    printed: str
    """The document of `--json`; empty where there is none."""
    messages: str
    """What it told people."""

    @property
    def report(self) -> dict[str, Any]:
        """The document, as values; empty where there is none, or only the beginning of one."""
        try:
            found: dict[str, Any] = json.loads(self.printed)
        except ValueError:
            return {}
        return found

    def moved(self, before: Path, after: Path) -> Ended:
        """The same with another folder wherever the folder of the sheet is named."""
        quoted = [json.dumps(str(folder))[1:-1] for folder in (before, after)]
        messages = self.messages.replace(str(before), str(after))
        return Ended(self.exit_code, self.printed.replace(quoted[0], quoted[1]), messages)


def run_command(
    command: Sequence[str],
    sheet: Path,
    *,
    is_stopping: Callable[[], bool],
    inherited: Sequence[int] = (),
) -> Ended:
    """Run a command on a sheet to its end; its result workbook is written beside the sheet.

    Once `is_stopping` says so, the process is asked a single time to stop. `inherited` are
    descriptors that stay open until it ends, even where this process is killed.
    """
    words = [*command, *_ASKING_NOBODY, f"-o{default_target(sheet)}", "--", str(sheet)]
    return _run(words, sheet.with_suffix(""), is_stopping=is_stopping, inherited=inherited)


def run_without_sheet(
    command: Sequence[str], folder: Path, *, is_stopping: Callable[[], bool]
) -> Ended:
    """The same without a sheet; `folder` is for what the command prints meanwhile."""
    return _run([*command, "--no-input", "--json"], folder / "command", is_stopping=is_stopping)


def _run(
    words: Sequence[str],
    stem: Path,
    *,
    is_stopping: Callable[[], bool],
    inherited: Sequence[int] = (),
) -> Ended:
    printed = stem.with_name(f"{stem.name}.report.json")
    told = stem.with_name(f"{stem.name}.messages.txt")
    with printed.open("wb") as out, told.open("wb") as messages:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=messages,
            env={**os.environ, "PYTHONUTF8": "1"},
            pass_fds=() if sys.platform == "win32" else tuple(inherited),
            start_new_session=True,  # Ctrl-C in the terminal is for this process alone
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        is_asked = False
        while child.poll() is None:
            if not is_asked and is_stopping():
                is_asked = True
                child.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
            time.sleep(_STEP)
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (printed, told)]
    printed.unlink()
    told.unlink()
    return Ended(child.returncode, *texts)
