"""Triggers that refuse what a fault in this program would do to the journal."""

from __future__ import annotations

STATE = "UPDATE OF state ON part"


def forbid(name: str, event: str, condition: str, because: str) -> str:
    """A trigger that refuses an event where a condition holds."""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{because}'); END;\n"
    )
