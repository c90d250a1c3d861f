"""The block of a mapping file with answers of the provider, which the sandbox gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from converter.mapping.block import Block, Json


class Sample(Block):
    """One answer as the provider's document shows it.

    A text that is `$reference`, `$number` (a new order number), `$tracking` (a new tracking
    number), `$position` (of the order in the request, from 0) or `$message` is replaced by that
    value, and `{reference}` and the like inside a longer text too. A `body` and `answer` have also
    `$count`, `$accepted_count` and `$refused_count`.
    """

    http: Annotated[int, Field(ge=100, le=599)] = 200
    """The HTTP status that it comes with."""
    entry: Json = None
    """What stands in the answer for this one order; `answer` says where."""
    body: Json = None
    """Instead: the whole answer, which speaks of the request as a whole or of its only order."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Sample:
        if ("entry" in self.model_fields_set) == ("body" in self.model_fields_set):
            raise ValueError(
                "either 'entry', for one order of the answer, or 'body', for all of it"
            )
        return self

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole answer."""
        return "body" in self.model_fields_set


class QuerySamples(Block):
    """Answers to `query`: `found` where the order exists, `absent` where it does not."""

    answer: Json = "$entries"
    """The answer around the entries, `$entries`, or the only one, `$entry`."""
    found: Sample
    """The provider has the order: `$reference`, `$number`, `$tracking`."""
    absent: Sample | None = None
    """It does not. Without this sample the answer leaves the order out."""


class Samples(Block):
    """Answers of the provider, by what they mean. `converter mapping lint` holds each one against
    `response`, and with `--sandbox` they are what comes back."""

    answer: Json = "$entries"
    """The answer around the entries: `$entries`, `$accepted_entries` and `$refused_entries` are
    lists of them, `$entry` is the only one."""
    accepted: Sample
    """The order was created."""
    partial: Sample | None = None
    """A part of the order was created."""
    refused: Sample | None = None
    """The order was refused."""
    duplicate: Sample | None = None
    """The order was refused because the provider has its reference already; without this sample
    the sandbox creates it again."""
    call_refused: Sample | None = None
    """The whole request was refused, and nothing was created."""
    unclear: Sample | None = None
    """Neither a yes nor a no: the order may or may not exist."""
    taken: Sample | None = None
    """With `then.job`: the orders were taken into the job `$job`; what became of them, in the
    samples above, is the answer of the job that has ended."""
    running: Sample | None = None
    """With `then.job`: what the job answers before it has ended, which is the first time."""
    query: QuerySamples | None = None
    """Answers to `query`; it finds the orders that the sandbox has created."""
    details: Sample | None = None
    """With `then.details`: what is fetched about an order."""
