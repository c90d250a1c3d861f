"""What the fields of a mapping are, as far as repairs depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from converter.mapping.model import FieldSpec, ProviderMapping

_PARTIES = ("receiver", "sender")
_PHONES = ("phone", "mobile")
_CODES = ("items.sku", "items.hs_code", "boxes.number", "items.box")
_PLACES = ("name", "company", "given_name", "family_name", "province", "city", "district",
           "address", "address2")  # fmt: skip


@dataclass(frozen=True)
class Party:
    """The fields of a receiver or sender by their names, such as `postcode`."""

    fields: dict[str, str]
    """The path of each."""
    required: frozenset[str] = frozenset()
    """The names of those that every order has."""

    def path(self, name: str) -> str:
        """The path of a field; empty where the mapping has none."""
        return self.fields.get(name, "")


def parties(mapping: ProviderMapping) -> list[Party]:
    """The parties of a mapping, as far as its fields say what they are."""
    found = []
    for party in _PARTIES:
        prefix = f"{party}."
        fields = {
            spec.is_.removeprefix(prefix): spec.path
            for spec in mapping.fields
            if spec.is_ and spec.is_.startswith(prefix) and spec.has_column
        }
        if fields:
            required = (name for name, path in fields.items() if mapping.field(path).required)
            found.append(Party(fields, frozenset(required)))
    return found


def part_of_party(spec: FieldSpec) -> str:
    """Such as `name` or `postcode`; empty for a field of no party."""
    party, _, part = (spec.is_ or "").partition(".")
    return part if party in _PARTIES else ""


def is_phone(spec: FieldSpec) -> bool:
    return part_of_party(spec) in _PHONES or bool(spec.phone_of) or spec.format == "phone"


def is_postcode(spec: FieldSpec) -> bool:
    return part_of_party(spec) == "postcode" or bool(spec.postcode_of)


def is_code(spec: FieldSpec) -> bool:
    """Whether the text is a number or an article number, so that no words stand in it."""
    return (
        is_phone(spec)
        or is_postcode(spec)
        or spec.is_ in _CODES
        or part_of_party(spec) == "tax_number"
        or spec.format == "digits"
    )


def is_place(spec: FieldSpec) -> bool:
    """Whether it stands on the label: a name or a line of an address."""
    return part_of_party(spec) in _PLACES


def is_person(spec: FieldSpec) -> bool:
    return part_of_party(spec) in ("name", "given_name", "family_name")
