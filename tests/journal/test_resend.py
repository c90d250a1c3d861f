"""What settles an order in doubt."""

from __future__ import annotations

import pytest

from converter.journal import ResendRule, Settling


@pytest.mark.parametrize(
    ("class_", "now", "expected"),
    [
        pytest.param("A", 1899, Settling.LATER, id="its request may still arrive"),
        pytest.param("A", 1900, Settling.NOW, id="the settle time is over"),
        pytest.param("U", 1899, Settling.LATER, id="U, its request may still arrive"),
        pytest.param("U", 1900, Settling.NOW, id="U, the settle time is over"),
        pytest.param("C", 1900, Settling.BY_HAND, id="C, what it says may be old"),
        pytest.param("D", 1899, Settling.BY_HAND, id="no promise"),
        pytest.param("D", 1900, Settling.BY_HAND, id="no promise, later"),
    ],
)
def test_a_doubt_is_settled_by_time_or_by_hand(class_: str, now: float, expected: Settling) -> None:
    rule = ResendRule(class_, 900)

    assert rule.settling(rule.settle_until(1000), now) is expected
    assert rule.may_resend(1000, now) is (expected is Settling.NOW)


def test_a_doubt_of_unknown_age_is_settled_now() -> None:
    rule = ResendRule("A", 900)

    assert rule.settle_until(None) is None
    assert rule.settling(None, 0) is Settling.NOW


@pytest.mark.parametrize(
    ("key_seconds", "asks", "now", "may_resend", "must_ask"),
    [
        pytest.param(None, False, 1e9, True, False, id="known for ever"),
        pytest.param(1000, False, 1799, True, False, id="known"),
        pytest.param(1000, False, 1800, False, True, id="perhaps forgotten"),
        pytest.param(1000, False, 999, False, True, id="the clock went back"),
        pytest.param(1000, True, 1800, False, True, id="asked, but still settling"),
        pytest.param(1000, True, 1900, True, True, id="asked"),
    ],
)
def test_a_key_is_relied_on_as_long_as_it_is_known(
    key_seconds: float | None, asks: bool, now: float, may_resend: bool, must_ask: bool
) -> None:
    rule = ResendRule("B", 900, key_seconds=key_seconds, asks=asks)

    assert rule.may_resend(1000, now, 1000) is may_resend
    assert rule.must_ask(1000, now) is must_ask


def test_a_provider_that_can_be_asked_is_asked_first() -> None:
    rule = ResendRule("C", 900, asks=True)

    assert rule.settling(1900, 1900) is Settling.NOW
    assert rule.may_resend(1000, 1900, 1000)
    assert rule.must_ask(1000, 1900)


@pytest.mark.parametrize(
    ("now", "is_whole", "asks", "expected"),
    [
        pytest.param(1799, True, False, Settling.NOW, id="known"),
        pytest.param(1799, False, False, Settling.REQUEST_DIVIDED, id="others have an answer"),
        pytest.param(1800, True, False, Settling.KEY_FORGOTTEN, id="perhaps forgotten"),
        pytest.param(1800, True, True, Settling.LATER, id="asked, but still settling"),
        pytest.param(1900, False, True, Settling.NOW, id="asked"),
    ],
)
def test_what_settles_a_request_with_a_key(
    now: float, is_whole: bool, asks: bool, expected: Settling
) -> None:
    rule = ResendRule("B", 900, key_seconds=1000, asks=asks)

    assert rule.settling(1900, now, first_sent=1000, is_whole=is_whole) is expected
