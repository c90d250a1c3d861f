"""Send checked sheets to one account, one after the other, each with a result workbook."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from converter import journal, logs, settings
from converter.errors import ConverterError, SheetError, UsageError
from converter.journal import Journal, OrderRecord
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, N_, enumerate_some, join, t
from converter.model import Finding, Judgement, Order, Reply, SendResult, Status
from converter.orders.batches import batches
from converter.orders.lazy import LazyOrder, built
from converter.provider import answers, query
from converter.provider.client import Client, Sender
from converter.provider.request import Signer
from converter.report import Report
from converter.runs import decisions, missing, past_results, proposal, second_calls
from converter.runs.account import account_of, hold_account, start_run, warn_of_similar
from converter.runs.close import close_run, log_end
from converter.runs.known import known_before
from converter.runs.late import refresh_call, with_pending
from converter.runs.patience import timeouts_for
from converter.runs.prepare import Prepared
from converter.runs.proposal import Proposal
from converter.runs.refresh import Fetched, fetch
from converter.runs.report import make_report
from converter.runs.session import Session
from converter.runs.status_rows import status_rows
from converter.sending import loop
from converter.sending.pacing import PacedSender, Pacer
from converter.sending.signals import GracefulStop

_LOG = logging.getLogger(__name__)

UNPROVEN = N_(
    "{count} of the orders to be sent were refused before with a code that the provider does not "
    "document, so nothing proves that they were not created: {names}."
)
OTHER_ACTION = N_(
    "{count} orders were accepted by {action} earlier; {wanted} is not done for them: {names}."
)
RENAMED = N_(
    "{reference} has the same content as {doubt}, which may or may not exist at the provider and "
    "is not in this sheet. If it exists, {reference} is a second order of the same. Look {doubt} "
    "up there first, and settle it with converter reconcile."
)
CANARY_WRONG = N_(
    "{wrong} of the first {count} orders were not accepted, so the other {left} were not sent. "
    "Find out why, then run again."
)
CANARY_HELD = N_(
    "The first {count} orders were accepted. The other {left} were not sent, because nobody said "
    "so: run again without --canary, or with --yes."
)
ABSENT_TWICE = N_(
    "The provider was asked twice, some time apart, and does not have this order. It is sent again."
)
DECLINED = N_("Nothing was sent, as you chose.")
FAULT = N_(
    "This program has a fault ({problem}), so the rest was not sent. Every answer that came is in "
    "the journal. Report this before you run again."
)
NO_ORDERS = N_("no orders in this sheet: it has a header and no rows")

FEWER = 4
"""Factor by which a request of orders in doubt shrinks at each try."""


def agree(_: Proposal) -> bool:
    """Send without asking."""
    return True


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """Functions of the caller that are called while orders are sent."""

    confirm: Callable[[Proposal], bool] = agree
    """Called once before anything is sent; False stops."""
    warn: Callable[[str], object] = lambda _: None
    """Called before anything is sent with what a person should know first."""
    trust: Callable[[str], bool] = lambda _: False
    """Asked with what speaks against the journal; True means that a person knows it is right."""
    canary: Callable[[Sequence[OrderRecord], int], bool] = lambda *_: True
    """Called with what became of the orders that were sent first, and how many are left. Where all
    of them were accepted, False keeps the others from being sent."""
    answered: Callable[[str, Sequence[OrderRecord]], object] | None = None
    """Called after each reply with the sheet, as it was given, and what the journal now holds
    about the orders that the reply is about."""
    progress: Callable[[Path, int, int], object] = lambda *_: None
    """Called after each reply with the sheet, the orders done and the orders to send."""
    stopping: Callable[[], object] = lambda: None
    """Called once if Ctrl-C is pressed while replies are awaited."""
    skipping: Callable[[], object] = lambda: None
    """Called once before the first sheet that is skipped after an early stop."""


class Submission:
    """Sheets that are sent one after the other, each in a run of its own.

    Where the sending of one stops early, the later ones send nothing; they still get their rows.
    All sheets are read and checked here, before anything is sent. Raises where a setting is
    missing, a result could not be written, or a sheet cannot be used.
    """

    def __init__(
        self,
        session: Session,
        callbacks: Callbacks,
        *,
        again_rejected: bool = False,
        again_cancelled: bool = False,
        canary: int = 0,
        send_missing: bool = False,
        wait: float = 0.0,
    ) -> None:
        self._session = session
        self._mapping = session.mapping
        self._values = session.values
        self._action = session.options.action or next(iter(session.mapping.request.actions), "")
        self._callbacks = callbacks
        self._again_rejected = again_rejected
        self._again_cancelled = again_cancelled
        self._canary = canary
        self._wait = wait
        """Seconds to wait for late numbers of the accepted orders."""
        if wait:
            refresh_call(session.mapping, session.values)
        self._held = ""
        """Why nothing follows the canary, although all is well with it."""
        self._known_first: list[str] = []
        self._home = settings.home()
        self._sheets: deque[Prepared] = deque()
        self._sends_missing: dict[Path, set[str]] = {}
        """By sheet: the partial orders whose missing lines its result workbook says to send."""
        for prepared in session.prepare_each(check=refuse_twice):
            session.values.require()  # after the first sheet, not after the last one
            _ = session.targets
            self._sheets.append(prepared)
            if not send_missing:
                self._sends_missing[prepared.path] = decisions.to_send_missing(prepared)
        session.refuse_unusable()
        _refuse_empty(self._sheets)
        self._signer = Signer(session.mapping, session.values, session.options.action)
        self._targets = session.targets
        self._stop = GracefulStop()
        self._is_interrupted = False
        self._stopped = ""
        self._fault: Exception | None = None
        self._has_told_skipping = False

    def send(self) -> Iterator[Report]:
        """Send each sheet and yield its report. The account stays locked until the last one."""
        count = len(self._sheets)
        trust = self._callbacks.trust
        with hold_account(self._mapping, self._values, self._home, trust=trust) as account:
            own = account_of(self._mapping, self._values)
            self._known_first = warn_of_similar(own, account, self._home, trust)
            for warning in self._known_first:
                self._callbacks.warn(warning)
            for sheet in self._sheets:
                past_results.check(sheet, account, self._targets[sheet.path], self._home, trust)
            if count > 1:
                self._confirm_all()
            with self._stop:
                while self._sheets:
                    if self._is_over:
                        self._announce_skipped()
                    prepared = self._sheets.popleft()
                    try:
                        report = self._submit(account, prepared, is_only=count == 1)
                    except ConverterError:
                        raise
                    except Exception as error:
                        if count == 1:
                            raise
                        _LOG.exception("fault in one of several sheets")
                        self._stop_for(error)
                        continue
                    yield report
        if self._fault is not None:  # all that could be written is written
            raise self._fault

    def _stop_for(self, fault: Exception) -> None:
        """Send nothing more; `send` raises the fault once all sheets have their rows."""
        self._fault = self._fault or fault
        self._stopped = self._stopped or t(FAULT, problem=type(fault).__name__)

    @property
    def _is_over(self) -> bool:
        """Nothing more is sent."""
        return bool(self._stopped) or self._was_interrupted

    @property
    def _was_interrupted(self) -> bool:
        return self._is_interrupted or self._stop.is_requested

    def _confirm_all(self) -> None:
        """Ask about all sheets together, before the first one is sent."""
        if self._callbacks.confirm is agree:
            return
        whole = proposal.begin(self._mapping, self._values, self._action)
        for prepared in self._sheets:
            before = known_before(
                prepared, self._session, again_rejected=self._again_rejected,
                again_cancelled=self._again_cancelled,
            )  # fmt: skip
            whole = whole.with_sheet(prepared, prepared.valid_parts(), before.held)
        self._confirm(whole)

    def _confirm(self, proposed: Proposal) -> None:
        """Raise UsageError where a person does not agree."""
        if proposed.orders and not self._callbacks.confirm(proposed):
            raise UsageError(t(DECLINED))

    def _announce_skipped(self) -> None:
        if not self._has_told_skipping:
            self._has_told_skipping = True
            self._callbacks.skipping()

    def _submit(self, account: journal.JournalFile, prepared: Prepared, *, is_only: bool) -> Report:
        """Plan the orders of a sheet, send them, and write down what became of each."""
        try:
            book = start_run(account, prepared, self._values, self._action)
            with logs.bound(run=book.run, account=account.name):
                return self._carry_out(book, prepared, asks=is_only)
        except ConverterError as error:
            if not is_only:
                _name_unsent(error, prepared.path, [other.path for other in self._sheets])
            raise

    def _carry_out(self, book: Journal, prepared: Prepared, *, asks: bool) -> Report:
        facts = {"action": self._action, "sheet": str(prepared.path)}
        _LOG.info("run started", extra={**facts, "sandbox": self._values.sandbox})
        parts, plan = _plan(
            prepared,
            book,
            again_rejected=self._again_rejected,
            again_cancelled=self._again_cancelled,
            send_missing=self._sends_missing.get(prepared.path),
        )
        _LOG.info("planned", extra={"new": len(plan.new), "again": len(plan.again)})
        warnings = _warnings(plan, self._action)
        for warning in warnings:
            self._callbacks.warn(warning)
        sent = self._send(prepared, book, plan, asks=asks)
        if self._mapping.then is not None and not self._was_interrupted:
            names = [order.reference for own in parts.values() for order in own]
            second_calls.make(
                self._mapping, self._values, self._signer, book, names,
                is_over=lambda: self._was_interrupted,
            )  # fmt: skip
        late = Fetched()
        if self._wait and not self._is_over:
            late = fetch(
                self._mapping, self._values, self._session.options.action, book,
                [order.reference for own in parts.values() for order in own],
                wait=self._wait, is_over=lambda: self._was_interrupted,
            )  # fmt: skip
        rows = with_pending(
            self._mapping,
            self._values,
            status_rows(prepared, book, parts, plan.standing, self._action),
        )
        report = make_report(
            prepared, book.run, rows, stopped=sent.stopped, interrupted=sent.interrupted
        )
        notes = (*report.notes, *self._known_first, *warnings, *sent.notes, *late.notes)
        report = replace(report, notes=(*notes, *filter(None, [late.stopped])))
        target = self._targets[prepared.path]
        sandbox = self._values.sandbox
        report, fault = close_run(prepared, book, report, target, self._home, sandbox=sandbox)
        if fault is not None:
            self._stop_for(fault)
        report = replace(report, interrupted=report.interrupted or self._was_interrupted)
        log_end(report)
        return report

    def _send(
        self, prepared: Prepared, book: Journal, plan: journal.Plan[LazyOrder], *, asks: bool
    ) -> SendResult:
        """Send the orders of a plan, unless sending has stopped before."""
        orders = len(plan.new) + len(plan.again)
        if not orders:
            return SendResult()
        if self._stopped:
            return SendResult(self._stopped, self._was_interrupted)

        result = SendResult(interrupted=True)
        with suppress(KeyboardInterrupt), self._stop.passing_on():
            if not self._was_interrupted:
                if asks or plan.renamed:
                    self._confirm_plan(prepared, book, plan)
                result = self._send_canary(prepared, book, plan)
        self._stopped, self._is_interrupted = result.stopped, result.interrupted
        self._fault = result.fault
        return result

    def _send_canary(
        self, prepared: Prepared, book: Journal, plan: journal.Plan[LazyOrder]
    ) -> SendResult:
        """Send a plan; where a canary is wanted, a few orders first, and the others if it lives."""
        if not self._canary:
            return self._send_plan_or_stop(prepared, book, plan)
        if self._held:
            return SendResult(notes=(self._held,))
        first = replace(plan, new=plan.new[: self._canary], again=())
        rest = replace(plan, new=plan.new[self._canary :])
        if not first.new:
            return self._send_plan_or_stop(prepared, book, plan)
        result = self._send_plan_or_stop(prepared, book, first)
        if result.stopped or result.interrupted or result.fault:
            return result
        found = list(book.records(order.reference for order in first.new).values())
        wrong = [known for known in found if known.status is not Status.ACCEPTED]
        left = len(rest.new) + len(rest.again)
        if wrong:
            self._callbacks.canary(found, left)
            facts = {"count": len(found), "wrong": len(wrong), "left": left}
            return replace(result, stopped=t(CANARY_WRONG, **facts))
        if not self._callbacks.canary(found, left):
            self._held = t(CANARY_HELD, count=len(found), left=left)
            return replace(result, notes=(*result.notes, self._held))
        self._canary = 0
        if not left:
            return result
        after = self._send_plan_or_stop(prepared, book, rest)
        return replace(after, notes=(*result.notes, *after.notes))

    def _send_plan_or_stop(
        self, prepared: Prepared, book: Journal, plan: journal.Plan[LazyOrder]
    ) -> SendResult:
        """Send a plan; a fault of this program ends it early, and is raised by `send`."""
        try:
            return self._send_plan(prepared, book, plan)
        except ConverterError:
            raise
        except Exception as error:
            _LOG.exception("fault while sending")
            return SendResult(t(FAULT, problem=type(error).__name__), fault=error)

    def _confirm_plan(
        self, prepared: Prepared, book: Journal, plan: journal.Plan[LazyOrder]
    ) -> None:
        if self._callbacks.confirm is agree:
            return
        requests = -(-len(plan.new) // self._mapping.request.orders_per_request)
        requests += sum(1 for _ in batches_again(plan, self._mapping))
        whole = proposal.begin(self._mapping, self._values, self._action)
        parts = prepared.valid_parts()
        going = {o.reference for o in plan.new} | {o.reference for o in plan.again}
        stays = {one.reference for own in parts.values() for one in own}.difference(going)
        try:
            self._confirm(replace(whole.with_sheet(prepared, parts, stays), requests=requests))
        except UsageError:
            book.finish(result_path="", result_sha256="", counts={}, stopped="declined")
            raise

    def _send_plan(
        self, prepared: Prepared, book: Journal, plan: journal.Plan[LazyOrder]
    ) -> SendResult:
        mapping, request = self._mapping, self._mapping.request
        timeouts = timeouts_for(mapping, self._values)
        to_send = len(plan.new) + len(plan.again)
        found: set[str] = set()
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._callbacks.progress(prepared.path, done, to_send)

        def recorded(references: Sequence[str]) -> None:
            if self._callbacks.answered is not None:
                found = book.records(references).values()
                self._callbacks.answered(prepared.name, list(found))

        def all_batches() -> Iterator[Sequence[Order]]:
            # In turns: where the provider fails on those in doubt, new ones would never be sent.
            new = batches(built(plan.new), mapping)
            if book.resend.replays:
                again = self._same_requests(book, plan, found)
            else:
                again = batches_again(plan, mapping, found)
            for in_turns in zip_longest(again, new):
                yield from filter(None, in_turns)

        keep_alive = mapping.duplicates.class_ in ("A", "B", "U")
        network = self._values.network
        with Client(timeouts, request.in_flight, keep_alive=keep_alive, network=network) as client:
            pacer = Pacer(request.pace, last=book.last_request, note=book.note_request)
            paced = PacedSender(client, pacer)
            self._signer.connect(paced, book.keep_secret)
            try:
                found = self._find(book, paced, plan)
            except KeyboardInterrupt:
                return SendResult(interrupted=True)
            if found:
                advance(len(found))
            return loop.send(
                all_batches(),
                prepare=self._signer.request,
                judge=self._judge,
                client=client,
                journal=book,
                pacer=pacer,
                in_flight=request.in_flight,
                total_seconds=timeouts.total,
                replays=book.resend.replays,
                progress=advance,
                recorded=recorded,
                stopping=self._callbacks.stopping,
            )

    def _judge(self, batch: Sequence[Order], reply: Reply) -> Judgement:
        return self._signer.after(batch, reply, answers.judge(self._mapping, batch, reply))

    def _find(self, book: Journal, client: Sender, plan: journal.Plan[LazyOrder]) -> set[str]:
        """Query which of the orders in doubt the provider already has.

        Returns those that are not to be sent: what is there, and what may be there. Where a second
        copy is refused or changes nothing, the others are safe to send. But what is known to be
        there need not be sent, and only a query gives all of its numbers.
        """
        if self._mapping.query is None or not plan.again:
            return set()
        references = [order.reference for order in plan.again]
        said = query.ask(self._mapping, self._signer, client, references)
        held = set(book.settle(said.found))
        if plan.asked:
            gone = book.not_found(name for name in said.absent if name in plan.asked)
            book.settle(Finding(name, False, "query", note=t(ABSENT_TWICE)) for name in gone)
            held |= plan.asked - (set(gone) - plan.edited)
        return held

    def _same_requests(
        self, book: Journal, plan: journal.Plan[LazyOrder], held: Collection[str]
    ) -> Iterator[Sequence[Order]]:
        """The orders in doubt in the very requests that were made before, by attempt; those whose
        request cannot be made again as it was stay in doubt."""
        left = [order for order in plan.again if order.reference not in held]
        by_attempt: dict[int, list[Order]] = {}
        for order in left:
            if order.reference in plan.asked:  # known not to be there: a request of its own
                yield [order]
            else:
                by_attempt.setdefault(plan.requests[order.reference], []).append(order)
        for orders in by_attempt.values():
            if book.is_replay(orders, self._signer.request(orders)):
                yield orders


def refuse_twice(prepared: Prepared) -> None:
    """Raise SheetError where the journal could not tell two of the orders apart."""
    journal.refuse_twice(_references(prepared))


def _refuse_empty(sheets: Sequence[Prepared]) -> None:
    """Raise SheetError where there is no order at all: nobody meant to send nothing."""
    if sheets and not any(prepared.count for prepared in sheets):
        remedy = t("Give the sheet that holds the orders.")
        raise SheetError(t(NO_ORDERS), where=sheets[0].path, remedy=remedy, code="NO_ORDERS")


def _references(prepared: Prepared) -> Iterator[tuple[str, Sequence[int]]]:
    """The references under which the valid orders are sent, and the rows of each."""
    found = prepared.payloads.orders
    for index in range(prepared.count):
        if prepared.is_valid(index):
            for name in prepared.payloads.part_names(index) or [found.references[index]]:
                yield name, found.rows[index]


_MOST_RENAMED = 20


def _warnings(plan: journal.Plan[LazyOrder], action: str) -> list[str]:
    """What somebody should know about a plan before it is carried out."""
    found: list[str] = []
    if plan.unproven:
        found.append(t(UNPROVEN, count=len(plan.unproven), names=enumerate_some(plan.unproven)))
    found += [
        t(RENAMED, reference=reference, doubt=doubt)
        for reference, doubt in plan.renamed[:_MOST_RENAMED]
    ]
    others: dict[str, list[str]] = {}
    for name, known in plan.standing.items():
        if known.action:
            others.setdefault(known.action, []).append(name)
    for other, names in others.items():
        facts = {
            "count": len(names),
            "names": enumerate_some(names),
            "action": other,
            "wanted": action,
        }
        found.append(t(OTHER_ACTION, **facts))
    return found


def _plan(
    prepared: Prepared,
    book: Journal,
    *,
    again_rejected: bool,
    again_cancelled: bool,
    send_missing: Collection[str] | None,
) -> tuple[dict[int, list[LazyOrder]], journal.Plan[LazyOrder]]:
    """Split the valid orders into parts, and plan which of them to send.

    `send_missing` are the orders whose missing lines are sent too; None means those of every order.
    """
    parts = prepared.valid_parts()
    orders = [order for found in parts.values() for order in found]
    fresh = [one for one in orders if send_missing is None or one.parent in send_missing]
    while fresh:  # what was sent for missing lines may itself have been made in part
        known = book.records(order.reference for order in fresh)
        fresh = list(missing.remainders(prepared.mapping, fresh, known))
        orders = [*orders, *fresh]
    invalid = prepared.invalid_orders()
    return parts, book.plan(
        orders, invalid, again_rejected=again_rejected, again_cancelled=again_cancelled
    )


def _name_unsent(error: ConverterError, sheet: Path, others: Sequence[Path]) -> None:
    texts = [error.args[0], t("There is no result for {sheet}.", sheet=sheet)]
    if others:
        names = join(COMMA, map(str, others))
        texts.append(t("Nothing was sent of {names}, and there is no result for it.", names=names))
    error.args = (join("\n", texts),)


def batches_again(
    plan: journal.Plan[LazyOrder], mapping: ProviderMapping, found: Collection[str] = ()
) -> Iterator[Sequence[Order]]:
    """The orders in doubt except those that were found, in smaller requests at each try.

    An order that makes the provider fail each time ends up alone, and keeps no other in doubt.
    """
    left = (order for order in plan.again if order.reference not in found)
    for tries, orders in groupby(left, lambda order: plan.tries[order.reference]):
        most = max(1, mapping.request.orders_per_request // FEWER ** max(tries - 1, 0))
        request = mapping.request.model_copy(update={"orders_per_request": most})
        yield from batches(orders, mapping.model_copy(update={"request": request}))
