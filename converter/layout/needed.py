"""The columns that every order needs, and the error where one is missing."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Container, Mapping, Sequence
from pathlib import Path

from converter.errors import SheetError
from converter.layout.errors import named, place
from converter.layout.matching import Matching
from converter.layout.table import Column
from converter.layout.titles import are_opposite, normalise, show
from converter.mapping import paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import COMMA, N_, Multilingual, enumerate_some, join, t
from converter.model import Cell

_A_LIST = 3
"""From so many missing columns on, each has a line of its own."""

_MOST_TITLES = 14


def missing(
    mapping: ProviderMapping, found: Mapping[str, Column], used: Collection[str]
) -> list[FieldSpec]:
    """The required fields that have no column, given the lists in use."""
    # The title of an amount may name its currency.
    filled = {mapping.field(path).currency for path, column in found.items() if column.currency}
    for spec in mapping.fields:
        if spec.file and spec.path in found:
            filled.update(spec.file.fills)
    return [spec for spec in without_column(mapping, found, used) if spec.path not in filled]


def without_column(
    mapping: ProviderMapping, found: Container[str], used: Collection[str]
) -> list[FieldSpec]:
    """The required fields that nothing else fills and that are not among those found."""
    return [
        spec
        for spec in mapping.fields
        if spec.required
        and spec.path not in found
        and spec.default is None
        and spec.has_column
        and not scopes.conditions(spec, mapping)
        and not (spec.fallback or spec.copies or spec.default_if_single)
        and paths.list_of(spec.path) in used
    ]


def check(
    matching: Matching,
    found: Mapping[str, Column],
    used: Collection[str],
    unknown: Sequence[Column],
    file: Path,
    provided: Collection[str] = (),
) -> None:
    """Raise SheetError where a required column is missing."""
    mapping, area = matching.mapping, matching.area
    absent = [spec for spec in missing(mapping, found, used) if spec.path not in provided]
    reference = mapping.field(mapping.order.reference)
    if reference.path not in found and reference not in absent:
        absent.insert(0, reference)
    if not absent:
        return
    wanted = _with_hints(absent, unknown)
    facts = {"row": area.header_row, "found": _found_titles(matching)}
    if len(wanted) < _A_LIST:
        if isinstance(last := wanted[-1], Multilingual):  # a full stop follows
            wanted[-1] = Multilingual(last.rstrip("."), **last.languages)
        facts["fields"] = join("; ", wanted)
        one = t("missing required column {fields}. Found in row {row}: {found}", **facts)
        more = t("missing required columns {fields}. Found in row {row}: {found}", **facts)
        problem = one if len(wanted) == 1 else more
        remedy = N_(
            "Add the column, or rename the one that holds it. `converter template {provider}` "
            "writes a sheet with every column, and --columns FILE keeps your own choice of "
            "columns."
        )
    else:
        lines = join("\n", (join("", ("  - ", field)) for field in wanted))
        problem = t(
            "{count} required columns are missing:\n{fields}\nFound in row {row}: {found}",
            count=len(wanted),
            fields=lines,
            **facts,
        )
        remedy = N_(
            "Say once what this layout lacks, in a profile: converter profile new {file} -p "
            "{provider}. Or add the columns; `converter template {provider}` writes a sheet with "
            "all of them."
        )
    if matching.profile.name and matching.profile.titles:
        remedy = N_(
            "Say it in the profile: converter profile new {file} -p {provider} --name {name} "
            "starts with what it says already."
        )
    csv = file.suffix.lower() == ".csv"
    raise SheetError(
        problem,
        where=file if csv else Cell(area.sheet.name, "", area.header_row),
        remedy=t(
            remedy,
            provider=mapping.provider,
            file=file.name,
            name=shlex.quote(matching.profile.name),
        ),
        code="MISSING_COLUMN",
    )


def _with_hints(absent: Sequence[FieldSpec], unknown: Sequence[Column]) -> list[str]:
    """The fields, each with the unknown column that may be it; no column is shown for two."""
    from rapidfuzz import fuzz, process

    by_place = {place(column): column for column in unknown}
    # A single letter resembles everything.
    names = {at: normalise(column.title)[0] for at, column in by_place.items()}
    names = {at: name for at, name in names.items() if len(name) > 1}
    found: list[tuple[float, str, str]] = []
    for spec in absent:
        # English words share many letters, so they have to be more alike than Chinese ones.
        for title, scorer, least in (
            (spec.title.zh, fuzz.WRatio, 50),
            (spec.title.en, fuzz.ratio, 75),
        ):
            name = normalise(title)[0]
            same_side = {at: each for at, each in names.items() if not are_opposite(each, name)}
            if near := process.extractOne(name, same_side, scorer=scorer, score_cutoff=least):
                found.append((near[1], spec.path, near[2]))
    hints: dict[str, str] = {}
    for _, path, letter in sorted(found, reverse=True):
        if path not in hints and letter not in hints.values():
            hints[path] = letter
    return [
        t(
            N_("{field} (is it column {column} {title}?)"),
            field=named(spec),
            column=hints[spec.path],
            title=show(by_place[hints[spec.path]].title),
        )
        if spec.path in hints
        else named(spec)
        for spec in absent
    ]


def _found_titles(matching: Matching) -> str:
    """The titles of the sheet's own columns; of many, the first ones and how many more."""
    area = matching.area
    own: dict[str, str] = {}
    for letter, title in zip(area.sheet.letters, area.titles, strict=False):
        own.setdefault(letter, title)  # not those that were made of others
    titles = [show(title) for title in own.values() if title]
    return join(COMMA, titles) if len(titles) <= _MOST_TITLES else enumerate_some(titles)
