"""Cancel accepted orders at the provider, by the same road as they were sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from converter import journal, logs, messages, settings
from converter.errors import UsageError
from converter.journal import (
    MAY_BE_CANCELLED,
    CancelFinding,
    Cancellation,
    CancelVerdict,
    Journal,
    OrderRecord,
    Trust,
)
from converter.mapping.calls import Cancel
from converter.mapping.lint_calls import names_of_call
from converter.message import N_, enumerate_some, t
from converter.model import HttpRequest, Status
from converter.provider import query
from converter.provider.cancelling import CancelAnswer, Cancelled, read_cancel_reply
from converter.provider.client import Client, Sender
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.account import hold_account, start_run_of_orders
from converter.runs.cancel_plan import CancelPlan, ToCancel, to_cancel
from converter.runs.close import log_end
from converter.runs.known_calls import documented, is_on, told_when_used
from converter.runs.patience import timeouts_for
from converter.runs.refresh import Noting, named_orders, rewrite_result
from converter.runs.session import Session
from converter.runs.status_rows import rows_of_records
from converter.sending.pacing import PacedSender, Pacer
from converter.sending.signals import GracefulStop

_LOG = logging.getLogger(__name__)

ACTION = "cancel"
"""What the journal and the settings call it."""
_MOST_DOUBTS = 3
"""Answers in a row that nobody can read, after which nothing more is asked."""

DECLINED = N_("Nothing was cancelled.")
NOT_ACCEPTED = N_("{reference}: only an accepted order can be cancelled, and this one is {status}.")
ALREADY = N_("{reference} was cancelled before.")
NO_NUMBER = N_(
    "{reference}: the provider cancels by its own number, which is not known. Look it up there and "
    "cancel it there, then tell converter reconcile with --cancelled {reference}."
)
TOO_LATE = N_(
    "{reference}: the provider says that its state is {state}, in which it cannot be cancelled any "
    "more. Nothing was asked."
)
NOT_FOUND = N_(
    "{reference}: the provider does not find it, so nothing was asked. Look it up there."
)
STILL_UNKNOWN = N_(
    "{reference}: nobody knows whether the last request to cancel it took effect, so it is not "
    "made again. {next}"
)
ASK_LATER = N_("Run converter cancel again after {time}: the provider is asked then.")
LOOK_IT_UP = N_(
    "Look it up at the provider, then tell converter reconcile with --cancelled {reference} or "
    "--not-cancelled {reference}."
)
GONE_NOW = N_("The provider was asked and does not have this order any more.")
STATE_NOW = N_("The provider was asked and says that it is cancelled.")
STANDS_NOW = N_("The provider was asked and has this order as before.")
STILL_LISTED = N_(
    "{reference}: the provider said that it is cancelled, yet still lists it{state}. Look it up "
    "there."
)
NOT_ASKED = N_("The provider could not be asked what became of {names}.")
IN_DOUBT = N_(
    "{count} answers in a row could not be read, so nothing more was asked. Look at the provider "
    "what became of them."
)
CANCELLED = N_("{reference}: cancelled.")
NOT_CANCELLED = N_("{reference}: not cancelled. {why}")
UNKNOWN = N_("{reference}: cancellation unknown. {why} {next}")
EDITED = N_(
    "{file} was saved by somebody since, so it is not written over. To get this into a new one "
    "beside it: converter reconcile {file} -p {provider}"
)

_ASKED = (Status.ACCEPTED, Status.PARTIAL, Status.CANCEL_UNKNOWN)
NOTHING_NAMED = N_("Say which orders to cancel: their references, or --run with a run.")

_VERDICTS = {
    Cancelled.YES: CancelVerdict.CANCELLED,
    Cancelled.NO: CancelVerdict.REFUSED,
    Cancelled.UNKNOWN: CancelVerdict.IN_DOUBT,
    Cancelled.NOT_TAKEN: CancelVerdict.NOT_PROCESSED,
}


def agree(_: CancelPlan) -> bool:
    """Ask nobody."""
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What the provider says of an order now."""

    exists: bool
    state: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Cancelling:
    """One command that cancels, with what it uses and what it has to tell."""

    session: Session
    call: Cancel
    book: Journal
    signer: Signer
    client: Sender
    is_over: Callable[[], bool]
    notes: list[str] = field(default_factory=list)
    stopped: str = ""

    # -- asking ------------------------------------------------------------------------------------

    def look(self, records: Sequence[OrderRecord]) -> dict[str, Seen]:
        """Where the provider can be asked: whether it has each order, and its state."""
        mapping = self.session.mapping
        refresh = mapping.calls.refresh
        can_tell = self.call.gone or self.call.cancelled_states or self.call.late_states
        is_usable = refresh is not None and is_on(mapping, self.session.values, "refresh")
        if not (records and can_tell and is_usable):
            return {}
        asking = mapping.model_copy(update={"query": refresh})
        sender = Noting(self.client, self.book, self.is_over)
        signer = Signer(asking, self.session.values, self.session.options.action)
        signer.connect(sender, self.book.keep_secret)
        names = [one.reference for one in records]
        said = query.ask(asking, signer, sender, names, about=sender.about)
        if said.failed:
            self.notes.append(t(NOT_ASKED, names=enumerate_some(said.failed)))
        found = {
            one.reference: Seen(True, one.outputs.get("state", ""), one.outputs)
            for one in said.found
        }
        return {**found, **dict.fromkeys(said.absent, Seen(False))}

    def is_cancelled(self, seen: Seen | None) -> bool:
        """Whether what the provider says of an order that it had means: cancelled."""
        if seen is None:
            return False
        return seen.state in self.call.cancelled_states if seen.exists else self.call.gone

    def finding(self, reference: str, seen: Seen) -> CancelFinding:
        if not self.is_cancelled(seen):
            return CancelFinding(reference, False, "query", note=t(STANDS_NOW))
        note = t(STATE_NOW if seen.exists else GONE_NOW)
        return CancelFinding(reference, True, "query", note=note)

    def number_of(self, known: OrderRecord, seen: Seen | None) -> str:
        """What the provider calls the order where it cancels it; empty where nobody knows."""
        if self.call.number == "provider_order_no":
            return known.provider_order_no
        late = seen.outputs.get(self.call.number, "") if seen else ""
        number = late or known.outputs.get(self.call.number, "")
        return number if len(journal.numbers_of(number)) == 1 else ""

    def settle_doubts(self, records: Sequence[OrderRecord], seen: dict[str, Seen]) -> None:
        """Settle what an earlier request to cancel left open, as far as the provider tells.

        That an order stands counts only once the request cannot take effect any more.
        """
        for known in records:
            if known.cancellation is not Cancellation.UNKNOWN:
                continue
            name = known.reference
            until = self.book.cancels.since(name) + self.book.resend.settle_seconds
            said = seen.get(name)
            if said is not None and (
                self.is_cancelled(said) or (said.exists and until <= time.time())
            ):
                self.book.cancels.settle([self.finding(name, said)])
                continue
            then = t(ASK_LATER, time=messages.moment(until))
            further = then if said is not None and said.exists else t(LOOK_IT_UP, reference=name)
            self.notes.append(t(STILL_UNKNOWN, reference=name, next=further))

    # -- planning ----------------------------------------------------------------------------------

    def plan(self, names: Sequence[str], seen: dict[str, Seen], *, tells: bool) -> list[ToCancel]:
        """What is to be cancelled; with `tells`, notes say why other orders are not."""
        by_number = "number" in names_of_call(self.call)
        chosen = []
        for name in names:
            known = self.book.records([name])[name]
            said = seen.get(name)
            if known.cancellation is Cancellation.CANCELLED:
                if tells:
                    self.notes.append(t(ALREADY, reference=name))
            elif known.cancellation not in MAY_BE_CANCELLED:
                continue  # told where it was to be settled
            elif known.status not in (Status.ACCEPTED, Status.PARTIAL):
                if tells:
                    status = messages.status_word(known.status)
                    self.notes.append(t(NOT_ACCEPTED, reference=name, status=status))
            elif said is not None and said.exists and self.is_cancelled(said):
                self.book.cancels.settle([self.finding(name, said)])
                self.notes.append(t(CANCELLED, reference=name))
            elif said is not None and not said.exists:
                self.notes.append(t(NOT_FOUND, reference=name))
            elif said is not None and said.state in self.call.late_states:
                self.notes.append(t(TOO_LATE, reference=name, state=said.state))
            elif by_number and not self.number_of(known, said):
                self.notes.append(t(NO_NUMBER, reference=name))
            else:
                number = self.number_of(known, said) if by_number else ""
                payload = self.book.payload(name)
                chosen.append(to_cancel(self.session.mapping, known, payload, number))
        return chosen

    # -- cancelling --------------------------------------------------------------------------------

    def cancel(self, chosen: Sequence[ToCancel]) -> None:
        """Ask for each number of each order once; what stops it is told."""
        doubts = 0
        for one in chosen:
            gone = self.book.cancels.cancelled_numbers(one.reference)
            for number in one.numbers:
                if number in gone:
                    continue
                if self.stopped or self.is_over():
                    return
                answer = self._ask(one.reference, number)
                if answer.stop:
                    self.stopped = answer.message
                doubts = doubts + 1 if answer.verdict is Cancelled.UNKNOWN else 0
                if doubts >= _MOST_DOUBTS:
                    self.stopped = t(IN_DOUBT, count=doubts)
                if answer.verdict is Cancelled.UNKNOWN:
                    break  # of this order nothing more is asked before that is settled

    def _ask(self, reference: str, number: str) -> CancelAnswer:
        names = {"number": number, "reference": reference}

        def build() -> HttpRequest:
            return self.signer.call(self.call, names)

        cancel = self.book.cancels.intend(reference, number, build())
        reply = self.signer.exchange(self.client, build)
        answer = read_cancel_reply(self.call, reply)
        verdict = _VERDICTS[answer.verdict]
        self.book.cancels.record(cancel, reply, verdict, answer.message)
        _LOG.info("order was to be cancelled", extra={"order": reference, "verdict": verdict})
        return answer

    def look_again(self, chosen: Sequence[ToCancel]) -> None:
        """See what the provider says of the orders now, and tell what became of each."""
        names = [one.reference for one in chosen]
        records = list(self.book.records(names).values())
        seen = {} if self.is_over() else self.look(records)
        for known in records:
            name, said = known.reference, seen.get(known.reference)
            if said is None:
                continue
            if self.is_cancelled(said):
                self.book.cancels.settle([self.finding(name, said)])
            elif said.exists and known.cancellation is Cancellation.CANCELLED:
                state = f" ({said.state})" if said.state else ""
                self.notes.append(t(STILL_LISTED, reference=name, state=state))


