"""Expressions worked out exactly, held against a straightforward evaluation of one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.checks import codes
from converter.checks.evaluate import Fault, evaluate, plain
from converter.checks.values import BAD
from converter.mapping.expressions import Path
from converter.mapping.formulas import (
    Expression,
    Formula,
    Line,
    Setting,
    parse,
    parse_template,
    with_paths,
)


@dataclass(frozen=True)
class Sample:
    """Orders as nested dicts: `items` in an order, `subs` in an item."""

    orders: Sequence[dict[str, Any]]

    nesting: ClassVar = {"items": "", "items[].subs": "items"}

    def _entries(self, path: str) -> list[tuple[list[int], dict[str, Any]]]:
        found = [([at], order) for at, order in enumerate(self.orders)]
        for name in {"": (), "items": ("items",), "items[].subs": ("items", "subs")}[path]:
            outer_places = {id(entry): at for at, (_, entry) in enumerate(found)}
            found = [
                ([*around, outer_places[id(outer)]], entry)
                for around, outer in found
                for entry in outer[name]
            ]
        return found

    def setting(self, name: str) -> str | None:
        return {"shop": "main"}.get(name)

    def kept(self, path: str) -> list[bool] | None:
        return None if path != "items" or "kept" not in self.orders[0] else self.orders[0]["kept"]

    def size(self, path: str) -> int:
        return len(self._entries(path))

    def column(self, path: str) -> list[Any]:
        head, _, name = path.rpartition("[].")
        return [entry.get(name) for _, entry in self._entries(head)]

    def around(self, inner: str, outer: str) -> list[int]:
        deep = {"": 0, "items": 1, "items[].subs": 2}
        if inner == outer:
            return list(range(self.size(inner)))
        found = []
        for around, _ in self._entries(inner):
            found.append(around[0] if not outer else around[deep[inner]])
        return found


EXACT = {"items.qty": "items[].qty", "items.price": "items[].price", "items.sku": "items[].sku",
         "items.subs.n": "items[].subs[].n", "items.subs": "items[].subs"}  # fmt: skip


def exact(formula: Formula) -> Formula:
    known: dict[str, Expression] = {"line": Line(), "shop": Setting("shop")}
    tree = with_paths(formula.tree, lambda path: known.get(path, Path(EXACT.get(path, path))))
    return Formula(tree, formula.text)


def worked(text: str, order: dict[str, Any], here: str = "") -> list[Any]:
    return evaluate(exact(parse(text)), here, Sample([order]))


ORDER: dict[str, Any] = {
    "freight": Decimal("5.50"), "zero": Decimal(0), "country": "DE", "currency": "EUR",
    "tags": "a; b;;c", "empty": None, "rate": Decimal("0.19"), "phone": "+49 (30) 12", "bad": BAD,
    "items": [
        {"qty": Decimal(2), "price": Decimal("0.10"), "sku": "pen", "subs": [{"n": Decimal(1)}]},
        {"qty": Decimal(3), "price": Decimal("1.25"), "sku": "ink",
         "subs": [{"n": Decimal(4)}, {"n": Decimal(2)}]},
        {"qty": Decimal(1), "price": Decimal(0), "sku": "pen", "subs": []},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(items.qty * items.price) + freight", Decimal("9.45")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("freight * 100", Decimal(550)),
        ("freight / 4", Decimal("1.375")),
        ("round(1 / 3, 4, half_up)", Decimal("0.3333")),
        ("1 / 3", Fault("formula_endless")),
        ("1 / 3 * 3", Decimal(1)),
        ("1 / zero", Fault("formula_zero")),
        ("if(zero = 0, 0, 1 / zero)", Decimal(0)),
        ("zero or 7", Decimal(0)),
        ("empty or 7", Decimal(7)),
        ("empty", None),
        ("empty + empty", None),
        ("freight + empty", Fault("formula_blank")),
        ("shop", "main"),
        ("if(shop = main, 1, 2)", Decimal(1)),
        ("empty * 100", None),
        ("1000 / empty", None),
        ("empty + 1", Fault("formula_blank")),
        ("if(freight, true, false)", True),
        ("if(empty, 'x', null)", None),
        ("number(digits(phone))", Decimal(493012)),
        ("number(country(country, numeric))", Decimal(276)),
        ("number('0')", Decimal(0)),
        ("number(country)", Fault("formula_number", "DE")),
        ("freight + (empty or 0)", Decimal("5.50")),
        ("bad or 7", BAD),
        ("country + 1", Fault("formula_number", "DE")),
        ("count(items)", Decimal(3)),
        ("count(items.subs)", Decimal(3)),
        ("count(distinct(items.sku))", Decimal(2)),
        ("sum(items.subs.n)", Decimal(7)),
        ("join(distinct(items.sku), '+')", "pen+ink"),
        ("join(items.sku, ', ')", "pen, ink, pen"),
        ("first(items.sku)", "pen"),
        ("last(items.qty)", Decimal(1)),
        ("min(items.price)", Decimal(0)),
        ("max(items.qty * items.price)", Decimal("3.75")),
        ("cut(join(items.sku, ''), 4)", "peni"),
        ("round(2.5, 0, half_even)", Decimal(2)),
        ("round(2.5, 0, half_up)", Decimal(3)),
        ("round(-2.5, 0, half_up)", Decimal(-3)),
        ("round(2.41, 1, up)", Decimal("2.5")),
        ("round(-2.49, 1, down)", Decimal("-2.4")),
        ("fixed(freight, 3)", "5.500"),
        ("fixed(1.005, 2)", Fault("formula_decimals", "1.005")),
        ("plain(freight)", "5.5"),
        ("plain(2.0)", "2"),
        ("minor(freight, currency)", Decimal(550)),
        ("minor(500, 'JPY')", Decimal(500)),
        ("minor(1.5, 'KWD')", Decimal(1500)),
        ("minor(1.5, 'JPY')", Fault("formula_decimals", "1.5")),
        ("money(freight, currency)", "5.50"),
        ("money(7, 'JPY')", "7"),
        ("money(7, country)", Fault("formula_currency")),
        ("digits(phone)", "493012"),
        ("upper('ab')", "AB"),
        ("lower(country)", "de"),
        ("split(tags, ';')", ("a", "b", "c")),
        ("pad(7, 3)", "007"),
        ("country(country, alpha3)", "DEU"),
        ("country(country, numeric)", "276"),
        ("country(country, name)", "Germany"),
        ("country(currency, alpha3)", Fault("formula_country", "EUR")),
        ("country != GB", True),
        ("country in [FR, DE] and not empty", True),
        ("empty != GB", False),
        ("freight = 5.5", True),
        ("freight >= 5.51", False),
        ("if(country = DE, 'x', 'y')", "x"),
    ],
)
def test_values_of_an_order(text: str, expected: Any) -> None:
    assert worked(text, ORDER) == [expected]


@pytest.mark.parametrize(
    ("text", "here", "expected"),
    [
        ("items.qty * items.price", "items", [Decimal("0.20"), Decimal("3.75"), Decimal("0.00")]),
        ("line", "items", [Decimal(1), Decimal(2), Decimal(3)]),
        ("line", "items[].subs", [Decimal(1), Decimal(1), Decimal(2)]),
        ("sum(items.subs.n)", "items", [Decimal(1), Decimal(6), Decimal(0)]),
        ("sum(items.qty)", "items", [Decimal(6)] * 3),
        ("items.sku", "items[].subs", ["pen", "ink", "ink"]),
        ("items.subs.n * items.qty + freight", "items[].subs",
         [Decimal("7.50"), Decimal("17.50"), Decimal("11.50")]),
        ("country = DE", "items", [True] * 3),
    ],
)  # fmt: skip
def test_values_of_entries(text: str, here: str, expected: list[Any]) -> None:
    assert worked(text, ORDER, here) == expected


def test_only_the_entries_that_are_sent_count() -> None:
    order = {**ORDER, "kept": [False, True, True]}

    assert worked("sum(items.qty)", order) == [Decimal(4)]
    assert worked("count(items)", order) == [Decimal(2)]
    assert worked("first(items.sku)", order) == ["ink"]
    assert worked("line", order, "items")[1:] == [Decimal(1), Decimal(2)]


@pytest.mark.parametrize(
    "text",
    [
        "split(tags, ';') + 1",
        "upper(split(tags, ';'))",
        "split(tags, ';') = a",
        "split(tags, ';') in [a, b]",
    ],
)
def test_an_array_is_no_single_value(text: str) -> None:
    assert worked(text, ORDER) == [Fault("formula_array")]


def test_a_template_leaves_out_what_is_blank() -> None:
    formula = exact(parse_template("{country}-{empty}{line:03}/{freight}"))

    assert evaluate(formula, "items", Sample([ORDER]))[0] == "DE-001/5.5"
    assert evaluate(parse_template("No. {empty}"), "", Sample([ORDER])) == [None]


NUMBERS = st.decimals(-(10**6), 10**6, places=3)
TREES = st.recursive(
    NUMBERS.map(lambda number: f"({number})") | st.sampled_from(["a", "b"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=8,
)


@given(TREES, NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_fractions(text: str, a: Decimal, b: Decimal) -> None:
    names = {"a": Fraction(a), "b": Fraction(b)}
    python = "".join(
        f"F('{part.strip('()')}')" if part.strip("()").lstrip("-")[:1].isdigit() else part
        for part in _numbers_apart(text)
    )
    try:
        expected = eval(python, {"F": Fraction, **names})
    except ZeroDivisionError:
        expected = None
    (found,) = evaluate(parse(text), "", Sample([{"a": a, "b": b, "items": []}]))

    if expected is None:
        assert found == Fault("formula_zero")
    elif found == Fault("formula_endless"):
        assert 10**60 % expected.denominator != 0
    else:
        assert Fraction(found) == expected


def _numbers_apart(text: str) -> list[str]:
    import re

    return re.split(r"(\(-?\d+\.\d+\))", text)


LISTS = st.lists(st.tuples(st.none() | NUMBERS, st.none() | NUMBERS), max_size=4)


@given(st.lists(LISTS, min_size=1, max_size=4))
def test_sums_are_those_of_each_order(orders: list[list[tuple[Any, Any]]]) -> None:
    sample = Sample(
        [{"items": [{"qty": q, "price": p, "subs": []} for q, p in items]} for items in orders]
    )
    found = evaluate(exact(parse("sum((items.qty or 0) * (items.price or 1))")), "", sample)

    for items, value in zip(orders, found, strict=True):
        ones = [(0 if q is None else Fraction(q)) * (1 if p is None else Fraction(p))
                for q, p in items]  # fmt: skip
        assert Fraction(value) == sum(ones)


@given(st.decimals(-(10**9), 10**9, places=4))
def test_the_shortest_text_is_the_same_number(number: Decimal) -> None:
    text = plain(number)

    assert Decimal(text) == number
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(
    ("currency", "places"),
    [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("IDR", 2), ("X", None)],
)
def test_decimals_of_currencies(currency: str, places: int | None) -> None:
    assert codes.decimals_of(currency) == places


@pytest.mark.parametrize("form", ["alpha2", "alpha3", "numeric", "name"])
def test_forms_of_countries_are_one_to_one(form: str) -> None:
    found = [codes.country(code, form) for code in ("DE", "FR", "CD", "YE", "GB", "US", "ET", "SD")]

    assert None not in found
    assert len(set(found)) == 8
