"""The lines that a provider did not make of an order, sent as a new order under a new reference."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from converter import lines
from converter.journal import OrderRecord
from converter.mapping.model import ProviderMapping
from converter.model import NOT_MADE, Order, Payload, Status
from converter.orders.lazy import LazyOrder, Made

SUFFIX = "-R1"
"""Of the reference under which the missing lines of an order are sent."""


def reference_of_rest(reference: str) -> str:
    """The reference under which the missing lines of an order are sent."""
    return f"{reference}{SUFFIX}"


def remainders(
    mapping: ProviderMapping,
    orders: Collection[LazyOrder],
    known: Mapping[str, OrderRecord],
) -> Iterator[LazyOrder]:
    """An order for the missing lines of each of the orders that were made in part."""
    taken = {order.reference for order in orders}
    spec = mapping.response.lines
    for order in orders:
        record = known.get(order.reference)
        if spec is None or record is None or record.status is not Status.PARTIAL:
            continue
        missing = lines.from_text(record.outputs.get(NOT_MADE, ""))
        name = reference_of_rest(order.reference)
        payload = _only(order.payload, spec.list, missing)
        if payload is not None and name not in taken:
            made = _renamed(payload, order.reference, name)
            yield Made(Order(name, name, made, order.rows)).lazy()


def _only(payload: Payload, path: str, missing: list[lines.Keys]) -> Payload | None:
    """The payload with the missing lines alone; None where it has none of them, or no others."""
    kept = [line for line in payload.get(path) or [] if lines.is_among(line, missing)]
    return {**payload, path: kept} if 0 < len(kept) < len(payload[path]) else None


def _renamed(payload: Payload, old: str, new: str) -> Payload:
    """The payload with another reference, wherever its texts name it."""
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")

    def changed(value: Any) -> Any:
        return word.sub(lambda _: new, value) if isinstance(value, str) else value

    return {name: changed(value) for name, value in payload.items()}
