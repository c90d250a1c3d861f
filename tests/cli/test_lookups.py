"""`converter lookups`: the provider's own lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from converter.sandbox import scexpress
from converter.sandbox.calls import Answer

Run = Callable[..., Result]
HERE = ("lookups", "-p", "scexpress", "--sandbox")


def test_lists_are_printed_with_their_names_and_kept(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(*HERE)
    monkeypatch.setattr(scexpress, "listed", lambda _name: Answer({"code": -1, "msg": "未开通"}))
    later = run(*HERE, "--json")
    told = json.loads(later.stdout)

    assert first.exit_code == 0
    assert "  HK_TNT               香港TNT / TNT\n" in first.stdout
    assert later.exit_code == 7
    assert "The list channels was not fetched: the provider says: 未开通" in told["notes"]
    assert any("What is shown of channels is what was fetched on" in one for one in told["notes"])
    assert told["lists"][0]["entries"][1] == {"code": "HK_TNT", "names": ["香港TNT", "TNT"]}


def test_a_list_that_others_document_is_off_by_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCEXPRESS_CODE", "C")
    monkeypatch.setenv("SCEXPRESS_TOKEN", "T")
    done = run("lookups", "-p", "scexpress")

    assert done.exit_code == 2
    assert "until SCEXPRESS_CALLS=lookup is set. Nothing was asked." in done.stderr
