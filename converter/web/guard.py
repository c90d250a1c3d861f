"""Who may use the page: the browser that opened the start link, and no other page in it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: forms would then be sent with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD")
_OPEN = ("/healthz", "/readyz")
"""What a monitor may ask without a cookie."""
START = "/start/"


class Access:
    """The one-time token of the start link, and the cookie that it becomes."""

    def __init__(self, secret: bytes, port: int) -> None:
        self.port = port
        self.cookie = f"converter-{port}"
        """Named with the port: cookies are shared by all ports of a host."""
        self._value = hmac.new(secret, f"page {port}".encode(), hashlib.sha256).hexdigest()
        self._token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()

    @property
    def link(self) -> str:
        """The address that opens the page, once."""
        return f"http://127.0.0.1:{self.port}{START}{self._token}"

    def redeem(self, token: str) -> str | None:
        """The value of the cookie for the right token; None for any other, and the second time."""
        with self._lock:
            if not self._token or not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = ""
        return self._value

    def admits(self, header: str) -> bool:
        """Whether a Cookie header holds the cookie of this port."""
        try:
            found = SimpleCookie(header).get(self.cookie)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._value.encode())


def kept_secret(folder: Path) -> bytes:
    """The secret behind the cookies; kept, so that open tabs survive a restart of the server."""
    path = folder / "secret"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = path.read_bytes()
        if len(found) == 32:
            return found
        path.unlink()
        return kept_secret(folder)
    made = secrets.token_bytes(32)
    with os.fdopen(file, "wb") as opened:
        opened.write(made)
    return made


class Guard:
    """Refuses foreign hosts, changes that another page asks for, and those without the cookie."""

    def __init__(self, app: ASGIApp, access: Access, names: Iterable[str]) -> None:
        self._app = app
        self._access = access
        self._hosts = {f"{name}:{access.port}" for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":  # there are no web sockets
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._answer(scope) or self._app
        await answer(scope, receive, send_with_headers)

    def _answer(self, scope: Scope) -> ASGIApp | None:
        headers, path = Headers(scope=scope), scope["path"]
        host = headers.get("host", "")
        if host not in self._hosts or len(headers.getlist("host")) != 1:
            return PlainTextResponse("This page is not served under that name.\n", 421)
        if scope["method"] not in _SAFE and headers.getlist("origin") != [f"http://{host}"]:
            return PlainTextResponse("Another page may not change anything here.\n", 403)
        if path in _OPEN or path.startswith("/static/"):
            return None
        if path.startswith(START):
            if self._access.admits(headers.get("cookie", "")):
                return RedirectResponse("/", 303)
            value = self._access.redeem(path.removeprefix(START))
            if value is None or scope["method"] != "GET":
                return PlainTextResponse(_USED, 403)
            response = RedirectResponse("/", 303)
            response.set_cookie(
                self._access.cookie, value, path="/", httponly=True, samesite="strict"
            )
            return response
        if not self._access.admits(headers.get("cookie", "")):
            return PlainTextResponse(_CLOSED, 403)
        return None


_CLOSED = (
    "Open the link that `converter web` printed. Start it again for a new one.\n"
    "请打开程序启动时显示的链接。重新启动程序可得到新链接。\n"
)
_USED = (
    "This link was used, or is an old one. Start `converter web` again for a new one.\n"
    "该链接已用过或已失效。重新启动程序可得到新链接。\n"
)
