"""Faults of a mapping's fields: their paths, titles and values."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from converter.mapping import paths, standards, vocabulary
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.mapping.yaml_events import Loc
from converter.text import fold


def field_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Paths, titles and values that contradict each other."""
    seen: dict[str, int] = {}
    titles: dict[str, str] = {}
    for i, spec in enumerate(mapping.fields):
        yield from _path_faults(mapping, spec, seen, ("fields", i, "path"))
        seen[spec.path] = i
        yield from _meaning_faults(mapping, spec, ("fields", i, "is"))
        for title in () if not spec.has_column else {spec.title.en, spec.title.zh}:
            if title in titles and titles[title] != spec.path:
                yield ("fields", i, "title"), f"{titles[title]!r} has the title {title!r} too"
            titles[title] = spec.path
        yield from _value_faults(spec, ("fields", i))
        yield from _default_faults(spec, ("fields", i, "default"))
    yield from _key_faults(mapping)


def _path_faults(
    mapping: ProviderMapping, spec: FieldSpec, seen: Mapping[str, int], at: Loc
) -> Iterator[tuple[Loc, str]]:
    """Faults of a path beside those `seen` before, which are given with their numbers."""
    path = spec.path
    if not paths.is_path(path):
        right = "names joined by dots, such as items[].sku"
        if "=" in path:
            right = 'an entry as attributes[name=colour].value, or [name="gift note"] with quotes'
        yield at, f"{path!r} is not a path: write {right}"
    if path in seen:
        yield at, f"two fields have the path {path!r} (field {seen[path] + 1} too)"
    for other in seen.keys() - {path}:
        if (path + ".").startswith(other + ".") or (other + ".").startswith(path + "."):
            yield (
                at,
                f"{path!r} and {other!r} cannot both be values: one lies inside the other",
            )
    list_path = paths.list_of(path)
    while list_path:
        if list_path not in mapping.order.lists:
            yield at, f"the list {list_path!r} is not declared under order.lists"
        list_path = paths.list_of(list_path)


def _meaning_faults(
    mapping: ProviderMapping, spec: FieldSpec, at: Loc
) -> Iterator[tuple[Loc, str]]:
    """What a field says that it is must be a name of the vocabulary, and no other field's."""
    if spec.is_ is None:
        return
    known = vocabulary.words()
    if spec.is_ not in known:
        close = get_close_matches(spec.is_, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
        yield at, f"{spec.path}: no field is a {spec.is_!r}: {hint}"
    first = next(other for other in mapping.fields if other.is_ == spec.is_)
    if first is not spec:
        yield at, f"{first.path!r} and {spec.path!r} cannot both be the {spec.is_}"


_KINDS = {
    "": "a value or object", "list": "a list", "array": "an array of plain values",
    "named": "an array of named entries",
}  # fmt: skip


def _key_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Keys that would be written twice, the first value lost without a word."""
    kinds: dict[str, str] = {}
    for i, spec in enumerate(mapping.fields):
        parts = spec.path.split(".")
        for depth, name in enumerate(parts, 1):
            is_last = depth == len(parts)
            around = "".join(f"{part}." for part in parts[: depth - 1])
            if pair := paths.pair(name):
                kind, key = "named", pair[0]
                if spec.path == f"{around}{name}.{pair[1]}":
                    problem = f"[{pair[1]}=...] writes {pair[1]!r} already: leave the field out"
                    yield ("fields", i, "path"), f"{spec.path}: {problem}"
            elif name.endswith("[]"):
                kind, key = "array" if is_last else "list", name[:-2]
            else:
                kind, key = "", name
            before = kinds.setdefault(around + key, kind)
            if before != kind and spec.sent:
                known = f"{around}{key} is {_KINDS[before]}"
                problem = f"{known} in another field, and {_KINDS[kind]} here"
                yield ("fields", i, "path"), f"{spec.path}: {problem}"


def _default_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    """A default passes the same checks as a cell."""
    text = spec.default
    if text is None:
        return
    words = {word.lower() for sent, said in spec.choices.items() for word in (sent, *said)}
    if spec.type in ("integer", "decimal"):
        is_number = re.fullmatch(r"[+-]?[0-9]+" + (r"(\.[0-9]+)?" * (spec.type == "decimal")), text)
        if not is_number:
            yield at, f"{spec.path}: the default {text!r} is no {spec.type}"
            return
        bounds = ((spec.above, operator.gt, "more than"), (spec.at_least, operator.ge, "at least"),
                  (spec.at_most, operator.le, "at most"))  # fmt: skip
        for bound, holds, words_of in bounds:
            if bound is not None and not holds(Decimal(text), bound):
                yield at, f"{spec.path}: the default {text!r} is not {words_of} {bound:f}"
    elif spec.type == "choice" and text.lower() not in words:
        allowed = ", ".join(spec.choices)
        yield at, f"{spec.path}: the default {text!r} is none of its choices: {allowed}"
    elif problem := _default_of_standard(spec, text):
        yield at, f"{spec.path}: the default {text!r} is {problem}"
    elif spec.max is not None and len(text) > spec.max:
        yield at, f"{spec.path}: the default {text!r} is longer than {spec.max}"
    elif spec.type == "text" and not text.strip():
        yield at, f"{spec.path}: a blank default is none: write 'blank: empty' for \"\""


_FORM_WORDS = {
    "digits": "not of digits alone", "phone": "no phone number", "latin": "not in Latin letters",
    "email": "no email address", "url": "no web address: it begins with https://",
    "hex32": "not 32 characters of 0-9 and a-f", "base64": "no Base64 text",
}  # fmt: skip


def _default_of_standard(spec: FieldSpec, text: str) -> str:
    """What a default is instead of a country, currency, date or form of text; blank if it is."""
    match spec.type:
        case "country" if standards.country(text) is None:
            return "no country: write its two-letter code"
        case "currency" if fold(text) not in standards.currencies():
            return "no currency: write its three-letter code"
        case "datetime" if not _is_moment(text, spec.reads):
            return "no date: write it as 2025-12-01 or 2025-12-01 10:20:00"
        case "text" if spec.format and not standards.FORMATS[spec.format].fullmatch(text):
            return _FORM_WORDS[spec.format]
    return ""


def _is_moment(text: str, forms: Sequence[str]) -> bool:
    try:
        return standards.moment(text, forms) is not None
    except ValueError:  # the 31st of June
        return False


def _checks_of_one(spec: FieldSpec) -> Iterator[bool]:
    for check in (spec.max, spec.format, spec.warn_format, spec.above, spec.at_least, spec.at_most):
        yield check is not None


def _value_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    if spec.type == "country" and spec.choices:
        problem = "countries have their words already: leave 'choices' out, or for codes of the"
        right = "provider's own write 'type: choice' and list the words for each"
        yield (*at, "choices"), f"{spec.path}: {problem} {right}"
    elif (spec.type == "choice") != bool(spec.choices):
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
    if spec.type == "country" and spec.max == 3 and spec.send is None:
        problem = "three letters are sent with 'as: alpha3', without it two; leave 'max' out"
        yield (*at, "max"), f"{spec.path}: {problem}"
    is_array = spec.path.endswith("[]")
    if spec.split is not None and not is_array:
        problem = "'split' goes with a path that ends in [], for plain values"
        yield (*at, "path"), f"{spec.path}: {problem}"
    if spec.split is not None and (spec.type == "datetime" or any(_checks_of_one(spec))):
        problem = "'split' goes with any type but datetime, and without checks of one value"
        yield (*at, "split"), f"{spec.path}: {problem}"
