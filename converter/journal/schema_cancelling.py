"""Tables of the journal about cancelled orders, and the triggers that protect them."""

from __future__ import annotations

from converter.journal.triggers import STATE, forbid

CANCELLING = """
-- Cancelling lies beside `state`: an order that was cancelled was accepted all the same.
ALTER TABLE part ADD COLUMN cancellation TEXT NOT NULL DEFAULT '' CHECK (cancellation IN
    ('', 'CANCELLING', 'CANCELLED', 'PARTLY', 'REFUSED', 'UNKNOWN'));
ALTER TABLE part ADD COLUMN cancel_message TEXT NOT NULL DEFAULT '';
ALTER TABLE part ADD COLUMN cancel_message_json TEXT NOT NULL DEFAULT '';
ALTER TABLE part ADD COLUMN cancelled TEXT NOT NULL DEFAULT '';
CREATE INDEX part_cancel_unknown ON part (id) WHERE cancellation IN ('CANCELLING', 'UNKNOWN');

-- Every request to cancel an order, under one of the provider's numbers of it; no verdict while it
-- is open.
CREATE TABLE cancel_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    part INTEGER NOT NULL REFERENCES part,
    sent INTEGER NOT NULL REFERENCES attempt,    -- the last attempt to send the order before it
    run INTEGER NOT NULL REFERENCES run,
    number TEXT NOT NULL,
    started TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('cancelled', 'refused', 'in doubt', 'not processed')),
    ended TEXT NOT NULL DEFAULT '',
    http_status INTEGER,
    reply BLOB,
    reply_sha256 TEXT,
    message TEXT NOT NULL DEFAULT '',
    message_json TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX cancel_attempt_part ON cancel_attempt (part);
CREATE INDEX cancel_attempt_open ON cancel_attempt (id) WHERE verdict IS NULL;

-- What a query or a person found out about a cancellation; settles every doubt up to `after`.
CREATE TABLE cancel_evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    part INTEGER NOT NULL REFERENCES part,
    sent INTEGER NOT NULL REFERENCES attempt,
    after INTEGER NOT NULL,                      -- the last request to cancel it; 0 without one
    run INTEGER NOT NULL REFERENCES run,
    source TEXT NOT NULL CHECK (source IN ('query', 'decision')),
    verdict TEXT NOT NULL CHECK (verdict IN ('cancelled', 'standing')),
    who TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    note_json TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX cancel_evidence_part ON cancel_evidence (part);

-- That a cancelled order may be sent anew, where the provider frees its reference: attempts up to
-- `sent` no longer count.
CREATE TABLE released (
    part INTEGER NOT NULL REFERENCES part,
    sent INTEGER NOT NULL REFERENCES attempt,
    run INTEGER NOT NULL REFERENCES run,
    at TEXT NOT NULL,
    PRIMARY KEY (part, sent)
) STRICT, WITHOUT ROWID;

-- Which orders a call was about.
CREATE TABLE called (
    call INTEGER NOT NULL REFERENCES call,
    part INTEGER NOT NULL REFERENCES part,
    PRIMARY KEY (call, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX called_part ON called (part);

-- Every request to cancel an order of which nobody knows what became.
CREATE VIEW cancel_doubt AS
    SELECT part, id AS cancel FROM cancel_attempt
    WHERE (verdict IS NULL OR verdict = 'in doubt')
      AND id > COALESCE(
          (SELECT MAX(after) FROM cancel_evidence
           WHERE cancel_evidence.part = cancel_attempt.part), 0);

DROP VIEW doubt;
CREATE VIEW doubt AS
    SELECT part, attempt, payload_hash FROM answer
    WHERE (verdict IS NULL OR verdict = 'in doubt')
      AND attempt > COALESCE(
          (SELECT MAX(after) FROM evidence
           WHERE evidence.part = answer.part AND evidence.verdict = 'absent'), 0)
      AND attempt > COALESCE(
          (SELECT MAX(sent) FROM released WHERE released.part = answer.part), 0)
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

DROP TRIGGER accepted_is_for_ever;
DROP TRIGGER accepted_has_evidence;
DROP TRIGGER attempt_is_final;
DROP TRIGGER call_is_final;
"""

_CANCELLATION = "UPDATE OF cancellation ON part"
_LAST = "(SELECT MAX(attempt) FROM answer WHERE answer.part = OLD.id)"
_RELEASED = f"EXISTS (SELECT 1 FROM released WHERE part = OLD.id AND sent >= {_LAST})"

