"""Finding the order table of a file: which sheets it is on, and what each column means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from converter.errors import SheetError
from converter.layout import needed, notes
from converter.layout.area import find_area, label_titles
from converter.layout.header import find_header_row
from converter.layout.lines import build_table
from converter.layout.matching import Matching
from converter.layout.table import Column, Table
from converter.layout.titles import Titles
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, join, t
from converter.model import OWN_SHEETS
from converter.profiles.model import NO_PROFILE, Profile
from converter.sheet import Sheet


def find_table(
    sheets: Sequence[Sheet],
    mapping: ProviderMapping,
    file: Path,
    *,
    only: str | None = None,
    hidden: str | None = None,
    profile: Profile = NO_PROFILE,
    provided: Collection[str] = (),
) -> Table:
    """The order table of a file, and the column of every field.

    `hidden` tells whether hidden rows count (`include`, `exclude`); `provided` are fields that
    another file fills, so that they need no column. Raises SheetError where columns are missing,
    doubled or doubtful, with what was found.
    """
    titles = Titles(mapping, profile)
    named = order_sheets(sheets, file, only, profile.sheets)
    scores = {sheet.name: _score(sheet, titles, mapping) for sheet in named}
    best = [sheet for sheet in named if scores[sheet.name][0]]
    if not best:
        best = [max(named, key=lambda sheet: scores[sheet.name][1])]

    def match(sheet: Sheet, elsewhere: Sequence[str] = ()) -> Matching:
        found = find_area(sheet, titles, mapping, hidden)
        return Matching(found, titles, mapping, elsewhere)

    unread = [
        sheet.name
        for sheet in order_sheets(sheets, file, only)
        if sheet.name not in scores and _score(sheet, titles, mapping)[0]
    ]

    def told(table: Table) -> Table:
        if not unread:
            return table
        names = join(COMMA, map(repr, unread))
        return replace(table, notes=(*table.notes, t(notes.NOT_IN_PROFILE, names=names)))

    if len(best) > 1:
        return told(_joined_table(best, match, mapping, file, provided))
    matching = match(best[0])
    needed.check(
        matching, matching.found(), matching.lists_in_use(), matching.unknown, file, provided
    )
    return told(build_table([matching], mapping))


def order_sheets(
    sheets: Sequence[Sheet], file: Path, only: str | None, usual: Sequence[str] = ()
) -> list[Sheet]:
    """The sheets that may hold orders; those with the `usual` names, where there are any.

    Raises SheetError where there is none.
    """
    named = [s for s in sheets if only is not None or s.name not in OWN_SHEETS]
    named = [s for s in named if not s.frame.isna().all(axis=None)]
    if named:
        return [s for s in named if only is None and s.name in usual] or named
    own = join(COMMA, [sheet.name for sheet in sheets if sheet.name in OWN_SHEETS])
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


def _score(sheet: Sheet, titles: Titles, mapping: ProviderMapping) -> tuple[bool, int]:
    """Whether the reference is among the headers, and how many headers are known."""
    texts = [text for text in sheet.texts(find_header_row(sheet, titles)) if text.strip()]
    top = label_titles(sheet, titles)
    known = [titles.candidates(text) for text in (*texts, *top)]
    reference = any(spec.path == mapping.order.reference for specs in known for spec in specs)
    return reference, sum(bool(specs) for specs in known)


def _joined_table(
    sheets: Sequence[Sheet],
    match: Callable[..., Matching],
    mapping: ProviderMapping,
    file: Path,
    provided: Collection[str],
) -> Table:
    """Orders on one sheet, their boxes and items on others that name the order by its reference.

    Raises SheetError where it is not certain which sheet is which.
    """
    names = join(COMMA, [repr(sheet.name) for sheet in sheets])
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
        found.point_at_entries()
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
    needed.check(main[0], together, used, unknown, file, provided)
    return build_table(parts, mapping)
