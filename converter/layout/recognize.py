"""Which kept profile a sheet was made for, by its titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from converter.layout.chosen import chosen_positions
from converter.layout.header import column_titles, find_header_row, top_rows
from converter.layout.labels import find_labels
from converter.layout.titles import Titles, squeeze
from converter.mapping.model import ProviderMapping
from converter.model import own_title
from converter.profiles.model import Profile
from converter.sheet import Sheet

_NEW_TITLES = 3
"""How many new titles a layout may have, or a quarter of the known ones where that is more."""
_KNOWN_SHARE = 0.8
"""The share of a layout's titles that must be there, of those that no field takes."""


@dataclass(frozen=True)
class SheetTitles:
    """The titles of one sheet, as they are read with one profile."""

    columns: tuple[str, ...]
    letters: tuple[str, ...]
    labels: tuple[str, ...]

    def all(self) -> list[str]:
        """Every title in its order, with those that stand twice; without the program's own."""
        texts = (*self.labels, *self.columns)
        return [squeeze(text) for text in texts if text.strip() and not own_title(text)]


@dataclass(frozen=True)
class Recognized:
    """What the kept profiles have to do with a file."""

    profiles: tuple[Profile, ...] = ()
    """Those that fit: one, or several of which nobody can tell which is meant."""
    near: tuple[tuple[Profile, tuple[str, ...]], ...] = ()
    """Those that do not fit, though most titles are theirs, and the columns that are missing."""


def sheet_titles(sheet: Sheet, titles: Titles) -> SheetTitles:
    top, _, texts = column_titles(sheet, find_header_row(sheet, titles), titles)
    above = {row: found for row, found in top_rows(sheet).items() if row < top}
    labels, _ = find_labels(sheet, above, titles)
    return SheetTitles(tuple(texts), sheet.letters, tuple(column.title for column in labels))


def recognize(
    sheets: Sequence[Sheet], mapping: ProviderMapping, profiles: Sequence[Profile]
) -> Recognized:
    """The profiles that fit the sheets; of several, those that fit best."""
    fits: list[tuple[int, Profile]] = []
    near: list[tuple[Profile, tuple[str, ...]]] = []
    for profile in profiles:
        if not profile.titles or not _resembles(sheets, profile):
            continue
        missing = missing_columns(sheets, mapping, profile)
        extra, lost = _difference(sheets, mapping, profile)
        most = max(_NEW_TITLES, len(profile.titles) // 4)
        if lost > (1 - _KNOWN_SHARE) * len(profile.titles) or extra > most:
            continue
        if missing:
            near.append((profile, missing))
        else:
            fits.append((extra + lost, profile))
    best = min((off for off, _ in fits), default=0)
    return Recognized(tuple(profile for off, profile in fits if off == best), tuple(near))


def missing_columns(
    sheets: Sequence[Sheet], mapping: ProviderMapping, profile: Profile
) -> tuple[str, ...]:
    """The columns that a profile needs and the sheets do not have."""
    titles = Titles(mapping, profile)
    found = [sheet_titles(sheet, titles) for sheet in _used(sheets, profile)]
    wanted = [
        choice
        for columns in profile.columns.values()
        for joined in columns.alternatives
        for choice in joined
    ]
    wanted += [one.column for one in profile.leave_out]
    return tuple(
        dict.fromkeys(
            str(choice)
            for choice in wanted
            if not any(
                chosen_positions(choice, one.columns, one.letters)
                or (choice.title in map(squeeze, one.labels) and not choice.letter)
                for one in found
            )
        )
    )


def _used(sheets: Sequence[Sheet], profile: Profile) -> list[Sheet]:
    filled = [sheet for sheet in sheets if not sheet.frame.isna().all(axis=None)]
    return [sheet for sheet in filled if sheet.name in profile.sheets] or filled


def _resembles(sheets: Sequence[Sheet], profile: Profile) -> bool:
    """Whether any title is there at all; sheets without one need no closer look."""
    known = set(profile.titles)
    rows = (texts for sheet in _used(sheets, profile) for texts in top_rows(sheet).values())
    return any(not known.isdisjoint(map(squeeze, texts)) for texts in rows)


def _difference(
    sheets: Sequence[Sheet], mapping: ProviderMapping, profile: Profile
) -> tuple[int, int]:
    """How many titles are new, and how many are missing, on the sheet that fits best."""
    titles = Titles(mapping, profile)
    wanted = Counter(profile.titles)
    differences = []
    for sheet in _used(sheets, profile):
        found = Counter(sheet_titles(sheet, titles).all())
        differences.append(((found - wanted).total(), (wanted - found).total()))
    return min(differences, key=sum)
