"""Names in the texts of a mapping's requests, and which of them stand for something."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call
from converter.mapping.request_text import Expression, names_of, parse_text

RESERVED = frozenset({"orders", "order", "first", "references", "reference", "body_text", "form"})
"""Names that a setting would hide although every request needs them."""

OF_A_CALL = frozenset(
    {"form", "query", "body", "body_text", "method", "path", "target", "host", "url", "date"}
)
"""Names that every request has."""

OF_ORDERS = frozenset({"orders", "order", "first", "references", "reference", "content", "key"})
"""Names that only the request that creates orders has."""


def parsed_text(text: str) -> Expression | str:
    """The expression in a text, or what is wrong with it."""
    try:
        return parse_text(text)
    except ValueError as error:
        return str(error)


def name_fault(
    name: str, mapping: ProviderMapping, call: Call, names: frozenset[str] = OF_ORDERS
) -> str:
    """Why a name stands for nothing in a call; empty where it is fine."""
    request = mapping.request
    if name in mapping.settings:
        return ""
    head, _, rest = name.partition(".")
    if head in ("fresh", "sign") and rest:
        is_declared = rest in request.fresh if head == "fresh" else rest in request.sign
        return "" if is_declared else f"is not declared under request.{head}"
    if head == "token":
        if rest:
            return "" if rest in request.tokens else "is not declared under request.tokens"
        is_the_only = len(request.tokens) == 1
        return "" if is_the_only else "needs its name, as token.NAME, under request.tokens"
    if name == "signature" and (request.signature or head in names):
        return ""
    if head in ("first", "order", "orders") and head in names:
        return _path_fault(rest, mapping)
    if head in ("form", "query", "body") and rest:
        block = call.query if head == "query" else call.body
        is_there = not isinstance(block, dict) or rest in block or "..." in block
        return "" if is_there else f"is no field of this {head}"
    if name == "key" and request.key is None:
        return "is no setting of this mapping, and there is no request.key"
    if name in names or name in OF_A_CALL or name == "signature":
        return ""
    close = get_close_matches(name, [*mapping.settings, *names, *OF_A_CALL], n=1, cutoff=0.8)
    hint = f", did you mean {close[0]!r}?" if close else ""
    return f"is no setting of this mapping{hint}"


def _path_fault(path: str, mapping: ProviderMapping) -> str:
    known = {paths.plain(spec.path) for spec in mapping.fields if spec.sent}
    inner = {path.rsplit(".", count)[0] for path in known for count in range(path.count(".") + 1)}
    if not path or path == "reference" or path in inner:
        return ""
    return f"is no field that is sent: {paths.no_field(path, known)}"


def names_in(texts: Iterable[str]) -> set[str]:
    parsed = [found for found in map(parsed_text, texts) if not isinstance(found, str)]
    return {name for found in parsed for name in names_of(found)}
