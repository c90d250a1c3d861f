"""Which column is which field: the sheet's headers matched to the mapping, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from converter import paths
from converter.errors import SheetError
from converter.mapping import FieldSpec
from converter.mapping import Mapping as ProviderMapping
from converter.model import OWN_SHEETS, OWN_TITLES, Cell
from converter.sheet import Sheet


@dataclass(frozen=True)
class Column:
    """A column of the sheet that a field was found in."""

    position: int
    letter: str
    title: str


@dataclass(frozen=True)
class Table:
    """The order sheet: its rows below the header, and the column of each field."""

    sheet: Sheet
    header_row: int
    columns: Mapping[str, Column]
    """By the field's path; a field that copies another has that one's column."""
    notes: tuple[tuple[str, Mapping[str, str]], ...] = field(default=())
    """What the person should know of the whole sheet: a code of `wording` and its facts."""

    @property
    def name(self) -> str:
        return self.sheet.name

    @property
    def rows(self) -> pd.Index[int]:
        """Excel's numbers of the rows below the header."""
        index = self.sheet.frame.index
        return index[index > self.header_row]

    def codes(self, path: str) -> tuple[np.ndarray, list[str]]:
        """Codes of a field's cells in `rows` (-1 where blank) and the texts they stand for."""
        codes, texts = self.sheet.column(self.columns[path].position)
        return codes[len(codes) - len(self.rows) :], texts

    def cell(self, path: str, row: int) -> Cell:
        """Where a field's value stands; without a column of its own, the row."""
        column = self.columns.get(path)
        return Cell(self.name, column.letter if column else "", row)


# -- titles ------------------------------------------------------------------------------------

_MARKS = re.compile(r"^[*#:]+|[*#:.]+$|[(\[【]?(必填项?|选填项?|required|optional)[)\]】]?")
_UNIT = r"cm|mm|m|kg|g|lb|oz|元|usd|rmb|cny|eur"
_UNIT_IN_BRACKETS = re.compile(rf"[(\[【<]({_UNIT}|厘米|公斤|千克|克|毫米)[)\]】>]")
_UNIT_AT_END = re.compile(r"(?:(?<=[^a-z])|\s)(cm|mm|kg|g|usd)$")
_HINT = re.compile(r"[(\[【](文本格式|二字代码|二字码|产品编号|po|iso-?2|yyyy[^)]*)[)\]】]")
_SAME = (("发件", "寄件"), ("发货人", "寄件人"), ("收货人", "收件人"), ("洲", "州"),
         ("一", "1"), ("二", "2"), ("三", "3"))  # fmt: skip
_UNITS = {"厘米": "cm", "公斤": "kg", "千克": "kg", "克": "g", "毫米": "mm"}
_MEASURES = {"cm", "mm", "m", "kg", "g", "lb", "oz"}


def normalise(title: str) -> tuple[str, str]:
    """A title for comparing, and the unit it names (empty where it names none).

    Width, case, blanks, stars, hints in brackets and the two words for sender do not count.
    """
    unit = ""
    while True:  # what one removal uncovers is removed too: a unit before a star
        text, found = _reduce(title)
        unit = unit or found
        if text == title:
            return text, unit
        title = text


def _reduce(title: str) -> tuple[str, str]:
    text = " ".join(unicodedata.normalize("NFKC", title).lower().split())
    text = _HINT.sub("", _MARKS.sub("", text)).strip()
    unit = ""
    for pattern in (_UNIT_IN_BRACKETS, _UNIT_AT_END):
        if found := pattern.search(text):
            unit = _UNITS.get(found[1], found[1])
            text = text[: found.start()] + text[found.end() :]
            break
    text = "".join(text.split())
    for old, new in _SAME:
        text = text.replace(old, new)
    return text, unit


