"""The small language of a mapping's rules: terms such as `sum(volumes.prenum)` and conditions.

A term is a path, a number or text in quotes, `sum(...)`, `count(...)`, or products of those
inside a sum. A condition is a term alone (it is filled in) or a term compared with a word.
Nothing here is ever evaluated as code: a formula is parsed into the values below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """The value of a field; in a list, one value for every entry."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in the rule itself."""

    value: Decimal

    def __str__(self) -> str:
        return format(self.value, "f")


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum, over the entries of one list, of the product of some fields."""

    factors: tuple[str, ...]

    def __str__(self) -> str:
        return f"sum({' * '.join(self.factors)})"


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries a list has."""

    list: str

    def __str__(self) -> str:
        return f"count({self.list})"


Term = Path | Number | Sum | Count


@dataclass(frozen=True, slots=True)
class Condition:
    """A field is filled in (no `words`), or is (or is not) one of the words."""

    path: str
    words: tuple[str, ...] = ()
    negated: bool = False


_PATH = r"[A-Za-z_][\w-]*(?:\[\])?(?:\.[A-Za-z_][\w-]*(?:\[\])?)*"
_CALL = re.compile(rf"(sum|count)\(\s*({_PATH}(?:\s*\*\s*{_PATH})*)\s*\)")
_CONDITION = re.compile(rf"({_PATH})(?:\s*(!=|=|in)\s*(.+))?")


def parse_term(text: str) -> Term:
    """Read one term. Raises ValueError that quotes what cannot be read."""
    text = text.strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Number(Decimal(text))
    if found := _CALL.fullmatch(text):
        names = tuple(part.strip() for part in found[2].split("*"))
        if found[1] == "sum":
            return Sum(names)
        if len(names) == 1:
            return Count(names[0])
    elif re.fullmatch(_PATH, text):
        return Path(text)
    raise ValueError(f"cannot read the term {text!r}: expected a path, a number, sum() or count()")


def parse_condition(text: str) -> Condition:
    """Read `path`, `path = word`, `path != word` or `path in [word, word]`."""
    found = _CONDITION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"cannot read the condition {text!r}: expected 'path = word'")
    path, sign, right = found[1], found[2], (found[3] or "").strip()
    if not sign:
        return Condition(path)
    if sign == "in":
        words = tuple(word.strip() for word in right[1:-1].split(","))
        if not (right.startswith("[") and right.endswith("]") and all(words)):
            raise ValueError(f"cannot read {text!r}: expected a list such as 'in [A, B]'")
    else:
        words = (right,)
    return Condition(path, words, negated=sign == "!=")


def paths_of(term: Term | Condition) -> Iterator[str]:
    """Every field path that a term or condition speaks of."""
    match term:
        case Path(path) | Condition(path=path):
            yield path
        case Sum(factors):
            yield from factors
