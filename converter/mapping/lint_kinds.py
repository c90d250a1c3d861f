"""Faults of kinds of values: texts where a number is needed, and keys that the type has no use for.

Only what is surely a text counts: a setting, a column of texts, words in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from converter.mapping import formulas, paths, rule_kinds, scopes
from converter.mapping.expressions import Number, Path, Sum
from converter.mapping.formulas import (
    Call,
    Expression,
    Formula,
    Line,
    Operation,
    Quoted,
    Setting,
    Template,
)
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.mapping.rules import FieldRule
from converter.mapping.yaml_events import Loc

Kind = Literal["number", "text", "date", ""]
"""What a value surely is; empty where only the sheet can tell."""

_NUMBERS = frozenset({"sum", "count", "round", "minor", "number"})
_TEXTS = frozenset({
    "join", "fixed", "plain", "money", "cut", "digits", "upper", "lower", "pad", "before", "after",
    "replace", "country",
})  # fmt: skip
_OF_NUMBERS = frozenset({"sum", "round", "fixed", "plain", "minor", "money"})
"""Functions that need a number."""
_ARITHMETIC = ("+", "-", "*", "/")
_ORDERED = ("<", "<=", ">", ">=")


def kind_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Expressions that could never be worked out, or that would compare numbers by letters."""
    kinds = {spec.path: _kind_of_field(spec) for spec in mapping.fields}
    for i, spec in enumerate(mapping.fields):
        at: Loc = ("fields", i)
        yield from _useless_keys(spec, at)
        for key, read in (("text" if spec.text is not None else "formula", scopes.formula_of),
                          ("form", scopes.form_of)):  # fmt: skip
            if formula := read(spec, mapping):
                for fault in faults(formula.tree, kinds):
                    yield (*at, key), f"{spec.path}: {fault}"
    for at, text in _conditions(mapping):
        for fault in faults(scopes.resolved(formulas.parse(text), mapping).tree, kinds):
            yield at, fault
    for i, rule in enumerate(rule_kinds.rules_of(mapping)):
        if not any(True for _ in rule.faults(mapping)):
            for fault in _rule_faults(rule, kinds):
                yield ("rules", i), fault
                break


def _conditions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for i, spec in enumerate(mapping.fields):
        if spec.when is not None:
            yield ("fields", i, "when"), spec.when
    for path, thing in mapping.order.objects.items():
        if thing.when is not None:
            yield ("order", "objects", path, "when"), thing.when
    for path, shape in mapping.order.lists.items():
        for key in ("when", "where"):
            if (text := getattr(shape, key)) is not None:
                yield ("order", "lists", path, key), text


def _kind_of_field(spec: FieldSpec) -> Kind:
    if spec.type in ("integer", "decimal"):
        return "number"
    if spec.type == "datetime":
        return "" if re.match(r"%Y\W?%m\W?%d|%s", spec.pattern or "") else "date"
    if spec.is_computed and not spec.is_typed:
        return "text" if spec.text is not None else ""
    return "" if any(re.fullmatch(r"[\d.]+", sent) for sent in spec.choices) else "text"


def kind_of(tree: Expression, kinds: Mapping[str, Kind]) -> Kind:
    """What the value of an expression surely is."""
    match tree:
        case Number() | Line():
            return "number"
        case Quoted() | Setting() | Template():
            return "text"
        case Path(path):
            return kinds.get(path, "")
        case Operation("+" | "-" | "*" | "/"):
            return "number"
        case Call(name) if name in _NUMBERS:
            return "number"
        case Call(name) if name in _TEXTS:
            return "text"
        case Call("first" | "last" | "min" | "max", (inner,)):
            return kind_of(inner, kinds)
        case Call("if", (_, yes, no)) | Operation("or", (yes, no)):
            found = {kind_of(yes, kinds), kind_of(no, kinds)}
            return found.pop() if len(found) == 1 else ""
    return ""


