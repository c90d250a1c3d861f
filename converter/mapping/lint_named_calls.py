"""Faults of the calls that stand under `calls`, by name."""

from __future__ import annotations

from collections.abc import Iterator

from converter.mapping.calls import CALLS, Refresh
from converter.mapping.lint_calls import query_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc


def named_call_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Calls that could not be made or read, or not be switched on."""
    for _, at, call in mapping.calls.named():
        if isinstance(call, Refresh):
            yield from _refresh_faults(mapping, call, at)
        if call.evidence != "own" and CALLS not in mapping.settings:
            problem = f"evidence {call.evidence!r} needs a setting 'calls', which switches it on"
            yield (*at, "evidence"), problem


def _refresh_faults(
    mapping: ProviderMapping, refresh: Refresh, at: Loc
) -> Iterator[tuple[Loc, str]]:
    yield from query_faults(mapping, refresh, at)
    for name in refresh.needs:
        if name not in refresh.outputs:
            yield (*at, "needs"), f"{name!r} is no output of this call"
    if refresh.ended and "state" not in refresh.outputs:
        yield (*at, "ended"), "it tells values of the output 'state', which this call lacks"
