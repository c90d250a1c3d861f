"""Disks that are full, that fail, that cannot be written, and clocks that jump.

Disks of a chosen size are file systems in memory, which only root may mount. Where that is not
possible the tests that need them say so; with RELIABILITY_FULL=1 they fail instead.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from converter import settings
from converter.cli.commands import cli
from converter.errors import JournalError
from converter.journal import Account, Journal, ResendRule, RunStart, State
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Status
from converter.runs.proposal import Proposal
from converter.runs.session import RunOptions, open_session
from converter.runs.submit import Callbacks, Submission
from tests.reliability import tracing
from tests.reliability.faults import committed_then
from tests.reliability.starter import Starter
from tests.reliability.wire import Provider, Talk, answer, environment, sheet, statuses

OK, UNUSABLE, UNSETTLED, ELSEWHERE, JOURNAL = 0, 2, 3, 4, 6


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


@cache
def can_mount() -> bool:
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                          capture_output=True)  # fmt: skip
    return done.returncode == 0 and os.geteuid() == 0


def need_mounts() -> None:
    if not can_mount():
        problem = "file systems cannot be mounted here (that takes root): NOT shown what happens"
        if os.environ.get("RELIABILITY_FULL"):
            pytest.fail(problem)
        pytest.skip(problem)


@dataclass
class Disk:
    """A disk of its own, that can be filled to the last byte and freed again."""

    place: Path
    _filler: Path = field(init=False)

    def __post_init__(self) -> None:
        self._filler = self.place / "filler"

    def fill(self, leave: int = 0) -> None:
        free = os.statvfs(self.place)
        size = free.f_bavail * free.f_frsize - leave
        with self._filler.open("ab") as file, contextlib.suppress(OSError):
            while size > 0:
                size -= file.write(bytes(min(size, 1 << 20)))

    def fill_with_files(self) -> None:
        """Room enough, but not for one file more."""
        with contextlib.suppress(OSError):
            for number in range(1000):
                (self.place / f"file-{number}").touch()

    def free(self) -> None:
        self._filler.unlink()

    def grow(self, megabytes: int) -> None:
        _mount("-o", f"remount,size={megabytes}m", str(self.place))

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        _mount("-o", "remount,ro", str(self.place))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self.place))


MakeDisk = Callable[..., Disk]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[MakeDisk]:
    """Creates disks of the given size in megabytes."""
    need_mounts()
    made: list[Path] = []

    def make(name: str, megabytes: int, files: int = 1000) -> Disk:
        place = tmp_path / name
        place.mkdir()
        options = f"size={megabytes}m,nr_inodes={files},mode=700"
        _mount("-t", "tmpfs", "-o", options, "tmpfs", str(place))
        made.append(place)
        return Disk(place)

    yield make
    for place in made:
        _unmount(place)


@pytest.fixture
def there() -> Iterator[Provider]:
    with closing(Provider("oms")) as provider:
        yield provider


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, there: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    for name, value in environment("oms", there.url).items():
        monkeypatch.setenv(name, value)


def submit(count: int, *words: str, kind: str = "csv") -> Result:
    text = sheet("oms", [f"R{number}" for number in range(count)])
    Path("orders.csv").write_text(text, encoding="utf-8")
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in csv.reader(text.splitlines()):
            book.worksheets[0].append(row)
        book.save("orders.xlsx")
    return CliRunner().invoke(cli, ["submit", f"orders.{kind}", "-p", "oms", "--json", *words])


def document(done: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- the journal's disk is full --------------------------------------------------------------------


def test_a_disk_too_small_for_the_journal_sends_nothing(there: Provider, disk: MakeDisk) -> None:
    home = disk("home", 2)  # the ballast alone is larger

    refused = submit(2)

    assert refused.exit_code == JOURNAL
    assert document(refused)["exit_code"] == JOURNAL
    assert "No space left on device" in refused.stderr
    assert "Nothing was sent" in refused.stderr
    assert there.connections == 0

    home.grow(64)
    assert submit(2).exit_code == OK
    assert there.commits == {"R0": 1, "R1": 1}


def test_a_disk_that_is_full_at_the_start_sends_nothing(there: Provider, disk: MakeDisk) -> None:
    home = disk("home", 12)
    submit(1)
    home.fill()

    refused = submit(2)

    assert refused.exit_code == JOURNAL
    assert "full" in refused.stderr
    assert there.commits == {"R0": 1}

    home.free()
    assert submit(2).exit_code == OK
    assert there.commits == {"R0": 1, "R1": 1}


def test_a_disk_that_is_full_when_the_plan_is_kept_sends_nothing(
    there: Provider, disk: MakeDisk
) -> None:
    home = disk("home", 12)
    submit(1)
    requests = len(there.requests)
    home.fill(leave=96 * 1024)

    refused = submit(300)

    assert refused.exit_code == JOURNAL
    assert "full" in refused.stderr
    assert len(there.requests) == requests

    home.free()
    assert submit(300).exit_code == OK
    assert len(there.commits) == 300
    assert set(there.commits.values()) == {1}


def submitted(
    count: int, *, confirm: Callable[[], object] = int, progress: Callable[[], object] = int
) -> None:
    """A submit with callbacks before the first request and after each answer."""
    path = Path("orders.csv")
    path.write_text(sheet("oms", [f"R{number}" for number in range(count)]), encoding="utf-8")

    def asked(_: Proposal) -> bool:
        confirm()
        return True

    callbacks = Callbacks(confirm=asked, progress=lambda *_: progress())
    options = RunOptions(provider="oms", lang="en", orders_per_request=1)
    with open_session([path], options) as session:
        list(Submission(session, callbacks).send())


def test_a_disk_that_is_full_before_the_first_intent_sends_nothing(
    there: Provider, disk: MakeDisk
) -> None:
    home = disk("home", 12)

    with pytest.raises(JournalError, match="No further order is sent"):
        submitted(3, confirm=home.fill)

    assert there.connections == 0
    home.free()
    submitted(3)
    assert there.commits == {"R0": 1, "R1": 1, "R2": 1}


def test_a_disk_that_is_full_before_a_later_intent_keeps_what_was_answered(
    there: Provider, disk: MakeDisk
) -> None:
    home = disk("home", 12)

    with pytest.raises(JournalError, match="No further order is sent"):
        submitted(3, progress=home.fill)

    assert there.commits == {"R0": 1, "R1": 1}  # the second one was out when the disk was filled
    home.free()
    said = document(submit(3))
    assert statuses(said) == ["accepted"] * 3
    for earlier in said["orders"][:2]:
        assert "Already accepted" in earlier["message"]
    assert there.commits == {"R0": 1, "R1": 1, "R2": 1}


def test_a_disk_that_is_full_when_the_answer_comes_gives_up_its_ballast(
    there: Provider, disk: MakeDisk
) -> None:
    home = disk("home", 12)

    there.acts.append(committed_then(home.fill))
    done = submit(1)

    assert done.exit_code == OK
    assert statuses(document(done)) == ["accepted"]
    assert list((home.place / "journal").glob("*.ballast")) == []

    home.free()
    again = document(submit(1))
    assert "Already accepted" in again["orders"][0]["message"]
    assert there.commits == {"R0": 1}
    [ballast] = (home.place / "journal").glob("*.ballast")
    assert ballast.stat().st_size == 8 * 1024 * 1024


def test_a_disk_that_takes_no_more_files_gives_up_the_ballast_too(
    there: Provider, disk: MakeDisk
) -> None:
    """SQLite creates a file per transaction, and without space reports that it cannot open it."""
    home = disk("home", 64, files=50)

    there.acts.append(committed_then(home.fill_with_files))
    done = submit(1)

    assert done.exit_code == OK
    assert statuses(document(done)) == ["accepted"]
    assert list((home.place / "journal").glob("*.ballast")) == []


def test_without_ballast_the_answer_is_kept_and_nothing_more_is_sent(
    there: Provider, disk: MakeDisk
) -> None:
    home = disk("home", 12)

    there.acts.append(committed_then(home.fill))
    stopped = submit(3, "--orders-per-request", "1")

    assert stopped.exit_code == JOURNAL
    assert "the disk is full" in stopped.stderr
    assert there.commits == {"R0": 1}

    home.free()
    again = document(submit(3))
    assert statuses(again) == ["accepted"] * 3
    assert there.commits == {"R0": 1, "R1": 1, "R2": 1}


def test_an_answer_that_cannot_be_kept_at_all_is_printed(there: Provider, disk: MakeDisk) -> None:
    home = disk("home", 12)

    def fill_it_all() -> None:
        for ballast in (home.place / "journal").glob("*.ballast"):
            ballast.unlink()
        home.fill()

    there.acts.append(committed_then(fill_it_all))
    stopped = submit(2, "--orders-per-request", "1")

    assert stopped.exit_code == JOURNAL
    assert "  R0: accepted R0" in stopped.stderr
    assert "R1" not in stopped.stderr
    assert there.commits == {"R0": 1}

    home.free()
    again = submit(2)
    assert again.exit_code == UNSETTLED
    assert statuses(document(again)) == ["unknown", "accepted"]
    assert there.commits == {"R0": 1, "R1": 1}


@pytest.mark.parametrize("before", [0, 1], ids=["never used", "used before"])
def test_a_journal_that_cannot_be_written_sends_nothing(
    there: Provider, disk: MakeDisk, before: int
) -> None:
    home = disk("home", 12)
    submit(before)

    with home.read_only():
        refused = submit(2)

    assert refused.exit_code == JOURNAL
    assert "Read-only file system" in refused.stderr
    assert "Nothing was sent" in refused.stderr
    assert sum(there.commits.values()) == before


# -- the journal's disk fails ----------------------------------------------------------------------


def test_a_sync_that_fails_stops_the_run_and_leaves_the_order_in_doubt(
    starter: Starter, tmp_path: Path, there: Provider
) -> None:
    """The sync of the rollback journal, that of the journal itself, and that of its folder, once
    for the intent and once for the answer: after it nothing is sent any more."""
    if problem := tracing.problem():
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(f"{problem}: NOT shown what a failed sync does")
    Path("orders.csv").write_text(sheet("oms", ["R0", "R1"]), encoding="utf-8")

    def run(name: str, home: str, *options: str) -> tuple[int | None, str]:
        Path("orders.result.xlsx").unlink(missing_ok=True)  # each home knows only its own
        words = ["submit", "orders.csv", "-p", "oms", "--json", "--orders-per-request", "1"]
        more = {**environment("oms", there.url), "CONVERTER_HOME": str(tmp_path / home)}
        child = starter.start(tmp_path, name, words, more, hold=True)
        calls = "trace=fsync,fdatasync,sendto"
        trace = ("-o", str(tmp_path / f"{name}.trace"), "-e", calls, *options)
        tracing.traced(child, starter.go, *trace)
        return child.wait(60), child.err

    assert run("whole", "whole")[0] == OK
    made = re.findall(r" (fsync|fdatasync|sendto)\(", Path("whole.trace").read_text())
    first_head, first_body, second_head, _ = [at for at, w in enumerate(made) if w == "sendto"]
    one_commit = second_head - first_body - 1  # between them lie an answer with the next intent
    intent, answered = range(first_head - one_commit, first_head), range(first_body + 1, len(made))
    assert one_commit >= 3

    for kind, syncs in (("intent", intent), ("answer", answered)):
        for place in (syncs[0], syncs[one_commit - 2], syncs[one_commit - 1]):
            name = f"{kind}-{place}"
            number = made[: place + 1].count(made[place])
            there.commits.clear()
            before = len(there.requests)
            code, said = run(name, name, "-e", f"inject={made[place]}:error=EIO:when={number}")
            sent = [r for request in there.requests[before:] for r in request.references]

            assert code == JOURNAL, (name, said)
            assert "No further order is sent" in said
            assert sent == ([] if kind == "intent" else ["R0"])
            assert ("  R0: accepted R0" in said) == (kind == "answer")

            code, _ = run(f"{name}-again", name)
            # An intent that was kept in spite of the error is doubted, though it was never sent.
            assert set(there.commits) in ({"R0" if kind == "answer" else "R1"}, {"R0", "R1"})
            assert set(there.commits.values()) == {1}
            assert code in (OK, UNSETTLED)


# -- the result cannot be written ------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_sent(
    there: Provider, request: pytest.FixtureRequest
) -> None:
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:  # who may write everywhere, but not on what is mounted read-only
            make: MakeDisk = request.getfixturevalue("disk")
            stack.enter_context(make("out", 12).read_only())
        else:
            Path("out").mkdir(mode=0o555)
        refused = submit(1, "-o", "out/result.xlsx")

    assert refused.exit_code == UNUSABLE
    assert "nothing can be written in out (" in refused.stderr
    assert there.connections == 0


def test_a_result_that_has_become_a_folder_lies_beside_it(there: Provider) -> None:
    def put_a_folder_there(talk: Talk) -> None:
        Path("orders.result.xlsx").mkdir()
        answer(talk)

    there.acts.append(put_a_folder_there)
    done = submit(1)

    said = document(done)
    assert done.exit_code == ELSEWHERE
    assert statuses(said) == ["accepted"]
    place = Path(said["result"])
    assert (place.parent, place.is_file()) == (Path(), True)
    assert place.name == f"orders.result.{said['run']}.xlsx"
    sentence = f"The result could not be written to orders.result.xlsx. It is {place} instead."
    assert sentence in done.stderr
    assert [run_["result_path"] for run_ in runs()] == [str(place.resolve())]


def runs() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(CliRunner().invoke(cli, ["status", "--json"]).stdout)[
        "runs"
    ]
    return found


@pytest.mark.parametrize("trouble", ["gone", "read-only", "full"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_folder_lost_during_the_run_costs_no_answer(
    there: Provider, disk: MakeDisk, trouble: str, kind: str
) -> None:
    out = disk("out", 2)
    with contextlib.ExitStack() as stack:

        def make_trouble(talk: Talk) -> None:
            if trouble == "gone":
                Path("gone").rmdir()
            elif trouble == "full":
                out.fill()
            else:
                stack.enter_context(out.read_only())
            answer(talk)

        there.acts.append(make_trouble)
        folder = "gone" if trouble == "gone" else "out"
        Path(folder).mkdir(exist_ok=True)
        done = submit(1, "-o", f"{folder}/result.xlsx", kind=kind)

    said = document(done)
    assert done.exit_code == said["exit_code"] == ELSEWHERE
    assert statuses(said) == ["accepted"]
    place = Path(said["result"])
    assert place.parent == settings.home() / "results"
    assert place.is_file()
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert f"could not be written to {folder}/result.xlsx. It is {place} instead." in done.stderr
    assert said["notes"][-1] in done.stderr
    assert [run_["result_path"] for run_ in runs()] == [str(place)]


def test_a_result_that_can_be_written_nowhere_costs_no_answer(
    there: Provider, disk: MakeDisk
) -> None:
    out, home = disk("out", 2), disk("home", 12)

    def fill_both() -> None:
        (home.place / "results").touch()  # a file, where the folder ought to be
        out.fill()
        home.fill()

    there.acts.append(committed_then(fill_both))
    done = submit(1, "-o", "out/result.xlsx")

    said = document(done)
    assert done.exit_code == said["exit_code"] == ELSEWHERE
    assert (statuses(said), said["result"]) == (["accepted"], "")
    assert "The result could not be written anywhere. out/result.xlsx: " in done.stderr
    assert [run_["counts"] for run_ in runs()] == [{"accepted": 1}]

    home.free()
    out.free()
    again = submit(1, "-o", "out/result.xlsx")
    assert again.exit_code == OK
    assert there.commits == {"R0": 1}


def test_an_order_sheet_that_has_gone_costs_no_answer(there: Provider) -> None:
    def take_the_sheet(talk: Talk) -> None:
        Path("orders.csv").unlink()
        answer(talk)

    there.acts.append(take_the_sheet)
    done = submit(1)

    assert done.exit_code == OK
    assert Path("orders.result.xlsx").is_file()


# -- clocks ----------------------------------------------------------------------------------------

ORDER = Order("A1", "A1", {"ref": "A1"}, (2,))
REQUEST = HttpRequest("POST", "http://p.test/", {}, b"{}")
SETTLE = 900.0


class Clock:
    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


def opened(home: Path, clock: Clock) -> contextlib.AbstractContextManager[Journal]:
    account, start = Account("acme", "http://p.test", {}), RunStart("acme", "", "", "", "", "")
    return Journal.open(home, account, start, resend=ResendRule("A", SETTLE), clock=clock)


def sent_again(home: Path, clock: Clock) -> bool:
    with opened(home, clock) as journal:
        return bool(journal.plan([ORDER], []).again)


@pytest.mark.parametrize("back", [1.0, 600.0, 86_400.0, 40 * 365 * 86_400.0])
def test_a_clock_that_went_backwards_lets_nothing_be_sent_too_early(
    tmp_path: Path, back: float
) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal:
        attempt = journal.intend(journal.plan([ORDER], []).new, REQUEST, deadline=0)
        journal.record(attempt, NoReply(True, "lost"), Judgement((Outcome(Status.UNKNOWN),)))
    doubted = clock.time

    clock.time = doubted - back
    assert not sent_again(tmp_path, clock)
    clock.time = doubted + SETTLE - 1
    assert not sent_again(tmp_path, clock)
    clock.time = doubted + SETTLE
    assert sent_again(tmp_path, clock)


def test_a_clock_that_went_backwards_between_attempts_does_not_shorten_the_wait(
    tmp_path: Path,
) -> None:
    """The later attempt has the earlier time; the latest time counts."""
    clock = Clock()
    lost = NoReply(True, "lost"), Judgement((Outcome(Status.UNKNOWN),))
    with opened(tmp_path, clock) as journal:
        attempt = journal.intend(journal.plan([ORDER], []).new, REQUEST, deadline=0)
        journal.record(attempt, *lost)
    latest = clock.time
    clock.time += SETTLE
    with opened(tmp_path, clock) as journal:
        again = journal.plan([ORDER], []).again
        clock.time -= 86_400
        attempt = journal.intend(again, REQUEST, deadline=0)
        journal.record(attempt, *lost)

    clock.time = latest + SETTLE - 1
    assert not sent_again(tmp_path, clock)


def test_what_came_last_is_told_by_its_number_and_not_by_the_clock(tmp_path: Path) -> None:
    clock = Clock()
    for status, step in ((Status.REJECTED, -3600), (Status.NOT_SENT, -3600), (Status.REJECTED, 0)):
        with opened(tmp_path, clock) as journal:
            orders = journal.plan([ORDER], [], again_rejected=True).new
            attempt = journal.intend(orders, REQUEST, deadline=0)
            message = f"{status} at {clock.time}"
            judgement = Judgement((Outcome(status, message),))
            journal.record(attempt, NoReply(status is not Status.NOT_SENT, "r"), judgement)
            known = journal.records(["A1"])["A1"]
        clock.time += step

    assert (known.state, known.message) == (State.REFUSED, f"rejected at {clock.time}")
