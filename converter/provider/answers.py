"""Judges a provider's reply by its mapping: one outcome for each order of the request.

Whatever cannot be read for certain is `unknown`, never a success and never a failure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from converter.mapping.answer_rules import Counts
from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.model import UNPROVEN, Judgement, Order, Outcome, Reply, Status
from converter.provider import error_lists, matching
from converter.provider.matching import Entry
from converter.provider.one_order import outcome_of, said_of_one
from converter.provider.refused_calls import judge_refusal
from converter.provider.search import (
    is_true,
    search,
    search_text,
)
from converter.provider.strict_json import parse
from converter.provider.system_trouble import in_trouble, refusal_in_trouble

_MAX_MESSAGE_LENGTH = 1000

UNREADABLE = N_("The provider's answer cannot be read.")
UNCLEAR = N_("The provider's answer is neither a clear yes nor a clear no. {message}")
JOB_OPEN = N_(
    "The provider took this order into its job {job}, which has not told yet what became of it. "
    "Run again later: the job is asked again, and the order is not sent again. If the job never "
    "tells, look the order up at the provider. {message}"
)
LEFT_OUT = N_("The provider's answer leaves this order out.")
CONTRADICTED = N_(
    "The provider answered HTTP {status}, yet its answer says that orders were created."
)


def judge(mapping: ProviderMapping, orders: Sequence[Order], reply: Reply) -> Judgement:
    """One outcome for each order of the request, in the request's order."""
    answer = parse(reply.body)
    message = search_text(mapping.response.call_message, answer) if answer is not None else ""
    message = message[:_MAX_MESSAGE_LENGTH]
    request_id = search_text(mapping.response.request_id, answer) if answer is not None else ""
    if (postponed := _postponed(mapping, orders, reply, answer, message)) is not None:
        return replace(postponed, request_id=request_id)
    if not 200 <= reply.status < 300 and answer is not None:
        if len(orders) == 1 and (alone := said_of_one(mapping, orders[0], reply.status, answer)):
            return Judgement((alone,), request_id)
        said = _judge_body(mapping, orders, answer, message, request_id)
        statuses = {outcome.status for outcome in said.outcomes}
        if statuses & {Status.ACCEPTED, Status.PARTIAL}:
            reason = t(CONTRADICTED, status=reply.status)
            return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
        if reply.status == 409 and statuses == {Status.DUPLICATE}:
            return said  # HTTP's own status for it, and the mapping's rule agrees
    if reply.status in (425, 429):
        wait = _retry_after(reply.headers.get("retry-after", ""))
        busy = t("The provider is busy and did not take the request.")
        return Judgement(
            _all(orders, Status.NOT_SENT, busy), request_id, not_processed=True, retry_after=wait
        )
    if reply.status in (401, 403):
        refused = N_("The provider refused the credentials (HTTP {status}). {message}")
        reason = t(refused, status=reply.status, message=message)
        return Judgement(_all(orders, Status.NOT_SENT, reason), request_id, stop=reason)
    if 300 <= reply.status < 400:
        moved = N_("The provider answered with a redirect (HTTP {status}), which is not followed.")
        reason = t(moved, status=reply.status)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id, stop=reason)
    refused_alone = 400 <= reply.status < 500 and reply.status not in (408, 409, 499)
    refused_alone = refused_alone and (len(orders) == 1 or mapping.response.atomic is not None)
    is_proved = any(
        not one.when or is_true(one.when, answer)
        for one in mapping.response.call_refusals
        if reply.status in one.http
    )
    if reply.status in mapping.response.refused_http or refused_alone or is_proved:
        refused = t("The provider refused the request (HTTP {status}).", status=reply.status)
        text = message or reply.body[:_MAX_MESSAGE_LENGTH].decode("utf-8", "replace")
        return judge_refusal(
            mapping, orders, answer, message or refused, text, request_id, is_documented=is_proved
        )
    if not 200 <= reply.status < 300:
        failed = N_("The provider answered HTTP {status}. {message}")
        reason = t(failed, status=reply.status, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    if answer is None:
        return Judgement(_all(orders, Status.UNKNOWN, t(UNREADABLE)), request_id)
    return _judge_body(mapping, orders, answer, message, request_id)


def _judge_body(
    mapping: ProviderMapping, orders: Sequence[Order], answer: Any, message: str, request_id: str
) -> Judgement:
    response = mapping.response
    if response.stop and is_true(response.stop, answer):
        if sign := refusal_in_trouble(message, response.system_words):
            outcome = in_trouble(sign, message)
            return Judgement((outcome,) * len(orders), request_id, stop=outcome.message)
        reason = t("The provider refused the credentials: {message}", message=message)
        return Judgement(_all(orders, Status.NOT_SENT, reason), request_id, stop=reason)
    if not is_true(response.call_ok, answer):
        is_proved = any(
            is_true(one.when, answer) for one in response.call_refusals if one.when and not one.http
        )
        if is_proved or (response.call_refused and is_true(response.call_refused, answer)):
            said = message or t("Refused.")
            return judge_refusal(
                mapping, orders, answer, said, message, request_id, is_documented=is_proved
            )
        reason = t(UNCLEAR, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    if mapping.then is not None and mapping.then.job is not None:
        job = search_text(mapping.then.job.number, answer)
        reason = t(JOB_OPEN, job=job, message=message) if job else t(UNCLEAR, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id, job=job)
    if response.match.counts is not None:
        return Judgement(_counted(response.match.counts, orders, answer, message), request_id)

    def read_one(order: Order, entry: Any, verdict: Status | None) -> Outcome:
        return outcome_of(mapping, order, entry, verdict, answer)

    entries = matching.entries_of(mapping, answer)
    found, notes = matching.matched(mapping, orders, entries, answer, read_one)
    outcomes = []
    for index, order in enumerate(orders):
        own = found.get(index, [])
        if not own:
            outcomes.append(Outcome(Status.UNKNOWN, t(LEFT_OUT)))
            continue
        read = [read_one(order, entry, verdict) for entry, verdict in own]
        if any(other != read[0] for other in read[1:]):
            text = t("The provider's answer speaks of this order twice and contradicts itself.")
            outcomes.append(Outcome(Status.UNKNOWN, text))
        else:
            outcomes.append(read[0])
    notes += _notes(mapping, outcomes, entries, answer)
    waits = [rule.wait for rule in response.later if rule.entry and rule.wait is not None]
    return Judgement(
        tuple(outcomes), request_id, notes=tuple(notes), retry_after=max(waits, default=None)
    )


def _postponed(
    mapping: ProviderMapping, orders: Sequence[Order], reply: Reply, answer: Any, message: str
) -> Judgement | None:
    """The judgement of an answer that the mapping declares to mean: not now."""
    for rule in mapping.response.later:
        if rule.entry or (rule.http and reply.status not in rule.http):
            continue
        if rule.when and (answer is None or not is_true(rule.when, answer)):
            continue
        wait = rule.wait
        if wait is None:
            wait = _retry_after(reply.headers.get("retry-after", ""))
        errors = error_lists.read(mapping.response.errors, answer, mapping.request.body)
        said = error_lists.joined(message, errors)[:_MAX_MESSAGE_LENGTH]
        busy = t("The provider is busy and did not take the request. {message}", message=said)
        outcomes = _all(orders, Status.NOT_SENT, busy)
        return Judgement(outcomes, not_processed=True, retry_after=wait)
    return None


def _counted(
    counts: Counts, orders: Sequence[Order], answer: Any, message: str
) -> tuple[Outcome, ...]:
    """Outcomes by counts alone: they must speak of every order, and all say the same."""
    accepted = search(counts.accepted, answer)
    rejected = search(counts.rejected, answer) if counts.rejected else None
    told = [type(one) is int for one in (accepted, rejected) if one is not None]  # True is none
    if all(told) and accepted == len(orders) and not rejected:
        return _all(orders, Status.ACCEPTED, message)
    if all(told) and accepted == 0 and rejected == len(orders):
        return _all(orders, Status.REJECTED, message, (UNPROVEN,))
    uncounted = N_("The provider counts {count} accepted orders and does not say which. {message}")
    shown = accepted if type(accepted) is int else "?"
    return _all(orders, Status.UNKNOWN, t(uncounted, count=shown, message=message))


def _notes(
    mapping: ProviderMapping, outcomes: Sequence[Outcome], entries: list[Entry], answer: Any
) -> Iterator[str]:
    """Notes on what a person should look at although every order has an outcome."""
    numbers = Counter(o.provider_order_no for o in outcomes if o.provider_order_no)
    for number, times in numbers.items():
        if times > 1:
            same = N_("The answer gives {count} orders the same number {number}.")
            yield t(same, count=times, number=number[:40])
    if counts := mapping.response.match.all:
        verdicts = [verdict for _, verdict in entries]
        true = {
            counts.total: len(outcomes),
            counts.accepted: verdicts.count(Status.ACCEPTED),
            counts.rejected: verdicts.count(Status.REJECTED),
        }
        said = {path: search(path, answer) for path in true if path}
        if any(count is not None and count != true[path] for path, count in said.items()):
            yield t("The answer's counts do not agree with the orders that it names.")


def _retry_after(text: str) -> float | None:
    """Seconds to wait, from a header that holds seconds or a date."""
    if re.fullmatch(r"\s*[0-9]+\s*", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except (TypeError, ValueError, OverflowError):
        return None


def _all(
    orders: Sequence[Order], status: Status, message: str, flags: tuple[str, ...] = ()
) -> tuple[Outcome, ...]:
    return tuple(Outcome(status, message, flags=flags) for _ in orders)
