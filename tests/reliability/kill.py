"""Kill `converter submit` at any moment, run it to the end, and compare it with the provider.

    python -m tests.reliability.kill --runs 1000
    python -m tests.reliability.kill --runs 0 --mode syscalls --class D
    python -m tests.reliability.kill --seed 4711 --first 137 --runs 1 --class A --mode random

Modes: `random` kills at random moments, `points` before and after each step that matters,
`syscalls` at each system call of a small run (needs strace; --runs 0 takes every one of them),
`faults` makes single system calls fail as a broken or full disk does (needs strace).
`aimed` counts the kills that were attempted, `struck` those that met a live process.
The exit code is 1 when any rule was broken, 2 when what was asked for cannot be done here.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.postgres import running
from tests.reliability import promises, tracing
from tests.reliability.world import CLASSES, Scenario, Seen, Trial, World, play

MODES = ("random", "points", "syscalls", "faults")
SHARES = {"random": 0.5, "points": 0.3, "syscalls": 0.15, "faults": 0.05}
COLUMNS = (
    "class",
    "mode",
    "runs",
    "starts",
    "aimed",
    "struck",
    "orders",
    "created",
    "accepted",
    "unknown",
)
KILLS = ("aimed", "struck")
SMALL = {"A": "scexpress", "D": "oms", **promises.NAMES}


def main() -> int:
    chosen = _arguments()
    print(f"seed {chosen.seed}", flush=True)
    left_out = 0
    rows: list[tuple[str, ...]] = [(*COLUMNS, "seconds", "violations")]
    cannot = tracing.problem()
    with ExitStack() as stack:
        server = stack.enter_context(running()) if chosen.journal == "postgresql" else None
        world = stack.enter_context(World(chosen.folder, server=server))
        for class_ in chosen.classes:
            for mode in chosen.modes:
                if mode in ("syscalls", "faults") and cannot:
                    print(f"{mode} is left out: {cannot}.", flush=True)
                    left_out += chosen.mode == mode
                    continue
                runs = chosen.runs
                if chosen.mode == "all":
                    runs = round(chosen.runs * SHARES[mode])
                started = time.monotonic()
                made = scenarios(world, class_, mode, chosen.seed, chosen.first, runs)
                seen = play(world, made, jobs=chosen.jobs)
                tell(seen)
                rows.append(_row(class_, mode, seen, time.monotonic() - started))
                print(" | ".join(rows[-1]), flush=True)
    print(f"\n{table(rows)}")
    aimed, struck = (sum(int(row[COLUMNS.index(name)]) for row in rows[1:]) for name in KILLS)
    print(f"\n{struck} of {aimed} kills struck a live process.")
    if left_out:
        return 2
    return int(any(row[-1] != "0" for row in rows[1:]))


def scenarios(
    world: World, class_: str, mode: str, seed: int, first: int, runs: int
) -> list[Scenario]:
    """Scenarios of that many runs, from the first on; for system calls, 0 means every one."""
    numbers = range(first, first + runs)
    if mode in ("random", "points"):
        return [Scenario(f"{seed}/{class_}/{mode}/{n}", class_, mode) for n in numbers]
    cases = _injections(world, class_, mode)
    random.Random(f"{seed}/{class_}/{mode}").shuffle(cases)
    return [
        Scenario(
            f"{seed}/{class_}/{mode}/{number}",
            class_,
            mode,
            provider=SMALL[class_],
            count=(4, 4),
            words=0.0,
            levels=(0.0,),
            edits=0.0,
            settle=0.0,
            real=0.0,
            inject=case,
        )
        for number, case in enumerate(cases)
        if not runs or number in numbers
    ]


def _injections(world: World, class_: str, mode: str) -> list[str]:
    """Every system call of a small run, as arguments for strace."""
    small = Scenario(
        "0", class_, mode, provider=SMALL[class_], count=(4, 4), words=0.0, levels=(0.0,)
    )
    trial = Trial(world, small)
    child = trial.start(hold=True)
    trace = trial.folder / "trace"
    tracing.traced(child, world.starter.go, "-o", str(trace))
    times = tracing.count(trace)
    names = tracing.CHANGING if mode == "syscalls" else tuple(tracing.FAULTS)
    effect = dict.fromkeys(names, "signal=SIGKILL")
    if mode == "faults":
        effect = {name: f"error={error}" for name, error in tracing.FAULTS.items()}
    return [f"{name}:{effect[name]}:when={k}" for name in names for k in range(1, times[name] + 1)]


def tell(seen: Iterable[Seen]) -> None:
    """Print the violations and where their files are."""
    for one in seen:
        for violation in one.violations:
            print(f"VIOLATION in run {one.scenario.seed} {one.scenario.inject} ({one.folder})")
            print(f"  {violation}", flush=True)


def _row(class_: str, mode: str, seen: Sequence[Seen], seconds: float) -> tuple[str, ...]:
    statuses = sum((one.statuses for one in seen), Counter())
    numbers = (
        len(seen),
        sum(one.starts for one in seen),
        sum(one.aimed for one in seen),
        sum(one.kills for one in seen),
        sum(one.orders for one in seen),
        sum(one.created for one in seen),
        statuses["accepted"],
        statuses["unknown"],
        round(seconds),
        sum(len(one.violations) for one in seen),
    )
    return (class_, mode, *map(str, numbers))


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100, help="runs of each class")
    parser.add_argument("--class", dest="class_", choices=sorted(CLASSES), help="default: all")
    parser.add_argument("--mode", choices=(*MODES, "all"), default="all")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--journal", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--folder", type=Path, help="default: a new one for temporary files")
    chosen = parser.parse_args()
    chosen.folder = chosen.folder or Path(tempfile.mkdtemp(prefix="kill-"))
    chosen.classes = [chosen.class_] if chosen.class_ else sorted(CLASSES)
    chosen.modes = MODES if chosen.mode == "all" else (chosen.mode,)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
