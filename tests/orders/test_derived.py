"""Values that nobody types: what the mapping fills in, numbers, and long text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.mapping.model import ProviderMapping
from tests.orders.grouped import shape

MappingWith = Callable[..., ProviderMapping]


def one_order(
    sheets: Any, mapping_with: MappingWith, fields: str, titles: str = "", cells: str = ""
) -> dict[str, Any]:
    """One order with one item, grouped with some more fields."""
    table = f"客户单号 | 收件人 | 商品编码 | 数量{titles}\nA1 | Ann | pen | 2{cells}"
    return shape(sheets.orders(table, mapping_with(more_fields=fields)))["A1"]


@pytest.mark.parametrize(
    ("spec", "titles", "cells", "expected"),
    [
        pytest.param("default: X", "", "", "X", id="default, no column"),
        pytest.param("default: X", " | More", " | ", "X", id="default, blank cell"),
        pytest.param("default: X", " | More", " | Y", "Y", id="default gives way"),
        pytest.param("type: integer, default: 7", "", "", 7, id="default of another type"),
        pytest.param("fallback: {parts: [$order.ref, x], separator: '-'}", "", "", "A1-x",
                     id="made of others"),
        pytest.param("fallback: {parts: [$order.ref]}", " | More", " | Y", "Y",
                     id="typed one comes first"),
        pytest.param("fallback: {parts: [$order.second, $order.to.phone]}", "", "", None,
                     id="made of blanks"),
        pytest.param("join: {parts: [$order.to.name, $order.second, $order.ref], separator: '/'}",
                     "", "", "Ann/A1", id="blanks leave no separator"),
    ],
)  # fmt: skip
def test_blank_order_cells_are_filled_in_as_the_mapping_says(
    sheets: Any, mapping_with: MappingWith, spec: str, titles: str, cells: str, expected: Any
) -> None:
    field = f"\n  - {{path: order.more, title: {{zh: 更多, en: More}}, {spec}}}\n"

    assert one_order(sheets, mapping_with, field, titles, cells).get("more") == expected


def test_entries_can_be_numbered_and_named_after_their_order(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(
        more_fields="""
  - path: items[].line
    title: {zh: 行, en: Line}
    fallback: {parts: [$order.ref, $line, "$items[].sku"], separator: "-"}
"""
    )
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
B2       | Bob    | cap      | 3
A1       | Ann    | ink      | 2
"""

    orders = shape(sheets.orders(table, mapping))

    assert [item["line"] for item in orders["A1"]["items"]] == ["A1-1-pen", "A1-2-ink"]
    assert [item["line"] for item in orders["B2"]["items"]] == ["B2-1-cap"]


SPILL = """
  - {path: order.a1, title: {zh: 地址1, en: A1}, max: 10, spill: order.a2}
  - {path: order.a2, title: {zh: 地址2, en: A2}, max: 10, spill: order.a3}
  - {path: order.a3, title: {zh: 地址3, en: A3}, max: 10}
"""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param(["1 Main St", "", ""], ["1 Main St", None, None], id="short enough"),
        pytest.param(["12 Main St", "", ""], ["12 Main St", None, None], id="just short enough"),
        pytest.param(["12 Main Str", "", ""], ["12 Main", "Str", None], id="cut at a word"),
        pytest.param(["12 Main St x", "", ""], ["12 Main St", "x", None], id="cut behind a word"),
        pytest.param(["中山路一百二十三号四楼", "", ""], ["中山路一百二十三号四", "楼", None],
                     id="cut where there is no word"),
        pytest.param(["aaaa bbbb cccc dddd eeee", "", ""], ["aaaa bbbb", "cccc dddd", "eeee"],
                     id="over three"),
        pytest.param(["aaaa bbbb cccc", "x", ""], ["aaaa bbbb cccc", "x", None],
                     id="the place is taken"),
    ],
)  # fmt: skip
def test_long_text_goes_on_in_the_next_field(
    sheets: Any, mapping_with: MappingWith, typed: list[str], expected: list[str | None]
) -> None:
    cells = "".join(f" | {text}" for text in typed)

    order = one_order(sheets, mapping_with, SPILL, " | 地址1 | 地址2 | 地址3", cells)

    assert [order.get(f"a{i}") for i in (1, 2, 3)] == expected


@given(st.text("ab 中", max_size=30))
def test_text_that_goes_on_loses_nothing_but_blanks(
    sheets: Any, mapping_with: MappingWith, text: str
) -> None:
    table = [["客户单号", "收件人", "商品编码", "数量", "地址1"], ["A1", "Ann", "pen", "1", text]]

    order = shape(sheets.orders(table, mapping_with(more_fields=SPILL)))["A1"]

    parts = [order.get(f"a{i}") or "" for i in (1, 2, 3)]
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert max(len(part) for part in parts[:2]) <= 10
