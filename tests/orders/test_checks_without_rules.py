"""Checks on whole orders that every mapping has, and all problems in the sheet's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.mapping.model import ProviderMapping
from converter.orders import by_order, rules
from tests.orders.rows import one

MappingWith = Callable[..., ProviderMapping]

MADE = """
  - {path: order.a1, title: {zh: 地址1, en: A1}, max: 5, spill: order.a2}
  - {path: order.a2, title: {zh: 地址2, en: A2}, max: 5}
  - path: order.label
    title: {zh: 标签, en: Label}
    max: 6
    fallback: {parts: [$order.ref, $order.to.name], separator: "-"}
"""


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(one(A1="1 2 3 4 5"), [], id="it goes on in the next field"),
        pytest.param(
            one(A1="12345 12345 12345", A2=""),
            ["Orders!E2 A1: expected at most 10 characters, found 17: '12345 12345 12345'. "
             "Shorten it."],
            id="it is too long for both",
        ),
        pytest.param(
            one(A1="12345 12345", A2="x"),
            ["Orders!E2 A1: expected at most 5 characters, found 11: '12345 12345'. Shorten it."],
            id="the next field is taken",
        ),
        pytest.param(
            one(A2="123456"),
            ["Orders!E2 A2: expected at most 5 characters, found 6: '123456'. Shorten it."],
            id="typed into the next field: said once",
        ),
        pytest.param(
            one(Label="1234567"),
            ["Orders!E2 Label: expected at most 6 characters, found 7: '1234567'. Shorten it."],
            id="typed over what would be made: said once",
        ),
        pytest.param(
            one(收件人="Annemarie"),
            ["Orders!2 Label: expected at most 6 characters, found 12: 'A1-Annemarie'. "
             "Shorten it."],
            id="made, without a column",
        ),
    ],
)  # fmt: skip
def test_text_is_measured_once_it_is_complete(
    sheets: Any, mapping_with: MappingWith, table: str, expected: list[str]
) -> None:
    assert sheets.issues(table, mapping_with(more_fields=MADE)) == expected


# -- checks without a rule in the mapping -------------------------------------------------------


def test_references_that_look_alike_cause_a_warning(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
ab-1     | Ann    | pen      | 1
AB-1     | Bob    | ink      | 1
ａb-1    | Cid    | cap      | 1
ab-2     | Dan    | hat      | 1
"""

    assert sheets.issues(table, tiny) == [
        "Warning: Orders!A3 客户单号: the reference 'AB-1' differs from 'ab-1' only in case or "
        "width. Check that they are two orders.",
        "Warning: Orders!A4 客户单号: the reference 'ａb-1' differs from 'ab-1' only in case or "
        "width. Check that they are two orders.",
    ]
    assert sheets.issues(table, tiny, lang="zh")[0] == (
        "提醒：Orders!A3 客户单号：单号 'AB-1' 与 'ab-1' 仅大小写或全半角不同。请确认是两个订单。"
    )


def test_repeated_rows_cause_a_warning(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | 1
B2       | Ann    | pen      | 1
A1       | Ann    | pen      | 2
A1       | Ann    | pen      | 1
A1       | Ann    | pen      | 1
         |        |          |
         |        |          |
"""

    assert sheets.issues(table, tiny) == [
        "Warning: Orders!5 the row repeats row 2 exactly. Delete it if it was copied by mistake.",
        "Warning: Orders!6 the row repeats row 2 exactly. Delete it if it was copied by mistake.",
    ]
    assert sheets.issues(table, tiny, lang="zh")[0] == (
        "提醒：Orders!5 该行与第 2 行完全相同。若为误复制请删除。"
    )


def test_lines_of_a_split_order_need_the_name_of_their_part(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(
        more_fields='  - {path: "items[].of", title: {zh: 供应商, en: Supplier}, sent: false}\n',
        split='{list: items, by: "items[].of"}',
    )
    table = """
客户单号 | 收件人 | 商品编码 | 数量 | 供应商
A1       | Ann    | pen      | 1    | X
A1       | Ann    | ink      | 1    |
A1       | Ann    | cap      | 1    | Y
B2       | Bob    | pen      | 1    | X
B2       | Bob    | ink      | 1    |
C3       | Cid    | pen      | 1    |
"""

    assert sheets.issues(table, mapping) == [
        "Orders!E3 供应商: expected a name because the order has lines of several, found a blank "
        "cell. Fill it in: the order is sent in one part for each."
    ]
    assert sheets.issues(table, mapping, lang="zh") == [
        "Orders!E3 供应商：该订单涉及多个，此行为空。请填写：订单将按此拆分发送。"
    ]


# -- all of it ---------------------------------------------------------------------------------


def test_all_issues_come_in_one_pass_in_the_order_of_the_sheet(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(
        rules="[{equal: [order.pieces, sum(boxes.count)]}, {any_of: [order.to.phone]}]"
    )
    table = """
客户单号 | 收件人 | 总件数 | 电话 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       |        | 5      |      | 1    | 2        | pen      | zero
A1       |        |        |      | 2    | 2        | ink      | 0
B2       | Bob    | 1      | 12   | 1    | 1        | cap      | 3
B2       | Rob    | 1      | 12   | 1    | 1        |          | 3
"""

    found = by_order.in_order(rules.check(sheets.orders(table, mapping)))

    assert [(str(issue.cell), issue.field, issue.code) for issue in found] == [
        ("Orders!B2", "order.to.name", "required"),
        ("Orders!C2", "order.pieces", "rule_equal"),
        ("Orders!D2", "order.to.phone", "want_one_of"),
        ("Orders!H2", "items[].qty", "want_integer"),
        ("Orders!H3", "items[].qty", "want_at_least"),
        ("Orders!B5", "order.to.name", "disagrees"),
        ("Orders!G5", "items[].sku", "required"),
    ]


CELLS = st.sampled_from(["", "A1", "B2", "1", "2", "x"])
TITLES = ["客户单号", "收件人", "总件数", "箱号", "每箱件数", "商品编码", "数量"]


@given(st.lists(st.tuples(*[CELLS] * len(TITLES)), max_size=8))
def test_every_issue_stands_in_the_sheet_and_belongs_to_an_order(
    sheets: Any, mapping_with: MappingWith, rows: list[tuple[str, ...]]
) -> None:
    mapping = mapping_with(
        rules="[{when: boxes, equal: [order.pieces, sum(boxes.count)]}, "
        "{when: boxes, in: [items.box, boxes.no]}]"
    )

    orders = sheets.orders([TITLES, *rows], mapping)

    for issue in by_order.in_order(rules.check(orders)):
        assert orders.owners_of(issue.cell)
        assert issue.cell.column in ("", *"ABCDEFG")
