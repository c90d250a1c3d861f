"""The command line: a view of `converter.runs`."""

from converter.cli.commands import main

__all__ = ["main"]
