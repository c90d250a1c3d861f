"""The second tab of a check: which column of the sheet is which field, kept for the next time.

It is the workbook of `converter profile new`, drawn as a form: what is said on either is the same.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from converter.profile_workbook.answers import ProfileForm, field_of, fill_form, read_form
from converter.web.check_page import is_working
from converter.web.forms import filled_in, sheet_of, state
from converter.web.profiles_page import run_profile_command
from converter.web.render import language, render
from converter.web.report_file import read_report
from converter.web.store import UploadedSheet

_TOKEN = re.compile(r"[0-9a-f]{16}")
_CELL = re.compile(r"(?P<cell>[^!]+![A-Z]+[0-9]+)[:：] ?")
_ANSWER = re.compile(r"(column|joined|otherwise|fixed):(.+)")
_HOUR = 3600


async def columns(request: Request) -> Response:
    """What each field is read from, with suggestions for what nobody has said."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    choices = sheet.choices
    if choices is None or await to_thread.run_sync(is_working, page, sheet):
        return RedirectResponse(f"/sheets/{sheet.id}", 303)
    used = choices.profile
    checked = page.jobs.last(sheet, "check")
    if not used and checked and (report := read_report(checked)):
        used = report.document.get("profile", {}).get("name", "")
    _remove_old(sheet)
    token = secrets.token_hex(8)
    words = ["new", f"--provider={choices.provider}", f"--name={used or Path(sheet.name).stem}",
             f"--output={_file(sheet, token)}"]  # fmt: skip
    words += [f"--account={choices.account}"] if choices.account else []
    words += [f"--sheet={choices.only}"] if choices.only else []
    problem = await run_profile_command([*words, "--", str(sheet.path)], lang)
    form = None if problem else await to_thread.run_sync(read_form, _file(sheet, token))
    return _drawn(request, sheet, token, form, problem)


async def keep(request: Request) -> Response:
    """Keep what was said as a profile, and check the sheet with it."""
    page, sheet, lang = state(request), sheet_of(request), language(request)
    filled, choices = await filled_in(request), sheet.choices
    token = filled.get("form", "")
    if choices is None or not _TOKEN.fullmatch(token) or not _file(sheet, token).exists():
        raise HTTPException(409)
    file = _file(sheet, token)
    name = filled.get("layout:name", "").strip()

    def fill() -> ProfileForm:
        form = read_form(file)
        fill_form(file, *_answers(form, filled))
        return read_form(file)

    form = await to_thread.run_sync(fill)
    problem = await run_profile_command(["keep", str(file)], lang)
    if problem:
        told = await to_thread.run_sync(_with_fields, file, problem)
        return _drawn(request, sheet, token, form, told)
    chosen = replace(choices, profile=name)
    await to_thread.run_sync(page.jobs.start, sheet, "check", lang, chosen)
    sheet.choose(chosen)
    return RedirectResponse(f"/sheets/{sheet.id}", 303)


def workbook(request: Request) -> Response:
    """The same as a workbook, for what the page does not ask."""
    sheet, token = sheet_of(request), request.path_params["form"]
    if not _TOKEN.fullmatch(token) or not _file(sheet, token).exists():
        raise HTTPException(404)
    return FileResponse(_file(sheet, token), filename=f"{Path(sheet.name).stem}.profile.xlsx")


def _drawn(
    request: Request, sheet: UploadedSheet, token: str, form: ProfileForm | None, problem: str
) -> Response:
    facts: dict[str, Any] = {
        "sheet": sheet,
        "choices": sheet.choices,
        "form": form,
        "token": token,
        "problem": problem,
        "unused": [*form.unused()] if form else [],
        "labels": {column.label for column in form.columns} if form else set(),
    }
    return render(request, "columns.html", facts, status_code=400 if problem else 200)


def _answers(
    form: ProfileForm, filled: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], str], dict[str, str]]:
    """What was filled in, as `fill_form` takes it."""
    fields: dict[str, dict[str, str]] = {}
    for name, text in filled.items():
        if answer := _ANSWER.fullmatch(name):
            fields.setdefault(answer[2], {})[answer[1]] = text.strip()
    words = {
        (row.path, row.word): filled[f"word:{number}"].strip()
        for number, row in enumerate(form.words)
        if f"word:{number}" in filled
    }
    layout = {
        key: filled[f"layout:{key}"].strip() for key in form.layout if f"layout:{key}" in filled
    }
    layout.pop("provider", None)
    layout.pop("product_table", None)  # a path, which no page may choose
    return fields, words, layout


def _with_fields(file: Path, problem: str) -> str:
    """What is wrong, with the names of fields in place of cells of the workbook."""
    lines = [line for line in problem.splitlines() if _CELL.match(line)]

    def named(found: re.Match[str]) -> str:
        return f"{field_of(file, found['cell']) or found['cell']}: "

    return "\n".join(_CELL.sub(named, line) for line in lines) or problem


def _file(sheet: UploadedSheet, token: str) -> Path:
    folder = sheet.folder / "columns"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{token}.profile.xlsx"


def _remove_old(sheet: UploadedSheet) -> None:
    for path in (sheet.folder / "columns").glob("*.xlsx"):
        if path.stat().st_mtime < time.time() - _HOUR:
            path.unlink(missing_ok=True)
