"""JMESPath searches in a provider's reply."""

from __future__ import annotations

import json
import logging
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import jmespath
from jmespath.visitor import TreeInterpreter

from converter.mapping.response import Output

_LOG = logging.getLogger(__name__)


class _Functions(jmespath.functions.Functions):
    """JMESPath's functions with `lower`, and a `to_string` that does not escape Chinese."""

    @jmespath.functions.signature({"types": []})
    def _func_lower(self, value: Any) -> str:
        """The text in lower case; empty for anything but text."""
        return value.lower() if isinstance(value, str) else ""

    @jmespath.functions.signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        if isinstance(value, str | Decimal):
            return str(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


_INTERPRETER = TreeInterpreter(jmespath.Options(custom_functions=_Functions()))
"""Shared: creating one takes longer than most searches."""


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression).parsed


def search(expression: str, value: Any) -> Any:
    """What the expression finds; None where it finds nothing or cannot be evaluated."""
    try:
        return _INTERPRETER.visit(_compiled(expression), value)
    except jmespath.exceptions.JMESPathError:  # a function was given a type it does not take
        _LOG.debug("expression cannot be evaluated", extra={"expression": expression})
        return None


def is_true(expression: str, value: Any) -> bool:
    """Truth as JMESPath defines it: 0 is true, only nothing and empty values are false."""
    found = search(expression, value)
    return not (found is None or found is False or found == "" or found == [] or found == {})


def search_list(expression: str, value: Any) -> list[Any]:
    """The list that the expression finds; empty where it finds no list."""
    found = search(expression, value)
    return found if isinstance(found, list) else []


def as_floats(value: Any) -> Any:
    """A payload with floats for Decimals, which JMESPath does not treat as numbers."""
    if isinstance(value, dict):
        return {key: as_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def search_texts(expression: str, value: Any) -> list[str]:
    """The distinct texts that an expression finds, flattened, without empty ones."""
    queue, found = [search(expression, value)], dict[str, None]()
    while queue:
        item = queue.pop(0)
        if isinstance(item, list):
            queue = item + queue
        elif isinstance(item, dict):
            found[json.dumps(item, ensure_ascii=False, default=str)] = None
        elif item not in (None, ""):
            found[str(item)] = None
    return list(found)


def search_text(expression: str | None, value: Any) -> str:
    """All texts that an expression finds, joined."""
    return "; ".join(search_texts(expression, value)) if expression else ""


def output_text(output: Output, value: Any) -> str:
    """The value of an output, with minor units converted."""
    texts = search_texts(output.from_, value)
    if output.minor_units:
        texts = [_from_minor(text, output.minor_units) for text in texts]
    return "; ".join(texts)


def _from_minor(text: str, places: int) -> str:
    try:
        return format(Decimal(text).scaleb(-places).quantize(Decimal(1).scaleb(-places)), "f")
    except InvalidOperation:
        return text
