"""The open journal of one account during one run.

Every change is one transaction, durable before the next step: the plan before the first request,
the intent before its request is sent, the result before it is shown.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Generic

from converter.journal import (
    attempts,
    canonical,
    evidence,
    opening,
    plan_store,
    planning,
    purge,
    records,
    store,
)
from converter.journal.account import Account
from converter.journal.attempts import AttemptResult, AttemptWriter, Intent
from converter.journal.cancelling import CancelWriter, end_cut_off
from converter.journal.canonical import Difference
from converter.journal.database import Connection
from converter.journal.fold import CUT_OFF, State, Verdict
from converter.journal.plan_store import WrittenResult
from converter.journal.planning import Decisions, Entry, Invalid, P, Planned, RefusedContent
from converter.journal.records import UNCHANGED, OrderRecord, update_states
from converter.journal.redaction import Redaction
from converter.journal.resend import ResendRule
from converter.journal.timestamps import iso_timestamp
from converter.message import enumerate_some, pack, t
from converter.model import (
    Finding,
    HttpRequest,
    Judgement,
    NoReply,
    Order,
    Outcome,
    Payload,
    Reply,
    Status,
)

_NO_ACTIONS = "('', 'reconcile', 'refresh', 'cancel')"
"""What runs are called that ask the provider to make nothing."""


@dataclass(frozen=True)
class RunStart:
    """What a run works on, as its row in the journal says."""

    provider: str
    action: str
    sheet: str
    sheet_sha256: str
    mapping_sha256: str
    version: str
    profile: str = ""
    """The name of the profile that the sheet was read with; empty where there was none."""
    profile_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Plan(Generic[P]):
    """Orders to send, orders to send again, and records of those that are not sent."""

    new: tuple[P, ...]
    """In the sheet's order."""
    again: tuple[Order, ...]
    """Orders in doubt at a provider that refuses duplicates, each with exactly its first payload;
    those with the fewest attempts come first."""
    tries: Mapping[str, int]
    """Number of attempts made for each order of `again`, by reference."""
    standing: dict[str, OrderRecord]
    """Records of parts that are not sent, by reference."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """The attempt that each order of `again` was in doubt with, by reference."""
    asked: Set[str] = frozenset()
    """Those of `again` that are sent only once the provider has said that it lacks them."""
    edited: Set[str] = frozenset()
    """Those of `again` that are different in the sheet by now."""
    unproven: tuple[str, ...] = ()
    """Those of `new` that were refused before in a way that the provider does not document."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Those of `new` with the content of an order in doubt that the sheet lacks, and its name."""


