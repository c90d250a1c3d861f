"""What a mapping's schema cannot see: names that point nowhere, and rules that cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jmespath
import jmespath.exceptions

from converter.mapping import paths, rules
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.mapping.yaml_events import Loc


def find(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Every fault with its place, the first one of each kind of check first."""
    yield from _field_faults(mapping)
    yield from _reference_faults(mapping)
    yield from _expression_faults(mapping)
    yield from _promise_faults(mapping)


def _field_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    seen: dict[str, int] = {}
    titles: dict[str, str] = {}
    for i, spec in enumerate(mapping.fields):
        at: Loc = ("fields", i, "path")
        if not paths.is_path(spec.path):
            yield (
                at,
                f"{spec.path!r} is not a path: write names joined by dots, such as items[].sku",
            )
        if spec.path in seen:
            yield (
                at,
                f"two fields have the path {spec.path!r} (field {seen[spec.path] + 1} too)",
            )
        for other in seen:
            if (spec.path + ".").startswith(other + ".") or (other + ".").startswith(
                spec.path + "."
            ):
                yield (
                    at,
                    f"{spec.path!r} and {other!r} cannot both be values: one lies inside the other",
                )
        seen[spec.path] = i
        list_path = paths.list_of(spec.path)
        while list_path:
            if list_path not in mapping.order.lists:
                yield at, f"the list {list_path!r} is not declared under order.lists"
            list_path = paths.list_of(list_path)
        for title in () if spec.join else {spec.title.en, spec.title.zh}:
            if title in titles and titles[title] != spec.path:
                yield ("fields", i, "title"), f"{titles[title]!r} has the title {title!r} too"
            titles[title] = spec.path
        yield from _value_faults(spec, ("fields", i))


def _value_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    if (spec.type == "choice") != bool(spec.choices):
        yield (*at, "type"), f"{spec.path}: 'choices' and 'type: choice' go together"
    if spec.send == "boolean" and set(spec.choices) - {"true", "false"}:
        yield (*at, "choices"), f"{spec.path}: sent as boolean, so the choices are true and false"
    words: dict[str, str] = {}
    for sent, spellings in {**spec.choices, "not_sent": spec.not_sent}.items():
        for word in spellings:
            if words.setdefault(word.lower(), sent) != sent:
                yield (*at, "choices"), f"{spec.path}: {word!r} stands for two values"
    if spec.file and (spec.type, spec.format, spec.max) != ("text", "base64", None):
        yield (*at, "file"), f"{spec.path}: 'file' goes with 'format: base64' and without 'max'"
    if spec.type == "datetime" and not spec.pattern:
        yield (
            (*at, "type"),
            f"{spec.path}: a datetime needs 'pattern', the form in which it is sent",
        )


def _reference_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    known = {spec.path for spec in mapping.fields}
    names = known | {paths.plain(path) for path in known}
    lists = set(mapping.order.lists)

    def unknown(path: str, at: Loc) -> Iterator[tuple[Loc, str]]:
        if path not in names and path not in lists:
            yield at, paths.no_field(path, names)

    def inexact(path: str, at: Loc) -> Iterator[tuple[Loc, str]]:
        """Only rules may leave the list marks out: elsewhere the field would never be found."""
        if path not in known:
            yield at, paths.no_field(path, known)

    yield from inexact(mapping.order.reference, ("order", "reference"))
    for name, shape in mapping.order.lists.items():
        if shape.key:
            yield from unknown(shape.key, ("order", "lists", name, "key"))
    if split := mapping.order.split:
        if split.list not in lists:
            yield ("order", "split", "list"), f"there is no list {split.list!r}"
        if split.by:
            yield from inexact(split.by, ("order", "split", "by"))
    for i, spec in enumerate(mapping.fields):
        for key in ("copies", "only_of", "spill", "postcode_of"):
            if path := getattr(spec, key):
                yield from inexact(path, ("fields", i, key))
        if spec.postcode_of and paths.list_of(spec.postcode_of) != paths.list_of(spec.path):
            yield ("fields", i, "postcode_of"), f"{spec.path}: its country is not in the same list"
        for key in ("extension", "name") if spec.file else ():
            if path := getattr(spec.file, key):
                yield from inexact(path, ("fields", i, "file", key))
                if paths.list_of(path) != paths.list_of(spec.path):
                    yield ("fields", i, "file", key), f"{path} is not in the list of {spec.path}"
        yield from _ending_faults(mapping, spec, ("fields", i, "file", "extension"))
        for key in ("join", "fallback"):
            if join := getattr(spec, key):
                for part in join.parts:
                    if part.startswith("$") and part != "$line":
                        yield from inexact(part[1:], ("fields", i, key))
        if spec.currency and not re.fullmatch("[A-Z]{3}", spec.currency):
            yield from inexact(spec.currency, ("fields", i, "currency"))
            if paths.list_of(spec.currency) not in ("", paths.list_of(spec.path)):
                yield (
                    ("fields", i, "currency"),
                    f"{spec.currency} is neither in the list of {spec.path} nor the order's",
                )
        if bool(spec.given_name) != bool(spec.family_name):
            yield (
                ("fields", i, "path"),
                f"{spec.path}: 'given_name' and 'family_name' go together",
            )
    for i, cut in enumerate(mapping.cut_cells):
        for path in cut.fields:
            yield from inexact(path, ("cut_cells", i, "fields"))
        if len({paths.list_of(path) for path in cut.fields}) > 1:
            yield ("cut_cells", i, "fields"), "the values of one cell are fields of one list"
        if cut.each and not all(map(paths.list_of, cut.fields)):
            yield ("cut_cells", i, "each"), "only the entries of a list can be several in a cell"
    for title, candidates in mapping.ask.items():
        for path in candidates:
            yield from unknown(path, ("ask", title))
    for i, rule in enumerate(mapping.rules):
        try:
            found = [*rules.parse(rule, mapping).faults(mapping)]
        except ValueError as error:
            found = [str(error)]
        for problem in found:
            yield ("rules", i), problem


