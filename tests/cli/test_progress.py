from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import pytest

from converter.cli import progress
from converter.cli.progress import Meter, Pace

Word = tuple[float, int, int]
"""At so many seconds: so many orders done, of so many."""


def shown(words: Sequence[Word], lang: str = "en") -> list[str]:
    """What a person reads of these words, line by line."""
    said: list[str] = []
    now = iter([seconds for seconds, _, _ in words])
    advance = progress.lines(lang, said.append, lambda: next(now))
    for _, done, total in words:
        advance(done, total)
    return said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([(0, 4, 4)], ["4 of 4 orders done"], id="one answer"),
        pytest.param(
            [(0, 0, 4), (1, 2, 4), (2, 4, 4)],
            ["2 of 4 orders done", "4 of 4 orders done"],
            id="a short run has no rate",
        ),
        pytest.param(
            [(0, 0, 29_855), (30, 12_000, 29_855)],
            ["12,000 of 29,855 orders done, 400 a second, about 45 s left"],
            id="rate and time left",
        ),
        pytest.param(
            [(second, second * 10, 1000) for second in range(10)], [], id="less than a tenth"
        ),
        pytest.param(
            [(second, second, 100) for second in range(0, 101, 4)],
            [
                "12 of 100 orders done, 1.0 a second, about 88 s left",
                "20 of 100 orders done, 1.0 a second, about 80 s left",
                "32 of 100 orders done, 1.0 a second, about 68 s left",
                "40 of 100 orders done, 1.0 a second, about 60 s left",
                "52 of 100 orders done, 1.0 a second, about 48 s left",
                "60 of 100 orders done, 1.0 a second, about 40 s left",
                "72 of 100 orders done, 1.0 a second, about 28 s left",
                "80 of 100 orders done, 1.0 a second, about 20 s left",
                "92 of 100 orders done, 1.0 a second, about 8 s left",
                "100 of 100 orders done, 1.0 a second",
            ],
            id="one line for each tenth",
        ),
        pytest.param(
            [
                (0, 0, 5000),
                (15, 3, 5000),
                (29, 6, 5000),
                (31, 6, 5000),
                (60, 7, 5000),
                (62, 7, 5000),
            ],
            [
                "6 of 5,000 orders done, 0.2 a second, about 7 h 10 min left",
                "7 of 5,000 orders done, 0.1 a second, about 12 h 17 min left",
            ],
            id="half a minute of silence is the most",
        ),
        pytest.param(
            [(0, 0, 9), (31, 0, 9)], ["0 of 9 orders done"], id="no answer has come at all"
        ),
        pytest.param(
            [(0, 500, 1000), (20, 600, 1000)],
            ["500 of 1,000 orders done", "600 of 1,000 orders done, 5.0 a second, about 80 s left"],
            id="what was found before the first request is no rate",
        ),
    ],
)
def test_a_line_is_told(words: Sequence[Word], expected: list[str]) -> None:
    assert shown(words) == expected


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        pytest.param(Pace(2, 4, 1, 2), "已处理 2 / 4 个订单", id="short"),
        pytest.param(
            Pace(12_000, 29_855, 30, 400),
            "已处理 12,000 / 29,855 个订单，每秒 400 个，约剩 45 秒",
            id="seconds",
        ),
        pytest.param(
            Pace(100, 29_855, 60, 10),
            "已处理 100 / 29,855 个订单，每秒 10 个，约剩 50 分钟",
            id="minutes",
        ),
        pytest.param(
            Pace(100, 36_100, 60, 2.5),
            "已处理 100 / 36,100 个订单，每秒 2.5 个，约剩 4 小时 00 分钟",
            id="hours",
        ),
    ],
)
def test_a_pace_in_chinese(pace: Pace, expected: str) -> None:
    assert pace.text("zh") == expected


def test_the_clock_starts_with_the_first_word() -> None:
    now = iter([100.0, 110.0])
    meter = Meter(lambda: next(now))

    assert meter(0, 9) == Pace(0, 9, 0.0, 0.0)
    assert meter(5, 9) == Pace(5, 9, 10.0, 0.5)


def test_a_bar_is_drawn_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    monkeypatch.setattr("sys.stderr", drawn)
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    now = iter([0.0, 20.0])

    with contextlib.ExitStack() as stack:
        advance = progress.bar("en", stack, lambda: next(now))
        advance(0, 1000)
        advance(200, 1000)

    assert "200/1000" in drawn.getvalue()
    assert "10 a second, about 80 s left" in drawn.getvalue()
