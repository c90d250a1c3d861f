"""Sheets of no known source: whose columns are the receiver's, and which rows are no orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from converter.errors import SheetError
from converter.layout.find import find_table
from converter.layout.titles import Titles
from converter.mapping.load import find_mapping, load_mapping
from converter.model import Issue
from converter.profile_workbook.columns import sheet_area, sheet_columns, suggest
from converter.profiles.model import ColumnChoice, LeftOut, Profile
from converter.sheet import read

OMS = load_mapping(find_mapping("oms"))
NEUTRAL = load_mapping(Path(__file__).parent / "neutral.yaml")
TITLES = ["Order ID", "SKU", "Qty", "สถานะการสั่งซื้อ"]


def suggested(sheets: Any, titles: list[str], row: list[str]) -> dict[str, list[list[str]]]:
    (sheet,) = read(sheets.csv([titles, row]))
    columns = sheet_columns(sheet_area(sheet, OMS, Profile("", "oms")))
    found = suggest(OMS, columns, Profile("", "oms"))
    return {
        path: [[str(one) for one in joined] for joined in own.alternatives]
        for path, own in found.columns.items()
    }


def test_a_profile_offers_the_receiver_rather_than_the_buyer(sheets: Any) -> None:
    offered = suggested(sheets, ["订单号", "买家姓名", "收件人姓名"], ["A1", "Pat", "Ann"])

    assert offered["buyerName"] == [["收件人姓名"]]


def test_a_profile_offers_names_in_two_columns(sheets: Any) -> None:
    titles = ["Order ID", "Shipping First Name", "Shipping Last Name"]
    offered = suggested(sheets, titles, ["A1", "Ann", "Example"])

    assert offered["buyerName"] == [["Shipping First Name", "Shipping Last Name"]]


@pytest.mark.parametrize("word", ["ยกเลิกแล้ว", "Cancelled", "已取消", "storniert", " CANCELED "])
def test_a_row_that_says_it_is_cancelled_is_asked_about(sheets: Any, word: str) -> None:
    rows = [TITLES, ["A1", "MUG", "1", "paid"], ["A2", "MUG", "2", word]]

    (issue,) = sheets.table(rows, NEUTRAL).issues

    assert (issue.code, str(issue.cell).partition("!")[2]) == ("order_cancelled", "D3")


@pytest.mark.parametrize(
    "row",
    [["A1", "MUG", "1", "not cancelled yet"], ["A1", "Cancelled", "1", "paid"]],
    ids=["more words", "a field's own column"],
)
def test_other_cells_cancel_nothing(sheets: Any, row: list[str]) -> None:
    assert sheets.table([TITLES, row], NEUTRAL).issues == ()


def test_a_profile_that_names_the_column_has_decided(sheets: Any) -> None:
    rows = [TITLES, ["A1", "MUG", "1", "paid"], ["A2", "MUG", "2", "Cancelled"]]
    column = ColumnChoice(TITLES[3], 1)
    decided = Profile("T", "neutral", leave_out=(LeftOut(column, ("returned",)),))

    issues: tuple[Issue, ...] = find_table(
        read(sheets.csv(rows)), NEUTRAL, Path("orders.xlsx"), profile=decided
    ).issues

    assert issues == ()


def test_sheets_that_a_profile_does_not_name_are_told(sheets: Any) -> None:
    rows = [["Order ID", "SKU", "Qty"], ["A1", "MUG", "1"]]
    path = sheets.xlsx({"April": rows, "May": [rows[0], ["A2", "MUG", "2"]], "Notes": [["Hello"]]})
    named = Profile("T", "neutral", sheets=("April",))

    found = find_table(read(path), NEUTRAL, path, profile=named)

    assert [str(note) for note in found.notes if "May" in note] == [
        "Sheets that may have orders too were not read, because the profile names others: 'May'."
    ]


def test_what_a_profile_lacks_is_to_be_said_in_the_profile(sheets: Any) -> None:
    lacking = Profile("Shop UK", "oms", titles=("Order ID", "SKU"))

    with pytest.raises(SheetError) as refused:
        find_table(read(sheets.csv([["Order ID", "SKU"], ["A1", "MUG"]])), OMS, Path("a.xlsx"),
                   profile=lacking)  # fmt: skip

    assert "converter profile new a.xlsx -p oms --name 'Shop UK'" in str(refused.value)


@pytest.mark.parametrize("title", ["地址1", "详细地址1", "省市县", "详细地址3"])
def test_titles_of_erps_are_known(title: str) -> None:
    assert Titles(OMS).is_known(title)
