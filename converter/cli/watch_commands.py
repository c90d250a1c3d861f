"""The command that submits the sheets of a folder as they land in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter.cli import options
from converter.cli.command_line import given_options
from converter.cli.output import echo, echo_lines, print_line
from converter.cli.session import CommandSession, agrees, asks, open_command
from converter.cli.summary import counts_text
from converter.cli.translated import TranslatedCommand
from converter.errors import UsageError
from converter.exit_codes import Exit, most_urgent
from converter.message import t
from converter.messages import translate

if TYPE_CHECKING:
    from converter.unattended.watcher import Finished

_OF_THE_WATCH = ("folder", "every", "once", "yes", "as_json", "no_input", "verbose")
"""What is not handed to `submit`."""


@click.command(cls=TranslatedCommand)
@options.watched_folder
@options.yes
@click.option("--once", is_flag=True, help="End when no sheet is left, as from cron.")
@click.option("--every", type=options.Duration(), default="5", metavar="TIME", show_default="5s",
              help="How often to look into the folder.")  # fmt: skip
@options.wait
@options.trust_mapping
def watch(folder: Path, once: bool, every: float, trust_mapping: bool, **chosen: Any) -> None:
    """Submit each order sheet that lands in FOLDER, until stopped.

    A sheet is taken once nothing has been written to it for some seconds. It goes to FOLDER/done
    when all of its orders are accepted, else to FOLDER/failed; its result workbook, the report and
    what was said of it lie beside it. A sheet dropped a second time sends nothing twice. Several
    watchers may share a folder.

    A real account is asked about once, at the start; without a terminal, give --yes. Ctrl-C stops
    politely: the sheet at work is taken up again by the next start.

    \b
    Examples:
      converter watch inbox -p scexpress --sandbox --once
      converter watch inbox -p oms --yes --json >> sheets.jsonl
    """
    from converter.sending.signals import GracefulStop
    from converter.unattended.inbox import Inbox
    from converter.unattended.watcher import SUBMIT, Watcher

    if not folder.is_dir():
        problem = t("There is no folder {folder}. Make it, or name another one.", folder=folder)
        raise UsageError(problem)
    context = click.get_current_context()
    submit = [*SUBMIT, *given_options(context, leave_out=_OF_THE_WATCH)]
    codes = []
    with open_command([], {**chosen, "output": None}) as command:
        _begin(command, folder, chosen, trust_mapping=trust_mapping)
        with GracefulStop(terminations=True) as stop:
            watcher = Watcher(Inbox(folder), submit, every=every, stop=stop)
            for finished in watcher.run(once=once):
                codes.append(Exit.OK if finished.is_done else Exit.SOME_FAILED)
                _show(finished, command)
    context.exit(int(most_urgent(codes)) if once else 0)


def _begin(
    command: CommandSession, folder: Path, chosen: dict[str, Any], *, trust_mapping: bool
) -> None:
    """Refuse what no sheet could be sent with, and have a person agree to a real account."""
    from converter.runs import proposal

    session = command.session
    command.settle_mapping(trust_mapping=trust_mapping)
    session.values.require()
    command.warn_of_network()
    account = proposal.begin(session.mapping, session.values, chosen["action"] or "")
    facts = {"folder": folder, "provider": account.provider, "account": account.account}
    if session.values.sandbox:
        said = t("Watching {folder} for {provider}, in the sandbox: nothing real is sent.", **facts)
        echo(translate(said, command.lang))
        return
    said = t("Watching {folder} for {provider}, account {account}, REAL.", **facts)
    echo(translate(said, command.lang))
    if chosen["yes"]:
        return
    question = t("Send the orders of every sheet that lands there, without asking again?")
    if not asks(session, chosen):
        problem = t("Nobody can be asked here whether real orders may be sent. Give --yes.")
        raise UsageError(problem)
    if not agrees(command.lang, translate(question, command.lang)):
        raise click.Abort


def _show(finished: Finished, command: CommandSession) -> None:
    ended = finished.ended
    if command.as_json:
        import orjson

        told = {"schema_version": 1, "sheet": str(finished.sheet), "exit_code": ended.exit_code}
        print_line(orjson.dumps({**ended.report, **told}).decode())
    echo_lines(_lines(finished, command.lang))


def _lines(finished: Finished, lang: str) -> Iterator[str]:
    report = finished.ended.report
    counts = counts_text(report.get("counts", {}), lang)
    if report.get("error"):
        yield translate(
            t("{sheet}: {problem}", sheet=finished.sheet, problem=report["error"]), lang
        )
    elif counts:
        facts = {"sheet": finished.sheet, "orders": len(report["orders"]), "counts": counts}
        yield translate(t("{sheet}: {orders} orders ({counts})", **facts), lang)
    else:
        said = t("{sheet}: stopped with exit code {code}", sheet=finished.sheet,
                 code=finished.ended.exit_code)  # fmt: skip
        yield translate(said, lang)
