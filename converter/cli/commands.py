"""The commands: parse, call one function, print, exit.

Heavy libraries are imported inside the commands that need them, so that `--help` answers at once;
by a command on a sheet only where its reading, in a process of its own, has begun.
"""

from __future__ import annotations

import atexit
import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from converter import api, messages
from converter.cli import faults, options
from converter.cli.command_line import command_line
from converter.cli.journal_commands import journal
from converter.cli.label_commands import labels
from converter.cli.lookup_commands import lookups
from converter.cli.mapping_commands import mapping
from converter.cli.output import STDOUT, echo, print_json, print_line, put, refuse_as_output
from converter.cli.profile_commands import profile
from converter.cli.queue_commands import enqueue, queue_commands, worker
from converter.cli.session import interruptible, open_command
from converter.cli.story_commands import export, show
from converter.cli.translated import TranslatedCommand, pipe_may_close
from converter.cli.watch_commands import watch
from converter.errors import ConverterError, MappingError, UsageError
from converter.exit_codes import Exit
from converter.message import N_, t
from converter.messages import text_in, translate
from converter.messages.system import of_system
from converter.version import __version__

WROTE_TEMPLATE = N_("Wrote {file}. Fill in the sheet Orders, then: {command}")
WROTE_EXAMPLE = N_("Wrote {file}. Look at the sheet Orders, then: {command}")
_STATES = {"set": N_("set"), "default": N_("default"), "not set": N_("not set")}
_SHOWN_RUNS = 20


class _Commands(TranslatedCommand, click.Group):
    """Turns errors into a message and an exit code, in one place."""

    command_class = TranslatedCommand

    def invoke(self, ctx: click.Context) -> Any:
        lang: str = ctx.meta["lang"]
        try:
            with pipe_may_close():
                return super().invoke(ctx)
        except ConverterError as error:
            document = faults.document_of(error, lang)
            self._end(ctx, translate(error.message, lang), document)
        except (KeyboardInterrupt, click.Abort):
            echo(translate(t("Interrupted."), lang))
            ctx.exit(int(Exit.INTERRUPTED))
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            problem = translate(faults.record_fault(error, ctx.invoked_subcommand or ""), lang)
            self._end(ctx, problem, faults.fault_document(problem))

    def _end(self, ctx: click.Context, problem: str, document: dict[str, Any]) -> NoReturn:
        """Tell an error, in the document of `--json` too, and exit with its code."""
        echo(translate(t("Error: {problem}", problem=problem), ctx.meta["lang"]))
        if ctx.meta["as_json"]:
            print_json({**ctx.meta.get("document", {}), **document})
        ctx.exit(document["exit_code"])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in self.commands if self.get_command(ctx, name)]


@click.group("converter", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="converter")
def cli() -> None:
    """Take a sheet of orders into a provider's system, and say row by row what happened.

    \b
    Try it without any provider, on a shipped example:
      converter template scexpress --example -o orders.xlsx
      converter submit orders.xlsx -p scexpress --sandbox
    """


@cli.command()
@options.mappings
@options.config
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the titles.")
def providers(mappings: Path | None, config: Path | None, as_json: bool, lang: str | None) -> None:
    """List the providers, the settings each one needs, and whether they are set.

    \b
    Examples:
      converter providers
      converter providers --mappings ./my-mappings --json
    """
    lang = lang or messages.default_language()
    found, faults = api.providers_and_faults(mappings, config=config)
    if as_json:
        listed = [provider.to_dict(lang) for provider in found]
        document = {"schema_version": 1, "providers": listed}
        if not faults:
            print_json(document)
            return
        click.get_current_context().meta["document"] = document
        raise MappingError.of(faults)
    for provider in found:
        click.echo(f"{provider.name}  {text_in(provider.title, lang)}")
        if provider.actions:
            click.echo(f"    --action {' | '.join(provider.actions)}")
        for setting in provider.settings.values():
            is_missing = setting.state == "not set" and setting.required
            state = translate(t("MISSING") if is_missing else t(_STATES[setting.state]), lang)
            help_text = text_in(setting.help, lang)
            click.echo(f"    {setting.env:<28} {state:<8} {help_text}".rstrip())
    if faults:
        raise MappingError.of(faults)


@cli.command()
@click.argument("provider", shell_complete=options.complete_providers)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Where to write; by default PROVIDER.xlsx in this folder.")  # fmt: skip
@options.mappings
@click.option("--example", is_flag=True, help="Fill it with example orders, to try things out.")
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def template(
    provider: str, output: Path | None, mappings: Path | None, example: bool, lang: str | None
) -> None:
    """Write the order sheet of PROVIDER: blank, or filled with example orders.

    \b
    Examples:
      converter template scexpress
      converter template oms --example -o orders.xlsx
    """
    if output == STDOUT:
        with tempfile.TemporaryDirectory() as folder:
            made = api.template(
                provider, Path(folder) / "orders.xlsx", example=example, mappings=mappings
            )
            put([made.read_bytes()], STDOUT)
        return
    target = api.template(provider, output, example=example, mappings=mappings)
    context = click.get_current_context()
    command = command_line(context, "check", [str(target), "-p", provider])
    wrote = t(WROTE_EXAMPLE if example else WROTE_TEMPLATE, file=target, command=command)
    click.echo(translate(wrote, lang or context.meta["lang"]), err=True)


