"""How far a job is, read from its events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from converter.web.jobs import Job


@dataclass(frozen=True)
class Progress:
    """What the events of a job say so far."""

    step: str = "started"
    """The last event that is about the whole sheet."""
    total: int = 0
    """Orders to be sent."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Orders by status, of those that were answered."""
    seconds: float = 0.0
    """From the first request to the last answer."""
    exit_code: int | None = None
    """None where the job has not said that it ended."""
    run: str = ""

    @property
    def done(self) -> int:
        return min(sum(self.counts.values()), self.total) if self.total else 0

    @property
    def rate(self) -> float:
        """Orders a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> int | None:
        return round((self.total - self.done) / self.rate) if self.rate else None


_STEPS = {"started", "sheet_read", "checked", "run_started", "planned", "attempt_sent", "ended"}


def read_progress(job: Job) -> Progress:
    """The progress of a job."""
    step, total, run, exit_code = "started", 0, "", None
    first = last = ""
    statuses: dict[str, str] = {}
    for event in _events(job):
        name = event["event"]
        if name in _STEPS:
            step = name
        if name == "planned":
            total += event["new"] + event["again"]
        elif name == "run_started":
            run = event["run"]
        elif name == "attempt_sent":
            first = first or event["time"]
        elif name == "order" and first:
            last = event["time"]
            statuses[event["reference"]] = event["status"]
        elif name == "ended":
            exit_code = event["exit_code"]
    seconds = _between(first, last) if first and last else 0.0
    return Progress(step, total, Counter(statuses.values()), seconds, exit_code, run)


def _events(job: Job) -> Iterator[dict[str, Any]]:
    try:
        with job.events_file.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):  # the last one may still be written
                    yield json.loads(line)
    except FileNotFoundError:
        return


def _between(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
