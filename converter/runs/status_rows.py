"""One status row for each order, made from its journal records."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from converter import journal, lines, messages
from converter.errors import UsageError
from converter.journal import Journal, OrderRecord, Planned, ResendRule, Settling
from converter.message import COMMA, N_, Message, join, stack, t
from converter.model import NO_LINE_MADE, NOT_MADE, UNPROVEN, Issue, Result, Status
from converter.orders.grouping import Orders
from converter.report import Report, part_line
from converter.runs import blame
from converter.runs.changes import changes_of
from converter.runs.missing import reference_of_rest
from converter.runs.prepare import Prepared
from converter.runs.report import checked_row, issues_text

_REFUSED = (Status.REJECTED, Status.PARTIAL)

_CREATED = (Status.ACCEPTED, Status.PARTIAL)

_UNKNOWN = {
    Settling.LATER: N_(
        "It may or may not exist at the provider. Run again after {time}: "
        "it will be settled then. {why}"
    ),
    Settling.NOW: N_(
        "It may or may not exist at the provider. Run again now: it will be settled then. {why}"
    ),
    Settling.BY_HAND: N_(
        "It may or may not exist at the provider. Look up {reference} there before doing anything "
        "else, write created or not created into the column Decision of the sheet Results, and run "
        "converter reconcile on this file. It is not sent again by itself. {why}"
    ),
    Settling.REQUEST_DIVIDED: N_(
        "It may or may not exist at the provider. Other orders of its request have their answer, "
        "so the same request cannot be made again. Look up {reference} there, write created or "
        "not created into the column Decision of the sheet Results, and run converter reconcile "
        "on this file. {why}"
    ),
    Settling.KEY_FORGOTTEN: N_(
        "It may or may not exist at the provider, which may have forgotten its idempotency key by "
        "now, so it is not sent again. Look up {reference} there, write created or not created "
        "into the column Decision of the sheet Results, and run converter reconcile on this file. "
        "{why}"
    ),
}

ACCEPTED = N_("Already accepted at {time}; not sent again.")
ACCEPTED_CHANGED = N_(
    "Already accepted at {time}; not sent again, although the sheet now differs in: {fields}. "
    "Change it at the provider if need be."
)
REJECTED_UNCHANGED = N_(
    "Rejected before, not changed since; not sent. Correct it, or use --again-rejected to send "
    "it as it is. {why}"
)
NOT_PROVED = N_(
    "The provider's document does not list this answer as a refusal. Most likely nothing was "
    "created, but that is not proved: look it up there before you have it sent unchanged."
)
DUPLICATE = N_(
    "The provider already has this reference, and no answer in this journal shows that it was "
    "sent from here. It may come from another computer, another CONVERTER_HOME, or an answer "
    "that could not be read. Check the order there, or use another reference. {why}"
)
PARTIAL = N_(
    "The provider made a part of it, under {number}. Not made: {lines}. Nothing of it is sent "
    "again, whatever is corrected here. Settle the rest at the provider, then write settled "
    "and the number into the columns Decision and Found order no. of the sheet Results and run "
    "converter reconcile on this file; or have the missing lines sent as a new order "
    "{reference}-R1: write send missing lines into the column Decision and run converter "
    "submit on this file (for all such orders at once by converter submit with --send-missing)."
)
PARTIAL_WITHOUT_LINES = N_(
    "The provider made an order of it, under {number}, but not one that can be completed from "
    "here. Nothing of it is sent again, whatever is corrected here. Look it up at the provider "
    "and settle it there, then write settled and the number into the columns Decision and "
    "Found order no. of the sheet Results and run converter reconcile on this file."
)
CANCELLED = N_(
    "Cancelled at {time}; not sent again. The provider is not known to free the number of a "
    "cancelled order: to have it made after all, give it another order number."
)
CANCELLED_FREE = N_(
    "Cancelled at {time}; not sent again unless with --again-cancelled. To have it made after all, "
    "run converter submit with that option."
)
CANCEL_UNKNOWN = N_(
    "It was accepted; nobody knows whether it was cancelled. {why} Look up {reference} at the "
    "provider, write cancelled or not cancelled into the column Decision of the sheet Results, and "
    "run converter reconcile on this file. It is not cancelled again by itself."
)
NOT_SENT = N_("Not sent. Run again to send it. {why}")

_CHUNK = 1000
"""Number of orders whose journal records are read at once, to bound memory."""


def status_rows(
    prepared: Prepared,
    book: Journal,
    parts: Mapping[int, Sequence[Planned]],
    before: Mapping[str, OrderRecord],
    action: str = "",
) -> list[Result]:
    """The status rows in the sheet's order.

    `parts` are the orders that passed the checks, as they are sent; `before` is what stood in the
    journal before this run sent anything; `action` is what the provider is asked to do.
    """
    references = prepared.payloads.orders.references
    made: list[Result] = []
    for start in range(0, prepared.count, _CHUNK):
        some = range(start, min(start + _CHUNK, prepared.count))
        sent = [part.reference for index in some for part in parts.get(index, ())]
        known = book.records_of_all(sent)
        left = (references[index] for index in some if index not in parts)
        by_parent = book.by_parent(reference for reference in left if reference)
        every = chain(known.values(), chain.from_iterable(by_parent.values()))
        known = {**known, **_rests(book, every)}
        made += [
            _row(
                prepared, index, parts.get(index, ()), known, before, by_parent, action, book.resend
            )
            for index in some
        ]
    return made


def rows_known_before(
    prepared: Prepared,
    parts: Mapping[int, Sequence[Planned]],
    known: journal.Preview,
    terms: journal.Terms,
) -> list[Result]:
    """The status rows before anything is sent: what the journal knows, else what checks say."""
    before, references = known.by_reference, prepared.payloads.orders.references
    made = []
    for index in range(prepared.count):
        own = parts.get(index, ())
        is_known = all(part.reference in before for part in own)
        if not own:
            is_known = references[index] in known.by_parent
        made.append(
            _row(prepared, index, own, before, before, known.by_parent, terms.action, terms.resend)
            if is_known
            else checked_row(prepared, index)
        )
    return made


def _row(
    prepared: Prepared,
    index: int,
    parts: Sequence[Planned],
    known: Mapping[str, OrderRecord],
    before: Mapping[str, OrderRecord],
    by_parent: Mapping[str, list[OrderRecord]],
    action: str,
    resend: ResendRule,
) -> Result:
    """The status row of one order, from what the journal knows of its parts."""
    found = prepared.payloads.orders
    reference, rows = found.references[index], found.rows[index]
    issues = prepared.issues.get(index, ())
    if not parts:
        earlier = by_parent.get(reference, [])
        if all(k.status in (Status.NOT_SENT, Status.INVALID) for k in earlier):
            if not prepared.is_valid(index):
                return replace(checked_row(prepared, index), status=Status.INVALID)
            result = checked_row(prepared, index)
            message = stack([t(NOT_SENT, why=""), result.message])
            return replace(result, status=Status.NOT_SENT, message=message)
        # It was sent before: show its record, whatever its cells say now.
        records = earlier
    else:
        records = [known[part.reference] for part in parts]
    records = [shown for record in records for shown in _with_rest(record, known)]
    results = [_part(prepared, record, before, action, resend) for record in records]
    owners = dict(
        zip(prepared.payloads.part_names(index), prepared.payloads.part_owners(index), strict=False)
    )
    result = _combine_parts(reference, results, owners)
    warned = issues_text(prepared, index)
    if result.status is Status.ACCEPTED and not prepared.is_valid(index):
        # It is never sent again, so nobody has to correct its cells.
        issues, warned = (), ""
    message = stack([result.message, warned])
    if result.status in _REFUSED:
        blamed = [issue for known in records for issue in _blamed(found, index, known)]
        issues = (*issues, *blamed)
        places = {str(one.cell): t("{cell} ({title})", cell=one.cell, title=one.title)
                  for one in blamed}  # fmt: skip
        cells = join(COMMA, places.values())
        message = stack([message, t("Look at {cells}.", cells=cells) if blamed else ""])
    return replace(result, rows=rows, issues=issues, message=message)


def _rests(book: Journal, records: Iterable[OrderRecord]) -> dict[str, OrderRecord]:
    """The orders under which the missing lines of partial orders were sent."""
    found: dict[str, OrderRecord] = {}
    fresh = list(records)
    while partial := [known.reference for known in fresh if known.status is Status.PARTIAL]:
        more = book.records(map(reference_of_rest, partial))
        found |= more
        fresh = list(more.values())
    return found


def _with_rest(known: OrderRecord, others: Mapping[str, OrderRecord]) -> Sequence[OrderRecord]:
    """A record, and that of its missing lines where they were sent as a new order."""
    rest = others.get(reference_of_rest(known.reference))
    if known.status is not Status.PARTIAL or rest is None:
        return (known,)
    rests = _with_rest(rest, others)
    if all(one.status is Status.ACCEPTED for one in rests):  # together they are the whole order
        outputs = {name: text for name, text in known.outputs.items() if name != NOT_MADE}
        known = replace(known, status=Status.ACCEPTED, outputs=outputs)
    return (known, *rests)


def _blamed(orders: Orders, index: int, known: OrderRecord) -> Sequence[Issue]:
    """The cells that a refusal is about: those of the lines that it names, else by its words."""
    if known.status not in _REFUSED:
        return ()
    message = str(known.message)
    code = "provider_says" if known.status is Status.REJECTED else "line_not_made"
    missing = lines.from_text(known.outputs.get(NOT_MADE, ""))
    found = blame.missing_lines(orders, index, missing, code, message)
    if found or known.status is Status.PARTIAL:
        return found
    return blame.issues(orders, index, message)


def _part(
    prepared: Prepared,
    known: OrderRecord,
    before: Mapping[str, OrderRecord],
    action: str,
    resend: ResendRule,
) -> Result:
    """The result of one part, from its journal record."""
    earlier = before.get(known.reference)
    changed = changes_of(prepared, known.differences)
    result = _result_of(known, earlier, changed, resend)
    if known.action and action:
        other = t(
            "Accepted by {action} earlier; {wanted} was not done, because an accepted order is not "
            "sent again. Do that at the provider.",
            action=known.action,
            wanted=action,
        )
        result = replace(result, message=stack([other, result.message]))
    return result


def _result_of(
    known: OrderRecord, earlier: OrderRecord | None, changed: str, resend: ResendRule
) -> Result:
    """The result of one part; `earlier` is its record before this run, if it had been sent."""
    accepted = earlier if earlier and earlier.status in _CREATED else None
    lines = [_became(known, earlier, accepted, changed, resend)]
    if known.status in _CREATED:
        lines.append(known.cancel_message)
    if known.status is Status.PARTIAL:
        missing = _line_names(known.outputs.get(NOT_MADE, ""))
        template = PARTIAL
        if not missing or NO_LINE_MADE in known.flags:
            template = PARTIAL_WITHOUT_LINES
        facts = {"number": known.provider_order_no, "reference": known.reference}
        lines.append(t(template, lines=missing, **facts))
    if known.status is Status.REJECTED and UNPROVEN in known.flags:
        lines.append(t(NOT_PROVED))
    if not changed and "sheet_changed" in known.flags:
        lines.append(t("The sheet now differs from what was sent. That was not sent."))
    if changed and not accepted:
        lines.append(
            t(
                "It was sent as the sheet stood at the first attempt. The sheet now differs in: "
                "{fields}. That was not sent.",
                fields=changed,
            )
        )
    return Result(
        known.reference,
        known.status,
        stack(lines),
        known.provider_order_no,
        known.tracking_no,
        rows=known.rows,
        outputs=dict(known.outputs),
        attempts=known.attempts,
        time=known.time,
        request_id=known.request_id,
        flags=known.flags,
        changed=changed,
    )


def _became(
    known: OrderRecord,
    earlier: OrderRecord | None,
    accepted: OrderRecord | None,
    changed: str,
    resend: ResendRule,
) -> str:
    """What became of an order, with what the journal says of it."""
    if known.status in (Status.CANCELLED, Status.CANCEL_UNKNOWN):
        return _cancelling(known, earlier, resend)
    why = known.message if isinstance(known.message, Message) else known.message.strip()
    if accepted:
        when = messages.local_time(accepted.accepted_at or accepted.time)
        template = ACCEPTED_CHANGED if changed else ACCEPTED
        return stack([t(template, time=when, fields=changed), why])
    if earlier and journal.UNCHANGED in earlier.flags:
        return t(REJECTED_UNCHANGED, why=why)
    if known.status is Status.UNKNOWN:
        when = messages.moment(known.settle_until or 0)
        settling = resend.settling(
            known.settle_until, time.time(), first_sent=known.first_sent, is_whole=known.is_whole
        )
        template = _UNKNOWN[settling]
        return t(template, time=when, reference=known.reference, why=why)
    if known.status is Status.NOT_SENT and not journal.is_held_back(known.message):
        return t(NOT_SENT, why=why)
    return t(DUPLICATE, why=why) if known.status is Status.DUPLICATE else why


def _cancelling(known: OrderRecord, earlier: OrderRecord | None, resend: ResendRule) -> str:
    """What became of an order that was cancelled, or may be."""
    if known.status is Status.CANCEL_UNKNOWN:
        return t(CANCEL_UNKNOWN, reference=known.reference, why=known.cancel_message)
    if earlier is None or earlier.status is not Status.CANCELLED:
        return known.cancel_message
    template = CANCELLED_FREE if resend.frees_references else CANCELLED
    return t(template, time=messages.local_time(known.cancelled_at))


def _line_names(text: str) -> str:
    return ", ".join(" ".join(keys.values()) for keys in lines.from_text(text))


def past_report(home: Path, run: str, lang: str) -> Report:
    """Rebuild the report of a past run, finished or not, from the journal alone.

    Raises UsageError where there is no such run.
    """
    found = next((one for one in journal.runs(home) if one.run == run), None)
    if found is None:
        raise UsageError(
            t("There is no run {run}. `converter status` lists the runs.", run=repr(run))
        )
    resend, orders = journal.orders(home, run)
    results = _by_order(
        (
            order.record.parent,
            replace(_result_of(order.record, order.before, "", resend), rows=order.rows),
        )
        for order in orders
    )
    return Report(
        found.provider, found.sheet, run, tuple(results), stopped=found.stopped,
        result_path=found.result_path, lang=lang,
    )  # fmt: skip


def rows_of_records(records: Iterable[OrderRecord], resend: ResendRule) -> list[Result]:
    """The rows of orders that no sheet is at hand for, from what the journal knows."""
    return _by_order((known.parent, _result_of(known, None, "", resend)) for known in records)


def _by_order(parts: Iterable[tuple[str, Result]]) -> list[Result]:
    """One result for each order, of those of its parts; a part without an order is one itself."""
    by_parent: dict[str, list[Result]] = {}
    for place, (parent, result) in enumerate(parts):
        by_parent.setdefault(parent or f"\0{place}", []).append(result)
    return [
        replace(
            _combine_parts(parent.partition("\0")[0], own),
            rows=tuple(sorted({row for part in own for row in part.rows})),
        )
        for parent, own in by_parent.items()
    ]


def _combine_parts(
    reference: str,
    parts: Sequence[Result],
    owners: Mapping[str, str] = MappingProxyType({}),
) -> Result:
    """Combine the results of the parts of an order into one row."""
    if len(parts) == 1:
        return replace(parts[0], reference=reference)
    lines = [part_line(part, _named_part(part.reference, owners)) for part in parts]
    changed = [part.changed for part in parts if part.changed]
    outputs: dict[str, list[str]] = {}
    for part in parts:
        for name, value in part.outputs.items():
            outputs.setdefault(name, []).append(value)
    return Result(
        reference,
        _overall_status([part.status for part in parts]),
        stack(lines),
        "; ".join(part.provider_order_no for part in parts if part.provider_order_no),
        "; ".join(part.tracking_no for part in parts if part.tracking_no),
        outputs={name: "; ".join(values) for name, values in outputs.items()},
        attempts=sum(part.attempts for part in parts),
        time=max(part.time for part in parts),
        request_id="; ".join(part.request_id for part in parts if part.request_id),
        parts=tuple(parts),
        flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)),
        changed=join("; ", changed) if changed else "",
    )


def _named_part(reference: str, owners: Mapping[str, str]) -> str:
    owner = owners.get(reference, "")
    return f"{reference} ({owner})" if owner else reference


def _overall_status(statuses: Sequence[Status]) -> Status:
    """Overall status of an order sent in parts; one unknown part makes the order unknown."""
    if len(set(statuses)) == 1:
        return statuses[0]
    if Status.UNKNOWN in statuses:
        return Status.UNKNOWN
    if Status.CANCEL_UNKNOWN in statuses:
        return Status.CANCEL_UNKNOWN
    if set(statuses) == {Status.ACCEPTED, Status.CANCELLED}:
        return Status.ACCEPTED
    if Status.NOT_SENT in statuses:
        return Status.NOT_SENT
    return Status.PARTIAL if {Status.ACCEPTED, Status.PARTIAL} & set(statuses) else Status.REJECTED
