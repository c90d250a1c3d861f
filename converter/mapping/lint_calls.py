"""Faults of what a mapping sends: names that stand for nothing, headers, forms, tokens, orders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from converter.mapping import paths
from converter.mapping.answer_rules import Pages
from converter.mapping.call_texts import SPECIAL, Texts, texts_of
from converter.mapping.jmespath_faults import problem_of
from converter.mapping.lint_names import OF_ORDERS, RESERVED, name_fault, names_in, parsed_text
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call
from converter.mapping.request_text import WHOLE, makes_raw, names_of
from converter.mapping.response import Query
from converter.mapping.yaml_events import Loc


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
        for fault in (*text_faults(mapping, call, at, names), *shape_faults(call, at)):
            has_faults = True
            yield fault
        for name in call.basic_auth or ():
            setting = mapping.settings.get(name)
            if setting and not (setting.required or setting.default):
                problem = f"{name} may be missing, and Authorization with it"
                yield (*at, "basic_auth"), f"{problem}: say 'required: true' at that setting"
    yield from _own_query_faults(mapping)
    yield from _path_faults(mapping)
    yield from _token_faults(mapping)
    if not has_faults:  # else a misspelt $orders would be named twice
        yield from _order_faults(mapping)


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


def text_faults(
    mapping: ProviderMapping, call: Call, at: Loc, names: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    for place, text in texts_of(call, at):
        # A flow mapping is one line: its key is place enough, and the message names the text.
        here = place[: len(at) + 1]
        found = parsed_text(text)
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
    elif re.search(r"[^!-~]", re.sub(r"\{.*?\}", "", path)):
        yield at, f"{path!r} has a blank or a letter that an address cannot have: write it as %20"
    expression = parsed_text(path)
    if isinstance(expression, str):
        yield at, expression
        return
    for name in names_of(expression):
        if name_fault(name, mapping, call, names):
            yield at, f"{{{name}}} in the path is no setting of this mapping"
        elif name == "orders":
            yield at, "a list of orders cannot stand in the path"


# -- headers and bodies ----------------------------------------------------------------------------


def shape_faults(call: Call, at: Loc) -> Iterator[tuple[Loc, str]]:
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
        unknown = f"there is no {key!r}: there are {', '.join(SPECIAL)}"
        yield place[: len(at) + 1], alone if key in SPECIAL else unknown
    if call.host and not call.host.startswith(("https://", "$")):
        yield (
            (*at, "host"),
            f"{call.host!r} is no host: write a $setting, or an address that begins with https://",
        )


def _scheme_fault(text: str) -> str:
    """Why the first word of an Authorization is misspelt; empty where it is not."""
    scheme, blank, _ = text.partition(" ")
    close = get_close_matches(scheme.title(), ("Bearer", "Basic", "Digest"), n=1, cutoff=0.8)
    if not (blank and close) or scheme.lower() == close[0].lower():
        return ""
    return f"{scheme!r} is no way to authorize: did you mean {close[0]!r}?"


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
        if low == "authorization" and (problem := _scheme_fault(text)):
            yield here, problem
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
            if key.startswith("$") and (len(value) > 1 or key not in SPECIAL):
                yield at, key
            elif key != "$literal":
                yield from _specials(inner, (*at, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _specials(inner, at)


# -- the orders ------------------------------------------------------------------------------------


def _order_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Orders that would not be sent, or not all of them, or not whole."""
    request = mapping.request
    at: Loc = ("request", "body") if request.has_body else ("request",)
    placed = [*texts_of(request, ("request",)), (("request", "path"), request.path or "")]
    placed += [((), action.path) for action in request.actions.values()]
    of_each = names_in(text for place, text in placed if "$each" in place)
    named = names_in(text for place, text in placed if "$each" not in place)
    heads = {name.partition(".")[0] for name in named}
    if not of_each and not heads & {"orders", "order", "first"}:
        yield (
            at,
            "no order would be sent: 'body' needs $orders (the list) or $order (the only one)",
        )
        return
    only = {name for name in named if name in ("order", "reference") or name.startswith("order.")}
    several: Loc = ("request", "orders_per_request")
    if request.orders_per_request > 1 and "orders" not in heads and not of_each:
        problem = "with several orders in a request, 'body' needs $orders; $order is the only one"
        yield several, problem
    elif request.orders_per_request > 1 and only:
        yield several, f"{{{min(only)}}} is of the only order, but there may be several"
    if (named | of_each) & {"orders", "order", "first"}:
        return
    sent = {name.partition(".")[2] for name in named | of_each if "." in name}
    for place, spec in enumerate(mapping.fields):
        path = paths.plain(spec.path)
        is_named = any(path == part or path.startswith(f"{part}.") for part in sent)
        if spec.path == mapping.order.reference:
            is_named |= bool({"reference", "references"} & (named | of_each | sent))
        if spec.sent and not is_named:
            yield (
                ("fields", place, "path"),
                f"{spec.path!r} is sent nowhere: the request has only parts of the order. Add "
                f"$order.{path}, or say 'sent: false'",
            )