class Journal:
    """Reads and writes the journal of one account during one run; not thread-safe."""

    def __init__(
        self,
        file: store.JournalFile,
        *,
        resend: ResendRule,
        redaction: Redaction,
        clock: Callable[[], float],
    ) -> None:
        self.run = ""
        self._file = file
        self.resend = resend
        self._redaction = redaction
        self._clock = clock
        self._run_id = 0
        self._action = ""
        self._has_other_actions = False
        self._attempts = AttemptWriter(file, redaction, clock)
        self.cancels = CancelWriter(file, redaction, clock)
        self._differences: dict[str, tuple[Difference, ...]] = {}
        self._whole: set[str] = set()
        self._divided: dict[str, set[str]] = {}
        """Current part keys of each divided order of the sheet."""

    @classmethod
    @contextmanager
    def open(
        cls,
        home: Path,
        account: Account,
        run: RunStart,
        *,
        resend: ResendRule,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> Iterator[Journal]:
        """Lock the account and start a run; orders left open by a dead run become unknown.

        Raises AccountBusy if another run holds the account, JournalError if the journal cannot be
        trusted.
        """
        with opening.open_file(home, account) as file:
            yield cls.start(
                file,
                run,
                resend=resend,
                secrets=secrets,
                clock=clock,
            )

    @classmethod
    def start(
        cls,
        file: store.JournalFile,
        run: RunStart,
        *,
        resend: ResendRule,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> Journal:
        """Start a run in an open journal file; it lasts until the next one is started."""
        journal = cls(
            file,
            resend=resend,
            redaction=Redaction(secrets),
            clock=clock,
        )
        journal._begin(run)
        return journal

    @property
    def last_request(self) -> float:
        """Epoch seconds of the account's last request, where its pace is limited."""
        return self._file.last_request

    def note_request(self, when: float) -> None:
        """Keep when a request is made, for the pace of the next process."""
        self._file.note_request(when)

    def keep_secret(self, value: str) -> None:
        """Mask a value, such as a token that was fetched, in everything written from now on."""
        self._redaction.add(value)

    def redact(self, text: str) -> str:
        """The text without secrets and lone surrogates."""
        return self._redaction.clean(text)

    # -- T3, and the run itself --------------------------------------------------------------------

    def _begin(self, run: RunStart) -> None:
        self._action = run.action
        mark = os.urandom(8).hex()
        with self._transaction() as connection:
            cut_off = connection.execute(
                "SELECT part FROM answer WHERE attempt IN"
                " (SELECT id FROM attempt WHERE state = 'OPEN')"
            ).fetchall()
            connection.execute(
                "UPDATE answer SET verdict = ?, status = ?, message = ?, message_json = ?"
                " WHERE verdict IS NULL"
                " AND attempt IN (SELECT id FROM attempt WHERE state = 'OPEN')",
                (Verdict.IN_DOUBT, Status.UNKNOWN, str(CUT_OFF), pack(CUT_OFF)),
            )
            connection.execute(
                "UPDATE attempt SET state = 'IN_DOUBT', in_doubt_since = started_at, ended = ?,"
                " reason = 'the run was cut off' WHERE state = 'OPEN'",
                (self._timestamp(),),
            )
            update_states(connection, [part for (part,) in cut_off], self._timestamp())
            end_cut_off(connection, self._timestamp())
            # A doubt from a time when the clock was wrong would otherwise settle in years only. It
            # counts from when it was seen, but only until the clock has passed its own time.
            connection.execute(
                "UPDATE part SET doubt_seen = CASE WHEN doubt_since > ?1 THEN"
                " CASE WHEN doubt_seen < ?1 THEN doubt_seen ELSE ?1 END END"
                " WHERE state IN ('SENDING', 'UNKNOWN') AND (doubt_since > ?1 OR doubt_seen > 0)",
                (self._clock(),),
            )
            day_and_time = datetime.fromtimestamp(self._clock()).strftime("%Y%m%d-%H%M%S")
            taken = "SELECT 1 FROM run WHERE name = ?"
            while not self.run or connection.execute(taken, (self.run,)).fetchone():
                self.run = f"{day_and_time}-{os.urandom(2).hex()}"
            (self._run_id,) = connection.execute(
                "INSERT INTO run (name, started, provider, action, sheet, sheet_sha256,"
                " mapping_sha256, version, class, settle_seconds, mark,"
                " profile, profile_sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    self.run, self._timestamp(), run.provider, run.action, run.sheet,
                    run.sheet_sha256, run.mapping_sha256, run.version, self.resend.class_,
                    float(self.resend.settle_seconds), mark, run.profile, run.profile_sha256,
                ),
            ).fetchone()  # fmt: skip
            self._attempts.run = self.cancels.run = self._run_id
            self._has_other_actions = bool(
                connection.execute(
                    f"SELECT 1 FROM run WHERE action NOT IN {_NO_ACTIONS} AND action <> ?1"
                    f" AND ?1 NOT IN {_NO_ACTIONS} LIMIT 1", (run.action,)
                ).fetchone()
            )  # fmt: skip

        self._file.note_run(self.run, mark)
        try:
            purge.purge(self._file, self._clock())
        except sqlite3.Error as error:
            raise self._file.write_error(error) from error

    @property
    def facts(self) -> dict[str, str]:
        """What a result workbook says of the journal, by which one is known that went back."""
        mark = self._file.mark
        return {"journal": self._file.name, "mark": mark.mark, "attempt": str(mark.attempt)}

    def finish(
        self, *, result_path: str, result_sha256: str, counts: Mapping[str, int], stopped: str
    ) -> None:
        """Record how the run ended, and the path and SHA-256 of its result workbook."""
        path = os.path.normcase(Path(result_path).resolve()) if result_path else ""
        why = self.redact(stopped)

        def write() -> None:
            with self._file.transaction() as connection:
                connection.execute(
                    "UPDATE run SET finished = ?, result_path = ?, result_sha256 = ?, counts = ?,"
                    " stopped = ?, stopped_json = ? WHERE id = ?",
                    (
                        self._timestamp(), path, result_sha256, json.dumps(dict(counts)),
                        str(why), pack(why), self._run_id,
                    ),
                )  # fmt: skip

        try:
            self._file.write_or_free_space(write)
        except sqlite3.Error as error:
            raise self._file.write_error(error) from error

    # -- T0 and T6 ---------------------------------------------------------------------------------

    def plan(
        self,
        orders: Sequence[P],
        invalid: Sequence[Invalid],
        *,
        again_rejected: bool = False,
        again_cancelled: bool = False,
    ) -> Plan[P]:
        """Decide which orders to send, and write that plan before anything is sent (T0, T6).

        With `again_rejected`, orders that were refused are sent again though nothing has changed;
        with `again_cancelled`, those that were cancelled, where the provider frees references.
        """
        problems = [(name, rows, tuple(map(self.redact, why))) for name, rows, why in invalid]
        names = [order.reference for order in orders] + [order.parent for order in orders]
        names += [reference for reference, _, _ in problems]
        with self._transaction() as connection:

            def sent_payload(entry: Entry) -> Payload | None:
                return plan_store.sent_payload(connection, entry)

            def may_repeat(refusal: RefusedContent, order: P) -> bool:
                return again_rejected or (refusal.payload_hash, refusal.action) != (
                    order.digest, self._action,
                )  # fmt: skip

            made = planning.decide(
                orders,
                problems,
                self._entries(connection, names),
                sent_payload=sent_payload,
                may_resend=self._may_resend,
                may_repeat=may_repeat,
                may_renew=again_cancelled and self.resend.frees_references,
            )
            planning.keep_whole_requests(
                made, lambda entry: self.resend.is_key_known(entry.first_sent, self._clock())
            )
            again = [
                Order(entry.reference, entry.parent, sent_payload(entry) or {}, rows)
                for entry, rows in made.again
            ]
            renamed = self._renamed(connection, made)
            plan_store.write(connection, made, problems, self._run_id, self._timestamp())
        new = [draft for draft in made.drafts if not draft.message]
        self._attempts.may_be_sent = {draft.key for draft in new}
        asked = {entry.id for entry, _ in made.again if self._must_ask(entry)}
        self._attempts.may_be_resent = {entry.id for entry, _ in made.again} - asked
        self._attempts.may_be_sent_once_absent = asked
        self._attempts.replays = self.resend.replays
        self._differences = made.differences
        self._keep_division(orders)
        return Plan(
            new=tuple(draft.order for draft in new),
            again=tuple(again),
            tries={entry.reference: entry.attempts for entry, _ in made.again},
            requests={entry.reference: entry.doubt for entry, _ in made.again},
            asked=frozenset(entry.reference for entry, _ in made.again if entry.id in asked),
            edited=frozenset(
                entry.reference for entry, _ in made.again if entry.key in made.differences
            ),
            standing=self._not_sent(made, names),
            renamed=renamed,
            unproven=tuple(
                draft.order.reference
                for draft in new
                if draft.entry and draft.entry.refusal and not draft.entry.refusal.is_proved
            ),
        )

    def _keep_division(self, orders: Iterable[Planned]) -> None:
        """Keep into which parts the sheet's orders are divided now."""
        self._whole, self._divided = set(), {}
        for order in orders:
            if order.reference == order.parent:
                self._whole.add(canonical.key_of(order.reference))
            else:
                own = self._divided.setdefault(canonical.key_of(order.parent), set())
                own.add(canonical.key_of(order.reference))

    def _not_sent(self, made: Decisions[P], names: Iterable[str]) -> dict[str, OrderRecord]:
        """Records of the parts that are not sent, by their reference as the sheet writes it."""
        shown = {*made.standing, *(draft.key for draft in made.drafts if draft.message)}
        unchanged = {draft.key for draft in made.unchanged}
        written = {key: name for name in names if (key := canonical.key_of(name)) in shown}
        found = {}
        for record in self._read("key", shown):
            key = canonical.key_of(record.reference)
            if key in unchanged:
                record = replace(record, flags=(*record.flags, UNCHANGED))
            found[written.get(key, record.reference)] = record
        return found

    def compare(self, orders: Iterable[Planned]) -> None:
        """Find where orders that were sent differ from the sheet, for the records read after it."""
        connection = self._file.connection
        now = {canonical.key_of(order.reference): order for order in orders}
        for entry in self._entries(connection, now):
            order = now.get(entry.key)
            if order is None or not entry.may_differ:
                continue
            if order.digest != entry.payload_hash:
                before = plan_store.sent_payload(connection, entry)
                changed = canonical.differences(before, order.payload) if before else ()
                self._differences[entry.key] = changed

    def _renamed(self, connection: Connection, made: Decisions[P]) -> tuple[tuple[str, str], ...]:
        """New orders with the very content of one in doubt, whose name the sheet lacks."""
        here = {draft.key for draft in made.drafts} | set(made.standing) | set(made.invalid)
        here.update(entry.key for entry, _ in made.again)
        doubts: dict[bytes, str] = {}
        for reference, content in plan_store.in_doubt_elsewhere(connection, here):
            doubts.setdefault(content, reference)
        if not doubts:
            return ()
        return tuple(
            (order.reference, doubts[content])
            for draft in made.drafts
            if draft.entry is None and not draft.message
            for order in [draft.order]
            for content in [canonical.without_names(order.payload, (order.reference, order.parent))]
            if content in doubts
        )

    def _entries(self, connection: Connection, names: Iterable[str]) -> list[Entry]:
        """What the journal holds of these orders.

        Raises JournalError where its table and its index do not agree: an order that an index
        misses would be sent again.
        """
        try:
            found = list(plan_store.read_entries(connection, names))
            agree = plan_store.indexes_agree(connection, names, found)
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            raise self._file.damaged(error) from error
        if not agree:
            raise self._file.damaged(t("an index and its table do not agree"))
        return found

    def _may_resend(self, entry: Entry) -> bool:
        since, first_sent = entry.doubt_since, entry.first_sent
        if not entry.has_body or entry.job:  # a job is asked, never begun again
            return False
        return self.resend.may_resend(since, self._clock(), first_sent)

    def _must_ask(self, entry: Entry) -> bool:
        return self.resend.must_ask(entry.first_sent, self._clock())

    # -- T1, T2 and T4 -----------------------------------------------------------------------------

    def intend(self, orders: Sequence[Order], request: HttpRequest, *, deadline: float) -> int:
        """Record, before it is sent, that this request carries these orders. Returns the attempt.

        Only URL and body hash of the request are kept: body and headers can carry secrets.
        """
        return self._attempts.exchange((), [Intent(orders, request, deadline)])[0]

    def record(self, attempt: int, reply: Reply | NoReply, judgement: Judgement) -> None:
        """Record what came back; where that fails, JournalError names the outcomes instead."""
        self._attempts.exchange([AttemptResult(attempt, reply, judgement)], ())

    def exchange(self, answers: Sequence[AttemptResult], intents: Sequence[Intent]) -> list[int]:
        """Record results and new intents in one transaction, which waits for the disk once.

        Returns the attempts of the intents. Where these cannot be written, the results are written
        by themselves before JournalError is raised.
        """
        return self._attempts.exchange(answers, intents)

    # -- T5 and T7 ---------------------------------------------------------------------------------

    def settle(self, findings: Iterable[Finding]) -> list[str]:
        """Record findings about orders in doubt. Returns the references they settled."""
        with self._transaction() as connection:
            now = self._timestamp()
            clean = [self._clean_finding(finding) for finding in findings]
            return [
                finding.reference
                for finding in clean
                if evidence.record(connection, finding, self._run_id, now)
            ]

    def open_jobs(self, references: Iterable[str]) -> dict[str, list[Order]]:
        """The provider's jobs that have orders in doubt, with those of them that are given."""
        connection = self._file.connection
        found: dict[str, list[Order]] = {}
        for entry in self._entries(connection, references):
            if entry.state is State.UNKNOWN and entry.job:
                payload = plan_store.sent_payload(connection, entry) or {}
                order = Order(entry.reference, entry.parent, payload, entry.rows)
                found.setdefault(entry.job, []).append(order)
        return found

    def settle_job(
        self,
        orders: Sequence[Order],
        request: HttpRequest,
        reply: Reply,
        outcomes: Sequence[Outcome],
    ) -> None:
        """Record what a job that has ended says of its orders; `unknown` ones stay in doubt."""
        with self._transaction() as connection:
            self._attempts.record_job(connection, orders, request, reply, outcomes)

    def note_call(
        self,
        kind: str,
        request: HttpRequest,
        reply: Reply | NoReply,
        references: Iterable[str] = (),
    ) -> None:
        """Record a call about orders that exist, or may exist; which ones, where that is known."""
        with self._transaction() as connection:
            self._attempts.note_call(connection, kind, request, reply, references)

    def payload(self, reference: str) -> Payload:
        """What was sent last for an order; empty where it is no longer kept."""
        entries = [
            one
            for one in self._entries(self._file.connection, [reference])
            if one.key == canonical.key_of(reference)
        ]
        if not entries:
            return {}
        return plan_store.sent_payload(self._file.connection, entries[0]) or {}

    def not_found(self, references: Iterable[str]) -> list[str]:
        """Record that the provider lacks these orders in doubt, as it said just now.

        Returns those that it lacked some time before too, since the last attempt to send them:
        they do not exist there.
        """
        with self._transaction() as connection:
            return evidence.record_absence(
                connection, references, self._run_id, self._clock(), self.resend.apart_seconds
            )

    def is_replay(self, orders: Sequence[Order], request: HttpRequest) -> bool:
        """Whether a request is the very one that left these orders in doubt."""
        connection = self._file.connection
        keys = json.dumps([canonical.key_of(order.reference) for order in orders])
        found = "SELECT id FROM part WHERE key IN (SELECT value FROM json_each(?))"
        parts = [part for (part,) in connection.execute(found, (keys,))]
        return attempts.is_replay(connection, request, parts)

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

    def records(self, references: Iterable[str]) -> dict[str, OrderRecord]:
        """Records of these parts, by the reference given."""
        asked: dict[str, list[str]] = {}
        for reference in references:
            asked.setdefault(canonical.key_of(reference), []).append(reference)
        return {
            name: one
            for one in self._read("key", asked)
            for name in asked.get(canonical.key_of(one.reference), ())
        }

    def accepted_since(self, seconds: float) -> list[str]:
        """References of the parts that were accepted in the last seconds, oldest first."""
        found = self._file.connection.execute(
            "SELECT reference FROM part WHERE state = 'ACCEPTED' AND unixepoch(accepted) > ?"
            " ORDER BY id",
            (self._clock() - seconds,),
        )
        return [reference for (reference,) in found]

    def results_of(self, references: Sequence[str]) -> list[WrittenResult]:
        """The newest result workbooks that these parts stand in."""
        return plan_store.results_of(self._file.connection, references)

    def records_of_all(self, references: Collection[str]) -> dict[str, OrderRecord]:
        """Like `records`, of parts that were planned. Raises JournalError where one is missing."""
        found = self.records(references)
        if missing := [reference for reference in references if reference not in found]:
            problem = t("it lacks {names}, which it held before", names=enumerate_some(missing))
            raise self._file.damaged(problem)
        return found

    def by_parent(self, parents: Iterable[str]) -> dict[str, list[OrderRecord]]:
        """Records of the parts of each order, without unsent parts of an earlier division."""
        asked = {canonical.key_of(parent): parent for parent in parents}
        found: dict[str, list[OrderRecord]] = {}
        for one in self._read("parent_key", asked):
            parent = canonical.key_of(one.parent)
            now = self._divided.get(parent, {parent} if parent in self._whole else None)
            given_up = now is not None and canonical.key_of(one.reference) not in now
            if not (given_up and one.state in (State.PLANNED, State.REFUSED, State.INVALID)):
                found.setdefault(asked[parent], []).append(one)
        return found

    def _read(self, column: str, keys: Iterable[str]) -> list[OrderRecord]:
        try:
            found = records.read(
                self._file.connection,
                column,
                keys,
                resend=self.resend,
                differences=self._differences,
            )
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            raise self._file.damaged(error) from error
        if not self._has_other_actions:
            return found
        own = [canonical.key_of(one.reference) for one in found]
        actions = records.accepting_actions(self._file.connection, own)
        return [
            replace(one, action=action)
            if (action := actions.get(key, self._action)) != self._action
            else one
            for key, one in zip(own, found, strict=True)
        ]

    # -- time and transactions ---------------------------------------------------------------------

    def _timestamp(self) -> str:
        return iso_timestamp(self._clock())

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._file.transaction() as connection:
                yield connection
        except sqlite3.Error as error:
            raise self._file.write_error(error) from error
