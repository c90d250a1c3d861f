"""Command lines that a person can copy."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence

import click
from click.core import ParameterSource

NextCommand = Callable[[str, Sequence[str]], str]
"""Builds the command line of a command on some sheets."""

REPEATED = (
    "provider", "mappings", "config", "account", "action", "orders_per_request", "sandbox",
    "lang", "only", "hidden", "encoding", "columns", "files", "profile", "no_profile",
    "products",
)  # fmt: skip
"""What makes the next command mean the same orders, account and language, and nothing live where
this one was not. What answers a question once, such as --yes, has to be given anew."""


def command_line(context: click.Context, command: str, sheets: Sequence[str]) -> str:
    """The command on these sheets, with the options that were given to the command that runs."""
    words = ["converter", command, *sheets]
    for option in context.command.params:
        if option.name in REPEATED and isinstance(option, click.Option):
            is_given = context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
            if is_given and not (option.name == "encoding" and _are_workbooks(sheets)):
                words += _words(option, context.params[option.name])
    return quoted(words)


def quoted(words: Sequence[str]) -> str:
    """The words as the shell of this system reads them."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _words(option: click.Option, value: object) -> Iterator[str]:
    name = option.opts[0]
    if option.is_flag:
        yield name
        return
    for one in value if isinstance(value, tuple) else (value,):
        yield from (name, str(one))


def _are_workbooks(sheets: Sequence[str]) -> bool:
    return all(sheet.endswith(".xlsx") for sheet in sheets)
