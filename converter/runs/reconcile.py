"""Settle orders in doubt, by asking the provider or by what a person found out."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import time

from converter import logs, messages, settings
from converter.errors import ConverterError, UsageError
from converter.journal import CancelFinding, Journal, OrderRecord, Trust
from converter.message import COMMA, N_, join, t
from converter.model import IN_DOUBT, Finding, Status
from converter.orders.lazy import Source
from converter.provider import query
from converter.provider.client import Client
from converter.provider.request import Signer
from converter.report import Report
from converter.runs import second_calls
from converter.runs.account import hold_account, start_run
from converter.runs.close import close_run, log_end
from converter.runs.decisions import Decision, written_decisions
from converter.runs.missing import reference_of_rest
from converter.runs.patience import timeouts_for
from converter.runs.prepare import Prepared
from converter.runs.report import make_report
from converter.runs.session import Session
from converter.runs.status_rows import status_rows
from converter.sending.pacing import PacedSender, Pacer
from converter.settings import Settings

_LOG = logging.getLogger(__name__)

NOT_IN_DOUBT = N_("{reference} is not in doubt, so the decision about it was not needed.")
NEVER_SENT = N_(
    "There is no order {reference} in this sheet that was ever sent. "
    "Correct the number; none of the decisions was kept."
)
IS_CANCELLED = N_("{who} found that it is cancelled at the provider.")
IS_NOT_CANCELLED = N_("{who} found that it is not cancelled at the provider.")
NOT_TO_BE_CANCELLED = N_(
    "{reference} is not accepted, or was known to be cancelled, so the decision was not needed."
)
NO_CANCELLATION = N_(
    "Of {reference} there is no cancellation in doubt, so the decision was not needed."
)
IN_PART = N_("{reference} exists in part. Once the rest is settled, say settled instead.")
TOO_EARLY = N_(
    "{reference}: a request that was given up on may still arrive. Look again after {time} before "
    "you say that it was not created."
)
ABSENT_TWICE = N_(
    "The provider was asked twice, some time apart, and does not have this order. The next submit "
    "sends it again."
)


@dataclass(frozen=True)
class Findings:
    """What a person found out about orders in doubt."""

    decisions: Sequence[Decision]
    who: str
    note: str = ""


def reconcile_sheet(
    session: Session,
    *,
    created: Sequence[str] = (),
    not_created: Sequence[str] = (),
    settled: Sequence[str] = (),
    cancelled: Sequence[str] = (),
    not_cancelled: Sequence[str] = (),
    who: str | None = None,
    note: str = "",
    trust: Trust = lambda _: False,
) -> Report:
    """Settle the orders of a sheet that are in doubt, as far as possible; nothing is sent.

    `created` are references, or `REFERENCE=NUMBER` with the number that the provider gave. Raises
    UsageError where a decision is about an order that was never sent.
    """
    prepared = session.prepare_one()
    session.values.require()
    signer = Signer(session.mapping, session.values, session.options.action)
    decisions = _decisions(prepared, created, not_created, settled)
    decisions += [Decision(name, True, cancelled=True) for name in cancelled]
    decisions += [Decision(name, True, cancelled=False) for name in not_cancelled]
    findings = Findings(decisions, who or getpass.getuser(), note)
    target = session.targets[prepared.path]
    home = settings.home()
    with hold_account(session.mapping, session.values, home, trust=trust) as account:
        book = start_run(account, prepared, session.values, "reconcile")
        with logs.bound(run=book.run, account=account.name):
            _LOG.info("run started", extra={"action": "reconcile", "sheet": str(prepared.path)})
            notes, fault = _settle_or_stop(prepared, session.values, signer, findings, book)
            source = Source(prepared.payloads)
            valid = (index for index in range(prepared.count) if prepared.is_valid(index))
            book.compare(part for index in valid for part in source.parts(index))
            report = make_report(prepared, book.run, status_rows(prepared, book, {}, {}))
            report = replace(report, notes=(*report.notes, *notes))
            sandbox = session.values.sandbox
            report, late = close_run(prepared, book, report, target, home, sandbox=sandbox)
            log_end(report)
            fault = fault or late
            if fault is not None:  # all that could be written is written
                raise fault
            return report


def _settle_or_stop(
    prepared: Prepared, values: Settings, signer: Signer, findings: Findings, book: Journal
) -> tuple[list[str], Exception | None]:
    """The notes of `_settle`, or the fault of this program that ended it early."""
    try:
        return _settle(prepared, values, signer, findings, book), None
    except ConverterError:
        raise
    except Exception as error:
        _LOG.exception("fault while settling")
        return [], error


def _decisions(
    prepared: Prepared,
    created: Sequence[str],
    not_created: Sequence[str],
    settled: Sequence[str] = (),
) -> list[Decision]:
    """Decisions written in the sheet, then those passed as arguments."""
    names = set(prepared.payloads.orders.references)
    decisions = written_decisions(prepared.path)
    for given, is_settled in ((created, False), (settled, True)):
        for text in given:
            name, _, number = (text, "", "") if text in names else text.rpartition("=")
            decisions.append(Decision(name or text, True, number if name else "", is_settled))
    decisions += [Decision(text, False) for text in not_created]
    return decisions


def _settle(
    prepared: Prepared, values: Settings, signer: Signer, findings: Findings, book: Journal
) -> list[str]:
    """Record decisions and the provider's answers; returns notes for the report."""
    references = [name for name in prepared.payloads.orders.references if name]
    by_parent = book.by_parent(references)
    fresh = by_parent
    while partial := [
        known.reference
        for found in fresh.values()
        for known in found
        if known.status is Status.PARTIAL
    ]:
        fresh = book.by_parent(map(reference_of_rest, partial))
        by_parent = {**by_parent, **fresh}
    open_parts = {
        known.reference: known
        for found in by_parent.values()
        for known in found
        if known.status in IN_DOUBT or known.status is Status.PARTIAL
    }
    decided, notes = _decided(findings, by_parent, open_parts)
    book.settle(decided)
    notes += _settle_cancelled(findings, by_parent, book)
    if prepared.mapping.then is not None:
        names = [known.reference for found in by_parent.values() for known in found]
        second_calls.make(prepared.mapping, values, signer, book, names, is_over=lambda: False)
        open_parts = book.records(open_parts)
    by_person = {finding.reference for finding in decided}
    asked = [
        known
        for reference, known in open_parts.items()
        if reference not in by_person and known.status is Status.UNKNOWN
    ]
    if prepared.mapping.query is not None and asked:
        found, told = _ask(prepared, values, signer, asked, book)
        _LOG.info("provider was asked", extra={"orders": len(asked), "found": len(found)})
        book.settle(found)
        notes += told
    return notes


