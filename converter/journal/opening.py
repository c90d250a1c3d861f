"""Open the journal of an account, wherever the journals are kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from converter.journal import places, store
from converter.journal.account import Account


def open_file(
    home: Path, account: Account, *, trust: store.Trust = lambda _: False
) -> AbstractContextManager[store.JournalFile]:
    """Hold an account, open and check its journal, creating it for the first run.

    Raises AccountBusy where another run holds it, JournalError where the journal is gone or older
    than what is known of it, unless `trust` says that it is right nevertheless.
    """
    if on := places.server():
        from converter.journal.shared import open_shared

        return open_shared(home, account, on, trust=trust)
    return store.open_file(home, account, trust=trust)
