"""Group orders into batches: the orders of one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from converter.mapping import paths
from converter.mapping.call_texts import shared_paths
from converter.mapping.model import ProviderMapping
from converter.model import Order


def batches(orders: Iterable[Order], mapping: ProviderMapping) -> Iterator[tuple[Order, ...]]:
    """Group orders into requests of as many as the provider takes, by number and by size.

    Orders that differ in what a request has only once, such as a warehouse, travel apart.
    """
    batch: list[Order] = []
    size = 0
    shared = sorted(shared_paths(mapping.request))
    common: list[Any] = []
    for order in orders:
        values = [paths.value_at(order.payload, path) for path in shared] if shared else []
        length = len(order.json) if mapping.request.orders_per_request > 1 else 0
        full = len(batch) >= mapping.request.orders_per_request
        if batch and (
            full or values != common or size + length > mapping.request.bytes_per_request
        ):
            yield tuple(batch)
            batch, size = [], 0
        common = values
        batch.append(order)
        size += length
    if batch:
        yield tuple(batch)
