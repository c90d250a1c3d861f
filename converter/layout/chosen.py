"""The columns that a profile names for each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.layout.table import Column
from converter.layout.titles import normalise, squeeze
from converter.profiles.model import ColumnChoice, FieldColumns, Profile

_GIVEN_NAMES = frozenset(("firstname", "givenname", "名", "名字", "收件人名"))


@dataclass(frozen=True)
class ChosenField:
    """The columns of one field on this sheet."""

    path: str
    alternatives: tuple[tuple[Column, ...], ...]
    numbers: tuple[int, ...]
    """For each alternative its number in the profile, from 1."""
    numbered: bool
    sole: bool
    """Whether a second column of the field is a mistake."""


def chosen_fields(profile: Profile, columns: Iterable[Column]) -> Iterator[ChosenField]:
    """The fields of a profile with those of their columns that the sheet has."""
    by_title: dict[str, list[Column]] = {}
    by_letter: dict[str, Column] = {}
    for column in columns:
        by_title.setdefault(squeeze(column.title), []).append(column)
        if not column.row:
            by_letter[column.letter] = column
    for path, found in profile.columns.items():
        sets = {
            number: own
            for number, joined in enumerate(found.alternatives, 1)
            if (own := tuple(_each(joined, by_title, by_letter)))
        }
        if sets:
            yield ChosenField(
                path, tuple(sets.values()), tuple(sets), found.numbered, _is_sole(found)
            )


def _is_sole(columns: FieldColumns) -> bool:
    return all(choice.nth == 0 for joined in columns.alternatives for choice in joined)


def _each(
    joined: Iterable[ColumnChoice],
    by_title: Mapping[str, list[Column]],
    by_letter: Mapping[str, Column],
) -> Iterator[Column]:
    for choice in joined:
        if choice.letter:
            found = by_letter.get(choice.letter)
            if found and (not choice.title or squeeze(found.title) == choice.title):
                yield found
            continue
        same = by_title.get(choice.title, [])
        yield from same[choice.nth - 1 : choice.nth] if choice.nth else same


def chosen_positions(
    choice: ColumnChoice, titles: Sequence[str], letters: Sequence[str]
) -> list[int]:
    """Where the column of a choice stands among these titles; nowhere, or in one place or more."""
    if choice.letter:
        return [
            at
            for at, letter in enumerate(letters)
            if letter == choice.letter and choice.title in ("", squeeze(titles[at]))
        ]
    same = [at for at, title in enumerate(titles) if squeeze(title) == choice.title]
    return same[choice.nth - 1 : choice.nth] if choice.nth else same


def joined_column(columns: tuple[Column, ...]) -> Column:
    """Several columns as one; given and family names in the order of their language."""
    first, *more = columns
    if not more:
        return first
    is_name = len(more) == 1 and normalise(first.title)[0] in _GIVEN_NAMES
    return replace(first, more=(*first.more, *more), is_name=is_name)
