"""Read a sheet, check it and group its lines into orders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from converter import layout, messages, sheet
from converter.checks import attachments, cells
from converter.errors import SheetError
from converter.layout.table import Table
from converter.mapping.model import ProviderMapping
from converter.message import Multilingual, enumerate_some, join, t
from converter.model import Issue, Order, Repair
from converter.orders import by_order, grouping, phones, rules
from converter.orders.lazy import LazyOrder, Source
from converter.orders.payload import Payloads
from converter.products.fill import fill, placed
from converter.products.table import ProductTable, read_products
from converter.profiles.apply import with_profile
from converter.profiles.model import NO_PROFILE, Profile
from converter.repairs.repair import Repaired, in_addresses, repair
from converter.runs import sources
from converter.runs.likely import naming_better_fit
from converter.runs.profile_choice import ProfileChoice, ProfileChooser, naming_profile
from converter.settings import Settings

_LOG = logging.getLogger(__name__)


class Readable(Protocol):
    """A sheet that is being read: `sheet.Reading`, or a prefetched file."""

    def sheets(self, *, known: sheet.TitlePredicate, encoding: str | None) -> list[sheet.Sheet]: ...


@dataclass(frozen=True)
class Prepared:
    """A sheet that was read and checked, and is ready to become payloads."""

    path: Path
    sha256: str
    mapping: ProviderMapping
    table: Table
    payloads: Payloads
    issues: Mapping[int, tuple[Issue, ...]]
    """By the position of the order in the sheet."""
    others: tuple[Issue, ...]
    """Warnings on rows that belong to no order."""
    lang: str
    left_out: Mapping[int, int] = field(default_factory=dict)
    """By order: how many more of its problems there are, where these are too many to keep."""
    notes: tuple[str, ...] = ()
    """What the user should know about the problems as a whole."""
    profile: Profile = NO_PROFILE
    profile_sha256: str = ""
    """Empty where no profile was used."""
    products: ProductTable | None = None
    source: str = ""
    """What the known source of the sheet is called; empty where none is known."""
    repairs: tuple[Repair, ...] = ()
    """What was taken otherwise than it stands in the sheet."""
    given_as: str = ""
    """What reports call the sheet, where it is not its path: `-` for stdin."""

    @property
    def name(self) -> str:
        """The sheet as it was given."""
        return self.given_as or str(self.path)

    @property
    def count(self) -> int:
        return len(self.payloads.orders.references)

    def is_valid(self, order: int) -> bool:
        return all(issue.warning for issue in self.issues.get(order, ()))

    def valid(self) -> Iterator[Order]:
        """Valid orders with their payloads, built one at a time."""
        for index in range(self.count):
            if self.is_valid(index):
                yield from self.payloads.of(index)

    def valid_parts(self) -> dict[int, list[LazyOrder]]:
        """The parts that each order is sent as, of those that passed every check."""
        source = Source(self.payloads)
        return {index: source.parts(index) for index in range(self.count) if self.is_valid(index)}

    def invalid_orders(self) -> list[tuple[str, tuple[int, ...], tuple[str, ...]]]:
        """Reference, rows and problems of each order that did not pass."""
        found = self.payloads.orders
        return [
            (
                found.references[index],
                found.rows[index],
                tuple(messages.of_issue(one) for one in self.issues[index] if not one.warning),
            )
            for index in range(self.count)
            if not self.is_valid(index)
        ]


def prepare_sheet(
    path: Path,
    mapping: ProviderMapping,
    values: Settings,
    *,
    only: str | None,
    lang: str,
    hidden: str | None = None,
    profiles: ProfileChoice | None = None,
    encoding: str | None = None,
    files: Path | None = None,
    reading: Readable | None = None,
    most_issues: int = by_order.MOST,
) -> Prepared:
    """Read a sheet and check all of it. Raises SheetError where it cannot be read as orders.

    `hidden` says whether hidden rows count; `profiles` which profile is used, by default none;
    `files` is the folder of the files that cells name, by default the sheet's own; `reading` is the
    sheet's, where it has begun already. Of more than `most_issues` problems only the first ones of
    each order are kept.
    """
    chooser = ProfileChooser(profiles or ProfileChoice(automatic=False), mapping)
    known = sources.known_titles(chooser.known())
    cells.make_ready(mapping, values.values)
    phones.make_ready(mapping)
    if reading is not None:
        sheets = reading.sheets(known=known, encoding=encoding)
    else:
        sheets = sheet.read(path, only=only, known=known, encoding=encoding)
    sha256 = sheet.sha256(path)  # not before: it may be larger than anything that is read
    chosen = chooser.choose(sheets, path, only)
    source = sources.of_file(sheets, mapping)
    sheets = source.sheets
    profile, told = sources.together(chosen.profile, source.profile), chosen.notes
    mapping = with_profile(mapping, profile)
    # The list that was just written is where they can answer.
    with (
        _saying_too((*filter(None, (source.line,)), *told)),
        naming_better_fit(sheets, path, only, mapping, is_source=bool(source.title)),
    ):
        products = _products(profiles, profile, mapping)
        find = partial(
            layout.find_table, sheets, mapping, path, only=only, hidden=hidden, profile=profile
        )
        adapted = bool(source.title or chosen.profile.columns or chosen.profile.fixed)
        provided = products.provided if products else ()
        repaired = _repaired(find, mapping, provided, adapted=adapted)
    table, told = repaired.table, (*told, *repaired.notes)
    told = (*told, *_fixed_note(chosen.profile, mapping, table))
    filled = fill(table, products, mapping, profile.fixed) if products else None
    if filled is not None:
        table, told = filled.table, (*told, *filled.notes)
    with attachments.opened(path, files, table, mapping) as attached:
        checked = cells.check(table, mapping, values.values, attached)
    noted = (note for one in sheets for note in one.notes)
    notes = (*told, *noted, *table.notes, *attached.notes)
    checked = replace(checked, table=replace(table, notes=notes))
    grouped = grouping.group(checked, mapping)
    found_issues = rules.check(grouped)
    if filled is not None:
        found_issues = placed(found_issues, filled)
    if profile.fixed:
        found_issues = naming_profile(found_issues, profile, mapping, checked.table)
    found = by_order.collect(grouped, found_issues, most_issues)
    issues = _by_order(found.orders, grouped, checked.table)
    prepared = Prepared(
        path,
        sha256,
        mapping,
        checked.table,
        Payloads(grouped),
        issues,
        _with_values(found.others, checked.table),
        lang,
        left_out=found.left_out,
        notes=found.notes,
        profile=profile,
        profile_sha256=chosen.sha256,
        products=products,
        source=source.title,
        repairs=repaired.repairs,
    )
    _log_checked(prepared)
    return prepared


def _repaired(
    find: Callable[..., Table],
    mapping: ProviderMapping,
    provided: Collection[str],
    *,
    adapted: bool,
) -> Repaired:
    """The order table with its repairs; what its addresses name needs no column.

    Raises SheetError where columns are missing that no address makes up for.
    """
    try:
        return repair(find(provided=provided), mapping, adapted=adapted, filled=provided)
    except SheetError as error:
        named = in_addresses(mapping)
        if error.code != "MISSING_COLUMN" or not named:
            raise
        try:
            table = find(provided={*provided, *named})
            found = repair(table, mapping, adapted=adapted, filled=provided)
        except SheetError:
            raise error from None
        typed = [path for path in named if mapping.field(path).default is None]
        absent = [path for path in typed if not found.table.columns_of(path)]
        blank = {path for path in absent if (found.table.codes(path)[0] < 0).all()}
        if blank == set(absent):
            raise
        if blank:  # only what no address names is missing
            find(provided={*provided, *named} - blank)
        return found


def _products(
    choice: ProfileChoice | None, profile: Profile, mapping: ProviderMapping
) -> ProductTable | None:
    """The product table that was given, else that of the profile."""
    if choice is not None and choice.products is not None:
        return read_products(choice.products, mapping)
    if profile.product_table:
        return read_products(Path(profile.product_table), mapping)
    return None


def _fixed_note(profile: Profile, mapping: ProviderMapping, table: Table) -> Iterator[str]:
    """Which fields have no column and are the same in all orders, said once."""
    specs = [mapping.field(path) for path in profile.fixed if path not in table.columns]
    if specs and profile.name:
        titles = [Multilingual(spec.title.en, zh=spec.title.zh) for spec in specs]
        yield t(
            "Said by profile '{name}' for all orders: {fields}.",
            name=profile.name,
            fields=enumerate_some(titles),
        )


@contextmanager
def _saying_too(notes: Iterable[str]) -> Iterator[None]:
    """Append notes to what is said of a sheet that cannot be read."""
    try:
        yield
    except SheetError as error:
        for note in notes:
            error.args = (join(" ", [error.message, note]),)
        raise


def _log_checked(prepared: Prepared) -> None:
    invalid = sum(not prepared.is_valid(index) for index in range(prepared.count))
    facts = {"sheet": str(prepared.path), "sheet_sha256": prepared.sha256}
    _LOG.info("checked", extra={**facts, "orders": prepared.count, "invalid": invalid})


def _by_order(
    found: Mapping[int, Iterable[Issue]], grouped: grouping.Orders, table: Table
) -> dict[int, tuple[Issue, ...]]:
    """The problems of each order, with those of parts whose references are taken."""
    issues = {order: _with_values(own, table) for order, own in found.items()}
    for issue in _with_values(_colliding_parts(grouped), table):
        for owner in grouped.owners_of(issue.cell):
            issues[owner] = (*issues.get(owner, ()), issue)
    return issues


def _with_values(issues: Iterable[Issue], table: Table) -> tuple[Issue, ...]:
    return tuple(issue.with_value(table.text_at(issue.cell)) for issue in issues)


def _colliding_parts(grouped: grouping.Orders) -> Iterator[Issue]:
    """Issues for parts of split orders whose references other orders already have."""
    if grouped.mapping.order.split is None:
        return
    payloads = Payloads(grouped)
    taken = {name: index for index, name in enumerate(grouped.references)}
    path = grouped.mapping.order.reference
    for index in range(len(grouped.references)):
        for name in payloads.part_names(index):
            if name in taken and taken[name] != index:
                cell = grouped.cell(path, grouped.groups[""], index)
                title = grouped.cells.table.columns[path].title
                yield Issue(cell, path, title, "part_collides", {"found": f"'{name}'"})
