"""Every cell read and checked by itself: columns of text into columns of values, and issues.

Each column is read by its distinct texts, because real sheets repeat themselves: 100,000 cells
with 200 different texts are 200 checks. pandera holds the rules of each field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from converter.checks import values
from converter.checks.attachments import Attachment, Attachments
from converter.checks.values import BAD, Problem
from converter.layout.table import Integers, Table
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Issue

Objects = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Values:
    """One field's column: what each distinct text means, and which row has which."""

    codes: Integers
    """For every row of the table; -1 where the cell is blank."""
    values: Objects
    """For every code: the value, or BAD where the text could not be read."""
    sent: Objects
    """For every code: the value as it stands in the payload."""


@dataclass(frozen=True)
class Cells:
    """The checked cells of a table, by field path, and the issues found on the way."""

    table: Table
    rows: Integers
    """The numbers of the table's lines, in the order of the codes: in the plain layout, the
    rows' own."""
    columns: Mapping[str, Values]
    issues: tuple[Issue, ...]


def make_ready(mapping: ProviderMapping, settings: Mapping[str, str]) -> None:
    """Load and make what the first check of a field needs: time well used while a sheet is read."""
    for spec in mapping.fields:
        values.parser(spec, settings)
    pa.SeriesSchema(object).validate(pd.Series([], dtype=object))


def check(
    table: Table,
    mapping: ProviderMapping,
    settings: Mapping[str, str],
    attachments: Attachments | None = None,
) -> Cells:
    """Read and check every cell that a field was found for; all issues in one pass.

    Without `attachments` a cell that may stand for a file holds nothing but its Base64 text.
    """
    rows = table.lines
    columns: dict[str, Values] = {}
    issues: list[Issue] = []
    for spec in mapping.fields:
        if spec.path not in table.columns:
            continue
        column, found = _read_column(spec, table, rows, settings, attachments)
        columns[spec.path] = column
        owner = table.columns[spec.path]
        shared = spec.copies and table.columns.get(spec.copies) == owner
        if not shared:  # a cell that two fields read is reported once
            issues.extend(found)
    issues.extend(Issue(table.cell("", row), "", "", "row_ragged", {}) for row in table.ragged())
    issues.extend(table.issues)
    return Cells(table, rows, columns, tuple(issues))


def _read_column(
    spec: FieldSpec,
    table: Table,
    rows: Integers,
    settings: Mapping[str, str],
    attachments: Attachments | None,
) -> tuple[Values, list[Issue]]:
    pictured: frozenset[int] = frozenset()
    if spec.file is not None and attachments is not None:
        read = attachments.column(spec, table)
        codes, texts, parsed, pictured = read.codes, read.texts, read.parsed, read.pictured
        failures = [(c, p, False) for c, p in enumerate(parsed) if isinstance(p, Problem)]
        failures += [(code, doubt, True) for code, doubt in read.doubts.items()]
    else:
        codes, texts, parsed, failures = _read_texts(spec, table, settings)
    issues: list[Issue] = []
    problems: dict[int, list[tuple[Problem, bool]]] = {}
    for code, trouble, warning in failures:
        problems.setdefault(code, []).append((trouble, warning))
    bad = {code for code, found in problems.items() if not all(warn for _, warn in found)}
    if problems:
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(texts) + 1))
        for code, found in sorted(problems.items()):
            for at in order[starts[code] : starts[code + 1]]:
                for trouble, warning in found:
                    issues.append(_issue(spec, table, int(rows[at]), trouble, warning))
    meant = np.empty(len(parsed), object)
    meant[:] = [BAD if code in bad else value for code, value in enumerate(parsed)]
    sent = np.empty(len(parsed), object)
    sent[:] = [None if v is None or v is BAD else _sent(spec, v) for v in meant]
    # A text that means "leave it out" or "-" is as blank as an empty cell.
    blank = np.array([value is None for value in parsed])
    codes = np.where(blank[codes], -1, codes)
    codes, meant, sent = _apply_flaws(spec, table, rows, pictured, codes, meant, sent, issues)
    if any(column.row for column in table.columns_of(spec.path)):
        issues = _once(issues)
    return Values(codes, meant, sent), issues


def _read_texts(
    spec: FieldSpec, table: Table, settings: Mapping[str, str]
) -> tuple[Integers, list[str], list[Any], list[tuple[int, Problem, bool]]]:
    codes, texts = table.codes(spec.path)
    used = np.unique(codes[codes >= 0])
    factors = table.factors(spec.path) or [Decimal(1)] * len(texts)
    readers = {each: values.parser(spec, settings, each) for each in {*factors, Decimal(1)}}
    parsed: list[Any] = [None] * (len(texts) + 1)
    for code in used:
        parsed[code] = readers[factors[code]](texts[code])
    return codes, texts, parsed, _failures(spec, parsed, used, texts)


