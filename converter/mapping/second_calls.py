"""The blocks of a mapping file on second calls: a job that is asked until it has ended, and what
is fetched about an order that was accepted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from converter.mapping.answer_rules import Pages
from converter.mapping.block import Block, Text
from converter.mapping.request import Call
from converter.mapping.response import Outputs, Response


class Polled(Call):
    """A call that is repeated until its answer is there."""

    until: Text | None = None
    """Expression on the answer: it is complete. Without it, one answer is enough."""
    every: Annotated[float, Field(ge=0, le=600)] = 5
    """Seconds between two calls."""
    give_up: Annotated[float, Field(ge=0, le=3600)] = 120
    """Seconds after which a run asks no more; the next run asks again."""


class Job(Polled):
    """The orders were only taken into a job, which is asked what became of them.

    `{job}` is its number. Until it has ended its orders are `unknown`, and are never sent again:
    the next run asks about the same job.
    """

    number: Text
    """Expression on the answer to the orders: the number of the job."""
    pages: Pages | None = None
    """Where the answer comes in pages."""
    response: Response
    """What the job's answer says about each order."""


class Details(Polled):
    """What comes later about an order that was accepted, such as its tracking number.

    `{number}` is the provider's number of the order, `{reference}` ours. Where the call fails, the
    order stays accepted without it.
    """

    outputs: Outputs
    """What is read out of the answer, as in `response.outputs`."""


class Then(Block):
    """Calls after the one that creates orders."""

    job: Job | None = None
    """The orders were only taken into a job."""
    details: Details | None = None
    """What is fetched about each order that was accepted and has no tracking number yet."""
