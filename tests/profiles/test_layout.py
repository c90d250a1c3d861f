"""Sheets read with a profile: its columns, fixed values, words and rows that are no orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from converter import layout, sheet
from converter.checks import cells
from converter.errors import SheetError
from converter.layout.notes import LEFT_OUT, NEW_COLUMN
from converter.layout.table import Table
from converter.mapping.load import find_mapping, load_mapping
from converter.message import t
from converter.orders import grouping
from converter.orders.payload import Payloads
from converter.profiles.apply import with_profile
from converter.profiles.model import ColumnChoice, FieldColumns, LeftOut, Profile

OMS = load_mapping(find_mapping("oms"))


def choice(text: str) -> ColumnChoice:
    """A column by its title; `A (2)` is the second of that title, `=C` the column C."""
    if text.startswith("="):
        return ColumnChoice("", letter=text[1:])
    title, _, number = text.partition(" (")
    return ColumnChoice(title, int(number.rstrip(")") or 1))


def columns(*alternatives: str, numbered: bool = False) -> FieldColumns:
    """Columns of a field, those of `A + B` joined."""
    return FieldColumns(
        tuple(tuple(map(choice, one.split(" + "))) for one in alternatives), numbered
    )


TITLES = ["Ref", "First", "Last", "Ship phone", "Bill phone", "Land", "Ort", "Plz", "Str", "Nr"]
TITLES += ["Art", "Menge", "Art", "Menge", "Status"]
ROW = ["A-1", "Ann", "Lee", "", "3235550100", "US", "LA", "90001", "Main St", "12"]
ROW += ["PEN", "1", "INK", "2", "paid"]
PROFILE = Profile(
    "Shop",
    "oms",
    titles=tuple(TITLES),
    columns={
        "platformOrderNo": columns("Ref"),
        "buyerName": columns("First + Last"),
        "buyerMobile": columns("Ship phone", "Bill phone"),
        "buyerCountryCode": columns("Land"),
        "buyerCity": columns("Ort"),
        "buyerPostcode": columns("Plz"),
        "buyerAddress": columns("Str + Nr"),
        "itemDTOs[].sku": columns("Art", "Art (2)", numbered=True),
        "itemDTOs[].quantity": columns("Menge", "Menge (2)", numbered=True),
    },
    fixed={"platformWarehouseCode": "LA1", "shippingMethodCode": "UPS"},
)


def read(sheets: Any, rows: list[list[str]], profile: Profile = PROFILE) -> Table:
    path = sheets.xlsx(rows)
    return layout.find_table(sheet.read(path), with_profile(OMS, profile), path, profile=profile)


def payloads(table: Table, profile: Profile = PROFILE) -> list[Any]:
    mapping = with_profile(OMS, profile)
    settings = {"time_zone": "Asia/Shanghai"}
    grouped = grouping.group(cells.check(table, mapping, settings), mapping)
    made = Payloads(grouped)
    return [order.payload for at in range(len(grouped.references)) for order in made.of(at)]


def test_columns_are_joined_numbered_and_filled_up(sheets: Any) -> None:
    other = ["A-2", "Bo", "", "3235550111", "3235550100", *ROW[5:12], "", "", "paid"]

    first, second = payloads(read(sheets, [TITLES, ROW, other]))

    assert first == {
        "platformOrderNo": "A-1",
        "platformWarehouseCode": "LA1",
        "shippingMethodCode": "UPS",
        "buyerName": "Ann Lee",
        "buyerMobile": "3235550100",
        "buyerCountryCode": "US",
        "buyerCity": "LA",
        "buyerPostcode": "90001",
        "buyerAddress": "Main St 12",
        "itemDTOs": [{"sku": "PEN", "quantity": 1}, {"sku": "INK", "quantity": 2}],
    }
    assert (second["buyerName"], second["buyerMobile"]) == ("Bo", "3235550111")
    assert second["itemDTOs"] == [{"sku": "PEN", "quantity": 1}]


def test_the_cell_of_an_alternative_is_the_one_that_is_filled(sheets: Any) -> None:
    table = read(sheets, [TITLES, ROW, ["A-2", "Bo", "", "3235550111", *ROW[4:]]])

    found = [str(table.cell("buyerMobile", line)) for line in table.parts[0].rows * 2]
    assert found == ["Orders!E2", "Orders!D3"]


def test_chinese_names_are_joined_with_the_family_name_first(sheets: Any) -> None:
    titles = ["Ref", "First Name", "Last Name", *TITLES[3:]]
    profile = replace(
        PROFILE,
        titles=tuple(titles),
        columns={**PROFILE.columns, "buyerName": columns("First Name + Last Name")},
    )

    table = read(sheets, [titles, ["A-1", "小明", "王", *ROW[3:]]], profile)

    assert payloads(table, profile)[0]["buyerName"] == "王小明"


def test_a_typed_cell_wins_over_a_fixed_value(sheets: Any) -> None:
    profile = replace(
        PROFILE,
        titles=(*TITLES, "Carrier"),
        columns={**PROFILE.columns, "shippingMethodCode": columns("Carrier")},
    )

    table = read(sheets, [[*TITLES, "Carrier"], [*ROW, "DHL"], ["A-2", *ROW[1:], ""]], profile)

    assert [one["shippingMethodCode"] for one in payloads(table, profile)] == ["DHL", "UPS"]


def test_words_of_the_sheet_are_translated(sheets: Any) -> None:
    profile = replace(
        PROFILE,
        titles=(*TITLES, "Carrier"),
        columns={**PROFILE.columns, "shippingMethodCode": columns("Carrier")},
        words={"shippingMethodCode": {"Economy": "HK_TNT"}},
    )

    table = read(
        sheets, [[*TITLES, "Carrier"], [*ROW, " ECONOMY "], ["A-2", *ROW[1:], "X"]], profile
    )

    assert [one["shippingMethodCode"] for one in payloads(table, profile)] == ["HK_TNT", "X"]


def test_rows_with_a_word_are_left_out_and_named(sheets: Any) -> None:
    profile = replace(PROFILE, leave_out=(LeftOut(choice("Status"), ("Cancelled", "refunded")),))
    rows = [TITLES, ROW, ["A-2", *ROW[1:-1], "cancelled"], ["A-3", *ROW[1:-1], "refunded"]]

    table = read(sheets, rows, profile)

    assert [one["platformOrderNo"] for one in payloads(table, profile)] == ["A-1"]
    facts = {"sheet": "Orders", "title": "'Status'"}
    assert [note for note in table.notes if "was left out" in note] == [
        t(LEFT_OUT, **facts, rows=3, text="'cancelled'"),
        t(LEFT_OUT, **facts, rows=4, text="'refunded'"),
    ]


def test_known_titles_find_the_header_and_other_columns_are_not_used(sheets: Any) -> None:
    # 收件人电话 would be the phone number, were it not new in a layout that is known as a whole.
    rows = [["Shop report", "May"], [], [*TITLES, "收件人电话"], [*ROW, "999"]]

    table = read(sheets, rows)

    assert table.header_row == 3
    assert payloads(table)[0]["buyerMobile"] == "3235550100"
    assert t(NEW_COLUMN, column="P", title="'收件人电话'") in table.notes


def test_a_header_row_may_be_told(sheets: Any) -> None:
    profile = replace(PROFILE, header_row=2)

    assert read(sheets, [TITLES, TITLES, ROW], profile).header_row == 2


def test_a_column_may_be_named_by_its_letter(sheets: Any) -> None:
    profile = replace(PROFILE, columns={**PROFILE.columns, "platformOrderNo": columns("=A")})

    assert (
        payloads(read(sheets, [["", *TITLES[1:]], ROW], profile), profile)[0]["platformOrderNo"]
        == "A-1"
    )


def test_alternatives_in_different_units_are_refused(sheets: Any) -> None:
    mapping = load_mapping(find_mapping("scexpress"))
    path = sheets.xlsx([["客户单号", "W (kg)", "W2 (g)"], ["A-1", "", "500"]])
    weights = FieldColumns(((ColumnChoice("W (kg)"),), (ColumnChoice("W2 (g)"),)))
    profile = Profile("x", "scexpress", columns={"order.forecastweight": weights})

    with pytest.raises(SheetError, match="in different units or currencies"):
        layout.find_table(sheet.read(path), mapping, path, profile=profile)


def test_dates_are_read_in_the_order_of_the_profile(sheets: Any) -> None:
    found = {}
    for order in ("day first", "month first"):
        profile = replace(
            PROFILE,
            titles=(*TITLES, "Date"),
            columns={**PROFILE.columns, "orderTime": columns("Date")},
            date_order=order,
        )
        table = read(sheets, [[*TITLES, "Date"], [*ROW, "05/06/2026 10:00"]], profile)
        found[order] = payloads(table, profile)[0]["orderTime"]

    assert found == {
        "day first": "2026-06-05T02:00:00.000Z",
        "month first": "2026-05-06T02:00:00.000Z",
    }


def test_columns_with_several_values_and_units_still_count(sheets: Any) -> None:
    mapping = load_mapping(find_mapping("scexpress"))
    path = sheets.xlsx([["Ref", "箱子尺寸", "W", "重量单位"], ["A-1", "50*40*30", "500", "g"]])
    titles = ("Ref", "箱子尺寸", "W", "重量单位")
    weight = {"order.forecastweight": columns("W"), "order.customernumber1": columns("Ref")}
    profile = Profile("x", "scexpress", titles=titles, columns=weight)
    cut = "volumes[].prelength"
    every = {spec.path: "1" for spec in mapping.fields if spec.required and spec.path not in weight}

    def table(profile: Profile) -> Table:
        fixed = replace(profile, fixed=every)
        changed = with_profile(mapping, fixed)
        return layout.find_table(sheet.read(path), changed, path, profile=fixed)

    assert texts(table(profile), cut) == ["50"]
    assert table(profile).factors("order.forecastweight") is not None
    without = replace(profile, columns={**weight, cut: FieldColumns(())})
    assert texts(table(without), cut) == [""]


def texts(table: Table, path: str) -> list[str]:
    codes, found = table.codes(path)
    return [found[code] if code >= 0 else "" for code in codes.tolist()]
