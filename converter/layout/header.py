"""The header of an order table: its rows, and the title of every column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from converter.layout.labels import has_colon, is_pairs
from converter.layout.titles import Titles, normalise, simplified
from converter.sheet import Sheet

_MOST_ABOVE = 60
"""Rows in which the header is searched."""

_SIDES = re.compile(r"寄|收|发|發|sender|shipper|consignee|receiver|recipient", re.IGNORECASE)
_GROUP_WORD = re.compile(r"(信息|资讯|资料|明细|栏|info(rmation)?|details?)$", re.IGNORECASE)


def find_header_row(sheet: Sheet, titles: Titles) -> int:
    """The row with the most known titles, or the first row with text where none has two."""
    rows = top_rows(sheet)
    if titles.profile.header_row in rows:
        return titles.profile.header_row
    first, texts = next(iter(rows.items()))
    score = _score(texts, titles)
    if score > 3 and score > 0.6 * sum(bool(text.strip()) for text in texts):
        return first  # a row of labels and values has fewer known texts
    scores = {row: _score(texts, titles) for row, texts in rows.items()}
    best = max(scores, key=lambda row: (scores[row], -row))
    return best if scores[best] > 1 else first


def top_rows(sheet: Sheet) -> dict[int, list[str]]:
    """The first rows that are not blank, with their texts, as far as a header may stand."""
    blank = sheet.frame.isna().all(axis=1).to_numpy()
    first = int(np.flatnonzero(~blank)[0])
    head = sheet.frame.iloc[first : first + _MOST_ABOVE]
    columns = [
        [texts if isinstance(texts, str) else "" for texts in head[position]]
        for position in range(len(sheet.letters))
    ]
    rows = dict(zip(head.index.tolist(), map(list, zip(*columns, strict=True)), strict=True))
    return {row: texts for row, texts in rows.items() if any(text.strip() for text in texts)}


def _score(texts: Sequence[str], titles: Titles) -> int:
    """Number of different fields that the texts are titles of.

    Long texts and numbers are no titles, and labels beside their values are titles of no column.
    """
    given = [text for text in texts if text.strip()]
    labels = [text for text in given if has_colon(text)]
    others = [text for text in given if text not in labels and not titles.is_known(text)]
    if 2 * len(others) >= len(labels) > 0:
        given = [text for text in given if text not in labels]
    elif is_pairs(texts, titles):
        return 1
    found = set()
    for text in given:
        if not text.strip() or len(text) > 100 or text.strip().isdigit():
            continue
        if specs := titles.candidates(text):
            found.add(specs[0].path)
        elif titles.is_known(text) or ((numbered := titles.numbered(text)) and numbered[2]):
            found.add(normalise(text)[0])
    return len(found)


def column_titles(sheet: Sheet, row: int, titles: Titles) -> tuple[int, int, list[str]]:
    """First and last row of the header, and the title of every column.

    A header of two rows is recognized by merged cells: down over both rows, or across columns that
    belong together.
    """
    down = [one for one in sheet.merged if one.left == one.right and one.top < one.bottom]
    crossing = [one for one in down if one.top <= row <= one.bottom and one.bottom - one.top < 3]
    over_it = [
        one for one in sheet.merged if one.top == one.bottom == row - 1 and one.left < one.right
    ]
    top = min((one.top for one in crossing), default=row - (len(over_it) > 1))
    bottom = max((one.bottom for one in crossing), default=row)
    found = sheet.texts(row)
    if top == bottom:
        return top, bottom, found
    rows = [sheet.texts(number) for number in range(top, bottom + 1) if number in sheet.frame.index]
    headings = [
        one
        for one in sheet.merged
        if one.left < one.right and top <= one.top <= bottom and one.bottom < bottom
    ]
    # A heading is the title of its first column only where nothing else stands there.
    below = [[*row] for row in rows]
    for one in headings:
        below[one.top - top][one.left] = ""
    found = [
        _title_of(own, titles) or _title_of(column, titles)
        for own, column in zip(zip(*below, strict=True), zip(*rows, strict=True), strict=True)
    ]
    for one in headings:
        over = _GROUP_WORD.sub("", simplified(rows[one.top - top][one.left].strip()))
        for position in range(one.left, min(one.right + 1, len(found))):
            both = f"{over} {found[position].strip()}"
            # A bare 电话 below 寄件人 is the sender's, and nobody else's.
            if not _SIDES.search(found[position]) and (
                titles.is_known(both) or _SIDES.search(over)
            ):
                found[position] = both
    return top, bottom, found


def _title_of(texts: Sequence[str], titles: Titles) -> str:
    """Of a column in a header of several rows, the lowest text that is a known title."""
    given = [text for text in reversed(texts) if text.strip()]
    return next(filter(titles.is_known, given), given[0] if given else "")
