"""The order table on a sheet: its header, its rows, and the labels above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from converter.layout.header import column_titles, find_header_row, top_rows
from converter.layout.labels import find_labels
from converter.layout.skipped_rows import find_hidden_rows, find_left_out, find_skipped_rows
from converter.layout.table import Booleans, Column
from converter.layout.titles import Titles
from converter.mapping.model import ProviderMapping
from converter.sheet import Merged, Sheet


@dataclass(frozen=True)
class Area:
    """A sheet whose header was found, and the rows of its table."""

    sheet: Sheet
    """The sheet with the text of merged cells on every row that they cover."""
    typed: Sheet
    """The sheet as it is in the file."""
    header_row: int
    titles: tuple[str, ...]
    """By column; a title across several columns is joined to the one below where that is known."""
    keep: Booleans
    """By position in the frame: the rows of the table, including blank ones."""
    labels: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    across: tuple[Merged, ...] = ()
    """Cells below the header that are merged over several columns."""
    filled: Mapping[int, Sequence[Merged]] = field(default_factory=dict)
    """By column: merged cells whose text was filled down."""


def find_area(
    sheet: Sheet, titles: Titles, mapping: ProviderMapping, hidden: str | None = None
) -> Area:
    """The table of a sheet.

    Raises SheetError where rows with data are hidden and `hidden` (`include` or `exclude`) is None.
    """
    top, header_row, texts = column_titles(sheet, find_header_row(sheet, titles), titles)
    typed = sheet
    sheet, filled, across = _unmerged(sheet, header_row)
    reference = [
        position
        for position, text in enumerate(texts)
        if any(spec.path == mapping.order.reference for spec in titles.candidates(text))
    ]
    below = np.asarray(sheet.frame.index > header_row)
    skipped, notes = find_skipped_rows(sheet, header_row, texts, titles, reference, below)
    left_out, left_out_notes = find_left_out(sheet, texts, titles.profile, below & ~skipped)
    skipped, notes = skipped | left_out, [*notes, *left_out_notes]
    keep = below & ~skipped
    unseen, hidden_notes = find_hidden_rows(sheet, keep, hidden)
    keep = keep & ~unseen
    labels, label_notes = find_labels(typed, _rows_above(typed, top), titles)
    kept = set(sheet.frame.index[keep].tolist())
    across = [one for one in across if kept & set(range(one.top, one.bottom + 1))]
    return Area(
        sheet,
        typed,
        header_row,
        tuple(texts),
        keep,
        tuple(labels),
        (*notes, *hidden_notes, *label_notes),
        tuple(across),
        filled,
    )


def label_titles(sheet: Sheet, titles: Titles) -> list[str]:
    """The titles of the labels above the header."""
    top, _, _ = column_titles(sheet, find_header_row(sheet, titles), titles)
    labels, _ = find_labels(sheet, _rows_above(sheet, top), titles)
    return [column.title for column in labels]


def _rows_above(sheet: Sheet, top: int) -> dict[int, list[str]]:
    return {row: texts for row, texts in top_rows(sheet).items() if row < top}


def _unmerged(sheet: Sheet, header_row: int) -> tuple[Sheet, dict[int, list[Merged]], list[Merged]]:
    """Repeat the text of vertically merged cells on each of their rows.

    Returns the sheet, its vertically merged cells by column, and the horizontally merged ones.
    """
    filled: dict[int, list[Merged]] = {}
    across: list[Merged] = []
    for one in sheet.merged:
        if one.top <= header_row:
            continue
        if one.left != one.right:
            across.append(one)
        elif one.bottom > one.top and one.left < len(sheet.letters):
            filled.setdefault(one.left, []).append(one)
    if not filled:
        return sheet, {}, across
    first = int(sheet.frame.index[0])
    columns: dict[Any, Any] = dict(sheet.frame.items())
    for position, merges in filled.items():
        values = sheet.frame[position].cat
        codes = values.codes.to_numpy().copy()
        for one in merges:
            codes[one.top - first : one.bottom + 1 - first] = codes[one.top - first]
        columns[position] = pd.Categorical.from_codes(codes, categories=values.categories)
    frame = pd.DataFrame(columns, index=sheet.frame.index)
    flaws = dict(sheet.flaws)
    for position, merges in filled.items():
        if position in flaws:
            tops = {one.top: range(one.top, one.bottom + 1) for one in merges}
            flaws[position] = {
                kind: {each for row in rows for each in tops.get(row, (row,))}
                for kind, rows in flaws[position].items()
            }
    return replace(sheet, frame=frame, flaws=flaws), filled, across
