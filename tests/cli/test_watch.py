"""Whole runs of the command that submits the sheets of a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from converter import api

Run = Callable[..., Result]


def test_sheets_go_where_people_look(run: Run, home: Path) -> None:
    inbox = home / "inbox"
    inbox.mkdir()
    api.template("scexpress", inbox / "orders.xlsx", example=True)
    (inbox / "nonsense.csv").write_text("a,b\n1,2\n")

    done = run("watch", "inbox", "-p", "scexpress", "--sandbox", "--once", "--every=1s", "--json")

    told = {one["sheet"]: one for one in map(json.loads, done.stdout.splitlines())}
    good, bad = str(Path("inbox/done/orders.xlsx")), str(Path("inbox/failed/nonsense.csv"))
    assert done.exit_code == 1
    assert set(told) == {good, bad}
    assert told[good]["counts"] == {"accepted": 4}
    assert told[good]["result"] == str(Path("inbox/done/orders.result.xlsx"))
    assert told[bad]["code"] == "MISSING_COLUMN"
    assert openpyxl.load_workbook(home / told[good]["result"]).sheetnames[0] == "Results"
    assert "nonsense.csv" in (inbox / "failed" / "nonsense.messages.txt").read_text()
    assert f"{good}: 4 orders (4 accepted)" in done.stderr
    assert list((inbox / "working").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "settings", "expected"),
    [
        pytest.param(
            ["nowhere"], {}, "There is no folder nowhere. Make it, or name another one.",
            id="no folder",
        ),
        pytest.param(["."], {}, "Settings are missing: OMS_BASE_URL", id="no settings"),
        pytest.param(
            ["."],
            {
                "OMS_BASE_URL": "http://127.0.0.1:9", "OMS_COMPANY_CODE": "ACME",
                "OMS_API_TOKEN": "live-token-value",
            },
            "Nobody can be asked here whether real orders may be sent. Give --yes.",
            id="nobody to ask",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    settings: dict[str, str],
    expected: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    done = run("watch", *words, "-p", "oms", "--once")

    assert done.exit_code == 2
    assert f"Error: {expected}" in done.stderr
