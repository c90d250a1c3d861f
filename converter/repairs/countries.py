"""Names of several countries, and places that carriers treat by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.layout.rewrite import Doubt
from converter.mapping import standards
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.repairs.kinds import parties
from converter.text import clean, fold, quote

_SHOWN = {
    "puertorico": "PR", "pr": "PR", "guam": "GU", "gu": "GU", "canaryislands": "ES",
    "jersey": "JE", "je": "JE", "guernsey": "GG", "gg": "GG", "isleofman": "IM", "im": "IM",
    "northernireland": "GB", "korea": "KR",
}  # fmt: skip


_NAMES_OF_SEVERAL = {
    "congo": "Congo (Kinshasa), Congo (Brazzaville)",
    "guinea": "Guinea, Equatorial Guinea, Guinea-Bissau",
    "virginislands": "U.S. Virgin Islands, British Virgin Islands",
    "samoa": "Samoa (WS), American Samoa (AS)",
    "st.martin": "Saint Martin (MF), Sint Maarten (SX)",
    "saintmartin": "Saint Martin (MF), Sint Maarten (SX)",
}
"""Names that people write for several countries."""


_GEORGIA = "georgia"
_GEORGIAN_POSTCODE = re.compile(r"\d{4}")
_NUMBER = re.compile(r"\d{3}")


def repair_countries(draft: Draft, mapping: ProviderMapping) -> None:
    """Ask about names of several countries, and list what a person may want to look at."""
    cities = {party.path("country"): party.path("city") for party in parties(mapping)}
    for spec in mapping.fields:
        if spec.type != "country" or spec.split is not None or not draft.has(spec.path):
            continue
        postcode = next((one.path for one in mapping.fields if one.postcode_of == spec.path), "")
        beside = [path for path in (postcode, cities.get(spec.path, "")) if path]
        judge = judge_of(spec, has_postcode=bool(postcode))
        draft.apply([spec.path, *beside], judge, where=_may_be_said_of)


def _may_be_said_of(text: str) -> bool:
    known = fold(text)
    is_plain = known not in _SHOWN and known not in _NAMES_OF_SEVERAL and known != _GEORGIA
    return not is_plain or standards.country(text) is None


def judge_of(
    spec: FieldSpec, *, has_postcode: bool = False
) -> Callable[..., list[Change | Question]]:
    """The judge of a country with its postcode, if there is such a field, and its city."""

    def judge(text: str, *beside: str) -> list[Change | Question]:
        facts = {"found": quote(text)}
        known, postcode = fold(text), clean(beside[0]) if has_postcode and beside else ""
        if several := _NAMES_OF_SEVERAL.get(known):
            return [Question(spec.path, Doubt("country_several", facts | {"countries": several}))]
        if known == _GEORGIA and not _GEORGIAN_POSTCODE.fullmatch(postcode):
            return [Question(spec.path, Doubt("country_georgia", facts))]
        if code := _SHOWN.get(known):
            return [Change("repaired_country", spec.path, {spec.path: code}, {"country": code})]
        if _NUMBER.fullmatch(clean(text)) and (
            code := standards.countries_by_number().get(clean(text))
        ):
            facts |= {"country": code}
            return [Change("repaired_country_number", spec.path, {spec.path: code}, facts)]
        if known and known in map(fold, beside[has_postcode:]) and standards.country(text) is None:
            return [Question(spec.path, Doubt("country_is_city", facts))]
        return []

    return judge
