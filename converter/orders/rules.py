"""Checks on whole orders: required fields, rules across fields, sums, boxes, odd repetitions.

Every group of entries becomes one frame for pandera: a column for each field that must not be
blank, and a column for each rule that says where it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from converter.checks.values import BAD
from converter.errors import MappingError
from converter.layout.table import Integers
from converter.mapping import expressions, paths
from converter.mapping.expressions import Count, Number, Path, Sum, Term
from converter.mapping.model import FieldSpec, Rule
from converter.model import Issue
from converter.orders import postcodes
from converter.orders.entries import Group
from converter.orders.grouping import Orders
from converter.text import fold, quote

Holds = np.ndarray[Any, np.dtype[np.bool_]]

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number of 64 bits without a pattern."""


def check(orders: Orders) -> tuple[Issue, ...]:
    """Every issue and warning of the whole sheet, those of single cells included, in its order."""
    issues = list(orders.issues)
    for group in orders.groups.values():
        issues.extend(_check_group(orders, group))
    issues.extend(_lists(orders))
    issues.extend(_repetitions(orders))
    issues.extend(postcodes.short(orders))
    known = {(issue.cell, issue.field) for issue in orders.issues if not issue.warning}
    of_rules = {id(issue) for issue in issues} - {id(issue) for issue in orders.issues}

    def is_news(issue: Issue) -> bool:
        """False for what only follows from something that is said already."""
        if id(issue) in of_rules and orders.unjudged.intersection(orders.owners_of(issue.cell)):
            return False  # rows without a readable reference cannot be judged as an order
        return issue.code != "required" or (issue.cell, issue.field) not in known

    kept = [issue for issue in issues if is_news(issue)]
    return tuple(
        sorted(kept, key=lambda issue: (issue.cell.row, len(issue.cell.column), issue.cell.column))
    )


# -- one group of entries ----------------------------------------------------------------------


def _check_group(orders: Orders, group: Group) -> list[Issue]:
    if not len(group):
        return []
    required = [
        spec
        for spec in orders.mapping.fields
        if spec.required and paths.list_of(spec.path) == group.path
    ]
    frame = pd.DataFrame(index=pd.RangeIndex(len(group)))
    columns: dict[str, pa.Column] = {}
    say: dict[str, Callable[[int], list[Issue]]] = {}
    for spec in required:
        frame[spec.path] = _filled(orders, group, spec.path)
        columns[spec.path] = pa.Column(bool, pa.Check.eq(True))
        say[spec.path] = _saying_required(orders, group, spec)
    for number, rule in enumerate(orders.mapping.rules):
        if _scope(orders, rule) == group.path:
            name = f"rule {number + 1}"
            frame[name] = _holds(orders, group, rule)
            columns[name] = pa.Column(bool, pa.Check.eq(True))
            say[name] = _saying(orders, group, rule)
    for spec in orders.mapping.fields:
        if _measured_late(orders, spec) and paths.list_of(spec.path) == group.path:
            name = f"length of {spec.path}"
            lengths = [
                v is BAD or v is None or len(str(v)) <= (spec.max or 0)
                for v in _values(group, spec.path)
            ]
            frame[name] = lengths
            columns[name] = pa.Column(bool, pa.Check.eq(True))
            say[name] = _saying_length(orders, group, spec)
    if not columns:
        return []
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        return [
            issue
            for name, entry in zip(cases["column"], cases["index"], strict=True)
            for issue in say[name](int(entry))
        ]
    return []


def _measured_late(orders: Orders, spec: FieldSpec) -> bool:
    """Fields whose text is only known once others have flowed into it."""
    targets = {other.spill for other in orders.mapping.fields if other.spill}
    made = bool(spec.spill or spec.join or spec.fallback or spec.path in targets)
    return made and spec.max is not None


def _values(group: Group, path: str) -> Any:
    column = group.fields.get(path)
    return column.values() if column is not None else np.full(len(group), None, dtype=object)


def _issue(
    orders: Orders,
    group: Group,
    path: str,
    entry: int,
    code: str,
    *,
    warning: bool = False,
    **facts: str,
) -> Issue:
    spec = orders.mapping.field(path)
    return Issue(
        orders.cell(spec.path, group, entry), spec.path, _title(orders, spec), code, facts, warning
    )


def _title(orders: Orders, spec: FieldSpec) -> str:
    """The customer's own column title; the mapping's where there is no column."""
    column = orders.cells.table.columns.get(spec.path)
    return " ".join(column.title.split()) if column else f"{spec.title.zh} / {spec.title.en}"


