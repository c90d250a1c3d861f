"""What the shipped mappings say of values that are odd, in the words that a clerk reads."""

from __future__ import annotations

from typing import Any

import pytest

from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.shipped import shipped_folder
from converter.sheet_template import examples
from converter.sheet_template.columns import columns_of


def issues(sheets: Any, provider: str, lang: str, changes: dict[str, str]) -> list[str]:
    """What is said of the first order of the provider's example, with other values in it."""
    mapping = load_mapping(find_mapping(provider))
    rows = examples.read(shipped_folder("templates") / "data" / f"{provider}.csv", mapping)
    reference = rows[0][mapping.order.reference]
    rows = [row for row in rows if row.get(mapping.order.reference) == reference]
    rows[0] = {**rows[0], **changes}
    columns = [column for column in columns_of(mapping) if column.spec.path in rows[0]]
    table = [[column.header for column in columns]]
    table += [[row.get(column.spec.path, "") for column in columns] for row in rows]
    found: list[str] = sheets.issues(table, mapping, lang=lang)
    return [issue.partition(" ")[2] for issue in found]


NET = {"items[].weight": "1.30", "items[].mweight": "1.25"}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "en",
            "Net weight (kg) is 1.30, but Gross weight (kg) is 1.25; the first "
            "should not be more than the second. Correct what is wrong.",
        ),
        (
            "zh",
            "净重(KG)填了 1.30，毛重(KG)填了 1.25，前者不应大于后者。请更正。",
        ),
    ],
)
def test_net_weight_above_gross_weight_is_refused(sheets: Any, lang: str, expected: str) -> None:
    assert issues(sheets, "scexpress", lang, NET) == [expected]


def test_net_weight_may_equal_gross_weight(sheets: Any) -> None:
    assert issues(sheets, "scexpress", "en", {**NET, "items[].weight": "1.25"}) == []


def test_a_chinese_sentence_has_no_star_sign_or_english_title(sheets: Any) -> None:
    found = issues(sheets, "scexpress", "zh", {"order.number": "7"})

    assert found == ["总件数填了 7，件数合计为 3，两者应相等。请更正。"]


def test_a_condition_is_told_in_the_words_that_people_write(sheets: Any) -> None:
    changes = {"order.feepaytype": "TP", "order.feepayaccountnumber": "1",
               "order.feepaycountrycode": "US", "order.feepaypostcode": "92551"}  # fmt: skip

    assert issues(sheets, "scexpress", "zh", changes) == [
        "运费支付公司或名称：因为“运费支付方式”为“第三方”，此处必填，"
        "但表格中没有这一列。请添加该列并填写。"
    ]
    assert issues(sheets, "scexpress", "en", changes) == [
        "Freight payer name: expected a value because Freight paid by is third party, but the "
        "sheet has no such column. Add the column and fill it in."
    ]
