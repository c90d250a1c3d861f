"""What a command writes: data on stdout or into a file, lines for people on stderr."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from converter.errors import UsageError
from converter.message import N_, t
from converter.messages.system import of_system

_LOG = logging.getLogger(__name__)

STDOUT = Path("-")
"""What `-o` is given for stdout."""


def put(lines: Iterable[bytes], output: Path | None) -> None:
    """Write the data of a command into its file, or on stdout. Raises UsageError."""
    if output is None or output == STDOUT:
        for line in lines:
            _write(line)
        _write(b"")
        return
    try:
        with output.open("wb") as file:
            file.writelines(lines)
    except OSError as error:
        problem = N_("{file} cannot be written: {problem}.")
        raise UsageError(t(problem, file=output, problem=of_system(error))) from error


def refuse_as_output(output: Path | None, sheet: Path) -> None:
    """Raise UsageError where the data would be written over the sheet itself."""
    if (
        STDOUT not in (output, sheet)
        and output is not None
        and output.exists()
        and output.samefile(sheet)
    ):
        problem = N_("{file} is the order sheet itself. Name another file with -o.")
        raise UsageError(t(problem, file=output))


def print_json(document: Any) -> None:
    """Print the one JSON document of a command on stdout."""
    import orjson

    _write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    _write(b"")


def print_line(line: str) -> None:
    """Print a line of data on stdout."""
    try:
        click.echo(line)
    except BrokenPipeError:
        forget_stdout()


def forget_stdout() -> None:
    """Let what is still printed go nowhere: the reader has what it wanted, as `head` has."""
    _LOG.info("nobody reads stdout any more")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())  # Python flushes the old buffer when it ends
    except (OSError, ValueError):
        sys.stdout = io.TextIOWrapper(io.BytesIO())
    finally:
        os.close(nowhere)


def _write(data: bytes) -> None:
    """Write on stdout, or with nothing to write, flush it; whoever stopped reading is no fault."""
    out = sys.stdout.buffer
    try:
        if data:
            out.write(data)
        else:
            out.flush()
    except BrokenPipeError:
        forget_stdout()


def echo(line: str) -> None:
    """Tell the person something on stderr; where nobody listens any more, the work goes on.

    `converter submit ... 2>&1 | head` closes the pipe while orders are being sent.
    """
    try:
        click.echo(line, err=True)
    except OSError:
        _LOG.info("nobody reads stderr any more")
        sys.stderr = io.StringIO()  # Python itself would try the old one again when it ends


def echo_lines(lines: Iterable[str]) -> None:
    """Tell the person several lines on stderr."""
    for line in lines:
        echo(line)
