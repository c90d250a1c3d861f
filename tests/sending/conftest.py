from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.journal import Account, Journal, ResendRule, RunStart
from tests.sending.fakes import Run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    account = Account("acme", "http://p.test", {"code": "C1"})
    start = RunStart("acme", "create", "orders.xlsx", "", "", "")
    with Journal.open(
        tmp_path, account, start, resend=ResendRule("A", 0), secrets=["sk-12345"]
    ) as journal:
        yield Run(journal)
