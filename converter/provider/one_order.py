"""What an answer says about one order of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from converter import lines
from converter.mapping.answer_rules import OutcomeWords
from converter.mapping.model import ProviderMapping
from converter.mapping.response import Output, Response
from converter.message import N_, enumerate_some, t
from converter.model import NO_LINE_MADE, NOT_MADE, UNPROVEN, WARNED, Order, Outcome, Status
from converter.provider import error_lists
from converter.provider.search import (
    as_floats,
    is_true,
    output_text,
    search_list,
    search_text,
    search_texts,
)
from converter.provider.system_trouble import (
    CONTRADICTS_ITSELF,
    in_trouble,
    says_success,
    sign_of_trouble,
)

_MAX_MESSAGE_LENGTH = 1000

_NOT_YET = {
    Status.UNKNOWN: N_("The provider has not decided about this order yet. {message}"),
    Status.NOT_SENT: N_("The provider is busy and did not take this order. {message}"),
}


def outcome_of(
    mapping: ProviderMapping, order: Order, entry: Any, verdict: Status | None, answer: Any
) -> Outcome:
    """The outcome of an order by its entry; `verdict` is that of the list the entry stands in."""
    response = mapping.response
    context = _context(mapping, order, entry, answer)
    message = _message(mapping, context)
    if response.exists and is_true(response.exists.when, context):
        return _with_outputs(mapping, Status.ACCEPTED, message, context)
    is_proved = any(is_true(one.when, context) for one in response.refusals)
    said = _said(response, context, verdict, is_proved=is_proved)
    if len(said) != 1:
        unclear = N_(
            "The provider's answer about this order is neither a clear yes nor a clear no. "
            "{message}"
        )
        return Outcome(Status.UNKNOWN, t(unclear, message=message))
    status = said.pop()
    if status in _NOT_YET:
        return Outcome(status, t(_NOT_YET[status], message=message))
    outputs: dict[str, str] = {}
    if status in (Status.PARTIAL, Status.REJECTED) and response.lines and response.lines.failed:
        failed = [one for one in search_list(response.lines.failed, context) if one]
        outputs[NOT_MADE] = lines.to_text(failed, response.lines.keys)
    lacking = _lacking(mapping, order, context) if status is Status.ACCEPTED else []
    if lacking:
        status = Status.PARTIAL
        if response.lines and not response.lines.failed:
            failed = [{response.lines.keys[0]: name} for name in lacking]
            outputs[NOT_MADE] = lines.to_text(failed, response.lines.keys)
    if status is Status.REJECTED:
        parts = (entry, _envelope(answer))
        words = response.system_words
        errors = error_lists.read(response.errors, context, mapping.request.body)
        named, codes = any(one.at for one in errors), not is_proved
        if sign := sign_of_trouble([message], parts, words=words, codes=codes, names_fields=named):
            return in_trouble(sign, message)
        if says_success(message):
            return Outcome(Status.UNKNOWN, t(CONTRADICTS_ITSELF, message=message))
        flags = () if is_proved else (UNPROVEN,)
        message = message or t("Refused without a reason.")
        kept = {NOT_MADE: outputs[NOT_MADE]} if outputs.get(NOT_MADE) else {}
        return Outcome(status, message, outputs=kept, flags=flags)
    if status is Status.DUPLICATE:
        return Outcome(status, message or t("Refused without a reason."))
    outcome = _with_outputs(mapping, status, message, context, outputs)
    return _without(lacking, mapping, order, outcome)


def _without(
    lacking: Sequence[str], mapping: ProviderMapping, order: Order, outcome: Outcome
) -> Outcome:
    """An outcome that says what was not created, and flagged where no line was."""
    if lacking:
        lacks = N_("{message} Not created: {names}.")
        told = t(lacks, message=outcome.message, names=enumerate_some(lacking))
        outcome = replace(outcome, message=told)
    if _lacks_all(mapping, order, outcome.outputs.get(NOT_MADE, "")):
        return replace(outcome, flags=(*outcome.flags, NO_LINE_MADE))
    return outcome


def _said(
    response: Response, context: Any, verdict: Status | None, *, is_proved: bool
) -> set[Status]:
    """Every status that the entry has by the mapping; one that was not looked at was not refused,
    whatever else the entry says."""
    said = _statuses(response, context, verdict, is_proved=is_proved)
    if any(rule.entry and is_true(rule.entry, context) for rule in response.later):
        return {Status.NOT_SENT, *(said & {Status.ACCEPTED, Status.PARTIAL})}
    return said


def _lacks_all(mapping: ProviderMapping, order: Order, not_made: str) -> bool:
    """Whether not one line of the order was made."""
    spec = mapping.response.lines
    if spec is None or not not_made:
        return False
    missing, sent = lines.from_text(not_made), order.payload.get(spec.list) or []
    return bool(sent) and all(lines.is_among(line, missing) for line in sent)


def said_of_one(mapping: ProviderMapping, order: Order, status: int, answer: Any) -> Outcome | None:
    """What a refused request of a single order says of it: that the provider has it already."""
    response = mapping.response
    if not 400 <= status < 500 or status in (401, 403, 408, 425, 429, 499):
        return None
    context = _context(mapping, order, answer, answer)
    if response.exists and is_true(response.exists.when, context):
        return _with_outputs(mapping, Status.ACCEPTED, "", context)
    refuses_duplicates = mapping.duplicates.class_ == "A" and response.duplicate
    if refuses_duplicates and is_true(response.duplicate or "", context):
        return Outcome(Status.DUPLICATE, _message(mapping, context))
    return None


def _statuses(
    response: Response, context: Any, verdict: Status | None, *, is_proved: bool
) -> set[Status]:
    """Every status that the mapping's rules find in an entry; one of them, where it is clear."""
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
    if (word := _said_by_word(response.words, context)) is not None:
        said.add(word)
    if is_proved and not said and verdict is None:
        said.add(Status.REJECTED)
    if Status.DUPLICATE in said:
        said.discard(Status.REJECTED)  # a duplicate is a kind of refusal
    if verdict is not None and Status.DUPLICATE not in said:
        said.add(verdict)
    return said


