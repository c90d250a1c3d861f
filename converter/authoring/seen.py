"""What documents say of a call, before any of it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class SeenField:
    """One value of the request, as a table, a schema or a sample shows it."""

    path: str
    """From the top of the body; `[]` marks a list."""
    kind: str = ""
    """`text`, `integer`, `decimal`, `boolean`, `datetime`; empty where nothing says."""
    required: bool | None = None
    """None where nothing says."""
    longest: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    """What is sent, and the word for it."""
    title: str = ""
    """In the document's own language."""
    note: str = ""
    example: Any = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What one or several documents say of the call that creates orders."""

    method: str = ""
    path: str = ""
    host: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    is_form: bool = False
    body: Any = None
    """A sample of the request."""
    answer: Any = None
    """A sample of the answer."""
    fields: tuple[SeenField, ...] = ()
    """Of a table or a schema; those of the sample are not among them."""
    contradictions: tuple[str, ...] = field(default=())


def together(parts: Sequence[Seen]) -> Seen:
    """What several documents say; the first that says something is believed."""
    whole = Seen()
    for part in parts:
        given = {
            name: getattr(part, name)
            for name in ("method", "path", "host", "headers", "query", "is_form", "body", "answer",
                         "fields")
            if not getattr(whole, name) and getattr(part, name)
        }  # fmt: skip
        whole = replace(whole, **given)
    return whole


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The plain values of a sample by their paths; of a list, what any of its entries has."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        seen: dict[str, Any] = {}
        for inner in value:
            for where, leaf in leaves(inner, f"{path}[]"):
                seen.setdefault(where, leaf)
        yield from seen.items()
    else:
        yield path, value


def containers(value: Any, path: str = "") -> Iterator[str]:
    """The paths of the objects and lists of a sample."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from containers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from containers(inner, f"{path}[]")


_DATES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "%Y-%m-%dT%H:%M:%S.%fZ"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", "%Y-%m-%dT%H:%M:%S%:z"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
)


def date_pattern(value: Any) -> str:
    """The pattern of a date in a sample; empty for what is none."""
    if not isinstance(value, str):
        return ""
    return next((pattern for form, pattern in _DATES if re.fullmatch(form, value)), "")


def kind_of(value: Any) -> str:
    """What a sample value shows of its type."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "decimal"
    if value is None:
        return ""
    return "datetime" if date_pattern(value) else "text"
