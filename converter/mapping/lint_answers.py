"""Faults of the rules that read errors, words and counts out of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.answer_rules import Errors
from converter.mapping.jmespath_faults import always_true, problem_of, reads_nothing
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc

_RESPONSE: Loc = ("response",)


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
    response = mapping.response
    for loc, rule in _error_rules(mapping):
        for key in ("list", "map", "at", "order", "code", "text"):
            if text := getattr(rule, key):
                yield (*loc, key), text
    match = response.match
    if match.index:
        yield (*_RESPONSE, "match", "index"), match.index
    if match.counts:
        yield (*_RESPONSE, "match", "counts", "accepted"), match.counts.accepted
        if match.counts.rejected:
            yield (*_RESPONSE, "match", "counts", "rejected"), match.counts.rejected
    if response.words:
        yield (*_RESPONSE, "words", "of"), response.words.of
    if response.exists:
        yield (*_RESPONSE, "exists", "when"), response.exists.when
    for place, later in enumerate(response.later):
        if later.when:
            yield (*_RESPONSE, "later", place, "when"), later.when


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
    for status in response.refused_http:
        if not 400 <= status <= 599:
            problem = f"HTTP {status} refuses nothing: orders that were created would be refused"
            yield (*_RESPONSE, "refused_http"), problem


def _error_rules(mapping: ProviderMapping) -> Iterator[tuple[Loc, Errors]]:
    response = mapping.response
    for key, rules in (("errors", response.errors), ("warnings", response.warnings)):
        for place, rule in enumerate(rules):
            yield (*_RESPONSE, key, place), rule


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
        if not (later.when or later.http):
            problem = "an answer that means later is recognised by 'when', by 'http' or by both"
            yield (*_RESPONSE, "later", place), problem


def _word_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    response = mapping.response
    if response.exists and mapping.duplicates.class_ != "B":
        problem = (
            "only an idempotency key proves that the order there is ours: write 'class: B' under "
            "duplicates, or name this answer under 'duplicate'"
        )
        yield (*_RESPONSE, "exists"), problem
    if (words := response.words) is None:
        return
    seen: dict[str, str] = {}
    for key in ("accepted", "partial", "rejected", "duplicate", "pending"):
        listed: tuple[str, ...] = getattr(words, key)
        if listed and getattr(response, key, None):
            yield (*_RESPONSE, key), f"'words' tells this already: leave one of the two {key!r} out"
        for word in listed:
            if (other := seen.setdefault(word.casefold(), key)) != key:
                problem = f"the word {word!r} means both {other!r} and {key!r}"
                yield (*_RESPONSE, "words", key), problem
