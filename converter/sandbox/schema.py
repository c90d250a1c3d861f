"""Validation of requests by JSON Schema, one file for each provider.

jsonschema takes most of a millisecond even for a valid order. So each schema is also compiled to a
plain predicate, and jsonschema is imported and called only to explain why that says no.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

Fits = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A fault in one member of a request, worded as a Chinese API words it."""

    path: str
    title: str
    why: str

    def __str__(self) -> str:
        return " ".join(filter(None, [self.title, self.path and f"({self.path})", self.why]))


class Shape:
    """The schema of a provider's requests, or one of its ``$defs``."""

    def __init__(self, provider: str, part: str = "") -> None:
        whole = load(provider)
        self.schema: dict[str, Any] = (
            {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
        )
        self.fits = compile_schema(self.schema, self.schema["$defs"])

    def complaints(self, value: Any) -> list[Complaint]:
        """Every fault in a value; empty if it is valid."""
        if self.fits(value):
            return []
        try:
            errors = list(validator(self.schema).iter_errors(value))
        except RecursionError:
            return [Complaint("", "请求报文", "嵌套过深")]
        # One complaint per member: a value of the wrong type also breaks its other rules.
        found: dict[str, Complaint] = {}
        for error in errors:
            for complaint in _complaints(error):
                found.setdefault(complaint.path, complaint)
        return list(found.values())


@functools.cache
def load(provider: str) -> dict[str, Any]:
    """Read the schema file of a provider."""
    folder = resources.files("converter.sandbox") / "schemas"
    schema: dict[str, Any] = json.loads((folder / f"{provider}.json").read_text("utf-8"))
    return schema


def validator(schema: dict[str, Any]) -> Any:
    """A jsonschema validator for which 5.0 is no integer: the documents say Long and Integer."""
    import jsonschema

    draft = jsonschema.Draft202012Validator
    types = draft.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    extend: Any = jsonschema.validators.extend
    return extend(draft, type_checker=types)(schema)


def compile_schema(schema: dict[str, Any], definitions: dict[str, Any]) -> Fits:
    """Compile a predicate that agrees with the validator, for the keywords used here."""
    if "$ref" in schema:
        return compile_schema(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    unknown = schema.keys() - _KEYWORDS
    if unknown:
        raise ValueError(f"the sandbox does not compile {sorted(unknown)} of a schema")
    if schema["type"] == "object":
        return _object(schema, definitions)
    if schema["type"] == "array":
        return _array(schema, definitions)
    return _scalar(schema)


def _object(schema: dict[str, Any], definitions: dict[str, Any]) -> Fits:
    if schema["additionalProperties"] is not False:
        raise ValueError("an object of the sandbox names all its members")
    checks = {
        name: compile_schema(part, definitions) for name, part in schema["properties"].items()
    }
    required = frozenset(schema["required"])

    def fits(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, member in value.items():
            check = checks.get(name)
            if check is None or not check(member):
                return False
        return True

    return fits


def _array(schema: dict[str, Any], definitions: dict[str, Any]) -> Fits:
    check = compile_schema(schema["items"], definitions)
    least = schema["minItems"]

    def fits(value: Any) -> bool:
        return type(value) is list and len(value) >= least and all(map(check, value))

    return fits


def _scalar(schema: dict[str, Any]) -> Fits:
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types = frozenset(kind for name in names for kind in _TYPES[name])
    tests = [make(schema[keyword]) for keyword, make in _TESTS.items() if keyword in schema]

    def fits(value: Any) -> bool:
        # The exact type: with isinstance, True would pass for 1.
        if type(value) not in types:
            return False
        return value is None or all(test(value) for test in tests)

    return fits


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_TESTS: dict[str, Callable[[Any], Fits]] = {
    "enum": lambda allowed: lambda value: value in allowed,
    "minLength": lambda least: lambda text: len(text) >= least,
    "maxLength": lambda most: lambda text: len(text) <= most,
    "pattern": lambda pattern: _matches(re.compile(pattern)),
    "minimum": lambda least: lambda number: number >= least,
    "maximum": lambda most: lambda number: number <= most,
    "exclusiveMinimum": lambda bound: lambda number: number > bound,
}
_KEYWORDS = _TESTS.keys() | {
    "$schema", "$defs", "title", "description", "type",
    "properties", "required", "additionalProperties", "items", "minItems",
}  # fmt: skip


def _matches(pattern: re.Pattern[str]) -> Fits:
    return lambda text: pattern.search(text) is not None


_WORDING: dict[str, Callable[[Any], str]] = {
    "type": lambda types: f"类型不正确，应为 {_or(types)}",
    "minLength": lambda _: "为必填项",
    "minItems": lambda _: "为必填项",
    "maxLength": lambda most: f"长度不能超过 {most}",
    "enum": lambda allowed: f"取值不正确，应为 {_or(allowed)}",
    "minimum": lambda least: f"不能小于 {least}",
    "exclusiveMinimum": lambda bound: f"必须大于 {bound}",
    "maximum": lambda most: f"不能大于 {most}",
}


def _complaints(error: Any) -> Iterator[Complaint]:
    """A jsonschema error as complaints: about each member that is missing or unknown, or about one
    value."""
    properties = error.schema.get("properties", {})
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                path = _path([*error.absolute_path, name])
                yield Complaint(path, properties[name].get("title", ""), "为必填项")
    elif error.validator == "additionalProperties":
        for name in error.instance:
            if name not in properties:
                path = _path([*error.absolute_path, name])
                yield Complaint(path, "未知字段", "不在接口文档中")
    else:
        wording = _WORDING.get(error.validator, lambda _: "格式不正确")
        title = error.schema.get("title", "")
        yield Complaint(_path(error.absolute_path), title, wording(error.validator_value))


def _path(steps: Iterable[str | int]) -> str:
    """A path such as ``items[2].hscode``."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return written.removeprefix(".")


def _or(values: Any) -> str:
    return " / ".join(map(str, values)) if isinstance(values, list) else str(values)
