"""The program under strace: killed at a system call, or given a false result by it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.reliability.starter import Child

CHANGING = (
    *("pwrite64", "write", "fdatasync", "fsync", "unlink", "rename", "openat", "close", "fcntl"),
    *("flock", "ftruncate", "mkdir", "chmod", "fchmod", "socket", "connect", "sendto", "recvfrom"),
    *("shutdown", "clone3", "clone", "futex", "lseek", "pread64", "read", "exit_group"),
)
"""Calls that change or wait for something; a kill at any other call makes no difference."""

FAULTS = {
    "fdatasync": "EIO",
    "fsync": "EIO",
    "pwrite64": "ENOSPC",
    "write": "ENOSPC",
    "unlink": "EIO",
}

ABSENT = "strace is not installed"
REFUSED = "strace may not attach to a process here"


def problem() -> str:
    """Why tracing is not possible here; empty where it is."""
    if shutil.which("strace") is None:
        return ABSENT
    with subprocess.Popen(["sleep", "10"]) as sleeper:
        try:
            command = ["strace", "-p", str(sleeper.pid), "-o", "/dev/null"]
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
                assert tracer.stderr is not None
                said = tracer.stderr.readline()
                tracer.terminate()
        finally:
            sleeper.kill()
    return "" if "attached" in said else REFUSED


def traced(child: Child, go: Callable[[Child], object], *options: str) -> None:
    """Let a held child run to its end with strace attached."""
    command = ["strace", "-f", "-p", str(child.pid), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        if "attached" not in tracer.stderr.readline():
            child.kill()
            raise RuntimeError(REFUSED)
        go(child)
        tracer.stderr.read()


def count(trace: Path) -> Counter[str]:
    """Number of calls of each kind, in the thread that made most of them."""
    found: Counter[tuple[str, str]] = Counter()
    for line in trace.read_text(errors="replace").splitlines():
        if made := re.match(r"(\d+)\s+(\w+)\(", line):
            found[made[2], made[1]] += 1
    most: Counter[str] = Counter()
    for (name, _), times in found.items():
        most[name] = max(most[name], times)
    return most