def _decided(
    given: Findings,
    by_parent: Mapping[str, list[OrderRecord]],
    open_parts: Mapping[str, OrderRecord],
) -> tuple[list[Finding], list[str]]:
    """Findings made from decisions, and notes about decisions that were not used."""
    findings: list[Finding] = []
    notes: list[str] = []
    for decision in given.decisions:
        if decision.cancelled is not None:
            continue
        own = [decision.reference] if decision.reference in open_parts else []
        own = own or [k.reference for k in by_parent.get(decision.reference, [])]
        meant = [open_parts[reference] for reference in own if reference in open_parts]
        if not own:
            raise UsageError(t(NEVER_SENT, reference=repr(decision.reference)))
        if not meant:
            notes.append(t(NOT_IN_DOUBT, reference=decision.reference))
        if decision.send_missing:
            by_submit = N_(
                "{reference}: reconcile sends nothing. Run converter submit on this file to have "
                "its missing lines sent."
            )
            notes.append(t(by_submit, reference=decision.reference))
            continue
        for known in meant:
            if known.status is Status.PARTIAL and not decision.settled:
                notes.append(t(IN_PART, reference=known.reference))
                continue
            # A request that timed out may still arrive, so "not created" is not certain yet.
            if not decision.created and (known.settle_until or 0) > time():
                when = messages.moment(known.settle_until or 0)
                notes.append(t(TOO_EARLY, reference=known.reference, time=when))
                continue
            there = t("{who} found it at the provider.", who=given.who)
            absent = t("{who} found that the provider does not have it.", who=given.who)
            word = there if decision.created else absent
            if known.status is Status.PARTIAL:
                word = t("{who} settled the rest at the provider.", who=given.who)
            note = join(" ", filter(None, [word, given.note]))
            findings.append(
                Finding(
                    known.reference, decision.created, "decision", decision.number,
                    who=given.who, note=note, settled=decision.settled,
                )
            )  # fmt: skip
    return findings, notes


