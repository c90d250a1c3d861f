"""Values that nobody typed: from a title, a file, a default, other fields or too long a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from converter.checks import values
from converter.checks.attachments import ENDINGS, Attachment
from converter.checks.cells import Cells
from converter.checks.values import BAD
from converter.layout.table import Integers
from converter.mapping import paths
from converter.mapping.model import FieldSpec, Join, ProviderMapping
from converter.model import Issue
from converter.orders.entries import FieldColumn, Group
from converter.sheet import Note
from converter.text import fold, quote


def fill(
    cells: Cells,
    mapping: ProviderMapping,
    groups: Mapping[str, Group],
    issues: list[Issue],
    notes: list[Note],
) -> None:
    """Fill in the blank cells of all fields."""
    for spec in mapping.fields:
        if spec.currency:
            _take_currency(spec, cells, mapping, groups, issues, notes)
    for spec in mapping.fields:
        if spec.file is not None:
            _take_file_facts(spec, cells, mapping, groups, issues)
    for spec in mapping.fields:
        _fill_in(spec, groups)
    _spill(mapping, groups[""])


def _take_currency(
    spec: FieldSpec,
    cells: Cells,
    mapping: ProviderMapping,
    groups: Mapping[str, Group],
    issues: list[Issue],
    notes: list[Note],
) -> None:
    """The currency in an amount's title counts where the field for it is blank."""
    table = cells.table
    group = groups[paths.list_of(spec.path)]
    amounts = group.fields.get(spec.path)
    named = {each.currency: each for each in table.columns_of(spec.path) if each.currency}
    if amounts is None or not named:
        return
    assert spec.currency is not None
    codes = {word: values.currencies().get(fold(word), "") for word in named}
    field_ = None if spec.currency.isupper() else mapping.field(spec.currency)
    target = groups[paths.list_of(field_.path)] if field_ else group
    column = (
        target.fields.setdefault(field_.path, FieldColumn.blank(len(target))) if field_ else None
    )
    used: dict[str, int] = {}
    for entry in np.flatnonzero(amounts.rows > 0).tolist():
        line = int(amounts.rows[entry])
        title = table.part(line).columns[spec.path]
        code = codes.get(title.currency, "")
        if not code:
            continue
        at = entry if target is group else int(group.owner[entry])
        found = column.value(at) if column is not None else spec.currency
        if column is not None and field_ is not None and found is None:
            column.put(at, code, values.sent(field_, code))
            used[title.currency] = used.get(title.currency, 0) + 1
        elif found is not BAD and found != code:
            own = int(column.rows[at]) if column is not None else -1
            there = field_ is not None and own > 0
            path = field_.path if field_ is not None and there else spec.path
            cell = table.cell(path, own if there else line)
            facts = {"found": str(found), "currency": code, "column": title.letter,
                     "title": quote(" ".join(title.title.split()))}  # fmt: skip
            shown = table.title(path, own if there else line)
            issues.append(Issue(cell, path, shown, "currency_disagrees", facts))
    for word in used:
        title = named[word]
        facts = {"column": title.letter, "title": quote(" ".join(title.title.split())),
                 "currency": codes[word]}  # fmt: skip
        notes.append(("note_currency", facts))


def _take_file_facts(
    spec: FieldSpec,
    cells: Cells,
    mapping: ProviderMapping,
    groups: Mapping[str, Group],
    issues: list[Issue],
) -> None:
    """A file's ending and name into the fields for them where those are blank."""
    assert spec.file is not None
    group = groups[paths.list_of(spec.path)]
    column = group.fields.get(spec.path)
    if column is None:
        return
    held = [(at, v) for at, v in enumerate(column.values()) if isinstance(v, Attachment)]
    for path, told in ((spec.file.extension, _ending), (spec.file.name, _file_name)):
        if path is None or not held:
            continue
        target = mapping.field(path)
        filled = group.fields.setdefault(path, FieldColumn.blank(len(group)))
        for entry, file in held:
            found = filled.value(entry)
            if found is None and told(file):
                filled.put(entry, told(file), values.sent(target, told(file)))
            elif told is _ending and not _agrees(file, found):
                facts = {"found": quote(str(found)), "kind": file.kind}
                line = int(filled.rows[entry])
                cell, title = cells.table.cell(path, line), cells.table.title(path, line)
                issues.append(Issue(cell, path, title, "ending_disagrees", facts))


def _ending(file: Attachment) -> str:
    return f".{file.kind}" if file.kind else ""


def _file_name(file: Attachment) -> str:
    return file.name


def _agrees(file: Attachment, ending: Any) -> bool:
    """Whether a typed ending is one of the content's; nothing is known of other content."""
    known = ENDINGS.get(file.kind, ())
    return not known or ending in (None, BAD) or str(ending).lower().lstrip(".") in known


def _fill_in(spec: FieldSpec, groups: Mapping[str, Group]) -> None:
    """Defaults, and values made of other fields, for the entries whose cell is blank."""
    group = groups[paths.list_of(spec.path)]
    made: list[Any] = []
    if spec.default is not None:
        made = [values.parser(spec, {})(spec.default)] * len(group)
    elif spec.fallback or spec.join:
        join = spec.fallback or spec.join
        assert join is not None
        made = _joined(join, group, groups)
    elif spec.default_if_single is not None:
        single = _only_ones(group, len(groups[""]))
        made = [spec.default_if_single if single[o] >= 0 else None for o in group.owner]
    elif spec.only_of:
        other = groups[paths.list_of(spec.only_of)]
        source = other.fields.get(spec.only_of)
        if source is not None:
            single = _only_ones(other, len(groups[""]))
            theirs = source.values()
            made = [theirs[single[o]] if single[o] >= 0 else None for o in group.owner]
    if not any(value is not None for value in made):
        return
    column = group.fields.get(spec.path)
    if column is None:
        column = group.fields[spec.path] = FieldColumn.blank(len(group))
    for entry in np.flatnonzero(column.codes < 0).tolist():
        if (value := made[entry]) is not None:
            column.put(entry, value, values.sent(spec, value))


def _only_ones(group: Group, orders: int) -> Integers:
    """For every order its only entry of the list; -1 where it has none or several."""
    counts = np.bincount(group.owner, minlength=orders)
    only = np.full(orders, -1)
    only[group.owner] = np.arange(len(group))
    return np.where(counts == 1, only, -1)


def _joined(join: Join, group: Group, groups: Mapping[str, Group]) -> list[str | None]:
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


def _spill(mapping: ProviderMapping, head: Group) -> None:
    """Long address lines go on in the next field; a place that is taken is never overwritten."""
    for spec in mapping.fields:
        column = head.fields.get(spec.path)
        if not spec.spill or spec.max is None or column is None:
            continue
        target = mapping.field(spec.spill)
        for entry, text in enumerate(column.values()):
            if not isinstance(text, str) or len(text) <= spec.max or text is BAD:
                continue
            other = head.fields.setdefault(target.path, FieldColumn.blank(len(head)))
            if other.value(entry) is not None:
                continue
            cut = text.rfind(" ", 0, spec.max + 1)
            cut = cut if cut > 0 else spec.max
            column.put(entry, text[:cut].rstrip(), text[:cut].rstrip())
            other.put(entry, text[cut:].lstrip(), text[cut:].lstrip())
            other.rows[entry] = column.rows[entry]
