"""`converter refresh`, killed at random moments, against a sandbox that keeps its own book."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from converter import sandbox

SEED = 20261130
KILLS = 6
TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "LATE-{number},LA,UPS,Ann,90001,US,3235550100,Los Angeles,{number} Road,S-1,2"


def test_killed_at_any_moment_a_refresh_creates_nothing_and_loses_nothing(
    tmp_path: Path,
) -> None:
    chance = random.Random(SEED)
    rows = [TITLES, *(ROW.format(number=number) for number in range(1, 8))]
    (tmp_path / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "converter"]
    with sandbox.serve(book=tmp_path / "book.jsonl") as running:
        environment = {
            **os.environ,
            **running.environment,
            "CONVERTER_HOME": str(tmp_path / "home"),
            "OMS_CALLS": "refresh",
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
        whole = start("refresh", "orders.csv")
        whole.communicate(timeout=60)
        seconds = time.monotonic() - started
        for _ in range(KILLS):
            words = chance.choice([["refresh", "orders.csv"], ["refresh"]])
            child = start(*words)
            time.sleep(chance.uniform(0.4, 1.0) * seconds)
            child.kill()
            child.communicate(timeout=60)

        last = start("refresh", "orders.csv")
        out, _ = last.communicate(timeout=60)
        report = json.loads(out)

        assert (sent.returncode, whole.returncode, last.returncode) == (0, 0, 0)
        assert len(created) == 7
        assert running.book() == created
        assert report["counts"] == {"accepted": 7}
        assert all(one["tracking_no"].startswith("SBX-T") for one in report["orders"])
    checked = subprocess.run(
        [*command, "journal", "check"], env=environment, capture_output=True, check=False
    )
    assert checked.returncode == 0
