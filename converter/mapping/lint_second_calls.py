"""Faults of the calls after the one that creates orders."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.jmespath_faults import problem_of
from converter.mapping.lint_calls import shape_faults, text_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.second_calls import Details, Job
from converter.mapping.yaml_events import Loc

_OF_JOB = frozenset({"job", "page", "cursor"})
_OF_DETAILS = frozenset({"number", "reference"})


def second_call_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Second calls that could not be made, or whose answers could not be read."""
    then = mapping.then
    if then is None:
        return
    if then.job:
        yield from _call_faults(mapping, then.job, ("then", "job"), _OF_JOB)
        pages = then.job.pages
        if pages and bool(pages.total) == bool(pages.next):
            yield ("then", "job", "pages"), "pages are known by 'total' or by 'next'"
        match = then.job.response.match
        if not (match.reference or match.position):
            problem = "a job's answer tells the orders by 'reference' or 'position'"
            yield ("then", "job", "response", "match"), problem
        if not then.job.until:
            yield ("then", "job"), "'until' is missing: the expression that says it has ended"
    if then.details:
        yield from _call_faults(mapping, then.details, ("then", "details"), _OF_DETAILS)
    for loc, text in _expressions(mapping):
        if problem := problem_of(text):
            yield loc, problem


def _call_faults(
    mapping: ProviderMapping, call: Job | Details, at: Loc, names: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    if not call.path or not call.path.startswith("/"):
        yield (*at, "path"), "the call needs a 'path' that begins with a slash"
    yield from text_faults(mapping, call, at, names)
    yield from shape_faults(call, at)


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
        response = job.response
        for key in ("call_ok", "results", "accepted", "rejected", "message"):
            if text := getattr(response, key):
                yield (*at, "response", key), text
        for name, output in response.outputs.items():
            yield (*at, "response", "outputs", name), output.from_
    if then and (details := then.details):
        if details.until:
            yield ("then", "details", "until"), details.until
        for name, output in details.outputs.items():
            yield ("then", "details", "outputs", name), output.from_
