"""Only a few sheets are read at a time, however many are dropped at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from converter import file_lock


def test_a_reader_waits_for_its_turn(tmp_path: Path) -> None:
    folder = tmp_path / "20261201-000000-abc" / "jobs" / "0001"
    folder.mkdir(parents=True)
    sheet = tmp_path / "orders.csv"
    sheet.write_text("a,b\n1,2\n")
    held = [file_lock.hold(tmp_path / f".reading-{number}") for number in range(3)]
    assert None not in held

    command = [sys.executable, "-m", "converter.web.reader", str(sheet), str(folder)]
    reader = subprocess.Popen(command)
    time.sleep(1)
    assert reader.poll() is None
    assert not (folder / "grid.json").exists()
    os.close(held[1] or -1)

    assert reader.wait(60) == 0
    assert json.loads((folder / "grid.json").read_text())["sheets"][0]["rows"] == 2
