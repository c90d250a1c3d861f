"""Decide which orders of a sheet to send, given what the journal holds about them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from converter.errors import SheetError
from converter.journal import canonical
from converter.journal.canonical import Difference
from converter.journal.fold import STANDING, Cancellation, State
from converter.message import COMMA, join, t
from converter.model import Payload

OTHER_DIVISION = t(
    "Not sent: this order was already sent divided into other parts, so its lines could be sent "
    "twice. Make the order as it was, or give the new lines an order number of their own."
)
MOVED_LINES = t(
    "Not sent: lines of this order were changed that are in a part already sent, so lines could "
    "be sent twice or not at all. Make those lines as they were, or give the new lines an order "
    "number of their own."
)


def is_held_back(message: str) -> bool:
    """Whether it says why lines that may exist at the provider were held back."""
    return message in (OTHER_DIVISION, MOVED_LINES)


Invalid = tuple[str, tuple[int, ...], tuple[str, ...]]
"""An order that failed the checks: its reference, its rows, and why."""


class Planned(Protocol):
    """What planning needs of an order; its payload may be built on demand."""

    @property
    def reference(self) -> str: ...

    @property
    def parent(self) -> str: ...

    @property
    def payload(self) -> Payload: ...

    @property
    def digest(self) -> str: ...

    @property
    def json(self) -> bytes: ...

    @property
    def rows(self) -> tuple[int, ...]: ...


P = TypeVar("P", bound=Planned)


@dataclass(frozen=True, slots=True)
class RefusedContent:
    """The refused content of a part, and what the provider had been asked to do with it."""

    payload_hash: str
    action: str
    is_proved: bool = True
    """False where the provider said no in a way that its documents do not list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What planning needs of a part in the journal."""

    id: int
    key: str
    reference: str
    parent_key: str
    parent: str
    state: State
    division: str
    rows: tuple[int, ...]
    payload_hash: str
    has_body: bool
    doubt_since: float | None
    attempts: int
    refusal: RefusedContent | None = None
    """What its last attempt was refused with, if it was."""
    first_sent: float | None = None
    """Epoch seconds at which the first attempt in doubt began."""
    doubt: int = 0
    """The last attempt in doubt; 0 where there is none."""
    job: str = ""
    """The provider's job that the last attempt in doubt began."""
    beside: int = 0
    """How many orders that attempt had."""
    cancellation: Cancellation = Cancellation.NONE

    @property
    def may_differ(self) -> bool:
        """Whether it matters that the sheet differs by now from what was sent."""
        if self.cancellation is Cancellation.CANCELLED:
            return False
        return self.state in (State.ACCEPTED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Draft(Generic[P]):
    """A part as the sheet has it now, with its entry in the journal."""

    order: P
    key: str
    parent_key: str
    division: str
    entry: Entry | None
    message: str = ""
    """Why it is held back; empty where it is sent."""


@dataclass(slots=True)
class Decisions(Generic[P]):
    """The decision about every order of a sheet."""

    drafts: list[Draft[P]] = field(default_factory=list)
    """Parts to plan with the sheet's payload, in the sheet's order; held back where `message`."""
    again: list[tuple[Entry, tuple[int, ...]]] = field(default_factory=list)
    """Parts in doubt whose first payload is sent again, because the provider refuses duplicates;
    with their rows in the sheet.

    Those with the fewest attempts come first, so that one that always fails holds back no other.
    """
    standing: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Rows in the sheet now of each part that stays as it is, by key."""
    differences: dict[str, tuple[Difference, ...]] = field(default_factory=dict)
    """Paths at which the sheet now differs from what was sent, by key."""
    invalid: dict[str, Invalid] = field(default_factory=dict)
    unchanged: list[Draft[P]] = field(default_factory=list)
    """Parts in `standing` that are held because they were refused and have not changed since."""


def decide(
    orders: Sequence[P],
    invalid: Iterable[Invalid],
    entries: Iterable[Entry],
    *,
    sent_payload: Callable[[Entry], Payload | None],
    may_resend: Callable[[Entry], bool],
    may_repeat: Callable[[RefusedContent, P], bool] = lambda _, __: True,
    may_renew: bool = False,
) -> Decisions[P]:
    """Sort every order of the sheet: to be sent, to be sent again, left as it is, or invalid.

    `may_repeat` says whether an order may be sent after it was refused, `may_renew` whether one
    that was cancelled is to be sent anew under the same reference.

    Raises SheetError where two orders share a reference, because their replies could not be told
    apart.
    """
    by_key: dict[str, Entry] = {}
    by_parent: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key[entry.key] = entry
        by_parent.setdefault(entry.parent_key, []).append(entry)
    made: Decisions[P] = Decisions()
    for parent_key, group in _grouped(orders).items():
        keys = [key for key, _ in group]
        division = "" if keys == [parent_key] else _division(keys)
        drafts = [Draft(order, key, parent_key, division, by_key.get(key)) for key, order in group]
        known = {entry.key: entry for entry in by_parent.get(parent_key, ())}
        known.update((draft.key, draft.entry) for draft in drafts if draft.entry)
        kept = [entry for entry in known.values() if _stands(entry, may_renew)]
        _decide_order(drafts, kept, made, sent_payload, may_resend, may_repeat, may_renew)
    _decide_invalid(invalid, by_key, by_parent, made, orders, may_resend)
    _keep_sheet_order(made, orders)
    return made


def keep_whole_requests(made: Decisions[P], is_replay: Callable[[Entry], bool]) -> None:
    """Leave those of `again` as they are that are sent by repeating a request, where the orders of
    that request are no longer all in doubt, or not all in this sheet."""
    count = Counter(entry.doubt for entry, _ in made.again)
    kept = []
    for entry, rows in made.again:
        if is_replay(entry) and count[entry.doubt] != entry.beside:
            made.standing[entry.key] = rows
        else:
            kept.append((entry, rows))
    made.again = kept


def refuse_twice(orders: Iterable[tuple[str, Sequence[int]]]) -> None:
    """Raise SheetError where two orders, given with their rows, have the same reference."""
    seen: set[str] = set()
    for reference, rows in orders:
        key = canonical.key_of(reference)
        if key in seen:
            raise _twice(key, rows)
        seen.add(key)


def _twice(reference: str, rows: Sequence[int]) -> SheetError:
    return SheetError(
        t("two orders have the reference '{reference}'", reference=reference),
        where=t("rows {rows}", rows=join(COMMA, map(str, rows))),
        remedy=t("Give one of them another order number; nothing was sent"),
    )


def _grouped(orders: Sequence[P]) -> dict[str, list[tuple[str, P]]]:
    """Parts by the key of their order; most orders have just one."""
    groups: dict[str, list[tuple[str, P]]] = {}
    seen: set[str] = set()
    for order in orders:
        key = canonical.key_of(order.reference)
        if key in seen:
            raise _twice(key, order.rows)
        seen.add(key)
        parent = key if order.parent == order.reference else canonical.key_of(order.parent)
        groups.setdefault(parent, []).append((key, order))
    return groups


def _decide_order(
    drafts: list[Draft[P]],
    kept: list[Entry],
    made: Decisions[P],
    sent_payload: Callable[[Entry], Payload | None],
    may_resend: Callable[[Entry], bool],
    may_repeat: Callable[[RefusedContent, P], bool],
    may_renew: bool,
) -> None:
    """Decide about all parts of one order; `kept` are those that cannot be sent anew."""
    division = drafts[0].division
    for draft in drafts:
        entry = draft.entry
        if entry and entry.may_differ:
            if draft.order.digest == entry.payload_hash:
                continue
            before = sent_payload(entry)
            changed = canonical.differences(before, draft.order.payload) if before else ()
            made.differences[draft.key] = changed
    divided_otherwise = any(entry.division != division for entry in kept)
    message = OTHER_DIVISION if divided_otherwise else ""
    if division and not message and any(_in_list(made, entry) for entry in kept):
        message = MOVED_LINES
    for draft in drafts:
        entry = draft.entry
        if entry and _stands(entry, may_renew):
            if entry.state is State.UNKNOWN and not divided_otherwise and may_resend(entry):
                made.again.append((entry, draft.order.rows))
            else:
                made.standing[draft.key] = draft.order.rows
        elif (
            entry
            and entry.refusal
            and entry.division == division
            and not may_repeat(entry.refusal, draft.order)
        ):
            made.standing[draft.key] = draft.order.rows
            made.unchanged.append(draft)
        elif entry and message and entry.state is State.REFUSED:
            made.standing[draft.key] = draft.order.rows
        else:
            held = Draft(draft.order, draft.key, draft.parent_key, division, entry, message)
            made.drafts.append(held)
    if divided_otherwise:
        for entry in kept:
            made.standing.setdefault(entry.key, entry.rows)


def _stands(entry: Entry, may_renew: bool) -> bool:
    """Whether a part is not sent anew, whatever the sheet says now."""
    if may_renew and entry.cancellation is Cancellation.CANCELLED:
        return False
    return entry.state in STANDING


def _in_list(made: Decisions[P], entry: Entry) -> bool:
    """Whether a list in a part that was sent has changed, or can no longer be compared."""
    changed = made.differences.get(entry.key)
    return changed is not None and (not changed or any("[" in one.path for one in changed))


def _division(keys: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode("utf-8", "surrogatepass")).hexdigest()


def _keep_sheet_order(made: Decisions[P], orders: Sequence[P]) -> None:
    """Restore the sheet's order, in which parts of one order may lie apart."""
    place = {id(order): index for index, order in enumerate(orders)}
    made.drafts.sort(key=lambda draft: place[id(draft.order)])
    made.again.sort(key=lambda pair: (pair[0].attempts, pair[1]))


def _decide_invalid(
    invalid: Iterable[Invalid],
    by_key: dict[str, Entry],
    by_parent: dict[str, list[Entry]],
    made: Decisions[P],
    orders: Sequence[P],
    may_resend: Callable[[Entry], bool],
) -> None:
    """Decide about orders that failed the checks; one the provider may have stays as it is."""
    valid = {canonical.key_of(name) for order in orders for name in (order.reference, order.parent)}
    decided = {entry.key for entry, _ in made.again} | set(made.standing)
    for reference, rows, reasons in invalid:
        key = canonical.key_of(reference)
        if not key or key in valid:
            continue
        kept = [entry for entry in by_parent.get(key, ()) if entry.state in STANDING]
        if (own := by_key.get(key)) and own.state in STANDING and own not in kept:
            kept.append(own)
        for entry in kept:
            if entry.key in decided:
                continue  # its reference is that of another order of the sheet by now
            decided.add(entry.key)
            now = rows if entry.key == key else entry.rows
            if entry.state is State.UNKNOWN and may_resend(entry):
                # What is sent again is what was sent first, whatever the sheet says by now.
                made.again.append((entry, now))
            else:
                made.standing[entry.key] = now
        if not kept:
            _, before, why = made.invalid.get(key, ("", (), ()))
            made.invalid[key] = (reference, (*before, *rows), (*why, *reasons))
