"""A provider's answer into what it says about every order, by the mapping alone.

What cannot be read for certain is `unknown`: never a success, never a failure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import cache
from time import time
from typing import Any

import jmespath
from jmespath.visitor import TreeInterpreter

from converter.mapping.model import Output, ProviderMapping
from converter.messages.sentence import t
from converter.model import Judgement, Order, Outcome, Reply, Status

_LONGEST_MESSAGE = 1000

_DEEPEST = 100
"""Levels of an answer. Python stops at a depth of its own that differs between versions."""

_Entry = tuple[Any, Status | None]
"""An entry of the answer and, where it stands in a list of successes or failures, its verdict."""

UNREADABLE = "The provider's answer cannot be read, so these orders may or may not exist there."
UNCLEAR = (
    "The provider's answer is neither a clear yes nor a clear no, so these orders may or may not "
    "exist there. {message}"
)
CONTRADICTED = "The provider answered HTTP {status}, yet its answer says that orders were created."


def judge(mapping: ProviderMapping, orders: Sequence[Order], reply: Reply) -> Judgement:
    """One outcome for each order of the request, in the request's order."""
    answer = _parsed(reply.body)
    message = _text_of(mapping.response.call_message, answer) if answer is not None else ""
    request_id = _text_of(mapping.response.request_id, answer) if answer is not None else ""
    if not 200 <= reply.status < 300 and answer is not None:
        said = _judge_body(mapping, orders, answer, message, request_id)
        statuses = {outcome.status for outcome in said.outcomes}
        if statuses & {Status.ACCEPTED, Status.PARTIAL}:
            reason = t(CONTRADICTED, status=reply.status)
            return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
        if reply.status == 409 and statuses == {Status.DUPLICATE}:
            return said  # HTTP's own word for it, and the mapping's rule agrees
    if reply.status in (425, 429):
        wait = _retry_after(reply.headers.get("retry-after", ""))
        busy = t("The provider is busy and did not take the request.")
        return Judgement(
            _all(orders, Status.NOT_SENT, busy), request_id, not_processed=True, retry_after=wait
        )
    if reply.status in (401, 403):
        refused = "The provider refused the credentials (HTTP {status}). {message}"
        reason = t(refused, status=reply.status, message=message)
        return Judgement(_all(orders, Status.NOT_SENT, reason), request_id, stop=reason)
    if 300 <= reply.status < 400:
        moved = "The provider answered with a redirect (HTTP {status}), which is not followed."
        reason = t(moved, status=reply.status)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id, stop=reason)
    refused_alone = len(orders) == 1 and 400 <= reply.status < 500
    refused_alone = refused_alone and reply.status not in (408, 409, 499)
    if reply.status in mapping.response.refused_http or refused_alone:
        refused = t("The provider refused the request (HTTP {status}).", status=reply.status)
        return Judgement(_all(orders, Status.REJECTED, message or refused), request_id)
    if not 200 <= reply.status < 300:
        failed = "The provider answered HTTP {status}. {message}"
        reason = t(failed, status=reply.status, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    if answer is None:
        return Judgement(_all(orders, Status.UNKNOWN, t(UNREADABLE)), request_id)
    return _judge_body(mapping, orders, answer, message, request_id)


def _judge_body(
    mapping: ProviderMapping, orders: Sequence[Order], answer: Any, message: str, request_id: str
) -> Judgement:
    response = mapping.response
    if response.stop and _true(response.stop, answer):
        reason = t("The provider refused the credentials: {message}", message=message)
        return Judgement(_all(orders, Status.NOT_SENT, reason), request_id, stop=reason)
    if not _true(response.call_ok, answer):
        if response.call_refused and _true(response.call_refused, answer):
            return Judgement(_all(orders, Status.REJECTED, message or t("Refused.")), request_id)
        reason = t(UNCLEAR, message=message)
        return Judgement(_all(orders, Status.UNKNOWN, reason), request_id)
    entries = _entries(mapping, answer)
    found, notes = _matched(mapping, orders, entries, answer)
    outcomes = []
    for index, order in enumerate(orders):
        mine = found.get(index, [])
        if not mine:
            text = t("The provider's answer leaves this order out.")
            outcomes.append(Outcome(Status.UNKNOWN, text))
            continue
        read = [_outcome(mapping, order, entry, verdict, answer) for entry, verdict in mine]
        if any(other != read[0] for other in read[1:]):
            text = t("The provider's answer speaks of this order twice and contradicts itself.")
            outcomes.append(Outcome(Status.UNKNOWN, text))
        else:
            outcomes.append(read[0])
    notes += _oddities(mapping, outcomes, entries, answer)
    return Judgement(tuple(outcomes), request_id, notes=tuple(notes))


def _oddities(
    mapping: ProviderMapping, outcomes: Sequence[Outcome], entries: list[_Entry], answer: Any
) -> Iterator[str]:
    """What a person should look at although every order has its outcome."""
    numbers = Counter(o.provider_order_no for o in outcomes if o.provider_order_no)
    for number, times in numbers.items():
        if times > 1:
            same = "The answer gives {count} orders the same number {number}."
            yield t(same, count=times, number=number[:40])
    if counts := mapping.response.match.all:
        verdicts = [verdict for _, verdict in entries]
        true = {
            counts.total: len(outcomes),
            counts.accepted: verdicts.count(Status.ACCEPTED),
            counts.rejected: verdicts.count(Status.REJECTED),
        }
        said = {path: _search(path, answer) for path in true if path}
        if any(count is not None and count != true[path] for path, count in said.items()):
            yield t("The answer's counts do not agree with the orders that it names.")


def _entries(mapping: ProviderMapping, answer: Any) -> list[_Entry]:
    lists = mapping.response.lists
    if lists is not None:
        pairs = ((lists.accepted, Status.ACCEPTED), (lists.rejected, Status.REJECTED))
        return [(entry, verdict) for path, verdict in pairs for entry in _list(path, answer)]
    found = _search(mapping.response.results, answer)
    entries = found if isinstance(found, list) else [found]
    return [(entry, None) for entry in entries if entry is not None]


def _matched(
    mapping: ProviderMapping, orders: Sequence[Order], entries: list[_Entry], answer: Any
) -> tuple[dict[int, list[_Entry]], list[str]]:
    """For each order (by its place in the request) the entries that are about it."""
    match = mapping.response.match
    found: dict[int, list[_Entry]] = {}
    notes: list[str] = []
    if match.single and len(orders) == 1 and len(entries) == 1:
        named = _search(match.reference, entries[0][0]) if match.reference else None
        if named in (None, "") or str(named) == orders[0].reference or match.all:
            return {0: entries}, notes
    if match.position:
        if len(entries) != len(orders):
            uneven = "The answer has another number of entries than the request had orders."
            return {}, [t(uneven)]
        return {i: [entry] for i, entry in enumerate(entries)}, notes
    places = {order.reference.strip(): i for i, order in enumerate(orders)}
    nameless: list[_Entry] = []
    for entry, verdict in entries:
        named = _search(match.reference, entry) if match.reference else None
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
        # Which entry is whose cannot be told, but every order was accepted.
        return {i: [({}, Status.ACCEPTED)] for i in range(len(orders))}, []
    return found, notes


def _all_refused_alike(
    mapping: ProviderMapping, orders: Sequence[Order], nameless: list[_Entry], answer: Any
) -> bool:
    """Whether it does not matter which entry is whose: each order left has one of them, and all
    say that it is there already, or all refuse in the same words."""
    read = [_outcome(mapping, orders[0], entry, verdict, answer) for entry, verdict in nameless]
    said = {(one.status, "" if one.status is Status.DUPLICATE else one.message) for one in read}
    return len(said) == 1 and read[0].status in (Status.DUPLICATE, Status.REJECTED)


def _all_accepted(mapping: ProviderMapping, sent: int, entries: list[_Entry], answer: Any) -> bool:
    counts = mapping.response.match.all
    assert counts is not None
    numbers = [_search(counts.total, answer), _search(counts.accepted, answer)]
    numbers.append(len(entries))  # counts that disagree with the lists settle nothing
    rejected = _search(counts.rejected, answer) if counts.rejected else 0
    none_failed = all(verdict is not Status.REJECTED for _, verdict in entries)
    agree = all(type(number) is int and number == sent for number in numbers)  # True is no count
    return agree and (rejected is None or _is_zero(rejected)) and none_failed


def _is_zero(value: Any) -> bool:
    return type(value) is int and value == 0


def _outcome(
    mapping: ProviderMapping, order: Order, entry: Any, verdict: Status | None, answer: Any
) -> Outcome:
    response = mapping.response
    seen = _seen(mapping, order, entry, answer)
    message = _text_of(response.message, seen)[:_LONGEST_MESSAGE]
    outputs = {name: _output(output, seen) for name, output in response.outputs.items()}
    number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
    said = {
        status
        for status, expression in (
            (Status.PARTIAL, response.partial),
            (Status.ACCEPTED, response.accepted),
            (Status.DUPLICATE, response.duplicate),
            (Status.REJECTED, response.rejected),
        )
        if expression and _true(expression, seen)
    }
    if Status.DUPLICATE in said:
        said.discard(Status.REJECTED)  # a duplicate is one kind of refusal
    if verdict is not None and Status.DUPLICATE not in said:
        said.add(verdict)
    if len(said) != 1:
        unclear = (
            "The provider's answer about this order is neither a clear yes nor a clear no. "
            "{message}"
        )
        return Outcome(Status.UNKNOWN, t(unclear, message=message))
    status = said.pop()
    if status is Status.ACCEPTED and response.complete:
        asked = _texts(response.complete.sent, _plain(order.payload))
        created = _texts(response.complete.found, seen)
        lacking = [name for name in asked if name not in created]
        if created and lacking:
            status = Status.PARTIAL
            lacks = "{message} Not created: {names}."
            message = t(lacks, message=message, names=", ".join(lacking))
    if status in (Status.REJECTED, Status.DUPLICATE):
        return Outcome(status, message or t("Refused without a reason."), outputs={})
    return Outcome(status, message, number, tracking, {k: v for k, v in outputs.items() if v})


def _seen(mapping: ProviderMapping, order: Order, entry: Any, answer: Any) -> Any:
    """What the mapping's expressions about one order look at."""
    if not isinstance(entry, dict):
        return entry
    response = mapping.response
    asked = (
        response.message, response.partial, response.accepted, response.duplicate,
        response.rejected, response.complete and response.complete.found,
        *(output.from_ for output in response.outputs.values()),
    )  # fmt: skip
    seen = {**entry, "_call": answer}
    if any(text and "_sent" in text for text in asked):  # few ask for it, and it takes long
        seen["_sent"] = _plain(order.payload)
    return seen


def look_up(
    mapping: ProviderMapping, references: Sequence[str], reply: Reply
) -> dict[str, Outcome] | None:
    """What a query says of each order: accepted with its numbers, or not sent where it is absent.

    An order is left out where the answer is silent or contradicts itself; None where the whole
    answer cannot be read.
    """
    query = mapping.query
    answer = _parsed(reply.body)
    if query is None or reply.status != 200 or answer is None or not _true(query.call_ok, answer):
        return None
    said: dict[str, list[Outcome]] = {}
    for entry in _list(query.results, answer):
        name = str(_search(query.reference, entry) or "").strip()
        outputs = {key: _output(output, entry) for key, output in query.outputs.items()}
        number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
        is_there, is_absent = _true(query.found, entry), _true(query.absent, entry)
        if is_there and not is_absent:
            kept = {key: value for key, value in outputs.items() if value}
            said.setdefault(name, []).append(Outcome(Status.ACCEPTED, "", number, tracking, kept))
        elif is_absent and not is_there:
            said.setdefault(name, []).append(Outcome(Status.NOT_SENT))
    return {
        name: said[name][0]
        for name in references
        if name in said and all(outcome == said[name][0] for outcome in said[name])
    }


# -- reading -----------------------------------------------------------------------------------


def _parsed(body: bytes) -> Any:
    """The answer's JSON, or None where it is not plainly readable.

    Strict where Python is generous: NaN, a key that stands twice, text after the end and halves of
    a character are faults.
    """
    try:
        text = body.decode("utf-8-sig")
        answer = json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
        )
        _check(answer)
    except (ValueError, RecursionError):
        return None
    return answer


