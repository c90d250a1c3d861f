"""How long a run waits for the provider."""

from __future__ import annotations

from converter import settings
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Timeouts
from converter.settings import Settings

SANDBOX_PATIENCE = 3.0
"""Seconds to wait for the sandbox: it answers at once, or on purpose not at all."""


def timeouts_for(mapping: ProviderMapping, values: Settings) -> Timeouts:
    """How long to wait for an answer: the mapping's times, unless CONVERTER_TIMEOUT_SECONDS."""
    declared = mapping.request.timeout
    total = settings.number(
        "CONVERTER_TIMEOUT_SECONDS", SANDBOX_PATIENCE if values.sandbox else declared.total
    )
    return declared.model_copy(update={"total": total, "read": min(total, declared.read)})
