"""`converter cancel`, killed at random moments, against a sandbox that keeps its own book."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from converter import sandbox

SEED = 20261201
KILLS = 6
ORDERS = 6
TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{name},LA,UPS,Ann,90001,US,3235550100,Los Angeles,{name} Road,S-1,2"
NAMES = [f"CANCELDROP-{n}" if n % 3 == 2 else f"PO-{n}" for n in range(ORDERS)]


def test_killed_at_any_moment_nothing_is_cancelled_twice_or_falsely(tmp_path: Path) -> None:
    """What is shown as cancelled is, what was not asked is not, and no order is made again."""
    chance = random.Random(SEED)
    rows = [TITLES, *(ROW.format(name=name) for name in NAMES)]
    (tmp_path / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "converter"]
    with sandbox.serve(book=tmp_path / "book.jsonl") as running:
        environment = {
            **os.environ,
            **running.environment,
            "CONVERTER_HOME": str(tmp_path / "home"),
            "CONVERTER_SETTLE_SECONDS": "0",
            "OMS_CALLS": "refresh,cancel",
        }

        def start(*words: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [*command, *words, "-p", "oms", "--json"], cwd=tmp_path, env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
            )  # fmt: skip

        sent = start("submit", "orders.csv", "--yes")
        sent.communicate(timeout=60)
        created = running.book()
        started = time.monotonic()
        start("cancel", NAMES[0], "--yes").communicate(timeout=60)
        seconds = time.monotonic() - started
        for _ in range(KILLS):
            child = start("cancel", *NAMES[:-1], "--yes")
            time.sleep(chance.uniform(0.3, 1.1) * seconds)
            child.kill()
            child.communicate(timeout=60)
            gone = {one["reference"] for one in running.cancellations()}
            told, _ = start("submit", "orders.csv", "--yes").communicate(timeout=60)
            shown = {one["reference"]: one["status"] for one in json.loads(told)["orders"]}
            assert {name for name, status in shown.items() if status == "cancelled"} <= gone
            assert shown[NAMES[-1]] == "accepted"
            assert set(shown.values()) <= {"accepted", "cancelled", "cancellation unknown"}

        for _ in range(2):  # the second one settles what the first one found in doubt
            out, _ = start("cancel", *NAMES[:-1], "--yes").communicate(timeout=60)
        last = {one["reference"]: one["status"] for one in json.loads(out)["orders"]}

        assert running.book() == created
        assert set(last.values()) == {"cancelled"}
        times = Counter(one["reference"] for one in running.cancellations())
        assert times == Counter(NAMES[:-1])
    checked = subprocess.run(
        [*command, "journal", "check"], env=environment, capture_output=True, check=False
    )
    assert checked.returncode == 0
