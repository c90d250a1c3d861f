"""Calls about accepted orders, as mappings say them."""

from __future__ import annotations

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping

MAPPING = """
provider: acme
title: {{en: Acme, zh: 甲}}
source: made up for the tests
settings:
  base_url: {{env: ACME_BASE_URL, default: "https://acme.example"}}
  {setting}
request: {{path: /orders, body: $order}}
order: {{reference: ref}}
fields:
  - {{path: ref, title: {{zh: 单号, en: Reference}}, required: true}}
response: {{call_ok: ok, match: {{single: true}}, accepted: ok}}
calls:
  refresh:
    path: /orders/numbers
    body: {body}
    call_ok: code == `0`
    results: data
    reference: ref
    found: {found}
    outputs: {{tracking_no: waybill}}
    evidence: {evidence}
    document: Page Numbers
    {more}
"""


def mapping(
    body: str = "{references: $references}",
    found: str = "number",
    evidence: str = "own",
    setting: str = "",
    more: str = "",
) -> ProviderMapping:
    text = MAPPING.format(body=body, found=found, evidence=evidence, setting=setting, more=more)
    return parse_mapping(text, "acme.yaml")


def test_a_refresh_waits_for_the_tracking_number_unless_told_otherwise() -> None:
    refresh = mapping().calls.refresh

    assert refresh is not None
    assert refresh.needs == ("tracking_no",)


def test_a_call_of_a_sibling_is_switched_on_by_a_setting() -> None:
    found = mapping(evidence="sibling", setting="calls: {env: ACME_CALLS}").calls.refresh

    assert found is not None
    assert found.evidence == "sibling"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param(
            {"evidence": "client"},
            "evidence 'client' needs a setting 'calls', which switches it on",
            id="cannot be switched on",
        ),
        pytest.param({"evidence": "hearsay"}, "evidence", id="evidence"),
        pytest.param({"body": "{all: true}"}, "the query names no order", id="names no order"),
        pytest.param(
            {"more": "needs: [label]"}, "'label' is no output of this call", id="needs what is not"
        ),
        pytest.param(
            {"more": "ended: [delivered]"},
            "it tells values of the output 'state', which this call lacks",
            id="ended without a state",
        ),
        pytest.param({"found": "a ||"}, "not a JMESPath expression", id="expression"),
    ],
)
def test_what_could_not_be_asked_is_refused(words: dict[str, str], problem: str) -> None:
    with pytest.raises(MappingError) as refused:
        mapping(**words)

    assert problem in str(refused.value)


LABEL = """  label:
    path: /label
    body: {{refs: {names}}}
    call_ok: ok
    {file}
    hosts: [{host}]
    evidence: own
    document: Page Label
"""


@pytest.mark.parametrize(
    ("names", "file", "host", "problem"),
    [
        pytest.param("$references", "url: a ||", "a.com", "not a JMESPath expression", id="url"),
        pytest.param("all", "url: a", "a.com", "the call names no order", id="names no order"),
        pytest.param("$reference", "", "a.com", "by 'url' or as 'content'", id="no file"),
        pytest.param("$reference", "url: a\n    content: a", "a.com", "by 'url' or as", id="both"),
        pytest.param("$reference", "url: a", "'*.com'", "'*.com' is no host", id="everybody"),
        pytest.param("$reference", "url: a", "https://a.com", "is no host", id="an address"),
    ],
)
def test_a_label_that_could_not_be_fetched_is_refused(
    names: str, file: str, host: str, problem: str
) -> None:
    text = MAPPING.format(
        body="{references: $references}", found="number", evidence="own", setting="", more=""
    )
    with pytest.raises(MappingError) as refused:
        parse_mapping(text + LABEL.format(names=names, file=file, host=host), "acme.yaml")

    assert problem in str(refused.value)
