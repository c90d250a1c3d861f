"""Where two JSON values differ, in words that a person can follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter import json_text
from converter.message import N_, Message, t

_LONGEST = 60
_NOTHING = object()


def differences(expected: Any, found: Any, place: str = "") -> Iterator[Message]:
    """Each difference with its place, such as `body.items[0].qty`."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*expected, *found)):
            inner = f"{place}.{key}" if place else str(key)
            yield from differences(expected.get(key, _NOTHING), found.get(key, _NOTHING), inner)
    elif isinstance(expected, list) and isinstance(found, list):
        for number in range(max(len(expected), len(found))):
            one, other = _at(expected, number), _at(found, number)
            yield from differences(one, other, f"{place}[{number}]")
    elif not same(expected, found):
        if found is _NOTHING:
            yield t("{place}: {value} is missing", place=place, value=shown(expected))
        elif expected is _NOTHING:
            yield t("{place}: {value} is too much", place=place, value=shown(found))
        else:
            problem = N_("{place}: expected {expected}, found {found}")
            yield t(problem, place=place, expected=shown(expected), found=shown(found))


def given(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[Message]:
    """Differences in the keys that are expected; others may be there too."""
    for key, value in expected.items():
        yield from differences(value, found.get(key, _NOTHING), key)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same JSON; `1`, `1.0`, `"1"` and `true` all differ."""
    return type(one) is type(other) and str(one) == str(other)


def _at(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else _NOTHING


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json_text.encode(value).decode("utf-8")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
