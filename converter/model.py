"""Values used by every wing: cell, issue, order, outcome, status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

Payload = dict[str, Any]
"""The nested JSON of one order: dict, list, str, int, Decimal, bool or None."""

RESULTS_SHEET = "Results"
SUMMARY_SHEET = "Summary"
REPAIRS_SHEET = "Repairs"
GUIDE_SHEET = "Guide"
EXAMPLE_SHEET = "Example"
CHOICES_SHEET = "Choices"
OWN_SHEETS = (
    RESULTS_SHEET, SUMMARY_SHEET, REPAIRS_SHEET, GUIDE_SHEET, EXAMPLE_SHEET, CHOICES_SHEET
)  # fmt: skip
"""Sheets that this program adds to workbooks; none of them is ever read as orders."""

STATUS_TITLE = "Status 处理状态"
MESSAGE_TITLE = "Message 处理说明"
DECISION_TITLE = "Decision 处理决定"
FOUND_TITLE = "Found order no. 查到的单号"
"""Columns of Results for decisions about orders in doubt."""

OWN_TITLES = (STATUS_TITLE, MESSAGE_TITLE)
"""Columns that this program adds to the customer's sheet; reading passes over them."""


def own_title_in(title: str, lang: str) -> str:
    """One of these titles with the reader's language first, where it is one of its two."""
    english, _, chinese = title.rpartition(" ")
    return {"zh": f"{chinese} {english}"}.get(lang, title)


_WRITTEN = {
    written: title
    for title in (*OWN_TITLES, DECISION_TITLE, FOUND_TITLE)
    for written in (title, own_title_in(title, "zh"))
}


def own_title(text: str) -> str:
    """Which of our columns has this title, in whichever order of its languages; empty for none."""
    return _WRITTEN.get(text.strip(), "")


class Status(StrEnum):
    """What we know about one order; the value is the word shown to people."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NOT_SENT = "not sent"
    CANCELLED = "cancelled"
    """It was accepted, and cancelled later."""
    CANCEL_UNKNOWN = "cancellation unknown"
    """It was accepted; whether it was cancelled later, nobody knows."""
    VALID = "valid"
    """Passed every check; only `check` says so, because it sends nothing."""


DONE = frozenset({Status.ACCEPTED, Status.CANCELLED, Status.VALID})
"""What nobody has to do anything about."""

IN_DOUBT = frozenset({Status.UNKNOWN, Status.DUPLICATE})
"""Statuses that only a query or a person can settle."""


UNPROVEN = "unproven"
"""Flag of a rejected order whose refusal no document of the provider lists as one: it is likely,
but not proved, that nothing was created."""


WARNED = "warning"
"""Flag of an accepted order about which the provider warns all the same."""


NOT_MADE = "not_made"
"""Output of an order of which only some lines were made: those that were not (see `lines`)."""


NO_LINE_MADE = "no_line_made"
"""Flag of a partial order of which no line was made, so that the missing ones are all of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands in the customer's file, in Excel's own terms.

    `column` is the letters; empty where a whole row is meant. `row` counts from 1.
    """

    sheet: str
    column: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet}!{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem in the customer's data; `messages.issue` words it."""

    cell: Cell
    field: str
    """The field's path; empty where the problem is not one field's."""
    title: str
    """The column's title as the customer wrote it, else the field's own."""
    code: str
    """Key of its message."""
    facts: Mapping[str, str]
    warning: bool = False
    """Shown, but does not prevent sending."""
    value: str = ""
    """The text of the cell, as it stands in the sheet."""

    def with_value(self, value: str) -> Issue:
        """Like `replace`, which takes five times as long: a sheet may have an issue in each row."""
        return Issue(self.cell, self.field, self.title, self.code, self.facts, self.warning, value)


@dataclass(frozen=True, slots=True)
class Repair:
    """A value that was taken otherwise than it stands in its cell, because that was certain."""

    cell: Cell
    field: str
    """The field's path."""
    title: str
    """The column's title as the customer wrote it, else the field's own."""
    code: str
    """Key of its message."""
    facts: Mapping[str, str]
    value: str
    """The text of the cell, as it stands in the sheet."""
    taken: str
    """What it was taken for; empty where it was taken for a blank cell."""


