"""The harnesses of this folder with few runs; by hand they run with any number."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

if os.name != "posix":
    pytest.skip("the harness forks", allow_module_level=True)

from tests.postgres import TestServer
from tests.reliability import tracing
from tests.reliability.crowd import Crowd, side_by_side
from tests.reliability.kill import scenarios
from tests.reliability.mutants import MUTANTS
from tests.reliability.sheets import Made, write
from tests.reliability.starter import Starter, environment
from tests.reliability.world import Scenario, Trial, World, play

SEED = 20251201


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, starter: Starter) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), starter) as made:
        yield made


def broken(world: World, made: list[Scenario]) -> list[str]:
    return [
        f"{seen.scenario.seed} {seen.scenario.inject} {violation}"
        for seen in play(world, made, jobs=3)
        for violation in seen.violations
    ]


@pytest.mark.parametrize("class_", ["A", "B", "C", "D", "U"])
@pytest.mark.parametrize("mode", ["random", "points", "syscalls"])
def test_killed_at_any_moment_nothing_is_lost_or_sent_twice(
    world: World, class_: str, mode: str
) -> None:
    if mode == "syscalls" and (cannot := tracing.problem()):
        pytest.skip(cannot)
    runs = {"random": 4, "points": 4, "syscalls": 3}[mode]
    made = [replace(one, count=(4, 10)) for one in scenarios(world, class_, mode, SEED, 0, runs)]

    assert broken(world, made) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("class_", ["A", "D"])
def test_killed_beside_a_server_nothing_is_lost_or_sent_twice(
    tmp_path: Path, starter: Starter, postgresql: TestServer, class_: str
) -> None:
    with World(tmp_path, starter, postgresql) as world:
        made = [*scenarios(world, class_, "random", SEED, 0, 2)]
        made += scenarios(world, class_, "points", SEED, 0, 2)

        assert broken(world, [replace(one, count=(4, 10)) for one in made]) == []


@pytest.mark.parametrize("class_", ["A", "D"])
def test_many_processes_at_once_send_nothing_twice(world: World, class_: str) -> None:
    crowd = Crowd(world, Scenario(f"{SEED}/crowd", class_, count=(6, 10)), processes=4)

    assert crowd.run().violations == []


def test_orders_that_always_fail_keep_no_others_from_being_created(world: World) -> None:
    plain = Scenario(f"{SEED}/fail", "A", words=0.0, levels=(0.0,), settle=0.0, real=0.0)
    trial = Trial(world, plain)
    words = ["ERROR500", "", "ERROR500", "ERROR500", *[""] * 5, "DROP", "ERROR500", ""]
    trial.oracle.orders = [
        Made(f"{trial.name}-{word}-{number:06}", word, 1) for number, word in enumerate(words)
    ]
    write(trial.sheet, trial.provider, trial.oracle.orders)

    for _ in range(6):
        trial.ended(trial.start(per_request=3))

    assert trial.oracle.violations == []
    assert [trial.statuses[made.reference] for made in trial.oracle.orders] == [
        "unknown" if word == "ERROR500" else "accepted" for word in words
    ]


def sent_in_two_runs(world: World, class_: str, name: str) -> tuple[Trial, Path]:
    """A sheet that was sent, with a copy of the home from when half of it was."""
    trial = Trial(
        world,
        Scenario(f"{SEED}/{name}", class_, words=0.0, levels=(0.0,), settle=0.0, real=0.0),
    )
    whole = trial.oracle.orders
    half = [made for made in whole if not made.invalid][: len(whole) // 2]
    copy = trial.folder / "copy"
    for orders in (half, whole):
        trial.oracle.orders = orders
        write(trial.sheet, trial.provider, orders)
        assert trial.ended(trial.start())
        if orders is half:
            shutil.copytree(trial.home, copy)
    assert trial.oracle.violations == []
    return trial, copy


@pytest.mark.parametrize("class_", ["A", "D"])
@pytest.mark.parametrize("what", ["the journal", "the whole home"])
def test_a_journal_put_back_from_a_copy_sends_nothing(world: World, class_: str, what: str) -> None:
    """Of the whole home, only the result workbook shows that it is old."""
    trial, copy = sent_in_two_runs(world, class_, f"back/{what}")
    sent = trial.oracle.arrived()
    back = "journal" if what == "the journal" else ""
    shutil.rmtree(trial.home / back)
    shutil.copytree(copy / back, trial.home / back)

    child = trial.start()
    child.wait(60)

    trial.oracle.refusal(child.code, child.out, sent)
    assert sent
    assert trial.oracle.violations == []


@pytest.mark.parametrize("class_", ["A", "D"])
def test_another_home_with_the_result_at_hand_sends_nothing(world: World, class_: str) -> None:
    trial, _ = sent_in_two_runs(world, class_, "homes")
    sent = trial.oracle.arrived()
    trial.home = trial.folder / "another"

    child = trial.start()
    child.wait(60)

    trial.oracle.refusal(child.code, child.out, sent)
    assert trial.oracle.violations == []


def test_the_oracle_notices_a_journal_that_is_believed(world: World) -> None:
    trial, _ = sent_in_two_runs(world, "D", "believed")
    sent = trial.oracle.arrived()
    trial.home = trial.folder / "another"
    trial.result.unlink()  # nothing shows that the orders were sent

    child = trial.start()
    child.wait(60)

    trial.oracle.refusal(child.code, child.out, sent)
    assert trial.oracle.violations != []


def test_two_accounts_run_side_by_side_and_one_account_only_once(world: World) -> None:
    assert side_by_side(world, f"{SEED}/two") == []


@pytest.mark.parametrize(
    ("name", "class_", "scenario"),
    [
        pytest.param("no-intent", "D", {"points": ("kill send after 1",)}, id="no intent"),
        pytest.param("cut-off-is-not-sent", "A", {"points": ("kill send after 1",)}, id="cut off"),
        pytest.param("doubt-again", "D", {"points": ("kill exchange before 1",)}, id="doubt again"),
        pytest.param("accepted-again", "D", {}, id="accepted again"),
        pytest.param("by-place", "A", {"provider": "scexpress"}, id="by place"),
    ],
)
def test_the_harness_notices_a_rule_that_is_off(
    world: World, name: str, class_: str, scenario: dict[str, Any]
) -> None:
    assert class_ in MUTANTS[name].classes
    plain: dict[str, Any] = {
        "mode": "points",
        "words": 0.0,
        "levels": (0.0,),
        "real": 0.0,
        "settle": 0.0,
    }
    hooks = (f"mutant {name}",)

    seen = Trial(world, Scenario(f"{SEED}/{name}", class_, hooks=hooks, **{**plain, **scenario}))

    assert seen.run().violations != []


@pytest.mark.parametrize("deaf", ["pipe", "disk"])
def test_the_sending_goes_on_when_nobody_listens_any_more(world: World, deaf: str) -> None:
    if deaf == "disk" and not os.path.exists("/dev/full"):
        pytest.skip("this system has no disk that is always full")
    plain = Scenario(f"{SEED}/deaf", "A", words=0.0, levels=(0.0,), settle=0.0)
    trial = Trial(world, plain)
    heard, said = os.pipe()
    os.close(heard)
    full = os.open("/dev/full", os.O_WRONLY) if deaf == "disk" else said

    done = subprocess.run(
        [sys.executable, "-m", "converter", *trial.arguments(per_request=2)],
        cwd=trial.folder,
        env=environment(trial.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=full,
        timeout=120,
    )

    for file in {full, said}:
        os.close(file)
    assert done.returncode == 0
    assert trial.oracle.report(0, done.stdout, "", trial.journals, trial.result) != {}
    assert trial.oracle.violations == []
