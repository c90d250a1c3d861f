"""What was about to be sent and what came back, kept on disk so that nothing is sent twice.

Every change is one transaction, and is on the disk before the next step is taken: the plan before
the first request, the intent before the request leaves, the answer before it is shown.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Generic

from converter.journal import canonical, evidence, known, planning, plans, store
from converter.journal.attempts import Answer, Intent, Requests, moment
from converter.journal.evidence import Finding
from converter.journal.fold import CUT_OFF, State, Verdict
from converter.journal.known import Known, rows_text, settle
from converter.journal.planning import Entry, Invalid, P
from converter.journal.redaction import Redaction
from converter.journal.store import Account
from converter.model import HttpRequest, Judgement, NoReply, Order, Payload, Reply, Status

_BODIES_KEPT_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class RunStart:
    """What a run is about to work on."""

    provider: str
    action: str
    sheet: str
    sheet_sha256: str
    mapping_sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class Plan(Generic[P]):
    """What is to be sent, and what the journal says is not."""

    new: tuple[P, ...]
    """In the sheet's order."""
    again: tuple[Order, ...]
    """In doubt, and the provider refuses a second copy: exactly the first payload. Those that were
    tried least come first."""
    tries: Mapping[str, int]
    """How many attempts were made for each of `again`, by reference."""
    standing: dict[str, Known]
    """By part reference."""


