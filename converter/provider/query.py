"""The provider asked about orders in doubt: which of them it has, and under which numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converter import messages
from converter.mapping.model import ProviderMapping
from converter.model import Finding, HttpRequest, NoReply, Outcome, Reply, Status
from converter.provider import answers
from converter.provider.client import Sender
from converter.provider.request import Signer


@dataclass(frozen=True)
class Asked:
    """What the provider said of each order that it was asked about."""

    found: tuple[Finding, ...] = ()
    absent: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    """It answered, but not about these."""
    failed: tuple[str, ...] = ()
    """No usable answer came, or they were not asked about any more after one that failed."""


def ask(
    mapping: ProviderMapping,
    signer: Signer,
    client: Sender,
    references: Sequence[str],
    *,
    lang: str,
) -> Asked:
    """Look up these references, as many in one request as the mapping says.

    An order that is found is evidence that it was created. That it is not found proves nothing
    by itself: what a mapping's class allows then is for the caller to know. After a request
    without a usable answer nothing more is asked.
    """
    query = mapping.query
    assert query is not None
    found: list[Finding] = []
    absent: list[str] = []
    silent: list[str] = []
    asked = 0
    for names in _chunks(references, query.references_per_request):
        said = _said(mapping, signer.query(names), client, names)
        if said is None:
            break
        asked += len(names)
        for name in names:
            outcome = said.get(name)
            if outcome is None:
                silent.append(name)
            elif outcome.status is Status.ACCEPTED:
                numbers = (outcome.provider_order_no, outcome.tracking_no, outcome.outputs)
                note = messages.say("query_found", lang)
                found.append(Finding(name, True, "query", *numbers, note=note))
            else:
                absent.append(name)
    return Asked(tuple(found), tuple(absent), tuple(silent), tuple(references[asked:]))


def _said(
    mapping: ProviderMapping, request: HttpRequest, client: Sender, names: Sequence[str]
) -> dict[str, Outcome] | None:
    reply: Reply | NoReply = client.send(request)
    return answers.look_up(mapping, names, reply) if isinstance(reply, Reply) else None


def _chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
