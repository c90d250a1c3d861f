"""The commands of the queue on a real server, from giving a sheet to fetching its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result

from converter import api
from converter.unattended.queue import SCHEMA

Run = Callable[..., Result]

IN_SANDBOX = ("-p", "scexpress", "--sandbox")


@pytest.fixture
def server(database: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[str]:
    monkeypatch.setenv("CONVERTER_JOURNAL", database)
    api.template("scexpress", home / "orders.xlsx", example=True)
    yield database
    with psycopg.connect(database) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def told(done: Result) -> Any:
    return json.loads(done.stdout)


@pytest.mark.postgresql
def test_a_sheet_goes_to_a_worker_and_its_result_comes_back(
    run: Run, server: str, home: Path
) -> None:
    (home / "nonsense.csv").write_text("a,b\n1,2\n")

    given = told(run("enqueue", "orders.xlsx", "nonsense.csv", *IN_SANDBOX, "--json"))
    good, bad = (one["work"] for one in given["queued"])
    early = run("queue", "fetch", str(good), "--json")
    worked = run("worker", "--once", "--no-refresh")
    fetched = run("queue", "fetch", str(good), "--json")
    failed = run("queue", "fetch", str(bad))

    assert (early.exit_code, told(early)["state"]) == (3, "waiting")
    assert worked.exit_code == 1
    assert f"{good}  submit  orders.xlsx: exit code 0" in worked.stderr
    assert fetched.exit_code == 0
    assert told(fetched)["report"]["counts"] == {"accepted": 4}
    assert (home / told(fetched)["result"]).name == "orders.result.xlsx"
    assert failed.exit_code == 2
    assert "columns are missing" in failed.stderr
    assert run("queue", "fetch", str(good)).exit_code == 2  # it is there already
    states = {one["work"]: one["state"] for one in told(run("queue", "list", "--json"))["work"]}
    assert states == {good: "done", bad: "failed"}


@pytest.mark.postgresql
def test_what_was_not_begun_is_withdrawn(run: Run, server: str) -> None:
    run("enqueue", "orders.xlsx", *IN_SANDBOX)

    withdrawn, again = run("queue", "withdraw", "1"), run("queue", "withdraw", "1")

    assert (withdrawn.exit_code, again.exit_code) == (0, 1)
    assert withdrawn.stderr == "1: withdrawn; nothing of it was sent.\n"
    assert run("queue", "fetch", "1").exit_code == 3


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param(
            ["enqueue", "no.xlsx", *IN_SANDBOX], "There is no file no.xlsx.", id="no file"
        ),
        pytest.param(
            ["enqueue", "orders.xlsx", "-p", "my.yaml", "--sandbox"],
            "-p my.yaml is a file of this machine.", id="a mapping of this machine",
        ),
        pytest.param(
            ["enqueue", "orders.xlsx", *IN_SANDBOX, "--events", "events.jsonl"],
            "--events events.jsonl is a file of this machine.", id="events of this machine",
        ),
        pytest.param(
            ["enqueue", "orders.xlsx", *IN_SANDBOX, "--profile", "shop.xlsx"],
            "--profile shop.xlsx is a file of this machine.", id="a profile of this machine",
        ),
        pytest.param(["queue", "fetch", "7"], "There is no 7 in the queue.", id="no such number"),
    ],
)  # fmt: skip
def test_what_no_worker_could_do_is_refused(
    run: Run, server: str, words: list[str], problem: str
) -> None:
    done = run(*words)

    assert done.exit_code == 2
    assert f"Error: {problem}" in done.stderr


@pytest.mark.parametrize(
    "words", [["enqueue", "orders.xlsx", *IN_SANDBOX], ["worker"], ["queue", "list"]],
    ids=["enqueue", "worker", "list"],
)  # fmt: skip
def test_without_a_server_there_is_no_queue(run: Run, home: Path, words: list[str]) -> None:
    (home / "orders.xlsx").touch()

    done = run(*words)

    assert done.exit_code == 2
    assert "Set CONVERTER_JOURNAL to its address" in done.stderr
