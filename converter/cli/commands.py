"""The commands: parse, call one function, print, exit.

Heavy libraries are imported inside the commands that need them, so that `--help` answers at once;
by a command on a sheet only where its reading, in a process of its own, has begun.
"""

from __future__ import annotations

import atexit
import dataclasses
import gc
from pathlib import Path
from typing import Any

import click

from converter import __version__, messages
from converter.cli import session
from converter.cli.translated import Spoken, said
from converter.errors import ConverterError, UsageError
from converter.messages.sentence import in_language, of_system, recognised, t
from converter.model import Exit, Status


class _Commands(Spoken, click.Group):
    """Turns what stops a run into a message and an exit code, in this one place."""

    command_class = Spoken

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with said(ctx):
                return super().invoke(ctx)
        except ConverterError as error:
            lang = ctx.meta["lang"]
            click.echo(messages.say("error", lang, problem=error.in_language(lang)), err=True)
            ctx.exit(int(error.exit_code))
        except (KeyboardInterrupt, click.Abort):
            click.echo(messages.say("interrupted", ctx.meta["lang"]), err=True)
            ctx.exit(int(Exit.INTERRUPTED))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


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
@click.option("--mappings", type=click.Path(path_type=Path), metavar="DIR",
              help="A folder of mapping files instead of the shipped ones.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.option("--lang", type=click.Choice(messages.LANGUAGES), help="Language of the titles.")
def providers(mappings: Path | None, as_json: bool, lang: str | None) -> None:
    """List the providers, the settings each one needs, and whether they are set.

    \b
    Examples:
      converter providers
      converter providers --mappings ./my-mappings --json
    """
    from converter import settings
    from converter.mapping import listing

    lang = lang or messages.default_language()
    found: list[dict[str, Any]] = []
    for name, known in listing.providers(mappings).items():
        found.append(
            {
                "name": name,
                "title": known.title[lang],
                "actions": list(known.actions),
                "settings": [
                    {"env": setting.env, "required": setting.required, "secret": setting.secret,
                     "set": state != "not set", "state": state,
                     "help": setting.help.get(lang) if setting.help else ""}
                    for setting, state in settings.states(known)
                ],
            }
        )  # fmt: skip
    if as_json:
        session.print_json({"schema_version": 1, "providers": found})
        return
    for provider in found:
        click.echo(f"{provider['name']}  {provider['title']}")
        if provider["actions"]:
            click.echo(f"    --action {' | '.join(provider['actions'])}")
        for setting in provider["settings"]:
            is_missing = setting["state"] == "not set" and setting["required"]
            kind = "missing" if is_missing else setting["state"].replace(" ", "_")
            state = messages.say(f"setting_{kind}", lang)
            click.echo(f"    {setting['env']:<28} {state:<8} {setting['help']}".rstrip())


@cli.command()
@click.argument("provider")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Where to write; by default PROVIDER.xlsx in this folder.")  # fmt: skip
@click.option("--mappings", type=click.Path(path_type=Path), metavar="DIR",
              help="A folder of mapping files instead of the shipped ones.")  # fmt: skip
@click.option("--example", is_flag=True, help="Fill it with example orders, to try things out.")
def template(provider: str, output: Path | None, mappings: Path | None, example: bool) -> None:
    """Write the order sheet of PROVIDER: blank, or filled with example orders.

    \b
    Examples:
      converter template scexpress
      converter template oms --example -o orders.xlsx
    """
    from converter.mapping.load import find_mapping, load_mapping
    from converter.template.workbook import example_rows, write_new_template

    mapping = load_mapping(find_mapping(provider, mappings))
    target = output or Path(f"{mapping.provider}.xlsx")
    if not target.absolute().parent.is_dir():
        raise UsageError(t("There is no folder {folder}. Make it first.", folder=target.parent))
    write_new_template(mapping, target, rows=example_rows(mapping) if example else ())
    code = "wrote_example" if example else "wrote_template"
    lang = click.get_current_context().meta["lang"]
    click.echo(messages.say(code, lang, file=target, provider=provider), err=True)


@cli.command()
@session.options_of_several
def check(sheets: tuple[Path, ...], **options: Any) -> None:
    """Read and check SHEET, and write the result workbook. Nothing is sent.

    \b
    Examples:
      converter check orders.xlsx -p scexpress
      converter check orders.csv -p oms --json > report.json
      converter check monday.xlsx tuesday.xlsx -p scexpress
    """
    if len(sheets) > 1:
        from converter.cli.sheets import check_sheets

        check_sheets(sheets, **options)

    with session.prepared(sheets[0], **options) as (prepared, _):
        from converter import results
        from converter.runs.check import check_sheet

        target = options["output"] or results.default_target(sheets[0])
        results.check_writable(target, sheets[0])
        session.end(check_sheet(prepared, target=target), **options)


@cli.command()
@session.options_of_several
def convert(sheets: tuple[Path, ...], **options: Any) -> None:
    """Print the exact requests that would be made for SHEET, one JSON object a line.

    Secrets are masked and not needed. Invalid orders are left out and named on stderr.

    \b
    Examples:
      converter convert orders.xlsx -p scexpress
      converter convert orders.csv -p pandapon -o requests.jsonl
      converter convert monday.xlsx tuesday.xlsx -p scexpress
    """
    if len(sheets) > 1:
        from converter.cli.sheets import convert_sheets

        convert_sheets(sheets, **options)

    with session.prepared(sheets[0], **options) as (prepared, values):
        import orjson

        from converter.provider.request import Signer
        from converter.runs.check import conversion_report, convert_sheet

        signer = Signer(prepared.mapping, values, options["action"], masked=True)
        lines = (orjson.dumps(line) + b"\n" for line in convert_sheet(prepared, signer))
        session.refuse_as_output(options["output"], sheets[0])
        report = conversion_report(prepared)
        if options["as_json"] and options["output"] is None:
            from converter.cli import report as reporting

            document = reporting.as_document(report, prepared.lang)
            document["requests"] = [orjson.Fragment(line.rstrip()) for line in lines]
            session.print_json(document)
            options["as_json"] = False
        else:
            session.put(lines, options["output"])
        session.end(report, **options)


@cli.command()
@session.options_of_several
def submit(sheets: tuple[Path, ...], **options: Any) -> None:
    """Check SHEET, send its valid orders, and write the result workbook.

    Orders that were accepted before are not sent again. On a terminal the plan is shown and
    confirmed once; --yes skips that. Without a terminal nothing is ever asked.

    Of several sheets, all are checked before anything is sent. Then one is sent after the other,
    and all are told together.

    \b
    Examples:
      converter submit orders.xlsx -p scexpress --sandbox
      converter submit orders.xlsx -p oms --yes --json > report.json
      converter submit monday.xlsx tuesday.xlsx shop.csv -p scexpress
    """
    if len(sheets) > 1:
        from converter.cli.sheets import submit_sheets

        submit_sheets(sheets, **options)

    with session.stoppable(), session.prepared(sheets[0], **options) as (prepared, values):
        from converter import results
        from converter.provider.request import Signer
        from converter.runs.submit import submit_sheet

        signer = Signer(prepared.mapping, values, options["action"])
        values.require()
        target = options["output"] or results.default_target(sheets[0])
        session.say_once_about_http(prepared.mapping, values.values["base_url"], prepared.lang)
        how = session.sending(prepared.mapping, values, signer, **options)
        with session.progress(prepared.lang) as progress:
            report = submit_sheet(
                prepared, dataclasses.replace(how, progress=progress), target=target
            )
        session.end(report, **options)


@cli.command()
@session.options
@click.option("--created", multiple=True, metavar="REF[=NUMBER]",
              help="You looked: the provider has this order, under this number.")  # fmt: skip
@click.option("--not-created", multiple=True, metavar="REF",
              help="You looked: the provider does not have this order.")  # fmt: skip
@click.option("--who", metavar="NAME", help="Who looked; by default the login name.")
@click.option("--note", default="", metavar="TEXT", help="Kept with the decisions.")
def reconcile(
    created: tuple[str, ...],
    not_created: tuple[str, ...],
    who: str | None,
    note: str,
    **options: Any,
) -> None:
    """Settle the orders of SHEET that are in doubt. Nothing is sent.

    The provider is asked where it can be. Otherwise say what you found out: with the options, or
    in the columns Decision and Found order no. of a result workbook, given as SHEET.

    \b
    Examples:
      converter reconcile orders.xlsx -p scexpress
      converter reconcile orders.xlsx -p oms --created PO-7=112132 --not-created PO-8
    """
    with session.stoppable(), session.prepared(**options) as (prepared, values):
        import getpass

        from converter import results, settings
        from converter.provider.request import Signer
        from converter.runs.reconcile import (
            Decision,
            Reconciling,
            reconcile_sheet,
            written_decisions,
        )

        values.require()
        names = set(prepared.payloads.orders.references)
        decisions = written_decisions(options["sheet"])
        for text in created:
            name, _, number = (text, "", "") if text in names else text.rpartition("=")
            decisions.append(Decision(name or text, True, number if name else ""))
        decisions += [Decision(text, False) for text in not_created]
        how = Reconciling(
            values,
            Signer(prepared.mapping, values, options["action"], masked=False),
            settings.home(),
            decisions,
            who or getpass.getuser(),
            note,
        )
        target = options["output"] or results.default_target(options["sheet"])
        session.end(reconcile_sheet(prepared, how, target=target), **options)


@cli.command()
@session.options
@click.argument("where", metavar="CELL|PATH")
def explain(where: str, **options: Any) -> None:
    """Tell everything about one cell of SHEET, or one field: its rule, and what is sent.

    For a cell, also what stands against it and what the provider said of its order.

    \b
    Examples:
      converter explain orders.xlsx Orders!D12 -p scexpress
      converter explain orders.xlsx items[].hscode -p scexpress --json
    """
    with session.prepared(**options) as (prepared, _):
        from converter import journal, settings
        from converter.runs.explain import (
            cell_of,
            explain_cell,
            explain_field,
            explanation_lines,
            references_at,
        )

        cell = cell_of(prepared, where)
        if cell is None:
            document = explain_field(prepared, where)
        else:
            names = references_at(prepared, cell)
            known = journal.answers(settings.home(), prepared.mapping.provider, names)
            document = explain_cell(prepared, cell, known)
        if options["as_json"]:
            session.print_json({"schema_version": 1, **document})
            return
        for line in explanation_lines(document, prepared.lang):
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
    from converter import sandbox as pretend

    try:
        pretend.run(port=port, book=book)
    except (OSError, ValueError) as error:
        why = of_system(error) if isinstance(error, OSError) else error
        raise UsageError(t("The sandbox cannot start: {problem}.", problem=why)) from error


@cli.command()
@click.argument("sheet", required=False, type=click.Path(path_type=Path))
@click.option("--run", metavar="RUN", help="Show the report of this run once more.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@click.option("--lang", type=click.Choice(messages.LANGUAGES), help="Language of the messages.")
def status(sheet: Path | None, run: str | None, as_json: bool, lang: str | None) -> None:
    """Show what the journal knows: orders in doubt first, then the runs.

    With --run, the report of that run is made again from the journal: one line for each order,
    and with --json the document that the run printed, or would have printed.

    \b
    Examples:
      converter status
      converter status orders.xlsx --json
      converter status --run 20261121-142530-9f3c
    """
    from dataclasses import asdict

    from converter import journal, settings

    home = settings.home()
    language = lang or messages.default_language()
    if run is not None:
        from converter.cli import report as reporting
        from converter.runs.rows import past_report

        report = past_report(home, run, language)
        if as_json:
            session.print_json(reporting.as_document(report, language))
            return
        for line in reporting.table(report, language):
            click.echo(line)
        return
    doubts = journal.open_unknowns(home)
    runs = [
        one for one in journal.runs(home) if sheet is None or Path(one.sheet).name == sheet.name
    ]
    if as_json:
        session.print_json({
            "schema_version": 1,
            "unknown": [
                {**asdict(doubt), "message": in_language(recognised(doubt.message), language)}
                for doubt in doubts
            ],
            "runs": [
                {**asdict(one), "stopped": in_language(recognised(one.stopped), language)}
                for one in runs
            ],
        })  # fmt: skip
        return
    for doubt in doubts:
        since = messages.moment(doubt.since) if doubt.since else messages.say("now", language)
        where = f"{doubt.provider}{' (sandbox)' if doubt.sandbox else ''}"
        facts = {"where": where, "reference": doubt.reference, "since": since}
        message = recognised(doubt.message)
        click.echo(messages.say("doubt", language, **facts, message=message))
        if doubt.settle_until:
            again = messages.moment(doubt.settle_until)
            click.echo(f"         {messages.say('doubt_settles', language, time=again)}")
    for one in runs:
        counts = ", ".join(
            f"{count} {messages.status(Status(name), language)}"
            for name, count in one.counts.items()
        )
        where = f"{one.provider}{' (sandbox)' if one.sandbox else ''}"
        state = counts if one.finished else messages.say("not_finished", language)
        told = messages.say("run", language, run=one.run, where=where, sheet=one.sheet, state=state)
        click.echo(f"{told}  {one.result_path}".rstrip())
    if not doubts and not runs:
        click.echo(messages.say("journal_empty", language), err=True)


def main() -> None:
    """The program itself.

    Python looks for cycles whenever it has made some hundred objects. A sheet has millions and no
    cycles, so that search would take a sixth of the time: it is made rarely, and not at the end.
    """
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
    cli(prog_name="converter")
