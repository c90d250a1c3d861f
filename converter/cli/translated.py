"""Commands that show help and usage errors in the language of `--lang`, else of the system.

click translates its own words with gettext; here gettext is given our catalogue. What our commands
say of themselves is translated where click formats it.
"""

from __future__ import annotations

import contextlib
import gettext
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from converter import messages
from converter.cli.faults import error_document
from converter.cli.output import forget_stdout, print_json
from converter.message import N_
from converter.messages import catalogue
from converter.messages.help_text import help_parts, translate_help

CLICK = (
    N_("Usage:"),
    N_("Options:"),
    N_("Commands:"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Choose from:\n\t{choices}"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    N_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    N_("Option {name!r} does not take a value."),
    N_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} is a directory."),
)
"""What click says, marked for our catalogue."""


@contextlib.contextmanager
def click_in(language: str) -> Iterator[None]:
    """Translate into a language what click, or other code, asks of gettext."""
    domain, asked = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(catalogue.DOMAIN, str(catalogue.compiled_folder(language)))
    gettext.textdomain(catalogue.DOMAIN)
    os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        os.environ.pop("LANGUAGE")
        if asked is not None:
            os.environ["LANGUAGE"] = asked


class _Formatter(click.HelpFormatter):
    """Writes the helps of commands and options in the language chosen for gettext."""

    def write_heading(self, heading: str) -> None:
        # click would put the colon after the translation, which may have one of its own.
        self.write(f"{'':>{self.current_indent}}{gettext.gettext(f'{heading}:')}\n")

    def write_text(self, text: str) -> None:
        super().write_text(translate_help(text, gettext.gettext))

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **options: Any) -> None:
        translated = []
        for name, text in rows:
            own, mark, extra = text.partition("  [")  # such as [required]
            translated.append((name, f"{gettext.gettext(own) if own else ''}{mark}{extra}"))
        super().write_dl(translated, *args, **options)


@contextlib.contextmanager
def pipe_may_close() -> Iterator[None]:
    """End quietly where nobody reads stdout any more: `converter providers | head -1`."""
    try:
        yield
    except BrokenPipeError:
        forget_stdout()
        raise click.exceptions.Exit(0) from None


class _Context(click.Context):
    formatter_class = _Formatter


class TranslatedCommand(click.Command):
    """A command whose help and usage errors are in the person's language."""

    context_class = _Context

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        words = sys.argv[1:] if args is None else list(args)
        with click_in(messages.asked_language(words)):
            try:
                code = super().main(words, *more, **{**options, "standalone_mode": False})
            except click.ClickException as error:
                if "--json" in words:
                    problem = error.format_message()
                    print_json(error_document(problem, "USAGE", error.exit_code))
                error.show()
                code = error.exit_code
        sys.exit(code if isinstance(code, int) else 0)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with pipe_may_close():  # `--help` is printed here
            return super().make_context(*args, **more)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta.setdefault("lang", messages.asked_language(args))
        ctx.meta.setdefault("as_json", "--json" in args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # to be told with the usage, whatever is wrong
            raise

    def get_short_help_str(self, limit: int = 45) -> str:
        first = next(help_parts(self.help or ""))
        translated = gettext.gettext(first) if first else ""
        return super().get_short_help_str(limit) if translated == first else translated


class TranslatedGroup(TranslatedCommand, click.Group):
    """Commands of one subject."""

    command_class = TranslatedCommand
