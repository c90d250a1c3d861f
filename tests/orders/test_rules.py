"""Rules of the mapping, on whole orders: a rule that is broken is named, with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import MappingError
from converter.mapping.model import ProviderMapping
from tests.orders.rows import FINE, one

MappingWith = Callable[..., ProviderMapping]


def test_a_sheet_without_problems_has_no_issues(sheets: Any, tiny: ProviderMapping) -> None:
    assert sheets.issues(FINE, tiny) == []


def test_a_sheet_without_orders_has_no_issues(sheets: Any, tiny: ProviderMapping) -> None:
    assert sheets.issues(FINE.strip().splitlines()[0], tiny) == []


MORE = """
  - {path: order.kind, title: {zh: 类型, en: Kind}}
  - {path: order.total, title: {zh: 总重, en: Total}, type: decimal}
  - {path: order.least, title: {zh: 下限, en: Least}, type: decimal}
  - {path: "items[].image", title: {zh: 图片, en: Image}}
  - {path: "items[].type", title: {zh: 格式, en: Format}}
"""


@pytest.mark.parametrize(
    ("rule", "table", "expected"),
    [
        pytest.param(
            "{when: 'order.total > order.least and not order.kind in [x, y]', "
            "require: [items.type]}",
            one(Kind="big", Least="4", Total="5"),
            ["Orders!2 Format: expected a value because Total > Least and not "
             "Kind in [x, y], but the sheet has no such column. Add the column and fill it "
             "in."],
            id="required by a condition on several fields",
        ),
        pytest.param(
            "{when: order.total > order.least or order.kind = x, require: [items.type]}",
            one(Kind="big", Least="5", Total="5"),
            [],
            id="a condition that does not hold",
        ),
        pytest.param(
            "{at_most: [order.total, sum(items.qty) * 2 + (order.least or 0)]}",
            one(Total="5"),
            ["Orders!E2 Total is 5, but sum(数量) * 2 + (Least or 0) is 4; the "
             "first should not be more than the second. Correct what is wrong."],
            id="computed limit",
        ),
        pytest.param(
            "{at_most: [order.total, items.qty * 2]}",
            one(Total="4"),
            [],
            id="computed limit for every entry",
        ),
        pytest.param(
            "{when: order.kind = big, require: [order.total, order.least]}",
            one(Kind="big", Least="", Total="5"),
            ["Orders!F2 Least: expected a value because Kind is big, found a blank cell. Fill it "
             "in."],
            id="required when a word stands there",
        ),
        pytest.param(
            "{when: order.kind = big, require: [order.total]}",
            one(Kind="big"),
            ["Orders!2 Total: expected a value because Kind is big, but the sheet has no such "
             "column. Add the column and fill it in."],
            id="required, but there is no column",
        ),
        pytest.param(
            "{when: order.kind = big, require: [order.total]}", one(Kind="small"), [],
            id="not required for another word",
        ),
        pytest.param(
            "{when: order.kind = big, require: [order.total]}", one(), [],
            id="not required where the condition is blank",
        ),
        pytest.param(
            "{when: order.kind != big, require: [order.total]}",
            one(Kind="small", Total=""),
            ["Orders!F2 Total: expected a value because Kind is not big, found a blank cell. "
             "Fill it in."],
            id="required unless a word stands there",
        ),
        pytest.param(
            "{when: order.kind != big, require: [order.total]}", one(), [],
            id="a blank is no other word",
        ),
        pytest.param(
            '{when: "order.kind in [big, huge]", require: [order.total]}',
            one(Kind="huge", Total=""),
            ["Orders!F2 Total: expected a value because Kind is big / huge, found a blank cell. "
             "Fill it in."],
            id="required for several words",
        ),
        pytest.param(
            "{when: order.kind, require: [order.total]}",
            one(Kind="any", Total=""),
            ["Orders!F2 Total: expected a value because Kind is filled in, found a blank cell. "
             "Fill it in."],
            id="required beside another cell",
        ),
        pytest.param(
            "{when: boxes, require: [order.total]}",
            one(箱号="1", 每箱件数="2", Total=""),
            ["Orders!G2 Total: expected a value, found a blank cell. Fill it in."],
            id="required where there are boxes",
        ),
        pytest.param(
            "{when: boxes, require: [order.total]}", one(箱号="", 每箱件数="", Total=""), [],
            id="not where there are none",
        ),
        pytest.param(
            "{when: items.image, require: [items.type]}",
            one(Image="x", Format=""),
            ["Orders!F2 Format: expected a value because Image is filled in, found a blank cell. "
             "Fill it in."],
            id="required in the same item",
        ),
        pytest.param(
            "{when: order.kind = big, require: [items.type]}",
            one(Kind="big", Format=""),
            ["Orders!F2 Format: expected a value because Kind is big, found a blank cell. Fill it "
             "in."],
            id="required in items of such orders",
        ),
        pytest.param(
            "{require: [order.total]}",
            one(Total=""),
            ["Orders!E2 Total: expected a value, found a blank cell. Fill it in."],
            id="required always",
        ),
        pytest.param(
            "{any_of: [order.to.phone, order.second]}",
            one(Phone="", 第二单号=""),
            ["Orders!E2 Phone: expected one of Phone / 第二单号, found both blank. Fill in one of "
             "them."],
            id="one of two",
        ),
        pytest.param(
            "{any_of: [order.to.phone, order.second]}", one(Phone="", 第二单号="x"), [],
            id="the other of two",
        ),
        pytest.param(
            "{not_both: [order.to.phone, order.second], because: {en: Choose., zh: 二选一。}}",
            one(Phone="1", 第二单号="x"),
            ["Orders!E2 Phone: expected only one of Phone / 第二单号, found more. "
             "Empty the others. Choose."],
            id="not both, and why",
        ),
        pytest.param(
            "{not_both: [order.to.phone, order.second]}", one(Phone="1"), [], id="only one",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}",
            one(总件数="3", 箱号="1", 每箱件数="2"),
            ["Orders!E2 总件数 is 3, but the sum of 每箱件数 is 2; the two should be "
             "equal. Correct what is wrong."],
            id="a sum that does not add up",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}",
            one(总件数="2", 箱号="1", 每箱件数="2"),
            [],
            id="a sum that does",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}", one(总件数="", 箱号="1", 每箱件数="2"), [],
            id="nothing to compare with",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}",
            one(总件数="2", 箱号="1", 每箱件数="two"),
            ["Orders!G2 每箱件数: expected a whole number, found 'two'. "
             "Type the number without other characters."],
            id="a sum of something unreadable",
        ),
        pytest.param(
            "{when: boxes, equal: [order.pieces, sum(boxes.count)]}", one(总件数="2"), [],
            id="a sum of nothing",
        ),
        pytest.param(
            "{equal: [order.pieces, count(items)]}",
            one(总件数="2"),
            ["Orders!E2 总件数 is 2, but the number of lines with 商品编码 is 1; the two "
             "should be equal. Correct what is wrong."],
            id="a count",
        ),
        pytest.param(
            '{at_least: [items.qty, "3"], because: {en: Sold by three., zh: 三件起售。}}',
            one(),
            ["Orders!D2 数量 is 2; it should be 3 or more. Correct what is wrong. "
             "Sold by three."],
            id="at least a number, and why",
        ),
        pytest.param('{at_least: [items.qty, "2"]}', one(), [], id="at least, and equal"),
        pytest.param('{at_least: [items.qty, "1"]}', one(), [], id="at least, and more"),
        pytest.param(
            '{at_least: [items.qty, "3"]}',
            one(数量="two"),
            ["Orders!D2 数量: expected a whole number, found 'two'. "
             "Type the number without other characters."],
            id="something unreadable, compared with a number",
        ),
        pytest.param(
            "{at_most: [order.least, order.total]}",
            one(Least="5.50", Total="5.5"),
            [],
            id="at most, and equal",
        ),
        pytest.param(
            "{at_most: [order.least, order.total]}",
            one(Least="5.51", Total="5.5"),
            ["Orders!E2 Least is 5.51, but Total is 5.5; the first should not be more than "
             "the second. Correct what is wrong."],
            id="at most, and more",
        ),
        pytest.param(
            "{near: [order.total, sum(boxes.count * boxes.weight)], within: 5, warn: true}",
            one(Total="10", 箱号="1", 每箱件数="2", 重量="5.3"),
            ["Warning: Orders!E2 Total is 10, but the sum of 每箱件数 × 重量 is 10.6; "
             "the two should be within 5 % of each other. Check them."],
            id="not near, which only warns",
        ),
        pytest.param(
            "{near: [order.total, sum(boxes.count * boxes.weight)], within: 5}",
            one(Total="10", 箱号="1", 每箱件数="2", 重量="5.25"),
            [],
            id="near enough",
        ),
        pytest.param('{near: [order.total, "9.5"], within: 5}', one(Total="10"), [],
                     id="just near enough"),
        pytest.param(
            '{near: [order.total, "9.49"], within: 5}',
            one(Total="10"),
            ["Orders!E2 Total is 10; it should be within 5 % of 9.49. Check them."],
            id="just not near enough",
        ),
        pytest.param(
            "{equal: [sum(boxes.count), order.pieces]}",
            one(总件数="3", 箱号="1", 每箱件数="2"),
            ["Orders!A2 客户单号: the sum of 每箱件数 is 2, but 总件数 is 3; the two should be "
             "equal. Correct what is wrong."],
            id="a sum alone stands in no cell",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_named(
    sheets: Any, mapping_with: MappingWith, rule: str, table: str, expected: list[str]
) -> None:
    mapping = mapping_with(more_fields=MORE, rules=f"[{rule}]")

    assert sheets.issues(table, mapping) == expected


@pytest.mark.parametrize(
    ("rule", "table", "expected"),
    [
        pytest.param(
            "{when: order.kind = big, require: [order.total]}",
            one(Kind="big", Total=""),
            "Orders!F2 Total：因为“Kind”为“big”，此处必填，但单元格为空。请填写。",
            id="required",
        ),
        pytest.param(
            "{any_of: [order.to.phone, order.second]}",
            one(电话="", 第二单号=""),
            "Orders!E2 电话 / 第二单号 至少填一个，现在都为空。请填写其中之一。",
            id="one of two",
        ),
        pytest.param(
            "{not_both: [order.to.phone, order.second], because: {en: Choose., zh: 二选一。}}",
            one(电话="1", 第二单号="x"),
            "Orders!E2 电话 / 第二单号 只能填一个，现在填了多个。请清空多余的。二选一。",
            id="not both",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}",
            one(总件数="3", 箱号="1", 每箱件数="2"),
            "Orders!E2 总件数填了 3，每箱件数合计为 2，两者应相等。请更正。",
            id="equal",
        ),
        pytest.param(
            '{at_least: [items.qty, "3"]}',
            one(),
            "Orders!D2 数量填了 2，不应小于 3。请更正。",
            id="at least",
        ),
        pytest.param(
            '{at_most: [items.qty, "1"]}',
            one(),
            "Orders!D2 数量填了 2，不应大于 1。请更正。",
            id="at most",
        ),
        pytest.param(
            '{near: [items.qty, "10"], within: 5, warn: true}',
            one(),
            "提醒：Orders!D2 数量填了 2，与 10 相差不应超过 5%。请核对。",
            id="near",
        ),
    ],
)
def test_a_broken_rule_in_chinese(
    sheets: Any, mapping_with: MappingWith, rule: str, table: str, expected: str
) -> None:
    mapping = mapping_with(more_fields=MORE, rules=f"[{rule}]")

    assert sheets.issues(table, mapping, lang="zh") == [expected]


def test_items_in_boxes_that_are_not_there_are_named(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(rules="[{when: boxes, in: [items.box, boxes.no]}]")
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 物品箱号 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | 1        | pen      | 1
A1       | Ann    | 2    | 2        | 3        | ink      | 2
B2       | Bob    | 3    | 1        | 3        | cap      | 3
C3       | Cid    |      |          | 9        | hat      | 4
"""

    assert sheets.issues(table, mapping) == [
        "Orders!E3 物品箱号: expected one of the numbers in 箱号 of the same order, found '3'. "
        "Correct the number, or add the missing line."
    ]
    assert sheets.issues(table, mapping, lang="zh") == [
        "Orders!E3 物品箱号：应为同一订单 箱号 中的一个，实际为 '3'。请更正，或补上缺少的行。"
    ]


