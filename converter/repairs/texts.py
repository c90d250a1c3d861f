"""Texts that programs have wrapped, escaped or garbled, and words that stand for nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from converter.layout.rewrite import Doubt
from converter.mapping.model import FieldSpec
from converter.repairs import encodings, kinds
from converter.repairs.draft import Change, Question
from converter.text import clean, quote

Finding = Change | Question

_SUSPECT = re.compile(
    r"""^['="<?.\\_/〃同见待\-–—‐(]|^\W*$|&[#a-zA-Z]|%20|<br|_x000D_|\\n|\.0+$|[?*�#$]|锟|锘|^\d{4}\.\d{2}"""
    r"""|[\u0080-\u00ff\u0152-\u0192\u02c6-\u2122]|[０-９]|[\U0001f000-\U0001faff\u2600-\u27bf]"""
    r"""|^(?:n/?a|null|none|nan|undefined|tbd|xxx+|ditto|test|as before|0+|1+|12345678\d?|无.*"""
    r"""|没有|暂无|空|测试|999077)$""",
    re.IGNORECASE,
)
"""Matches every text that may need a repair, and not many more."""

_HARMLESS = re.compile(
    r"(?![01x]+$)[a-z0-9](?:[a-z0-9 ,+:;()@-]|\.(?=[a-z ]))*|\d{1,3}\.\d*[1-9]",
    re.IGNORECASE | re.ASCII,
)
_HARMFUL = frozenset(
    (
        *("na", "null", "none", "nan", "undefined", "tbd", "ditto", "test", "as before"),
        *("12345678", "123456789", "999077"),
    )
)
_LONGEST_HARMFUL = max(map(len, _HARMFUL))

_BLANK_WORDS = frozenset(
    (
        *("na", "null", "none", "nan", "undefined"),
        *("无", "没有", "暂无", "空", "无备注"),
    )
)
_BLANK = _BLANK_WORDS | frozenset(
    (
        *("-", "--", "---", "—", "——", "–", "/", "//", "\\", ".", "..", "_"),
        *("n/a", "(blank)"),
    )
)
_WORDS = frozenset(["null", "none", "nan", "na", "undefined", "test"])
"""Names that real people have."""
_ZERO = re.compile(r"0(?:\.0+)?")
_NO_PHONE = re.compile(r"0+|1|1{8,}|12345678|123456789|1234567890")
_ABOVE = frozenset(("同上", "ditto", "〃", '"', "as above", "same as above", "as before"))
_LATER = frozenset(("待定", "待补", "待确认", "tbd", "?", "？", "xxx"))
_ELSEWHERE = frozenset(("见备注", "详见备注", "see note", "see notes", "见下", "见附件"))
_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_BREAK = re.compile(r"<br\s*/?>|_x000D_\n?|\\r\\n|(?<=[^\\\w:])\\n|(?<=[^\x00-\x7f])\\n")
_WRAPPED = re.compile(r'="([^"]*)"')
_TAIL = re.compile(r"(\d{4,})\.0+")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2700-\u27bf\u2b50\u2b55\ufe0f\u200d\u20e3]+"
)
_MASKED = re.compile(r"\*{2,}|^\w\*+\w?$|##.+##|\$\$.+\$\$|^.{0,2}\*$")
_HS_POINTS = re.compile(r"\d{4}\.\d{2}(?:\.\d{2}){0,2}")


def may_need_repair(text: str) -> bool:
    """Whether a text has to be judged at all. It tells in a tenth of the time that judging takes,
    which would be an eighth of `convert` on a clean sheet."""
    return not _HARMLESS.fullmatch(text) or (
        len(text) <= _LONGEST_HARMFUL and text.lower() in _HARMFUL
    )


def judge_of(
    spec: FieldSpec, *, adapted: bool = False, is_filled: bool = False
) -> Callable[[str], list[Finding]]:
    """The judge of the texts of one field; `adapted` as for `repair`.

    `is_filled` says that another file fills its blank cells.
    """
    words = {clean(word).lower() for spellings in spec.choices.values() for word in spellings}
    words |= {key.lower() for key in spec.choices} | {word.lower() for word in spec.not_sent}
    is_text = spec.type == "text" and spec.split is None
    place = kinds.is_place(spec)
    nothing = _nothing(spec, words, adapted=adapted, is_filled=is_filled)
    steps = [*_steps(spec)]

    def judge(text: str) -> list[Finding]:
        given = clean(text)
        if not _SUSPECT.search(text):
            return _garbled(spec, given) if is_text and not given.isascii() else []
        if given.lower() in words:
            return []
        if found := nothing(given):
            return [found]
        if not is_text:
            return []
        if encodings.is_lost(given, is_place=place):
            return [Question(spec.path, Doubt("text_lost", {"found": quote(given)}))]
        if place and _MASKED.search(given):
            return [Question(spec.path, Doubt("cell_masked"))]
        now, code = given, ""
        for name, step in steps:
            after = step(now)
            if after != now:
                now, code = after, name
        if not code:
            return _garbled(spec, given)
        if found := nothing(now) if now else None:
            return [found]
        return [Change(code, spec.path, {spec.path: now})]

    return judge


