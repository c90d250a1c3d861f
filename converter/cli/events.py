"""The stream of `--events`: one JSON object a line for each step of a command."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from converter.cli import output
from converter.errors import ConverterError, UsageError
from converter.exit_codes import Exit
from converter.message import N_, t

_LOG = logging.getLogger(__name__)


@contextmanager
def event_stream(options: dict[str, Any]) -> Iterator[Callable[[str], object] | None]:
    """A function that writes a line of the stream; None if none is wanted.

    Raises UsageError where stdout has other data, OSError where the file cannot be written.
    """
    target: str | None = options["events"]
    if target is None:
        yield None
    elif target == "-":
        has_data = click.get_current_context().info_name in ("convert", "explain")
        if options["as_json"] or (has_data and options["output"] in (None, output.STDOUT)):
            problem = N_("stdout has other data already. Give --events a file.")
            raise UsageError(t(problem))
        yield output.print_line
    else:
        opener = lambda path, flags: os.open(path, flags, 0o600)  # noqa: E731
        with open(target, "a", encoding="utf-8", errors="backslashreplace", opener=opener) as file:

            def write(line: str) -> None:
                try:
                    file.write(f"{line}\n")
                    file.flush()
                except OSError:  # a full disk does not stop the work
                    _LOG.warning("event cannot be written", exc_info=True)

            yield write


def end_of(error: BaseException) -> dict[str, object]:
    """The facts of the last event of a command that an error ended."""
    if isinstance(error, ConverterError):
        return {"exit_code": int(error.exit_code), "code": error.code or "SHEET"}
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return {"exit_code": int(Exit.INTERRUPTED)}
    return {"exit_code": int(Exit.FAULT), "code": "FAULT", "error": type(error).__name__}
