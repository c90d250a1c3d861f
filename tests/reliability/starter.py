"""Starts the program repeatedly by forking a process that has imported everything.

Loading pandas takes a second, and a harness starts the program thousands of times. Every start is
a fork of this process, so a child shares nothing with another one but what was loaded.
`python -m tests.reliability.starter` is that process; it takes commands on stdin, a line of JSON
each. The program itself knows nothing of all this: what a child does differently is done to it
here, by `hooks`.
"""

from __future__ import annotations

import contextlib
import ctypes
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
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
_PR_SET_PTRACER = 0x59616D61


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Environment for child processes, without the user's own settings."""
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
    """A started program, seen from outside."""

    folder: Path
    """Its working folder, which also keeps its output."""
    name: str
    number: int = 0
    pid: int = 0
    code: int | None = None
    starter: Starter | None = None
    real: subprocess.Popen[bytes] | None = None
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float | None = None) -> int | None:
        """Its return code as in `subprocess`; None while it runs."""
        if self.real is None:
            self.ended.wait(seconds)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.code = self.real.wait(seconds)
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


def start_real(folder: Path, name: str, arguments: Sequence[str], more: Mapping[str, str]) -> Child:
    """Start the program as users do: a new process without hooks."""
    with (folder / f"{name}.out").open("wb") as out, (folder / f"{name}.err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "converter", *arguments],
            cwd=folder,
            env=environment(more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    return Child(folder, name, pid=process.pid, real=process)


class Starter:
    """Handle of the preloaded process for the harness; thread-safe."""

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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        if self._out.readline() != b"ready\n":
            raise RuntimeError("the program could not be loaded")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

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
        child = Child(folder, name, next(self._numbers), starter=self)
        self._children[child.number] = child
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
        child.started.wait()
        return child

    def go(self, child: Child) -> None:
        self.tell({"go": child.number})

    def tell(self, command: Mapping[str, Any]) -> None:
        with self._writing, contextlib.suppress(BrokenPipeError):
            self._in.write(json.dumps(command).encode() + b"\n")
            self._in.flush()

    def _listen(self) -> None:
        for line in self._out:
            said = json.loads(line)
            child = self._children[said["number"]]
            if "pid" in said:
                child.pid = said["pid"]
                child.started.set()
            else:
                child.code = said["code"]
                del self._children[child.number]
                child.ended.set()

    def close(self) -> None:
        self._in.close()
        self._process.wait()
        self._listener.join()
        self._out.close()

    def __enter__(self) -> Starter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


# -- the loaded process ----------------------------------------------------------------------------


class _Loaded:
    """Forks a child for each command; single-threaded, because a fork loses other threads."""

    def __init__(self) -> None:
        self._pids: dict[int, int] = {}
        self._held: dict[int, int] = {}
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._woken, False)

    def serve(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._woken)
        self._say(b"ready")
        rest = b""
        while True:
            ready, _, _ = select.select([0, self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 1024)
            self._reap()
            if 0 in ready:
                read = os.read(0, 1 << 16)
                if not read:  # whoever drove us is gone
                    for pid in self._pids:
                        os.kill(pid, signal.SIGKILL)
                    return
                *lines, rest = (rest + read).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))

    def _obey(self, command: dict[str, Any]) -> None:
        if "start" in command:
            held, go = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(go)
                self._become(command, held)
            os.close(held)
            self._pids[pid] = command["start"]
            self._held[command["start"]] = go
            self._say(json.dumps({"number": command["start"], "pid": pid}).encode())
            if not command["hold"]:
                self._obey({"go": command["start"]})
        elif "go" in command:
            os.close(self._held.pop(command["go"]))
        else:  # only what was not waited for can be killed: nobody else has its number by now
            for pid, number in self._pids.items():
                if number == command["kill"]:
                    os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            number = self._pids.pop(pid)
            if number in self._held:
                os.close(self._held.pop(number))
            code = os.waitstatus_to_exitcode(status)
            self._say(json.dumps({"number": number, "code": code}).encode())

    def _say(self, line: bytes) -> None:
        os.write(1, line + b"\n")

    def _become(self, command: dict[str, Any], held: int) -> NoReturn:
        """Run the program in this process and exit."""
        code = 99
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for file in (self._wake, self._woken, *self._held.values()):
                os.close(file)
            os.chdir(command["folder"])
            os.environ.clear()
            os.environ.update(command["environment"])
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for file, end in ((1, "out"), (2, "err")):
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                os.dup2(os.open(f"{command['name']}.{end}", flags, 0o600), file)
            code = _run(command, held)
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _run(command: dict[str, Any], held: int) -> int:
    from converter.cli.commands import cli
    from tests.reliability import hooks

    if command["hold"]:
        _let_anyone_trace()
    os.read(held, 1)  # until the other end is closed
    hooks.install(command["hooks"])
    try:
        cli.main(args=command["arguments"], prog_name="converter")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _let_anyone_trace() -> None:
    """Allow any tracer where by default only parents may trace."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)


def _load() -> None:
    """Run the commands once, to import everything they import lazily."""
    import tempfile

    from converter.cli.commands import cli
    from converter.mapping.load import available_mappings
    from converter.runs import submit  # noqa: F401
    from tests.reliability import hooks  # noqa: F401

    with tempfile.TemporaryDirectory() as folder, Path(folder, "said").open("w") as said:
        for provider in available_mappings():
            sheet = Path(folder, f"{provider}.xlsx")
            commands = (
                ["template", provider, "--example", "-o", str(sheet)],
                ["check", str(sheet), "-p", provider, "--json"],
                ["convert", str(sheet), "-p", provider],
            )
            for arguments in commands:
                with (
                    contextlib.redirect_stdout(said),
                    contextlib.redirect_stderr(said),
                    contextlib.suppress(SystemExit),
                ):
                    cli.main(args=arguments, prog_name="converter")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _load()
    _Loaded().serve()
