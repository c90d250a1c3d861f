"""Answers of publicly documented APIs: each mapping reads them into exactly the expected rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter.mapping.load import load_mapping
from tests.training.documented_provider import HERE, Documented, playing

Run = Callable[..., Result]
NAMES = sorted(path.parent.name for path in HERE.glob("*/mapping.yaml"))
STATUSES = {"created": "accepted", "failed": "rejected", "unknown": "unknown"}


def submitted(run: Run, mapping: Path) -> dict[str, Any]:
    done = run("submit", "orders.csv", "-p", str(mapping), "--json", "--yes", "--lang", "en")
    return {order["reference"]: order for order in json.loads(done.stdout)["orders"]}


@pytest.fixture
def given(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Documented], Path]:
    """The sheet of a folder, and the settings under which its requests are documented."""

    def prepare(name: str, provider: Documented) -> Path:
        shutil.copy(HERE / name / "orders.csv", home / "orders.csv")
        file = HERE / name / "expected_requests.json"
        assumed = json.loads(file.read_text(encoding="utf-8"))["assumed"]
        values = {**assumed.get("credentials", {}), **assumed.get("settings", {})}
        monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
        for key, setting in load_mapping(HERE / name / "mapping.yaml").settings.items():
            if key in ("base_url", "auth_url"):
                monkeypatch.setenv(setting.env, provider.url)
            elif key in values:
                monkeypatch.setenv(setting.env, str(values[key]))
        return HERE / name / "mapping.yaml"

    return prepare


def expected_rows(name: str, scenario: str) -> list[Any]:
    file = HERE / name / f"response_{scenario}.json"
    rows: list[Any] = json.loads(file.read_text(encoding="utf-8"))["expected_result_rows"]
    return rows


@pytest.mark.parametrize("scenario", ["ok", "partial"])
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_documentation(
    run: Run, given: Callable[[str, Documented], Path], name: str, scenario: str
) -> None:
    rows = expected_rows(name, scenario)
    with playing(name, scenario) as provider:
        mapping = given(name, provider)
        found = submitted(run, mapping)
        before = len(provider.bodies)
        submitted(run, mapping)
        again = provider.bodies[before:]

    assert list(found) == [row["order_key"] for row in rows]
    for row in rows:
        order = found[row["order_key"]]
        assert order["status"] == STATUSES[row["outcome"]], order
        assert order["rows"] == row["sheet_rows"]
        assert order["provider_order_no"] == (row["provider_order_id"] or "")
        assert order["tracking_no"] == (row["tracking_number"] or "")
        told = [*row["message_contains"], *row["warnings_contain"], row["error_code"] or ""]
        assert all(text in order["message"] for text in told), order["message"]
        assert not any(text in order["message"] for text in row.get("message_lacks", ()))
        if row["outcome"] == "created":
            assert not any(row["order_key"] in body for body in again)


def test_a_job_that_has_not_ended_is_asked_again_and_not_begun_again(
    run: Run, given: Callable[[str, Documented], Path], home: Path
) -> None:
    with playing("paypal-payouts", "ok") as provider:
        mapping = given("paypal-payouts", provider)
        impatient = home / "impatient.yaml"
        text = mapping.read_text(encoding="utf-8")
        impatient.write_text(text.replace("give_up: 30", "give_up: 0"), encoding="utf-8")
        ended = [one for one in provider.exchanges if one["request_id"] != "poll"]
        polls = [one for one in provider.exchanges if one["request_id"] == "poll"]
        polls[0].pop("n", None)
        provider.exchanges = [*ended, polls[0]]
        first = submitted(run, impatient)
        sent = provider.seen["r1"]
        provider.exchanges = [*ended, {**polls[-1], "n": provider.seen["poll"] + 1}]
        second = submitted(run, mapping)

    assert {order["status"] for order in first.values()} == {"unknown"}
    assert all("CQMWKDQF5GFLL" in order["message"] for order in first.values())
    assert {order["status"] for order in second.values()} == {"accepted"}
    assert provider.seen["r1"] == sent == 1


def test_an_order_stays_accepted_where_its_details_cannot_be_fetched(
    run: Run, given: Callable[[str, Documented], Path]
) -> None:
    with playing("russian-post", "ok") as provider:
        mapping = given("russian-post", provider)
        all_of_them = provider.exchanges
        provider.exchanges = [one for one in all_of_them if one["request_id"] == "r1"]
        first = submitted(run, mapping)
        provider.exchanges = all_of_them
        second = submitted(run, mapping)

    assert {order["status"] for order in first.values()} == {"accepted"}
    assert {order["tracking_no"] for order in first.values()} == {""}
    assert all(order["tracking_no"] for order in second.values())
    assert provider.seen["r1"] == 1
