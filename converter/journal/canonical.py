"""Canonical forms in which references and payloads are stored and compared."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from converter.json_text import encode
from converter.model import Payload


def key_of(reference: str) -> str:
    """Normalise a reference: equal keys mean the same order."""
    if reference.isascii():
        return (
            reference.strip()
        )  # fast path: most references are, and planning needs very many keys
    return unicodedata.normalize("NFC", reference).strip()


def from_bytes(text: bytes) -> Payload:
    """Decode a stored payload exactly; numbers with a fraction become Decimals, never floats."""
    payload: Payload = json.loads(text, parse_float=Decimal, parse_int=_whole)
    return payload


def _whole(digits: str) -> int | Decimal:
    """An integer, or beyond 64 bits a Decimal, because orjson writes no such integer."""
    number = int(digits)
    return number if abs(number) < 2**63 else Decimal(digits)


def without_names(payload: Payload, names: Collection[str]) -> bytes:
    """The payload as JSON without the order's own references, to find the same content again."""
    return encode(_without(payload, names))


def _without(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return None if isinstance(value, str) and value in names else value


class Difference(NamedTuple):
    """Where two payloads differ, with both values; None also stands for one that is missing."""

    path: str
    """Such as `order.city` or `items[2].sku`."""
    before: Any
    after: Any


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """Where two payloads differ, in their order."""
    return tuple(_changes(before, after, ""))


def _changes(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{path}.{key}" if path else key
            if key in before and key in after:
                yield from _changes(before[key], after[key], inner)
            else:
                yield Difference(inner, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            inner = f"{path}[{index}]"
            if index < len(before) and index < len(after):
                yield from _changes(before[index], after[index], inner)
            else:
                old, new = (side[index] if index < len(side) else None for side in (before, after))
                yield Difference(inner, old, new)
    elif encode(before) != encode(after):
        yield Difference(path, before, after)
