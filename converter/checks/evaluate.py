"""Works out the expressions of a mapping, for all entries of a list at once and exactly.

Numbers are decimals, and fractions where a division does not end: those have to be rounded in the
expression itself. What cannot be worked out is a `Fault`, which is told at the cell it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, Inexact
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol

from converter.checks import codes
from converter.checks.values import BAD
from converter.mapping import paths, scopes
from converter.mapping.expressions import Number, Path
from converter.mapping.formulas import (
    OVER_LISTS,
    Call,
    Expression,
    Formula,
    Line,
    Operation,
    Quoted,
    Setting,
    Template,
    Truth,
    Words,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an expression has no value; `messages` has the sentence for the code."""

    code: str
    found: str = ""


class Lists(Protocol):
    """The entries of all lists, and the values of their fields."""

    @property
    def nesting(self) -> scopes.Nesting:
        """The paths of all lists, and how these lie in each other."""

    def setting(self, name: str) -> str | None:
        """What the installation gives; None where it gives nothing."""

    def kept(self, path: str) -> Sequence[bool] | None:
        """For every entry of a list whether it is sent; None where all are."""

    def size(self, path: str) -> int:
        """How many entries a list has in all orders; for the empty path, how many orders."""

    def column(self, path: str) -> Sequence[Any]:
        """The values of a field for the entries of its list."""

    def around(self, inner: str, outer: str) -> Sequence[int]:
        """For every entry of a list its entry of a list around it."""


def evaluate(formula: Formula, here: str, lists: Lists) -> list[Any]:
    """The value for every entry of the list `here`: None is blank, BAD an unreadable cell's."""
    return [_ended(value) for value in _values(formula.tree, here, lists)]


def is_true(value: Any) -> bool:
    """Whether a condition with this value holds: it is true, or filled in."""
    return value is True or not (value is False or _is_blank(value) or _is_wrong(value))


def known(value: Any) -> Any:
    """The value, or None where there is none that could be read or worked out."""
    return None if _is_wrong(value) or _is_blank(value) else value