CANCELLING += "".join(
    [
        forbid(
            "accepted_is_for_ever",
            STATE,
            f"OLD.state = 'ACCEPTED' AND NEW.state <> 'ACCEPTED' AND NOT {_RELEASED}",
            "an accepted order stays accepted",
        ),
        forbid(
            "accepted_has_evidence",
            STATE,
            """NEW.state = 'ACCEPTED' AND OLD.state <> 'ACCEPTED'
            AND NOT EXISTS (SELECT 1 FROM answer WHERE part = OLD.id AND verdict = 'created'
                AND attempt > COALESCE((SELECT MAX(sent) FROM released WHERE part = OLD.id), 0))
            AND NOT EXISTS (SELECT 1 FROM evidence WHERE part = OLD.id AND verdict = 'created'
                AND after > COALESCE((SELECT MAX(sent) FROM released WHERE part = OLD.id), 0))
            AND NOT EXISTS (
                SELECT 1 FROM answer JOIN doubt USING (part, payload_hash)
                WHERE answer.part = OLD.id AND answer.verdict = 'duplicate'
                  AND doubt.attempt < answer.attempt)""",
            "an order is accepted only with evidence",
        ),
        # A reply may be forgotten later, but never replaced.
        forbid(
            "attempt_is_final",
            "UPDATE OF id, run, started, started_at, deadline, method, url, body_sha256, state,"
            " in_doubt_since, ended, answered, made, http_status, reply_bytes, reply_sha256,"
            " reason, reason_json, request_id, notes, request_key, job ON attempt",
            "OLD.state <> 'OPEN'",
            "it has ended",
        ),
        forbid(
            "call_is_final",
            "UPDATE OF id, run, kind, at, method, url, http_status, reply_sha256, reason ON call",
            "1",
            "it does not change",
        ),
        forbid(
            "cancel_is_final",
            "UPDATE OF id, part, sent, run, number, started, method, url, body_sha256, verdict,"
            " ended, http_status, reply_sha256, message, message_json ON cancel_attempt",
            "OLD.verdict IS NOT NULL",
            "it has ended",
        ),
        forbid(
            "attempt_reply_is_final",
            "UPDATE OF reply ON attempt",
            "OLD.state <> 'OPEN' AND NEW.reply IS NOT NULL",
            "a reply does not change",
        ),
        forbid(
            "call_reply_is_final",
            "UPDATE OF reply ON call",
            "NEW.reply IS NOT NULL",
            "a reply does not change",
        ),
        forbid(
            "cancel_reply_is_final",
            "UPDATE OF reply ON cancel_attempt",
            "OLD.verdict IS NOT NULL AND NEW.reply IS NOT NULL",
            "a reply does not change",
        ),
        forbid(
            "begins_without_cancellation",
            "INSERT ON part",
            "NEW.cancellation <> ''",
            "an order begins as planned or invalid",
        ),
        forbid(
            "cancel_of_accepted",
            "INSERT ON cancel_attempt",
            """NOT EXISTS (SELECT 1 FROM part WHERE id = NEW.part AND state = 'ACCEPTED'
                AND cancellation IN ('', 'PARTLY', 'REFUSED'))""",
            "only an accepted order is cancelled",
        ),
        forbid(
            "cancelled_once",
            "INSERT ON cancel_attempt",
            """EXISTS (SELECT 1 FROM cancel_doubt WHERE part = NEW.part)
            OR EXISTS (SELECT 1 FROM cancel_attempt AS before WHERE before.part = NEW.part
                AND before.sent = NEW.sent AND before.number = NEW.number
                AND before.verdict = 'cancelled')""",
            "an order is cancelled once",
        ),
        forbid(
            "cancelled_was_accepted",
            _CANCELLATION,
            "NEW.cancellation <> '' AND NEW.state <> 'ACCEPTED'",
            "only an accepted order is cancelled",
        ),
        forbid(
            "cancelled_has_evidence",
            _CANCELLATION,
            f"""NEW.cancellation = 'CANCELLED' AND OLD.cancellation <> 'CANCELLED'
            AND NOT EXISTS (SELECT 1 FROM cancel_attempt WHERE part = OLD.id
                AND verdict = 'cancelled' AND sent = {_LAST})
            AND NOT EXISTS (SELECT 1 FROM cancel_evidence WHERE part = OLD.id
                AND verdict = 'cancelled' AND sent = {_LAST})""",
            "an order is cancelled only with evidence",
        ),
        forbid(
            "cancel_doubt_needs_evidence",
            _CANCELLATION,
            """NEW.cancellation NOT IN ('CANCELLING', 'UNKNOWN')
            AND EXISTS (SELECT 1 FROM cancel_doubt WHERE part = OLD.id)""",
            "a doubt is settled only by evidence",
        ),
        forbid(
            "cancelled_is_for_ever",
            _CANCELLATION,
            f"OLD.cancellation = 'CANCELLED' AND NEW.cancellation <> 'CANCELLED'"
            f" AND NOT {_RELEASED}",
            "a cancelled order stays cancelled",
        ),
        forbid(
            "released_was_cancelled",
            "INSERT ON released",
            "NOT EXISTS (SELECT 1 FROM part WHERE id = NEW.part AND cancellation = 'CANCELLED')",
            "only a cancelled order is sent anew",
        ),
        *(
            forbid(f"{table}_is_final", f"UPDATE ON {table}", "1", "it does not change")
            for table in ("cancel_evidence", "released", "called")
        ),
        *(
            forbid(f"keep_{table}", f"DELETE ON {table}", "1", "the journal forgets nothing")
            for table in ("cancel_attempt", "cancel_evidence", "released", "called")
        ),
    ]
)