def _saying_required(orders: Orders, group: Group, spec: FieldSpec) -> Callable[[int], list[Issue]]:
    return lambda entry: [_issue(orders, group, spec.path, entry, "required")]


def _saying_length(orders: Orders, group: Group, spec: FieldSpec) -> Callable[[int], list[Issue]]:
    def say(entry: int) -> list[Issue]:
        text = str(_values(group, spec.path)[entry])
        facts = {"found": quote(text), "max": str(spec.max), "length": str(len(text))}
        return [_issue(orders, group, spec.path, entry, "too_long", warning=False, **facts)]

    return say


# -- rules of the mapping ----------------------------------------------------------------------


def _scope(orders: Orders, rule: Rule) -> str:
    """The list whose entries a rule speaks of; empty for the order as a whole."""
    spoken = [*rule.require, *rule.any_of, *rule.not_both, *((rule.in_ or ())[:1])]
    if rule.when:
        spoken.append(expressions.parse_condition(rule.when).path)
    for text in _pair(rule):
        term = expressions.parse_term(text)
        if isinstance(term, Path):
            spoken.append(term.path)
    lists = [
        paths.list_of(orders.mapping.field(path).path)
        for path in spoken
        if path not in orders.mapping.order.lists
    ]
    return max(lists, key=len, default="")


def _pair(rule: Rule) -> tuple[str, ...]:
    return rule.equal or rule.at_least or rule.at_most or rule.near or ()


def _holds(orders: Orders, group: Group, rule: Rule) -> Holds:
    """For every entry of the group whether the rule holds there."""
    applies = np.ones(len(group), bool)
    if rule.when:
        applies = _applies(orders, group, expressions.parse_condition(rule.when))
    if rule.require:
        kept = np.logical_and.reduce([_filled(orders, group, path) for path in rule.require])
    elif rule.any_of:
        kept = np.logical_or.reduce([_filled(orders, group, path) for path in rule.any_of])
    elif rule.not_both:
        kept = sum(_filled(orders, group, path).astype(int) for path in rule.not_both) <= 1
    elif rule.in_:
        kept = _found_in(orders, group, *rule.in_)
    else:
        left, right = (
            _amounts(orders, group, expressions.parse_term(text)) for text in _pair(rule)
        )
        kept = np.array([_compare(rule, a, b) for a, b in zip(left, right, strict=True)], bool)
    result: Holds = ~applies | kept
    return result


def _compare(rule: Rule, left: Any, right: Any) -> bool:
    if left is None or right is None or left is BAD or right is BAD:
        return True  # a missing or unreadable value has its own issue
    if rule.near:
        allowed = max(abs(left), abs(right)) * (rule.within or 0) / 100
        return bool(abs(left - right) <= allowed)
    if rule.at_least:
        return bool(left >= right)
    return bool(left <= right) if rule.at_most else bool(left == right)


def _spread(orders: Orders, group: Group, path: str) -> Any:
    """A field's values for every entry of the group: its own, or those of what it lies in."""
    spec = orders.mapping.field(path)
    source = orders.groups[paths.list_of(spec.path)]
    return _values(source, spec.path)[_around(orders, group, source)]


def _around(orders: Orders, group: Group, source: Group) -> Integers:
    """For every entry of the group the entry of `source` that it is, or that it lies in."""
    if not source.path:
        return group.owner
    found = np.arange(len(group))
    around = group
    while around is not source:
        if not around.path:
            raise MappingError(
                f"a rule speaks of {group.path!r} and {source.path!r} at once, but neither list "
                "lies in the other",
                file=orders.mapping.provider,
            )
        found = around.parent[found]
        around = orders.groups[paths.list_of(around.path)]
    return found


def _filled(orders: Orders, group: Group, path: str) -> Holds:
    """For every entry whether the field has a value there, be it one that cannot be read."""
    spec = orders.mapping.field(path)
    source = orders.groups[paths.list_of(spec.path)]
    around = _around(orders, group, source)
    column = source.fields.get(spec.path)
    if column is None:
        return np.zeros(len(group), bool)
    known = np.array([*(value is not None for value in column.known), False])
    found: Holds = known[column.codes][around]
    return found


