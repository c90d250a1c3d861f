"""One account written in two ways, as a person sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

SUBMIT = ("submit", "orders.xlsx", "-p", "oms", "--json")


@pytest.fixture
def account(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Result]:
    """Submits the example orders to an account of a provider that nobody answers for."""
    run("template", "oms", "--example", "-o", "orders.xlsx")
    monkeypatch.setenv("OMS_API_TOKEN", "x")
    monkeypatch.setenv("CONVERTER_TIMEOUT_SECONDS", "1")

    def submit(host: str, code: str, *more: str) -> Result:
        monkeypatch.setenv("OMS_BASE_URL", f"http://{host}:9")
        monkeypatch.setenv("OMS_COMPANY_CODE", code)
        return run(*SUBMIT, *more)

    return submit


def test_another_spelling_of_the_address_is_warned_of(
    account: Callable[..., Result],
) -> None:
    account("127.0.0.1", "KJ")
    done = account("localhost", "KJ")

    assert "oms http://localhost:9 KJ and oms http://127.0.0.1:9 KJ differ only in" in done.stderr
    assert any("differ only in" in note for note in json.loads(done.stdout)["notes"])


def test_a_code_in_other_capitals_is_asked_about_once(account: Callable[..., Result]) -> None:
    account("127.0.0.1", "KJ")
    refused = account("127.0.0.1", "kj")
    known = account("127.0.0.1", "kj", "--journal-is-right")
    later = account("127.0.0.1", "kj")

    assert (refused.exit_code, known.exit_code) == (6, later.exit_code)
    assert "differs from oms http://127.0.0.1:9 KJ only in capitals" in refused.stderr
    assert later.exit_code != 6
