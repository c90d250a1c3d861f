"""Parse the text of a cell into a value of the field's type, or into the problem with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from converter.checks import codes, suggestions
from converter.mapping import standards
from converter.mapping.constants import constant
from converter.mapping.model import FieldSpec, is_chinese
from converter.message import Multilingual
from converter.text import clean, fold, quote


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no value of its field; `messages` has the sentence for the code."""

    code: str
    facts: Mapping[str, str]


BAD = "\0bad"
"""Marks a value that could not be read, so that its cell is not taken for a blank one."""

Parser = Callable[[str], Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANK_WORDS = {"-", "--", "/", "无", "n/a"}
"""What people write into an optional cell to leave it blank."""

_BLANK_NUMBERS = {*_BLANK_WORDS, "none"}
"""`none` may be a text, such as a brand, but no number, date or choice."""


def problem(code: str, text: str, **facts: str) -> Problem:
    return Problem(code, {"found": quote(text), **facts})


def parser(spec: FieldSpec, settings: Mapping[str, str], factor: Decimal = Decimal(1)) -> Parser:
    """The function that reads a text of this field: a value, None for blank, or a Problem.

    `factor` converts numbers that are in another unit.
    """
    read = _reader(spec, settings) if factor == 1 else _scaled(spec, factor)
    blank_words = set()
    if not spec.required:
        blank_words = _BLANK_WORDS if spec.type == "text" else _BLANK_NUMBERS
        blank_words = blank_words - {word for words in spec.choices.values() for word in words}

    longest = max(map(len, blank_words), default=0)

    def parse(text: str) -> Any:
        text = clean(text)
        if not text or (len(text) <= longest and text.lower() in blank_words):
            return None
        if not text.isprintable() and _CONTROL.search(text):
            return problem("control_character", _CONTROL.sub("�", text))
        return read(text)

    return parse


def sent(spec: FieldSpec, value: Any) -> Any:
    """A value as it is sent in the payload: text, an exact number, true or false."""
    kind = spec.send
    if spec.split is not None:
        single = _single(spec)
        read = _reader(single, {})
        return [sent(single, read(part)) for part in _parts(spec, value)]
    if spec.type == "country":
        return codes.country(value, kind or "alpha2")
    if spec.type == "choice":
        if kind in ("integer", "number"):
            return constant(value)
        return value == "true" if kind == "boolean" else value
    if spec.type == "datetime" and kind == "integer":
        return int(value)
    if isinstance(value, Decimal) and kind != "text":
        # 50.0 and 50 are one number: written as the shorter, and never through a float. The JSON
        # writer takes no integers beyond 64 bits, but such a Decimal it does.
        is_whole = value == value.to_integral_value() and abs(value) < 2**63
        return int(value) if is_whole else value.normalize()
    if isinstance(value, int | Decimal) and kind == "text":
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return value


def _parts(spec: FieldSpec, text: str) -> list[str]:
    return [*filter(None, (part.strip() for part in text.split(spec.split or "")))]


def _single(spec: FieldSpec) -> FieldSpec:
    """The field as one of the values in its cell."""
    return spec.model_copy(update={"split": None})


def _several(spec: FieldSpec, read: Parser) -> Parser:
    """Reads each of the values in a cell; together they stay the text that was typed."""

    def read_all(text: str) -> Any:
        single = _single(spec)
        for part in _parts(spec, text):
            found = read(part)
            if isinstance(found, Problem):
                return found
            if sent(single, found) is None:  # a country without a code of the kind that is sent
                return problem(f"want_{spec.type}", part, near="")
        return text

    return read_all


# -- types -------------------------------------------------------------------------------------


_EXPONENT = re.compile(r"\d+(\.\d+)?[eE]\+\d{2,3}", re.ASCII)
"""A long number as Excel shows it and saves it in CSV files, its digits lost."""


def _text(spec: FieldSpec) -> Parser:
    # Chinese input methods type full-width digits, which are invalid in phone numbers, postcodes
    # and article numbers: a text without Chinese characters is treated as a code.
    half = spec.format in ("digits", "phone", "hex32")

    def read(text: str) -> Any:
        if _EXPONENT.fullmatch(text):
            return problem("exponent", text)
        if text.isascii():
            return text
        return text.translate(_HALF_WIDTH) if half or _WIDE_CODE.fullmatch(text) else text

    return read


# 0,500 has no thousands separator: it is half a kilogram with a decimal comma.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
"""Not NFKC, which would read 10² as 102."""
_WIDE_CODE = re.compile(r"(?=.*[０-９])[A-Za-z0-9０-９Ａ-Ｚａ-ｚ_.\-－＿．／/ ]+")
"""A code with digits that were typed in full width."""


def number(text: str) -> Decimal | None:
    """The number that a text is, with or without commas between thousands."""
    plain = text if text.isascii() else text.translate(_HALF_WIDTH)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return Decimal(plain) if len(plain) <= 28 and _PLAIN.fullmatch(plain) else None


def _integer(text: str) -> Any:
    found = number(text)
    if found is None or found != found.to_integral_value() or abs(found) >= 2**63:
        return problem("want_integer", text)
    return int(found)


def _decimal(text: str) -> Any:
    found = number(text)
    return problem("want_number", text) if found is None else found


def _scaled(spec: FieldSpec, factor: Decimal) -> Parser:
    def read(text: str) -> Any:
        found = number(text)
        if found is None:
            return problem("want_number", text)
        with localcontext(prec=60):  # exact: 28 digits times the dozen of an ounce
            value = found * factor
            if spec.type == "integer":
                whole = value == value.to_integral_value() and abs(value) < 2**63
                return int(value) if whole else problem("want_integer", text)
            whole = value == value.to_integral_value()
            return value.quantize(Decimal(1)) if whole else value.normalize()

    return read


def _allowed(spec: FieldSpec) -> str:
    """The values of a choice with two words for each; to Chinese readers Chinese ones alone."""

    def shown(key: str, words: Sequence[str]) -> str:
        return f"{key} ({' / '.join(words[:2])})" if words else key

    both, chinese = [], []
    for key, spellings in spec.choices.items():
        both.append(shown(key, spellings))
        chinese.append(shown(key, [word for word in spellings if is_chinese(word)] or spellings))
    return Multilingual(", ".join(both), zh="、".join(chinese))


def _choice(spec: FieldSpec) -> Parser:
    words = {fold(word): key for key, spellings in spec.choices.items() for word in spellings}
    words |= {fold(key): key for key in spec.choices}
    spelt = {fold(word): word for spellings in spec.choices.values() for word in spellings}
    left_out = {fold(word) for word in spec.not_sent}
    allowed = _allowed(spec)

    def read(text: str) -> Any:
        word = fold(text)
        if word in left_out:
            return None
        if found := words.get(word):
            return found
        near = suggestions.hint(suggestions.near(text, spelt))
        return problem("want_choice", text, allowed=allowed, near=near)

    return read


def _country(text: str) -> Any:
    if code := standards.country(text):
        return code
    known = standards.countries()
    near = suggestions.hint(suggestions.near_country(text, known))
    return problem("want_country", text, near=near)


def _currency(text: str) -> Any:
    if code := standards.currency(text):
        return code
    known = standards.currencies()
    return problem("want_currency", text, near=suggestions.hint(suggestions.near(text, known)))


def _datetime(spec: FieldSpec, settings: Mapping[str, str]) -> Parser:
    zone = _zone(spec.zone, settings)
    output_zone = _zone(spec.output_zone, settings)
    pattern = spec.pattern or "%Y-%m-%d %H:%M:%S"
    # Else the time on the clock is all that is sent, whenever that was.
    needs_offset = bool(output_zone) or any(part in pattern for part in ("%z", "%:z", "%s"))

    def read(text: str) -> Any:
        try:
            moment = standards.moment(text.translate(_HALF_WIDTH), spec.reads)
            if moment is None:
                return problem("want_datetime", text)
            if zone and moment.tzinfo is None:
                moment = moment.replace(tzinfo=ZoneInfo(zone))
                if needs_offset and (trouble := _clock_change(moment, zone, text)):
                    return trouble
            if output_zone and moment.tzinfo is not None:
                moment = moment.astimezone(ZoneInfo(output_zone))
        except (ValueError, OverflowError):  # the 31st of June, an offset of 99 hours, the year 1
            return problem("want_datetime", text)
        milliseconds = f"{moment.microsecond // 1000:03d}"
        offset = moment.strftime("%z")
        with_colon = f"{offset[:3]}:{offset[3:5]}" if offset else ""
        shown = pattern.replace("%f", milliseconds).replace("%:z", with_colon)
        if "%s" in shown:
            # Not the C library's, which takes every moment for one of this machine's zone.
            shown = shown.replace("%s", str(math.floor(moment.timestamp())))
        return moment.strftime(shown)

    return read


def _clock_change(moment: datetime, zone: str, text: str) -> Problem | None:
    """The problem with a local time that the clocks left out, or showed twice."""
    first, second = moment.replace(fold=0), moment.replace(fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return None
    if before < after:
        return problem("no_such_time", text, zone=zone)
    both = {"first": first.isoformat(" "), "second": second.isoformat(" ")}
    return problem("time_twice", text, zone=zone, **both)


def _zone(named: str | None, settings: Mapping[str, str]) -> str:
    named = named or ""
    return settings.get(named[1:], "") if named.startswith("$") else named


def _reader(spec: FieldSpec, settings: Mapping[str, str]) -> Parser:
    if spec.split is not None:
        return _several(spec, _reader(_single(spec), settings))
    match spec.type:
        case "text":
            return _text(spec)
        case "integer":
            return _integer
        case "decimal":
            return _decimal
        case "choice":
            return _choice(spec)
        case "country":
            standards.countries()  # loaded while the sheet is read, and not with its first country
            return _country
        case "currency":
            standards.currencies()
            return _currency
        case "datetime":
            return _datetime(spec, settings)
