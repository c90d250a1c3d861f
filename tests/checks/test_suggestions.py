"""What a misspelt country, currency or choice was likely meant as."""

from __future__ import annotations

from typing import Any

import pytest

from converter import messages
from converter.checks import values
from converter.checks.values import Problem
from converter.mapping.model import FieldSpec


def told(lang: str, text: str, **spec: Any) -> str:
    field = FieldSpec.model_validate({"path": "x", "title": {"en": "X", "zh": "X"}, **spec})
    found = values.parser(field, {})(text)
    assert isinstance(found, Problem)
    return messages.translate(messages.of_code(found.code, **found.facts), lang)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Chinna", "CN"),
        ("Chna", "CN"),
        ("Germny", "DE"),
        ("Untied States", "US"),
        ("沙特阿拉泊", "SA"),
    ],
)
def test_a_misspelt_country_is_told_with_its_code(text: str, code: str) -> None:
    assert told("en", text, type="country") == (
        f"expected a country such as US, 美国 or United States, found '{text}'. "
        f"Did you mean {code}? Type the two-letter code."
    )
    assert told("zh", text, type="country") == (
        f"应为国家，例如 US、美国；实际为 '{text}'。是不是 {code}？请填写二字代码。"
    )


@pytest.mark.parametrize("text", ["Atlantis", "Austrlia", "XX", "Irx", "12345", "Nigera"])
def test_nothing_is_suggested_where_no_country_or_several_are_close(text: str) -> None:
    assert told("en", text, type="country") == (
        f"expected a country such as US, 美国 or United States, found '{text}'. "
        "Type the two-letter code."
    )


def test_a_misspelt_currency_is_told_with_its_code() -> None:
    assert "found 'US Dolar'. Did you mean USD? Type" in told("en", "US Dolar", type="currency")
    assert "实际为 'US Dolar'。是不是 USD？请填写" in told("zh", "US Dolar", type="currency")
    for text in ("shells", "dollars", "Dollar", "yuan", "USDD"):
        assert "Did you mean" not in told("en", text, type="currency")


def test_a_misspelt_choice_is_told_with_the_word_that_people_write() -> None:
    spec = {"type": "choice", "choices": {"CC": ["到付", "collect"], "PP": ["预付", "prepaid"]}}

    assert told("en", "prepaied", **spec) == (
        "expected one of CC (到付 / collect), PP (预付 / prepaid); found 'prepaied'. "
        "Did you mean prepaid? Choose one of these."
    )
    assert told("en", "later", **spec) == (
        "expected one of CC (到付 / collect), PP (预付 / prepaid); found 'later'. "
        "Choose one of these."
    )
