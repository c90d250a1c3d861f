"""Checks of single cells: all problems in one pass, each with its cell and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import messages
from converter.checks.cells import Cells
from converter.checks.values import BAD
from converter.mapping.model import ProviderMapping
from converter.message import t
from converter.messages import translate

MappingWith = Callable[..., ProviderMapping]

MORE = """
  - {path: order.mail, title: {zh: 邮箱, en: Email}, format: email}
  - {path: order.code, title: {zh: 代码, en: Code}, max: 5}
  - {path: order.use, title: {zh: 用途, en: Use}, warn_format: latin, max: 8}
  - {path: order.value, title: {zh: 金额, en: Value}, type: decimal, above: 0, at_most: 99.5}
  - {path: order.share, title: {zh: 份额, en: Share}, type: integer, at_least: 1, at_most: 3}
  - {path: order.land, title: {zh: 国家, en: Country}, type: country, max: 2}
  - path: order.day
    title: {zh: 日期, en: Day}
    type: datetime
    pattern: "%Y-%m-%d %H:%M"
  - path: order.kind
    title: {zh: 类型, en: Kind}
    type: choice
    choices: {1: [big], 2: [small]}
    not_sent: [unknown]
"""


@pytest.fixture(scope="module")
def mapping(mapping_with: MappingWith) -> ProviderMapping:
    return mapping_with(more_fields=MORE)


def messages_of(cells: Cells, lang: str = "en") -> list[str]:
    mark = {True: translate(t(messages.WARNING), lang), False: ""}
    return [mark[issue.warning] + messages.issue(issue, lang) for issue in cells.issues]


def column(title: str, *values: Any) -> list[list[Any]]:
    """A sheet with the required columns and one column of these values."""
    needed = ["客户单号", "收件人", "商品编码", "数量"]
    return [[*needed, title], *(["A1", "Ann", "pen", 1, value] for value in values)]


# -- problems ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "text", "en", "zh"),
    [
        pytest.param(
            "Pieces",
            "two",
            "Orders!E2 Pieces: expected a whole number, found 'two'. "
            "Type the number without other characters.",
            "Orders!E2 Pieces：应为整数，实际为 'two'。请只填数字。",
            id="type",
        ),
        pytest.param(
            "金额",
            "0",
            "Orders!E2 金额: expected more than 0, found '0'. Correct the number.",
            "Orders!E2 金额：应大于 0，实际为 '0'。请更正。",
            id="above",
        ),
        pytest.param(
            "Share *",
            "0",
            "Orders!E2 Share: expected 1 or more, found '0'. Correct the number.",
            "Orders!E2 Share：不得小于 1，实际为 '0'。请更正。",
            id="at least",
        ),
        pytest.param(
            "Value",
            "1,000.00",
            "Orders!E2 Value: expected 99.5 or less, found '1,000.00'. Correct the number.",
            "Orders!E2 Value：不得大于 99.5，实际为 '1,000.00'。请更正。",
            id="at most",
        ),
        pytest.param(
            "Code",
            "sixsix",
            "Orders!E2 Code: expected at most 5 characters, found 6: 'sixsix'. Shorten it.",
            "Orders!E2 Code：最多 5 个字符，实际 6 个：'sixsix'。请缩短。",
            id="too long",
        ),
        pytest.param(
            "Email",
            "ann at home",
            "Orders!E2 Email: expected an email address, found 'ann at home'. Correct it.",
            "Orders!E2 Email：应为邮箱地址，实际为 'ann at home'。请更正。",
            id="form",
        ),
        pytest.param(
            "Use",
            "手机",
            "Warning: Orders!E2 Use: the provider wants this in English, found '手机'. "
            "Translate it.",
            "提醒：Orders!E2 Use：此处应填英文，实际为 '手机'。请翻译。",
            id="a wish only warns",
        ),
        pytest.param(
            "Kind\nin your words",
            "",
            "",
            "",
            id="blank",
        ),
    ],
)
def test_a_problem_says_what_was_wanted_and_what_was_found(
    sheets: Any, mapping: ProviderMapping, title: str, text: str, en: str, zh: str
) -> None:
    cells = sheets.cells(column(title, text), mapping)

    assert messages_of(cells) == ([en] if en else [])
    assert messages_of(cells, "zh") == ([zh] if zh else [])


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Value", "0.01", id="just above"),
        pytest.param("Value", "99.50", id="at most, and equal"),
        pytest.param("Share", "1", id="at least, and equal"),
        pytest.param("Share", "3", id="the largest"),
        pytest.param("Code", "fives", id="just short enough"),
        pytest.param("Code", "五五五五五", id="characters, not bytes"),
        pytest.param("Email", "", id="a blank has no form"),
        pytest.param("Value", "-", id="a dash is blank"),
    ],
)
def test_values_at_the_bounds_are_good(
    sheets: Any, mapping: ProviderMapping, title: str, text: str
) -> None:
    assert messages_of(sheets.cells(column(title, text), mapping)) == []


def test_one_cell_may_have_several_problems(sheets: Any, mapping: ProviderMapping) -> None:
    cells = sheets.cells(column("Use", "手机手机手机手机手机"), mapping)

    assert messages_of(cells) == [
        "Orders!E2 Use: expected at most 8 characters, found 10: '手机手机手机手机手机'. "
        "Shorten it.",
        "Warning: Orders!E2 Use: the provider wants this in English, found '手机手机手机手机手机'. "
        "Translate it.",
    ]


def test_all_problems_are_found_in_one_pass(sheets: Any, mapping: ProviderMapping) -> None:
    table = """
