"""Lines of an order that were not made, as a text: `offerId=554&specId=b26; offerId=555`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

Keys = Mapping[str, str]
"""What tells a line from the others, by member."""


def to_text(lines: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """The lines by those of their keys that are given."""
    found = []
    for line in lines:
        named = {key: str(line[key]) for key in keys if line.get(key) not in (None, "")}
        if named:
            found.append(urlencode(named))
    return "; ".join(dict.fromkeys(found))


def from_text(text: str) -> list[Keys]:
    """The keys of each line."""
    return [dict(parse_qsl(part)) for part in text.split("; ") if part]


def is_among(line: Mapping[str, Any], missing: Iterable[Keys]) -> bool:
    """Whether a line is one of those that were not made."""
    return any(
        all(str(line.get(key, "")).casefold() == value.casefold() for key, value in keys.items())
        for keys in missing
    )
