"""Faults of the expressions that read the answer, and of zones."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.jmespath_faults import problem_of
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call
from converter.mapping.response import Response
from converter.mapping.yaml_events import Loc

_PLAIN = ("evidence", "document")
"""Texts for people."""


def expression_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Texts that should be JMESPath and are not, or that can never work."""
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for block, at in (
        (mapping.response, ("response",)),
        (mapping.query, ("query",)),
        (mapping.calls.refresh, ("calls", "refresh")),
    ):
        if block is None:
            continue
        for key in block.model_fields_set:
            value = getattr(block, key)
            if isinstance(value, str) and key not in (*Call.model_fields, *_PLAIN):
                yield (*at, key), value
        for key, output in block.outputs.items():
            yield (*at, "outputs", key), output.from_
    response = mapping.response
    for key, part in (
        ("match", response.match.all),
        ("lists", response.lists),
        ("complete", response.complete),
    ):
        for text in part.model_dump().values() if part else ():
            if text:
                yield ("response", key), text
    if response.match.reference:
        yield ("response", "match"), response.match.reference
    yield from _refusals(response)


def _refusals(response: Response) -> Iterator[tuple[Loc, str]]:
    if response.lines and response.lines.failed:
        yield ("response", "lines", "failed"), response.lines.failed
    for place, refusal in enumerate(response.refusals):
        yield ("response", "refusals", place), refusal.when
    for place, call_refusal in enumerate(response.call_refusals):
        if call_refusal.when:
            yield ("response", "call_refusals", place), call_refusal.when