class _Titles:
    """Every title that a mapping knows, and what it stands for."""

    def __init__(self, mapping: ProviderMapping) -> None:
        self.mapping = mapping
        self.fields = [spec for spec in mapping.fields if spec.join is None]
        self.by_title: dict[str, list[FieldSpec]] = {}
        self.by_name: dict[str, list[FieldSpec]] = {}
        self.units: dict[str, str] = {}
        for spec in self.fields:
            for title in (spec.title.zh, spec.title.en, *spec.aliases):
                name, unit = normalise(title)
                owners = self.by_title.setdefault(name, [])
                if spec not in owners:
                    owners.append(spec)
                if unit in _MEASURES:
                    self.units.setdefault(spec.path, unit)
            for name in {spec.path, paths.plain(spec.path)}:
                self.by_name[name] = [spec]
        whole = set(self.by_name)
        for spec in self.fields:
            if (name := paths.last(spec.path)) not in whole:
                self.by_name.setdefault(name, []).append(spec)
        self.by_any_case: dict[str, list[FieldSpec]] = {}
        for name, specs in self.by_name.items():
            self.by_any_case.setdefault(normalise(name)[0], []).extend(specs)
        self.ask = {normalise(title)[0]: specs for title, specs in mapping.ask.items()}
        self.ignored = {normalise(title)[0] for title in mapping.ignored}

    def candidates(self, title: str) -> list[FieldSpec]:
        """The fields a header may mean; several where it has several meanings."""
        bare = title.strip().strip("*＊").strip()
        named = self.by_name.get(bare, [])
        if len(named) == 1:
            return named
        if owners := self._titled(title):
            return owners
        # A bilingual header: both lines must speak of one field.
        parts = [part for part in re.split(r"\n|\s/\s|\|", title) if part.strip()]
        found = [self._titled(part) for part in parts]
        if len(parts) > 1 and all(found):
            common = [spec for spec in found[0] if all(spec in other for other in found[1:])]
            if common:
                return common
        return named or self.by_any_case.get(normalise(title)[0], [])

    def _titled(self, title: str) -> list[FieldSpec]:
        return self.by_title.get(normalise(title)[0], [])

    def nearest(self, title: str) -> str:
        """A known title that looks like this one; a suggestion for a person, never applied."""
        from rapidfuzz import process

        found = process.extractOne(normalise(title)[0], self.by_title.keys(), score_cutoff=80)
        return self.by_title[found[0]][0].title.zh if found else ""


# -- sheets ------------------------------------------------------------------------------------


def find_table(
    sheets: Sequence[Sheet], mapping: ProviderMapping, file: Path, *, only: str | None = None
) -> Table:
    """The sheet that holds the orders, its header row, and the column of every field.

    Raises SheetError that names what was found where columns are missing, doubled or doubtful.
    """
    titles = _Titles(mapping)
    named = [s for s in sheets if only is not None or s.name not in OWN_SHEETS]
    named = [s for s in named if not s.frame.isna().all(axis=None)]
    if not named:
        own = ", ".join(sheet.name for sheet in sheets if sheet.name in OWN_SHEETS)
        but = (
            f" (passed over: {own}, which is how this program names its own sheets)" if own else ""
        )
        raise SheetError(
            f"there is no sheet with orders{but}",
            where=file,
            remedy="Put the orders on a sheet with a header row, or name it with --sheet.",
        )
    headers = {sheet.name: _header(sheet) for sheet in named}
    scores = {
        sheet.name: _score(sheet.texts(headers[sheet.name]), titles, mapping) for sheet in named
    }
    best = [sheet for sheet in named if scores[sheet.name][0]]
    if len(best) > 1:
        names = ", ".join(repr(sheet.name) for sheet in best)
        raise SheetError(
            f"several sheets have orders: {names}",
            where=file,
            remedy="Choose one with --sheet NAME.",
        )
    chosen = best[0] if best else max(named, key=lambda sheet: scores[sheet.name][1])
    return _match(chosen, headers[chosen.name], titles, mapping, file)


def _header(sheet: Sheet) -> int:
    """The first row that is not blank."""
    blank = sheet.frame.isna().all(axis=1)
    return int(blank.index[~blank][0])