def _applies(orders: Orders, group: Group, condition: expressions.Condition) -> Holds:
    if condition.path in orders.mapping.order.lists:
        entries = orders.groups[condition.path]
        counts = np.bincount(entries.owner, minlength=len(orders.references))
        present: Holds = counts[group.owner] > 0
        return present
    if not condition.words:
        return _filled(orders, group, condition.path)
    words = set(condition.words)
    found = [
        value is not None and value is not BAD and (str(value) in words) != condition.negated
        for value in _spread(orders, group, condition.path)
    ]
    return np.array(found, dtype=bool)


def _amounts(orders: Orders, group: Group, term: Term) -> Any:
    """A term's value for every entry; None where it cannot be known."""
    match term:
        case Number(value):
            return [value] * len(group)
        case Path(path):
            return _spread(orders, group, path)
        case Count(name):
            counts = np.bincount(orders.groups[name].owner, minlength=len(orders.references))
            return [int(count) for count in counts[group.owner]]
        case Sum(factors):
            sums = _sums(orders, factors)
            return [sums[owner] for owner in group.owner]


def _sums(orders: Orders, factors: tuple[str, ...]) -> list[Any]:
    specs = [orders.mapping.field(path) for path in factors]
    entries = orders.groups[paths.list_of(specs[0].path)]
    columns = [_values(entries, spec.path) for spec in specs]
    sums: list[Any] = [Decimal(0)] * len(orders.references)
    for owner, *found in zip(entries.owner.tolist(), *columns, strict=True):
        if sums[owner] is None:
            continue
        if any(value is None or value is BAD for value in found):
            sums[owner] = None
            continue
        product = Decimal(1)
        for value in found:
            product *= value
        sums[owner] += product
    return sums


def _found_in(orders: Orders, group: Group, left: str, right: str) -> Holds:
    other = orders.groups[paths.list_of(orders.mapping.field(right).path)]
    theirs = zip(other.owner.tolist(), _spread(orders, other, right), strict=True)
    known = {(owner, str(value)) for owner, value in theirs if value is not None}
    ours = zip(group.owner.tolist(), _spread(orders, group, left), strict=True)
    found = [value is None or value is BAD or (owner, str(value)) in known for owner, value in ours]
    return np.array(found, dtype=bool)


def _saying(orders: Orders, group: Group, rule: Rule) -> Callable[[int], list[Issue]]:
    """The issues of a rule that an entry breaks."""
    because = rule.because
    # Worked out once for all entries that break the rule, and only if one does.
    amounts = cache(lambda text: _amounts(orders, group, expressions.parse_term(text)))
    filled = cache(lambda path: _filled(orders, group, path))

    def name(path: str) -> str:
        return _title(orders, orders.mapping.field(path))

    def at(path: str, entry: int) -> tuple[Group, int]:
        spec = orders.mapping.field(path)
        source = orders.groups[paths.list_of(spec.path)]
        return source, int(_around(orders, group, source)[entry])

    def issue(path: str, entry: int, code: str, **facts: str) -> Issue:
        where, index = at(path, entry)
        # English sentences stand a blank apart, Chinese ones do not.
        facts["because_en"] = f" {because.en}" if because else ""
        facts["because_zh"] = because.zh if because else ""
        return _issue(orders, where, path, index, code, warning=rule.warn, **facts)

    def condition() -> str:
        if not rule.when:
            return ""
        parsed = expressions.parse_condition(rule.when)
        if parsed.path in orders.mapping.order.lists:
            return ""
        sign = " ≠ " if parsed.negated else " = "
        return name(parsed.path) + (sign + " / ".join(parsed.words) if parsed.words else "")

    def describe(text: str, entry: int) -> str:
        term = expressions.parse_term(text)
        value = amounts(text)[entry]
        shown = format(value, "f") if isinstance(value, Decimal) else str(value)
        match term:
            case Path(path):
                return f"{name(path)} = {shown}"
            case Sum(factors):
                return f"Σ {' × '.join(name(path) for path in factors)} = {shown}"
        return shown

    def say(entry: int) -> list[Issue]:
        if rule.require:
            missing = [p for p in rule.require if not filled(p)[entry]]
            when = condition()
            code = "required_when" if when else "required"
            return [issue(path, entry, code, when=when) for path in missing]
        if rule.any_of:
            names = " / ".join(name(path) for path in rule.any_of)
            return [issue(rule.any_of[0], entry, "want_one_of", names=names)]
        if rule.not_both:
            names = " / ".join(name(path) for path in rule.not_both)
            return [issue(rule.not_both[0], entry, "want_only_one_of", names=names)]
        if rule.in_:
            left, right = rule.in_
            found = quote(str(_spread(orders, group, left)[entry]))
            return [issue(left, entry, "not_among", found=found, names=name(right))]
        left, right = _pair(rule)
        kind = next(k for k in ("equal", "at_least", "at_most", "near") if getattr(rule, k))
        facts = {"left": describe(left, entry), "right": describe(right, entry)}
        if rule.near:
            facts["within"] = format(rule.within or Decimal(0), "f")
        terms = [expressions.parse_term(text) for text in (left, right)]
        spoken = [path for term in terms for path in expressions.paths_of(term)]
        # A sum or count stands in no single cell: the order's reference is marked instead.
        here = next((path for path in spoken if isinstance(terms[0], Path)), None)
        return [issue(here or orders.mapping.order.reference, entry, f"rule_{kind}", **facts)]

    return say