# -- the query -------------------------------------------------------------------------------------


_OF_A_QUERY = frozenset({"references", "reference"})

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _own_query_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    query = mapping.query
    if query is not None:
        yield from query_faults(mapping, query, ("query",))
        if not (query.absent or query.absent_http or query.left_out == "absent"):
            yield ("query",), "'absent' is missing, or 'absent_http', or 'left_out: absent'"


def query_faults(mapping: ProviderMapping, query: Query, at: Loc) -> Iterator[tuple[Loc, str]]:
    """What is wrong with a call that asks about orders by our references."""
    yield from faults_of_call(mapping, query, at, _OF_A_QUERY | {"page", "cursor"})
    if query.references_per_request > 1 and not query.reference:
        yield at, "'reference' is missing: the expression that says which order an entry is about"
    if query.left_out == "absent" and "results" not in query.model_fields_set:
        problem = "it needs 'results', the list that leaves orders out, or @ where the answer is it"
        yield (*at, "left_out"), problem
    if set(query.absent_http) - {404, 410}:
        yield (*at, "absent_http"), "only 404 and 410 say that an order is not there"
    if query.absent_http and query.references_per_request > 1:
        yield (*at, "absent_http"), "it speaks of one order: write 'references_per_request: 1'"
    named = names_of_call(query)
    yield from page_faults(query.pages, named, (*at, "pages"))
    if not named & _OF_A_QUERY:
        yield at, "the query names no order: it needs $references, or $reference (the only one)"
    elif query.references_per_request > 1 and "references" not in named:
        yield (
            at,
            "$reference is the only one: write 'references_per_request: 1', or $references",
        )


def names_of_call(call: Call) -> set[str]:
    """Every name in the texts of a call, its path among them."""
    return names_in([*(text for _, text in texts_of(call, ())), call.path or ""])


def page_faults(pages: Pages | None, named: set[str], at: Loc) -> Iterator[tuple[Loc, str]]:
    """Why a call would not go from page to page."""
    if pages is None:
        return
    if bool(pages.total) == bool(pages.next):
        yield at, "pages are known by 'total' or by 'next'"
    elif (name := "page" if pages.total else "cursor") not in named:
        yield at, f"nothing is ${name}: the first page would be asked for again and again"


def faults_of_call(
    mapping: ProviderMapping, call: Call, at: Loc, names: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    """What is wrong with a call beside the creating one; `names` it has beside the usual ones."""
    yield from text_faults(mapping, call, at, names)
    yield from shape_faults(call, at)
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
        if bool(token.value) == bool(token.value_header):
            yield at, "the token is read by 'value', or by 'value_header' from a header"
        elif not (token.value_header is None or _HEADER.fullmatch(token.value_header)):
            problem = f"{token.value_header!r} is no name of a header, such as X-Subject-Token"
            yield (*at, "value_header"), problem
        for key in ("value", "expires_in", "call_ok", "message"):
            if (text := getattr(token, key)) and (problem := problem_of(text)):
                yield (*at, key), problem
    if request.tokens and "token" in mapping.settings:
        yield ("request", "tokens"), "a setting is called 'token' too: give it another name"
