"""Addresses of a few countries in one line, divided where commas leave one reading.

`1 Example St, Apt 2, Jersey City, NJ 07302` and `Musterstraße 5, 10115 Berlin` have their city,
state and postcode where everybody writes them. What is written otherwise is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from converter.layout.rewrite import Doubt
from converter.mapping import standards
from converter.mapping.model import ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.repairs.kinds import Party
from converter.repairs.states import in_form
from converter.text import clean, quote

_NAMES = ("address", "city", "province", "postcode")
_CITY = r"[^\W\d_][^\d_,;/|]*"
_STATE_AND_ZIP = re.compile(r"(?P<state>[^\W\d_][^\d_,]*?)\.? (?P<postcode>\d{5}(?:-\d{4})?)")
_POSTCODE_AND_CITY = {
    "DE": re.compile(rf"(?:D-)?(?P<postcode>\d{{5}}) (?P<city>{_CITY})"),
    "AT": re.compile(rf"(?:A-)?(?P<postcode>\d{{4}}) (?P<city>{_CITY})"),
    "CH": re.compile(rf"(?:CH-)?(?P<postcode>\d{{4}}) (?P<city>{_CITY})"),
}
_KNOWN = ("US", *_POSTCODE_AND_CITY)
_UNIT = re.compile(
    r"(apt|apartment|suite|ste|unit|floor|fl|bldg|building|room|rm|lot|trlr|dept|box|p\.? ?o\.?)\b",
    re.IGNORECASE,
)
"""Matches what stands between street and city, and is no city."""


def fields_in_lines(party: Party) -> list[str]:
    """The fields that need no column of their own where the line of an address names them."""
    names = (*_NAMES[1:], "country") if party.path("address") and party.path("city") else ()
    return [path for name in names if (path := party.path(name))]


def repair_lines(draft: Draft, mapping: ProviderMapping, party: Party) -> None:
    """Divide addresses in rows that have neither a city nor a postcode of their own."""
    paths = {name: path for name in (*_NAMES, "country") if (path := party.path(name))}
    if not {"address", "city", "postcode"} <= paths.keys() or not draft.has(paths["address"]):
        return
    if mapping.field(paths["city"]).default or not _may_be_divided(draft, paths):
        return
    country = paths.get("country", "")
    is_asked = paths["city"] not in draft.table.columns
    usual = standards.country(mapping.field(country).default or "") if country else ""

    def judge(*texts: str) -> list[Change | Question]:
        given = dict(zip(paths, texts, strict=True))
        where = standards.country(clean(given.get("country", ""))) or usual or ""
        found = _judged(party, given, where)
        return [one for one in found if is_asked or isinstance(one, Change)]

    draft.apply([*paths.values()], judge)


def _may_be_divided(draft: Draft, paths: Mapping[str, str]) -> bool:
    """Whether a line has an address without a city, or something with digits as its city."""
    if any(any(map(str.isdigit, text)) for text in draft.texts(paths["city"])):
        return True
    return draft.is_blank_beside(paths["city"], paths["address"])


def _judged(party: Party, given: Mapping[str, str], country: str) -> list[Change | Question]:
    city = given["city"]
    at, street = "address", given["address"]
    if city:  # `Jersey City, NJ 07302` in the column of cities
        if given["postcode"] not in ("", city):
            return []
        found = divided(city, country) if any(map(str.isdigit, city)) else None
        at = "city"
    else:
        if given["postcode"] or not street or (not street.isascii() and _is_chinese(street)):
            return []
        found = divided(street, country)
    if found is None:
        unsure = not city and "city" in party.required and country in ("", *_KNOWN)
        facts = {"found": quote(street)}
        return [Question(party.path("address"), Doubt("line_unclear", facts))] if unsure else []
    if bool(found["street"]) == bool(city) or _differs(given.get("province", ""), found, country):
        return []
    texts = {"city": found["city"], "postcode": found["postcode"]}
    if not city:
        texts["address"] = found["street"]
    if found["state"] and not given.get("province"):
        texts["province"] = found["state"]
    if found["country"] and not given.get("country"):
        texts["country"] = found["country"]
    if "province" in texts and not party.path("province"):
        return []  # a state that could not be sent would be lost
    kept = {party.path(name): text for name, text in texts.items() if party.path(name)}
    return [Change("repaired_address", party.path(at), kept)]


def _differs(province: str, found: Mapping[str, str], country: str) -> bool:
    """Whether the state has a cell of its own that says another."""
    code = country or found["country"]
    return bool(province and found["state"]) and in_form(province, code, "code") != in_form(
        found["state"], code, "code"
    )


def divided(text: str, country: str) -> dict[str, str] | None:
    """Street, city, state, postcode and country of a line; None where that is not certain.

    Where the country is not known, the line has to name it. The street is empty where the line
    begins with the city.
    """
    parts = [clean(part) for part in re.split(r"[,\r\n]", text)]
    if not all(parts) or len(parts) > 6:
        return None
    named = ""
    if len(parts) > 1 and (code := _named_country(parts[-1])):
        if country and code != country:
            return None
        named = code
        parts.pop()
    country = country or named
    if country == "US":
        found = _american(parts)
    elif country in _POSTCODE_AND_CITY:
        found = _with_postcode_first(parts, _POSTCODE_AND_CITY[country])
    else:
        found = None
    return {**found, "country": named} if found else None


def _named_country(text: str) -> str:
    code = standards.country(text) or ""
    # Two letters may be a state as well: DE is Delaware.
    return code if code in _KNOWN and (len(text) > 2 or text.upper() == "US") else ""


def _american(parts: list[str]) -> dict[str, str] | None:
    last = _STATE_AND_ZIP.fullmatch(parts[-1])
    if last is None or len(parts) < 2 or not in_form(last["state"], "US", "code"):
        return None
    *street, city = parts[:-1]
    if not re.fullmatch(_CITY, city) or _UNIT.match(city):
        return None
    if street and not any(map(str.isdigit, street[0])) and not _UNIT.match(street[0]):
        return None
    return {"street": ", ".join(street), "city": city, "state": last["state"],
            "postcode": last["postcode"]}  # fmt: skip


def _with_postcode_first(parts: list[str], form: re.Pattern[str]) -> dict[str, str] | None:
    last = form.fullmatch(parts[-1])
    if last is None:
        return None
    return {"street": ", ".join(parts[:-1]), "city": last["city"].strip(), "state": "",
            "postcode": last["postcode"]}  # fmt: skip


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)