客户单号 | 收件人 | 商品编码 | 数量 | Value | Country  | Day   | Kind
A1       | Ann    | pen      | two  | 5     | Atlantis | 1/2/3 | big
A2       | Bob    | ink      | 0    | -1    | US       |       | huge
A3       | Cid    | cap      | two  | 5     | US       |       | small
"""

    assert messages_of(sheets.cells(table, mapping)) == [
        "Orders!D2 数量: expected a whole number, found 'two'. "
        "Type the number without other characters.",
        "Orders!D4 数量: expected a whole number, found 'two'. "
        "Type the number without other characters.",
        "Orders!D3 数量: expected 1 or more, found '0'. Correct the number.",
        "Orders!E3 Value: expected more than 0, found '-1'. Correct the number.",
        "Orders!F2 Country: expected a country such as US, 美国 or United States, "
        "found 'Atlantis'. Type the two-letter code.",
        "Orders!G2 Day: expected a date such as 2025-12-01 10:20:00, found '1/2/3'. "
        "Write year, month, day in this order.",
        "Orders!H3 Kind: expected one of 1 (big), 2 (small); found 'huge'. Choose one of these.",
    ]


def test_a_cell_that_two_fields_read_is_reported_once(
    sheets: Any, mapping_with: MappingWith
) -> None:
    fields = """
  - {path: order.ref, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: "boxes[].no", title: {zh: 箱号, en: Box}, type: integer}
  - {path: "items[].box", title: {zh: 物品箱号, en: Packed}, type: integer, copies: "boxes[].no"}
"""
    cells = sheets.cells("客户单号 | 箱号\nA1 | one", mapping_with(fields=fields))

    assert messages_of(cells) == [
        "Orders!B2 箱号: expected a whole number, found 'one'. "
        "Type the number without other characters."
    ]


def test_a_cell_that_fits_only_the_field_it_is_copied_from_is_an_issue(
    sheets: Any, mapping_with: MappingWith
) -> None:
    fields = """
  - {path: order.ref, title: {zh: 客户单号, en: Reference}, required: true}
  - {path: "boxes[].no", title: {zh: 箱号, en: Box}}
  - {path: "items[].box", title: {zh: 物品箱号, en: Packed}, type: integer, copies: "boxes[].no"}
