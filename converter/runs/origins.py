"""Where each value of an order comes from: a cell, the profile, the product table, the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter.mapping import paths
from converter.mapping.model import FieldSpec
from converter.message import t
from converter.messages import translate
from converter.orders.entries import FieldColumn
from converter.products.table import sku_key
from converter.profiles.sums import is_sum, shown_value
from converter.runs.prepare import Prepared

_LONGEST = 200


def origins(prepared: Prepared, order: int) -> Iterator[dict[str, Any]]:
    """Every value that an order is sent with: path, title, value, and where it comes from."""
    orders = prepared.payloads.orders
    for spec in prepared.mapping.fields:
        group = orders.groups[paths.list_of(spec.path)]
        column = group.fields.get(spec.path)
        for place, entry in enumerate(group.entries_of(order) if column else ()):
            assert column is not None
            value = column.sent(entry)
            if value is None or not spec.sent:
                continue
            head, mark, tail = spec.path.rpartition("[].")
            yield {
                "path": f"{head}[{place}].{tail}" if mark else spec.path,
                "title": spec.title.get(prepared.lang),
                "value": str(value)[:_LONGEST],
                "from": translate(_origin(prepared, spec, column, entry), prepared.lang),
            }


def _origin(prepared: Prepared, spec: FieldSpec, column: FieldColumn, entry: int) -> str:
    table, line = prepared.table, int(column.rows[entry])
    if line >= 0 and table.is_filled(spec.path, line) and prepared.products:
        key = sku_key(table.text_at(table.cell(spec.path, line)))
        if key in prepared.products.lines and spec.path in prepared.products.table.columns:
            return prepared.products.place(key, spec.path)
        return prepared.products.file.name  # the currency in the title of its price
    if line >= 0 and spec.path in table.columns:
        return str(table.cell(spec.path, line))
    fixed = prepared.profile.fixed.get(spec.path)
    if fixed is None:
        return t("the mapping")
    if is_sum(fixed):
        words = shown_value(fixed, spec, prepared.mapping, prepared.lang)
        return t("profile '{name}': {value}", name=prepared.profile.name, value=words)
    return t("profile '{name}'", name=prepared.profile.name)
