"""A shop's export and a product table, to a forwarder that knows neither: once two minutes of a
clerk's time, and nothing afterwards."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from converter.profiles import store

Run = Callable[..., Result]

EXPORT = Path(__file__).parent.parent / "exports" / "shopify.csv"
ORDERS = 2_000
FIXED = {
    "Channel code": "HK_TNT",
    "Total pieces": "1",
    "Battery": "no",
    "Total forecast weight (kg)": "Σ Quantity × Gross weight (kg)",
    "Parcel type": "other",
    "Goods type": "parcel",
    "Sender country": "CN",
    "Sender name": "Li Lei",
    "Sender address 1": "1 Example Road",
    "Sender city": "Shenzhen",
    "Sender postcode": "518000",
    "Sender state": "Guangdong",
    "Sender phone": "075512345678",
    "Unit": "PCS",
}


def write_export(path: Path, *, first: int, count: int) -> int:
    """An export with one to three items in an order; returns how many items there are."""
    with EXPORT.open(encoding="utf-8", newline="") as file:
        example = next(iter(csv.DictReader(file)))
    items = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(example))
        writer.writeheader()
        for number in range(first, first + count):
            order = {**example, "Name": f"#{number}", "Email": f"ann{number}@example.com"}
            for item in range(number % 3 + 1):
                own = order if not item else dict.fromkeys(example, "")
                shared = {name: order[name] for name in ("Name", "Email", "Created at")}
                line = {
                    "Lineitem sku": f"0{(number + item) % 50 + 1:03}",
                    "Lineitem quantity": str(item + 1),
                    "Lineitem name": "Case",
                    "Lineitem price": "9.90",
                }
                writer.writerow({**own, **shared, **line})
                items += 1
    return items


def write_products(path: Path) -> None:
    titles = ["SKU", "中文品名", "英文品名", "净重(g)", "毛重(KG)", "申报单价(USD)", "海关编码"]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([*titles, "原产国"])
    for number in range(1, 51):
        row = [f"0{number:03}", "手机壳", "phone case", 100, "0.2", "5.5", "3926909090", "中国"]
        sheet.append(row)
    book.save(path)


def fill_in(draft: Path) -> None:
    """What a clerk does once: values that are always the same, and the product table."""
    book = openpyxl.load_workbook(draft)
    fields, layout = book["Fields"], book["Layout"]
    for row in range(3, fields.max_row + 1):
        if value := FIXED.get(str(fields.cell(row, 1).value)):
            fields.cell(row, 6).value = value
    row = next(r for r in range(1, 12) if layout.cell(r, 1).value == "Product table")
    layout.cell(row, 2).value = "products.xlsx"
    book.save(draft)


@pytest.fixture
def profile(run: Run, home: Path) -> str:
    write_export(home / "may.csv", first=1, count=3)
    write_products(home / "products.xlsx")
    new = run("profile", "new", "may.csv", "-p", "scexpress", "--name", "Shopify UK")
    assert new.exit_code == 0, new.stderr
    fill_in(home / "may.profile.xlsx")
    kept = run("profile", "keep", "may.profile.xlsx")
    assert (kept.exit_code, kept.stderr.count("\n")) == (0, 1), kept.stderr
    return "Shopify UK"


def test_2000_orders_of_a_shop_are_accepted_as_they_come(
    run: Run, home: Path, profile: str
) -> None:
    items = write_export(home / "june.csv", first=1001, count=ORDERS)

    done = run("submit", "june.csv", "-p", "scexpress", "--sandbox", "--json")

    assert done.exit_code == 0, done.stderr[:3000]
    document = json.loads(done.stdout)
    assert document["counts"] == {"accepted": ORDERS}
    assert document["profile"]["name"] == profile
    assert f"Shopify orders export: {ORDERS:,} orders, {items:,} items." in document["notes"]
    (note,) = [one for one in document["notes"] if "come from products.xlsx" in one]
    assert f"{items * 7} values of {items} items" in note
    titles = [cell.value for cell in openpyxl.load_workbook("june.result.xlsx")["Results"][1]]
    assert len(titles) > 5


def test_every_value_is_what_a_careful_person_would_send(
    run: Run, home: Path, profile: str
) -> None:
    write_export(home / "june.csv", first=1001, count=2)

    made = json.loads(run("convert", "june.csv", "-p", "scexpress").stdout.splitlines()[0])

    def item(sku: str, quantity: int) -> dict[str, Any]:
        return {
            "skucode": sku, "cnname": "手机壳", "enname": "phone case", "weight": 0.1,
            "mweight": 0.2, "quantity": quantity, "quantityunit": "PCS", "price": 5.5,
            "declarecurrency": "USD", "hscode": "3926909090", "origin": "CN",
        }  # fmt: skip

    first = made["body"]["datas"][0]
    assert first["items"] == [item("0002", 1), item("0003", 2), item("0004", 3)]
    order = first["order"]
    assert (order["customernumber1"], order["forecastweight"]) == ("#1001", "1.2")
    assert (order["channelid"], order["isbattery"], order["sendername"]) == ("HK_TNT", 2, "Li Lei")
    assert order["consigneeaddress1"] == "1 Example St, Apt 2"


def test_an_unknown_sku_stops_only_its_order(run: Run, home: Path, profile: str) -> None:
    write_export(home / "june.csv", first=1001, count=3)
    text = (home / "june.csv").read_text(encoding="utf-8").replace("0003,", "NEW-1,")
    (home / "june.csv").write_text(text, encoding="utf-8")

    done = run("check", "june.csv", "-p", "scexpress", "--json")

    assert done.exit_code == 1
    found = {
        order["reference"]: [issue["code"] for issue in order["issues"]]
        for order in json.loads(done.stdout)["orders"]
    }
    # The total weight cannot be known either.
    wrong = ["formula_blank", "product_unknown"]
    assert found == {"#1001": wrong, "#1002": wrong, "#1003": []}


def test_explain_says_where_every_value_comes_from(run: Run, home: Path, profile: str) -> None:
    write_export(home / "june.csv", first=1001, count=1)

    document = json.loads(run("explain", "june.csv", "#1001", "-p", "scexpress", "--json").stdout)
    told = run("explain", "june.csv", "#1001", "-p", "scexpress").stdout

    found = {value["path"]: value["from"] for value in document["values"]}
    assert document["profile"]["name"] == profile
    assert found["order.customernumber1"] == "june!A2"
    assert found["order.channelid"] == "profile 'Shopify UK'"
    assert found["order.forecastweight"] == ("profile 'Shopify UK': Σ Quantity × Gross weight (kg)")
    assert found["items[1].skucode"] == "june!U3"
    assert found["items[1].hscode"] == "products.xlsx, G4"
    assert "  items[1].hscode = 3926909090  (products.xlsx, G4)\n" in told
    assert "Profile: Shopify UK\n" in told
    field = run("explain", "june.csv", "order.channelid", "-p", "scexpress").stdout
    assert "Fixed value: HK_TNT\n" in field


def test_what_is_wrong_with_a_fixed_value_names_the_profile(
    run: Run, home: Path, profile: str
) -> None:
    write_export(home / "june.csv", first=1001, count=1)
    kept = store.find(home / "home", profile)
    fixed = {**kept.fixed, "order.channelid": "x" * 21}
    store.keep(home / "elsewhere", replace(kept, fixed=fixed))

    (file,) = (home / "elsewhere" / "profiles").glob("*.json")
    done = run("check", "june.csv", "-p", "scexpress", "--profile", str(file))
    assert "Channel code (profile 'Shopify UK'): expected at most 20 characters" in done.stderr
