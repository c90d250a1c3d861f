"""Fixtures for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reliability.starter import Starter


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    """Starts the program as a separate process, without the second that imports take."""
    with Starter() as running:
        yield running
