"""Labels with their values above the table, such as `收件人：Ann`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from converter.layout.notes import UNKNOWN_LABEL
from converter.layout.table import Column
from converter.layout.titles import Titles, show
from converter.message import t
from converter.model import own_title
from converter.sheet import Sheet

_LABEL_AND_VALUE = re.compile(r"([^:：]{1,30})[:：]\s*(\S.*)", re.DOTALL)


def find_labels(
    sheet: Sheet, rows: Mapping[int, Sequence[str]], titles: Titles
) -> tuple[list[Column], list[str]]:
    """The labels of fields in the rows above the header, and notes on labels of no field.

    The value of a label stands to its right, or behind its colon in the same cell.
    """
    found: list[Column] = []
    notes: list[str] = []
    ends = {(one.top, one.left): one.right for one in sheet.merged}
    colons = any(text.strip().endswith((":", "：")) for texts in rows.values() for text in texts)
    for row, texts in rows.items():
        values: set[int] = set()
        in_pairs = colons or is_pairs(texts, titles)
        for position, text in enumerate(texts):
            if not text.strip() or position in values or own_title(text):
                continue
            if both := _label_and_value(text, titles):
                title, value = both
                found.append(Column(position, sheet.letters[position], title, row, value))
                continue
            is_known = titles.is_known(text)
            place = ends.get((row, position), position) + 1
            value = texts[place].strip() if place < len(texts) else ""
            is_label = has_colon(text) or (is_known and in_pairs)
            if not is_label or not value or has_colon(value) or titles.candidates(value):
                continue
            values.add(place)
            if is_known:
                title = text.strip().rstrip(":： ")
                found.append(Column(place, sheet.letters[place], title, row, value))
            else:
                cell = f"{sheet.letters[position]}{row}"
                notes.append(t(UNKNOWN_LABEL, cell=cell, title=show(text)))
    return found, notes


def _label_and_value(text: str, titles: Titles) -> tuple[str, str] | None:
    """A label and its value in one cell; not where the value has a colon of its own."""
    found = _LABEL_AND_VALUE.fullmatch(text.strip())
    if found and titles.candidates(found[1]) and not re.search("[:：]", found[2]):
        return found[1].strip(), found[2].strip()
    return None


def has_colon(text: str) -> bool:
    return text.rstrip("*＊ \n").endswith((":", "："))


def is_pairs(texts: Sequence[str], titles: Titles) -> bool:
    """Whether known titles alternate with values, as labels do and the titles of columns do not."""
    given = [text for text in texts if text.strip()]
    return (
        len(given) > 1
        and len(given) % 2 == 0
        and all(titles.is_known(text) for text in given[::2])
        and not any(titles.is_known(text) for text in given[1::2])
    )
