"""Which providers a sheet may be for, by the columns that each of them needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from converter import layout, sheet
from converter.errors import ConverterError, SheetError, UsageError
from converter.layout import needed
from converter.layout.area import find_area
from converter.layout.matching import Matching
from converter.layout.titles import Titles
from converter.mapping.load import available_mappings, load_mapping
from converter.mapping.model import ProviderMapping
from converter.message import Multilingual, join, t
from converter.profiles import source_sheet
from converter.profiles.known_sources import all_titles, key
from converter.runs import sources
from converter.sheet import Sheet

_MOST_SHOWN = 5


@dataclass(frozen=True)
class Fit:
    """How well a sheet fits one provider."""

    provider: str
    title: str
    fields: int
    """Fields that have a column."""
    missing: int
    """Required fields that have none."""
    has_reference: bool

    def line(self) -> str:
        if not self.missing:
            return t("{name}: every required column is there", name=self.provider)
        if self.missing == 1:
            return t("{name}: 1 required column is missing", name=self.provider)
        return t("{name}: {count} required columns are missing", name=self.provider,
                 count=self.missing)  # fmt: skip


def fits(
    sheets: Sequence[Sheet], path: Path, only: str | None = None, folder: Path | None = None
) -> list[Fit]:
    """Every provider to which the sheets have something to say, the likeliest first."""
    found = []
    for file in available_mappings(folder).values():
        mapping = load_mapping(file)
        if (fit := _fit(sheets, path, only, mapping)) and fit.fields > 1:
            found.append(fit)
    return sorted(found, key=lambda fit: (not fit.has_reference, fit.missing, -fit.fields))


def _fit(
    sheets: Sequence[Sheet], path: Path, only: str | None, mapping: ProviderMapping
) -> Fit | None:
    """The fit of the sheet that has most of the provider's columns."""
    source = sources.of_file(sheets, mapping)
    titles = Titles(mapping, source.profile)
    best: Fit | None = None
    for one in layout.order_sheets(source.sheets, path, only, source.profile.sheets):
        try:
            matching = Matching(find_area(one, titles, mapping, "include"), titles, mapping)
        except SheetError:  # a column with two meanings there, or two columns of one field
            continue
        columns = matching.found()
        absent = needed.missing(mapping, columns, matching.lists_in_use())
        fit = Fit(
            mapping.provider,
            Multilingual(mapping.title.en, zh=mapping.title.zh),
            fields=len(columns),
            missing=len(absent),
            has_reference=mapping.order.reference in columns,
        )
        if best is None or (fit.has_reference, fit.fields) > (best.has_reference, best.fields):
            best = fit
    return best


def better_fit(
    sheets: Sequence[Sheet], path: Path, only: str | None, mapping: ProviderMapping
) -> Fit | None:
    """The shipped provider that a sheet is clearly rather for; None where there is no such."""
    own = _fit(sheets, path, only, mapping)
    if own is None or mapping.provider not in available_mappings():
        return None
    for fit in fits(sheets, path, only):
        is_whole = fit.has_reference and not fit.missing and fit.fields > own.fields
        if is_whole and fit.provider != mapping.provider:
            return fit
    return None


def ask_for_provider(
    path: Path, *, only: str | None, encoding: str | None, folder: Path | None
) -> UsageError:
    """The question for whom a sheet is, with what speaks for each provider."""
    sheets = sheet.read(
        path, only=only, known=lambda text: key(text) in all_titles(), encoding=encoding
    )
    found = fits(sheets, path, only, folder)
    if not found:
        return UsageError(t("{file} fits no provider. Choose one with -p NAME.", file=path.name))
    lines = join("\n", (join("", ("  ", fit.line())) for fit in found[:_MOST_SHOWN]))
    problem = t("Who is {file} for? Choose with -p NAME:\n{lines}", file=path.name, lines=lines)
    known = [one.line() for each in sheets if (one := source_sheet.find(each))]
    return UsageError(join(" ", (*known[:1], problem)))


@contextmanager
def naming_better_fit(
    sheets: Sequence[Sheet],
    path: Path,
    only: str | None,
    mapping: ProviderMapping,
    *,
    is_source: bool,
) -> Iterator[None]:
    """Add to an error on missing columns that the sheet is rather for another provider.

    The export of a shop (`is_source`) is for none of them.
    """
    try:
        yield
    except SheetError as error:
        fit = None
        if error.code == "MISSING_COLUMN" and not is_source:
            with suppress(ConverterError):
                fit = better_fit(sheets, path, only, mapping)
        if fit is not None:
            hint = t(
                "This looks like a sheet for {title}: every column that it needs is there. "
                "Did you mean -p {name}?",
                title=fit.title,
                name=fit.provider,
            )
            error.args = (join(" ", [error.message, hint]),)
        raise
