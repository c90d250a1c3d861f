"""Find the cells that a provider's refusal names, by path, field, title or value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converter import lines
from converter.mapping import paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Issue
from converter.orders import lists
from converter.orders.grouping import Orders
from converter.provider import pointers

MOST_CELLS = 10
"""Cells marked per order; a message naming more is not specific enough to help."""

_DOTTED = re.compile(
    r"[A-Za-z_][\w-]*(?:\[\d*\])?(?:\.(?:[A-Za-z_][\w-]*|\d+(?!\w))(?:\[\d*\])?)+"
    r"|(?<![\w/:.])(?:/(?:\[\d+\]|[A-Za-z_][\w-]*|\d+(?!\w)))+"
)
"""A path as `orders[1].items[0].sku` or `items.0.sku`, or a JSON pointer as `/items/0/sku`."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_CLEARLY_A_NAME = re.compile(r"\w*[a-z][A-Z]\w*|\w*[\d_]\w*|\w{9,}")
"""Looks like an identifier: `countryCode`, `customernumber1`, `consigneezipcode`."""
_BRACKETS = ("()", "[]", "（）", "【】", "''", '""', "``", "“”", "‘’", "「」")
_LEAST_LATIN_TITLE = 6
_LEAST_CHINESE_TITLE = 2
_LEAST_VALUE = 4


@dataclass(frozen=True)
class _Named:
    path: str
    indexes: tuple[int, ...] = ()
    """Index in each of its lists, from 0, the outer ones first; empty where none are given."""


def missing_lines(
    orders: Orders, order: int, missing: Sequence[lines.Keys], code: str, message: str
) -> tuple[Issue, ...]:
    """One issue for each line that the provider did not make, at its first key with a column."""
    spec = orders.mapping.response.lines
    if spec is None or not missing:
        return ()
    group = orders.groups[spec.list]
    fields = {key: f"{spec.list}[].{key}" for key in spec.keys}
    columns = [path for path in fields.values() if path in orders.cells.table.columns]
    made = []
    for entry in group.entries_of(order) if columns else ():
        line = {key: _text(orders, path, entry) for key, path in fields.items()}
        if lines.is_among(line, missing):
            facts = {"why": " ".join(message.split())}
            made.append(orders.issue(columns[0], group, entry, code, facts))
    return tuple(made[:MOST_CELLS])


def issues(orders: Orders, order: int, message: str) -> tuple[Issue, ...]:
    """One issue for each cell that the message names.

    Fields are known by their path (`items[1].sku`), by the API's own name where it is written as
    one, and by their titles. Only where no field is named, a value of the order is looked for.
    """
    found = dict.fromkeys([*_by_path(orders, message), *_by_name(orders, message)])
    found = found or dict.fromkeys(_by_title(orders, message))
    cells = [cell for named in found for cell in _cells(orders, order, named, message)]
    cells = cells or list(_by_value(orders, order, message))
    made = {}
    for path, entry in cells[:MOST_CELLS]:
        group = orders.groups[paths.list_of(path)]
        cell = orders.cell(path, group, entry)
        facts = {"why": " ".join(message.split())}
        value = orders.cells.table.text_at(cell)
        made[cell] = Issue(cell, path, orders.title(path), "provider_says", facts, value=value)
    return tuple(made.values())


# -- fields ------------------------------------------------------------------------------------


def _by_path(orders: Orders, message: str) -> Iterator[_Named]:
    for match in _DOTTED.finditer(message):
        parts = pointers.tokens(match[0])
        bare = [part.lower() for part in parts if isinstance(part, str)]
        if not bare:
            continue
        fields = [
            spec.path
            for spec in orders.mapping.fields
            for path in [paths.plain(spec.path).lower().split(".")]
            if path[-len(bare) :] == bare or bare[-len(path) :] == path
        ]
        if len(bare) == 1 and len(fields) > 1:  # one name only: the field of the order itself
            fields = [path for path in fields if path.lower() == bare[0]]
        while isinstance(parts[-1], int):
            parts.pop()  # a value in an array of plain values
        numbers = tuple(part for part in parts if isinstance(part, int))
        for path in fields:
            depth = path.count("[].")
            yield _Named(path, numbers[-depth:] if 0 < depth <= len(numbers) else ())


