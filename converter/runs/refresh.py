"""Fetch what providers tell later about accepted orders: numbers, and a state that moves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from converter import journal, logs, settings, sheet
from converter.errors import ConverterError, UsageError
from converter.journal import Journal, OrderRecord, Trust, WrittenResult
from converter.mapping.model import ProviderMapping
from converter.message import N_, Message, enumerate_some, t
from converter.model import Finding, HttpRequest, NoReply, Reply
from converter.orders.lazy import Source
from converter.provider import query
from converter.provider.client import Client, Sender
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.account import hold_account, start_run, start_run_of_orders
from converter.runs.close import close_run, log_end
from converter.runs.known_calls import told_when_used
from converter.runs.late import ACTION, is_waiting, refresh_call, with_pending
from converter.runs.past_results import language_of
from converter.runs.patience import timeouts_for
from converter.runs.prepare import Prepared
from converter.runs.report import make_report
from converter.runs.session import Session
from converter.runs.status_rows import rows_of_records, status_rows
from converter.sending.pacing import PacedSender, Pacer
from converter.sending.signals import GracefulStop
from converter.settings import Settings
from converter.sheet.prefetch import Prefetch

_LOG = logging.getLogger(__name__)

RECENT_SECONDS = 90 * 24 * 3600.0
"""Orders accepted longer ago are asked about only where somebody names them."""

FIRST_PAUSE = 5.0
"""Seconds before the provider is asked again; they double each time."""
_LONGEST_PAUSE = 60.0
_PIECE = 1000

NOT_ASKED = N_(
    "The provider could not be asked about {count} orders ({names}). What is known of them stays "
    "as it was; run again later."
)
NOT_FOUND = N_(
    "The provider does not find {names}. They stay accepted: look them up there before you do "
    "anything about it."
)
NOTHING_WAITS = N_("No accepted order is waiting for anything that this provider tells later.")
EDITED = N_(
    "{file} was saved by somebody since, so it is not written over. To get the numbers into a new "
    "one beside it: converter refresh {file} -p {provider}"
)
GONE = N_("The result workbook {file} is not there any more; the numbers are in the journal.")
NOT_REWRITTEN = N_(
    "The result workbook {file} was not brought up to date: {problem} The numbers are in the "
    "journal."
)
REWRITTEN = N_("Result: {result}")
UNKNOWN_ORDERS = N_(
    "The journal of this account knows no order {names}. Give references as the order sheet has "
    "them, a run, or a file that exists."
)


@dataclass(frozen=True)
class Fetched:
    """What came of asking."""

    notes: tuple[str, ...] = ()
    stopped: str = ""
    """Why not all orders were asked about; empty where they were."""
    changed: tuple[str, ...] = ()
    """Orders about which something new is known."""


@dataclass
class Noting:
    """Sends calls that only ask, and has each of them noted."""

    client: Sender
    book: Journal
    is_over: Callable[[], bool]
    names: Sequence[str] = ()

    def about(self, names: Sequence[str]) -> None:
        """Say which orders the next calls are about."""
        self.names = names

    def send(self, request: HttpRequest) -> Reply | NoReply:
        if self.is_over():
            return NoReply(False, t("Interrupted."))
        reply = self.client.send(request)
        self.book.note_call(ACTION, request, reply, self.names)
        return reply


def fetch(
    mapping: ProviderMapping,
    values: Settings,
    action: str | None,
    book: Journal,
    references: Sequence[str],
    *,
    wait: float = 0.0,
    is_over: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], object] = time.sleep,
) -> Fetched:
    """Ask about those of the orders that are waiting, until none is or `wait` seconds are over.

    Whatever the answer, an accepted order stays accepted.
    """
    call = refresh_call(mapping, values)
    asking = mapping.model_copy(update={"query": call})
    signer = Signer(asking, values, action)
    last = time.monotonic() + wait
    pause = FIRST_PAUSE
    notes: list[Message] = []
    changed: list[str] = []
    timeouts = timeouts_for(mapping, values)
    with Client(timeouts, 1, network=values.network) as client:
        pacer = Pacer(mapping.request.pace, last=book.last_request, note=book.note_request)
        sender = Noting(PacedSender(client, pacer), book, is_over)
        signer.connect(sender, book.keep_secret)
        while True:
            waiting = [one for one in _records(book, references) if is_waiting(call, one)]
            if not waiting:
                return Fetched(tuple(notes), changed=tuple(changed))
            notes = notes or told_when_used(mapping, ACTION, call)
            names = [one.reference for one in waiting]
            said = query.ask(asking, signer, sender, names, about=sender.about)
            changed += book.settle(_news(waiting, said.found))
            _LOG.info("orders were asked about", extra={"orders": len(waiting)})
            left = last - time.monotonic()
            if left <= 0 or is_over():
                return replace(_ended(notes, said), changed=tuple(dict.fromkeys(changed)))
            _pause(min(pause, left), is_over, sleep)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _pause(seconds: float, is_over: Callable[[], bool], sleep: Callable[[float], object]) -> None:
    until = time.monotonic() + seconds
    while not is_over() and (left := until - time.monotonic()) > 0:
        sleep(min(left, 0.2))


def _ended(notes: Sequence[str], said: query.QueryResult) -> Fetched:
    more = list(notes)
    if said.absent:
        more.append(t(NOT_FOUND, names=enumerate_some(said.absent)))
    stopped = ""
    if said.failed:
        facts = {"count": len(said.failed), "names": enumerate_some(said.failed)}
        stopped = t(NOT_ASKED, **facts)
    return Fetched(tuple(more), stopped)


def _records(book: Journal, references: Sequence[str]) -> Iterator[OrderRecord]:
    for start in range(0, len(references), _PIECE):
        yield from book.records(references[start : start + _PIECE]).values()


def _news(waiting: Sequence[OrderRecord], found: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that say something new. A number that an order has already is never replaced."""
    known = {one.reference: one for one in waiting}
    for finding in found:
        before = known[finding.reference]
        number = "" if before.provider_order_no else finding.provider_order_no
        tracking = finding.tracking_no if finding.tracking_no != before.tracking_no else ""
        outputs = {
            name: text for name, text in finding.outputs.items() if before.outputs.get(name) != text
        }
        if number or tracking or outputs:
            yield replace(
                finding, provider_order_no=number, tracking_no=tracking, outputs=outputs,
                note=before.message,
            )  # fmt: skip


