"""What the result workbook reports, as values: nothing is written here."""

from __future__ import annotations

from typing import Any

import pytest

from converter import messages
from converter.mapping.block import Title
from converter.model import FOUND_TITLE, Cell, Issue, Result, Status, own_title, own_title_in
from converter.report import Report
from converter.results import palette
from converter.results.content import ResultContent
from converter.results.marks import marks_of
from converter.results.order_sheet import OrderSheet
from converter.results.page import Page
from converter.results.results_page import results_page
from converter.results.summary_page import summary_page

BLANK = "expected a value, found a blank cell. Fill it in."


def issue(column: str, row: int, title: str, *, warning: bool = False) -> Issue:
    return Issue(Cell("Orders", column, row), "x", title, "required", {}, warning)


def report(*rows: Result, **more: Any) -> Report:
    return Report("acme", "orders.xlsx", "20251201-101522-ab12", rows, **more)


def content(*rows: Result, name: str = "Orders", **more: Any) -> ResultContent:
    """The content for some orders; the sheet itself matters little."""
    facts = {key: more.pop(key) for key in ("warnings", "notes", "stopped", "facts") if key in more}
    letters, titles = ("A", "B", "C", "D"), ("客户单号", "国家", "数量", "备注")
    return ResultContent(
        report(*rows, **facts), OrderSheet(name, 1, letters, titles, 3, lambda: ()), **more
    )


def table(page: Page) -> list[list[str | int]]:
    return [[value.content for value in row] for row in page.rows]


def results(*rows: Result, **more: Any) -> list[list[str | int]]:
    """Results without its titles."""
    return table(results_page(content(*rows, **more), "Orders"))[1:]


# -- Results -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sandbox", [pytest.param(True, id="sandbox"), pytest.param(False, id="real")]
)
def test_results_has_english_below_the_chinese_words(sandbox: bool) -> None:
    """Row 1 has the titles even in the sandbox, which a column of its own tells."""
    rows = (Result("A-1", Status.ACCEPTED), Result("B-2", Status.INVALID))
    outputs = (("short", Title(en="Short no.", zh="短单号")),)

    page = results_page(content(*rows, outputs=outputs, lang="zh", sandbox=sandbox), "Orders")

    titles, *told = table(page)
    assert titles == [
        *(["SANDBOX 沙箱演练 — 没有真实发送"] if sandbox else []),
        "客户单号\nReference",
        "处理状态\nStatus",
        "处理说明\nMessage",
        "服务商单号\nProvider order no.",
        "跟踪单号\nTracking no.",
        "行号\nRows",
        "发送次数\nAttempts",
        "时间\nTime",
        "请求编号\nRequest ID",
        "短单号\nShort no.",
    ]
    assert [row[1 + sandbox] for row in told] == ["已接受 accepted", "数据有误 invalid"]
    assert [row[0] for row in told] == (["SANDBOX", "SANDBOX"] if sandbox else ["A-1", "B-2"])
    assert page.titled == 10 + sandbox
    assert len(page.widths) == len(titles)
    assert page.tab_colour == (palette.BANNER.fill if sandbox else palette.HEAD.fill)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param((), "", id="none"),
        pytest.param((2,), "2", id="one"),
        pytest.param((2, 3), "2, 3", id="two"),
        pytest.param((2, 3, 4), "2-4", id="run"),
        pytest.param((9, 2, 3, 4, 5, 12, 13), "2-5, 9, 12, 13", id="scattered"),
    ],
)
def test_rows_are_shown_as_runs(rows: tuple[int, ...], shown: str) -> None:
    assert results(Result("A-1", Status.VALID, rows=rows))[0][5] == shown


@pytest.mark.parametrize(
    ("result", "message"),
    [
        pytest.param(Result("A", Status.REJECTED, "库存不足"), "库存不足", id="its own"),
        pytest.param(
            Result("A", Status.REJECTED, "refused", issues=(issue("B", 4, "国家"),)),
            f"refused\nOrders!B4 国家: {BLANK}",
            id="with issues",
        ),
        pytest.param(
            Result(
                "A", Status.INVALID, f"Orders!B4 国家: {BLANK}", issues=(issue("B", 4, "国家"),)
            ),
            f"Orders!B4 国家: {BLANK}",
            id="issues spelled out already",
        ),
        pytest.param(
            Result("A", Status.INVALID, issues=tuple(issue("B", i, "国家") for i in range(30))),
            "\n".join([f"Orders!B{i} 国家: {BLANK}" for i in range(20)] + ["and 10 more"]),
            id="too many issues",
        ),
        pytest.param(
            Result(
                "A",
                Status.PARTIAL,
                parts=(
                    Result("A-1", Status.ACCEPTED, "", "159"),
                    Result("A-2", Status.REJECTED, "库存不足"),
                ),
            ),
            "A-1: accepted 159\nA-2: rejected 库存不足",
            id="parts",
        ),
    ],
)
def test_message_tells_everything_once(result: Result, message: str) -> None:
    at = 4 if result.status is Status.PARTIAL else 2  # behind the columns for a decision

    assert results(result)[0][at] == message


