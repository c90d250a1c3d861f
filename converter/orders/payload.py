"""Build the nested payloads that the provider documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from converter.checks import evaluate
from converter.json_text import encode
from converter.layout.table import Table
from converter.mapping import formulas, paths, scopes
from converter.mapping.model import FieldSpec, OrderList
from converter.model import Order, Payload
from converter.orders.entries import Group
from converter.orders.grouping import Orders

_ABSENT = object()
"""No key at all, as opposed to an empty text or null."""

_BLANK_OBJECTS: dict[str, Any] = {"absent": _ABSENT, "null": None, "empty": {}}


class _Shape:
    """An object of the payload, its keys in the mapping's order."""

    def __init__(
        self, blank: Any = _ABSENT, holds: list[bool] | None = None, *, is_text: bool = False
    ) -> None:
        self.is_text = is_text
        """Whether it is sent as the text of its JSON."""
        self.blank = blank
        """What is sent where there is no value in it."""
        self.holds = holds
        """For every entry around whether it is sent at all; None where all are."""
        self._runs: list[list[tuple[str, list[Any]]] | tuple[str, _Shape | _List | _Pairs]] = []
        """Runs of adjacent values, and the objects and lists between them."""

    def put(self, key: str, part: list[Any] | _Shape | _List | _Pairs) -> None:
        """The part is an object, a list, or the values of all entries."""
        if not isinstance(part, list):
            self._runs.append((key, part))
        elif self._runs and isinstance(self._runs[-1], list):
            self._runs[-1].append((key, part))
        else:
            self._runs.append([(key, part)])

    def build(self, entry: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for run in self._runs:
            if isinstance(run, list):
                for key, column in run:
                    if (value := column[entry]) is not _ABSENT:
                        made[key] = value
            elif run[1].holds is None or run[1].holds[entry]:
                inner = run[1].build(entry) or run[1].blank  # of blank cells, mostly not there
                if inner is not _ABSENT:
                    made[run[0]] = encode(inner).decode() if run[1].is_text else inner
        return made


class _List:
    """A list of the payload: the entries that belong to one entry of the object around it."""

    blank = _ABSENT

    def __init__(
        self, shape: _Shape, bounds: list[int], shaped: OrderList, holds: list[bool] | None
    ) -> None:
        self.shape = shape
        self.bounds = bounds
        self.holds = holds
        """For every entry around whether its list is sent; None where all are."""
        self.shaped = shaped
        self.is_text = shaped.json_
        self.kept: Sequence[bool] | None = None
        """For every entry whether it is sent; None where all are."""
        self.keys: list[Any] | None = None
        """For every entry its key, where the list goes as an object."""
        self.only: range | list[int] | None = None
        """For one part of a split order: only these entries."""

    def build(self, parent: int) -> list[Any] | dict[str, Any]:
        entries = range(self.bounds[parent], self.bounds[parent + 1])
        made: list[tuple[int, Any]] = [
            (entry, self.shape.build(entry))
            for entry in (self.only or entries)
            if self.kept is None or self.kept[entry]
        ]
        if self.shaped.one or self.shaped.from_:  # without a row of its own that would be nothing
            made = [each for each in made if each[1]]
        if self.shaped.entry is not None:
            made = [(entry, _filled_in(self.shaped.entry, each)) for entry, each in made]
        if self.keys is not None:
            return {evaluate.plain(self.keys[entry]): each for entry, each in made}
        return [each for _, each in made if each is not _ABSENT]


def _filled_in(template: Any, entry: dict[str, Any]) -> Any:
    """The template of an entry with the entry, or its members, in it; a member that is not there
    is null in an array, and no key of an object."""
    if isinstance(template, list):
        found = [_filled_in(each, entry) for each in template]
        return [None if each is _ABSENT else each for each in found]
    if isinstance(template, dict):
        made = {key: _filled_in(each, entry) for key, each in template.items()}
        return {key: each for key, each in made.items() if each is not _ABSENT}
    if not (isinstance(template, str) and template.startswith("$entry")):
        return template
    value: Any = entry
    for name in template.split(".")[1:]:
        value = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
    return value


class _Pairs:
    """An array of named entries, as `attributes[name=colour].value`: those without a value are not
    there."""

    blank = _ABSENT
    holds = None
    is_text = False

    def __init__(self) -> None:
        self.entries: list[tuple[str, Any, _Shape]] = []
        """The key that names an entry, its value, and what else the entry has."""

    def build(self, entry: int) -> list[dict[str, Any]]:
        there = [each for each in self.entries if (of := each[2].holds) is None or of[entry]]
        built = ((key, word, shape.build(entry)) for key, word, shape in there)
        return [{key: word, **inner} for key, word, inner in built if inner]


class Payloads:
    """Builds payloads one order at a time, so that a whole file's never exist at once."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.mapping = orders.mapping
        self.lists: dict[str, _List] = {}
        self.root = _Shape()
        self._pairs: dict[str, _Pairs] = {}
        objects: dict[str, _Shape] = {"": self.root}
        for spec in self.mapping.fields:
            if spec.sent:
                self._place(spec, objects)

    def _place(self, spec: FieldSpec, objects: dict[str, _Shape]) -> None:
        """Add a field at its path, with the objects and lists around it."""
        here = ""
        *around, last = spec.path.split(".")
        for name in around:
            outer, here = objects[here], f"{here}.{name}" if here else name
            if here in objects:
                continue
            shape = self.mapping.order.objects.get(here)
            inner = objects[here] = _Shape(
                _BLANK_OBJECTS[shape.blank] if shape else _ABSENT,
                self._holds(shape.when, paths.list_of(here)) if shape else None,
                is_text=bool(shape and shape.json_),
            )
            key = name.removesuffix("[]")
            if pair := paths.pair(name):
                array = here.removesuffix(name) + pair[0]
                if array not in self._pairs:
                    outer.put(pair[0], self._pairs.setdefault(array, _Pairs()))
                self._pairs[array].entries.append((pair[1], pair[2], inner))
                continue
            if name.endswith("[]"):
                path = here.removesuffix("[]")
                one = self.mapping.order.lists[path]
                group = self.orders.groups[path]
                parents = len(self.orders.groups[paths.list_of(path)])
                made = _List(
                    inner,
                    group.bounds(parents).tolist(),
                    one,
                    self._holds(one.when, paths.list_of(path)),
                )
                made.kept = self.orders.lists.kept(path)
                if one.map is not None:
                    made.keys = group.values(self.mapping.field(one.map).path).tolist()
                self.lists[path] = made
                outer.put(key, made)
            else:
                outer.put(key, inner)
        group = self.orders.groups[paths.list_of(spec.path)]
        if spec.path in group.fields or spec.blank != "absent":
            objects[here].put(last.removesuffix("[]"), _column(spec, group))

    def _holds(self, when: str | None, around: str) -> list[bool] | None:
        """For every entry around a list or object whether its condition holds."""
        if when is None:
            return None
        condition = scopes.resolved(formulas.parse(when), self.mapping)
        found = evaluate.evaluate(condition, around, self.orders.lists)
        return [*map(evaluate.is_true, found)]

    def of(self, index: int) -> list[Order]:
        """The payloads of one order: one, or several where the provider limits its size."""
        reference = self.orders.references[index]
        rows = self.orders.rows[index]
        parts = self._parts(index)
        if len(parts) <= 1:
            return [Order(reference, reference, self.root.build(index), rows)]
        split = self.mapping.order.split
        assert split is not None
        made: list[Order] = []
        whole = self.lists[split.list]
        for number, entries in enumerate(parts, 1):
            whole.only = entries
            payload = self.root.build(index)
            whole.only = None
            name = f"{reference}-{number}"
            _put(payload, self.mapping.order.reference, name)
            group = self.orders.groups[split.list]
            rows = _rows_of(self.orders.cells.table, group, entries)
            made.append(Order(name, reference, payload, rows))
        return made

    def part_names(self, index: int) -> list[str]:
        """The references of an order's parts; none where it is sent whole."""
        count = len(self._parts(index))
        name = self.orders.references[index]
        return [f"{name}-{number}" for number in range(1, count + 1)] if count > 1 else []

    def part_owners(self, index: int) -> list[str]:
        """For each part of a split order whose goods it holds, such as a supplier; may be blank."""
        split, parts = self.mapping.order.split, self._parts(index)
        if split is None or len(parts) < 2:
            return []
        group = self.orders.groups[split.list]
        column = group.fields.get(split.by) if split.by else None
        if column is None:
            return []
        return [str(column.value(part[0]) or "") for part in parts]

    def _parts(self, index: int) -> list[list[int]]:
        """The entries of each part of a large order: one supplier's, and limited in number."""
        split = self.mapping.order.split
        if split is None or split.list not in self.lists:
            return []
        whole = self.lists[split.list]
        bounds, kept = whole.bounds, whole.kept
        entries = [
            entry
            for entry in range(bounds[index], bounds[index + 1])
            if kept is None or kept[entry]
        ]
        group = self.orders.groups[split.list]
        column = group.fields.get(split.by) if split.by else None
        by: dict[Any, list[int]] = {}
        for entry in entries:
            by.setdefault(column.value(entry) if column else None, []).append(entry)
        if len(by) == 2 and None in by:
            # One name, on some lines only: an order's cells may stand on its first row alone.
            by = {None: list(entries)}
        size = split.at_most or max(len(entries), 1)
        return [part[i : i + size] for part in by.values() for i in range(0, len(part), size)]


def _column(spec: FieldSpec, group: Group) -> list[Any]:
    blank: Any = {"absent": _ABSENT, "empty": "", "null": None}[spec.blank]
    is_array = spec.path.endswith("[]")
    if is_array and spec.blank == "empty":
        blank = []
    if spec.is_constant and spec.value is None:
        blank = None
    column = group.fields.get(spec.path)
    if column is None:
        return [blank] * len(group)
    found = column.all_sent(blank)
    if is_array:  # a single value is an array of one
        found = [
            each if isinstance(each, list) or each is _ABSENT or each is None else [each]
            for each in found
        ]
    if column.withheld is not None:
        for entry in column.withheld.nonzero()[0].tolist():
            found[entry] = _ABSENT
    return found


def _rows_of(table: Table, group: Group, entries: Iterable[int]) -> tuple[int, ...]:
    lines = [int(group.first_row[entry]) for entry in entries]
    return tuple(dict.fromkeys(table.cell("", line).row for line in lines))


def _put(payload: Payload, path: str, value: str) -> None:
    *around, last = path.split(".")
    target: Any = payload
    for name in around:
        target = target.setdefault(name, {})
    target[last] = value