def _steps(spec: FieldSpec) -> Iterator[tuple[str, Callable[[str], str]]]:
    """What repairs a text of a field, each with the code of the repair."""
    place, code = kinds.is_place(spec), kinds.is_code(spec)
    yield "repaired_encoding", lambda text: encodings.turned_back(text) or text
    if spec.format != "url":
        yield "repaired_escape", lambda text: _unescaped(text, blanks=place)
    yield "repaired_wrapping", lambda text: _unwrapped(text, code=code)
    if code:
        yield "repaired_tail", lambda text: found[1] if (found := _TAIL.fullmatch(text)) else text
    if spec.is_ == "items.hs_code":
        yield (
            "repaired_hs_code",
            lambda text: text.replace(".", "") if _HS_POINTS.fullmatch(text) else text,
        )
    if place:
        yield (
            "repaired_emoji",
            lambda text: (
                re.sub(" {2,}", " ", _EMOJI.sub(" ", text)).strip() if _EMOJI.search(text) else text
            ),
        )


def _garbled(spec: FieldSpec, text: str) -> list[Finding]:
    """A question about a name or address that may have been read in a wrong encoding."""
    if kinds.is_place(spec) and (likely := encodings.likely(text)):
        facts = {"found": quote(text), "likely": quote(likely)}
        return [Question(spec.path, Doubt("text_garbled", facts))]
    return []


def _unescaped(text: str, *, blanks: bool) -> str:
    if _ESCAPE.search(text):
        text = html.unescape(text).replace("\xa0", " ")
    if _BREAK.search(text):
        text = _BREAK.sub("\n", text).strip()
    return text.replace("%20", " ") if blanks else text


def _nothing(
    spec: FieldSpec, words: set[str], *, adapted: bool, is_filled: bool
) -> Callable[[str], Finding | None]:
    """Tells the texts of a field that stand for nothing from its values.

    In a sheet that was made for the provider, numbers and words of free texts may be meant: its own
    examples send the brand "none" and the postcode 000000.
    """
    phone = kinds.is_phone(spec)
    person, place = kinds.is_person(spec), kinds.is_place(spec)
    zero = spec.is_ in ("items.sku", "items.hs_code") or (
        kinds.part_of_party(spec) == "tax_number"
    )  # fmt: skip
    has_value = is_filled or spec.default is not None or spec.fallback is not None
    free = spec.type == "text" and not spec.format and not (place or kinds.is_code(spec))

    def judge(text: str) -> Finding | None:
        folded = text.lower()
        facts = {"found": quote(text)}
        if spec.type == "country" and folded in ("na", "n/a") and text.upper() == "NA":
            return Question(spec.path, Doubt("country_na", facts))
        if folded in _ABOVE and (place or folded != '"'):
            return Question(spec.path, Doubt("as_above", facts))
        if folded in _LATER:
            return Question(spec.path, Doubt("not_known_yet", facts))
        if place and folded in _ELSEWHERE:
            return Question(spec.path, Doubt("said_elsewhere", facts))
        blank = folded in _BLANK and not (person and folded in _WORDS)
        blank = blank and (not free or adapted or folded not in _BLANK_WORDS)
        blank = blank and not (folded == "na" and spec.type == "text" and not place)
        blank = blank or (adapted and phone and bool(_NO_PHONE.fullmatch(text)))
        blank = blank or (adapted and zero and bool(_ZERO.fullmatch(text)))
        if not blank or folded in words:
            return None
        if spec.required and not has_value:
            return Question(spec.path, Doubt("placeholder", facts))
        return Change("repaired_placeholder", spec.path, {spec.path: ""})

    return judge


def _unwrapped(text: str, *, code: bool) -> str:
    """Without what keeps programs from reading a code as a number: ="07302" and '07302."""
    if found := _WRAPPED.fullmatch(text):
        return found[1].strip()
    if text.startswith("'") and "'" not in text[1:] and (code or re.match(r"'[\d+]", text)):
        return text[1:].strip()
    return text
