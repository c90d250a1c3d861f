"""Tables of the journal, and triggers that protect them from faults in this program."""

from __future__ import annotations

from converter.journal.schema_cancelling import CANCELLING
from converter.journal.triggers import STATE, forbid

VERSION = 7

TABLES = """
-- Which account this journal belongs to: one row.
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL,
    provider TEXT NOT NULL,
    sandbox INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,
    provider TEXT NOT NULL,
    action TEXT NOT NULL,
    sheet TEXT NOT NULL,
    sheet_sha256 TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    version TEXT NOT NULL,
    class TEXT NOT NULL,
    settle_seconds REAL NOT NULL,
    finished TEXT,
    result_path TEXT,
    result_sha256 TEXT,
    counts TEXT,
    stopped TEXT
) STRICT;

-- One part of an order as it is sent; most orders have just one.
CREATE TABLE part (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- the reference, normalised
    reference TEXT NOT NULL,        -- as people wrote it
    parent_key TEXT NOT NULL,
    parent TEXT NOT NULL,
    division TEXT NOT NULL,         -- which parts the order was divided into; '' for just one
    rows TEXT NOT NULL,
    payload INTEGER,                -- the version that is, or was last, to be sent
    state TEXT NOT NULL CHECK (state IN
        ('INVALID', 'PLANNED', 'SENDING', 'ACCEPTED', 'REFUSED', 'DUPLICATE', 'UNKNOWN')),
    message TEXT NOT NULL DEFAULT '',
    provider_order_no TEXT NOT NULL DEFAULT '',
    tracking_no TEXT NOT NULL DEFAULT '',
    outputs TEXT NOT NULL DEFAULT '{}',
    flags TEXT NOT NULL DEFAULT '[]',
    attempts INTEGER NOT NULL DEFAULT 0,
    answered TEXT NOT NULL DEFAULT '',
    accepted TEXT NOT NULL DEFAULT '',
    doubt_since REAL,
    request_id TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX part_parent ON part (parent_key);

-- Every version that was planned; the body goes after 30 days, the hash stays.
CREATE TABLE payload (
    id INTEGER PRIMARY KEY,
    part INTEGER NOT NULL REFERENCES part,
    run INTEGER NOT NULL REFERENCES run,
    hash TEXT NOT NULL,
    body BLOB
) STRICT;

-- What a run left out, and why; orders without a reference stand only here.
CREATE TABLE problem (
    run INTEGER NOT NULL REFERENCES run,
    reference TEXT NOT NULL,
    rows TEXT NOT NULL,
    reasons TEXT NOT NULL
) STRICT;

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run,
    started TEXT NOT NULL,
    started_at REAL NOT NULL,
    deadline REAL NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'DONE', 'IN_DOUBT')),
    in_doubt_since REAL,
    ended TEXT NOT NULL DEFAULT '',
    answered TEXT NOT NULL DEFAULT '',   -- as `ended`, but only where an answer came
    made INTEGER NOT NULL DEFAULT 1,     -- 0: proved that nothing left this machine
    http_status INTEGER,
    reply BLOB,
    reply_bytes INTEGER,
    reply_sha256 TEXT,
    reason TEXT NOT NULL DEFAULT '',
    request_id TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- What one attempt says of one part; no verdict while the attempt is open.
CREATE TABLE answer (
    attempt INTEGER NOT NULL REFERENCES attempt,
    part INTEGER NOT NULL REFERENCES part,
    payload_hash TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN
        ('created', 'refused', 'duplicate', 'in doubt', 'not processed')),
    status TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    provider_order_no TEXT NOT NULL DEFAULT '',
    tracking_no TEXT NOT NULL DEFAULT '',
    outputs TEXT NOT NULL DEFAULT '{}',
    flags TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (attempt, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_part ON answer (part);

-- What a query or a person found out about a part; settles every doubt up to `after`.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    part INTEGER NOT NULL REFERENCES part,
    after INTEGER NOT NULL REFERENCES attempt,
    run INTEGER REFERENCES run,
    source TEXT NOT NULL CHECK (source IN ('query', 'decision')),
    verdict TEXT NOT NULL CHECK (verdict IN ('created', 'absent')),
    provider_order_no TEXT NOT NULL DEFAULT '',
    who TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    tracking_no TEXT NOT NULL DEFAULT '',
    outputs TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX evidence_part ON evidence (part);

-- Every attempt whose doubt nothing has settled, open ones among them.
CREATE VIEW doubt AS
    SELECT part, attempt, payload_hash FROM answer
    WHERE (verdict IS NULL OR verdict = 'in doubt')
      AND attempt > COALESCE(
          (SELECT MAX(after) FROM evidence
           WHERE evidence.part = answer.part AND evidence.verdict = 'absent'), 0);
"""


