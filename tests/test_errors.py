"""What stops a run is told in every language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from converter.errors import ConverterError, MappingError, SheetError, UsageError
from converter.message import t
from converter.messages import translate
from converter.model import Cell


@pytest.mark.parametrize(
    ("make", "en", "zh"),
    [
        pytest.param(
            lambda: UsageError(t("Nothing was sent, as you chose.")),
            "Nothing was sent, as you chose.",
            "已按您的选择取消，未发送任何订单。",
            id="usage",
        ),
        pytest.param(
            lambda: SheetError(
                t("two orders have the reference '{reference}'", reference="A"),
                where=Cell("Orders", "A", 2),
                remedy=t("Give one of them another order number; nothing was sent"),
                code="TWICE",
            ),
            "Orders!A2: two orders have the reference 'A'. "
            "Give one of them another order number; nothing was sent [TWICE]",
            "Orders!A2：有两个订单的单号都是“A”。请修改其中一个的订单号；未发送任何订单 [TWICE]",
            id="sheet",
        ),
        pytest.param(
            lambda: SheetError("odd", where=Path("a/b.xlsx"), remedy="Mend it."),
            "b.xlsx: odd. Mend it.",
            "b.xlsx：odd。Mend it.",
            id="plain texts stay as they are",
        ),
        pytest.param(
            lambda: MappingError("odd", file="a.yaml", line=2, column=3),
            "a.yaml:2:3: odd",
            "a.yaml:2:3：odd",
            id="mapping",
        ),
    ],
)
def test_errors_speak_both_languages(make: Callable[[], ConverterError], en: str, zh: str) -> None:
    error = make()

    assert str(error) == translate(error.message, "en") == en
    assert translate(error.message, "zh") == zh
