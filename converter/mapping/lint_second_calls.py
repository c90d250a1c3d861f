"""Faults of the calls after the one that creates orders."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.jmespath_faults import problem_of
from converter.mapping.lint_answers import answer_faults
from converter.mapping.lint_calls import faults_of_call, names_of_call, page_faults
from converter.mapping.lint_requests import expression_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.second_calls import Job
from converter.mapping.yaml_events import Loc

_OF_JOB = frozenset({"job", "page", "cursor"})
_OF_DETAILS = frozenset({"number", "reference"})


def second_call_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Second calls that could not be made, or whose answers could not be read."""
    then = mapping.then
    if then is None:
        return
    if then.job:
        yield from faults_of_call(mapping, then.job, ("then", "job"), _OF_JOB)
        named = names_of_call(then.job)
        if "job" not in named:
            problem = "the call names no job: write {job} into its path, or $job"
            yield ("then", "job"), f"{problem}, else each job would have the same answer"
        yield from page_faults(then.job.pages, named, ("then", "job", "pages"))
        yield from _answer_faults(mapping, then.job)
        if not then.job.until:
            yield ("then", "job"), "'until' is missing: the expression that says it has ended"
    if then.details:
        yield from faults_of_call(mapping, then.details, ("then", "details"), _OF_DETAILS)
        if not names_of_call(then.details) & _OF_DETAILS:
            problem = "the call names no order: write {number} or {reference} into its path"
            yield ("then", "details"), f"{problem}, else each order would have the same details"
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem


def _answer_faults(mapping: ProviderMapping, job: Job) -> Iterator[tuple[Loc, str]]:
    """Faults of what the job's answer says, such as places in a request that is long past.

    A later run asks about the orders that are still in doubt, as they stand in a sheet that may
    have been sorted since.
    """
    read = mapping.model_copy(update={"response": job.response, "query": None, "then": None})
    for subject in (expression_faults, answer_faults):
        for loc, fault in subject(read):
            yield ("then", "job", *loc), fault
    at: Loc = ("then", "job", "response")
    match = job.response.match
    is_of_one = match.single and mapping.request.orders_per_request == 1
    if not (match.reference or is_of_one):
        problem = (
            "a job's answer tells the orders by 'reference', as it is read long after them; where "
            "it has only their positions, write 'single: true' here and send one order a request"
        )
        yield (*at, "match"), problem
    words = job.response.words
    if not (job.response.accepted or job.response.lists or (words and words.accepted)):
        yield at, "'accepted' or 'words' must say when an order was accepted"
    for place, rule in enumerate(job.response.errors):
        if rule.order:
            problem = "a job's errors are told by the entry they stand in: leave 'order' out"
            yield (*at, "errors", place, "order"), problem
    if job.response.atomic:
        problem = "a job's answer ends the matter: 'atomic' is for the answer to the orders"
        yield (*at, "atomic"), problem


def _expressions(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    then = mapping.then
    if then and (job := then.job):
        at: Loc = ("then", "job")
        yield (*at, "number"), job.number
        if job.until:
            yield (*at, "until"), job.until
        for key in ("total", "next"):
            if job.pages and (text := getattr(job.pages, key)):
                yield (*at, "pages", key), text
    if then and (details := then.details):
        if details.until:
            yield ("then", "details", "until"), details.until
        for name, output in details.outputs.items():
            yield ("then", "details", "outputs", name), output.from_
