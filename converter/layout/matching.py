"""Which column is which field: one sheet's titles matched to a mapping, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from converter.errors import SheetError
from converter.layout.header import Area
from converter.layout.table import Column, Cut, Note
from converter.layout.titles import (
    MEASURES,
    Titles,
    factor,
    is_measure,
    names,
    normalise,
    show,
    squeeze,
)
from converter.mapping import paths
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.messages.sentence import t
from converter.model import OWN_TITLES, Cell

IGNORE = "ignore"
"""What a person writes for a column that is not to be used."""

_UNIT_COLUMNS = {
    "重量单位": MEASURES[0],
    "weightunit": MEASURES[0],
    "尺寸单位": MEASURES[1],
    "长度单位": MEASURES[1],
    "dimensionunit": MEASURES[1],
}
"""Columns that say in which unit the weights or lengths of their row are."""

Doubt = tuple[Column, list[FieldSpec]]


class Matching:
    """The columns of one sheet while they find their fields."""

    def __init__(
        self,
        area: Area,
        titles: Titles,
        mapping: ProviderMapping,
        choices: Mapping[str, str],
        elsewhere: Collection[str] = (),
    ) -> None:
        self.area = area
        self.titles = titles
        self.mapping = mapping
        self.choices = choices
        self.elsewhere = elsewhere
        """Fields that another sheet has already, so that a doubtful title cannot mean them."""
        self.claimed: dict[str, Column] = {}
        self.shared: dict[str, Column] = {}
        """Columns of a list with numbered columns that count for each of its numbers."""
        self.groups: dict[int, dict[str, Column]] = {}
        """The numbered columns, by their number."""
        self.unknown: list[Column] = []
        self.group_by: list[Column] = []
        self.notes: list[Note] = list(area.notes)
        self._doubtful: list[Doubt] = []
        self._asking: list[Doubt] = []
        self._numbered: list[tuple[int, Column, list[FieldSpec]]] = []
        self._stand_ins: list[tuple[Column, FieldSpec]] = []
        self._pieces: dict[str, dict[str, list[Column]]] = {}
        self._cuts: list[tuple[Column, int]] = []
        self._units: list[tuple[Mapping[str, object], Column]] = []
        for column in self.columns():
            if column.title and column.title not in OWN_TITLES:
                if not self._take(column):
                    self.unknown.append(column)
            elif not column.title and self.has_data(column):
                self.notes.append(("note_untitled", {"column": column.letter}))
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

    # -- one column ----------------------------------------------------------------------------

    def _take(self, column: Column) -> bool:
        """Give a column to its field, or keep it for later where it may be several; False where
        its title is unknown."""
        chosen = self.choices.get(squeeze(column.title), "")
        if chosen:
            if chosen != IGNORE:
                self._claim(column, self.mapping.field(chosen))
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

    def _take_apart(self, column: Column) -> bool:
        """A title that is no field's own: a part of a value, several values, a number, a unit."""
        called = names(column.title)

        def is_one_of(titles: Sequence[str]) -> bool:
            return any(normalise(title)[0] in called for title in titles)

        if is_one_of(self.mapping.order.group_by):
            self.group_by.append(column)
            return True
        for name in called:
            if name in _UNIT_COLUMNS:
                self._units.append((_UNIT_COLUMNS[name], column))
                return True
        for spec in self.mapping.fields:
            for kind in ("given_name", "family_name", "appended"):
                if is_one_of(getattr(spec, kind)):
                    self._pieces.setdefault(spec.path, {}).setdefault(kind, []).append(column)
                    return True
        for number, cut in enumerate(self.mapping.cut_cells):
            if is_one_of(cut.titles):
                self._cuts.append((column, number))
                return True
        if (numbered := self.titles.numbered(column.title)) and not column.row:
            number, _, specs = numbered
            if specs:
                self._numbered.append((number, column, specs))
            return True
        return not self.titles.ignored.isdisjoint(called)

    def _claim(
        self, column: Column, spec: FieldSpec, into: dict[str, Column] | None = None
    ) -> None:
        claimed = self.claimed if into is None else into
        other = claimed.get(spec.path)
        if other is not None and not self.has_data(column):
            return
        if other is not None and self.has_data(other):
            raise self._both(other, column, spec)
        claimed[spec.path] = self._measured(column, spec)

    def _both(self, one: Column, other: Column, spec: FieldSpec) -> SheetError:
        return SheetError(
            t(
                "the columns {one} {title} and {other} {second} are both the field {field}",
                one=place(one),
                title=show(one.title),
                other=place(other),
                second=show(other.title),
                field=named(spec),
            ),
            where=self.cell(other),
            remedy=t("Rename or delete one of them."),
            code="TWO_COLUMNS",
        )

    def _measured(self, column: Column, spec: FieldSpec, unit: str = "") -> Column:
        """The column with what its title says of unit and currency; SheetError where the numbers
        cannot be turned into what the field wants."""
        unit, wanted = unit or normalise(column.title)[1], self.titles.units.get(spec.path)
        if unit and not is_measure(unit):
            return replace(column, currency=unit) if spec.currency else column
        if not unit or not wanted or unit == wanted:
            return column
        times = factor(unit, wanted)
        if times is None or spec.type not in ("integer", "decimal"):
            raise SheetError(
                t(
                    "the column {title} is in {unit}, but {field} is wanted in {wanted}",
                    title=show(column.title),
                    unit=unit,
                    field=named(spec),
                    wanted=wanted,
                ),
                where=self.cell(column),
                remedy=t("Convert the column to {wanted} and say so in its title.", wanted=wanted),
                code="OTHER_UNIT",
            )
        if self.has_data(column):
            facts = {"column": place(column), "title": show(column.title)}
            self.notes.append(("note_converted", {**facts, "unit": unit, "wanted": wanted}))
        return replace(column, factor=times)

    # -- all columns ---------------------------------------------------------------------------

    def lists_in_use(self) -> set[str]:
        """The lists that the sheet has data for or that every order must have."""
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
        for position in self.area.sheet.hidden_columns:
            for column in (*self.claimed.values(), *self.shared.values()):
                if column.position == position and not column.row and self.has_data(column):
                    facts = {"column": column.letter, "title": show(column.title)}
                    self.notes.append(("note_hidden_column", facts))

    def _settle_doubts(self) -> None:
        """Give a title of several meanings to a field only where no doubt is left.

        A meaning that has its own column is out; so is one in a list that the sheet does not use.
        Of what is left, it is the only one, or the only one that the sheet cannot do without.
        """
        used = self.lists_in_use()
        filled = [specs for column, specs in self._doubtful if self.has_data(column)]
        # Blank columns last: they matter to nobody, and must not take a field from one with data.
        for column, specs in sorted(self._doubtful, key=lambda pair: not self.has_data(pair[0])):
            left = [s for s in specs if s.path not in self.claimed and s.path not in self.elsewhere]
            left = [spec for spec in left if paths.list_of(spec.path) in used]
            needed = [spec for spec in left if spec.required]
            if self.has_data(column) and filled.count(specs) > 1:  # which is which?
                raise self._ambiguous(column, specs)
            if len(needed) == 1:
                self._claim(column, needed[0])
            elif len(left) == 1:
                self._claim(column, left[0])
            elif self.has_data(column):
                raise self._ambiguous(column, specs)
        for column, specs in self._asking:
            if self.has_data(column) and any(spec.path not in self.claimed for spec in specs):
                raise self._ambiguous(column, specs)

    def _ambiguous(self, column: Column, meanings: Sequence[FieldSpec]) -> SheetError:
        return SheetError(
            t(
                "the column title {title} can mean several things: {fields}",
                title=show(column.title),
                fields=", ".join(f"{named(spec)} ({spec.path})" for spec in meanings),
            ),
            where=self.cell(column),
            remedy=t(
                "Rename the column to the one that is meant, or choose it with --columns FILE."
            ),
            code="DOUBTFUL_TITLE",
        )

    def _settle_stand_ins(self) -> None:
        own = {path for path, column in self.claimed.items() if self.has_data(column)}
        for column, spec in self._stand_ins:
            other = self.claimed.get(spec.path)
            if other is None or spec.path not in own:
                self._claim(column, spec)
            elif self.has_data(column):
                facts = {"column": place(column), "title": show(column.title),
                         "other": f"{place(other)} {show(other.title)}"}  # fmt: skip
                self.notes.append(("note_not_needed", facts))

    def _settle_pieces(self) -> None:
        """Given and family name into one; what is appended, to the column it belongs to."""
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
        """Columns with several values in a cell: each value is a field's, each entry a line's."""
        for column, number in self._cuts:
            cut = self.mapping.cut_cells[number]
            entries = 1
            if cut.each:
                codes, texts = self.area.sheet.column(column.position)
                each = Cut(cut.at, 0, len(cut.fields), cut.each)
                used = {texts[code] for code in codes[self.area.keep].tolist() if code >= 0}
                entries = max((each.entries(text) for text in used), default=1)
            for place, path in enumerate(cut.fields):
                spec = self.mapping.field(path)
                for entry in range(entries):
                    piece = Cut(cut.at, place, len(cut.fields), cut.each, entry)
                    found = replace(column, cut=piece)
                    if cut.each:
                        self._claim(found, spec, self.groups.setdefault(entry + 1, {}))
                    else:
                        self._claim(found, spec)

    def _settle_numbers(self) -> None:
        """Numbered columns into their groups, and who else belongs to them."""
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
                raise self._ambiguous(column, specs)
        if not self.groups:
            return
        lists = {paths.list_of(path) for group in self.groups.values() for path in group}
        anywhere = {path for group in self.groups.values() for path in group}
        told = min(self.groups) <= 1  # else the group without a number is the first one
        first = self.groups.setdefault(min(self.groups) if told else 1, {})
        for path in [path for path in self.claimed if paths.list_of(path) in lists]:
            column = self.claimed.pop(path)
            if path in first:
                if self.has_data(column) and self.has_data(first[path]):
                    raise self._both(column, first[path], self.mapping.field(path))
                first[path] = column if self.has_data(column) else first[path]
            elif path in anywhere or not told:
                first[path] = column
            else:
                self.shared[path] = column
        for column in self.shared.values():
            if self.has_data(column):
                if max(map(len, self.groups.values())) < 2:
                    raise self._half_numbered(next(iter(first.values())), column)
                facts = {"column": place(column), "title": show(column.title)}
                self.notes.append(("note_shared", facts))

    def _half_numbered(self, column: Column, other: Column) -> SheetError:
        """Quantities alone are numbered: they may be of one item or of several."""
        return SheetError(
            t(
                "the column {title} has a number, but column {other} {second} has none",
                title=show(column.title),
                other=place(other),
                second=show(other.title),
            ),
            where=self.cell(column),
            remedy=t("Number all columns of an item, as in SKU1, or give each item its own row."),
            code="DOUBTFUL_TITLE",
        )

    def _settle_units(self) -> None:
        """A column of units is taken where all its cells say the same."""
        for measure, column in self._units:
            codes, texts = self.area.sheet.column(column.position)
            kept = codes[self.area.keep]
            words = {texts[code]: normalise(f"x({texts[code]})")[1] for code in set(kept.tolist())
                     if code >= 0}  # fmt: skip
            if not words:
                continue
            for claimed in (self.claimed, self.shared, *self.groups.values()):
                for path, found in claimed.items():
                    wanted = self.titles.units.get(path)
                    if wanted not in measure or normalise(found.title)[1] or not wanted:
                        continue
                    units = set(words.values())
                    if len(units) > 1 or not units <= set(measure):
                        shown = ", ".join(map(show, list(words)[:5]))
                        raise SheetError(
                            t(
                                "the column {title} does not have one known unit in all rows "
                                "but {units}",
                                title=show(column.title),
                                units=shown,
                            ),
                            where=self.cell(column),
                            remedy=t(
                                "Convert column {column} {title} to {wanted} and delete the "
                                "column of units.",
                                column=found.letter,
                                title=show(found.title),
                                wanted=wanted,
                            ),
                            code="OTHER_UNIT",
                        )
                    spec = self.mapping.field(path)
                    claimed[path] = self._measured(found, spec, units.pop())

    # -- what came of it -----------------------------------------------------------------------

    def found(self) -> dict[str, Column]:
        """The columns of the first line of a row, by field."""
        first = self.groups[min(self.groups)] if self.groups else {}
        return {**self.claimed, **first, **self.shared}

    def tell_unknown(self) -> None:
        for column in self.unknown:
            if self.has_data(column):
                near = self.titles.nearest(column.title)
                facts = {"column": place(column), "title": show(column.title), "near": near}
                self.notes.append(("note_unknown_near" if near else "note_unknown", facts))


def named(spec: FieldSpec) -> str:
    """A field as both languages call it."""
    return f"{spec.title.zh} / {spec.title.en}"


def place(column: Column) -> str:
    """A column's letters; for a label, the cell of its value."""
    return f"{column.letter}{column.row}" if column.row else column.letter
