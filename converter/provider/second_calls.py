"""Calls after the one that creates orders: a job until it has ended, details of an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converter.mapping.model import ProviderMapping
from converter.mapping.second_calls import Details, Job, Polled
from converter.message import t
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from converter.provider import answers
from converter.provider.client import Sender
from converter.provider.one_order import outputs_of
from converter.provider.pages import first_page, following_page
from converter.provider.request import Signer
from converter.provider.search import is_true
from converter.provider.strict_json import parse


@dataclass(frozen=True)
class Caller:
    """Makes second calls, and notes each of them."""

    signer: Signer
    client: Sender
    note: Callable[[str, HttpRequest, Reply | NoReply], object]
    sleep: Callable[[float], object]
    clock: Callable[[], float]
    is_over: Callable[[], bool] = lambda: False
    """Whether nothing more is to be asked, because somebody wants to stop."""

    def poll(self, kind: str, call: Polled, names: Mapping[str, Any]) -> tuple[Any, Reply] | None:
        """The first complete answer and its reply; None where it does not come in time."""
        last = self.clock() + call.give_up
        while not self.is_over():
            reply = self._made(kind, call, names)
            if isinstance(reply, Reply) and 200 <= reply.status < 300:
                answer = parse(reply.body)
                if answer is not None and (not call.until or is_true(call.until, answer)):
                    return answer, reply
            if not call.until or self.clock() + call.every > last:
                return None
            left = call.every
            while left > 0 and not self.is_over():
                self.sleep(min(left, 0.1))
                left -= 0.1
        return None

    def page(self, kind: str, call: Polled, names: Mapping[str, Any]) -> tuple[Any, Reply] | None:
        """One more page of an answer that is complete; None where it cannot be read."""
        reply = self._made(kind, call, names)
        if not (isinstance(reply, Reply) and 200 <= reply.status < 300):
            return None
        answer = parse(reply.body)
        return None if answer is None else (answer, reply)

    def _made(self, kind: str, call: Polled, names: Mapping[str, Any]) -> Reply | NoReply:
        request = self.signer.call(call, names)
        reply = self.signer.exchange(self.client, lambda: self.signer.call(call, names))
        self.note(kind, request, reply)
        return reply


def ask_job(
    mapping: ProviderMapping, job: Job, number: str, orders: Sequence[Order], caller: Caller
) -> tuple[Judgement, HttpRequest, Reply] | None:
    """What became of the orders of a job that has ended; None where it has not, or cannot be read.

    An order that no page speaks of stays `unknown`.
    """
    names = {"job": number, **first_page(job.pages)}
    found = caller.poll("job", job, names)
    if found is None:
        return None
    pages = [found]
    while (following := following_page(job.pages, [one for one, _ in pages])) is not None:
        more = caller.page("job", job, {**names, **following})
        if more is None:
            return None
        pages.append(more)
    # A later run may ask about some of the orders only: no place in the request counts any more.
    placeless = mapping.request.model_copy(update={"body": None})
    changed = {"response": job.response, "then": None, "request": placeless}
    read = mapping.model_copy(update=changed)
    said = [answers.judge(read, orders, reply) for _, reply in pages]
    outcomes = [
        _of_all_pages([one.outcomes[place] for one in said]) for place in range(len(orders))
    ]
    request = caller.signer.call(job, names)
    return Judgement(tuple(outcomes), said[0].request_id), request, found[1]


def _of_all_pages(said: Sequence[Outcome]) -> Outcome:
    told = [one for one in said if str(one.message) != str(answers.LEFT_OUT)]
    if not told:
        return said[0]
    if any(one != told[0] for one in told[1:]):
        text = t("The provider's answer speaks of this order twice and contradicts itself.")
        return Outcome(Status.UNKNOWN, text)
    return told[0]


def ask_details(details: Details, number: str, reference: str, caller: Caller) -> dict[str, str]:
    """What the call reads about one accepted order; empty where it fails."""
    found = caller.poll("details", details, {"number": number, "reference": reference})
    if found is None:
        return {}
    return {name: value for name, value in outputs_of(details.outputs, found[0]).items() if value}
