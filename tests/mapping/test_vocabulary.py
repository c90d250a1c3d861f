"""The vocabulary: what a field takes from it, and that no provider's titles changed by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.errors import MappingError
from converter.layout.titles import Titles
from converter.mapping import vocabulary
from converter.mapping.load import available_mappings, load_mapping, parse_mapping
from converter.mapping.model import FieldSpec, ProviderMapping

KNOWN = json.loads((Path(__file__).parent / "known_titles.json").read_text(encoding="utf-8"))
"""By provider and field: the titles that were known before there was a vocabulary."""

PROVIDERS = [pytest.param(load_mapping(path), id=name) for name, path in
             available_mappings().items()]  # fmt: skip

MADE_UP = """
provider: made_up
title: {en: Made up, zh: 虚构}
source: a test
settings: {base_url: {env: MADE_UP_URL, required: true}}
request: {path: /orders, body: $order}
order: {reference: ref, lists: {goods: {}}}
fields:
  - {path: ref, is: reference, required: true}
  - {path: to.name, is: receiver.name, title: {en: Who, zh: 谁}}
  - {path: to.country, is: receiver.country}
  - {path: to.land, title: {en: Land, zh: 国家}}
  - {path: "goods[].sku", is: items.sku, max: 9}
  - {path: "goods[].qty", is: items.quantity, at_least: 5}
response: {call_ok: ok, match: {single: true}, accepted: ok}
"""


def field(path: str, text: str = MADE_UP) -> FieldSpec:
    return parse_mapping(text, "made_up.yaml").field(path)


def test_a_field_takes_its_title_type_and_checks_from_what_it_is() -> None:
    found = field("to.country")

    assert (found.title.zh, found.type) == ("收件人国家", "country")
    assert field("goods[].sku").max == 9


def test_the_keys_of_a_field_win() -> None:
    assert field("to.name").title.en == "Who"
    assert field("goods[].qty").at_least == 5
    assert field("goods[].qty").type == "integer"


def test_a_field_of_another_type_takes_the_title_alone() -> None:
    text = MADE_UP.replace("is: items.quantity, at_least: 5", "is: items.quantity, type: text")

    found = field("goods[].qty", text)
    assert (found.type, found.at_least, found.title.zh) == ("text", None, "数量")


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("Consignee", "to.name"),
        ("Shipping Name", "to.name"),
        ("Mã đơn hàng", "ref"),
        ("国家", "to.land"),  # another field's own title
        ("Country", "to.country"),
        ("Lineitem sku", "goods[].sku"),
        ("Billing Name", None),
        ("Buyer Name", None),
    ],
)
def test_common_titles_are_known_unless_another_field_has_them(
    title: str, path: str | None
) -> None:
    found = Titles(parse_mapping(MADE_UP, "made_up.yaml")).candidates(title)

    assert [spec.path for spec in found] == [path] * (path is not None)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("is: items.sku", "is: items.skus"), "no field is a 'items.skus': did you mean 'items."),
        (("is: items.sku", "is: reference"), "'ref' and 'goods[].sku' cannot both be the ref"),
    ],
)
def test_a_name_is_one_of_the_vocabulary_and_one_fields(
    change: tuple[str, str], problem: str
) -> None:
    with pytest.raises(MappingError) as refused:
        parse_mapping(MADE_UP.replace(*change), "made_up.yaml")

    assert problem in str(refused.value)


@pytest.mark.parametrize("mapping", PROVIDERS)
def test_every_title_of_before_is_the_same_field(mapping: ProviderMapping) -> None:
    titles = Titles(mapping)

    for fields, known in KNOWN[mapping.provider].items():
        for title in known:
            found = " | ".join(sorted(spec.path for spec in titles.candidates(title)))
            assert (title, found) == (title, fields)


def test_no_title_of_the_vocabulary_stands_twice_under_one_name() -> None:
    for name, word in vocabulary.words().items():
        titles = [*word.titles, *word.instead]
        assert len(titles) == len(set(titles)), name


def test_every_name_has_a_title_in_both_languages() -> None:
    assert all(set(word.defaults["title"]) == {"en", "zh"} for word in vocabulary.words().values())