def faults(tree: Expression, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Why an expression cannot be worked out: something in it is a text and no number."""
    for part in formulas.walk(tree):
        match part:
            case Operation(sign, (left, right)) if sign in _ORDERED:
                yield from _order_faults(sign, left, right, kinds)
            case Call("min" | "max" as name, (inner,)):
                if problem := _by_letters(f"{name}()", inner, kinds):
                    yield problem
            case Call("cut" | "digits" as name, (text, *_)) if kind_of(text, kinds) == "number":
                problem = f"{name}() of a number would send another number"
                yield f"{problem}: write it as a text first, as {name}(fixed(x, 2) ...)"
            case Call(name, (number, *_)) if name in _OF_NUMBERS:
                yield from _number_faults(f"{name}()", (number,), kinds)
            case Operation(sign, parts) if sign in _ARITHMETIC:
                yield from _number_faults(sign, parts, kinds)


def _number_faults(
    sign: str, parts: Sequence[Expression], kinds: Mapping[str, Kind]
) -> Iterator[str]:
    for each in parts:
        if (kind := kind_of(each, kinds)) in ("text", "date"):
            problem = f"{sign} needs a number, and {_named(each)} is a {kind}"
            right = ": to put texts behind each other write text: '{a}{b}'"
            yield problem + (right if sign == "+" else "")
            return


def _order_faults(
    sign: str, left: Expression, right: Expression, kinds: Mapping[str, Kind]
) -> Iterator[str]:
    sides = (left, right)
    found = {kind_of(each, kinds) for each in sides}
    if "number" in found and (found & {"text", "date"}):
        wrong = next(each for each in sides if kind_of(each, kinds) != "number")
        yield f"{sign} needs a number, and {_named(wrong)} is a {kind_of(wrong, kinds)}"
    elif found <= {"text", "date"}:
        yield _by_letters(sign, left, kinds)


def _by_letters(sign: str, tree: Expression, kinds: Mapping[str, Kind]) -> str:
    """Why texts have no order: 10 would come before 9."""
    kind = kind_of(tree, kinds)
    if kind == "text":
        right = "give it 'type: integer' or 'decimal', or write number(...)"
        return f"{sign} would go by letters, and {_named(tree)} is a text: {right}"
    if kind == "date":
        right = "begin its 'pattern' with %Y-%m-%d"
        return f"{sign} would go by letters, and {_named(tree)} is a date: {right}"
    return ""


def _rule_faults(rule: FieldRule, kinds: Mapping[str, Kind]) -> Iterator[str]:
    terms = (rule.left, rule.right) if isinstance(rule, rule_kinds.Comparison) else ()
    for term in (*terms, *((rule.when.term,) if rule.when else ())):
        if isinstance(term, Formula):
            yield from faults(term.tree, kinds)
        for path in term.factors if isinstance(term, Sum) else ():
            if kinds.get(path) == "text":
                yield f"sum() needs a number, and {paths.plain(path)} is a text"
    for term in () if isinstance(rule, rule_kinds.Equal) else terms:
        if isinstance(term, Path) and kinds.get(term.path) == "text":
            problem = f"{paths.plain(term.path)} is a text"
            yield f"{problem}, and only numbers are more or less than others"
        if isinstance(term, Formula) and kind_of(term.tree, kinds) == "text":
            yield f"{term.text} is a text, and only numbers are more or less than others"


def _named(tree: Expression) -> str:
    match tree:
        case Path(path):
            return paths.plain(path)
        case Setting(name):
            return f"the setting {name}"
        case Quoted(text):
            return f'"{text}"'
        case Call(name):
            return f"{name}(...)"
    return "a part of it"


# -- keys of a field that its type has no use for -----------------------------------------------

_OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "above": ("integer", "decimal"), "at_least": ("integer", "decimal"),
    "at_most": ("integer", "decimal"), "format": ("text",), "warn_format": ("text",),
    "pattern": ("datetime",), "zone": ("datetime",), "output_zone": ("datetime",),
}  # fmt: skip


def _useless_keys(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    is_open = spec.is_computed and not spec.is_typed
    for key, types in _OF_TYPES.items():
        if getattr(spec, key) is None or spec.type in types or (is_open and "decimal" in types):
            continue
        right = " or ".join(f"'type: {kind}'" for kind in types)
        yield (*at, key), f"{spec.path}: {key!r} goes with {right}, and this is {_typed(spec)}"
    lowest = spec.at_least if spec.above is None else spec.above
    if (
        lowest is not None
        and spec.at_most is not None
        and (lowest > spec.at_most or lowest == spec.at_most == spec.above)
    ):
        problem = f"no number lies between {lowest:f} and {spec.at_most:f}"
        yield (*at, "at_most"), f"{spec.path}: {problem}"


def _typed(spec: FieldSpec) -> str:
    return f"{'an' if spec.type == 'integer' else 'a'} {spec.type}"


def endless_divisor(tree: Expression) -> Number | None:
    """A number by which a value is divided so that the result does not end, and is not rounded."""
    match tree:
        case Operation("/", (_, Number() as by)) if _leaves_thirds(by):
            return by
        case Operation("+" | "-" | "or" | "/", parts) | Template(parts):
            inner = parts
        case Operation("*", parts) if not any(isinstance(part, Number) for part in parts):
            inner = parts
        case Call("if", (_, *parts)):
            inner = tuple(parts)
        case Call(name, parts) if name != "round":
            inner = parts
        case _:
            return None
    return next(filter(None, map(endless_divisor, inner)), None)


def _leaves_thirds(by: Number) -> bool:
    """Whether a whole number divided by it has endless digits, or there is no result at all."""
    numerator = abs(by.value.as_integer_ratio()[0])
    while numerator and numerator % 2 == 0:
        numerator //= 2
    while numerator and numerator % 5 == 0:
        numerator //= 5
    return numerator != 1
