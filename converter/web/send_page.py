"""What would be sent, how far the sending is, and what became of each order."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from converter.mapping.load import find_mapping, load_mapping
from converter.message import N_, t
from converter.messages import translate
from converter.web.check_page import begin_check, working_facts
from converter.web.forms import PageState, filled_in, sheet_of, state
from converter.web.jobs import Job
from converter.web.known_providers import provider_named
from converter.web.progress import Progress, read_progress
from converter.web.render import language, render
from converter.web.report_file import JobReport, read_report
from converter.web.settings_page import is_ready
from converter.web.store import UploadedSheet

ORDERS = 200
"""Orders of one page."""

_STEPS = {
    "started": N_("Reading the file"),
    "sheet_read": N_("Checking the cells"),
    "checked": N_("Putting the orders together"),
    "run_started": N_("Looking up what was sent before"),
    "planned": N_("Sending"),
    "attempt_sent": N_("Sending"),
    "ended": N_("Finished"),
}


def plan(request: Request) -> Response:
    """What goes, what stays and why, and the one button."""
    page, sheet = state(request), sheet_of(request)
    job = page.jobs.last(sheet)
    if job is not None and page.jobs.is_running(job):
        return render(request, "working.html", working_facts(page, sheet, job))
    checked = page.jobs.last(sheet, "check")
    report = read_report(checked) if checked else None
    if checked is None or report is None or report.error or checked.choices is None:
        return RedirectResponse(f"/sheets/{sheet.id}", 303)
    provider = provider_named(checked.choices.provider)
    if provider is None:
        raise HTTPException(404)
    goes = [order for order in report.orders if order["status"] in ("valid", "not sent")]
    facts = {
        "sheet": sheet,
        "choices": checked.choices,
        "job": checked,
        "provider": provider,
        "is_ready": is_ready(provider, checked.choices.account),
        "goes": len(goes),
        "doubts": report.counts.get("unknown", 0),
        "warned": [order for order in goes if order["look"]],
        "stays": [order for order in report.orders if order["status"] not in ("valid", "not sent")],
        "is_old": page.jobs.last(sheet) != checked,
    }
    return render(request, "send.html", facts)


async def send(request: Request) -> Response:
    """Send what the plan showed, once, and only what it showed."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    form = await filled_in(request)

    def start() -> None:
        checked = page.jobs.last(sheet, "check")
        if checked is None or checked.choices is None or form.get("job") != str(checked.number):
            raise HTTPException(409)
        if page.jobs.last(sheet) != checked:
            raise HTTPException(409)  # it was sent by another tab
        if not checked.choices.sandbox and form.get("real") != "yes":
            raise HTTPException(400)
        page.jobs.start(sheet, "submit", lang, checked.choices, ["--yes"])

    await to_thread.run_sync(start)
    return RedirectResponse(f"/sheets/{sheet.id}/result", 303)


async def stop(request: Request) -> Response:
    """Stop politely: answers that are on their way are still waited for."""
    page, sheet = state(request), sheet_of(request)
    job = await to_thread.run_sync(page.jobs.last, sheet)
    if job is not None:
        await to_thread.run_sync(page.jobs.stop, job)
    return RedirectResponse(f"/sheets/{sheet.id}/result", 303)


def progress(request: Request) -> Response:
    """How far the newest job is, for the script of the page."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    begin_check(page, sheet, lang)
    job = page.jobs.last(sheet)
    assert job is not None
    found = read_progress(job)
    return JSONResponse(
        {
            "job": job.number,
            "running": page.jobs.is_running(job),
            "step": translate(t(_STEPS[found.step]), lang),
            "done": found.done,
            "total": found.total,
            "words": progress_words(found, lang),
            "stopping": page.jobs.is_stopping(job),
        }
    )


def progress_words(found: Progress, lang: str) -> str:
    """Counts, rate and time left in one line."""
    if not found.total:
        return ""
    facts = {"done": found.done, "total": found.total}
    if not found.rate or found.seconds_left is None or found.done == found.total:
        return translate(t("{done} of {total} orders answered", **facts), lang)
    template = N_(
        "{done} of {total} orders answered, {rate} a second, about {seconds} seconds left"
    )
    made = t(template, rate=f"{found.rate:.1f}", seconds=found.seconds_left, **facts)
    return translate(made, lang)


def result(request: Request) -> Response:
    """What became of each order."""
    page, sheet = state(request), sheet_of(request)
    job = page.jobs.last(sheet)
    if job is not None and page.jobs.is_running(job):
        return render(request, "working.html", working_facts(page, sheet, job))
    sent = page.jobs.last(sheet, "submit", "reconcile", "refresh")
    report, late_problem = read_report(sent) if sent else None, ""
    if sent and sent.kind == "refresh" and (report is None or report.error):
        # What was known before still holds.
        late_problem = report.error if report else sent.talk
        sent = page.jobs.last(sheet, "submit", "reconcile")
        report = read_report(sent) if sent else None
    if sent is None:
        return RedirectResponse(f"/sheets/{sheet.id}", 303)
    facts: dict[str, Any] = {
        "sheet": sheet,
        "choices": sent.choices,
        "job": sent,
        "report": report,
        "talk": sent.talk if report is None else "",
        "has_result": sent.result.exists(),
        "late_problem": late_problem,
        "can_refresh": _can_refresh(sent, report),
        **_orders(request, report),
    }
    return render(request, "result.html", facts)


async def refresh(request: Request) -> Response:
    """Ask for numbers that the provider tells only later; nothing is sent."""
    page, sheet, lang = state(request), sheet_of(request), language(request)

    def start() -> None:
        sent = page.jobs.last(sheet, "submit")
        if sent is None or sent.choices is None:
            raise HTTPException(409)
        page.jobs.start(sheet, "refresh", lang, sent.choices)

    await to_thread.run_sync(start)
    return RedirectResponse(f"/sheets/{sheet.id}/result", 303)


def _can_refresh(sent: Job, report: JobReport | None) -> bool:
    """Whether an order was accepted at a provider that tells more later."""
    return bool(
        report
        and sent.choices
        and any(order["status"] == "accepted" for order in report.orders)
        and _tells_later(sent.choices.provider)
    )


@cache
def _tells_later(provider: str) -> bool:
    return load_mapping(find_mapping(provider)).calls.refresh is not None


def _orders(request: Request, report: JobReport | None) -> dict[str, Any]:
    """The orders of one page, after filter and search."""
    status, text = request.query_params.get("status", ""), request.query_params.get("q", "").strip()
    found = [
        order
        for order in (report.orders if report else [])
        if (not status or order["status"] == status) and (not text or _has(order, text.lower()))
    ]
    pages = max(1, -(-len(found) // ORDERS))
    asked = request.query_params.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 8 else 1
    return {
        "orders": found[(page - 1) * ORDERS : page * ORDERS], "count": len(found),
        "page": page, "pages": pages, "status": status, "text": text,
    }  # fmt: skip


def _has(order: dict[str, Any], text: str) -> bool:
    names = ("reference", "message", "provider_order_no", "tracking_no")
    return any(text in order[name].lower() for name in names)


def download(request: Request) -> Response:
    """The result workbook of a job."""
    page, sheet = state(request), sheet_of(request)
    job = _job_of(page, sheet, request.path_params["number"])
    if job is None or not job.result.exists():
        raise HTTPException(404)
    return FileResponse(job.result, filename=f"{Path(sheet.name).stem}.result.xlsx")


def _job_of(page: PageState, sheet: UploadedSheet, number: str) -> Job | None:
    return next((job for job in page.jobs.of(sheet) if str(job.number) == number), None)