# -- the command -----------------------------------------------------------------------------------

Ask = Callable[[Journal, Sequence[str], GracefulStop], Fetched]
"""Asks the provider about orders by their references, until a stop is requested."""


def refresh_sheet(
    session: Session,
    *,
    wait: float = 0.0,
    trust: Trust = lambda _: False,
) -> Report:
    """Fetch what is known by now of the accepted orders of a sheet, and write its results."""
    refresh_call(session.mapping, session.values)
    return ask_of_sheet(
        session, ACTION, lambda book, names, stop: _fetch(session, book, names, wait, stop), trust
    )


def ask_of_sheet(session: Session, action: str, ask: Ask, trust: Trust) -> Report:
    """A run that asks about the orders of a sheet, and writes its results with what came.

    `action` is what the journal calls the run; `ask` is given every part of the sheet's orders.
    """
    prepared = session.prepare_one()
    session.values.require()
    target = session.targets[prepared.path]
    home = settings.home()
    with (
        hold_account(session.mapping, session.values, home, trust=trust) as account,
        GracefulStop() as stop,
    ):
        book = start_run(account, prepared, session.values, action)
        with logs.bound(run=book.run, account=account.name):
            _LOG.info("run started", extra={"action": action, "sheet": str(prepared.path)})
            names = [name for name in prepared.payloads.orders.references if name]
            known = book.by_parent(names)
            parts = [one.reference for name in names for one in known.get(name, ())]
            done = ask(book, parts, stop)
            return write_sheet_result(
                session, prepared, book, target, done, interrupted=stop.is_requested
            )


def write_sheet_result(
    session: Session,
    prepared: Prepared,
    book: Journal,
    target: Path,
    done: Fetched,
    *,
    interrupted: bool = False,
) -> Report:
    """Write the result workbook of a sheet as the journal has its orders now."""
    mapping, values = session.mapping, session.values
    source = Source(prepared.payloads)
    valid = (index for index in range(prepared.count) if prepared.is_valid(index))
    book.compare(part for index in valid for part in source.parts(index))
    rows = with_pending(mapping, values, status_rows(prepared, book, {}, {}))
    report = make_report(prepared, book.run, rows, stopped=done.stopped, interrupted=interrupted)
    report = replace(report, notes=(*report.notes, *done.notes))
    home, sandbox = settings.home(), values.sandbox
    report, fault = close_run(prepared, book, report, target, home, sandbox=sandbox)
    log_end(report)
    if fault is not None:
        raise fault
    return report


