"""JSON text whose numbers are exactly those of the sheet."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from numbers import Integral
from typing import Any

import orjson


def encode(value: Any, *, sorted_keys: bool = False, indented: bool = False) -> bytes:
    """JSON text; a Decimal never becomes a binary float, and never gets an exponent.

    Raises TypeError, or ValueError for a number that is not finite: they have no place in JSON.
    """
    option = orjson.OPT_SORT_KEYS if sorted_keys else 0
    option |= orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indented else 0
    return orjson.dumps(value, default=_exact, option=option)


def digest(value: Any) -> str:
    """SHA-256 of the JSON with its keys sorted, so that their order does not matter."""
    return hashlib.sha256(encode(value, sorted_keys=True)).hexdigest()


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = str(value)
        if not (text[0].isdigit() and "E" not in text):  # the plain ones are by far the most
            if not value.is_finite():
                raise ValueError("a number that is not finite has no place in a payload")
            text = format(value if value else abs(value), "f")
        return orjson.Fragment(text)
    if isinstance(value, Integral):
        return int(value)
    raise TypeError(f"{type(value).__name__} has no place in a payload")
