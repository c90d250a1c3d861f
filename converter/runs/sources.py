"""The known source of a file, such as a shop's export, and the profile that it is read with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from converter.mapping.model import ProviderMapping
from converter.profiles import source_sheet
from converter.profiles.known_sources import all_titles, key
from converter.profiles.model import NO_PROFILE, Profile
from converter.sheet import Sheet


@dataclass(frozen=True)
class SourceOfFile:
    """The sheets of a file as their source's rules make them."""

    sheets: list[Sheet]
    profile: Profile = NO_PROFILE
    title: str = ""
    """What the source is called; empty where it is not known."""
    line: str = ""
    """The same, with how much of it there is."""


def known_titles(known: Callable[[str], bool]) -> Callable[[str], bool]:
    """Tells titles of known sources from other texts too, while a sheet is read."""
    return lambda text: known(text) or key(text) in all_titles()


def of_file(sheets: Sequence[Sheet], mapping: ProviderMapping) -> SourceOfFile:
    """The source of the first sheet that has one."""
    readable = source_sheet.is_readable(mapping)
    for place, sheet in enumerate(sheets if readable else ()):
        if found := source_sheet.find(sheet):
            own = [*sheets]
            own[place] = found.sheet
            profile = source_sheet.profile_of(found, mapping)
            return SourceOfFile(own, profile, found.source.title, found.line())
    return SourceOfFile([*sheets])


def together(chosen: Profile, source: Profile) -> Profile:
    """A person's profile, completed by what is known of the source."""
    if source is NO_PROFILE:
        return chosen
    if chosen is NO_PROFILE:
        return source
    return replace(
        chosen,
        columns={**source.columns, **chosen.columns},
        fixed={**source.fixed, **chosen.fixed},
        ignored=chosen.ignored | source.ignored,
        header_row=chosen.header_row or source.header_row,
        sheets=chosen.sheets or source.sheets,
    )
