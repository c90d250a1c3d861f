"""Summaries of reports: lines of text, and one JSON document for several sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from converter import messages
from converter.cli.next_step import Situation, Totals, last_lines
from converter.exit_codes import Exit, most_urgent
from converter.message import COMMA, join, pt, t
from converter.messages import translate
from converter.model import OF_PROVIDER, Issue, Result, Status
from converter.report import SCHEMA_VERSION, Report, and_more

_SHOWN_PER_KIND = 5
"""Orders with the same kind of problem that are told one by one; the others are counted."""
_SHOWN_PER_ORDER = 20
"""Problems of one order that are shown; its row in the sheet Results has more of them."""
_FAILED = (
    Status.REJECTED, Status.DUPLICATE, Status.PARTIAL, Status.UNKNOWN, Status.CANCEL_UNKNOWN
)  # fmt: skip


def summarize(report: Report, lang: str, situation: Situation) -> Iterator[str]:
    """The lines about one sheet: problems by order, counts, and what to do next."""
    yield from (translate(note, lang) for note in report.notes)
    yield from _problem_lines(report, lang)
    counts = counts_text(report.counts, lang)
    if counts:
        look = sum(1 for result in report.orders if result.is_to_look_at)
        if look:
            counts = translate(
                t("{counted} ({look} of them to look at)", counted=counts, look=look), lang
            )
        yield translate(
            t("{orders} orders: {counts}", orders=len(report.orders), counts=counts), lang
        )
    if report.result_path:
        yield translate(t("Result: {result}", result=report.result_path), lang)
    yield from last_lines([Totals.of(report)], lang, situation)


def order_lines(report: Report, lang: str) -> Iterator[str]:
    """One line per order: rows, reference, status, numbers and message."""
    for result in report.orders:
        rows = ",".join(map(str, result.rows))
        status = messages.status(result.status, lang, look=result.is_to_look_at)
        message = " ".join(translate(result.message, lang).split())
        yield "  ".join(filter(None, [
            rows, result.reference, status, result.provider_order_no, result.tracking_no, message
        ]))  # fmt: skip


def _problem_lines(report: Report, lang: str) -> Iterator[str]:
    """Each order that somebody has to look at, with its problems, in the sheet's order.

    Problems that many cells share are one problem: of orders that have no others, a few are shown
    for each kind.
    """
    sizes = Counter(_kind(issue) for result in report.orders for issue in _told(result))
    shared = {kind for kind, size in sizes.items() if size > _SHOWN_PER_KIND}
    shown: Counter[Hashable] = Counter()
    left: Counter[tuple[Status, bool]] = Counter()
    for result in report.orders:
        issues = _told(result)
        kinds = {_kind(issue) for issue in issues}
        standing = (result.status, result.is_to_look_at)
        is_of_its_own = result.status in _FAILED or result.changed
        if not (issues or is_of_its_own):
            continue
        reasons: set[Hashable] = {standing} if is_of_its_own else kinds
        if all(shown[reason] >= _SHOWN_PER_KIND for reason in reasons):
            left[standing] += 1
            continue
        shown.update({standing} if is_of_its_own else kinds & shared)
        yield from _order_block(result, issues, lang)
    for (status, look), count in left.items():
        word = messages.status(status, lang, look=look)
        more = t("{status}: {count} more orders", status=word, count=count)
        yield translate(more, lang)
    yield from _issues_of_no_order(report, lang)


def _kind(issue: Issue) -> Hashable:
    return (issue.field, issue.code, issue.warning)


def _told(result: Result) -> Sequence[Issue]:
    """The problems of an order, except what the provider said: that is in its message."""
    return [one for one in result.issues if one.code not in OF_PROVIDER]


def _order_block(result: Result, issues: Sequence[Issue], lang: str) -> Iterator[str]:
    """An order's number and status, what became of it, and its problems, each once."""
    name = result.reference or translate(t("(no reference)"), lang)
    word = messages.status(result.status, lang, look=result.is_to_look_at)
    head = translate(t("{reference}: {told}", reference=name, told=word), lang)
    lines = list(dict.fromkeys(messages.issue_line(issue, lang) for issue in issues))
    first, *others = translate(result.message, lang).split("\n")
    if result.parts:  # each has a line of its own
        lines = list(dict.fromkeys((first, *others, *lines)))
        first = ""
    is_told = not first or first in lines
    yield head if is_told else translate(t("{head}: {told}", head=head, told=first), lang)
    yield from (f"  {line}" for line in lines[:_SHOWN_PER_ORDER])
    if len(lines) > _SHOWN_PER_ORDER:
        yield f"  {translate(and_more(len(lines) - _SHOWN_PER_ORDER), lang)}"


def _issues_of_no_order(report: Report, lang: str) -> Iterator[str]:
    """Warnings on rows that belong to no order, a few of each kind."""
    groups: dict[Hashable, list[Issue]] = {}
    for issue in report.warnings:
        groups.setdefault(_kind(issue), []).append(issue)
    for issues in groups.values():
        yield from (messages.issue_line(issue, lang) for issue in issues[:_SHOWN_PER_KIND])
        if len(issues) > _SHOWN_PER_KIND:
            yield f"  {translate(and_more(len(issues) - _SHOWN_PER_KIND), lang)}"


# -- several sheets ----------------------------------------------------------------------------


def _summarize_briefly(report: Report, lang: str) -> Iterator[str]:
    """The lines about one of several sheets: counts, where its result is, notes and problems."""
    counts = counts_text(report.counts, lang)
    line = translate(t("{sheet}: no orders", sheet=report.sheet), lang)
    if counts:
        facts = {"sheet": report.sheet, "orders": len(report.orders), "counts": counts}
        line = translate(t("{sheet}: {orders} orders ({counts})", **facts), lang)
    if report.result_path:
        line = translate(t("{told}. Result: {result}", told=line, result=report.result_path), lang)
    yield line
    yield from (f"  {translate(note, lang)}" for note in report.notes)
    yield from (f"  {line}" for line in _problem_lines(report, lang))


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
        counts, files = counts_text(self.counts, lang), len(self._totals)
        if not counts:
            nothing = t("All {files} files have a header but no orders.", files=files)
            yield translate(nothing, lang)
        else:
            facts = {"files": files, "orders": sum(self.counts.values()), "counts": counts}
            yield translate(t("In all {files} files, {orders} orders: {counts}", **facts), lang)
            yield from last_lines(self._totals, lang, self._situation)


def counts_text(counts: Mapping[str, int], lang: str) -> str:
    """`15 accepted, 2 invalid`."""
    told = (
        pt("count", "{count} {status}", count=count, status=messages.status_word(Status(name)))
        for name, count in counts.items()
    )
    return translate(join(COMMA, told), lang)
