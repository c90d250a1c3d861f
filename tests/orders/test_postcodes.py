"""Postcodes that their country cannot have cause a warning and are sent unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from converter.orders import postcodes

FIELDS = """
  - {path: ref, title: {zh: 单号, en: Reference}, required: true}
  - {path: to.country, title: {zh: 国家, en: Country}, type: country}
  - {path: to.zip, title: {zh: 邮编, en: Postcode}, postcode_of: to.country}
  - {path: "items[].sku", title: {zh: 编码, en: SKU}}
"""


@pytest.mark.parametrize(
    ("country", "code", "digits"),
    [
        pytest.param("US", "2108", "5", id="Boston"),
        pytest.param("美国", "602", "5", id="by its name"),
        pytest.param("DE", "1067", "5", id="Dresden"),
        pytest.param("CN", "10000", "6", id="six digits"),
        pytest.param("JP", "600000", "7", id="Sapporo"),
        pytest.param("AU", "800", "4", id="Darwin"),
        pytest.param("BR", "1310100", "8", id="São Paulo"),
    ],
)
def test_lost_leading_zeros_are_a_warning_of_their_own(
    sheets: Any, mapping_with: Callable[..., Any], country: str, code: str, digits: str
) -> None:
    (found,) = warnings(sheets, mapping_with, country, code)

    expected = f"has {digits} digits, found '{code}': leading zeros may be lost."
    assert found.startswith("Warning: Orders!C2 邮编: ")
    assert expected in found


@pytest.mark.parametrize(
    ("country", "code"),
    [
        pytest.param("US", "02108", id="whole"),
        pytest.param("US", "02108-1234", id="with its extension"),
        pytest.param("US", "021081234", id="without the hyphen"),
        pytest.param("GB", "SW1A 1AA", id="letters"),
        pytest.param("GB", "sw1a1aa", id="small letters"),
        pytest.param("NL", "1012 LG", id="letters behind"),
        pytest.param("PL", "00950", id="a hyphen left out"),
        pytest.param("CH", "CH-8001", id="with the country"),
        pytest.param("LU", "L-4750", id="with the country's own prefix"),
        pytest.param("LV", "1073", id="without the prefix"),
        pytest.param("CN", "310 000", id="a blank within"),
        pytest.param("AE", "00000", id="a country without postcodes"),
        pytest.param("", "2108", id="without a country"),
        pytest.param("Atlantis", "2108", id="in no country"),
        pytest.param("US", "", id="none"),
    ],
)
def test_what_may_be_a_postcode_is_none(
    sheets: Any, mapping_with: Callable[..., Any], country: str, code: str
) -> None:
    assert warnings(sheets, mapping_with, country, code) == []


@pytest.mark.parametrize(
    ("country", "code", "example"),
    [
        pytest.param("GB", "1234", "EC1Y 8SY", id="digits for letters"),
        pytest.param("NL", "1012", "1234 AB", id="half of it"),
        pytest.param("US", "921081", "95014", id="too long"),
        pytest.param("TW", "1234", "104", id="several lengths"),
        pytest.param("CA", "Toronto", "H3Z 2Y7", id="a city"),
    ],
)
def test_a_postcode_in_no_form_of_its_country_is_a_warning(
    sheets: Any, mapping_with: Callable[..., Any], country: str, code: str, example: str
) -> None:
    assert warnings(sheets, mapping_with, country, code) == [
        f"Warning: Orders!C2 邮编: expected a postcode of {country} such as {example}, "
        f"found '{code}'. Check it."
    ]


def test_each_row_with_the_postcode_is_marked(
    sheets: Any, mapping_with: Callable[..., Any]
) -> None:
    mapping = mapping_with(fields=FIELDS, reference="ref", lists="{items: {}}")
    rows = [["R1", "GB", "1", "S"], ["R2", "GB", "SW1A 1AA", "S"], ["R3", "GB", "1", "S"]]
    rows += [["R4", "DE", "1", "S"]]

    found = sheets.issues([["单号", "国家", "邮编", "编码"], *rows], mapping)

    assert [issue.split()[1] for issue in found] == ["Orders!C2", "Orders!C4", "Orders!C5"]


def test_a_mapping_may_name_the_country(sheets: Any, mapping_with: Callable[..., Any]) -> None:
    fields = FIELDS.replace("postcode_of: to.country", "postcode_of: CN")
    mapping = mapping_with(fields=fields, reference="ref", lists="{items: {}}")
    rows = [["R1", "GB", "310000", "S"], ["R2", "GB", "SW1A 1AA", "S"]]

    found = sheets.issues([["单号", "国家", "邮编", "编码"], *rows], mapping)

    assert found == [
        "Warning: Orders!C3 邮编: expected a postcode of CN such as 266033, found 'SW1A 1AA'. "
        "Check it."
    ]


def test_every_example_of_the_table_fits_its_own_pattern() -> None:
    table = json.loads(Path(postcodes.__file__).with_suffix(".json").read_bytes())
    forms = {country: postcodes.form_of(country) for country in table["countries"]}

    assert len(forms) == 181
    assert {one for one, form in forms.items() if form and not form.fits(form.example)} == set()
    assert "CC BY 4.0" in table["license"]


def warnings(sheets: Any, mapping_with: Callable[..., Any], country: str, code: str) -> list[str]:
    mapping = mapping_with(fields=FIELDS, reference="ref", lists="{items: {}}")
    table = [["单号", "国家", "邮编", "编码"], ["R1", country, code, "S1"]]
    return [issue for issue in sheets.issues(table, mapping) if "邮编" in issue]
