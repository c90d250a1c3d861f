"""What became of rows, in a form that tests can compare."""

from __future__ import annotations

from typing import Any

from converter import messages
from converter.orders.grouping import Orders


def name(path: str) -> str:
    return path.rpartition("].")[2].removeprefix("order.")


def shape(orders: Orders, *, sent: bool = False) -> dict[str, dict[str, Any]]:
    """Reference -> the order's values, and a list of entries for each of its lists."""
    made: list[dict[str, Any]] = []
    for path, group in orders.groups.items():
        for entry, owner in enumerate(group.owner):
            values = {
                name(field): (column.sent if sent else column.value)(entry)
                for field, column in group.fields.items()
            }
            filled = {key: value for key, value in values.items() if value is not None}
            if path:
                made[owner].setdefault(path, []).append(filled)
            else:
                made.append(filled)
    return dict(zip(orders.references, made, strict=True))


def messages_of(orders: Orders, lang: str = "en") -> list[str]:
    return [messages.issue(issue, lang) for issue in orders.issues]
