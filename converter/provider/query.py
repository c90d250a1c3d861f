"""Queries about orders in doubt: which of them the provider has, and under which numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converter.mapping.model import ProviderMapping
from converter.message import t
from converter.model import Finding, Outcome, Reply, Status
from converter.provider.client import Sender
from converter.provider.request import Signer
from converter.provider.search import is_true, output_text, search, search_list
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
) -> QueryResult:
    """Look up references, as many in one request as the mapping says.

    An order that is found was created. One that is absent proves nothing by itself: what follows
    depends on the mapping's class. Stops at the first request without a usable reply.
    """
    query = mapping.query
    assert query is not None
    found: list[Finding] = []
    absent: list[str] = []
    silent: list[str] = []
    done = 0
    for names in _chunks(references, query.references_per_request):
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
    query = mapping.query
    answer = parse(reply.body)
    if query is None or reply.status != 200 or answer is None or not is_true(query.call_ok, answer):
        return None
    said: dict[str, list[Outcome]] = {}
    for entry in search_list(query.results, answer):
        name = str(search(query.reference, entry) or "").strip()
        outputs = {key: output_text(output, entry) for key, output in query.outputs.items()}
        number, tracking = outputs.pop("provider_order_no", ""), outputs.pop("tracking_no", "")
        is_there, is_absent = is_true(query.found, entry), is_true(query.absent, entry)
        if is_there and not is_absent:
            kept = {key: value for key, value in outputs.items() if value}
            said.setdefault(name, []).append(Outcome(Status.ACCEPTED, "", number, tracking, kept))
        elif is_absent and not is_there:
            said.setdefault(name, []).append(Outcome(Status.NOT_SENT))
    return {
        name: said[name][0]
        for name in references
        if name in said and all(outcome == said[name][0] for outcome in said[name])
    }


def _send(
    mapping: ProviderMapping, signer: Signer, client: Sender, names: Sequence[str]
) -> dict[str, Outcome] | None:
    reply = signer.exchange(client, lambda: signer.query(names))
    return read_query_reply(mapping, names, reply) if isinstance(reply, Reply) else None


def _chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