def test_parts_are_joined_into_one_row() -> None:
    parts = (
        Result("A-1", Status.ACCEPTED, "", "159", "EV1", attempts=1, time="2025-12-01T10:00:00Z"),
        Result("A-2", Status.ACCEPTED, "", "160", "EV2", attempts=2, time="2025-12-01T10:00:05Z"),
    )

    row = results(Result("A", Status.ACCEPTED, rows=(2, 3), parts=parts))[0]

    assert row[3:8] == [
        "159; 160",
        "EV1; EV2",
        "2, 3",
        3,
        messages.local_time("2025-12-01T10:00:05Z"),
    ]


def test_link_of_an_order_without_reference_stands_at_its_rows() -> None:
    wrong = Issue(Cell("Bob's", "", 4), "x", "", "required", {})
    told = Result("", Status.INVALID, rows=(4,), issues=(wrong,))

    _, row = results_page(content(told, name="Bob's"), "Bob's").rows

    assert row[5].link == "'Bob''s'!A4"


# -- the order sheet ---------------------------------------------------------------------------


def test_problem_on_another_sheet_is_marked_there_and_told_beside_its_order() -> None:
    elsewhere = Issue(Cell("Items", "A", 4), "x", "国家", "required", {})

    marks = marks_of(content(Result("A-1", Status.INVALID, rows=(2,), issues=(elsewhere,))))

    assert marks.cells == {"Items": {(4, "A"): [elsewhere]}}
    assert marks.messages == {2: "This row is fine; its order has a problem in Items!A4."}


@pytest.mark.parametrize(
    ("others", "link"),
    [
        pytest.param({"Items"}, "'Items'!A4", id="in the workbook"),
        pytest.param((), "", id="not in the workbook"),
    ],
)
def test_link_leads_to_another_sheet_that_is_there(others: Any, link: str) -> None:
    elsewhere = Issue(Cell("Items", "A", 4), "x", "国家", "required", {})
    told = Result("A-1", Status.INVALID, rows=(2,), issues=(elsewhere,))

    _, row = results_page(content(told), "Orders", others).rows

    assert row[0].link == link


def test_warning_on_a_row_of_no_order_stands_in_its_message() -> None:
    marks = marks_of(content(warnings=(issue("C", 3, "数量", warning=True),)))

    assert (marks.statuses, marks.messages) == ({}, {3: f"数量: {BLANK}"})


# -- Summary -----------------------------------------------------------------------------------


def test_summary_tells_the_run() -> None:
    reported = content(
        Result("A-1", Status.ACCEPTED),
        Result("B-2", Status.ACCEPTED),
        Result("C-3", Status.NOT_SENT),
        warnings=(issue("C", 3, "数量", warning=True),),
        notes=("Column H was passed over.",),
        stopped="credentials were refused",
        facts={"file": "orders.xlsx", "Host": "example.com"},
        sandbox=True,
    )

    page = summary_page(reported)

    assert page.tab_colour == palette.BANNER.fill
    assert table(page) == [
        ["SANDBOX — nothing real was sent", ""],
        ["Summary"],
        ["Stopped early", "credentials were refused"],
        [],
        ["accepted", 2],
        ["not sent", 1],
        ["Orders", 3],
        [],
        ["File", "orders.xlsx"],
        ["Host", "example.com"],
        [],
        ["Notes"],
        ["", "Column H was passed over."],
        [],
        ["Warnings"],
        ["", f"Orders!C3 数量: {BLANK}"],
    ]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", "查到的单号 Found order no."),
        ("en", "Found order no. 查到的单号"),
        ("vi", "Found order no. 查到的单号"),
    ],
)
def test_our_columns_begin_with_the_readers_language(lang: str, expected: str) -> None:
    written = own_title_in(FOUND_TITLE, lang)

    assert (written, own_title(written)) == (expected, FOUND_TITLE)
