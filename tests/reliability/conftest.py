"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reliability.starter import Starter


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    """Starts the program as a process of its own, without the second that loading takes."""
    with Starter() as running:
        yield running
