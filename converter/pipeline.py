"""From the customer's file to checked orders, requests and a report; nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from converter import __version__, layout, messages, results, sheet
from converter.checks import attachments, cells
from converter.errors import SheetError
from converter.layout import choices
from converter.layout.table import Note, Table
from converter.layout.titles import Titles
from converter.mapping.model import ProviderMapping
from converter.messages.sentence import Sentence, joined
from converter.model import Issue, Order, Report, Result, Status
from converter.orders import grouping, rules
from converter.orders.payload import Payloads, batches
from converter.provider.request import Signer
from converter.settings import Settings

_SHOWN_ISSUES = 5
"""How many problems of one order its message spells out; the cells hold them all."""


class Readable(Protocol):
    """A sheet whose reading has begun: `sheet.Reading`, or one of several."""

    def sheets(self, *, known: sheet.Known, encoding: str | None) -> list[sheet.Sheet]: ...


@dataclass(frozen=True)
class Prepared:
    """A sheet that was read and checked, and is ready to become payloads."""

    path: Path
    sha256: str
    mapping: ProviderMapping
    table: Table
    payloads: Payloads
    issues: Mapping[int, tuple[Issue, ...]]
    """By order: its number in the sheet's order."""
    others: tuple[Issue, ...]
    """Warnings on rows that belong to no order."""
    lang: str

    @property
    def count(self) -> int:
        return len(self.payloads.orders.references)

    def is_valid(self, order: int) -> bool:
        return all(issue.warning for issue in self.issues.get(order, ()))

    def valid(self) -> Iterator[Order]:
        """The orders that passed every check, as they are sent; built one at a time."""
        for index in range(self.count):
            if self.is_valid(index):
                yield from self.payloads.of(index)


def prepare(
    path: Path,
    mapping: ProviderMapping,
    values: Settings,
    *,
    only: str | None,
    lang: str,
    hidden: str | None = None,
    columns: Path | None = None,
    encoding: str | None = None,
    files: Path | None = None,
    reading: Readable | None = None,
) -> Prepared:
    """Read a sheet and check all of it. Raises SheetError where it cannot be read as orders.

    `hidden` says whether hidden rows count; `columns` is the file with a person's own choices of
    columns, which is written where it is not there yet; `files` is the folder of the files that
    cells name, by default the sheet's own; `reading` is the sheet's, where it has begun already.
    """
    known = Titles(mapping).is_known
    cells.make_ready(mapping, values.values)
    if reading is not None:
        sheets = reading.sheets(known=known, encoding=encoding)
    else:
        sheets = sheet.read(path, only=only, known=known, encoding=encoding)
    sha256 = sheet.sha256(path)  # not before: it may be larger than anything that is read
    chosen: Mapping[str, str] = {}
    told: tuple[Note, ...] = ()
    if columns is not None:
        named = layout.order_sheets(sheets, path, only)
        if columns.exists():
            chosen = choices.read(columns, mapping, named)
        else:
            choices.write(columns, mapping, named)
            told = (("note_choices_written", {"file": str(columns)}),)
    try:
        table = layout.find_table(sheets, mapping, path, only=only, hidden=hidden, choices=chosen)
    except SheetError as error:
        for code, facts in told:  # the list that was just written is where they can answer
            both = Sentence(*(messages.say(code, each, **facts) for each in messages.LANGUAGES))
            error.args = (joined(" ", [error.args[0], both]),)
        raise
    with attachments.opened(path, files, table, mapping) as attached:
        checked = cells.check(table, mapping, values.values, attached)
    noted = (note for one in sheets for note in one.notes)
    notes = (*told, *noted, *table.notes, *attached.notes)
    checked = replace(checked, table=replace(table, notes=notes))
    grouped = grouping.group(checked, mapping)
    issues: dict[int, list[Issue]] = {}
    others: list[Issue] = []
    for issue in (*rules.check(grouped), *_colliding_parts(grouped)):
        owners = grouped.owners_of(issue.cell)
        for owner in owners:
            issues.setdefault(owner, []).append(issue)
        if not owners:
            others.append(issue)
    frozen = {order: tuple(found) for order, found in issues.items()}
    made = Payloads(grouped)
    return Prepared(path, sha256, mapping, checked.table, made, frozen, tuple(others), lang)


def _colliding_parts(grouped: grouping.Orders) -> Iterator[Issue]:
    """Orders that are split into parts whose names other orders have already."""
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


# -- check and convert -------------------------------------------------------------------------


