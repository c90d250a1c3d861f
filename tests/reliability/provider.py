"""A provider with faults, as a separate process with a book and a log on disk.

The sandbox judges and books the orders; in front of it stands a relay that drops, delays, cuts and
contradicts. `book.jsonl` has every order that exists, `log.jsonl` every request that arrived and
what was done to it. `python -m tests.reliability.provider FOLDER` is that process.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.reliability import promises
from tests.reliability.starter import ROOT, environment
from tests.reliability.wire import QUERY

STALL = 1.0
"""Seconds by which an answer is delayed; the program's time-out is shorter."""

SIGNED = ("public_key", "nonce_str", "second_timestamp", "sign")

# What may be done to a request, how often in a hundred, and what its sender can know afterwards.
DOUBT, CLEAN, NOT_PROCESSED, REFUSED = "doubt", "clean", "not processed", "refused"
TROUBLE: dict[str, tuple[int, str]] = {
    "busy": (8, NOT_PROCESSED),
    "no entry": (2, NOT_PROCESSED),  # HTTP 401
    "refuse": (4, REFUSED),  # HTTP 400; of a single order that is a refusal
    "hang up first": (8, DOUBT),
    "reset first": (4, DOUBT),
    "500 first": (8, DOUBT),
    "lose one": (14, DOUBT),  # one order is neither created nor answered for
    "late": (4, DOUBT),  # created only after the sender has given up
    "hang up": (8, DOUBT),
    "reset": (4, DOUBT),
    "500": (8, DOUBT),
    "408": (2, DOUBT),
    "409": (2, DOUBT),
    "moved": (2, DOUBT),  # HTTP 302
    "page": (5, DOUBT),  # HTTP 200 with a web page
    "empty": (3, DOUBT),
    "cut": (5, DOUBT),
    "half": (5, DOUBT),  # whole by its length, but half the JSON
    "slow": (4, DOUBT),
    "contradict": (3, DOUBT),
    "lie": (14, DOUBT),  # created, but the body of HTTP 200 speaks of trouble in the system
    "twice": (3, CLEAN),
    "stranger": (3, CLEAN),
}


