"""What is said of the orders of one sheet: each with its problems, and what many share counted."""

from __future__ import annotations

from converter import messages
from converter.cli.command_line import NextCommand
from converter.cli.next_step import Situation
from converter.cli.summary import summarize
from converter.model import Cell, Issue, Result, Status
from converter.report import Report


def issue(row: int, column: str = "C", code: str = "required", *, warning: bool = False) -> Issue:
    facts = {"found": "'12'", "country": "SA"} if code == "phone_short" else {}
    return Issue(Cell("Orders", column, row), column, "", code, facts, warning=warning)


def invalid(reference: str, *issues: Issue) -> Result:
    return Result(reference, Status.INVALID, messages.issue(issues[0], "en"), issues=issues)


def said(*orders: Result, lang: str = "en") -> list[str]:
    report = Report("oms", "orders.xlsx", "", orders, lang=lang)
    command: NextCommand = lambda name, sheets: f"converter {name}"  # noqa: E731
    return list(summarize(report, lang, Situation("check", command)))[:-1]


BLANK = "expected a value, found a blank cell. Fill it in."


def test_the_problems_of_an_order_stand_under_its_number() -> None:
    warning = issue(3, "E", "phone_short", warning=True)

    assert said(
        invalid("A-1", issue(2)),
        Result("A-2", Status.VALID),
        invalid("A-3", issue(3), issue(3, "D"), warning, warning),
        invalid("", issue(4)),
    ) == [
        "A-1: invalid",
        f"  Orders!C2 {BLANK}",
        "A-3: invalid",
        f"  Orders!C3 {BLANK}",
        f"  Orders!D3 {BLANK}",
        "  Warning: Orders!E3 '12' is too short for a phone number of SA. Check it.",
        "(no reference): invalid",
        f"  Orders!C4 {BLANK}",
        "4 orders: 3 invalid, 1 valid",
    ]


def test_a_problem_that_many_orders_share_is_shown_for_a_few_of_them() -> None:
    many = [invalid(f"A-{row}", issue(row)) for row in range(2, 300)]
    other = invalid("B-1", issue(300), issue(300, "D"))

    lines = said(*many, other)

    assert lines[-4:] == [
        f"  Orders!C300 {BLANK}",
        f"  Orders!D300 {BLANK}",
        "invalid: 293 more orders",
        "299 orders: 299 invalid",
    ]
    assert len(lines) == 5 * 2 + 3 + 2


def test_a_refused_order_says_why_and_keeps_its_warnings() -> None:
    warning = issue(2, "E", "phone_short", warning=True)
    refused = Result("A-1", Status.REJECTED, "no such channel", issues=(warning,))

    assert said(refused, lang="zh") == [
        "A-1：被拒绝：no such channel",
        "  提醒：Orders!E2 '12' 的位数少于 SA 的电话号码。请核对。",
        "1 个订单：被拒绝 1 个",
    ]


def test_valid_orders_with_warnings_are_listed_and_counted() -> None:
    warning = issue(2, "E", "phone_short", warning=True)
    order = Result("A-1", Status.VALID, messages.issue_line(warning, "en"), issues=(warning,))

    assert said(order, Result("A-2", Status.VALID)) == [
        "A-1: valid, look",
        "  Warning: Orders!E2 '12' is too short for a phone number of SA. Check it.",
        "2 orders: 2 valid (1 of them to look at)",
    ]


def test_each_part_of_a_divided_order_has_a_line() -> None:
    parts = (Result("A-1-1", Status.REJECTED), Result("A-1-2", Status.ACCEPTED))
    told = "A-1-1 (Yiwu): rejected no stock\nA-1-2 (Canton): accepted"

    assert said(Result("A-1", Status.PARTIAL, told, parts=parts))[:3] == [
        "A-1: partial",
        "  A-1-1 (Yiwu): rejected no stock",
        "  A-1-2 (Canton): accepted",
    ]