OF_PROVIDER = ("provider_says", "line_not_made")
"""Codes of issues that mark what the provider said of an order, which its message tells too."""


@dataclass(frozen=True, slots=True)
class Issues:
    """Issues that are made when they are read: a sheet may have millions."""

    sources: tuple[Callable[[], Iterable[Issue]], ...] = ()

    def __iter__(self) -> Iterator[Issue]:
        for source in self.sources:
            yield from source()

    def __add__(self, other: Issues) -> Issues:
        return Issues(self.sources + other.sources)


@dataclass(frozen=True)
class Order:
    """One part of an order as it is sent: the unit that a provider answers for.

    Most orders have one part, and then `reference` is the order's own.
    """

    reference: str
    """What the provider is told; unique per account."""
    parent: str
    """The order's own number in the sheet; differs from `reference` for a split order."""
    payload: Payload
    rows: tuple[int, ...]

    @cached_property
    def json(self) -> bytes:
        """The payload as it is sent: every number exactly as it is."""
        from converter import json_text  # orjson, which not every command needs

        return json_text.encode(self.payload)

    @cached_property
    def digest(self) -> str:
        """SHA-256 identifying the payload in the journal."""
        from converter import json_text

        return json_text.digest(self.payload)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one answer says about one order."""

    status: Status
    message: str = ""
    provider_order_no: str = ""
    tracking_no: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendResult:
    """How sending ended; by default, everything there was to send was sent."""

    stopped: str = ""
    """Why it stopped early; empty where it did not."""
    interrupted: bool = False
    """Ctrl-C or the like ended it."""
    notes: tuple[str, ...] = ()
    fault: Exception | None = None
    """A fault of this program that ended it; to be raised once all is written down."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an order exists at the provider, and how that was established."""

    reference: str
    created: bool
    source: str
    """`query` or `decision`."""
    provider_order_no: str = ""
    tracking_no: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    who: str = ""
    note: str = ""
    settled: bool = False
    """A part of it existed, and somebody had the rest made at the provider."""


@dataclass(frozen=True, slots=True)
class Result:
    """One status row: what became of one order of the sheet."""

    reference: str
    status: Status
    message: str = ""
    provider_order_no: str = ""
    tracking_no: str = ""
    rows: tuple[int, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    attempts: int = 0
    time: str = ""
    """When the last answer came, ISO 8601 with zone; empty where there was none."""
    request_id: str = ""
    parts: tuple[Result, ...] = ()
    """The parts of an order that was split; empty for the usual order."""
    flags: tuple[str, ...] = ()
    """What else is known of it, such as `unproven` or `partial`."""
    changed: str = ""
    """Fields in which the sheet now differs from what was sent, by their titles."""

    @property
    def is_to_look_at(self) -> bool:
        """Whether it passed the checks with warnings, which somebody should look at first."""
        return self.status is Status.VALID and any(issue.warning for issue in self.issues)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, ready to send: signed, its body already bytes."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    key: str = field(default="", repr=False)
    """Its idempotency key, where the provider takes one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP, whatever it says."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NoReply:
    """No readable reply. `sent` False means it is proved that nothing reached the provider."""

    sent: bool
    reason: str
    stop: bool = False
    """Trying again cannot help, as when the server's certificate is refused."""
    status: int | None = None
    body: bytes = field(default=b"", repr=False)
    """The part of the reply that was received, kept as evidence."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reply says: one outcome for each order of the request, in the request's order."""

    outcomes: tuple[Outcome, ...]
    request_id: str = ""
    not_processed: bool = False
    """The provider says it did not look at the request; its orders may be sent again."""
    retry_after: float | None = None
    """Seconds the provider asks to wait."""
    stop: str = ""
    """Why no further request makes sense, such as refused credentials."""
    notes: tuple[str, ...] = ()
    """Oddities of the answer, such as orders in it that were never sent."""
    refused_whole: bool = False
    """The request was refused as a whole, in a way that proves that nothing was created."""
    job: str = ""
    """The number of the provider's job that the orders were only taken into."""
    refused_others: bool = False
    """Of a request refused as a whole, some orders are named as the cause. The others, which are
    not sent, may go again at once."""
