"""Fields whose value is a constant or an expression's, and those that a condition leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from converter.checks import cells as checked
from converter.checks import evaluate, values
from converter.checks.cells import Cells
from converter.checks.evaluate import Fault
from converter.checks.values import BAD, Problem
from converter.mapping import constants, paths, scopes
from converter.mapping.block import Title
from converter.mapping.formulas import Formula, Quoted
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Issue
from converter.orders.entries import FieldColumn, Group, GroupLists

Groups = Mapping[str, Group]


def in_order(mapping: ProviderMapping) -> Iterator[FieldSpec]:
    """The fields with an expression or a constant, each after those that it reads."""
    specs = {spec.path: spec for spec in mapping.fields}
    done: set[str] = set()

    def visit(spec: FieldSpec) -> Iterator[FieldSpec]:
        if spec.path not in done:
            done.add(spec.path)
            for path in scopes.field_reads(spec, mapping):
                if path in specs:
                    yield from visit(specs[path])
            has_condition = scopes.condition_of(spec, mapping) is not None
            if spec.is_computed or spec.form is not None or has_condition:
                yield spec

    for spec in mapping.fields:
        yield from visit(spec)


Problems = dict[int, tuple[Formula, Problem]]
"""What is wrong, by entry, with the expression that found it."""


def column(
    spec: FieldSpec, cells: Cells, mapping: ProviderMapping, groups: Groups
) -> tuple[FieldColumn, Sequence[Issue]]:
    """The field's column with its computed values, and what is wrong with them."""
    lists = GroupLists(groups, cells.settings, mapping)
    group = groups[paths.list_of(spec.path)]
    found = group.fields.get(spec.path) or FieldColumn.blank(len(group))
    holds = np.ones(len(group), bool)
    problems: Problems = {}
    if condition := scopes.condition_of(spec, mapping):
        for entry, result in enumerate(evaluate.evaluate(condition, group.path, lists)):
            holds[entry] = evaluate.is_true(result)
            if isinstance(result, Fault):
                problems[entry] = condition, Problem(result.code, {"found": result.found})
    if formula := scopes.formula_of(spec, mapping):
        results = evaluate.evaluate(formula, group.path, lists)
        wanted = [result if holds[entry] else None for entry, result in enumerate(results)]
        found, wrong = _computed(spec, formula, wanted, cells.settings)
        problems |= wrong
    elif spec.is_constant:
        value = _constant(spec, cells.settings)
        if isinstance(value, Problem):
            shown = Formula(Quoted(""), str(spec.value))
            problems = dict.fromkeys(range(len(group)), (shown, value))
        elif value is not None:
            found = FieldColumn(np.zeros(len(group), np.int32), [value], [value], found.rows)
    found = found if holds.all() else found.only_where(holds)
    if form := scopes.form_of(spec, mapping):
        results = evaluate.evaluate(form, group.path, lists)
        found, wrong = _formed(spec, found, form, results)
        problems |= wrong
    return found, [
        _issue(spec, read, cells, lists, group.path, entry, problem)
        for entry, (read, problem) in problems.items()
    ]


def _computed(
    spec: FieldSpec, formula: Formula, results: Sequence[Any], settings: Mapping[str, str]
) -> tuple[FieldColumn, Problems]:
    """The results as values of the field, each with what is sent of it."""
    made: dict[int, tuple[Any, Any]] = {}
    problems: Problems = {}
    for entry, each in enumerate(fitted(spec, results, settings)):
        if isinstance(each, Problem):
            problems[entry] = formula, each
            made[entry] = BAD, None
        elif each is not None:
            made[entry] = each
    return FieldColumn.blank(len(results)).with_values(made), problems


def _formed(
    spec: FieldSpec, column: FieldColumn, form: Formula, results: Sequence[Any]
) -> tuple[FieldColumn, Problems]:
    """The same values, with the results of their form to be sent."""
    made: dict[int, tuple[Any, Any]] = {}
    problems: Problems = {}
    for entry, value in enumerate(column.values()):
        if value is None or value is BAD:
            continue
        sent = _as_it_comes(results[entry])
        if sent is None and spec.required:
            sent = Problem("required", {})
        if isinstance(sent, Problem):
            problems[entry] = form, sent
        else:
            made[entry] = value, sent
    return column.with_values(made), problems