def _sent(spec: FieldSpec, value: Any) -> Any:
    return value.content if isinstance(value, Attachment) else values.sent(spec, value)


def _once(issues: list[Issue]) -> list[Issue]:
    """A label's value is read for every line and found bad once."""
    return list({(issue.cell, issue.code): issue for issue in issues}.values())


def _apply_flaws(
    spec: FieldSpec,
    table: Table,
    rows: Integers,
    pictured: frozenset[int],
    codes: Integers,
    meant: Objects,
    sent: Objects,
    issues: list[Issue],
) -> tuple[Integers, Objects, Objects]:
    """Cells whose content the file itself has lost are never values.

    Under a picture of Excel's own stands an error, which is none.
    """
    flaws = table.flaws(spec.path)
    lost: dict[int, Issue] = {}
    for kind, damaged in flaws.items():
        if kind == "ragged" or (kind == "date" and spec.type == "datetime"):
            continue
        for row in sorted(damaged - pictured):
            lost[row] = _issue(spec, table, row, Problem(f"cell_{kind}", {}), False)
    if lost:
        # What is wrong with the text that is left of such a cell only confuses.
        places = {issue.cell for issue in lost.values()}
        issues[:] = [issue for issue in issues if issue.cell not in places]
        issues.extend(lost.values())
        codes = codes.copy()
        codes[np.isin(rows, list(lost))] = len(meant)
        # Of object type on purpose: else numpy makes a copy of BAD, which is BAD no longer.
        meant = np.append(meant, np.array([BAD], object))
        sent = np.append(sent, np.array([None], object))
    return codes, meant, sent


def _issue(spec: FieldSpec, table: Table, row: int, trouble: Problem, warning: bool) -> Issue:
    cell = table.cell(spec.path, row)
    return Issue(cell, spec.path, table.title(spec.path, row), trouble.code, trouble.facts, warning)


# -- pandera -----------------------------------------------------------------------------------

READABLE = "readable"
WISH = "wish"
"""The name of the only check that warns and keeps nothing from being sent."""


def schema(spec: FieldSpec) -> pa.SeriesSchema:
    """The field's rules for one value, as pandera checks; a check's name says which rule."""
    rules: dict[str, Callable[[Any], bool]] = {}
    # Text that may spill into the next field is measured after it has (room `rules`).
    if spec.max is not None and not spec.spill and spec.type not in ("integer", "decimal"):
        longest = spec.max
        rules["max"] = lambda value: len(value) <= longest
    if spec.above is not None:
        rules["above"] = lambda value: value > spec.above
    if spec.at_least is not None:
        rules["at_least"] = lambda value: value >= spec.at_least
    if spec.at_most is not None:
        rules["at_most"] = lambda value: value <= spec.at_most
    if spec.format:
        form = values.FORMATS[spec.format]
        rules["format"] = lambda value: bool(form.fullmatch(value))
    if spec.warn_format:
        wished = values.FORMATS[spec.warn_format]
        rules[WISH] = lambda value: bool(wished.fullmatch(value))
    readable = _check(READABLE, lambda value: not isinstance(value, Problem))
    checks = [_check(name, _of_readable(holds)) for name, holds in rules.items()]
    return pa.SeriesSchema(object, checks=[readable, *checks], nullable=True)


def _of_readable(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Problem) or holds(value)


def _check(name: str, holds: Callable[[Any], bool]) -> pa.Check:
    def passes(column: pd.Series[Any]) -> pd.Series[bool]:
        return pd.Series([holds(value) for value in column], index=column.index, dtype=bool)

    return pa.Check(passes, name=name)


def _problem(spec: FieldSpec, rule: str, value: Any, text: str) -> Problem:
    """The sentence for a rule that a value breaks; shows what the customer typed."""
    if rule == READABLE:
        assert isinstance(value, Problem)
        return value
    if rule == "max":
        return values.problem("too_long", text, max=str(spec.max), length=str(len(value)))
    if rule in ("format", WISH):
        return values.problem(f"want_{spec.format if rule == 'format' else spec.warn_format}", text)
    return values.problem(f"want_{rule}", text, bound=format(getattr(spec, rule), "f"))


def _failures(
    spec: FieldSpec, parsed: list[Any], used: Integers, texts: list[str]
) -> list[tuple[int, Problem, bool]]:
    """(code, problem, only a warning) for every distinct value that breaks a rule."""
    column = pd.Series([parsed[code] for code in used], index=used, dtype=object)
    column = column[[value is not None for value in column]]
    if column.empty:
        return []
    try:
        schema(spec).validate(column, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = zip(error.failure_cases["check"], error.failure_cases["index"], strict=True)
        return [
            (int(code), _problem(spec, rule, column[code], texts[code].strip()), rule == WISH)
            for rule, code in cases
        ]
    return []