@dataclass
class Running:
    """Handle of the provider process for the harness."""

    folder: Path
    port: int
    environment: dict[str, str]
    """Settings that point the program to this provider."""
    process: subprocess.Popen[bytes]

    def plan(self, run: str, *, level: float, seed: str) -> None:
        """Set the share of the run's requests that meet with a fault."""
        self._ask("POST", "/harness/plan", {"run": run, "level": level, "seed": seed})

    def quiet(self, run: str) -> None:
        """Wait until no request of this run is open."""
        self._ask("POST", "/harness/quiet", {"run": run})

    def forget_keys(self, run: str) -> None:
        """Let the provider forget the idempotency keys of this run, as after a long time."""
        self._ask("POST", "/harness/forget", {"run": run})

    def _ask(self, method: str, path: str, body: Any) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body))
            if connection.getresponse().status != 200:
                raise RuntimeError("the provider is not well")

    def close(self) -> None:
        self.process.communicate()  # closes its stdin, which ends it

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def start(folder: Path, *, plain: bool = False) -> Running:
    """Start a provider; a `plain` one has no faults and writes no log."""
    command = [sys.executable, "-m", "tests.reliability.provider", str(folder)]
    process = subprocess.Popen(
        [*command, "--plain"] if plain else command,
        cwd=ROOT,
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    return Running(folder, said["port"], said["environment"], process)


# -- the process -----------------------------------------------------------------------------------


def rows_of(path: str, body: Any) -> list[tuple[str, Any]]:
    """The orders of a request with their references, by the format of each provider."""
    if path.startswith("/api/order/create"):
        return [(row["order"]["customernumber1"], row) for row in body["datas"]]
    if path.startswith("/middle/platform-order/"):
        return [(row["platformOrderNo"], row) for row in body]
    if path == "/alibaba/order/batch/create":
        return [(body["message"].split()[0], body)]
    if path == "/apicenter/api/order":
        return [(body["package"]["order_number"], body)]
    if path.startswith(promises.PREFIX):
        return [(row["ref"], row) for row in body["orders"]]
    plain = {name: value for name, value in body.items() if name not in SIGNED}
    return [(body["outOrderId"], plain)]


class _Relay(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: int, log: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.sandbox = sandbox
        self._log = log.open("ab", buffering=0)
        self._mutex = threading.Lock()
        self._idle = threading.Condition(self._mutex)
        self._plans: dict[str, tuple[float, str]] = {}
        self._under_way: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._number = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore broken pipes, which killed clients leave."""

    def plan(self, body: Any) -> None:
        with self._mutex:
            self._plans[body["run"]] = (body["level"], body["seed"])

    def quiet(self, body: Any) -> None:
        with self._idle:
            self._idle.wait_for(lambda: not self._under_way[body["run"]])

    def forget(self, body: Any) -> None:
        promises.KEYS.forget(body["run"])
        with self._mutex:
            self._write({"forgot": body["run"]})

    def arrived(self, path: str, rows: list[tuple[str, Any]], raw: bytes) -> tuple[int, str, str]:
        """Log a request, and choose its fault."""
        run = rows[0][0].split("-")[0]
        with self._mutex:
            self._number += 1
            number = self._number
            self._under_way[run] += 1
            level, seed = self._plans.get(run, (0.0, ""))
            self._seen[rows[0][0]] += 1
            chance = random.Random(f"{seed}/{rows[0][0]}/{self._seen[rows[0][0]]}")
            fate = "none"
            if chance.random() < level:
                weights = [weight for weight, _ in TROUBLE.values()]
                (fate,) = chance.choices(list(TROUBLE), weights)
            if fate == "lose one" and path == f"{promises.PREFIX}keyed":
                fate = "none"  # a key is of a whole request
            sha = {name: _sha(row) for name, row in rows}
            whole = hashlib.sha256(raw).hexdigest()[:16]
            self._write(
                {
                    "arrived": number,
                    "time": time.time(),
                    "fate": fate,
                    "orders": sha,
                    "request": whole,
                }
            )
        return number, run, fate

    def trouble_with_query(self, references: list[str]) -> str:
        """Choose the fault of a query; not logged, because a query changes nothing."""
        with self._mutex:
            level, seed = self._plans.get(references[0].split("-")[0], (0.0, ""))
            self._seen[f"query {references[0]}"] += 1
            turn = self._seen[f"query {references[0]}"]
        chance = random.Random(f"{seed}/query {references[0]}/{turn}")
        if chance.random() >= level:
            return "none"
        return chance.choice(("hang up", "500", "page", "empty", "half"))

    def told_absent(self, names: list[str]) -> None:
        """Log of which orders the sender is about to learn that they are not there."""
        with self._mutex:
            self._write({"absent": names})

    def told(self, number: int, what: str, only: list[str]) -> None:
        """Log what the sender is about to learn, for `only` some orders if given."""
        with self._mutex:
            self._write({"told": number, "what": what, "only": only})

    def ended(self, run: str) -> None:
        with self._idle:
            self._under_way[run] -= 1
            self._idle.notify_all()

    def _write(self, line: Any) -> None:
        self._log.write(json.dumps(line).encode() + b"\n")


def _sha(row: Any) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class _Request(BaseHTTPRequestHandler):
    server: _Relay
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:
        """Silence the server's own log."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        raw = self.rfile.read(length)
        if len(raw) < length:  # the sender was killed while it wrote
            self.close_connection = True
            return
        if self.path.startswith("/harness/"):
            ask = {
                "/harness/plan": self.server.plan,
                "/harness/quiet": self.server.quiet,
                "/harness/forget": self.server.forget,
            }
            ask[self.path](json.loads(raw))
            self._send(_Answer(200, {}, b""))
            return
        if self.path in (QUERY, promises.QUERY):
            self._asked(raw)
            return
        rows = rows_of(self.path, json.loads(raw))
        number, run, fate = self.server.arrived(self.path, rows, raw)
        try:
            self._meet(fate, number, rows, raw)
        finally:
            self.server.ended(run)

    def _asked(self, raw: bytes) -> None:
        """A query by reference, with faults as frequent as for orders."""
        trouble = self.server.trouble_with_query(json.loads(raw)["datas"]["customernumber"])
        answer = self._forward(raw)
        if answer is None or trouble == "hang up":
            self._hang_up()
            return
        if self.path == promises.QUERY and trouble == "none":
            entries = json.loads(answer.body)["data"]
            self.server.told_absent([one["customernumber"] for one in entries if one["code"]])
        self._send(_SPOILT.get(trouble, _unchanged)(answer))

    def _meet(self, fate: str, number: int, rows: list[tuple[str, Any]], raw: bytes) -> None:
        told = TROUBLE[fate][1] if fate in TROUBLE else CLEAN
        only: list[str] = []

        def tell(what: str) -> None:
            self.server.told(number, what, only)

        before = {
            "busy": _Answer(429, {"Retry-After": "0"}, b"Too Many Requests"),
            "no entry": _Answer(401, {}, b"{}"),
            "refuse": _Answer(400, {"Content-Type": "application/json"}, b"{}"),
            "500 first": _Answer(500, {}, b"Internal Server Error"),
        }
        if fate in before:
            tell(told)
            self._send(before[fate])
            return
        if fate in ("hang up first", "reset first"):
            tell(told)
            self._hang_up(reset=fate == "reset first")
            return
        if fate == "late":
            tell(told)
            time.sleep(STALL)
        if fate == "lose one" and len(rows) == 1:
            fate, told = "none", CLEAN
        if fate == "lose one":
            place = number % len(rows)
            only.append(rows[place][0])
            raw = _without(json.loads(raw), place)
        answer = self._forward(raw)
        if answer is None:
            if fate != "late":
                tell(DOUBT)
            self._hang_up()
            return
        if fate == "late":
            pass  # told already
        elif answer.status == 429:
            tell(NOT_PROCESSED)
        elif answer.status >= 500:
            tell(DOUBT)
        else:
            honest, answer = answer, _SPOILT.get(fate, _unchanged)(answer)
            if fate == "lie":
                answer = _lie(self.path, [name for name, _ in rows], number)
            if fate == "contradict":
                # Only one entry is in doubt, where there are entries at all.
                told = DOUBT if answer is honest else CLEAN
                answer = _half(honest) if answer is honest else answer
            tell(told)
        if fate == "slow":
            time.sleep(STALL)
        if fate in ("hang up", "reset", "late"):
            self._hang_up(reset=fate == "reset")
        elif fate == "cut":
            self._send(answer, length=len(answer.body) + 10)
            self._hang_up()
        else:
            self._send(answer)

    def _forward(self, raw: bytes) -> _Answer | None:
        """The sandbox's answer; None where it drops the connection or is too late."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.sandbox, timeout=STALL)
        skipped = ("host", "connection", "content-length")
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in skipped
        }
        with contextlib.closing(connection):
            try:
                connection.request("POST", self.path, raw, headers)
                answer = connection.getresponse()
                kept = {
                    name: value
                    for name, value in answer.getheaders()
                    if name.lower() in ("content-type", "retry-after")
                }
                return _Answer(answer.status, kept, answer.read())
            except (OSError, http.client.HTTPException):
                return None

    def _send(self, answer: _Answer, length: int | None = None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if length is None else length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _hang_up(self, *, reset: bool = False) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def _without(body: Any, place: int) -> bytes:
    rows = body["datas"] if isinstance(body, dict) else body
    del rows[place]
    return json.dumps(body, ensure_ascii=False).encode()


def _twice(answer: _Answer) -> _Answer:
    """The answer with its first entry repeated."""
    return _with_more(answer, lambda entry: entry, good=True)


def _contradict(answer: _Answer) -> _Answer:
    """The answer with its first entry repeated as a refusal."""
    return _with_more(answer, lambda entry: {**entry, "code": -1, "msg": "no"}, good=False)


def _stranger(answer: _Answer) -> _Answer:
    """The answer with an entry about an order that was never sent."""
    names = {"customernumber": "STRANGER", "orderNo": "STRANGER"}
    return _with_more(
        answer, lambda entry: {**entry, **{n: v for n, v in names.items() if n in entry}}, good=True
    )


def _with_more(answer: _Answer, change: Callable[[Any], Any], *, good: bool) -> _Answer:
    """The answer with one more entry, where it is a list of entries with references."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    data = body.get("data")
    if isinstance(data, dict) and data.get("successList"):
        data["successList" if good else "failList"].append(change(data["successList"][0]))
    elif isinstance(data, list) and data and "customernumber" in data[0]:
        data.append(change(data[0]))
    else:
        return answer
    return _Answer(answer.status, answer.headers, json.dumps(body).encode())


def _half(answer: _Answer) -> _Answer:
    return _Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])