def _by_name(orders: Orders, message: str) -> Iterator[_Named]:
    by_name: dict[str, list[str]] = {}
    for spec in orders.mapping.fields:
        by_name.setdefault(paths.last(spec.path).lower(), []).append(spec.path)
    text = _DOTTED.sub(" ", message)
    for match in _WORD.finditer(text):
        owners = by_name.get(match[0].lower(), [])
        around = text[max(match.start() - 1, 0) : match.start()] + text[match.end() :][:1]
        if len(owners) == 1 and (around in _BRACKETS or _CLEARLY_A_NAME.fullmatch(match[0])):
            yield _Named(owners[0])


def _by_title(orders: Orders, message: str) -> Iterator[_Named]:
    """Match longest titles first; text that one title matched is not matched again."""
    titles: dict[str, set[str]] = {}
    columns = orders.cells.table.columns
    for spec in orders.mapping.fields:
        own = [columns[spec.path].title] if spec.path in columns else []
        for title in (spec.title.zh, spec.title.en, *own):
            name = " ".join(title.strip("*＊ ").split()).lower()
            if len(name) >= (_LEAST_LATIN_TITLE if name.isascii() else _LEAST_CHINESE_TITLE):
                titles.setdefault(name, set()).add(spec.path)
    text = message.lower()
    for title in sorted(titles, key=len, reverse=True):
        edge = r"\b" if title.isascii() else ""
        text, count = re.subn(f"{edge}{re.escape(title)}{edge}", "\0", text)
        if count and len(titles[title]) == 1:
            yield _Named(min(titles[title]))


# -- cells -------------------------------------------------------------------------------------


def _cells(orders: Orders, order: int, named: _Named, message: str) -> Sequence[tuple[str, int]]:
    """The cells of the field, or those that it is computed from, in the entry at the indexes, else
    in those whose value is also named."""
    group = orders.groups[paths.list_of(named.path)]
    entries: Sequence[int] = group.entries_of(order)
    if named.indexes and (found := _at(orders, order, named)) is not None:
        entries = [found]
    else:
        told = [at for at in entries if _is_mentioned(_text(orders, named.path, at), message)]
        entries = told or entries
    return [cell for entry in entries for cell in _origins(orders, named.path, entry)]


def _origins(orders: Orders, path: str, entry: int) -> Iterator[tuple[str, int]]:
    """The fields with a column that make up a value of an entry, and their own entries.

    What a function gathers from many lines is left out: no single cell is to blame for it.
    """
    if path in orders.cells.table.columns:
        yield path, entry
        return
    nesting = orders.lists.nesting
    here = paths.list_of(path)
    for read in _reads(orders.mapping.field(path), orders.mapping):
        own = paths.list_of(read)
        if read not in nesting and own in scopes.chain(here, nesting):
            at = entry if own == here else orders.lists.around(here, own)[entry]
            yield from _origins(orders, read, at)


def _reads(spec: FieldSpec, mapping: ProviderMapping) -> Sequence[str]:
    if formula := scopes.formula_of(spec, mapping):
        return scopes.reads(formula.tree)
    parts = spec.join.parts if spec.join else ()
    return [part[1:] for part in parts if part.startswith("$") and part != "$line"]


def _at(orders: Orders, order: int, named: _Named) -> int | None:
    """The entry at the indexes that the message gives; None where there is none."""
    around: int | None = None
    for depth, index in enumerate(named.indexes, start=1):
        group = orders.groups["[].".join(named.path.split("[].")[:depth])]
        is_sent = lists.kept(orders, group.path)
        own = [
            entry
            for entry in group.entries_of(order)
            if is_sent[entry] and (around is None or int(group.parent[entry]) == around)
        ]
        if index >= len(own):
            return None
        around = own[index]
    return around


def _by_value(orders: Orders, order: int, message: str) -> Iterator[tuple[str, int]]:
    """Cells whose value the message repeats, if only one field has it; never the reference."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in orders.cells.table.columns:
        if path == orders.mapping.order.reference:
            continue
        for path_, entry in _cells(orders, order, _Named(path), ""):
            text = _text(orders, path_, entry)
            if len(text) >= _LEAST_VALUE and _is_mentioned(text, message):
                found.setdefault(text, []).append((path_, entry))
    reference = orders.references[order]
    for text, places in found.items():
        if text != reference and len({path for path, _ in places}) == 1:
            yield from places


def _text(orders: Orders, path: str, entry: int) -> str:
    column = orders.groups[paths.list_of(path)].fields.get(path)
    sent = None if column is None else column.sent(entry)
    return "" if sent is None else str(sent)


def _is_mentioned(text: str, message: str) -> bool:
    return bool(text) and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", message) is not None