def check(prepared: Prepared, *, target: Path | None) -> Report:
    """What is wrong with the sheet, as a result workbook; nothing is sent."""
    results_ = [checked(prepared, index) for index in range(prepared.count)]
    return finish(prepared, report_of(prepared, "", results_), target)


def convert(prepared: Prepared, signer: Signer) -> Iterator[dict[str, Any]]:
    """The exact requests that would be made, secrets masked; invalid orders are left out."""
    for batch in batches(prepared.valid(), prepared.mapping):
        request = signer.request(batch)
        yield {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": orjson.Fragment(request.body),
            "orders": [order.reference for order in batch],
        }


def converted(prepared: Prepared) -> Report:
    """The report of a conversion: which orders were left out, and why."""
    results_ = [checked(prepared, index) for index in range(prepared.count)]
    return report_of(prepared, "", results_)


def checked(prepared: Prepared, index: int) -> Result:
    """The status row of an order as far as the checks go."""
    found = prepared.payloads.orders
    return Result(
        found.references[index],
        Status.VALID if prepared.is_valid(index) else Status.INVALID,
        issues_text(prepared, index),
        rows=found.rows[index],
        issues=prepared.issues.get(index, ()),
    )


def issues_text(prepared: Prepared, index: int) -> str:
    """An order's problems as its message spells them out, a line each."""
    issues = prepared.issues.get(index, ())
    if not prepared.is_valid(index):
        issues = tuple(issue for issue in issues if not issue.warning)
    lines = [messages.issue(issue, prepared.lang) for issue in issues[:_SHOWN_ISSUES]]
    if len(issues) > _SHOWN_ISSUES:
        more = str(len(issues) - _SHOWN_ISSUES)
        lines.append(messages.say("more_issues", prepared.lang, count=more))
    return "\n".join(lines)


# -- the report --------------------------------------------------------------------------------


def report_of(
    prepared: Prepared,
    run: str,
    rows: Sequence[Result],
    *,
    stopped: str = "",
    interrupted: bool = False,
) -> Report:
    """The report of a run on a sheet; `finish` writes it down."""
    mapping, lang = prepared.mapping, prepared.lang
    found = prepared.payloads.orders
    notes = [
        messages.say(code, lang, **facts)
        for code, facts in (_layout(prepared), *prepared.table.notes, *found.notes)
    ]
    split = mapping.order.split
    if split and split.by and split.by not in prepared.table.columns:
        spec = mapping.field(split.by)
        title = f"{spec.title.zh} / {spec.title.en}"
        notes.append(messages.say("note_no_supplier", lang, title=title))
    facts = {
        "provider": f"{mapping.provider} — {mapping.title.get(lang)}",
        "file": str(prepared.path),
        "sha256": prepared.sha256,
        "time": datetime.now().astimezone().isoformat(" ", "seconds"),
        "version": __version__,
    }
    if run:
        facts["run"] = run
    return Report(
        mapping.provider,
        str(prepared.path),
        run,
        tuple(rows),
        warnings=prepared.others,
        notes=tuple(notes),
        stopped=stopped,
        interrupted=interrupted,
        facts=facts,
    )


def _layout(prepared: Prepared) -> Note:
    """How the sheet was read, in one line: the first thing to doubt where the counts are odd."""
    found, table = prepared.payloads.orders, prepared.table
    lists = [path for path, shape in found.mapping.order.lists.items() if shape.required]
    items = sum(len(found.groups[path]) for path in lists[:1])
    column = table.columns[found.mapping.order.reference]
    place = f"{column.letter}{column.row}" if column.row else column.letter
    facts = {"column": place, "orders": str(len(found.references)), "items": str(items)}
    sheets = dict.fromkeys(part.sheet.name for part in table.parts)
    return (table.layout, {**facts, "sheets": ", ".join(sheets)})


def finish(
    prepared: Prepared,
    report: Report,
    target: Path | None,
    *,
    sandbox: bool = False,
    anew: bool = False,
) -> Report:
    """Write the result workbook, and note in the report where it really lies.

    With `anew` the customer's own file is not looked at again.
    """
    if target is None:
        return report
    titles = [
        (name, output.title)
        for name, output in prepared.mapping.response.outputs.items()
        if name not in ("provider_order_no", "tracking_no") and output.title is not None
    ]
    written = results.write(
        report,
        target,
        source=None if anew else prepared.path,
        sheet=results.view(prepared.table),
        outputs=titles,
        lang=prepared.lang,
        sandbox=sandbox,
    )
    elsewhere = written.resolve() != target.resolve()
    return replace(report, result_path=str(written), result_elsewhere=elsewhere)