def _constant(spec: FieldSpec, settings: Mapping[str, str]) -> Any:
    """A constant; a setting alone is a value of the field's type, after the same checks."""
    value = constants.with_settings(spec.value, settings)
    if value is None or value == spec.value or not isinstance(value, str):
        return value
    (fit,) = fitted(spec, [value], settings)
    return fit[1] if isinstance(fit, tuple) else fit


# -- the same checks as those of cells ---------------------------------------------------------

Fitted = tuple[Any, Any] | Problem | None
"""A value and what is sent of it, what is wrong with it, or nothing."""


def fitted(spec: FieldSpec, results: Sequence[Any], settings: Mapping[str, str]) -> list[Fitted]:
    """Each result as the field's value, after the same checks as a cell's, once for each value."""
    places = [(type(result), result) for result in results]
    known: dict[Any, Fitted] = {}
    read: dict[bool, list[tuple[Any, _Typed]]] = {True: [], False: []}
    for key in dict.fromkeys(places):
        found = _typed(spec, key[1], settings)
        if isinstance(found, _Typed):
            read[found.spec is spec].append((key, found))
        else:
            known[key] = found
    for entries in filter(None, read.values()):
        kind = entries[0][1].spec
        texts = [evaluate.plain(one.value) for _, one in entries]
        column = np.fromiter((one.value for _, one in entries), object, len(entries))
        frame = pd.DataFrame({kind.path: column}, range(len(entries)), dtype=object)
        known |= {key: (one.value, values.sent(kind, one.value)) for key, one in entries}
        for at, trouble, is_warning in checked.broken(kind, frame, texts):
            if not is_warning:
                known[entries[at][0]] = trouble
    return [known[place] for place in places]


@dataclass(frozen=True, slots=True)
class _Typed:
    spec: FieldSpec
    """The field, as one of decimals where its type was left open."""
    value: Any


_NUMBER = FieldSpec(path="it", title=Title(en="it", zh="it"), type="decimal")


def _as_it_comes(result: Any) -> Any:
    """What is sent of a result without a type: a number as a number, a text as text."""
    if isinstance(result, Fault):
        return Problem(result.code, {"found": result.found})
    if isinstance(result, tuple):
        return [*map(_as_it_comes, result)]
    is_number = isinstance(result, Decimal | int) and not isinstance(result, bool)
    return values.sent(_NUMBER, Decimal(result)) if is_number else result


def _typed(spec: FieldSpec, result: Any, settings: Mapping[str, str]) -> _Typed | Fitted:
    if result is None or result is BAD:
        return None if result is None else (BAD, None)
    if isinstance(result, Fault):
        return Problem(result.code, {"found": result.found})
    if isinstance(result, tuple) and (spec.is_typed or spec.max or spec.format):
        return Problem("formula_array", {})
    if not spec.is_typed and isinstance(result, bool | tuple):
        return result, evaluate.plain(result) if spec.send == "text" else _as_it_comes(result)
    text = evaluate.plain(result)
    is_number = isinstance(result, Decimal | int) and not isinstance(result, bool)
    if not spec.is_typed and is_number and spec.send != "text":
        return _Typed(spec.model_copy(update={"type": "decimal"}), Decimal(result))
    if spec.type == "decimal" and is_number:
        return _Typed(spec, Decimal(result))
    bounds = (spec.above, spec.at_least, spec.at_most)
    if spec.type not in ("integer", "decimal") and any(bound is not None for bound in bounds):
        return values.problem("want_number", text)
    value = values.parser(spec, settings)(text)
    return value if value is None or isinstance(value, Problem) else _Typed(spec, value)


def _issue(
    spec: FieldSpec,
    formula: Formula,
    cells: Cells,
    lists: GroupLists,
    here: str,
    entry: int,
    problem: Problem,
) -> Issue:
    """At the first cell that the formula reads; where there is none, at the entry's own line."""
    table = cells.table
    around = scopes.chain(here, lists.nesting)
    for path in scopes.reads(formula.tree):
        own = paths.list_of(path)
        if own in around and (source := lists.groups[own].fields.get(path)):
            at = entry if own == here else lists.around(here, own)[entry]
            if (row := int(source.rows[at])) > 0:
                return Issue(table.cell(path, row), path, table.title(path, row), problem.code,
                             {**problem.facts, "formula": formula.text})  # fmt: skip
    cell = table.cell("", int(lists.groups[here].first_row[entry]))
    return Issue(cell, spec.path, spec.path, problem.code,
                 {**problem.facts, "formula": formula.text})  # fmt: skip
