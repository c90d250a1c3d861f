"""Derived values for blank cells: from titles, files, defaults, other fields and long texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from converter.checks import values
from converter.checks.attachments import ENDINGS, Attachment
from converter.checks.cells import Cells
from converter.checks.values import BAD, Problem
from converter.layout.table import Column, Integers, Table
from converter.mapping import paths, standards
from converter.mapping.model import FieldSpec, Join, ProviderMapping
from converter.message import N_, t
from converter.model import Issue
from converter.orders import computed
from converter.orders.entries import FieldColumn, Group
from converter.text import fold, quote

Groups = Mapping[str, Group]

CURRENCY = N_(
    "The currency is {currency} where no other is given, as the title of column {column} "
    "{title} says."
)


@dataclass(frozen=True)
class Filled:
    """The groups with their derived values, and the issues and notes about these."""

    groups: Groups
    issues: tuple[Issue, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """The result of one source: columns that replace those of the same fields."""

    columns: Mapping[str, FieldColumn] = field(default_factory=dict)
    issues: Sequence[Issue] = ()
    notes: Sequence[str] = ()


def fill(cells: Cells, mapping: ProviderMapping, groups: Groups) -> Filled:
    """Fill in the blank cells of all fields; each source sees the results of those before it."""
    issues: list[Issue] = []
    notes: list[str] = []
    for source in _sources(cells, mapping):
        found = source(groups)
        for path, column in found.columns.items():
            inside = paths.list_of(path)
            groups = {**groups, inside: groups[inside].with_fields({path: column})}
        issues += found.issues
        notes += found.notes
    return Filled(groups, tuple(issues), tuple(notes))


def _sources(cells: Cells, mapping: ProviderMapping) -> Iterator[Callable[[Groups], _Found]]:
    for spec in mapping.fields:
        if spec.currency:
            yield partial(_currency, spec, cells, mapping)
    for spec in mapping.fields:
        if spec.file is not None:
            yield partial(_file_facts, spec, cells, mapping)
    for spec in mapping.fields:
        yield partial(_fill_in, spec, cells)
    for spec in computed.in_order(mapping):
        yield partial(_computed, spec, cells, mapping)
    for spec in mapping.fields:
        if spec.spill and spec.max is not None and not paths.list_of(spec.path):
            yield partial(_spill, spec, mapping.field(spec.spill))


# -- currencies in titles ----------------------------------------------------------------------


def _currency(spec: FieldSpec, cells: Cells, mapping: ProviderMapping, groups: Groups) -> _Found:
    """The currency in an amount's title counts where the field for it is blank."""
    table = cells.table
    group = groups[paths.list_of(spec.path)]
    amounts = group.fields.get(spec.path)
    named = {each.currency: each for each in table.columns_of(spec.path) if each.currency}
    if amounts is None or not named:
        return _Found()
    codes = {word: standards.currencies().get(fold(word), "") for word in named}
    target = _CurrencyField.of(spec, mapping, groups)
    taken: dict[int, tuple[Any, Any]] = {}
    used: dict[str, None] = {}
    issues: list[Issue] = []
    for entry in np.flatnonzero(amounts.rows > 0).tolist():
        line = int(amounts.rows[entry])
        title = table.part(line).columns.get(spec.path)
        if title is None:  # its value is from another file, and so is its currency
            continue
        code = codes.get(title.currency, "")
        at = target.entry(group, entry)
        found = taken[at][0] if at in taken else target.value(at)
        if not code or found is BAD or found == code:
            continue
        if found is None and target.spec is not None:
            taken[at] = code, values.sent(target.spec, code)
            used[title.currency] = None
        else:
            facts = {"found": str(found), "currency": code, **_title(title)}
            path, stands_on = target.place(spec, at, line)
            cell, shown = table.cell(path, stands_on), table.title(path, stands_on)
            issues.append(Issue(cell, path, shown, "currency_disagrees", facts))
    columns = {target.spec.path: target.column.with_values(taken)} if target.spec and taken else {}
    notes = [t(CURRENCY, **_title(named[word]), currency=codes[word]) for word in used]
    return _Found(columns, issues, notes)


