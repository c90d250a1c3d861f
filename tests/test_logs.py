"""The log: an event a line, with its run and its facts, and never a secret or a person's data."""

from __future__ import annotations

import base64
import json
import logging
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import Result

from converter import logs
from converter.journal.redaction import Redaction
from converter.mapping.request import Timeouts
from converter.provider.client import Client
from tests.reliability import wire

Run = Callable[..., Result]

TITLES = (
    "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,"
    "收件人城市,收件人地址,SKU,数量"
)
PEOPLE = ("Anneliese", "90001", "3235550100", "Los Angeles", "1 Hidden Road")
"""Name, postcode, phone, city and address of the receiver."""
SECRET = "s3cret/token+of&the=account"


def sheet(path: Path, *references: str, quantity: object = 2) -> Path:
    name, postcode, phone, city, address = PEOPLE
    rows = [
        f"{reference},LA,UPS,{name},{postcode},US,{phone},{city},{address},S-1,{quantity}"
        for reference in references
    ]
    path.write_text("\n".join([TITLES, *rows]) + "\n", encoding="utf-8")
    return path


def events(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def no_secret(text: str) -> bool:
    forms = [SECRET, quote(SECRET), quote(SECRET, safe=""), json.dumps(SECRET)[1:-1]]
    forms += [base64.b64encode(SECRET.encode()).decode(), *PEOPLE]
    return not any(form in text for form in forms)


def test_a_whole_run_is_logged_without_secrets_and_peoples_data(run: Run, home: Path) -> None:
    """The sandbox answers each of these references with trouble of its kind."""
    words = ["GOOD", "DROP", "REJECT", "GARBAGE", "BUSY429", "ERROR500", "GOOD2", "OMIT"]
    sheet(home / "orders.csv", *words)

    done = run("submit", "orders.csv", "-p", "oms", "--sandbox", "--orders-per-request", "1",
               "--log-file", "log.jsonl", "-v")  # fmt: skip

    assert done.exit_code == 3
    found = events(home / "log.jsonl")
    assert all({"time", "level", "logger", "event"} <= event.keys() for event in found)
    assert all(event["logger"].startswith("converter.") for event in found)
    names = [event["event"] for event in found]
    assert names[:5] == [
        "reading started", "reading ended", "checked", "run started", "planned"
    ]  # fmt: skip
    assert names[-2:] == ["result written", "run ended"]
    assert {"attempt started", "attempt ended", "orders will be tried again"} <= set(names)
    attempts = [event for event in found if event["event"].startswith("attempt ")]
    assert all(event["run"] == found[-1]["run"] for event in attempts)
    assert all(event["account"].startswith("sandbox-oms-") for event in attempts)
    assert found[-1]["counts"] == {"accepted": 3, "rejected": 1, "unknown": 4}
    assert no_secret((home / "log.jsonl").read_text(encoding="utf-8"))
    assert no_secret(done.stderr.partition("One row per item")[0])
    assert "converter.runs.close: run ended run=" in done.stderr


def test_what_a_provider_sends_back_is_not_logged(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet(home / "orders.csv", "R-1")

    def echo(talk: wire.Talk) -> None:
        talk.reply(f"<p>{SECRET} {talk.read()!r}</p>".encode(), 401)

    with wire.provider("oms", echo) as there:
        for name, value in wire.environment("oms", there.url, SECRET).items():
            monkeypatch.setenv(name, value)
        done = run("submit", "orders.csv", "-p", "oms", "--log-file", "log.jsonl")

    assert done.exit_code == 7
    assert "sending stops early" in [event["event"] for event in events(home / "log.jsonl")]
    assert no_secret((home / "log.jsonl").read_text(encoding="utf-8"))


def test_what_stops_a_command_is_logged_without_its_text(run: Run, home: Path) -> None:
    (home / "Anneliese").mkdir()

    done = run("check", "Anneliese", "-p", "oms", "--log-file", "log.jsonl")

    (_, last) = events(home / "log.jsonl")
    assert done.exit_code == 2
    assert (last["event"], last["level"], last["error"]) == (
        "command stopped", "error", "UsageError"
    )  # fmt: skip
    assert all(place.split(":")[0].endswith(".py") for place in last["at"])
    assert "Anneliese" not in json.dumps(last)


def test_a_log_file_is_private_and_goes_on_where_it_ended(run: Run, home: Path) -> None:
    sheet(home / "orders.csv", "R-1")

    for _ in range(2):
        run("check", "orders.csv", "-p", "oms", "--log-file", "log.jsonl")

    names = [event["event"] for event in events(home / "log.jsonl")]
    assert names.count("result written") == 2
    if sys.platform != "win32":
        assert stat.S_IMODE((home / "log.jsonl").stat().st_mode) == 0o600


def test_a_log_file_that_cannot_be_written_is_refused(run: Run, home: Path) -> None:
    sheet(home / "orders.csv", "R-1")

    done = run("check", "orders.csv", "-p", "oms", "--log-file", "no/log.jsonl")

    assert (done.exit_code, done.stderr) == (
        2,
        "Error: no/log.jsonl cannot be written: No such file or directory.\n",
    )


def test_nothing_is_logged_unless_it_is_asked_for(run: Run, home: Path) -> None:
    sheet(home / "orders.csv", "R-1")

    done = run("check", "orders.csv", "-p", "oms")

    assert "converter." not in done.stderr
    assert [type(handler) for handler in logging.getLogger("converter").handlers] == [
        logging.NullHandler
    ]


# -- the writer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param(quote(SECRET, safe=""), id="URL"),
        pytest.param(base64.b64encode(f"user:{SECRET}".encode()).decode(), id="base64"),
        pytest.param(json.dumps({"token": SECRET}), id="JSON"),
        pytest.param(json.dumps(SECRET).replace("/", "\\/"), id="JSON of PHP"),
    ],
)
def test_secrets_are_masked_in_every_form(tmp_path: Path, form: str) -> None:
    with logs.write_logs(file=tmp_path / "log.jsonl") as writer:
        writer.hide(Redaction([SECRET]).clean)
        facts = {"text": form, "nested": {form: [form]}}
        logging.getLogger("converter.test").info("at %s", form, extra=facts)

    (event,) = events(tmp_path / "log.jsonl")
    assert no_secret(json.dumps(event))
    assert "***" in event["event"]
    assert "***" in event["text"]


