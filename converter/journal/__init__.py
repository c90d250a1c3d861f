"""A durable record of what is sent and what came back, so that nothing is sent twice.

`Journal` is the open journal of one account during one run; `open_file` locks an account for
several runs. `runs`, `orders`, `answers`, `open_unknowns` and `stories` read all journals, also
during a run. Only this package uses SQLite.
"""

from converter.journal.account import Account
from converter.journal.attempts import AttemptResult, Intent
from converter.journal.backup import BackedUp, back_up_all
from converter.journal.cancelling import (
    MAY_BE_CANCELLED,
    CancelFinding,
    CancelVerdict,
    numbers_of,
)
from converter.journal.canonical import Difference
from converter.journal.checkup import Checked, check_all
from converter.journal.copying import Copied, copy_to_files, copy_to_server
from converter.journal.fold import Cancellation, State
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
from converter.journal.opening import open_file
from converter.journal.plan_store import WrittenResult
from converter.journal.planning import Planned, is_held_back, refuse_twice
from converter.journal.preview import Preview, Terms, has_journal, preview
from converter.journal.records import UNCHANGED, OrderRecord
from converter.journal.replay import PastOrder
from converter.journal.resend import ResendRule, Settling
from converter.journal.similar import SimilarAccount, similar_accounts
from converter.journal.store import JournalFile, Trust, require_trust
from converter.journal.story import (
    Attempt,
    Exchange,
    Found,
    LaterCall,
    Story,
    Version,
    sent_orders,
    stories,
    stories_of_run,
)

__all__ = [
    "MAY_BE_CANCELLED",
    "UNCHANGED",
    "Account",
    "Attempt",
    "AttemptResult",
    "BackedUp",
    "CancelFinding",
    "CancelVerdict",
    "Cancellation",
    "Checked",
    "Copied",
    "Difference",
    "Exchange",
    "Found",
    "Intent",
    "Journal",
    "JournalFile",
    "LaterCall",
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
    "Story",
    "Terms",
    "Trust",
    "Version",
    "WrittenResult",
    "answers",
    "back_up_all",
    "check_all",
    "copy_to_files",
    "copy_to_server",
    "has_journal",
    "is_held_back",
    "knows_run",
    "numbers_of",
    "open_file",
    "open_unknowns",
    "orders",
    "preview",
    "refuse_twice",
    "require_trust",
    "runs",
    "sent_orders",
    "similar_accounts",
    "stories",
    "stories_of_run",
    "went_back",
]
