"""The blocks of a mapping file that read errors, words, counts and pages out of an answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from converter.mapping.block import Block, Text, Words


class Errors(Block):
    """Errors that the answer lists: they are joined into the message, and their cells are marked.

    A text alone is the list's expression: `errors: details[].reason`.
    """

    list: Text | None = None
    """Expression on the entry, or on a refused answer: the errors, as texts or objects."""
    map: Text | None = None
    """Expression: an object of errors by field, as `{"email": ["is taken"]}`, however deep."""
    at: Text | None = None
    """Expression on an error: the field it is about, as `items[0].qty`, `/items/0/qty` or `qty`."""
    order: Text | None = None
    """Expression on an error: the position of its order in the request. Without it, the pointer in
    `at` tells, where it goes through the orders."""
    counts_from: Annotated[int, Field(ge=0, le=1)] = 0
    """The position of the first order of a request."""
    code: Text | None = None
    """Expression on an error: its code."""
    text: Text | None = None
    """Expression on an error: what it says. Without it, every value of the error is shown."""


def _as_errors(value: Any) -> Any:
    if isinstance(value, str):
        return [{"list": value}]
    return [value] if isinstance(value, dict) else value


ErrorRules = Annotated[
    tuple[Errors, ...],
    BeforeValidator(_as_errors, json_schema_input_type=tuple[Errors, ...] | Errors | str),
]
"""Where an answer lists errors: one place, or several."""


class Counts(Block):
    """The answer only counts: every order was accepted, or none, or else they are unknown."""

    accepted: Text
    """Expression on the answer: how many orders it accepted, as `sum([new, changed])`."""
    rejected: Text | None = None
    """Expression on the answer: how many it refused."""


class OutcomeWords(Block):
    """One word of the entry says what became of the order; capital letters do not matter.

    A word that is not listed leaves the order `unknown`.
    """

    of: Text
    """Expression on the entry: the word."""
    accepted: Words = ()
    """The order was created."""
    partial: Words = ()
    """Something of it was created, and something refused."""
    rejected: Words = ()
    """It was refused."""
    duplicate: Words = ()
    """It was refused because the provider has its reference already."""
    pending: Words = ()
    """Not decided yet: the order is `unknown` until it is."""


class Later(Block):
    """An answer that means: not now. Nothing was looked at, and the same orders are sent again
    after a pause."""

    when: Text | None = None
    """Expression on the answer: this is that answer."""
    http: tuple[Annotated[int, Field(ge=400, le=599)], ...] = ()
    """HTTP statuses that it comes with; without them, any."""
    entry: Text | None = None
    """Instead: expression on an entry. Only this order was not looked at, the others have their
    answer."""
    wait: Annotated[float, Field(ge=0, le=900)] | None = None
    """Seconds to wait; without it, `Retry-After`, else a pause that grows with each try."""
    evidence: Text
    """The document or test that says so: it must say that nothing was created."""


class Exists(Block):
    """The provider has the order already under our own idempotency key: it was created by us."""

    when: Text
    """Expression on the entry, or on the answer that refuses a single order."""
    evidence: Text
    """The document or test that says so."""


class Pages(Block):
    """The answer comes in pages: `{page}` stands for the number of one, `{cursor}` for its mark."""

    total: Text | None = None
    """Expression on the answer: how many pages there are."""
    next: Text | None = None
    """Expression on the answer: the mark of the next page, `{cursor}`; nothing on the last one.
    Before the first page there is no mark, and a parameter that is one is left out."""
    first: Annotated[int, Field(ge=0, le=1)] = 1
    """The number of the first page."""