def test_a_box_number_that_is_the_word_none_matches_no_blank(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(rules="[{in: [items.box, boxes.no]}]")
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 物品箱号 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | None     | pen      | 1
A1       | Ann    |      | 2        |          | ink      | 2
"""

    assert [line.split(": expected ")[0] for line in sheets.issues(table, mapping)] == [
        "Orders!E2 物品箱号",
        "Orders!C3 箱号",
    ]


def test_an_error_cell_is_no_number_to_add_up(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(
        rules="""
  - {equal: [order.pieces, sum(boxes.count)]}
  - {in: [items.box, boxes.no]}
  - {when: order.second != x, require: [order.to.phone]}
"""
    )
    path = sheets.xlsx(
        [
            ["客户单号", "收件人", "总件数", "箱号", "每箱件数", "第二单号", "商品编码", "数量"],
            ["A1", "Ann", "#N/A", "1", "#REF!", "#N/A", "pen", 1],
        ]
    )

    error = "found an Excel error (such as #N/A) instead of a value. "
    assert sheets.issues(path, mapping) == [
        f"Orders!C2 总件数: {error}Repair the formula or type the value.",
        f"Orders!E2 每箱件数: {error}Repair the formula or type the value.",
        f"Orders!F2 第二单号: {error}Repair the formula or type the value.",
    ]


NESTED = """
  - {path: ref, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: "parcels[].no", title: {zh: 箱号, en: Parcel}}
  - {path: "parcels[].kind", title: {zh: 类型, en: Kind}}
  - {path: "parcels[].items[].sku", title: {zh: 商品编码, en: Article}}
  - {path: "parcels[].items[].un", title: {zh: UN, en: UN no.}}
"""


def nested_mapping(mapping_with: MappingWith, rules: str) -> ProviderMapping:
    lists = '{parcels: {key: "parcels[].no"}, "parcels[].items": {key: "parcels[].items[].sku"}}'
    return mapping_with(fields=NESTED, reference="ref", lists=lists, rules=rules)


def test_a_rule_may_combine_a_list_with_the_list_around_it(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = nested_mapping(
        mapping_with, "[{when: parcels.kind = danger, require: ['parcels[].items[].un']}]"
    )
    table = """
客户单号 | 箱号 | 类型   | 商品编码 | UN
A1       | 1    | plain  | pen      |
A1       | 2    | danger | acid     |
A1       | 2    | danger | fuel     | 1203
B2       | 1    | danger | gas      |
"""

    assert sheets.issues(table, mapping) == [
        "Orders!E3 UN: expected a value because 类型 is danger, found a blank cell. Fill it in.",
        "Orders!E5 UN: expected a value because 类型 is danger, found a blank cell. Fill it in.",
    ]


def test_one_entry_without_a_number_in_each_outer_entry_is_enough(
    sheets: Any, mapping_with: MappingWith
) -> None:
    table = """
客户单号 | 箱号 | 类型 | 商品编码 | UN
A1       | 1    | a    |          | 5
A1       | 2    | b    |          | 6
"""

    assert sheets.issues(table, nested_mapping(mapping_with, "[]")) == []


def test_a_rule_over_two_separate_lists_is_refused_with_the_mapping(
    sheets: Any, mapping_with: MappingWith
) -> None:
    with pytest.raises(MappingError) as error:
        sheets.issues(FINE, mapping_with(rules="[{any_of: [items.sku, boxes.weight]}]"))

    assert "boxes" in str(error.value)
    assert "items" in str(error.value)


AMOUNTS = st.decimals(0, 99, places=2, allow_nan=False, allow_infinity=False)


@given(
    boxes=st.lists(st.tuples(st.integers(1, 9), AMOUNTS.filter(bool)), min_size=1, max_size=5),
    wrong=st.one_of(st.just(Decimal(0)), AMOUNTS),
)
def test_sums_add_up_exactly_or_are_named(
    sheets: Any,
    mapping_with: MappingWith,
    boxes: list[tuple[int, Decimal]],
    wrong: Decimal,
) -> None:
    mapping = mapping_with(
        more_fields=MORE, rules="[{equal: [order.total, sum(boxes.count * boxes.weight)]}]"
    )
    total = sum((count * weight for count, weight in boxes), wrong)
    titles = ["客户单号", "收件人", "商品编码", "数量", "总重", "箱号", "每箱件数", "重量"]
    table = [
        ["A1", "Ann", f"x{number}", "1", str(total), str(number), str(count), str(weight)]
        for number, (count, weight) in enumerate(boxes)
    ]

    found = sheets.issues([titles, *table], mapping)

    assert len(found) == (1 if wrong else 0)
