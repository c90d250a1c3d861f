from __future__ import annotations

from email.utils import formatdate
from time import time

import pytest

from converter.model import Outcome, Status
from tests.provider.replies import (
    NO,
    ONE_SELLER,
    PROVIDERS,
    UNPROVEN,
    YES,
    A,
    N,
    R,
    U,
    judge,
    statuses,
)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [200, 201, 202, 207, 299])
def test_the_body_decides_when_http_says_well(provider: str, status: int) -> None:
    assert statuses(judge(provider, YES[provider], status=status)) == [A]
    assert statuses(judge(provider, NO[provider], status=status, payload=ONE_SELLER)) == [R]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [0, 100, 199, 408, 409, 499, 500, 502, 503, 504, 529, 599, 999])
def test_a_status_that_settles_nothing(provider: str, status: int) -> None:
    for answer in (YES[provider], NO[provider], b"<html>Bad Gateway</html>", b""):
        found = judge(provider, answer, status=status)

        assert statuses(found) == [U]
        assert (found.stop, found.not_processed) == ("", False)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308])
def test_a_redirect_settles_nothing_and_stops_the_run(provider: str, status: int) -> None:
    found = judge(provider, b"", status=status, location="https://elsewhere.example")

    assert statuses(found) == [U]
    reason = f"The provider answered with a redirect (HTTP {status}), which is not followed."
    assert found.stop == reason


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_stop_the_run(provider: str, status: int) -> None:
    found = judge(provider, b"<html>no</html>", ["R1", "R2"], status=status)

    assert statuses(found) == [N, N]
    assert found.stop == f"The provider refused the credentials (HTTP {status})."


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [425, 429])
def test_a_busy_provider_has_not_looked_at_the_request(provider: str, status: int) -> None:
    found = judge(provider, b"slow down", ["R1", "R2"], status=status, retry_after="7")

    assert statuses(found) == [N, N]
    assert (found.not_processed, found.retry_after, found.stop) == (True, 7.0, "")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422])
def test_a_refused_request_of_one_order(provider: str, status: int) -> None:
    found = judge(provider, b"<html>no</html>", status=status)

    said = f"The provider refused the request (HTTP {status})."
    assert found.outcomes == (Outcome(R, said, flags=UNPROVEN),)


@pytest.mark.parametrize(
    ("provider", "status", "expected"),
    [
        pytest.param("scexpress", 400, U, id="SC-Express says nothing of it"),
        pytest.param("oms", 400, R, id="the mapping says so"),
        pytest.param("oms", 402, U, id="a status that the mapping does not name"),
    ],
)
def test_a_refused_request_of_several_orders(provider: str, status: int, expected: Status) -> None:
    assert statuses(judge(provider, {}, ["R1", "R2"], status=status)) == [expected, expected]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 425, 429])
def test_a_refusal_that_names_created_orders_settles_nothing(provider: str, status: int) -> None:
    found = judge(provider, YES[provider], status=status)

    said = f"The provider answered HTTP {status}, yet its answer says that orders were created."
    assert found.outcomes == (Outcome(U, said),)


def test_a_refusal_over_http_gives_the_providers_own_reason() -> None:
    found = judge("apicenter", {"code": 422, "message": "no such SKU"}, status=422)

    assert found.outcomes == (Outcome(R, "422 no such SKU", flags=UNPROVEN),)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param(" 7 ", 7.0, id="seconds with blanks"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 0.0, id="a date that has passed"),
        pytest.param("", None, id="nothing"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="below zero"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("nan", None, id="no number"),
        pytest.param("\u00b2", None, id="a superscript, which Python calls a digit"),
        pytest.param("Mon, 99 Foo 0000 99:99:99", None, id="no date"),
    ],
)
def test_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert judge("oms", b"", status=429, retry_after=header).retry_after == seconds


def test_how_long_to_wait_as_a_date() -> None:
    wait = judge("oms", b"", status=429, retry_after=formatdate(time() + 90)).retry_after

    assert wait is not None
    assert 85 < wait < 95