_LISTED = """
-- Which parts the sheet of a run had, so that the run's report can be made again.
CREATE TABLE listed (
    run INTEGER NOT NULL REFERENCES run,
    part INTEGER NOT NULL REFERENCES part,
    rows TEXT NOT NULL,
    PRIMARY KEY (run, part)
) STRICT, WITHOUT ROWID;
"""


TRIGGERS = "".join(
    [
        forbid(
            "accepted_is_for_ever",
            STATE,
            "OLD.state = 'ACCEPTED' AND NEW.state <> 'ACCEPTED'",
            "an accepted order stays accepted",
        ),
        forbid(
            "begins_planned",
            "INSERT ON part",
            "NEW.state NOT IN ('INVALID', 'PLANNED')",
            "an order begins as planned or invalid",
        ),
        forbid(
            "accepted_has_evidence",
            STATE,
            """NEW.state = 'ACCEPTED' AND OLD.state <> 'ACCEPTED'
            AND NOT EXISTS (SELECT 1 FROM answer WHERE part = OLD.id AND verdict = 'created')
            AND NOT EXISTS (SELECT 1 FROM evidence WHERE part = OLD.id AND verdict = 'created')
            AND NOT EXISTS (
                SELECT 1 FROM answer JOIN doubt USING (part, payload_hash)
                WHERE answer.part = OLD.id AND answer.verdict = 'duplicate'
                  AND doubt.attempt < answer.attempt)""",
            "an order is accepted only with evidence",
        ),
        forbid(
            "doubt_needs_evidence",
            STATE,
            """NEW.state IN ('INVALID', 'PLANNED', 'REFUSED', 'DUPLICATE')
            AND EXISTS (SELECT 1 FROM doubt WHERE part = OLD.id)""",
            "a doubt is settled only by evidence",
        ),
        forbid(
            "duplicate_needs_evidence",
            STATE,
            """OLD.state = 'DUPLICATE' AND NEW.state <> 'DUPLICATE'
            AND NOT EXISTS (SELECT 1 FROM evidence WHERE part = OLD.id)""",
            "a duplicate is settled only by evidence",
        ),
        forbid(
            "sending_was_planned",
            STATE,
            "NEW.state = 'SENDING' AND OLD.state NOT IN ('PLANNED', 'UNKNOWN')",
            "only a planned order is sent",
        ),
        forbid(
            "attempt_was_planned",
            "INSERT ON answer",
            "(SELECT state FROM part WHERE id = NEW.part) NOT IN ('PLANNED', 'UNKNOWN')",
            "only a planned order is sent",
        ),
        forbid(
            "first_payload_again",
            "INSERT ON answer",
            """EXISTS (SELECT 1 FROM doubt
            WHERE part = NEW.part AND payload_hash <> NEW.payload_hash)""",
            "an order in doubt is sent again only unchanged",
        ),
        forbid(
            "answer_is_final",
            "UPDATE ON answer",
            "OLD.verdict IS NOT NULL OR NEW.payload_hash <> OLD.payload_hash",
            "an answer does not change",
        ),
        forbid("attempt_is_final", "UPDATE ON attempt", "OLD.state <> 'OPEN'", "it has ended"),
        forbid(
            "payload_is_final",
            "UPDATE ON payload",
            "NEW.hash <> OLD.hash OR NEW.part <> OLD.part OR NEW.body IS NOT NULL",
            "a payload does not change",
        ),
        forbid("evidence_is_final", "UPDATE ON evidence", "1", "evidence does not change"),
        *(
            forbid(f"keep_{table}", f"DELETE ON {table}", "1", "the journal forgets nothing")
            for table in (
                "account", "run", "part", "payload", "problem", "attempt", "answer", "evidence"
            )
        ),
    ]
)  # fmt: skip

_LISTED += forbid("keep_listed", "DELETE ON listed", "1", "the journal forgets nothing")

_MESSAGES = """
-- Template and facts of the message beside it, as JSON, to tell it in any language; empty where it
-- is a plain text, such as what a provider said, or was kept before there was this column.
ALTER TABLE part ADD COLUMN message_json TEXT NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN message_json TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN reason_json TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN note_json TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN stopped_json TEXT NOT NULL DEFAULT '';
"""

