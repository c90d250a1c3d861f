"""Runs the sandbox: one uvicorn server in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from converter.sandbox import app
from converter.sandbox.book import Book
from converter.sandbox.played import Played, Script
from converter.sandbox.replay import Replay

_START_TIMEOUT_SECONDS = 10.0


class Running:
    """A sandbox that accepts connections."""

    def __init__(self, port: int, book: Book, played: Sequence[Played] = ()) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._book = book
        self._played = played

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables a client needs to use this sandbox."""
        settings: dict[str, str] = {}
        for provider in app.PATHS.values():
            settings[f"{provider.NAME.upper()}_BASE_URL"] = self.url
            settings.update(provider.ENVIRONMENT)
        for one in self._played:
            settings |= {**one.script.environment, one.script.address: self.url}
        return settings

    def book(self) -> list[dict[str, Any]]:
        """Every created order, oldest first: provider, reference, number, seq and request."""
        return self._book.entries()

    def cancellations(self) -> list[dict[str, Any]]:
        """Every cancellation so far, oldest first."""
        return self._book.cancellations()


@contextlib.contextmanager
def serve(
    port: int,
    book: Path | None,
    stall_seconds: float,
    scripts: Sequence[Script] = (),
    replay: Replay | None = None,
) -> Iterator[Running]:
    """Run the server in a thread for as long as the block lasts; a `replay` alone, if given."""
    kept = Book(book)
    played = [Played(script) for script in scripts]
    # Bound here and not in the thread, so that the caller gets the error of a port in use.
    with _listener(port) as listener:
        port = listener.getsockname()[1]
        closing = asyncio.Event()
        if replay is not None:
            application = app.build_replay(replay, port)
        else:
            application = app.build(kept, port, stall_seconds, closing, played)
        server = _Server(application, closing)
        thread = threading.Thread(
            target=server.run, args=([listener],), name="converter-sandbox", daemon=True
        )
        thread.start()
        try:
            if not server.ready.wait(_START_TIMEOUT_SECONDS):
                raise RuntimeError("the sandbox did not start")
            yield Running(port, kept, played)
        finally:
            server.stop()
            thread.join()


def run(
    port: int,
    book: Path | None,
    stall_seconds: float,
    announce: Callable[[Running], None] | None,
    scripts: Sequence[Script] = (),
) -> None:
    """Run until Ctrl-C."""
    with (
        serve(port, book, stall_seconds, scripts) as running,
        contextlib.suppress(KeyboardInterrupt),
    ):
        (announce or _announce)(running)
        nothing = threading.Event()
        while True:
            nothing.wait(1.0)  # on Windows an unlimited wait cannot be interrupted


def _listener(port: int) -> socket.socket:
    # IPPROTO_TCP explicitly, else asyncio does not set TCP_NODELAY and each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two sandboxes share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _announce(running: Running) -> None:
    print(f"The sandbox runs on {running.url}; Ctrl-C ends it.", file=sys.stderr)
    for name, value in running.environment.items():
        print(f"{name}={value}", flush=True)


class _Server(uvicorn.Server):
    """A server that signals when it is ready, and stops without waiting for delayed answers."""

    def __init__(self, application: Any, closing: asyncio.Event) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=_Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,  # the program's own logging stays as it is
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self.ready = threading.Event()
        self._closing = closing
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def stop(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            # RuntimeError: the loop has ended already.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._closing.set)


class _Connection(H11Protocol):
    """A connection that the application can drop, which ASGI does not provide for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "hang_up": transport.abort}
