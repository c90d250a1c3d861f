"""Every cell read and checked by itself: columns of text into columns of values, and issues.

Each column is read by its distinct texts, because real sheets repeat themselves: 100,000 cells
with 200 different texts are 200 values to parse and to validate. What is wrong with a text is then
an issue in every row that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from converter.checks import schema, values
from converter.checks.attachments import Attachment, Attachments
from converter.checks.values import BAD, Problem
from converter.layout.table import Booleans, Integers, Objects, Table
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.model import Issue, Issues

_Failure = tuple[int, Problem, bool]
"""The number of a distinct text, what is wrong with it, and whether that is only a warning."""


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
    issues: Issues
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the mapping may refer to as `$setting`."""


def make_ready(mapping: ProviderMapping, settings: Mapping[str, str]) -> None:
    """Load and make what the first check of a field needs: time well used while a sheet is read."""
    for spec in mapping.fields:
        values.parser(spec, settings)
    first = mapping.fields[0]
    schema.failures(schema.column(first), pd.DataFrame({first.path: []}, dtype=object))


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
    issues, again = Issues(), Issues()
    for spec in mapping.fields:
        if spec.path not in table.columns:
            continue
        column, found = _read_column(spec, table, settings, attachments)
        columns[spec.path] = column
        owner = table.columns[spec.path]
        shared = spec.copies and table.columns.get(spec.copies) == owner
        if shared:
            again += found
        else:
            issues += found
    rest = partial(_of_one_field, issues, again), partial(_ragged, table), lambda: table.issues
    return Cells(table, rows, columns, issues + Issues(rest), settings)


def _of_one_field(first: Issues, again: Issues) -> Iterator[Issue]:
    """What is wrong with a cell that two fields read is told once, or what only one of them minds.

    Yields of the second fields' errors those in cells without an error of the first.
    """
    cells = {issue.cell for issue in again if not issue.warning}
    if cells:
        cells -= {issue.cell for issue in first if not issue.warning}
        yield from (issue for issue in again if issue.cell in cells and not issue.warning)


def _ragged(table: Table) -> Iterator[Issue]:
    for row in table.ragged():
        yield Issue(table.cell("", row), "", "", "row_ragged", {})


@dataclass(frozen=True)
class _Read:
    """One field's column as it was read, before the file's own damage counts."""

    codes: Integers
    texts: list[str]
    parsed: list[Any]
    """For every code and one more: the value, a Problem, or None for blank."""
    failures: list[_Failure]
    pictured: frozenset[int] = frozenset()
    """Lines with a picture: an error that stands in their cells means nothing."""


def _read_column(
    spec: FieldSpec,
    table: Table,
    settings: Mapping[str, str],
    attachments: Attachments | None,
) -> tuple[Values, Issues]:
    if spec.file is not None and attachments is not None:
        read = _read_files(spec, table, attachments)
    else:
        read = _read_texts(spec, table, settings)
    found = _values(spec, read)
    lost = _lost_cells(spec, table, read.pictured)
    if lost:
        found = _without(found, np.isin(table.lines, list(lost)))
    return found, Issues((partial(_all_issues, spec, table, read, lost),))


def _all_issues(
    spec: FieldSpec, table: Table, read: _Read, lost: Mapping[int, Issue]
) -> Iterable[Issue]:
    """The issues of one field's cells."""
    issues: Iterable[Issue] = _issues(spec, table, read)
    if lost:
        # What is wrong with the text that is left of such a cell only confuses.
        places = {issue.cell for issue in lost.values()}
        issues = (*(issue for issue in issues if issue.cell not in places), *lost.values())
    if any(column.row for column in table.columns_of(spec.path)):
        # A label's value is read for every line and found bad once.
        return {(issue.cell, issue.code): issue for issue in issues}.values()
    return issues


def _read_files(spec: FieldSpec, table: Table, attachments: Attachments) -> _Read:
    read = attachments.column(spec, table)
    failures = [(c, p, False) for c, p in enumerate(read.parsed) if isinstance(p, Problem)]
    failures += [(code, doubt, True) for code, doubt in read.doubts.items()]
    return _Read(read.codes, read.texts, read.parsed, failures, read.pictured)


def _read_texts(spec: FieldSpec, table: Table, settings: Mapping[str, str]) -> _Read:
    codes, texts = table.codes(spec.path)
    factors = table.factors(spec.path) or [Decimal(1)] * len(texts)
    readers = {each: values.parser(spec, settings, each) for each in {*factors, Decimal(1)}}
    parsed: list[Any] = [None] * (len(texts) + 1)
    failures: list[_Failure] = []
    readable: list[int] = []
    for code in np.unique(codes[codes >= 0]).tolist():
        value = parsed[code] = readers[factors[code]](texts[code])
        if isinstance(value, Problem):
            failures.append((code, value, False))
        elif value is not None:
            readable.append(code)
    column = np.empty(len(readable), object)
    column[:] = [parsed[code] for code in readable]
    failures += broken(spec, pd.DataFrame({spec.path: column}, readable, dtype=object), texts)
    return _Read(codes, texts, parsed, failures)


