"""The blocks of a mapping file on answers: what one means, and what can be asked afterwards."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from converter.mapping.answer_rules import Counts, ErrorRules, Exists, Later, OutcomeWords, Pages
from converter.mapping.block import Block, Text, Title
from converter.mapping.request import Call


class AllOfThem(Block):
    """Counts that tell that every order of the request was accepted, though none is named."""

    total: Text
    """Expression on the answer: how many orders it speaks of."""
    accepted: Text
    """Expression on the answer: how many it accepted."""
    rejected: Text | None = None
    """Expression on the answer: how many it refused."""


class Match(Block):
    """How an entry of the answer finds its order."""

    reference: str | None = None
    """Expression on an entry: our own reference."""
    position: bool = False
    """The provider documents that answers come in the order of the request."""
    index: Text | None = None
    """Expression on an entry: the position of its order in the request, as a number or a pointer
    such as `orders[1].qty`."""
    counts_from: Annotated[int, Field(ge=0, le=1)] = 0
    """For `index`: the position of the first order of a request."""
    rest: bool = False
    """For `index`: entries without a position belong, in their order, to the orders that no other
    entry named. Where there are more or fewer of them, all orders are `unknown`."""
    single: bool = False
    """A request of one order has one entry, and it is that order's."""
    remaining: bool = False
    """An entry without reference belongs to the only order that no other entry named; several say
    the same of as many orders where they all refuse alike."""
    all: AllOfThem | None = None
    """Where entries name no order: the counts that settle it."""
    counts: Counts | None = None
    """There are no entries at all, only counts."""


class ResultLists(Block):
    """Entries in a list of successes and a list of failures."""

    accepted: Text
    """Expression on the answer: the entries that were accepted."""
    rejected: Text
    """Expression on the answer: the entries that were refused."""


class Complete(Block):
    """What was asked for is compared with what was created: a difference is `partial`."""

    sent: Text
    """Expression on the payload."""
    found: Text
    """Expression on the entry; nothing at all found means the answer does not say."""


class Lines(Block):
    """Which lines of an order were not made, where only some of them were."""

    list: Text
    """Path of the list in the payload, such as `items`."""
    keys: tuple[Text, ...]
    """Members of a line that tell it from the others, such as `sku`."""
    failed: Text | None = None
    """Expression on the entry: a list of objects with these members, one for each line that
    failed. Without it, `complete` tells by the only key."""


class Refusal(Block):
    """A refusal of one order that the provider's document lists: it proves that nothing was
    created."""

    when: Text
    """Expression on the entry: this is that refusal."""
    evidence: Text
    """The document or test that says so."""


class CallRefusal(Block):
    """A refusal of a whole request that the provider's document lists: it proves that nothing was
    created. The request is then divided until the order that causes it is alone."""

    when: Text | None = None
    """Expression on the answer: this is that refusal."""
    http: tuple[Annotated[int, Field(ge=400, le=499)], ...] = ()
    """HTTP statuses that it comes with; without them, it comes with HTTP 200."""
    evidence: Text
    """The document or test that says so."""


class Atomic(Block):
    """The provider stores all orders of a request or none: a request that it refuses (HTTP 400 and
    the like, `call_refused`) has created nothing. The orders that the errors name are refused and
    the others sent again; where no error names one, the request is divided.

    `atomic: true` alone is not proved: then a refused request is refused as a whole.
    """

    evidence: Text | None = None
    """The document or test that says so."""


def _as_atomic(value: Any) -> Any:
    if isinstance(value, dict | Atomic):
        return value
    return {"true": {}, "false": None}.get(str(value).lower(), value)


class Output(Block):
    """A value read out of the answer into the workbook and the JSON report."""

    from_: Text = Field(alias="from")
    """Expression on the entry."""
    title: Title | None = None
    """Of its column in the sheet Results; without it, only the JSON report has the value."""
    minor_units: Annotated[int, Field(ge=0, le=6)] = 0
    """The number is in the smallest unit: 2 shows 1250 as 12.50."""


