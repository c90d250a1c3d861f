"""Faults of what a mapping sends: names that stand for nothing, signatures, forms, headers."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from converter.mapping import paths
from converter.mapping.jmespath_faults import problem_of
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call, Recipe
from converter.mapping.request_functions import evaluate, text_of
from converter.mapping.request_text import (
    WHOLE,
    Expression,
    makes_raw,
    names_of,
    parse,
    parse_text,
)
from converter.mapping.yaml_events import Loc

RESERVED = frozenset({"orders", "order", "first", "references", "reference", "body_text", "form"})
"""Names that a setting would hide although every request needs them."""

OF_A_CALL = frozenset(
    {"form", "query", "body", "body_text", "method", "path", "target", "host", "url", "date"}
)
"""Names that every request has."""

OF_ORDERS = frozenset({"orders", "order", "first", "references", "reference", "content", "key"})
"""Names that only the request that creates orders has."""

_OF_THE_BODY = frozenset({"body_text", "form", "body"})
_OF_THE_QUERY = frozenset({"query", "target", "url"})

Texts = Iterator[tuple[Loc, str]]


def call_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Everything about requests that could not work, or would be sent other than it looks."""
    for name in sorted(RESERVED & mapping.settings.keys()):
        yield ("settings", name), f"a setting cannot be called {name!r}: give it another name"
    yield from _address_faults(mapping)
    request = mapping.request
    calls: list[tuple[Loc, Call, frozenset[str]]] = [(("request",), request, OF_ORDERS)]
    calls += [
        (("request", "tokens", name), one, frozenset()) for name, one in request.tokens.items()
    ]
    has_faults = False
    for at, call, names in calls:
        for fault in (*_text_faults(mapping, call, at, names), *_shape_faults(call, at)):
            has_faults = True
            yield fault
    yield from _query_faults(mapping)
    yield from _path_faults(mapping)
    yield from _token_faults(mapping)
    yield from _fresh_faults(mapping)
    if not has_faults:  # else a misspelt $orders would be named twice
        yield from _order_faults(mapping)
    yield from _key_faults(mapping)
    yield from _sign_faults(mapping)
    yield from _recipe_faults(mapping)


# -- addresses -------------------------------------------------------------------------------------


