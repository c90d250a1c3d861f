"""Orders in doubt and how they are settled, past runs, and whether the server is well."""

from __future__ import annotations

import os
import secrets

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from converter import api
from converter.web.forms import PageState, filled_in, sheet_of, state
from converter.web.render import language, render
from converter.web.report_file import read_report
from converter.web.store import UploadedSheet

DECISIONS = ("created", "not-created", "settled", "cancelled", "not-cancelled")
_WITH_NUMBER = ("created", "settled")
_RUNS = 100


def doubts(request: Request) -> Response:
    """Orders that may or may not exist, each with its sheet where that is known."""
    page = state(request)
    known = api.status(lang=language(request), limit=0).doubts
    sheets = _sheets_of(page)
    facts = {
        "doubts": [
            (doubt, sheets.get((doubt.provider, doubt.sandbox, doubt.reference))) for doubt in known
        ],
    }
    return render(request, "settle.html", facts)


def _sheets_of(page: PageState) -> dict[tuple[str, bool, str], UploadedSheet]:
    """The newest sheet with each order whose last run left it unknown or partial."""
    found: dict[tuple[str, bool, str], UploadedSheet] = {}
    for sheet in page.store.recent(200):
        job = page.jobs.last(sheet, "submit", "reconcile")
        report = read_report(job) if job else None
        if job is None or job.choices is None or report is None:
            continue
        for order in report.orders:
            if order["status"] in ("unknown", "partial", "cancellation unknown"):
                key = (job.choices.provider, job.choices.sandbox, order["reference"])
                found.setdefault(key, sheet)
    return found


async def settle(request: Request) -> Response:
    """Record what a person found out about an order, or ask the provider."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    form = await filled_in(request)
    reference, decision = form.get("reference", ""), form.get("decision", "")
    words = []
    if decision in DECISIONS and reference:
        number = form.get("number", "").strip()
        has_number = number and decision in _WITH_NUMBER
        words = [
            f"--{decision}={reference}={number}" if has_number else f"--{decision}={reference}"
        ]
    if note := form.get("note", "").strip():
        words.append(f"--note={note}")

    def start() -> None:
        job = page.jobs.last(sheet, "submit")
        if job is not None and job.choices is not None:
            page.jobs.start(sheet, "reconcile", lang, job.choices, words)

    await to_thread.run_sync(start)
    return RedirectResponse(f"/sheets/{sheet.id}/result", 303)


def history(request: Request) -> Response:
    page = state(request)
    known = api.status(lang=language(request), limit=_RUNS)
    runs = [(run, page.store.of_path(run.sheet)) for run in known.runs]
    return render(request, "history.html", {"runs": runs, "has_more": known.has_more})


def healthz(_: Request) -> Response:
    """The server answers."""
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """Its folder can be written, so that the journal can be."""
    path = state(request).home / f".ready-{secrets.token_hex(4)}"
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        path.unlink()
    except OSError:
        return PlainTextResponse("not writable\n", 503)
    return PlainTextResponse("ready\n")
