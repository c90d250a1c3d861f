"""A local provider that gives the documented answers to the requests that they belong to."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

HERE = Path(__file__).parent


@dataclass
class Documented:
    """What is played, and what has arrived."""

    requests: list[Any]
    exchanges: list[Any]
    url: str = ""
    seen: Counter[str] = field(default_factory=Counter)
    """How often each of the documented requests has come."""
    bodies: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, body: str) -> tuple[int, bytes]:
        """The n-th answer to the n-th time of a request; the last one from then on."""
        self.bodies.append(body)
        name = self._name(method, target, body)
        self.seen[name] += 1
        mine = [one for one in self.exchanges if one["request_id"] == name]
        own = [one for one in mine if one.get("n", self.seen[name]) == self.seen[name]] or mine[-1:]
        if not own:
            return 404, b"{}"
        return own[0]["http_status"], json.dumps(own[0]["body"], ensure_ascii=False).encode()

    def _name(self, method: str, target: str, body: str) -> str:
        url = urlsplit(target)
        page = parse_qs(url.query).get("page", ["1"])[0]
        found = [
            one
            for one in self.requests
            if (one["method"], urlsplit(one["url"]).path) == (method, url.path)
        ]
        keyed = [one for one in found if any(key in body for key in one.get("order_keys", ()))]
        paged = [one for one in found if one.get("query", {}).get("page", "1") == page]
        return str(next(iter(keyed or paged or found), {"id": ""})["id"])


@contextmanager
def playing(name: str, scenario: str) -> Iterator[Documented]:
    """The provider of a folder as a local HTTP server."""
    folder = HERE / name
    asked = json.loads((folder / "expected_requests.json").read_text(encoding="utf-8"))
    given = json.loads((folder / f"response_{scenario}.json").read_text(encoding="utf-8"))
    played = Documented(asked["requests"], given["exchanges"])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Silence the server's own log."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = played.answer(self.command, self.path, unquote_plus(raw.decode()))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
