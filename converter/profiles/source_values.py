"""Texts of known exports in the form in which every sheet is read: dates, amounts, currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar enero", "feb february februar febrero",
            "mar march mär märz marzo mrz", "apr april abril", "may mai mayo",
            "jun june juni junio",
            "jul july juli julio", "aug august agosto", "sep september sept septiembre",
            "oct october okt oktober octubre", "nov november noviembre",
            "dec december dez dezember diciembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = r"(?:,?\s+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})[/.-](?P<b>\d{{1,2}})[/.-](?P<y>\d{{4}}|\d{{2}}){_TIME}")
_NAMED = (
    re.compile(rf"(?P<m>[^\W\d]+)\.?[-\s](?P<d>\d{{1,2}}),?[-\s](?P<y>\d{{4}}|\d{{2}}){_TIME}"),
    re.compile(rf"(?P<d>\d{{1,2}})\.?[-\s](?P<m>[^\W\d]+)\.?[-\s](?P<y>\d{{4}}|\d{{2}}){_TIME}"),
)
_AMOUNT = re.compile(r"(?P<before>[^\d\s+-]*)\s*(?P<number>[\d.,'\s]*\d)\s*(?P<after>[^\d\s]*)")


def plain_date(text: str, order: str) -> str:
    """A date as year, month, day and time; the text itself where its parts could be mistaken."""
    for form in _NAMED:
        if (found := form.fullmatch(text)) and (month := _MONTHS.get(found["m"].lower())):
            return _moment(found, month, int(found["d"])) or text
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return text
    one, other = int(found["a"]), int(found["b"])
    if order == "month first":
        return _moment(found, one, other) or text
    if order == "day first":
        return _moment(found, other, one) or text
    return text


def order_of(texts: Iterable[str], usual: str) -> str:
    """Whether day or month comes first in a column: as its own dates prove, or else as usual.

    Empty where nothing says so, or the dates contradict each other.
    """
    proofs = set()
    for text in texts:
        if found := _NUMBERS.fullmatch(text):
            one, other = int(found["a"]), int(found["b"])
            if one > 12:
                proofs.add("day first")
            if other > 12:
                proofs.add("month first")
    if not proofs:
        return usual
    return proofs.pop() if len(proofs) == 1 else ""


def _moment(found: re.Match[str], month: int, day: int) -> str:
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    date = f"{year:04}-{month:02}-{day:02}"
    if found["h"] is None:
        return date
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if found["half"][0] in "Pp" else 0)
    seconds = f":{found['s']}" if found["s"] else ""
    return f"{date} {hour:02}:{found['min']}{seconds}"


def plain_amount(text: str, *, comma: bool) -> str:
    """The number of an amount such as `$1,012.50`; the text itself where that is not certain."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return text
    number = re.sub(r"[\s']", "", str(found["number"]))
    thousands, point = (".", ",") if comma else (",", ".")
    grouped = re.fullmatch(rf"\d{{1,3}}(\{thousands}\d{{3}})*(\{point}\d+)?", number)
    if not grouped and not re.fullmatch(rf"\d+(\{point}\d+)?", number):
        return text
    return number.replace(thousands, "").replace(point, ".")


def currency_of(text: str, signs: Mapping[str, str]) -> str:
    """The currency whose sign or code stands with an amount; empty where it is not known."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return ""
    for sign in filter(None, (found["before"], found["after"])):
        if sign in signs:
            return signs[sign]
        if re.fullmatch("[A-Z]{3}", sign):
            return str(sign)
    return ""


def divided(total: str, pieces: str) -> str | None:
    """The price of one piece, where a total divides exactly; None where it does not."""
    if not re.fullmatch(r"\d+(\.\d+)?", total) or not re.fullmatch(r"\d+(\.0*)?", pieces):
        return None
    amount, count = Decimal(total), Decimal(pieces)
    if not count:
        return None
    with localcontext(prec=50):
        price = amount / count
        exact = price * count == amount and -int(price.as_tuple().exponent) <= 6
    if not exact:
        return None
    places = len(total.partition(".")[2])
    found = format(price.normalize(), "f")
    short = len(found.partition(".")[2])
    return format(price, f".{places}f") if short < places else found