def _check(answer: Any) -> None:
    """Raise ValueError where an answer cannot be worked with: too deep, or not writable as text."""
    level = [answer]
    for _ in range(_DEEPEST):
        for value in level:
            for text in value if isinstance(value, dict) else (value,):
                if isinstance(text, str):
                    text.encode()  # a lone surrogate is half a character, which no file takes
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise ValueError("nested too deep")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


class _Functions(jmespath.functions.Functions):
    """JMESPath's functions and `lower`; its own `to_string` would show Chinese as `\\u4e2d`."""

    @jmespath.functions.signature({"types": []})
    def _func_lower(self, value: Any) -> str:
        """The text in small letters; of anything else, an empty one."""
        return value.lower() if isinstance(value, str) else ""

    @jmespath.functions.signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        if isinstance(value, str | Decimal):
            return str(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


_INTERPRETER = TreeInterpreter(jmespath.Options(custom_functions=_Functions()))
"""One for all searches: to make one takes longer than most of them."""


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression).parsed


def _search(expression: str, value: Any) -> Any:
    try:
        return _INTERPRETER.visit(_compiled(expression), value)
    except jmespath.exceptions.JMESPathError:
        return None  # a function met a type it does not take: the answer does not say


def _true(expression: str, value: Any) -> bool:
    found = _search(expression, value)
    # As JMESPath has it: 0 is true, and so is everything else but these.
    return not (found is None or found is False or found == "" or found == [] or found == {})


