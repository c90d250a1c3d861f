"""Strict reading of a provider's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

_MAX_DEPTH = 100
"""Nesting levels. Python's own limit differs between versions."""


def parse(body: bytes) -> Any:
    """Decode a JSON document with exact numbers; None where it is not strictly valid.

    Unlike `json.loads`, refuses NaN, duplicate keys and lone surrogates.
    """
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
        _check_depth_and_text(document)
    except (ValueError, RecursionError):
        return None
    return document


def _check_depth_and_text(document: Any) -> None:
    """Raise ValueError where a document is nested too deep or holds lone surrogates."""
    level = [document]
    for _ in range(_MAX_DEPTH):
        for value in level:
            for text in value if isinstance(value, dict) else (value,):
                if isinstance(text, str):
                    text.encode()  # raises UnicodeEncodeError, a ValueError, for a lone surrogate
        level = [inner for value in level for inner in _children(value)]
        if not level:
            return
    raise ValueError("nested too deep")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate key")
    return made