def _unchanged(answer: _Answer) -> _Answer:
    return answer


_TROUBLE_OF_THE_SYSTEM = (
    (500, "系统异常,请稍后重试"),
    (500, "error"),
    (50000, "系统繁忙"),
    (40001, "请求超时"),
    (504, ""),
    (-1, "no"),
    (99, "Service busy"),
    (99, "操作失败"),
    (1, "Please try again later"),
)


def _lie(path: str, names: list[str], number: int) -> _Answer:
    """A "no" that speaks of the system, in the format of each provider; `number` chooses which."""
    code, text = _TROUBLE_OF_THE_SYSTEM[number % len(_TROUBLE_OF_THE_SYSTEM)]
    body: dict[str, Any]
    if path.startswith("/middle/platform-order/"):
        body = {"code": str(code), "success": False, "message": text, "data": None}
    elif path.startswith(("/api/order/create", promises.PREFIX)) and "系统" in text:
        refused = [{"code": -1, "msg": text, "customernumber": name} for name in names]
        body = {"code": 0, "msg": "", "data": refused}
    else:
        body = {"code": code, "result": False, "message": text, "msg": text, "data": None}
    return _Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


_HTML = {"Content-Type": "text/html"}
_SPOILT: dict[str, Callable[[_Answer], _Answer]] = {
    "500": lambda _: _Answer(500, {}, b"Internal Server Error"),
    "408": lambda _: _Answer(408, {}, b""),
    "409": lambda _: _Answer(409, {}, b""),
    "moved": lambda _: _Answer(302, {"Location": "/elsewhere"}, b""),
    "page": lambda _: _Answer(200, _HTML, b"<html><body>502 Bad Gateway</body></html>"),
    "empty": lambda answer: _Answer(200, answer.headers, b""),
    "half": _half,
    "contradict": _contradict,
    "twice": _twice,
    "stranger": _stranger,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plain", action="store_true")
    chosen = parser.parse_args()
    from converter import sandbox

    promises.install()
    with sandbox.serve(book=chosen.folder / "book.jsonl", stall_seconds=STALL) as running:
        port = int(running.url.rpartition(":")[2])
        if not chosen.plain:
            relay = _Relay(port, chosen.folder / "log.jsonl")
            threading.Thread(target=relay.serve_forever, daemon=True).start()
            port = relay.server_address[1]
        environment = {
            name: f"http://127.0.0.1:{port}" if name.endswith("_BASE_URL") else value
            for name, value in running.environment.items()
        }
        print(json.dumps({"port": port, "environment": environment}), flush=True)
        sys.stdin.read()  # until whoever started us is gone


if __name__ == "__main__":
    main()
