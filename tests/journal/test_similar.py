"""Accounts that may be one, written in two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.journal import Account, Journal, ResendRule, similar_accounts
from tests.journal.builders import RUN, FakeClock

URL = "http://127.0.0.1:8080/api"


def used(home: Path, clock: FakeClock, account: Account) -> None:
    with Journal.open(home, account, RUN, resend=ResendRule("D", 0), clock=clock):
        pass


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(Account("acme", URL, {"code": "C1"}), [], id="itself"),
        pytest.param(
            Account("acme", "http://LOCALHOST:8080/API/", {"code": "C1"}), [False], id="address"
        ),
        pytest.param(Account("copied", URL, {"code": "C1"}), [False], id="copied mapping"),
        pytest.param(Account("acme", URL, {"code": "c1 "}), [True], id="capitals of a code"),
        pytest.param(Account("acme", URL, {"code": "C2"}), [], id="another code"),
        pytest.param(Account("acme", "http://127.0.0.1:8081/api", {"code": "C1"}), [], id="port"),
        pytest.param(Account("acme", URL, {"code": "C1"}, sandbox=True), [], id="sandbox"),
    ],
)
def test_accounts_that_may_be_the_same_are_found(
    home: Path, clock: FakeClock, other: Account, found: list[bool]
) -> None:
    used(home, clock, other)

    made = similar_accounts(home, Account("acme", URL, {"code": "C1"}))

    assert [one.differs_in_case for one in made] == found


def test_usual_ports_may_be_left_out(home: Path, clock: FakeClock) -> None:
    used(home, clock, Account("acme", "https://api.acme.test:443", {}))

    (made,) = similar_accounts(home, Account("copy", "https://API.acme.test/", {}))

    assert made.name == "acme https://api.acme.test"
