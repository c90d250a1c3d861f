"""The commands of the queue: give work to it, do it, and fetch what came of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter import messages, settings
from converter.cli import options
from converter.cli.command_line import given_options
from converter.cli.output import echo, print_json, print_line
from converter.cli.session import agrees, asks, open_command
from converter.cli.translated import TranslatedCommand, TranslatedGroup
from converter.errors import UsageError
from converter.exit_codes import Exit
from converter.message import N_, t
from converter.messages import translate

if TYPE_CHECKING:
    from converter.unattended.queue import Queue, Work

NO_SERVER = N_(
    "A queue needs a PostgreSQL server that holds the journals too. Set CONVERTER_JOURNAL to its "
    "address, such as postgresql://USER@HOST/DATABASE, on every machine."
)
NO_ENGINE = N_(
    "This Python lacks the packages of the queue. Install them on every machine: "
    "pip install 'order-converter[team]'."
)
_STATES = {
    "waiting": N_("waiting"), "running": N_("running"), "done": N_("done"),
    "failed": N_("failed"), "withdrawn": N_("withdrawn"),
}  # fmt: skip
_OF_THE_QUEUE = ("sheets", "command", "priority", "yes", "as_json", "no_input", "verbose")
"""What is not handed to the command."""
_PATIENCE = 5
"""How often a worker that is stopping may be asked to stop."""
_lang = click.option(
    "--lang", type=click.Choice(messages.languages()), help="Language of the messages."
)


@click.command(cls=TranslatedCommand)
@options.queued_sheets
@click.option("--command", type=click.Choice(["submit", "check"]), default="submit",
              show_default=True, help="What is to be done with the sheets.")  # fmt: skip
@click.option("--priority", type=int, default=0, metavar="N",
              help="Of one account, commands with a higher number go first.")  # fmt: skip
@options.yes
@options.wait
@options.trust_mapping
def enqueue(
    sheets: tuple[Path, ...], command: str, priority: int, trust_mapping: bool, **chosen: Any
) -> None:
    """Give SHEET to the workers, which run on other machines too.

    The sheet is copied into the database of CONVERTER_JOURNAL. The commands on one account run one
    after the other. A real account is asked about once; without a terminal, give --yes.

    \b
    Examples:
      converter enqueue orders.xlsx -p scexpress --sandbox
      converter enqueue monday.xlsx tuesday.xlsx -p oms --yes --json
    """
    for sheet in sheets:
        if not sheet.is_file():
            raise UsageError(t("There is no file {file}. Check its name.", file=sheet))
    words = _options_for_others(click.get_current_context())
    with _opened() as queue, open_command([], {**chosen, "output": None}) as opened:
        from converter.unattended.worker import enqueue as put

        opened.settle_mapping(trust_mapping=trust_mapping)
        is_real = command == "submit" and not opened.session.values.sandbox
        if is_real and not chosen["yes"]:
            if not asks(opened.session, chosen):
                problem = t("Nobody can be asked here whether real orders may be sent. Give --yes.")
                raise UsageError(problem)
            question = t("Send the orders of these files to {provider}, REAL, as soon as a worker "
                         "is free?", provider=opened.session.mapping.provider)  # fmt: skip
            if not agrees(opened.lang, translate(question, opened.lang)):
                raise click.Abort
        parts = (chosen["provider"], chosen["account"], "sandbox" if chosen["sandbox"] else "real")
        account = " ".join(filter(None, parts))
        given = [
            (sheet, put(queue, sheet, command, words, account=account, priority=priority))
            for sheet in sheets
        ]
    if opened.as_json:
        told = [{"work": number, "sheet": str(sheet)} for sheet, number in given]
        print_json({"schema_version": 1, "queued": told})
        return
    for sheet, number in given:
        said = t("{sheet}: number {work} in the queue. Fetch its result with: converter queue "
                 "fetch {work}", sheet=sheet, work=number)  # fmt: skip
        echo(translate(said, opened.lang))


@click.command(cls=TranslatedCommand)
@click.option("--at-a-time", type=click.IntRange(1), default=1, metavar="N", show_default=True,
              help="Commands that run side by side, each on an account of its own.")  # fmt: skip
@click.option("--once", is_flag=True, help="End when nothing is left, as from cron.")
@click.option("--no-refresh", is_flag=True,
              help="Do not ask for late numbers every ten minutes.")  # fmt: skip
@_lang
def worker(at_a_time: int, once: bool, no_refresh: bool, lang: str | None) -> None:
    """Run what is in the queue, until stopped. Any number of machines may do so.

    With --once, it ends when nothing can be run now, with 1 where a command failed.

    Ctrl-C stops politely: what runs is asked to stop too, and goes on at the next free worker. The
    work of a worker that died is taken over within a minute; the journal keeps orders from being
    sent twice.

    \b
    Examples:
      converter worker
      converter worker --at-a-time 4 --once
    """
    from converter.sending.signals import GracefulStop

    language = lang or messages.default_language()

    codes = []

    def show(work: Work, code: int) -> None:
        codes.append(code)
        said = t("{work}  {command}  {sheet}: exit code {code}", work=work.id, code=code,
                 command=work.command, sheet=work.name)  # fmt: skip
        echo(translate(said, language))

    with _opened() as queue, GracefulStop(_PATIENCE, terminations=True) as stop:
        from converter.unattended.worker import Worker

        working = Worker(queue, stop, show, refreshes=not no_refresh)
        said = t("Worker {name} waits for work; Ctrl-C stops it.", name=working.name)
        echo(translate(said, language))
        working.run(at_a_time=at_a_time, once=once)
    click.get_current_context().exit(int(Exit.SOME_FAILED if once and any(codes) else Exit.OK))


@click.group("queue", cls=TranslatedGroup)
def queue_commands() -> None:
    """See what is in the queue, fetch results, take back what has not begun.

    \b
    Examples:
      converter queue list
      converter queue fetch 17
    """


@queue_commands.command("list", cls=TranslatedCommand)
@click.option("--most", type=click.IntRange(1), default=20, metavar="N", show_default=True,
              help="How many, the newest first.")  # fmt: skip
@options.as_json
@_lang
def list_work(most: int, as_json: bool, lang: str | None) -> None:
    """List the work that was given to the queue, the newest first.

    \b
    Examples:
      converter queue list
      converter queue list --most 100 --json
    """
    language = lang or messages.default_language()
    with _opened() as queue:
        found = queue.all(most)
    if as_json:
        print_json({"schema_version": 1, "work": [_document(one) for one in found]})
        return
    for one in found:
        state = translate(t(_STATES[one.state]), language)
        code = "" if one.exit_code is None else str(one.exit_code)
        when = (one.ended or one.started or one.given).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        words = (str(one.id), state, code, one.command, one.account, one.name, one.who, when)
        print_line("  ".join((*filter(None, words), one.worker)).rstrip())


@queue_commands.command("fetch", cls=TranslatedCommand)
@click.argument("number", type=int)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False, exists=True),
              default=Path(), metavar="DIR", help="Where to write; by default here.")  # fmt: skip
@options.as_json
@_lang
def fetch(number: int, output: Path, as_json: bool, lang: str | None) -> None:
    """Write the result workbook of NUMBER, and tell what the command told.

    Ends with the exit code of the command; with 3 while there is no result.

    \b
    Examples:
      converter queue fetch 17
      converter queue fetch 17 -o results --json
    """
    language = lang or messages.default_language()
    with _opened() as queue:
        work = _found(queue, number)
        if work.ended is None or work.state == "withdrawn":
            word = t(_STATES[work.state])
            problem = t("{work} is {state}: there is no result.", work=number, state=word)
            echo(translate(problem, language))
            if as_json:
                print_json({"schema_version": 1, **_document(work), "report": {}, "result": ""})
            click.get_current_context().exit(int(Exit.UNSETTLED))
        report, told = queue.texts(number)
        target = output / work.result_name
        if work.result_name:
            if target.exists():
                problem = t("{file} is there already. Name another folder with -o.", file=target)
                raise UsageError(problem)
            target.write_bytes(queue.result(number))
    if as_json:
        import orjson

        document = orjson.loads(report) if report else {}
        result = str(target) if work.result_name else ""
        print_json({"schema_version": 1, **_document(work), "report": document, "result": result})
    else:
        state = translate(t(_STATES[work.state]), language)
        echo(translate(t("{sheet}: {state}", sheet=work.name, state=state), language))
        if report or told:
            echo(told.rstrip())
        else:
            gone = t("Its result was removed, as it ended more than 30 days ago.")
            echo(translate(gone, language))
        if work.result_name:
            echo(translate(t("Result: {result}", result=target), language))
    click.get_current_context().exit(work.exit_code or int(Exit.OK))


@queue_commands.command("withdraw", cls=TranslatedCommand)
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@_lang
def withdraw(numbers: tuple[int, ...], lang: str | None) -> None:
    """Take back work that no worker has begun.

    \b
    Examples:
      converter queue withdraw 17 18
    """
    language = lang or messages.default_language()
    is_late = False
    with _opened() as queue:
        for number in numbers:
            work = _found(queue, number)
            if queue.withdraw(number):
                said = t("{work}: withdrawn; nothing of it was sent.", work=number)
            else:
                is_late = True
                state = t(_STATES[work.state])
                said = t(
                    "{work}: not withdrawn, it is {state} and was begun {count} times. What was "
                    "sent of it is in the journal: converter status.",
                    work=number, state=state, count=work.starts,
                )  # fmt: skip
            echo(translate(said, language))
    click.get_current_context().exit(int(Exit.SOME_FAILED if is_late else Exit.OK))


@contextmanager
def _opened() -> Iterator[Queue]:
    """The queue, with its tables. Raises UsageError where there is no server for it."""
    address = settings.journal_address()
    if not address:
        raise UsageError(t(NO_SERVER))
    try:
        from converter.unattended.queue import Queue
        from converter.unattended.worker import prepare
    except ImportError as error:
        raise UsageError(t(NO_ENGINE)) from error
    found = Queue(address)
    prepare(found)
    yield found


def _found(queue: Queue, number: int) -> Work:
    work = queue.find(number)
    if work is None:
        problem = t("There is no {work} in the queue. `converter queue list` shows what is there.",
                    work=number)  # fmt: skip
        raise UsageError(problem)
    return work


def _options_for_others(context: click.Context) -> list[str]:
    """The options for the command on a worker's machine. Raises UsageError for local files."""
    words = list(given_options(context, leave_out=_OF_THE_QUEUE))
    for option, value in itertools.pairwise(words):
        given = context.params.get(option.lstrip("-").replace("-", "_"))
        is_file = (
            isinstance(given, Path)
            or option == "--events"
            or value.endswith((".yaml", ".yml", ".xlsx"))
        )
        if is_file and not Path(value).is_absolute():
            problem = t(
                "{option} {value} is a file of this machine. Give the absolute path that it has on "
                "every machine that works.", option=option, value=value,
            )  # fmt: skip
            raise UsageError(problem)
    return words


def _document(work: Work) -> dict[str, Any]:
    times = {name: getattr(work, name) for name in ("given", "started", "ended")}
    return {
        "work": work.id, "state": work.state, "command": work.command, "sheet": work.name,
        "account": work.account, "who": work.who, "worker": work.worker, "starts": work.starts,
        "exit_code": work.exit_code,
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }  # fmt: skip
