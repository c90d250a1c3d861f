"""Reading a product table: its titles are those of the mapping's items, its key is the SKU."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from converter import layout
from converter import sheet as reading
from converter.errors import SheetError, UsageError
from converter.layout.table import Table
from converter.layout.titles import Titles
from converter.mapping import paths
from converter.mapping.model import FieldSpec, OrderList, ProviderMapping
from converter.message import N_, enumerate_some, t
from converter.text import clean, fold

_SKU = "items.sku"
_OF_THE_ORDER = frozenset(
    ("items.quantity", "items.note", "items.box", "items.offer", "items.supplier")
)
"""What is another thing in each order, and never taken from a product table."""
_SKU_TITLE = re.compile(r"\bsku\b", re.IGNORECASE)
_NOT_OF_PRODUCTS = {
    "required": False, "default": None, "fallback": None, "copies": None, "only_of": None,
    "default_if_single": None, "spill": None, "when": None, "form": None, "file": None,
}  # fmt: skip


@dataclass(frozen=True)
class ProductTable:
    """The products of a file."""

    file: Path
    sku: str
    """The path of the field that is the SKU."""
    table: Table
    currencies: tuple[str, ...]
    """The paths of currencies that titles of amounts name."""
    lines: Mapping[str, int]
    """By SKU, as `sku_key` makes it: the place of its line in the table."""

    @property
    def fields(self) -> list[str]:
        """The paths of the fields that it has a column for, without the SKU."""
        return [path for path in self.table.columns if path != self.sku]

    @property
    def provided(self) -> set[str]:
        """The paths of the fields that it can fill."""
        return {*self.fields, *self.currencies}

    def place(self, sku: str, path: str) -> str:
        """Where a product's value stands in its file: `products.xlsx, C7`."""
        line = int(self.table.lines[self.lines[sku]])
        cell = self.table.cell(path, line)
        return f"{self.file.name}, {cell.column}{cell.row}"

    def row(self, sku: str) -> int:
        return self.table.cell(self.sku, int(self.table.lines[self.lines[sku]])).row


def sku_key(text: str) -> str:
    """An SKU for comparing: a code, whatever its case and width; zeros count."""
    return fold(clean(text))


def read_products(file: Path, mapping: ProviderMapping) -> ProductTable:
    """The product table in a file.

    Raises UsageError or SheetError where it cannot be read, or has two products of one SKU.
    """
    if not file.is_file():
        problem = N_("There is no product table {file}. Check the name and the folder.")
        raise UsageError(t(problem, file=file))
    sku = sku_field(mapping)
    if sku is None:
        problem = N_("{provider} has items without an SKU, so a product table is of no use there.")
        raise UsageError(t(problem, provider=mapping.provider))
    own = _of_products(mapping, sku)
    sheets = reading.read(file, known=Titles(own).is_known)
    table = layout.find_table(sheets, own, file, hidden="include")
    named = [own.field(path).currency for path, column in table.columns.items() if column.currency]
    currencies = tuple(path for path in named if path and not path.isupper())
    return ProductTable(file, sku.path, table, currencies, _lines(table, sku.path, file))


def sku_field(mapping: ProviderMapping) -> FieldSpec | None:
    """The field of a list that is the item's SKU."""
    listed = [spec for spec in mapping.fields if paths.list_of(spec.path) and spec.has_column]
    found = [spec for spec in listed if spec.is_ == _SKU]
    found = found or [spec for spec in listed if _SKU_TITLE.search(spec.title.en)]
    return found[0] if found else None


def _of_products(mapping: ProviderMapping, sku: FieldSpec) -> ProviderMapping:
    """The mapping as that of a sheet with one product in each row."""
    inside = paths.list_of(sku.path)
    fields = [
        spec.model_copy(update=_NOT_OF_PRODUCTS)
        for spec in mapping.fields
        if paths.list_of(spec.path) == inside
        and spec.has_column
        and spec.file is None
        and spec.copies is None
        and spec.is_ not in _OF_THE_ORDER
    ]
    known = {spec.path for spec in fields}
    ask = {
        title: kept
        for title, meanings in mapping.ask.items()
        if len(kept := tuple(path for path in meanings if path in known)) > 1
    }
    alone: dict[str, list[str]] = {}  # titles with one meaning among the fields of a product
    for title, meanings in mapping.ask.items():
        if len(own := [path for path in meanings if path in known]) == 1:
            alone.setdefault(own[0], []).append(title)
    fields = [
        spec.model_copy(update={"aliases": (*spec.aliases, *alone.get(spec.path, ()))})
        for spec in fields
    ]
    order = mapping.order.model_copy(
        update={
            "reference": sku.path,
            "lists": {inside: OrderList()},
            "objects": {},
            "split": None,
            "group_by": (),
        }
    )
    return mapping.model_copy(
        update={
            "fields": tuple(fields),
            "order": order,
            "ask": ask,
            "cut_cells": (),
            "rules": (),
        }
    )


def _lines(table: Table, sku: str, file: Path) -> dict[str, int]:
    """By SKU the place of its line. Raises SheetError where two rows of one SKU differ."""
    codes, texts = table.codes(sku)
    keys = [sku_key(text) for text in texts]
    found: dict[str, int] = {}
    differing: list[str] = []
    for at, code in enumerate(codes.tolist()):
        if code < 0:
            continue
        first = found.setdefault(keys[code], at)
        if first != at and _texts(table, first, sku) != _texts(table, at, sku):
            rows = [table.cell(sku, int(table.lines[place])).row for place in (first, at)]
            differing.append(f"{texts[code].strip()} ({rows[0]}, {rows[1]})")
    if differing:
        raise SheetError(
            t(
                "two rows of one SKU have different data: {skus}",
                skus=enumerate_some(differing),
            ),
            where=file,
            remedy=t("Correct or delete one of each two rows."),
            code="PRODUCT_TWICE",
        )
    return found


def _texts(table: Table, at: int, sku: str) -> list[str]:
    found = []
    for path in table.columns:
        if path != sku:
            codes, texts = table.codes(path)
            found.append(texts[codes[at]].strip() if codes[at] >= 0 else "")
    return found
