from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from converter.errors import AccountBusy
from converter.journal import (
    Account,
    Journal,
    ResendRule,
    State,
    open_file,
)
from converter.model import Status
from tests.journal.builders import (
    ACCOUNT,
    RUN,
    FakeClock,
    Opened,
    answer,
    order,
    plan,
    references,
    rows,
)

CUT_OFF = """
import sys
from pathlib import Path
from converter.journal import Account, Journal, ResendRule, RunStart
from converter.model import HttpRequest, Order

home, stage = Path(sys.argv[1]), sys.argv[2]
account = Account("acme", "https://api.acme.test/v1", {"code": "C1"})
run = RunStart("acme", "create", "orders.xlsx", "", "", "")
with Journal.open(home, account, run, resend=ResendRule("A", 900)) as journal:
    orders = journal.plan([Order(r, r, {"ref": r}, (2,)) for r in ("A1", "A2")], []).new
    if stage == "intended":
        request = HttpRequest("POST", "https://api.acme.test/v1/create", {}, b"{}")
        journal.intend(orders[:1], request, deadline=0)
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(home: Path, stage: str) -> Iterator[subprocess.Popen[str]]:
    """A process that waits at one point of its run until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", CUT_OFF, str(home), stage],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_a_killed_run_leaves_doubt_only_where_it_was_sending(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    with other_process(home, "intended") as process:
        process.kill()
    (started,) = rows(home, "SELECT started_at FROM attempt")[0]

    clock.time = started + 1
    with opened() as journal:
        known = journal.records(["A1", "A2"])
        made = plan(journal, order("A1"), order("A2"))

    assert (known["A1"].state, known["A2"].state) == (State.UNKNOWN, State.PLANNED)
    assert known["A1"].message == (
        "The run was cut off while this order was being sent, "
        "so the provider may or may not have it."
    )
    assert known["A1"].settle_until == started + 900
    assert (known["A1"].attempts, known["A1"].time) == (1, "")
    assert references(made.new) == ["A2"]
    assert list(made.standing) == ["A1"]

    clock.time = started + 900
    with opened() as journal:
        assert references(plan(journal, order("A1")).again) == ["A1"]


def test_a_killed_run_that_sent_nothing_leaves_no_doubt(opened: Opened, home: Path) -> None:
    with other_process(home, "planned") as process:
        process.kill()

    with opened() as journal:
        assert references(plan(journal, order("A1"), order("A2")).new) == ["A1", "A2"]


def test_the_second_run_of_an_account_is_refused_at_once(opened: Opened, home: Path) -> None:
    with other_process(home, "planned") as process:
        with pytest.raises(AccountBusy) as caught, opened():
            pass
        assert f"Another run holds this account: process {process.pid}, started 2" in str(
            caught.value
        )
        with opened(account=Account("acme", "https://api.acme.test/v1", {"code": "C2"})):
            pass  # another account is free

    with opened():
        pass  # the lock died with its process


def test_an_account_is_held_over_several_runs(opened: Opened, home: Path, clock: FakeClock) -> None:
    """A run sees the results of the one before, and no other process can run in between."""
    with open_file(home, ACCOUNT) as account:
        runs = []
        for again in (False, True):
            journal = Journal.start(account, RUN, resend=ResendRule("A", 900), clock=clock)
            made = plan(journal, order("A1", sku=int(again)))
            runs.append(journal.run)
            assert references(made.new) == ([] if again else ["A1"])
            assert list(made.standing) == (["A1"] if again else [])
            if made.new:
                answer(journal, made.new, Status.ACCEPTED)
            with pytest.raises(AccountBusy), opened():
                pass
            journal.finish(result_path="", result_sha256="", counts={}, stopped="")

    assert rows(home, "SELECT name, finished <> '' FROM run") == [(name, 1) for name in runs]
    with opened():
        pass