def _settle_cancelled(
    given: Findings, by_parent: Mapping[str, list[OrderRecord]], book: Journal
) -> list[str]:
    """Record what people say of cancellations; returns notes on what was not used."""
    notes: list[str] = []
    known = {one.reference: [one] for found in by_parent.values() for one in found}
    findings: list[CancelFinding] = []
    for decision in given.decisions:
        if decision.cancelled is None:
            continue
        meant = by_parent.get(decision.reference) or known.get(decision.reference, [])
        if not meant:
            raise UsageError(t(NEVER_SENT, reference=repr(decision.reference)))
        word = IS_CANCELLED if decision.cancelled else IS_NOT_CANCELLED
        note = join(" ", filter(None, [t(word, who=given.who), given.note]))
        findings += [
            CancelFinding(one.reference, decision.cancelled, "decision", given.who, note)
            for one in meant
        ]
    settled = book.cancels.settle(findings)
    for finding in findings:
        if finding.reference not in settled:
            sentence = NOT_TO_BE_CANCELLED if finding.cancelled else NO_CANCELLATION
            notes.append(t(sentence, reference=finding.reference))
    return notes


def _ask(
    prepared: Prepared,
    values: Settings,
    signer: Signer,
    asked: Sequence[OrderRecord],
    book: Journal,
) -> tuple[Sequence[Finding], list[str]]:
    """Query the provider about orders in doubt whose settle time is over."""
    notes: list[str] = []
    settled: list[str] = []
    for known in asked:
        if (known.settle_until or 0) <= time():
            settled.append(known.reference)
            continue
        when = messages.moment(known.settle_until or 0)
        notes.append(
            t(
                "{reference}: too early to ask the provider; run reconcile after {time}.",
                reference=known.reference,
                time=when,
            )
        )
    timeouts = timeouts_for(prepared.mapping, values)
    with Client(timeouts, 1, network=values.network) as client:
        pace = prepared.mapping.request.pace
        pacer = Pacer(pace, last=book.last_request, note=book.note_request)
        paced = PacedSender(client, pacer)
        signer.connect(paced, book.keep_secret)
        said = query.ask(prepared.mapping, signer, paced, settled)
    if said.failed:
        notes.append(
            t(
                "The provider could not be asked about {names}. Run reconcile again, or look them "
                "up.",
                names=join(COMMA, said.failed),
            )
        )
    notes += [
        t(
            "{reference}: the provider's answer to the query does not speak of it. Look it up "
            "there.",
            reference=name,
        )
        for name in said.silent
    ]
    gone = []
    if book.resend.refuses_duplicates:
        gone = _never_created(prepared, [k for k in asked if k.reference in said.absent])
    elif book.resend.asks:
        note = t(ABSENT_TWICE)
        names = book.not_found(said.absent)
        gone = [Finding(name, False, "query", note=note) for name in names]
    absent = set(said.absent) - {finding.reference for finding in gone}
    notes += [t(_absent(book), reference=name) for name in sorted(absent)]
    return [*said.found, *gone], notes


def _absent(book: Journal) -> str:
    """What follows where the provider does not find an order in doubt, by its class."""
    if book.resend.refuses_duplicates:
        return N_(
            "{reference}: the provider does not find it. Submit the sheet again: it is sent again "
            "unchanged, and the provider refuses it if it has it after all."
        )
    if book.resend.asks:
        return N_(
            "{reference}: the provider does not find it. Run again in a minute: what is not there "
            "then either does not exist, and is sent again."
        )
    return N_(
        "{reference}: the provider does not find it, which proves nothing by itself. Look it up "
        "there, and settle it with --created or --not-created."
    )


def _never_created(prepared: Prepared, absent: Sequence[OrderRecord]) -> list[Finding]:
    """Those that the provider does not find and that have become invalid in the sheet.

    A provider that refuses duplicates refuses the corrected order too, should the first one turn
    up after all; so the doubt can end here.
    """
    found = prepared.payloads.orders
    invalid = {
        found.references[index] for index in range(prepared.count) if not prepared.is_valid(index)
    }
    note = t(
        "The provider does not find this order. Correct its row and submit the sheet: should the "
        "order exist after all, the provider refuses a second one."
    )
    return [
        Finding(known.reference, False, "query", note=note)
        for known in absent
        if known.parent in invalid
    ]
