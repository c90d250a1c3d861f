"""`converter show`, `converter export` and `converter journal backup`."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
ROW = "{ref},LA,UPS,Ann,{postcode},US,3235550100,Los Angeles,1 Road,S-1,2"


def submit(run: Run, home: Path, *references: str, postcode: str = "90001") -> str:
    """Send orders to the sandbox; returns the name of the run."""
    rows = [TITLES, *(ROW.format(ref=ref, postcode=postcode) for ref in references)]
    (home / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--json")
    name: str = json.loads(done.stdout)["run"]
    return name


def test_the_story_has_what_was_sent_and_what_came_back(run: Run, home: Path) -> None:
    name = submit(run, home, "PO-1", "PO-2")

    told = json.loads(run("show", "PO-1", "--json").stdout)["stories"]

    (story,) = told
    (attempt,) = story["attempts"]
    assert (story["reference"], story["status"], story["rows"]) == ("PO-1", "accepted", [2])
    assert (attempt["run"], attempt["orders"]) == (name, ["PO-1", "PO-2"])
    assert [order["platformOrderNo"] for order in attempt["request"]["body"]] == ["PO-1", "PO-2"]
    assert attempt["request_is"] == (
        "The body is exactly the one that was sent: its SHA-256 agrees."
    )
    assert attempt["request"]["headers"]["Authorization"] == "***"
    assert json.loads(attempt["reply"])["data"]["successQty"] == 2
    assert attempt["verdict"] == "created"


def test_the_story_is_told_in_lines(run: Run, home: Path) -> None:
    submit(run, home, "PO-1", "PO-2")

    lines = run("show", "PO-1").stdout.splitlines()

    assert lines[:3] == [
        "PO-1  accepted  PO-1",
        "  oms (sandbox), orders.csv, rows 2",
        "  处理成功",
    ]
    assert re.fullmatch(r"  Attempt 1, \S+, run \S+", lines[3])
    assert lines[4] == "    In one request with: PO-2"
    assert lines[-1] == "    accepted  PO-1  处理成功"


def test_the_story_is_told_in_one_language(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")

    lines = run("show", "PO-1", "--lang", "zh").stdout.splitlines()

    assert lines[1] == "  oms（沙箱），orders.csv，第 2 行"


def test_what_changed_between_two_versions_is_told(run: Run, home: Path) -> None:
    submit(run, home, "REJECT-1")
    name = submit(run, home, "REJECT-1", postcode="90210")

    lines = run("show", "REJECT-1").stdout.splitlines()

    place = lines.index(f"  Version 2, run {name}:")
    assert lines[place + 1] == '    buyerPostcode: "90001" -> "90210"'
    assert sum(line.startswith("  Attempt ") for line in lines) == 2


def test_a_decision_is_part_of_the_story(run: Run, home: Path) -> None:
    submit(run, home, "GARBAGE-1")
    done = run(
        *("reconcile", "orders.csv", "-p", "oms", "--sandbox"),
        *("--created", "GARBAGE-1=77", "--who", "Ann", "--note", "seen in the portal"),
    )

    (story,) = json.loads(run("show", "GARBAGE-1", "--json").stdout)["stories"]

    assert done.exit_code == 0
    assert [attempt["verdict"] for attempt in story["attempts"]] == ["in doubt"]
    (found,) = story["evidence"]
    assert (found["source"], found["verdict"], found["who"]) == ("decision", "created", "Ann")
    assert found["provider_order_no"] == story["provider_order_no"] == "77"


def test_a_request_is_printed_as_a_curl_command(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")

    printed = run("show", "PO-1", "--curl").stdout

    words = shlex.split(printed, comments=True)
    assert words[:3] == ["curl", "-X", "POST"]
    assert words[3].endswith("/middle/platform-order/create-batch/SANDBOX")
    assert "Authorization: ***" in words
    assert json.loads(words[words.index("--data-raw") + 1])[0]["platformOrderNo"] == "PO-1"


def test_a_body_that_is_no_longer_kept_is_said_with_its_hash(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE payload SET body = NULL")

    (story,) = json.loads(run("show", "PO-1", "--json").stdout)["stories"]

    assert story["versions"][0]["payload"] is None
    assert story["attempts"][0]["request"] is None
    assert story["attempts"][0]["body_sha256"] in story["attempts"][0]["request_is"]


def test_an_order_that_nobody_knows_is_refused(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")

    done = run("show", "PO-1", "PO-9")
    elsewhere = run("show", "PO-1", "-p", "scexpress")

    assert done.exit_code == elsewhere.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: No journal on this machine knows PO-9. ")


def test_a_run_is_exported_as_files(run: Run, home: Path) -> None:
    name = submit(run, home, "PO/1", "po_1")

    done = run("export", name, "dispute", "--json")

    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "run": name,
        "folder": "dispute",
        "orders": 2,
        "attempts": 1,
    }
    files = {str(path.relative_to(home / "dispute")) for path in (home / "dispute").rglob("*.*")}
    assert files == {
        *("run.json", "orders/PO_1.json", "orders/po_1-2.json"),
        *(f"attempts/1.{kind}" for kind in ("json", "body", "reply", "curl")),
    }
    orders = json.loads((home / "dispute" / "run.json").read_bytes())["orders"]
    assert orders == {"PO/1": "orders/PO_1.json", "po_1": "orders/po_1-2.json"}


def test_a_folder_with_something_in_it_is_not_exported_into(run: Run, home: Path) -> None:
    name = submit(run, home, "PO-1")
    (home / "dispute").mkdir()
    (home / "dispute" / "mine.txt").write_text("mine")

    full = run("export", name, "dispute")
    unknown = run("export", "20200101-000000-0000", "other")

    assert (full.exit_code, unknown.exit_code) == (2, 2)
    assert full.stderr == ("Error: dispute is not empty. Give a folder that is new or empty.\n")
    assert not (home / "other").exists()


def test_a_backup_holds_what_the_journal_holds(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")
    (path,) = (home / "home" / "journal").glob("*.sqlite3")
    first = run("journal", "backup", "copies")
    submit(run, home, "PO-2")
    second = run("journal", "backup", "copies")

    copy = home / "copies" / path.name
    assert first.stdout == second.stdout == f"{path}: copied to {copy}\n"
    assert [one.name for one in (home / "copies").iterdir()] == [path.name]
    with closing(sqlite3.connect(copy)) as connection:
        found = connection.execute("SELECT reference FROM part").fetchall()
    assert found == [("PO-1",), ("PO-2",)]


def test_a_backup_into_the_folder_of_the_journals_is_refused(run: Run, home: Path) -> None:
    submit(run, home, "PO-1")
    folder = home / "home" / "journal"

    done = run("journal", "backup", str(folder))

    assert done.exit_code == 2
    assert "this is the folder of the journals" in done.stderr
    assert list(folder.glob("*.part")) == []
    assert run("journal", "check").exit_code == 0
