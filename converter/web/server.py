"""Runs the page: one uvicorn server on a loopback port, until Ctrl-C."""

from __future__ import annotations

import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from converter.web.app import build


def run(home: Path, port: int, announce: Callable[[str], object], *, opens: bool) -> None:
    """Serve the page until Ctrl-C; `announce` gets its one-time link. Raises OSError."""
    with listener(port) as bound:
        app, access = build(home, bound.getsockname()[1])
        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,  # the program's own logging stays as it is
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        announce(access.link)
        if opens:
            webbrowser.open(access.link)
        uvicorn.Server(config).run(sockets=[bound])


def listener(port: int) -> socket.socket:
    """A socket on the loopback address alone; port 0 picks a free one."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound
