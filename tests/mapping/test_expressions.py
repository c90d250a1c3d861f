"""The language of rules: what can be said, and that nothing else is understood by accident."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.mapping import paths
from converter.mapping.expressions import (
    Condition,
    Count,
    Number,
    Path,
    Sum,
    Term,
    parse_condition,
    parse_term,
    paths_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("order.number", Path("order.number"), id="path"),
        pytest.param("items[].sku", Path("items[].sku"), id="path with list marks"),
        pytest.param("parcels[].items[].sku", Path("parcels[].items[].sku"), id="list in a list"),
        pytest.param(" flow ", Path("flow"), id="blanks around it"),
        pytest.param("total-weight_2", Path("total-weight_2"), id="signs in names"),
        pytest.param("3", Number(Decimal(3)), id="whole number"),
        pytest.param("-0.01", Number(Decimal("-0.01")), id="exact fraction"),
        pytest.param("sum(volumes.prenum)", Sum(("volumes.prenum",)), id="sum"),
        pytest.param("sum( a.b )", Sum(("a.b",)), id="sum with blanks"),
        pytest.param("sum(a.b * a.c*a.d)", Sum(("a.b", "a.c", "a.d")), id="sum of products"),
        pytest.param("count(items)", Count("items"), id="count"),
        pytest.param("count(parcels[].items)", Count("parcels[].items"), id="count in a list"),
    ],
)
def test_terms(text: str, expected: Term) -> None:
    assert parse_term(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a b", id="two words"),
        pytest.param("a + b", id="an addition"),
        pytest.param("a * b", id="a product outside of a sum"),
        pytest.param("sum(a", id="open bracket"),
        pytest.param("sum()", id="empty sum"),
        pytest.param("sum(a + b)", id="addition in a sum"),
        pytest.param("sum(3 * a)", id="number in a sum"),
        pytest.param("sum(sum(a))", id="sum in a sum"),
        pytest.param("count(a * b)", id="count of a product"),
        pytest.param("max(a)", id="another function"),
        pytest.param("1e3", id="exponent"),
        pytest.param("a..b", id="no name between"),
        pytest.param("a[0]", id="one entry of a list"),
        pytest.param("'word'", id="text"),
        pytest.param("__import__('os').system('x')", id="code"),
        pytest.param("{{7*7}}", id="template"),
    ],
)
def test_other_terms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read the term") as error:
        parse_term(text)

    assert str(error.value) == (
        f"cannot read the term {text!r}: expected a path, a number, sum() or count()"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("items.image", Condition("items.image"), id="filled in"),
        pytest.param("volumes", Condition("volumes"), id="there are any"),
        pytest.param("a = 1", Condition("a", ("1",)), id="a word"),
        pytest.param("a=TP", Condition("a", ("TP",)), id="no blanks"),
        pytest.param("a = two words", Condition("a", ("two words",)), id="two words"),
        pytest.param("a = b = c", Condition("a", ("b = c",)), id="a word with a sign"),
        pytest.param("a != 1", Condition("a", ("1",), negated=True), id="not a word"),
        pytest.param("a in [x, y z,w]", Condition("a", ("x", "y z", "w")), id="several words"),
        pytest.param("a in [x]", Condition("a", ("x",)), id="several, but one"),
        pytest.param("begin", Condition("begin"), id="a name that ends like a sign"),
        pytest.param("inner = in", Condition("inner", ("in",)), id="names like signs"),
        pytest.param("a[].b = 是", Condition("a[].b", ("是",)), id="any script"),
    ],
)
def test_conditions(text: str, expected: Condition) -> None:
    assert parse_condition(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "cannot read the condition '': expected 'path = word'", id="nothing"),
        pytest.param(
            "a =", "cannot read the condition 'a =': expected 'path = word'", id="no word"
        ),
        pytest.param(
            "a > 1", "cannot read the condition 'a > 1': expected 'path = word'", id="other sign"
        ),
        pytest.param(
            "1 = a", "cannot read the condition '1 = a': expected 'path = word'", id="word first"
        ),
        pytest.param("a in x", "cannot read 'a in x': expected a list such as 'in [A, B]'",
                     id="no list"),
        pytest.param("a in []", "cannot read 'a in []': expected a list such as 'in [A, B]'",
                     id="empty list"),
        pytest.param("a in [x,]", "cannot read 'a in [x,]': expected a list such as 'in [A, B]'",
                     id="empty word"),
    ],
)  # fmt: skip
def test_other_conditions_are_refused(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match="cannot read") as error:
        parse_condition(text)

    assert str(error.value) == expected


@given(st.text("ab.[]*()+-= in,123sumcount", max_size=20))
def test_what_is_understood_speaks_of_paths_only(text: str) -> None:
    found: list[Term | Condition] = []
    for parse in (parse_term, parse_condition):
        with contextlib.suppress(ValueError):
            found.append(parse(text))

    assert all(paths.is_path(path) for term in found for path in paths_of(term))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param(Path("a.b"), ["a.b"], id="path"),
        pytest.param(Condition("a", ("b",)), ["a"], id="condition"),
        pytest.param(Sum(("a.b", "a.c")), ["a.b", "a.c"], id="sum"),
        pytest.param(Count("items"), [], id="count"),
        pytest.param(Number(Decimal(1)), [], id="number"),
    ],
)
def test_paths_that_a_term_speaks_of(term: Term | Condition, expected: list[str]) -> None:
    assert list(paths_of(term)) == expected


# -- paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "list_", "inside", "last", "plain"),
    [
        ("ref", "", ("ref",), "ref", "ref"),
        ("order.to.name", "", ("order", "to", "name"), "name", "order.to.name"),
        ("items[].sku", "items", ("sku",), "sku", "items.sku"),
        ("a.items[].b.sku", "a.items", ("b", "sku"), "sku", "a.items.b.sku"),
        ("parcels[].items[].sku", "parcels[].items", ("sku",), "sku", "parcels.items.sku"),
    ],
)
def test_paths(path: str, list_: str, inside: tuple[str, ...], last: str, plain: str) -> None:
    assert paths.is_path(path)
    assert paths.list_of(path) == list_
    assert paths.inside(path) == inside
    assert paths.last(path) == last
    assert paths.plain(path) == plain


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a b", "1a", "a[0].b", "[].a", "a[b]", "名"])
def test_what_is_no_path(text: str) -> None:
    assert not paths.is_path(text)
