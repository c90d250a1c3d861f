"""The report of a run on a sheet: a row for each order, notes, and the result workbook."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import time

from converter import messages, results
from converter.mapping.block import Title
from converter.message import COMMA, N_, join, stack, t
from converter.model import Result, Status
from converter.profiles.source_sheet import source_line
from converter.report import Report, and_more
from converter.runs.label_files import LABEL_FILE
from converter.runs.prepare import Prepared
from converter.version import __version__

_LOG = logging.getLogger(__name__)

_LABEL_TITLE = Title(en="Label", zh="标签")

_SHOWN_ISSUES = 5
"""How many problems of one order its message spells out; the cells hold them all."""


def checked_rows(prepared: Prepared) -> list[Result]:
    """The status rows of a sheet as far as the checks go."""
    return [checked_row(prepared, index) for index in range(prepared.count)]


def checked_row(prepared: Prepared, index: int) -> Result:
    """The status row of one order as far as the checks go."""
    found = prepared.payloads.orders
    return Result(
        found.references[index],
        Status.VALID if prepared.is_valid(index) else Status.INVALID,
        issues_text(prepared, index),
        rows=found.rows[index],
        issues=prepared.issues.get(index, ()),
    )


def issues_text(prepared: Prepared, index: int) -> str:
    """The problems of an order as its message spells them out, a line each."""
    issues = prepared.issues.get(index, ())
    if len(issues) > _SHOWN_ISSUES and not prepared.is_valid(index):
        issues = tuple(sorted(issues, key=lambda issue: issue.warning))  # errors have to be told
    lines = [messages.of_issue_line(issue) for issue in issues[:_SHOWN_ISSUES]]
    more = len(issues) - len(issues[:_SHOWN_ISSUES]) + prepared.left_out.get(index, 0)
    if more:
        lines.append(and_more(more))
    return stack(lines)


def make_report(
    prepared: Prepared,
    run: str,
    rows: Sequence[Result],
    *,
    stopped: str = "",
    interrupted: bool = False,
) -> Report:
    """The report of a run on a sheet; `write_result` puts it into a workbook."""
    mapping, lang = prepared.mapping, prepared.lang
    found = prepared.payloads.orders
    notes = [_layout(prepared), *prepared.notes, *prepared.table.notes, *found.notes]
    split = mapping.order.split
    if split and split.by and split.by not in prepared.table.columns:
        spec = mapping.field(split.by)
        title = f"{spec.title.zh} / {spec.title.en}"
        note = N_(
            "The sheet has no supplier column ({title}); the provider takes one supplier per order."
        )
        notes.append(t(note, title=title))
    facts = {
        "provider": f"{mapping.provider} — {mapping.title.get(lang)}",
        "file": prepared.name,
        "sha256": prepared.sha256,
        "time": messages.moment(time()),
        "version": __version__,
    }
    if prepared.profile_sha256:
        facts["profile"] = f"{prepared.profile.name} (SHA-256 {prepared.profile_sha256})"
    if run:
        facts["run"] = run
    return Report(
        mapping.provider,
        prepared.name,
        run,
        tuple(rows),
        warnings=prepared.others,
        notes=tuple(notes),
        stopped=stopped,
        interrupted=interrupted,
        facts=facts,
        lang=lang,
        profile=prepared.profile.name if prepared.profile_sha256 else "",
        profile_sha256=prepared.profile_sha256,
        repairs=prepared.repairs,
    )


def _layout(prepared: Prepared) -> str:
    """How the sheet was read, in one line: the first thing to doubt where the counts are odd."""
    found, table = prepared.payloads.orders, prepared.table
    lists = found.mapping.order.lists
    required = [path for path, shape in lists.items() if shape.required]
    counts = [len(found.groups[path]) for path in required[:1] or lists]
    items = max(counts) if counts else sum(map(len, found.rows))
    if prepared.source:
        return source_line(prepared.source, len(found.references), items if lists else 0)
    column = table.columns[found.mapping.order.reference]
    place = f"{column.letter}{column.row}" if column.row else column.letter
    facts = {"column": place, "orders": str(len(found.references)), "items": str(items)}
    sheets = dict.fromkeys(part.sheet.name for part in table.parts)
    return t(table.layout, **facts, sheets=join(COMMA, sheets))


def write_result(
    prepared: Prepared,
    report: Report,
    target: Path,
    *,
    sandbox: bool = False,
    without_source: bool = False,
) -> Report:
    """Write the result workbook; the report that is returned says where it really is.

    With `without_source` the customer's own file is not opened again.
    """
    mapping = prepared.mapping
    refresh, told = mapping.calls.refresh, {name for one in report.orders for name in one.outputs}
    later = {
        name: one for name, one in (refresh.outputs if refresh else {}).items() if name in told
    }
    titles = [
        (name, output.title)
        for name, output in {**later, **mapping.response.outputs}.items()
        if name not in ("provider_order_no", "tracking_no") and output.title is not None
    ]
    files = {
        part.outputs[LABEL_FILE]
        for order in report.orders
        for part in (order, *order.parts)
        if part.outputs.get(LABEL_FILE)
    }
    if files:
        titles.append((LABEL_FILE, _LABEL_TITLE))
    written = results.write(
        report,
        target,
        source=None if without_source else prepared.path,
        sheet=results.order_sheet_of(prepared.table),
        outputs=titles,
        lang=prepared.lang,
        sandbox=sandbox,
        files=sorted(files),
    )
    elsewhere = written.resolve() != target.resolve()
    _LOG.info("result written", extra={"file": str(written), "elsewhere": elsewhere})
    return replace(report, result_path=str(written), result_elsewhere=elsewhere)
