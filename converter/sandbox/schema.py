"""The shape of a provider's requests: a quick yes, or a reasoned no.

The shapes are JSON Schemas, one file for each provider. jsonschema is the judge of them, but takes
most of a millisecond to find a good order good. So each schema is also compiled to a plain
predicate, and the judge is called, and imported, only when that says no.
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
    """What is wrong with one member of a request, worded as a Chinese API would."""

    path: str
    title: str
    why: str

    def __str__(self) -> str:
        return " ".join(filter(None, [self.title, self.path and f"({self.path})", self.why]))


class Shape:
    """A provider's schema: the whole of it, or one of its ``$defs``."""

    def __init__(self, provider: str, part: str = "") -> None:
        whole = load(provider)
        self.schema: dict[str, Any] = (
            {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
        )
        self.fits = compiled(self.schema, self.schema["$defs"])

    def complaints(self, value: Any) -> list[Complaint]:
        """All that is wrong with a value; nothing if it fits."""
        if self.fits(value):
            return []
        try:
            errors = list(judge(self.schema).iter_errors(value))
        except RecursionError:
            return [Complaint("", "请求报文", "嵌套过深")]
        # One complaint a member: what has the wrong type is not among the choices either.
        found: dict[str, Complaint] = {}
        for error in errors:
            for complaint in _worded(error):
                found.setdefault(complaint.path, complaint)
        return list(found.values())


@functools.cache
def load(provider: str) -> dict[str, Any]:
    """The schema file of a provider."""
    folder = resources.files("converter.sandbox") / "schemas"
    schema: dict[str, Any] = json.loads((folder / f"{provider}.json").read_text("utf-8"))
    return schema


def judge(schema: dict[str, Any]) -> Any:
    """jsonschema's validator, except that 5.0 is no integer: the documents say Long and Integer."""
    import jsonschema

    draft = jsonschema.Draft202012Validator
    types = draft.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    extend: Any = jsonschema.validators.extend
    return extend(draft, type_checker=types)(schema)


def compiled(schema: dict[str, Any], definitions: dict[str, Any]) -> Fits:
    """A predicate that says of every JSON value what the judge says, for the keywords we use."""
    if "$ref" in schema:
        return compiled(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
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
    checks = {name: compiled(part, definitions) for name, part in schema["properties"].items()}
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
    check = compiled(schema["items"], definitions)
    least = schema["minItems"]

    def fits(value: Any) -> bool:
        return type(value) is list and len(value) >= least and all(map(check, value))

    return fits


def _scalar(schema: dict[str, Any]) -> Fits:
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types = frozenset(kind for name in names for kind in _TYPES[name])
    tests = [make(schema[keyword]) for keyword, make in _TESTS.items() if keyword in schema]

    def fits(value: Any) -> bool:
        # The very type: isinstance would let True pass for 1.
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


def _worded(error: Any) -> Iterator[Complaint]:
    path = _path(error.absolute_path)
    title = error.schema.get("title", "")
    rule, value = error.validator, error.validator_value
    match rule:
        case "required":
            for name in value:
                if name not in error.instance:
                    yield Complaint(
                        _path([*error.absolute_path, name]),
                        error.schema["properties"][name].get("title", ""),
                        "为必填项",
                    )
        case "additionalProperties":
            for name in error.instance:
                if name not in error.schema["properties"]:
                    path = _path([*error.absolute_path, name])
                    yield Complaint(path, "未知字段", "不在接口文档中")
        case "type":
            yield Complaint(path, title, f"类型不正确，应为 {_or(value)}")
        case "minLength" | "minItems":
            yield Complaint(path, title, "为必填项")
        case "maxLength":
            yield Complaint(path, title, f"长度不能超过 {value}")
        case "enum":
            yield Complaint(path, title, f"取值不正确，应为 {_or(value)}")
        case "minimum":
            yield Complaint(path, title, f"不能小于 {value}")
        case "exclusiveMinimum":
            yield Complaint(path, title, f"必须大于 {value}")
        case "maximum":
            yield Complaint(path, title, f"不能大于 {value}")
        case _:
            yield Complaint(path, title, "格式不正确")


def _path(steps: Iterable[str | int]) -> str:
    """As people write it: ``items[2].hscode``."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return written.removeprefix(".")


def _or(values: Any) -> str:
    return " / ".join(map(str, values)) if isinstance(values, list) else str(values)
