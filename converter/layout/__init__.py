"""The order table of a file: which sheets it stands on, how it is laid out, and its lines.

Whatever the layout, one line of the table is one item, or one box, or one row of order cells:
numbered columns become a line for each number, and sheets of one workbook are joined by the
order's reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from converter.errors import SheetError
from converter.layout import needed
from converter.layout.header import Area, find_area, find_header_row, texts_above
from converter.layout.matching import Matching
from converter.layout.table import Booleans, Column, Integers, Note, Part, Table
from converter.layout.titles import Titles, show
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.messages.sentence import t
from converter.model import OWN_SHEETS, Cell, Issue
from converter.sheet import Sheet, letter


def find_table(
    sheets: Sequence[Sheet],
    mapping: ProviderMapping,
    file: Path,
    *,
    only: str | None = None,
    hidden: str | None = None,
    choices: Mapping[str, str] | None = None,
) -> Table:
    """The order table of a file, and the column of every field.

    `hidden` says whether hidden rows count (`include`, `exclude`); `choices` are a person's own:
    the field's path, or `ignore`, by column title. Raises SheetError that names what was found
    where columns are missing, doubled or doubtful.
    """
    titles = Titles(mapping)
    named = order_sheets(sheets, file, only)
    scores = {sheet.name: _score(sheet, titles, mapping, choices or {}) for sheet in named}
    best = [sheet for sheet in named if scores[sheet.name][0]]
    if not best:
        best = [max(named, key=lambda sheet: scores[sheet.name][1])]

    def match(sheet: Sheet, elsewhere: Sequence[str] = ()) -> Matching:
        found = find_area(sheet, titles, mapping, hidden)
        return Matching(found, titles, mapping, choices or {}, elsewhere)

    if len(best) > 1:
        return _joined(best, match, mapping, file)
    matching = match(best[0])
    needed.check(matching, matching.found(), matching.lists_in_use(), matching.unknown, file)
    return _table([matching], mapping)


def order_sheets(sheets: Sequence[Sheet], file: Path, only: str | None) -> list[Sheet]:
    """The sheets that may hold orders. Raises SheetError where there is none."""
    named = [s for s in sheets if only is not None or s.name not in OWN_SHEETS]
    named = [s for s in named if not s.frame.isna().all(axis=None)]
    if named:
        return named
    own = ", ".join(sheet.name for sheet in sheets if sheet.name in OWN_SHEETS)
    problem = t("there is no sheet with orders")
    if own:
        problem = t(
            "there is no sheet with orders "
            "(passed over: {own}, which is how this program names its own sheets)",
            own=own,
        )
    raise SheetError(
        problem,
        where=file,
        remedy=t("Put the orders on a sheet with a header row, or name it with --sheet."),
        code="NO_ORDERS",
    )


def _score(
    sheet: Sheet, titles: Titles, mapping: ProviderMapping, choices: Mapping[str, str]
) -> tuple[bool, int]:
    """Whether the reference is among the headers, and how many headers are known."""
    texts = [text for text in sheet.texts(find_header_row(sheet, titles)) if text.strip()]
    top = texts_above(sheet, titles)
    known = [
        [mapping.field(chosen)]
        if (chosen := choices.get(" ".join(text.split()), "")) not in ("", "ignore")
        else titles.candidates(text)
        for text in (*texts, *top)
    ]
    reference = any(spec.path == mapping.order.reference for specs in known for spec in specs)
    return reference, sum(bool(specs) for specs in known)


# -- several sheets ----------------------------------------------------------------------------


def _joined(
    sheets: Sequence[Sheet],
    match: Callable[..., Matching],
    mapping: ProviderMapping,
    file: Path,
) -> Table:
    """Orders on one sheet, their boxes and items on others that name the order by its reference.

    Raises SheetError where it is not certain which sheet is which.
    """
    names = ", ".join(repr(sheet.name) for sheet in sheets)
    several = SheetError(
        t("several sheets have orders: {names}", names=names),
        where=file,
        remedy=t("Choose one with --sheet NAME."),
        code="SEVERAL_SHEETS",
    )
    reference = mapping.order.reference
    main: list[Matching] = []
    refused: list[SheetError] = []
    for sheet in sheets:
        try:
            found = match(sheet)
        except SheetError as error:
            refused.append(error)
            continue
        if not needed.missing(mapping, found.found(), {""}) and reference in found.claimed:
            main.append(found)
    if len(main) != 1:
        raise refused[0] if refused and not main else several
    own = [path for path in main[0].found() if path != reference]
    parts = [main[0]]
    for sheet in sheets:
        if sheet is main[0].area.typed:
            continue
        found = match(sheet, [path for path in own if not paths.list_of(path)])
        new = [path for path in found.found() if paths.list_of(path)]
        if reference not in found.claimed or not new or set(new) & set(own):
            raise several
        own += new
        parts.append(found)
    together: dict[str, Column] = {}
    for part in parts:
        for path, column in part.found().items():
            together.setdefault(path, column)
    used = set().union(*(part.lists_in_use() for part in parts))
    unknown = [column for part in parts for column in part.unknown]
    needed.check(main[0], together, used, unknown, file)
    return _table(parts, mapping)


# -- lines -------------------------------------------------------------------------------------


def _table(matchings: Sequence[Matching], mapping: ProviderMapping) -> Table:
    parts: list[Part] = []
    notes: list[Note] = []
    issues: list[Issue] = []
    for matching in matchings:
        parts += _parts(matching, mapping)
        matching.tell_unknown()
        _tell_of_labels(matching, parts[0], mapping)
        notes += matching.notes
    for matching in matchings:
        own = [part for part in parts if part.sheet is matching.area.sheet]
        issues += _merged(matching.area, own, mapping, notes)
    main = matchings[0]
    labelled = any(column.row for column in parts[0].columns.values())
    layout = "layout_sheets" if len(matchings) > 1 else "layout_rows"
    if len(main.groups) > 1 and len(matchings) == 1:
        layout = "layout_numbered"
    elif labelled and len(matchings) == 1:
        layout = "layout_form"
    typed = {m.area.sheet.name: m.area.typed for m in matchings if m.area.filled}
    return Table(tuple(parts), tuple(notes), tuple(issues), typed, tuple(main.group_by), layout)


def _parts(matching: Matching, mapping: ProviderMapping) -> list[Part]:
    """The lines of one sheet: all its rows, and a further part for each number but the first."""
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
        boxes = {  # a number of a box that its items copy stands once in the row
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
                continue  # a sheet of boxes alone says nothing of items
            columns[spec.path] = columns[spec.copies]
    part = Part(found.sheet, found.header_row, columns, at, titles=found.titles)
    fixed = {path for path, column in columns.items() if column.row}
    if not fixed and not matching.shared:
        return part
    ordinary = [path for path in columns if path not in fixed]
    filled = _any_filled(part, ordinary)
    if mapping.order.reference in fixed and not filled.any():
        # Labels with a reference and no row below: an order without items, and not no order.
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


# -- what is told of the sheet -----------------------------------------------------------------


def _tell_of_labels(matching: Matching, part: Part, mapping: ProviderMapping) -> None:
    """A label above the table counts for all its orders; a number cannot, where there are some."""
    labels = {path: column for path, column in matching.found().items() if column.row}
    reference = mapping.order.reference
    if not labels:
        return
    codes, _ = part.codes(reference)
    orders = len(np.unique(codes[codes >= 0]))
    told = []
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
        told.append(f"{column.letter}{column.row} {show(column.title)}")
    facts = {"count": str(len(told)), "cells": ", ".join(told)}
    matching.notes.append(("note_labels", facts))


def _merged(
    found: Area, parts: Sequence[Part], mapping: ProviderMapping, notes: list[Note]
) -> list[Issue]:
    """Issues of cells that are merged over columns of several fields, or over several items."""
    fields: dict[int, tuple[str, Column]] = {}
    for part in parts:
        for path, column in part.columns.items():
            for each in (column, *column.more):
                if not each.row:
                    fields.setdefault(each.position, (path, column))
    kept = set(found.sheet.frame.index[found.keep].tolist())
    issues: list[Issue] = []
    for one in found.across:
        inside = [fields[at] for at in range(one.left, one.right + 1) if at in fields]
        if len(inside) > 1:
            first, last = letter_of(found.sheet, one.left), letter_of(found.sheet, one.right)
            facts = {"cells": f"{first}{one.top}:{last}{one.bottom}"}
            issues += [
                Issue(
                    Cell(found.sheet.name, inside[0][1].letter, row),
                    "", "", "merged_across", facts,
                )
                for row in range(one.top, one.bottom + 1) if row in kept
            ]  # fmt: skip
    told: list[str] = []
    for position, merges in found.filled.items():
        if position not in fields:
            continue
        path, column = fields[position]
        spec, shape = mapping.field(path), mapping.order.lists.get(paths.list_of(path))
        for one in merges:
            place = f"{column.letter}{one.top}:{column.letter}{one.bottom}"
            rows = [row for row in range(one.top, one.bottom + 1) if row in kept]
            if len(rows) > 1:
                told.append(place)
            if len(rows) > 1 and spec.type == "integer" and shape and not shape.key:
                title = " ".join(column.title.split())
                cell = Cell(found.sheet.name, column.letter, one.top)
                issues.append(Issue(cell, path, title, "merged_count", {"cells": place}))
    if told:
        shown = ", ".join(told[:5]) + (", …" if len(told) > 5 else "")
        facts = {"sheet": found.sheet.name, "count": str(len(told)), "cells": shown}
        notes.append(("note_merged", facts))
    return issues


def letter_of(sheet: Sheet, position: int) -> str:
    return sheet.letters[position] if position < len(sheet.letters) else letter(position)
