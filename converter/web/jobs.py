"""Jobs on sheets: child processes of the command line, whose state lies in their folders.

A running job holds a lock on a file of its folder, which the system releases however it ends. So
a server that was started anew knows which jobs of the one before still run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from converter import file_lock
from converter.web.store import Choices, UploadedSheet, read_json, write_json

READ = "read"
"""The kind of job that makes the grid; the others are commands."""


@dataclass(frozen=True)
class Job:
    """One command on one sheet."""

    folder: Path
    kind: str
    time: float
    lang: str
    choices: Choices | None

    @property
    def number(self) -> int:
        return int(self.folder.name)

    @property
    def report_file(self) -> Path:
        """What the command printed on stdout."""
        return self.folder / "report.json"

    @property
    def events_file(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def talk(self) -> str:
        """The end of what the command said on stderr."""
        path = self.folder / "talk.txt"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    @property
    def result(self) -> Path:
        return self.folder / "result.xlsx"


class Busy(Exception):
    """Another job works on the sheet."""


class Jobs:
    """Starts, finds and stops jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: dict[Path, subprocess.Popen[bytes]] = {}

    def of(self, sheet: UploadedSheet) -> list[Job]:
        """The jobs on a sheet, oldest first."""
        found = []
        for folder in sorted((sheet.folder / "jobs").iterdir()):
            if content := read_json(folder / "job.json"):
                given = content["choices"]
                choices = Choices(**given) if given else None
                found.append(
                    Job(folder, content["kind"], content["time"], content["lang"], choices)
                )
        return found

    def last(self, sheet: UploadedSheet, *kinds: str) -> Job | None:
        """The newest job, of some kinds where any are named."""
        found = [job for job in self.of(sheet) if not kinds or job.kind in kinds]
        return found[-1] if found else None

    def start(
        self,
        sheet: UploadedSheet,
        kind: str,
        lang: str,
        choices: Choices | None = None,
        words: Sequence[str] = (),
        corrections: Mapping[str, Any] | None = None,
    ) -> Job:
        """Start a job in a process of its own. Raises Busy while another one works on the sheet."""
        with self._lock:
            jobs = self.of(sheet)
            if any(self._is_running(job) for job in jobs[-2:]):
                raise Busy
            folder = sheet.folder / "jobs" / f"{jobs[-1].number + 1 if jobs else 1:04}"
            folder.mkdir(mode=0o700)
            job = Job(folder, kind, time.time(), lang, choices)
            self._note(job)
            if corrections:
                write_json(folder / "corrections.json", corrections)
            command = [sys.executable, "-P"]
            if kind == READ:
                command += ["-m", "converter.web.reader", str(sheet.path), str(folder)]
            else:
                assert choices is not None
                command += ["-m", "converter", kind, *choices.words(), "--json", "--no-input"]
                command += [f"--events={job.events_file}", f"--lang={lang}", f"-o{job.result}"]
                if choices.products:
                    command.append(f"--products={sheet.products / choices.products}")
                command += [*words, "--", str(sheet.path)]
            self._children[folder] = child = self._run(command, job)
            self._note(job, child.pid)
            return job

    def _run(self, command: Sequence[str], job: Job) -> subprocess.Popen[bytes]:
        lock = file_lock.hold(job.folder / "running")
        assert lock is not None  # its folder is new
        try:
            with _private(job.report_file) as out, _private(job.folder / "talk.txt") as talk:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=talk,
                    env={**os.environ, "PYTHONUTF8": "1"},
                    pass_fds=() if sys.platform == "win32" else (lock,),
                    start_new_session=True,  # Ctrl-C in the terminal of the server is not for jobs
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
        finally:
            os.close(lock)  # the job holds it from now on

    @staticmethod
    def _note(job: Job, pid: int = 0) -> None:
        choices = vars(job.choices) if job.choices else None
        content: dict[str, Any] = {
            "kind": job.kind, "time": job.time, "lang": job.lang, "choices": choices, "pid": pid,
        }  # fmt: skip
        write_json(job.folder / "job.json", content)

    def is_running(self, job: Job) -> bool:
        with self._lock:
            return self._is_running(job)

    def _is_running(self, job: Job) -> bool:
        child = self._children.get(job.folder)
        if child is not None:
            if child.poll() is None:
                return True
            del self._children[job.folder]
        return file_lock.is_held(job.folder / "running")

    def stop(self, job: Job) -> None:
        """Ask a job once to stop: open requests are finished, then its result is written."""
        with self._lock:
            stopped = job.folder / "stopped"
            if stopped.exists() or not self._is_running(job):
                return
            stopped.touch(mode=0o600)
            pid = int(read_json(job.folder / "job.json").get("pid", 0))
            if pid:
                os.kill(pid, getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))

    @staticmethod
    def is_stopping(job: Job) -> bool:
        return (job.folder / "stopped").exists()


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w+b")
