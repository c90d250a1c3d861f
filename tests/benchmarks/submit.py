"""What `converter submit` reaches beside plain httpx, as ratios in one run.

    python -m tests.benchmarks.submit --orders 20000

makes its own SC-Express sheets and a provider of its own, in a process of its own, that answers
after 0, 20 and 200 ms. At each latency it sends the very same requests, as many at a time as the
mapping says: by plain httpx (one shared client and its threads), and by `converter submit` with
its journal on the disk. It prints orders a second from the first request to the last answer, as
the provider sees it, and their ratio; what the journal costs for each request; and how much memory
`converter submit` holds while it sends so many orders, and a tenth of them.

Where there is much latency fewer orders are sent, so that each run takes about --seconds.
Give --folder on a real disk: in memory a sync costs nothing. The lowest of --runs is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
import orjson

from tests.benchmarks import sheets

BATCH = 20
LATENCIES = (0, 20, 200)
PROGRAM = [sys.executable, "-m", "converter"]
TITLES = (
    "latency", "orders", "httpx, a second", "submit, a s.", "ratio", "journal, a req.",
    "of it CPU", "journal's share", "whole process", "of it CPU",
)  # fmt: skip
THIS = [sys.executable, "-m", "tests.benchmarks.submit"]


# -- the provider ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What the provider saw of one run."""

    orders: int
    requests: int
    first: float
    last: float

    @property
    def rate(self) -> float:
        return self.orders / (self.last - self.first)


class Provider(asyncio.Protocol):
    """One connection: answers as SC-Express documents, and notes when it was asked.

    As small as can be, so that it does not become what is measured.
    """

    first = 0.0
    last = 0.0
    requests = 0
    orders = 0
    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._came = b""

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if len(body) < int(length[1] if length else 0):
            return
        self._came = b""
        if head.startswith(b"GET"):
            told = Seen(Provider.orders, Provider.requests, Provider.first, Provider.last)
            self._write(orjson.dumps(told))
            Provider.first, Provider.orders, Provider.requests = 0.0, 0, 0
            return
        Provider.first = Provider.first or time.time()
        rows = orjson.loads(body)["datas"]
        Provider.requests += 1
        Provider.orders += len(rows)
        answers = [self._answer(row["order"]["customernumber1"]) for row in rows]
        text = orjson.dumps({"code": 0, "msg": "调用成功", "data": answers})
        if Provider.latency:
            asyncio.get_running_loop().call_later(Provider.latency, self._last, text)
        else:
            self._last(text)

    @staticmethod
    def _answer(reference: str) -> dict[str, Any]:
        return {
            "code": 0,
            "msg": "下单成功",
            "customernumber": reference,
            "systemnumber": f"SC{reference}",
            "waybillnumber": f"EV{reference}",
            "childs": [{"customernumber": f"{reference}-1", "tracknumber": f"T{reference}"}],
        }

    def _last(self, text: bytes) -> None:
        self._write(text)
        Provider.last = time.time()

    def _write(self, text: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(text) + text)


