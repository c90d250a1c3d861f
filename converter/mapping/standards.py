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
        "Turkey": "TR", "Hong Kong": "HK", "Macau": "MO", "Macao": "MO", "KSA": "SA", "GER": "DE",
        "Kingdom of Saudi Arabia": "SA", "EL": "GR", "PRC": "CN", "PR China": "CN",
        "People's Republic of China": "CN", "HKSAR": "HK", "Hong Kong SAR": "HK",
        "Republic of Korea": "KR", "Korea (South)": "KR", "Scotland": "GB", "Wales": "GB",
        "Northern Ireland": "GB", "Russian Federation": "RU",
    }  # fmt: skip
    return codes | {fold(name): code for name, code in everyday.items()}


_LANGUAGES = (
    "ar", "bg", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fil", "fr", "he", "hi", "hr", "hu",
    "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sr",
    "sv", "th", "tr", "uk", "vi",
)  # fmt: skip
"""In which countries are named too, where a name is neither Chinese nor English."""


@cache
def _foreign_names() -> dict[str, str]:
    """Folded name -> code, without names that are those of several countries."""
    from babel import Locale

    codes = set(countries().values())
    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                found.setdefault(fold(str(name)), set()).add(str(code))
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


_WITH_CODE = (
    re.compile(r"(?P<name>.+?)[(（\[]\s*(?P<code>[A-Za-z]{2,3})\s*[)）\]]"),
    re.compile(r"(?P<name>[\u3400-\u9fff]+)[-_/ ]?(?P<code>[A-Za-z]{2,3})"),
    re.compile(r"(?P<code>[A-Za-z]{2,3})[-_/ ]+(?P<name>.+)"),
)
"""A country's name with its code, as in 美国(US), 美国US and US-美国."""


def country(text: str) -> str | None:
    """The two-letter code of a country by its code or name; None where it is none."""
    known, folded = countries(), fold(text)
    if code := known.get(folded) or known.get(folded.replace(".", "")):
        return code
    for form in _WITH_CODE:  # taken only where the name and the code agree
        if (both := form.fullmatch(text)) and (code := known.get(fold(both["code"]))):
            return code if known.get(fold(both["name"])) == code else None
    return _foreign_names().get(folded)


@cache
def countries_by_number() -> dict[str, str]:
    """ISO 3166 number -> alpha-2 code."""
    from babel.core import get_global

    return {
        str(number): str(codes[0])
        for number, codes in get_global("territory_aliases").items()
        if len(number) == 3 and number.isdigit() and len(codes) == 1
    }


@cache
def currencies() -> dict[str, str]:
    """Folded code or name -> ISO 4217 code, in Chinese and English."""
    from babel import Locale

    codes: dict[str, str] = {}
    for locale in ("en", "zh"):
        for code, name in Locale(locale).currencies.items():
            codes.setdefault(fold(str(name)), str(code))
    english = Locale("en")
    codes |= {fold(str(code)): str(code) for code in english.currencies}
    # CA$ and € are one currency, but $ and ¥ are those of several.
    for code, sign in english.currency_symbols.items():
        if len(str(code)) == 3 and str(sign) not in ("$", "¥"):
            codes.setdefault(fold(str(sign)), str(code))
    everyday = {"RMB": "CNY", "元": "CNY", "人民币元": "CNY", "美金": "USD", "日币": "JPY",
                "港元": "HKD", "港币": "HKD", "台币": "TWD", "新台币": "TWD", "US$": "USD",
                "U$D": "USD", "$US": "USD", "U$": "USD", "C$": "CAD", "AU$": "AUD", "S$": "SGD",
                "RM": "MYR", "Rp": "IDR", "฿": "THB", "đ": "VND", "₽": "RUB", "руб": "RUB",
                "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "₺": "TRY", "TL": "TRY", "₦": "NGN",
                "SR": "SAR", "ر.س": "SAR", "Dhs": "AED", "JP¥": "JPY", "円": "JPY", "Euro": "EUR",
                "人民币": "CNY", "日元": "JPY"}  # fmt: skip
    return codes | {fold(name): code for name, code in everyday.items()}


def currency(text: str) -> str | None:
    """The code of a currency by its code, name or sign; None where it is none, or of several."""
    known = currencies()
    if code := known.get(fold(text)):
        return code
    # USD/美元 or 美元(USD): taken only where both are one
    parts = [part for part in re.split(r"[/()（）\s]+", text) if part]
    codes = {known.get(fold(part)) for part in parts}
    return codes.pop() if len(parts) == 2 and len(codes) == 1 else None


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
