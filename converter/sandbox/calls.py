"""What the HTTP application and a pretend provider exchange: a call and the answer to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``problem`` says in Chinese why its body cannot be read, or is empty."""

    headers: Mapping[str, str]
    path_parameters: Mapping[str, str]
    body: Any
    problem: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer, and the references of the orders created for it."""

    body: Any
    status: int = 200
    created: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    """The references of the orders that were cancelled by it."""


def read(headers: Mapping[str, str], path_parameters: Mapping[str, str], raw: bytes) -> Call:
    """Read a request, whose body must be JSON in all five documents."""
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return Call(headers, path_parameters, None, "Content-Type 必须为 application/json")
    try:
        return Call(headers, path_parameters, parse(raw), "")
    except (ValueError, RecursionError):
        return Call(headers, path_parameters, None, "请求报文不是有效的 JSON")


def parse(raw: bytes) -> Any:
    """Decode standard JSON in UTF-8.

    Unlike `json.loads`, refuses NaN, duplicate keys, numbers out of range and lone surrogates, so
    that a client that sends them fails here first.
    """
    value = json.loads(
        raw.decode("utf-8"),
        parse_constant=_refuse,
        parse_float=_finite,
        object_pairs_hook=_distinct,
    )
    if b"\\u" in raw:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits} is too large")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members
