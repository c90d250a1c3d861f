"""Rows of a table that are no data: explanations, repeated headers, totals, hidden rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from converter.errors import SheetError
from converter.layout.chosen import chosen_positions
from converter.layout.notes import (
    HIDDEN_EXCLUDED,
    HIDDEN_INCLUDED,
    HINT_ROW,
    LEFT_OUT,
    REPEATED_HEADER,
    TOTAL_ROW,
)
from converter.layout.table import Booleans
from converter.layout.titles import REMARK, Titles, common_titles, normalise, show, simplified
from converter.message import COMMA, join, t
from converter.model import Cell
from converter.profiles.model import Profile
from converter.sheet import Sheet
from converter.text import clean, fold

_TOTAL = re.compile(
    r"(总合计|合计|总计|小计|共计|累计|本页合计|grandtotal|sub-?total|totals?|sum)"
    r"([/(（]?(合计|总计|小计|grandtotal|sub-?total|totals?)[)）]?)?"
    r"([:：]?共?\d+(票|单|件|箱|个|pcs|orders|parcels|boxes)?)?[:：]?"
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


def find_skipped_rows(
    sheet: Sheet,
    header_row: int,
    texts: Sequence[str],
    titles: Titles,
    reference: Sequence[int],
    below: Booleans,
) -> tuple[Booleans, list[str]]:
    """The rows `below` the header that are no data, and notes that name them.

    `texts` are the titles of the columns, `reference` the positions of the order's reference.
    """
    skipped = np.zeros(len(below), bool)
    notes: list[str] = []

    def skip(template: str, rows: Sequence[int]) -> None:
        nonlocal skipped
        if rows:
            skipped |= np.isin(sheet.frame.index, rows)
            first = next((text for text in sheet.texts(rows[0]) if text.strip()), "")
            facts = {"sheet": sheet.name, "rows": listed(rows), "text": show(first)}
            notes.append(t(template, **facts))

    refuse_second_table(sheet, texts, reference, below)
    skip(HINT_ROW, hint_rows(sheet, header_row, texts, titles, reference))
    skip(REPEATED_HEADER, repeated_header_rows(sheet, header_row, texts, reference))
    skip(TOTAL_ROW, total_rows(sheet, below, reference))
    return skipped, notes


def refuse_second_table(
    sheet: Sheet,
    titles: Sequence[str],
    reference: Sequence[int],
    below: Booleans,
) -> None:
    """Raise SheetError where a row below a blank one has the titles of another table."""
    own = {title.strip(): at for at, title in enumerate(titles) if title.strip()}
    blank = sheet.frame.isna().all(axis=1).to_numpy()
    rows = sheet.frame.index.tolist()
    for position in reference:
        codes, texts = sheet.column(position)
        named = [n for n, x in enumerate(texts) if own.get(x.strip(), position) != position]
        for at in np.flatnonzero(np.isin(codes, named) & below).tolist():
            is_apart = at > 0 and (bool(blank[at - 1]) or rows[at - 1] != rows[at] - 1)
            given = [text.strip() for text in sheet.texts(rows[at]) if text.strip()]
            if is_apart and len(given) > 1 and not any(map(str.isdigit, "".join(given))):
                raise SheetError(
                    t(
                        "row {row} has the titles of another table: {titles}",
                        row=rows[at],
                        titles=join(COMMA, map(show, given[:5])),
                    ),
                    where=Cell(sheet.name, sheet.letters[position], rows[at]),
                    remedy=t("Put that table on a sheet of its own, or delete its rows."),
                    code="SECOND_TABLE",
                )


def find_left_out(
    sheet: Sheet, titles: Sequence[str], profile: Profile, keep: Booleans
) -> tuple[Booleans, list[str]]:
    """The rows that the profile leaves out, such as cancelled orders, and notes that name them."""
    left_out = np.zeros(len(keep), bool)
    notes: list[str] = []
    for one in profile.leave_out:
        words = {fold(clean(word)) for word in one.words}
        for position in chosen_positions(one.column, titles, sheet.letters):
            codes, texts = sheet.column(position)
            hit = [code for code, text in enumerate(texts) if fold(clean(text)) in words]
            found = np.isin(codes, hit) & keep
            for code in hit:
                rows = sheet.frame.index[found & (codes == code)].tolist()
                if rows:
                    facts = {"sheet": sheet.name, "rows": listed(rows), "text": show(texts[code])}
                    notes.append(t(LEFT_OUT, **facts, title=show(titles[position])))
            left_out |= found
    return left_out, notes


def find_hidden_rows(
    sheet: Sheet, keep: Booleans, hidden: str | None
) -> tuple[Booleans, list[str]]:
    """The hidden rows that do not count, and a note on them.

    Raises SheetError where hidden rows have data and `hidden` (`include` or `exclude`) is None.
    """
    none = np.zeros(len(keep), bool)
    if not sheet.hidden_rows:
        return none, []
    unseen = np.isin(sheet.frame.index, list(sheet.hidden_rows)) & keep
    filled = ~sheet.frame.isna().all(axis=1).to_numpy()
    count, shown = int((unseen & filled).sum()), int((keep & ~unseen & filled).sum())
    if not count:
        return none, []
    rows = sheet.frame.index[unseen & filled].tolist()
    facts = {"sheet": sheet.name, "count": str(count), "shown": str(shown), "rows": listed(rows)}
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
    return (unseen if hidden == "exclude" else none), [
        t(HIDDEN_EXCLUDED if hidden == "exclude" else HIDDEN_INCLUDED, **facts)
    ]


def listed(rows: Sequence[int]) -> str:
    """`3, 9, 12`, the first ten."""
    return join(COMMA, [*map(str, rows[:10]), *["…"] * (len(rows) > 10)])


def hint_rows(
    sheet: Sheet, header_row: int, texts: Sequence[str], titles: Titles, reference: Sequence[int]
) -> list[int]:
    """Rows right below the header that certainly explain the columns."""
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
    header: Sequence[str],
    titles: Titles,
    reference: Sequence[int],
) -> bool:
    named = [text for at, text in given if at in reference]
    first = _plain(given[0][1])
    if any(_EXAMPLE.fullmatch(text) for text in (first, *map(_plain, named))):
        return True
    hints = [_is_hint(text, header[at], titles) for at, text in given]
    if named and all(_HINT_WORDS.fullmatch(_plain(text)) for text in named):
        return sum(hints) * 2 >= len(hints)
    return all(hints) and (len(hints) > 1 or not named)


def _plain(text: str) -> str:
    return "".join(simplified(text).split()).lower().strip("()（）[]【】*:：")


def _is_hint(text: str, title: str, titles: Titles) -> bool:
    if _HINT_WORDS.fullmatch(_plain(text)) or REMARK.match(simplified(text.strip())):
        return True
    meanings = titles.candidates(title)
    known = {normalise(title)[0]}
    for spec in meanings:
        written = [spec.title.zh, spec.title.en, *spec.aliases]
        written += [common for common, _ in common_titles(spec, titles.mapping)]
        known |= {spec.path.lower(), *(normalise(word)[0] for word in written)}
        if spec.help and text.strip() in (spec.help.zh, spec.help.en):
            return True
    return normalise(text)[0] in known or text.strip().lower() in known


def repeated_header_rows(
    sheet: Sheet, header_row: int, texts: Sequence[str], reference: Sequence[int]
) -> list[int]:
    """Rows that repeat the header, as on every printed page."""
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


def total_rows(sheet: Sheet, keep: Booleans, reference: Sequence[int]) -> list[int]:
    """Rows with a word such as 合计 as their first filled cell or as their reference."""
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
