"""`converter journal`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_a_damaged_journal_is_named(run: Run, home: Path) -> None:
    run("template", "oms", "--example", "-o", "orders.xlsx")
    done = run("submit", "orders.xlsx", "-p", "oms", "--sandbox", "--json")
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    sound = run("journal", "check")
    path.write_bytes(path.read_bytes()[:-4096])
    damaged = run("journal", "check", "--lang", "zh")

    assert done.exit_code == 0
    assert (sound.exit_code, sound.stdout) == (0, f"{path}: sound\n")
    assert damaged.exit_code == 6
    assert f"日志 {path} 已损坏" in damaged.stdout
