"""Addresses in one line, divided where there is one reading only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from converter.errors import SheetError
from converter.layout.table import Table
from converter.mapping.load import find_mapping, load_mapping
from converter.repairs.one_line import divided
from converter.repairs.repair import in_addresses, repair

OMS = load_mapping(find_mapping("oms"))
TITLES = ["平台订单号", "平台仓库编码", "物流渠道", "收件人姓名", "收件人电话", "SKU", "数量"]
ROW = ["A1", "WH", "UPS", "Ann Example", "5555550100", "MUG", "1"]


@pytest.mark.parametrize(
    ("text", "country", "parts"),
    [
        ("1 Example St Apt 2, Jersey City, NJ 07302, USA", "",
         ("1 Example St Apt 2", "Jersey City", "NJ", "07302", "US")),
        ("2 Main St, Austin, TX 78701-1234", "US", ("2 Main St", "Austin", "TX", "78701-1234", "")),
        ("2 Main St, Apt 5, Austin, Texas 78701", "US",
         ("2 Main St, Apt 5", "Austin", "Texas", "78701", "")),
        ("1 Example St\nSt. Louis, MO 63101", "US",
         ("1 Example St", "St. Louis", "MO", "63101", "")),
        ("PO Box 12, Dover, DE 19901", "US", ("PO Box 12", "Dover", "DE", "19901", "")),
        ("Musterstraße 5, 10115 Berlin", "DE", ("Musterstraße 5", "Berlin", "", "10115", "")),
        ("Hauptstr. 9a, D-80331 München, Deutschland", "",
         ("Hauptstr. 9a", "München", "", "80331", "DE")),
        ("Ring 1, 1010 Wien", "AT", ("Ring 1", "Wien", "", "1010", "")),
        ("Jersey City, NJ 07302", "US", ("", "Jersey City", "NJ", "07302", "")),
        ("10115 Berlin", "DE", ("", "Berlin", "", "10115", "")),
    ],
)  # fmt: skip
def test_a_line_with_one_reading_is_divided(
    text: str, country: str, parts: tuple[str, ...]
) -> None:
    found = divided(text, country)

    assert found is not None
    assert tuple(found[key] for key in ("street", "city", "state", "postcode", "country")) == parts


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("2 Main St Austin, TX 78701", "US"),  # where the street ends is not said
        ("2 Main St, Austin, TX 78701", ""),  # of no country
        ("2 Main St, Apt B, TX 78701", "US"),
        ("2 Main St, Austin, XX 78701", "US"),
        ("2 Main St, Austin, TX 7870", "US"),
        ("2 Main St, Austin, TX 78701, USA", "DE"),
        ("Musterstraße 5 10115 Berlin", "DE"),
        ("Musterstraße 5, 1011 Berlin", "DE"),
        ("5 rue de la Paix, 75002 Paris", "FR"),
        ("Broadway, Austin, TX 78701", "US"),
        ("12 Example Rd, Atlanta, Georgia", ""),
        ("1 Example St,, Austin, TX 78701", "US"),
    ],
)
def test_a_line_with_several_readings_is_left(text: str, country: str) -> None:
    assert divided(text, country) is None


def repaired(sheets: Any, titles: list[str], *rows: list[str]) -> Table:
    from converter.layout.find import find_table
    from converter.layout.titles import Titles
    from converter.sheet import read

    path: Path = sheets.csv([[*TITLES, *titles], *([*ROW, *row] for row in rows)])
    known = Titles(OMS).is_known
    table = find_table(read(path, known=known), OMS, path, provided=in_addresses(OMS))
    return repair(table, OMS, adapted=True).table


def texts(table: Table, path: str) -> list[str]:
    codes, found = table.codes(path)
    return [found[code] if code >= 0 else "" for code in codes.tolist()]


def test_the_parts_go_to_their_fields_and_the_rest_is_asked_about(sheets: Any) -> None:
    table = repaired(
        sheets,
        ["收件人国家", "收件人地址"],
        ["US", "1 Example St, Jersey City, NJ 07302"],
        ["US", "2 Main St Austin, TX 78701"],
    )

    found = {path: texts(table, path)[0] for path in
             ("buyerAddress", "buyerCity", "buyerProvince", "buyerPostcode")}  # fmt: skip
    assert found == {"buyerAddress": "1 Example St", "buyerCity": "Jersey City",
                     "buyerProvince": "NJ", "buyerPostcode": "07302"}  # fmt: skip
    assert [doubt.code for doubt in table.doubts("buyerAddress").values()] == ["line_unclear"]
    assert texts(table, "buyerCity")[1] == ""


def test_a_city_of_its_own_is_never_replaced(sheets: Any) -> None:
    titles = ["收件人国家", "收件人地址", "收件人城市", "收件人邮编", "收件人省/州"]
    table = repaired(
        sheets,
        titles,
        ["US", "1 Example St, Jersey City, NJ 07302", "Newark", "07102", "NJ"],
        ["US", "1 Example St", "Jersey City, NJ 07302", "", ""],
        ["US", "1 Example St", "Jersey City, NJ 07302", "", "TX"],
    )

    assert texts(table, "buyerCity") == ["Newark", "Jersey City", "Jersey City, NJ 07302"]
    assert texts(table, "buyerPostcode") == ["07102", "07302", ""]
    assert texts(table, "buyerProvince") == ["NJ", "NJ", "TX"]


def test_only_what_no_address_names_is_missing(sheets: Any, run: Any, home: Path) -> None:
    rows = [[*TITLES, "收件人地址"], [*ROW, "Musterstr. 5, 10115 Berlin, Deutschland"]]
    (home / "orders.xlsx").write_bytes(sheets.xlsx(rows).read_bytes())

    done = run("convert", "orders.xlsx", "-p", "oms")

    assert done.exit_code == 0, done.stderr
    assert '"buyerCountryCode":"DE"' in done.stdout
    assert '"buyerPostcode":"10115"' in done.stdout


def test_nothing_is_missing_twice(sheets: Any) -> None:
    with pytest.raises(SheetError, match="收件人地址"):
        repaired(sheets, ["收件人国家"], ["US"])
