"""Blank cells of items filled from a product table, and issues that name its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from converter.layout.table import Fill, Integers, Table
from converter.mapping import standards
from converter.mapping.model import ProviderMapping
from converter.message import Multilingual, enumerate_some, t
from converter.model import Cell, Issue
from converter.products.table import ProductTable, sku_key
from converter.text import clean, fold

_BLANK = frozenset(("required", "required_when", "column_required", "column_required_when"))
"""Codes of issues with a blank cell."""


@dataclass(frozen=True)
class Filled:
    """An order table with what a product table adds to it."""

    table: Table
    products: ProductTable
    mapping: ProviderMapping
    notes: tuple[str, ...] = ()


def fill(
    table: Table,
    products: ProductTable,
    mapping: ProviderMapping,
    fixed: Mapping[str, str],
) -> Filled:
    """Fill the blank cells of items whose SKU the product table has.

    A typed cell wins, and so does a `fixed` value.
    """
    found = _products_of_lines(table, products)
    fills: dict[str, Fill] = {}
    for path in products.fields:
        if path not in fixed:
            codes, texts = products.table.codes(path)
            factors = products.table.factors(path) or [Decimal(1)] * len(texts)
            spec = mapping.field(path)
            title = f"{spec.title.zh}\n{spec.title.en}"
            own = np.where(found >= 0, np.append(codes, -1)[found], -1)
            fills[path] = Fill(own, texts, factors, title, products.sku)
    fills, issues, unnamed = _with_currencies(table, products, mapping, fixed, fills)
    notes = [_note(table, products, mapping, fills, found)]
    notes += [t("{table}: {note}", table=products.file.name, note=n) for n in products.table.notes]
    if unnamed:
        template = t(
            "The prices in {table} name no currency: that of the order counts.",
            table=products.file.name,
        )
        notes.append(template)
    table = replace(table, fills=fills, issues=(*table.issues, *issues))
    return Filled(table, products, mapping, tuple(notes))


def _products_of_lines(table: Table, products: ProductTable) -> Integers:
    """For every line of the order table the place of its product; -1 where there is none."""
    codes, texts = table.codes(products.sku)
    places = [products.lines.get(sku_key(text), -1) for text in texts]
    return np.array([*places, -1])[codes]


def _note(
    table: Table,
    products: ProductTable,
    mapping: ProviderMapping,
    fills: Mapping[str, Fill],
    found: Integers,
) -> str:
    """What was filled, said once."""
    cells = 0
    titles = []
    for path, one in fills.items():
        count = int(((table.codes(path)[0] < 0) & (one.codes >= 0)).sum())
        if count:
            cells += count
            title = mapping.field(path).title
            titles.append(Multilingual(title.en, zh=title.zh))
    lines = table.codes(products.sku)[0] >= 0
    return t(
        "{cells} values of {items} items come from {table}: {fields}.",
        cells=cells,
        items=int((lines & (found >= 0)).sum()),
        table=products.file.name,
        fields=enumerate_some(titles) if titles else "-",
    )


# -- currencies ----------------------------------------------------------------------------------


def _with_currencies(
    table: Table,
    products: ProductTable,
    mapping: ProviderMapping,
    fixed: Mapping[str, str],
    fills: Mapping[str, Fill],
) -> tuple[dict[str, Fill], list[Issue], bool]:
    """The currency of a filled price is that of the table, and nothing in the sheet may differ.

    Returns the fills with these currencies, issues, and whether a price has none.
    """
    made = dict(fills)
    issues: list[Issue] = []
    unnamed = False
    for path in fills:
        spec = mapping.field(path)
        if not spec.currency:
            continue
        priced = (table.codes(path)[0] < 0) & (fills[path].codes >= 0)
        named = _currencies(products, path, spec.currency, len(table.lines), table)
        unnamed |= bool((priced & (np.array([not word for word in named]))).any())
        target = spec.currency
        if target.isupper():
            issues += _contradicted(table, products, path, priced, named, [target] * len(named))
            continue
        own_codes, own_texts = table.codes(target)
        stated = [own_texts[code] if code >= 0 else fixed.get(target, "") for code in own_codes]
        issues += _contradicted(table, products, path, priced, named, stated)
        words = list(dict.fromkeys(filter(None, named)))
        index = {word: place for place, word in enumerate(words)}
        codes = np.array([index.get(word, -1) for word in named])
        title = mapping.field(target).title
        wanted = np.where(priced, codes, -1)
        if target not in fixed and target in products.provided:
            both = f"{title.zh}\n{title.en}"
            made[target] = Fill(wanted, words, [Decimal(1)] * len(words), both, products.sku)
        elif target in made:
            del made[target]
    return made, issues, unnamed


def _currencies(
    products: ProductTable, path: str, target: str, count: int, table: Table
) -> list[str]:
    """For every line the currency that the product table names for its price."""
    named = next((c.currency for c in products.table.columns_of(path) if c.currency), "")
    if target in products.table.columns:
        found = _products_of_lines(table, products)
        codes, texts = products.table.codes(target)
        own = np.append(codes, -1)[found]
        return [texts[code] if code >= 0 else named for code in own.tolist()]
    return [named] * count


def _contradicted(
    table: Table,
    products: ProductTable,
    path: str,
    priced: Collection[bool],
    named: Sequence[str],
    stated: Sequence[str],
) -> Iterator[Issue]:
    """Lines whose price from the table is in another currency than the sheet states."""
    for line, is_priced, ours, theirs in zip(
        table.lines.tolist(), priced, named, stated, strict=True
    ):
        if is_priced and ours and theirs and _code(ours) != _code(theirs):
            cell, title = table.cell(products.sku, line), table.title(products.sku, line)
            facts = {"currency": _code(ours), "found": _code(theirs), "table": products.file.name}
            yield Issue(cell, path, title, "product_currency", facts)


def _code(word: str) -> str:
    return standards.currencies().get(fold(clean(word)), clean(word))


# -- issues --------------------------------------------------------------------------------------


def placed(issues: Iterable[Issue], filled: Filled) -> Iterator[Issue]:
    """The issues, those with fields of products naming the product table and its row.

    Blank fields of one item whose SKU is not in the table are one issue.
    """
    unknown: dict[Cell, list[str]] = {}
    products = filled.products
    for issue in issues:
        if issue.field not in filled.table.fills or not _is_of_item(issue, filled):
            yield issue
            continue
        sku = filled.table.text_at(issue.cell)
        key = sku_key(sku)
        if not key:
            # Without an SKU the others only follow, once the SKU itself is asked for.
            if issue.code not in _BLANK or not filled.mapping.field(products.sku).required:
                yield issue
            continue
        title = filled.mapping.field(issue.field).title
        shown = Multilingual(title.en, zh=title.zh)
        if key not in products.lines:
            if issue.code in _BLANK:
                unknown.setdefault(issue.cell, []).append(shown)
            else:
                yield issue
        elif issue.code in _BLANK:
            facts = {"field": shown, "table": products.file.name, "row": str(products.row(key))}
            yield replace(issue, title=_title_of(filled), code="product_blank", facts=facts)
        else:
            place = products.place(key, issue.field)
            yield replace(issue, title=t("{field} ({place})", field=shown, place=place))
    for cell, titles in unknown.items():
        facts = {"found": repr(filled.table.text_at(cell).strip()), "table": products.file.name,
                 "fields": enumerate_some(titles)}  # fmt: skip
        yield Issue(
            cell, products.sku, _title_of(filled), "product_unknown", facts,
            value=filled.table.text_at(cell),
        )  # fmt: skip


def _title_of(filled: Filled) -> str:
    return " ".join(filled.table.columns[filled.products.sku].title.split())


def _is_of_item(issue: Issue, filled: Filled) -> bool:
    """Whether an issue stands at an item's SKU, because its field has no cell of its own."""
    return any(
        part.sheet.name == issue.cell.sheet
        and filled.products.sku in part.columns
        and part.columns[filled.products.sku].letter == issue.cell.column
        for part in filled.table.parts
    )
