"""The texts of a call in which names are replaced, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter.mapping.request import Call, Request
from converter.mapping.request_text import names_of, parse_text
from converter.mapping.yaml_events import Loc

Texts = Iterator[tuple[Loc, str]]

SPECIAL = ("$json", "$number", "$literal", "$each")
"""Keys that stand alone in an object of a body and say how its value is written."""


def texts_of(call: Call, at: Loc) -> Texts:
    """Every text of a call in which names are replaced, with its place."""
    if call.host:
        yield (*at, "host"), call.host
    for key in ("headers", "query"):
        for name, text in getattr(call, key).items():
            yield (*at, key, name), text
    yield from texts_in(call.body, (*at, "body"))


def texts_in(value: Any, at: Loc) -> Texts:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "$literal":
                yield from texts_in(inner, (*at, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts_in(inner, (*at, place))


def shared_paths(request: Request) -> frozenset[str]:
    """Paths of order values that a request of several orders has once, as `first.warehouse`.

    Only orders that agree in them can travel together.
    """
    if request.orders_per_request == 1:
        return frozenset()
    texts = [text for _, text in texts_of(request, ())]
    texts += [request.path or "", *(action.path for action in request.actions.values())]
    names = (name for text in texts for name in names_of(parse_text(text)))
    return frozenset(
        name.removeprefix("first.")
        for name in names
        if name.startswith("first.") and name != "first.reference"
    )
