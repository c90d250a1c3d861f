"""Phone numbers that their country cannot have cause a warning and are sent unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import MappingError
from converter.orders import phones

FIELDS = """
  - {path: ref, title: {zh: 单号, en: Reference}, required: true}
  - {path: to.country, title: {zh: 国家, en: Country}, type: country}
  - {path: to.phone, title: {zh: 电话, en: Phone}, phone_of: to.country}
  - {path: "items[].sku", title: {zh: 编码, en: SKU}}
"""


def warnings(sheets: Any, mapping_with: Callable[..., Any], country: str, phone: str) -> list[str]:
    mapping = mapping_with(fields=FIELDS, reference="ref", lists="{items: {}}")
    table = [["单号", "国家", "电话", "编码"], ["R1", country, phone, "S1"]]
    return [issue for issue in sheets.issues(table, mapping) if "电话" in issue]


@pytest.mark.parametrize(
    ("country", "phone"),
    [
        pytest.param("SA", "0546102083", id="national, with its zero"),
        pytest.param("SA", "546102083", id="without its zero, as Excel leaves it"),
        pytest.param("SA", "+966 54 610 2083", id="international"),
        pytest.param("SA", "00966546102083", id="dialled"),
        pytest.param("US", "1-909-555-0100", id="with the trunk prefix"),
        pytest.param("US", "(909) 555-0100 ext. 12", id="with an extension"),
        pytest.param("SA", "+86 13800138000", id="of another country"),
        pytest.param("CN", "0755-26001234转801", id="an extension in Chinese"),
        pytest.param("CN", "18400000000-1234", id="a number that a shop gives instead"),
        pytest.param("CN", "13800138000/13900139000", id="two numbers"),
        pytest.param("CN", "１３８００１３８０００", id="full width"),
        pytest.param("AQ", "1", id="a country without numbers"),
        pytest.param("", "1", id="without a country"),
        pytest.param("US", "", id="none"),
    ],
)
def test_a_possible_number_is_passed(
    sheets: Any, mapping_with: Callable[..., Any], country: str, phone: str
) -> None:
    assert warnings(sheets, mapping_with, country, phone) == []


@pytest.mark.parametrize(
    ("country", "phone", "problem"),
    [
        ("US", "909555010", "'909555010' is too short for a phone number of US. Check it."),
        ("US", "+1 909 555 01001", "'+1 909 555 01001' is too long for a phone number of US. "
         "Check it."),
        ("SA", "05461", "'05461' is too short for a phone number of SA. Check it."),
        ("SA", "+86 138", "'+86 138' is too short for a phone number of CN. Check it."),
        ("CN", "1380013800013900139000", "'1380013800013900139000' is too long for a phone number "
         "of CN. Check it."),
        ("CN", "13800138000/139", "'13800138000/139' is too long for a phone number of CN. "
         "Check it."),
        ("GB", "ask the shop", "'ask the shop' is no phone number of GB. Check it."),
        ("CN", "138****8000", "some digits of the phone number '138****8000' are hidden. "
         "Ask for the whole number."),
    ],
)  # fmt: skip
def test_an_impossible_number_is_a_warning(
    sheets: Any, mapping_with: Callable[..., Any], country: str, phone: str, problem: str
) -> None:
    assert warnings(sheets, mapping_with, country, phone) == [f"Warning: Orders!C2 电话: {problem}"]


@given(
    st.sampled_from(["CN", "SA", "US", "GB", "DE", "IT", "JP", "BR", "RU"]),
    st.from_regex(r"(\+[1-9]|0{0,2}[2-9])[0-9]{4,12}", fullmatch=True),
)
def test_what_is_passed_by_its_length_is_possible(country: str, phone: str) -> None:
    lengths = phones.lengths_of(country)
    if lengths and lengths.surely_fit(phone):
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone, country))


def test_a_country_that_is_no_field_is_refused(mapping_with: Callable[..., Any]) -> None:
    with pytest.raises(MappingError, match=r"no field 'to\.land'"):
        mapping_with(fields=FIELDS.replace("phone_of: to.country", "phone_of: to.land"),
                     reference="ref", lists="{items: {}}")  # fmt: skip


def test_the_country_stands_in_the_same_list(mapping_with: Callable[..., Any]) -> None:
    fields = FIELDS.replace("phone_of: to.country", "").replace(
        "en: SKU}", "en: SKU}, phone_of: to.country"
    )
    with pytest.raises(MappingError, match="its country is not in the same list"):
        mapping_with(fields=fields, reference="ref", lists="{items: {}}")