def plain(value: Any) -> str:
    """The shortest text of a value: `2` for 2.0."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return format(_EXACT.quantize(value, 1) if whole else value.normalize(_EXACT), "f")
    return str(value)


def _ended(value: Any) -> Any:
    parts = value if isinstance(value, tuple) else (value,)
    return Fault("formula_endless") if any(isinstance(one, Fraction) for one in parts) else value


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str | tuple) and not value)


def _is_wrong(value: Any) -> bool:
    return value is BAD or isinstance(value, Fault)


def _values(tree: Expression, here: str, lists: Lists) -> list[Any]:
    match tree:
        case Path(path):
            column = lists.column(path)
            own = paths.list_of(path)
            return [*column] if own == here else [column[at] for at in lists.around(here, own)]
        case Number(value) | Quoted(value) | Truth(value) | Words(value):
            return [value] * lists.size(here)
        case Setting(name):
            return [lists.setting(name)] * lists.size(here)
        case Line():
            return _lines(lists.around(here, paths.list_of(here)), lists.kept(here))
        case Operation(sign, parts):
            columns = [_values(part, here, lists) for part in parts]
            work = _ALONE[sign] if len(parts) == 1 else _BETWEEN[sign]
            if sign == "in":  # to its right is a list of words
                columns[0] = _single(columns[0])
            elif sign not in ("and", "or", "not"):
                columns = [_single(column) for column in columns]
            if sign in ("*", "/") and any(isinstance(part, Number) for part in parts):
                work = _in_other_unit(work)
            return [work(*given) for given in zip(*columns, strict=True)]
        case Template(parts):
            columns = [_values(part, here, lists) for part in parts]
            columns = [_single(column) for column in columns]
            fixed = [isinstance(part, Quoted) for part in parts]
            return [_template(given, fixed) for given in zip(*columns, strict=True)]
        case Call():
            return _of_call(tree, here, lists)


def _of_call(call: Call, here: str, lists: Lists) -> list[Any]:
    if call.name in OVER_LISTS:
        return _over_list(call, here, lists)
    columns = [_values(part, here, lists) for part in call.given]
    if call.name not in ("if", "list"):
        columns = [_single(column) for column in columns]
    return [_called(call.name, values) for values in zip(*columns, strict=True)]


def _single(column: list[Any]) -> list[Any]:
    """The values, with a fault for each array: it is no text and no number."""
    if not any(isinstance(value, tuple) for value in column):
        return column
    return [Fault("formula_array") if isinstance(each, tuple) and each else each for each in column]


def _lines(parents: Sequence[int], kept: Sequence[bool] | None) -> list[Decimal]:
    """The number of each entry among those that are sent."""
    seen: dict[int, int] = {}
    found = []
    for at, parent in enumerate(parents):
        seen[parent] = seen.get(parent, 0) + (kept is None or kept[at])
        found.append(Decimal(seen[parent]))
    return found


# -- lists -------------------------------------------------------------------------------------


def _over_list(call: Call, here: str, lists: Lists) -> list[Any]:
    over, *others = call.given
    separator = others[0].text if others and isinstance(others[0], Quoted) else ""
    if scopes.is_list(over):
        return [
            value if _is_wrong(value) else _reduced(call.name, value or (), separator)
            for value in _values(over, here, lists)
        ]
    inner, outer = scopes.gathered(call, here, lists.nesting)
    is_whole = isinstance(over, Path) and over.path in lists.nesting
    values = [True] * lists.size(inner) if is_whole else _values(over, inner, lists)
    buckets: list[list[Any]] = [[] for _ in range(lists.size(outer))]
    kept = lists.kept(inner) or [True] * len(values)
    for owner, value, is_sent in zip(lists.around(inner, outer), values, kept, strict=True):
        if is_sent:
            buckets[owner].append(value)
    found = [_reduced(call.name, bucket, separator) for bucket in buckets]
    return found if outer == here else [found[at] for at in lists.around(here, outer)]


def _reduced(name: str, values: Sequence[Any], separator: str) -> Any:
    if wrong := next((value for value in values if _is_wrong(value)), None):
        return wrong
    filled = [value for value in values if not _is_blank(value)]
    match name:
        case "count":
            return Decimal(sum(value is not False for value in filled))
        case "sum":
            return _sum(filled, len(values))
        case "all":
            return (*filled,)
        case "join":
            return separator.join(map(plain, filled)) or None
        case "distinct":
            distinct: dict[str, Any] = {}
            for value in filled:
                distinct.setdefault(plain(value), value)
            return (*distinct.values(),)
    if not filled:
        return None
    if name in ("first", "last"):
        return filled[0 if name == "first" else -1]
    if not (all(map(_is_number, filled)) or all(isinstance(value, str) for value in filled)):
        return Fault("formula_number", plain(filled[0]))
    return min(filled) if name == "min" else max(filled)


def _sum(filled: Sequence[Any], entries: int) -> Any:
    """Nothing is taken for a blank one of several numbers: an expression says what counts."""
    if filled and len(filled) < entries:
        return Fault("formula_blank")
    return reduce(_add, filled, Decimal(0)) if filled or not entries else None


# -- operators ---------------------------------------------------------------------------------

_EXACT = Context(prec=400, traps=[Inexact], Emax=10_000, Emin=-10_000)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool)


def _arithmetic(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def worked(left: Any, right: Any) -> Any:
        for value in (left, right):
            if _is_wrong(value):
                return value
        if _is_blank(left) or _is_blank(right):
            return None if _is_blank(left) and _is_blank(right) else Fault("formula_blank")
        for value in (left, right):
            if not _is_number(value):
                return Fault("formula_number", plain(value))
        return work(_exact(left), _exact(right))

    return worked


def _exact(number: Any) -> Any:
    return Decimal(number) if isinstance(number, int) else number


def _by(exact: Callable[[Decimal, Decimal], Decimal], name: str) -> Callable[[Any, Any], Any]:
    def work(left: Any, right: Any) -> Any:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return exact(left, right)
        return _shortened(getattr(Fraction, name)(Fraction(left), Fraction(right)))

    return work


def _divide(left: Any, right: Any) -> Any:
    return Fault("formula_zero") if right == 0 else _shortened(Fraction(left) / Fraction(right))


def _shortened(number: Fraction) -> Decimal | Fraction:
    """A decimal where the fraction is one."""
    rest, places = number.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0 or rest % 5 == 0:
        rest, places = (rest // 2 if rest % 2 == 0 else rest // 5), places + 1
    if rest != 1:
        return number
    digits = number.numerator * 10**places // number.denominator
    return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))


_add = _arithmetic(_by(_EXACT.add, "__add__"))


def _in_other_unit(work: Callable[..., Any]) -> Callable[..., Any]:
    """A blank cell times a number that the mapping names stays blank: nothing is guessed."""
    return lambda *given: None if any(map(_is_blank, given)) else work(*given)


def _minus(value: Any) -> Any:
    return None if _is_blank(value) else _BETWEEN["-"](Decimal(0), value)


def _not(value: Any) -> Any:
    return value if _is_wrong(value) else not is_true(value)


def _and(left: Any, right: Any) -> Any:
    if _is_wrong(left):
        return left
    return False if not is_true(left) else right if _is_wrong(right) else is_true(right)


def _or(left: Any, right: Any) -> Any:
    return left if _is_wrong(left) or is_true(left) else right


def _same(left: Any, right: Any) -> Any:
    """Equal as numbers where the left is one, else as texts; a blank is equal to nothing."""
    for value in (left, right):
        if _is_wrong(value):
            return value
    if _is_blank(left) or _is_blank(right):
        return _is_blank(left) and _is_blank(right)
    if _is_number(left) and _is_number(right):
        return left == right
    if _is_number(left) and isinstance(right, str):
        try:
            return left == Fraction(right)
        except ValueError:
            return False
    return plain(left) == (format(right, "f") if isinstance(right, Decimal) else plain(right))


def _differs(left: Any, right: Any) -> Any:
    """A blank is no word, so it differs from none either: `country != GB` needs a country."""
    same = _same(left, right)
    return same if _is_wrong(same) else not same and not _is_blank(left)


def _in(left: Any, words: tuple[str, ...]) -> Any:
    found = [_same(left, word) for word in words]
    return found[0] if _is_wrong(found[0]) else any(found)


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> Any:
        for value in (left, right):
            if _is_wrong(value):
                return value
        if _is_blank(left) or _is_blank(right):
            return False
        alike = _is_number(left) and _is_number(right)
        if not alike and not (isinstance(left, str) and isinstance(right, str)):
            return Fault("formula_number", plain(right if _is_number(left) else left))
        return holds(left, right)

    return compare


_ALONE: dict[str, Callable[[Any], Any]] = {"not": _not, "-": _minus}
_BETWEEN: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _arithmetic(_by(_EXACT.subtract, "__sub__")),
    "*": _arithmetic(_by(_EXACT.multiply, "__mul__")),
    "/": _arithmetic(_divide),
    "=": _same,
    "!=": _differs,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _in,
    "and": _and,
    "or": _or,
}


def _template(values: Sequence[Any], fixed: Sequence[bool]) -> Any:
    if wrong := next((value for value in values if _is_wrong(value)), None):
        return wrong
    if any(isinstance(value, Fraction) for value in values):
        return Fault("formula_endless")
    if not all(fixed) and all(
        _is_blank(value) for value, is_fixed in zip(values, fixed, strict=True) if not is_fixed
    ):
        return None
    return "".join("" if _is_blank(value) else plain(value) for value in values)


# -- functions ---------------------------------------------------------------------------------


def _called(name: str, given: Sequence[Any]) -> Any:
    if name == "if":
        condition, yes, no = given
        return condition if _is_wrong(condition) else yes if is_true(condition) else no
    if wrong := next((value for value in given if _is_wrong(value)), None):
        return wrong
    if name == "list":
        return tuple(value for value in given if not _is_blank(value))
    value, *others = given
    if _is_blank(value):
        return None
    if name in _OF_NUMBERS:
        if not _is_number(value):
            return Fault("formula_number", plain(value))
        return _OF_NUMBERS[name](_exact(value), *others)
    if isinstance(value, Fraction):
        return Fault("formula_endless")
    found = _OF_TEXTS[name](plain(value), *others)
    return None if _is_blank(found) else found


_ROUNDING = {
    "half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN
}  # fmt: skip


def _round(number: Any, places: Decimal, how: str) -> Decimal:
    scaled = Fraction(number) * 10 ** int(places)
    whole = abs(scaled.numerator) // scaled.denominator
    rest = abs(scaled) - whole
    half = Fraction(1, 2)
    is_up = (
        (how == "up" and rest > 0)
        or (how == "half_up" and rest >= half)
        or (how == "half_even" and (rest > half or (rest == half and whole % 2 == 1)))
    )
    digits = whole + is_up
    sign = int(scaled < 0 and digits > 0)
    return Decimal((sign, tuple(map(int, str(digits))), -int(places)))


def _fixed(number: Any, places: Decimal) -> Any:
    rounded = _round(number, places, "down")
    return format(rounded, "f") if rounded == number else Fault("formula_decimals", _shown(number))


def _plain_number(number: Any) -> Any:
    return Fault("formula_endless") if isinstance(number, Fraction) else plain(number)


def _money(number: Any, currency: Any) -> Any:
    places = codes.decimals_of(plain(currency)) if not _is_blank(currency) else None
    return Fault("formula_currency") if places is None else _fixed(number, Decimal(places))


def _minor(number: Any, currency: Any) -> Any:
    found = _money(number, currency)
    return found if isinstance(found, Fault) else Decimal(found.replace(".", ""))


def _shown(number: Any) -> str:
    return str(number) if isinstance(number, Fraction) else plain(number)


_OF_NUMBERS: dict[str, Callable[..., Any]] = {
    "round": _round, "fixed": _fixed, "plain": _plain_number, "money": _money, "minor": _minor
}  # fmt: skip


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(separator))))


_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _number(text: str) -> Any:
    return Decimal(text) if _DIGITS.fullmatch(text) else Fault("formula_number", text)


def _country(text: str, form: str) -> Any:
    return codes.country(text, form) or Fault("formula_country", text)


_OF_TEXTS: dict[str, Callable[..., Any]] = {
    "cut": lambda text, size: text[: int(size)],
    "digits": lambda text: "".join(sign for sign in text if sign in "0123456789"),
    "upper": str.upper,
    "lower": str.lower,
    "split": _split,
    "pad": lambda text, size: text.zfill(int(size)),
    "country": _country,
    "number": _number,
    "before": lambda text, sign: text.partition(sign)[0].strip(),
    "after": lambda text, sign: text.partition(sign)[2].strip(),
    "replace": lambda text, old, new: text.replace(old, new),
}
