"""A profile as a workbook: what is offered, what a clerk fills in, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from openpyxl.worksheet.worksheet import Worksheet

from converter.profiles import store
from converter.profiles.model import ColumnChoice, FieldColumns, LeftOut, Profile

Run = Callable[..., Result]
Fill = Callable[..., None]

TITLES = ["Name", "First Name", "Last Name", "Tel", "Mobile phone", "Country", "City", "Zip"]
TITLES += ["Street", "No", "SKU1", "Qty1", "SKU2", "Qty2", "Ship by", "State of order", ""]
ROWS = [
    ["#1001", "Ann", "Lee", "", "3235550100", "US", "LA", "90001", "Main St", "12", "PEN", "1",
     "INK", "2", "Economy", "paid", "x"],
    ["#1002", "Bo", "Ek", "3235550111", "", "Übersee", "LA", "90001", "Oak St", "7", "PEN", "1",
     "", "", "Express", "cancelled", ""],
]  # fmt: skip


@pytest.fixture
def own_sheet(home: Path, sheets: Any) -> str:
    (home / "shop.xlsx").write_bytes(sheets.xlsx([TITLES, *ROWS]).read_bytes())
    return "shop.xlsx"


@pytest.fixture
def draft(run: Run, home: Path, own_sheet: str) -> Path:
    done = run("profile", "new", own_sheet, "-p", "oms", "--name", "Shop UK")
    assert done.exit_code == 0, done.stderr
    return home / "shop.profile.xlsx"


def row_of(sheet: Worksheet, title: str) -> int:
    return next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == title)


def fill_in(draft: Path, **cells: dict[str, Any]) -> None:
    """Write into cells of the workbook's sheets; those of Fields by `title/column`."""
    book = openpyxl.load_workbook(draft)
    for name, values in cells.items():
        sheet = book[name]
        for place, value in values.items():
            if "/" in place:
                title, _, letter = place.partition("/")
                sheet[f"{letter}{row_of(sheet, title)}"] = value
            else:
                sheet[place] = value
    book.save(draft)


FILLED = {
    "Platform order no./C": "Name",
    "Receiver name/C": "First Name",
    "Receiver name/D": "Last Name",
    "Receiver phone/C": "Tel",
    "Receiver phone/E": "Mobile phone",
    "Receiver address 1/C": "Street",
    "Receiver address 1/D": "No",
    "Warehouse code/F": "LA1",
    "Shipping method code/C": "Ship by",
    "Store code/C": "Q",
}


def test_the_workbook_offers_titles_values_and_what_is_known(draft: Path) -> None:
    book = openpyxl.load_workbook(draft)
    fields = book["Fields"]
    head = [cell.value for cell in fields[2]]
    needs = [str(fields.cell(row, 2).value) for row in range(3, fields.max_row + 1)]
    country = row_of(fields, "Receiver country")
    titles = [[cell.value for cell in row[:3]] for row in book["Titles"].iter_rows(min_row=2)]

    assert book.sheetnames == ["Fields", "Words", "Layout", "Titles", "Choices"]
    assert head[:8] == [
        "Field", "Required", "Column of the sheet", "Joined with", "Where blank", "Fixed value",
        "Example", "Note",
    ]  # fmt: skip
    assert needs == sorted(needs, key=["required", "with its group", "optional"].index)
    assert fields.column_dimensions["I"].hidden
    assert fields.cell(country, 3).value == "Country"
    assert fields.cell(row_of(fields, "SKU"), 3).value == "SKU1"
    assert str(fields.cell(row_of(fields, "SKU"), 8).value).startswith("Also SKU2, one item each.")
    assert titles[0] == ["Name", "A", "#1001 | #1002"]
    assert titles[-1] == ["Q", "Q", "x"]
    rules = {str(rule.sqref): rule.formula1 for rule in fields.data_validations.dataValidation}
    assert rules[f"C3:E{fields.max_row}"] == "'Titles'!$A$2:$A$18"
    assert "Choices!" in rules[f"F{country}"]


def test_words_that_a_field_does_not_know_are_listed(draft: Path, run: Run) -> None:
    fill_in(draft, Fields={"Shipping method code/C": "Ship by"})
    words = openpyxl.load_workbook(draft)["Words"]

    found = [[cell.value for cell in row[:3]] for row in words.iter_rows(min_row=2, max_row=3)]

    assert ["Receiver country", "Übersee", None] in found


