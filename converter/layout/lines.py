"""The lines of an order table, made of sheets whose columns were matched to fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from converter.errors import SheetError
from converter.layout.area import Area
from converter.layout.cancelled import cancelled_rows
from converter.layout.matching import Matching
from converter.layout.merged_cells import merge_issues
from converter.layout.notes import LABELS, LAYOUT_FORM, LAYOUT_NUMBERED, LAYOUT_ROWS, LAYOUT_SHEETS
from converter.layout.table import Booleans, Column, Integers, Part, Table
from converter.layout.titles import show
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, join, t
from converter.model import Issue


def build_table(matchings: Sequence[Matching], mapping: ProviderMapping) -> Table:
    """The table of matched sheets, the order sheet first."""
    parts: list[Part] = []
    notes: list[str] = []
    issues: list[Issue] = []
    for matching in matchings:
        parts += _parts(matching, mapping)
        notes += matching.notes
        notes += matching.unknown_notes()
        notes += _label_notes(matching, parts[0], mapping)
    for matching in matchings:
        own = [part for part in parts if part.sheet is matching.area.sheet]
        found, merge_notes = merge_issues(matching.area, own, mapping)
        issues += (*found, *cancelled_rows(matching))
        notes += merge_notes
    main = matchings[0]
    labelled = any(column.row for column in parts[0].columns.values())
    layout = LAYOUT_SHEETS if len(matchings) > 1 else LAYOUT_ROWS
    if len(main.groups) > 1 and len(matchings) == 1:
        layout = LAYOUT_NUMBERED
    elif labelled and len(matchings) == 1:
        layout = LAYOUT_FORM
    typed = {m.area.sheet.name: m.area.typed for m in matchings if m.area.filled}
    return Table(tuple(parts), tuple(notes), tuple(issues), typed, tuple(main.group_by), layout)


def _parts(matching: Matching, mapping: ProviderMapping) -> list[Part]:
    """The lines of one sheet: all its rows, and another part for each further number."""
    found = matching.area
    at = np.flatnonzero(found.keep)
    reference = {
        path: column for path, column in matching.claimed.items() if path == mapping.order.reference
    }
    numbers = sorted(matching.groups)
    parts = [_part(found, at, matching.found(), matching, mapping)]
    for number in numbers[1:]:
        own = matching.groups[number]
        rows = _any_filled(Part(found.sheet, found.header_row, own, at), own)
        boxes = {  # the number of a box, copied by its items, is written once in the row
            path: column for path, column in parts[0].columns.items()
            if mapping.field(path).copies and paths.list_of(path) in map(paths.list_of, own)
        }  # fmt: skip
        columns = {**reference, **boxes, **matching.shared, **own}
        parts.append(_part(found, at[rows], columns, matching, mapping))
    return parts


def _part(
    found: Area,
    at: Integers,
    columns: Mapping[str, Column],
    matching: Matching,
    mapping: ProviderMapping,
) -> Part:
    columns = dict(columns)
    for spec in mapping.fields:
        if spec.copies and spec.path not in columns and spec.copies in columns:
            if matching.elsewhere and not any(
                paths.list_of(path) == paths.list_of(spec.path) for path in columns
            ):
                continue  # a sheet of boxes alone has no items
            columns[spec.path] = columns[spec.copies]
    part = Part(found.sheet, found.header_row, columns, at, titles=found.titles)
    fixed = {path for path, column in columns.items() if column.row}
    if not fixed and not matching.shared:
        return part
    ordinary = [path for path in columns if path not in fixed]
    filled = _any_filled(part, ordinary)
    if mapping.order.reference in fixed and not filled.any():
        # Labels with a reference but no row below are an order without items.
        place = np.array([found.sheet.frame.index.get_loc(columns[mapping.order.reference].row)])
        nothing = dict.fromkeys(ordinary, np.zeros(1, bool))
        return replace(part, at=place, limited=nothing)
    limited: dict[str, Booleans] = {}
    for path in (*fixed, *(path for path in matching.shared if path in columns)):
        own = [
            other for other in ordinary
            if paths.list_of(other) == paths.list_of(path) and other not in matching.shared
            and not (mapping.field(other).copies and columns[other] in matching.shared.values())
        ]  # fmt: skip
        limited[path] = _any_filled(part, own) if paths.list_of(path) else filled
    return replace(part, limited=limited)


def _any_filled(part: Part, columns: Mapping[str, Column] | Sequence[str]) -> Booleans:
    filled = np.zeros(len(part.at), bool)
    for path in columns:
        filled |= part.codes(path)[0] >= 0
    return filled


def _label_notes(matching: Matching, part: Part, mapping: ProviderMapping) -> list[str]:
    """A note on the labels above the table, which apply to all its orders.

    Raises SheetError for a number above several orders.
    """
    labels = {path: column for path, column in matching.found().items() if column.row}
    reference = mapping.order.reference
    if not labels:
        return []
    codes, _ = part.codes(reference)
    orders = len(np.unique(codes[codes >= 0]))
    cells = []
    for path, column in labels.items():
        spec = mapping.field(path)
        cell = matching.cell(column)
        if orders > 1 and spec.type in ("integer", "decimal"):
            raise SheetError(
                t(
                    "{title} stands above the table, but the table has {count} orders",
                    title=show(column.title),
                    count=orders,
                ),
                where=cell,
                remedy=t("Give it a column of its own, so that every order has its number."),
                code="LABEL_FOR_SEVERAL",
            )
        cells.append(f"{column.letter}{column.row} {show(column.title)}")
    facts = {"count": str(len(cells)), "cells": join(COMMA, cells)}
    return [t(LABELS, **facts)]
