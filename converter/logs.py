"""Log events for people and for programs, without secrets.

Every wing logs to `logging.getLogger("converter.<wing>")`: an event in a few words, and its facts
as `extra`. Facts are numbers, names of files and identifiers; never a cell, a payload or an answer.
Nothing is written anywhere unless `write_logs` or the caller's own handlers are installed.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = "converter"

_context: ContextVar[Mapping[str, object]] = ContextVar("facts", default=MappingProxyType({}))

_ATTRIBUTES = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
"""What every record has; whatever else it has are facts of the event."""

_FILE_MODE = 0o600

EVENTS = {
    "reading ended": "sheet_read",
    "checked": "checked",
    "run started": "run_started",
    "planned": "planned",
    "attempt started": "attempt_sent",
    "attempt ended": "attempt_answered",
    "result written": "result_written",
    "run ended": "run_ended",
}
"""The names in the stream of events, which never change, by the words that are logged."""


@contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Add facts, such as the run, to every event that is logged meanwhile."""
    token = _context.set({**_context.get(), **facts})
    try:
        yield
    finally:
        _context.reset(token)


class LogWriter:
    """The handlers of one command; from `hide` on, secrets are kept out of what they write."""

    def __init__(self) -> None:
        self._redact: Callable[[str], str] = str
        self._events: Callable[[str], object] | None = None

    def hide(self, redact: Callable[[str], str]) -> None:
        """Pass every text through `redact` before it is written."""
        self._redact = redact

    def stream_to(self, events: Callable[[str], object]) -> None:
        """Hand each event to `events` too, as a line of JSON."""
        self._events = events

    def event(self, name: str, facts: Mapping[str, object]) -> None:
        """Add an event to the stream of events, where there is one."""
        if self._events is not None:
            time = datetime.now(UTC).isoformat(timespec="milliseconds")
            document = {"schema_version": 1, "time": time, "event": name, **self.clean(facts)}
            self._events(json.dumps(document, ensure_ascii=False))

    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        """The facts of an event, with those of its context first."""
        own = {name: value for name, value in vars(record).items() if name not in _ATTRIBUTES}
        found: dict[str, Any] = self.clean({**_context.get(), **own})
        if record.exc_info and record.exc_info[0] is not None:
            # Without its text, which may quote what stands in a cell or came from the provider.
            found["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            found["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return found

    def clean(self, value: Any) -> Any:
        """Convert a fact to what JSON can hold, without secrets."""
        if isinstance(value, Mapping):
            return {self._redact(str(key)): self.clean(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(inner) for inner in value]
        if isinstance(value, bool | int | float) or value is None:
            return value
        return self._redact(str(value))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and the facts."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": _time(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._writer.clean(record.getMessage()),
        }
        return json.dumps({**document, **self._writer.facts(record)}, ensure_ascii=False)


class LineFormatter(logging.Formatter):
    """`12:30:01 converter.sending: attempt ended attempt=3 http_status=200`."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def format(self, record: logging.LogRecord) -> str:
        time = _time(record).astimezone().strftime("%H:%M:%S")
        event = self._writer.clean(record.getMessage())
        facts = self._writer.facts(record).items()
        shown = "".join(f" {name}={value}" for name, value in facts if name != "at")
        level = "" if record.levelno < logging.WARNING else f" {record.levelname}"
        return f"{time}{level} {record.name}: {event}{shown}"


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


@contextmanager
def write_logs(
    *,
    echo: Callable[[str], object] | None = None,
    file: Path | None = None,
    events: Callable[[str], object] | None = None,
) -> Iterator[LogWriter]:
    """Log to `echo`, line by line, and to the end of a file, as JSON. Raises OSError.

    `events` is called with the steps alone, each a line of JSON under a name that never changes.

    The lines have the events of a run; the file also has those that only help to find a fault.
    """
    writer = LogWriter()
    handlers: list[logging.Handler] = []
    if echo is not None:
        handlers.append(_EchoHandler(echo))
        handlers[-1].setFormatter(LineFormatter(writer))
        handlers[-1].setLevel(logging.INFO)
    if file is not None:
        handlers.append(_PrivateFileHandler(file, encoding="utf-8", errors="backslashreplace"))
        handlers[-1].setFormatter(JsonFormatter(writer))
    if events is not None:
        writer.stream_to(events)
        handlers.append(_EventHandler(writer))
        handlers[-1].setLevel(logging.INFO)
    logger = logging.getLogger(ROOT)
    before = logger.level
    if handlers:
        logger.setLevel(logging.DEBUG)
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield writer
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(before)


class _EchoHandler(logging.Handler):
    def __init__(self, echo: Callable[[str], object]) -> None:
        super().__init__()
        self._echo = echo

    def emit(self, record: logging.LogRecord) -> None:
        self._echo(self.format(record))


class _EventHandler(logging.Handler):
    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        if name := EVENTS.get(record.getMessage()):
            self._writer.event(name, self._writer.facts(record))


class _PrivateFileHandler(logging.FileHandler):
    """A log file that only its owner can read. A full disk does not stop the work."""

    def _open(self) -> Any:
        opener = lambda path, flags: os.open(path, flags, _FILE_MODE)  # noqa: E731
        return open(
            self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=opener
        )

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: each event would say it again."""
