"""Faults of what a mapping promises: duplicates, answers and settings."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc


def promise_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Promises about money without evidence, and answers or settings that cannot work."""
    yield from _duplicate_faults(mapping)
    yield from _answer_faults(mapping)
    yield from _setting_faults(mapping)


def _duplicate_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    promise = mapping.duplicates
    if promise.class_ != "D" and not promise.evidence:
        yield (
            ("duplicates",),
            f"class {promise.class_} needs 'evidence': the document or test that says so",
        )
    if promise.class_ == "A" and not mapping.response.duplicate:
        yield (
            ("duplicates",),
            "class A needs response.duplicate, or the refusal cannot be recognised",
        )
    if promise.class_ == "B" and mapping.request.key is None:
        problem = "class B needs 'request.key', the idempotency key, and $key where it is sent"
        yield ("duplicates",), problem
    if promise.class_ == "C" and mapping.query is None:
        yield ("duplicates",), "class C needs a 'query'"
    if promise.class_ == "B" and promise.key_hours is None:
        problem = "class B needs 'key_hours': how long the provider remembers a key, or 'forever'"
        yield ("duplicates",), problem
    if promise.class_ != "B" and promise.key_hours is not None:
        yield ("duplicates", "key_hours"), "only class B has an idempotency key"


def _answer_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    match = mapping.response.match
    if mapping.request.orders_per_request > 1 and not (
        match.reference
        or match.position
        or match.index
        or match.counts
        or (mapping.then and mapping.then.job)
    ):
        yield (
            ("request", "orders_per_request"),
            ("answers that cannot be matched by reference or position need one order per request"),
        )
    if not (
        mapping.response.accepted
        or mapping.response.lists
        or match.counts
        or (mapping.response.words and mapping.response.words.accepted)
        or (mapping.then and mapping.then.job)
    ):
        yield ("response",), "'accepted' or 'lists' must say when an order was accepted"
    for place, refusal in enumerate(mapping.response.call_refusals):
        if not (refusal.when or refusal.http):
            problem = "a refusal is recognised by 'when', by 'http' or by both"
            yield ("response", "call_refusals", place), problem
    if (lines := mapping.response.lines) is not None:
        if lines.list not in mapping.order.lists:
            yield ("response", "lines", "list"), f"{lines.list!r} is no list of the order"
        if not lines.failed and not (mapping.response.complete and len(lines.keys) == 1):
            yield ("response", "lines"), "without 'failed' it needs 'complete' and one key"
    if bool(mapping.request.path) == bool(mapping.request.actions):
        yield ("request",), "a request has either 'path' or 'actions'"


def _setting_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    base = mapping.settings.get("base_url")
    if base is None:
        yield ("settings",), "the setting 'base_url' is missing"
    elif base.default and base.default.startswith("http://") and not mapping.request.plain_http:
        yield ("settings", "base_url"), "an http:// address needs 'plain_http: true' under request"
    for name, setting in mapping.settings.items():
        if setting.secret and setting.default:
            yield ("settings", name, "default"), "a secret may not stand in a mapping file"
