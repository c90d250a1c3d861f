"""Orders sent and answered for: where the customer's file and the provider meet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from converter import journal, messages, results, settings
from converter.errors import UsageError
from converter.journal import Journal
from converter.mapping.model import ProviderMapping, Timeouts
from converter.messages.sentence import t
from converter.model import Order, Report, SendResult
from converter.orders.lazy import Later, Source, built
from converter.orders.payload import batches
from converter.provider import answers, query
from converter.provider.client import Client
from converter.provider.request import Signer
from converter.runs.account import hold_account, open_journal, start_run
from converter.runs.check import report_of
from converter.runs.prepare import Prepared
from converter.runs.rows import close_run, status_rows
from converter.sending import loop
from converter.sending.signals import GracefulStop
from converter.settings import Settings

SANDBOX_PATIENCE = 3.0
"""Seconds to wait for the sandbox: it answers at once, or on purpose not at all."""

DECLINED = "Nothing was sent, as you chose."

FEWER = 4
"""By how much a request of orders in doubt is smaller than the one of the try before."""


@dataclass(frozen=True)
class Sending:
    """How a submit is to be carried out."""

    values: Settings
    signer: Signer
    action: str
    home: Path
    confirm: Callable[[int, int, str], bool]
    """Asked once with orders, requests and address before anything is sent; False stops."""
    progress: Callable[[int, int], None]
    """Told after each answer: orders answered for, orders to be sent in all."""
    stopping: Callable[[], None] = lambda: None
    """Called once if Ctrl-C comes while answers are still waited for."""


def submit_sheet(prepared: Prepared, how: Sending, *, target: Path) -> Report:
    """Send every valid order that is not accepted yet; one status row for each order."""
    results.check_writable(target, prepared.path)
    with open_journal(prepared, how.values, how.home, how.action) as book:

        def send(plan: journal.Plan[Later]) -> SendResult:
            requests = -(-len(plan.new) // prepared.mapping.request.orders_per_request)
            requests += sum(1 for _ in _again(plan, prepared.mapping))
            to_send = len(plan.new) + len(plan.again)
            if not how.confirm(to_send, requests, how.values.values["base_url"]):
                book.finish(result_path="", result_sha256="", counts={}, stopped="declined")
                raise UsageError(t(DECLINED))
            return _send(prepared, how, book, plan)

        return _carry_out(prepared, how, book, target, send)


@contextmanager
def in_turn(
    mapping: ProviderMapping, how: Sending, *, agreed: Callable[[], bool]
) -> Iterator[Queue]:
    """Several sheets for one account, which is held until the last of them is done.

    `agreed` is asked once, before anything is sent.
    """
    with hold_account(mapping, how.values, how.home) as account:
        if not agreed():
            raise UsageError(t(DECLINED))
        with GracefulStop() as stop:
            yield Queue(account, stop)


class Queue:
    """Sheets that are sent one after the other, each in a run of its own.

    Where the sending of one stops early, the later ones send nothing; they still get their rows.
    """

    def __init__(self, account: journal.JournalFile, stop: GracefulStop) -> None:
        self._account = account
        self._stop = stop
        self._is_interrupted = False
        self._stopped = ""

    @property
    def is_over(self) -> bool:
        """Nothing more is sent."""
        return bool(self._stopped or self._is_interrupted or self._stop.is_requested)

    def submit(self, prepared: Prepared, how: Sending, *, target: Path) -> Report:
        """As `submit` does, but without asking, and in the account that is held."""
        book = start_run(self._account, prepared, how.values, how.action)

        def send(plan: journal.Plan[Later]) -> SendResult:
            if self._stopped:
                return SendResult(self._stopped, self._is_interrupted or self._stop.is_requested)
            result = SendResult(interrupted=True)
            with suppress(KeyboardInterrupt), self._stop.passing_on():
                if not (self._is_interrupted or self._stop.is_requested):
                    result = _send(prepared, how, book, plan)
            self._stopped, self._is_interrupted = result.stopped, result.interrupted
            return result

        return _carry_out(prepared, how, book, target, send)


def orders_to_send(prepared: Prepared) -> int:
    """As how many orders the valid ones of a sheet are sent, if none of them was sent before."""
    return sum(1 for _ in _references(prepared))


def refuse_twice(prepared: Prepared) -> None:
    """Raise SheetError where the journal could not tell two of the orders apart."""
    journal.refuse_twice(_references(prepared))


def _references(prepared: Prepared) -> Iterator[tuple[str, Sequence[int]]]:
    """Under which references the valid orders are sent, and the rows of each."""
    found = prepared.payloads.orders
    for index in range(prepared.count):
        if prepared.is_valid(index):
            for name in prepared.payloads.part_names(index) or [found.references[index]]:
                yield name, found.rows[index]


def _carry_out(
    prepared: Prepared,
    how: Sending,
    book: Journal,
    target: Path,
    send: Callable[[journal.Plan[Later]], SendResult],
) -> Report:
    """Plan the sheet's orders, have them sent, and write down what became of each."""
    invalid = [
        (
            prepared.payloads.orders.references[index],
            prepared.payloads.orders.rows[index],
            tuple(messages.issue(i, "en") for i in prepared.issues[index] if not i.warning),
        )
        for index in range(prepared.count)
        if not prepared.is_valid(index)
    ]
    source = Source(prepared.payloads)
    parts = {
        index: source.parts(index) for index in range(prepared.count) if prepared.is_valid(index)
    }
    plan = book.plan([order for found in parts.values() for order in found], invalid)
    ended = send(plan) if plan.new or plan.again else SendResult()
    rows = status_rows(prepared, book, parts, plan.standing)
    report = report_of(
        prepared, book.run, rows, stopped=ended.stopped, interrupted=ended.interrupted
    )
    report = replace(report, notes=(*report.notes, *ended.notes))
    return close_run(prepared, book, report, target, how.home, sandbox=how.values.sandbox)


