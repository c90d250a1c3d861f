"""The tables, the view and the triggers of the journal in PostgreSQL.

They are those of `schema`, statement by statement, so that the two cannot come to differ: only
types, keys and the words of a trigger are others. What PostgreSQL alone has is here in full.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterator

from converter.journal import schema

HOLDER = """
-- The version of these tables, and who holds the account: each new holder has the next epoch.
CREATE TABLE holder (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    epoch BIGINT NOT NULL DEFAULT 0,
    backend BIGINT NOT NULL DEFAULT 0,
    host TEXT NOT NULL DEFAULT '',
    pid BIGINT NOT NULL DEFAULT 0,
    started TEXT NOT NULL DEFAULT '',
    run TEXT NOT NULL DEFAULT '',
    requested_at DOUBLE PRECISION NOT NULL DEFAULT 0
);
INSERT INTO holder (id, version) VALUES (1, 0);

CREATE FUNCTION unixepoch(text) RETURNS DOUBLE PRECISION LANGUAGE sql STABLE AS
    'SELECT EXTRACT(EPOCH FROM NULLIF($1, '''')::timestamptz)::double precision';

-- Nothing is sent, and no run begins, on a session that does not hold the account.
CREATE FUNCTION is_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT epoch FROM holder)::text IS DISTINCT FROM current_setting('converter.epoch', true)
    THEN
        RAISE EXCEPTION 'another run holds the account' USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;
"""

_FENCED = ("run", "attempt")

_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE (.+?) ON (\w+) WHEN (.+) "
    r"BEGIN SELECT RAISE\(ABORT, '([^']+)'\); END;",
    re.DOTALL,
)
_DROPPED = re.compile(r"DROP TRIGGER (\w+);")
_KEY = re.compile(r"CREATE TABLE (\w+) \(\s*id BIGINT PRIMARY KEY(?!\s*CHECK)")
_WORDS = [
    (re.compile(r"\bINTEGER PRIMARY KEY( AUTOINCREMENT)?"), "BIGINT PRIMARY KEY"),
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    (re.compile(r"\bREAL\b"), "DOUBLE PRECISION"),
    (re.compile(r"\bBLOB\b"), "BYTEA"),
    (re.compile(r"\) STRICT(, WITHOUT ROWID)?;"), ");"),
]


def upgrade_from(version: int) -> str:
    """SQL that upgrades a journal of that version to the newest; 0 is a schema without tables."""
    script = schema.changes_from(version)
    parts = [] if version else [HOLDER]
    parts += [_translated(statement) for statement in _statements(script)]
    if not version:
        parts += [_fence(table) for table in _FENCED]
    return "\n".join([*parts, f"UPDATE holder SET version = {schema.VERSION};"])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script without its comments; a trigger is one statement."""
    begun = ""
    for piece in re.sub(r"--[^\n]*", "", script).split(";"):
        begun += piece + ";"
        if sqlite3.complete_statement(begun):
            if begun.strip(" \n;"):
                yield begun.strip()
            begun = ""


def _translated(statement: str) -> str:
    if found := _TRIGGER.fullmatch(statement):
        return _trigger(*found.groups())
    if found := _DROPPED.fullmatch(statement):
        return f"DROP FUNCTION {found[1]}() CASCADE;"  # and with it the trigger
    for pattern, words in _WORDS:
        statement = pattern.sub(words, statement)
    if found := _KEY.match(statement):
        return _with_next_id(found[1], statement)
    return statement


def _with_next_id(table: str, statement: str) -> str:
    """The table with an id that is the next one where none is given, as SQLite has it.

    There is one writer. A sequence would not know of ids that were given.
    """
    return (
        f"{statement}\nCREATE FUNCTION next_{table}() RETURNS BIGINT LANGUAGE plpgsql AS"
        f" 'BEGIN RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM {table}); END';\n"
        f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT next_{table}();"
    )


def _trigger(name: str, event: str, table: str, condition: str, because: str) -> str:
    """A trigger that refuses a change, and for deletions one more for TRUNCATE."""
    row = "OLD" if event == "DELETE" else "NEW"
    condition = {"1": "true"}.get(condition, condition)
    raised = f"RAISE EXCEPTION '{because}' USING ERRCODE = '23000';"
    # What needs no query is looked at first, and each query only where those before it agree.
    parts = list(_conjuncts(condition))
    simple = " AND ".join(part for part in parts if "SELECT" not in part)
    queries = [part for part in parts if "SELECT" in part]
    when = f"WHEN ({simple}) " if simple else ""
    body = raised
    for query in reversed(queries):
        body = f"IF {query} THEN {body} END IF;"
    body += f" RETURN {row};"
    made = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;\n"
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
        f"EXECUTE FUNCTION {name}();"
    )
    if event == "DELETE":
        made += (
            f"\nCREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION {name}();"
        )
    return made


def _conjuncts(condition: str) -> Iterator[str]:
    """The parts of a condition that all have to be true."""
    pieces = re.split(r"(\(|\)|\bAND\b|\bOR\b)", condition)
    depths = list(itertools.accumulate((piece == "(") - (piece == ")") for piece in pieces))
    top = [piece for piece, depth in zip(pieces, depths, strict=True) if depth == 0]
    if "OR" in top:
        yield condition
        return
    begun = ""
    for piece, depth in zip(pieces, depths, strict=True):
        if piece == "AND" and depth == 0:
            yield begun.strip()
            begun = ""
        else:
            begun += piece
    yield begun.strip()


def _fence(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_is_held BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION is_held();"
    )
