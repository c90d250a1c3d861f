"""Errors for columns whose field or unit is not certain."""

from __future__ import annotations

from collections.abc import Sequence

from converter.errors import SheetError
from converter.layout.table import Column
from converter.layout.titles import show
from converter.mapping.model import FieldSpec
from converter.message import COMMA, Multilingual, join, t
from converter.model import Cell


def two_columns(one: Column, other: Column, spec: FieldSpec, where: Cell) -> SheetError:
    return SheetError(
        t(
            "the columns {one} {title} and {other} {second} are both the field {field}",
            one=place(one),
            title=show(one.title),
            other=place(other),
            second=show(other.title),
            field=named(spec),
        ),
        where=where,
        remedy=t("Rename or delete one of them."),
        code="TWO_COLUMNS",
    )


def ambiguous(column: Column, meanings: Sequence[FieldSpec], where: Cell) -> SheetError:
    return SheetError(
        t(
            "the column title {title} can mean several things: {fields}",
            title=show(column.title),
            fields=", ".join(f"{named(spec)} ({spec.path})" for spec in meanings),
        ),
        where=where,
        remedy=t("Rename the column to the one that is meant, or choose it with --columns FILE."),
        code="DOUBTFUL_TITLE",
    )


def half_numbered(column: Column, other: Column, where: Cell) -> SheetError:
    """Only quantities are numbered: they may be of one item or of several."""
    return SheetError(
        t(
            "the column {title} has a number, but column {other} {second} has none",
            title=show(column.title),
            other=place(other),
            second=show(other.title),
        ),
        where=where,
        remedy=t("Number all columns of an item, as in SKU1, or give each item its own row."),
        code="DOUBTFUL_TITLE",
    )


def other_unit(column: Column, unit: str, spec: FieldSpec, wanted: str, where: Cell) -> SheetError:
    return SheetError(
        t(
            "the column {title} is in {unit}, but {field} is wanted in {wanted}",
            title=show(column.title),
            unit=unit,
            field=named(spec),
            wanted=wanted,
        ),
        where=where,
        remedy=t("Convert the column to {wanted} and say so in its title.", wanted=wanted),
        code="OTHER_UNIT",
    )


def two_units(one: Column, other: Column, spec: FieldSpec, where: Cell) -> SheetError:
    return SheetError(
        t(
            "the columns {one} {title} and {other} {second}, both for {field}, are in different "
            "units or currencies",
            one=place(one),
            title=show(one.title),
            other=place(other),
            second=show(other.title),
            field=named(spec),
        ),
        where=where,
        remedy=t("Use only one of them in the profile."),
        code="OTHER_UNIT",
    )


def several_units(
    column: Column, units: Sequence[str], measured: Column, wanted: str, where: Cell
) -> SheetError:
    return SheetError(
        t(
            "the column {title} does not have one known unit in all rows but {units}",
            title=show(column.title),
            units=join(COMMA, map(show, units[:5])),
        ),
        where=where,
        remedy=t(
            "Convert column {column} {title} to {wanted} and delete the column of units.",
            column=measured.letter,
            title=show(measured.title),
            wanted=wanted,
        ),
        code="OTHER_UNIT",
    )


def named(spec: FieldSpec) -> str:
    """The title of a field; in English both, because sheets often have the Chinese ones."""
    return Multilingual(f"{spec.title.zh} / {spec.title.en}", zh=spec.title.zh)


def place(column: Column) -> str:
    """A column's letters; for a label, the cell of its value."""
    return f"{column.letter}{column.row}" if column.row else column.letter
