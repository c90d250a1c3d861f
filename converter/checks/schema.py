"""The pandera schema of a mapping: what every value must be, and the rules across fields.

The program reads a sheet with this schema in two steps, because real sheets repeat themselves:

- `column(spec)` is validated on the distinct values of a column, once each, however many rows have
  them. The index of that frame is the value's number, and a failure is spread to its rows later.
- `required(mapping, path)` and `rule_schema(rule)` are validated on a frame with one row for each
  order or entry of a list, whose index is the line that the entry begins on: Excel's row.

`schema_for` puts the same checks into one schema for frames that are made elsewhere. Nothing is
ever coerced: one value that does not convert makes pandera try every cell of its column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from converter.checks import codes
from converter.checks.rule_columns import EntryColumns, LineColumns
from converter.layout.table import Booleans
from converter.mapping import paths, rule_kinds, scopes, standards
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.mapping.rules import FieldRule

C = TypeVar("C", bound=EntryColumns)

WARN_FORMAT = "warn_format"
"""The check of a column that only warns and keeps nothing from being sent."""


def schema_for(mapping: ProviderMapping) -> pa.DataFrameSchema:
    """The schema of a frame of typed values, for notebooks and other programs.

    The frame has a row for each line of the sheet, the order's values repeated on each of them.
    Its columns are named by the paths of fields and hold values as they are sent: text, numbers
    (Decimals or floats), two-letter countries, the keys of choices. Blank cells are null, a column
    that is left out is blank, and other columns are ignored. With Excel's row numbers as the
    index, `failure_cases["index"]` says where each failure stands.

    The checks of a column are named by the mapping's words (`max`, `above`, `format`, ...) and
    those of rules by their number and text. `warn_format` and a rule that ends in `(warning)` do
    not keep an order from being sent.

    >>> import pandas as pd
    >>> import pandera.pandas as pa
    >>> from converter.mapping.load import find_mapping, load_mapping
    >>> schema = schema_for(load_mapping(find_mapping("oms")))
    >>> frame = pd.DataFrame(
    ...     {"orderNo": ["A1", "A2"], "isInsure": ["1", "0"], "insurePrice": [0.0, None]},
    ...     index=[2, 3],
    ... )
    >>> try:
    ...     schema.validate(frame, lazy=True)
    ... except pa.errors.SchemaErrors as error:
    ...     cases = error.failure_cases
    >>> sorted({(row, check) for row, check in zip(cases["index"], cases["check"]) if row == 2})
    [(2, 'rule 2: at_least [insurePrice, 0.01] when isInsure = 1')]
    """
    columns = {}
    checks = []
    for spec in mapping.fields:
        needed = spec.required and not (_is_filled_in(spec) or scopes.conditions(spec, mapping))
        in_list = paths.list_of(spec.path)
        columns[spec.path] = column(spec, nullable=bool(in_list) or not needed)
        if needed and in_list:
            checks.append(_required_in_list(spec, mapping))
    for number, rule in enumerate(rule_kinds.rules_of(mapping), 1):
        warning = " (warning)" if rule.warn else ""
        checks.append(_rule_of_lines(rule, mapping, f"rule {number}: {rule.text}{warning}"))
    return pa.DataFrameSchema(columns, checks=checks, name=mapping.provider)


def column(spec: FieldSpec, *, nullable: bool = True) -> pa.Column:
    """The checks on one value of a field; a check is named by the mapping's word for it."""
    return pa.Column(
        name=spec.path, checks=list(_checks(spec)), nullable=nullable, required=not nullable
    )


def _checks(spec: FieldSpec) -> Iterator[pa.Check]:
    if spec.type in _TYPES or spec.split is not None:
        # Several values in a cell stay its text: each of them was checked when it was read.
        is_one = spec.split is None
        yield pa.Check(_TYPES[spec.type if is_one else "text"], name="type", error="type")
    elif spec.type == "choice":
        yield pa.Check.isin(list(spec.choices), **_named("choices"))
    elif spec.type != "datetime":  # which is text in a form of its own
        known = standards.countries() if spec.type == "country" else standards.currencies()
        allowed = sorted(set(known.values()))
        if spec.type == "country" and spec.send:
            allowed = [code for code in allowed if codes.country(code, spec.send)]
        yield pa.Check.isin(allowed, **_named(spec.type))
    # Text that may spill into the next field is measured after it has (`length`).
    if spec.max is not None and not spec.spill and spec.type not in ("integer", "decimal"):
        yield length(spec)
    if spec.above is not None:
        yield pa.Check.gt(spec.above, **_named("above"))
    if spec.at_least is not None:
        yield pa.Check.ge(spec.at_least, **_named("at_least"))
    if spec.at_most is not None:
        yield pa.Check.le(spec.at_most, **_named("at_most"))
    if spec.format:
        yield pa.Check.str_matches(_whole(spec.format), **_named("format"))
    if spec.warn_format:
        yield pa.Check.str_matches(_whole(spec.warn_format), **_named(WARN_FORMAT))


