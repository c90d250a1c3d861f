"""The pandera schema of a mapping: its named checks, and its use in a notebook."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest

from converter.checks import schema
from converter.mapping.load import available_mappings, load_mapping
from converter.mapping.model import FieldSpec, ProviderMapping

MappingWith = Callable[..., ProviderMapping]


# -- checks of one value -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "checks"),
    [
        pytest.param({}, ["type"], id="nothing declared"),
        pytest.param({"max": 5}, ["type", "max"], id="length"),
        pytest.param({"max": 5, "type": "integer"}, ["type"], id="numbers have no length"),
        pytest.param({"max": 5, "spill": "g"}, ["type"], id="measured once it has spilled"),
        pytest.param(
            {"type": "decimal", "above": 0, "at_least": 0, "at_most": 9},
            ["type", "above", "at_least", "at_most"],
            id="bounds",
        ),
        pytest.param(
            {"format": "email", "warn_format": "latin"},
            ["type", "format", "warn_format"],
            id="formats",
        ),
        pytest.param({"type": "choice", "choices": {"1": "yes"}}, ["choices"], id="choice"),
        pytest.param({"type": "country", "max": 2}, ["country", "max"], id="country"),
        pytest.param({"type": "currency"}, ["currency"], id="currency"),
        pytest.param({"type": "datetime", "pattern": "%Y"}, [], id="date in a form of its own"),
    ],
)
def test_checks_are_named_by_the_mappings_words(keys: dict[str, Any], checks: list[str]) -> None:
    assert [check.name for check in schema.column(field(**keys)).checks] == checks


@pytest.mark.parametrize(
    ("keys", "values", "failed"),
    [
        pytest.param({}, ["a", None, 7], [("type", 4)], id="text"),
        pytest.param(
            {"type": "integer"}, [1, None, Decimal("2.0"), "3"], [("type", 5)], id="mixed"
        ),
        pytest.param({"type": "integer"}, [1.0, None, 1.5], [("type", 4)], id="floats"),
        pytest.param({"type": "integer"}, [1, True], [("type", 3)], id="true is no number"),
        pytest.param({"type": "decimal"}, [1, 0.5, Decimal(2), None], [], id="numbers"),
        pytest.param({"type": "decimal", "above": 0}, [0.0, 0.1], [("above", 2)], id="above"),
        pytest.param(
            {"type": "decimal", "at_most": Decimal("99.5")},
            [Decimal("99.50"), Decimal("99.51")],
            [("at_most", 3)],
            id="at most",
        ),
        pytest.param({"max": 2}, ["五五", "abc"], [("max", 3)], id="length in characters"),
        pytest.param({"format": "digits"}, ["12", "12x", "12\n"], [("format", 3), ("format", 4)],
                     id="the whole text"),
        pytest.param({"type": "choice", "choices": {"1": "yes"}}, ["1", "yes"], [("choices", 3)],
                     id="choice as it is sent"),
        pytest.param({"type": "country"}, ["US", "USA"], [("country", 3)], id="country code"),
        pytest.param({"max": 1, "format": "digits"}, ["1", "ab"], [("max", 3), ("format", 3)],
                     id="two checks of one value"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [pytest.param(object, id="object"), pytest.param(None, id="own")])
def test_failures_carry_their_row(
    keys: dict[str, Any], values: list[Any], failed: list[tuple[str, int]], dtype: Any
) -> None:
    frame = pd.DataFrame({"f": pd.Series(values, range(2, 2 + len(values)), dtype=dtype)})
    before = frame.copy()

    found = schema.failures(schema.column(field(**keys)), frame)

    assert [(one.check, one.index) for one in found] == failed
    pd.testing.assert_frame_equal(frame, before)  # nothing was coerced


def field(**keys: Any) -> FieldSpec:
    return FieldSpec.model_validate({"path": "f", "title": {"en": "F", "zh": "F"}, **keys})


def test_a_check_that_cannot_be_carried_out_is_no_failure_of_the_data() -> None:
    with pytest.raises(pa.errors.SchemaErrors):
        schema.failures(schema.column(field(type="integer", above=0)), pd.DataFrame({"f": ["x"]}))


# -- the schema of a mapping -------------------------------------------------------------------


def test_the_example_of_the_documentation_works() -> None:
    assert doctest.testmod(schema).failed == 0


def test_every_mapping_has_a_schema_for_notebooks() -> None:
    for path in available_mappings().values():
        made = schema.schema_for(load_mapping(path))

        assert isinstance(made, pa.DataFrameSchema)
        assert made.coerce is False
        assert not any(column.coerce for column in made.columns.values())


RULES = """
  - {when: boxes, equal: [order.pieces, sum(boxes.count)]}
  - {when: boxes, in: [items.box, boxes.no]}
  - {when: boxes, near: [order.total, sum(boxes.count * boxes.weight)], within: 5, warn: true}
  - {at_least: [count(items), "2"]}
  - {any_of: [order.to.phone, order.second]}
  - {when: order.second = x, require: [items.image]}
  - {at_most: [items.qty * 2, sum(items.qty) + 9]}
  - {when: not boxes.count > 9, at_most: [boxes.count * 2, order.pieces + count(boxes)]}
