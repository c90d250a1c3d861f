"""The report of a run, made again from the journal alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter.journal import schema
from tests.journal.builders import forget_cancelling

ROOT = Path(__file__).parents[2]
KEPT = ("reference", "status", "provider_order_no", "tracking_no", "rows", "attempts", "outputs")

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def settled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")


def told(document: Any) -> list[dict[str, Any]]:
    """What is the same each time that a run is told of."""
    return [{name: order[name] for name in KEPT} for order in document["orders"]]


def again(run: Run, name: str) -> Any:
    return json.loads(run("status", "--run", name, "--json").stdout)


def test_every_run_of_a_troubled_sheet_is_told_again_as_it_was(run: Run) -> None:
    shutil.copy(ROOT / "templates" / "sandbox-trouble.xlsx", "trouble.xlsx")
    submit = ("submit", "trouble.xlsx", "-p", "scexpress", "--sandbox", "--json")
    printed = [json.loads(run(*submit).stdout) for _ in range(3)]

    for document in printed:
        rebuilt = again(run, document["run"])
        assert told(rebuilt) == told(document)
        assert rebuilt["counts"] == document["counts"]
        assert (rebuilt["stopped"], rebuilt["exit_code"]) == (
            document["stopped"], document["exit_code"],
        )  # fmt: skip
    assert printed[0]["counts"] != printed[2]["counts"]


def test_a_run_that_settles_by_a_persons_word_is_told_again(run: Run) -> None:
    shutil.copy(ROOT / "templates" / "data" / "oms.csv", "orders.csv")
    text = Path("orders.csv").read_text(encoding="utf-8-sig")
    name = text.splitlines()[1].split(",")[0]
    Path("orders.csv").write_text(text.replace(name, f"DROP-{name}"), encoding="utf-8")
    common = ("orders.csv", "-p", "oms", "--sandbox", "--json")
    first = json.loads(run("submit", *common).stdout)
    second = json.loads(run("reconcile", *common, "--created", f"DROP-{name}=88001").stdout)

    before = {order["reference"]: order["status"] for order in told(again(run, first["run"]))}
    (after,) = told(again(run, second["run"]))

    assert before[f"DROP-{name}"] == "unknown"
    assert (after["status"], after["provider_order_no"]) == ("accepted", "88001")


def test_a_person_reads_one_line_for_each_order(run: Run) -> None:
    run("template", "oms", "--example", "-o", "orders.xlsx")
    done = json.loads(run("submit", "orders.xlsx", "-p", "oms", "--sandbox", "--json").stdout)

    lines = run("status", "--run", done["run"]).stdout.splitlines()

    assert [line.split("  ")[1:3] for line in lines] == [
        [order["reference"], "accepted"] for order in done["orders"]
    ]


@pytest.mark.parametrize(
    ("provider", "status"),
    [pytest.param("scexpress", "accepted", id="A"), pytest.param("oms", "unknown", id="D")],
)
def test_changes_that_were_not_sent_are_named_at_once(run: Run, provider: str, status: str) -> None:
    text = (ROOT / "templates" / "data" / f"{provider}.csv").read_text(encoding="utf-8-sig")
    reference = text.splitlines()[1].split(",")[0]
    text = text.replace(reference, f"DROP-{reference}")
    Path("orders.csv").write_text(text, encoding="utf-8")
    submit = ("submit", "orders.csv", "-p", provider, "--sandbox", "--json")
    first = json.loads(run(*submit).stdout)["orders"][0]
    changed = text.replace("Moreno Valley", "Riverside").replace("Jane Roe", "Jane Doe")
    Path("orders.csv").write_text(changed, encoding="utf-8")

    second = json.loads(run(*submit).stdout)["orders"][0]

    assert (first["status"], second["status"]) == ("unknown", status)
    assert "The sheet now differs in: " in second["message"]
    assert "The sheet now differs in: " not in first["message"]


def test_a_run_that_never_was_is_named(run: Run) -> None:
    refused = run("status", "--run", "20260101-000000-0000")

    assert refused.exit_code == 2
    assert "There is no run '20260101-000000-0000'" in refused.stderr


def test_a_journal_of_the_version_before_is_taken_along(run: Run, home: Path) -> None:
    run("template", "oms", "--example", "-o", "orders.xlsx")
    submit = ("submit", "orders.xlsx", "-p", "oms", "--sandbox", "--json")
    run(*submit)
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    with sqlite3.connect(path) as journal:
        forget_cancelling(journal)
        for index in ("attempt_open", "part_in_doubt", "payload_kept"):
            journal.execute(f"DROP INDEX {index}")
        for table in ("listed", "sighting", "call"):
            journal.execute(f"DROP TABLE {table}")
        first_view = schema.TABLES[schema.TABLES.index("CREATE VIEW doubt") :]
        journal.executescript(f"DROP VIEW doubt; {first_view}")
        for column in (
            "evidence.tracking_no", "evidence.outputs", "part.message_json", "answer.message_json",
            "attempt.reason_json", "evidence.note_json", "run.stopped_json", "run.mark",
            "account.looked_at", "part.doubt_seen", "run.profile", "run.profile_sha256",
            "attempt.request_key", "attempt.job",
        ):  # fmt: skip
            table, _, name = column.partition(".")
            journal.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
        journal.execute("PRAGMA user_version = 1")
    journal.close()

    done = json.loads(run(*submit).stdout)

    assert set(done["counts"]) == {"accepted"}
    assert all(order["attempts"] == 1 for order in done["orders"])
    assert told(again(run, done["run"])) == told(done)
    with sqlite3.connect(path) as journal:
        assert journal.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    journal.close()


def test_an_accepted_order_whose_cells_are_spoilt_later_needs_no_correction(run: Run) -> None:
    shutil.copy(ROOT / "templates" / "data" / "oms.csv", "orders.csv")
    submit = ("submit", "orders.csv", "-p", "oms", "--sandbox", "--json")
    first = json.loads(run(*submit).stdout)
    text = Path("orders.csv").read_text(encoding="utf-8-sig")
    country = text.splitlines()[0].split(",").index("Receiver country")
    lines = [line.split(",") for line in text.splitlines()]
    lines[1][country] = "Atlantis"
    Path("orders.csv").write_text("\n".join(map(",".join, lines)), encoding="utf-8")

    second = run(*submit)

    order = json.loads(second.stdout)["orders"][0]
    assert order["reference"] == first["orders"][0]["reference"]
    assert (order["status"], order["issues"]) == ("accepted", [])
    assert second.exit_code == 0
    assert "Atlantis" not in second.stderr


# -- refusals ------------------------------------------------------------------------------------


SAID = "The provider's document does not list this answer as a refusal."


@pytest.mark.parametrize(
    ("provider", "is_proved"),
    [
        pytest.param("scexpress", True, id="the page lists -1"),
        pytest.param("apicenter", False, id="no code is published"),
    ],
)
def test_an_unproven_refusal_says_so_wherever_it_is_shown(
    run: Run, provider: str, is_proved: bool
) -> None:
    text = (ROOT / "templates" / "data" / f"{provider}.csv").read_text(encoding="utf-8-sig")
    name = text.splitlines()[1].split(",")[0]
    Path("orders.csv").write_text(text.replace(name, f"REJECT-{name}"), encoding="utf-8")
    done = json.loads(run("submit", "orders.csv", "-p", provider, "--sandbox", "--json").stdout)
    order = done["orders"][0]
    rebuilt = again(run, done["run"])["orders"][0]

    assert order["status"] == "rejected"
    assert order["flags"] == rebuilt["flags"] == ([] if is_proved else ["unproven"])
    assert (SAID in order["message"]) == (SAID in rebuilt["message"]) != is_proved
