"""Faults of what a mapping sends, and of the expressions that read the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from converter.mapping.jmespath_faults import problem_of
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Recipe
from converter.mapping.response import Response
from converter.mapping.yaml_events import Loc


def expression_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Texts that should be JMESPath and are not, or that can never work."""
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem


def request_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Values in requests that nothing provides, and paths that cannot be called."""
    blocks = _blocks(mapping)
    yield from _name_faults(mapping, blocks)
    yield from _fresh_faults(mapping)
    yield from _signature_faults(mapping, blocks)
    for at, path in _request_paths(mapping):
        if not path.startswith("/"):
            yield at, f"{path!r} must begin with a slash: it is joined to the base URL"
        for name in re.findall(r"\{(\w+)\}", path):
            if name not in mapping.settings:
                yield at, f"{{{name}}} in the path is no setting of this mapping"


def _blocks(mapping: ProviderMapping) -> list[tuple[Loc, Any]]:
    """Every part of the mapping in which `$name` is replaced, with its place."""
    request = mapping.request
    return [
        (("request", "headers"), request.headers),
        (("request", "query"), request.query),
        (("request", "body"), request.body),
        (("query", "body"), mapping.query.body if mapping.query else None),
        *((("request", "fresh", name), fresh.time) for name, fresh in request.fresh.items()),
        *((("fields", i, "zone"), spec.zone) for i, spec in enumerate(mapping.fields)),
    ]


def _name_faults(
    mapping: ProviderMapping, blocks: Iterable[tuple[Loc, Any]]
) -> Iterator[tuple[Loc, str]]:
    known = set(mapping.settings) | {"orders", "order", "references", "signature", "body", "path"}
    for at, block in blocks:
        for text in _texts(block):
            name = text[1:]
            if text.startswith("$") and not name.startswith("fresh.") and name not in known:
                yield at, f"{text} is no setting of this mapping"
            if name.startswith("fresh.") and name[6:] not in mapping.request.fresh:
                yield at, f"{text} is not declared under request.fresh"


def _fresh_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for name, fresh in mapping.request.fresh.items():
        if fresh.time is not None and not fresh.time.startswith("$"):
            if fresh.time not in ("s", "ms"):
                yield ("request", "fresh", name), "the time is in 's' or 'ms', or a $setting"
        elif fresh.time is None and fresh.random is None:
            yield ("request", "fresh", name), "a fresh value is a 'time' or 'random' characters"


def _signature_faults(
    mapping: ProviderMapping, blocks: Iterable[tuple[Loc, Any]]
) -> Iterator[tuple[Loc, str]]:
    signature = mapping.request.signature
    if signature is None:
        return
    for key in ("recipe", "sandbox"):
        recipe: Recipe | None = getattr(signature, key)
        if recipe and (problem := recipe.fault(mapping.settings, mapping.request.fresh)):
            yield ("request", "signature", key), problem
    if "$signature" not in {text for _, block in blocks for text in _texts(block)}:
        yield ("request", "signature"), "nothing in headers, query or body is '$signature'"


def _request_paths(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    if mapping.request.path:
        yield ("request", "path"), mapping.request.path
    for name, action in mapping.request.actions.items():
        yield ("request", "actions", name), action.path


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for block, name in ((mapping.response, "response"), (mapping.query, "query")):
        if block is None:
            continue
        for key in block.model_fields_set:
            value = getattr(block, key)
            if isinstance(value, str) and key not in ("path", "evidence"):
                yield (name, key), value
        for key, output in block.outputs.items():
            yield (name, "outputs", key), output.from_
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


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