async def serve(latency: float) -> None:
    Provider.latency = latency / 1000
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def provider(latency: int) -> Iterator[str]:
    """The address of a provider that takes so many milliseconds to answer."""
    process = subprocess.Popen([*THIS, "--serve", str(latency)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def seen(address: str) -> Seen:
    """What the provider saw since it was last asked."""
    return Seen(**httpx.get(f"{address}/", trust_env=False).json())


# -- what is measured ------------------------------------------------------------------------------


def plain(address: str, requests: Path, in_flight: int) -> None:
    """Send each line of the file, with nothing but httpx."""
    bodies: SimpleQueue[bytes] = SimpleQueue()
    for line in requests.read_bytes().splitlines():
        bodies.put(line)
    limits = httpx.Limits(max_connections=in_flight)
    with httpx.Client(limits=limits, trust_env=False, timeout=60) as client:

        def work() -> None:
            with contextlib.suppress(Empty):
                while True:
                    url, headers = (
                        f"{address}/api/order/create",
                        {"Content-Type": "application/json"},
                    )
                    client.post(url, content=bodies.get_nowait(), headers=headers).json()

        threads = [threading.Thread(target=work) for _ in range(in_flight)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def measured(arguments: list[str]) -> None:
    """`converter submit` with a clock around the journal; the last line on stderr tells of it."""
    from converter.cli.commands import cli
    from converter.journal import Journal

    wall = busy = 0.0

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def around(*given: Any, **more: Any) -> Any:
            nonlocal wall, busy
            started, worked = time.perf_counter(), time.thread_time()
            try:
                return call(*given, **more)
            finally:
                wall += time.perf_counter() - started
                busy += time.thread_time() - worked

        return around

    for name in ("intend", "exchange"):
        setattr(Journal, name, timed(getattr(Journal, name)))
    try:
        cli.main(args=arguments, prog_name="converter")
    finally:
        print(json.dumps([wall, busy]), file=sys.stderr)


# -- one run ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submitted:
    """One run of `converter submit` as the operating system and the provider saw it."""

    seen: Seen
    seconds: float
    cpu: float
    peak: float
    before: float
    """MB when the first request came."""
    sending: float
    """The most MB between the first request and the last answer."""
    said: str


def submit(address: str, sheet: Path, home: Path, command: list[str]) -> Submitted:
    environment = {
        **os.environ,
        "CONVERTER_HOME": str(home),
        "SCEXPRESS_BASE_URL": address,
        "SCEXPRESS_CODE": "BENCH",
        "SCEXPRESS_TOKEN": "a-token-of-the-benchmark",
    }
    arguments = ["submit", str(sheet), "-p", "scexpress", "--yes", "-o", f"{home}.xlsx"]
    said = Path(f"{home}.err")
    started = time.monotonic()
    with said.open("wb") as err:
        process = subprocess.Popen(
            [*command, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=err
        )
    looks: list[tuple[float, float]] = []
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            if found := re.search(r"VmRSS:\s+(\d+) kB", status):
                looks.append((time.time(), int(found[1]) / 1024))
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    seconds, usage = time.monotonic() - started, ended[2]
    if process.returncode:
        sys.exit(f"submit ended with {process.returncode}\n{said.read_text()[-2000:]}")
    found_ = seen(address)
    return Submitted(
        found_,
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        max((mb for when, mb in looks if when <= found_.first), default=0.0),
        max((mb for when, mb in looks if found_.first <= when <= found_.last), default=0.0),
        said.read_text(),
    )


class Benchmark:
    def __init__(self, folder: Path, chosen: argparse.Namespace) -> None:
        self.folder = folder
        self.runs: int = chosen.runs
        self.orders: int = chosen.orders
        self.seconds: float = chosen.seconds
        from converter.mapping.load import find_mapping, load_mapping

        self.in_flight = load_mapping(find_mapping("scexpress")).request.in_flight
        self._homes = 0

    def run(self) -> None:
        print(f"{self.in_flight} requests in flight, {BATCH} orders in each")
        print(f"one fsync in {self.folder}: {self._fsync():.2f} ms")
        print("  ".join(f"{title:>14}" for title in TITLES))
        for latency in LATENCIES:
            most = int(self.seconds * self.in_flight * BATCH / (latency / 1000)) if latency else 0
            cells = self._latency(latency, min(self.orders, most or self.orders))
            print("  ".join(f"{cell:>14}" for cell in cells), flush=True)
        for orders in (self.orders // 10, self.orders):
            with provider(0) as address:
                found = submit(address, self._sheet(orders), self._home(), PROGRAM)
            print(
                f"{orders} orders: {found.before:.0f} MB at the first request, at most "
                f"{found.sending:.0f} MB while sending, {found.peak:.0f} MB in all"
            )

    def _latency(self, latency: int, orders: int) -> tuple[str, ...]:
        """One line of the table."""
        sheet, requests = self._sheet(orders), self._requests(orders)
        with provider(latency) as address:
            bare: list[Seen] = []
            runs: list[Submitted] = []
            for _ in range(self.runs):
                options = ["--plain", address, str(requests), str(self.in_flight)]
                subprocess.run([*THIS, *options], check=True)
                bare.append(seen(address))
                runs.append(submit(address, sheet, self._home(), PROGRAM))
            clocked = submit(address, sheet, self._home(), [*THIS, "--measured"])
        best = max(runs, key=lambda run: run.seen.rate)
        most = max(one.rate for one in bare)
        wall, busy = json.loads(clocked.said.splitlines()[-1])
        share = wall / (clocked.seen.last - clocked.seen.first)
        return (
            f"{latency} ms",
            f"{best.seen.orders}",
            f"{most:.0f}",
            f"{best.seen.rate:.0f}",
            f"{best.seen.rate / most:.0%}",
            f"{wall / clocked.seen.requests * 1000:.1f} ms",
            f"{busy / clocked.seen.requests * 1000:.1f} ms",
            f"{share:.0%}",
            f"{best.seconds:.1f} s",
            f"{best.cpu:.1f} s",
        )

    def _home(self) -> Path:
        self._homes += 1
        return self.folder / f"home{self._homes}"

    def _sheet(self, orders: int) -> Path:
        path = self.folder / f"{orders}.csv"
        if not path.exists():
            rows = sheets.rows(sheets.Shape(orders * 7))
            items = takewhile(lambda row: str(row[1]) <= f"ORD{orders:07d}", rows)
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([sheets.TITLES, *items])
        return path

    def _requests(self, orders: int) -> Path:
        """The bodies of the requests, one on each line, as `converter convert` prints them."""
        path = self.folder / f"{orders}.jsonl"
        if not path.exists():
            command = [*PROGRAM, "convert", str(self._sheet(orders)), "-p", "scexpress"]
            done = subprocess.run(command, check=True, capture_output=True)
            made = (orjson.loads(line)["body"] for line in done.stdout.splitlines())
            path.write_bytes(b"\n".join(map(orjson.dumps, made)))
        return path

    def _fsync(self) -> float:
        file = os.open(self.folder / "synced", os.O_CREAT | os.O_WRONLY)
        times = []
        for _ in range(50):
            os.pwrite(file, os.urandom(4096), 0)
            started = time.perf_counter()
            os.fsync(file)
            times.append(time.perf_counter() - started)
        os.close(file)
        return sorted(times)[25] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="on a real disk; default: temporary files")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        Benchmark(Path(folder), chosen).run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(float(sys.argv[2])))
    elif sys.argv[1:2] == ["--plain"]:
        plain(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--measured"]:
        measured(sys.argv[2:])
    else:
        main()
