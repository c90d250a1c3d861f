"""Parsing a text: exact numbers, declared words only, and no guesses."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converter import json_text, messages
from converter.checks import values
from converter.checks.values import Problem
from converter.mapping import standards
from converter.mapping.model import FieldSpec
from converter.text import quote

CHOICES = {"1": ["带电", "是", "yes"], "2": ["不带电", "否", "no"], "X": []}


def field(**keys: Any) -> FieldSpec:
    return FieldSpec.model_validate({"path": "f", "title": {"en": "F", "zh": "字段"}, **keys})


def read(text: str, settings: dict[str, str] | None = None, **keys: Any) -> Any:
    return values.parser(field(**keys), settings or {})(text)


def sent(text: str, **keys: Any) -> Any:
    return values.sent(field(**keys), read(text, **keys))


def message(problem: object, lang: str = "en") -> str:
    assert isinstance(problem, Problem)
    return messages.translate(messages.of_code(problem.code, **problem.facts), lang)


# -- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("007", "007", id="leading zeros"),
        pytest.param("  two  words \n", "two  words", id="blanks around it go"),
        pytest.param("\u3000手机壳\u00a0", "手机壳", id="wide blanks too"),
        pytest.param("\ufeffA1\u200b", "A1", id="invisible characters"),
        pytest.param("line\nbreak\tand tab", "line\nbreak\tand tab", id="line breaks stay"),
        pytest.param("-", None, id="a dash means nothing"),
        pytest.param("N/A", None, id="and so does N/A"),
        pytest.param("", None, id="blank"),
        pytest.param(" \n\u3000\u200b", None, id="nothing to see"),
    ],
)
def test_text_stays_as_it_was_typed(text: str, expected: str | None) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\x07b", "'a�b'", id="bell"),
        pytest.param("a\x7fb", "'a�b'", id="delete"),
        pytest.param("a\ud800b", "'a�b'", id="half a character"),
        pytest.param("a\uffffb", "'a�b'", id="no character at all"),
    ],
)
def test_control_characters_are_refused(text: str, expected: str) -> None:
    problem = read(text)

    assert message(problem) == (
        f"found a character that cannot be seen or printed in {expected}. Type the text again."
    )
    assert message(problem, "zh") == f"含有不可见的控制字符：{expected}。请重新输入。"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        pytest.param("digits", "１５２", "152", id="digits"),
        pytest.param("phone", "＋８６ １３８", "+86 138", id="phone"),
        pytest.param("email", "ａ@b.cn", "ａ@b.cn", id="other forms stay"),
    ],
)
def test_full_width_digits_become_plain_ones(form: str, text: str, expected: str) -> None:
    assert read(text, format=form) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("３１０－０５１", "310-051", id="a postcode"),
        pytest.param("ＳＫＵ－１", "SKU-1", id="an article"),
        pytest.param("SKU１", "SKU1", id="the digit alone"),
        pytest.param("示例路１号", "示例路１号", id="but an address stays as it is"),
        pytest.param("Ａ", "Ａ", id="and so does what has no digit"),
    ],
)
def test_codes_in_full_width_become_plain_ones(text: str, expected: str) -> None:
    assert read(text, type="text") == expected


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("digits", ["0", "0571"], ["", "12a", "1 2", "-1", "²"]),
        (
            "phone",
            ["+86 138-0000-0000", "(0517) 88990077 #12", "123x4"],
            ["", "ask Ann", "1/2", "xx"],
        ),
        ("latin", ["phone case", "Größe"], ["手机壳", "case 壳"]),
        ("email", ["a@b.cn", "a.b+c@d.e.fr"], ["a", "a@b", "a@@b.cn", "a b@c.de", "a@b.c d"]),
        ("url", ["http://a", "https://a.b/c?d=e"], ["a.b", "ftp://a", "http://", "http:// a"]),
        ("hex32", ["b266e0726506185beaf205cbae88530d", "A" * 32], ["b2", "g" * 32, "a" * 33]),
        ("base64", ["aGk=", "aGk", "aG\nk="], ["", "a-b", "=a", "aGk==="]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_forms_of_text(form: str, good: list[str], bad: list[str]) -> None:
    pattern = standards.FORMATS[form]

    assert [text for text in good if not pattern.fullmatch(text)] == []
    assert [text for text in bad if pattern.fullmatch(text)] == []


# -- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("15.55", "15.55", id="fraction"),
        pytest.param("15.50", "15.50", id="zeros at the end are kept"),
        pytest.param("007", "7", id="leading zeros"),
        pytest.param("+5", "5", id="plus"),
        pytest.param("-5.5", "-5.5", id="minus"),
        pytest.param("5.", "5", id="point at the end"),
        pytest.param(".5", "0.5", id="point at the beginning"),
        pytest.param("1,234", "1234", id="thousands"),
        pytest.param("1,234,567.89", "1234567.89", id="millions"),
        pytest.param("１２．５", "12.5", id="full width"),
        pytest.param("１，２３４", "1234", id="full-width thousands"),
        pytest.param(" 5 ", "5", id="blanks around it"),
        pytest.param("0.1", "0.1", id="a tenth is exactly a tenth"),
        pytest.param("1234567890123456789012345678", "1234567890123456789012345678", id="long"),
    ],
)  # fmt: skip
def test_numbers_are_exact(text: str, expected: str) -> None:
    assert str(read(text, type="decimal")) == str(Decimal(expected))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("two", id="a word"),
        pytest.param("5kg", id="with a unit"),
        pytest.param("$5", id="with a currency"),
        pytest.param("5 000", id="with a blank inside"),
        pytest.param("1,5", id="comma for a point"),
        pytest.param("0,500", id="comma for a point, three places"),
        pytest.param("1.234,56", id="continental thousands"),
        pytest.param("12,34", id="groups of two"),
        pytest.param("1,2345", id="group of four"),
        pytest.param("1,234,", id="comma at the end"),
        pytest.param("1.2.3", id="two points"),
        pytest.param("1E3", id="exponent"),
        pytest.param("1e999", id="enormous exponent"),
        pytest.param("NaN", id="not a number"),
        pytest.param("Infinity", id="infinite"),
        pytest.param("--5", id="two signs"),
        pytest.param("10²", id="a power is not 102"),
        pytest.param("①", id="number in a circle"),
        pytest.param("½", id="a half"),
        pytest.param("٣", id="digits of another script"),
        pytest.param("五", id="Chinese numeral"),
        pytest.param("5*3", id="a sum to do"),
        pytest.param("1" * 29, id="more digits than are exact"),
        pytest.param("2025-12-01", id="a date"),
        pytest.param("TRUE", id="truth value"),
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert message(read(text, type="decimal")) == (
        f"expected a number, found '{text}'. Type the number without unit or other characters."
    )
    assert message(read(text, type="integer"), "zh") == f"应为整数，实际为 '{text}'。请只填数字。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10", 10, id="whole"),
        pytest.param("10.0", 10, id="whole, written as a fraction"),
        pytest.param("1,000", 1000, id="thousands"),
        pytest.param("-3", -3, id="negative"),
        pytest.param("9223372036854775807", 2**63 - 1, id="largest"),
    ],
)
def test_whole_numbers(text: str, expected: int) -> None:
    assert read(text, type="integer") == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2.5", id="fraction"),
        pytest.param("9223372036854775808", id="too large for any system"),
        pytest.param("two", id="word"),
    ],
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    assert message(read(text, type="integer")) == (
        f"expected a whole number, found '{text}'. Type the number without other characters."
    )


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        pytest.param("50.0", {"type": "decimal"}, "50", id="50.0 is 50"),
        pytest.param("50.50", {"type": "decimal"}, "50.5", id="50.50 is 50.5"),
        pytest.param("0.000001", {"type": "decimal"}, "0.000001", id="no exponent"),
        pytest.param("1000000", {"type": "decimal"}, "1000000", id="no exponent above either"),
        pytest.param("-0.0", {"type": "decimal"}, "0", id="no negative nothing"),
        pytest.param("31.10", {"type": "decimal", "as": "text"}, '"31.10"', id="as typed"),
        pytest.param("1,234.5", {"type": "decimal", "as": "text"}, '"1234.5"', id="no groups"),
        pytest.param("7", {"type": "integer"}, "7", id="whole number"),
        pytest.param("007", {"type": "integer", "as": "text"}, '"7"', id="whole number as text"),
        pytest.param("007", {}, '"007"', id="a code"),
        pytest.param("是", {"type": "choice", "choices": CHOICES}, '"1"', id="choice"),
        pytest.param(
            "是", {"type": "choice", "choices": CHOICES, "as": "integer"}, "1", id="as a number"
        ),
        pytest.param(
            "yes", {"type": "choice", "choices": {"true": ["yes"], "false": ["no"]},
                    "as": "boolean"}, "true", id="as true",
        ),
        pytest.param(
            "no", {"type": "choice", "choices": {"true": ["yes"], "false": ["no"]},
                   "as": "boolean"}, "false", id="as false",
        ),
    ],
)  # fmt: skip
def test_what_is_sent(text: str, keys: dict[str, Any], expected: str) -> None:
    assert json_text.encode(sent(text, **keys)).decode() == expected


EXACT = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**24), 10**24),
    st.integers(0, 8),
)  # fmt: skip


@given(EXACT)
def test_every_number_is_sent_exactly(number: Decimal) -> None:
    body = json_text.encode(sent(format(number, "f"), type="decimal"))

    assert json.loads(body, parse_float=Decimal, parse_int=Decimal) == number


@given(EXACT)
def test_thousands_groups_change_no_number(number: Decimal) -> None:
    assert read(f"{number:,f}", type="decimal") == number


@given(EXACT, st.booleans())
def test_full_width_changes_no_number(number: Decimal, grouped: bool) -> None:
    text = f"{number:,f}" if grouped else f"{number:f}"
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in text)

    assert read(wide, type="decimal") == number


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_every_whole_number_is_sent_exactly(number: int) -> None:
    assert sent(str(number), type="integer") == number


@given(st.text(st.sampled_from("0123456789.,+-eE ０．，²"), max_size=12))
@example("1,000,00")
def test_a_number_has_the_digits_that_were_typed(text: str) -> None:
    """Every accepted number has exactly one reading."""
    value = read(text, type="decimal", required=True)

    if isinstance(value, Decimal):
        plain = "".join(chr(ord(c) - 0xFEE0) if c in "０．，" else c for c in text.strip())
        assert value == Decimal(plain.replace(",", ""))


# -- blanks ------------------------------------------------------------------------------------

KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "integer": {"type": "integer"},
    "decimal": {"type": "decimal"},
    "choice": {"type": "choice", "choices": CHOICES},
    "country": {"type": "country"},
    "currency": {"type": "currency"},
    "datetime": {"type": "datetime", "pattern": "%Y-%m-%d", "output_zone": "UTC", "zone": "UTC"},
}
OTHERS = [name for name in KINDS if name != "text"]


@pytest.mark.parametrize("word", ["-", "--", "/", "无", "N/A", "none", " None "])
@pytest.mark.parametrize("kind", OTHERS)
def test_words_for_nothing_are_blank_in_an_optional_cell(kind: str, word: str) -> None:
    assert read(word, **KINDS[kind]) is None


@pytest.mark.parametrize("kind", OTHERS)
def test_words_for_nothing_are_no_value_of_a_required_cell(kind: str) -> None:
    assert isinstance(read("-", required=True, **KINDS[kind]), Problem)


def test_a_choice_may_be_called_nothing() -> None:
    keys: dict[str, Any] = {"type": "choice", "choices": {"0": ["无", "none"], "1": ["有"]}}

    assert [read(word, **keys) for word in ("无", "none", "有", "-")] == ["0", "0", "1", None]


@given(text=st.text(), kind=st.sampled_from(sorted(KINDS)), required=st.booleans())
@example("0001-01-01", "datetime", False)
@example("2025-12-01 10:20+99:99", "datetime", False)
def test_any_text_is_a_value_or_a_problem(text: str, kind: str, required: bool) -> None:
    spec = field(required=required, **KINDS[kind])

    value = values.parser(spec, {})(text)

    assert isinstance(value, Problem) or json_text.encode(values.sent(spec, value))


# -- choices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("带电", "1", id="a word"),
        pytest.param("YES", "1", id="in capitals"),
        pytest.param("ｙｅｓ", "1", id="in full width"),
        pytest.param(" 不 带 电 ", "2", id="with blanks"),
        pytest.param("1", "1", id="the sent value itself"),
        pytest.param("x", "X", id="the sent value in another case"),
        pytest.param("leave out", None, id="a word for leaving it out"),
    ],
)
def test_choices_are_taken_by_their_words(text: str, expected: str | None) -> None:
    assert read(text, type="choice", choices=CHOICES, not_sent=["Leave out"]) == expected


@pytest.mark.parametrize("text", ["maybe", "带", "true", "10"])
def test_other_words_are_no_choice(text: str) -> None:
    problem = read(text, type="choice", choices=CHOICES)

    assert message(problem) == (
        f"expected one of 1 (带电 / 是), 2 (不带电 / 否), X; found '{text}'. Choose one of these."
    )
    assert message(problem, "zh") == (
        f"应为以下之一：1 (带电 / 是)、2 (不带电 / 否)、X；实际为 '{text}'。请选择其中之一。"
    )


def test_choices_are_named_in_chinese_words_alone_to_those_who_read_chinese() -> None:
    choices = {"G": ["礼品", "gift", "present"], "O": ["其它"]}
    problem = read("?", type="choice", choices=choices)

    assert "one of G (礼品 / gift), O (其它); found" in message(problem)
    assert "应为以下之一：G (礼品)、O (其它)；" in message(problem, "zh")


# -- countries and currencies ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[pytest.param(text, "US", id=text) for text in
          ("US", "us", "USA", "United States", "united states", "美国", "美國", "美国(US)",
           "美国（us）", "United States [USA]", "ＵＳ")],
        pytest.param("DEU", "DE", id="three letters"),
        pytest.param("chn", "CN", id="three small letters"),
        pytest.param("UK", "GB", id="UK"),
        pytest.param("英国", "GB", id="英国"),
        pytest.param("England", "GB", id="England"),
        pytest.param("香港", "HK", id="香港"),
        pytest.param("中国台湾", "TW", id="中国台湾"),
        pytest.param("沙特阿拉伯", "SA", id="沙特阿拉伯"),
        pytest.param("阿联酋", "AE", id="阿联酋"),
        pytest.param("NO", "NO", id="NO is Norway"),
        pytest.param("NA", "NA", id="NA is Namibia"),
        pytest.param("Georgia", "GE", id="Georgia"),
    ],
)  # fmt: skip
def test_countries_by_code_and_by_name(text: str, expected: str) -> None:
    assert read(text, type="country") == expected


def test_every_country_is_known_by_its_code_and_its_names() -> None:
    from babel import Locale

    codes = set(standards.countries().values())
    names = {
        (code, str(name))
        for lang in ("en", "zh")
        for code, name in Locale(lang).territories.items()
        if code in codes
    }

    assert len(codes) > 245
    assert [pair for pair in names if read(pair[1], type="country") != pair[0]] == []
    assert [code for code in codes if read(code, type="country") != code] == []


@pytest.mark.parametrize(
    "text",
    ["Atlantis", "XX", "EU", "U", "美国(GB)", "美国(XX)", "火星(US)", "00", "欧盟", "DE DE DE"],
)
def test_other_words_are_no_country(text: str) -> None:
    problem = read(text, type="country")

    assert message(problem) == (
        f"expected a country such as US, 美国 or United States, found '{text}'. "
        "Type the two-letter code."
    )
    assert message(problem, "zh") == f"应为国家，例如 US、美国；实际为 '{text}'。请填写二字代码。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USD", "USD"),
        ("usd", "USD"),
        ("美元", "USD"),
        ("美金", "USD"),
        ("US Dollar", "USD"),
        ("RMB", "CNY"),
        ("人民币", "CNY"),
        ("元", "CNY"),
        ("欧元", "EUR"),
        ("英镑", "GBP"),
        ("日元", "JPY"),
        ("港币", "HKD"),
        ("Philippine Peso", "PHP"),
    ],
)
def test_currencies_by_code_and_by_name(text: str, expected: str) -> None:
    assert read(text, type="currency") == expected


@pytest.mark.parametrize("text", ["$", "¥", "dollars", "XX", "5"])
def test_other_words_are_no_currency(text: str) -> None:
    problem = read(text, type="currency")

    assert message(problem) == (
        f"expected a currency such as USD or 美元, found '{text}'. Type the three-letter code."
    )
    assert message(problem, "zh") == f"应为币种，例如 USD、美元；实际为 '{text}'。请填写三字代码。"


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2025-12-01 10:20:30", "2025-12-01 10:20:30.000", id="plain"),
        pytest.param("2025-12-01", "2025-12-01 00:00:00.000", id="day only"),
        pytest.param("2025/12/1 10:20", "2025-12-01 10:20:00.000", id="strokes, no seconds"),
        pytest.param("2025.12.1", "2025-12-01 00:00:00.000", id="points"),
        pytest.param("2025年12月1日", "2025-12-01 00:00:00.000", id="Chinese"),
        pytest.param("2025年12月1日10:20", "2025-12-01 10:20:00.000", id="Chinese with time"),
        pytest.param("2025-12-01T10:20:30.4", "2025-12-01 10:20:30.400", id="ISO, part seconds"),
        pytest.param("２０２５－１２－０１", "2025-12-01 00:00:00.000", id="full width"),
        pytest.param("2025-12-01 10:20+08:00", "2025-12-01 10:20:00.000", id="zone is not asked"),
        pytest.param("2024-02-29", "2024-02-29 00:00:00.000", id="leap day"),
    ],
)
def test_moments_are_sent_as_they_were_typed(text: str, expected: str) -> None:
    assert read(text, type="datetime", pattern="%Y-%m-%d %H:%M:%S.%f") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2025-12-01 10:20:00", "2025-12-01T02:20:00.000Z", id="the sheet's zone"),
        pytest.param("2025-12-01", "2025-11-30T16:00:00.000Z", id="midnight there"),
        pytest.param("2025-12-01T10:20:00Z", "2025-12-01T10:20:00.000Z", id="UTC"),
        pytest.param("2025-12-01 10:20 +0530", "2025-12-01T04:50:00.000Z", id="another zone"),
    ],
)
def test_moments_are_turned_into_the_zone_that_is_wanted(text: str, expected: str) -> None:
    keys = {"zone": "$zone", "output_zone": "UTC", "pattern": "%Y-%m-%dT%H:%M:%S.%fZ"}

    assert read(text, {"zone": "Asia/Shanghai"}, type="datetime", **keys) == expected


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("2025-03-09 01:59", {"output_zone": "UTC"}, "2025-03-09 06:59"),
        ("2025-03-09 02:30", {"output_zone": "UTC"}, "no_such_time"),
        ("2025-03-09 03:00", {"output_zone": "UTC"}, "2025-03-09 07:00"),
        ("2025-11-02 01:30", {"output_zone": "UTC"}, "time_twice"),
        ("2025-11-02 01:30-05:00", {"output_zone": "UTC"}, "2025-11-02 06:30"),
        ("2025-11-02 01:30", {"pattern": "%Y-%m-%d %H:%M%:z"}, "time_twice"),
        ("2025-11-02 01:30", {"pattern": "%s"}, "time_twice"),
        ("2025-11-02 01:30", {}, "2025-11-02 01:30"),
    ],
)
def test_a_time_that_clocks_leave_out_or_show_twice(
    text: str, sent: dict[str, Any], expected: str
) -> None:
    keys = {"zone": "America/New_York", "pattern": "%Y-%m-%d %H:%M", **sent}
    found = read(text, type="datetime", **keys)

    assert (found.code if isinstance(found, Problem) else found) == expected
    if isinstance(found, Problem) and found.code == "time_twice":
        both = {"first": "2025-11-02 01:30:00-04:00", "second": "2025-11-02 01:30:00-05:00"}
        assert found.facts == {
            "found": "'2025-11-02 01:30'", "zone": "America/New_York", **both,
        }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("01/12/2025", id="day or month first"),
        pytest.param("12/1/25", id="two-digit year"),
        pytest.param("2025-02-30", id="no such day"),
        pytest.param("2025-13-01", id="no such month"),
        pytest.param("2025-12-01 24:00", id="no such hour"),
        pytest.param("2025-12-01 10:20+99:00", id="no such zone"),
        pytest.param("2025-1-110:20", id="day and hour run together"),
        pytest.param("2025-12", id="no day"),
        pytest.param("20251201", id="no marks"),
        pytest.param("tomorrow", id="a word"),
        pytest.param("45992", id="Excel's own number"),
        pytest.param("10:20:00", id="time only"),
        pytest.param("1 Dec 2025", id="month as a word"),
    ],
)
def test_doubtful_dates_are_refused(text: str) -> None:
    problem = read(text, type="datetime", pattern="%Y")

    assert message(problem) == (
        f"expected a date such as 2025-12-01 10:20:00, found '{text}'. "
        "Write year, month, day in this order."
    )
    assert message(problem, "zh") == (
        f"应为日期，例如 2025-12-01 10:20:00；实际为 '{text}'。请按年-月-日填写。"
    )


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_every_moment_survives(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    found = read(str(moment), type="datetime", pattern="%Y-%m-%dT%H:%M:%S.%f")

    assert found == moment.isoformat(timespec="milliseconds")


# -- what messages show ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("two", "'two'", id="short"),
        pytest.param("x" * 40, f"'{'x' * 40}'", id="just short enough"),
        pytest.param("x" * 41, f"'{'x' * 40}…'", id="cut"),
    ],
)
def test_messages_quote_what_was_found(text: str, expected: str) -> None:
    assert quote(text) == expected
