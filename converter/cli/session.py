"""What the commands share: their options, the sheet made ready, progress, the last words."""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter import messages
from converter.errors import ConverterError, UsageError
from converter.messages.sentence import of_system, t
from converter.sending.signals import GracefulStop

if TYPE_CHECKING:
    from converter.mapping.model import ProviderMapping
    from converter.model import Report
    from converter.provider.request import Signer
    from converter.runs.prepare import Prepared
    from converter.runs.submit import Sending
    from converter.settings import Settings


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A sheet, and the options that every command on one has."""
    sheet = click.argument("sheet", type=click.Path(path_type=Path))
    return sheet(_shared_options(command))


def options_of_several(command: Callable[..., Any]) -> Callable[..., Any]:
    """One sheet or more, and the same options."""
    sheets = click.argument(
        "sheets", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="SHEET..."
    )
    return sheets(_shared_options(command))


def _shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option("-p", "--provider", required=True, metavar="NAME|FILE.yaml",
                         help="The provider, or the path of a mapping file."),
            click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
                         help="Where to write; by default beside the sheet. For the results of "
                         "several sheets, a folder."),
            click.option("--action", metavar="NAME",
                         help="What the provider is to do, where it offers several things."),
            click.option("--orders-per-request", "batch", type=click.IntRange(1), metavar="N",
                         help="Send fewer orders in one request than the mapping allows."),
            click.option("--mappings", type=click.Path(path_type=Path), metavar="DIR",
                         help="A folder of mapping files instead of the shipped ones."),
            click.option("--sandbox", is_flag=True,
                         help="Use pretend providers on this machine; nothing real is sent."),
            click.option("--json", "as_json", is_flag=True,
                         help="Print one JSON document on stdout."),
            click.option("--yes", is_flag=True, help="Do not ask before sending."),
            click.option("--no-input", is_flag=True, help="Never ask; the same as --yes."),
            click.option("--lang", type=click.Choice(messages.LANGUAGES),
                         help="Language of messages and workbook; by default the system's."),
            click.option("--sheet", "only", metavar="NAME", help="Which sheet of the workbook."),
            click.option("--hidden-rows", "hidden", type=click.Choice(["include", "exclude"]),
                         help="Whether hidden or filtered rows count; asked for where there are."),
            click.option("--encoding", metavar="NAME",
                         help="Of a text file, such as gb18030; found by itself where it can be."),
            click.option("--columns", type=click.Path(path_type=Path, dir_okay=False),
                         metavar="FILE", help="Your own choice of columns: written by the first "
                         "run, used by the next ones."),
            click.option("--files", type=click.Path(path_type=Path, exists=True, file_okay=False),
                         metavar="DIR", help="The folder of the files that cells name, such as "
                         "pictures; by default the sheet's own."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@contextlib.contextmanager
def prepared(
    sheet: Path,
    provider: str,
    mappings: Path | None,
    sandbox: bool,
    as_json: bool,
    lang: str | None,
    only: str | None,
    batch: int | None,
    action: str | None,
    hidden: str | None = None,
    columns: Path | None = None,
    encoding: str | None = None,
    files: Path | None = None,
    **_: Any,
) -> Iterator[tuple[Prepared, Settings]]:
    """The checked sheet and the provider's settings, with the sandbox running where it is asked."""
    from converter import sheet as sheets

    language = lang or messages.default_language()
    try:
        # Reading takes longest and is a process of its own: it begins before all else is loaded.
        with contextlib.closing(sheets.Reading(sheet, only=only)) as reading:
            from converter.runs.prepare import prepare_sheet

            mapping = mapping_for(provider, mappings, action, batch)
            check_readable(sheet)
            with connected(mapping, sandbox=sandbox) as values:
                ready = prepare_sheet(
                    sheet,
                    mapping,
                    values,
                    only=only,
                    lang=language,
                    hidden=hidden,
                    columns=columns,
                    encoding=encoding,
                    files=files,
                    reading=reading,
                )
                reading.close()
                yield ready, values
    except ConverterError as error:
        if as_json:
            code = getattr(error, "code", "")
            print_json({"schema_version": 1, "error": error.in_language(language),
                        "provider": provider, "sheet": str(sheet),
                        "exit_code": int(error.exit_code),
                        **({"code": code} if code else {})})  # fmt: skip
        raise


def mapping_for(
    provider: str, mappings: Path | None, action: str | None, batch: int | None
) -> ProviderMapping:
    """The mapping with the batch size that was asked for. Raises UsageError for an odd action."""
    from converter.mapping.load import find_mapping, load_mapping

    mapping = load_mapping(find_mapping(provider, mappings))
    if action is not None and action not in mapping.request.actions:
        known = ", ".join(mapping.request.actions)
        known = known or t("it has one only, so leave --action out")
        problem = "{provider} has no action {action}. Its actions: {known}."
        facts = {"provider": mapping.provider, "action": repr(action), "known": known}
        raise UsageError(t(problem, **facts))
    if batch is None:
        return mapping
    most = min(batch, mapping.request.orders_per_request)
    request = mapping.request.model_copy(update={"orders_per_request": most})
    return mapping.model_copy(update={"request": request})