def _send(prepared: Prepared, how: Sending, book: Journal, plan: journal.Plan[Later]) -> SendResult:
    mapping = prepared.mapping
    request = mapping.request
    timeouts = patience(mapping, how.values)
    to_send = len(plan.new) + len(plan.again)
    found: set[str] = set()
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        how.progress(done, to_send)

    def all_batches() -> Iterator[Sequence[Order]]:
        # By turns: where the provider fails on those in doubt, new ones would wait for ever.
        new = batches(built(plan.new), mapping)
        for by_turns in zip_longest(_again(plan, mapping, found), new):
            yield from filter(None, by_turns)

    keep_alive = mapping.duplicates.class_ in ("A", "B")
    with Client(timeouts, request.in_flight, keep_alive=keep_alive) as client:
        try:
            found = _found(prepared, how, book, client, plan.again)
        except KeyboardInterrupt:
            return SendResult(interrupted=True)
        if found:
            advance(len(found))
        return loop.send(
            all_batches(),
            prepare=how.signer.request,
            judge=lambda batch, reply: answers.judge(mapping, batch, reply),
            client=client,
            journal=book,
            in_flight=request.in_flight,
            total_seconds=timeouts.total,
            progress=advance,
            stopping=how.stopping,
        )


def _again(
    plan: journal.Plan[Later], mapping: ProviderMapping, found: Collection[str] = ()
) -> Iterator[Sequence[Order]]:
    """The orders in doubt, but those that were found, in requests of fewer orders at each try.

    An order that makes the provider fail each time ends up alone, and keeps no other in doubt.
    """
    left = (order for order in plan.again if order.reference not in found)
    for tries, orders in groupby(left, lambda order: plan.tries[order.reference]):
        most = max(1, mapping.request.orders_per_request // FEWER ** max(tries - 1, 0))
        request = mapping.request.model_copy(update={"orders_per_request": most})
        yield from batches(orders, mapping.model_copy(update={"request": request}))


def _found(
    prepared: Prepared, how: Sending, book: Journal, client: Client, again: Sequence[Order]
) -> set[str]:
    """Those of the orders in doubt that the provider, where it can be asked, says it has.

    The others are sent again, which is safe where a second copy is refused. But what is known to
    be there need not be sent, and only a query gives all of its numbers.
    """
    if prepared.mapping.query is None or not again:
        return set()
    references = [order.reference for order in again]
    asked = query.ask(prepared.mapping, how.signer, client, references, lang=prepared.lang)
    return set(book.settle(asked.found))


def patience(mapping: ProviderMapping, values: Settings) -> Timeouts:
    """How long to wait for an answer: the mapping's times, unless CONVERTER_TIMEOUT_SECONDS."""
    declared = mapping.request.timeout
    total = settings.number(
        "CONVERTER_TIMEOUT_SECONDS", SANDBOX_PATIENCE if values.sandbox else declared.total
    )
    return declared.model_copy(update={"total": total, "read": min(total, declared.read)})
