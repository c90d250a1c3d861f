"""What the journals of all accounts know: orders in doubt, and the runs."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter import journal
from converter.journal import OpenUnknown, PastRun
from converter.messages import translate

if TYPE_CHECKING:
    from converter.report import Report


@dataclass(frozen=True, slots=True)
class History:
    """Orders that are still in doubt, oldest first, and runs, newest first."""

    doubts: tuple[OpenUnknown, ...]
    runs: tuple[PastRun, ...]
    lang: str = "en"
    has_more: bool = False
    """Whether there are older runs that were not asked for."""

    report: Report | None = None
    """Of the run that wrote the workbook that was asked about."""

    def to_dict(self) -> dict[str, Any]:
        """The document that `converter status --json` prints."""
        return {
            "schema_version": 1,
            "unknown": [
                {**asdict(doubt), "message": translate(doubt.message, self.lang)}
                for doubt in self.doubts
            ],
            "runs": [
                {**asdict(run), "stopped": translate(run.stopped, self.lang)} for run in self.runs
            ],
            "more_runs": self.has_more,
            **({"orders": self.report.to_dict()["orders"]} if self.report else {}),
        }


def read_history(
    home: Path, lang: str, sheet: Path | None = None, *, limit: int | None = None
) -> History:
    """The history of all sheets, or the runs on one of them, known by its file name.

    `limit` is how many runs to read at most, the newest; by default all.
    """
    most = -1 if limit is None or sheet is not None else limit + 1
    runs = [
        run
        for run in journal.runs(home, most)
        if sheet is None or Path(run.sheet).name == sheet.name or _wrote(run, sheet)
    ]
    kept = tuple(runs[:limit])
    has_more = len(kept) < len(runs)
    wrote = next((run.run for run in kept if sheet and _wrote(run, sheet)), "")
    report = None
    if wrote:
        from converter.runs.status_rows import past_report  # pandas and the like, for this alone

        report = past_report(home, wrote, lang).translated()
    return History(tuple(journal.open_unknowns(home)), kept, lang, has_more, report)


def _wrote(run: PastRun, workbook: Path) -> bool:
    """Whether the workbook is the result of a run."""
    return bool(run.result_path) and run.result_path == os.path.normcase(workbook.resolve())
