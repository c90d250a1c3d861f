"""Commands on sheets: confirmation, progress, logs and what is printed at the end."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from converter import messages
from converter.cli import output
from converter.cli.command_line import command_line
from converter.cli.events import end_of, event_stream
from converter.cli.options import run_options
from converter.cli.progress import SheetProgress
from converter.cli.stdin import spooled
from converter.errors import UsageError
from converter.message import N_, t
from converter.messages import translate
from converter.messages.system import of_system
from converter.model import Result, Status
from converter.sending.signals import GracefulStop
from converter.text import fold

if TYPE_CHECKING:
    from converter import logs
    from converter.journal import OrderRecord
    from converter.report import Report
    from converter.runs.cancel_plan import CancelPlan
    from converter.runs.proposal import Proposal
    from converter.runs.session import Session
    from converter.runs.submit import Callbacks

_MOST_WARNED = 5
"""Orders with a warning that are named before anything is sent."""

_MAKE_WORKBOOKS = ("check", "submit", "reconcile", "refresh")

_YES, _NO = {"y", "yes", "是", "好", "对"}, {"", "n", "no", "否", "不"}

_LOG = logging.getLogger(__name__)


class CommandSession:
    """The sheets of a command, and what has been printed about them."""

    def __init__(
        self, session: Session, options: dict[str, Any], log: logs.LogWriter | None = None
    ) -> None:
        from converter.cli.next_step import Situation
        from converter.cli.summary import Summary
        from converter.runs.account import resend_rule
        from converter.runs.known_calls import setting_of
        from converter.runs.late import expects_tracking, gives_tracking

        context = click.get_current_context()
        mapping = session.mapping
        can_refresh = expects_tracking(mapping, session.values)
        situation = Situation(
            str(context.info_name),
            functools.partial(command_line, context),
            sandbox=session.values.sandbox,
            resends=resend_rule(mapping, session.values).resends,
            has_tracking=gives_tracking(mapping) or can_refresh,
            can_refresh=can_refresh,
            refresh_setting=setting_of(mapping, "refresh"),
            has_numbers="provider_order_no" in mapping.response.outputs,
        )
        self.session = session
        self._log = log
        self.lang = session.options.lang
        self.as_json: bool = options["as_json"]
        self._options = options
        self._documents: dict[Path, Any] = {}
        self._order_events: dict[tuple[str, str], tuple[str, ...]] = {}
        """What the events said last, by sheet and order."""
        self._summary = Summary(mapping.provider, situation, several=len(session.sheets) > 1)
        self._progress = SheetProgress(self.lang, session.sheets)

    def callbacks(self, *, journal_is_right: bool = False) -> Callbacks:
        """Callbacks that ask on the terminal and show progress."""
        from converter.runs.submit import Callbacks

        callbacks = Callbacks(
            warn=self.warn,
            trust=self.trust(journal_is_right=journal_is_right),
            progress=self._progress.advance,
            stopping=lambda: output.echo(
                translate(
                    t(
                        "Stopping: nothing more is sent. Waiting for the answers that are on "
                        "their way; press Ctrl-C again to stop waiting (those orders are then "
                        "unknown)."
                    ),
                    self.lang,
                )
            ),
            skipping=lambda: output.echo(
                translate(
                    t(
                        "Stopping: nothing more is sent. The result of each file that is left is "
                        "still written; press Ctrl-C three times to leave at once."
                    ),
                    self.lang,
                )
            ),
        )
        if self._options["events"]:
            callbacks = replace(callbacks, answered=self._answered)
        if not asks(self.session, self._options):
            return replace(callbacks, canary=functools.partial(self._canary, may_ask=False))
        return replace(
            callbacks,
            confirm=functools.partial(confirm, self.lang),
            canary=functools.partial(self._canary, may_ask=True),
        )

    def _canary(self, found: Sequence[OrderRecord], left: int, *, may_ask: bool) -> bool:
        """Show what became of the first orders, and ask whether the others may go.

        Where nobody can be asked, only `--yes` lets them go.
        """
        self._progress.close()
        for known in found:
            status = messages.status(known.status, self.lang)
            said = translate(known.message, self.lang)
            words = (known.reference, status, known.provider_order_no, known.tracking_no, said)
            output.echo("  ".join(" ".join(word.split()) for word in words if word))
        if any(known.status is not Status.ACCEPTED for known in found):
            return False
        if not left or not may_ask:
            return not left or bool(self._options.get("yes"))
        return agrees(
            self.lang,
            translate(
                t("The first orders were accepted. Send the other {left}?", left=left), self.lang
            ),
        )

    def agrees_to_cancel(self, plan: CancelPlan) -> bool:
        """Show what is to be cancelled, and ask once; where nobody can be asked, it is meant."""
        for one in plan.orders:
            words = (one.reference, one.provider_order_no, one.country, one.amount)
            output.echo("  ".join(filter(None, words)))
        if not asks(self.session, self._options):
            return True
        facts = {"provider": plan.provider, "account": plan.account or t("(only one)")}
        real = t("At {provider}, account {account}. This is REAL.", **facts)
        output.echo(translate(real, self.lang))
        count = len(plan.orders)
        question = t("Cancel these {count} orders at {address}?", count=count, address=plan.address)
        return agrees(self.lang, translate(question, self.lang))

    def trust(self, *, journal_is_right: bool) -> Callable[[str], bool]:
        """Whether a person knows that the journal is right, whatever speaks against it."""
        if journal_is_right or not asks(self.session, self._options):
            return lambda _: journal_is_right

        def ask(problem: str) -> bool:
            self.warn(problem)
            return agrees(
                self.lang,
                translate(
                    t("Do you know that the journal is right, and send nevertheless?"), self.lang
                ),
            )

        return ask

    def settle_mapping(self, *, trust_mapping: bool) -> None:
        """Have a person agree to what a mapping of one's own sends where, or take it from them.

        Where nobody agrees, whatever comes next refuses to send.
        """
        session = self.session
        if not session.values.objection:
            return
        if trust_mapping:
            session.approve()
        elif asks(session, self._options):
            from converter.runs.approval import uses_of

            for line in uses_of(session.mapping, session.values).lines:
                output.echo(translate(line, self.lang))
            question = t("This mapping is not a shipped one. Is that right, and may it send?")
            if agrees(self.lang, translate(question, self.lang)):
                session.approve()

    def warn(self, sentence: str) -> None:
        """Say what should be known before anything is sent."""
        output.echo(translate(t(messages.WARNING), self.lang) + translate(sentence, self.lang))

    def warn_of_network(self) -> None:
        """Say what of the environment is not followed, and warn of unencrypted requests."""
        for note in self.session.values.ignored:
            output.echo(translate(note, self.lang))
        address = self.session.values.values.get("base_url", "")
        is_local = "127.0.0.1" in address or "localhost" in address
        if address.startswith("http://") and not is_local:
            provider = self.session.mapping.provider
            click.echo(
                translate(
                    t(
                        "Warning: {provider} is reached over plain http: the account code and "
                        "token travel in clear.",
                        provider=provider,
                    ),
                    self.lang,
                ),
                err=True,
            )

    def show(self, report: Report, document: Any = None) -> None:
        """Print the lines of one report; `document` is its JSON, by default `report.to_dict()`."""
        import orjson

        self._progress.close()
        output.echo_lines(self._summary.add(report, self.lang))
        for result in report.orders if self._log is not None else ():
            self._order_event(report.sheet, result.reference, result)
        if self.as_json:
            document = document or report.to_dict()
            if len(self.session.sheets) > 1:  # smaller than its many values, until all are told
                document = orjson.Fragment(orjson.dumps(document))
            self._documents[Path(report.sheet)] = document

    def _answered(self, sheet: str, records: Sequence[OrderRecord]) -> None:
        """Tell of orders when their answers come; those that are tried again have none yet."""
        for known in records:
            if known.status is not Status.NOT_SENT:
                self._order_event(sheet, known.reference, known)

    def _order_event(self, sheet: str, reference: str, known: OrderRecord | Result) -> None:
        """Tell what became of an order, or of a part of one, unless that was told before."""
        facts = {
            "status": str(known.status),
            "provider_order_no": known.provider_order_no,
            "tracking_no": known.tracking_no,
        }
        if self._order_events.get((sheet, reference)) != (told := tuple(facts.values())):
            self._order_events[sheet, reference] = told
            rows = list(known.rows)
            self.event("order", sheet=sheet, reference=reference, **facts, rows=rows)

    def event(self, name: str, **facts: object) -> None:
        """Add an event to the stream of `--events`, where there is one."""
        if self._log is not None:
            self._log.event(name, facts)

    @property
    def exit_code(self) -> int:
        """The code for all sheets that were shown."""
        return int(self._summary.exit_code)

    def end(self) -> NoReturn:
        """Print the totals, and exit with the code for all sheets."""
        output.echo_lines(self._summary.closing_lines(self.lang))
        if self.as_json:
            output.print_json(self._summary.document(self.documents()))
        sys.exit(self.exit_code)

    def close(self) -> None:
        """Remove the progress bar."""
        self._progress.close()

    def documents(self) -> list[Any]:
        """The JSON document of each sheet, including those that cannot be used."""
        unusable = {
            sheet: {
                "sheet": str(sheet),
                "error": translate(error.message, self.lang),
                "exit_code": int(error.exit_code),
                "code": error.code or "SHEET",
            }
            for sheet, error in self.session.unusable.items()
        }
        found = {**self._documents, **unusable}
        spool = self.session.options.spooled
        names = [Path("-") if sheet == spool else sheet for sheet in self.session.sheets]
        names = names or list(found)  # of orders without a sheet
        return [found[name] for name in names if name in found]


@contextmanager
def open_command(sheets: Sequence[Path], options: dict[str, Any]) -> Iterator[CommandSession]:
    """Open the sheets of a command; with `--json`, also print an error as a document."""
    from converter.runs.session import open_session

    run = run_options(options)
    command: CommandSession | None = None
    try:
        _refuse_stdout(options)
        with (
            spooled(sheets) as spool,
            _logs(options) as log,
            open_session([spool] if spool else sheets, replace(run, spooled=spool)) as session,
        ):
            if log is not None:
                log.hide(_redaction(session.values.secrets, spool))
            command = CommandSession(session, options, log)
            for warning in session.values.warnings:
                command.warn(warning)
            try:
                yield command
            finally:
                command.close()
            command.event("ended", exit_code=command.exit_code)
    except Exception:
        told = command.documents() if command else []
        document: dict[str, Any] = {"provider": run.provider}
        if len(sheets) != 1:
            document["sheets"] = told
        else:  # of one sheet, the report where a fault of ours came after it
            document |= {"sheet": str(sheets[0]), **(told[0] if told else {})}
        click.get_current_context().meta["document"] = document
        raise


def _refuse_stdout(options: dict[str, Any]) -> None:
    """Raise UsageError where a result workbook would go to stdout."""
    makes_workbook = click.get_current_context().info_name in _MAKE_WORKBOOKS
    if makes_workbook and options["output"] == output.STDOUT:
        problem = N_("The result is a workbook, which is not printed. Give -o a file.")
        raise UsageError(t(problem))


@contextmanager
def _logs(options: dict[str, Any]) -> Iterator[logs.LogWriter | None]:
    """Write logs to the terminal and to a file, if requested. Raises UsageError."""
    file: Path | None = options["log_file"]
    if not (file or options["verbose"] or options["events"]):
        yield None
        return
    from converter import logs

    echo = output.echo if options["verbose"] else None
    with ExitStack() as stack:
        try:
            events = stack.enter_context(event_stream(options))
            writer = stack.enter_context(logs.write_logs(echo=echo, file=file, events=events))
        except OSError as error:
            problem = N_("{file} cannot be written: {problem}.")
            named = options["events"] if error.filename == options["events"] else file
            raise UsageError(t(problem, file=named, problem=of_system(error))) from error
        name = click.get_current_context().info_name
        writer.event("started", {"command": name, "provider": options["provider"]})
        try:
            yield writer
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, Exception):
                _LOG.exception("command stopped")
            writer.event("ended", end_of(error))
            raise


def _redaction(secrets: Sequence[str], spool: Path | None) -> Callable[[str], str]:
    """Hides secrets, and calls what came from stdin `-`, as reports do."""
    from converter.journal.redaction import Redaction

    clean = Redaction(secrets).clean
    return clean if spool is None else lambda text: clean(text.replace(str(spool), "-"))


# -- the person at the terminal ----------------------------------------------------------------


def asks(session: Session, options: dict[str, Any]) -> bool:
    """Whether to ask before sending: on a terminal, and not for the sandbox."""
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    return is_terminal and not (options.get("yes") or options["no_input"] or session.values.sandbox)


def confirm(lang: str, proposal: Proposal) -> bool:
    """Ask whether to send."""
    facts = {"orders": proposal.orders, "address": proposal.address}
    output.echo_lines(_plan_lines(lang, proposal))
    if proposal.requests is None:
        question = translate(
            t(
                "Send up to {orders} orders of {files} files to {address}?",
                files=proposal.sheets,
                **facts,
            ),
            lang,
        )
    else:
        question = translate(
            t(
                "Send {orders} orders in {requests} requests to {address}?",
                requests=proposal.requests,
                **facts,
            ),
            lang,
        )
    return agrees(lang, question)


def _plan_lines(lang: str, proposal: Proposal) -> Iterator[str]:
    """What goes and what stays, to whom, and that it is real."""
    goes = translate(t("{total} orders: {goes} go", total=proposal.total, goes=proposal.goes), lang)
    parts = [goes]
    if proposal.warned:
        named = "; ".join(proposal.warned[:_MOST_WARNED])
        more = len(proposal.warned) - _MOST_WARNED
        if more > 0:
            named = translate(t("{names} and {more} more", names=named, more=more), lang)
        count = len(proposal.warned)
        parts.append(
            translate(t(" ({count} with a warning: {names})", count=count, names=named), lang)
        )
    if proposal.invalid:
        parts.append(translate(t(", {count} have errors and stay", count=proposal.invalid), lang))
    if proposal.held:
        parts.append(translate(t(", {count} were sent before and stay", count=proposal.held), lang))
    yield "".join(parts)
    facts = {"provider": proposal.provider, "account": proposal.account, "action": proposal.action}
    for name in ("account", "action"):
        if not facts[name]:
            facts[name] = translate(t("(only one)"), lang)
    yield translate(
        t("To {provider}, account {account}, action {action}. This is REAL.", **facts), lang
    )


def agrees(lang: str, question: str) -> bool:
    """Ask for yes or no, in either language; Enter alone is no."""
    choice = translate(t("y/N"), lang)
    while True:
        said = click.prompt(f"{question} [{choice}]", default="", show_default=False, err=True)
        word = fold(said)
        if word in _YES or word in _NO:
            return word in _YES


def interruptible() -> GracefulStop:
    """Make SIGTERM and SIGHUP do what Ctrl-C does: finish open requests, save, write, leave."""
    return GracefulStop(tolerance=0, terminations=True)
