"""Words for yes, no and batteries, and states in the form that a field asks for."""

from __future__ import annotations

import pytest

from converter.mapping.model import FieldSpec
from converter.repairs.draft import Change
from converter.repairs.states import in_form
from converter.repairs.words import judge_of

BATTERY = FieldSpec.model_validate(
    {
        "path": "it",
        "title": {"en": "Battery", "zh": "带电"},
        "is": "parcel.battery",
        "type": "choice",
        "choices": {"1": ["带电", "是"], "2": ["不带电", "否"]},
    }
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("内置电池", "1"), ("配套电池", "1"), ("PI967", "1"), ("UN3481", "1"), ("纯电", "1"),
        ("Yes", "1"), ("√", "1"), ("普货", "2"), ("无电", "2"), ("No battery", "2"), ("×", "2"),
        ("特货", "?battery_not_said"), ("待确认", "?battery_not_said"),
        ("是", None), ("纽扣电池", None), ("", None),
    ],
)  # fmt: skip
def test_a_word_on_batteries(text: str, meant: str | None) -> None:
    judge = judge_of(BATTERY)

    assert judge is not None
    found = judge(text)
    said = [one.texts["it"] if isinstance(one, Change) else f"?{one.doubt.code}" for one in found]
    assert said == ([meant] if meant else [])


def test_a_field_of_other_choices_keeps_its_words() -> None:
    spec = BATTERY.model_copy(update={"choices": {"A": ("Air",), "S": ("Sea",)}})

    assert judge_of(spec) is None


@pytest.mark.parametrize(
    ("state", "country", "form", "sent"),
    [
        ("New Jersey", "US", "code", "NJ"),
        ("NEW JERSEY", "US", "code", "NJ"),
        ("N.J.", "US", "name", "New Jersey"),
        ("US-NJ", "US", "name", "New Jersey"),
        ("nj", "US", "code", "NJ"),
        ("Ontario", "CA", "code", "ON"),
        ("New South Wales", "AU", "code", "NSW"),
        ("WA", "AU", "name", "Western Australia"),
        ("WA", "US", "name", "Washington"),
        ("Nowhere", "US", "code", ""),
        ("NJ", "DE", "name", ""),
    ],
)
def test_a_state_in_a_form(state: str, country: str, form: str, sent: str) -> None:
    assert in_form(state, country, form) == sent
