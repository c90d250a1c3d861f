"""A provider that misbehaves on demand, and order sheets for all five providers.

What it creates and answers is the sandbox's own; what it does to the connection is written here, on
bare sockets, because no HTTP server can be talked into it.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import importlib
import io
import json
import os
import socket
import struct
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from converter.sandbox.book import Book

PROVIDERS = ("scexpress", "oms", "platform1688", "apicenter", "pandapon")
BATCHED = ("scexpress", "oms")
"""The providers that take several orders in one request."""

ROOT = Path(__file__).resolve().parents[2]

QUERY = "/api/order/waybillnumber"

SECRETS = {
    "scexpress": "SCEXPRESS_TOKEN",
    "oms": "OMS_API_TOKEN",
    "platform1688": "PLATFORM1688_SECRET",
    "apicenter": "APICENTER_TOKEN",
    "pandapon": "PANDAPON_ACCESS_SECRET",
}
ACCOUNTS = {
    "scexpress": {"SCEXPRESS_CODE": "C1"},
    "oms": {"OMS_COMPANY_CODE": "C1"},
    "platform1688": {"PLATFORM1688_PUBLIC_KEY": "K1"},
    "apicenter": {},
    "pandapon": {"PANDAPON_ACCESS_KEY": "K1", "PANDAPON_USER_ID": "7"},
}
SETTINGS_FILE = """
[platform1688.signature]
join = ["$public_key", "$fresh.nonce_str", "$fresh.second_timestamp", "$secret"]
hash = "md5"
encode = "HEX"
"""
"""This provider does not publish its signature, so users have to configure it."""


def environment(provider: str, url: str, secret: str = "live-secret-0815") -> dict[str, str]:
    """Settings for the provider at this address."""
    return {
        f"{provider.upper()}_BASE_URL": url,
        SECRETS[provider]: secret,
        **ACCOUNTS[provider],
    }


def sheet(provider: str, references: Iterable[str], receiver: str = "Jane Roe") -> str:
    """The provider's example order as CSV, once for each reference."""
    text = (ROOT / "templates" / "data" / f"{provider}.csv").read_text(encoding="utf-8-sig")
    titles, *rows = csv.reader(io.StringIO(text))
    name = titles.index("Receiver name")
    same = [0, titles.index("Supplier")] if "Supplier" in titles else [0]  # so that none is split
    made = [titles]
    for reference in references:
        for row in rows:
            if all(row[column] == rows[0][column] for column in same):
                cells = [reference, *row[1:]]
                cells[name] = receiver if cells[name] else ""
                made.append(cells)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(made)
    return out.getvalue()


@dataclass(frozen=True)
class Request:
    """A request that was read completely."""

    head: str
    raw: bytes
    body: Any
    references: tuple[str, ...]

    @property
    def is_query(self) -> bool:
        return self.head.split()[1] == QUERY

    def order(self, provider: str, reference: str) -> Any:
        """The request's data about one order, without signature and the like."""
        if provider == "scexpress":
            rows = self.body["datas"]
            return next(row for row in rows if row["order"]["customernumber1"] == reference)
        if provider == "oms":
            return next(row for row in self.body if row["platformOrderNo"] == reference)
        fresh = ("public_key", "nonce_str", "second_timestamp", "sign")
        return {name: value for name, value in self.body.items() if name not in fresh}


class Gone(Exception):
    """The client has closed the connection."""


class Talk:
    """A connection during a single request."""

    def __init__(self, connection: socket.socket, provider: Provider, *, last: bool) -> None:
        self.provider = provider
        self._last = last
        self.is_open = True
        self._socket = connection

    def read(self) -> Request:
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            head += self._piece()
        head, _, body = head.partition(b"\r\n\r\n")
        fields = head.decode("latin-1").lower().split("\r\n")[1:]
        length = next(int(f.partition(":")[2]) for f in fields if f.startswith("content-length:"))
        while len(body) < length:
            body += self._piece()
        found = json.loads(body)
        head_text = head.decode("latin-1")
        if head_text.split()[1] == QUERY:
            references = tuple(found["datas"]["customernumber"])
        else:
            references = tuple(self.provider.module.references(found))
        request = Request(head_text, body, found, references)
        self.provider.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            raise Gone from None

    def reply(
        self,
        body: bytes = b"",
        status: int = 200,
        *,
        length: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send a complete answer, or one shorter than `length` promises."""
        lines = [f"HTTP/1.1 {status} Said", "Content-Type: application/json"]
        lines += ["Connection: close"] if self._last else []
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
        self.send("\r\n".join(lines).encode("latin-1") + body)

    def reset(self) -> None:
        """Reset the connection, as a crash would."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.is_open = False
        self._socket.close()

    def wait_until_gone(self) -> None:
        """Send nothing more until the client disconnects."""
        with contextlib.suppress(Gone):
            while True:
                self._piece()

    def _piece(self) -> bytes:
        try:
            piece = self._socket.recv(65536)
        except OSError:
            raise Gone from None
        if not piece:
            raise Gone
        return piece


Act = Callable[[Talk], object]


def answer(talk: Talk) -> None:
    """Behave as a healthy provider."""
    talk.reply(talk.provider.commit(talk.read()))


class Provider:
    """A provider on a loopback port: one of `acts` for each request, then `otherwise`."""

    def __init__(self, name: str, *, deaf: bool = False) -> None:
        self.name = name
        self.module = importlib.import_module(f"converter.sandbox.{name}")
        self.requests: list[Request] = []
        self.commits: Counter[str] = Counter()
        self.acts: deque[Act] = deque()
        self.otherwise: Act = answer
        self.can_be_asked = False
        """Whether it answers queries; if not, orders in doubt are sent again."""
        self.connections = 0
        self._book = Book()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        if not deaf:
            self.listen()

    def listen(self) -> None:
        """Start accepting connections, which are refused before."""
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def commit(self, request: Request) -> bytes:
        """Create the orders of a request; the answer that says so. A query tells, or is refused."""
        if request.is_query:
            body = request.body if self.can_be_asked else {}
            return json.dumps(self.module.query(body, self._book).body).encode()
        with self._lock:
            said = self.module.create(request.body, self._book)
            self.commits.update(said.created)
        return json.dumps(said.body, ensure_ascii=False).encode()

    def quiet(self) -> None:
        """Wait until every request has been handled."""
        for thread in list(self._threads):
            thread.join(10)
            assert not thread.is_alive()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(Gone, OSError):
            while connection.recv(1, socket.MSG_PEEK):
                with self._lock:
                    act = self.acts.popleft() if self.acts else self.otherwise
                last = act is not answer
                talk = Talk(connection, self, last=last)
                act(talk)
                if last or not talk.is_open:
                    return


@contextlib.contextmanager
def provider(name: str, *acts: Act, deaf: bool = False) -> Iterator[Provider]:
    """A provider that performs `acts`, one per request, and is healthy from then on."""
    made = Provider(name, deaf=deaf)
    made.acts.extend(acts)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def quick_folder() -> Iterator[Path]:
    """A new folder, in memory where there is such a place: for tests that write far more often
    than a disk likes, and in which no disk is at fault."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


class Time:
    """The real clock, except that sleeping takes no time."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def clock(self) -> float:
        return time.monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds


def hurried(send: Callable[..., Any]) -> Callable[..., Any]:
    """The sending loop without the pauses between tries."""
    time_ = Time()
    return functools.partial(send, clock=time_.clock, sleep=time_.sleep)


def statuses(document: dict[str, Any]) -> Sequence[str]:
    """The statuses of a `--json` document, in the sheet's order."""
    return [order["status"] for order in document["orders"]]
