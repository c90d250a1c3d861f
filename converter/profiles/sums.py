"""Values of an order that are sums over its items, such as the total weight.

In a profile they stand where a fixed value would: an expression of the mapping language behind a
sign of equality, `=sum(items.quantity * items.weight)`. People see them in the fields' own titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from converter.mapping import formulas, paths, scopes
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.text import fold

SIGN = "="
_WEIGHT = re.compile("weight|重", re.IGNORECASE)
_VALUES = ("parcel.value",)
_PRICES = ("items.declared_price", "items.unit_price")


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum over the items of an order."""

    value: str
    """As a profile keeps it."""
    parts: tuple[FieldSpec, ...]
    """The fields that are multiplied."""

    def words(self, lang: str) -> str:
        """`Σ Quantity × Net weight (kg)`"""
        return "Σ " + " × ".join(spec.title.get(lang) for spec in self.parts)


def is_sum(value: str) -> bool:
    return value.startswith(SIGN)


def expression(value: str) -> str:
    return value.removeprefix(SIGN).strip()


def sums_for(spec: FieldSpec, mapping: ProviderMapping) -> list[Sum]:
    """The sums that a field of the order may be, by what it is."""
    if paths.list_of(spec.path) or spec.type != "decimal":
        return []
    is_weight = spec.is_ == "parcel.weight" or bool(_WEIGHT.search(spec.title.en))
    if not is_weight and spec.is_ not in _VALUES:
        return []
    return list(_sums(mapping, is_weight=is_weight))


def _sums(mapping: ProviderMapping, *, is_weight: bool) -> Iterator[Sum]:
    quantities = [spec for spec in mapping.fields if spec.is_ == "items.quantity"]
    for quantity in quantities[:1]:
        inside = paths.list_of(quantity.path)
        for spec in mapping.fields:
            if paths.list_of(spec.path) != inside or spec.type != "decimal":
                continue
            if is_weight and not _WEIGHT.search(spec.title.en):
                continue
            if not is_weight and spec.is_ not in _PRICES:
                continue
            names = paths.plain(quantity.path), paths.plain(spec.path)
            yield Sum(f"{SIGN}sum({names[0]} * {names[1]})", (quantity, spec))
            if is_weight:
                yield Sum(f"{SIGN}sum({names[1]})", (spec,))


def kept_value(text: str, spec: FieldSpec, mapping: ProviderMapping) -> str:
    """What a profile keeps of a value: for the words of a sum, its expression."""
    for one in sums_for(spec, mapping):
        if fold(text) in {fold(one.words(lang)) for lang in one.parts[0].title.texts}:
            return one.value
    return text


def shown_value(value: str, spec: FieldSpec, mapping: ProviderMapping, lang: str) -> str:
    """A kept value as people read it."""
    found = [one.words(lang) for one in sums_for(spec, mapping) if one.value == value]
    return found[0] if found else value


def fault(value: str, spec: FieldSpec, mapping: ProviderMapping) -> str:
    """What is wrong with the expression of a sum; empty where nothing is."""
    try:
        formula = scopes.resolved(formulas.parse(expression(value)), mapping)
        return next(scopes.faults(formula, paths.list_of(spec.path), mapping), "")
    except ValueError as error:
        return str(error)
