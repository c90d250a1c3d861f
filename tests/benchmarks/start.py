"""What `submit` of ten orders costs with a million known orders, against ten.

    python -m tests.benchmarks.start [--known 1000000] [--repeat 5]

It fills the journal of the sandbox in a temporary folder, and prints the median of either and
their ratio. The target is 1.2.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from converter.journal import schema

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
BATCH = 100_000


def submit(folder: Path, number: int) -> float:
    """Send ten new orders with the program as it starts from a shell. Returns the seconds."""
    sheet = folder / f"{number}.csv"
    rows = (
        f"N{number}-{place},LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2"
        for place in range(10)
    )
    sheet.write_text("\n".join([TITLES, *rows]), encoding="utf-8")
    words = [sys.executable, "-m", "converter", "submit", str(sheet), "-p", "oms", "--sandbox"]
    began = time.perf_counter()
    done = subprocess.run(
        [*words, "--json"],
        env={**os.environ, "CONVERTER_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began


def fill(path: Path, known: int) -> None:
    """Add accepted orders with their payloads and answers, and runs of a thousand orders."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA synchronous = OFF")
        day = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
        last, run, attempt = (
            connection.execute(f"SELECT MAX(id) FROM {table}").fetchone()[0]
            for table in ("part", "run", "attempt")
        )
        for start in range(0, known, BATCH):
            numbers = (last + 1 + start, last + min(start + BATCH, known), run, attempt)
            connection.execute("BEGIN")
            for statement in _FILL:
                statement = statement.replace("{day}", day)
                used = [n for n in range(1, 5) if f"?{n}" in statement]
                connection.execute(statement, numbers[: max(used)])
            connection.execute("COMMIT")
        connection.executescript(schema.TRIGGERS)


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
_FILL = (
    _NUMBERS + "INSERT OR IGNORE INTO run (id, name, started, provider, action, sheet,"
    " sheet_sha256, mapping_sha256, version, class, settle_seconds, finished, mark)"
    " SELECT ?3 + 1 + i / 1000, 'run-' || (i / 1000), '{day}', 'oms', '',"
    " 'old.csv', '', '', '', 'D', 900, '{day}', 'x' FROM n"
    " WHERE i % 1000 = 0 OR i = ?1",
    _NUMBERS + "INSERT INTO part (id, key, reference, parent_key, parent, division, rows, payload,"
    " state, provider_order_no, attempts, answered, accepted) SELECT i, 'OLD-' || i, 'OLD-' || i,"
    " 'OLD-' || i, 'OLD-' || i, '', '[2]', i, 'ACCEPTED', 'P' || i, 1,"
    " '{day}', '{day}' FROM n",
    _NUMBERS + "INSERT INTO payload (id, part, run, hash, body) SELECT i, i, ?3 + 1 + i / 1000,"
    " hex(randomblob(32)), randomblob(400) FROM n",
    _NUMBERS + "INSERT OR IGNORE INTO attempt (id, run, started, started_at, deadline, method,"
    " url, body_sha256, state) SELECT ?4 + 1 + i / 20, ?3 + 1 + i / 1000, '', 0, 0, 'POST', '',"
    " '', 'DONE' FROM n WHERE i % 20 = 0 OR i = ?1",
    _NUMBERS + "INSERT INTO answer (attempt, part, payload_hash, verdict, status) SELECT"
    " ?4 + 1 + i / 20, i, '', 'created', 'accepted' FROM n",
    _NUMBERS + "INSERT INTO listed (run, part, rows) SELECT ?3 + 1 + i / 1000, i, '[2]' FROM n",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--known", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name, "few"), Path(name, "many")
        for folder in (few, many):
            folder.mkdir()
            submit(folder, 0)
        (path,) = (many / "home" / "journal").glob("*.sqlite3")
        fill(path, given.known)
        os.sync()  # else the first run would wait until all of that is on the disk
        # in turns, because a machine is not as fast at one time as at another
        pairs = [(submit(few, at), submit(many, at)) for at in range(1, 1 + given.repeat)]
        size = path.stat().st_size / 1024**2
    small, large = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(after / before for before, after in pairs)
    print(f"ten orders known       {small:6.2f} s")
    print(f"{given.known:9,} known       {large:6.2f} s  ({size:,.0f} MB)")
    print(f"ratio                  {ratio:6.2f}  (target 1.20)")


if __name__ == "__main__":
    main()
