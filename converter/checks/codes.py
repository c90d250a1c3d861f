"""Countries in their four forms, and how many decimals a currency has."""

from __future__ import annotations

from functools import cache

from converter.checks import values

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217's exponents other than 2. The ones in CLDR say what is customary on price tags."""

_FORMER = {
    "BUR", "DDR", "FXX", "TMP", "YMD", "ZAR", "230", "249", "278", "280", "720", "736", "886"
}  # fmt: skip
"""Codes of states that are no more, which CLDR takes for their successors."""


def decimals_of(currency: str) -> int | None:
    """The exponent of a currency by its code; None where it is none."""
    if values.currencies().get(currency.lower()) != currency:
        return None
    listed = (places for places, codes in _DECIMALS.items() if currency in codes.split())
    return next(listed, 2)


def country(code: str, form: str) -> str | None:
    """A two-letter code as `alpha2`, `alpha3`, `numeric` (three digits) or English `name`."""
    return _forms(form).get(code)


@cache
def _forms(form: str) -> dict[str, str]:
    from babel import Locale
    from babel.core import get_global

    known = set(values.countries().values())
    if form == "alpha2":
        return {code: code for code in known}
    if form == "name":
        return {code: str(Locale("en").territories[code]) for code in known}
    return {
        now[0]: str(code)
        for code, now in get_global("territory_aliases").items()
        if len(now) == 1 and now[0] in known and len(code) == 3 and code not in _FORMER
        and (code.isdigit() if form == "numeric" else code.isalpha())
    }  # fmt: skip
