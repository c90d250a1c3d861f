"""The options that commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from converter import messages
from converter.message import t
from converter.messages import translate

if TYPE_CHECKING:
    from converter.runs.session import RunOptions

Command = Callable[..., Any]


class Duration(click.ParamType[float]):
    """A time such as `90s`, `10m` or `2h`, as seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = re.fullmatch(r"(\d+)([smh]?)", str(value).strip())
        if found is None:
            problem = t("{value} is no time. Write 90s, 10m or 2h.", value=repr(str(value)))
            self.fail(translate(problem, messages.default_language()), param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def complete_providers(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of providers for the shell's completion; a path of a mapping file where one begins."""
    from converter.errors import ConverterError
    from converter.mapping.load import available_mappings

    try:
        names = available_mappings(context.params.get("mappings"))
    except ConverterError:
        names = {}
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def one_sheet(command: Command) -> Command:
    """A sheet, and the options of every command on one."""
    sheet = click.argument("sheet", type=click.Path(path_type=Path))
    return sheet(_shared(command))


def several_sheets(command: Command) -> Command:
    """One sheet or more, and the same options."""
    sheets = click.argument(
        "sheets", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="SHEET..."
    )
    return sheets(_shared(command))


def sheet_or_orders(command: Command) -> Command:
    """A sheet, orders or runs, or nothing at all, and the same options."""
    given = click.argument("given", nargs=-1, metavar="[SHEET|RUN|REF...]")
    return given(_shared(command))


def orders(command: Command) -> Command:
    """Orders, and the same options but for those of a result."""
    given = click.argument("given", nargs=-1, metavar="[REF...]")
    return given(_shared(command, output=False))


def without_sheet(command: Command) -> Command:
    """The same options but for the place of a result."""
    return _shared(command, output=False)


def orders_or_sheet(command: Command) -> Command:
    """A sheet, orders or runs, and the same options but for the place of a result."""
    given = click.argument("given", nargs=-1, required=True, metavar="SHEET|RUN|REF...")
    return given(_shared(command, output=False))


def sheets_of_any_provider(command: Command) -> Command:
    """The same, where the provider may be left out."""
    sheets = click.argument(
        "sheets", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="SHEET..."
    )
    return sheets(_shared(command, provider=False))


def watched_folder(command: Command) -> Command:
    """A folder of sheets, and the same options but for those of one result."""
    folder = click.argument("folder", type=click.Path(path_type=Path))
    return folder(_shared(command, output=False))


def queued_sheets(command: Command) -> Command:
    """One sheet or more for other machines, and the same options as for a watched folder."""
    sheets = click.argument(
        "sheets", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="SHEET..."
    )
    return sheets(_shared(command, output=False))


def _shared(command: Command, *, provider: bool = True, output: bool = True) -> Command:
    for option in reversed(
        [
            click.option("-p", "--provider", required=provider, metavar="NAME|FILE.yaml",
                         shell_complete=complete_providers,
                         help="The provider, or the path of a mapping file."),
            *([_output] if output else []),
            config,
            click.option("--account", metavar="NAME",
                         help="Which account of the provider, where the settings have several."),
            click.option("--action", metavar="NAME",
                         help="What the provider is to do, where it offers several things."),
            click.option("--orders-per-request", type=click.IntRange(1), metavar="N",
                         help="Send fewer orders in one request than the mapping allows."),
            mappings,
            click.option("--sandbox", is_flag=True,
                         help="Use pretend providers on this machine; nothing real is sent."),
            as_json,
            click.option("-v", "--verbose", is_flag=True,
                         help="Tell on stderr what is done, step by step."),
            click.option("--log-file", type=click.Path(path_type=Path, dir_okay=False),
                         metavar="FILE", help="Add each step to this file, one JSON object a "
                         "line."),
            click.option("--events", metavar="FILE|-",
                         help="Add one JSON object for each step to this file, or print it."),
            click.option("--no-input", is_flag=True, help="Never ask anything."),
            click.option("--lang", type=click.Choice(messages.languages()),
                         help="Language of messages and workbook; by default the system's."),
            click.option("--sheet", "only", metavar="NAME", help="Which sheet of the workbook."),
            click.option("--hidden-rows", "hidden", type=click.Choice(["include", "exclude"]),
                         help="Whether hidden or filtered rows count; asked for where there are."),
            click.option("--encoding", metavar="NAME",
                         help="Of a text file, such as gb18030; found by itself where it can be."),
            click.option("--columns", type=click.Path(path_type=Path, dir_okay=False),
                         metavar="FILE", help="Your own choice of columns: written by the first "
                         "run, used by the next ones."),
            click.option("--profile", metavar="NAME|FILE",
                         help="What you said about this layout; a kept one is found by itself."),
            click.option("--no-profile", is_flag=True,
                         help="Use no kept profile, even where one fits."),
            click.option("--products", type=click.Path(path_type=Path, dir_okay=False),
                         metavar="FILE", help="A product table: names, HS codes, weights and "
                         "prices by SKU, for cells that are blank."),
            click.option("--files", type=click.Path(path_type=Path, exists=True, file_okay=False),
                         metavar="DIR", help="The folder of the files that cells name, such as "
                         "pictures; by default the sheet's own."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


_output = click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="Where to write; by default beside the sheet. For the results of several sheets, a "
    "folder.",
)  # fmt: skip
journal_is_right = click.option(
    "--journal-is-right", is_flag=True,
    help="You looked: the journal is right, though it seems to lack what was sent before.",
)  # fmt: skip
trust_mapping = click.option(
    "--trust-mapping", is_flag=True,
    help="You know this mapping of your own: let it send its settings to the hosts that it names.",
)  # fmt: skip
mappings = click.option(
    "--mappings",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of mapping files instead of the shipped ones.",
)
config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The settings file, instead of converter.toml here and your own.",
)
wait = click.option(
    "--wait", type=Duration(), default="0", metavar="TIME",
    help="Ask for late numbers until all are there, at most so long: 90s, 10m, 2h.",
)  # fmt: skip
yes = click.option("--yes", is_flag=True, help="Do not ask before sending.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")

_OF_RUNS = (
    "provider", "mappings", "config", "account", "action", "orders_per_request", "sandbox",
    "output", "only", "hidden", "columns", "encoding", "files", "profile", "no_profile", "products",
)  # fmt: skip


def run_options(options: dict[str, Any]) -> RunOptions:
    """What was asked for, as the runs know it; the rest is about asking and printing."""
    from converter.runs.session import RunOptions

    lang = options["lang"] or messages.default_language()
    return RunOptions(lang=lang, **{name: options[name] for name in _OF_RUNS})
