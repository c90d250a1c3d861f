"""Merged cells of a table that leave their meaning open, and those that were filled down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.layout.area import Area
from converter.layout.notes import MERGED
from converter.layout.table import Column, Part
from converter.layout.titles import by_language
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, join, t
from converter.model import Cell, Issue
from converter.sheet import Sheet, letter

Fields = Mapping[int, tuple[str, Column]]
"""By position: the path of the field and its column."""


def merge_issues(
    found: Area, parts: Sequence[Part], mapping: ProviderMapping
) -> tuple[list[Issue], list[str]]:
    """Issues of cells that are merged over columns of several fields, or over several items.

    The notes name the cells whose text was filled down.
    """
    fields: dict[int, tuple[str, Column]] = {}
    for part in parts:
        for path, column in part.columns.items():
            for each in column.all():
                if not each.row:
                    fields.setdefault(each.position, (path, column))
    kept = set(found.sheet.frame.index[found.keep].tolist())
    issues = list(_across_fields(found, fields, kept))
    places: list[str] = []
    for position, merges in found.filled.items():
        if position not in fields:
            continue
        path, column = fields[position]
        spec, shape = mapping.field(path), mapping.order.lists.get(paths.list_of(path))
        is_count = spec.type == "integer" and shape and not shape.key
        for one in merges:
            if sum(row in kept for row in range(one.top, one.bottom + 1)) < 2:
                continue
            place = f"{column.letter}{one.top}:{column.letter}{one.bottom}"
            places.append(place)
            if is_count:
                title = by_language(column.title)
                cell = Cell(found.sheet.name, column.letter, one.top)
                issues.append(Issue(cell, path, title, "merged_count", {"cells": place}))
    if not places:
        return issues, []
    shown = join(COMMA, [*places[:5], *["…"] * (len(places) > 5)])
    facts = {"sheet": found.sheet.name, "count": str(len(places)), "cells": shown}
    return issues, [t(MERGED, **facts)]


def _across_fields(found: Area, fields: Fields, kept: set[int]) -> Iterator[Issue]:
    for one in found.across:
        inside = [fields[at] for at in range(one.left, one.right + 1) if at in fields]
        if len(inside) < 2:
            continue
        first, last = _letter(found.sheet, one.left), _letter(found.sheet, one.right)
        facts = {"cells": f"{first}{one.top}:{last}{one.bottom}"}
        for row in range(one.top, one.bottom + 1):
            if row in kept:
                cell = Cell(found.sheet.name, inside[0][1].letter, row)
                yield Issue(cell, "", "", "merged_across", facts)


def _letter(sheet: Sheet, position: int) -> str:
    return sheet.letters[position] if position < len(sheet.letters) else letter(position)
