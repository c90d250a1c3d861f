"""Errors that an answer lists, by the rules of the mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from converter.mapping.answer_rules import Errors
from converter.message import join
from converter.provider import pointers
from converter.provider.search import search, search_texts

_DEPTH = 8
_OF_ERROR = re.compile(
    r"(?:error|err|sub)?[_-]?(?:code|message|msg|reason|type|detail|text|key)", re.I
)
"""Keys of an object that is one error."""
_MOST = 50
"""Errors of one answer that are read; a provider that lists more says nothing new with them."""


@dataclass(frozen=True, slots=True)
class ListedError:
    """One error of an answer."""

    at: str
    """The field it is about, as the provider writes it; empty where it does not say."""
    said: str
    """Its code and its text."""
    order: int | None = None
    """The position of its order in the request; None where it does not say."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.at, self.said)))


def read(rules: Iterable[Errors], value: Any, body: Any) -> tuple[ListedError, ...]:
    """The errors in an answer or an entry of one; `body` is the template of the request's body."""
    found = []
    for rule in rules:
        for at, error in _errors(rule, value):
            if (made := _error(rule, at, error, body)) is not None:
                found.append(made)
    return tuple(dict.fromkeys(found))[:_MOST]


def joined(message: str, errors: Iterable[ListedError]) -> str:
    """A message with the errors that it does not tell already."""
    texts = [message] if message else []
    texts += [text for error in errors if (text := str(error)) not in message]
    if message.endswith((".", "。")) and len(texts) > 1:
        return join(" ", [message, "; ".join(dict.fromkeys(texts[1:]))])
    return "; ".join(dict.fromkeys(texts))


def _errors(rule: Errors, value: Any) -> Iterator[tuple[str, Any]]:
    if rule.list is not None:
        found = search(rule.list, value)
        for one in found if isinstance(found, list) else [found]:
            yield "", one
    elif rule.map is not None:
        yield from _in_map(rule, search(rule.map, value), (), _DEPTH)


def _in_map(
    rule: Errors, value: Any, path: tuple[str | int, ...], depth: int
) -> Iterator[tuple[str, Any]]:
    """The errors in an object by field: a text, or an object that holds no further one."""
    if isinstance(value, dict) and depth and not (path and _is_error(rule, value)):
        for key, inner in value.items():
            yield from _in_map(rule, inner, (*path, str(key)), depth - 1)
    elif isinstance(value, list) and depth:
        nested = any(isinstance(one, dict) and not _is_error(rule, one) for one in value)
        for place, inner in enumerate(value):
            yield from _in_map(rule, inner, (*path, place) if nested else path, depth - 1)
    elif value not in (None, "", {}, []):
        yield pointers.written(path), value


def _is_error(rule: Errors, value: dict[str, Any]) -> bool:
    """Whether an object is one error, and not errors by field."""
    if rule.code or rule.text:
        return any(text and search(text, value) is not None for text in (rule.code, rule.text))
    return any(_OF_ERROR.fullmatch(key) for key in value) and not any(
        isinstance(inner, dict | list) for inner in value.values()
    )


def _error(rule: Errors, at: str, error: Any, body: Any) -> ListedError | None:
    if error in (None, "", {}, []):
        return None
    if not isinstance(error, dict):
        said = "; ".join(search_texts("@", error))
    elif rule.code or rule.text:
        parts = [search_texts(text, error) for text in (rule.code, rule.text) if text]
        said = " ".join("; ".join(texts) for texts in parts if texts)
    else:
        said = " ".join(text for inner in error.values() for text in search_texts("@", inner))
    at = at or ("; ".join(search_texts(rule.at, error)) if rule.at else "")
    order = None
    if rule.order is not None:
        order = position(search(rule.order, error), body, rule.counts_from)
    elif at:
        order = pointers.order_index(at, body)
        order = None if order is None else order - rule.counts_from
    return ListedError(at, said, order) if at or said else None


def position(value: Any, body: Any, counts_from: int) -> int | None:
    """A position in the request, counted from 0: of a number, or of a pointer."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value - counts_from
    text = str(value).strip()
    if text.isascii() and text.isdigit():
        return int(text) - counts_from
    index = pointers.order_index(text, body)
    return None if index is None else index - counts_from
