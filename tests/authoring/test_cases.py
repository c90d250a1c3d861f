"""The cases of a mapping tell in plain words where it differs from what was expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter.authoring.differences import differences
from tests.runs.test_samples import ACME, sheet

Run = Callable[..., Result]

ANSWERS = [
    {
        "path": "/v1/sandboxaccountxx/orders",
        "body": {
            "code": 0,
            "data": [
                {"no": "A1", "state": "ok", "id": "P-1"},
                {"no": "A2", "state": "bad", "text": "no such SKU"},
            ],
        },
    }
]


@pytest.fixture
def case(home: Path) -> Path:
    (home / "acme.yaml").write_text(ACME, encoding="utf-8")
    folder = home / "acme.cases" / "two"
    folder.mkdir(parents=True)
    sheet(folder, "A1", "A2")
    return folder


def test_update_writes_what_a_case_expects(run: Run, case: Path) -> None:
    (case / "answers.json").write_text(json.dumps(ANSWERS), encoding="utf-8")

    written = run("mapping", "test", "acme.yaml", "--update")
    again = run("mapping", "test", "acme.yaml")

    requests = json.loads((case / "requests.json").read_text(encoding="utf-8"))
    rows = json.loads((case / "rows.json").read_text(encoding="utf-8"))
    assert (written.exit_code, again.exit_code) == (0, 0)
    assert written.stderr == "two: written. Read what changed before you keep it.\n"
    assert again.stderr == "two: as expected\n"
    assert requests[0]["url"] == "https://api.example.com/v1/sandboxaccountxx/orders"
    assert requests[0]["headers"]["X-Token"] == "***"
    assert [(row["status"], row["provider_order_no"]) for row in rows] == [
        ("accepted", "P-1"),
        ("rejected", ""),
    ]


def test_differences_are_told_with_their_place(run: Run, case: Path) -> None:
    (case / "answers.json").write_text(json.dumps([*ANSWERS, {"body": {}}]), encoding="utf-8")
    body = {"batch": {"orders": [{"head": {"number": "A1"}, "items": [{"sku": "S-2"}]}]}}
    (case / "requests.json").write_text(json.dumps([{"body": body}]), encoding="utf-8")
    rows = [
        {"reference": "A1", "status": "accepted", "provider_order_no": "P-2"},
        {"reference": "A9", "status": "accepted"},
    ]
    (case / "rows.json").write_text(json.dumps(rows), encoding="utf-8")

    done = run("mapping", "test", "acme.yaml")

    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "two: answer 2 of answers.json was never asked for",
        'two: request 1, body.batch.orders[0].items[0].sku: expected "S-2", found "S-1"',
        'two: request 1, body.batch.orders[1]: {"head":{"number":"A2"},"items":[{"sku":"S-1"}]} '
        "is too much",
        'two: order A1, provider_order_no: expected "P-2", found "P-1"',
        "two: there is no order A9",
        "two: order A2 was not expected",
    ]
    assert done.stderr == "1 of 1 cases are not as expected.\n"


def test_a_mapping_without_cases_is_told_how_to_make_one(run: Run, home: Path) -> None:
    (home / "acme.yaml").write_text(ACME, encoding="utf-8")

    done = run("mapping", "test", "acme.yaml")

    assert done.exit_code == 2
    assert done.stderr == (
        "Error: acme.yaml has no cases. Make a folder acme.cases/NAME with an order sheet, then "
        "run this again with --update and read what it wrote.\n"
    )


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        pytest.param(1, 1, [], id="same"),
        pytest.param(1, Decimal("1.0"), ["x: expected 1, found 1.0"], id="other digits"),
        pytest.param(1, True, ["x: expected 1, found true"], id="truth"),
        pytest.param({"a": 1}, {}, ["x.a: 1 is missing"], id="missing"),
        pytest.param([], [None], ["x[0]: null is too much"], id="too much"),
        pytest.param({"a": [1, 2]}, {"a": [1, "2"]}, ['x.a[1]: expected 2, found "2"'], id="deep"),
    ],
)
def test_values_are_compared_as_json(expected: Any, found: Any, said: list[str]) -> None:
    assert [*differences(expected, found, "x")] == said
