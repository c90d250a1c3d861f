"""The columns of the sheet that a profile is made for, and the fields that they seem to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.layout.area import Area, find_area
from converter.layout.chosen import chosen_positions
from converter.layout.titles import Titles, names, normalise, squeeze, titles_of_part, whose
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.model import own_title
from converter.profiles.model import ColumnChoice, FieldColumns, Profile
from converter.sheet import Sheet
from converter.text import clean

_EXAMPLES = 3
_NAME_PARTS = ("given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Given:
    """What a known source says about a field: its columns in words, and an example."""

    label: str
    example: str


@dataclass(frozen=True)
class SheetColumn:
    """One column of the sheet, or a label above its table."""

    label: str
    """What people pick: the title; `Art (2)` for the second of two, the letter without a title."""
    letter: str
    """Empty for a label."""
    choice: ColumnChoice
    examples: tuple[str, ...] = ()
    text: str = ""
    """The title as it stands in its cell, with its line breaks."""


def sheet_area(sheet: Sheet, mapping: ProviderMapping, profile: Profile) -> Area:
    """The table of a sheet; its hidden rows count as examples too."""
    return find_area(sheet, Titles(mapping, profile), mapping, "include")


def sheet_columns(area: Area) -> list[SheetColumn]:
    """Every column that has a title or data, and the labels above the table."""
    found: list[SheetColumn] = []
    seen: Counter[str] = Counter()
    for column in area.labels:
        title = squeeze(column.title)
        seen[title] += 1
        choice = ColumnChoice(title, seen[title])
        found.append(SheetColumn(str(choice), "", choice, (column.text,), column.title))
    for position, text in enumerate(area.titles):
        title, letter = squeeze(text), area.sheet.letters[position]
        examples = words_of(area, position, _EXAMPLES)
        if own_title(title) or not (title or examples):
            continue
        seen[title] += 1
        choice = ColumnChoice(title, seen[title]) if title else ColumnChoice("", letter=letter)
        found.append(SheetColumn(str(choice), letter, choice, examples, text))
    return found


def kept_columns(profile: Profile) -> list[SheetColumn]:
    """The columns that a kept profile knows of its sheet, which is not there."""
    seen: Counter[str] = Counter()
    found: dict[ColumnChoice, None] = {}
    for title in profile.titles:
        seen[title] += 1
        found[ColumnChoice(title, seen[title])] = None
    of_fields = (
        choice
        for columns in profile.columns.values()
        for joined in columns.alternatives
        for choice in joined
    )
    for choice in (*of_fields, *(one.column for one in profile.leave_out)):
        found.setdefault(choice)
    return [SheetColumn(str(choice), choice.letter, choice) for choice in found]


def words_of(area: Area, position: int, most: int) -> tuple[str, ...]:
    """The first different texts of a column."""
    codes, texts = area.sheet.column(position)
    seen = dict.fromkeys(code for code in codes[area.keep].tolist() if code >= 0)
    return tuple(squeeze(texts[code]) for code in [*seen][:most])


def given_by(source: Profile, area: Area) -> dict[str, Given]:
    """What a known source says about each field, on a sheet with the columns that it made."""
    found = {}
    for path, columns in source.columns.items():
        shown = [" + ".join(clean(str(one)) for one in joined) for joined in columns.alternatives]
        examples: tuple[str, ...] = ()
        for choice in (choice for joined in columns.alternatives[:1] for choice in joined):
            for position in chosen_positions(choice, area.titles, area.sheet.letters):
                examples = words_of(area, position, _EXAMPLES)
        label = "; ".join(filter(None, shown[:1] if columns.numbered else shown))
        if label:
            found[path] = Given(label, " | ".join(examples))
    return found


def given_by_cuts(
    mapping: ProviderMapping, columns: Sequence[SheetColumn], base: Profile
) -> dict[str, Given]:
    """The fields whose values stand together in a column that the mapping takes apart."""
    found: dict[str, Given] = {}
    for cut in mapping.cut_cells:
        known = {normalise(title)[0] for title in cut.titles}
        for column in columns:
            if not known.isdisjoint(names(column.text)) and not base.columns.keys() & {*cut.fields}:
                example = " | ".join(column.examples)
                found |= {path: Given(column.label, example) for path in cut.fields}
    return found


def suggest(
    mapping: ProviderMapping,
    columns: Sequence[SheetColumn],
    base: Profile,
    given: Collection[str] = (),
    unused: Collection[str] = (),
) -> Profile:
    """A profile with those columns whose titles have one meaning.

    What `base` says goes first; the fields in `given` need none, because their source is known, and
    the titles in `unused` are no fields there.
    """
    titles = Titles(mapping)
    titled = [column for column in columns if column.choice.title]
    own = [column for column in titled if column.choice.title not in unused]
    there = {column.choice for column in columns}
    found = {
        path: known
        for path, known in base.columns.items()
        if all(choice in there for joined in known.alternatives for choice in joined)
    }
    skipped = {*found, *given}
    taken = {
        choice for known in found.values() for joined in known.alternatives for choice in joined
    }
    # Of two columns of a receiver's field the one that is surely the receiver's comes first.
    for column in sorted(own, key=lambda one: -whose(one.text)):
        specs = titles.candidates(column.text)
        asked = normalise(column.text)[0] in titles.ask
        is_free = len(specs) == 1 and specs[0].path not in skipped
        if is_free and not asked and column.choice not in taken:
            found[specs[0].path] = single(column.choice)
            skipped.add(specs[0].path)
            taken.add(column.choice)
    for path, parts in _name_columns(mapping, own).items():
        if path not in skipped and taken.isdisjoint(parts):
            found[path] = FieldColumns((parts,))
    for column in own:
        numbered = titles.numbered(column.text)
        if numbered and len(numbered[2]) == 1 and (path := numbered[2][0].path) not in skipped:
            found[path] = with_numbers(path, column.choice, columns)
    order = [spec.path for spec in mapping.fields]
    return replace(
        base,
        columns=dict(sorted(found.items(), key=lambda item: order.index(item[0]))),
        titles=tuple(column.choice.title for column in titled),
    )


def single(choice: ColumnChoice) -> FieldColumns:
    return FieldColumns(((choice,),))


def with_numbers(path: str, choice: ColumnChoice, columns: Sequence[SheetColumn]) -> FieldColumns:
    """The column of a list's field, with those of the same title and another number."""
    if not paths.list_of(path) or choice.letter:
        return single(choice)
    for number, base in Titles.numbers(choice.title):
        family: dict[int, ColumnChoice] = {number: choice}
        for column in columns:
            for other, base_of_other in Titles.numbers(column.choice.title):
                if base_of_other == base and column.choice.nth == choice.nth:
                    family.setdefault(other, column.choice)
        if len(family) > 1 and min(family) <= 1:
            return FieldColumns(tuple((family[n],) for n in sorted(family)), numbered=True)
    same = [c.choice for c in columns if c.choice.title == choice.title]
    if choice.nth == 1 and len(same) > 1 and _all_repeat(columns, choice):
        return FieldColumns(tuple((each,) for each in same), numbered=True)
    return single(choice)


def _all_repeat(columns: Sequence[SheetColumn], choice: ColumnChoice) -> bool:
    """Whether several titles stand as often as this one: SKU, Qty, SKU, Qty are two items."""
    counts = Counter(column.choice.title for column in columns if column.choice.title)
    return sum(count == counts[choice.title] for count in counts.values()) > 1


def _name_columns(
    mapping: ProviderMapping, columns: Sequence[SheetColumn]
) -> Mapping[str, tuple[ColumnChoice, ...]]:
    """Given and family names in two columns, by the field that they are together."""
    found: dict[str, tuple[ColumnChoice, ...]] = {}
    for spec in mapping.fields:
        pair = [
            [
                column.choice
                for column in columns
                if normalise(column.choice.title)[0] in {normalise(title)[0] for title in wanted}
            ]
            for wanted in (titles_of_part(mapping, spec, kind) for kind in _NAME_PARTS)
        ]
        if all(len(own) == 1 for own in pair):
            found[spec.path] = (pair[0][0], pair[1][0])
    return found