"""
    cells = sheets.cells("客户单号 | 箱号\nA1 | one", mapping_with(fields=fields))

    assert messages_of(cells) == [
        "Orders!B2 箱号: expected a whole number, found 'one'. "
        "Type the number without other characters."
    ]


# -- what the file has lost --------------------------------------------------------------------

ERROR = (
    "Orders!E2 {}: found an Excel error (such as #N/A) instead of a value. "
    "Repair the formula or type the value."
)
NO_VALUE = (
    "Orders!E2 {}: found a formula that was never calculated. "
    "Open the file in Excel and save it again."
)
ROUNDED = (
    "Orders!E2 {}: found a number of more than 15 digits, which Excel has already rounded. "
    "Set the cell to text and type the number again."
)
DATE = (
    "Orders!E2 {}: found a date where text is wanted; Excel may have turned the typed text into "
    "a date. Set the cell to text and type it again."
)


@pytest.mark.parametrize(
    ("title", "value", "expected"),
    [
        pytest.param("Phone", "#N/A", [ERROR.format("Phone")], id="error"),
        pytest.param("Colour", "#N/A", [], id="error in a column that is not used"),
        pytest.param("Phone", "=A1", [NO_VALUE.format("Phone")], id="formula without value"),
        pytest.param("Phone", 138000000000012345, [ROUNDED.format("Phone")], id="rounded phone"),
        pytest.param("Code", 138000000000012345, [ROUNDED.format("Code")], id="said once"),
        pytest.param("Value", 1e22, [ROUNDED.format("Value")], id="rounded number"),
        pytest.param("Phone", 13800000000, [], id="a phone of eleven digits"),
        pytest.param("Phone", "138000000000012345", [], id="a long phone as text"),
        pytest.param("Code", datetime(2025, 1, 2), [DATE.format("Code")], id="date for a code"),
        pytest.param("Share", datetime(2025, 1, 2), [DATE.format("Share")], id="date for a number"),
        pytest.param("Day", datetime(2025, 1, 2, 3, 4), [], id="date for a date"),
    ],
)
def test_what_the_file_has_lost_is_an_issue_and_no_value(
    sheets: Any, mapping: ProviderMapping, title: str, value: object, expected: list[str]
) -> None:
    cells = sheets.cells(sheets.xlsx(column(title, value)), mapping)

    bad = [
        path
        for path, found in cells.columns.items()
        if any(value is BAD for value in found.values[found.codes])
    ]
    assert messages_of(cells) == expected
    assert [cells.table.columns[path].title for path in bad] == [title][: len(expected)]


def test_the_same_text_is_a_value_where_nothing_was_lost(
    sheets: Any, mapping: ProviderMapping
) -> None:
    path = sheets.xlsx(column("Second ref.", 1000000000000000, "1000000000000000"))

    found = sheets.cells(path, mapping).columns["order.second"]

    assert found.values[found.codes].tolist() == [BAD, "1000000000000000"]
    assert found.sent[found.codes].tolist() == [None, "1000000000000000"]


def test_a_row_with_too_many_cells_is_an_issue(sheets: Any, mapping: ProviderMapping) -> None:
    rows = column("Phone", "12", "5, London", "13")
    rows[2].append("London")

    assert messages_of(sheets.cells(rows, mapping)) == [
        "Orders!3 the row has more or fewer cells than the header and the other rows, so its "
        "values may stand in the wrong columns. Put texts that hold the separator in quotation "
        "marks, and see that no separator is missing."
    ]


def test_what_the_header_row_has_lost_is_no_issue(sheets: Any, mapping: ProviderMapping) -> None:
    rows = column("Phone", "12")
    rows[0].append("#N/A")

    assert messages_of(sheets.cells(sheets.xlsx(rows), mapping)) == []


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "path", "texts", "values", "sent"),
    [
        pytest.param(
            "Value", "order.value", ["5.0", "", "bad", "-"],
            [Decimal("5.0"), None, BAD, None], [5, None, None, None], id="numbers",
        ),
        pytest.param(
            "Phone", "order.to.phone", ["007", "-", " 7 ", ""],
            ["007", None, "7", None], ["007", None, "7", None], id="texts",
        ),
        pytest.param(
            "Kind", "order.kind", ["big", "unknown", "2", "huge"],
            ["1", None, "2", BAD], ["1", None, "2", None], id="choices",
        ),
        pytest.param(
            "Use", "order.use", ["手机", "far too long", "pen", ""],
            ["手机", BAD, "pen", None], ["手机", None, "pen", None], id="a wish is no fault",
        ),
    ],
)  # fmt: skip
def test_every_row_has_its_value(
    sheets: Any, mapping: ProviderMapping, title: str, path: str, texts: list[str],
    values: list[Any],
    sent: list[Any],
) -> None:  # fmt: skip
    cells = sheets.cells(column(title, *texts), mapping)
    found = cells.columns[path]

    assert cells.rows.tolist() == [2, 3, 4, 5]
    assert found.values[found.codes].tolist() == values
    assert found.sent[found.codes].tolist() == sent
    assert (found.codes < 0).tolist() == [value is None for value in values]


def test_a_sheet_without_rows_has_no_cells(sheets: Any, mapping: ProviderMapping) -> None:
    cells = sheets.cells(column("Phone"), mapping)

    assert cells.rows.tolist() == []
    assert not [*cells.issues]


@given(st.lists(st.sampled_from(["1", "2", "two", "", "0", "1.0", "-", " 3 "]), min_size=1))
def test_every_bad_cell_is_named_and_no_other(
    sheets: Any, tiny: ProviderMapping, texts: list[str]
) -> None:
    table = [["客户单号", "收件人", "商品编码", "数量"], *(["A", "Ann", "pen", t] for t in texts)]

    found = sheets.cells(table, tiny)

    bad = [row for row, text in enumerate(texts, 2) if text in ("two", "0", "-")]
    assert sorted(issue.cell.row for issue in found.issues) == bad
    assert {issue.cell.column for issue in found.issues} <= {"D"}
