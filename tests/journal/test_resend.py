"""What settles an order in doubt."""

from __future__ import annotations

import pytest

from converter.journal import ResendRule, Settling


@pytest.mark.parametrize(
    ("class_", "now", "expected"),
    [
        pytest.param("A", 1899, Settling.LATER, id="its request may still arrive"),
        pytest.param("A", 1900, Settling.NOW, id="the settle time is over"),
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
