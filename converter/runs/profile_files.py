"""Profiles in files and by their names, held against the mapping that they are for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from converter import settings
from converter.errors import UsageError
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.profile_workbook import read as workbook
from converter.profiles import store
from converter.profiles.model import Profile

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb")
"""Endings of files that hold a profile as a workbook; others hold it as it is kept."""


def read_profile(
    given: Path, mappings: Path | None = None
) -> tuple[Profile, ProviderMapping, set[str]]:
    """The profile in a file: a workbook that somebody filled in, or one as it is kept.

    Also its mapping, and the fields of which it says nothing because a known source gives them.
    Raises ProfileError, which names every cell that is wrong.
    """
    if not given.is_file():
        raise UsageError(t("There is no file {file}. Check the name and the folder.", file=given))
    if given.suffix.lower() in WORKBOOKS:
        sheets = workbook.read_sheets(given)
        mapping = load_mapping(find_mapping(workbook.provider_of(sheets), mappings))
        profile = workbook.read_profile(sheets, mapping, given)
        return profile, mapping, workbook.given_fields(sheets)
    profile = store.read_file(given)
    return profile, load_mapping(find_mapping(profile.provider, mappings)), set()


def check_fields(profile: Profile, mapping: ProviderMapping) -> None:
    """Raise ProfileError where the mapping has lost a field that the profile names."""
    for path in (*profile.columns, *profile.fixed, *profile.words):
        try:
            mapping.field(path)
        except KeyError:
            problem = N_(
                "The profile {name} has the field {field}, which {provider} does not have any "
                "more. Make it anew with `converter profile new`."
            )
            facts = {"name": repr(profile.name), "field": path, "provider": mapping.provider}
            raise store.ProfileError(t(problem, **facts)) from None


def find_profile(given: str, mapping: ProviderMapping) -> Profile:
    """A profile by its name, or in a file. Raises UsageError or ProfileError."""
    path = Path(given)
    if path.is_file() and path.suffix.lower() in WORKBOOKS:
        profile = workbook.read_profile(workbook.read_sheets(path), mapping, path)
    elif path.is_file():
        profile = store.read_file(path)
    else:
        profile = store.find(settings.home(), given, mapping.provider)
    if path.is_file() and profile.product_table:
        beside = path.parent / Path(profile.product_table).expanduser()
        profile = replace(profile, product_table=str(beside.resolve()))
    if profile.provider != mapping.provider:
        problem = N_("The profile {name} is for {provider}. Use one for {wanted}, or make it.")
        facts = {"name": repr(profile.name), "provider": profile.provider}
        raise UsageError(t(problem, **facts, wanted=mapping.provider))
    check_fields(profile, mapping)
    return profile