def _as_output(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


_Output = Annotated[Output, BeforeValidator(_as_output, json_schema_input_type=Output | str)]

Outputs = dict[str, _Output]
"""Values by name; `provider_order_no` and `tracking_no` have columns of their own."""


class Response(Block):
    """What an answer means. Expressions are JMESPath; those on an entry also see `_call`, the
    whole answer, and `_sent`, the payload."""

    call_ok: Text
    """The request as a whole was answered: entries say what became of each order."""
    call_refused: Text | None = None
    """The whole request was refused. Not proved to have created nothing unless declared below."""
    call_refusals: tuple[CallRefusal, ...] = ()
    """Refusals of a whole request that the provider's document lists."""
    atomic: Annotated[
        Atomic | None, BeforeValidator(_as_atomic, json_schema_input_type=Atomic | bool | None)
    ] = None
    """All orders of a request are stored, or none: `{evidence: ...}`."""
    later: tuple[Later, ...] = ()
    """Answers that mean: not now, send the same again later."""
    stop: Text | None = None
    """Credentials were refused: nothing was created, and the run stops."""
    refused_http: tuple[int, ...] = ()
    """HTTP statuses that mean the whole request was refused; not proved either."""
    results: str = "@"
    """The list of entries, or the single one; by default the whole answer."""
    lists: ResultLists | None = None
    """Instead of `results`: successes and failures in lists of their own."""
    match: Match
    """How an entry finds its order."""
    words: OutcomeWords | None = None
    """One word tells what became of the order, instead of `accepted`, `rejected` and so on."""
    accepted: str | None = None
    """The order was created."""
    partial: str | None = None
    """Something of the order was created, and something refused."""
    complete: Complete | None = None
    """What has to be created for an order to be more than `partial`."""
    lines: Lines | None = None
    """Which lines were not made: their rows are marked, and only they are left to be ordered."""
    rejected: str | None = None
    """The order was refused. Not proved to have created nothing unless declared below."""
    refusals: tuple[Refusal, ...] = ()
    """Refusals of an order that the provider's document lists."""
    system_words: tuple[Text, ...] = ()
    """Words of this provider for trouble in its own system, beside the usual ones: a refusal with
    one of them proves nothing, and the order is `unknown`."""
    duplicate: str | None = None
    """The order was refused because the provider has its reference already."""
    exists: Exists | None = None
    """With class B: the order was there already under our own key, so it counts as accepted."""
    errors: ErrorRules = ()
    """Where the answer lists errors: `{list, map, at, code, text}`, or just the expression."""
    warnings: ErrorRules = ()
    """Where it lists warnings about an order that was accepted all the same."""
    message: str | None = None
    """What the provider says about the order."""
    call_message: str | None = None
    """What it says about the whole request."""
    request_id: str | None = None
    """The provider's number of the request; shown in the workbook."""
    outputs: dict[str, _Output] = {}
    """`provider_order_no` and `tracking_no` have columns of their own; others are added."""


class Duplicates(Block):
    """What the provider does with a reference it has already, and how we know."""

    class_: Literal["A", "B", "C", "D", "U"] = Field(default="D", alias="class")
    """A refuses it, recognisably. B has an idempotency key. C can be asked. U takes it for a change
    of the first one. D promises nothing."""
    evidence: str | None = None
    """The document or test that says so; needed for every class but D."""
    settle_seconds: Annotated[int, Field(ge=0, le=86_400)] = 900
    """The longest time a request that we gave up on may still take effect."""
    key_hours: Annotated[int, Field(ge=1)] | Literal["forever"] | None = None
    """Class B: for how many hours the provider remembers a key, or `forever`."""


class Query(Call):
    """A second call that asks what became of orders: `references` is the list of our references,
    `reference` the only one. It has the headers of `request` too, save those it gives itself."""

    call_ok: Text
    """The answer can be used."""
    results: str = "@"
    """The list of entries; by default the whole answer."""
    reference: Text | None = None
    """Expression on an entry: our reference. Only a query about one order can do without it."""
    found: Text
    """The provider has the order."""
    absent: Text | None = None
    """The provider does not have the order."""
    absent_http: tuple[Annotated[int, Field(ge=404, le=410)], ...] = ()
    """HTTP statuses that say the same of the only order of a query."""
    left_out: Literal["unknown", "absent"] = "unknown"
    """What an order is that the answer leaves out: `absent` where it lists all that there are."""
    pages: Pages | None = None
    """Where the answer comes in pages."""
    consistent: bool = False
    """An order that was stored is found at once, as the evidence says. Then one that is lacking
    twice, a minute apart, does not exist, and is sent again without asking anybody."""
    references_per_request: Annotated[int, Field(ge=1, le=1000)] = 20
    """The most references in one request."""
    outputs: dict[str, _Output] = {}
    """As those of the response."""
    evidence: Text
    """The document or test that the call was written from."""
