"""Example orders for an order sheet: made from the mapping's own examples, or read from a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from converter.mapping import paths
from converter.mapping.model import ProviderMapping, word_for
from converter.mapping.shipped import shipped_folder
from converter.sheet_template.columns import TemplateColumn, columns_of

Row = Mapping[str, str]
"""One row of an order sheet: texts by field path."""


def made(mapping: ProviderMapping) -> list[Row]:
    """Two orders in three rows: required fields, filled with the mapping's own examples."""
    columns = columns_of(mapping)
    wanted = {column.spec.path for column in columns if column.need != "no"}
    wanted |= {mapping.field(shape.key).path for shape in mapping.order.lists.values() if shape.key}
    skipped = {
        name
        for name, shape in mapping.order.lists.items()
        if not _is_shown(shape.required, shape.key)
    }
    for rule in mapping.rules:
        choices = [path for path in rule.any_of if not rule.when]
        if choices and not any(mapping.field(path).path in wanted for path in choices):
            wanted.add(mapping.field(choices[0]).path)
    first = {
        column.spec.path: _sample(column)
        for column in columns
        if column.spec.path in wanted and paths.list_of(column.spec.path) not in skipped
    }
    reference = mapping.order.reference
    second = {**first, reference: _next(first[reference])}
    return [first, second, {path: second[path] for path in second if _repeats(path, mapping)}]


def _is_shown(required: bool, key: str | None) -> bool:
    """Whether a list appears in the example: boxes do, attachments and the like do not."""
    return required or key is not None


def _repeats(path: str, mapping: ProviderMapping) -> bool:
    """Whether the second row of an order repeats a field: its items, the reference and its box."""
    shape = mapping.order.lists.get(paths.list_of(path))
    return (
        path == mapping.order.reference
        or (shape is not None and shape.key is None)
        or (shape is not None and path == mapping.field(shape.key or path).path)
    )


def _sample(column: TemplateColumn) -> str:
    spec = column.spec
    if spec.choices:
        for sent, spellings in spec.choices.items():
            if spec.example in (sent, *spellings):
                return word_for(spellings, sent, "zh")
        return spec.not_sent[0] if spec.example in spec.not_sent else column.words[0]
    if spec.example is not None:
        return spec.example
    lowest = spec.at_least if spec.at_least is not None else (spec.above or Decimal(0)) + 1
    return {
        "integer": f"{lowest:f}",
        "decimal": f"{lowest:f}",
        "country": "CN",
        "currency": "USD",
        "datetime": "2025-12-01 10:20:00",
    }.get(spec.type, _TEXTS.get(spec.format or "", "ABC"))


_TEXTS = {
    "digits": "13800000000",
    "phone": "13800000000",
    "email": "name@example.com",
    "url": "https://example.com",
    "hex32": "0123456789abcdef" * 2,
    "base64": "QUJD",
}


def _next(reference: str) -> str:
    found = re.fullmatch(r"(.*?)(\d+)", reference)
    if not found:
        return f"{reference}-2"
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}"


def read(path: Path, mapping: ProviderMapping) -> list[Row]:
    """The rows of an example file: CSV in UTF-8, headed by the English titles of fields."""
    known = {spec.title.en: spec.path for spec in mapping.fields if spec.has_column}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {known[title]: text for title, text in row.items() if text}
            for row in csv.DictReader(file, strict=True)
        ]


def shipped_or_made(mapping: ProviderMapping) -> list[Row]:
    """The shipped example orders of a provider, or ones made from a mapping of one's own."""
    path = shipped_folder("templates") / "data" / f"{mapping.provider}.csv"
    return read(path, mapping) if path.is_file() else made(mapping)
