"""Eight concurrent processes on one account, killed and restarted; and two accounts at once.

    python -m tests.reliability.crowd --runs 20

Who comes too late must leave at once with exit code 5 and say which process holds the account.
The exit code is 1 when any rule was broken.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.reliability.kill import table, tell
from tests.reliability.starter import Child
from tests.reliability.world import HANGS, KILLED, Scenario, Seen, Trial, World

BUSY = re.compile(r"Another run holds this account: process (\w+), started (\S+?)\. ")
PROCESSES = 8
AT_ONCE_SECONDS = 5.0
"""Seconds within which a process that finds the account busy must exit; usually half a second."""


@dataclass
class Counted:
    """Counts of what the processes of a crowd reported."""

    busy: int = 0
    nameless: int = 0
    """Arrived before the holder of the lock had written its name."""
    reports: int = 0


class Crowd(Trial):
    """One sheet submitted by many processes at once."""

    def __init__(self, world: World, scenario: Scenario, processes: int = PROCESSES) -> None:
        super().__init__(world, scenario)
        self.counted = Counted()
        self.settle = self.oracle.settle = 0.0
        self._processes = processes
        self._pids: set[str] = set()
        self._mutex = threading.Lock()

    def run(self) -> Seen:
        self.world.provider.plan(self.name, level=self.level, seed=self.scenario.seed)
        self.oracle.alone = False
        seeds = [f"{self.scenario.seed}/{place}" for place in range(self._processes)]
        with ThreadPoolExecutor(self._processes) as pool:
            list(pool.map(self._member, seeds))
        self.oracle.alone = True
        self.world.provider.plan(self.name, level=0.0, seed="")
        self.to_the_end()
        return self.seen

    def _member(self, seed: str) -> None:
        """One process, started three times and killed at random."""
        chance = Random(seed)
        name = f"run-{seed.rpartition('/')[2]}"
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.3))
            target = self.folder / f"{name}.xlsx"
            arguments = [*self.arguments(), "-o", str(target)]
            with self._mutex:
                self.seen.starts += 1
                child = self.world.starter.start(
                    self.folder, name, arguments, self.environment, hooks=self.scenario.hooks
                )
                self._pids.add(str(child.pid))
            if child.wait(chance.uniform(0, 3.0)) is None and chance.random() < 0.7:
                child.kill()
            self._left(child, target)

    def _left(self, child: Child, target: Path) -> None:
        code = child.wait(HANGS)
        with self._mutex:
            if code is None:
                self.oracle.blame("I11", "a run hangs")
            elif code == KILLED:
                self.seen.kills += 1
            elif code == 5:
                self.counted.busy += 1
                found = BUSY.search(child.err)
                if not found:
                    self.oracle.blame("busy", f"it does not say who holds it: {child.err}")
                elif found[1] == "unknown":
                    self.counted.nameless += 1
                elif found[1] not in self._pids:
                    self.oracle.blame("busy", f"process {found[1]} never held it")
            else:
                self.counted.reports += 1
                self.oracle.report(code, child.out, child.err, [], target)


def side_by_side(world: World, seed: str) -> list[str]:
    """Violations while two accounts run at once and a third run requests the first of them."""
    plain = Scenario(seed, "A", count=(5, 5), words=0.0, levels=(0.0,), settle=0.0, real=0.0)
    one, other, late = (Trial(world, plain) for _ in range(3))
    there = {name: value.replace("127.0.0.1", "localhost") for name, value in _urls(one).items()}
    home = {"CONVERTER_HOME": str(one.folder / "home")}
    # The first run hangs in its first request until the others are done.
    slow = _start(one, {**home, "CONVERTER_TIMEOUT_SECONDS": "30"}, "pause send")
    wrong = []
    while not list(one.folder.glob("pausing")) and slow.code is None:
        time.sleep(0.01)
    began = time.monotonic()
    busy = _start(late, home)
    if busy.wait(HANGS) != 5 or f"process {slow.pid}, started" not in busy.err:
        wrong.append(f"the second run of an account ended with {busy.code}: {busy.err}")
    if time.monotonic() - began > AT_ONCE_SECONDS:
        wrong.append("the second run of an account did not leave at once")
    if not _ended_well(_start(other, {**home, **there})):
        wrong.append("a run of another account did not go through")
    if slow.code is not None:
        wrong.append("the first run did not last as long as it should have")
    (one.folder / "pausing").unlink(missing_ok=True)
    if not _ended_well(slow):
        wrong.append(f"the first run ended with {slow.code}: {slow.err}")
    journals = list((one.folder / "home" / "journal").glob("*.sqlite3"))
    if len(journals) != 2:
        wrong.append(f"two accounts have {len(journals)} journals")
    return wrong


def _urls(trial: Trial) -> dict[str, str]:
    return {n: v for n, v in trial.environment.items() if n.endswith("_BASE_URL")}


def _start(trial: Trial, more: dict[str, str], *hooks: str) -> Child:
    environment = {**trial.environment, **more}
    return trial.world.starter.start(
        trial.folder, "run", trial.arguments(), environment, hooks=hooks
    )


def _ended_well(child: Child) -> bool:
    return child.wait(HANGS) == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10, help="crowds of each class")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="crowd-"))
    names = ("class", "crowds", "starts", "kills", "busy", "nameless", "reports", "orders")
    rows: list[tuple[str, ...]] = [(*names, "created", "accepted", "unknown", "violations")]
    with World(folder) as world:
        for class_ in "AD":
            crowds = [
                Crowd(
                    world, Scenario(f"{chosen.seed}/crowd/{class_}/{n}", class_), chosen.processes
                )
                for n in range(chosen.runs)
            ]
            seen = [crowd.run() for crowd in crowds]
            tell(seen)
            counts = (
                len(seen),
                sum(one.starts for one in seen),
                sum(one.kills for one in seen),
                sum(crowd.counted.busy for crowd in crowds),
                sum(crowd.counted.nameless for crowd in crowds),
                sum(crowd.counted.reports for crowd in crowds),
                sum(one.orders for one in seen),
                sum(one.created for one in seen),
                sum(one.statuses["accepted"] for one in seen),
                sum(one.statuses["unknown"] for one in seen),
                sum(len(one.violations) for one in seen),
            )
            rows.append((class_, *map(str, counts)))
        wrong = side_by_side(world, f"{chosen.seed}/two")
    print(f"\n{table(rows)}\n")
    for what in wrong:
        print(f"VIOLATION {what}")
    print(f"two accounts side by side: {'broken' if wrong else 'neither waited'}")
    return int(bool(wrong) or any(row[-1] != "0" for row in rows[1:]))


if __name__ == "__main__":
    sys.exit(main())
