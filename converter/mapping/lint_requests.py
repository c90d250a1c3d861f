"""Faults of the expressions that read the answer, and of zones."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.block import Block
from converter.mapping.jmespath_faults import problem_of
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call
from converter.mapping.response import Output, Response
from converter.mapping.yaml_events import Loc

_PLAIN = ("evidence", "document")
"""Texts for people."""


def expression_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Texts that should be JMESPath and are not, or that can never work."""
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    blocks: list[tuple[Loc, Block]] = [(("response",), mapping.response)]
    if mapping.query:
        blocks.append((("query",), mapping.query))
    blocks += [(at, call) for _, at, call in mapping.calls.named()]
    for at, block in blocks:
        for key in block.model_fields_set:
            value = getattr(block, key)
            if isinstance(value, str) and key not in (*Call.model_fields, *_PLAIN):
                yield (*at, key), value
            elif isinstance(value, dict):
                for name, one in value.items():
                    if isinstance(one, Output):
                        yield (*at, key, name), one.from_
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
