"""Read a workbook in a child process, so that a crash becomes a SheetError."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import SheetError
from converter.message import t
from converter.messages.system import of_system
from converter.sheet import limits

if TYPE_CHECKING:
    from converter.sheet.columns import Columns

_RUN = "from converter.sheet.worker import main; main()"
_KEPT = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "PATH")
"""Variables without which Python does not start on every system."""


class Reader:
    """A child process that reads a workbook from the start; `close` kills it."""

    def __init__(self, path: Path, only: str | None, allowed: limits.Limits) -> None:
        self._path = path
        self._seconds = allowed.patience(path.stat().st_size)
        allowed = replace(allowed, seconds=self._seconds)
        request = {"path": str(path.absolute()), "only": only, "limits": asdict(allowed)}
        # -P: never import a numpy.py that lies beside the order sheet
        command = [sys.executable, "-P", "-X", "utf8", "-c", _RUN]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        except OSError as error:
            raise SheetError(
                t(
                    "the program that reads workbooks cannot be started: {problem}",
                    problem=of_system(error),
                ),
                where=path,
                remedy=t("Close other programs and try again."),
                code="READER_FAILED",
            ) from error
        assert self._process.stdin is not None
        self._deadline = time.monotonic() + self._seconds
        self._clock = threading.Timer(self._seconds, self._process.kill)
        self._clock.daemon = True
        self._clock.start()
        with suppress(OSError):  # it may have died already; `columns` reports that
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()

    def columns(self) -> list[Columns]:
        """Wait for the result. Raises SheetError, also if the process died."""
        from converter.sheet import worker  # imported late: the child process works meanwhile

        assert self._process.stdout is not None
        try:
            return worker.received(self._process.stdout)
        except (
            EOFError,
            OSError,
            ValueError,
            LookupError,
            TypeError,
            MemoryError,
            OverflowError,
        ) as error:
            # the limit of CPU time is as long, and may strike a little earlier
            is_late = time.monotonic() > self._deadline - 0.1 * self._seconds
            raise SheetError(
                t("reading it took more than {seconds} seconds", seconds=self._seconds)
                if is_late
                else t(
                    "the program that reads workbooks broke down over this file, or needed too "
                    "much memory"
                ),
                where=self._path,
                remedy=t(
                    "Open it in Excel and save it under a new name as .xlsx; if it is very large, "
                    "split it, or raise {time} and {size}.",
                    time=limits.SECONDS,
                    size=limits.MEGABYTES,
                ),
                code="READER_FAILED",
            ) from error

    def close(self) -> None:
        self._clock.cancel()
        self._process.kill()
        for pipe in (self._process.stdout, self._process.stdin):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


def environment() -> dict[str, str]:
    """Environment for the child process, without secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # The same packages as here, and one OpenBLAS thread, as each reserves memory.
    modules = os.pathsep.join(part for part in sys.path if part)
    return {**kept, "PYTHONPATH": modules, "OPENBLAS_NUM_THREADS": "1"}
