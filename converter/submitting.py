"""Orders sent and answered for: the only room that sees the customer's file and the provider both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from converter import __version__, answers, journal, results, sending, settings, wording
from converter.client import Client
from converter.errors import UsageError
from converter.journal import Journal, Known
from converter.model import Order, Report, Result, Status
from converter.payload import batches
from converter.pipeline import Prepared, checked, finish, issues_text, report_of
from converter.settings import Settings
from converter.signing import Signer

SANDBOX_PATIENCE = 3.0
"""Seconds to wait for the sandbox: it answers at once, or on purpose not at all."""


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


def submit(prepared: Prepared, how: Sending, *, target: Path) -> Report:
    """Send every valid order that is not accepted yet; one status row for each order."""
    mapping = prepared.mapping
    results.check_writable(target, prepared.path)
    settle = settings.number("CONVERTER_SETTLE_SECONDS", mapping.duplicates.settle_seconds)
    with _journal(prepared, how, settle) as book:
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
        plan = book.plan(planned, [row for row in invalid if row[0]])
        to_send = len(plan.new) + len(plan.again)
        per_request = mapping.request.orders_per_request
        ended = sending.Ended("", False, ())
        if to_send:
            requests = -(-len(plan.new) // per_request) + -(-len(plan.again) // per_request)
            if not how.confirm(to_send, requests, how.values.values["base_url"]):
                raise UsageError("Nothing was sent.")
            ended = _send(prepared, how, book, plan)
        names = {order.reference for order in planned} | {row[0] for row in invalid if row[0]}
        known = book.known(names)
        by_parent = book.by_parent([p for p in prepared.payloads.orders.references if p])
        rows = [
            _result(prepared, index, parts.get(index, []), {**known, **plan.standing}
                    if not to_send else {**plan.standing, **known}, plan.standing, by_parent)
            for index in range(prepared.count)
        ]  # fmt: skip
        report = report_of(
            prepared, book.run, rows, stopped=ended.stopped, interrupted=ended.interrupted
        )
        report = replace(report, notes=(*report.notes, *ended.notes))
        report = finish(prepared, report, target, sandbox=how.values.sandbox)
        written = Path(report.result_path)
        book.finish(
            result_path=str(written.resolve()),
            result_sha256=hashlib.sha256(written.read_bytes()).hexdigest(),
            counts=report.counts,
            stopped=report.stopped,
        )
        return report


@contextmanager
def _journal(prepared: Prepared, how: Sending, settle: float) -> Iterator[Journal]:
    mapping = prepared.mapping
    names = {
        name: how.values.values.get(name, "")
        for name, setting in mapping.settings.items()
        if setting.account and name != "base_url"
    }
    account = journal.Account(
        mapping.provider, how.values.values["base_url"], names, how.values.sandbox
    )
    start = journal.RunStart(
        provider=mapping.provider,
        action=how.action,
        sheet=str(prepared.path),
        sheet_sha256=prepared.sha256,
        mapping_sha256=hashlib.sha256(mapping.model_dump_json().encode()).hexdigest(),
        version=__version__,
    )
    with Journal.open(
        how.home,
        account,
        start,
        class_=mapping.duplicates.class_,
        settle_seconds=settle,
        secrets=how.values.secrets,
    ) as book:
        yield book


def _send(prepared: Prepared, how: Sending, book: Journal, plan: journal.Plan) -> sending.Ended:
    mapping = prepared.mapping
    request = mapping.request
    patience = SANDBOX_PATIENCE if how.values.sandbox else request.timeout.total
    total = settings.number("CONVERTER_TIMEOUT_SECONDS", patience)
    timeouts = request.timeout.model_copy(
        update={"total": total, "read": min(total, request.timeout.read)}
    )
    to_send = len(plan.new) + len(plan.again)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        how.progress(done, to_send)

    def all_batches() -> Iterator[Sequence[Order]]:
        # Orders in doubt travel apart from new ones: a fault of theirs is not spread further.
        yield from batches(plan.again, mapping)
        yield from batches(plan.new, mapping)

    keep_alive = mapping.duplicates.class_ in ("A", "B")
    with Client(timeouts, request.in_flight, keep_alive=keep_alive) as client:
        return sending.send(
            all_batches(),
            prepare=how.signer.request,
            judge=lambda batch, reply: answers.judge(mapping, batch, reply),
            client=client,
            journal=book,
            in_flight=request.in_flight,
            total_seconds=total,
            progress=advance,
        )


def _result(
    prepared: Prepared,
    index: int,
    parts: Sequence[Order],
    known: Mapping[str, Known],
    standing: Mapping[str, Known],
    by_parent: Mapping[str, list[Known]],
) -> Result:
    """The status row of one order, from what the journal knows of its parts."""
    found = prepared.payloads.orders
    reference, rows = found.references[index], found.rows[index]
    issues = prepared.issues.get(index, ())
    if not parts:
        earlier = [k for k in by_parent.get(reference, []) if k.status is not Status.NOT_SENT]
        earlier = [k for k in earlier if k.status in _EXISTS]
        if not earlier:
            return replace(checked(prepared, index), status=Status.INVALID)
        # It was sent before its cells went wrong: what is known of it must not be hidden.
        told = [_part(prepared, k, standing) for k in earlier]
        text = "\n".join(filter(None, [told[0].message, issues_text(prepared, index)]))
        return replace(_together(prepared, reference, told), rows=rows, issues=issues, message=text)
    told = [_part(prepared, known[part.reference], standing) for part in parts]
    result = _together(prepared, reference, told)
    warned = issues_text(prepared, index)
    message = "\n".join(filter(None, [result.message, warned]))
    return replace(result, rows=rows, issues=issues, message=message)


_EXISTS = {Status.ACCEPTED, Status.PARTIAL, Status.UNKNOWN, Status.DUPLICATE}


def _part(prepared: Prepared, known: Known, standing: Mapping[str, Known]) -> Result:
    """What the journal knows of one part, in the person's language."""
    lang = prepared.lang
    message = known.message
    before = standing.get(known.reference)
    if before is not None and before.status in (Status.ACCEPTED, Status.PARTIAL):
        facts = {"time": before.accepted_at, "fields": ", ".join(before.differences)}
        code = "accepted_earlier_changed" if before.differences else "accepted_earlier"
        message = "\n".join(filter(None, [wording.say(code, lang, **facts), known.message]))
    elif known.status is Status.UNKNOWN:
        settles = prepared.mapping.duplicates.class_ == "A" and known.settle_until is not None
        time = (
            datetime.fromtimestamp(known.settle_until or 0, UTC)
            .astimezone()
            .isoformat(" ", "seconds")
        )
        code = "unknown_settles" if settles else "unknown_look_up"
        message = wording.say(code, lang, time=time, reference=known.reference, why=known.message)
    elif known.status is Status.NOT_SENT:
        message = wording.say("not_sent", lang, why=known.message)
    elif known.status is Status.DUPLICATE:
        message = wording.say("duplicate", lang, why=known.message)
    return Result(
        known.reference,
        known.status,
        message.strip(),
        known.provider_order_no,
        known.tracking_no,
        outputs=dict(known.outputs),
        attempts=known.attempts,
        time=known.time,
        request_id=known.request_id,
    )


