"""Countries, currencies, dates and forms of text: what cells and defaults are read by."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from converter.text import fold


@cache
def countries() -> dict[str, str]:
    """Folded code or name -> ISO 3166 alpha-2 code, in Chinese and English."""
    from babel import Locale
    from babel.core import get_global

    codes: dict[str, str] = {}
    territories = Locale("en").territories
    known = {str(code) for code in territories if len(str(code)) == 2 and str(code).isalpha()}
    known -= {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    for locale in ("en", "zh", "zh_Hant"):
        for code, name in Locale.parse(locale).territories.items():
            if code in known:
                codes.setdefault(fold(str(name)), str(code))
    for code, names in get_global("territory_aliases").items():
        if len(code) == 3 and code.isalpha() and len(names) == 1 and names[0] in known:
            codes[fold(code)] = names[0]
    codes |= {fold(code): code for code in known}
    everyday = {
        "UK": "GB", "英国": "GB", "England": "GB", "USA": "US", "美利坚合众国": "US",
        "香港": "HK", "中国香港": "HK", "澳门": "MO", "中国澳门": "MO", "台湾": "TW",
        "中国台湾": "TW", "中国大陆": "CN", "阿联酋": "AE", "UAE": "AE", "沙特": "SA",
        "South Korea": "KR", "Korea": "KR", "Russia": "RU", "Czech Republic": "CZ",
        "Viet Nam": "VN", "United States of America": "US", "Great Britain": "GB",
        "Holland": "NL", "The Netherlands": "NL", "俄罗斯联邦": "RU", "捷克共和国": "CZ",
        "Turkey": "TR", "Hong Kong": "HK", "Macau": "MO",
    }  # fmt: skip
    return codes | {fold(name): code for name, code in everyday.items()}


_WITH_CODE = re.compile(r"(.+?)[(（\[]\s*([A-Za-z]{2,3})\s*[)）\]]")


def country(text: str) -> str | None:
    """The two-letter code of a country by its code or name; None where it is none."""
    known = countries()
    if code := known.get(fold(text)):
        return code
    # 美国(US): taken only where the name and the code agree
    if (
        (both := _WITH_CODE.fullmatch(text))
        and (code := known.get(fold(both[2])))
        and known.get(fold(both[1])) == code
    ):
        return code
    return None


@cache
def currencies() -> dict[str, str]:
    """Folded code or name -> ISO 4217 code, in Chinese and English."""
    from babel import Locale

    codes: dict[str, str] = {}
    for locale in ("en", "zh"):
        for code, name in Locale(locale).currencies.items():
            codes.setdefault(fold(str(name)), str(code))
    codes |= {fold(str(code)): str(code) for code in Locale("en").currencies}
    everyday = {"RMB": "CNY", "元": "CNY", "人民币元": "CNY", "美金": "USD", "日币": "JPY",
                "港元": "HKD", "港币": "HKD", "台币": "TWD", "新台币": "TWD"}  # fmt: skip
    return codes | {fold(name): code for name, code in everyday.items()}


_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:(?:(?<=日)|[T\s])\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def moment(text: str, forms: Sequence[str]) -> datetime | None:
    """A date with year, month and day in this order, or in one of these forms.

    None where it is none of them; raises ValueError where there is no such day.
    """
    found = _MOMENT.fullmatch(text)
    return _moment(found) if found else _in_form(text, forms)


def _moment(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, part, offset = found.groups(default="")
    moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0),
                      int(second or 0), int((part or "0").ljust(6, "0")))  # fmt: skip
    if not offset:
        return moment
    return datetime.fromisoformat(moment.isoformat() + ("+00:00" if offset == "Z" else offset))


def _in_form(text: str, forms: Sequence[str]) -> datetime | None:
    """A date in the first of the mapping's own forms that it has."""
    for form in forms:
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, form)
    return None


# -- forms of text -----------------------------------------------------------------------------

FORMATS: dict[str, re.Pattern[str]] = {
    "digits": re.compile(r"[0-9]+"),
    "phone": re.compile(r"(?=.*[0-9])[0-9+()\-\s.#xX]+"),
    "latin": re.compile(r"[^\u3400-\u9fff]*"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "url": re.compile(r"https?://[^\s/]+\S*"),
    "hex32": re.compile(r"[0-9a-fA-F]{32}"),
    "base64": re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*"),
}
