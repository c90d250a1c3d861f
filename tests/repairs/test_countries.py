"""Countries that are asked about, and those that are shown."""

from __future__ import annotations

import pytest

from converter.mapping.model import FieldSpec
from converter.repairs.countries import judge_of
from converter.repairs.draft import Change, Question

COUNTRY = FieldSpec.model_validate(
    {"path": "it", "title": {"en": "Country", "zh": "国家"}, "type": "country"}
)


@pytest.mark.parametrize("text", ["Congo", "Guinea", "Virgin Islands", "Samoa", "St. Martin"])
def test_a_name_of_several_countries_is_asked_about(text: str) -> None:
    (found,) = judge_of(COUNTRY)(text)

    assert isinstance(found, Question)
    assert found.doubt.code == "country_several"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Puerto Rico", "PR"), ("PR", "PR"), ("Guam", "GU"), ("Canary Islands", "ES"),
        ("Jersey", "JE"), ("Guernsey", "GG"), ("Isle of Man", "IM"), ("Korea", "KR"),
        ("Northern Ireland", "GB"),
    ],
)  # fmt: skip
def test_a_place_that_carriers_treat_by_itself_is_shown(text: str, code: str) -> None:
    (found,) = judge_of(COUNTRY)(text)

    assert isinstance(found, Change)
    assert (found.code, found.texts) == ("repaired_country", {"it": code})


@pytest.mark.parametrize("text", ["US", "Germany", "中国", "Nowhere"])
def test_nothing_is_said_of_others(text: str) -> None:
    assert judge_of(COUNTRY)(text) == []


@pytest.mark.parametrize(
    ("postcode", "is_asked"), [("30303", True), ("", True), ("0101", False), ("30303-1234", True)]
)
def test_georgia_is_a_country_only_with_a_postcode_of_its_own(
    postcode: str, is_asked: bool
) -> None:
    found = judge_of(COUNTRY, has_postcode=True)("Georgia", postcode, "Atlanta")

    assert [one.doubt.code for one in found if isinstance(one, Question)] == (
        ["country_georgia"] if is_asked else []
    )


@pytest.mark.parametrize(("text", "code"), [("840", "US"), ("276", "DE"), ("156", "CN")])
def test_iso_numbers_are_countries(text: str, code: str) -> None:
    (found,) = judge_of(COUNTRY)(text)

    assert isinstance(found, Change)
    assert (found.code, found.texts) == ("repaired_country_number", {"it": code})


def test_a_city_is_no_country() -> None:
    (found,) = judge_of(COUNTRY)("Berlin", "berlin")

    assert isinstance(found, Question)
    assert found.doubt.code == "country_is_city"
    assert judge_of(COUNTRY)("Singapore", "Singapore") == []
