"""Read the call that creates orders out of an OpenAPI file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from converter.authoring.seen import Seen, SeenField

_METHODS = ("post", "put", "patch")
_DEEPEST = 12
_NUMBERS = {"integer": "integer", "number": "decimal", "boolean": "boolean"}


def is_openapi(value: Any) -> bool:
    """Whether the content of a file is an OpenAPI or Swagger document."""
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def content_of(text: str) -> Any:
    """The content of a JSON or YAML text; None where it is neither."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    if not text.lstrip().startswith(("openapi", "swagger", "info", "paths")):
        return None
    try:
        # Dates and the like stay text: nothing but plain values comes out.
        return yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return None


def read_openapi(document: Mapping[str, Any], wanted: str = "") -> Seen:
    """The call that is `wanted`, as `POST /orders`, or else the likeliest to create orders."""
    calls = [
        (method, path, call)
        for path, methods in _block(document, "paths").items()
        for method, call in (methods.items() if isinstance(methods, dict) else ())
        if method in _METHODS and isinstance(call, dict)
    ]
    if not calls:
        return Seen()
    method, path, call = max(calls, key=lambda one: _likely(one[0], one[1], one[2], wanted))
    content = _resolved(call.get("requestBody", {}), document).get("content", {})
    kind = next((kind for kind in content if "json" in kind), next(iter(content), ""))
    schema = content.get(kind, {}).get("schema", {})
    for one in call.get("parameters", []):  # Swagger 2
        if (parameter := _resolved(one, document)).get("in") == "body":
            schema = parameter.get("schema", {})
    sample = content.get(kind, {}).get("example")
    servers = document.get("servers") or [{}]
    host = str(servers[0].get("url", "")) or _old_host(document)
    return Seen(
        method=method.upper(),
        path=path,
        host=host if host.startswith("http") else "",
        headers=tuple(_headers(document, call)),
        query=tuple(_queries(document, call)),
        is_form="form" in kind,
        body=sample if sample is not None else _sample(schema, document, 0),
        answer=_answer(call, document),
        fields=tuple(_fields(schema, document, "", 0)),
    )


def _block(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What stands under a key; empty where that is no object."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _likely(method: str, path: str, call: Mapping[str, Any], wanted: str) -> tuple[bool, int]:
    if wanted:
        return f"{method} {path}".lower() == wanted.lower(), 0
    text = f"{path} {call.get('operationId', '')} {call.get('summary', '')}".lower()
    score = sum(word in text for word in ("order", "create", "parcel", "shipment", "add"))
    score -= 2 * sum(word in text for word in ("cancel", "search", "query", "label", "delete"))
    return False, 2 * score - path.count("{")


def _resolved(part: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the document, or what its `$ref` names."""
    value = part
    for _ in range(_DEEPEST):
        if not isinstance(value, dict) or "$ref" not in value:
            break
        found: Any = document
        for key in str(value["$ref"]).removeprefix("#/").split("/"):
            found = found.get(key, {}) if isinstance(found, dict) else {}
        value = found
    return dict(value) if isinstance(value, dict) else {}


def _whole(part: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with the parts of its `allOf` put together, or the first of several kinds."""
    schema: dict[str, Any] = _resolved(part, document)
    for key in ("oneOf", "anyOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            return {**_whole(schema[key][0], document), **_without(schema)}
    if not schema.get("allOf"):
        return schema
    parts = [_whole(part, document) for part in schema["allOf"]]
    merged = {key: value for part in parts for key, value in part.items()}
    whole = (*parts, schema)
    merged["properties"] = {k: v for p in whole for k, v in _block(p, "properties").items()}
    listed = (p.get("required") for p in whole)
    merged["required"] = [key for one in listed if isinstance(one, list) for key in one]
    return merged


def _without(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}


def _fields(
    schema: Any, document: Mapping[str, Any], path: str, depth: int, *, required: bool = True
) -> Iterator[SeenField]:
    schema = _whole(schema, document)
    if depth > _DEEPEST:
        return
    kind = schema.get("type", "object" if "properties" in schema else "")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "")
    if kind == "array":
        yield from _fields(schema.get("items", {}), document, f"{path}[]", depth + 1)
    elif kind == "object":
        listed = schema.get("required")
        needed = listed if isinstance(listed, list) else []
        for name, inner in _block(schema, "properties").items():
            if _whole(inner, document).get("readOnly") in (True, "true"):
                continue
            where = f"{path}.{name}" if path else name
            yield from _fields(inner, document, where, depth + 1, required=name in needed)
    elif path:
        date = schema.get("format") in ("date", "date-time")
        longest = schema.get("maxLength")
        note = str(schema.get("description", ""))
        yield SeenField(
            path=path,
            kind="datetime" if date else _NUMBERS.get(kind, "text"),
            required=required,
            longest=int(longest) if longest is not None else None,
            choices=tuple((str(one), "") for one in schema.get("enum", []) if one is not None),
            title=str(schema.get("title", "")),
            note=" ".join(note.split()),
            example=schema.get("example", "2025-01-31" if schema.get("format") == "date" else None),
        )


def _sample(schema: Any, document: Mapping[str, Any], depth: int) -> Any:
    """A value in the form of a schema, as those in pages are."""
    schema = _whole(schema, document)
    if depth > _DEEPEST:
        return None
    if "example" in schema:
        return schema["example"]
    kind = schema.get("type", "object" if "properties" in schema else "")
    if kind == "array":
        return [_sample(schema.get("items", {}), document, depth + 1)]
    if kind == "object":
        inner = _block(schema, "properties")
        return {name: _sample(one, document, depth + 1) for name, one in inner.items()}
    return {"integer": 0, "number": 0.5, "boolean": True}.get(str(kind), "string")


def _answer(call: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    for status, answer in _block(call, "responses").items():
        if str(status).startswith("2"):
            content = _resolved(answer, document).get("content", {})
            for kind, inner in content.items():
                if "json" in kind:
                    example = inner.get("example")
                    schema = inner.get("schema", {})
                    return example if example is not None else _sample(schema, document, 0)
    return None


def _headers(document: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    components = document.get("components", {})
    schemes = components.get("securitySchemes") or document.get("securityDefinitions") or {}
    needed = call.get("security", document.get("security", []))
    for name in (name for one in needed for name in one):
        scheme = schemes.get(name, {})
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            yield str(scheme["name"]), ""
        elif scheme.get("scheme") == "basic" or scheme.get("type") == "basic":
            yield "Authorization", "Basic"
        else:
            yield "Authorization", "Bearer"
        return
    for one in call.get("parameters", []):
        parameter = _resolved(one, document)
        if parameter.get("in") == "header" and parameter.get("required") in (True, "true"):
            yield str(parameter["name"]), ""


def _queries(document: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in call.get("parameters", []):
        parameter = _resolved(one, document)
        if parameter.get("in") == "query" and parameter.get("required") in (True, "true"):
            yield str(parameter["name"]), ""


def _old_host(document: Mapping[str, Any]) -> str:
    host = document.get("host", "")
    return f"https://{host}{document.get('basePath', '')}" if host else ""
