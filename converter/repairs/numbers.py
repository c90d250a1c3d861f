"""Numbers as people write them: with signs of money, units, counted words, and points or commas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from converter.checks import values
from converter.layout.rewrite import Doubt
from converter.layout.titles import factor, is_measure, normalise
from converter.mapping import standards
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.text import clean, fold, quote

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_NUMBER = r"\d[\d.,' \u00a0\u202f]*\d|\d"
_MONEY = re.compile(
    rf"(?P<before>[^\d\s.,+-]{{0,12}}?)\s*(?P<number>{_NUMBER})\s*(?P<after>(?!each|ea\b)[^\d\s.,/+-]{{0,12}})"
    r"\s*(?P<each>/\s*[件个只]|/\s*(?:pcs?|each|ea)|each|ea)?",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:[x×*]\s*)?(?P<number>\d+(?:\.0+)?|两)\s*"
    r"(?P<word>件|个|只|條|条|支|pcs?|pieces?|ea|双|套|盒|包|瓶)?\.?",
    re.IGNORECASE,
)
_OF_ITS_OWN = "双套盒包瓶"
"""Counted words that need not mean a piece."""
_MEASURED = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>[A-Za-z]+|[\u3400-\u9fff]{{1,2}})\.?(?:/[件个])?"
)
_POUNDS_AND_OUNCES = re.compile(
    r"(?P<lb>\d+)\s*lbs?\.?\s*(?P<oz>\d+(?:\.\d+)?)\s*oz\.?", re.IGNORECASE
)
_UNITS = {
    "kg": "kg", "kgs": "kg", "公斤": "kg", "千克": "kg", "g": "g", "克": "g", "gr": "g",
    "lb": "lb", "lbs": "lb", "磅": "lb", "oz": "oz", "盎司": "oz", "cm": "cm", "厘米": "cm",
    "公分": "cm", "mm": "mm", "毫米": "mm", "m": "m", "米": "m", "in": "in", "inch": "in",
    "英寸": "in",
}  # fmt: skip
_POINT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d*\.\d{1,2}|\d*\.\d{4,}")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}|\d+,\d{4,}|0,\d+")
_NO_CENTS = frozenset(("IDR", "VND", "KRW", "JPY", "CLP", "PYG", "ISK"))


@dataclass(frozen=True)
class Column:
    """What the numbers of one column prove of its signs."""

    points: bool
    commas: bool

    @staticmethod
    def of(texts: Iterable[str]) -> Column:
        numbers = [found[0] for text in texts for found in re.finditer(_NUMBER, text)]
        return Column(
            any(_POINT.fullmatch(each) for each in numbers),
            any(_COMMA.fullmatch(each) for each in numbers),
        )

    def plain(self, number: str, *, no_cents: bool = False) -> str | None:
        """The number with a point for decimals; None where it can be read in two ways."""
        bare = re.sub(r"(?<=\d)[' \u00a0\u202f](?=\d{3}(?:\D|$))", "", number)
        if not re.fullmatch(r"[\d.,]+", bare):
            return None
        if "," in bare and "." in bare:
            last = max(bare.rfind(","), bare.rfind("."))
            whole = re.fullmatch(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*", bare[:last])
            other = "." if bare[last] == "," else ","
            if whole is None or whole[1] != other:
                return None
            return f"{bare[:last].replace(other, '')}.{bare[last + 1 :]}"
        if "," in bare:
            return self._with_commas(bare, no_cents=no_cents)
        if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3}){2,}", bare):
            return bare.replace(".", "")
        if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", bare) and (no_cents or self.commas):
            return None if self.points and not no_cents else bare.replace(".", "")
        return bare if re.fullmatch(r"\d+(\.\d+)?", bare) else None

    def may_group(self, number: str) -> bool:
        """Whether the point of a number may part thousands: other numbers have commas."""
        return self.commas and bool(re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", number))

    def _with_commas(self, bare: str, *, no_cents: bool) -> str | None:
        if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3}){2,}", bare):
            return bare.replace(",", "")
        if re.fullmatch(r"[1-9]\d{0,2},\d{3}", bare):
            if no_cents or (self.points and not self.commas):
                return bare.replace(",", "")
            return bare.replace(",", ".") if self.commas and not self.points else None
        if re.fullmatch(r"\d+,\d+", bare) and not self.points:
            return bare.replace(",", ".")
        return None


def repair_numbers(draft: Draft, mapping: ProviderMapping) -> None:
    """Read amounts, weights and quantities that are written with more than digits."""
    for spec in mapping.fields:
        if not draft.has(spec.path) or spec.split is not None or not spec.has_column:
            continue
        if spec.type == "integer" or spec.is_ in ("items.quantity", "boxes.count", "parcel.count"):
            draft.apply([spec.path], quantities(spec))
        elif spec.type == "decimal":
            column = Column.of(draft.texts(spec.path))
            currency = _currency_field(mapping, spec)
            if currency:
                usual = mapping.field(currency).default or ""
                draft.apply([spec.path, currency], amounts(spec, column, currency, usual))
            else:
                draft.apply([spec.path], measures(spec, column))


def _currency_field(mapping: ProviderMapping, spec: FieldSpec) -> str:
    """The field with the currency of an amount; empty where there is none to compare with."""
    if spec.currency is None or not any(one.path == spec.currency for one in mapping.fields):
        return ""
    return spec.currency if mapping.field(spec.currency).has_column else ""


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text))


def quantities(spec: FieldSpec) -> Callable[[str], list[Change | Question]]:
    """Judges a number of pieces, such as 2件 or x2."""

    def judge(text: str) -> list[Change | Question]:
        given = clean(text).translate(_HALF_WIDTH)
        if _is_plain(given) or not (found := _COUNT.fullmatch(given)):
            return []
        number = "2" if found["number"] == "两" else found["number"].partition(".")[0]
        code = "repaired_counted" if found["word"] in {*_OF_ITS_OWN} else "repaired_quantity"
        return [Change(code, spec.path, {spec.path: number}, {"word": found["word"] or ""})]

    return judge


def amounts(
    spec: FieldSpec, column: Column, currency: str, usual: str = ""
) -> Callable[[str, str], list[Change | Question]]:
    """Judges an amount of money with the currency beside it, else with the `usual` one."""

    def judge(text: str, stated: str) -> list[Change | Question]:
        given = clean(text).translate(_HALF_WIDTH)
        if not given or (_is_plain(given) and not column.may_group(given)):
            return []
        found = _MONEY.fullmatch(given)
        if found is None:
            return []
        known = standards.currencies()
        signs = [sign for sign in (found["before"].strip(), found["after"].strip()) if sign]
        codes = {known.get(fold(sign)) for sign in signs}
        beside = known.get(fold(clean(stated)), "")
        if None in codes:
            # Signs such as $ are those of several currencies: the one that is stated counts.
            meant = beside or known.get(fold(usual), "")
            if not meant or not all(_may_be(sign, meant) for sign in signs):
                return []
            codes = {meant}
        facts = {"found": quote(given)}
        if len(codes) > 1 or (codes and beside and beside not in codes):
            return [Question(spec.path, Doubt("amount_currency", {**facts, "currency": beside}))]
        code = next(iter(codes), "") or beside
        number = column.plain(found["number"], no_cents=code in _NO_CENTS)
        if number is None:
            return [Question(spec.path, Doubt("number_unclear", facts))]
        texts = {spec.path: number}
        if codes and not beside and code:
            texts[currency] = code
        if not signs and values.number(given) == Decimal(number):
            return []
        return [Change("repaired_amount", spec.path, texts)]

    return judge


_SIGNS = {
    "$": "USD CAD AUD NZD HKD SGD TWD MXN", "¥": "CNY JPY", "元": "CNY TWD HKD",
    "kr": "SEK NOK DKK ISK", "rs": "INR PKR LKR NPR", "rs.": "INR PKR LKR NPR", "fr.": "CHF",
}  # fmt: skip
"""Signs of several currencies."""


def _may_be(sign: str, currency: str) -> bool:
    return currency in _SIGNS.get(fold(sign), "").split()


def measures(spec: FieldSpec, column: Column) -> Callable[[str], list[Change | Question]]:
    """Judges a weight or length with its unit, and every other decimal number."""
    titles = (spec.title.zh, spec.title.en, *spec.aliases)
    units = (normalise(title)[1] for title in titles)
    wanted = next((unit for unit in units if is_measure(unit)), "")

    def judge(text: str) -> list[Change | Question]:
        given = clean(text).translate(_HALF_WIDTH)
        if not given or (_is_plain(given) and not column.may_group(given)):
            return []
        if wanted and (both := _POUNDS_AND_OUNCES.fullmatch(given)):
            parts = [("lb", both["lb"]), ("oz", both["oz"])]
            return _measured(spec, wanted, parts, given)
        if re.fullmatch(_NUMBER, given):
            number = column.plain(given)
            if number is None:
                return [Question(spec.path, Doubt("number_unclear", {"found": quote(given)}))]
            same = values.number(given) == Decimal(number)
            return [] if same else [Change("repaired_number", spec.path, {spec.path: number})]
        found = _MEASURED.fullmatch(given)
        if found is None or not wanted:
            return []
        unit, number = found["unit"].lower(), column.plain(found["number"])
        if number is None:
            return [Question(spec.path, Doubt("number_unclear", {"found": quote(given)}))]
        if unit in ("斤", "市斤"):
            unit, number = "kg", str(Decimal(number) / 2)
        return _measured(spec, wanted, [(_UNITS.get(unit, ""), number)], given)

    return judge


def _measured(
    spec: FieldSpec, wanted: str, parts: list[tuple[str, str]], given: str
) -> list[Change | Question]:
    """The sum of some measures in the unit that is wanted."""
    total = Decimal(0)
    with localcontext(prec=40):
        for unit, number in parts:
            times = factor(unit, wanted) if unit else None
            if times is None:
                return []
            total += Decimal(number) * times
        text = format(total.normalize(), "f")
    facts = {"unit": wanted, "found": quote(given)}
    return [Change("repaired_unit", spec.path, {spec.path: text}, facts, in_unit=True)]