def _score(texts: Iterable[str], titles: _Titles, mapping: ProviderMapping) -> tuple[bool, int]:
    """Whether the reference is among the headers, and how many headers are known."""
    known = [titles.candidates(text) for text in texts if text]
    reference = any(spec.path == mapping.order.reference for specs in known for spec in specs)
    return reference, sum(bool(specs) for specs in known)


def _match(
    sheet: Sheet, header_row: int, titles: _Titles, mapping: ProviderMapping, file: Path
) -> Table:
    matching = _Matching(sheet, header_row, titles, mapping)
    notes: list[tuple[str, Mapping[str, str]]] = []
    unknown: list[Column] = []
    for position, title in enumerate(sheet.texts(header_row)):
        column = Column(position, sheet.letters[position], title.strip())
        if column.title and column.title not in OWN_TITLES:
            if not matching.take(column):
                unknown.append(column)
        elif not column.title and matching.has_data(column):
            notes.append(("note_untitled", {"column": column.letter}))
    matching.settle()
    matching.check_required(unknown, file)
    for column in unknown:
        if matching.has_data(column):
            near = titles.nearest(column.title)
            facts = {"column": column.letter, "title": _show(column.title), "near": near}
            notes.append(("note_unknown_near" if near else "note_unknown", facts))
    columns = matching.claimed
    for spec in mapping.fields:
        if spec.copies and spec.path not in columns and spec.copies in columns:
            columns[spec.path] = columns[spec.copies]
    return Table(sheet, header_row, columns, tuple(notes))