"""
MORE = """
  - {path: order.total, title: {zh: 总重, en: Total}, type: decimal}
  - {path: "items[].image", title: {zh: 图片, en: Image}}
"""
NAMES = {
    "pieces": "rule 1: equal [order.pieces, sum(boxes.count)] when boxes",
    "box": "rule 2: in [items.box, boxes.no] when boxes",
    "total": "rule 3: near [order.total, sum(boxes.count * boxes.weight)] when boxes (warning)",
    "items": "rule 4: at_least [count(items), 2]",
    "phone": "rule 5: any_of [order.to.phone, order.second]",
    "image": "rule 6: require [items.image] when order.second = x",
    "twice": "rule 7: at_most [items.qty * 2, sum(items.qty) + 9]",
    "count": "rule 8: at_most [boxes.count * 2, order.pieces + count(boxes)] when not "
    "boxes.count > 9",
}


@pytest.fixture(scope="module")
def notebook_schema(mapping_with: MappingWith) -> pa.DataFrameSchema:
    lists = '{boxes: {key: "boxes[].no"}, items: {required: true}}'
    return schema.schema_for(mapping_with(more_fields=MORE, rules=RULES, lists=lists))


def lines(**changed: list[Any]) -> pd.DataFrame:
    """Two valid orders: A1 with two boxes and three items, B2 with two items and no box."""
    columns: dict[str, list[Any]] = {
        "order.ref": ["A1", "A1", "A1", "B2", "B2"],
        "order.to.name": ["Ann", "Ann", "Ann", "Bob", "Bob"],
        "order.to.phone": ["1", "1", "1", "2", "2"],
        "order.pieces": [5, 5, 5, 1, 1],
        "order.total": [10.0, 10.0, 10.0, 1.0, 1.0],
        "boxes[].no": ["1", "1", "2", None, None],
        "boxes[].count": [2, 2, 3, None, None],
        "boxes[].weight": [2.0, 2.0, 2.0, None, None],
        "items[].sku": ["pen", "ink", "cap", "hat", "bag"],
        "items[].qty": [1, 2, 3, 4, 5],
        "items[].box": ["1", "1", "2", None, None],
        **changed,
    }
    return pd.DataFrame(columns, index=[2, 3, 4, 5, 6])


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        pytest.param({}, [], id="all is right"),
        pytest.param(
            {"order.to.name": ["Ann", "Ann", "Ann", None, "Bob"]},
            [("not_nullable", 5)],
            id="required",
        ),
        pytest.param({"items[].qty": [0, 2, 3, 4, 5]}, [("at_least", 2)], id="a bound"),
        pytest.param(
            {"order.pieces": [6, 6, 6, 1, 1]}, [(NAMES["pieces"], row) for row in (2, 3, 4)],
            id="a sum: rows with one key are one box",
        ),
        pytest.param({"items[].box": ["1", "3", "2", None, None]}, [(NAMES["box"], 3)], id="among"),
        pytest.param(
            {"order.total": [11.0, 11.0, 11.0, 1.0, 1.0]},
            [(NAMES["total"], row) for row in (2, 3, 4)], id="near",
        ),
        pytest.param(
            {"order.ref": ["A1", "A1", "A1", "B2", "C3"]},
            [(NAMES["items"], row) for row in (5, 6)],
            id="a count",
        ),
        pytest.param({"order.to.phone": ["1", "1", "1", "2", None]}, [(NAMES["phone"], 6)],
                     id="one of two, of which one has no column"),
        pytest.param(
            {"order.second": ["x", None, None, None, None]}, [(NAMES["image"], 2)], id="a condition"
        ),
        pytest.param(
            {"order.second": ["x"] * 5, "items[].sku": ["pen", "ink", None, "hat", "bag"],
             "items[].qty": [1, 2, None, 4, 5], "items[].box": ["1", "1", None, None, None],
             "items[].image": ["a", "b", None, "c", "d"]},
            [], id="a line with a box alone is no item",
        ),
        pytest.param(
            {"items[].qty": [1, 2, 13, 4, 5]}, [(NAMES["twice"], 4)], id="computed for an entry",
        ),
        pytest.param(
            {"boxes[].count": [1, 1, 4, None, None], "boxes[].weight": [2.0, 2.0, 2.0, None, None]},
            [(NAMES["count"], 4)], id="computed for a box and its order",
        ),
        pytest.param(
            {"items[].sku": ["pen", None, "cap", "hat", "bag"]}, [("required items[].sku", 3)],
            id="required in a list",
        ),
    ],
)  # fmt: skip
def test_a_frame_of_typed_values_fails_with_named_checks(
    notebook_schema: pa.DataFrameSchema, changed: dict[str, list[Any]], failed: list[Any]
) -> None:
    frame = lines(**changed)
    if not failed:
        assert notebook_schema.validate(frame, lazy=True) is not None
        return

    with pytest.raises(pa.errors.SchemaErrors) as caught:
        notebook_schema.validate(frame, lazy=True)

    cases = caught.value.failure_cases
    found = sorted(set(zip(cases["check"], cases["index"], strict=True)))
    assert found == sorted(failed)
