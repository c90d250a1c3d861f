"""Commands that speak the language of `--lang`, else of the system: help and wrong use."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import IO, Any

import click

from converter import messages


class Spoken(click.Command):
    """A command whose help, and what it says of a wrong use, is in the person's language."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta.setdefault("lang", messages.asked_language(args))
        with said(ctx):
            return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        if ctx.meta["lang"] != "zh":
            return super().get_help(ctx)
        from converter.messages import help_in_chinese as chinese

        spoken = copy.copy(self)
        spoken.help = chinese.COMMANDS[self.name or ""]
        params = [copy.copy(param) for param in self.get_params(ctx)]
        for param in params:
            if isinstance(param, click.Option):
                param.help = chinese.OPTIONS[max(param.opts, key=len).strip("-")]
        spoken.get_params = lambda ctx: params  # type: ignore[method-assign]
        text = super(Spoken, spoken).get_help(ctx)
        for word, chinese_word in chinese.WORDS.items():
            text = text.replace(word, chinese_word, 1)
        return text

    def get_short_help_str(self, limit: int = 45) -> str:
        ctx = click.get_current_context(silent=True)
        if ctx is None or ctx.meta.get("lang") != "zh":
            return super().get_short_help_str(limit)
        from converter.messages import help_in_chinese as chinese

        return chinese.COMMANDS[self.name or ""].partition("\n")[0]


@contextlib.contextmanager
def said(ctx: click.Context) -> Iterator[None]:
    """What click says against a command line, in Chinese where that is asked for."""
    try:
        yield
    except click.UsageError as error:
        is_help = error.format_message() == ctx.get_help()  # a group without a command
        if ctx.meta["lang"] != "zh" or is_help or isinstance(error, _WrongUse):
            raise
        from converter.messages import help_in_chinese as chinese
        from converter.messages.sentence import Known, in_language

        known = Known(chinese.WRONG_USE)
        raise _WrongUse(
            in_language(known(error.format_message()), "zh"), error.ctx or ctx
        ) from None


class _WrongUse(click.UsageError):
    """A wrong use of a command, told in Chinese."""

    def show(self, file: IO[Any] | None = None) -> None:
        from converter.messages import help_in_chinese as chinese

        assert self.ctx is not None
        usage = self.ctx.get_usage()
        for word, chinese_word in chinese.WORDS.items():
            usage = usage.replace(word, chinese_word, 1)
        click.echo(usage, file=file, err=True)
        hint = messages.say("look_at_help", "zh", command=self.ctx.command_path)
        click.echo(f"{hint}\n", file=file, err=True)
        click.echo(messages.say("error", "zh", problem=self.message), file=file, err=True)
