"""`converter journal`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
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


def test_a_sheet_is_checked_though_the_server_is_away(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("template", "oms", "--example", "-o", "orders.xlsx")
    monkeypatch.setenv("CONVERTER_JOURNAL", "postgresql://clerk:geheim-9@127.0.0.1:1/orders")
    checked = run("check", "orders.xlsx", "-p", "oms", "--sandbox", "--lang", "en")
    sent = run("submit", "orders.xlsx", "-p", "oms", "--sandbox", "--yes", "--lang", "en")

    why = "The journals on postgresql://127.0.0.1:1/orders cannot be reached: "
    assert checked.exit_code == 0
    assert f"were sent before is not known. {why}" in checked.output
    assert sent.exit_code == 6
    assert why in sent.output
    assert "geheim" not in checked.output + sent.output
