"""What becomes of a sheet, by how its process ends; the process is a few lines of Python."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.sending.signals import GracefulStop
from converter.unattended.inbox import Inbox
from converter.unattended.watcher import Finished, Watcher

Run = Callable[..., list[Finished]]

ENDS = """
import json, os, signal, sys
sheet = sys.argv[-1]
print(json.dumps({"sheet": sheet, "counts": {}}))
print("Next: converter submit", sheet, file=sys.stderr)
"""


@pytest.fixture
def stop() -> GracefulStop:
    return GracefulStop()


@pytest.fixture
def watch(tmp_path: Path, stop: GracefulStop) -> Run:
    """Watches a folder in which one sheet lies, with these lines instead of `submit`."""
    (tmp_path / "orders.csv").write_text("a,b\n")

    def run(lines: str, *, once: bool = True) -> list[Finished]:
        command = [sys.executable, "-c", ENDS + lines]
        return list(
            Watcher(Inbox(tmp_path, quiet=0.1), command, every=0.1, stop=stop).run(once=once)
        )

    return run


@pytest.mark.parametrize(
    ("code", "place"),
    [
        pytest.param(0, "done", id="all accepted"),
        pytest.param(1, "failed", id="some failed"),
        pytest.param(2, "failed", id="unusable"),
        pytest.param(3, "failed", id="unsettled"),
        pytest.param(70, "failed", id="a fault"),
    ],
)
def test_a_sheet_goes_by_its_exit_code(watch: Run, tmp_path: Path, code: int, place: str) -> None:
    (finished,) = watch(f"sys.exit({code})")

    sheet = tmp_path / place / "orders.csv"
    assert (finished.sheet, finished.ended.exit_code, finished.is_done) == (sheet, code, not code)
    assert finished.ended.report["sheet"] == str(sheet)
    assert finished.ended.messages == f"Next: converter submit {sheet}\n"
    told = tmp_path / place / "orders.messages.txt"
    assert told.exists() is bool(code)
    assert (tmp_path / place / "orders.report.json").exists()


def test_a_sheet_whose_account_is_busy_waits(watch: Run, tmp_path: Path) -> None:
    lines = f"""
path = {str(tmp_path / "tried")!r}
tries = len(open(path).read()) if os.path.exists(path) else 0
open(path, "a").write("x")
sys.exit(0 if tries == 2 else 5)
"""
    (finished,) = watch(lines)

    assert finished.is_done
    assert (tmp_path / "tried").read_text() == "xxx"


def test_a_sheet_whose_process_is_killed_each_time_is_given_up(watch: Run, tmp_path: Path) -> None:
    (finished,) = watch("sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)")

    assert finished.ended.exit_code == -9
    assert finished.sheet == tmp_path / "failed" / "orders.csv"


def test_a_request_to_stop_reaches_the_process_once_and_the_sheet_stays_claimed(
    watch: Run, tmp_path: Path, stop: GracefulStop
) -> None:
    heard = tmp_path / "heard"
    lines = f"""
import time
def stopped(*_):
    open({str(heard)!r}, "a").write("x")
    time.sleep(0.5)
    sys.exit(130)
signal.signal(signal.SIGINT, stopped)
open({str(tmp_path / "ready")!r}, "w")
time.sleep(60)
"""

    def ask() -> None:
        while not (tmp_path / "ready").exists():
            time.sleep(0.02)
        stop.request()

    threading.Thread(target=ask, daemon=True).start()

    assert watch(lines, once=False) == []
    assert heard.read_text() == "x"
    (left,) = Inbox(tmp_path).left_behind()
    assert (left.sheet.name, left.starts) == ("orders.csv", 1)
