"""The first screen: files that come, those that came lately, and what each provider needs."""

from __future__ import annotations

import sys
from pathlib import Path

from anyio import run_process, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from converter import messages
from converter.errors import ConverterError
from converter.messages import translate
from converter.web.forms import PageState, filled_in, sheet_of, state
from converter.web.jobs import READ, Busy
from converter.web.known_providers import provider_named, providers_with_states
from converter.web.render import language, language_cookie, render
from converter.web.report_file import read_report
from converter.web.store import UploadedSheet
from converter.web.uploads import SUFFIXES, TooLarge, receive, safe_name

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def orders(request: Request) -> Response:
    page = state(request)
    recent = [_summary(page, sheet) for sheet in page.store.recent()]
    facts = {"recent": recent, "providers": providers_with_states(), "suffixes": ",".join(SUFFIXES)}
    return render(request, "orders.html", facts)


def _summary(page: PageState, sheet: UploadedSheet) -> dict[str, object]:
    job = page.jobs.last(sheet, "check", "submit", "reconcile")
    is_running = job is not None and page.jobs.is_running(job)
    report = None if job is None or is_running else read_report(job)
    return {
        "sheet": sheet,
        "choices": sheet.choices,
        "counts": report.counts if report else {},
        "is_running": is_running,
        "was_sent": job is not None and job.kind != "check",
    }


async def upload(request: Request) -> Response:
    """Take a file as the raw body, and begin to read it."""
    page, lang = state(request), language(request)
    try:
        length = int(request.headers.get("content-length", "0"))
        sheet = page.store.new(safe_name(request.query_params.get("name", "")))
        try:
            if length > page.most_bytes:  # known before a byte of it has come
                raise TooLarge.of(page.most_bytes)
            await receive(request.stream(), sheet.path, page.most_bytes)
        except BaseException:
            page.store.discard(sheet)
            raise
    except ConverterError as error:
        status = 413 if isinstance(error, TooLarge) else 400
        return JSONResponse({"problem": translate(error.message, lang)}, status)
    page.store.add(sheet)
    await to_thread.run_sync(page.jobs.start, sheet, READ, lang)
    return JSONResponse({"location": f"/sheets/{sheet.id}"}, 201)


async def choose_language(request: Request) -> Response:
    form = await filled_in(request)
    here = form.get("here", "/")
    if not here.startswith("/") or here.startswith(("//", "/\\")):
        here = "/"
    response = RedirectResponse(here, 303)
    if form.get("lang") in messages.languages():
        response.set_cookie(
            language_cookie(request), form["lang"], max_age=31_536_000, httponly=True,
            samesite="strict",
        )  # fmt: skip
    return response


async def template(request: Request) -> Response:
    """The order sheet of a provider, made in a process of its own."""
    provider = request.path_params["provider"]
    if await to_thread.run_sync(provider_named, provider) is None:
        raise HTTPException(404)
    words = ["--example"] if request.query_params.get("example") else []
    command = [sys.executable, "-P", "-m", "converter", "template", provider, "-o", "-", *words]
    made = await run_process(command)
    name = f"{provider}-example.xlsx" if words else f"{provider}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made.stdout, media_type=_WORKBOOK, headers=headers)


async def delete(request: Request) -> Response:
    """Remove a sheet and its results; the journal keeps what was sent."""
    page, sheet = state(request), sheet_of(request)
    job = page.jobs.last(sheet)
    if job is not None and page.jobs.is_running(job):
        raise Busy
    await to_thread.run_sync(page.store.discard, sheet)
    return RedirectResponse("/", 303)


def name_of(path: str) -> str:
    """The name of a file, without its folder."""
    return Path(path).name
