"""Checks on whole orders: all problems in one pass, in the sheet's order, with remedies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import MappingError
from converter.mapping.model import ProviderMapping
from converter.orders import by_order, rules

MappingWith = Callable[..., ProviderMapping]

FINE = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       | Ann    | 2    | 2        | ink      | 2
B2       | Bob    | 1    | 1        | cap      | 3
"""


def test_a_sheet_without_problems_has_no_issues(sheets: Any, tiny: ProviderMapping) -> None:
    assert sheets.issues(FINE, tiny) == []


def test_a_sheet_without_orders_has_no_issues(sheets: Any, tiny: ProviderMapping) -> None:
    assert sheets.issues(FINE.strip().splitlines()[0], tiny) == []


# -- required ----------------------------------------------------------------------------------

BLANK = "expected a value, found a blank cell. Fill it in."


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       |        | pen      | 1
A1       |        | ink      | 2
B2       | Bob    | cap      | 3
""",
            [f"Orders!B2 收件人: {BLANK}"],
            id="of an order: once, at its first row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      |
A1       | Ann    |          | 2
B2       | Bob    | cap      | 3
""",
            [f"Orders!D2 数量: {BLANK}", f"Orders!C3 商品编码: {BLANK}"],
            id="of an item: at its own row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 箱号 | 每箱件数 | Weight (kg) | 商品编码 | 数量
A1       | Ann    | 1    |          | 5           | pen      | 1
A1       | Ann    | 1    |          |             | ink      | 1
""",
            [f"Orders!D2 每箱件数: {BLANK}"],
            id="of a box: once, at its first row",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    | pen      | two
""",
            [
                "Orders!D2 数量: expected a whole number, found 'two'. "
                "Type the number without other characters."
            ],
            id="an unreadable cell is not blank too",
        ),
        pytest.param(
            """
客户单号 | 收件人 | 商品编码 | 数量
A1       | Ann    |          |
""",
            [
                "Orders!A2 expected at least one line with 商品编码 for this order, found none. "
                "Add one."
            ],
            id="a list that every order has",
        ),
    ],
)
def test_required_cells(
    sheets: Any, tiny: ProviderMapping, table: str, expected: list[str]
) -> None:
    assert sheets.issues(table, tiny) == expected