def _together(prepared: Prepared, reference: str, parts: Sequence[Result]) -> Result:
    """One row for an order that was sent in parts."""
    if len(parts) == 1:
        return replace(parts[0], reference=reference)
    lines = [
        wording.say("part", prepared.lang, reference=part.reference,
                    status=wording.status(part.status, prepared.lang),
                    number=part.provider_order_no, message=part.message)
        for part in parts
    ]  # fmt: skip
    outputs: dict[str, list[str]] = {}
    for part in parts:
        for name, value in part.outputs.items():
            outputs.setdefault(name, []).append(value)
    return Result(
        reference,
        _overall([part.status for part in parts]),
        "\n".join(" ".join(line.split()) for line in lines),
        "; ".join(part.provider_order_no for part in parts if part.provider_order_no),
        "; ".join(part.tracking_no for part in parts if part.tracking_no),
        outputs={name: "; ".join(values) for name, values in outputs.items()},
        attempts=sum(part.attempts for part in parts),
        time=max(part.time for part in parts),
        request_id="; ".join(part.request_id for part in parts if part.request_id),
        parts=tuple(parts),
    )


def _overall(statuses: Sequence[Status]) -> Status:
    """The status of an order of several parts; a doubt about one is a doubt about the order."""
    if len(set(statuses)) == 1:
        return statuses[0]
    if Status.UNKNOWN in statuses:
        return Status.UNKNOWN
    if Status.NOT_SENT in statuses:
        return Status.NOT_SENT
    return Status.PARTIAL if {Status.ACCEPTED, Status.PARTIAL} & set(statuses) else Status.REJECTED