def _values(spec: FieldSpec, read: _Read) -> Values:
    bad = {code for code, _, is_warning in read.failures if not is_warning}
    meant = np.empty(len(read.parsed), object)
    meant[:] = [BAD if code in bad else value for code, value in enumerate(read.parsed)]
    sent = np.empty(len(read.parsed), object)
    send = _sent_file if spec.file else values.sent
    sent[:] = [None if v is None or v is BAD else send(spec, v) for v in meant]
    # A text that means "leave it out" or "-" is as blank as an empty cell.
    blank = np.array([value is None for value in read.parsed])
    return Values(np.where(blank[read.codes], -1, read.codes), meant, sent)


def _sent_file(spec: FieldSpec, value: Any) -> Any:
    return value.content if isinstance(value, Attachment) else values.sent(spec, value)


def _issues(spec: FieldSpec, table: Table, read: _Read) -> Iterator[Issue]:
    """The failures of the distinct texts, spread to the rows that have them."""
    problems: dict[int, list[tuple[Problem, bool]]] = {}
    for code, trouble, is_warning in read.failures:
        problems.setdefault(code, []).append((trouble, is_warning))
    if not problems:
        return
    order = np.argsort(read.codes, kind="stable")
    starts = np.searchsorted(read.codes[order], np.arange(len(read.texts) + 1))
    lines = table.lines
    for code, found in sorted(problems.items()):
        for line in lines[order[starts[code] : starts[code + 1]]].tolist():
            for trouble, is_warning in found:
                yield _issue(spec, table, line, trouble, is_warning)


def _lost_cells(spec: FieldSpec, table: Table, pictured: frozenset[int]) -> dict[int, Issue]:
    """By line: the cells whose content the file itself has lost, which are never values.

    Under a picture of Excel's own stands an error, which is none. Nor is a cell a value that
    somebody has to settle.
    """
    doubted = table.doubts(spec.path)
    asked = {
        line: _issue(spec, table, line, Problem(doubt.code, doubt.facts), False)
        for line, doubt in doubted.items()
    }
    return asked | {
        line: _issue(spec, table, line, Problem(f"cell_{kind}", {}), False)
        for kind, damaged in table.flaws(spec.path).items()
        if kind != "ragged" and not (kind == "date" and spec.type == "datetime")
        for line in sorted(damaged - pictured)
    }


def _without(found: Values, lost: Booleans) -> Values:
    """The values, with BAD where the cell's own is lost."""
    codes = np.where(lost, len(found.values), found.codes)
    # Of object type on purpose: else numpy makes a copy of BAD, which is BAD no longer.
    return Values(
        codes,
        np.append(found.values, np.array([BAD], object)),
        np.append(found.sent, np.array([None], object)),
    )


def _issue(spec: FieldSpec, table: Table, row: int, trouble: Problem, warning: bool) -> Issue:
    cell = table.cell(spec.path, row)
    return Issue(cell, spec.path, table.title(spec.path, row), trouble.code, trouble.facts, warning)


# -- checks of values --------------------------------------------------------------------------


def broken(spec: FieldSpec, readable: pd.DataFrame, texts: Sequence[str]) -> Iterator[_Failure]:
    """What the distinct values of a field fail; they stand in the frame by their numbers."""
    column = schema.column(spec)
    if column.checks and len(readable):
        for failure in schema.failures(column, readable):
            text = texts[failure.index].strip()
            value = readable.at[failure.index, spec.path]
            trouble = _problem(spec, failure.check, value, text)
            yield failure.index, trouble, failure.check == schema.WARN_FORMAT


def problem_of(spec: FieldSpec, value: Any, text: str) -> Problem | None:
    """What is wrong with one readable value, beside what is only a warning."""
    frame = pd.DataFrame({spec.path: pd.Series([value], dtype=object)})
    failures = broken(spec, frame, [text])
    return next((trouble for _, trouble, is_warning in failures if not is_warning), None)


def _problem(spec: FieldSpec, check: str, value: Any, text: str) -> Problem:
    """The sentence for a check that a value fails; shows what the customer typed."""
    if check == "max":
        return values.problem("too_long", text, max=str(spec.max), length=str(len(value)))
    if check == "country":  # one that has no code of the kind that is sent
        return values.problem("want_country", text, near="")
    if check in ("format", schema.WARN_FORMAT):
        return values.problem(f"want_{getattr(spec, check)}", text)
    return values.problem(f"want_{check}", text, bound=format(getattr(spec, check), "f"))
