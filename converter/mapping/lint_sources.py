"""Faults of where a field's value comes from: one source, whose expressions can be worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from converter.mapping import constants, formulas, lint_kinds, paths, scopes
from converter.mapping.formulas import Formula
from converter.mapping.model import FieldSpec, OrderList, ProviderMapping
from converter.mapping.yaml_events import Loc

_OF_COLUMNS = (
    "aliases", "stand_ins", "default", "fallback", "join", "copies", "default_if_single", "only_of",
    "spill", "given_name", "family_name", "appended", "file", "currency", "example",
    "state_as",
)  # fmt: skip
"""Keys of a field that people fill in, or that other fields fill in."""

_CHECKS = (
    "max", "format", "warn_format", "above", "at_least", "at_most", "choices", "not_sent",
    "postcode_of", "phone_of",
)  # fmt: skip
"""Keys that check a value."""


def source_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Several sources for one value, and expressions that cannot be read or worked out."""
    for i, spec in enumerate(mapping.fields):
        at: Loc = ("fields", i)
        yield from _two_sources(spec, at)
        yield from _constant_faults(mapping, spec, at)
        yield from _form_faults(spec, at)
        yield from _state_faults(mapping, spec, at)
        yield from _expression_faults(mapping, spec, at)
    yield from _shape_faults(mapping)
    if not any(True for _ in _unreadable(mapping)):
        yield from _circles(mapping)


