"""Phones in names, two phones in a cell, and postcodes without their zeros."""

from __future__ import annotations

import pytest

from converter.layout.rewrite import Doubt
from converter.mapping.model import FieldSpec
from converter.repairs.draft import Change, Question
from converter.repairs.receivers import filler, number_in_name, two_numbers, with_zeros


def said(found: list[Change | Question]) -> object:
    for one in found:
        if isinstance(one, Change):
            return dict(one.texts)
        assert isinstance(one.doubt, Doubt)
        return one.doubt.code
    return None


@pytest.mark.parametrize(
    ("name", "phone", "meant"),
    [
        ("张三 13800000000", "", {"name": "张三", "phone": "13800000000"}),
        ("张三13800000000", "", {"name": "张三", "phone": "13800000000"}),
        ("张三（13800000000）", "13800000000", {"name": "张三"}),
        ("Ann Example +1 555 555 0100", "15555550100", {"name": "Ann Example"}),
        ("张三 13800000000", "13900000000", "name_with_phone"),
        ("张三[1234]", "18400000000-1234", None),
        ("张三18400000000转1234", "", None),
        ("13800000000", "", None),
        ("Area 51 13800000000", "", None),
        ("Ann Example", "", None),
    ],
)
def test_a_phone_number_in_a_name(name: str, phone: str, meant: object) -> None:
    assert said(number_in_name("name", ["phone"])(name, phone)) == meant


@pytest.mark.parametrize(
    ("text", "other", "meant"),
    [
        ("13800000000/13900000000", "", {"phone": "13800000000", "mobile": "13900000000"}),
        ("13800000000,13900000000", "", {"phone": "13800000000", "mobile": "13900000000"}),
        ("0571-00000000 13800000000", "", {"phone": "13800000000", "mobile": "0571-00000000"}),
        ("13800000000 0571-00000000", "", {"phone": "13800000000", "mobile": "0571-00000000"}),
        ("13800000000/13900000000", "13700000000", None),
        ("13800000000/13800000000", "13700000000", {"phone": "13800000000"}),
        ("+1 555 555 0100", "", None),
        ("18400000000-1234", "", None),
        ("0571-00000000-8001", "", None),
    ],
)
def test_two_phone_numbers_in_a_cell(text: str, other: str, meant: object) -> None:
    assert said(two_numbers("phone", "mobile")(text, other)) == meant


@pytest.mark.parametrize(
    ("code", "country", "state", "meant"),
    [
        ("2108", "US", "MA", {"it": "02108"}),
        ("7302", "US", "N.J.", {"it": "07302"}),
        ("7302-1234", "US", "US-NJ", {"it": "07302-1234"}),
        ("7302", "US", "New Jersey", {"it": "07302"}),
        ("901", "US", "PR", {"it": "00901"}),
        ("2108", "US", "", "postcode_lost_zeros"),
        ("2108", "US", "CA", "postcode_lost_zeros"),
        ("901", "US", "NJ", "postcode_lost_zeros"),
        ("90001", "US", "CA", None),
        ("2000", "AU", "NSW", None),
        ("1010", "AT", "", None),
        ("8000", "CH", "", None),
        ("1000", "BE", "", None),
        ("1067", "DE", "", {"it": "01067"}),
        ("1001", "ES", "", {"it": "01001"}),
        ("187", "IT", "", {"it": "00187"}),
        ("6000", "FR", "", {"it": "06000"}),
        ("18956", "SG", "", {"it": "018956"}),
        ("10000", "CN", "", {"it": "010000"}),
        ("2108", "CN", "", None),
        ("02108", "CN", "", None),
        ("1000", "MX", "", {"it": "01000"}),
        ("1310100", "BR", "", {"it": "01310-100"}),
        ("60-0001", "JP", "", {"it": "060-0001"}),
        ("600001", "JP", "", {"it": "060-0001"}),
        ("YO17HH", "GB", "", None),
        ("073021234", "US", "", None),
        ("2108", "", "MA", None),
    ],
)
def test_the_zeros_of_a_postcode(code: str, country: str, state: str, meant: object) -> None:
    assert said(with_zeros("it", code, country, state)) == meant


@pytest.mark.parametrize(
    ("code", "country", "required", "meant"),
    [
        pytest.param("000000", "HK", True, None, id="a filler where there are no postcodes"),
        pytest.param("999077", "HK", False, "", id="nothing where none is needed"),
        pytest.param("00000", "US", True, "placeholder", id="no postcode of the country"),
        pytest.param("0", "US", False, "", id="an optional one"),
        pytest.param("000000", "", True, None, id="the country is not known"),
    ],
)
def test_a_number_that_stands_for_no_postcode(
    code: str, country: str, required: bool, meant: str | None
) -> None:
    spec = FieldSpec(path="zip", title={"en": "Zip", "zh": "邮编"}, required=required)

    assert said(filler(spec, code, country)) == ({"zip": ""} if meant == "" else meant)
