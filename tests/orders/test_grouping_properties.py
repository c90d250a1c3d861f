"""What holds however the rows of a sheet are filled and ordered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from converter.checks.values import BAD
from converter.mapping.model import ProviderMapping
from converter.orders.grouping import Orders
from tests.orders.grouped import shape

TITLES = ["客户单号", "收件人", "总件数", "箱号", "每箱件数", "商品编码", "数量"]
REFERENCES = st.sampled_from(["A1", "B2", "C3", "D4"])


@st.composite
def repeated(draw: st.DrawFn) -> list[list[str]]:
    """Rows that repeat the order's cells; all items differ, so that rows can be identified."""
    count = draw(st.integers(1, 12))
    boxes = {(ref, box): str(draw(st.integers(1, 9))) for ref in ["A1", "B2", "C3", "D4"]
             for box in ("1", "2")}  # fmt: skip
    rows = []
    for number in range(count):
        ref, box = draw(REFERENCES), draw(st.sampled_from("12"))
        rows.append([ref, f"name of {ref}", "5", box, boxes[ref, box], f"sku{number}", "1"])
    return rows


def unordered(orders: Orders) -> dict[str, Any]:
    return {
        reference: {
            key: sorted(value, key=str) if isinstance(value, list) else value
            for key, value in order.items()
        }
        for reference, order in shape(orders).items()
    }


@given(rows=repeated(), data=st.data())
def test_any_order_of_the_rows_gives_the_same_orders(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))

    one = sheets.orders([TITLES, *rows], tiny)
    other = sheets.orders([TITLES, *shuffled], tiny)

    assert [*one.issues] == [*other.issues] == []
    assert unordered(one) == unordered(other)


@given(rows=repeated())
def test_repeating_order_cells_changes_nothing(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]]
) -> None:
    seen: set[str] = set()
    sparse = []
    for row in rows:
        sparse.append([row[0], "", "", *row[3:]] if row[0] in seen else row)
        seen.add(row[0])

    one, other = sheets.orders([TITLES, *rows], tiny), sheets.orders([TITLES, *sparse], tiny)

    assert shape(one) == shape(other)
    assert one.rows == other.rows


ANY_CELL = st.sampled_from(["", "", "A1", "B2", "1", "2", "x", "-"])


@given(st.lists(st.tuples(*[ANY_CELL] * len(TITLES)), max_size=12))
def test_every_row_with_data_belongs_to_exactly_one_order(
    sheets: Any, tiny: ProviderMapping, rows: list[tuple[str, ...]]
) -> None:
    cells = sheets.cells([TITLES, *rows], tiny)
    orders = sheets.orders([TITLES, *rows], tiny)

    filled = [
        int(row)
        for at, row in enumerate(cells.rows)
        if any(column.codes[at] >= 0 for column in cells.columns.values())
    ]
    placed = sorted(row for rows_ in orders.rows for row in rows_)
    assert placed == filled
    assert np.flatnonzero(orders.owners["Orders"] >= 0).tolist() == filled
    assert len(orders.references) == len(orders.rows) == len(orders.groups[""])
    assert all(orders.rows)


@given(st.lists(st.tuples(*[ANY_CELL] * len(TITLES)), max_size=12))
def test_every_item_that_was_typed_is_in_the_order_of_its_row(
    sheets: Any, tiny: ProviderMapping, rows: list[tuple[str, ...]]
) -> None:
    orders = sheets.orders([TITLES, *rows], tiny)

    group = orders.groups["items"]
    typed = [(row, cells[5]) for row, cells in enumerate(rows, 2) if cells[5]]
    column = group.fields["items[].sku"]
    found = [
        (int(row), value)
        for row, value in zip(column.rows, column.values(), strict=True)
        if value is not None and value is not BAD
    ]
    assert sorted(found) == typed
    assert orders.owners["Orders"][group.first_row].tolist() == group.owner.tolist()


def test_the_entries_of_an_order_lie_together(
    sheets: Any, mapping_with: Callable[..., ProviderMapping]
) -> None:
    """Nested lists and interleaved rows included."""
    mapping = mapping_with(
        fields="""
  - {path: ref, title: {zh: 单号, en: Reference}, required: true}
  - {path: "parcels[].no", title: {zh: 箱号, en: Parcel}}
  - {path: "parcels[].items[].sku", title: {zh: 编码, en: SKU}}
""",
        reference="ref",
        lists='{parcels: {key: "parcels[].no"}, "parcels[].items": {}}',
    )
    rows = [
        ["R2", "1", "A"],
        ["R1", "1", "B"],
        ["R2", "2", "C"],
        ["R1", "1", "D"],
        ["R2", "1", "E"],
    ]
    found = sheets.orders([["单号", "箱号", "编码"], *rows], mapping)

    entries = {
        path: [
            [column.value(entry) for entry in group.entries_of(order)]
            for order in range(len(found.references))
        ]
        for path, group in found.groups.items()
        for column in group.fields.values()
    }

    assert entries == {
        "": [["R2"], ["R1"]],
        "parcels": [["1", "2"], ["1"]],
        "parcels[].items": [["A", "E", "C"], ["B", "D"]],
    }