@cli.command()
@options.sheets_of_any_provider
def check(sheets: tuple[Path, ...], **chosen: Any) -> None:
    """Read and check SHEET, and write the result workbook. Nothing is sent.

    Without a provider, say which ones the sheet may be for.

    \b
    Examples:
      converter check orders.xlsx -p scexpress
      converter check orders.csv -p oms --json > report.json
      converter check monday.xlsx tuesday.xlsx -p scexpress
      converter check unknown.xlsx
    """
    if chosen["provider"] is None:
        from converter.runs.likely import ask_for_provider

        given = {"only": chosen["only"], "encoding": chosen["encoding"]}
        raise ask_for_provider(sheets[0], **given, folder=chosen["mappings"])
    with open_command(sheets, chosen) as command:
        from converter.runs.check import check_sheets

        for report in check_sheets(command.session):
            command.show(report)
    command.end()


@cli.command()
@options.several_sheets
@click.option("--all", "everything", is_flag=True,
              help="Show orders that were sent before too.")  # fmt: skip
def convert(sheets: tuple[Path, ...], everything: bool, **chosen: Any) -> None:
    """Print the exact requests that would be made for SHEET, one JSON object a line.

    Secrets are masked and not needed. Invalid orders are left out and named on stderr, and so are
    those that were accepted before.

    \b
    Examples:
      converter convert orders.xlsx -p scexpress
      converter convert orders.csv -p pandapon -o requests.jsonl
      converter convert monday.xlsx tuesday.xlsx -p scexpress
    """
    output: Path | None = chosen["output"]
    with open_command(sheets, chosen) as command:
        from converter.runs.convert import convert_sheets

        def lines() -> Iterator[bytes]:
            for conversion in convert_sheets(command.session, everything=everything):
                if command.as_json and output is None:
                    command.show(conversion.report, conversion.to_dict())
                else:
                    yield from (request.to_json() + b"\n" for request in conversion.requests())
                    command.show(conversion.report)
                del conversion  # before the next one is made

        for sheet in sheets:
            refuse_as_output(output, sheet)
        put(lines(), output)
    command.end()


@cli.command()
@options.several_sheets
@options.yes
@click.option("--again-rejected", is_flag=True,
              help="Also send rejected orders that have not changed since.")  # fmt: skip
@click.option("--again-cancelled", is_flag=True,
              help="Also send cancelled orders anew, where that is allowed.")  # fmt: skip
@click.option("--send-missing", is_flag=True,
              help="Send the missing lines of partial orders as new orders, REF-R1.")  # fmt: skip
@click.option("--canary", type=click.IntRange(min=0), default=0, metavar="N",
              help="Send N orders first, the others only if those were accepted.")  # fmt: skip
@options.wait
@options.journal_is_right
@options.trust_mapping
def submit(
    sheets: tuple[Path, ...],
    again_rejected: bool,
    again_cancelled: bool,
    canary: int,
    send_missing: bool,
    wait: float,
    journal_is_right: bool,
    trust_mapping: bool,
    **chosen: Any,
) -> None:
    """Check SHEET, send its valid orders, and write the result workbook.

    Orders that were accepted before are not sent again, and rejected ones only once they have
    changed. On a terminal the plan is shown and
    confirmed once; --yes skips that. Without a terminal nothing is ever asked.

    With --wait, numbers that come later are fetched before the result is written.

    Of several sheets, all are checked before anything is sent. Then one is sent after the other,
    and all are told together.

    \b
    Examples:
      converter submit orders.xlsx -p scexpress --sandbox
      converter submit orders.xlsx -p oms --yes --json > report.json
      converter submit orders.xlsx -p scexpress --canary 2
      converter submit monday.xlsx tuesday.xlsx shop.csv -p scexpress
    """
    with interruptible(), open_command(sheets, chosen) as command:
        from converter.runs.submit import Submission

        command.settle_mapping(trust_mapping=trust_mapping)
        submission = Submission(
            command.session,
            command.callbacks(journal_is_right=journal_is_right),
            again_rejected=again_rejected,
            again_cancelled=again_cancelled,
            canary=canary,
            send_missing=send_missing,
            wait=wait,
        )
        command.warn_of_network()
        for report in submission.send():
            command.show(report)
            del report  # before the next sheet is sent
    command.end()


