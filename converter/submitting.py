"""Orders sent and answered for: where the customer's file and the provider meet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from converter import accounting, answers, journal, querying, results, sending, settings, wording
from converter.client import Client
from converter.errors import UsageError
from converter.journal import Journal
from converter.mapping import Mapping as ProviderMapping
from converter.mapping import Timeouts
from converter.model import Order, Report
from converter.payload import batches
from converter.pipeline import Prepared, report_of
from converter.settings import Settings
from converter.signing import Signer
from converter.wording.sentence import t

SANDBOX_PATIENCE = 3.0
"""Seconds to wait for the sandbox: it answers at once, or on purpose not at all."""

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


def submit(prepared: Prepared, how: Sending, *, target: Path) -> Report:
    """Send every valid order that is not accepted yet; one status row for each order."""
    mapping = prepared.mapping
    results.check_writable(target, prepared.path)
    with accounting.open_journal(prepared, how.values, how.home, how.action) as book:
        invalid = [
            (
                prepared.payloads.orders.references[index],
                prepared.payloads.orders.rows[index],
                tuple(wording.issue(i, "en") for i in prepared.issues[index] if not i.warning),
            )
            for index in range(prepared.count)
            if not prepared.is_valid(index)
        ]
        parts = {
            index: prepared.payloads.of(index)
            for index in range(prepared.count)
            if prepared.is_valid(index)
        }
        planned = [order for found in parts.values() for order in found]
        plan = book.plan(planned, invalid)
        to_send = len(plan.new) + len(plan.again)
        per_request = mapping.request.orders_per_request
        ended = sending.Ended("", False, ())
        if to_send:
            requests = -(-len(plan.new) // per_request) + sum(1 for _ in _again(plan, mapping))
            if not how.confirm(to_send, requests, how.values.values["base_url"]):
                book.finish(result_path="", result_sha256="", counts={}, stopped="declined")
                raise UsageError(t("Nothing was sent, as you chose."))
            ended = _send(prepared, how, book, plan)
        rows = accounting.rows(prepared, book, parts, plan.standing)
        report = report_of(
            prepared, book.run, rows, stopped=ended.stopped, interrupted=ended.interrupted
        )
        report = replace(report, notes=(*report.notes, *ended.notes))
        sandbox = how.values.sandbox
        return accounting.close(prepared, book, report, target, how.home, sandbox=sandbox)


def _send(prepared: Prepared, how: Sending, book: Journal, plan: journal.Plan) -> sending.Ended:
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
        for by_turns in zip_longest(_again(plan, mapping, found), batches(plan.new, mapping)):
            yield from filter(None, by_turns)

    keep_alive = mapping.duplicates.class_ in ("A", "B")
    with Client(timeouts, request.in_flight, keep_alive=keep_alive) as client:
        try:
            found = _found(prepared, how, book, client, plan.again)
        except KeyboardInterrupt:
            return sending.Ended("", True, ())
        if found:
            advance(len(found))
        return sending.send(
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
    plan: journal.Plan, mapping: ProviderMapping, found: Collection[str] = ()
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
    asked = querying.ask(prepared.mapping, how.signer, client, references, lang=prepared.lang)
    return set(book.settle(asked.found))


def patience(mapping: ProviderMapping, values: Settings) -> Timeouts:
    """How long to wait for an answer: the mapping's times, unless CONVERTER_TIMEOUT_SECONDS."""
    declared = mapping.request.timeout
    total = settings.number(
        "CONVERTER_TIMEOUT_SECONDS", SANDBOX_PATIENCE if values.sandbox else declared.total
    )
    return declared.model_copy(update={"total": total, "read": min(total, declared.read)})