def test_an_exception_is_told_by_its_type_and_place(tmp_path: Path) -> None:
    told: list[str] = []
    with logs.write_logs(echo=told.append, file=tmp_path / "log.jsonl"):
        try:
            raise ValueError("Anneliese")
        except ValueError:
            logging.getLogger("converter.test").warning("failed", exc_info=True)

    (event,) = events(tmp_path / "log.jsonl")
    assert event["error"] == "ValueError"
    assert event["at"][0].startswith(__file__)
    assert told[0].endswith(" WARNING converter.test: failed error=ValueError")
    assert "Anneliese" not in json.dumps(event)


def test_facts_of_the_context_are_added(tmp_path: Path) -> None:
    with logs.write_logs(file=tmp_path / "log.jsonl"), logs.bound(run="R1", account="a"):
        logging.getLogger("converter.test").info("inside")
        with logs.bound(run="R2"):
            logging.getLogger("converter.test").info("deeper")

    assert [(event["run"], event["account"]) for event in events(tmp_path / "log.jsonl")] == [
        ("R1", "a"), ("R2", "a")
    ]  # fmt: skip


def test_the_libraries_that_log_addresses_are_kept_quiet() -> None:
    with Client(Timeouts(total=1.0, read=1.0), 1):
        levels = {
            name: logging.getLogger(name).getEffectiveLevel() for name in ("httpx", "httpcore")
        }

    assert levels == {"httpx": logging.WARNING, "httpcore": logging.WARNING}
