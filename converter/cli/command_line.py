"""Command lines that a person can copy."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence

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


def given_options(context: click.Context, *, leave_out: Collection[str]) -> Iterator[str]:
    """The options that were given to the command that runs, for a command that has them too."""
    for option in context.command.params:
        name = str(option.name)
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and isinstance(option, click.Option) and name not in leave_out:
            yield from _words(option, context.params[name])


def quoted(words: Sequence[str]) -> str:
    """The words as the shell of this system reads them."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _words(option: click.Option, value: object) -> Iterator[str]:
    name = option.opts[0]
    if option.is_flag:
        yield name
        return
    for one in value if isinstance(value, tuple) else (value,):
        yield from (name, f"{one:.0f}" if isinstance(one, float) else str(one))


def _are_workbooks(sheets: Sequence[str]) -> bool:
    return all(sheet.endswith(".xlsx") for sheet in sheets)
