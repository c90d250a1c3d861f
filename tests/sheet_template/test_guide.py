"""What people are told of a mapping: columns, notes and rules in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.checks import values
from converter.mapping.load import available_mappings, find_mapping, load_mapping
from converter.mapping.model import word_for
from converter.sheet_template import guide
from converter.sheet_template.columns import columns_of

ACME = load_mapping(Path(__file__).parents[1] / "acme.yaml")


@pytest.mark.parametrize(
    ("path", "note"),
    [
        pytest.param(
            "channel",
            "渠道 / Channel\n必填 Required\n文本 text; 最多 20 个字符 up to 20 characters\n"
            "由顶点提供\nFrom Acme",
            id="text",
        ),
        pytest.param(
            "insured",
            "投保 / Insured\n选填 Optional\n选项 choice\n可选值 Allowed:\n1 = yes / 是\n"
            "否: 不发送 not sent\n示例 Example: no",
            id="choice",
        ),
        pytest.param(
            "country",
            "国家 / Country\n必填 Required\n国家 country\n可选值 Allowed:\n"
            "二字代码（如 US）或国家名称 two-letter code such as US, or the name",
            id="country",
        ),
        pytest.param(
            "boxes[].kg",
            "重量(KG) / Weight (kg)\n"
            "填写了同组任一列时必填 Required once another cell of its group is filled\n"
            "数字 number; > 0\n示例 Example: 1.50",
            id="in an optional list",
        ),
    ],
)
def test_note_on_a_header_says_what_belongs_there(path: str, note: str) -> None:
    notes = {column.spec.path: guide.note(column) for column in columns_of(ACME)}

    assert notes[path] == note


@pytest.mark.parametrize("provider", sorted(available_mappings()))
def test_every_word_of_a_drop_down_is_read(provider: str) -> None:
    mapping = load_mapping(find_mapping(provider))
    for column in columns_of(mapping):
        read = values.parser(column.spec, {})
        sent = [read(word) for word in column.words]

        expected: list[str | None] = list(column.spec.choices)
        assert sent == expected + [None] * (len(sent) - len(expected))


@pytest.mark.parametrize(
    ("lang", "spellings", "expected"),
    [
        pytest.param("zh", ["big", "大"], "大", id="Chinese"),
        pytest.param("en", ["大", "big"], "big", id="English"),
        pytest.param("vi", ["大", "big"], "big", id="another language, in English"),
        pytest.param("vi", ["大"], "大", id="any, where there is no English"),
        pytest.param("en", [], "1", id="what is sent"),
    ],
)
def test_a_choice_is_spelt_in_the_readers_language(
    lang: str, spellings: list[str], expected: str
) -> None:
    assert word_for(spellings, "1", lang) == expected
