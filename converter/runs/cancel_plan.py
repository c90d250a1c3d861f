"""What is about to be cancelled, for a person to agree to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from converter.journal import OrderRecord, numbers_of
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.model import Payload
from converter.runs.proposal import begin
from converter.settings import Settings

_PRICES = ("items.declared_price", "items.unit_price")


@dataclass(frozen=True, slots=True)
class ToCancel:
    """One order that is to be cancelled."""

    reference: str
    numbers: tuple[str, ...]
    """Under which of the provider's numbers; one that is empty where the reference is named."""
    provider_order_no: str
    country: str = ""
    amount: str = ""
    """What it is worth, with the currency where that is known; empty where nothing tells."""


@dataclass(frozen=True, slots=True)
class CancelPlan:
    """All orders that are to be cancelled, and where."""

    orders: tuple[ToCancel, ...]
    provider: str
    account: str
    address: str

    @classmethod
    def of(
        cls, mapping: ProviderMapping, values: Settings, orders: Sequence[ToCancel]
    ) -> CancelPlan:
        told = begin(mapping, values, "")
        return cls(tuple(orders), told.provider, told.account, told.address)


def to_cancel(
    mapping: ProviderMapping, known: OrderRecord, payload: Payload, number: str
) -> ToCancel:
    """What a person has to see of an order before it is cancelled; `number` is empty where it is
    cancelled by its reference."""
    numbers = tuple(numbers_of(number)) or ("",)
    fields = {spec.is_: spec.path for spec in mapping.fields if spec.is_}
    country = _values(payload, fields.get("receiver.country", ""))
    return ToCancel(
        known.reference, numbers, number or known.provider_order_no,
        str(country[0]) if country else "", _amount(known, payload, fields),
    )  # fmt: skip


def _amount(known: OrderRecord, payload: Payload, fields: dict[str, str]) -> str:
    """What the provider says that it costs, else the sum of what its goods are worth."""
    if told := known.outputs.get("amount"):
        return told
    counts = _values(payload, fields.get("items.quantity", ""))
    given = (_values(payload, fields.get(name, "")) for name in _PRICES)
    prices = next(filter(None, given), [])
    if not prices or len(prices) != len(counts):
        return ""
    try:
        pairs = zip(prices, counts, strict=True)
        total = sum((Decimal(str(one)) * Decimal(str(many)) for one, many in pairs), Decimal())
    except ArithmeticError:
        return ""
    currencies = dict.fromkeys(map(str, _values(payload, fields.get("items.currency", ""))))
    return f"{total:f} {next(iter(currencies))}" if len(currencies) == 1 else f"{total:f}"


def _values(payload: Any, path: str) -> list[Any]:
    """Every value of a payload at a path."""
    if not path:
        return []
    found: list[Any] = [payload]
    for key in paths.plain(path).split("."):
        found = [one[key] for one in found if isinstance(one, dict) and one.get(key) is not None]
        found = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
    return found