def _ending_faults(mapping: ProviderMapping, spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    """Every ending that may be filled in must be one that the field for it can be."""
    path = spec.file.extension if spec.file else None
    target = next((field for field in mapping.fields if field.path == path), None)
    for kind in spec.file.types if spec.file and target and target.choices else ():
        if target and f".{kind}" not in target.choices:
            yield at, f"{path} is never '.{kind}': its choices are {', '.join(target.choices)}"


def _expression_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for loc, text in _expressions(mapping):
        try:
            jmespath.compile(text)
        except jmespath.exceptions.JMESPathError as error:
            yield loc, f"not a JMESPath expression: {str(error).splitlines()[0]}"
    known = set(mapping.settings) | {"orders", "order", "references", "signature", "body", "path"}
    request = mapping.request
    blocks: list[tuple[Loc, Any]] = [
        (("request", "headers"), request.headers),
        (("request", "query"), request.query),
        (("request", "body"), request.body),
        (("query", "body"), mapping.query.body if mapping.query else None),
        *((("request", "fresh", name), fresh.time) for name, fresh in request.fresh.items()),
        *((("fields", i, "zone"), spec.zone) for i, spec in enumerate(mapping.fields)),
    ]
    for at, block in blocks:
        for text in _texts(block):
            name = text[1:]
            if text.startswith("$") and not name.startswith("fresh.") and name not in known:
                yield at, f"{text} is no setting of this mapping"
            if name.startswith("fresh.") and name[6:] not in request.fresh:
                yield at, f"{text} is not declared under request.fresh"
    for name, fresh in request.fresh.items():
        if fresh.time is not None and not fresh.time.startswith("$"):
            if fresh.time not in ("s", "ms"):
                yield ("request", "fresh", name), "the time is in 's' or 'ms', or a $setting"
        elif fresh.time is None and fresh.random is None:
            yield ("request", "fresh", name), "a fresh value is a 'time' or 'random' characters"
    signature = request.signature
    for key in ("recipe", "sandbox"):
        recipe = getattr(signature, key) if signature else None
        if recipe and (problem := recipe.fault(mapping.settings, request.fresh)):
            yield ("request", "signature", key), problem
    used = {text for _, block in blocks for text in _texts(block)}
    if signature and "$signature" not in used:
        yield ("request", "signature"), "nothing in headers, query or body is '$signature'"
    for at, path in _request_paths(mapping):
        if not path.startswith("/"):
            yield at, f"{path!r} must begin with a slash: it is joined to the base URL"
        for name in re.findall(r"\{(\w+)\}", path):
            if name not in mapping.settings:
                yield at, f"{{{name}}} in the path is no setting of this mapping"


def _request_paths(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    if mapping.request.path:
        yield ("request", "path"), mapping.request.path
    for name, action in mapping.request.actions.items():
        yield ("request", "actions", name), action.path


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for block, name in ((mapping.response, "response"), (mapping.query, "query")):
        if block is None:
            continue
        for key in block.model_fields_set:
            value = getattr(block, key)
            if isinstance(value, str) and key not in ("path", "evidence"):
                yield (name, key), value
        for key, output in block.outputs.items():
            yield (name, "outputs", key), output.from_
    response = mapping.response
    for key, part in (
        ("match", response.match.all),
        ("lists", response.lists),
        ("complete", response.complete),
    ):
        for text in part.model_dump().values() if part else ():
            if text:
                yield ("response", key), text
    if response.match.reference:
        yield ("response", "match"), response.match.reference


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _promise_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Promises about money need their evidence; batches need a way to read the answer."""
    promise = mapping.duplicates
    if promise.class_ != "D" and not promise.evidence:
        yield (
            ("duplicates",),
            f"class {promise.class_} needs 'evidence': the document or test that says so",
        )
    if promise.class_ == "A" and not mapping.response.duplicate:
        yield (
            ("duplicates",),
            "class A needs response.duplicate, or the refusal cannot be recognised",
        )
    if promise.class_ == "C" and mapping.query is None:
        yield ("duplicates",), "class C needs a 'query'"
    match = mapping.response.match
    if mapping.request.orders_per_request > 1 and not (match.reference or match.position):
        yield (
            ("request", "orders_per_request"),
            ("answers that cannot be matched by reference or position need one order per request"),
        )
    if not (mapping.response.accepted or mapping.response.lists):
        yield ("response",), "'accepted' or 'lists' must say when an order was accepted"
    if bool(mapping.request.path) == bool(mapping.request.actions):
        yield ("request",), "a request has either 'path' or 'actions'"
    base = mapping.settings.get("base_url")
    if base is None:
        yield ("settings",), "the setting 'base_url' is missing"
    elif base.default and base.default.startswith("http://") and not mapping.request.plain_http:
        yield ("settings", "base_url"), "an http:// address needs 'plain_http: true' under request"
    for name, setting in mapping.settings.items():
        if setting.secret and setting.default:
            yield ("settings", name, "default"), "a secret may not stand in a mapping file"
