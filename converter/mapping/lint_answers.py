"""Faults of the rules that read errors, words and counts out of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.answer_rules import Errors
from converter.mapping.jmespath_faults import always_true, problem_of, reads_nothing
from converter.mapping.model import ProviderMapping
from converter.mapping.response import Response
from converter.mapping.yaml_events import Loc

_RESPONSE: Loc = ("response",)
_JOB: Loc = ("then", "job", "response")


def answer_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Rules on answers that cannot work, and expressions in them that are none."""
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem
    yield from _blind_faults(mapping)
    yield from _error_faults(mapping)
    yield from _match_faults(mapping)
    yield from _later_faults(mapping)
    yield from _word_faults(mapping)


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for loc, rule in _error_rules(mapping):
        for key in ("list", "map", "at", "order", "code", "text"):
            if text := getattr(rule, key):
                yield (*loc, key), text
    for at, response in _responses(mapping):
        match = response.match
        if match.index:
            yield (*at, "match", "index"), match.index
        if match.counts:
            yield (*at, "match", "counts", "accepted"), match.counts.accepted
            if match.counts.rejected:
                yield (*at, "match", "counts", "rejected"), match.counts.rejected
        if response.words:
            yield (*at, "words", "of"), response.words.of
    if mapping.response.exists:
        yield (*_RESPONSE, "exists", "when"), mapping.response.exists.when
    yield from _of_later(mapping)


def _of_later(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for place, later in enumerate(mapping.response.later):
        for key in ("when", "entry"):
            if text := getattr(later, key):
                yield (*_RESPONSE, "later", place, key), text


def _responses(mapping: ProviderMapping) -> Iterator[tuple[Loc, Response]]:
    """What answers mean: those to the orders, and those of a job."""
    yield _RESPONSE, mapping.response
    if mapping.then and mapping.then.job:
        yield _JOB, mapping.then.job.response


def _blind_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Expressions that would say the same of every order, whatever the provider answers."""
    response = mapping.response
    for key in ("accepted", "partial", "rejected", "duplicate"):
        text = getattr(response, key)
        if text and not problem_of(text) and (part := always_true(text)):
            yield (*_RESPONSE, key), f"{part} is true of every answer: name what tells it here"
    named = {("match", "reference"): response.match.reference}
    named |= {("outputs", name): output.from_ for name, output in response.outputs.items()}
    for loc, text in named.items():
        if text and not problem_of(text) and reads_nothing(text):
            problem = f"{text} is the same for every order: in quotes it is no name of a member"
            yield (*_RESPONSE, *loc), problem
    # With `results`, one of them reads the answer and the other one an entry of it.
    if response.rejected and response.rejected == response.call_refused and response.results == "@":
        problem = (
            "'call_refused' says the same, so one of the two is never looked at: what refuses the "
            "order of a request is 'rejected', with a 'call_ok' that is true of such answers too"
        )
        yield (*_RESPONSE, "rejected"), problem
    for status in response.refused_http:
        if not 400 <= status <= 599:
            problem = f"HTTP {status} refuses nothing: orders that were created would be refused"
            yield (*_RESPONSE, "refused_http"), problem


def _error_rules(mapping: ProviderMapping) -> Iterator[tuple[Loc, Errors]]:
    for at, response in _responses(mapping):
        for key, rules in (("errors", response.errors), ("warnings", response.warnings)):
            for place, rule in enumerate(rules):
                yield (*at, key, place), rule


def _error_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for loc, rule in _error_rules(mapping):
        if bool(rule.list) == bool(rule.map):
            yield (
                loc,
                "errors have either 'list', for a list of them, or 'map', for an object by field",
            )
        if rule.map and rule.at:
            yield (*loc, "at"), "in a 'map' the keys say where an error is: leave 'at' out"


def _match_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    match = mapping.response.match
    loc = (*_RESPONSE, "match")
    if match.rest and not match.index:
        yield (*loc, "rest"), "'rest' needs 'index', which tells the other entries"
    ways = [bool(match.reference), match.position, bool(match.index), bool(match.counts)]
    if sum(ways) > 1:
        yield loc, "entries are matched by one of 'reference', 'position', 'index' and 'counts'"


def _later_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for place, later in enumerate(mapping.response.later):
        if later.entry and (later.when or later.http):
            problem = "'entry' is about one order, 'when' and 'http' about all: write two rules"
            yield (*_RESPONSE, "later", place), problem
        elif not (later.when or later.http or later.entry):
            problem = (
                "an answer that means later is recognised by 'when', by 'http' or by both, or for "
                "one order by 'entry'"
            )
            yield (*_RESPONSE, "later", place), problem
    if mapping.then and mapping.then.job and mapping.then.job.response.later:
        problem = "a job is asked again until it has ended: say 'later' under response"
        yield (*_JOB, "later"), problem


def _word_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    response = mapping.response
    if response.exists and mapping.duplicates.class_ != "B":
        problem = (
            "only an idempotency key proves that the order there is ours: write 'class: B' under "
            "duplicates, or name this answer under 'duplicate'"
        )
        yield (*_RESPONSE, "exists"), problem
    for at, one in _responses(mapping):
        yield from _faults_of_words(one, at)


def _faults_of_words(response: Response, at: Loc) -> Iterator[tuple[Loc, str]]:
    if (words := response.words) is None:
        return
    seen: dict[str, str] = {}
    for key in ("accepted", "partial", "rejected", "duplicate", "pending"):
        listed: tuple[str, ...] = getattr(words, key)
        if listed and getattr(response, key, None):
            yield (*at, key), f"'words' tells this already: leave one of the two {key!r} out"
        for word in listed:
            if (other := seen.setdefault(word.casefold(), key)) != key:
                problem = f"the word {word!r} means both {other!r} and {key!r}"
                yield (*at, "words", key), problem