# -- what no mapping has to say ----------------------------------------------------------------


def _lists(orders: Orders) -> list[Issue]:
    """Orders without a list that they must have, and boxes that cannot be told apart."""
    issues: list[Issue] = []
    head = orders.groups[""]
    for path, shape in orders.mapping.order.lists.items():
        group = orders.groups[path]
        counts = np.bincount(group.owner, minlength=len(head))
        if shape.required and not paths.list_of(path):
            for order in np.flatnonzero(counts == 0):
                cell = orders.cell(orders.mapping.order.reference, head, int(order))
                issues.append(Issue(cell, "", "", "no_entries", {"list": path}))
        if shape.key:
            key = orders.mapping.field(shape.key)
            beside = np.bincount(group.parent)
            for entry, value in enumerate(_values(group, key.path)):
                if value is None and beside[group.parent[entry]] > 1:
                    issues.append(_issue(orders, group, key.path, entry, "no_key"))
    issues.extend(_half_named(orders))
    return issues


def _half_named(orders: Orders) -> list[Issue]:
    """Lines that do not say which part of a split order they belong to, beside several that do."""
    split = orders.mapping.order.split
    if split is None or split.by is None:
        return []
    group = orders.groups[split.list]
    named = _values(group, split.by)
    names: dict[int, set[str]] = {}
    for owner, value in zip(group.owner.tolist(), named, strict=True):
        if value is not None:
            names.setdefault(owner, set()).add(str(value))
    return [
        _issue(orders, group, split.by, entry, "no_split_name")
        for entry, (owner, value) in enumerate(zip(group.owner.tolist(), named, strict=True))
        if value is None and len(names.get(owner, ())) > 1
    ]


def _repetitions(orders: Orders) -> list[Issue]:
    """Warnings for what is allowed but looks like a slip: references that differ in case only,
    and rows that repeat another row of the order exactly."""
    issues: list[Issue] = []
    head = orders.groups[""]
    seen: dict[str, int] = {}
    for order, reference in enumerate(orders.references):
        if not reference:
            continue
        other = seen.setdefault(fold(reference), order)
        if other != order:
            facts = {
                "found": quote(reference),
                "other": quote(orders.references[other]),
            }
            path = orders.mapping.order.reference
            issues.append(_issue(orders, head, path, order, "alike", warning=True, **facts))
    cells = orders.cells
    alike = _maybe_alike(orders)
    codes = {path: column.codes[alike] for path, column in cells.columns.items()}
    wanted = pd.DataFrame({"": orders.order_of_line[alike], **codes}, index=alike)
    firsts: dict[tuple[int, ...], int] = {}
    for at, row in zip(wanted.index, wanted.itertuples(index=False, name=None), strict=True):
        first = firsts.setdefault(row, at)
        if first != at:
            cell = cells.table.cell("", int(cells.rows[at]))
            earlier = cells.table.cell("", int(cells.rows[first]))
            if cell != earlier:  # two numbers of one row may well be alike
                facts = {"row": str(earlier.row)}
                issues.append(Issue(cell, "", "", "row_repeats", facts, True))
    return issues


def _maybe_alike(orders: Orders) -> Integers:
    """The lines that hash like another: nearly always none, and no table of them all is made."""
    mixed = orders.order_of_line.astype(np.uint64)
    filled = np.zeros(len(mixed), bool)
    for column in orders.cells.columns.values():
        mixed = mixed * _MIX + column.codes.astype(np.uint64)
        filled |= column.codes >= 0
    again = pd.Series(mixed).duplicated(keep=False).to_numpy()
    return np.flatnonzero(again & filled & (orders.order_of_line >= 0))