@contextlib.contextmanager
def connected(mapping: ProviderMapping, *, sandbox: bool) -> Iterator[Settings]:
    """The provider's settings, with the sandbox running where it is asked for."""
    from converter import settings

    with _sandbox() if sandbox else contextlib.nullcontext() as environment:
        yield settings.load(mapping, sandbox=environment)


@contextlib.contextmanager
def _sandbox() -> Iterator[Mapping[str, str]]:
    """The pretend providers for this run, on a free port, with a book that outlives the run."""
    from converter import sandbox, settings

    book = settings.folder("sandbox") / "book.jsonl"
    with sandbox.serve(book=book, stall_seconds=30.0) as running:
        yield running.environment


def check_readable(sheet: Path) -> None:
    if not sheet.exists():
        raise UsageError(t("There is no file {file}. Check the name and the folder.", file=sheet))
    if not sheet.is_file():
        raise UsageError(t("{file} is not a file. Give an order sheet: .xlsx or .csv.", file=sheet))
    if sheet.name.startswith("~$"):
        problem = "{file} is Excel's own lock file. Give the workbook itself."
        raise UsageError(t(problem, file=sheet.name))


def put(lines: Iterable[bytes], output: Path | None) -> None:
    """The data of a command, into its file or on stdout. Raises UsageError."""
    if output is None:
        out = sys.stdout.buffer
        for line in lines:
            out.write(line)
        out.flush()
        return
    try:
        with output.open("wb") as file:
            file.writelines(lines)
    except OSError as error:
        problem = "{file} cannot be written: {problem}."
        raise UsageError(t(problem, file=output, problem=of_system(error))) from error


def refuse_as_output(output: Path | None, sheet: Path) -> None:
    """Raise UsageError where the data would be written over the sheet itself."""
    if output is not None and output.exists() and output.samefile(sheet):
        problem = "{file} is the order sheet itself. Name another file with -o."
        raise UsageError(t(problem, file=output))


def say_once_about_http(mapping: ProviderMapping, base_url: str, lang: str) -> None:
    if (
        base_url.startswith("http://")
        and "127.0.0.1" not in base_url
        and "localhost" not in base_url
    ):
        click.echo(messages.say("plain_http", lang, provider=mapping.provider), err=True)


def sending(
    mapping: ProviderMapping,
    values: Settings,
    signer: Signer,
    *,
    lang: str | None,
    action: str | None,
    yes: bool,
    no_input: bool,
    **_: Any,
) -> Sending:
    """How to submit, as it was asked for; on a terminal the person is asked before."""
    from converter import settings
    from converter.runs.submit import Sending

    language = lang or messages.default_language()
    ask = asks(values, yes=yes, no_input=no_input)
    return Sending(
        values,
        signer,
        action or next(iter(mapping.request.actions), ""),
        settings.home(),
        confirm=functools.partial(confirm, language) if ask else lambda *_: True,
        progress=lambda *_: None,
        stopping=functools.partial(stopping, language),
    )


def asks(values: Settings, *, yes: bool, no_input: bool, **_: Any) -> bool:
    """Whether there is a person to be asked, and something real to ask about."""
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    return is_terminal and not (yes or no_input or values.sandbox)


def confirm(lang: str, orders: int, requests: int, address: str) -> bool:
    facts = {"orders": orders, "requests": requests, "address": address}
    return click.confirm(messages.say("confirm", lang, **facts), err=True)


def confirm_several(lang: str, orders: int, files: int, address: str) -> bool:
    facts = {"orders": orders, "files": files, "address": address}
    return click.confirm(messages.say("confirm_several", lang, **facts), err=True)


def stoppable() -> GracefulStop:
    """Make SIGTERM and SIGHUP do what Ctrl-C does: finish open requests, save, write, leave."""
    return GracefulStop(tolerance=0, terminations=True)


@contextlib.contextmanager
def progress(lang: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, plain lines elsewhere."""
    from converter.cli import progress as shown

    with contextlib.ExitStack() as open_bar:
        if not sys.stderr.isatty():
            yield shown.lines(lang, _tell)
            return
        bar: Callable[[int, int], None] | None = None

        def advance(done: int, total: int) -> None:
            # Only now: a bar beside the question whether to send at all would mislead.
            nonlocal bar
            with contextlib.suppress(OSError):  # the window may have been closed
                bar = bar or shown.bar(lang, open_bar)
                bar(done, total)

        yield advance


def stopping(lang: str) -> None:
    """Whoever pressed Ctrl-C hears why the program is still there."""
    _tell(messages.say("stopping", lang))


def _tell(line: str) -> None:
    """Talk to the person; where it can no longer be heard, the work goes on all the same.

    `converter submit ... 2>&1 | head` closes the pipe in the middle of the sending.
    """
    try:
        click.echo(line, err=True)
    except OSError:
        sys.stderr = io.StringIO()  # Python itself would try the old one again when it ends


def talk(lines: Iterable[str]) -> None:
    """What is said while a command works, and when it ends."""
    for line in lines:
        _tell(line)


def end(report: Report, as_json: bool, lang: str | None, **_: Any) -> None:
    """Say what happened and leave with the exit code of the report."""
    from converter.cli import report as reporting

    language = lang or messages.default_language()
    talk(reporting.talk(report, language))
    if as_json:
        print_json(reporting.as_document(report, language))
    sys.exit(int(report.exit_code))


def print_json(document: Any) -> None:
    import orjson

    out = sys.stdout.buffer
    out.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    out.flush()
