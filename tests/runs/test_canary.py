"""A few orders are sent first, and the others only if all of those were accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.runs.test_reconcile import LINE, TITLES

Run = Callable[..., Result]


def write(*names: str, sheet: str = "orders.csv") -> None:
    text = "\n".join([TITLES, *(LINE.format(name) for name in names)])
    Path(sheet).write_text(text, encoding="utf-8")


def submit(run: Run, *options: str, sheets: tuple[str, ...] = ("orders.csv",)) -> Result:
    common = ("-p", "oms", "--sandbox", "--json", "--lang", "en")
    return run("submit", *sheets, *common, *options)


def found(done: Result) -> tuple[Any, list[str]]:
    document = json.loads(done.stdout)
    return document, [order["status"] for order in document["orders"]]


def test_with_yes_the_others_follow_where_all_is_well(run: Run) -> None:
    write("A-1", "A-2", "A-3")
    done = submit(run, "--canary", "1", "--yes")

    assert found(done)[1] == ["accepted"] * 3
    assert done.exit_code == 0
    assert "\nA-1  accepted  " in done.stderr


def test_without_a_terminal_and_yes_nothing_follows(run: Run) -> None:
    write("A-1", "A-2", "A-3")
    done = submit(run, "--canary", "2")
    document, statuses = found(done)

    assert statuses == ["accepted", "accepted", "not sent"]
    assert (done.exit_code, document["stopped"]) == (3, "")
    assert document["notes"][-1] == (
        "The first 2 orders were accepted. The other 1 were not sent, because nobody said so: run "
        "again without --canary, or with --yes."
    )
    assert found(submit(run))[1] == ["accepted"] * 3


@pytest.mark.parametrize("options", [("--yes",), ()])
@pytest.mark.parametrize("word", ["REJECT", "DROP"])
def test_a_canary_that_is_not_accepted_stops_everything(
    run: Run, word: str, options: tuple[str, ...]
) -> None:
    write(f"{word}-1", "A-2", "A-3")
    done = submit(run, "--canary", "2", *options, "--orders-per-request", "1")
    document, statuses = found(done)

    assert statuses == ["rejected" if word == "REJECT" else "unknown", "accepted", "not sent"]
    assert done.exit_code == 7
    assert document["stopped"] == (
        "1 of the first 2 orders were not accepted, so the other 1 were not sent. Find out why, "
        "then run again."
    )


def test_a_canary_of_the_whole_sheet_needs_no_word(run: Run) -> None:
    write("A-1", "A-2")

    assert submit(run, "--canary", "5").exit_code == 0


def test_the_first_of_several_sheets_holds_back_the_later_ones(run: Run) -> None:
    write("A-1", "A-2", sheet="one.csv")
    write("B-1", sheet="two.csv")
    done = submit(run, "--canary", "1", sheets=("one.csv", "two.csv"))

    sheets = json.loads(done.stdout)["sheets"]
    assert [[order["status"] for order in sheet["orders"]] for sheet in sheets] == [
        ["accepted", "not sent"],
        ["not sent"],
    ]
    assert done.exit_code == 3
