"""A provider with idempotency keys: what a person is told where no run can settle a doubt."""

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
provider: keyed
title: {en: Keyed, zh: 有幂等键}
source: a test
settings: {base_url: {env: KEYED_URL, required: true}}
request:
  path: /orders
  headers: {Idempotency-Key: $key}
  key: "{content}"
  body: {orders: $orders}
  orders_per_request: 5
order: {reference: ref, lists: {}}
fields: [{path: ref, title: {en: Order no., zh: 单号}, required: true}]
response:
  call_ok: data
  results: data
  match: {reference: ref}
  accepted: id
  outputs: {provider_order_no: id}
duplicates: {class: B, key_hours: 24, evidence: page 1}
"""


@pytest.fixture
def left_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """References that the answer leaves out; with all of them there is no answer at all."""
    names: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Silence the server's own log."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            sent = [order["ref"] for order in json.loads(raw)["orders"]]
            told = [{"ref": name, "id": f"N-{name}"} for name in sent if name not in names]
            body = json.dumps({"data": told}).encode()
            self.send_response(200 if told else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("KEYED_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield names
    server.shutdown()
    server.server_close()


@pytest.fixture
def submit(run: Callable[..., Result], home: Path) -> Callable[[], dict[str, str]]:
    """Submit two orders; what the report says of each."""
    Path("keyed.yaml").write_text(MAPPING, encoding="utf-8")
    Path("orders.csv").write_text("Order no.\nA1\nA2\n", encoding="utf-8")

    def act() -> dict[str, str]:
        done = run("submit", "orders.csv", "-p", "keyed.yaml", "--json", "--yes")
        orders = json.loads(done.stdout)["orders"]
        return {one["reference"]: f"{one['status']}: {one['message']}" for one in orders}

    return act


def test_a_request_without_an_answer_is_made_again(
    left_out: set[str], submit: Callable[[], dict[str, str]]
) -> None:
    left_out |= {"A1", "A2"}
    first = submit()
    left_out.clear()
    second = submit()

    assert all("Run again now: it will be settled then." in told for told in first.values())
    assert [told.partition(":")[0] for told in second.values()] == ["accepted", "accepted"]


def test_an_order_that_the_answer_left_out_is_left_to_a_person(
    left_out: set[str], submit: Callable[[], dict[str, str]]
) -> None:
    left_out.add("A1")
    first = submit()
    left_out.clear()
    second = submit()

    for told in (first, second):
        assert told["A1"].startswith("unknown: It may or may not exist at the provider. Other")
        assert "the same request cannot be made again. Look up A1 there" in told["A1"]
        assert told["A2"].startswith("accepted")
