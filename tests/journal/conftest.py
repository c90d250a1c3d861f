from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from converter.journal import (
    Account,
    Journal,
    ResendRule,
)
from tests.journal.builders import (
    ACCOUNT,
    RUN,
    FakeClock,
    Opened,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any journal; the journals are files in it, or on a server."""
    if request.param == "postgresql":
        database: str = request.getfixturevalue("database")
        monkeypatch.setenv("CONVERTER_JOURNAL", database)
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path, clock: FakeClock) -> Opened:
    """Opens a new run on the same journal."""

    @contextmanager
    def open_run(
        account: Account = ACCOUNT,
        class_: str = "A",
        settle: float = 900,
        rule: ResendRule | None = None,
        **more: Any,
    ) -> Iterator[Journal]:
        resend = rule or ResendRule(class_, settle)
        with Journal.open(home, account, RUN, resend=resend, clock=clock, **more) as journal:
            yield journal

    return open_run
