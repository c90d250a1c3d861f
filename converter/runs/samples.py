"""The sample answers of a mapping: what the sandbox plays, and whether `response` reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from converter.mapping import paths
from converter.mapping.constants import constant
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call, TokenCall
from converter.mapping.samples import Sample, Samples
from converter.mapping.yaml_events import Loc
from converter.model import Status
from converter.provider.answers import judge
from converter.runs.second_samples import is_ended, order_of, reply_of, second_call_faults
from converter.sandbox.calls import Answer
from converter.sandbox.played import Played, Script, SecondCall

_MEANT = {
    "accepted": {Status.ACCEPTED},
    "partial": {Status.PARTIAL},
    "refused": {Status.REJECTED},
    "duplicate": {Status.DUPLICATE},
    "call_refused": {Status.REJECTED, Status.NOT_SENT},
    "unclear": {Status.UNKNOWN},
}
_TOKEN = "sandbox-token"
_NUMBERS = ("SBX-00000001", "SBX-00000002", "SBX-00000003")


def script_of(mapping: ProviderMapping) -> Script | None:
    """What the sandbox has to know to play a provider; None for a mapping without samples."""
    samples = mapping.samples
    if samples is None:
        return None
    request = mapping.request
    called = [request.path] if request.path else [one.path for one in request.actions.values()]
    return Script(
        name=mapping.provider,
        environment=environment_of(mapping),
        address=mapping.settings["base_url"].env,
        routes=tuple((request.method, path) for path in called if path),
        reference=paths.inside(mapping.order.reference),
        answer=samples.answer,
        samples=_given(samples),
        fixed={
            (call.method, call.path or "/"): _token_answer(call)
            for call in mapping.request.tokens.values()
        },
        fixed_headers={
            (call.method, call.path or "/"): {call.value_header: _TOKEN}
            for call in mapping.request.tokens.values()
            if call.value_header
        },
        calls=tuple(_second_calls(mapping, samples)),
        taken=_plain(samples.taken) if samples.taken else None,
    )


_OK = re.compile(r"(\w+(?:\.\w+)*)(?: *== *(?:`(\w+)`|'(\w+)'))?")
"""What `call_ok` usually is: a path, or a path that is equal to a value."""


def _second_calls(mapping: ProviderMapping, samples: Samples) -> Iterator[SecondCall]:
    """The calls of a mapping about orders that were sent before, as far as there are samples."""
    then = mapping.then
    if then and then.job and samples.taken:
        given = {"running": _plain(samples.running)} if samples.running else {}
        yield _second_call("job", then.job, given)
    if then and then.details and samples.details:
        yield _second_call("details", then.details, {"details": _plain(samples.details)})
    if mapping.query and samples.query:
        given = {"found": _plain(samples.query.found)}
        if samples.query.absent:
            given["absent"] = _plain(samples.query.absent)
        yield _second_call("query", mapping.query, given, samples.query.answer)


def _second_call(
    kind: str, call: Call, samples: dict[str, dict[str, object]], answer: object = "$entries"
) -> SecondCall:
    return SecondCall(kind, call.method, call.path or "/", call.query, call.body, samples, answer)


def _token_answer(call: TokenCall) -> object:
    """An answer in which a call's expressions find a token, as far as they are plain paths."""
    if call.value == "@":
        return _TOKEN
    found: dict[str, object] = {}
    ok = _OK.fullmatch(call.call_ok or "")
    said = [(ok[1], ok[3] or (constant(ok[2]) if ok[2] else True))] if ok else []
    for expression, value in (*said, (call.value, _TOKEN), (call.expires_in, 3600)):
        if expression is None or not re.fullmatch(r"\w+(\.\w+)*", expression):
            continue
        *around, last = expression.split(".")
        block: Any = found
        for key in around:
            block = block.setdefault(key, {})
        block[last] = value
    return found


def sample_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Samples that `response` reads as something else than what they stand for."""
    script = script_of(mapping)
    if script is None or mapping.samples is None:
        return
    yield from second_call_faults(mapping, mapping.samples, script)
    of_call, job = mapping, mapping.then.job if mapping.then else None
    if job is not None:  # its answer says what became of each order
        mapping = mapping.model_copy(update={"response": job.response, "then": None})
    played = Played(script)
    for name in script.samples:
        answer = played.answer(["A-1"], [name], _NUMBERS[:1])
        is_of_call = name == "call_refused"
        (problem,) = _misread(of_call if is_of_call else mapping, answer, [name])
        if problem:
            yield ("samples", name), problem
        elif name not in ("call_refused", "unclear") and not is_ended(of_call, answer):
            yield ("samples", name), "'until' does not take this answer for that of an ended job"
    mixed = [name for name in ("accepted", "refused", "accepted") if name in script.samples]
    is_batch = mapping.request.orders_per_request >= len(mixed)
    if is_batch and not any("body" in script.samples[name] for name in mixed):
        answer = played.answer(["A-1", "A-2", "A-3"][: len(mixed)], mixed, _NUMBERS[: len(mixed)])
        for name, problem in zip(mixed, _misread(mapping, answer, mixed), strict=True):
            if problem:
                yield (
                    ("samples", "answer"),
                    f"in an answer on {len(mixed)} orders, {name}: {problem}",
                )


def _misread(mapping: ProviderMapping, answer: Answer, names: Sequence[str]) -> Iterator[str]:
    """For each order of an answer, how it is read if not as its sample is meant; else blank."""
    orders = [order_of(mapping, f"A-{place}") for place, _ in enumerate(names, 1)]
    judged = judge(mapping, orders, reply_of(answer.body, answer.status))
    for name, outcome in zip(names, judged.outcomes, strict=True):
        if outcome.status not in _MEANT[name]:
            said = " ".join(outcome.message.split())
            yield f"'response' reads this sample as {outcome.status}: {said}"
        elif name == "accepted" and not _has_number(mapping, outcome.provider_order_no):
            yield "'outputs.provider_order_no' finds no number in this sample"
        else:
            yield ""


def _has_number(mapping: ProviderMapping, found: str) -> bool:
    return bool(found) or "provider_order_no" not in mapping.response.outputs


def _given(samples: Samples) -> dict[str, dict[str, object]]:
    given = {name: getattr(samples, name) for name in _MEANT}
    return {name: _plain(one) for name, one in given.items() if one is not None}


def _plain(sample: Sample) -> dict[str, object]:
    inner = {"body": sample.body} if sample.is_whole else {"entry": sample.entry}
    return {"http": sample.http, **inner}


def environment_of(mapping: ProviderMapping) -> dict[str, str]:
    """A value for each setting that needs one, in the form that its use asks for."""
    zones = {spec.zone for spec in mapping.fields}
    units = {fresh.time for fresh in mapping.request.fresh.values()}
    found = {}
    for name, setting in mapping.settings.items():
        if f"${name}" in zones:
            value = "Asia/Shanghai"
        elif f"${name}" in units:
            value = "s"
        else:
            # Letters and digits in a multiple of four are also Base64, as some keys are.
            plain = "sandbox" + "".join(filter(str.isalnum, name))
            value = plain + "x" * (-len(plain) % 4)
        if name != "base_url" and setting.default is None:
            found[setting.env] = value
    return found
