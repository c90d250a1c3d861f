"""The sheet that people fill in, and the one that shows how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from converter.mapping.model import FieldSpec
from converter.message import t
from converter.results import text_size
from converter.results.properties import AUTHOR
from converter.sheet_template import guide, styles
from converter.sheet_template.choices_sheet import Choices
from converter.sheet_template.columns import TemplateColumn
from converter.sheet_template.examples import Row
from converter.sheet_template.guide import both

PREPARED_ROWS = 5_000
"""Rows below the header that have drop-downs and limits."""

_CELL = styles.TextStyle(vertical="center")

PICK = t("Choose from the list. A name or another spelling may do as well: see the sheet Guide.")


def write_orders(
    sheet: Worksheet, columns: Sequence[TemplateColumn], rows: Sequence[Row], *, is_form: bool
) -> None:
    """Write the header and the rows; a form stands out by the colour of its tab."""
    sheet.sheet_properties.tabColor = "FF2F5C8F" if is_form else "FFA6A6A6"
    sheet.row_dimensions[1].height = 44
    sheet.freeze_panes = "B2"
    styles.make_printable(sheet, titles="1:1")
    for number, column in enumerate(columns, 1):
        dimension = sheet.column_dimensions[column.letter]
        dimension.width = _width(column) + styles.COLUMN_PADDING
        styles.apply(dimension, _cell_style(column))
        header = replace(styles.shade(column.group, column.need), vertical="center")
        styles.put(sheet, 1, number, column.header, header)
    numbers = {column.spec.path: number for number, column in enumerate(columns, 1)}
    for row_number, row in enumerate(rows, 2):
        for path, text in row.items():
            column = columns[numbers[path] - 1]
            _put_typed(sheet, row_number, numbers[path], column, text)


def add_notes(sheet: Worksheet, columns: Sequence[TemplateColumn]) -> None:
    """Explain each column in a note on its header."""
    for number, column in enumerate(columns, 1):
        text = guide.note(column)
        width, height = text_size.note_size(text, width=370)
        sheet.cell(1, number).comment = Comment(text, AUTHOR, height=height, width=width)


def add_limits(sheet: Worksheet, columns: Sequence[TemplateColumn], choices: Choices) -> None:
    """Have Excel keep out what it can: values off the list, wrong numbers, long texts."""
    for column in columns:
        if rule := _validation(column, choices):
            is_list = rule.type == "list"
            message = both(PICK) if is_list else guide.in_short(column.spec)
            rule.errorTitle, rule.error = column.spec.title.zh[:32], message[:255]
            rule.allow_blank = rule.showErrorMessage = rule.showInputMessage = True
            rule.add(f"{column.letter}2:{column.letter}{PREPARED_ROWS + 1}")
            sheet.add_data_validation(rule)


def _validation(column: TemplateColumn, choices: Choices) -> DataValidation | None:
    spec = column.spec
    if spec.choices:
        return DataValidation("list", formula1=choices.formula(column))
    if spec.type in ("country", "currency"):
        return DataValidation("list", formula1=choices.formula(column), errorStyle="warning")
    if spec.type in ("integer", "decimal") and not column.is_text:
        return _number_limits(spec)
    if spec.type == "text" and spec.max is not None:
        limit = str(spec.max)
        return DataValidation("textLength", operator="lessThanOrEqual", formula1=limit)
    return None


def _number_limits(spec: FieldSpec) -> DataValidation:
    """A rule for numbers: Excel takes two limits only where both are included."""
    rule = DataValidation("whole" if spec.type == "integer" else "decimal")
    low, high = spec.at_least, spec.at_most
    if spec.above is not None:
        rule.operator, rule.formula1 = "greaterThan", f"{spec.above:f}"
    elif low is not None and high is not None:
        rule.operator, rule.formula1, rule.formula2 = "between", f"{low:f}", f"{high:f}"
    elif high is not None:
        rule.operator, rule.formula1 = "lessThanOrEqual", f"{high:f}"
    else:
        lowest = f"{low:f}" if low is not None else "-1000000000"
        rule.operator, rule.formula1 = "greaterThanOrEqual", lowest
    return rule


def _cell_style(column: TemplateColumn) -> styles.TextStyle:
    if column.is_text:
        return replace(_CELL, number_format="@")
    if column.spec.type == "datetime":
        return replace(_CELL, number_format="yyyy-mm-dd hh:mm:ss")
    return _CELL


def _width(column: TemplateColumn) -> int:
    longest = max(map(text_size.width_of, column.header.split("\n")))
    example = text_size.width_of(column.spec.example or "")
    return max(11, min(30, max(longest + 3, example + 2)))


def _put_typed(sheet: Worksheet, row: int, number: int, column: TemplateColumn, text: str) -> None:
    """Write a value as somebody who fills in the sheet would leave it."""
    style = _cell_style(column)
    value = _typed(column, text)
    if value is None:
        styles.put(sheet, row, number, text, style)
    else:
        styles.apply(sheet.cell(row, number, value), style)


def _typed(column: TemplateColumn, text: str) -> float | datetime | None:
    """The number or time in a column for such; None for text."""
    spec = column.spec
    try:
        if spec.type in ("integer", "decimal") and not column.is_text:
            return float(Decimal(text))
        return datetime.fromisoformat(text) if spec.type == "datetime" else None
    except (InvalidOperation, ValueError):
        return None
