"""Which profile a sheet is read with: a named one, a file, or a kept one that its titles find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from converter import layout, settings
from converter.errors import SheetError, UsageError
from converter.layout import choices
from converter.layout.recognize import missing_columns, recognize
from converter.layout.table import Table
from converter.layout.titles import Titles, squeeze
from converter.mapping.model import ProviderMapping
from converter.message import N_, Multilingual, enumerate_some, t
from converter.model import Issue
from converter.profiles import store
from converter.profiles.model import NO_PROFILE, Profile
from converter.runs.profile_files import WORKBOOKS, find_profile
from converter.sheet import Sheet

USED = N_("Profile '{name}' is used.")
DRAFT = N_(
    "Profile '{name}' is used. `converter profile keep {file}` keeps it, so that it is found by "
    "itself the next time."
)
FOUND = N_(
    "Profile '{name}' is used, because the sheet has its titles; --no-profile reads the sheet "
    "without it."
)


@dataclass(frozen=True)
class ProfileChoice:
    """What the caller says about profiles."""

    given: str | None = None
    """The name of a kept profile, or a file."""
    columns: Path | None = None
    """A list of columns, which is written where it is not there yet."""
    account: str = ""
    """The account for which kept profiles are looked for."""
    products: Path | None = None
    """A product table, in place of the profile's."""
    automatic: bool = True
    """Whether a kept profile is used when its titles come again."""


@dataclass(frozen=True)
class Chosen:
    """The profile of a sheet, and what to tell about it."""

    profile: Profile = NO_PROFILE
    notes: tuple[str, ...] = ()
    sha256: str = ""


class ProfileChooser:
    """The profiles that may be used for a sheet; made before the sheet is read.

    Raises UsageError or ProfileError where the given one is not there or cannot be used.
    """

    def __init__(self, choice: ProfileChoice, mapping: ProviderMapping) -> None:
        self._choice = choice
        self._mapping = mapping
        self._candidates: list[Profile] = []
        self._notes: list[str] = []
        if choice.given is not None and choice.columns is not None:
            raise UsageError(t("Give --profile or --columns, not both."))
        if choice.given is not None:
            self._candidates = [find_profile(choice.given, mapping)]
        elif choice.columns is None and choice.automatic:
            profiles, faults = store.kept(settings.home())
            self._candidates = [
                one
                for one in profiles
                if (one.provider, one.account) == (mapping.provider, choice.account)
            ]
            self._notes = [
                t("A kept profile was passed over. {problem}", problem=one) for one in faults
            ]

    def known(self) -> Callable[[str], bool]:
        """Tells titles from other texts, while the sheet is read."""
        titles = Titles(self._mapping)
        own = {title for one in self._candidates for title in one.titles}
        own |= {title for one in self._candidates for title in one.mapped_titles()}
        return lambda text: squeeze(text) in own or titles.is_known(text)

    def choose(self, sheets: Sequence[Sheet], path: Path, only: str | None) -> Chosen:
        """The profile for these sheets. Raises SheetError where it does not fit."""
        sheets = layout.order_sheets(sheets, path, only)
        if self._choice.columns is not None:
            return self._listed(self._choice.columns, sheets)
        if self._choice.given is not None:
            (profile,) = self._candidates
            if missing := missing_columns(sheets, self._mapping, profile):
                raise _misfit(profile, missing, path)
            is_draft = Path(self._choice.given).suffix.lower() in WORKBOOKS
            return self._used(profile, DRAFT if is_draft else USED)
        found = recognize(sheets, self._mapping, self._candidates)
        if len(found.profiles) > 1:
            names = ", ".join(repr(one.name) for one in found.profiles)
            raise SheetError(
                t("several profiles fit this sheet: {names}", names=names),
                where=path,
                remedy=t("Choose one with --profile NAME, or none with --no-profile."),
                code="SEVERAL_PROFILES",
            )
        if found.profiles:
            return self._used(found.profiles[0], FOUND)
        near = [
            t(
                "The sheet resembles the layout of profile '{name}' but lacks columns of it, so "
                "the profile was not used: {columns}.",
                name=one.name,
                columns=enumerate_some(missing),
            )
            for one, missing in found.near
        ]
        return Chosen(notes=(*self._notes, *near))

    def _used(self, profile: Profile, template: str) -> Chosen:
        facts = {"file": self._choice.given} if template == DRAFT else {}
        note = t(template, name=profile.name, **facts)
        return Chosen(profile, (*self._notes, note), store.sha256(profile))

    def _listed(self, columns: Path, sheets: Sequence[Sheet]) -> Chosen:
        if columns.exists():
            profile = choices.read(columns, self._mapping, sheets)
            return Chosen(profile, (), store.sha256(profile))
        choices.write(columns, self._mapping, sheets)
        return Chosen(
            notes=(
                t(
                    "{file} now lists every column and what it was taken for. Correct it there, "
                    "and give the same file the next time.",
                    file=columns,
                ),
            )
        )


def _misfit(profile: Profile, missing: Sequence[str], path: Path) -> SheetError:
    facts = {"name": repr(profile.name), "columns": enumerate_some([*map(repr, missing)])}
    return SheetError(
        t("the profile {name} needs columns that this sheet does not have: {columns}", **facts),
        where=path,
        remedy=t(
            "Choose another profile, or make one for this layout with `converter profile new`."
        ),
        code="PROFILE_COLUMNS",
    )


def naming_profile(
    issues: Iterable[Issue], profile: Profile, mapping: ProviderMapping, table: Table
) -> Iterator[Issue]:
    """The issues, those with fixed values of the profile naming it: no cell has them."""
    for issue in issues:
        if issue.field not in profile.fixed or issue.field in table.columns:
            yield issue
            continue
        title = mapping.field(issue.field).title
        shown = Multilingual(title.en, zh=title.zh)
        named = t("{field} (profile '{name}')", field=shown, name=profile.name)
        yield replace(issue, title=named)