_MARKS = """
-- 1: the run held the order back, because it was refused before and had not changed since.
ALTER TABLE listed ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
-- Random: a journal that was put back from a copy lacks the marks of the runs after it.
ALTER TABLE run ADD COLUMN mark TEXT NOT NULL DEFAULT '';
-- The last payload whose body was looked at, to delete those that are old in pieces.
ALTER TABLE account ADD COLUMN looked_at INTEGER NOT NULL DEFAULT 0;
-- When a start first saw a doubt that lies in the future, because a clock was wrong.
ALTER TABLE part ADD COLUMN doubt_seen REAL;
CREATE INDEX attempt_open ON attempt (id) WHERE state = 'OPEN';
CREATE INDEX part_in_doubt ON part (id) WHERE state IN ('SENDING', 'UNKNOWN');
CREATE INDEX payload_kept ON payload (id, part, run) WHERE body IS NOT NULL;
"""

_PROFILES = """
-- What the sheet was read with; empty where no profile was used.
ALTER TABLE run ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN profile_sha256 TEXT NOT NULL DEFAULT '';
"""


_SECOND_CALLS = """
-- The idempotency key of the request, and the number of the job that it began at the provider.
ALTER TABLE attempt ADD COLUMN request_key TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN job TEXT NOT NULL DEFAULT '';

-- When the provider said that it lacks an order, before anything follows from that.
CREATE TABLE sighting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    part INTEGER NOT NULL REFERENCES part,
    after INTEGER NOT NULL REFERENCES attempt,
    run INTEGER NOT NULL REFERENCES run,
    at REAL NOT NULL
) STRICT;
CREATE INDEX sighting_part ON sighting (part);

-- Every request about orders that were sent before; none of them can create one.
CREATE TABLE call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES run,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    http_status INTEGER,
    reply BLOB,
    reply_sha256 TEXT,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;

-- A documented refusal of the very same request, with its key, settles the doubts before it.
DROP VIEW doubt;
CREATE VIEW doubt AS
    SELECT part, attempt, payload_hash FROM answer
    WHERE (verdict IS NULL OR verdict = 'in doubt')
      AND attempt > COALESCE(
          (SELECT MAX(after) FROM evidence
           WHERE evidence.part = answer.part AND evidence.verdict = 'absent'), 0)
      AND NOT EXISTS (
          SELECT 1 FROM answer AS later
          JOIN attempt AS first ON first.id = answer.attempt
          JOIN attempt AS second ON second.id = later.attempt
          JOIN run AS first_run ON first_run.id = first.run
          JOIN run AS second_run ON second_run.id = second.run
          WHERE later.part = answer.part AND later.attempt > answer.attempt
            AND later.verdict = 'refused' AND later.flags NOT LIKE '%unproven%'
            AND first.body_sha256 = second.body_sha256 AND first.request_key = second.request_key
            AND first_run.class = 'B' AND second_run.class = 'B');
""" + "".join(
    forbid(f"keep_{table}", f"DELETE ON {table}", "1", "the journal forgets nothing")
    + forbid(f"{table}_is_final", f"UPDATE ON {table}", "1", "it does not change")
    for table in ("sighting", "call")
)

NEW = TABLES + TRIGGERS + _LISTED + _MESSAGES + _MARKS + _PROFILES + _SECOND_CALLS + CANCELLING
"""SQL that creates a new journal."""

_NUMBERS_OF_EVIDENCE = """
ALTER TABLE evidence ADD COLUMN tracking_no TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN outputs TEXT NOT NULL DEFAULT '{}';
"""

UPGRADES = {
    1: _NUMBERS_OF_EVIDENCE + _LISTED,
    2: _MESSAGES,
    3: _MARKS,
    4: _PROFILES,
    5: _SECOND_CALLS,
    6: CANCELLING,
}
"""SQL that upgrades a journal from each older version to the next."""


def changes_from(version: int) -> str:
    """The changes from that version to the newest; 0 is a journal that is still empty."""
    return "".join(UPGRADES[old] for old in range(version, VERSION)) if version else NEW


def upgrade_from(version: int) -> str:
    """SQL that upgrades a journal of that version to the newest; 0 is one that is still empty."""
    return f"BEGIN EXCLUSIVE; {changes_from(version)} PRAGMA user_version = {VERSION}; COMMIT;"
