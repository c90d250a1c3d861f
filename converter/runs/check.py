"""What a sheet comes to without sending: its report, its result workbook, the requests it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from converter import __version__, messages, results
from converter.layout.table import Note
from converter.model import Report, Result, Status
from converter.orders.payload import batches
from converter.provider.request import Signer
from converter.runs.prepare import Prepared

_SHOWN_ISSUES = 5
"""How many problems of one order its message spells out; the cells hold them all."""


def check_sheet(prepared: Prepared, *, target: Path | None) -> Report:
    """What is wrong with the sheet, as a result workbook; nothing is sent."""
    results_ = [checked_row(prepared, index) for index in range(prepared.count)]
    return finish_report(prepared, report_of(prepared, "", results_), target)


def convert_sheet(prepared: Prepared, signer: Signer) -> Iterator[dict[str, Any]]:
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


def conversion_report(prepared: Prepared) -> Report:
    """The report of a conversion: which orders were left out, and why."""
    results_ = [checked_row(prepared, index) for index in range(prepared.count)]
    return report_of(prepared, "", results_)


def checked_row(prepared: Prepared, index: int) -> Result:
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


def finish_report(
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
        sheet=results.order_sheet_of(prepared.table),
        outputs=titles,
        lang=prepared.lang,
        sandbox=sandbox,
    )
    elsewhere = written.resolve() != target.resolve()
    return replace(report, result_path=str(written), result_elsewhere=elsewhere)