class Journal:
    """The open journal of one account during one run; used by one thread only."""

    def __init__(
        self,
        file: store.JournalFile,
        *,
        class_: str,
        settle_seconds: float,
        redaction: Redaction,
        clock: Callable[[], float],
    ) -> None:
        self.run = ""
        self._file = file
        self._class = class_
        self._settle_seconds = settle_seconds
        self._redaction = redaction
        self._clock = clock
        self._run_id = 0
        self._requests = Requests(file, redaction, clock)
        self._differences: dict[str, tuple[str, ...]] = {}
        self._whole: set[str] = set()
        self._divided: dict[str, set[str]] = {}
        """The parts that each order of the sheet has now."""

    @classmethod
    @contextmanager
    def open(
        cls,
        home: Path,
        account: Account,
        run: RunStart,
        *,
        class_: str,
        settle_seconds: float,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> Iterator[Journal]:
        """Hold the account for this run; orders that a dead run left open become unknown.

        Raises AccountBusy at once if another run holds it, JournalError if it cannot be trusted.
        """
        with store.opened(home, account) as file:
            yield cls.begun(
                file,
                run,
                class_=class_,
                settle_seconds=settle_seconds,
                secrets=secrets,
                clock=clock,
            )

    @classmethod
    def begun(
        cls,
        file: store.JournalFile,
        run: RunStart,
        *,
        class_: str,
        settle_seconds: float,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> Journal:
        """One more run of an account that is held already; it ends when the next one begins."""
        journal = cls(
            file,
            class_=class_,
            settle_seconds=settle_seconds,
            redaction=Redaction(secrets),
            clock=clock,
        )
        journal._begin(run)
        return journal

    def redact(self, text: str) -> str:
        """The text without secrets, and such that it can be written anywhere."""
        return self._redaction.clean(text)

    # -- T3, and the run itself --------------------------------------------------------------------

    def _begin(self, run: RunStart) -> None:
        with self._writing() as connection:
            cut_off = connection.execute(
                "SELECT part FROM answer WHERE attempt IN"
                " (SELECT id FROM attempt WHERE state = 'OPEN')"
            ).fetchall()
            connection.execute(
                "UPDATE answer SET verdict = ?, status = ?, message = ? WHERE verdict IS NULL"
                " AND attempt IN (SELECT id FROM attempt WHERE state = 'OPEN')",
                (Verdict.IN_DOUBT, Status.UNKNOWN, CUT_OFF),
            )
            connection.execute(
                "UPDATE attempt SET state = 'IN_DOUBT', in_doubt_since = started_at, ended = ?,"
                " reason = 'the run was cut off' WHERE state = 'OPEN'",
                (self._now(),),
            )
            settle(connection, [part for (part,) in cut_off], self._now())
            connection.execute(
                "UPDATE payload SET body = NULL WHERE body IS NOT NULL AND part IN (SELECT id FROM"
                " part WHERE state IN ('ACCEPTED', 'REFUSED', 'DUPLICATE', 'INVALID')"
                " AND answered <> '' AND unixepoch(answered) < ?)",
                (self._clock() - _BODIES_KEPT_SECONDS,),
            )
            moment = datetime.fromtimestamp(self._clock()).strftime("%Y%m%d-%H%M%S")
            taken = {name for (name,) in connection.execute("SELECT name FROM run")}
            while not self.run or self.run in taken:
                self.run = f"{moment}-{os.urandom(2).hex()}"
            cursor = connection.execute(
                "INSERT INTO run (name, started, provider, action, sheet, sheet_sha256,"
                " mapping_sha256, version, class, settle_seconds)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.run, self._now(), run.provider, run.action, run.sheet, run.sheet_sha256,
                    run.mapping_sha256, run.version, self._class, float(self._settle_seconds),
                ),
            )  # fmt: skip
            self._run_id = self._requests.run = int(cursor.lastrowid or 0)

    def finish(
        self, *, result_path: str, result_sha256: str, counts: Mapping[str, int], stopped: str
    ) -> None:
        """Note how the run ended and which result it wrote, to know that file again."""
        path = os.path.normcase(Path(result_path).resolve()) if result_path else ""

        def write() -> None:
            with self._file.transaction() as connection:
                connection.execute(
                    "UPDATE run SET finished = ?, result_path = ?, result_sha256 = ?, counts = ?,"
                    " stopped = ? WHERE id = ?",
                    (
                        self._now(), path, result_sha256, json.dumps(dict(counts)),
                        self.redact(stopped), self._run_id,
                    ),
                )  # fmt: skip

        try:
            self._file.by_all_means(write)
        except sqlite3.Error as error:
            raise self._file.not_written(error) from error

    # -- T0 and T6 ---------------------------------------------------------------------------------

    def plan(self, orders: Sequence[P], invalid: Sequence[Invalid]) -> Plan[P]:
        """Decide what is to be sent, and keep all of it before anything is."""
        problems = [(name, rows, tuple(map(self.redact, why))) for name, rows, why in invalid]
        names = [order.reference for order in orders] + [order.parent for order in orders]
        names += [reference for reference, _, _ in problems]
        with self._writing() as connection:

            def sent_payload(entry: Entry) -> Payload | None:
                return plans.sent_payload(connection, entry)

            made = planning.decide(
                orders,
                problems,
                plans.entries(connection, names),
                sent_payload=sent_payload,
                may_resend=self._may_resend,
            )
            again = [
                Order(entry.reference, entry.parent, sent_payload(entry) or {}, order.rows)
                for entry, order in made.again
            ]
            plans.keep_drafts(connection, made.drafts, self._run_id)
            plans.keep_invalid(connection, made.invalid, problems, self._run_id)
            connection.executemany(
                "UPDATE part SET rows = ?2 WHERE key = ?1 AND rows <> ?2",
                ((key, rows_text(rows)) for key, rows in made.standing.items()),
            )
            plans.keep_list(
                connection,
                [
                    *(draft.key for draft in made.drafts),
                    *(entry.key for entry, _ in made.again),
                    *made.standing,
                    *made.invalid,
                ],
                self._run_id,
            )
        new = [draft for draft in made.drafts if not draft.message]
        self._requests.new = {draft.key for draft in new}
        self._requests.again = {entry.id for entry, _ in made.again}
        self._differences = made.differences
        self._whole, self._divided = set(), {}
        for order in orders:
            if order.reference == order.parent:
                self._whole.add(canonical.key_of(order.reference))
            else:
                own = self._divided.setdefault(canonical.key_of(order.parent), set())
                own.add(canonical.key_of(order.reference))
        shown = {*made.standing, *(draft.key for draft in made.drafts if draft.message)}
        written = {key: name for name in names if (key := canonical.key_of(name)) in shown}
        return Plan(
            new=tuple(draft.order for draft in new),
            again=tuple(again),
            tries={entry.reference: entry.attempts for entry, _ in made.again},
            standing={
                written.get(canonical.key_of(known.reference), known.reference): known
                for known in self._read("key", shown)
            },
        )

    def _may_resend(self, entry: Entry) -> bool:
        """Only where a second copy is refused, and once the first can no longer be under way."""
        until = (entry.doubt_since or 0) + self._settle_seconds
        return self._class == "A" and entry.has_body and until <= self._clock()

    # -- T1, T2 and T4 -----------------------------------------------------------------------------

    def intend(self, orders: Sequence[Order], request: HttpRequest, *, deadline: float) -> int:
        """Keep, before it leaves, that this request carries these orders. Returns the attempt.

        Of the request itself only address and hash are kept: body and headers can carry secrets.
        """
        return self._requests.exchange((), [Intent(orders, request, deadline)])[0]

    def record(self, attempt: int, reply: Reply | NoReply, judgement: Judgement) -> None:
        """Keep what came back and what it means. Raises JournalError that tells it otherwise."""
        self._requests.exchange([Answer(attempt, reply, judgement)], ())

    def exchange(self, answers: Sequence[Answer], intents: Sequence[Intent]) -> list[int]:
        """Keep what came back, and what is to leave now, in one transaction: one wait for the disk.

        Returns the attempts of the intents. Where these cannot be kept, the answers are kept by
        themselves, and then JournalError is raised.
        """
        return self._requests.exchange(answers, intents)

    # -- T5 and T7 ---------------------------------------------------------------------------------

    def settle(self, findings: Iterable[Finding]) -> list[str]:
        """Keep what was found out about orders in doubt. Returns the references it settled."""
        with self._writing() as connection:
            now = self._now()
            clean = [self._clean_finding(finding) for finding in findings]
            return [
                finding.reference
                for finding in clean
                if evidence.keep(connection, finding, self._run_id, now)
            ]

    def _clean_finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            provider_order_no=self.redact(finding.provider_order_no),
            tracking_no=self.redact(finding.tracking_no),
            outputs={name: self.redact(value) for name, value in finding.outputs.items()},
            who=self.redact(finding.who),
            note=self.redact(finding.note),
        )

    # -- showing -----------------------------------------------------------------------------------

    def known(self, references: Iterable[str]) -> dict[str, Known]:
        """What is known of these parts, by the reference that was asked for."""
        asked: dict[str, list[str]] = {}
        for reference in references:
            asked.setdefault(canonical.key_of(reference), []).append(reference)
        return {
            name: one
            for one in self._read("key", asked)
            for name in asked[canonical.key_of(one.reference)]
        }

    def by_parent(self, parents: Iterable[str]) -> dict[str, list[Known]]:
        """The parts of each of these orders, without those of a division that is given up."""
        asked = {canonical.key_of(parent): parent for parent in parents}
        found: dict[str, list[Known]] = {}
        for one in self._read("parent_key", asked):
            parent = canonical.key_of(one.parent)
            now = self._divided.get(parent, {parent} if parent in self._whole else None)
            given_up = now is not None and canonical.key_of(one.reference) not in now
            if not (given_up and one.state in (State.PLANNED, State.REFUSED, State.INVALID)):
                found.setdefault(asked[parent], []).append(one)
        return found

    def _read(self, column: str, keys: Iterable[str]) -> list[Known]:
        return known.read(
            self._file.connection,
            column,
            keys,
            settle_seconds=self._settle_seconds,
            differences=self._differences,
        )

    # -- small things ------------------------------------------------------------------------------

    def _now(self) -> str:
        return moment(self._clock())

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._file.transaction() as connection:
                yield connection
        except sqlite3.Error as error:
            raise self._file.not_written(error) from error
