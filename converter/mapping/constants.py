"""Constants of a mapping file: what a word that stands there without quotes means as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None}


SETTING = re.compile(r"\$([A-Za-z_]\w*)")
"""`$name`, a setting as a whole value."""


def with_settings(value: Any, settings: Mapping[str, str]) -> Any:
    """The constant with what the installation gives for every `$name` in it."""
    if isinstance(value, dict):
        return {key: with_settings(inner, settings) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_settings(inner, settings) for inner in value]
    found = SETTING.fullmatch(value) if isinstance(value, str) else None
    return settings.get(found[1]) if found else value


def texts(value: Any) -> Iterator[str]:
    """Every text in a constant."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def constant(text: str) -> Any:
    """`5` is a number, `true` and `null` are what JSON calls so; `007` and all else is text."""
    if _NUMBER.fullmatch(text):
        number = Decimal(text)
        is_whole = "." not in text and abs(number) < 2**63
        return int(number) if is_whole else number
    return _WORDS.get(text, str(text))