def test_required_cells_in_chinese(sheets: Any, tiny: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量
A1       |        |          |
"""

    assert sheets.issues(table, tiny, lang="zh") == [
        "Orders!A2 该订单至少要有一行填写了 商品编码，现在没有。请补充。",
        "Orders!B2 收件人: 必填，但单元格为空。请填写。",
    ]


def test_a_filled_in_value_is_enough(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(
        more_fields="""
  - {path: order.a, title: {zh: 甲, en: A}, required: true, default: X}
  - {path: order.b, title: {zh: 乙, en: B}, required: true, fallback: {parts: [$order.ref]}}
"""
    )

    assert sheets.issues(FINE, mapping) == []


def test_boxes_without_a_number_beside_others_are_issues(
    sheets: Any, tiny: ProviderMapping
) -> None:
    table = """
客户单号 | 收件人 | 箱号 | 每箱件数 | 商品编码 | 数量
A1       | Ann    | 1    | 2        | pen      | 1
A1       | Ann    |      | 1        | ink      | 2
B2       | Bob    |      | 1        | cap      | 3
"""

    assert sheets.issues(table, tiny) == [
        "Orders!C3 箱号: expected a number because the order has several of these, found a blank "
        "cell. Number them: rows with the same number are one."
    ]
    assert sheets.issues(table, tiny, lang="zh") == [
        "Orders!C3 箱号: 该订单有多个，必须编号，但单元格为空。请编号：编号相同的行视为同一个。"
    ]


# -- rules of the mapping ----------------------------------------------------------------------

MORE = """
  - {path: order.kind, title: {zh: 类型, en: Kind}}
  - {path: order.total, title: {zh: 总重, en: Total}, type: decimal}
  - {path: order.least, title: {zh: 下限, en: Least}, type: decimal}
  - {path: "items[].image", title: {zh: 图片, en: Image}}
  - {path: "items[].type", title: {zh: 格式, en: Format}}
"""


def one(**cells: str) -> str:
    """One order with one item and some more cells."""
    made = {"客户单号": "A1", "收件人": "Ann", "商品编码": "pen", "数量": "2", **cells}
    return " | ".join(made) + "\n" + " | ".join(made.values())


@pytest.mark.parametrize(
    ("rule", "table", "expected"),
    [
        pytest.param(
            "{when: 'order.total > order.least and not order.kind in [x, y]', "
            "require: [items.type]}",
            one(Kind="big", Least="4", Total="5"),
            ["Orders!2 Format: expected a value because order.total > order.least and not "
             "order.kind in [x, y], but the sheet has no such column. Add the column and fill it "
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
            ["Orders!E2 Total: Total is 5, but sum(items.qty) * 2 + (order.least or 0) is 4; the "
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
            ["Orders!F2 Least: expected a value because Kind = big, found a blank cell. Fill it "
             "in."],
            id="required when a word stands there",
        ),
        pytest.param(
            "{when: order.kind = big, require: [order.total]}",
            one(Kind="big"),
            ["Orders!2 Total: expected a value because Kind = big, but the sheet has no such "
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
            ["Orders!F2 Total: expected a value because Kind ≠ big, found a blank cell. Fill it "
             "in."],
            id="required unless a word stands there",
        ),
        pytest.param(
            "{when: order.kind != big, require: [order.total]}", one(), [],
            id="a blank is no other word",
        ),
        pytest.param(
            '{when: "order.kind in [big, huge]", require: [order.total]}',
            one(Kind="huge", Total=""),
            ["Orders!F2 Total: expected a value because Kind = big / huge, found a blank cell. "
             "Fill it in."],
            id="required for several words",
        ),
        pytest.param(
            "{when: order.kind, require: [order.total]}",
            one(Kind="any", Total=""),
            ["Orders!F2 Total: expected a value because Kind, found a blank cell. Fill it in."],
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
            ["Orders!F2 Format: expected a value because Image, found a blank cell. Fill it in."],
            id="required in the same item",
        ),
        pytest.param(
            "{when: order.kind = big, require: [items.type]}",
            one(Kind="big", Format=""),
            ["Orders!F2 Format: expected a value because Kind = big, found a blank cell. Fill it "
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
            ["Orders!E2 总件数: 总件数 is 3, but the sum of 每箱件数 is 2; the two should be "
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
            ["Orders!E2 总件数: 总件数 is 2, but the number of lines with 商品编码 is 1; the two "
             "should be equal. Correct what is wrong."],
            id="a count",
        ),
        pytest.param(
            '{at_least: [items.qty, "3"], because: {en: Sold by three., zh: 三件起售。}}',
            one(),
            ["Orders!D2 数量: 数量 is 2; it should be 3 or more. Correct what is wrong. "
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
            ["Orders!E2 Least: Least is 5.51, but Total is 5.5; the first should not be more than "
             "the second. Correct what is wrong."],
            id="at most, and more",
        ),
        pytest.param(
            "{near: [order.total, sum(boxes.count * boxes.weight)], within: 5, warn: true}",
            one(Total="10", 箱号="1", 每箱件数="2", 重量="5.3"),
            ["Warning: Orders!E2 Total: Total is 10, but the sum of 每箱件数 × 重量 is 10.6; "
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
            ["Orders!E2 Total: Total is 10; it should be within 5 % of 9.49. Check them."],
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
            "Orders!F2 Total: 因为 Kind = big，此处必填，但单元格为空。请填写。",
            id="required",
        ),
        pytest.param(
            "{any_of: [order.to.phone, order.second]}",
            one(电话="", 第二单号=""),
            "Orders!E2 电话: 电话 / 第二单号 至少填一个，现在都为空。请填写其中之一。",
            id="one of two",
        ),
        pytest.param(
            "{not_both: [order.to.phone, order.second], because: {en: Choose., zh: 二选一。}}",
            one(电话="1", 第二单号="x"),
            "Orders!E2 电话: 电话 / 第二单号 只能填一个，现在填了多个。请清空多余的。二选一。",
            id="not both",
        ),
        pytest.param(
            "{equal: [order.pieces, sum(boxes.count)]}",
            one(总件数="3", 箱号="1", 每箱件数="2"),
            "Orders!E2 总件数: 总件数填了 3，每箱件数合计为 2，两者应相等。请更正。",
            id="equal",
        ),
        pytest.param(
            '{at_least: [items.qty, "3"]}',
            one(),
            "Orders!D2 数量: 数量填了 2，不应小于 3。请更正。",
            id="at least",
        ),
        pytest.param(
            '{at_most: [items.qty, "1"]}',
            one(),
            "Orders!D2 数量: 数量填了 2，不应大于 1。请更正。",
            id="at most",
        ),
        pytest.param(
            '{near: [items.qty, "10"], within: 5, warn: true}',
            one(),
            "提醒：Orders!D2 数量: 数量填了 2，与 10 相差不应超过 5%。请核对。",
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
        "Orders!E3 物品箱号: 应为同一订单 箱号 中的一个，实际为 '3'。请更正，或补上缺少的行。"
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
        "Orders!E3 UN: expected a value because 类型 = danger, found a blank cell. Fill it in.",
        "Orders!E5 UN: expected a value because 类型 = danger, found a blank cell. Fill it in.",
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


# -- text that is made of other text ------------------------------------------------------------

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
        "提醒：Orders!A3 客户单号: 单号 'AB-1' 与 'ab-1' 仅大小写或全半角不同。请确认是两个订单。"
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
        "Orders!E3 供应商: 该订单涉及多个，此行为空。请填写：订单将按此拆分发送。"
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
