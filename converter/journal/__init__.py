"""What was about to be sent and what came back, kept on disk so that nothing is sent twice.

`Journal` is the open journal of one account during one run; `opened` holds an account for several
runs. `runs`, `orders`, `answers` and `open_unknowns` read all journals without disturbing a run.
SQLite is known in this folder alone.
"""

from converter.journal.attempts import Answer, Intent
from converter.journal.book import Journal, Plan, RunStart
from converter.journal.evidence import Finding
from converter.journal.fold import State
from converter.journal.history import (
    OpenUnknown,
    PastAnswer,
    PastRun,
    answers,
    open_unknowns,
    orders,
    runs,
)
from converter.journal.known import Known
from converter.journal.planning import Planned, refuse_twice
from converter.journal.replay import PastOrder
from converter.journal.store import Account, JournalFile, opened

__all__ = [
    "Account",
    "Answer",
    "Finding",
    "Intent",
    "Journal",
    "JournalFile",
    "Known",
    "OpenUnknown",
    "PastAnswer",
    "PastOrder",
    "PastRun",
    "Plan",
    "Planned",
    "RunStart",
    "State",
    "answers",
    "open_unknowns",
    "opened",
    "orders",
    "refuse_twice",
    "runs",
]
