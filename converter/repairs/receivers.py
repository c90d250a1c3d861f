"""Phones and postcodes of receivers and senders: in the wrong cell, or without their zeros."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from converter.layout.rewrite import Doubt
from converter.mapping import standards
from converter.mapping.model import FieldSpec, ProviderMapping, is_country
from converter.orders import postcodes
from converter.repairs.draft import Change, Draft, Question
from converter.repairs.kinds import Party, is_phone
from converter.text import clean, quote

_PUNCTUATION = str.maketrans("", "", " ()-./\t")
_MOBILE = re.compile(r"(?:(?:\+|00)?86[-\s]?)?(1[3-9]\d{9})")
_PHONE_IN_NAME = re.compile(
    r"[\s,，;；:：(（]*(?:tel|phone|mobile|手机|电话)?[\s.:：]*"
    r"(?P<phone>(?:(?:\+|00)?86[-\s]?)?(?<!\d)1[3-9]\d{9}(?!\d|[-转]\d)|\+\d[\d\s-]{7,14}\d)"
    r"[\s)）]*",
    re.IGNORECASE,
)
_MAY_BE_PHONE = re.compile(r"1[3-9]\d{9}|\+\d")
"""In every name that the pattern above matches."""
_SHORTEST_TWO = 15
"""Characters of two phone numbers."""
_BETWEEN_PHONES = re.compile(r"\s*[/,，;；、|]\s*|\s+或\s*|\s+(?=0\d{2,3}-\d|1[3-9]\d{9}$)")

_WITHOUT_ZEROS = frozenset(["DE", "ES", "IT", "FR", "SG", "CN", "MX", "BR", "JP"])
"""Countries all of whose codes have one length, so that a short one has lost its zeros."""
_MOST_ZEROS = {"IT": 2, "JP": 2}
"""How many zeros codes begin with at most, where it is more than one."""
_FILLER = re.compile(r"0+|999077")
_US_ZERO = {
    "0": frozenset(
        (
            *("CT", "MA", "ME", "NH", "NJ", "RI", "VT"),
            *("CONNECTICUT", "MASSACHUSETTS", "MAINE", "NEWHAMPSHIRE", "NEWJERSEY"),
            *("RHODEISLAND", "VERMONT"),
        )
    ),
    "00": frozenset(("PR", "PUERTORICO")),
}
"""By the zeros that their postcodes begin with: states of the US, as they are written."""
_US_SHORT = re.compile(r"(\d{3,4})(-\d{4})?")


def repair_phones(draft: Draft, mapping: ProviderMapping, party: Party) -> None:
    """Take a phone number out of the name, and two numbers in a cell apart."""
    phone, mobile = party.path("phone"), party.path("mobile")
    has = [path for path in (mobile, phone) if path]
    for path in has:
        if draft.has(path):
            other = next((each for each in has if each != path), "")
            draft.apply(
                [path, *filter(None, [other])],
                two_numbers(path, other),
                where=lambda text: len(text) >= _SHORTEST_TWO,
            )
    name = party.path("name")
    if name and draft.has(name) and has:
        draft.apply([name, *has], number_in_name(name, has), where=_MAY_BE_PHONE.search)
    for spec in mapping.fields:
        if spec.format == "digits" and is_phone(spec) and draft.has(spec.path):
            draft.apply([spec.path], _digits_only(spec))


def number_in_name(name: str, phones: list[str]) -> Callable[..., list[Change | Question]]:
    """Judges a name with the phone numbers beside it."""

    def judge(text: str, *given: str) -> list[Change | Question]:
        if not any(letter.isdigit() for letter in text):
            return []
        found = _PHONE_IN_NAME.search(text)
        if found is None:
            return []
        number = found["phone"].strip()
        rest = clean(f"{text[: found.start()]} {text[found.end() :]}").strip(" ,，;；()（）")
        if not rest or any(letter.isdigit() for letter in rest):
            return []
        others = [clean(each) for each in given if clean(each)]
        facts = {"phone": quote(number)}
        if not others:
            return [Change("repaired_phone_in_name", name, {name: rest, phones[0]: number}, facts)]
        if any(_alike(number, other) for other in others):
            return [Change("repaired_phone_in_name", name, {name: rest}, facts)]
        facts |= {"found": quote(text), "other": quote(others[0])}
        return [Question(name, Doubt("name_with_phone", facts))]

    return judge


def _alike(one: str, other: str) -> bool:
    """Whether two texts are one number, with or without the code of the country."""
    digits = sorted(("".join(filter(str.isdigit, each)) for each in (one, other)), key=len)
    return len(digits[0]) >= 7 and digits[1].endswith(digits[0])


def two_numbers(path: str, other: str) -> Callable[..., list[Change | Question]]:
    """Judges a phone number with the one in the other column."""

    def judge(text: str, beside: str = "") -> list[Change | Question]:
        if len(text) < _SHORTEST_TWO:
            return []
        parts = [each for each in _BETWEEN_PHONES.split(clean(text)) if each]
        if len(parts) != 2 or not all(_is_number(each) for each in parts):
            return []
        if _alike(*parts):
            facts = {"left": quote(parts[1])}
            return [Change("repaired_phone_twice", path, {path: parts[0]}, facts)]
        parts.sort(key=lambda each: not _MOBILE.fullmatch(each))
        if not other or (clean(beside) and not _alike(beside, parts[1])):
            return []
        facts = {"first": quote(parts[0]), "second": quote(parts[1])}
        return [Change("repaired_two_phones", path, {path: parts[0], other: parts[1]}, facts)]

    return judge


def _is_number(text: str) -> bool:
    digits = text.translate(_PUNCTUATION).removeprefix("+")
    return digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15


def _digits_only(spec: FieldSpec) -> Callable[[str], list[Change | Question]]:
    """A number as a field of digits alone takes it."""

    def judge(text: str) -> list[Change | Question]:
        given = clean(text)
        digits = given.translate(_PUNCTUATION)
        if found := _MOBILE.fullmatch(digits):
            digits = found[1]
        if digits == given or not (digits.isascii() and digits.isdigit()):
            return []
        return [Change("repaired_phone_form", spec.path, {spec.path: digits})]

    return judge


# -- postcodes ---------------------------------------------------------------------------------


def repair_postcodes(draft: Draft, mapping: ProviderMapping, party: Party) -> None:
    """Give postcodes back the leading zeros that a spreadsheet program took."""
    path = party.path("postcode")
    if not path or not draft.has(path):
        return
    country = party.path("country")
    spec = mapping.field(path)
    fixed = ""
    if spec.postcode_of and is_country(spec.postcode_of):
        country, fixed = "", spec.postcode_of
    elif country and not draft.has(country):
        country, fixed = "", mapping.field(country).default or ""
    beside = {"country": country, "state": party.path("province")}
    used = {name: each for name, each in beside.items() if each and draft.has(each)}

    def judge(code: str, *given: str) -> list[Change | Question]:
        known: Mapping[str, str] = dict(zip(used, given, strict=True))
        code = clean(code)
        if not code or not code.isascii() or not code[0].isdigit():
            return []
        place = standards.country(known.get("country", "") or fixed) or ""
        if _FILLER.fullmatch(code):
            return filler(spec, code, place) if draft.adapted else []
        said = with_zeros(path, code, place, known.get("state", ""))
        # In a sheet that was made for the provider, the check by country warns of what is left.
        return said if draft.adapted else [one for one in said if isinstance(one, Change)]

    draft.apply([path, *used.values()], judge)


def filler(spec: FieldSpec, code: str, country: str) -> list[Change | Question]:
    """What is to be said of a number that stands for no postcode, such as 000000.

    A required one is kept where the country has no postcodes: the provider's form wants something.
    """
    if not country or (spec.required and postcodes.form_of(country) is None):
        return []
    if spec.required and spec.default is None and spec.fallback is None:
        return [Question(spec.path, Doubt("placeholder", {"found": quote(code)}))]
    return [Change("repaired_placeholder", spec.path, {spec.path: ""})]


def with_zeros(path: str, code: str, country: str, state: str) -> list[Change | Question]:
    """What is to be said of a postcode in a country and state."""
    facts = {"found": quote(code), "country": country}
    if country in ("US", "PR") and (short := _US_SHORT.fullmatch(code)):
        written = "PR" if country == "PR" else "".join(filter(str.isalpha, state)).upper()
        written = written.removeprefix("US") if len(written) == 4 else written
        zeros = "0" * (5 - len(short[1]))
        if written in _US_ZERO.get(zeros, ()):
            return [Change("repaired_postcode", path, {path: zeros + code}, {"country": country})]
        return [Question(path, Doubt("postcode_lost_zeros", {**facts, "digits": "5"}))]
    if country not in _WITHOUT_ZEROS:
        return []
    form = postcodes.form_of(country)
    bare = code.replace("-", "")
    if form is None or form.fits(code) or not bare.isdigit():
        return []
    digits = form.digits_before_loss(bare)
    if country == "JP" and len(bare) == 6:
        digits = 7
    if not digits or digits - len(bare) > _MOST_ZEROS.get(country, 1):
        return []
    whole = bare.zfill(digits)
    if country in ("JP", "BR"):
        whole = f"{whole[:-4]}-{whole[-4:]}" if country == "JP" else f"{whole[:-3]}-{whole[-3:]}"
    if not form.fits(whole):
        return []
    return [Change("repaired_postcode", path, {path: whole}, {"country": country})]