class _Matching:
    """The columns of one sheet while they find their fields."""

    def __init__(
        self, sheet: Sheet, header_row: int, titles: _Titles, mapping: ProviderMapping
    ) -> None:
        self.sheet = sheet
        self.header_row = header_row
        self.titles = titles
        self.mapping = mapping
        self.claimed: dict[str, Column] = {}
        self.doubtful: list[tuple[Column, list[FieldSpec]]] = []
        self.asking: list[tuple[Column, list[FieldSpec]]] = []
        self.below = sheet.frame.index > header_row

    def cell(self, column: Column) -> Cell:
        return Cell(self.sheet.name, column.letter, self.header_row)

    def has_data(self, column: Column) -> bool:
        codes, _ = self.sheet.column(column.position)
        return bool((codes[self.below] >= 0).any())

    def take(self, column: Column) -> bool:
        """Give a column to its field, or keep it for later where it may be several; False where
        its title is unknown."""
        specs = self.titles.candidates(column.title)
        name = normalise(column.title)[0]
        exact = len(specs) == 1 and column.title in self.titles.by_name
        if name in self.titles.ask and not exact:
            self.asking.append(
                (column, [self.mapping.field(path) for path in self.titles.ask[name]])
            )
        elif len(specs) == 1:
            self._claim(column, specs[0])
        elif specs:
            self.doubtful.append((column, specs))
        else:
            return name in self.titles.ignored
        return True

    def _claim(self, column: Column, spec: FieldSpec) -> None:
        other = self.claimed.get(spec.path)
        if other is not None and not self.has_data(column):
            return
        if other is not None and self.has_data(other):
            raise SheetError(
                f"the columns {other.letter} {_show(other.title)} and {column.letter} "
                f"{_show(column.title)} are both the field {spec.title.zh} / {spec.title.en}",
                where=self.cell(column),
                remedy="Rename or delete one of them.",
            )
        unit, wanted = normalise(column.title)[1], self.titles.units.get(spec.path)
        if unit in _MEASURES and wanted and unit != wanted:
            raise SheetError(
                f"the column {_show(column.title)} is in {unit}, but {spec.title.zh} / "
                f"{spec.title.en} is wanted in {wanted}",
                where=self.cell(column),
                remedy=f"Convert the column to {wanted} and say so in its title.",
            )
        self.claimed[spec.path] = column

    def _lists_in_use(self) -> set[str]:
        """The lists that the sheet has data for or that every order must have."""
        lists = {
            paths.list_of(path) for path, column in self.claimed.items() if self.has_data(column)
        }
        required = {name for name, shape in self.mapping.order.lists.items() if shape.required}
        return {"", *lists, *required}

    def settle(self) -> None:
        """Give a title of several meanings to a field only where no doubt is left.

        A meaning that has its own column is out; so is one in a list that the sheet does not use.
        Of what is left, it is the only one, or the only one that the sheet cannot do without.
        """
        used = self._lists_in_use()
        filled = [specs for column, specs in self.doubtful if self.has_data(column)]
        # Blank columns last: they matter to nobody, and must not take a field from one with data.
        for column, specs in sorted(self.doubtful, key=lambda pair: not self.has_data(pair[0])):
            left = [spec for spec in specs if spec.path not in self.claimed]
            left = [spec for spec in left if paths.list_of(spec.path) in used]
            needed = [spec for spec in left if spec.required]
            if self.has_data(column) and filled.count(specs) > 1:  # which is which?
                raise _ambiguous(column, specs, self.cell(column))
            if len(needed) == 1:
                self._claim(column, needed[0])
            elif len(left) == 1:
                self._claim(column, left[0])
            elif self.has_data(column):
                raise _ambiguous(column, specs, self.cell(column))
        for column, specs in self.asking:
            if self.has_data(column) and any(spec.path not in self.claimed for spec in specs):
                raise _ambiguous(column, specs, self.cell(column))

    def check_required(self, unknown: Sequence[Column], file: Path) -> None:
        """Raise SheetError where a column is missing that no order can do without."""
        used = self._lists_in_use()
        missing = [
            spec
            for spec in self.mapping.fields
            if spec.required
            and spec.path not in self.claimed
            and spec.default is None
            and not (spec.join or spec.fallback or spec.copies or spec.default_if_single)
            and paths.list_of(spec.path) in used
        ]
        reference = self.mapping.field(self.mapping.order.reference)
        if reference.path not in self.claimed and reference not in missing:
            missing.insert(0, reference)
        if not missing:
            return
        from rapidfuzz import process

        wanted = []
        shown = {column.letter: _show(column.title) for column in unknown}
        names = {column.letter: normalise(column.title)[0] for column in unknown}
        for spec in missing:
            # English words share many letters, so they have to be more alike than Chinese ones.
            near = [
                process.extractOne(normalise(title)[0], names, score_cutoff=least)
                for title, least in ((spec.title.zh, 50), (spec.title.en, 75))
            ]
            _, _, letter = max(filter(None, near), key=lambda found: found[1], default=(0, 0, ""))
            hint = f" (is it column {letter} {shown[letter]}?)" if letter else ""
            wanted.append(f"{spec.title.zh} / {spec.title.en}{hint}")
        titles = [title for title in self.sheet.texts(self.header_row) if title]
        found = ", ".join(_show(title) for title in titles)
        csv = file.suffix.lower() == ".csv"
        raise SheetError(
            f"missing required column{'s' if len(wanted) > 1 else ''} "
            f"{'; '.join(wanted).rstrip('.')}. "
            f"Found in row {self.header_row}: {found[:400]}",
            where=file if csv else Cell(self.sheet.name, "", self.header_row),
            remedy="Add the column, or rename the one that holds it. "
            f"`converter template {self.mapping.provider}` writes a sheet with every column.",
        )


def _ambiguous(column: Column, meanings: Sequence[FieldSpec], cell: Cell) -> SheetError:
    names = ", ".join(f"{spec.title.zh} / {spec.title.en} ({spec.path})" for spec in meanings)
    return SheetError(
        f"the column title {_show(column.title)} can mean several things: {names}",
        where=cell,
        remedy="Rename the column to the one that is meant.",
    )


def _show(title: str) -> str:
    return "'" + " ".join(title.split())[:40] + "'"
