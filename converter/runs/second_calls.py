"""Ask the jobs of a sheet's orders what became of them, and fetch what comes after a yes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from converter.journal import Journal, OrderRecord
from converter.mapping.model import ProviderMapping
from converter.mapping.second_calls import Details
from converter.model import Finding, Status
from converter.provider.client import Client
from converter.provider.request import Signer
from converter.provider.second_calls import Caller, ask_details, ask_job
from converter.runs.patience import timeouts_for
from converter.sending.pacing import PacedSender, Pacer
from converter.settings import Settings

_LOG = logging.getLogger(__name__)


def make(
    mapping: ProviderMapping,
    values: Settings,
    signer: Signer,
    book: Journal,
    references: Sequence[str],
    *,
    is_over: Callable[[], bool],
) -> None:
    """Make the second calls that orders of these references are waiting for.

    Whatever goes wrong with them, what is known of the orders stays as it is.
    """
    then = mapping.then
    assert then is not None
    jobs = book.open_jobs(references) if then.job else {}
    if not jobs and not then.details:
        return
    timeouts = timeouts_for(mapping, values)
    with Client(timeouts, 1, network=values.network) as client:
        pacer = Pacer(mapping.request.pace, last=book.last_request, note=book.note_request)
        paced = PacedSender(client, pacer)
        signer.connect(paced, book.keep_secret)
        caller = Caller(signer, paced, book.note_call, time.sleep, time.monotonic, is_over)
        for number, orders in jobs.items():
            if then.job is None or is_over():
                break
            answer = ask_job(mapping, then.job, number, orders, caller)
            if answer is not None:
                judgement, request, reply = answer
                book.settle_job(orders, request, reply, judgement.outcomes)
            _LOG.info("job was asked", extra={"job": number, "ended": answer is not None})
        if then.details:
            _fetch(then.details, book, references, caller, is_over)


def _fetch(
    details: Details,
    book: Journal,
    references: Sequence[str],
    caller: Caller,
    is_over: Callable[[], bool],
) -> None:
    for name, known in book.records(references).items():
        if is_over():
            return
        if not _is_waiting(details, known):
            continue
        values = ask_details(details, known.provider_order_no, known.reference, caller)
        if values:
            number = values.pop("provider_order_no", "")
            tracking = values.pop("tracking_no", "")
            finding = Finding(name, True, "query", number, tracking, values, note=known.message)
            book.settle([finding])


def _is_waiting(details: Details, known: OrderRecord) -> bool:
    """Whether an order was accepted and lacks something that the call would tell."""
    if known.status is not Status.ACCEPTED:
        return False
    have = {"provider_order_no": known.provider_order_no, "tracking_no": known.tracking_no}
    return not all(have.get(name) or known.outputs.get(name) for name in details.outputs)
