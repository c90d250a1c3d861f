"""Real processes interrupted in the middle, and two at once."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.reliability.starter import Child, Starter
from tests.reliability.wire import ROOT, Provider, Talk, environment, sheet, statuses

INTERRUPTED, BUSY, UNSETTLED, UNTRUSTED, REFUSED = 130, 5, 3, 6, 2
PATIENT = 60.0

Submit = Callable[..., Child]


class Held:
    """An answer delayed until the test releases it or the client disconnects."""

    def __init__(self, *, answers: bool = True) -> None:
        self.arrived = threading.Event()
        self.let_go = threading.Event()
        self._answers = answers

    def __call__(self, talk: Talk) -> None:
        said = talk.provider.commit(talk.read())
        self.arrived.set()
        if self._answers:
            self.let_go.wait(PATIENT)
            talk.reply(said)
        else:
            talk.wait_until_gone()


@pytest.fixture
def submit(starter: Starter, tmp_path: Path) -> Iterator[Submit]:
    """Starts `converter submit` for a provider, each run in the same folder."""
    children: list[Child] = []

    def start(there: Provider, count: int, *, name: str = "run", **more: str) -> Child:
        (tmp_path / f"{name}.csv").write_text(
            sheet(there.name, [f"R{number}" for number in range(count)]), encoding="utf-8"
        )
        words = ["submit", f"{name}.csv", "-p", there.name, "--json", "--orders-per-request", "1"]
        surroundings = environment(there.name, there.url)
        surroundings |= {"CONVERTER_HOME": str(tmp_path / "home"), "CONVERTER_SETTLE_SECONDS": "0"}
        child = starter.start(tmp_path, name, words, {**surroundings, **more})
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()


def document(child: Child) -> dict[str, Any]:
    assert child.wait(PATIENT) is not None
    found: dict[str, Any] = json.loads(child.out)
    return found


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
@pytest.mark.parametrize("name", ["oms", "scexpress"])
def test_the_request_under_way_is_finished_and_all_is_kept(
    submit: Submit, name: str, sign: signal.Signals
) -> None:
    held = Held()
    with closing(Provider(name)) as there:
        there.acts.extend([held])
        first = submit(there, 8)
        assert held.arrived.wait(PATIENT)
        time.sleep(0.2)  # with two in flight, so that the other one has been answered
        os.kill(first.pid, sign)
        assert first.wait(0.3) is None  # it waits for the answer
        before = len(there.requests)
        held.let_go.set()
        said, told = document(first), first.err
        requests = len(there.requests)
        again = submit(there, 8)
        then = document(again)

    assert (first.code, said["exit_code"]) == (INTERRUPTED, INTERRUPTED)
    done = statuses(said).count("accepted")
    assert statuses(said) == ["accepted"] * done + ["not sent"] * (8 - done)
    assert requests == before == done
    assert told.count("Stopping: nothing more is sent.") == 1
    assert Path(first.folder, "run.result.xlsx").is_file()
    assert (again.code, set(statuses(then))) == (0, {"accepted"})
    assert set(there.commits.values()) == {1}
    assert len(there.commits) == 8


def test_no_answer_is_waited_out_and_the_order_is_in_doubt(submit: Submit) -> None:
    held = Held(answers=False)
    with closing(Provider("oms")) as there:
        there.acts.append(held)
        first = submit(there, 3, CONVERTER_TIMEOUT_SECONDS="1")
        assert held.arrived.wait(PATIENT)
        os.kill(first.pid, signal.SIGINT)
        said = document(first)
        then = document(submit(there, 3))

    assert first.code == INTERRUPTED
    assert statuses(said) == ["unknown", "not sent", "not sent"]
    assert Path(first.folder, said["result"]).is_file()
    assert statuses(then) == ["unknown", "accepted", "accepted"]
    assert then["exit_code"] == UNSETTLED
    assert set(there.commits.values()) == {1}


def test_a_second_ctrl_c_waits_no_longer_and_loses_nothing(submit: Submit) -> None:
    held = Held(answers=False)
    with closing(Provider("scexpress")) as there:
        there.acts.append(held)
        there.otherwise = held
        first = submit(there, 2)
        assert held.arrived.wait(PATIENT)
        os.kill(first.pid, signal.SIGINT)
        time.sleep(0.3)
        os.kill(first.pid, signal.SIGINT)
        began = time.monotonic()
        said = document(first)
        took = time.monotonic() - began
        there.quiet()
        there.acts.clear()
        there.otherwise = answered
        then = document(submit(there, 2))

    assert first.code == INTERRUPTED
    assert set(statuses(said)) <= {"unknown", "not sent"}
    assert "unknown" in statuses(said)
    assert took < 20  # of the 120 seconds that a request may take
    assert statuses(then) == ["accepted", "accepted"]
    assert set(there.commits.values()) == {1}


def answered(talk: Talk) -> None:
    talk.reply(talk.provider.commit(talk.read()))


def test_ctrl_c_between_two_tries_ends_the_waiting(submit: Submit) -> None:
    """The provider asks for a pause of 15 minutes."""

    def busy(talk: Talk) -> None:
        talk.read()
        talk.reply(b"", 429, headers={"Retry-After": "900"})

    with closing(Provider("oms")) as there:
        there.otherwise = busy
        first = submit(there, 2)
        while not there.requests:
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(first.pid, signal.SIGINT)
        said = document(first)

    assert first.code == INTERRUPTED
    assert statuses(said) == ["not sent", "not sent"]


def test_ctrl_c_before_anything_is_sent_sends_nothing(submit: Submit) -> None:
    with closing(Provider("oms")) as there:
        first = submit(there, 2000)
        time.sleep(0.1)  # it is reading the sheet
        os.kill(first.pid, signal.SIGINT)
        code = first.wait(PATIENT)

    assert code == INTERRUPTED
    assert "Traceback" not in first.err
    assert there.requests == []


def test_a_second_run_of_an_account_is_turned_away_at_once(submit: Submit) -> None:
    held = Held()
    with closing(Provider("oms")) as there:
        there.acts.append(held)
        first = submit(there, 1)
        assert held.arrived.wait(PATIENT)
        began = time.monotonic()
        second = submit(there, 1, name="second")
        said = document(second)
        took = time.monotonic() - began
        held.let_go.set()
        assert document(first)["exit_code"] == 0

    assert (second.code, said["exit_code"]) == (BUSY, BUSY)
    assert f"process {first.pid}, started 20" in said["error"]
    started = said["error"].partition("started ")[2].partition(". ")[0]
    assert abs(datetime.fromisoformat(started).timestamp() - time.time()) < PATIENT
    assert said["error"] in second.err
    assert took < 20
    assert len(there.requests) == 1
    assert not (second.folder / "second.result.xlsx").exists()


def test_two_accounts_are_served_side_by_side(submit: Submit) -> None:
    held = Held()
    with closing(Provider("oms")) as there:
        there.acts.append(held)
        first = submit(there, 1)
        assert held.arrived.wait(PATIENT)
        other = submit(there, 1, name="other", OMS_COMPANY_CODE="C2")
        said = document(other)
        assert first.wait(0) is None
        held.let_go.set()
        assert document(first)["exit_code"] == 0

    assert (other.code, statuses(said)) == (0, ["accepted"])
    assert len(list((other.folder / "home" / "journal").glob("*.sqlite3"))) == 2


@pytest.fixture
def submit_several(starter: Starter, tmp_path: Path) -> Iterator[Submit]:
    """Starts `converter submit` for three sheets of three orders each."""
    children: list[Child] = []

    def start(there: Provider, *hooks: str) -> Child:
        for name in "abc":
            references = [f"{name}{number}" for number in range(3)]
            (tmp_path / f"{name}.csv").write_text(sheet(there.name, references), encoding="utf-8")
        words = ["submit", "a.csv", "b.csv", "c.csv", "-p", there.name, "--json"]
        words += ["--orders-per-request", "1"]
        surroundings = environment(there.name, there.url)
        surroundings |= {"CONVERTER_HOME": str(tmp_path / "home"), "CONVERTER_SETTLE_SECONDS": "0"}
        child = starter.start(tmp_path, "several", words, surroundings, hooks=hooks)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()


def of_each(document: dict[str, Any]) -> list[list[str]]:
    return [list(statuses(one)) for one in document["sheets"]]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_no_later_sheet_is_sent_after_ctrl_c_and_each_has_its_result(
    submit_several: Submit, sign: signal.Signals
) -> None:
    held = Held()
    with closing(Provider("oms")) as there:
        there.acts.extend([answered] * 4 + [held])
        first = submit_several(there)
        assert held.arrived.wait(PATIENT)
        time.sleep(0.2)
        os.kill(first.pid, sign)
        time.sleep(0.2)
        held.let_go.set()
        said, told = document(first), first.err
        requests = len(there.requests)
        then = document(submit_several(there))

    done = requests - 3
    assert (first.code, said["exit_code"]) == (INTERRUPTED, INTERRUPTED)
    assert of_each(said) == [
        ["accepted"] * 3,
        ["accepted"] * done + ["not sent"] * (3 - done),
        ["not sent"] * 3,
    ]
    assert [one["exit_code"] for one in said["sheets"]] == [0, INTERRUPTED, INTERRUPTED]
    assert all(Path(first.folder, one["result"]).is_file() for one in said["sheets"])
    assert "Traceback" not in told
    assert (then["exit_code"], then["counts"]) == (0, {"accepted": 9})
    assert set(there.commits.values()) == {1}


@pytest.mark.parametrize("at", ["plan", "records", "result", "finish"])
def test_ctrl_c_between_two_sheets_lets_the_result_be_written(
    submit_several: Submit, at: str
) -> None:
    """It comes while the second sheet is planned, its rows are made, its result is written, or
    its run is closed."""
    with closing(Provider("oms")) as there:
        first = submit_several(there, f"interrupt {at} before 2")
        said = document(first)

    sent = at != "plan"
    assert first.code == INTERRUPTED
    assert of_each(said) == [
        ["accepted"] * 3,
        ["accepted" if sent else "not sent"] * 3,
        ["not sent"] * 3,
    ]
    assert all(Path(first.folder, one["result"]).is_file() for one in said["sheets"])
    assert first.err.count("Stopping: nothing more is sent.") == 1


def test_after_a_second_ctrl_c_the_open_order_is_in_doubt_and_later_sheets_have_results(
    submit_several: Submit,
) -> None:
    held = Held(answers=False)
    with closing(Provider("oms")) as there:
        there.acts.append(held)
        there.otherwise = held
        first = submit_several(there)
        assert held.arrived.wait(PATIENT)
        os.kill(first.pid, signal.SIGINT)
        time.sleep(0.3)
        os.kill(first.pid, signal.SIGINT)
        said = document(first)

    assert first.code == INTERRUPTED
    one, *others = of_each(said)
    assert set(one) == {"unknown", "not sent"}
    assert others == [["not sent"] * 3] * 2
    assert said["counts"].keys() == {"unknown", "not sent"}


def on_a_terminal(
    folder: Path, there: Provider, count: int, *options: str
) -> tuple[subprocess.Popen[bytes], int]:
    """A run with a controlling terminal of the test; closing it closes the window."""
    (folder / "window.csv").write_text(
        sheet(there.name, [f"R{number}" for number in range(count)]), encoding="utf-8"
    )
    ours, theirs = pty.openpty()
    begin = (
        "import os, sys; os.login_tty(int(sys.argv[1]));"
        "os.execv(sys.executable, [sys.executable, '-m', 'converter', *sys.argv[2:]])"
    )
    words = ["submit", "window.csv", "-p", there.name, "--orders-per-request", "1"]
    words += options or ("--yes",)
    more = environment(there.name, there.url) | {"CONVERTER_HOME": str(folder / "home")}
    process = subprocess.Popen(
        [sys.executable, "-c", begin, str(theirs), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        pass_fds=[theirs],
    )
    os.close(theirs)
    return process, ours


def heard(window: int, until: str) -> str:
    """What appears on the terminal, until a text does."""
    text = b""
    while until.encode() not in text:
        ready, _, _ = select.select([window], [], [], PATIENT)
        assert ready, text.decode()
        text += os.read(window, 65_536)
    return " ".join(text.decode().split())


@pytest.mark.parametrize(
    ("answers", "code", "sent"),
    [
        pytest.param(["n"], UNTRUSTED, 0, id="the person does not know"),
        pytest.param([""], UNTRUSTED, 0, id="Enter alone is no"),
        pytest.param(["y", "n"], REFUSED, 0, id="known, but not to be sent"),
        pytest.param(["y", "y"], 0, 2, id="known and sent"),
    ],
)
def test_a_person_is_asked_whether_the_journal_is_right(
    tmp_path: Path, answers: list[str], code: int, sent: int
) -> None:
    """The result workbook beside the sheet knows of orders that the journal does not know."""
    asked = ("Do you know that the journal is right", "to http://")
    with closing(Provider("oms")) as there:
        process, window = on_a_terminal(tmp_path, there, 2)
        assert process.wait(PATIENT) == 0
        os.close(window)
        (tmp_path / "home").rename(tmp_path / "lost")
        before = len(there.requests)

        process, window = on_a_terminal(tmp_path, there, 2, "--lang", "en")
        for question, answer in zip(asked, answers, strict=False):
            shown = heard(window, f"{question}")
            assert "Traceback" not in shown
            os.write(window, f"{answer}\n".encode())
        ended = process.wait(PATIENT)
        os.close(window)

        assert (ended, len(there.requests) - before) == (code, sent)


def test_a_person_says_beforehand_that_the_journal_is_right(tmp_path: Path) -> None:
    with closing(Provider("oms")) as there:
        process, window = on_a_terminal(tmp_path, there, 1)
        assert process.wait(PATIENT) == 0
        os.close(window)
        (tmp_path / "home").rename(tmp_path / "lost")
        process, window = on_a_terminal(tmp_path, there, 1, "--lang", "en", "--journal-is-right")
        shown = heard(window, "to http://")
        os.write(window, b"n\n")
        ended = process.wait(PATIENT)
        os.close(window)

    assert "Do you know" not in shown
    assert ended == REFUSED


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_closed_window_is_a_polite_request_to_stop(tmp_path: Path, dies: str) -> None:
    """The terminal is gone by then, so output fails."""
    held = Held()
    with closing(Provider("oms")) as there:
        there.acts.extend([answered, held] if dies == "after" else [held])
        process, window = on_a_terminal(tmp_path, there, 6)
        assert held.arrived.wait(PATIENT)
        os.close(window)
        time.sleep(0.3)
        assert process.poll() is None
        held.let_go.set()
        code = process.wait(PATIENT)
        requests = len(there.requests)

    assert code == INTERRUPTED
    assert requests == (2 if dies == "after" else 1)
    book = openpyxl.load_workbook(tmp_path / "window.result.xlsx")
    found = Counter(str(row[1]) for row in book["Results"].iter_rows(min_row=2, values_only=True))
    assert found == {"accepted": requests, "not sent": 6 - requests}


def test_a_closed_window_does_not_matter_under_nohup(tmp_path: Path) -> None:
    held = Held()
    with closing(Provider("oms")) as there:
        there.acts.append(held)
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does, and it is inherited
        try:
            process, window = on_a_terminal(tmp_path, there, 3)
        finally:
            signal.signal(signal.SIGHUP, before)
        assert held.arrived.wait(PATIENT)
        os.close(window)
        time.sleep(0.3)
        held.let_go.set()
        code = process.wait(PATIENT)

    assert code == 0
    assert there.commits == {"R0": 1, "R1": 1, "R2": 1}
