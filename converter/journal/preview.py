"""What a plan would leave unsent, told without a lock and without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import time

from converter.journal import canonical, plan_store, planning, records
from converter.journal.account import Account
from converter.journal.database import Connection
from converter.journal.fold import State
from converter.journal.places import place_of
from converter.journal.planning import Entry, Invalid, P, RefusedContent
from converter.journal.records import UNCHANGED, OrderRecord
from converter.journal.resend import ResendRule
from converter.model import Payload


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What decides, beside the orders, whether they are sent."""

    resend: ResendRule
    action: str
    again_rejected: bool = False
    again_cancelled: bool = False


@dataclass(frozen=True)
class Preview:
    """Records of the parts that a run would not send as new ones."""

    by_reference: dict[str, OrderRecord] = field(default_factory=dict)
    by_parent: dict[str, list[OrderRecord]] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    """References of those in doubt that it would send again, unchanged."""


def has_journal(home: Path, account: Account) -> bool:
    """Whether anything was ever sent to this account."""
    return place_of(home, account).exists()


def preview(
    home: Path, account: Account, orders: Sequence[P], invalid: Sequence[Invalid], terms: Terms
) -> Preview:
    """Decide about the orders as a run would at this moment.

    Raises JournalError where the journal cannot be read.
    """
    place = place_of(home, account)
    found = place.read(lambda connection: [_decide(connection, orders, invalid, terms)])
    return found[0] if found else Preview()


def _decide(
    connection: Connection, orders: Sequence[P], invalid: Sequence[Invalid], terms: Terms
) -> Preview:
    names = [order.reference for order in orders] + [order.parent for order in orders]
    names += [reference for reference, _, _ in invalid]

    def sent_payload(entry: Entry) -> Payload | None:
        return plan_store.sent_payload(connection, entry)

    def may_resend(entry: Entry) -> bool:
        since, first_sent = entry.doubt_since, entry.first_sent
        if not entry.has_body or entry.job:
            return False
        return terms.resend.may_resend(since, time(), first_sent)

    def may_repeat(refusal: RefusedContent, order: P) -> bool:
        unchanged = (refusal.payload_hash, refusal.action) == (order.digest, terms.action)
        return terms.again_rejected or not unchanged

    made = planning.decide(
        orders,
        invalid,
        plan_store.read_entries(connection, names),
        sent_payload=sent_payload,
        may_resend=may_resend,
        may_repeat=may_repeat,
        may_renew=terms.again_cancelled and terms.resend.frees_references,
    )
    planning.keep_whole_requests(
        made, lambda entry: terms.resend.is_key_known(entry.first_sent, time())
    )
    unchanged = {draft.key for draft in made.unchanged}
    again = {entry.key for entry, _ in made.again}
    held = {
        *again,
        *made.standing,
        *unchanged,
        *(draft.key for draft in made.drafts if draft.message),
    }
    written = {key: name for name in names if (key := canonical.key_of(name)) in held}
    actions = records.accepting_actions(connection, held)
    told = Preview()
    for record in records.read(
        connection,
        "key",
        held,
        resend=terms.resend,
        differences=made.differences,
    ):
        key = canonical.key_of(record.reference)
        if key in unchanged:
            record = replace(record, flags=(*record.flags, UNCHANGED))
        action = actions.get(key, terms.action)
        if record.state is State.ACCEPTED and action != terms.action:
            record = replace(record, action=action)
        name = written.get(key, record.reference)
        told.by_reference[name] = record
        if key in again:
            told.again.add(name)
        told.by_parent.setdefault(record.parent, []).append(record)
    return told
