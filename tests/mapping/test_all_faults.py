"""Every fault of a mapping is told in one pass, in words that say what to write instead."""

from __future__ import annotations

import contextlib
import random

import pytest

from converter.errors import MappingError
from converter.mapping.jmespath_faults import problem_of
from converter.mapping.load import available_mappings, parse_mapping

GOOD = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings:
  base_url: {env: DEMO_URL, required: true}
request:
  path: /orders
  body: {list: $orders}
order:
  reference: ref
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: note, title: {en: Note, zh: 备注}, max: 20}
response:
  call_ok: code == `0`
  match: {single: true}
  accepted: number
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "demo.yaml")
    return str(caught.value).splitlines()


def test_faults_of_shape_and_of_sense_are_told_together() -> None:
    text = (
        GOOD.replace("max: 20", "mx: 20")
        .replace("path: /orders", "path: orders\n  in_flight: many")
        .replace("code == `0`", "code == 0")
        .replace("reference: ref", "reference: reff")
        .replace("source: A page", "source: A page\nsource: B page")
    )

    assert [line.partition(": ")[0] for line in faults_of(text)] == [
        "demo.yaml:4:1",
        "demo.yaml:8:3",
        "demo.yaml:9:3",
        "demo.yaml:12:3",
        "demo.yaml:15:45",
        "demo.yaml:17:3",
    ]


def test_what_only_follows_from_another_fault_is_not_told() -> None:
    """A misspelt `choices` is not also a `type: choice` without them."""
    field = "type: choice, choises: {A: [a]}"

    assert faults_of(GOOD.replace("max: 20", field)) == [
        "demo.yaml:13:59: unknown key 'choises', did you mean 'choices'? "
        + parse_allowed(faults_of(GOOD.replace("max: 20", field))[0])
    ]


def parse_allowed(line: str) -> str:
    return "Allowed" + line.partition("Allowed")[2]


def test_a_field_without_a_source_is_shown_the_sources() -> None:
    assert faults_of(GOOD.replace("title: {en: Note, zh: 备注}, ", "")) == [
        "demo.yaml:13:5: the key 'title' is missing here: a field has one source, which is "
        "'title' for a column, or 'value', 'formula' or 'text'"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("code == `0`", "", id="fine"),
        pytest.param("lower(msg)", "", id="a function of ours"),
        pytest.param(
            "code == 0",
            "not a JMESPath expression: write the number in backquotes, `0`",
            id="bare number",
        ),
        pytest.param(
            'status == "OK"',
            "write the text in single quotes, 'OK': in double quotes it is the name of a member",
            id="text in double quotes",
        ),
        pytest.param(
            "data[?containz(msg, 'x')]",
            "JMESPath has no function containz(), did you mean contains()?",
            id="misspelt function",
        ),
        pytest.param(
            "a && starts_with(msg)",
            "starts_with() takes 2 values in parentheses, here are 1",
            id="too few values",
        ),
        pytest.param("join(',')", "join() takes 2 values in parentheses, here are 1", id="join"),
        pytest.param("not_null(a, b, c)", "", id="as many values as one likes"),
    ],
)
def test_expressions_that_can_never_work_are_refused(text: str, problem: str) -> None:
    assert problem_of(text) == problem


@pytest.mark.parametrize("name", available_mappings())
def test_damage_never_ends_in_anything_but_faults(name: str) -> None:
    """Lines are lost, repeated or swapped, and keys misspelt: the mapping loads or says why."""
    lines = available_mappings()[name].read_text(encoding="utf-8").splitlines()
    chance = random.Random(name)
    for _ in range(25):
        damaged = list(lines)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(damaged))
            match chance.randrange(4):
                case 0:
                    del damaged[place]
                case 1:
                    damaged.insert(place, damaged[place])
                case 2:
                    damaged[place] = damaged[place].replace("e", "", 1)
                case 3:
                    damaged[place] = damaged[place].replace("true", "7").replace("[]", "")
        with contextlib.suppress(MappingError):
            parse_mapping("\n".join(damaged), name)


def test_class_b_needs_an_idempotency_key() -> None:
    text = GOOD + "duplicates: {class: B, evidence: a page}\n"

    needed = "class B needs 'request.key', the idempotency key, and $key where it is sent"
    assert f"demo.yaml:18:1: {needed}" in faults_of(text)
