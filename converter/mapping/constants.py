"""Constants of a mapping file: what a word that stands there without quotes means as JSON."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None}


def constant(text: str) -> Any:
    """`5` is a number, `true` and `null` are what JSON calls so; `007` and all else is text."""
    if _NUMBER.fullmatch(text):
        number = Decimal(text)
        is_whole = "." not in text and abs(number) < 2**63
        return int(number) if is_whole else number
    return _WORDS.get(text, str(text))