def _said_by_word(words: OutcomeWords | None, context: Any) -> Status | None:
    """The status that the entry's word stands for; None where it is not listed."""
    if words is None:
        return None
    word = search_text(words.of, context).strip().casefold()
    for listed, status in (
        (words.accepted, Status.ACCEPTED),
        (words.partial, Status.PARTIAL),
        (words.rejected, Status.REJECTED),
        (words.duplicate, Status.DUPLICATE),
        (words.pending, Status.UNKNOWN),
    ):
        if word in {one.casefold() for one in listed}:
            return status
    return None


def _lacking(mapping: ProviderMapping, order: Order, context: Any) -> list[str]:
    """What was asked for and not created, where the entry says what was created."""
    complete = mapping.response.complete
    if complete is None:
        return []
    created = search_texts(complete.found, context)
    requested = search_texts(complete.sent, as_floats(order.payload)) if created else []
    return [name for name in requested if name not in created]


def _message(mapping: ProviderMapping, context: Any) -> str:
    """What the provider says about an order, the errors that it lists among it."""
    response = mapping.response
    errors = error_lists.read(response.errors, context, mapping.request.body)
    told = error_lists.joined(search_text(response.message, context), errors)
    return told[:_MAX_MESSAGE_LENGTH]


def outputs_of(outputs: Mapping[str, Output], value: Any) -> dict[str, str]:
    """The values of outputs by name, with empty ones."""
    return {name: output_text(output, value) for name, output in outputs.items()}


def _with_outputs(
    mapping: ProviderMapping,
    status: Status,
    message: str,
    context: Any,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Outcome:
    """An order that exists, with its numbers and the warnings about it."""
    response = mapping.response
    outputs = outputs_of(response.outputs, context)
    number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
    warnings = error_lists.read(response.warnings, context, mapping.request.body)
    flags = (WARNED,) if warnings else ()
    message = error_lists.joined(message, warnings)[:_MAX_MESSAGE_LENGTH]
    kept = {name: value for name, value in {**outputs, **more}.items() if value}
    return Outcome(status, message, number, tracking, kept, flags)


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
        response.words and response.words.of, response.exists and response.exists.when,
        *(text for rule in response.errors for text in (rule.list, rule.map)),
        *(text for rule in response.warnings for text in (rule.list, rule.map)),
        *(refusal.when for refusal in response.refusals),
        *(output.from_ for output in response.outputs.values()),
    )  # fmt: skip
    context = {**entry, "_call": answer}
    if any(
        text and "_sent" in text for text in expressions
    ):  # few expressions use it, and it is slow
        context["_sent"] = as_floats(order.payload)
    return context
