"""Starts the program again and again from one process that has loaded everything already.

Loading pandas takes a second, and a harness starts the program thousands of times. Every start is
a fork of this process, so a child shares nothing with another one but what was loaded.
`python -m tests.reliability.starter` is that process; it takes commands on stdin, a line of JSON
each. The program itself knows nothing of all this: what a child does differently is done to it
here, by `hooks`.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KILLED = -signal.SIGKILL
WARM = ("scexpress", "oms", "pandapon", "apicenter", "platform1688")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a process of ours is started with: nothing of the person's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",  # a fork takes along only the thread that forks
        **more,
    }


@dataclass
class Child:
    """One start of the program, from the outside."""

    folder: Path
    """Where it runs, and where its `out` and `err` are written."""
    name: str
    pid: int = 0
    code: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    real: subprocess.Popen[bytes] | None = None
    starter: Starter | None = None
    number: int = 0

    def wait(self, seconds: float | None = None) -> int | None:
        """How it ended, as `subprocess` says it; None where it still runs."""
        if self.real is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.code = self.real.wait(seconds)
        else:
            self.ended.wait(seconds)
        return self.code

    def kill(self) -> None:
        if self.real is not None:
            self.real.kill()
        elif self.starter is not None:
            self.starter.tell({"kill": self.number})

    @property
    def out(self) -> bytes:
        return (self.folder / f"{self.name}.out").read_bytes()

    @property
    def err(self) -> str:
        return (self.folder / f"{self.name}.err").read_text("utf-8", errors="replace")


def start_real(
    folder: Path, name: str, arguments: Sequence[str], more: Mapping[str, str]
) -> Child:
    """The program as people start it: a process of its own, without any hook."""
    with (folder / f"{name}.out").open("wb") as out, (folder / f"{name}.err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "converter", *arguments],
            cwd=folder,
            env=environment(more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    return Child(folder, name, process.pid, real=process)


class Starter:
    """The loaded process, from the harness's side; any thread may use it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._children: dict[int, Child] = {}
        self._writing = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.starter"],
            cwd=ROOT,
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the program could not be loaded")
        threading.Thread(target=self._listen, daemon=True).start()

    def start(
        self,
        folder: Path,
        name: str,
        arguments: Sequence[str],
        more: Mapping[str, str],
        *,
        hooks: Sequence[str] = (),
        hold: bool = False,
    ) -> Child:
        """Start the program; with `hold` it does nothing until `go` is called."""
        child = Child(folder, name, starter=self, number=next(self._numbers))
        started = threading.Event()
        self._children[child.number] = child
        child.started = started  # type: ignore[attr-defined]
        self.tell(
            {
                "start": child.number,
                "folder": str(folder),
                "name": name,
                "arguments": list(arguments),
                "environment": environment(more),
                "hooks": list(hooks),
                "hold": hold,
            }
        )
        started.wait()
        return child

    def go(self, child: Child) -> None:
        self.tell({"go": child.number})

    def tell(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with self._writing, contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            child = self._children[said["number"]]
            if "pid" in said:
                child.pid = said["pid"]
                child.started.set()  # type: ignore[attr-defined]
            else:
                child.code = said["code"]
                del self._children[child.number]
                child.ended.set()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Starter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