def cancel_orders(
    session: Session,
    named: Sequence[str],
    runs: Sequence[str] = (),
    *,
    confirm: Callable[[CancelPlan], bool] = agree,
    trust: Trust = lambda _: False,
) -> Report:
    """Cancel accepted orders, by their references or those of runs.

    Raises UsageError where the account's journal does not know one of them, or nobody agrees.
    """
    mapping, values = session.mapping, session.values
    documented(mapping, values, ACTION)
    call = mapping.calls.cancel
    assert call is not None  # else it is not documented
    values.require()
    home = settings.home()
    with (
        hold_account(mapping, values, home, trust=trust) as account,
        GracefulStop() as stop,
    ):
        names = named_orders(home, account.name, [*named, *runs])
        if not names:
            raise UsageError(t(NOTHING_NAMED))
        book = start_run_of_orders(account, mapping, values, ACTION)
        with (
            logs.bound(run=book.run, account=account.name),
            Client(timeouts_for(mapping, values), 1, network=values.network) as client,
        ):
            _LOG.info("run started", extra={"action": ACTION})
            pacer = Pacer(mapping.request.pace, last=book.last_request, note=book.note_request)
            signer = Signer(mapping, values, session.options.action)
            sender = PacedSender(client, pacer)
            signer.connect(sender, book.keep_secret)
            work = _Cancelling(
                session, call, book, signer, sender, lambda: stop.is_requested,
                notes=list(told_when_used(mapping, ACTION, call)),
            )  # fmt: skip
            return _carry_out(work, account, names, bool(named), confirm)


