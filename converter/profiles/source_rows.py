"""The rows of a known source's sheet: which of them are orders to send."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from converter.message import COMMA, N_, join, t
from converter.profiles.known_sources import KnownSource, LeftOutRows, key
from converter.sheet.model import Sheet

_DESCRIPTION = N_("Row {rows} ({text} …) describes the columns and was passed over.")
_FOOTER = N_("Row {rows} ({text} …) stands behind the orders and was passed over.")
_LEFT_OUT = N_("Left out, because {title} is {text}: {orders} (row {rows}).")
_ASK = N_("Look before you send: {title} is {text} for {orders} (row {rows}).")

_MARKS = re.compile(r"^'(?=[+(\d])|^=\"(.*)\"$")
"""An apostrophe before a number, or a text as a formula: no 's-Hertogenbosch loses a letter."""

Texts = list[str]
"""The texts of a column, one for each row of the sheet's frame; blank cells are empty."""

Booleans = np.ndarray[Any, np.dtype[np.bool_]]


class SourceRows:
    """The rows below the titles; those that are no orders to send are dropped and named."""

    def __init__(self, sheet: Sheet, header_row: int, source: KnownSource) -> None:
        self.sheet, self.header_row, self.source = sheet, header_row, source
        self.rows = sheet.frame.index.to_numpy()
        self.titles = sheet.texts(header_row)
        self.notes: list[str] = []
        self._at: dict[str, list[int]] = {}
        for position, title in enumerate(self.titles):
            if title.strip():
                self._at.setdefault(key(title), []).append(position)
        self._blanks = {"", *source.blank}
        self._texts: dict[int, Texts] = {}
        self.keep: Booleans = self.rows > header_row
        self.keep &= ~sheet.frame.isna().all(axis=1).to_numpy()
        self.dropped: Booleans = np.zeros(len(self.rows), bool)
        self.drop(self._descriptions())
        self.drop(self._footers())
        self.references = self._references()
        for rule in source.left_out:
            self._leave_out(rule)
        for rule in source.asked:
            self._ask(rule)

    # -- cells -------------------------------------------------------------------------------------

    def positions(self, title: str) -> list[int]:
        return self._at.get(key(title), [])

    def position(self, title: str) -> int | None:
        """Where a title stands: as written where titles differ in case alone, else the first."""
        return next(iter(self.positions(title)), None)

    def texts(self, position: int) -> Texts:
        """The texts of a column, without the marks that exports put around them."""
        if position not in self._texts:
            codes, texts = self.sheet.column(position)
            meant = ["" if (text := plain(each)) in self._blanks else text for each in texts]
            meant.append("")  # the text of the code -1
            self._texts[position] = [meant[code] for code in codes.tolist()]
        return self._texts[position]

    def spread(self, position: int) -> Texts:
        """The texts of a column, with that of a merged cell on each of its rows."""
        texts = self.texts(position)
        merged = [one for one in self.sheet.merged if one.left == one.right == position]
        if not merged:
            return texts
        texts, first = [*texts], int(self.rows[0])
        for one in merged:
            for row in range(max(one.top, self.header_row + 1) + 1, one.bottom + 1):
                if row - first < len(texts):
                    texts[row - first] = texts[one.top - first]
        return texts

    def kept(self, texts: Texts) -> Texts:
        return [text for text, keep in zip(texts, self.keep, strict=True) if keep]

    def _references(self) -> Texts:
        """For every row the reference of its order, which a blank cell takes from above."""
        column = self.source.columns.get("reference")
        places = [at for title in column.titles if (at := self.position(title)) is not None] \
            if column else []  # fmt: skip
        found: Texts = []
        last = ""
        for number in range(len(self.rows)):
            texts = [text for at in places if (text := self.texts(at)[number])]
            if self.keep[number] and texts:
                last = texts[0]
            found.append(last if self.keep[number] else "")
        return found

    def of_order(self, texts: Texts) -> Texts:
        """What the first filled row of an order says, on each of its rows that says nothing."""
        said: dict[str, str] = {}
        for reference, text in zip(self.references, texts, strict=True):
            if reference and text:
                said.setdefault(reference, text)
        pairs = zip(self.references, texts, strict=True)
        return [text or said.get(reference, "") for reference, text in pairs]

    # -- rows --------------------------------------------------------------------------------------

    def drop(self, drop: Booleans) -> None:
        self.dropped |= drop & self.keep
        self.keep &= ~drop

    def _descriptions(self) -> Booleans:
        """Rows right below the titles that describe the columns."""
        found = np.zeros(len(self.rows), bool)
        if not self.source.descriptions:
            return found
        reference = self.position(self.source.columns["reference"].titles[0])
        for number in np.flatnonzero(self.keep).tolist()[:6]:
            text = self.texts(reference)[number] if reference is not None else ""
            if not re.search(r"[^\W\d_]{2,}\s+[^\W\d_]|[\u3400-\u9fff]{3}|^[A-Z]+ \[", text):
                break
            found[number] = True
        if found.any():
            facts = {"rows": listed(self.rows[found].tolist())}
            text = next(filter(str.strip, self.sheet.texts(int(self.rows[found][0]))), "")
            self.notes.append(t(_DESCRIPTION, **facts, text=f"'{text[:40]}'"))
        return found

    def _footers(self) -> Booleans:
        """Rows behind the last order with hardly any text, such as the number of records."""
        filled = self.sheet.frame.notna().sum(axis=1).to_numpy()
        found = np.zeros(len(self.rows), bool)
        for number in reversed(np.flatnonzero(self.keep).tolist()):
            if filled[number] > 2 or len(self._at) < 8:
                break
            found[number] = True
        if found.any():
            facts = {"rows": listed(self.rows[found].tolist())}
            text = next(filter(str.strip, self.sheet.texts(int(self.rows[found][0]))), "")
            self.notes.append(t(_FOOTER, **facts, text=f"'{text[:40]}'"))
        return found

    def _matching(self, rule: LeftOutRows) -> Booleans:
        position = self.position(rule.title)
        if position is None:
            return np.zeros(len(self.rows), bool)
        words, others = set(map(str.lower, rule.words)), set(map(str.lower, rule.except_))

        def counts(text: str) -> bool:
            folded = text.lower()
            return bool(text) and folded not in others and (not words or folded in words)

        texts = self.of_order(self.texts(position))
        hits = {text for text in set(texts) if counts(text)}
        return np.array([text in hits for text in texts], bool) & self.keep

    def _leave_out(self, rule: LeftOutRows) -> None:
        found = self._matching(rule)
        if found.any():
            self.notes.append(t(_LEFT_OUT, **self._facts(found, rule)))
            self.drop(found)

    def _ask(self, rule: LeftOutRows) -> None:
        found = self._matching(rule)
        if found.any():
            self.notes.append(t(_ASK, **self._facts(found, rule)))

    def _facts(self, found: Booleans, rule: LeftOutRows) -> dict[str, str]:
        position = self.position(rule.title)
        texts = self.of_order(self.texts(position)) if position is not None else []
        numbers = np.flatnonzero(found).tolist()
        references = [*dict.fromkeys(self.references[number] for number in numbers)]
        shown = join(COMMA, [*references[:10], *["…"] * (len(references) > 10)])
        said = [*dict.fromkeys(texts[number] for number in numbers)]
        return {
            "orders": shown,
            "title": " ".join(rule.title.split()),
            "text": " / ".join(said[:3]) + (" / …" if len(said) > 3 else ""),
            "rows": listed(self.rows[found].tolist()),
        }


def plain(text: str) -> str:
    """A text without the marks that keep programs from reading it as a number."""
    text = text.strip()
    if found := _MARKS.match(text):
        text = found[1] if found[1] is not None else text[1:]
    return text.strip()


def listed(rows: Sequence[int]) -> str:
    shown = join(COMMA, map(str, rows[:10]))
    return f"{shown}, …" if len(rows) > 10 else shown
