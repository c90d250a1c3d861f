"""Faults of a mapping's references to its own fields and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.mapping import paths, rule_kinds
from converter.mapping.model import FieldSpec, FileCell, Join, ProviderMapping, is_country
from converter.mapping.yaml_events import Loc


def reference_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Names of fields and lists that do not exist, or that do not go together."""
    names = _Names(mapping)
    yield from _order_faults(mapping, names)
    for i, spec in enumerate(mapping.fields):
        yield from _field_references(spec, names, ("fields", i))
        if spec.file:
            yield from _file_faults(mapping, spec, spec.file, names, ("fields", i, "file"))
        yield from _value_references(spec, names, ("fields", i))
    yield from _cut_cell_faults(mapping, names)
    for title, candidates in mapping.ask.items():
        for path in candidates:
            yield from names.unknown(path, ("ask", title))
    yield from _rule_faults(mapping)


class _Names:
    """The names that a mapping may refer to."""

    def __init__(self, mapping: ProviderMapping) -> None:
        self._exact = {spec.path for spec in mapping.fields}
        self._loose = self._exact | {paths.plain(path) for path in self._exact}
        self._lists = set(mapping.order.lists)
        self._by_name = {paths.plain(path): path for path in sorted(self._exact, reverse=True)}

    def exact(self, path: str) -> str:
        """The path with its list marks."""
        return path if path in self._exact else self._by_name.get(path, path)

    def unknown(self, path: str, at: Loc) -> Iterator[tuple[Loc, str]]:
        """A fault where neither a field nor a list has this path, with or without list marks."""
        if path not in self._loose and path not in self._lists:
            yield at, paths.no_field(path, self._loose)

    def inexact(self, path: str, at: Loc) -> Iterator[tuple[Loc, str]]:
        """A fault where no field has exactly this path, list marks included."""
        if path not in self._exact:
            yield at, paths.no_field(path, self._exact)


def _order_faults(mapping: ProviderMapping, names: _Names) -> Iterator[tuple[Loc, str]]:
    order = mapping.order
    yield from names.inexact(order.reference, ("order", "reference"))
    for name, shape in order.lists.items():
        if shape.key:
            yield from names.unknown(shape.key, ("order", "lists", name, "key"))
            if paths.list_of(names.exact(shape.key)) != name:
                problem = (
                    f"{shape.key!r} is no field of {name!r}, so different entries would be one"
                )
                yield ("order", "lists", name, "key"), problem
    if order.split:
        if order.split.list not in order.lists:
            yield ("order", "split", "list"), f"there is no list {order.split.list!r}"
        if order.split.by:
            yield from names.inexact(order.split.by, ("order", "split", "by"))


def _field_references(spec: FieldSpec, names: _Names, at: Loc) -> Iterator[tuple[Loc, str]]:
    for key in ("copies", "only_of", "spill"):
        if path := getattr(spec, key):
            yield from names.inexact(path, (*at, key))
            if path == spec.path:
                yield (*at, key), f"{spec.path}: {key!r} names the field itself"
    if spec.spill and paths.list_of(spec.spill) != paths.list_of(spec.path):
        yield (*at, "spill"), f"{spec.path}: {spec.spill} is not in the same list"
    if spec.spill and spec.max is None:
        yield (*at, "spill"), f"{spec.path}: 'spill' is for text beyond 'max', which is missing"
    for key in ("postcode_of", "phone_of"):
        path = getattr(spec, key)
        if path and not is_country(path):
            yield from names.inexact(path, (*at, key))
            if paths.list_of(path) != paths.list_of(spec.path):
                yield (*at, key), f"{spec.path}: its country is not in the same list"


def _file_faults(
    mapping: ProviderMapping, spec: FieldSpec, file: FileCell, names: _Names, at: Loc
) -> Iterator[tuple[Loc, str]]:
    for key in ("extension", "name"):
        if path := getattr(file, key):
            yield from names.inexact(path, (*at, key))
            if paths.list_of(path) != paths.list_of(spec.path):
                yield (*at, key), f"{path} is not in the list of {spec.path}"
    target = next((field for field in mapping.fields if field.path == file.extension), None)
    if target and target.choices:
        choices = ", ".join(target.choices)
        for kind in file.types:
            if f".{kind}" not in target.choices:
                yield (
                    (*at, "extension"),
                    f"{file.extension} is never '.{kind}': its choices are {choices}",
                )


def _value_references(spec: FieldSpec, names: _Names, at: Loc) -> Iterator[tuple[Loc, str]]:
    """Names in values that are made of other fields or columns."""
    for key in ("join", "fallback"):
        join: Join | None = getattr(spec, key)
        for part in join.parts if join else ():
            if part.startswith("$") and part != "$line":
                yield from names.inexact(part[1:], (*at, key))
    if spec.currency and not re.fullmatch("[A-Z]{3}", spec.currency):
        yield from names.inexact(spec.currency, (*at, "currency"))
        if paths.list_of(spec.currency) not in ("", paths.list_of(spec.path)):
            yield (
                (*at, "currency"),
                f"{spec.currency} is neither in the list of {spec.path} nor the order's",
            )
    if bool(spec.given_name) != bool(spec.family_name):
        yield (*at, "path"), f"{spec.path}: 'given_name' and 'family_name' go together"


def _cut_cell_faults(mapping: ProviderMapping, names: _Names) -> Iterator[tuple[Loc, str]]:
    for i, cut in enumerate(mapping.cut_cells):
        for path in cut.fields:
            yield from names.inexact(path, ("cut_cells", i, "fields"))
        if len({paths.list_of(path) for path in cut.fields}) > 1:
            yield ("cut_cells", i, "fields"), "the values of one cell are fields of one list"
        if cut.each and not all(map(paths.list_of, cut.fields)):
            yield ("cut_cells", i, "each"), "only the entries of a list can be several in a cell"


def _rule_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    for i, rule in enumerate(mapping.rules):
        try:
            faults = [*rule_kinds.parse(rule, mapping).faults(mapping)]
        except ValueError as error:
            faults = [str(error)]
        if faults:  # a second one of the same rule says the first in other words
            yield ("rules", i), faults[0]
