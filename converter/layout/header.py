"""What of a sheet is the order table: its header, its rows, and the labels above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from converter.errors import SheetError
from converter.layout.table import Booleans, Column, Note
from converter.layout.titles import REMARK, Titles, normalise, show, simplified
from converter.mapping.model import ProviderMapping
from converter.messages.sentence import t
from converter.model import OWN_TITLES
from converter.sheet import Merged, Sheet

_MOST_ABOVE = 60
"""Rows in which the header is looked for."""

_TOTAL = re.compile(
    r"(总合计|合计|总计|小计|共计|累计|本页合计|grandtotal|sub-?total|totals?|sum)"
    r"([/(（]?(合计|总计|小计|grandtotal|sub-?total|totals?)[)）]?)?[:：]?"
)
_TOTAL_LETTERS = frozenset("总總合小共累本gGtTsS")
_HINT_WORDS = re.compile(
    r"必填项?|选填项?|非必填|可选|可空|示例|样例|举例|范例|例子?|例如|说明|填写说明|备注说明|"
    r"required|optional|mandatory|example|sample|e\.?g\.?|y|n|text|string|number|numeric|decimal|"
    r"integer|int|date|文本|数字|日期|数值|字符串?|整数|小数"
)
_EXAMPLE = re.compile(
    r"[(\[【]?(示例|样例|举例|范例|例子?|例如|example|sample|e\.?g\.?)[)\]】]?[:：]?"
)
_SIDES = re.compile(r"寄|收|发|發|sender|shipper|consignee|receiver|recipient", re.IGNORECASE)
_GROUP_WORD = re.compile(r"(信息|资讯|资料|明细|栏|info(rmation)?|details?)$", re.IGNORECASE)
_PAIR = re.compile(r"([^:：]{1,30})[:：]\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Area:
    """A sheet whose header was found."""

    sheet: Sheet
    """With the text of merged cells on every row that they cover."""
    typed: Sheet
    """As it stands in the file."""
    header_row: int
    titles: tuple[str, ...]
    """By column; a title over several columns is put before the one below where that is known."""
    keep: Booleans
    """By position in the frame: the rows of the table, blank ones among them."""
    labels: tuple[Column, ...] = ()
    notes: tuple[Note, ...] = ()
    across: tuple[Merged, ...] = ()
    """Cells below the header that are merged over several columns."""
    filled: Mapping[int, Sequence[Merged]] = field(default_factory=dict)
    """By column: merged cells whose text was put on every row."""


def find_area(
    sheet: Sheet, titles: Titles, mapping: ProviderMapping, hidden: str | None = None
) -> Area:
    """The table of a sheet. Raises SheetError where rows with data are hidden and nobody said
    whether they count (`hidden` is `include` or `exclude`)."""
    first = find_header_row(sheet, titles)
    top, header_row, texts = _titles(sheet, first, titles)
    typed = sheet
    sheet, filled, across = _unmerged(sheet, header_row)
    keep = (sheet.frame.index > header_row).copy()
    reference = [
        position
        for position, text in enumerate(texts)
        if any(spec.path == mapping.order.reference for spec in titles.candidates(text))
    ]
    notes: list[Note] = []
    for code, rows in (
        ("note_hint_row", _hints(sheet, header_row, texts, titles, reference)),
        ("note_repeated_header", _repeated(sheet, header_row, texts, reference)),
        ("note_total_row", _totals(sheet, keep, reference)),
    ):
        if rows:
            keep &= ~np.isin(sheet.frame.index, rows)
            facts = {
                "sheet": sheet.name,
                "rows": _listed(rows),
                "text": _first_text(sheet, rows[0]),
            }
            notes.append((code, facts))
    _settle_hidden(sheet, keep, hidden, notes)
    labels = tuple(_labels(typed, top, titles, notes))
    kept = set(sheet.frame.index[keep].tolist())
    wide = tuple(one for one in across if kept & set(range(one.top, one.bottom + 1)))
    return Area(sheet, typed, header_row, tuple(texts), keep, labels, tuple(notes), wide, filled)


def _listed(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:10]))
    return f"{shown}, …" if len(rows) > 10 else shown


def _first_text(sheet: Sheet, row: int) -> str:
    return show(next((text for text in sheet.texts(row) if text.strip()), ""))


def texts_above(sheet: Sheet, titles: Titles) -> list[str]:
    """The titles of the labels above the header."""
    top, _, _ = _titles(sheet, find_header_row(sheet, titles), titles)
    return [column.title for column in _labels(sheet, top, titles, [])]


# -- the header --------------------------------------------------------------------------------


def find_header_row(sheet: Sheet, titles: Titles) -> int:
    """The row with the most known titles; the first one that is not blank where none has two."""
    rows = _top_rows(sheet)
    first, texts = next(iter(rows.items()))
    score = _score(texts, titles)
    if score > 3 and score > 0.6 * sum(bool(text.strip()) for text in texts):
        return first  # labels and their values have no such share
    scores = {row: _score(texts, titles) for row, texts in rows.items()}
    best = max(scores, key=lambda row: (scores[row], -row))
    return best if scores[best] > 1 else first


def _top_rows(sheet: Sheet) -> dict[int, list[str]]:
    """The first rows that are not blank, with their texts."""
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
    """How many different fields the texts are titles of. A title is no long text, and no number,
    and labels beside their values are titles of no column."""
    given = [text for text in texts if text.strip()]
    labels = [text for text in given if _has_colon(text)]
    others = [text for text in given if text not in labels and not titles.is_known(text)]
    if 2 * len(others) >= len(labels) > 0:
        given = [text for text in given if text not in labels]
    elif _is_pairs(texts, titles):
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


def _titles(sheet: Sheet, row: int, titles: Titles) -> tuple[int, int, list[str]]:
    """First and last row of the header, and the title of every column.

    A header of two rows shows itself by its merged cells: down over both rows, or across over the
    columns that belong together.
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
    found = [_title_of(column, titles) for column in zip(*rows, strict=True)]
    for one in sheet.merged:
        if one.left == one.right or not top <= one.top <= bottom or one.bottom >= bottom:
            continue
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
    """Of the texts of a column in a header of several rows the lowest that is a title."""
    given = [text for text in reversed(texts) if text.strip()]
    return next(filter(titles.is_known, given), given[0] if given else "")


