"""What a job reported, arranged for the page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from converter.web.jobs import Job

CELL = re.compile(r"(.*)!([A-Z]+)([0-9]+)", re.DOTALL)


@dataclass(frozen=True)
class CellIssue:
    """A problem of one cell."""

    kind: tuple[str, str]
    message: str
    is_warning: bool
    reference: str


@dataclass
class Kind:
    """Problems of one sort: how many there are, and one of them."""

    example: str
    count: int = 0


@dataclass(frozen=True)
class JobReport:
    """The document that a command printed."""

    document: dict[str, Any]
    cells: dict[tuple[str, int], dict[str, list[CellIssue]]] = field(default_factory=dict)
    """Problems by sheet and row, then by column."""
    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)
    """Problems by their code and the field that they are about."""

    @property
    def error(self) -> str:
        """Why there is no report."""
        return str(self.document.get("error", ""))

    @property
    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document.get("orders", [])
        return found

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.document.get("counts", {})
        return found

    @property
    def repairs(self) -> list[dict[str, str]]:
        """What was taken otherwise than it stands in the sheet."""
        found: list[dict[str, str]] = self.document.get("repairs", [])
        return found

    @cached_property
    def most_common(self) -> list[tuple[tuple[str, str], Kind]]:
        """The kinds of problems, those with the most first."""
        return sorted(self.kinds.items(), key=lambda found: -found[1].count)

    @cached_property
    def warned(self) -> int:
        """Valid orders that a person should look at."""
        return sum(1 for order in self.orders if order["status"] == "valid" and order["look"])


def read_report(job: Job) -> JobReport | None:
    """The report of a job that ended; None where it printed none."""
    try:
        return _read(job, job.report_file.stat().st_mtime_ns)
    except (FileNotFoundError, ValueError):
        return None


@lru_cache(maxsize=4)
def _read(job: Job, _: int) -> JobReport:
    report = JobReport(json.loads(job.report_file.read_bytes()))
    for order in report.orders:
        for issue in order["issues"]:
            named = (issue["code"], issue["field"])
            report.kinds.setdefault(named, Kind(issue["message"])).count += 1
            if found := CELL.fullmatch(issue["cell"]):
                row = report.cells.setdefault((found[1], int(found[3])), {})
                row.setdefault(found[2], []).append(
                    CellIssue(issue["code"], issue["message"], issue["warning"], order["reference"])
                )
    return report
