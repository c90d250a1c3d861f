"""Countries in their four forms, and how many decimals a currency has."""

from __future__ import annotations

from functools import cache

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
    if currency not in _currencies():
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

    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    if form in ("alpha2", "name"):
        known = {code: name for code, name in names.items() if len(code) == 2}
        return known if form == "name" else {code: code for code in known}
    return {
        now[0]: str(code)
        for code, now in get_global("territory_aliases").items()
        if len(now) == 1 and len(now[0]) == 2 and len(code) == 3 and code not in _FORMER
        and (code.isdigit() if form == "numeric" else code.isalpha())
    }  # fmt: skip


@cache
def _currencies() -> frozenset[str]:
    from babel import Locale

    return frozenset(map(str, Locale("en").currencies))
