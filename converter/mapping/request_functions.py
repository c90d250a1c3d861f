"""Work out the expressions of requests: hashes, encodings and texts over a request's fields."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from converter.json_text import encode
from converter.mapping.request_text import HASHES, Call, Expression, Fields, Joined, Literal, Name

SKIP: Any = object()
"""The value of a name that has none, such as an optional setting that is not set."""

FIELD_SOURCES = ("form", "query", "body")


class Masked(str):
    """A text with a secret in it that was replaced: whatever is made of it is masked as well."""

    __slots__ = ()


MASKED = Masked("***")

Lookup = Callable[[str], Any]
"""The value of a name. For `form`, `query` and `body` alone a list of names and texts."""


def evaluate(found: Expression, lookup: Lookup) -> Any:
    """The value of an expression: text, bytes, any value for a name alone, or SKIP.

    Raises ValueError where a function cannot use what it is given, without quoting the value.
    """
    match found:
        case Literal(text):
            return text
        case Name(name):
            return lookup(name)
        case Joined(parts):
            return _joined([evaluate(part, lookup) for part in parts])
        case Fields():
            return _fields(found, lookup)
        case Call(function, given):
            values = [evaluate(part, lookup) for part in given]
            if any(value is SKIP for value in values):
                return SKIP
            if any(isinstance(value, Masked) for value in values):
                return MASKED
            return _call(function, values)


def text_of(value: Any) -> str:
    """A value as the text that headers, forms and signatures have of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        raise ValueError("raw bytes are no text: use hex() or base64()")
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return encode(value).decode()


def _joined(values: Sequence[Any]) -> Any:
    if any(value is SKIP for value in values):
        return SKIP
    if all(isinstance(value, bytes) for value in values):
        return b"".join(values)
    made = "".join(map(text_of, values))
    return Masked(made) if any(isinstance(value, Masked) for value in values) else made


def _fields(found: Fields, lookup: Lookup) -> str:
    pairs = [pair for source in found.sources for pair in lookup(source)]
    pairs = [(name, value) for name, value in pairs if name not in found.left_out]
    if not found.blank:
        pairs = [(name, value) for name, value in pairs if value != ""]
    if found.sort:
        pairs.sort(key=lambda pair: pair[0])
    made = found.separator.join(
        text_of(evaluate(found.pattern, {"name": name, "value": value}.__getitem__))
        for name, value in pairs
    )
    return Masked(made) if any(isinstance(value, Masked) for _, value in pairs) else made


def _call(function: str, values: list[Any]) -> Any:
    if function in HASHES:
        return hashlib.new(function, _bytes(values[0])).digest()
    if function.startswith("hmac_"):
        return hmac.digest(_bytes(values[0]), _bytes(values[1]), function.removeprefix("hmac_"))
    return _FUNCTIONS[function](*values)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else text_of(value).encode()


def _unbase64(value: Any) -> bytes:
    text = "".join(text_of(value).split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("unbase64() is given a text that is no Base64") from None


def _unhex(value: Any) -> bytes:
    try:
        return bytes.fromhex(text_of(value))
    except ValueError:
        raise ValueError("unhex() is given a text that is not hexadecimal") from None


def _whole(value: Any) -> int:
    text = text_of(value)
    if not text.isdecimal():
        raise ValueError("a length is a whole number")
    return int(text)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("count(), sum() and join() are over a list, such as orders or orders.ref")
    return value


def _plain(value: Any) -> Any:
    """The value without parts that are JSON text already, whose keys could not be sorted."""
    return json.loads(encode(value), parse_float=Decimal)


def _sum(value: Any) -> str:
    numbers = [one for one in _list(value) if one is not None]
    if any(isinstance(one, bool) or not isinstance(one, int | Decimal | str) for one in numbers):
        raise ValueError("sum() is over numbers")
    try:
        return format(sum(map(Decimal, numbers), Decimal()), "f")
    except ArithmeticError:
        raise ValueError("sum() is over numbers") from None


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "hex": lambda value: _bytes(value).hex(),
    "HEX": lambda value: _bytes(value).hex().upper(),
    "base64": lambda value: base64.b64encode(_bytes(value)).decode(),
    "base64url": lambda value: base64.urlsafe_b64encode(_bytes(value)).decode().rstrip("="),
    "unbase64": _unbase64,
    "unhex": _unhex,
    "len": lambda value: str(len(text_of(value))),
    "upper": lambda value: text_of(value).upper(),
    "lower": lambda value: text_of(value).lower(),
    "url": lambda value: quote(text_of(value), safe="~"),
    "json": lambda value: encode(value).decode(),
    "sorted_json": lambda value: encode(_plain(value), sorted_keys=True).decode(),
    "uuid": lambda value: str(uuid.uuid5(uuid.NAMESPACE_OID, text_of(value))),
    "cut": lambda value, size: text_of(value)[: _whole(size)],
    "pad": lambda value, size: text_of(value).rjust(_whole(size), "0"),
    "count": lambda value: str(len(_list(value))),
    "sum": _sum,
    "join": lambda value, separator: text_of(separator).join(map(text_of, _list(value))),
}
