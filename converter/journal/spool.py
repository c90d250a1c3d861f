"""Answers that could not be written into a journal on a server, kept on this machine's disk.

They are put into the journal before anything else, by the next run of the account from here. The
requests were made: without them their orders would be in doubt.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from converter.journal import evidence, files
from converter.journal.database import Connection
from converter.journal.ended import EndedAttempt, write_ended
from converter.journal.fold import Verdict
from converter.message import t
from converter.model import Finding

_LOG = logging.getLogger(__name__)

_BYTES = "bytes:"


def keep(path: Path, ended: Sequence[EndedAttempt]) -> None:
    """Append them durably, readable by this user alone. Raises OSError where not all of it fits.

    A line that was cut off before goes: it was never relied on, and nothing may be joined to it.
    """
    lines = [json.dumps(asdict(one), default=_encoded) + "\n" for one in ended]
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        whole = file.read().rpartition(b"\n")[:2]
        file.seek(sum(map(len, whole)))
        file.truncate()
        file.write("".join(lines).encode("ascii"))  # all of it, or it raises
        file.flush()
        os.fsync(file.fileno())
    files.sync_folder(path.parent)


def read(path: Path) -> list[EndedAttempt]:
    """What is kept there; a line that was cut off while it was written was never relied on."""
    try:
        lines = path.read_text("ascii").split("\n")
    except FileNotFoundError:
        return []
    return [_decoded(json.loads(line)) for line in lines[:-1]]


def put_back(connection: Connection, one: EndedAttempt, now: str) -> None:
    """Write an answer into the journal, where it is not there yet.

    Another machine may have found the attempt open, and called its orders in doubt. Those that were
    created are settled by the answer; the others stay in doubt, because they may have been sent
    again since.
    """
    found = connection.execute(
        "SELECT state FROM attempt WHERE id = ? AND run = ?", (one.attempt, one.run)
    ).fetchone()
    if found is None:
        _LOG.warning("answer of an attempt that is not in the journal", extra={"id": one.attempt})
    elif found[0] == "OPEN":
        write_ended(connection, one)
    elif found[0] == "IN_DOUBT":
        for verdict, _, _, _, number, tracking_no, outputs, _, part in one.answers:
            if verdict == Verdict.CREATED:
                (reference,) = connection.execute(
                    "SELECT reference FROM part WHERE id = ?", (part,)
                ).fetchone()
                note = t("Its answer came while the journal could not be reached.")
                outcome = json.loads(outputs)
                finding = Finding(reference, True, "query", number, tracking_no, outcome, note=note)
                evidence.record(connection, finding, one.run, now)


def _encoded(value: object) -> str:
    if isinstance(value, bytes):
        return _BYTES + base64.b64encode(value).decode("ascii")
    raise TypeError(type(value))


def _decoded(fields: dict[str, Any]) -> EndedAttempt:
    row = tuple(
        base64.b64decode(value.removeprefix(_BYTES))
        if isinstance(value, str) and value.startswith(_BYTES)
        else value
        for value in fields["row"]
    )
    answers = tuple(tuple(one) for one in fields["answers"])
    return EndedAttempt(fields["attempt"], fields["run"], fields["ended"], row, answers)