def length(spec: FieldSpec) -> pa.Check:
    """The check on the longest text of a field."""
    return pa.Check.str_length(max_value=spec.max, **_named("max"))


def _named(name: str) -> dict[str, Any]:
    """pandera shows `error` among the failure cases, in place of the built-in check's own text."""
    return {"name": name, "error": name}


def _whole(format_: str) -> str:
    """`str_matches` looks at the beginning of a text only."""
    return rf"(?:{standards.FORMATS[format_].pattern})\Z"


def _is_filled_in(spec: FieldSpec) -> bool:
    """Whether a blank cell may get its value from elsewhere."""
    sources = (spec.default, spec.fallback, spec.join, spec.copies, spec.default_if_single)
    filled = any(source is not None for source in (*sources, spec.only_of))
    return filled or spec.is_computed


# -- types -------------------------------------------------------------------------------------


def _is_text(column: pd.Series[Any]) -> pd.Series[bool]:
    return _each(column, ("string", "empty"), lambda value: isinstance(value, str))


def _is_whole(column: pd.Series[Any]) -> pd.Series[bool]:
    """pandas keeps whole numbers beside blank cells as floats."""
    return _each(column, ("integer", "empty"), lambda value: _is_number(value) and value % 1 == 0)


def _are_numbers(column: pd.Series[Any]) -> pd.Series[bool]:
    return _each(column, ("decimal", "integer", "floating", "empty"), _is_number)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _each(
    column: pd.Series[Any], inferred: tuple[str, ...], holds: Callable[[Any], bool]
) -> pd.Series[bool]:
    """Whether it holds for each value, which pandas knows where they are all of one kind."""
    if pd.api.types.infer_dtype(column) in inferred:
        return pd.Series(True, index=column.index)
    return pd.Series([holds(value) for value in column], index=column.index, dtype=bool)


_TYPES = {"text": _is_text, "integer": _is_whole, "decimal": _are_numbers}

# -- entries -----------------------------------------------------------------------------------


def required(mapping: ProviderMapping, path: str) -> pa.DataFrameSchema:
    """For a frame of the entries of one list, or of the orders: the fields that each must have."""
    needed = [s.path for s in mapping.fields if s.required and paths.list_of(s.path) == path]
    return pa.DataFrameSchema({each: pa.Column(nullable=False) for each in needed})


def rule_schema(rule: FieldRule) -> pa.DataFrameSchema:
    """For a frame of entries with the columns that the rule reads, and no other.

    A frame check reports every column of a bad row, so a wide frame would cost time for nothing.
    """
    return pa.DataFrameSchema(checks=[_frame_check(EntryColumns, rule.holds, rule.text)])


def _frame_check(
    columns: Callable[[pd.DataFrame], C], holds: Callable[[C], Booleans], name: str
) -> pa.Check:
    def passes(frame: pd.DataFrame) -> pd.Series[bool]:
        return pd.Series(holds(columns(frame)), index=frame.index, dtype=bool)

    # A row that is blank throughout may well break a rule: pandera would leave it out.
    return pa.Check(passes, name=name, error=name, ignore_na=False)


def _rule_of_lines(rule: FieldRule, mapping: ProviderMapping, name: str) -> pa.Check:
    def holds(columns: LineColumns) -> Booleans:
        return rule.holds(columns) | ~columns.in_list(rule.scope)

    return _frame_check(lambda frame: LineColumns(frame, mapping), holds, name)


def _required_in_list(spec: FieldSpec, mapping: ProviderMapping) -> pa.Check:
    """A line without any cell of the list is no entry of it."""

    def holds(columns: LineColumns) -> Booleans:
        return columns.filled(spec.path) | ~columns.in_list(paths.list_of(spec.path))

    return _frame_check(lambda frame: LineColumns(frame, mapping), holds, f"required {spec.path}")


# -- failures ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure case of pandera's."""

    column: str
    """Of a frame check, none in particular."""
    check: str
    """`not_nullable`, or the check's own name."""
    index: int


def failures(schema: pa.DataFrameSchema | pa.Column, frame: pd.DataFrame) -> list[Failure]:
    """Everything in a frame that breaks the schema: by row, then in the schema's order."""
    try:
        schema.validate(frame, lazy=True, inplace=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        if cases["index"].isna().any():
            raise  # a check that could not be carried out: a fault of the program or the mapping
        by_rows = cases["schema_context"] == "DataFrameSchema"
        columns = cases["column"].where(~by_rows, "")
        numbers = cases["check_number"].fillna(-1)
        place = {name: at for at, name in enumerate(("", *frame.columns))}
        found = dict.fromkeys(zip(cases["index"], columns, numbers, cases["check"], strict=True))
        in_order = sorted(found, key=lambda case: (case[0], place[case[1]], case[2]))
        return [Failure(column, check, int(row)) for row, column, _, check in in_order]
    return []
