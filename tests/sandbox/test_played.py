"""A provider that is played: where it finds orders, and what it makes of samples."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from converter import sandbox
from converter.sandbox.played import Script, filled, orders_in, route_path


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        pytest.param({"no": "A"}, ["no"], ["A"], id="the only order is the body"),
        pytest.param([{"no": "A"}, {"no": 7}], ["no"], ["A", "7"], id="a bare list"),
        pytest.param({"d": {"l": [{"h": {"no": "A"}}]}}, ["h", "no"], ["A"], id="in an envelope"),
        pytest.param({"data": '[{"no": "A"}]'}, ["no"], ["A"], id="JSON text in a form"),
        pytest.param(
            [{"no": "A", "items": [{"no": "1"}]}], ["no"], ["A"], id="lines with the same key"
        ),
        pytest.param({"x": "[1"}, ["no"], [], id="no order"),
    ],
)
def test_orders_are_found_wherever_they_stand(
    body: Any, path: list[str], expected: list[str]
) -> None:
    assert [reference for reference, _ in orders_in(body, path)] == expected


def test_names_in_samples_are_replaced() -> None:
    values = {"reference": "A", "count": 2, "entries": [1]}
    sample = {"all": "$entries", "n": "$count", "text": "{reference} of {count}, {other}", "x": 1}

    assert filled(sample, values) == {"all": [1], "n": 2, "text": "A of 2, {other}", "x": 1}


def test_paths_of_mappings_are_routes() -> None:
    assert route_path("/v1/{account-id}/orders/{x}") == "/v1/{p0}/orders/{p1}"


def test_other_methods_forms_and_fixed_answers() -> None:
    script = Script(
        name="acme",
        environment={"ACME_TOKEN": "x"},
        address="ACME_URL",
        routes=(("PUT", "/o/{id}"),),
        reference=("no",),
        answer="$entry",
        samples={"accepted": {"http": 201, "entry": {"id": "$number", "of": "$reference"}}},
        fixed={("POST", "/token"): {"access_token": "T"}},
    )

    with sandbox.serve(scripts=[script]) as running:
        url = running.environment["ACME_URL"]
        token = httpx.post(f"{url}/token", trust_env=False)
        made = httpx.put(f"{url}/o/7", data={"no": "A"}, trust_env=False)
        failed = httpx.put(f"{url}/o/7", json={"no": "ERROR500"}, trust_env=False)
        book = running.book()

    assert token.json() == {"access_token": "T"}
    assert (made.status_code, made.json()) == (201, {"id": "SBX-00000001", "of": "A"})
    assert failed.status_code == 500
    assert [(order["provider"], order["request"]) for order in book] == [("acme", {"no": "A"})]


def test_a_reference_that_exists_is_a_duplicate_where_there_is_such_a_sample() -> None:
    samples = {"accepted": {"http": 200, "body": {"ok": 1}}}
    scripts = [
        Script("one", {}, "ONE_URL", (("POST", "/one"),), ("no",), "$entry", samples),
        Script(
            "two",
            {},
            "TWO_URL",
            (("POST", "/two"),),
            ("no",),
            "$entry",
            {**samples, "duplicate": {"http": 409, "body": {"ok": 0}}},
        ),
    ]

    with sandbox.serve(scripts=scripts) as running:
        said = [
            httpx.post(f"{running.url}/{name}", json={"no": "A"}, trust_env=False).status_code
            for name in ("one", "one", "two", "two")
        ]

    assert said == [200, 200, 200, 409]