@cli.command()
@options.one_sheet
@click.option("--created", multiple=True, metavar="REF[=NUMBER]",
              help="You looked: the provider has this order, under this number.")  # fmt: skip
@click.option("--not-created", multiple=True, metavar="REF",
              help="You looked: the provider does not have this order.")  # fmt: skip
@click.option("--settled", multiple=True, metavar="REF[=NUMBER]",
              help="A part existed; you had the rest made, under this number.")  # fmt: skip
@click.option("--cancelled", multiple=True, metavar="REF",
              help="You looked: this accepted order is cancelled there.")  # fmt: skip
@click.option("--not-cancelled", multiple=True, metavar="REF",
              help="You looked: this order is not cancelled there.")  # fmt: skip
@click.option("--who", metavar="NAME", help="Who looked; by default the login name.")
@options.journal_is_right
@options.trust_mapping
@click.option("--note", default="", metavar="TEXT", help="Kept with the decisions.")
def reconcile(
    sheet: Path,
    created: tuple[str, ...],
    not_created: tuple[str, ...],
    settled: tuple[str, ...],
    cancelled: tuple[str, ...],
    not_cancelled: tuple[str, ...],
    who: str | None,
    note: str,
    journal_is_right: bool,
    trust_mapping: bool,
    **chosen: Any,
) -> None:
    """Settle the orders of SHEET that are in doubt. Nothing is sent.

    The provider is asked where it can be. Otherwise say what you found out: with the options, or
    in the columns Decision and Found order no. of a result workbook, given as SHEET.

    \b
    Examples:
      converter reconcile orders.xlsx -p scexpress
      converter reconcile orders.xlsx -p oms --created PO-7=112132 --not-created PO-8
    """
    with interruptible(), open_command([sheet], chosen) as command:
        from converter.runs.reconcile import reconcile_sheet

        command.settle_mapping(trust_mapping=trust_mapping)
        command.warn_of_network()
        report = reconcile_sheet(
            command.session,
            created=created,
            not_created=not_created,
            settled=settled,
            cancelled=cancelled,
            not_cancelled=not_cancelled,
            who=who,
            note=note,
            trust=command.trust(journal_is_right=journal_is_right),
        )
        command.show(report)
    command.end()


@cli.command()
@options.sheet_or_orders
@options.wait
@options.journal_is_right
@options.trust_mapping
def refresh(
    given: tuple[str, ...],
    wait: float,
    journal_is_right: bool,
    trust_mapping: bool,
    **chosen: Any,
) -> None:
    """Fetch late numbers and states of accepted orders. Nothing is sent or changed there.

    With SHEET, of its orders, and its result workbook is written anew. With RUN or REF, of those
    orders; with nothing, of all orders of the last 90 days that are waiting, as from cron. An order
    that has what it needs is not asked about again.

    \b
    Examples:
      converter refresh orders.xlsx -p scexpress
      converter refresh -p scexpress --json
      converter refresh CK0712-06 CK0712-07 -p scexpress --wait 10m
    """
    sheets = [Path(given[0])] if len(given) == 1 and Path(given[0]).exists() else []
    with interruptible(), open_command(sheets, chosen) as command:
        from converter.runs.refresh import refresh_orders, refresh_sheet

        command.settle_mapping(trust_mapping=trust_mapping)
        command.warn_of_network()
        trust = command.trust(journal_is_right=journal_is_right)
        if sheets:
            command.show(refresh_sheet(command.session, wait=wait, trust=trust))
        else:
            command.show(refresh_orders(command.session, given, wait=wait, trust=trust))
    command.end()


@cli.command()
@options.orders
@click.option("--run", "runs", multiple=True, metavar="RUN",
              help="Cancel the accepted orders of this run.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask before cancelling.")
@options.journal_is_right
@options.trust_mapping
def cancel(
    given: tuple[str, ...],
    runs: tuple[str, ...],
    journal_is_right: bool,
    trust_mapping: bool,
    **chosen: Any,
) -> None:
    """Cancel accepted orders at the provider, where its documents have a call for that.

    The plan is shown and confirmed once, as for submit. An order is shown as cancelled only where
    the provider clearly says so; of an answer that cannot be read, the cancellation is unknown and
    is not made again. The result workbooks in which the orders stand are brought up to date.

    \b
    Examples:
      converter cancel CK0712-06 -p scexpress
      converter cancel --run 20251201-093000-1a2b -p oms --yes
    """
    with interruptible(), open_command([], {**chosen, "output": None}) as command:
        from converter.runs.cancel import cancel_orders

        command.settle_mapping(trust_mapping=trust_mapping)
        command.warn_of_network()
        trust = command.trust(journal_is_right=journal_is_right)
        report = cancel_orders(
            command.session, given, runs, confirm=command.agrees_to_cancel, trust=trust
        )
        command.show(report)
    command.end()


