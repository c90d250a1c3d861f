from __future__ import annotations

import math

import pytest

from converter.sending.retry import RetryPolicy


def highest(_: float, high: float) -> float:
    return high


@pytest.mark.parametrize(
    ("tries", "retry_after", "expected"),
    [
        pytest.param(1, None, 2.0, id="first"),
        pytest.param(2, None, 4.0, id="twice as long each time"),
        pytest.param(4, None, 16.0, id="fourth"),
        pytest.param(5, None, None, id="five tries are enough"),
        pytest.param(1, 7.0, 7.0, id="as the provider asks"),
        pytest.param(1, 0.0, 0.0, id="at once, as the provider asks"),
        pytest.param(1, 900.0, 900.0, id="as long as is allowed"),
        pytest.param(1, 901.0, 900.0, id="no longer than that"),
        pytest.param(1, -1.0, 2.0, id="a negative time is no request"),
        pytest.param(1, math.nan, 2.0, id="nor is NaN"),
        pytest.param(5, 7.0, None, id="five tries, whatever the provider asks"),
    ],
)
def test_pause_before_the_next_try(
    tries: int, retry_after: float | None, expected: float | None
) -> None:
    assert RetryPolicy().pause(tries, 0, retry_after, highest) == expected


def test_a_pause_is_never_longer_than_the_longest() -> None:
    assert RetryPolicy(tries=99).pause(40, 0, None, highest) == 60


def test_a_pause_is_drawn_from_one_second_upwards() -> None:
    assert RetryPolicy().pause(3, 0, None, lambda low, _: low) == 1


@pytest.mark.parametrize(
    ("paused", "expected"),
    [
        pytest.param(893.0, 7.0, id="exactly 15 minutes"),
        pytest.param(893.5, None, id="longer"),
    ],
)
def test_all_pauses_together_are_limited(paused: float, expected: float | None) -> None:
    assert RetryPolicy().pause(1, paused, 7.0, highest) == expected


def test_three_doubts_in_a_row_are_hopeless() -> None:
    assert [RetryPolicy().is_hopeless(doubts) for doubts in range(5)] == [
        False, False, False, True, True,
    ]  # fmt: skip
