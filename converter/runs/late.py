"""What comes later about accepted orders: whether it may be fetched, and who waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from converter.journal import OrderRecord
from converter.mapping.calls import Refresh
from converter.mapping.model import ProviderMapping
from converter.message import N_, stack, t
from converter.model import Result, Status
from converter.runs.known_calls import documented, is_on
from converter.settings import Settings

ACTION = "refresh"
"""What the journal calls a run that only fetches."""

NO_NUMBER_YET = N_("No tracking number yet. Run converter refresh on this file later.")


def refresh_call(mapping: ProviderMapping, values: Settings) -> Refresh:
    """The mapping's call. Raises UsageError where there is none, SettingsError where it is off."""
    documented(mapping, values, ACTION)
    call = mapping.calls.refresh
    assert call is not None  # else there is none of its name
    return call


def is_waiting(call: Refresh, known: OrderRecord) -> bool:
    """Whether an accepted order lacks something that the call may tell."""
    if known.status not in (Status.ACCEPTED, Status.PARTIAL):
        return False
    if known.outputs.get("state") in call.ended:
        return False
    have = {"provider_order_no": known.provider_order_no, "tracking_no": known.tracking_no}
    return not all(have.get(name) or known.outputs.get(name) for name in call.needs)


def gives_tracking(mapping: ProviderMapping) -> bool:
    """Whether tracking numbers come with the answer, not from what is sent."""
    output = mapping.response.outputs.get("tracking_no")
    return output is not None and not output.from_.startswith("_sent.")


def expects_tracking(mapping: ProviderMapping, values: Settings) -> bool:
    """Whether an accepted order without a tracking number will get one by the call.

    A provider that never gives it at once is asked only where somebody switched that on.
    """
    call = mapping.calls.refresh
    if call is None or "tracking_no" not in call.needs or not is_on(mapping, values, ACTION):
        return False
    return gives_tracking(mapping) or not values.sandbox


def with_pending(
    mapping: ProviderMapping, values: Settings, rows: Iterable[Result]
) -> list[Result]:
    """The rows, with a word on those that will get their tracking number later."""
    if not expects_tracking(mapping, values):
        return list(rows)
    return [
        replace(row, message=stack([row.message, t(NO_NUMBER_YET)]))
        if row.status is Status.ACCEPTED and not row.tracking_no
        else row
        for row in rows
    ]
