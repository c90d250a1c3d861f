"""Profiles and product tables: those that are kept, and files that bring more."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from anyio import run_process, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from converter.errors import ConverterError
from converter.messages import translate
from converter.runs.profiles import delete_profile, write_kept_profile
from converter.web.forms import filled_in, state
from converter.web.render import language
from converter.web.store import PRODUCTS
from converter.web.uploads import TooLarge, receive, safe_name

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def product_tables(home: Path) -> list[str]:
    """The names of the uploaded product tables."""
    folder = home / "web" / PRODUCTS
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in found if not path.name.startswith("."))


async def upload_profile(request: Request) -> Response:
    """Keep the profile in a workbook that somebody filled in."""
    with tempfile.TemporaryDirectory(dir=_folder(state(request).home)) as folder:
        try:
            file = await _received(request, Path(folder))
        except ConverterError as error:
            return _refused(request, error)
        problem = await run_profile_command(["keep", "--", str(file)], language(request))
    if problem:
        return JSONResponse({"problem": problem}, 400)
    return JSONResponse({"location": "/settings"}, 201)


async def upload_products(request: Request) -> Response:
    """Take a product table, in place of one of the same name."""
    folder = _folder(state(request).home) / PRODUCTS
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = folder / f".{secrets.token_hex(8)}"
    draft.mkdir(mode=0o700)
    try:
        file = await _received(request, draft)
        os.replace(file, folder / file.name)
    except ConverterError as error:
        return _refused(request, error)
    finally:
        for left in draft.iterdir():
            left.unlink()
        draft.rmdir()
    return JSONResponse({"location": "/settings"}, 201)


async def remove_profile(request: Request) -> Response:
    filled = await filled_in(request)
    await to_thread.run_sync(delete_profile, filled.get("name", ""))
    return RedirectResponse("/settings", 303)


async def remove_products(request: Request) -> Response:
    name, home = (await filled_in(request)).get("name", ""), state(request).home
    if name in product_tables(home):
        (home / "web" / PRODUCTS / name).unlink(missing_ok=True)
    return RedirectResponse("/settings", 303)


def workbook(request: Request) -> Response:
    """A kept profile as a workbook, to be changed and uploaded again."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile.xlsx"
        write_kept_profile(request.query_params.get("name", ""), file, lang=language(request))
        content = file.read_bytes()
    headers = {"Content-Disposition": 'attachment; filename="profile.xlsx"'}
    return Response(content, media_type=_WORKBOOK, headers=headers)


async def run_profile_command(words: Sequence[str], lang: str) -> str:
    """Run `converter profile`. Returns why it failed; empty where it did not."""
    options = ["--json", f"--lang={lang}"]
    command = [sys.executable, "-P", "-m", "converter", "profile", words[0], *options, *words[1:]]
    done = await run_process(command, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return ""
    try:
        return str(json.loads(done.stdout)["error"])
    except (ValueError, KeyError):
        return done.stderr.decode(errors="replace")[-2000:].strip() or str(done.returncode)


async def _received(request: Request, folder: Path) -> Path:
    """The file that comes as the raw body. Raises UsageError or TooLarge."""
    most = state(request).most_bytes
    file = folder / safe_name(request.query_params.get("name", ""))
    if int(request.headers.get("content-length", "0")) > most:
        raise TooLarge.of(most)
    await receive(request.stream(), file, most)
    return file


def _refused(request: Request, error: ConverterError) -> Response:
    status = 413 if isinstance(error, TooLarge) else 400
    return JSONResponse({"problem": translate(error.message, language(request))}, status)


def _folder(home: Path) -> Path:
    return home / "web"
