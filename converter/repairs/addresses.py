"""Chinese addresses in one cell, taken apart into the fields that a mapping has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from converter.layout.rewrite import Doubt
from converter.mapping import standards
from converter.mapping.model import ProviderMapping
from converter.repairs import contacts, regions
from converter.repairs.draft import Change, Draft, Question
from converter.repairs.kinds import Party
from converter.text import clean, quote

_REGION = ("province", "city", "district")
_PERSON = ("name", "phone", "mobile", "postcode")
_POSTCODE = re.compile(r"[\s,，]*(?:[(（]\s*(\d{6})\s*[)）]|(?<!\d)(\d{6}))[\s,，]*$")
_CHINESE = re.compile("[\u3400-\u9fff]{2}")


def fields_in_addresses(mapping: ProviderMapping, parties: Sequence[Party]) -> frozenset[str]:
    """The fields that need no column of their own where the address names them."""
    found = [
        path
        for party in parties
        if party.path("address") and party.path("province") and party.path("city")
        for name in (*_REGION, *_PERSON)
        if (path := party.path(name))
    ]
    return frozenset(path for path in found if mapping.field(path).required)


def repair_addresses(draft: Draft, mapping: ProviderMapping, party: Party) -> None:
    """Divide what stands in one cell, and take repeated regions off an address.

    A sheet that was made for the provider and lacks nothing goes as it was typed.
    """
    address = party.path("address")
    if not address or not (party.path("province") and party.path("city")):
        return
    country = party.path("country")
    fixed = mapping.field(country).default or "" if country and not draft.has(country) else ""
    if fixed and _code(fixed) != "CN":
        return
    country = country if country and draft.has(country) else ""
    province = party.path("province")
    if draft.has(province):
        _apply(draft, party, (province,), country, _one_region_cell)
    if draft.has(address):
        _apply(draft, party, (address, province), country, _one_address_cell)


_Fields = Mapping[str, str]
"""The text of each field of a party, by its name; blank where there is none."""


def _apply(
    draft: Draft,
    party: Party,
    needed: Sequence[str],
    country: str,
    judge: Callable[[Party, _Fields], list[Change | Question]],
) -> None:
    """Judge a party's fields together, where its country is China or is not said."""
    if not any(_CHINESE.search(text) for text in draft.texts(needed[0])):
        return
    names = [*_REGION, "address", *_PERSON]
    paths = {name: path for name in names if (path := party.path(name))}

    def judged(*given: str) -> list[Change | Question]:
        *texts, where = given if country else (*given, "")
        if where and _code(where) != "CN":
            return []
        found = dict(zip(paths, map(clean, texts), strict=True))
        said = judge(party, found)
        if draft.adapted or _lacks(party, found):
            return said
        return [one for one in said if isinstance(one, Question)]

    draft.apply([*paths.values(), *filter(None, [country])], judged)


def _lacks(party: Party, given: _Fields) -> bool:
    """Whether something is missing that may stand in the cell of the address."""
    if party.path("name") and not given.get("name"):
        return True
    return any(name in party.required and not given.get(name) for name in _REGION)


def _code(country: str) -> str:
    return standards.country(country) or ""


# -- 省市区 in one cell ------------------------------------------------------------------------


def _one_region_cell(party: Party, given: _Fields) -> list[Change | Question]:
    """A cell such as 浙江省/杭州市/西湖区, whose fourth part belongs to the address."""
    region = regions.divide(given["province"])
    if region is None or not region.city or given["province"] in (region.province, region.city):
        return []
    if clash := _clash(party, given, region, ("city", "district")):
        return [clash]
    texts = {"province": region.province, "city": region.city, "district": region.district}
    street = region.rest
    if region.district and not party.path("district"):
        street = f"{region.district}{street}"
    if street:
        if not given.get("address"):
            return []
        texts["address"] = f"{street}{given['address']}"
    return [_change(party, given, "province", texts)]


# -- addresses -------------------------------------------------------------------------------


def _one_address_cell(party: Party, given: _Fields) -> list[Change | Question]:
    text = given["address"]
    if not _CHINESE.search(text):
        return []
    blank = [name for name in _PERSON[:2] if party.path(name) and not given.get(name)]
    has_phone = given.get("phone") or given.get("mobile")
    if "name" in blank and not has_phone and contacts.is_contact(text):
        return _contact(party, given)
    if "name" in blank and (contact := contacts.apart(text)):
        return _with_contact(party, given, contact)
    return _address(party, given, text, {})


def _contact(party: Party, given: _Fields) -> list[Change | Question]:
    contact = contacts.apart(given["address"])
    if contact is None:
        facts = {"found": quote(given["address"])}
        return [Question(party.path("address"), Doubt("contact_unclear", facts))]
    return _with_contact(party, given, contact)


def _with_contact(
    party: Party, given: _Fields, contact: contacts.Contact
) -> list[Change | Question]:
    phone = next((name for name in ("phone", "mobile") if party.path(name)), "")
    person = {"name": contact.name}
    if contact.phone and phone:
        person[phone] = contact.phone
    if contact.postcode and party.path("postcode") and not given.get("postcode"):
        person["postcode"] = contact.postcode
    return _address(party, given, contact.address, person)


def _address(
    party: Party, given: _Fields, text: str, person: dict[str, str]
) -> list[Change | Question]:
    """The parts of an address; `person` is what else stood in its cell."""
    region = regions.divide(text)
    if region is None:
        is_needed = {"province", "city"} & party.required
        if given.get("province") or given.get("city") or not is_needed:
            return []
        facts = {"found": quote(given["address"])}
        return [Question(party.path("address"), Doubt("address_unclear", facts))]
    if clash := _clash(party, given, region, _REGION):
        return [clash]
    texts = dict(person)
    street = region.rest
    if postcode := _POSTCODE.search(street):
        number = postcode[1] or postcode[2]
        if postcode[1] and given.get("postcode") in ("", number, None) and party.path("postcode"):
            street = street[: postcode.start()]
            texts["postcode"] = number
    if not street:
        return []
    for name, part in zip(_REGION, (region.province, region.city, region.district), strict=True):
        if part and party.path(name):
            if not given.get(name):
                texts[name] = part
        elif part:
            street = f"{part}{street}"
    texts["address"] = street
    if texts == {"address": given["address"]}:
        return []
    return [_change(party, given, "address", texts)]


def _clash(
    party: Party, given: _Fields, region: regions.Region, names: Sequence[str]
) -> Question | None:
    """A question where a region's own cell says another than the text does."""
    for name in names:
        own, part = given.get(name, ""), getattr(region, name)
        if own and part and _CHINESE.search(own) and not regions.same_name(own, part):
            if name == "city" and regions.same_name(own, region.district):
                continue
            facts = {"found": quote(part), "other": quote(own)}
            return Question(party.path("address"), Doubt("address_differs", facts))
    return None


def _change(party: Party, given: _Fields, at: str, texts: Mapping[str, str]) -> Change:
    kept = {
        party.path(name): text
        for name, text in texts.items()
        if party.path(name) and given.get(name, "") != text and text
    }
    return Change("repaired_address", party.path(at), kept)
