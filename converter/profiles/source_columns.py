"""The columns that the rules of a known source make of its sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter

import numpy as np
import pandas as pd

from converter.message import COMMA, N_, join, t
from converter.profiles.known_sources import MOST_NUMBERED, SourceColumn
from converter.profiles.model import ColumnChoice, FieldColumns
from converter.profiles.source_rows import SourceRows, Texts, listed
from converter.profiles.source_values import (
    currency_of,
    divided,
    order_of,
    plain_amount,
    plain_date,
)
from converter.sheet.model import Flaws, Sheet

_DATES = frozenset(("order_time", "payment_time"))
_AMOUNTS = frozenset(("items.unit_price", "items.declared_price"))
_MASKED = re.compile(r"\*{2,}|\*$|^[\u3400-\u9fff]\*|\*(?=[\u3400-\u9fff])|^##.+##$|^\$\$.+\$\$$")
_MADE = "\u2060"
"""Stands invisibly behind the title of a column that was made of one with this title."""


@dataclass
class MadeColumn:
    """A column that the rules made."""

    title: str
    letter: str
    texts: Texts
    flaws: dict[str, set[int]] = field(default_factory=dict)


class SourceColumns:
    """The columns of each field, made of the rows that are kept."""

    def __init__(self, rows: SourceRows) -> None:
        self.rows, self.sheet, self.source = rows, rows.sheet, rows.source
        self.made: list[MadeColumn] = []
        self.columns: dict[str, FieldColumns] = {}
        if self.source.piece_rows:
            self._count_pieces()
        self.packed = self._packed_items()
        for name, column in self.source.columns.items():
            self._column(name, column)
        if self.source.packed:
            self._unpack()

    def _count_pieces(self) -> None:
        """Make equal rows of an order one, with their number as the quantity."""
        names = ("items.sku", "items.name", "items.unit_price")
        parts = [self.source.columns[name].titles[0] for name in names]
        places = [at for title in parts if (at := self.rows.position(title)) is not None]
        if not places:
            return
        first: dict[tuple[str, ...], int] = {}
        pieces: Counter[int] = Counter()
        again = np.zeros(len(self.rows.rows), bool)
        for number in np.flatnonzero(self.rows.keep).tolist():
            same = (self.rows.references[number], *(self.rows.texts(at)[number] for at in places))
            pieces[first.setdefault(same, number)] += 1
            again[number] = first[same] != number
        counted = [str(pieces[number]) if number in pieces else "" for number in
                   range(len(self.rows.rows))]  # fmt: skip
        self._add("items.quantity", MadeColumn("quantity", self.sheet.letters[places[0]], counted))
        if again.any():
            sentence = t(
                "Equal rows of an order are pieces and were counted; row {rows} repeats.",
                rows=listed(self.rows.rows[again].tolist()),
            )
            self.rows.notes.append(sentence)
            self.rows.drop(again)

    def _column(self, name: str, column: SourceColumn) -> None:
        if column.way != "numbered":
            if made := self._read(name, column):
                self._add(name, made)
            return
        found = [self._read(name, column, number) for number in range(1, MOST_NUMBERED + 1)]
        while found and found[-1] is None:
            found.pop()
        for made in found:
            self._add(name, made, numbered=True)

    def _add(self, name: str, made: MadeColumn | None, *, numbered: bool = False) -> None:
        """Give a column to a field; None keeps the place of a number that has no column."""
        choices: tuple[ColumnChoice, ...] = ()
        if made is not None:
            title = self._free_title(made.title)
            self.made.append(replace(made, title=title))
            choices = (ColumnChoice(title),)
        before = self.columns.get(name)
        alternatives = before.alternatives if before and numbered else ()
        self.columns[name] = FieldColumns((*alternatives, choices), numbered)

    def _free_title(self, title: str) -> str:
        """The title, with a mark where one stands in the sheet already."""
        taken = {" ".join(each.split()) for each in self.rows.titles} | {
            one.title for one in self.made
        }
        title = " ".join(title.split())
        while title in taken:
            title += _MADE
        return title

    def _read(self, name: str, column: SourceColumn, number: int = 0) -> MadeColumn | None:
        titles = [title.replace("{n}", str(number)) for title in column.titles]
        places = [at for title in titles if (at := self.rows.position(title)) is not None]
        if not places:
            return None
        joined = column.way == "join"
        texts = self._texts(name, column, places)
        if column.of_order:
            texts = self.rows.of_order(texts)
        flaws = self._flaws(places)
        self._tell(name, column, places, texts)
        if column.pieces:
            texts, unsure = self._divided(texts, column.pieces)
            flaws = {**flaws, **({"division": unsure} if unsure else {})}
        if column.alone:
            texts = self._of_lone_items(texts)
        if name.startswith("receiver."):
            masked = self._masked(texts)
            flaws = {**flaws, **({"masked": masked} if masked else {})}
        shown = " + " if joined else " / "
        own = shown.join(
            " ".join(self.rows.titles[at].split()) for at in places[: None if joined else 2]
        )
        return MadeColumn(own, self.sheet.letters[places[0]], texts, flaws)

    def _tell(self, name: str, column: SourceColumn, places: Sequence[int], texts: Texts) -> None:
        """Say what was made of a column beyond the text of its cells."""
        written = [text for at in places for text in self.rows.kept(self.rows.texts(at)) if text]
        told = {text for text in self.rows.kept(texts) if text}
        title = " ".join(self.rows.titles[places[0]].split())
        if not told:
            return
        if column.pieces:
            sentence = N_("{title} is the total of a line, and was divided by {pieces}.")
            self.rows.notes.append(t(sentence, title=title, pieces=column.pieces))
        elif column.sign:
            sentence = N_("The currency is that of the amounts in {title}: {found}.")
            self.rows.notes.append(t(sentence, title=title, found=join(COMMA, sorted(told))))
        elif name in _DATES and told.isdisjoint(written):
            shown = f"{written[0]} → {next(text for text in texts if text)}"
            sentence = N_("Dates in {title} were read as {found}.")
            self.rows.notes.append(t(sentence, title=title, found=shown))

    def _texts(self, name: str, column: SourceColumn, places: Sequence[int]) -> Texts:
        """What the cells of a field say; each distinct text is worked on once."""
        # The text of merged cells counts on each row, but not a number of pieces.
        texts = self.rows.texts if name == "items.quantity" else self.rows.spread
        parts = zip(*(texts(at) for at in places), strict=True)
        kept = self.rows.keep.tolist()
        if column.beside:
            at = self.rows.position(column.beside)
            filled = self.rows.texts(at) if at is not None else [""] * len(kept)
            kept = [keep and bool(text) for keep, text in zip(kept, filled, strict=True)]
        combine = itemgetter(0) if len(places) == 1 else partial(_combined, column)
        found = [combine(cells) if keep else "" for cells, keep in zip(parts, kept, strict=True)]
        if column.pattern:
            part = re.compile(column.pattern, re.DOTALL)
            found = [hit[1].strip() if (hit := part.search(text)) else "" for text in found]
        dates = order_of(set(found), self.source.dates) if name in _DATES else ""
        worded = {text: self._worded(name, column, text, dates) for text in set(found)}
        return [worded[text] for text in found]

    def _worded(self, name: str, column: SourceColumn, text: str, dates: str) -> str:
        if column.sign:
            return currency_of(text, self.source.signs)
        if name in _DATES:
            return plain_date(text, dates)
        if name in _AMOUNTS:
            return plain_amount(text, comma=self.source.comma)
        if name.endswith("address"):
            return ", ".join(part.strip() for part in text.splitlines() if part.strip())
        return text

    def _divided(self, totals: Texts, title: str) -> tuple[Texts, set[int]]:
        position = self.rows.position(title)
        pieces = self.rows.texts(position) if position is not None else [""] * len(totals)
        found: Texts = []
        unsure: set[int] = set()
        for row, (total, count) in enumerate(zip(totals, pieces, strict=True)):
            price = divided(total, count) if total else ""
            if price is None:
                unsure.add(int(self.rows.rows[row]))
            found.append(total if price is None else price)
        return found, unsure

    def _of_lone_items(self, texts: Texts) -> Texts:
        counts: Counter[str] = Counter()
        for reference, items in zip(self.rows.references, self.packed, strict=True):
            counts[reference] += max(1, len(items))
        pairs = zip(self.rows.references, texts, strict=True)
        return [text if counts[reference] == 1 else "" for reference, text in pairs]

    def _masked(self, texts: Texts) -> set[int]:
        masked = {text for text in set(texts) if _MASKED.search(text)}
        kept = self.rows.keep.tolist()
        return {
            int(row)
            for row, text, keep in zip(self.rows.rows, texts, kept, strict=True)
            if keep and text in masked
        }

    def _flaws(self, places: Sequence[int]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for place in places:
            for kind, rows in self.sheet.flaws.get(place, {}).items():
                if kind != "ragged":
                    found[kind] = found.get(kind, set()) | rows
        return found

    def _packed_items(self) -> list[list[str]]:
        """For every row the items that stand in its cells."""
        packed = self.source.packed
        items: list[list[str]] = [[] for _ in self.rows.rows]
        if packed is None:
            return items
        for number in range(1, MOST_NUMBERED + 1) if "{n}" in packed.title else (0,):
            position = self.rows.position(packed.title.replace("{n}", str(number)))
            for row, text in enumerate(self.rows.texts(position) if position is not None else ()):
                if text and self.rows.keep[row]:
                    items[row] += _entries(text, packed.entries) if packed.entries else [text]
        return items

    def _unpack(self) -> None:
        """Columns for the items that stand in cells."""
        packed = self.source.packed
        assert packed is not None
        sentence = N_("{count} items stand in {title}; each was read from its part of the cell.")
        shown = packed.title.replace("{n}", "1")
        count = f"{sum(map(len, self.packed)):,}"
        self.rows.notes.append(t(sentence, title=shown, count=count))
        numbers = map(str, range(MOST_NUMBERED + 1))
        places = (self.rows.position(packed.title.replace("{n}", each)) for each in numbers)
        first = next((at for at in places if at is not None), 0)
        letter = self.sheet.letters[first]
        for number in range(max(map(len, self.packed), default=0)):
            own = [items[number] if number < len(items) else "" for items in self.packed]
            for name, pattern in packed.fields.items():
                self._add(name, self._part(own, pattern, letter, name, number), numbered=True)
            if packed.total:
                self._add("items.unit_price", self._price(own, letter, number), numbered=True)

    def _part(self, own: Texts, pattern: str, letter: str, name: str, number: int) -> MadeColumn:
        texts = [found[1].strip() if (found := re.search(pattern, text, re.DOTALL)) else ""
                 for text in own]  # fmt: skip
        return MadeColumn(f"{name.rpartition('.')[2]}{number + 1}", letter, texts)

    def _price(self, own: Texts, letter: str, number: int) -> MadeColumn:
        packed = self.source.packed
        assert packed is not None
        total = self.rows.position(packed.total)
        texts: Texts = []
        unsure: set[int] = set()
        for row, text in enumerate(own):
            amount = ""
            if total is not None:
                amount = self.rows.texts(total)[row] if len(self.packed[row]) == 1 and text else ""
            elif text and (found := re.search(packed.total, text)):
                amount = found[1]
            count = re.search(packed.fields["items.quantity"], text)
            plain = plain_amount(amount, comma=self.source.comma)
            price = divided(plain, count[1] if count else "") if plain else ""
            if price is None:
                unsure.add(int(self.rows.rows[row]))
            texts.append(plain if price is None else price)
        flaws = {"division": unsure} if unsure else {}
        return MadeColumn(f"price{number + 1}", letter, texts, flaws)

    # -- the sheet ---------------------------------------------------------------------------------

    def count_items(self) -> int:
        names = ("items.quantity", "items.sku", "items.name", "items.declared_name_en")
        for name in names:
            if name in self.columns:
                titles = self.columns[name].titles()
                found = [one.texts for one in self.made if one.title in titles]
                return sum(bool(text) for texts in found for text in self.rows.kept(texts))
        return 0

    def adapted(self) -> Sheet:
        """The sheet with the columns that were made, and with its other rows blank."""
        sheet = self.sheet
        columns = {}
        for position in range(len(sheet.letters)):
            values = sheet.frame[position].cat
            codes = np.where(self.rows.dropped, -1, values.codes.to_numpy())
            columns[position] = pd.Categorical.from_codes(codes, categories=values.categories)
        flaws: Flaws = dict(sheet.flaws)
        letters = list(sheet.letters)
        header = int(np.flatnonzero(self.rows.rows == self.rows.header_row)[0])
        for made in self.made:
            texts: list[str | None] = [
                text if keep and text else None
                for text, keep in zip(made.texts, self.rows.keep, strict=True)
            ]
            texts[header] = made.title
            categories = [*dict.fromkeys(text for text in texts if text is not None)]
            columns[len(letters)] = pd.Categorical(texts, categories=categories)
            kept = set(self.rows.rows[self.rows.keep].tolist())
            own = {kind: rows & kept for kind, rows in made.flaws.items() if rows & kept}
            if own:
                flaws[len(letters)] = own
            letters.append(made.letter)
        frame = pd.DataFrame(columns, index=sheet.frame.index)
        said = (
            one.text for one in self.source.remarks if not any(map(self.rows.positions, one.unless))
        )
        notes = (*sheet.notes, *self.rows.notes, *said)
        return replace(sheet, frame=frame, letters=tuple(letters), flaws=flaws, notes=notes)


def _entries(text: str, begin: str) -> list[str]:
    """The items of a cell, each from its mark on."""
    marks = [found.end() for found in re.finditer(begin, text)]
    ends = [found.start() for found in re.finditer(begin, text)][1:]
    return [text[at:end].strip() for at, end in zip(marks, [*ends, len(text)], strict=True)]


def _combined(column: SourceColumn, cells: Sequence[str]) -> str:
    """The first text of several columns, or all of them with what stands between."""
    if column.way != "join":
        return next(filter(None, cells), "")
    text = ""
    for number, cell in enumerate(cells):
        if cell and text:
            text += column.by[min(number - 1, len(column.by) - 1)]
        text += cell
    return text
