"""Reading in a child process: its death is an error that people can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from converter.errors import SheetError
from converter.sheet import child, limits
from converter.sheet.columns import Columns
from converter.wording.sentence import t

_RUN = f"from {child.__name__} import main; main()"
_KEPT = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "PATH")
"""Without these Python does not start everywhere.."""


def read(path: Path, only: str | None, allowed: limits.Limits) -> list[Columns]:
    allowed = replace(allowed, seconds=allowed.patience(path.stat().st_size))
    request = {"path": str(path.absolute()), "only": only, "limits": asdict(allowed)}
    # -P: a file called numpy.py beside the order sheet is no module
    command = [sys.executable, "-P", "-X", "utf8", "-c", _RUN]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    clock = threading.Timer(allowed.seconds, process.kill)
    clock.daemon = True
    clock.start()
    try:
        with suppress(OSError):  # it may have died already; then its answer is missing
            process.stdin.write(json.dumps(request).encode())
            process.stdin.close()
        return child.received(process.stdout)
    except (
        EOFError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        MemoryError,
        OverflowError,
    ) as error:
        raise SheetError(
            t(
                "the program that reads workbooks broke down over this file, or needed more than "
                "{seconds} seconds or too much memory",
                seconds=allowed.seconds,
            ),
            where=path,
            remedy=t(
                "Open it in Excel and save it under a new name as .xlsx; if it is very large, "
                "split it, or raise {time} and {size}.",
                time=limits.SECONDS,
                size=limits.MEGABYTES,
            ),
            code="READER_FAILED",
        ) from error
    finally:
        clock.cancel()
        process.kill()
        process.stdout.close()
        with suppress(OSError):
            process.stdin.close()
        process.wait()


def environment() -> dict[str, str]:
    """Of the child: no secret is handed on."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # The same packages as here, and one thread: each would ask for memory of its own.
    modules = os.pathsep.join(part for part in sys.path if part)
    return {**kept, "PYTHONPATH": modules, "OPENBLAS_NUM_THREADS": "1"}
