"""Summaries of reports: lines of text, and one JSON document for several sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter import messages
from converter.cli.next_step import Situation, Totals, last_lines
from converter.exit_codes import Exit, most_urgent
from converter.messages import translate
from converter.model import Issue, Result, Status
from converter.report import SCHEMA_VERSION, Report

_SHOWN_PER_KIND = 5
"""Cells, orders or files named one by one; of the others only the number is given."""


def summarize(report: Report, lang: str, situation: Situation) -> Iterator[str]:
    """The lines about one sheet: problems grouped by kind, counts, and what to do next."""
    yield from (translate(note, lang) for note in report.notes)
    yield from _grouped_issues(report, lang)
    yield from _failed_orders(report, lang)
    counts = _counts(report.counts, lang)
    if counts:
        yield messages.say("orders_counted", lang, orders=len(report.orders), counts=counts)
    if report.result_path:
        yield messages.say("result_lies", lang, result=report.result_path)
    yield from last_lines([Totals.of(report)], lang, situation)


def order_lines(report: Report, lang: str) -> Iterator[str]:
    """One line per order: rows, reference, status, numbers and message."""
    for result in report.orders:
        rows = ",".join(map(str, result.rows))
        status = messages.status(result.status, lang)
        message = " ".join(result.message.split())
        yield "  ".join(filter(None, [
            rows, result.reference, status, result.provider_order_no, result.tracking_no, message
        ]))  # fmt: skip


def _grouped_issues(report: Report, lang: str) -> Iterator[str]:
    """Issues grouped by field and kind, because 300 bad dates are one problem."""
    groups: dict[tuple[str, str, bool], list[Issue]] = {}
    for result in report.orders:
        for issue in result.issues:
            if issue.code in ("provider_says", "line_not_made"):
                continue  # told with its order
            groups.setdefault((issue.field, issue.code, issue.warning), []).append(issue)
    for issue in report.warnings:
        groups.setdefault((issue.field, issue.code, issue.warning), []).append(issue)
    for (_, _, warning), issues in groups.items():
        mark = messages.say("warning", lang) if warning else ""
        for issue in issues[:_SHOWN_PER_KIND]:
            yield mark + messages.issue(issue, lang)
        if len(issues) > _SHOWN_PER_KIND:
            more = messages.say("more_issues", lang, count=len(issues) - _SHOWN_PER_KIND)
            yield f"  {more}"


def _failed_orders(report: Report, lang: str) -> Iterator[str]:
    """Orders that were not accepted, a few for each status."""
    shown = (Status.REJECTED, Status.DUPLICATE, Status.PARTIAL, Status.UNKNOWN)
    changed = [one for one in report.orders if one.changed and one.status not in shown]
    for found in ([one for one in report.orders if one.status is status] for status in shown):
        yield from _some_told(found, lang)
    yield from _some_told(changed, lang)


def _some_told(found: Sequence[Result], lang: str) -> Iterator[str]:
    for result in found[:_SHOWN_PER_KIND]:
        first = result.message.split("\n")[0]
        yield f"{result.reference}: {messages.status(result.status, lang)}: {first}"
    if len(found) > _SHOWN_PER_KIND:
        yield f"  {messages.say('more_issues', lang, count=len(found) - _SHOWN_PER_KIND)}"


# -- several sheets ----------------------------------------------------------------------------


def _summarize_briefly(report: Report, lang: str) -> Iterator[str]:
    """The lines about one of several sheets: counts, where its result is, notes and problems."""
    counts = _counts(report.counts, lang)
    facts = {"sheet": report.sheet, "orders": len(report.orders), "counts": counts}
    line = messages.say("file_told" if counts else "file_empty", lang, **facts)
    if report.result_path:
        line = messages.say("file_result", lang, told=line, result=report.result_path)
    yield line
    yield from (f"  {translate(note, lang)}" for note in report.notes)
    yield from (f"  {line}" for line in _grouped_issues(report, lang))
    yield from (f"  {line}" for line in _failed_orders(report, lang))


class Summary:
    """What the reports of a command come to; `several` if it was given more than one sheet."""

    def __init__(self, provider: str, situation: Situation, *, several: bool) -> None:
        self.provider = provider
        self._situation = situation
        self._several = several
        self._totals: list[Totals] = []

    def add(self, report: Report, lang: str) -> Iterator[str]:
        """Count a report in; returns the lines about it."""
        self._totals.append(Totals.of(report))
        if self._several:
            return _summarize_briefly(report, lang)
        return summarize(report, lang, self._situation)

    @property
    def counts(self) -> dict[str, int]:
        """How many orders have each status, in the order of `Status`."""
        found: Counter[str] = Counter()
        for one in self._totals:
            found.update(one.counts)
        return {str(status): found[status] for status in Status if found[status]}

    @property
    def exit_code(self) -> Exit:
        """The code that one sheet with all of these orders would have."""
        return most_urgent(one.exit_code for one in self._totals)

    def document(self, sheets: Sequence[Any]) -> Any:
        """What `--json` prints; `sheets` are the documents of the reports."""
        if not self._several:
            return sheets[0]
        return {
            "schema_version": SCHEMA_VERSION,
            "provider": self.provider,
            "counts": self.counts,
            "exit_code": int(self.exit_code),
            "sheets": list(sheets),
        }

    def closing_lines(self, lang: str) -> Iterator[str]:
        """Of several sheets, all counts together and the one thing to do next."""
        if not self._several:
            return
        facts = {"files": len(self._totals), "orders": sum(self.counts.values())}
        counts = _counts(self.counts, lang)
        code = "files_told" if counts else "files_empty"
        yield messages.say(code, lang, counts=counts, **facts)
        if counts:
            yield from last_lines(self._totals, lang, self._situation)


def _counts(counts: Mapping[str, int], lang: str) -> str:
    return ", ".join(
        f"{count} {messages.status(Status(name), lang)}" for name, count in counts.items()
    )
