"""What the journals of all accounts know: orders in doubt, and the runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converter import journal
from converter.journal import OpenUnknown, PastRun
from converter.messages import translate


@dataclass(frozen=True, slots=True)
class History:
    """Orders that are still in doubt, oldest first, and runs, newest first."""

    doubts: tuple[OpenUnknown, ...]
    runs: tuple[PastRun, ...]
    lang: str = "en"
    has_more: bool = False
    """Whether there are older runs that were not asked for."""

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
        if sheet is None or Path(run.sheet).name == sheet.name
    ]
    kept = tuple(runs[:limit])
    has_more = len(kept) < len(runs)
    return History(tuple(journal.open_unknowns(home)), kept, lang, has_more)
