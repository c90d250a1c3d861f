"""Faults of the calls that stand under `calls`, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.mapping.calls import CALLS, Cancel, Label, Lookup, Refresh
from converter.mapping.jmespath_faults import problem_of
from converter.mapping.lint_calls import faults_of_call, names_of_call, query_faults
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc


def named_call_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Calls that could not be made or read, or not be switched on."""
    for _, at, call in mapping.calls.named():
        if isinstance(call, Refresh):
            yield from _refresh_faults(mapping, call, at)
        if isinstance(call, Cancel):
            yield from _cancel_faults(mapping, call, at)
        if isinstance(call, Label):
            yield from _label_faults(mapping, call, at)
        if isinstance(call, Lookup):
            yield from faults_of_call(mapping, call, at, frozenset())
            for text in call.names:
                if problem := problem_of(text):
                    yield (*at, "names"), problem
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


_OF_ONE_ORDER = frozenset({"number", "reference"})


def _cancel_faults(mapping: ProviderMapping, call: Cancel, at: Loc) -> Iterator[tuple[Loc, str]]:
    yield from faults_of_call(mapping, call, at, _OF_ONE_ORDER)
    named = names_of_call(call)
    if not named & _OF_ONE_ORDER:
        yield at, "the call names no order: it needs $number or $reference"
    late = mapping.calls.refresh.outputs if mapping.calls.refresh else {}
    if "number" in named and call.number not in {**mapping.response.outputs, **late}:
        yield at, f"no order has a $number: nothing reads an output {call.number!r}"
    for key in ("cancelled", "refused", "message"):
        if (text := getattr(call, key)) and (problem := problem_of(text)):
            yield (*at, key), problem
    refresh = mapping.calls.refresh
    for key in ("cancelled_states", "late_states"):
        if getattr(call, key) and (refresh is None or "state" not in refresh.outputs):
            yield (*at, key), "it tells values of the output 'state' of 'refresh', which is missing"
    if call.gone and (refresh is None or not (refresh.absent or refresh.absent_http)):
        yield (*at, "gone"), "'refresh' does not say which orders are absent"


_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def _label_faults(mapping: ProviderMapping, call: Label, at: Loc) -> Iterator[tuple[Loc, str]]:
    names = frozenset({"reference", "references"})
    yield from faults_of_call(mapping, call, at, names)
    if not names & names_of_call(call):
        yield at, "the call names no order: it needs $reference, or $references, a list of it alone"
    if bool(call.url) == bool(call.content):
        yield at, "a label comes by 'url' or as 'content'"
    for host in call.hosts:
        if not _HOST.fullmatch(host) or (host.startswith("*.") and "." not in host[2:]):
            yield (*at, "hosts"), f"{host!r} is no host: write files.acme.com, or *.acme.com"