# -- merged cells ------------------------------------------------------------------------------


def _unmerged(sheet: Sheet, header_row: int) -> tuple[Sheet, dict[int, list[Merged]], list[Merged]]:
    """The sheet with the text of cells that are merged down on every row of theirs."""
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


# -- rows that are no data ---------------------------------------------------------------------


def _hints(
    sheet: Sheet, header_row: int, texts: Sequence[str], titles: Titles, reference: Sequence[int]
) -> list[int]:
    """Rows right below the header that explain the columns; only where that is certain."""
    found: list[int] = []
    for row in range(header_row + 1, header_row + 4):
        if row not in sheet.frame.index:
            break
        cells = sheet.texts(row)
        given = [(at, text) for at, text in enumerate(cells) if text.strip()]
        if not given or not _is_hint_row(given, texts, titles, reference):
            break
        found.append(row)
    return found


def _is_hint_row(
    given: Sequence[tuple[int, str]],
    titles_: Sequence[str],
    titles: Titles,
    reference: Sequence[int],
) -> bool:
    named = [text for at, text in given if at in reference]
    first = _plain(given[0][1])
    if any(_EXAMPLE.fullmatch(text) for text in (first, *map(_plain, named))):
        return True
    hints = [_is_hint(text, titles_[at], titles) for at, text in given]
    if named and all(_HINT_WORDS.fullmatch(_plain(text)) for text in named):
        return sum(hints) * 2 >= len(hints)
    return all(hints) and (len(hints) > 1 or not named)


def _plain(text: str) -> str:
    return "".join(simplified(text).split()).lower().strip("()（）[]【】*:：")


def _is_hint(text: str, title: str, titles: Titles) -> bool:
    if _HINT_WORDS.fullmatch(_plain(text)) or REMARK.match(simplified(text.strip())):
        return True
    meanings = titles.candidates(title)
    told = {normalise(title)[0]}
    for spec in meanings:
        told |= {
            spec.path.lower(),
            *(normalise(word)[0] for word in (spec.title.zh, spec.title.en)),
        }
        told |= {normalise(alias)[0] for alias in spec.aliases}
        if spec.help and text.strip() in (spec.help.zh, spec.help.en):
            return True
    return normalise(text)[0] in told or text.strip().lower() in told


def _repeated(
    sheet: Sheet, header_row: int, texts: Sequence[str], reference: Sequence[int]
) -> list[int]:
    """Rows that are the header once more, as on every printed page."""
    found: list[int] = []
    for position in reference:
        codes, words = sheet.column(position)
        same = [code for code, word in enumerate(words) if word == texts[position]]
        for row in sheet.frame.index[np.isin(codes, same)].tolist():
            cells = sheet.texts(row) if row > header_row else []
            given = [cell.strip() == texts[at].strip() for at, cell in enumerate(cells) if cell]
            if len(given) > 1 and all(given) and row not in found:
                found.append(row)
    return found


