"""A provider that can be asked: what it lacks twice is sent again, what it has is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

MAPPING = """
provider: asked
title: {en: Asked, zh: 可查询}
source: a test
settings: {base_url: {env: ASKED_URL, required: true}}
request: {path: /orders, body: $order}
order: {reference: ref, lists: {}}
fields: [{path: ref, title: {en: Order no., zh: 单号}, required: true}]
response: {call_ok: id, match: {single: true}, accepted: id, outputs: {provider_order_no: id}}
duplicates: {class: C, evidence: page 1}
query:
  method: GET
  path: "/orders/{reference}"
  references_per_request: 1
  call_ok: id
  found: id
  absent_http: [404]
  consistent: true
  outputs: {provider_order_no: id}
  evidence: page 2
"""


class Book:
    """The orders that exist, and those whose first request is lost on its way there or back."""

    def __init__(self) -> None:
        self.created: list[str] = []
        self.lost = {"A1", "A2"}
        self.url = ""


@pytest.fixture
def book() -> Iterator[Book]:
    kept = Book()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Silence the server's own log."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            name = json.loads(raw)["ref"]
            if name != "A1" or name not in kept.lost:  # A1 never arrives at first
                kept.created.append(name)
            status = 500 if name in kept.lost else 200
            kept.lost.discard(name)
            self._answer(status, {"id": f"N-{name}"})

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            self._answer(200 if name in kept.created else 404, {"id": f"N-{name}"})

        def _answer(self, status: int, body: Any) -> None:
            raw = json.dumps(body if status == 200 else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield kept
    server.shutdown()
    server.server_close()


def test_what_is_lacking_twice_is_sent_again(
    run: Callable[..., Result], home: Path, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASKED_URL", book.url)
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    (home / "asked.yaml").write_text(MAPPING, encoding="utf-8")
    (home / "orders.csv").write_text("Order no.\nA1\nA2\nA3\n", encoding="utf-8")

    def submit() -> dict[str, str]:
        done = run("submit", "orders.csv", "-p", "asked.yaml", "--json", "--yes", "--lang", "en")
        return {one["reference"]: one["status"] for one in json.loads(done.stdout)["orders"]}

    assert submit() == {"A1": "unknown", "A2": "unknown", "A3": "accepted"}
    assert submit() == {"A1": "unknown", "A2": "accepted", "A3": "accepted"}
    assert submit() == {"A1": "accepted", "A2": "accepted", "A3": "accepted"}
    assert sorted(book.created) == ["A1", "A2", "A3"]