def _address_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Settings in addresses that there are not, that are secret, or that may be missing."""
    for name, setting in mapping.settings.items():
        for part in re.findall(r"\{([^{}]*)\}", setting.default or ""):
            at: Loc = ("settings", name, "default")
            other = mapping.settings.get(part)
            if other is None or part == name:
                yield at, f"{{{part}}} in the address is no setting of this mapping"
            elif other.secret:
                yield at, f"{{{part}}} is a secret, which has no place in an address"
            elif other.default is None and not other.required:
                yield at, f"{{{part}}} may be missing: say 'required: true' at that setting"


# -- names in texts --------------------------------------------------------------------------------


def texts_of(call: Call, at: Loc) -> Texts:
    """Every text of a call in which names are replaced, with its place."""
    if call.host:
        yield (*at, "host"), call.host
    for key in ("headers", "query"):
        for name, text in getattr(call, key).items():
            yield (*at, key, name), text
    yield from _texts(call.body, (*at, "body"))


def _texts(value: Any, at: Loc) -> Texts:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "$literal":
                yield from _texts(inner, (*at, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*at, place))


def _text_faults(
    mapping: ProviderMapping, call: Call, at: Loc, names: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    for place, text in texts_of(call, at):
        # A flow mapping is one line: its key is place enough, and the message names the text.
        here = place[: len(at) + 1]
        found = _parsed(text)
        if isinstance(found, str):
            yield here, found
            continue
        if makes_raw(found):
            yield here, f"{text!r} makes raw bytes: write hex(...) or base64(...) around it"
        for name in names_of(found):
            if problem := name_fault(name, mapping, call, names):
                spelled = text if WHOLE.fullmatch(text) else f"{{{name}}}"
                yield here, f"{spelled} {problem}"
        if text == "$orders" and place[len(at)] == "query":
            yield here, "a list of orders cannot stand in a query: send it in the body"


def _parsed(text: str) -> Expression | str:
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


# -- the path --------------------------------------------------------------------------------------


def _path_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    request = mapping.request
    found: list[tuple[Loc, str, Call]] = []
    if request.path:
        found.append((("request", "path"), request.path, request))
    for name, action in request.actions.items():
        found.append((("request", "actions", name), action.path, request))
    for at, path, call in found:
        yield from path_faults(path, at, mapping, call)
    for name, token in request.tokens.items():
        here: Loc = ("request", "tokens", name)
        if token.path:
            yield from path_faults(token.path, (*here, "path"), mapping, token, frozenset())
        else:
            yield here, "the call for a token needs a 'path'"


def path_faults(
    path: str, at: Loc, mapping: ProviderMapping, call: Call, names: frozenset[str] = OF_ORDERS
) -> Iterator[tuple[Loc, str]]:
    """What is wrong with the path of a call."""
    if not path.startswith("/"):
        yield at, f"{path!r} must begin with a slash: it is joined to the base URL"
    elif "?" in path or "#" in path:
        yield at, f"{path!r} holds a query: parameters stand under 'query'"
    expression = _parsed(path)
    if isinstance(expression, str):
        yield at, expression
        return
    for name in names_of(expression):
        if name_fault(name, mapping, call, names):
            yield at, f"{{{name}}} in the path is no setting of this mapping"
        elif name == "orders":
            yield at, "a list of orders cannot stand in the path"


# -- headers and bodies ----------------------------------------------------------------------------


def _shape_faults(call: Call, at: Loc) -> Iterator[tuple[Loc, str]]:
    if call.method == "GET" and call.has_body:
        yield (*at, "body"), "a GET request has no body: put the values under 'query'"
    if isinstance(call.body, str) and call.body.lstrip().startswith("<"):
        yield (*at, "body"), "XML bodies cannot be made: only JSON and forms can"
    yield from _header_faults(call, at)
    if call.encoding == "form" and call.has_body:
        yield from _form_faults(call, at)
    elif call.nesting:
        yield (*at, "nesting"), "'nesting' is for forms: it needs 'encoding: form'"
    for place, key in _specials(call.body, (*at, "body")):
        alone = f"{key!r} stands alone in its braces, as {{{key}: ...}}"
        unknown = f"there is no {key!r}: there are {', '.join(_SPECIAL)}"
        yield place[: len(at) + 1], alone if key in _SPECIAL else unknown
    if call.host and not call.host.startswith(("https://", "$")):
        yield (
            (*at, "host"),
            f"{call.host!r} is no host: write a $setting, or an address that begins with https://",
        )


def _header_faults(call: Call, at: Loc) -> Iterator[tuple[Loc, str]]:
    seen: dict[str, str] = {}
    for name, text in call.headers.items():
        here = (*at, "headers", name)
        low = name.lower()
        if low in seen:
            yield here, f"the header {name} stands here twice, as {seen[low]} too"
        seen[low] = name
        if low in ("content-length", "transfer-encoding", "connection"):
            yield here, f"the header {name} is made when the request is sent: leave it out"
        if low != "content-type":
            continue
        kind = text.partition(";")[0].strip().lower()
        wanted = "application/x-www-form-urlencoded" if call.encoding == "form" else "JSON"
        if kind.endswith("xml"):
            yield here, "XML bodies cannot be made: only JSON and forms can"
        elif kind.startswith("multipart/"):
            yield here, "multipart bodies cannot be made: only JSON and forms can"
        elif kind == "application/x-www-form-urlencoded" and call.encoding == "json":
            yield here, f"{text!r} says that the body is a form: then write 'encoding: form'"
        elif "json" in kind and call.encoding == "form":
            yield here, f"{text!r} says that the body is JSON, but 'encoding' is form"
        elif "json" not in kind and kind != "application/x-www-form-urlencoded":
            yield here, f"{text!r} contradicts the body, which is {wanted}"
        elif "charset" in text.lower() and "utf-8" not in text.lower():
            yield here, f"{text!r} contradicts the body, which is UTF-8"


def _form_faults(call: Call, at: Loc) -> Iterator[tuple[Loc, str]]:
    here = (*at, "body")
    if not isinstance(call.body, dict) or "$json" in call.body:
        if call.body not in ("$order", "$first"):
            yield here, "a form has named fields: write {name: value, ...}"
        return
    if call.nesting:
        return
    for key, value in call.body.items():
        is_nested = isinstance(value, list) or (
            isinstance(value, dict) and not {*value} & {"$json", "$number", "$literal"}
        )
        if key != "..." and (is_nested or value in ("$orders", "$order", "$first", "$references")):
            yield (
                here,
                f"the field {key!r} of the form is no plain value: write {{$json: ...}} for JSON "
                "text, or 'nesting: brackets' for fields such as a[0][b]",
            )


def _specials(value: Any, at: Loc) -> Texts:
    """Keys such as `$json` that stand beside others."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("$") and (len(value) > 1 or key not in _SPECIAL):
                yield at, key
            elif key != "$literal":
                yield from _specials(inner, (*at, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _specials(inner, at)


_SPECIAL = ("$json", "$number", "$literal")


# -- the orders ------------------------------------------------------------------------------------


def _order_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Orders that would not be sent, or not all of them, or not whole."""
    request = mapping.request
    at: Loc = ("request", "body") if request.has_body else ("request",)
    texts = [text for _, text in texts_of(request, ("request",))]
    texts += [request.path or "", *(action.path for action in request.actions.values())]
    parsed = [found for found in map(_parsed, texts) if not isinstance(found, str)]
    named = {name for found in parsed for name in names_of(found)}
    heads = {name.partition(".")[0] for name in named}
    if not heads & {"orders", "order", "first"}:
        yield (
            at,
            "no order would be sent: 'body' needs $orders (the list) or $order (the only one)",
        )
        return
    if request.orders_per_request > 1 and "orders" not in heads:
        yield (
            ("request", "orders_per_request"),
            "with several orders in a request, 'body' needs $orders; $order is the only one",
        )
    elif request.orders_per_request > 1 and (
        only := named & {"order", "reference"}
        or {name for name in named if name.startswith("order.")}
    ):
        yield (
            ("request", "orders_per_request"),
            f"{{{min(only)}}} is of the only order, but there may be several in a request",
        )
    if named & {"orders", "order", "first"}:
        return
    parts = {name.partition(".")[2] for name in named if name.startswith(("order.", "first."))}
    parts |= {name.partition(".")[2] for name in named if name.startswith("orders.")}
    for place, spec in enumerate(mapping.fields):
        path = paths.plain(spec.path)
        if spec.sent and not any(path == part or path.startswith(f"{part}.") for part in parts):
            is_reference = spec.path == mapping.order.reference and {"reference", "references"}
            if not (is_reference and is_reference & (named | parts)):
                yield (
                    ("fields", place, "path"),
                    f"{spec.path!r} is sent nowhere: the request has only parts of the order. Add "
                    f"$order.{path}, or say 'sent: false'",
                )


# -- the query -------------------------------------------------------------------------------------


_OF_A_QUERY = frozenset({"references", "reference"})


def _query_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    query = mapping.query
    if query is None:
        return
    at: Loc = ("query",)
    yield from faults_of_call(mapping, query, at, _OF_A_QUERY)
    texts = [*(text for _, text in texts_of(query, at)), query.path or ""]
    parsed = [found for found in map(_parsed, texts) if not isinstance(found, str)]
    named = {name for found in parsed for name in names_of(found)}
    if not named & _OF_A_QUERY:
        yield at, "the query names no order: it needs $references, or $reference (the only one)"
    elif query.references_per_request > 1 and "references" not in named:
        yield (
            at,
            "$reference is the only one: write 'references_per_request: 1', or $references",
        )


def faults_of_call(
    mapping: ProviderMapping, call: Call, at: Loc, names: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    """What is wrong with a call beside the creating one; `names` it has beside the usual ones."""
    yield from _text_faults(mapping, call, at, names)
    yield from _shape_faults(call, at)
    if call.path:
        yield from path_faults(call.path, (*at, "path"), mapping, call, names)
    else:
        yield at, "the call needs a 'path'"


# -- tokens ----------------------------------------------------------------------------------------


def _token_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    request = mapping.request
    texts = [text for _, text in texts_of(request, ("request",))]
    texts += [*request.sign.values(), request.path or ""]
    used = "\n".join(texts)
    for name, token in request.tokens.items():
        at: Loc = ("request", "tokens", name)
        own = [text for _, text in texts_of(token, at)]
        if any(re.search(r"[${(+ ]token\b", text) for text in own) and (
            "token" not in mapping.settings
        ):
            yield at, "the call for a token cannot have a token in it"
        if not re.search(rf"\btoken\b(?!\.)|\btoken\.{re.escape(name)}\b", used):
            yield at, f"nothing is '$token.{name}'"
        for key in ("value", "expires_in", "call_ok", "message"):
            if (text := getattr(token, key)) and (problem := problem_of(text)):
                yield (*at, key), problem
    if request.tokens and "token" in mapping.settings:
        yield ("request", "tokens"), "a setting is called 'token' too: give it another name"


# -- values made anew, signatures ------------------------------------------------------------------


def _fresh_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for name, fresh in mapping.request.fresh.items():
        at: Loc = ("request", "fresh", name)
        kinds = [fresh.time is not None, fresh.random is not None, fresh.uuid]
        if sum(kinds) > 1:
            yield at, "a fresh value is one of 'time', 'random' and 'uuid'"
        elif fresh.time is not None and fresh.time.startswith("$"):
            if fresh.time[1:] not in mapping.settings:
                yield at, f"{fresh.time} is no setting of this mapping"
        elif fresh.time is not None:
            if fresh.time not in ("s", "ms", "http") and "%" not in fresh.time:
                yield at, "the time is in 's' or 'ms', or a $setting"
        elif not any(kinds):
            yield at, "a fresh value is a 'time' or 'random' characters"


_NOT_IN_A_KEY = frozenset({"fresh", "sign", "signature", "token", "key", *OF_A_CALL})


def _key_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """A key that would differ when the same orders are sent again, or that nothing sends."""
    request = mapping.request
    at: Loc = ("request", "key")
    texts = [*texts_of(request, ("request",))]
    is_sent = any(re.search(r"[${(+ ]key\b", text) for _, text in texts)
    if request.key is None:
        return
    if "key" in mapping.settings:
        yield at, "a setting is called 'key' too: give it another name"
    elif not is_sent:
        yield at, "nothing in headers, query or body is '$key'"
    found = _parsed(request.key)
    if isinstance(found, str):
        yield at, found
        return
    heads = set()
    for name in names_of(found):
        heads.add(name.partition(".")[0])
        if name.partition(".")[0] in _NOT_IN_A_KEY and name not in mapping.settings:
            yield at, f"{{{name}}} is another one at every attempt, but a key has to stay the same"
        elif problem := name_fault(name, mapping, request):
            yield at, f"{{{name}}} {problem}"
    if not heads & {"orders", "order", "first", "reference", "references", "content"}:
        yield at, "the key is the same for all orders: it needs {content}, or {first.reference}"


def _sign_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    request = mapping.request
    made: dict[str, Expression] = {}
    for name, text in request.sign.items():
        at: Loc = ("request", "sign", name)
        try:
            made[name] = parse(text)
        except ValueError as error:
            yield at, str(error)
            continue
        if makes_raw(made[name]):
            yield at, f"{text!r} makes raw bytes: write hex(...) or base64(...) around it"
        for used in names_of(made[name]):
            if problem := name_fault(used, mapping, request):
                yield at, f"{used} {problem}"
    used_names = {
        used
        for _, text in texts_of(request, ("request",))
        if not isinstance(found := _parsed(text), str)
        for used in names_of(found)
    }
    used_names |= {used for found in made.values() for used in names_of(found)}
    for name in request.sign:
        if f"sign.{name}" not in used_names:
            yield ("request", "sign", name), f"nothing is '$sign.{name}'"
    yield from _circles(mapping, made)
    yield from _vector_faults(mapping, made)


def _circles(mapping: ProviderMapping, made: Mapping[str, Expression]) -> Iterator[tuple[Loc, str]]:
    """Signatures that need each other; one that is in the body is made of the rest of it."""
    request = mapping.request
    inside = {
        key: _signs_in(dict(_texts(getattr(request, key), (key,))).values())
        for key in ("body", "query")
    }
    needs: dict[str, set[str]] = {}
    for name, found in made.items():
        names = {used.partition(".")[0] for used in names_of(found)}
        needs[name] = {used[5:] for used in names_of(found) if used.startswith("sign.")}
        needs[name] |= inside["body"] - {name} if names & _OF_THE_BODY else set()
        needs[name] |= inside["query"] - {name} if names & _OF_THE_QUERY else set()
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        yield ("request", "sign", circle[0]), f"signatures need each other: {', '.join(circle)}"


def _signs_in(texts: Any) -> set[str]:
    parsed = [found for found in map(_parsed, texts) if not isinstance(found, str)]
    names = {name for found in parsed for name in names_of(found)}
    return {name[5:] for name in names if name.startswith("sign.")}


def _vector_faults(
    mapping: ProviderMapping, made: Mapping[str, Expression]
) -> Iterator[tuple[Loc, str]]:
    for place, vector in enumerate(mapping.request.vectors):
        at: Loc = ("request", "vectors", place)
        if vector.sign not in made:
            yield (*at, "sign"), f"there is no signature {vector.sign!r} under request.sign"
            continue

        def lookup(name: str, given: Mapping[str, Any] = vector.given) -> Any:
            head, _, rest = name.partition(".")
            if name in given:
                value = given[name]
                return [*value.items()] if isinstance(value, dict) else value
            if isinstance(given.get(head), dict) and rest in given[head]:
                return given[head][rest]
            if name.startswith("sign.") and rest in made:
                return evaluate(made[rest], lookup)
            raise ValueError(f"'given' has no {name}")

        try:
            result = text_of(evaluate(made[vector.sign], lookup))
        except (ValueError, TypeError, RecursionError) as error:
            yield at, f"the example cannot be worked out: {error}"
            continue
        if result != vector.result:
            yield at, f"sign.{vector.sign} makes {result!r} of this example, not {vector.result!r}"


def _recipe_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    signature = mapping.request.signature
    if signature is None:
        return
    for key in ("recipe", "sandbox"):
        recipe: Recipe | None = getattr(signature, key)
        if recipe and (problem := recipe.fault(mapping.settings, mapping.request.fresh)):
            yield ("request", "signature", key), problem
    texts = [text for _, text in texts_of(mapping.request, ("request",))]
    if mapping.query:
        texts += [text for _, text in _texts(mapping.query.body, ())]
    if not any("$signature" in text or "{signature" in text for text in texts):
        yield ("request", "signature"), "nothing in headers, query or body is '$signature'"
