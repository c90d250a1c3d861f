"""Texts that programs changed: what is certain is repaired, what is not is asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.mapping.model import FieldSpec
from converter.repairs import encodings
from converter.repairs.draft import Change, Question
from converter.repairs.texts import judge_of, may_need_repair

TITLE = {"en": "Field", "zh": "字段"}


def field(is_: str, **keys: object) -> FieldSpec:
    return FieldSpec.model_validate({"path": "it", "title": TITLE, "is": is_, **keys})


def judged(spec: FieldSpec, text: str) -> str | None:
    """The text that is meant, or `?` and why it is asked about; None where nothing is said."""
    for found in judge_of(spec, adapted=True)(text):
        match found:
            case Change(texts=texts):
                return texts["it"]
            case Question(doubt=doubt):
                return f"?{doubt.code}"
    return None


@pytest.mark.parametrize(
    ("is_", "text", "meant"),
    [
        ("receiver.postcode", "'07302", "07302"),
        ("receiver.postcode", '="07302"', "07302"),
        ("receiver.postcode", "07302.0", "07302"),
        ("receiver.postcode", "N/A", ""),
        ("receiver.phone", "13800000000.0", "13800000000"),
        ("receiver.phone", "'+92 300 0000000", "+92 300 0000000"),
        ("receiver.phone", "0", ""),
        ("receiver.phone", "11111111111", ""),
        ("receiver.phone", "12345678", ""),
        ("receiver.phone", "138****0000", None),
        ("items.hs_code", "3926909090.0", "3926909090"),
        ("items.hs_code", "4202.22.00.00", "4202220000"),
        ("items.hs_code", "4202.22", "420222"),
        ("items.sku", "'TOTE-BLU", "TOTE-BLU"),
        ("items.sku", "-", ""),
        ("items.sku", "A.0", None),
        ("receiver.address2", "无", ""),
        ("receiver.address2", "——", ""),
        ("receiver.city", "'s-Hertogenbosch", None),
        ("receiver.city", "'t Harde", None),
        ("receiver.name", "JosÃ© Sample", "José Sample"),
        ("receiver.name", "ZoÃ«", "Zoë"),
        ("receiver.name", "å¼\xa0ä¸‰", "张三"),
        ("receiver.name", "ÐŸÑ€Ð¸Ð¼ÐµÑ€", "Пример"),
        ("receiver.address", "MusterstraÃŸe 5", "Musterstraße 5"),
        ("receiver.name", "寮犱笁", "?text_garbled"),
        ("receiver.name", "ÕÅÈý", "?text_garbled"),
        ("receiver.name", "Ïðèìåð", "?text_garbled"),
        ("receiver.name", "José Müller", None),
        ("receiver.name", "张三", None),
        ("receiver.name", "Jos\ufffd", "?text_lost"),
        ("receiver.name", "M?ller", "?text_lost"),
        ("note", "Really? Yes", None),
        ("note", "锟斤拷", "?text_lost"),
        ("receiver.name", "李*", "?cell_masked"),
        ("receiver.name", "A** E******", "?cell_masked"),
        ("receiver.address", "##Zm9v##", "?cell_masked"),
        ("receiver.company", "Sample &amp; Sons", "Sample & Sons"),
        ("receiver.name", "O&#39;Sample", "O'Sample"),
        ("receiver.address", "1 Example St<br>Apt 2", "1 Example St\nApt 2"),
        ("receiver.address", "1 Example St_x000D_\nApt 2", "1 Example St\nApt 2"),
        ("receiver.address", "1%20Example", "1 Example"),
        ("receiver.name", "Ann 😀 Example", "Ann Example"),
        ("receiver.name", "Null", None),
        ("receiver.family_name", "None", None),
        ("receiver.address", "同上", "?as_above"),
        ("receiver.address", "待定", "?not_known_yet"),
        ("receiver.address", "见备注", "?said_elsewhere"),
        ("receiver.address", "1 Example St", None),
    ],
)  # fmt: skip
def test_a_text_of_a_field(is_: str, text: str, meant: str | None) -> None:
    assert judged(field(is_), text) == meant


@pytest.mark.parametrize("text", ["-", "N/A", "无", "null"])
def test_what_stands_for_nothing_is_asked_for_where_a_value_has_to_be(text: str) -> None:
    assert judged(field("receiver.address", required=True), text) == "?placeholder"


def test_a_default_counts_where_the_cell_stands_for_nothing() -> None:
    assert judged(field("receiver.address", required=True, default="x"), "-") == ""


def test_a_word_that_is_a_choice_stays_one() -> None:
    spec = field("parcel.battery", type="choice", choices={"1": ["有"], "0": ["无", "-"]})

    assert judged(spec, "无") is None


def test_na_is_a_country_and_none() -> None:
    assert judged(field("receiver.country", type="country"), "NA") == "?country_na"


@pytest.mark.parametrize(
    "text",
    ["浙江省杭州市西湖区示例路1号", "北京", "王小明", "欧阳娜娜", "联通", "Ærø", "Łódź", "ÖÄÜ 5"],
)
def test_text_that_is_as_it_should_be(text: str) -> None:
    assert (encodings.turned_back(text), encodings.likely(text)) == ("", "")


ODD = st.sampled_from(
    ["'", '="', "N/A", "none", "0", "1", "x", ".0", "2024.10", "&amp;", "%20", "<br", "_x000D_",
     "\\n", "*", "?", "#", "é", "Ã©", "１", "无", "😀", " ", "-", "as before", "12345678", "a", "K"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=12), st.lists(ODD, max_size=4).map("".join)))
def test_no_text_is_passed_over_that_a_judge_minds(text: str) -> None:
    if not may_need_repair(text):
        for is_ in ("receiver.name", "receiver.postcode", "receiver.phone", "items.hs_code"):
            assert judged(field(is_), text) is None


@pytest.mark.parametrize("text", ["1 Example Street, Unit 7", "u1@example.com", "12.5", "SKU-0017"])
def test_usual_texts_are_passed_over(text: str) -> None:
    assert not may_need_repair(text)
