"""Summaries of reports: lines of text, and one JSON document for several sheets."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converter import messages
from converter.exit_codes import Exit, most_urgent
from converter.messages import translate
from converter.model import Issue, Status
from converter.report import SCHEMA_VERSION, Report

_SHOWN_PER_KIND = 5
"""Cells, orders or files named one by one; of the others only the number is given."""


def summarize(report: Report, lang: str) -> Iterator[str]:
    """The lines about one sheet: problems grouped by kind, counts, and what to do next."""
    yield from (translate(note, lang) for note in report.notes)
    yield from _grouped_issues(report, lang)
    yield from _failed_orders(report, lang)
    counts = _counts(report.counts, lang)
    if counts:
        yield f"{len(report.orders)} {messages.say('orders', lang)}: {counts}"
    if report.result_path:
        yield messages.say("result_lies", lang, result=report.result_path)
    yield next_step(report, lang)


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
            if issue.code == "provider_says":
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
    for status in shown:
        found = [result for result in report.orders if result.status is status]
        for result in found[:_SHOWN_PER_KIND]:
            first = result.message.split("\n")[0]
            yield f"{result.reference}: {messages.status(status, lang)}: {first}"
        if len(found) > _SHOWN_PER_KIND:
            more = messages.say("more_issues", lang, count=len(found) - _SHOWN_PER_KIND)
            yield f"  {more}"


def next_step(report: Report, lang: str) -> str:
    """The last line: the one thing to do next."""
    facts = {"result": report.result_path, "sheet": report.sheet, "provider": report.provider}
    code = _next_code(
        {result.status for result in report.orders},
        stopped=report.stopped,
        has_result=bool(report.result_path),
    )
    return messages.say(code, lang, why=report.stopped, **facts)


def _next_code(statuses: set[Status], *, stopped: str, has_result: bool) -> str:
    if stopped:
        return "next_stopped"
    if not statuses:
        return "next_no_orders"
    if Status.UNKNOWN in statuses:
        return "next_unknown"
    if Status.NOT_SENT in statuses:
        return "next_again"
    if statuses == {Status.VALID}:
        return "next_valid"
    if Status.INVALID in statuses:
        return "next_fix" if has_result else "next_fix_sheet"
    if statuses - {Status.ACCEPTED, Status.VALID}:
        return "next_look"
    return "next_accepted"


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


@dataclass(frozen=True, slots=True)
class _Totals:
    """What is kept of a report once its lines are printed."""

    sheet: str
    result: str
    counts: Mapping[str, int]
    exit_code: Exit
    stopped: str

    def has(self, statuses: Collection[Status]) -> bool:
        return any(status in self.counts for status in statuses)


class Summary:
    """What the reports of a command come to; `several` if it was given more than one sheet."""

    def __init__(self, provider: str, *, several: bool) -> None:
        self.provider = provider
        self._several = several
        self._totals: list[_Totals] = []

    def add(self, report: Report, lang: str) -> Iterator[str]:
        """Count a report in; returns the lines about it."""
        self._totals.append(
            _Totals(
                report.sheet, report.result_path, report.counts, report.exit_code, report.stopped
            )
        )
        return _summarize_briefly(report, lang) if self._several else summarize(report, lang)

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
            yield self._next_step(lang)

    def _next_step(self, lang: str) -> str:
        first_stopped = next((one for one in self._totals if one.stopped), None)
        code = _next_code(
            {Status(name) for name in self.counts},
            stopped=first_stopped.stopped if first_stopped else "",
            has_result=all(one.result for one in self._totals),
        )
        if first_stopped:
            facts = {"sheet": first_stopped.sheet, "why": first_stopped.stopped}
            return messages.say("next_stopped_at", lang, **facts)
        if code == "next_valid":
            sheets = " ".join(shlex.quote(one.sheet) for one in self._totals)
            return messages.say(code, lang, sheet=sheets, provider=self.provider)
        several, statuses = _ABOUT.get(code, (code, ()))
        about = [one for one in self._totals if one.has(statuses)]
        facts = {"result": _named([one.result for one in about], lang),
                 "sheet": _named([one.sheet for one in about], lang)}  # fmt: skip
        return messages.say(several if len(about) > 1 else code, lang, **facts)


_REFUSED = (Status.REJECTED, Status.DUPLICATE, Status.PARTIAL)
_ABOUT: dict[str, tuple[str, tuple[Status, ...]]] = {
    "next_unknown": ("next_unknown_several", (Status.UNKNOWN,)),
    "next_fix": ("next_fix_several", (Status.INVALID,)),
    "next_fix_sheet": ("next_fix_sheet_several", (Status.INVALID,)),
    "next_look": ("next_look_several", _REFUSED),
}
"""Where the last line names sheets: its form for several, and the orders that it is about."""


def _counts(counts: Mapping[str, int], lang: str) -> str:
    return ", ".join(
        f"{count} {messages.status(Status(name), lang)}" for name, count in counts.items()
    )


def _named(files: Sequence[str], lang: str) -> str:
    names = ", ".join(files[:_SHOWN_PER_KIND])
    if len(files) <= _SHOWN_PER_KIND:
        return names
    more = len(files) - _SHOWN_PER_KIND
    return messages.say("more_files", lang, names=names, more=more)
