"""What a careful person would ask about is asked or refused, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from converter.errors import SheetError
from converter.mapping.model import ProviderMapping
from tests.layout.providers_sheets import (
    NUMBERED_C,
    OMS,
    OMS_CLEAN,
    SC,
    SC_CLEAN,
    TO_BEN,
    TOTAL,
    Rows,
    first_row_only,
    merging,
    orders,
    problems,
    titled,
    with_columns,
    without,
)


@pytest.mark.parametrize(
    ("mapping", "rows", "expected"),
    [
        pytest.param(
            OMS,
            [*NUMBERED_C[:2], [*NUMBERED_C[2][:12], "X", None, *NUMBERED_C[2][14:]]],
            ["Orders!N3 required"],
            id="a numbered item without its quantity",
        ),
        pytest.param(
            OMS,
            [*OMS_CLEAN[:3], [None, *TO_BEN, "CUP-03", 5]],
            ["Orders!A4 no_reference"],
            id="another receiver without a reference",
        ),
        pytest.param(
            OMS,
            [*OMS_CLEAN, TOTAL, [None] * 10 + ["X", 1]],
            ["Orders!A6 no_reference"],
            id="a row below the total",
        ),
        pytest.param(
            OMS,
            [
                *with_columns(first_row_only(OMS_CLEAN, 10)[:3], 序号=[1, 1]),
                [*[None] * 10, "X", 1, 2],
            ],
            ["Orders!A4 no_reference"],
            id="a number without a reference",
        ),
        pytest.param(
            SC,
            titled(SC_CLEAN, 申报单价="申报单价(元)"),
            [f"Orders!Y{row} currency_disagrees" for row in (2, 3, 4)],
            id="a title's currency that is not the column's",
        ),
    ],
)
def test_what_cannot_be_read_names_its_cell(
    sheets: Any, mapping: ProviderMapping, rows: Rows, expected: list[str]
) -> None:
    assert problems(sheets, rows, mapping) == expected


@pytest.mark.parametrize(
    ("mapping", "rows", "message"),
    [
        pytest.param(
            OMS, titled(OMS_CLEAN, 平台订单号="单号"), "Orders!A1: the column title '单号'",
            id="单号"
        ),
        pytest.param(
            SC,
            with_columns(SC_CLEAN, **{"产品尺寸(长*宽*高cm)": ["1*1*1"] * 3}),
            "the column title '产品尺寸(长*宽*高cm)' can mean",
            id="the product's size is not the box's",
        ),
        pytest.param(
            SC,
            with_columns(without(SC_CLEAN, "净重(KG)"), 商品重量=[1, 1, 1], 重量单位=["g", "kg",
            "g"]),
            "does not have one known unit in all rows but",
            id="weights in several units",
        ),
        pytest.param(
            OMS,
            with_columns(without(OMS_CLEAN, "数量"), 数量1=[1, 1, 1], 数量2=[2, 2, 2]),
            "the column '数量1' has a number, but column K 'SKU' has none",
            id="numbered quantities alone",
        ),
        pytest.param(
            SC,
            with_columns(SC_CLEAN, **{"Weight\n重量": [1, 1, 1]}),
            "the column title 'Weight 重量' can mean several things",
            id="重量 in two languages",
        ),
        pytest.param(
            OMS,
            with_columns(OMS_CLEAN, SKU1=["X"] * 3, SKU2=["Y"] * 3),
            "the columns K 'SKU' and M 'SKU1' are both the field SKU / SKU",
            id="with and without a number",
        ),
        pytest.param(
            SC,
            [["总件数:", 3], *without(SC_CLEAN, "总件数")],
            "Orders!B1: '总件数' stands above the table, but the table has 2 orders",
            id="a number above several orders",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_asked(
    sheets: Any, mapping: ProviderMapping, rows: Rows, message: str
) -> None:
    with pytest.raises(SheetError) as caught:
        orders(sheets, rows, mapping)

    assert message in str(caught.value)


def test_cells_merged_across_make_their_row_invalid(sheets: Any) -> None:
    path = sheets.xlsx(OMS_CLEAN, change=merging("G4:H4"))

    assert "Orders!G4 merged_across" in problems(sheets, path, OMS)


def test_one_quantity_for_several_items_is_asked(sheets: Any) -> None:
    path = sheets.xlsx(OMS_CLEAN, change=merging("L2:L3"))

    assert problems(sheets, path, OMS) == ["Orders!L2 merged_count"]
