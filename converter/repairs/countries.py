"""Names of several countries, and places that carriers treat by themselves."""

from __future__ import annotations

from collections.abc import Callable

from converter.layout.rewrite import Doubt
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.text import fold, quote

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


def repair_countries(draft: Draft, mapping: ProviderMapping) -> None:
    """Ask about names of several countries, and list what a person may want to look at."""
    for spec in mapping.fields:
        if spec.type == "country" and spec.split is None and draft.has(spec.path):
            draft.apply([spec.path], judge_of(spec))


def judge_of(spec: FieldSpec) -> Callable[[str], list[Change | Question]]:
    def judge(text: str) -> list[Change | Question]:
        if several := _NAMES_OF_SEVERAL.get(fold(text)):
            facts = {"found": quote(text), "countries": several}
            return [Question(spec.path, Doubt("country_several", facts))]
        code = _SHOWN.get(fold(text))
        if code is None:
            return []
        return [Change("repaired_country", spec.path, {spec.path: code}, {"country": code})]

    return judge
