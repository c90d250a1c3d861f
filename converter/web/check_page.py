"""The second screen: what is wrong with a sheet, drawn like the sheet itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from converter import api
from converter.results.corrections import can_correct
from converter.sheet import position
from converter.web.forms import PageState, filled_in, sheet_of, state
from converter.web.grid_file import Grid, GridSheet, read_grid
from converter.web.jobs import READ, Job
from converter.web.known_providers import provider_named, providers
from converter.web.profiles_page import product_tables
from converter.web.render import language, render
from converter.web.report_file import CELL, JobReport, read_report
from converter.web.settings_page import accounts_of, is_ready
from converter.web.store import Choices, UploadedSheet

ROWS = 100
"""Rows of one page."""


def check(request: Request) -> Response:
    page, sheet, lang = state(request), sheet_of(request), language(request)
    begin_check(page, sheet, lang)
    job = page.jobs.last(sheet)
    assert job is not None
    if page.jobs.is_running(job):
        return render(request, "working.html", working_facts(page, sheet, job))
    grid = grid_of(page, sheet)
    checked = page.jobs.last(sheet, "check")
    report = read_report(checked) if checked else None
    facts: dict[str, Any] = {
        "sheet": sheet,
        "choices": sheet.choices,
        "providers": providers(),
        "accounts": _accounts(sheet.choices),
        "products": product_tables(page.home),
        "profiles": profiles_for(sheet.choices),
        "grid": grid,
        "job": job,
        "is_foreign": checked is not None and checked.lang != lang,
        "can_correct": can_correct(sheet.name),
        "report": report,
        "talk": checked.talk if checked and report is None else "",
        "view": _view(request, grid, report) if grid and report and not report.error else None,
    }
    return render(request, "check.html", facts)


def is_working(page: PageState, sheet: UploadedSheet) -> bool:
    """Whether a job works on the sheet."""
    job = page.jobs.last(sheet)
    return job is None or page.jobs.is_running(job)


def begin_check(page: PageState, sheet: UploadedSheet, lang: str) -> None:
    """Check a sheet for the provider whose titles it has, once it is read."""
    job = page.jobs.last(sheet)
    if job is None or job.kind != READ or page.jobs.is_running(job):
        return
    grid = read_grid(job.folder)
    if grid is None or grid.error:
        return
    choices = sheet.choices
    if choices is None:
        provider = provider_named(grid.provider)
        if provider is None:
            return
        choices = Choices(grid.provider, sandbox=not is_ready(provider, ""))
        sheet.choose(choices)
    page.jobs.start(sheet, "check", lang, choices)


async def start_check(request: Request) -> Response:
    """Check a sheet with other choices."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    form = await filled_in(request)
    provider = await to_thread.run_sync(provider_named, form.get("provider", ""))
    if provider is not None:
        action = form.get("action", "")
        before = sheet.choices or Choices()
        if before.provider != provider.name:
            before = Choices()
        wanted = form.get("products", before.products)
        choices = Choices(
            provider.name,
            sandbox=form.get("where", "sandbox") != "real",
            account=form.get("account", "").strip(),
            action=action if action in provider.actions else "",
            hidden=form.get("hidden", ""),
            only=form.get("only", ""),
            profile=form.get("profile", before.profile),
            products=wanted if wanted in product_tables(page.home) else "",
        )
        await to_thread.run_sync(page.jobs.start, sheet, "check", lang, choices)
        sheet.choose(choices)
    then = "/send" if form.get("then") == "send" else ""
    return RedirectResponse(f"/sheets/{sheet.id}{then}", 303)


async def correct_cells(request: Request) -> Response:
    """Put corrected cells into the file, and check it again."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    form = await filled_in(request)

    def start() -> None:
        job, grid = page.jobs.last(sheet), grid_of(page, sheet)
        if job is None or grid is None or form.get("job") != str(job.number):
            raise HTTPException(409)  # the rows may be others by now
        if corrections := _changed(grid, form):
            page.jobs.start(sheet, READ, lang, corrections=corrections)

    await to_thread.run_sync(start)
    return RedirectResponse(f"/sheets/{sheet.id}", 303)


def _changed(grid: Grid, form: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    """The cells that have another text than in the file, by sheet, row and column."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name, text in form.items():
        place = CELL.fullmatch(name)
        sheet = next((one for one in grid.sheets if place and one.name == place[1]), None)
        if place is None or sheet is None or place[2] not in sheet.letters:
            continue
        row, column = int(place[3]), sheet.letters.index(place[2])
        for _, texts in sheet.rows([row]):
            # A browser writes line ends of its own.
            if text.replace("\r\n", "\n") != texts[column].replace("\r\n", "\n"):
                rows = found.setdefault(sheet.name, {})
                rows.setdefault(str(row), {})[str(position(place[2]))] = text
    return found


def _accounts(choices: Choices | None) -> tuple[str, ...]:
    provider = provider_named(choices.provider) if choices else None
    return accounts_of(provider) if provider else ()


def profiles_for(choices: Choices | None) -> list[str]:
    """The names of the kept profiles that can be chosen."""
    if choices is None:
        return []
    provider = provider_named(choices.provider)
    return [
        one.name for one in api.list_profiles() if provider and one.provider == provider.provider
    ]


def grid_of(page: PageState, sheet: UploadedSheet) -> Grid | None:
    job = page.jobs.last(sheet, READ)
    return read_grid(job.folder) if job else None


def working_facts(page: PageState, sheet: UploadedSheet, job: Job) -> dict[str, Any]:
    """What the page about a running job shows at first; its script asks for the rest."""
    return {
        "sheet": sheet,
        "choices": job.choices,
        "job": job,
        "is_stopping": page.jobs.is_stopping(job),
    }


def _view(request: Request, grid: Grid, report: JobReport) -> dict[str, Any]:
    """The rows of one sheet that are shown."""
    asked = request.query_params
    place = _number(asked.get("sheet"), 0)
    with_problems = [one for one in grid.sheets if any(s == one.name for s, _ in report.cells)]
    shown = (with_problems or list(grid.sheets))[0] if grid.sheets else None
    if "sheet" in asked and place < len(grid.sheets):
        shown = grid.sheets[place]
    if shown is None:
        return {}
    kind = (asked.get("code", ""), asked.get("field", ""))
    everything = bool(asked.get("all"))
    numbers = _rows(shown, report, kind, everything=everything)
    pages = max(1, -(-len(numbers) // ROWS))
    page = min(_number(asked.get("page"), 1), pages) or 1
    part = numbers[(page - 1) * ROWS : page * ROWS]
    rows = []
    for number, texts in shown.rows(part):
        found = report.cells.get((shown.name, number), {})
        issues = map(found.get, shown.letters)
        rows.append((number, [*zip(texts, shown.letters, issues, strict=True)]))
    return {
        "shown": shown, "titles": shown.titles(), "rows": rows, "page": page, "pages": pages,
        "kind": kind, "all": everything, "count": len(numbers),
    }  # fmt: skip


def _rows(
    shown: GridSheet, report: JobReport, kind: tuple[str, str], *, everything: bool
) -> Sequence[int]:
    if everything:
        return [number for number in shown.numbers if number > shown.header]
    return sorted(
        row
        for (name, row), cells in report.cells.items()
        if name == shown.name
        and (not kind[0] or any(issue.kind == kind for found in cells.values() for issue in found))
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else default
