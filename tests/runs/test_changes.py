from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from converter.journal import Difference
from converter.mapping import load
from converter.messages import translate
from converter.runs.changes import changes_of


@pytest.mark.parametrize(
    ("difference", "en", "zh"),
    [
        pytest.param(
            Difference("items[1].quantity", 2, 3),
            "Quantity (2): 2 → 3",
            "数量 (2)：2 → 3",
            id="a value",
        ),
        pytest.param(
            Difference("order.consigneecity", None, "Boston"),
            "Receiver city: (blank) → Boston",
            "收件人城市：（空） → Boston",
            id="a value that was not there",
        ),
        pytest.param(
            Difference("order.consigneeaddress1", "x" * 50, "y"),
            f"Receiver address 1: {'x' * 40}… → y",
            f"收件人地址1：{'x' * 40}… → y",
            id="a long text",
        ),
        pytest.param(
            Difference("volumes[0]", None, {"prenum": 1}),
            "Pieces of this box (1): added",
            "件数 (1)：新增",
            id="a line that came",
        ),
        pytest.param(
            Difference("volumes[0]", {"prenum": 1}, None),
            "Pieces of this box (1): removed",
            "件数 (1)：已删除",
            id="a line that went",
        ),
    ],
)
def test_a_change_is_told_by_title_from_what_to_what(
    difference: Difference, en: str, zh: str
) -> None:
    sheet: Any = SimpleNamespace(
        mapping=load.load_mapping(load.find_mapping("scexpress")), table=SimpleNamespace(columns={})
    )

    told = changes_of(sheet, [difference, difference])

    assert (translate(told, "en"), translate(told, "zh")) == (en, zh)
