"""A `Report` as people and programs read it: lines of talk, and one JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter import wording
from converter.model import Issue, Report, Result, Status
from converter.wording.sentence import in_language

SCHEMA_VERSION = 1

_SHOWN_PER_KIND = 5
"""How many cells of one kind of problem the talk names before it says how many more."""


def as_document(report: Report, lang: str) -> dict[str, Any]:
    """The report as `--json` prints it. It only ever grows."""
    return {
        "schema_version": SCHEMA_VERSION,
        "provider": report.provider,
        "sheet": report.sheet,
        "run": report.run,
        "result": report.result_path,
        "counts": report.counts,
        "orders": [_order(result, lang) for result in report.results],
        "stopped": in_language(report.stopped, lang),
        "notes": [in_language(note, lang) for note in report.notes],
        "exit_code": int(report.exit_code),
    }


def _order(result: Result, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reference": result.reference,
        "status": str(result.status),
        "message": result.message,
        "provider_order_no": result.provider_order_no,
        "tracking_no": result.tracking_no,
        "rows": list(result.rows),
        "outputs": dict(result.outputs),
        "issues": [_issue(issue, lang) for issue in result.issues],
        "attempts": result.attempts,
        "time": result.time,
        "request_id": result.request_id,
    }
    if result.parts:
        found["parts"] = [_order(part, lang) for part in result.parts]
    return found


def _issue(issue: Issue, lang: str) -> dict[str, Any]:
    return {
        "cell": str(issue.cell),
        "field": issue.field,
        "message": wording.issue(issue, lang, place=False),
        "warning": issue.warning,
    }


def talk(report: Report, lang: str) -> Iterator[str]:
    """What the person is told: problems grouped by kind, counts, and what to do next."""
    yield from (in_language(note, lang) for note in report.notes)
    yield from _grouped(report, lang)
    yield from _orders(report, lang)
    counts = ", ".join(
        f"{count} {wording.status(Status(name), lang)}" for name, count in report.counts.items()
    )
    if counts:
        yield f"{len(report.results)} {wording.say('orders', lang)}: {counts}"
    if report.result_path:
        yield wording.say("result_lies", lang, result=report.result_path)
    yield next_step(report, lang)


def table(report: Report, lang: str) -> Iterator[str]:
    """Every order in one line: where it stands in the sheet, its status, number and message."""
    for result in report.results:
        rows = ",".join(map(str, result.rows))
        status = wording.status(result.status, lang)
        message = " ".join(result.message.split())
        yield "  ".join(filter(None, [
            rows, result.reference, status, result.provider_order_no, result.tracking_no, message
        ]))  # fmt: skip


def _grouped(report: Report, lang: str) -> Iterator[str]:
    """Issues of one field and one kind together: 300 bad dates are one thing to know."""
    groups: dict[tuple[str, str, bool], list[Issue]] = {}
    for result in report.results:
        for issue in result.issues:
            if issue.code == "provider_says":
                continue  # told with its order
            groups.setdefault((issue.field, issue.code, issue.warning), []).append(issue)
    for issue in report.warnings:
        groups.setdefault((issue.field, issue.code, issue.warning), []).append(issue)
    for (_, _, warning), issues in groups.items():
        mark = wording.say("warning", lang) if warning else ""
        for issue in issues[:_SHOWN_PER_KIND]:
            yield mark + wording.issue(issue, lang)
        if len(issues) > _SHOWN_PER_KIND:
            more = wording.say("more_issues", lang, count=len(issues) - _SHOWN_PER_KIND)
            yield f"  {more}"


def _orders(report: Report, lang: str) -> Iterator[str]:
    """The orders that the provider did not take, a few for each status."""
    shown = (Status.REJECTED, Status.DUPLICATE, Status.PARTIAL, Status.UNKNOWN)
    for status in shown:
        found = [result for result in report.results if result.status is status]
        for result in found[:_SHOWN_PER_KIND]:
            first = result.message.split("\n")[0]
            yield f"{result.reference}: {wording.status(status, lang)}: {first}"
        if len(found) > _SHOWN_PER_KIND:
            more = wording.say("more_issues", lang, count=len(found) - _SHOWN_PER_KIND)
            yield f"  {more}"


def next_step(report: Report, lang: str) -> str:
    """The last line: the one thing to do next."""
    statuses = {result.status for result in report.results}
    facts = {"result": report.result_path, "sheet": report.sheet, "provider": report.provider}
    if report.stopped:
        return wording.say("next_stopped", lang, why=report.stopped)
    if not report.results:
        return wording.say("next_no_orders", lang)
    if Status.UNKNOWN in statuses:
        return wording.say("next_unknown", lang, **facts)
    if Status.NOT_SENT in statuses:
        return wording.say("next_again", lang)
    if statuses == {Status.VALID}:
        return wording.say("next_valid", lang, **facts)
    if statuses - {Status.ACCEPTED, Status.VALID}:
        code = "next_fix" if report.result_path else "next_fix_sheet"
        if Status.INVALID not in statuses:
            code = "next_look"
        return wording.say(code, lang, **facts)
    return wording.say("next_accepted", lang)
