"""Phone numbers that cannot be numbers of their country, by the lengths that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from converter.checks.values import Problem, problem
from converter.mapping.model import ProviderMapping
from converter.model import Issue
from converter.orders import by_country
from converter.orders.grouping import Orders

_PUNCTUATION = str.maketrans("", "", " ()-./")
_SEVERAL = re.compile(r"[/;,、，；]|或")
_EXTENSION = re.compile(r"\s*(?:-|转)\s*[0-9]{1,6}$")
"""As behind the numbers that shops give instead of a buyer's own: `18400000000-1234`."""


def check(orders: Orders) -> Iterator[Issue]:
    """Warn of every phone number that its country cannot have; a national number is fine."""
    for spec in orders.mapping.fields:
        if spec.phone_of:
            yield from by_country.warnings(orders, spec, spec.phone_of, _problem)


def make_ready(mapping: ProviderMapping) -> None:
    """Load what the first phone number needs: time well used while a sheet is read."""
    if any(spec.phone_of for spec in mapping.fields):
        lengths_of("CN")


@dataclass(frozen=True)
class Lengths:
    """How many digits the numbers of a country have."""

    country_code: str
    trunk: str
    """What is dialled before a number inside the country, such as 0."""
    possible: frozenset[int]

    def surely_fit(self, text: str) -> bool:
        """Whether a number is possible by its length alone, told much faster than by parsing."""
        digits = text.translate(_PUNCTUATION)
        international = digits.startswith(f"+{self.country_code}")
        if international:
            digits = digits[len(self.country_code) + 1 :]
        if not (digits.isascii() and digits.isdigit()) or digits.startswith("00"):
            return False
        if len(digits) in self.possible:
            return True
        trunk = self.trunk if self.trunk and not international else ""
        return bool(trunk) and digits.startswith(trunk) and len(digits) - 1 in self.possible


@cache
def lengths_of(country: str) -> Lengths | None:
    """The lengths of a country's numbers; None where none are known."""
    from phonenumbers import PhoneMetadata

    found = PhoneMetadata.metadata_for_region(country, None)
    if found is None or found.general_desc is None:
        return None
    trunk = found.national_prefix or ""
    possible = frozenset(found.general_desc.possible_length)
    return Lengths(str(found.country_code), trunk if len(trunk) == 1 else "", possible)


def _problem(text: str, country: str) -> Problem | None:
    lengths = lengths_of(country)
    if lengths is None or lengths.surely_fit(text):
        return None
    if "*" in text:
        return problem("phone_hidden", text)
    code, named = _judge(text, country)
    if not code:
        return None
    several = [part for part in _SEVERAL.split(text) if part.strip()]
    without = _EXTENSION.sub("", text)
    for parts in (several, [without]):
        if parts != [text] and not any(_judge(part, country)[0] for part in parts):
            return None
    return problem(code, text, country=named)


def _judge(text: str, country: str) -> tuple[str, str]:
    """What is wrong with a single number, if anything, and the country that it names."""
    from phonenumbers import NumberParseException, ValidationResult, parse
    from phonenumbers import is_possible_number_with_reason as possible
    from phonenumbers import region_code_for_country_code as region_of

    try:
        number = parse(text, country)
    except NumberParseException as error:
        codes = {error.TOO_LONG: "phone_long", error.TOO_SHORT_NSN: "phone_short"}
        return codes.get(error.error_type, "phone_form"), country
    code = {
        ValidationResult.IS_POSSIBLE: "",
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "",
        ValidationResult.TOO_SHORT: "phone_short",
        ValidationResult.TOO_LONG: "phone_long",
    }.get(possible(number), "phone_form")
    own = lengths_of(country)
    dialled = number.country_code
    if dialled is None or (own and own.country_code == str(dialled)):
        return code, country  # +1 is that of two dozen countries
    return code, region_of(dialled)
