"""Paths of a mapping: `items[].sku` says where a field's value goes in the payload."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from converter.mapping.constants import constant

NAMED = r"""\[[A-Za-z_][A-Za-z0-9_-]*=(?:[\w-]+|"[^".\[\]]*")\]"""
"""Of an entry that a constant names: `[name=colour]`, `[id=1]`, `[id="1"]`."""

_NAME = re.compile(rf"@?[A-Za-z_][A-Za-z0-9_:-]*(\[\]|{NAMED})?")
_PAIR = re.compile(r"(.+)\[([^=\]]+)=([^\]]+)\]")


def is_path(text: str) -> bool:
    """True for dotted names, each with `[]` where it is a list."""
    return all(_NAME.fullmatch(part) for part in text.split("."))


def pair(name: str) -> tuple[str, str, Any] | None:
    """Of a name such as `attributes[name=colour]`: the array, and the key and value of the entry:
    text, or a number as in `[id=1]`."""
    found = _PAIR.fullmatch(name)
    if not found:
        return None
    is_quoted = found[3].startswith('"')
    return found[1], found[2], found[3][1:-1] if is_quoted else constant(found[3])


def list_of(path: str) -> str:
    """The innermost list that a path lies in, without its last `[]`; empty for an order field.

    `items[].sku` lies in `items`; `parcels[].items[].sku` in `parcels[].items`.
    """
    head, found, _ = path.rpartition("[].")
    return head if found else ""


def inside(path: str) -> tuple[str, ...]:
    """The keys from the entry of the innermost list (or the order) down to the value."""
    return tuple(path.rpartition("[].")[2].split("."))


def last(path: str) -> str:
    """The API's own name of the value."""
    return path.rpartition(".")[2]


def plain(path: str) -> str:
    """The path without its list marks, as rules may write it: `items.sku`."""
    return path.replace("[]", "")


def no_field(path: str, known: Collection[str]) -> str:
    """The complaint about a path that no field has, with the likeliest of the known ones."""
    close = get_close_matches(path, known, n=1)
    hint = f", did you mean {close[0]!r}?" if close else ""
    return f"there is no field {path!r}{hint}"


def value_at(payload: Mapping[str, Any], path: str) -> Any:
    """The value of a payload at a plain path outside its lists; None where there is none."""
    found: Any = payload
    for key in path.split(".") if path else ():
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found