def _state_faults(mapping: ProviderMapping, spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    """A form of states without the country that says whose states they are."""
    if spec.state_as is None:
        return
    party, _, part = (spec.is_ or "").partition(".")
    country = f"{party}.country"
    if part != "province":
        yield (
            (*at, "state_as"),
            f"{spec.path}: 'state_as' is for a field with `is: receiver.province`",
        )
    elif not any(other.is_ == country for other in mapping.fields):
        yield (
            (*at, "state_as"),
            f"{spec.path}: no field with `is: {country}` says whose state it is",
        )


def _two_sources(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    given = [key for key in ("value", "formula", "text") if key in spec.model_fields_set]
    for key in (*given[1:], *(key for key in _OF_COLUMNS if given and getattr(spec, key))):
        yield (*at, key), f"{spec.path}: a field has one source, so not {given[0]!r} and {key!r}"


def _form_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    if spec.form is None:
        return
    if spec.is_computed:
        problem = "'form' is what is sent of a cell: write it into the formula"
        yield (*at, "form"), f"{spec.path}: {problem}"
    for key in ("send", "split", "file"):
        if getattr(spec, key):
            name = "as" if key == "send" else key
            yield (*at, name), f"{spec.path}: 'form' says what is sent, so leave {name!r} out"
    if not re.search(r"\bit\b", spec.form):
        problem = "'form' is what is sent of the value, called 'it', such as fixed(it, 2)"
        yield (*at, "form"), f"{spec.path}: {problem}"


def _constant_faults(
    mapping: ProviderMapping, spec: FieldSpec, at: Loc
) -> Iterator[tuple[Loc, str]]:
    if not spec.is_constant:
        return
    is_setting = isinstance(spec.value, str) and constants.SETTING.fullmatch(spec.value)
    if (spec.is_typed or spec.send) and not is_setting:
        yield (*at, "value"), f"{spec.path}: write the value as it is sent, without 'type' and 'as'"
    for key in () if is_setting else (key for key in _CHECKS if getattr(spec, key)):
        problem = f"what is always the same needs no check: leave {key!r} out"
        yield (*at, key), f"{spec.path}: {problem}"
    known = {*mapping.settings, *(paths.plain(each.path) for each in mapping.fields)}
    for text in constants.texts(spec.value):
        if whole := constants.SETTING.fullmatch(text):
            for fault in _setting_faults(mapping, whole[1]):
                yield (*at, "value"), f"{spec.path}: {fault}"
        elif found := constants.SETTING.search(text):
            right = f"{{path: ..., text: {text.replace(found[0], '{' + found[1] + '}')!r}}}"
            problem = f"{found[0]} is a whole value; inside other text write {right}"
            yield (*at, "value"), f"{spec.path}: {problem}"
        elif (named := re.search(r"\{([\w.]+)\}", text)) and named[1] in known:
            problem = f"{{{named[1]}}} would be sent as it stands: write 'text' for 'value'"
            yield (*at, "value"), f"{spec.path}: {problem}"


def _setting_faults(mapping: ProviderMapping, name: str) -> Iterator[str]:
    """Why a setting cannot be a value of an order."""
    setting = mapping.settings.get(name)
    if setting is None:
        close = get_close_matches(name, mapping.settings, n=1)
        hint = f", did you mean {close[0]!r}?" if close else ""
        yield f"there is no setting {name!r}{hint}"
    elif setting.secret:
        yield "a secret belongs into 'request', and never into an order"
    elif not (setting.required or setting.default):
        yield f"the setting {name!r} needs 'required: true' or a default"


def _own_condition(spec: FieldSpec, mapping: ProviderMapping) -> Formula | None:
    """The field's own `when`; those of the lists and objects around it have faults of their own."""
    return scopes.resolved(formulas.parse(spec.when), mapping) if spec.when is not None else None


def _expression_faults(
    mapping: ProviderMapping, spec: FieldSpec, at: Loc
) -> Iterator[tuple[Loc, str]]:
    here = paths.list_of(spec.path)
    for key, read in (("text" if spec.text is not None else "formula", scopes.formula_of),
                      ("when", _own_condition), ("form", scopes.form_of)):  # fmt: skip
        try:
            formula = read(spec, mapping)
        except ValueError as error:
            yield (*at, key), f"{spec.path}: {error}"
            continue
        if formula is None:
            continue
        if key == "when" and not scopes.reads(formula.tree):
            yield (*at, key), f"{spec.path}: the condition {formula.text!r} reads no field"
        for fault in _faults(formula, here, mapping):
            yield (*at, key), f"{spec.path}: {fault}"
        if key != "when" and spec.sent and (by := lint_kinds.endless_divisor(formula.tree)):
            problem = f"what is divided by {by} seldom ends: write round(..., 2, half_up) around it"
            yield (*at, key), f"{spec.path}: {problem}"


def _faults(formula: Formula, here: str, mapping: ProviderMapping) -> Iterator[str]:
    yield from scopes.faults(formula, here, mapping)
    yield from _names_in(formula, mapping)


def _names_in(formula: Formula, mapping: ProviderMapping) -> Iterator[str]:
    """Settings that cannot stand in an expression, and names that would be sent as they stand."""
    known = {*mapping.settings, *(paths.plain(spec.path) for spec in mapping.fields)}
    for part in formulas.walk(formula.tree):
        if isinstance(part, formulas.Setting):
            yield from _setting_faults(mapping, part.name)
        if isinstance(part, formulas.Quoted) and (found := constants.SETTING.search(part.text)):
            yield f"{found[0]} would be sent as it stands: inside text write {{{found[1]}}}"
        elif isinstance(part, formulas.Quoted) and not isinstance(formula.tree, formulas.Template):
            named = re.search(r"\{([\w.]+)\}", part.text)
            if named and named[1] in known:
                yield f"{named[0]} would be sent as it stands: write 'text' for 'formula'"


def _shape_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Objects that no field lies in, and conditions of lists that cannot be worked out."""
    order = mapping.order
    for path, thing in order.objects.items():
        at: Loc = ("order", "objects", path)
        inside = [spec for spec in mapping.fields if spec.path.startswith(f"{path}.")]
        if not inside:
            yield at, f"no field lies in the object {path!r}"
        if thing.when is not None:
            yield from _condition_faults(mapping, thing.when, paths.list_of(path), (*at, "when"))
    for path, shape in order.lists.items():
        at = ("order", "lists", path)
        if shape.when is not None:
            yield from _condition_faults(mapping, shape.when, paths.list_of(path), (*at, "when"))
        if shape.where is not None:
            yield from _condition_faults(mapping, shape.where, path, (*at, "where"))
        yield from _entry_faults(mapping, path, shape, at)
        if shape.from_ is not None:
            yield from _source_list_faults(mapping, path, shape.from_, (*at, "from"))
        if shape.one and shape.key:
            yield (*at, "key"), f"the list {path!r} has just one entry, so it needs no key"


def _entry_faults(
    mapping: ProviderMapping, path: str, shape: OrderList, at: Loc
) -> Iterator[tuple[Loc, str]]:
    """What stands for an entry must hold it, and a key is a field of the list."""
    inside = [spec.path for spec in mapping.fields if spec.path.startswith(f"{path}[].")]
    own = {paths.plain(each): each for each in inside if paths.list_of(each) == path}
    if shape.map is not None and paths.plain(shape.map) not in own:
        yield (*at, "map"), f"{shape.map!r} is no field of the list {path!r}"
    if shape.entry is None:
        return
    members = {each.removeprefix(f"{path}[].").replace("[]", "") for each in inside}
    members |= {each.rpartition(".")[0] for each in members}
    names = [text for text in constants.texts(shape.entry) if "$" in text]
    if not names:
        problem = "'entry' has no $entry in it: every line of the order would be the same"
        yield (*at, "entry"), problem
    for name in names:
        head, _, member = name.partition(".")
        if head != "$entry":
            problem = f"{name!r} is neither $entry nor $entry.MEMBER, each a whole value"
            yield (*at, "entry"), problem
        elif member and member not in members:
            yield (*at, "entry"), f"the entry has no {member!r}: it has {', '.join(sorted(own))}"


def _source_list_faults(
    mapping: ProviderMapping, path: str, source: str, at: Loc
) -> Iterator[tuple[Loc, str]]:
    """A list made from another has that one's entries, and so neither rows nor lists of its own."""
    order = mapping.order
    if source not in order.lists or source == path:
        yield at, f"there is no other list {source!r}"
        return
    if order.lists[source].from_ is not None:
        yield at, f"{source!r} is made from a list itself: name {order.lists[source].from_!r}"
        return
    around = scopes.placed_in(path, mapping)
    if around not in scopes.chain(source, scopes.nesting(mapping)):
        yield at, f"{path!r} lies in {around!r}, and the entries of {source!r} do not"
    if order.lists[path].key or order.lists[path].one:
        yield at, f"{path!r} has the entries of {source!r}, so neither 'key' nor 'one'"
    if inner := next((other for other in order.lists if paths.list_of(other) == path), None):
        yield at, f"{path!r} is made from {source!r} and cannot hold the list {inner!r}"
    for spec in mapping.fields:
        if paths.list_of(spec.path) == path and not spec.is_computed:
            problem = f"{spec.path} would have a column, and {path!r} has no rows of its own"
            yield at, f"{problem}: make it a field of {source!r}, and write 'formula' here"


def _condition_faults(
    mapping: ProviderMapping, text: str, here: str, at: Loc
) -> Iterator[tuple[Loc, str]]:
    try:
        formula = scopes.resolved(formulas.parse(text), mapping)
    except ValueError as error:
        yield at, str(error)
        return
    for fault in _faults(formula, here, mapping):
        yield at, fault


def _unreadable(mapping: ProviderMapping) -> Iterator[FieldSpec]:
    for spec in mapping.fields:
        try:
            scopes.field_reads(spec, mapping)
        except ValueError:
            yield spec


def _circles(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    reads = {spec.path: scopes.field_reads(spec, mapping) for spec in mapping.fields}
    for i, spec in enumerate(mapping.fields):
        seen: set[str] = set()
        ahead = list(reads[spec.path])
        while ahead:
            path = ahead.pop()
            if path not in seen:
                seen.add(path)
                ahead += reads.get(path, ())
        if spec.path in seen:
            key = "when" if spec.when and not spec.is_computed else "formula"
            yield ("fields", i, key), f"{spec.path} is computed from itself"