@cli.command()
@options.one_sheet
@click.argument("where", metavar="CELL|TITLE|PATH|REFERENCE")
def explain(sheet: Path, where: str, **chosen: Any) -> None:
    """Tell everything about one cell, order or field of SHEET: its rule, and what is sent.

    For a cell or an order, also what stands against it and what the provider said of it. A field
    is named by its title or its path.

    \b
    Examples:
      converter explain orders.xlsx Orders!D12 -p scexpress
      converter explain orders.xlsx SC20251201001 -p scexpress
      converter explain orders.xlsx items[].hscode -p scexpress --json
    """
    with open_command([sheet], chosen) as command:
        from converter.runs.explain import explain_place, explanation_lines

        document = explain_place(command.session, where)
        if command.as_json:
            print_json({"schema_version": 1, **document})
            return
        for line in explanation_lines(document, command.lang):
            click.echo(line)


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              help="Where it listens on 127.0.0.1.")  # fmt: skip
@click.option("--book", type=click.Path(path_type=Path), metavar="FILE",
              help="Keep what it creates in this file; by default it forgets.")  # fmt: skip
def sandbox(port: int, book: Path | None) -> None:
    """Run the pretend providers on a loopback port until Ctrl-C.

    It prints the settings that make other commands talk to it.

    \b
    Examples:
      converter sandbox
      converter sandbox --port 9000 --book sandbox.jsonl
    """
    from converter.sandbox import run

    try:
        run(port=port, book=book)
    except (OSError, ValueError) as error:
        why = of_system(error) if isinstance(error, OSError) else error
        raise UsageError(t("The sandbox cannot start: {problem}.", problem=why)) from error


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True,
              help="Where the page is on 127.0.0.1; 0 picks a free port.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the link only, and open no browser.")
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def web(port: int, no_browser: bool, lang: str | None) -> None:
    """Open the page: the same work in the browser, for people who type no commands.

    It is served to this machine alone, until Ctrl-C. Jobs go on when it ends, and the next start
    finds them.

    \b
    Examples:
      converter web
      converter web --no-browser --port 9000
    """
    from converter import settings
    from converter.web.server import run

    def announce(link: str) -> None:
        said = t("The page is at {link} (the link works once); Ctrl-C ends it.", link=link)
        echo(translate(said, lang or messages.default_language()))

    try:
        settings.folder("web")
        run(settings.home(), port, announce, opens=not no_browser)
    except OSError as error:
        problem = t("The page cannot start: {problem}.", problem=of_system(error))
        raise UsageError(problem) from error


@cli.command()
@click.argument("sheet", required=False, type=click.Path(path_type=Path))
@click.option("--run", metavar="RUN", help="Show the report of this run once more.")
@click.option("--all", "show_all", is_flag=True, help="Show all runs, and not the last 20 only.")
@click.option("--check", "check_doubts", is_flag=True,
              help="End with exit code 3 while orders are in doubt, for monitoring.")  # fmt: skip
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def status(
    sheet: Path | None,
    run: str | None,
    show_all: bool,
    check_doubts: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Show what the journal knows: orders in doubt first, then the last 20 runs.

    With a result workbook as SHEET, what became of each of its orders. With --run, the report of
    that run is made again from the journal: one line for each order, and with --json the document
    that the run printed, or would have printed.

    \b
    Examples:
      converter status
      converter status orders.xlsx --json
      converter status --check || echo "somebody has to look"
      converter status --run 20261121-142530-9f3c
    """
    language = lang or messages.default_language()
    if run is not None:
        from converter import settings
        from converter.cli.summary import order_lines
        from converter.runs.status_rows import past_report

        report = past_report(settings.home(), run, language)
        if as_json:
            print_json(report.to_dict())
            return
        for line in order_lines(report, language):
            print_line(line)
        return
    from converter.cli.history import history_lines

    history = api.status(sheet, lang=language, limit=None if show_all else _SHOWN_RUNS)
    if as_json:
        print_json(history.to_dict())
    else:
        for line in history_lines(history, language):
            print_line(line)
        if not history.doubts and not history.runs:
            echo(translate(t("The journal is empty."), language))
    if check_doubts and history.doubts:
        click.get_current_context().exit(int(Exit.UNSETTLED))


cli.add_command(labels)
cli.add_command(lookups)
cli.add_command(show)
cli.add_command(export)
cli.add_command(watch)
cli.add_command(enqueue)
cli.add_command(worker)
cli.add_command(queue_commands)
cli.add_command(journal)
cli.add_command(mapping)
cli.add_command(profile)


def main() -> None:
    """Run the program, with rare garbage collection.

    A sheet makes millions of objects and no reference cycles, so by default the collector would
    take a sixth of the time.
    """
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
    cli(prog_name="converter")
