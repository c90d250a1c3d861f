"""The HTTP application: routes, and the trouble that an order's reference asks for."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from converter.sandbox import apicenter, calls, oms, pandapon, platform1688, scexpress
from converter.sandbox.book import Book
from converter.sandbox.calls import Answer, Call
from converter.sandbox.pdf import pdf_of
from converter.sandbox.played import Played, Reader, SecondCall, route_path
from converter.sandbox.replay import Replay

_MAX_BODY_BYTES = 64 * 1024 * 1024


class ProviderModule(Protocol):
    """Interface of the module of each provider."""

    NAME: str
    ENVIRONMENT: dict[str, str]

    def admit(self, call: Call, book: Book, /) -> Answer | None:
        """The answer to a call without valid credentials; None where they are valid."""

    def refusal(self, why: str) -> Answer:
        """The answer to a call that cannot be understood."""

    def references(self, body: Any) -> list[str]:
        """The orders' references, as far as the body is readable."""

    def create(self, body: Any, book: Book) -> Answer:
        """The answer to a call that may create orders."""


Act = Callable[[Request, ProviderModule, Any], Awaitable[Response]]

PATHS: dict[str, ProviderModule] = {
    "/api/order/create": scexpress,
    "/api/order/createForecast": scexpress,
    "/middle/platform-order/create-batch/{company}": oms,
    "/api/v3/platform/order/create": platform1688,
    "/apicenter/api/order": apicenter,
    "/alibaba/order/batch/create": pandapon,
}

Cancel = Callable[[Any, Book], Answer]

CANCEL_PATHS: dict[str, tuple[ProviderModule, Cancel]] = {
    "/api/order/delete": (scexpress, scexpress.cancel),
    "/open/outbound-order-data/cancel": (oms, oms.cancel),
    "/api/v3/platform/order/cancel": (platform1688, platform1688.cancel),
    "/alibaba/order/cancel": (pandapon, pandapon.cancel),
}


