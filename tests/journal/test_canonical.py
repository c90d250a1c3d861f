from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from converter import json_text
from converter.journal import canonical


def test_a_kept_payload_comes_back_exactly() -> None:
    payload = {
        "weight": Decimal("1.150"),
        "tiny": Decimal("0.00000001"),
        "long": Decimal("12345678901234567890.123456789"),
        "count": 3,
        "huge": Decimal("1234567890123456789012345678"),
        "zip": "00123",
        "name": "手机壳",
        "battery": True,
        "note": None,
        "items": [{"price": Decimal("0.10")}, {}],
    }

    kept = canonical.from_bytes(json_text.encode(payload))

    assert kept == payload
    assert str(kept["weight"]) == "1.150"
    assert list(kept) == list(payload)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(Decimal("1E+3"), b'{"n":1000}', id="no exponent"),
        pytest.param(Decimal("-0.0"), b'{"n":0.0}', id="no negative zero"),
        pytest.param(Decimal("1.50"), b'{"n":1.50}', id="every digit"),
    ],
)
def test_numbers_are_written_out(number: Decimal, text: bytes) -> None:
    assert json_text.encode({"n": number}) == text


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    one = {"a": 1, "b": {"c": Decimal("2.5"), "d": 3}}
    other = {"b": {"d": 3, "c": Decimal("2.5")}, "a": 1}

    assert json_text.digest(one) == json_text.digest(other)
    assert json_text.digest(one) != json_text.digest({**one, "a": 2})


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity")])
def test_a_number_that_is_none_is_never_kept(number: Decimal) -> None:
    with pytest.raises(TypeError):
        json_text.encode({"n": number})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, (), id="the same"),
        pytest.param(
            {"order": {"city": "Jazan", "zip": "1"}},
            {"order": {"city": "Abha", "zip": "1"}},
            ("order.city",),
            id="a value",
        ),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "c": 3}, ("a", "c"), id="keys come and go"),
        pytest.param(
            {"items": [{"sku": "A"}, {"sku": "B"}]},
            {"items": [{"sku": "A"}, {"sku": "C"}, {"sku": "D"}]},
            ("items[1].sku", "items[2]"),
            id="in a list",
        ),
        pytest.param({"a": 1}, {"a": True}, ("a",), id="a number is no boolean"),
        pytest.param({"a": "1"}, {"a": 1}, ("a",), id="a number is no text"),
        pytest.param({"a": {"b": 1}}, {"a": [1]}, ("a",), id="another shape"),
    ],
)
def test_differences_are_named_by_path(before: Any, after: Any, expected: tuple[str, ...]) -> None:
    assert tuple(one.path for one in canonical.differences(before, after)) == expected


def test_references_are_the_same_in_any_form_of_letters() -> None:
    assert canonical.key_of(" Café-1 ") == canonical.key_of("Café-1")
    assert canonical.key_of("a") != canonical.key_of("A")


def test_changes_have_both_values() -> None:
    before = {"city": "Rom", "items": [{"sku": "A"}, {"sku": "B"}], "note": "x"}
    after = {"city": "Rome", "items": [{"sku": "A"}], "tax": 1}

    assert list(canonical.differences(before, after)) == [
        ("city", "Rom", "Rome"),
        ("items[1]", {"sku": "B"}, None),
        ("note", "x", None),
        ("tax", None, 1),
    ]