def test_what_a_clerk_fills_in_is_kept_and_works(run: Run, home: Path, draft: Path) -> None:
    layout = {"B6": "day first", "B10": "State of order", "C10": "Cancelled； refunded"}
    words = {"A3": "Shipping method code", "B3": "Economy", "C3": "HK_TNT"}
    fill_in(draft, Fields=FILLED, Words=words, Layout=layout)

    done = run("profile", "keep", str(draft))

    assert done.exit_code == 0, done.stderr
    assert done.stderr == (
        "Profile 'Shop UK' is kept. It is used by itself when these titles come again.\n"
    )
    kept = store.find(home / "home", "Shop UK")
    assert kept.columns["buyerName"] == FieldColumns(
        ((ColumnChoice("First Name"), ColumnChoice("Last Name")),)
    )
    assert kept.columns["buyerMobile"] == FieldColumns(
        ((ColumnChoice("Tel"),), (ColumnChoice("Mobile phone"),))
    )
    assert kept.columns["itemDTOs[].sku"] == FieldColumns(
        ((ColumnChoice("SKU1"),), (ColumnChoice("SKU2"),)), numbered=True
    )
    assert kept.columns["platformStoreCode"] == FieldColumns(((ColumnChoice("", letter="Q"),),))
    assert kept.fixed == {"platformWarehouseCode": "LA1"}
    assert kept.words == {"shippingMethodCode": {"Economy": "HK_TNT"}}
    assert kept.date_order == "day first"
    assert kept.leave_out == (LeftOut(ColumnChoice("State of order"), ("Cancelled", "refunded")),)

    made = json.loads(run("convert", "shop.xlsx", "-p", "oms").stdout.splitlines()[0])
    assert made["body"] == [
        {
            "platformOrderNo": "#1001",
            "platformWarehouseCode": "LA1",
            "shippingMethodCode": "HK_TNT",
            "platformStoreCode": "x",
            "buyerName": "Ann Lee",
            "buyerMobile": "3235550100",
            "buyerCountryCode": "US",
            "buyerCity": "LA",
            "buyerPostcode": "90001",
            "buyerAddress": "Main St 12",
            "itemDTOs": [{"sku": "PEN", "quantity": 1}, {"sku": "INK", "quantity": 2}],
        }
    ]


def test_a_draft_may_be_tried_before_it_is_kept(run: Run, draft: Path) -> None:
    left_out = {"B10": "State of order", "C10": "cancelled"}
    fill_in(draft, Fields=FILLED, Words={"C2": "US"}, Layout=left_out)

    done = run("check", "shop.xlsx", "-p", "oms", "--profile", draft.name)

    assert done.exit_code == 0, done.stderr
    assert (
        "Profile 'Shop UK' is used. `converter profile keep shop.profile.xlsx` keeps it"
    ) in done.stderr


def test_a_kept_profile_is_written_again_as_it_was_filled_in(
    run: Run, home: Path, draft: Path
) -> None:
    (home / "products.csv").write_text("SKU,Quantity sold\nPEN,1\n", encoding="utf-8")
    fill_in(draft, Fields=FILLED, Layout={"B5": "1", "B7": "products.csv"})
    run("profile", "keep", str(draft))
    before = store.find(home / "home", "Shop UK")

    words = ("profile", "new", "shop.xlsx", "-p", "oms", "--name", "Shop UK", "--lang", "zh")
    assert run(*words, "-o", "again.xlsx").exit_code == 0
    assert openpyxl.load_workbook("again.xlsx").sheetnames[0] == "字段"
    assert run("profile", "keep", "again.xlsx").exit_code == 0

    assert store.find(home / "home", "Shop UK") == before
    assert before.product_table == str(home / "products.csv")


def test_every_cell_that_is_wrong_is_named_with_what_to_do(
    run: Run, home: Path, draft: Path
) -> None:
    fill_in(
        draft,
        Fields={
            "Platform order no./C": "Nmae",
            "Receiver name/D": "Last Name",
            "Receiver country/F": "Atlantis",
            "Quantity/F": "two",
        },
        Words={"C2": "Nowhere", "A3": "Colour", "B3": "red", "C3": "1"},
        Layout={"B1": None, "B5": "first", "B6": "backwards", "C10": "cancelled"},
    )

    done = run("profile", "keep", str(draft))

    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert lines[0] == (
        "Error: shop.profile.xlsx has 9 cells that cannot be used. Correct them there, and give "
        "it again."
    )
    assert "Fields!C3: the sheet has no column 'Nmae'; choose one from the list" in lines
    assert any("expected a country" in line and "Atlantis" in line for line in lines)
    assert any("expected a whole number, found 'two'" in line for line in lines)
    assert "Words!A3: oms has no field 'Colour'" in lines
    assert "Layout!B1: give the profile a name" in lines
    assert "Layout!B5: expected the number of a row, found 'first'" in lines
    assert "Layout!B6: choose one from the list, not 'backwards'" in lines
    assert store.kept(home / "home") == ([], [])


