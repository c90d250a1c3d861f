"""Bodies of settled payloads, which are deleted after 30 days; their hashes stay.

Only some are looked at in each transaction: all at once could need more room than a disk has, and
more time than a run.
"""

from __future__ import annotations

import logging
import sqlite3

from converter.journal import store

KEPT_SECONDS = 30 * 24 * 3600
PIECE = 500

_LOG = logging.getLogger(__name__)


def purge(file: store.JournalFile, now: float) -> None:
    """Delete the bodies of the next piece; where the disk is full, that can wait."""
    connection = file.connection
    (start,) = connection.execute("SELECT looked_at FROM account").fetchone()
    found = connection.execute(
        "SELECT payload.id, unixepoch(run.started) < ?2, answered <> '' AND"
        " unixepoch(answered) < ?2 AND state IN ('ACCEPTED', 'REFUSED', 'DUPLICATE', 'INVALID')"
        " FROM payload INDEXED BY payload_kept CROSS JOIN part ON part.id = payload.part"
        " CROSS JOIN run ON run.id = payload.run"
        " WHERE body IS NOT NULL AND payload.id > ?1 ORDER BY payload.id LIMIT ?3",
        (start, now - KEPT_SECONDS, PIECE),
    ).fetchall()
    old = [row for row in found if row[1]]
    is_through = len(old) < PIECE
    end = 0 if is_through else old[-1][0]
    due = [(payload,) for payload, _, is_settled in old if is_settled]
    if not due and end == start:
        return
    try:
        with file.transaction():
            connection.executemany("UPDATE payload SET body = NULL WHERE id = ?", due)
            connection.execute("UPDATE account SET looked_at = ?", (end,))
    except sqlite3.Error as error:
        if not store.is_full(error):
            raise
        _LOG.warning("old payloads cannot be deleted", exc_info=True)
