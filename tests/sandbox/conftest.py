from __future__ import annotations

from collections.abc import Iterator

import pytest

from converter import sandbox
from converter.sandbox.server import Running
from tests.sandbox.requests import (
    STALL_SECONDS,
    Desk,
    _count,
)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox.serve(stall_seconds=STALL_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def desk(running: Running) -> Iterator[Desk]:
    desk = Desk(running)
    with desk.http:
        yield desk


@pytest.fixture
def reference() -> str:
    """A reference that no other test uses, because all tests share a book."""
    return f"PO-{next(_count)}"
