"""A kept profile is found again by the titles of a sheet, and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter import journal
from converter.profiles import store
from converter.profiles.model import ColumnChoice, FieldColumns, Profile

Run = Callable[..., Result]

TITLES = ["Ref", "Who", "Phone", "Land", "Ort", "Plz", "Str", "Art", "Menge", "Tags"]
ROW = ["A-1", "Ann", "3235550100", "US", "LA", "90001", "1 Main St", "PEN", "1", "x"]
FIELDS = {
    "platformOrderNo": "Ref", "buyerName": "Who", "buyerMobile": "Phone",
    "buyerCountryCode": "Land", "buyerCity": "Ort", "buyerPostcode": "Plz",
    "buyerAddress": "Str", "itemDTOs[].sku": "Art", "itemDTOs[].quantity": "Menge",
}  # fmt: skip
SHOP = Profile(
    "Shop UK",
    "oms",
    titles=tuple(TITLES),
    columns={path: FieldColumns(((ColumnChoice(title),),)) for path, title in FIELDS.items()},
    fixed={"platformWarehouseCode": "LA1", "shippingMethodCode": "UPS"},
)


@pytest.fixture
def kept(home: Path) -> Path:
    store.keep(home / "home", SHOP)
    return home


@pytest.fixture
def order_sheet(kept: Path, sheets: Any) -> Callable[..., str]:
    def write(*rows: list[str]) -> str:
        (kept / "orders.xlsx").write_bytes(sheets.xlsx(rows).read_bytes())
        return "orders.xlsx"

    return write


def test_the_profile_is_found_in_any_order_of_columns_and_said(
    run: Run, order_sheet: Callable[..., str]
) -> None:
    name = order_sheet(TITLES[::-1], ROW[::-1])

    done = run("check", name, "-p", "oms")

    assert done.exit_code == 0, done.stderr
    assert "Profile 'Shop UK' is used, because the sheet has its titles" in done.stderr


def test_a_new_column_is_said_and_not_used(run: Run, order_sheet: Callable[..., str]) -> None:
    done = run("check", order_sheet([*TITLES, "收件人邮箱"], [*ROW, "no mail"]), "-p", "oms")

    assert done.exit_code == 0, done.stderr
    assert "Column K '收件人邮箱' is new: the profile does not know it" in done.stderr


def test_without_a_column_that_it_needs_the_profile_is_not_used(
    run: Run, order_sheet: Callable[..., str]
) -> None:
    done = run("check", order_sheet(TITLES[:6] + TITLES[7:], ROW[:6] + ROW[7:]), "-p", "oms")

    assert done.exit_code == 2
    assert (
        "The sheet resembles the layout of profile 'Shop UK' but lacks columns of it, so the "
        "profile was not used: Str."
    ) in done.stderr


def test_another_layout_account_or_provider_does_not_find_it(
    run: Run, home: Path, order_sheet: Callable[..., str]
) -> None:
    few = [*TITLES, *(f"More {number}" for number in range(9))]
    assert run("check", order_sheet(few, ROW), "-p", "oms").exit_code == 2
    name = order_sheet(TITLES, ROW)
    assert run("check", name, "-p", "oms", "--no-profile").exit_code == 2
    store.keep(home / "home", replace(SHOP, account="uk"))
    assert run("check", name, "-p", "oms").exit_code == 2
    store.keep(home / "home", replace(SHOP, provider="pandapon"))
    assert run("check", name, "-p", "oms").exit_code == 2


def test_two_profiles_that_fit_are_asked_about(
    run: Run, home: Path, order_sheet: Callable[..., str]
) -> None:
    store.keep(home / "home", replace(SHOP, name="Shop DE"))
    name = order_sheet(TITLES, ROW)

    done = run("check", name, "-p", "oms")

    assert done.exit_code == 2
    assert (
        "several profiles fit this sheet: 'Shop DE', 'Shop UK'. Choose one with --profile NAME, or "
        "none with --no-profile. [SEVERAL_PROFILES]"
    ) in done.stderr
    assert run("check", name, "-p", "oms", "--profile", "shop de").exit_code == 0


def test_a_profile_in_a_file_is_used_and_repeated(
    run: Run, home: Path, order_sheet: Callable[..., str]
) -> None:
    path = store.keep(home / "elsewhere", replace(SHOP, name="Mine"))
    name = order_sheet(TITLES, ROW)

    done = run("check", name, "-p", "oms", "--profile", str(path))

    assert done.exit_code == 0
    assert "Profile 'Mine' is used." in done.stderr
    assert f"converter submit orders.xlsx -p oms --profile {path}" in done.stderr


def test_a_named_profile_that_does_not_fit_is_refused(
    run: Run, order_sheet: Callable[..., str]
) -> None:
    done = run("check", order_sheet(TITLES[1:], ROW[1:]), "-p", "oms", "--profile", "Shop UK")

    assert done.exit_code == 2
    assert "the profile 'Shop UK' needs columns that this sheet does not have: 'Ref'" in done.stderr
    assert "[PROFILE_COLUMNS]" in done.stderr


def test_report_journal_and_history_say_which_profile(
    run: Run, home: Path, order_sheet: Callable[..., str]
) -> None:
    name = order_sheet(TITLES, ROW)

    done = run("submit", name, "-p", "oms", "--sandbox", "--json")

    sha256 = store.sha256(SHOP)
    assert json.loads(done.stdout)["profile"] == {"name": "Shop UK", "sha256": sha256}
    assert [one.profile for one in journal.runs(home / "home")] == ["Shop UK"]
    assert json.loads(run("status", "--json").stdout)["runs"][0]["profile"] == "Shop UK"
    again = run("check", "orders.result.xlsx", "-p", "oms", "--sandbox")
    assert (again.exit_code, "Profile 'Shop UK' is used" in again.stderr) == (0, True)
