"""Group orders into batches: the orders of one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.mapping.model import ProviderMapping
from converter.model import Order


def batches(orders: Iterable[Order], mapping: ProviderMapping) -> Iterator[tuple[Order, ...]]:
    """Group orders into requests of as many as the provider takes, by number and by size."""
    batch: list[Order] = []
    size = 0
    for order in orders:
        length = len(order.json) if mapping.request.orders_per_request > 1 else 0
        full = len(batch) >= mapping.request.orders_per_request
        if batch and (full or size + length > mapping.request.bytes_per_request):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(order)
        size += length
    if batch:
        yield tuple(batch)
