"""Times as the journal keeps them."""

from __future__ import annotations

from datetime import datetime


def iso_timestamp(epoch_seconds: float) -> str:
    """Local time with its UTC offset, ISO 8601 to the second."""
    return datetime.fromtimestamp(epoch_seconds).astimezone().isoformat(timespec="seconds")
