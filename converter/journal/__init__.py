"""A durable record of what is sent and what came back, so that nothing is sent twice.

`Journal` is the open journal of one account during one run; `open_file` locks an account for
several runs. `runs`, `orders`, `answers` and `open_unknowns` read all journals, also during a run.
Only this package uses SQLite.
"""

from converter.journal.account import Account
from converter.journal.attempts import AttemptResult, Intent
from converter.journal.checkup import Checked, check_all
from converter.journal.fold import State
from converter.journal.history import (
    OpenUnknown,
    PastAnswer,
    PastRun,
    answers,
    knows_run,
    open_unknowns,
    orders,
    runs,
)
from converter.journal.journal import Journal, Plan, RunStart
from converter.journal.marks import Mark, went_back
from converter.journal.planning import Planned, is_held_back, refuse_twice
from converter.journal.preview import Preview, Terms, has_journal, preview
from converter.journal.records import UNCHANGED, OrderRecord
from converter.journal.replay import PastOrder
from converter.journal.resend import ResendRule, Settling
from converter.journal.similar import SimilarAccount, similar_accounts
from converter.journal.store import JournalFile, Trust, open_file, require_trust

__all__ = [
    "UNCHANGED",
    "Account",
    "AttemptResult",
    "Checked",
    "Intent",
    "Journal",
    "JournalFile",
    "Mark",
    "OpenUnknown",
    "OrderRecord",
    "PastAnswer",
    "PastOrder",
    "PastRun",
    "Plan",
    "Planned",
    "Preview",
    "ResendRule",
    "RunStart",
    "Settling",
    "SimilarAccount",
    "State",
    "Terms",
    "Trust",
    "answers",
    "check_all",
    "has_journal",
    "is_held_back",
    "knows_run",
    "open_file",
    "open_unknowns",
    "orders",
    "preview",
    "refuse_twice",
    "require_trust",
    "runs",
    "similar_accounts",
    "went_back",
]
