"""What the operating system saw: the intent is on the disk before a connection is made, and the
answer before anybody hears of it.

The program runs under strace. Between a write to the journal and what must not happen before it
is durable, the file has to be synced, and so has the folder once a transaction is over. At each
request the provider also looks into the journal itself, for what a trace does not show: that it
is this very order which the disk knows of.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reliability import tracing
from tests.reliability.starter import Starter
from tests.reliability.wire import ROOT, Act, Provider, Talk, answer, environment, sheet

CALLS = "connect,sendto,recvfrom,write,pwrite64,ftruncate,fsync,fdatasync,unlink,exit_group"

_LINE = re.compile(
    r"^(?P<pid>\d+) +(?:(?P<name>\w+)\((?P<rest>.*)|<\.\.\. (?P<again>\w+) resumed>(?P<tail>.*))$"
)


@dataclass
class Call:
    """A system call, with the lines of the trace at which it began and ended."""

    name: str
    text: str
    began: int
    over: int

    @property
    def file(self) -> str:
        """The path of its file."""
        found = re.match(r'\d+<([^>]*)>|"([^"]*)"', self.text)
        return (found[1] or found[2] or "") if found else ""


def calls(trace: Path) -> list[Call]:
    """Calls in the order in which they ended; one that never returned ends last."""
    open_: dict[str, Call] = {}
    found: list[Call] = []
    lines = trace.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        match = _LINE.match(line)
        if match is None:
            continue
        pid = match["pid"]
        if match["again"]:
            call = open_.pop(pid)
            call.text += match["tail"]
            call.over = number
            found.append(call)
            continue
        call = Call(match["name"], match["rest"], number, number)
        if line.endswith("<unfinished ...>"):
            open_[pid] = call
        else:
            found.append(call)
    for call in open_.values():
        call.over = len(lines)
    return [*found, *open_.values()]


@dataclass
class Traced:
    calls: list[Call]
    journal: Path
    port: int

    def is_of_journal(self, call: Call) -> bool:
        return call.file.startswith(str(self.journal))

    def unsynced_at(self, line: int) -> set[str]:
        """Files with writes by then that a power cut could lose."""
        dirty: set[str] = set()
        for call in self.calls:
            if call.over >= line:
                continue
            if call.name in ("pwrite64", "ftruncate") and self.is_of_journal(call):
                dirty.add(call.file)
            elif call.name == "unlink" and self.is_of_journal(call):
                dirty.discard(call.file)  # gone, once the folder says so
                dirty.add(str(self.journal.parent))
            elif call.name in ("fsync", "fdatasync") and call.text.rstrip().endswith("= 0"):
                dirty.discard(call.file)
        return dirty

    def commits(self, after: int, before: int) -> int:
        """Number of transactions between two lines; each deletes the rollback journal."""
        rollback = f"{self.journal}-journal"
        return sum(
            call.name == "unlink" and call.file == rollback and after < call.began < before
            for call in self.calls
        )

    def to_provider(self, name: str) -> list[Call]:
        port = f"htons({self.port})" if name == "connect" else f":{self.port}]"
        return [call for call in self.calls if call.name == name and port in call.text]


class JournalReader:
    """Makes the provider read the journal when a request arrives, before it acts."""

    def __init__(self, folder: Path, act: Act) -> None:
        self._folder = folder
        self._act = act
        self.open: list[str] = []
        self.settled: dict[str, str] = {}

    def __call__(self, talk: Talk) -> None:
        [file] = self._folder.glob("*.sqlite3")
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT reference, state, verdict FROM answer JOIN part ON part.id = part"
                " ORDER BY attempt"
            ).fetchall()
        self.open = [name for name, state, said in found if (state, said) == ("SENDING", None)]
        self.settled = {name: said for name, _, said in found if said is not None}
        self._act(talk)


def lost(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    talk.reset()


def refused(talk: Talk) -> None:
    talk.read()
    talk.reply(b"", 400)


@pytest.fixture(autouse=True)
def _strace() -> None:
    """Skip with a reason where strace is missing; fail in CI, where skips go unnoticed."""
    if problem := tracing.problem():
        if os.environ.get("CI"):
            pytest.fail(f"{problem}, so nothing shows that the journal is synced in time")
        pytest.skip(f"{problem}: NOT shown that the journal is synced in time")


class Traces:
    """Runs `converter submit` under strace, one request at a time."""

    def __init__(self, starter: Starter, folder: Path, there: Provider) -> None:
        self._starter = starter
        self._folder = folder
        self._there = there
        self._mapping = folder / f"{there.name}.yaml"
        text = (ROOT / "mappings" / f"{there.name}.yaml").read_text("utf-8")
        # Otherwise one order's writes would be seen among another one's requests.
        self._mapping.write_text(re.sub(r"in_flight: \d+", "in_flight: 1", text), "utf-8")

    def submit(self, name: str, count: int) -> tuple[Traced, int | None]:
        references = [f"R{number}" for number in range(count)]
        (self._folder / "orders.csv").write_text(sheet(self._there.name, references), "utf-8")
        child = self._starter.start(
            self._folder,
            name,
            [
                "submit",
                "orders.csv",
                "-p",
                str(self._mapping),
                "--orders-per-request",
                "1",
                "--again-rejected",
            ],
            {
                **environment(self._there.name, self._there.url),
                "CONVERTER_HOME": str(self._folder / "home"),
                "CONVERTER_SETTLE_SECONDS": "0",
            },
            hold=True,
        )
        trace = self._folder / f"{name}.trace"
        options = ("-o", str(trace), "-yy", "-s", "32", "-e", f"trace={CALLS}")
        tracing.traced(child, self._starter.go, *options)
        code = child.wait(60)
        [journal] = (self._folder / "home" / "journal").glob("*.sqlite3")
        port = int(self._there.url.rpartition(":")[2])
        return Traced(calls(trace), journal, port), code


def check(traced: Traced, requests: int) -> None:
    connects = traced.to_provider("connect")
    answers = [c for c in traced.to_provider("recvfrom") if not re.search(r"= (0|-1 .*)$", c.text)]
    [end] = [call for call in traced.calls if call.name == "exit_group"]
    assert len(connects) == requests

    syncs = [call for call in traced.calls if call.name in ("fsync", "fdatasync")]
    assert any(call.file == str(traced.journal) for call in syncs)
    assert any(call.file == str(traced.journal.parent) for call in syncs)

    # The intent comes first: after the plan, or in one transaction with the answer before.
    before = [-1, *(call.began for call in connects)]
    for number, call in enumerate(connects):
        assert traced.unsynced_at(call.began) == set()
        due = 2 if number == 0 else 1
        assert traced.commits(before[number], call.began) >= due
    assert len(traced.to_provider("sendto")) >= requests
    for call in traced.to_provider("sendto"):
        assert traced.unsynced_at(call.began) == set()

    heard = max(call.over for call in answers)
    said = [c for c in traced.calls if c.name == "write" and re.match(r"[12]<", c.text)]
    told = [call for call in said if call.began > connects[0].began]
    assert told
    for call in told:  # "1 of 3 orders done", the report, and whatever else is shown
        assert traced.unsynced_at(call.began) == set()
    first = min(call.began for call in told)
    assert traced.commits(min(call.over for call in answers), first) >= 1
    assert traced.commits(heard, end.began) >= 2  # the last answer, and how the run ended
    assert traced.unsynced_at(end.began) == set()


@pytest.mark.parametrize(
    ("name", "can_be_asked"),
    [
        pytest.param("oms", False, id="class D"),
        pytest.param("scexpress", False, id="class A"),
        pytest.param("scexpress", True, id="class A that can be asked"),
    ],
)
def test_the_disk_knows_before_the_network_and_before_the_person(
    starter: Starter, tmp_path: Path, name: str, can_be_asked: bool
) -> None:
    folder = tmp_path / "home" / "journal"
    acts = [JournalReader(folder, act) for act in (answer, lost, refused, answer)]
    with closing(Provider(name)) as there:
        there.can_be_asked = can_be_asked
        there.acts.extend(acts)
        there.otherwise = JournalReader(folder, answer)
        traces = Traces(starter, tmp_path, there)
        first, code = traces.submit("first", 4)
        again, second_code = traces.submit("second", 4)
        requests = len(there.requests)

    assert code == 3
    check(first, 4)
    assert [act.open for act in acts] == [["R0"], ["R1"], ["R2"], ["R3"]]
    assert [act.settled for act in acts] == [
        {},
        {"R0": "created"},
        {"R0": "created", "R1": "in doubt"},
        {"R0": "created", "R1": "in doubt", "R2": "refused"},
    ]
    if name == "scexpress":  # what is in doubt is asked about, or goes first, exactly as it was
        check(again, 2 if can_be_asked else 3)
        query, *resent, rest = there.requests[4:]
        assert (second_code, requests) == (0, 6 if can_be_asked else 7)
        assert query.is_query
        assert [one.references for one in (query, rest)] == [("R1",), ("R2",)]
        before = there.requests[1].order(name, "R1")
        assert [one.order(name, "R1") for one in resent] == [before] * (not can_be_asked)
    else:
        check(again, 1)
        assert (second_code, requests) == (3, 5)
        assert there.requests[-1].references == ("R2",)
    assert set(there.commits.values()) == {1}
