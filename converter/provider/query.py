"""Queries about orders in doubt: which of them the provider has, and under which numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from converter.mapping.model import ProviderMapping
from converter.mapping.response import Query
from converter.message import t
from converter.model import Finding, Outcome, Reply, Status
from converter.provider.client import Sender
from converter.provider.one_order import outputs_of
from converter.provider.pages import first_page, following_page
from converter.provider.request import Signer
from converter.provider.search import is_true, search
from converter.provider.strict_json import parse


@dataclass(frozen=True)
class QueryResult:
    """What the provider answered about each reference."""

    found: tuple[Finding, ...] = ()
    absent: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    """References that the replies do not mention."""
    failed: tuple[str, ...] = ()
    """References without a usable reply, or not asked about after a failed request."""


def ask(
    mapping: ProviderMapping,
    signer: Signer,
    client: Sender,
    references: Sequence[str],
    *,
    about: Callable[[Sequence[str]], object] = lambda _: None,
) -> QueryResult:
    """Look up references, as many in one request as the mapping says.

    An order that is found was created. One that is absent proves nothing by itself: what follows
    depends on the mapping's class. Stops at the first request without a usable reply. `about` is
    told which orders the next requests ask about.
    """
    query = mapping.query
    assert query is not None
    found: list[Finding] = []
    absent: list[str] = []
    silent: list[str] = []
    done = 0
    for names in _chunks(references, query.references_per_request):
        about(names)
        outcomes = _send(mapping, signer, client, names)
        if outcomes is None:
            break
        done += len(names)
        for name in names:
            outcome = outcomes.get(name)
            if outcome is None:
                silent.append(name)
            elif outcome.status is Status.ACCEPTED:
                numbers = (outcome.provider_order_no, outcome.tracking_no, outcome.outputs)
                note = t("The provider says that it has this order.")
                found.append(Finding(name, True, "query", *numbers, note=note))
            else:
                absent.append(name)
    return QueryResult(tuple(found), tuple(absent), tuple(silent), tuple(references[done:]))


def read_query_reply(
    mapping: ProviderMapping, references: Sequence[str], reply: Reply
) -> dict[str, Outcome] | None:
    """Outcomes by reference: accepted with its numbers, or not sent where the order is absent.

    An order is left out where the reply does not mention it or contradicts itself. None where the
    reply as a whole cannot be read.
    """
    return _read(mapping, references, [reply])


def _read(
    mapping: ProviderMapping, references: Sequence[str], replies: Sequence[Reply]
) -> dict[str, Outcome] | None:
    query = mapping.query
    assert query is not None
    if len(references) == 1 and replies[0].status in query.absent_http:
        return {references[0]: Outcome(Status.NOT_SENT)}
    said: dict[str, list[Outcome]] = {}
    for reply in replies:
        answer = parse(reply.body)
        if reply.status != 200 or answer is None or not is_true(query.call_ok, answer):
            return None
        found = search(query.results, answer)
        if query.left_out == "absent" and not isinstance(found, list):
            return None  # not the list of all that there are
        for entry in found if isinstance(found, list) else [] if found is None else [found]:
            name, outcome = _said(query, references, entry)
            if outcome is not None:
                said.setdefault(name, []).append(outcome)
            else:
                said.setdefault(name, [])  # neither there nor absent
    if query.left_out == "absent":
        for name in references:
            said.setdefault(name, [Outcome(Status.NOT_SENT)])
    return {
        name: said[name][0]
        for name in references
        if said.get(name) and all(outcome == said[name][0] for outcome in said[name])
    }


def _said(query: Query, references: Sequence[str], entry: Any) -> tuple[str, Outcome | None]:
    """What an entry says about which order; None where it says neither yes nor no."""
    name = references[0]
    if query.reference is not None:
        name = str(search(query.reference, entry) or "").strip()
    outputs = outputs_of(query.outputs, entry)
    number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
    is_there = is_true(query.found, entry)
    is_absent = query.absent is not None and is_true(query.absent, entry)
    if is_there and not is_absent:
        kept = {key: value for key, value in outputs.items() if value}
        return name, Outcome(Status.ACCEPTED, "", number, tracking, kept)
    if is_absent and not is_there:
        return name, Outcome(Status.NOT_SENT)
    return name, None


def _send(
    mapping: ProviderMapping, signer: Signer, client: Sender, names: Sequence[str]
) -> dict[str, Outcome] | None:
    assert mapping.query is not None
    pages, replies = mapping.query.pages, list[Reply]()
    page: dict[str, Any] | None = first_page(pages)
    while page is not None:
        asked = page
        reply = signer.exchange(client, lambda: signer.query(names, asked))  # noqa: B023
        if not isinstance(reply, Reply):
            return None
        replies.append(reply)
        answers = [parse(one.body) for one in replies]
        page = None if None in answers else following_page(pages, answers)
    return _read(mapping, names, replies)


def _chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
