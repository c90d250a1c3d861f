"""States are sent as codes or names only where their country is known."""

from __future__ import annotations

import pytest

from converter.errors import MappingError
from converter.mapping.load import find_mapping, parse_mapping

OMS = find_mapping("oms").read_text(encoding="utf-8")
STATE = "is: receiver.province, "
COUNTRY = "is: receiver.country, "


def test_a_state_is_sent_in_a_form_where_its_country_is_known() -> None:
    mapping = parse_mapping(OMS.replace(STATE, f"{STATE}state_as: code, "), "oms.yaml")

    assert [spec.state_as for spec in mapping.fields if spec.state_as] == ["code"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OMS.replace(STATE, "state_as: code, "), "is: receiver.province"),
        (
            OMS.replace(STATE, f"{STATE}state_as: code, ").replace(COUNTRY, ""),
            "says whose state it is",
        ),
    ],
    ids=["not said to be a state", "no country"],
)
def test_a_form_of_states_that_cannot_work_is_refused(text: str, said: str) -> None:
    with pytest.raises(MappingError, match=said):
        parse_mapping(text, "oms.yaml")
