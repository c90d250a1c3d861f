"""What comes later about accepted orders: whether it may be fetched, and who waits for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from converter.errors import SettingsError, UsageError
from converter.journal import OrderRecord
from converter.mapping.calls import Refresh
from converter.mapping.lint_calls import CALLS
from converter.mapping.model import ProviderMapping
from converter.message import N_, stack, t
from converter.model import Result, Status
from converter.settings import Settings

ACTION = "refresh"
"""What the journal calls a run that only fetches."""

NO_CALL = N_(
    "No document of {provider} has a call that tells numbers and states later, so nothing can be "
    "fetched. Look the orders up there."
)
OFF = N_(
    "{provider} does not document the call for late numbers itself: it is known from {source}. "
    "It is off until {setting}=refresh is set. Nothing was asked."
)
UNKNOWN_CALL = N_("{setting} names {name}, which is no call of {provider}: it has {known}.")
_SOURCES = {
    "sibling": N_("another installation of the same product"),
    "client": N_("somebody's client program only"),
}

NO_NUMBER_YET = N_("No tracking number yet. Run converter refresh on this file later.")


def refresh_call(mapping: ProviderMapping, values: Settings) -> Refresh:
    """The mapping's call. Raises UsageError where there is none, SettingsError where it is off."""
    call = mapping.calls.refresh
    if call is None:
        raise UsageError(t(NO_CALL, provider=mapping.provider))
    if not is_on(mapping, values):
        facts = {"provider": mapping.provider, "setting": mapping.settings[CALLS].env}
        raise SettingsError(t(OFF, **facts, source=t(_SOURCES[call.evidence])))
    return call


def is_on(mapping: ProviderMapping, values: Settings) -> bool:
    """Whether the mapping has the call and it may be used. Raises SettingsError.

    In the sandbox every call may.
    """
    call = mapping.calls.refresh
    if call is None:
        return False
    chosen = re.split(r"[,\s]+", values.values.get(CALLS, "").strip())
    for name in filter(None, chosen):
        if name not in type(mapping.calls).model_fields:
            facts = {"setting": mapping.settings[CALLS].env, "name": repr(name)}
            known = ", ".join(type(mapping.calls).model_fields)
            raise SettingsError(t(UNKNOWN_CALL, **facts, provider=mapping.provider, known=known))
    return call.evidence == "own" or values.sandbox or ACTION in chosen


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
    if call is None or "tracking_no" not in call.needs or not is_on(mapping, values):
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
