"""Pointers into a request, as providers write them: `orders[1].qty`, `/data/[1]/items/0/qty`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

_TOKEN = re.compile(r"\[\s*['\"]?([^\]'\"]*)['\"]?\s*\]|([^./\[\]]+)")


def tokens(pointer: str) -> list[str | int]:
    """The names and numbers of a pointer, whichever way it is written."""
    found: list[str | int] = []
    for match in _TOKEN.finditer(pointer.strip()):
        name = (match[1] if match[1] is not None else match[2]).strip()
        if name.isascii() and name.isdigit():
            found.append(int(name))
        elif name and name not in ("$", "#"):
            found.append(name.replace("~1", "/").replace("~0", "~"))
    return found


def order_index(pointer: str, body: Any) -> int | None:
    """The position in the request of the order that a pointer goes through.

    `body` is the mapping's template: in it the list of orders has a name, or is the whole body.
    None where the pointer goes through no order, or the request has just one.
    """
    where = _list_of_orders(body)
    if where is None:
        return None
    parts = tokens(pointer)
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else None
        if isinstance(part, int) and (not where or before == where or place == 0):
            return part
    return None


def _list_of_orders(body: Any) -> str | None:
    """The name of the list of orders; empty where it is the body; None where there is no list."""
    return next(iter(_names(body, "")), None)


def _names(value: Any, name: str) -> Iterator[str]:
    if value == "$orders" or (isinstance(value, dict) and set(value) == {"$each"}):
        yield name
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _names(inner, name if key in ("json", "$json", "...") else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner, name)


def written(parts: Sequence[str | int]) -> str:
    """The pointer as paths are written in mappings: `items[0].qty`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
