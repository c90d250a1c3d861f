"""A command as a process of its own: what it takes, as the operating system counts it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    seconds: float
    cpu: float
    """Seconds of the processors, its own and of those that it has started; other work on the
    machine hardly changes them."""
    megabytes: float
    """Of the largest process among the command and those that it has started."""


def run(command: list[str], output: Path = Path(os.devnull), ends: tuple[int, ...] = (0,)) -> Taken:
    """Run it with its stdout in a file. Leaves the program where it ends in another way."""
    with output.open("wb") as out:
        start = time.monotonic()
        # By way of a shell of ours: the peak of a finished child is that of its children too.
        runner = [sys.executable, __file__, *command]
        process = subprocess.run(runner, stdout=out, stderr=subprocess.PIPE, check=False)
        seconds = time.monotonic() - start
    *said, last = process.stderr.decode(errors="replace").splitlines() or [""]
    if process.returncode not in ends:
        sys.exit(f"{command} ended with {process.returncode}:\n" + "\n".join([*said[-20:], last]))
    cpu, megabytes = map(float, last.split())
    return Taken(seconds, cpu, megabytes)


def main() -> None:
    done = subprocess.run(sys.argv[1:], check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
