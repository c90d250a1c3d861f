"""The routes of the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from converter.errors import ConverterError
from converter.web import (
    check_page,
    columns_page,
    history_page,
    orders_page,
    profiles_page,
    send_page,
    settings_page,
    story_page,
)
from converter.web.forms import PageState
from converter.web.guard import Access, Guard, kept_secret
from converter.web.jobs import Busy, Jobs
from converter.web.render import STATIC, render
from converter.web.store import Store
from converter.web.uploads import MOST_MEGABYTES

NAMES = ("127.0.0.1", "localhost")
"""What this machine calls itself; the page is served under no other name."""

ROUTES = [
    ("GET", "/", orders_page.orders),
    ("POST", "/sheets", orders_page.upload),
    ("POST", "/language", orders_page.choose_language),
    ("GET", "/templates/{provider}", orders_page.template),
    ("POST", "/sheets/{sheet}/delete", orders_page.delete),
    ("GET", "/sheets/{sheet}", check_page.check),
    ("POST", "/sheets/{sheet}/check", check_page.start_check),
    ("GET", "/sheets/{sheet}/columns", columns_page.columns),
    ("POST", "/sheets/{sheet}/columns", columns_page.keep),
    ("GET", "/sheets/{sheet}/columns/{form}", columns_page.workbook),
    ("POST", "/sheets/{sheet}/cells", check_page.correct_cells),
    ("GET", "/sheets/{sheet}/send", send_page.plan),
    ("POST", "/sheets/{sheet}/send", send_page.send),
    ("POST", "/sheets/{sheet}/stop", send_page.stop),
    ("GET", "/sheets/{sheet}/progress", send_page.progress),
    ("GET", "/sheets/{sheet}/result", send_page.result),
    ("GET", "/sheets/{sheet}/result/{number}", send_page.download),
    ("POST", "/sheets/{sheet}/refresh", send_page.refresh),
    ("GET", "/story", story_page.story),
    ("GET", "/settle", history_page.doubts),
    ("POST", "/sheets/{sheet}/settle", history_page.settle),
    ("GET", "/history", history_page.history),
    ("GET", "/settings", settings_page.overview),
    ("POST", "/settings/profiles", profiles_page.upload_profile),
    ("POST", "/settings/profiles/delete", profiles_page.remove_profile),
    ("GET", "/settings/profiles/workbook", profiles_page.workbook),
    ("POST", "/settings/products", profiles_page.upload_products),
    ("POST", "/settings/products/delete", profiles_page.remove_products),
    ("GET", "/settings/providers/{provider}", settings_page.form),
    ("POST", "/settings/providers/{provider}", settings_page.keep),
    ("POST", "/settings/providers/{provider}/forget", settings_page.forget),
    ("GET", "/healthz", history_page.healthz),
    ("GET", "/readyz", history_page.readyz),
]


def build(
    home: Path, port: int, *, most_bytes: int = MOST_MEGABYTES << 20
) -> tuple[ASGIApp, Access]:
    """The application, and the start link's token with its cookie."""
    folder = home / "web"
    store = Store(folder / "sheets")
    access = Access(kept_secret(folder), port)
    routes: list[Any] = [Route(path, page, methods=[method]) for method, path, page in ROUTES]
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _refused,
            ConverterError: _refused,
            Busy: _busy,
        },
    )
    app.state.page = PageState(home, store, Jobs(), most_bytes)
    return Guard(app, access, NAMES), access


Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    problem = error.message if isinstance(error, ConverterError) else ""
    return render(
        request, "problem.html", {"problem": problem, "status": status}, status_code=status
    )


async def _busy(request: Request, _: Exception) -> Response:
    facts = {"problem": "", "status": 409}
    return render(request, "problem.html", facts, status_code=409)
