"""Postcodes that do not fit their country, some because Excel stripped their leading zeros.

The forms are Google's (`postcodes.json` names source and licence; `.ci/postcodes` renews it).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from converter.checks.values import Problem, problem
from converter.model import Issue
from converter.orders import by_country
from converter.orders.grouping import Orders

_TABLE = Path(__file__).with_name("postcodes.json")
_LONGEST = 10
_SEPARATORS = re.compile(r"[\s\-]")
_PATTERN_SEPARATORS = re.compile(r"(\[ \\-\]|[ -])\??|\[[^\]]*\]")
"""Matches blanks and hyphens of a pattern, but also whole classes, in which a hyphen is a range."""


def check(orders: Orders) -> Iterator[Issue]:
    """Warn of every postcode that is none of its country's.

    It is never corrected: a lost digit need not be a leading zero.
    """
    for spec in orders.mapping.fields:
        if spec.postcode_of:
            yield from by_country.warnings(orders, spec, spec.postcode_of, _problem)


@dataclass(frozen=True)
class Form:
    """What the postcodes of a country look like."""

    written: re.Pattern[str]
    """As they are written properly, with blanks and hyphens."""
    bare: re.Pattern[str]
    """Without any."""
    prefix: str
    example: str

    def fits(self, code: str) -> bool:
        """Whether it is a postcode, with or without separators and the letters of the country."""
        if self.written.fullmatch(code):
            return True
        bare = _SEPARATORS.sub("", code).upper()
        forms = (bare, bare.removeprefix(self.prefix), self.prefix + bare)
        return any(map(self.bare.fullmatch, forms))

    def digits_before_loss(self, code: str) -> int | None:
        """How many digits it had if it lost leading zeros; None where that cannot be told."""
        if not (code.isascii() and code.isdigit()) or code.startswith("0"):
            return None  # a code that begins with a zero has not lost any
        longer = range(len(code) + 1, _LONGEST + 1)
        found = [count for count in longer if self.written.fullmatch(code.zfill(count))]
        return found[0] if len(found) == 1 else None


@cache
def form_of(country: str) -> Form | None:
    """The form of a country's postcodes; None where it has none, or none is known."""
    found = _table().get(country)
    if found is None:
        return None
    pattern = found["pattern"]
    bare = _PATTERN_SEPARATORS.sub(lambda part: "" if part[1] else part[0], pattern)
    prefix = _SEPARATORS.sub("", found.get("prefix", country))
    return Form(re.compile(pattern), re.compile(bare), prefix, found["example"])


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_TABLE.read_bytes())["countries"]
    return table


def _problem(code: str, country: str) -> Problem | None:
    form = form_of(country)
    if form is None or form.fits(code):
        return None
    if digits := form.digits_before_loss(code):
        return problem("postcode_short", code, digits=str(digits), country=country)
    return problem("postcode_form", code, country=country, example=form.example)