def build(
    book: Book,
    port: int,
    stall_seconds: float,
    closing: asyncio.Event,
    played: Sequence[Played] = (),
) -> ASGIApp:
    """The five providers, and those that are played, as one application.

    ``closing`` ends the waits of a server that stops.
    """
    endpoints = _Endpoints(book, stall_seconds, closing)

    def route(
        path: str,
        provider: ProviderModule,
        act: Act,
        method: str = "POST",
        read: Reader = calls.read,
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            return await endpoints.answer(request, provider, act, read)

        return Route(path, endpoint, methods=[method])

    def fixed(one: Played, method: str, path: str) -> Route:
        async def endpoint(_: Request) -> Response:
            headers = one.script.fixed_headers.get((method, path))
            return JSONResponse(one.script.fixed[method, path], headers=headers)

        return Route(route_path(path), endpoint, methods=[method])

    def second(one: Played, call: SecondCall) -> Route:
        async def act(request: Request, _: ProviderModule, body: Any) -> Response:
            query = dict(request.query_params)
            answer = one.second(call, request.path_params, query, body, book)
            return JSONResponse(answer.body, answer.status)

        return route(route_path(call.path), one, act, call.method, one.read)

    def listed(name: str) -> Callable[[Any, Book], Answer]:
        return lambda _body, _book: scexpress.listed(name)

    def label(body: Any, book: Book) -> Answer:
        return scexpress.label(body, book, f"http://127.0.0.1:{port}")

    app = Starlette(
        routes=[
            # First, since a mapping of one's own may be for the address of a shipped one.
            *(
                route(route_path(path), one, endpoints.create, method, one.read)
                for one in played
                for method, path in one.script.routes
            ),
            *(fixed(one, method, path) for one in played for method, path in one.script.fixed),
            *(second(one, call) for one in played for call in one.script.calls),
            *(route(path, provider, endpoints.create) for path, provider in PATHS.items()),
            route("/api/order/waybillnumber", scexpress, endpoints.asked(scexpress.query)),
            route("/open/outbound-order-data/b2c/list", oms, endpoints.asked(oms.outbound)),
            *(
                route(path, provider, endpoints.cancelled(cancel))
                for path, (provider, cancel) in CANCEL_PATHS.items()
            ),
            *(
                route(f"/api/order/{name}", scexpress, endpoints.asked(listed(name)))
                for name in scexpress.LISTS
            ),
            route("/api/order/label", scexpress, endpoints.asked(label)),
            Route(f"{scexpress.LABELS}/{{numbers}}.PDF", endpoints.label),
            Route("/sandbox/health", endpoints.health),
            Route("/sandbox/book", endpoints.created),
            Route("/sandbox/cancellations", endpoints.cancellations),
        ]
    )
    app.router.redirect_slashes = False  # a client must not depend on redirected POSTs
    return _LoopbackOnly(app, port)


def build_replay(replay: Replay, port: int) -> ASGIApp:
    """A list of answers as an application."""
    return _LoopbackOnly(replay.application(), port)


class _Endpoints:
    def __init__(self, book: Book, stall_seconds: float, closing: asyncio.Event) -> None:
        self._book = book
        self._stall_seconds = stall_seconds
        self._closing = closing

    async def answer(
        self, request: Request, provider: ProviderModule, act: Act, read: Reader
    ) -> Response:
        """Read and authenticate a call, then let ``act`` answer it."""
        try:
            raw = await _body(request)
        except ClientDisconnect:
            return _HangUp()
        if raw is None:
            return PlainTextResponse("Content Too Large", 413)
        call = read(request.headers, request.path_params, raw)
        refused = provider.admit(call, self._book)
        if refused is None and call.problem:
            refused = provider.refusal(call.problem)
        if refused is not None:
            return JSONResponse(refused.body, refused.status)
        return await act(request, provider, call.body)

    async def create(self, request: Request, provider: ProviderModule, body: Any) -> Response:
        references = provider.references(body)
        if any("ERROR500" in reference for reference in references):
            return PlainTextResponse("Internal Server Error", 500)
        busy = [reference for reference in references if "BUSY429" in reference]
        # A list, not any(): each of them must be remembered, so that the next request gets through.
        if [each for each in busy if self._book.first_time(provider.NAME, "BUSY429", each)]:
            return PlainTextResponse("Too Many Requests", 429, {"Retry-After": "1"})
        answer = provider.create(body, self._book)
        created = "\n".join(answer.created).replace("CANCELDROP", "")  # that comes later
        if "DROP" in created:
            return _HangUp()
        if "TIMEOUT" in created and not await self._stall(request):
            return _HangUp()
        if "GARBAGE" in created:
            return _garbage(answer, created)
        return JSONResponse(answer.body, answer.status)

    def asked(self, ask: Callable[[Any, Book], Answer]) -> Act:
        """Let a call that creates nothing be answered by ``ask``."""

        async def act(_request: Request, _provider: ProviderModule, body: Any) -> Response:
            return JSONResponse(ask(body, self._book).body)

        return act

    def cancelled(self, cancel: Cancel) -> Act:
        """Let ``cancel`` answer; of an order marked CANCELDROP the answer is lost on the way."""

        async def act(_request: Request, _provider: ProviderModule, body: Any) -> Response:
            answer = cancel(body, self._book)
            if any("CANCELDROP" in reference for reference in answer.cancelled):
                return _HangUp()
            return JSONResponse(answer.body, answer.status)

        return act

    async def label(self, request: Request) -> Response:
        """The file of a label, fetched without credentials, as from a server of files."""
        numbers = request.path_params["numbers"].split("_")
        known = {entry["number"] for entry in self._book.entries()}
        if not known.issuperset(numbers):
            return PlainTextResponse("Not Found", 404)
        return Response(pdf_of(numbers), media_type="application/octet-stream")

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def created(self, _: Request) -> Response:
        return JSONResponse(self._book.entries())

    async def cancellations(self, _: Request) -> Response:
        return JSONResponse(self._book.cancellations())

    async def _stall(self, request: Request) -> bool:
        """Wait; whether client and server are still there afterwards."""
        ends = [
            asyncio.ensure_future(self._closing.wait()),
            asyncio.ensure_future(_disconnect(request)),
        ]
        done, waiting = await asyncio.wait(
            ends, timeout=self._stall_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for end in waiting:
            end.cancel()
        return not done


class _LoopbackOnly:
    """Rejects requests with another Host header, so that no web page can reach the sandbox.

    Starlette's TrustedHostMiddleware ignores the port and fails on IPv6 addresses.
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
    """Closes the connection without an answer, by ``hang_up``, which the server puts into scope."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        scope["state"]["hang_up"]()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too large."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MAX_BODY_BYTES:
            return None
    return bytes(raw)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _garbage(answer: Answer, created: str) -> Response:
    """A web page or half of the answer; which one depends on the references alone."""
    if zlib.crc32(created.encode()) % 2:
        return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>")
    whole = bytes(JSONResponse(answer.body).body)
    return Response(whole[: len(whole) // 2], media_type="application/json")
