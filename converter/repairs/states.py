"""States of the US, Canada and Australia as codes or names, as a mapping asks for them.

The names are Google's (`states.json` names source and licence; `.ci/states` renews it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from converter.mapping import standards
from converter.mapping.model import ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.repairs.kinds import Party
from converter.text import clean

_TABLE = Path(__file__).with_name("states.json")


def repair_states(draft: Draft, mapping: ProviderMapping, party: Party) -> None:
    """Write states in the form that the field asks for."""
    path, country = party.path("province"), party.path("country")
    form = mapping.field(path).state_as if path else None
    if form is None or not country or not draft.has(path):
        return
    usual = mapping.field(country).default or ""

    def judge(state: str, where: str = "") -> list[Change | Question]:
        meant = in_form(clean(state), standards.country(clean(where) or usual) or "", form)
        if not meant or meant == clean(state):
            return []
        return [Change("repaired_state", path, {path: meant})]

    draft.apply([path, country] if draft.has(country) else [path], judge)


def in_form(state: str, country: str, form: str) -> str:
    """A state as its `code` or `name`; empty where the country has none of this name."""
    known = _states(country)
    word = _bare(state)
    if word.startswith(country.lower()) and word not in known:  # US-NJ
        word = word[len(country) :]
    found = known.get(word)
    if found is None:
        return ""
    return found[0] if form == "code" else found[1]


@cache
def _states(country: str) -> Mapping[str, tuple[str, str]]:
    """By code and name without blanks and points: both."""
    table: Mapping[str, Mapping[str, str]] = json.loads(_TABLE.read_bytes())["countries"]
    pairs = table.get(country, {}).items()
    return {_bare(word): pair for pair in pairs for word in pair}


def _bare(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