@dataclass(frozen=True)
class _CurrencyField:
    """Where the currency of an amount stands: in a field, or the one currency there is."""

    spec: FieldSpec | None
    group: Group
    column: FieldColumn
    only: str
    """The one currency, where there is no field."""

    @classmethod
    def of(cls, amount: FieldSpec, mapping: ProviderMapping, groups: Groups) -> _CurrencyField:
        assert amount.currency is not None
        if amount.currency.isupper():
            group = groups[paths.list_of(amount.path)]
            return cls(None, group, FieldColumn.blank(len(group)), amount.currency)
        spec = mapping.field(amount.currency)
        group = groups[paths.list_of(spec.path)]
        return cls(spec, group, group.fields.get(spec.path) or FieldColumn.blank(len(group)), "")

    def entry(self, group: Group, entry: int) -> int:
        """The entry that has the currency of this entry's amount."""
        return entry if group.path == self.group.path else int(group.owner[entry])

    def value(self, entry: int) -> Any:
        return self.column.value(entry) if self.spec else self.only

    def place(self, amount: FieldSpec, entry: int, line: int) -> tuple[str, int]:
        """The field and line of a currency that was typed, else those of the amount."""
        own = int(self.column.rows[entry]) if self.spec else -1
        return (self.spec.path, own) if self.spec and own > 0 else (amount.path, line)


def _title(column: Column) -> dict[str, str]:
    return {"column": column.letter, "title": quote(" ".join(column.title.split()))}


# -- files -------------------------------------------------------------------------------------


def _file_facts(spec: FieldSpec, cells: Cells, mapping: ProviderMapping, groups: Groups) -> _Found:
    """A file's ending and name into the fields for them where those are blank."""
    assert spec.file is not None
    group = groups[paths.list_of(spec.path)]
    files = [(at, v) for at, v in enumerate(group.values(spec.path)) if isinstance(v, Attachment)]
    columns: dict[str, FieldColumn] = {}
    issues: list[Issue] = []
    for path, fact in ((spec.file.extension, _ending), (spec.file.name, _file_name)):
        if path is None or not files:
            continue
        column = group.fields.get(path) or FieldColumn.blank(len(group))
        target = mapping.field(path)
        columns[path] = column.with_values(
            {
                entry: (fact(file), values.sent(target, fact(file)))
                for entry, file in files
                if column.value(entry) is None and fact(file)
            }
        )
        if fact is _ending:
            issues += _wrong_endings(path, cells.table, column, files)
    return _Found(columns, issues)


def _ending(file: Attachment) -> str:
    return f".{file.kind}" if file.kind else ""


def _file_name(file: Attachment) -> str:
    return file.name


def _wrong_endings(
    path: str, table: Table, column: FieldColumn, files: Sequence[tuple[int, Attachment]]
) -> Iterator[Issue]:
    """Endings that were typed and are not the content's."""
    for entry, file in files:
        found = column.value(entry)
        if not _agrees(file, found):
            facts = {"found": quote(str(found)), "kind": file.kind}
            line = int(column.rows[entry])
            cell, title = table.cell(path, line), table.title(path, line)
            yield Issue(cell, path, title, "ending_disagrees", facts)


def _agrees(file: Attachment, ending: Any) -> bool:
    """Whether a typed ending is one of the content's; nothing is known of other content."""
    known = ENDINGS.get(file.kind, ())
    return not known or ending in (None, BAD) or str(ending).lower().lstrip(".") in known


# -- constants, expressions and conditions -----------------------------------------------------


def _computed(spec: FieldSpec, cells: Cells, mapping: ProviderMapping, groups: Groups) -> _Found:
    column, issues = computed.column(spec, cells, mapping, groups)
    return _Found({spec.path: column}, issues)


# -- defaults and other fields -----------------------------------------------------------------


def _fill_in(spec: FieldSpec, cells: Cells, groups: Groups) -> _Found:
    """Defaults, and values made of other fields, for the entries whose cell is blank."""
    group = groups[paths.list_of(spec.path)]
    made = _made(spec, group, groups)
    if not any(value is not None for value in made):
        return _Found()
    column = group.fields.get(spec.path) or FieldColumn.blank(len(group))
    blank = np.flatnonzero(column.codes < 0).tolist()
    if spec.type == "text" and not spec.format and spec.default is None:
        new = {at: (made[at], values.sent(spec, made[at])) for at in blank if made[at] is not None}
        return _Found({spec.path: column.with_values(new)})
    # Lengths are checked when all has flowed into its field.
    checked = spec if spec.default is not None else spec.model_copy(update={"max": None})
    new, issues = {}, []
    results = [BAD if isinstance(made[at], Problem) else made[at] for at in blank]
    for at, fit in zip(blank, computed.fitted(checked, results, cells.settings), strict=True):
        trouble = made[at] if isinstance(made[at], Problem) else fit
        if isinstance(trouble, Problem):
            new[at] = BAD, None
            issues.append(_unfit(spec, cells, groups, group, at, trouble))
        elif trouble is not None:
            new[at] = trouble
    return _Found({spec.path: column.with_values(new)}, issues)


