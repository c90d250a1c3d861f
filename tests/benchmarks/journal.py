"""What the journal costs a request of fifty orders: its intent, and its answer, on the disk.

    python -m tests.benchmarks.journal [--postgresql] [--repeat 200]

It prints the medians. The target beside a local server is 5 ms for each of the two.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from converter.journal import Account, Journal, ResendRule, RunStart
from converter.model import HttpRequest, Judgement, Order, Outcome, Reply, Status
from tests import postgres

ORDERS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--postgresql", action="store_true", help="on a server that it starts")
    parser.add_argument("--repeat", type=int, default=200)
    asked = parser.parse_args()
    with _server() if asked.postgresql else nullcontext(), tempfile.TemporaryDirectory() as home:
        intents, answers = _measure(Path(home), asked.repeat)
    for name, times in (("intent", intents), ("answer", answers)):
        print(f"{name} of {ORDERS} orders: {statistics.median(times) * 1000:.2f} ms")


@contextmanager
def _server() -> Iterator[None]:
    with postgres.running() as server:
        os.environ["CONVERTER_JOURNAL"] = server.address
        yield


def _measure(home: Path, repeat: int) -> tuple[list[float], list[float]]:
    account = Account("acme", "https://api.acme.test/v1", {})
    run = RunStart("acme", "create", "orders.xlsx", "", "", "")
    request = HttpRequest("POST", "https://api.acme.test/v1/create", {}, b"{}")
    references = [f"A{number}" for number in range(repeat * ORDERS)]
    orders = [Order(name, name, {"ref": name, "sku": "S-1"}, (2,)) for name in references]
    intents, answers = [], []
    with Journal.open(home, account, run, resend=ResendRule("D", 0)) as journal:
        journal.plan(orders, [])
        for start in range(0, len(orders), ORDERS):
            some = orders[start : start + ORDERS]
            began = time.perf_counter()
            attempt = journal.intend(some, request, deadline=0)
            intents.append(time.perf_counter() - began)
            told = Judgement(tuple(Outcome(Status.ACCEPTED, "", f"N-{start}") for _ in some))
            began = time.perf_counter()
            journal.record(attempt, Reply(200, {}, b'{"code":0}'), told)
            answers.append(time.perf_counter() - began)
    return intents, answers


if __name__ == "__main__":
    main()
