"""Whether the sample answers of second calls are read as what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter import json_text
from converter.mapping import paths
from converter.mapping.model import ProviderMapping
from converter.mapping.samples import Samples
from converter.mapping.second_calls import Details, Job, Polled
from converter.mapping.yaml_events import Loc
from converter.model import Order, Reply, Status
from converter.provider.answers import judge
from converter.provider.one_order import outputs_of
from converter.provider.query import read_query_reply
from converter.provider.search import is_true
from converter.sandbox.calls import Answer
from converter.sandbox.played import Script, filled, query_answer

_JOB = "SBX-JOB-1"
_VALUES = {"reference": "A-1", "number": "SBX-00000001", "tracking": "SBX-T00000001", "job": _JOB}


def second_call_faults(
    mapping: ProviderMapping, samples: Samples, script: Script
) -> Iterator[tuple[Loc, str]]:
    """Samples of second calls that are read otherwise, or that belong to no call."""
    then = mapping.then
    job, details = (then.job, then.details) if then else (None, None)
    for name, call in (("taken", job), ("running", job), ("details", details)):
        sample = getattr(samples, name)
        if sample is not None and call is None:
            block = "then.details" if name == "details" else "then.job"
            yield ("samples", name), f"there is no '{block}' that this could answer"
        elif sample is not None and not sample.is_whole:
            yield ("samples", name), "it is a whole answer: write 'body'"
    if samples.query and not mapping.query:
        yield ("samples", "query"), "there is no 'query' that this could answer"
    if job:
        yield from _job_faults(mapping, job, samples)
    if details and samples.details and samples.details.is_whole:
        yield from _details_faults(details, filled(samples.details.body, _VALUES))
    if mapping.query:
        yield from _query_faults(mapping, script)


def _job_faults(mapping: ProviderMapping, job: Job, samples: Samples) -> Iterator[tuple[Loc, str]]:
    taken, running = samples.taken, samples.running
    if taken is None:
        yield ("samples",), "'taken' is missing: the answer that says into which job orders went"
    elif taken.is_whole:
        reply = reply_of(filled(taken.body, _VALUES), taken.http)
        if judge(mapping, [order_of(mapping, "A-1")], reply).job != _JOB:
            yield ("samples", "taken"), "'then.job.number' does not find $job in this sample"
    is_readable = running is not None and running.is_whole and running.http < 300
    if running and is_readable and _is_complete(job, filled(running.body, _VALUES)):
        yield ("samples", "running"), "'until' takes this sample for the answer of an ended job"


def _details_faults(details: Details, body: Any) -> Iterator[tuple[Loc, str]]:
    if not _is_complete(details, body):
        yield ("samples", "details"), "'until' does not take this sample for complete"
    for name, value in outputs_of(details.outputs, body).items():
        if not value:
            yield ("samples", "details"), f"'outputs.{name}' finds nothing in this sample"


def _query_faults(mapping: ProviderMapping, script: Script) -> Iterator[tuple[Loc, str]]:
    meant = {"found": Status.ACCEPTED, "absent": Status.NOT_SENT}
    for call in script.calls:
        for name in call.samples if call.kind == "query" else ():
            number = "SBX-00000001" if name == "found" else ""
            answer = query_answer(call, [("A-1", number)])
            said = read_query_reply(mapping, ["A-1"], reply_of(answer.body, answer.status))
            outcome = (said or {}).get("A-1")
            if outcome is None or outcome.status is not meant[name]:
                problem = "'query' does not read this sample as an order that is "
                words = {"found": "there", "absent": "not there"}
                yield ("samples", "query", name), problem + words[name]


def is_ended(mapping: ProviderMapping, answer: Answer) -> bool:
    """Whether an answer is that of a job that has ended; true without a job."""
    job = mapping.then.job if mapping.then else None
    return job is None or _is_complete(job, answer.body)


def _is_complete(call: Polled, answer: Any) -> bool:
    return not call.until or is_true(call.until, answer)


def reply_of(body: Any, status: int) -> Reply:
    """A reply with this body."""
    return Reply(status, {}, json_text.encode(body))


def order_of(mapping: ProviderMapping, reference: str) -> Order:
    """An order with nothing in it but its reference."""
    *around, last = paths.inside(mapping.order.reference)
    payload: dict[str, object] = {last: reference}
    for key in reversed(around):
        payload = {key: payload}
    return Order(reference, reference, payload, ())
