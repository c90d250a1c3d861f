"""Errors of a command: the JSON document that tells them, and the log of a fault of ours."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from converter import __version__
from converter.errors import ConverterError, MappingError
from converter.exit_codes import Exit
from converter.message import N_, Message, t
from converter.messages import translate
from converter.report import SCHEMA_VERSION

FAULT = N_(
    "This program has a fault ({problem}). Where it happened is written in {log}, without any of "
    "your data: please send that file to whoever looks after this program. What was sent is in "
    "the journal; `converter status` shows it."
)
UNLOGGED = N_(
    "This program has a fault ({problem}), and no log of it could be written. What was sent is in "
    "the journal; `converter status` shows it."
)
FAULT_CODE = "FAULT"


def error_document(problem: str, code: str, exit_code: int, **facts: Any) -> dict[str, Any]:
    """What `--json` prints where a command ends with an error."""
    return {
        "schema_version": SCHEMA_VERSION,
        "error": problem,
        **facts,
        "exit_code": exit_code,
        "code": code,
    }


def document_of(error: ConverterError, lang: str, **facts: Any) -> dict[str, Any]:
    """The document of an error that a person can do something about."""
    problem = translate(error.message, lang)
    if isinstance(error, MappingError):
        facts["faults"] = [asdict(fault) for fault in error.faults]
    return error_document(problem, error.code or "SHEET", int(error.exit_code), **facts)


def fault_document(problem: str, **facts: Any) -> dict[str, Any]:
    """The document of a fault of this program."""
    return error_document(problem, FAULT_CODE, int(Exit.FAULT), **facts)


def record_fault(error: BaseException, command: str) -> Message:
    """Write the log of a fault, and return the sentence that names it."""
    problem = type(error).__name__
    text = "\n".join([*_heading(command), *_frames(error), ""])
    for folder in (_logs_folder, lambda: Path(tempfile.gettempdir())):
        with suppress(OSError):
            return t(FAULT, problem=problem, log=_write(folder(), text))
    return t(UNLOGGED, problem=problem)


def _logs_folder() -> Path:
    from converter import settings

    return settings.folder("logs")


def _write(folder: Path, text: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    handle, name = tempfile.mkstemp(prefix=f"fault-{stamp}-", suffix=".log", dir=folder)  # 0600
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)


def _heading(command: str) -> Iterator[str]:
    yield f"time: {datetime.now(UTC).isoformat(timespec='seconds')}"
    yield f"converter {__version__}, command {command}"
    yield f"Python {sys.version.split()[0]}, {platform.platform()}"


def _frames(error: BaseException) -> Iterator[str]:
    """The places of an error and its causes, without texts, which may quote what cells hold."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield f"\n{type(current).__module__}.{type(current).__name__}"
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}: {frame.line or ''}"
        current = current.__cause__ or current.__context__
