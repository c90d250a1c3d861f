"""Judges a provider's reply by its mapping: one outcome for each order of the request.

Whatever cannot be read for certain is `unknown`, never a success and never a failure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from converter import lines
from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.model import NOT_MADE, UNPROVEN, Judgement, Order, Outcome, Reply, Status
from converter.provider.search import (
    as_floats,
    is_true,
    output_text,
    search,
    search_list,
    search_text,
    search_texts,
)
from converter.provider.strict_json import parse
from converter.provider.system_trouble import sign_of_trouble

_MAX_MESSAGE_LENGTH = 1000
_MAX_SIGN_LENGTH = 60

_Entry = tuple[Any, Status | None]
"""An entry of the reply and, if it is in a list of successes or failures, its verdict."""

UNREADABLE = N_("The provider's answer cannot be read, so these orders may or may not exist there.")
UNCLEAR = N_(
    "The provider's answer is neither a clear yes nor a clear no, so these orders may or may not "
    "exist there. {message}"
)
SYSTEM_TROUBLE = N_(
    "The provider speaks of trouble in its system ({sign}) and not of these orders, so they may or "
    "may not exist there. {message}"
)
CONTRADICTED = N_(
    "The provider answered HTTP {status}, yet its answer says that orders were created."
)


def judge(mapping: ProviderMapping, orders: Sequence[Order], reply: Reply) -> Judgement:
    """One outcome for each order of the request, in the request's order."""
    answer = parse(reply.body)
    message = search_text(mapping.response.call_message, answer) if answer is not None else ""
    message = message[:_MAX_MESSAGE_LENGTH]
    request_id = search_text(mapping.response.request_id, answer) if answer is not None else ""
    if not 200 <= reply.status < 300 and answer is not None:
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
    refused_alone = len(orders) == 1 and 400 <= reply.status < 500
    refused_alone = refused_alone and reply.status not in (408, 409, 499)
    is_proved = any(
        not one.when or is_true(one.when, answer)
        for one in mapping.response.call_refusals
        if reply.status in one.http
    )
    if reply.status in mapping.response.refused_http or refused_alone or is_proved:
        refused = t("The provider refused the request (HTTP {status}).", status=reply.status)
        text = message or reply.body[:_MAX_MESSAGE_LENGTH].decode("utf-8", "replace")
        return _refused(
            mapping, orders, answer, message or refused, text, request_id, is_proved=is_proved
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
        reason = t("The provider refused the credentials: {message}", message=message)
        return Judgement(_all(orders, Status.NOT_SENT, reason), request_id, stop=reason)
    if not is_true(response.call_ok, answer):
        is_proved = any(
            is_true(one.when, answer) for one in response.call_refusals if one.when and not one.http
        )
        if is_proved or (response.call_refused and is_true(response.call_refused, answer)):
            said = message or t("Refused.")
            return _refused(mapping, orders, answer, said, message, request_id, is_proved=is_proved)
        reason = t(UNCLEAR, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    entries = _entries(mapping, answer)
    found, notes = _matched(mapping, orders, entries, answer)
    outcomes = []
    for index, order in enumerate(orders):
        own = found.get(index, [])
        if not own:
            text = t("The provider's answer leaves this order out.")
            outcomes.append(Outcome(Status.UNKNOWN, text))
            continue
        read = [_outcome(mapping, order, entry, verdict, answer) for entry, verdict in own]
        if any(other != read[0] for other in read[1:]):
            text = t("The provider's answer speaks of this order twice and contradicts itself.")
            outcomes.append(Outcome(Status.UNKNOWN, text))
        else:
            outcomes.append(read[0])
    notes += _notes(mapping, outcomes, entries, answer)
    return Judgement(tuple(outcomes), request_id, notes=tuple(notes))


def _refused(
    mapping: ProviderMapping,
    orders: Sequence[Order],
    answer: Any,
    message: str,
    text: str,
    request_id: str,
    *,
    is_proved: bool,
) -> Judgement:
    """A request that was refused as a whole; `text` is what the provider itself says of it."""
    words = mapping.response.system_words
    if sign := sign_of_trouble([text], [answer], words=words, codes=not is_proved):
        reason = t(SYSTEM_TROUBLE, sign=sign[:_MAX_SIGN_LENGTH], message=text)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    outcomes = _all(orders, Status.REJECTED, message, () if is_proved else (UNPROVEN,))
    return Judgement(outcomes, request_id, refused_whole=is_proved)


def _notes(
    mapping: ProviderMapping, outcomes: Sequence[Outcome], entries: list[_Entry], answer: Any
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


def _entries(mapping: ProviderMapping, answer: Any) -> list[_Entry]:
    lists = mapping.response.lists
    if lists is not None:
        pairs = ((lists.accepted, Status.ACCEPTED), (lists.rejected, Status.REJECTED))
        return [(entry, verdict) for path, verdict in pairs for entry in search_list(path, answer)]
    found = search(mapping.response.results, answer)
    entries = found if isinstance(found, list) else [found]
    return [(entry, None) for entry in entries if entry is not None]


def _matched(
    mapping: ProviderMapping, orders: Sequence[Order], entries: list[_Entry], answer: Any
) -> tuple[dict[int, list[_Entry]], list[str]]:
    """Entries for each order, by its index in the request, and notes on the others."""
    match = mapping.response.match
    found: dict[int, list[_Entry]] = {}
    notes: list[str] = []
    if match.single and len(orders) == 1 and len(entries) == 1:
        named = search(match.reference, entries[0][0]) if match.reference else None
        if named in (None, "") or str(named) == orders[0].reference or match.all:
            return {0: entries}, notes
    if match.position:
        if len(entries) != len(orders):
            uneven = N_("The answer has another number of entries than the request had orders.")
            return {}, [t(uneven)]
        return {i: [entry] for i, entry in enumerate(entries)}, notes
    places = {order.reference.strip(): i for i, order in enumerate(orders)}
    nameless: list[_Entry] = []
    for entry, verdict in entries:
        named = search(match.reference, entry) if match.reference else None
        if named in (None, ""):
            nameless.append((entry, verdict))
        elif (place := places.get(str(named).strip())) is not None:
            found.setdefault(place, []).append((entry, verdict))
        else:
            notes.append(t("The answer speaks of an order that this request did not hold."))
    left = [i for i in range(len(orders)) if i not in found]
    if match.remaining and len(nameless) == len(left) and not notes:
        if len(left) == 1 or _all_refused_alike(mapping, orders, nameless, answer):
            found.update({place: [entry] for place, entry in zip(left, nameless, strict=True)})
    elif match.all and not found and _all_accepted(mapping, len(orders), entries, answer):
        # Entries cannot be assigned to orders, but every order was accepted.
        return {i: [({}, Status.ACCEPTED)] for i in range(len(orders))}, []
    return found, notes


def _all_refused_alike(
    mapping: ProviderMapping, orders: Sequence[Order], nameless: list[_Entry], answer: Any
) -> bool:
    """Whether it does not matter which entry belongs to which order.

    So it is where all say duplicate, or all refuse with the same message.
    """
    read = [_outcome(mapping, orders[0], entry, verdict, answer) for entry, verdict in nameless]
    said = {(one.status, "" if one.status is Status.DUPLICATE else one.message) for one in read}
    return len(said) == 1 and read[0].status in (Status.DUPLICATE, Status.REJECTED)


def _all_accepted(mapping: ProviderMapping, sent: int, entries: list[_Entry], answer: Any) -> bool:
    counts = mapping.response.match.all
    assert counts is not None
    numbers = [search(counts.total, answer), search(counts.accepted, answer)]
    numbers.append(len(entries))  # counts that disagree with the lists prove nothing
    rejected = search(counts.rejected, answer) if counts.rejected else 0
    none_failed = all(verdict is not Status.REJECTED for _, verdict in entries)
    agree = all(type(number) is int and number == sent for number in numbers)  # True is no count
    return agree and (rejected is None or _is_zero(rejected)) and none_failed


def _is_zero(value: Any) -> bool:
    return type(value) is int and value == 0


def _outcome(
    mapping: ProviderMapping, order: Order, entry: Any, verdict: Status | None, answer: Any
) -> Outcome:
    response = mapping.response
    context = _context(mapping, order, entry, answer)
    message = search_text(response.message, context)[:_MAX_MESSAGE_LENGTH]
    outputs = {name: output_text(output, context) for name, output in response.outputs.items()}
    number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
    said = {
        status
        for status, expression in (
            (Status.PARTIAL, response.partial),
            (Status.ACCEPTED, response.accepted),
            (Status.DUPLICATE, response.duplicate),
            (Status.REJECTED, response.rejected),
        )
        if expression and is_true(expression, context)
    }
    is_proved = any(is_true(one.when, context) for one in response.refusals)
    if is_proved and not said and verdict is None:
        said.add(Status.REJECTED)
    if Status.DUPLICATE in said:
        said.discard(Status.REJECTED)  # a duplicate is a kind of refusal
    if verdict is not None and Status.DUPLICATE not in said:
        said.add(verdict)
    if len(said) != 1:
        unclear = N_(
            "The provider's answer about this order is neither a clear yes nor a clear no. "
            "{message}"
        )
        return Outcome(Status.UNKNOWN, t(unclear, message=message))
    status = said.pop()
    if status in (Status.PARTIAL, Status.REJECTED) and response.lines and response.lines.failed:
        failed = [one for one in search_list(response.lines.failed, context) if one]
        outputs[NOT_MADE] = lines.to_text(failed, response.lines.keys)
    if status is Status.ACCEPTED and response.complete:
        requested = search_texts(response.complete.sent, as_floats(order.payload))
        created = search_texts(response.complete.found, context)
        lacking = [name for name in requested if name not in created]
        if created and lacking:
            status = Status.PARTIAL
            lacks = N_("{message} Not created: {names}.")
            message = t(lacks, message=message, names=", ".join(lacking))
            if response.lines and not response.lines.failed:
                failed = [{response.lines.keys[0]: name} for name in lacking]
                outputs[NOT_MADE] = lines.to_text(failed, response.lines.keys)
    if status is Status.REJECTED:
        parts = (entry, _envelope(answer))
        words = response.system_words
        if sign := sign_of_trouble([message], parts, words=words, codes=not is_proved):
            reason = t(SYSTEM_TROUBLE, sign=sign[:_MAX_SIGN_LENGTH], message=message)
            return Outcome(Status.UNKNOWN, reason)
        flags = () if is_proved else (UNPROVEN,)
        message = message or t("Refused without a reason.")
        kept = {NOT_MADE: outputs[NOT_MADE]} if outputs.get(NOT_MADE) else {}
        return Outcome(status, message, outputs=kept, flags=flags)
    if status is Status.DUPLICATE:
        return Outcome(status, message or t("Refused without a reason."))
    return Outcome(status, message, number, tracking, {k: v for k, v in outputs.items() if v})


def _envelope(answer: Any) -> Any:
    """What an answer says of the request itself, without what it says of its orders."""
    if not isinstance(answer, dict):
        return None
    return {
        name: value
        for name, value in answer.items()
        if not isinstance(value, dict | list) or name.lower() in ("error", "errors", "exception")
    }


def _context(mapping: ProviderMapping, order: Order, entry: Any, answer: Any) -> Any:
    """The value that the mapping's expressions about one order are evaluated on."""
    if not isinstance(entry, dict):
        return entry
    response = mapping.response
    expressions = (
        response.message, response.partial, response.accepted, response.duplicate,
        response.rejected, response.complete and response.complete.found,
        *(refusal.when for refusal in response.refusals),
        *(output.from_ for output in response.outputs.values()),
    )  # fmt: skip
    context = {**entry, "_call": answer}
    if any(
        text and "_sent" in text for text in expressions
    ):  # few expressions use it, and it is slow
        context["_sent"] = as_floats(order.payload)
    return context


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