def _carry_out(
    work: _Cancelling,
    account: journal.JournalFile,
    names: Sequence[str],
    is_named: bool,
    confirm: Callable[[CancelPlan], bool],
) -> Report:
    book, session = work.book, work.session
    before = book.records(names)
    askable = [one for one in before.values() if one.status in _ASKED]
    seen = work.look(askable)
    work.settle_doubts(askable, seen)
    chosen = work.plan(names, seen, tells=is_named)
    agreed = not chosen or confirm(CancelPlan.of(session.mapping, session.values, chosen))
    if agreed:
        work.cancel(chosen)
        if chosen:
            work.look_again(chosen)
    report = _report(work, names, before, chosen if agreed else ())
    book.finish(result_path="", result_sha256="", counts=report.counts, stopped=report.stopped)
    log_end(report)
    changed = [
        name for name, known in book.records(names).items()
        if known.status is not before[name].status
        or known.cancel_message != before[name].cancel_message
    ]  # fmt: skip
    told = [
        rewrite_result(session, account, one, action=ACTION, edited=EDITED)
        for one in book.results_of(changed)
    ]
    if not agreed:
        raise UsageError(t(DECLINED))
    return replace(report, notes=(*report.notes, *told))


def _report(
    work: _Cancelling,
    names: Sequence[str],
    before: dict[str, OrderRecord],
    chosen: Sequence[ToCancel],
) -> Report:
    """What became of each order that was to be cancelled."""
    book = work.book
    after = book.records(names)
    undone = 0
    for one in chosen:
        known = after[one.reference]
        why = known.cancel_message
        if known.status is Status.CANCELLED:
            work.notes.append(t(CANCELLED, reference=one.reference))
        elif known.status is Status.CANCEL_UNKNOWN:
            then = t(LOOK_IT_UP, reference=one.reference)
            work.notes.append(t(UNKNOWN, reference=one.reference, why=why, next=then))
        else:
            undone += 1
            work.notes.append(t(NOT_CANCELLED, reference=one.reference, why=why))
    meant = {one.reference for one in chosen}
    undone += sum(
        1
        for name, known in after.items()
        if name not in meant and known.status in (Status.ACCEPTED, Status.PARTIAL)
        and before[name].cancellation is not Cancellation.CANCELLED
    )  # fmt: skip
    return Report(
        work.session.mapping.provider, "", book.run,
        tuple(rows_of_records(list(after.values()), book.resend)),
        notes=tuple(work.notes), stopped=work.stopped, interrupted=work.is_over(),
        lang=work.session.options.lang, undone=undone,
    )  # fmt: skip