def _totals(sheet: Sheet, keep: Booleans, reference: Sequence[int]) -> list[int]:
    """Rows whose first filled cell, or whose reference, says that they are a total."""
    words: dict[int, Booleans] = {}
    for position in range(len(sheet.letters)):
        codes, texts = sheet.column(position)
        totals = [code for code, text in enumerate(texts) if _is_total(text)]
        if totals:
            words[position] = np.isin(codes, totals) & keep
    found: set[int] = set()
    for position, hits in words.items():
        for at in np.flatnonzero(hits).tolist():
            row = sheet.frame.iloc[at]
            filled = [each for each in range(len(sheet.letters)) if isinstance(row[each], str)]
            named = [each for each in reference if each in filled]
            if all(each in words and words[each][at] for each in named) and (
                position in reference or position == filled[0]
            ):
                found.add(int(sheet.frame.index[at]))
    return sorted(found)


def _is_total(text: str) -> bool:
    return (
        len(text) < 24
        and text.lstrip()[:1] in _TOTAL_LETTERS
        and _TOTAL.fullmatch("".join(simplified(text).split()).lower()) is not None
    )


def _settle_hidden(sheet: Sheet, keep: Booleans, hidden: str | None, notes: list[Note]) -> None:
    """Rows that nobody sees are sent, or left out, only when somebody said so."""
    if not sheet.hidden_rows:
        return
    unseen = np.isin(sheet.frame.index, list(sheet.hidden_rows)) & keep
    filled = ~sheet.frame.isna().all(axis=1).to_numpy()
    count, shown = int((unseen & filled).sum()), int((keep & ~unseen & filled).sum())
    if not count:
        return
    rows = sheet.frame.index[unseen & filled].tolist()
    facts = {"sheet": sheet.name, "count": str(count), "shown": str(shown), "rows": _listed(rows)}
    if hidden is None:
        raise SheetError(
            t(
                "{count} rows with data are hidden or filtered out (rows {rows}), "
                "{shown} are shown",
                **facts,
            ),
            where=t("sheet {name}", name=repr(sheet.name)),
            remedy=t(
                "Say whether they count: --hidden-rows include or --hidden-rows exclude. "
                "Or show them all in the sheet, or delete them."
            ),
            code="HIDDEN_ROWS",
        )
    notes.append((f"note_hidden_{hidden}d", facts))
    if hidden == "exclude":
        keep &= ~unseen


# -- labels above the table --------------------------------------------------------------------


def _labels(sheet: Sheet, top: int, titles: Titles, notes: list[Note]) -> Iterator[Column]:
    """Labels with a value to their right, or behind their colon, in the rows above the header."""
    ends = {(one.top, one.left): one.right for one in sheet.merged}
    rows = {row: texts for row, texts in _top_rows(sheet).items() if row < top}
    colons = any(text.strip().endswith((":", "：")) for texts in rows.values() for text in texts)
    for row, texts in rows.items():
        taken: set[int] = set()
        in_pairs = colons or _is_pairs(texts, titles)
        for position, text in enumerate(texts):
            if not text.strip() or position in taken or text.strip() in OWN_TITLES:
                continue
            pair = _PAIR.fullmatch(text.strip())
            if pair and titles.candidates(pair[1]) and not re.search("[:：]", pair[2]):
                yield Column(
                    position, sheet.letters[position], pair[1].strip(), row, pair[2].strip()
                )
                continue
            label = _has_colon(text)
            known = titles.is_known(text)
            place = ends.get((row, position), position) + 1
            value = texts[place].strip() if place < len(texts) else ""
            if not (label or (known and in_pairs)) or not value or _is_label(value, titles):
                continue
            taken.add(place)
            if known:
                title = text.strip().rstrip(":： ")
                yield Column(place, sheet.letters[place], title, row, value)
            else:
                cell = f"{sheet.letters[position]}{row}"
                notes.append(("note_unknown_label", {"cell": cell, "title": show(text)}))


def _is_label(text: str, titles: Titles) -> bool:
    return _has_colon(text) or bool(titles.candidates(text))


def _has_colon(text: str) -> bool:
    return text.rstrip("*＊ \n").endswith((":", "："))


def _is_pairs(texts: Sequence[str], titles: Titles) -> bool:
    """Known titles and values by turns, so that it is no row of headings."""
    given = [text for text in texts if text.strip()]
    return (
        len(given) > 1
        and len(given) % 2 == 0
        and all(titles.is_known(text) for text in given[::2])
        and not any(titles.is_known(text) for text in given[1::2])
    )
