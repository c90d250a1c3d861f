"""The HTTP side: which path is whose, and the trouble that an order's reference asks for."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from converter.sandbox import apicenter, calls, oms, pandapon, platform1688, scexpress
from converter.sandbox.book import Book
from converter.sandbox.calls import Answer, Call

_BODY_AT_MOST = 64 * 1024 * 1024


class Provider(Protocol):
    """What each provider's module offers."""

    NAME: str
    ENVIRONMENT: dict[str, str]

    def admit(self, call: Call, book: Book) -> Answer | None:
        """The answer to a stranger; None lets the call in."""

    def refusal(self, why: str) -> Answer:
        """The answer to a call that cannot be understood."""

    def references(self, body: Any) -> list[str]:
        """The orders' references, as far as the body lets them be read."""

    def create(self, body: Any, book: Book) -> Answer:
        """The answer to a call that may create orders."""


Act = Callable[[Request, Provider, Any], Awaitable[Response]]

PATHS: dict[str, Provider] = {
    "/api/order/create": scexpress,
    "/api/order/createForecast": scexpress,
    "/middle/platform-order/create-batch/{company}": oms,
    "/api/v3/platform/order/create": platform1688,
    "/apicenter/api/order": apicenter,
    "/alibaba/order/batch/create": pandapon,
}


def build(book: Book, port: int, stall_seconds: float, closing: asyncio.Event) -> ASGIApp:
    """The five providers as one application. ``closing`` ends the waits of a server that stops."""

    async def answered(request: Request, provider: Provider, act: Act) -> Response:
        try:
            raw = await _body(request)
        except ClientDisconnect:
            return _HangUp()
        if raw is None:
            return PlainTextResponse("Content Too Large", 413)
        call = calls.read(request.headers, request.path_params, raw)
        refused = provider.admit(call, book)
        if refused is None and call.problem:
            refused = provider.refusal(call.problem)
        if refused is not None:
            return JSONResponse(refused.body, refused.status)
        return await act(request, provider, call.body)

    async def create(request: Request, provider: Provider, body: Any) -> Response:
        references = provider.references(body)
        if any("ERROR500" in reference for reference in references):
            return PlainTextResponse("Internal Server Error", 500)
        busy = [reference for reference in references if "BUSY429" in reference]
        # A list, so that each of them is asked and remembered, and the next request let through.
        if [each for each in busy if book.first_time(provider.NAME, "BUSY429", each)]:
            return PlainTextResponse("Too Many Requests", 429, {"Retry-After": "1"})
        answer = provider.create(body, book)
        created = "\n".join(answer.created)
        if "DROP" in created:
            return _HangUp()
        if "TIMEOUT" in created and not await _stalled(request, stall_seconds, closing):
            return _HangUp()
        if "GARBAGE" in created:
            return _garbage(answer, created)
        return JSONResponse(answer.body, answer.status)

    async def query(request: Request, provider: Provider, body: Any) -> Response:
        return JSONResponse(scexpress.query(body, book).body)

    def route(path: str, provider: Provider, act: Act = create) -> Route:
        async def endpoint(request: Request) -> Response:
            return await answered(request, provider, act)

        return Route(path, endpoint, methods=["POST"])

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def created(_: Request) -> Response:
        return JSONResponse(book.entries())

    app = Starlette(
        routes=[
            *(route(path, provider) for path, provider in PATHS.items()),
            route("/api/order/waybillnumber", scexpress, query),
            Route("/sandbox/health", health),
            Route("/sandbox/book", created),
        ]
    )
    app.router.redirect_slashes = False  # a POST sent elsewhere is one nobody asked for
    return _OnlyHere(app, port)


class _OnlyHere:
    """Turns away requests meant for another host: a page in a browser cannot talk to us.

    Starlette's own middleware does without the port and stumbles over IPv6.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        hosts = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{host}:{port}".encode() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) == 1 and given[0] in self._hosts:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Misdirected Request", 421)(scope, receive, send)


class _HangUp(Response):
    """No answer: the connection is closed. The server puts ``hang_up`` into the scope for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["hang_up"]()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _body(request: Request) -> bytes | None:
    """What was sent, or None if that is more than anyone sends."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _BODY_AT_MOST:
            return None
    return bytes(raw)


async def _stalled(request: Request, seconds: float, closing: asyncio.Event) -> bool:
    """Wait; whether there is still someone to answer, and a server to do it."""
    ends = [asyncio.ensure_future(closing.wait()), asyncio.ensure_future(_left(request))]
    done, waiting = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for end in waiting:
        end.cancel()
    return not done


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _garbage(answer: Answer, created: str) -> Response:
    """A web page or half the answer, always the same for the same references."""
    if zlib.crc32(created.encode()) % 2:
        return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>")
    whole = bytes(JSONResponse(answer.body).body)
    return Response(whole[: len(whole) // 2], media_type="application/json")