def test_a_workbook_that_is_no_profile_is_told_so(run: Run, own_sheet: str) -> None:
    done = run("profile", "keep", own_sheet)

    assert done.exit_code == 2
    assert "shop.xlsx is no profile: `converter profile new SHEET -p PROVIDER`" in done.stderr


def test_listing_showing_and_deleting(run: Run, home: Path) -> None:
    assert "No profile is kept yet." in run("profile", "list").stderr
    profile = Profile(
        "Shop",
        "oms",
        columns={"buyerMobile": FieldColumns(((ColumnChoice("A"),), (ColumnChoice("B", 2),)))},
        fixed={"platformWarehouseCode": "LA1"},
        words={"buyerCountryCode": {"Übersee": "US"}},
        header_row=3,
    )
    store.keep(home / "home", profile)

    assert run("profile", "list").stdout == "Shop  oms  1 columns, 1 fixed values\n"
    assert run("profile", "show", "shop").stdout.splitlines()[1:] == [
        "  Warehouse code: always 'LA1'",
        "  Receiver phone: A or, where blank, B (2)",
        "  Receiver country: Übersee = US",
        "  Row with the titles: 3",
    ]
    shown = json.loads(run("profile", "show", "shop", "--json").stdout)["profile"]
    assert shown["sha256"] == store.sha256(profile)
    assert json.loads(run("profile", "list", "--json").stdout)["profiles"] == [shown]
    assert run("profile", "delete", "SHOP").stderr == "Profile 'Shop' is deleted.\n"
    assert run("profile", "show", "shop").exit_code == 2


SHOPIFY = Path(__file__).parent.parent / "exports" / "shopify.csv"


def test_what_a_known_source_gives_need_not_be_chosen(run: Run, home: Path) -> None:
    (home / "shopify.csv").write_bytes(SHOPIFY.read_bytes())
    assert run("profile", "new", "shopify.csv", "-p", "oms").exit_code == 0
    draft = home / "shopify.profile.xlsx"
    fields = openpyxl.load_workbook(draft)["Fields"]
    address = row_of(fields, "Receiver address 1")
    assert fields.cell(address, 3).value == "Shipping Address1 + Shipping Address2"
    assert fields.cell(row_of(fields, "Shipping method code"), 3).value is None
    fill_in(
        draft,
        Fields={
            "Warehouse code/F": "LA1",
            "Shipping method code/C": "Shipping Method",
            "Receiver state/C": None,
        },
        Words={"A2": "Shipping method code", "B2": "Standard", "C2": "UPS"},
    )

    kept = run("profile", "keep", draft.name)

    assert kept.stderr.count("\n") == 1, kept.stderr
    profile = store.find(home / "home", "shopify")
    assert set(profile.columns) == {"shippingMethodCode", "buyerProvince"}
    assert profile.columns["buyerProvince"] == FieldColumns(())
    made = json.loads(run("convert", "shopify.csv", "-p", "oms").stdout.splitlines()[0])
    order = made["body"][0]
    assert (order["platformOrderNo"], order["buyerAddress"]) == ("#1001", "1 Example St, Apt 2")
    assert (order["platformWarehouseCode"], order["shippingMethodCode"]) == ("LA1", "UPS")
    assert "buyerProvince" not in order


def test_a_total_weight_may_be_a_sum_over_the_items(run: Run, home: Path, own_sheet: str) -> None:
    words = ("profile", "new", own_sheet, "-p", "scexpress", "-o", "sum.xlsx", "--lang", "zh")
    assert run(*words).exit_code == 0
    book = openpyxl.load_workbook("sum.xlsx")
    row = row_of(book["字段"], "预报总重量(KG)")
    rules = {str(one.sqref): one.formula1 for one in book["字段"].data_validations.dataValidation}
    assert "Σ 数量 × 毛重(KG)" in str(rules[f"F{row}"])
    book["字段"].cell(row, 6).value = "Σ 数量 × 毛重(KG)"
    row = row_of(book["字段"], "总件数")
    book["字段"].cell(row, 6).value = "=sum(items.nothing)"
    book["字段"].cell(row, 6).data_type = "s"
    book.save("sum.xlsx")

    done = run("profile", "keep", "sum.xlsx")
    assert done.exit_code == 2
    assert "字段!F5: " in done.stderr
    book["字段"].cell(row, 6).value = None
    book.save("sum.xlsx")
    assert run("profile", "keep", "sum.xlsx").exit_code == 0

    kept = store.find(home / "home", "shop")
    assert kept.fixed == {"order.forecastweight": "=sum(items.quantity * items.mweight)"}
    shown = run("profile", "show", "shop").stdout
    assert "  Total forecast weight (kg): always Σ Quantity × Gross weight (kg)" in shown
