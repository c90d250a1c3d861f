"""One long run: the memory of `converter submit` must stay flat while it sends.

    python -m tests.reliability.soak --orders 100000

The provider is the sandbox, without any trouble. Memory is what the system says the process holds
(VmRSS); it is looked at from the first tenth of the orders to the last. The exit code is 1 when the
highest figure after the first fifth is 5 % above the highest within it, or when an order is not
accepted.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.reliability import provider, sheets
from tests.reliability.kill import table
from tests.reliability.starter import Child, start_real

LIMIT = 0.05
LOOK_SECONDS = 0.2


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--provider", default="scexpress")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    status = Path("/proc/self/status")
    if not status.exists():
        print("This system does not say how much memory another process holds.")
        return 2
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    sheet = folder / "orders.csv"
    sheets.write(sheet, chosen.provider, sheets.plan("SOAK", chosen.orders, 0.0, Random(1)))
    print(f"{chosen.orders} orders, {sheet.stat().st_size / 1e6:.0f} MB of CSV", flush=True)
    with provider.start(folder, plain=True) as running:
        started = time.monotonic()
        child = start_real(
            folder,
            "soak",
            ["submit", sheet.name, "-p", chosen.provider, "--json", "-o", "result.xlsx"],
            {
                **running.environment,
                "HOME": str(folder),
                "CONVERTER_HOME": str(folder / "home"),
                "CONVERTER_SETTLE_SECONDS": "0",
            },
        )
        looks = _watch(child, chosen.orders, started)
    statuses = Counter(order["status"] for order in json.loads(child.out)["orders"])
    created = sum(1 for _ in (folder / "book.jsonl").open("rb"))
    print(f"exit {child.code}, {dict(statuses)}, {created} in the provider's book\n")
    drift = _tell(looks)
    shutil.rmtree(folder, ignore_errors=True)
    whole = statuses == {"accepted": chosen.orders} and created == chosen.orders
    return int(drift >= LIMIT or not whole)


def _watch(child: Child, orders: int, started: float) -> list[tuple[float, float, float]]:
    """Sample seconds, share of orders finished and megabytes until the process ends."""
    looks = []
    said = child.folder / f"{child.name}.err"
    while child.wait(LOOK_SECONDS) is None:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{child.pid}/status").read_text())
        done = re.findall(r"^([\d,]+) of [\d,]+ orders", said.read_text(), re.MULTILINE)
        if found:
            share = int(done[-1].replace(",", "")) / orders if done else 0.0
            looks.append((time.monotonic() - started, share, int(found[1]) / 1024))
    return looks


def _tell(looks: list[tuple[float, float, float]]) -> float:
    rows = [("orders answered for", "seconds", "highest RSS in MB")]
    before = [look for look in looks if look[1] == 0.0]
    rows.append(("before the first tenth", f"{before[-1][0]:.0f}", f"{_most(before):.1f}"))
    for tenth in range(1, 10):
        part = [look for look in looks if tenth / 10 <= look[1] < (tenth + 1) / 10]
        if part:
            share = f"{tenth * 10} to {tenth * 10 + 10} %"
            rows.append((share, f"{part[-1][0]:.0f}", f"{_most(part):.1f}"))
    after = [look for look in looks if look[1] >= 1.0]
    if after:
        rows.append(("report and workbook", f"{after[-1][0]:.0f}", f"{_most(after):.1f}"))
    print(table(rows))
    first = _most([look for look in looks if 0.0 < look[1] < 0.2])
    rest = _most([look for look in looks if 0.2 <= look[1] < 1.0])
    sending = [look for look in looks if 0.0 < look[1] < 1.0]
    drift = rest / first - 1 if first else float("inf")
    seconds = sending[-1][0] - sending[0][0] if sending else 0.0
    print(f"\ndrift after the first fifth: {drift:+.1%}; ninety in a hundred in {seconds:.0f} s")
    return drift


def _most(looks: list[tuple[float, float, float]]) -> float:
    return max((megabytes for _, _, megabytes in looks), default=0.0)


if __name__ == "__main__":
    sys.exit(main())