def _list(expression: str, value: Any) -> list[Any]:
    found = _search(expression, value)
    return found if isinstance(found, list) else []


def _plain(value: Any) -> Any:
    """A payload for JMESPath: Decimals would not be numbers to it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _texts(expression: str, value: Any) -> list[str]:
    """What an expression finds, flat, as text, without blanks and repetitions."""
    queue, found = [_search(expression, value)], dict[str, None]()
    while queue:
        item = queue.pop(0)
        if isinstance(item, list):
            queue = item + queue
        elif isinstance(item, dict):
            found[json.dumps(item, ensure_ascii=False, default=str)] = None
        elif item not in (None, ""):
            found[str(item)] = None
    return list(found)


def _text_of(expression: str | None, value: Any) -> str:
    return "; ".join(_texts(expression, value)) if expression else ""


def _output(output: Output, value: Any) -> str:
    texts = _texts(output.from_, value)
    if output.minor_units:
        texts = [_from_minor(text, output.minor_units) for text in texts]
    return "; ".join(texts)


def _from_minor(text: str, places: int) -> str:
    try:
        return format(Decimal(text).scaleb(-places).quantize(Decimal(1).scaleb(-places)), "f")
    except InvalidOperation:
        return text


def _retry_after(text: str) -> float | None:
    """Seconds to wait; the header holds seconds or a date."""
    if re.fullmatch(r"\s*[0-9]+\s*", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except (TypeError, ValueError, OverflowError):
        return None


def _all(orders: Sequence[Order], status: Status, message: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(status, message[:_LONGEST_MESSAGE]) for _ in orders)