def _unfit(
    spec: FieldSpec, cells: Cells, groups: Groups, group: Group, entry: int, trouble: Problem
) -> Issue:
    """At the first cell that the value was made of; where there is none, at the entry's line."""
    join = spec.fallback or spec.join
    parts = [part[1:] for part in join.parts if part.startswith("$")] if join else []
    for path in filter(None, (*parts, spec.only_of)):
        own = paths.list_of(path)
        if own not in ("", group.path) or (source := groups[own].fields.get(path)) is None:
            continue
        row = int(source.rows[entry if own == group.path else int(group.owner[entry])])
        if row > 0:
            cell, title = cells.table.cell(path, row), cells.table.title(path, row)
            return Issue(cell, path, title, trouble.code, trouble.facts)
    cell = cells.table.cell("", int(group.first_row[entry]))
    return Issue(cell, spec.path, spec.title.en, trouble.code, trouble.facts)


def _made(spec: FieldSpec, group: Group, groups: Groups) -> Sequence[Any]:
    """For every entry what stands in for a blank cell; nothing at all where there is no source."""
    if spec.default is not None:
        return [spec.default] * len(group)
    if join := spec.fallback or spec.join:
        return _joined(join, group, groups)
    orders = len(groups[""])
    if spec.default_if_single is not None:
        single = _only_ones(group, orders)
        return [spec.default_if_single if single[o] >= 0 else None for o in group.owner]
    if spec.only_of:
        other = groups[paths.list_of(spec.only_of)]
        single = _only_ones(other, orders)
        theirs = other.values(spec.only_of)
        return [theirs[single[o]] if single[o] >= 0 else None for o in group.owner]
    return ()


def _only_ones(group: Group, orders: int) -> Integers:
    """For every order its only entry of the list; -1 where it has none or several."""
    counts = np.bincount(group.owner, minlength=orders)
    only = np.full(orders, -1)
    only[group.owner] = np.arange(len(group))
    return np.where(counts == 1, only, -1)


def _joined(join: Join, group: Group, groups: Groups) -> list[str | None]:
    """The parts for every entry of the group; without those that are blank there."""
    columns: list[list[str | None]] = []
    for part in join.parts:
        if part == "$line":
            lines = np.arange(len(group)) - np.searchsorted(group.owner, group.owner) + 1
            columns.append([str(line) for line in lines.tolist()])
        elif part.startswith("$"):
            inner = paths.list_of(part[1:]) == group.path and group.path != ""
            column = (group if inner else groups[""]).fields.get(part[1:])
            if column is not None:
                found = column.values() if inner else column.values()[group.owner]
                columns.append([None if v is None or v is BAD else str(v) for v in found])
        else:
            columns.append([part] * len(group))
    entries = zip(*columns, strict=True) if columns else [()] * len(group)
    return [join.separator.join(p for p in parts if p is not None) or None for parts in entries]


def _spill(spec: FieldSpec, target: FieldSpec, groups: Groups) -> _Found:
    """Long address lines go on in the next field; a place that is taken is never overwritten."""
    head = groups[""]
    column = head.fields.get(spec.path)
    if column is None or spec.max is None:
        return _Found()
    other = head.fields.get(target.path) or FieldColumn.blank(len(head))
    kept: dict[int, tuple[str, str]] = {}
    spilt: dict[int, tuple[str, str]] = {}
    for entry, text in enumerate(column.values()):
        is_long = isinstance(text, str) and len(text) > spec.max and text is not BAD
        if is_long and other.value(entry) is None:
            cut = text.rfind(" ", 0, spec.max + 1)
            cut = cut if cut > 0 else spec.max
            first, rest = text[:cut].rstrip(), text[cut:].lstrip()
            kept[entry], spilt[entry] = (first, first), (rest, rest)
    if not kept:
        return _Found()
    rows = {entry: int(column.rows[entry]) for entry in spilt}
    return _Found(
        {spec.path: column.with_values(kept), target.path: other.with_values(spilt, rows)}
    )
