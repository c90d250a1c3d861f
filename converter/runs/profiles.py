"""Making, keeping and telling profiles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from converter import layout, settings, sheet
from converter.errors import ConverterError, UsageError
from converter.layout import needed
from converter.layout.titles import Titles
from converter.mapping import paths
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import N_, t
from converter.products.table import read_products
from converter.profile_workbook.columns import (
    given_by,
    given_by_cuts,
    kept_columns,
    sheet_area,
    sheet_columns,
    suggest,
)
from converter.profile_workbook.words import words_to_explain
from converter.profile_workbook.write import Word, write_profile
from converter.profiles import store
from converter.profiles.apply import with_profile
from converter.profiles.model import Profile
from converter.runs import sources
from converter.runs.profile_files import check_fields, read_profile
from converter.text import fold


@dataclass(frozen=True)
class NewProfile:
    """A workbook that was written for a clerk to fill in."""

    path: Path
    profile: Profile
    """What it suggests."""
    open: tuple[FieldSpec, ...]
    """The required fields for which it has nothing yet."""
    columns: int
    """How many fields have a column, with those that a known source gives."""


def new_profile(
    path: Path,
    provider: str,
    *,
    lang: str,
    name: str | None = None,
    output: Path | None = None,
    account: str | None = None,
    mappings: Path | None = None,
    only: str | None = None,
    encoding: str | None = None,
) -> NewProfile:
    """Write the workbook of a profile for the layout of a sheet.

    A kept profile of that name is where it starts. Raises SheetError, UsageError or OutputError.
    """
    mapping = load_mapping(find_mapping(provider, mappings))
    base = Profile(name or path.stem, mapping.provider, account or "")
    kept, _ = store.kept(settings.home())
    for one in kept:
        if fold(one.name) == fold(base.name) and one.provider == mapping.provider:
            base = replace(one, account=one.account if account is None else account)
    titles = Titles(mapping, base)
    sheets = sheet.read(
        path, only=only, known=sources.known_titles(titles.is_known), encoding=encoding
    )
    sheets = layout.order_sheets(sheets, path, only, base.sheets)
    source = sources.of_file(sheets, mapping)
    base = replace(base, fixed={**source.profile.fixed, **base.fixed})
    guide = sources.together(base, source.profile)
    areas = [sheet_area(one, mapping, guide) for one in sheets]
    area = max(areas, key=lambda one: sum(map(titles.is_known, filter(str.strip, one.titles))))
    made = sheet_area(source.sheets[areas.index(area)], mapping, guide)
    columns = sheet_columns(area)
    given = {**given_by_cuts(mapping, columns, base), **given_by(source.profile, made)}
    profile = suggest(mapping, columns, base, given, source.profile.ignored)
    same = [one for one in areas if one.titles == area.titles]
    if len(sheets) > len(same) and not profile.sheets:
        profile = replace(profile, sheets=tuple(one.sheet.name for one in same))
    target = output or path.with_name(f"{path.stem}.profile.xlsx")
    whole = sources.together(profile, source.profile)
    words = list(words_to_explain(mapping, whole, made))
    write_profile(target, mapping, profile, columns, words, lang=lang, given=given)
    return NewProfile(
        target, profile, open_fields(mapping, whole, given), len({*whole.columns, *given})
    )


def open_fields(
    mapping: ProviderMapping, profile: Profile, given: Collection[str] = ()
) -> tuple[FieldSpec, ...]:
    """The required fields without a column and a value, but for those given by a known source."""
    used = {"", *(name for name, shape in mapping.order.lists.items() if shape.required)}
    used |= {paths.list_of(path) for path in profile.columns}
    known = {*given, *(path for path, columns in profile.columns.items() if columns.alternatives)}
    return tuple(needed.without_column(with_profile(mapping, profile), known, used))


def keep_profile(
    given: Path, *, name: str | None = None, mappings: Path | None = None
) -> tuple[Profile, tuple[FieldSpec, ...]]:
    """Keep the profile in a file, and say which required fields it leaves open.

    Raises UsageError where another provider has a profile of that name.
    """
    profile, mapping, covered = read_profile(given, mappings)
    if name:
        profile = replace(profile, name=name)
    check_fields(profile, mapping)
    kept, _ = store.kept(settings.home())
    for one in kept:
        if fold(one.name) == fold(profile.name) and one.provider != profile.provider:
            problem = N_(
                "There is a profile {name} for {provider} already. Give this one another name "
                "with --name."
            )
            raise UsageError(t(problem, name=repr(one.name), provider=one.provider))
    if profile.product_table:
        beside = given.parent / Path(profile.product_table).expanduser()
        profile = replace(profile, product_table=str(beside.resolve()))
        covered |= read_products(Path(profile.product_table), mapping).provided
    store.keep(settings.home(), profile)
    return profile, open_fields(mapping, profile, covered)


def kept_profiles() -> tuple[Sequence[Profile], Sequence[ConverterError]]:
    """The kept profiles, and what is wrong with files that cannot be read."""
    return store.kept(settings.home())


def profile_named(name: str) -> Profile:
    """A kept profile. Raises UsageError where there is none of this name."""
    return store.find(settings.home(), name)


def write_kept_profile(name: str, target: Path, *, lang: str) -> None:
    """Write a kept profile as a workbook, to be changed and kept again.

    Raises UsageError where there is none of this name, OutputError where it cannot be written.
    """
    profile = profile_named(name)
    mapping = load_mapping(find_mapping(profile.provider))
    check_fields(profile, mapping)
    words = [
        Word(path, word, means)
        for path, meanings in profile.words.items()
        for word, means in meanings.items()
    ]
    write_profile(target, mapping, profile, kept_columns(profile), words, lang=lang)


def delete_profile(name: str) -> Profile:
    """Delete a kept profile. Raises UsageError where there is none of this name."""
    return store.delete(settings.home(), name)