def refresh_orders(
    session: Session,
    named: Sequence[str],
    *,
    wait: float = 0.0,
    trust: Trust = lambda _: False,
) -> Report:
    """Fetch what is known by now of orders, of the orders of runs, or of all that are waiting.

    Raises UsageError where the account's journal does not know one of them.
    """
    call = refresh_call(session.mapping, session.values)
    session.values.require()
    home = settings.home()
    with (
        hold_account(session.mapping, session.values, home, trust=trust) as account,
        GracefulStop() as stop,
    ):
        names = named_orders(home, account.name, named)
        book = start_run_of_orders(account, session.mapping, session.values, ACTION)
        with logs.bound(run=book.run, account=account.name):
            _LOG.info("run started", extra={"action": ACTION})
            names = names or book.accepted_since(RECENT_SECONDS)
            waiting = [one.reference for one in _records(book, names) if is_waiting(call, one)]
            done = _fetch(session, book, waiting, wait, stop)
            shown = names if named else waiting
            rows = rows_of_records(list(_records(book, shown)), book.resend)
            notes = done.notes if waiting else (t(NOTHING_WAITS),)
            written = book.results_of(done.changed)
            report = Report(
                session.mapping.provider, "", book.run, tuple(rows), notes=notes,
                stopped=done.stopped, interrupted=stop.is_requested, lang=session.options.lang,
            )  # fmt: skip
            book.finish(
                result_path="", result_sha256="", counts=report.counts, stopped=report.stopped
            )
            log_end(report)
            told = [rewrite_result(session, account, one) for one in written]
            return replace(report, notes=(*report.notes, *told))


def rewrite_result(
    session: Session,
    account: journal.JournalFile,
    written: WrittenResult,
    *,
    action: str = ACTION,
    edited: str = EDITED,
) -> str:
    """Bring the result workbook that the customer has up to date, unless somebody has edited it.

    Returns what to tell about it; `edited` is the sentence for that case.
    """
    path = Path(written.path)
    facts = {"file": path, "provider": session.options.provider}
    try:
        if not path.is_file() or sheet.sha256(path) != written.sha256:
            return t(edited if path.exists() else GONE, **facts)
        options = replace(
            session.options, output=None, only=None, columns=None, encoding=None, spooled=None,
            lang=language_of(path) or session.options.lang, profile=written.profile or None,
        )  # fmt: skip
        with closing(Prefetch([path], only=None)) as prefetch:
            again = Session(
                [path], options, session.mapping, session.values, prefetch, session.origin
            )
            prepared = again.prepare_one()
        if prepared.sha256 != written.sha256:
            return t(edited, **facts)
    except ConverterError as error:
        _LOG.warning("result is not rewritten", exc_info=True)
        return t(NOT_REWRITTEN, **facts, problem=error.message)
    book = start_run(account, prepared, session.values, action)
    report = write_sheet_result(session, prepared, book, path, Fetched())
    return t(REWRITTEN, result=report.result_path)


def _fetch(
    session: Session,
    book: Journal,
    references: Sequence[str],
    wait: float,
    stop: GracefulStop,
) -> Fetched:
    return fetch(
        session.mapping, session.values, session.options.action, book, references,
        wait=wait, is_over=lambda: stop.is_requested,
    )  # fmt: skip


def named_orders(home: Path, account: str, named: Sequence[str]) -> list[str]:
    """References of the parts in this account's journal that runs and references mean."""
    found: dict[str, None] = {}
    missing: list[str] = []
    for name in named:
        told = journal.stories_of_run(home, name) or journal.stories(home, [name])
        own = [story.reference for story in told if story.journal == account]
        found.update(dict.fromkeys(own))
        if not own:
            missing.append(name)
    if missing:
        raise UsageError(t(UNKNOWN_ORDERS, names=enumerate_some(missing)))
    return list(found)
