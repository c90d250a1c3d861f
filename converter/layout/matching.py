"""Matching the columns of a sheet to the fields of a mapping, never by guessing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from converter.layout import errors, notes
from converter.layout.area import Area
from converter.layout.chosen import ChosenField, chosen_fields, joined_column
from converter.layout.errors import place
from converter.layout.shared_cells import divided
from converter.layout.table import Column, Cut
from converter.layout.titles import (
    MEASURES,
    Titles,
    factor,
    is_measure,
    names,
    normalise,
    show,
    squeeze,
    whose,
)
from converter.mapping import paths
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import Message, enumerate_some, t
from converter.model import Cell, own_title
from converter.text import clean, fold

_MOST_ALONE = 3
"""Columns that are not known have a note each up to this number, and more than that one note."""

_UNIT_COLUMNS = {
    "重量单位": MEASURES[0],
    "weightunit": MEASURES[0],
    "尺寸单位": MEASURES[1],
    "长度单位": MEASURES[1],
    "dimensionunit": MEASURES[1],
}
"""Titles of columns with the unit of the weights or lengths in their row."""

Doubt = tuple[Column, list[FieldSpec]]


def _is_one_of(called: Collection[str], titles: Sequence[str]) -> bool:
    """Whether a title, by its normalised names, is one of these."""
    return any(normalise(title)[0] in called for title in titles)


class Matching:
    """The columns of one sheet, matched to fields."""

    def __init__(
        self,
        area: Area,
        titles: Titles,
        mapping: ProviderMapping,
        elsewhere: Collection[str] = (),
    ) -> None:
        self.area = area
        self.titles = titles
        self.mapping = mapping
        self.profile = titles.profile
        self.elsewhere = elsewhere
        """Fields that another sheet has already, which a doubtful title cannot mean."""
        self.claimed: dict[str, Column] = {}
        self.shared: dict[str, Column] = {}
        """Columns without a number, in a list of numbered columns, that apply to every number."""
        self.groups: dict[int, dict[str, Column]] = {}
        """The numbered columns, by their number."""
        self.unknown: list[Column] = []
        self.group_by: list[Column] = []
        self.notes: list[str] = list(area.notes)
        self._doubtful: list[Doubt] = []
        self._asking: list[Doubt] = []
        self._numbered: list[tuple[int, Column, list[FieldSpec]]] = []
        self._stand_ins: list[tuple[Column, FieldSpec]] = []
        self._pieces: dict[str, dict[str, list[Column]]] = {}
        self._cuts: list[tuple[Column, int]] = []
        self._units: list[tuple[Mapping[str, object], Column]] = []
        chosen = self._take_chosen()
        for column in self.columns():
            if (column.position, column.row) in chosen:
                continue
            if column.title and not own_title(column.title):
                if not self._take(column):
                    self.unknown.append(column)
            elif not column.title and self.has_data(column):
                self.notes.append(t(notes.UNTITLED, column=column.letter))
        self._settle()

    def columns(self) -> Iterator[Column]:
        """Every column of the table, then the labels above it."""
        for position, title in enumerate(self.area.titles):
            yield Column(position, self.area.sheet.letters[position], title.strip())
        yield from self.area.labels

    def cell(self, column: Column) -> Cell:
        return Cell(self.area.sheet.name, column.letter, column.row or self.area.header_row)

    def has_data(self, column: Column) -> bool:
        if column.row:
            return True
        codes, _ = self.area.sheet.column(column.position)
        return bool((codes[self.area.keep] >= 0).any())

    def _texts_of(self, column: Column) -> list[str]:
        """The texts of a column in the rows of the table, each once."""
        codes, texts = self.area.sheet.column(column.position)
        return [texts[code] for code in sorted({*codes[self.area.keep].tolist()} - {-1})]

    # -- one column ----------------------------------------------------------------------------

    def _take(self, column: Column) -> bool:
        """Give a column to its field, or keep it where it may be several.

        Return False where its title is unknown.
        """
        known = squeeze(column.title)
        if known in self.profile.ignored:
            return True
        if known in self.profile.titles:
            self._take_structure(column)
            return True
        if self.profile.titles:
            if self.has_data(column):
                facts = {"column": place(column), "title": show(column.title)}
                self.notes.append(t(notes.NEW_COLUMN, **facts))
            return True
        specs = self.titles.candidates(column.title)
        name = normalise(column.title)[0]
        exact = len(specs) == 1 and column.title in self.titles.by_name
        asked = self.titles.asked(column.title) if name in self.titles.ask or not specs else []
        if asked and not exact:
            self._asking.append((column, asked))
        elif len(specs) == 1 and (name, specs[0].path) in self.titles.stand_ins:
            self._stand_ins.append((column, specs[0]))
        elif len(specs) == 1:
            self._claim(column, specs[0])
        elif specs:
            self._doubtful.append((column, specs))
        else:
            return self._take_apart(column)
        return True

    def _take_chosen(self) -> set[tuple[int, int]]:
        """Give the columns that the profile names to their fields; returns where they stand."""
        taken: set[tuple[int, int]] = set()
        for chosen in chosen_fields(self.profile, self.columns()):
            taken |= {(c.position, c.row) for joined in chosen.alternatives for c in joined}
            spec = self.mapping.field(chosen.path)
            if chosen.sole:
                for column in (one for joined in chosen.alternatives for one in joined):
                    self._claim(column, spec)
            elif chosen.numbered:
                for number, joined in zip(chosen.numbers, chosen.alternatives, strict=True):
                    group = self.groups.setdefault(number, {})
                    group[spec.path] = self._measured(joined_column(joined), spec)
            else:
                self.claimed[spec.path] = self._first_filled(chosen, spec)
        for number, path, column in divided(self.claimed.copy(), self.mapping, self._texts_of):
            if number:
                self.claimed.pop(path, None)
                self.groups.setdefault(number, {})[path] = column
            else:
                self.claimed[path] = column
        return taken

    def _first_filled(self, chosen: ChosenField, spec: FieldSpec) -> Column:
        """The first alternative, with the others for its blank cells.

        Raises SheetError where their titles name different units or currencies.
        """
        first, *others = (
            self._measured(joined_column(joined), spec) for joined in chosen.alternatives
        )
        for other in others:
            if (other.factor, other.currency) != (first.factor, first.currency):
                raise errors.two_units(first, other, spec, self.cell(other))
        return replace(first, otherwise=tuple(others))

    def _take_apart(self, column: Column) -> bool:
        """Recognize a column that is no whole field: a part, several values, a number, a unit."""
        called = names(column.title)
        if self._take_structure(column):
            return True
        for name in called:
            if name in self.titles.pieces:
                path, kind = self.titles.pieces[name]
                self._pieces.setdefault(path, {}).setdefault(kind, []).append(column)
                return True
        if (numbered := self.titles.numbered(column.title)) and not column.row:
            number, _, specs = numbered
            if specs:
                self._numbered.append((number, column, specs))
            return True
        return not self.titles.ignored.isdisjoint(called)

    def _take_structure(self, column: Column) -> bool:
        """Recognize a column that numbers orders, names a unit or holds several values.

        A column of several values is left alone where the profile has columns for them.
        """
        called = names(column.title)
        if _is_one_of(called, self.mapping.order.group_by):
            self.group_by.append(column)
            return True
        for name in called:
            if name in _UNIT_COLUMNS:
                self._units.append((_UNIT_COLUMNS[name], column))
                return True
        for number, cut in enumerate(self.mapping.cut_cells):
            if _is_one_of(called, cut.titles):
                if self.profile.columns.keys().isdisjoint(cut.fields):
                    self._cuts.append((column, number))
                return True
        return False

    def _claim(
        self, column: Column, spec: FieldSpec, into: dict[str, Column] | None = None
    ) -> None:
        claimed = self.claimed if into is None else into
        other = claimed.get(spec.path)
        if other is not None and not self.has_data(column):
            return
        if other is not None and self.has_data(other):
            better = self._receivers(other, column, spec)
            if better is None:
                raise errors.two_columns(other, column, spec, self.cell(column))
            column = better
        claimed[spec.path] = self._measured(column, spec)

    def _receivers(self, one: Column, other: Column, spec: FieldSpec) -> Column | None:
        """Of two columns of a receiver's field the one that is surely the receiver's.

        `Shipping City` is, rather than `City`, and that rather than `Buyer City`. None where
        neither title says so.
        """
        ranks = [whose(column.title) for column in (one, other)]
        if not (spec.is_ or "").startswith("receiver.") or ranks[0] == ranks[1]:
            return None
        better, worse = (one, other) if ranks[0] > ranks[1] else (other, one)
        facts = {"column": place(worse), "title": show(worse.title),
                 "other": f"{place(better)} {show(better.title)}"}  # fmt: skip
        self.notes.append(t(notes.RECEIVERS, **facts))
        return better

    def _measured(self, column: Column, spec: FieldSpec, unit: str = "") -> Column:
        """The column with the unit and currency that its title names.

        Raises SheetError where its numbers cannot be converted to the field's unit.
        """
        unit, wanted = unit or normalise(column.title)[1], self.titles.units.get(spec.path)
        if unit and not is_measure(unit):
            return replace(column, currency=unit) if spec.currency else column
        if not unit or not wanted or unit == wanted:
            return column
        times = factor(unit, wanted)
        if times is None or spec.type not in ("integer", "decimal"):
            raise errors.other_unit(column, unit, spec, wanted, self.cell(column))
        if self.has_data(column):
            facts = {"column": place(column), "title": show(column.title)}
            self.notes.append(t(notes.CONVERTED, **facts, unit=unit, wanted=wanted))
        return replace(column, factor=times)

    # -- all columns ---------------------------------------------------------------------------

    def lists_in_use(self) -> set[str]:
        """The lists that the sheet has data for, or that every order must have."""
        lists = {
            paths.list_of(path) for path, column in self.claimed.items() if self.has_data(column)
        }
        required = {name for name, shape in self.mapping.order.lists.items() if shape.required}
        numbered = {
            paths.list_of(specs[0].path) for _, column, specs in self._numbered
            if len(specs) == 1 and self.has_data(column)
        }  # fmt: skip
        return {"", *lists, *required, *numbered}

    def _settle(self) -> None:
        self._settle_stand_ins()
        self._settle_pieces()
        self._settle_cuts()
        self._settle_doubts()
        self._settle_numbers()
        self._settle_units()
        self._settle_words()
        for position in self.area.sheet.hidden_columns:
            for column in (*self.claimed.values(), *self.shared.values()):
                if column.position == position and not column.row and self.has_data(column):
                    facts = {"column": column.letter, "title": show(column.title)}
                    self.notes.append(t(notes.HIDDEN_COLUMN, **facts))

    def _settle_doubts(self) -> None:
        """Give a title of several meanings to a field only where no doubt is left.

        Fields with a column of their own do not count, nor do lists that the sheet does not use.
        One field has to remain, or one required field.
        """
        used = self.lists_in_use()
        filled = [specs for column, specs in self._doubtful if self.has_data(column)]
        # Blank columns last: they must not take a field from a column with data.
        for column, specs in sorted(self._doubtful, key=lambda pair: not self.has_data(pair[0])):
            left = [s for s in specs if s.path not in self.claimed and s.path not in self.elsewhere]
            left = [spec for spec in left if paths.list_of(spec.path) in used]
            needed = [spec for spec in left if spec.required]
            if self.has_data(column) and filled.count(specs) > 1:  # which is which?
                raise errors.ambiguous(column, specs, self.cell(column))
            if len(needed) == 1:
                self._claim(column, needed[0])
            elif len(left) == 1:
                self._claim(column, left[0])
            elif self.has_data(column):
                raise errors.ambiguous(column, specs, self.cell(column))
        for column, specs in self._asking:
            if self.has_data(column) and any(spec.path not in self.claimed for spec in specs):
                raise errors.ambiguous(column, specs, self.cell(column))

    def _settle_stand_ins(self) -> None:
        own = {path for path, column in self.claimed.items() if self.has_data(column)}
        for column, spec in self._stand_ins:
            other = self.claimed.get(spec.path)
            if other is None or spec.path not in own:
                self._claim(column, spec)
            elif self.has_data(column) and whose(column.title) <= whose(other.title):
                facts = {"column": place(column), "title": show(column.title),
                         "other": f"{place(other)} {show(other.title)}"}  # fmt: skip
                self.notes.append(t(notes.NOT_NEEDED, **facts))
            else:
                self._claim(column, spec)

    def _settle_pieces(self) -> None:
        """Join given and family names, and append columns to those they belong to."""
        for path, found in self._pieces.items():
            given, family = found.get("given_name", []), found.get("family_name", [])
            if len(given) == len(family) == 1 and path not in self.claimed:
                self.claimed[path] = replace(given[0], more=(family[0],), is_name=True)
                given, family = [], []
            more = found.get("appended", [])
            own = self.claimed.get(path)
            if more and own and not own.row:
                self.claimed[path] = replace(own, more=(*own.more, *more))
                more = []
            self.unknown += [*given, *family, *more]

    def _settle_cuts(self) -> None:
        """Divide columns with several values in a cell: a field per value, a line per entry."""
        for column, number in self._cuts:
            cut = self.mapping.cut_cells[number]
            entries = 1
            if cut.each:
                each = Cut(cut.at, 0, len(cut.fields), cut.each)
                entries = max(map(each.entries, self._texts_of(column)), default=1)
            for index, path in enumerate(cut.fields):
                spec = self.mapping.field(path)
                for entry in range(entries):
                    piece = Cut(cut.at, index, len(cut.fields), cut.each, entry)
                    found = replace(column, cut=piece)
                    if cut.each:
                        self._claim(found, spec, self.groups.setdefault(entry + 1, {}))
                    else:
                        self._claim(found, spec)

    def _settle_numbers(self) -> None:
        """Put numbered columns into their groups, then the columns that belong to them."""
        if self._numbered and min(number for number, _, _ in self._numbered) > 2:
            self.unknown += [column for _, column, _ in self._numbered]  # HS编码10: digits
            self._numbered = []
        sure = {paths.list_of(specs[0].path) for _, _, specs in self._numbered if len(specs) == 1}
        for number, column, specs in sorted(self._numbered, key=lambda found: len(found[2])):
            group = self.groups.setdefault(number, {})
            left = [spec for spec in specs if spec.path not in group] if len(specs) > 1 else specs
            left = [s for s in left if not sure or paths.list_of(s.path) in sure] or left
            needed = [spec for spec in left if spec.required]
            if len(left) == 1 or len(needed) == 1:
                self._claim(column, (needed if len(left) > 1 else left)[0], group)
            elif self.has_data(column):
                raise errors.ambiguous(column, specs, self.cell(column))
        if self.groups:
            self._settle_unnumbered()

    def _settle_unnumbered(self) -> None:
        """Divide columns of a numbered list into the first group and those that all share."""
        lists = {paths.list_of(path) for group in self.groups.values() for path in group}
        anywhere = {path for group in self.groups.values() for path in group}
        has_first = min(self.groups) <= 1  # else the columns without a number are the first group
        first = self.groups.setdefault(min(self.groups) if has_first else 1, {})
        for path in [path for path in self.claimed if paths.list_of(path) in lists]:
            column = self.claimed.pop(path)
            if path in first:
                if self.has_data(column) and self.has_data(first[path]):
                    spec, where = self.mapping.field(path), self.cell(first[path])
                    raise errors.two_columns(column, first[path], spec, where)
                first[path] = column if self.has_data(column) else first[path]
            elif path in anywhere or not has_first:
                first[path] = column
            else:
                self.shared[path] = column
        for column in filter(self.has_data, self.shared.values()):
            if max(map(len, self.groups.values())) < 2:
                numbered = next(iter(first.values()))
                raise errors.half_numbered(numbered, column, self.cell(numbered))
            facts = {"column": place(column), "title": show(column.title)}
            self.notes.append(t(notes.SHARED, **facts))

    def _settle_units(self) -> None:
        """Apply a column of units whose cells all name the same one."""
        for measure, column in self._units:
            codes, texts = self.area.sheet.column(column.position)
            kept = codes[self.area.keep]
            words = {texts[code]: normalise(f"x({texts[code]})")[1] for code in set(kept.tolist())
                     if code >= 0}  # fmt: skip
            if not words:
                continue
            units = set(words.values())
            for claimed in (self.claimed, self.shared, *self.groups.values()):
                for path, found in claimed.items():
                    wanted = self.titles.units.get(path)
                    if wanted not in measure or normalise(found.title)[1] or not wanted:
                        continue
                    if len(units) > 1 or not units <= set(measure):
                        where = self.cell(column)
                        raise errors.several_units(column, list(words), found, wanted, where)
                    spec = self.mapping.field(path)
                    claimed[path] = self._measured(found, spec, next(iter(units)))

    def _settle_words(self) -> None:
        """Give the columns of a field what the profile says about the sheet's words."""
        for path, words in self.profile.words.items():
            meant = {fold(clean(word)): value for word, value in words.items()}
            for claimed in (self.claimed, self.shared, *self.groups.values()):
                if path in claimed:
                    claimed[path] = replace(claimed[path], words=meant)

    def point_at_entries(self) -> None:
        """Take the number of a box on a sheet of items for that of the box an item is in.

        Nothing else on such a sheet is about boxes: they have a sheet of their own.
        """
        for spec in self.mapping.fields:
            if not spec.copies or spec.copies not in self.claimed or spec.path in self.claimed:
                continue
            lists = [paths.list_of(path) for path in self.claimed]
            if lists.count(paths.list_of(spec.copies)) == 1 and paths.list_of(spec.path) in lists:
                self.claimed[spec.path] = self.claimed.pop(spec.copies)

    # -- results -------------------------------------------------------------------------------

    def found(self) -> dict[str, Column]:
        """The columns of the first line of each row, by field."""
        first = self.groups[min(self.groups)] if self.groups else {}
        return {**self.claimed, **first, **self.shared}

    def unknown_notes(self) -> Iterator[Message]:
        """Notes on columns that nothing is known of; many without a likely meaning are one note."""
        found = self.found()
        left = [column for column in self.unknown if self.has_data(column)]
        near = {place(column): self.titles.nearest(column.title) for column in left}
        likely = {at: spec.title.zh for at, spec in near.items() if spec and spec.path not in found}
        others = [column for column in left if place(column) not in likely]
        if len(others) > _MOST_ALONE:
            named = [f"{place(column)} {show(column.title)}" for column in others]
            columns = enumerate_some(named)
            yield t(notes.UNKNOWN_SEVERAL, count=str(len(others)), columns=columns)
            others = []
        for column in left:
            facts = {"column": place(column), "title": show(column.title)}
            if place(column) in likely:
                yield t(notes.UNKNOWN_NEAR, **facts, near=likely[place(column)])
            elif column in others:
                yield t(notes.UNKNOWN, **facts)
