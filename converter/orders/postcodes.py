"""Postcodes that seem to have lost leading zeros, which Excel strips from numbers."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping import paths
from converter.model import Issue
from converter.orders.grouping import Orders
from converter.text import quote

DIGITS = {
    **dict.fromkeys(("DE", "ES", "FI", "FR", "IT", "KR", "MX", "MY", "SA", "TH", "TR", "UA"), 5),
    **dict.fromkeys(("US",), 5),
    **dict.fromkeys(("CN", "IN", "KZ", "RU", "SG"), 6),
    **dict.fromkeys(("JP",), 7),
}
"""The number of digits of a postcode, in countries where it is fixed and all are digits.

Source: the postal addressing systems of the Universal Postal Union.
"""


def short(orders: Orders) -> Iterator[Issue]:
    """Warn of every postcode with fewer digits than its country's have.

    It is never corrected, because the lost digit need not be a leading zero.
    """
    for spec in orders.mapping.fields:
        group = orders.groups[paths.list_of(spec.path)]
        codes = group.fields.get(spec.path)
        countries = group.fields.get(spec.postcode_of or "")
        column = orders.cells.table.columns.get(spec.path)
        if codes is None or countries is None or column is None:
            continue
        pairs = zip(codes.values(), countries.values(), strict=True)
        for entry, (code, country) in enumerate(pairs):
            digits = DIGITS.get(country, 0) if isinstance(country, str) else 0
            if digits and isinstance(code, str) and code.isdigit() and len(code) < digits:
                facts = {"found": quote(code), "digits": str(digits), "country": country}
                cell = orders.cell(spec.path, group, entry)
                title = " ".join(column.title.split())
                yield Issue(cell, spec.path, title, "postcode_short", facts, True)
