"""What a drafted mapping makes of the answer: a guess from one sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from converter.authoring.draft_fields import flow
from converter.authoring.seen import leaves

_NUMBERS = r"(system_?number|provider_?order|order_?(id|no|number|code)|shipment_?id|^id$|^uuid$)"
_TRACKING = r"(waybill|tracking)_?(number|no|code)?$"


@dataclass
class Answer:
    """The block `response`, line by line, and whether an answer names its order."""

    lines: list[str] = field(default_factory=list)
    finds_reference: bool = False
    sample: Any = None
    """The answer with `$reference` and `$number` in it; None where there is none to show."""


def draft_answer(answer: Any, reference: str) -> Answer:
    """Guess what an answer means. Whatever was not seen is never taken for a yes."""
    made = Answer()
    if not isinstance(answer, dict | list) or not answer:
        made.lines = [
            "  # TODO no answer was seen: until these are written, every order is unknown",
            "  call_ok: TODO", "  match: {single: true}", "  accepted: TODO",
        ]  # fmt: skip
        return made
    call_ok = _yes(answer) if isinstance(answer, dict) else "@"
    call_ok = call_ok or "@"
    lines = ["  # TODO what says that the request was taken? This was seen in the sample",
             f"  call_ok: {flow(call_ok)}"]  # fmt: skip
    results, entry, split = _entries(answer)
    own = reference.rpartition(".")[2].lower()
    named = next((key for key in entry if key.lower() == own), "")
    named = named or next((key for key in entry if split and re.search("order|ref", key, re.I)), "")
    made.finds_reference = bool(named)
    if split:
        lines.append(f"  lists: {{accepted: {split[0]}, rejected: {split[1]}}}")
    elif results != "@":
        lines.append(f"  results: {results}")
    lines.append(
        f"  match: {{reference: {named}, single: true}}" if named else "  match: {single: true}"
    )
    number, tracking = _key(entry, _NUMBERS, named), _key(entry, _TRACKING, named)
    if not split:
        accepted = _yes(entry, is_entry=True) if results != "@" else call_ok
        lines.append("  # TODO what says that this order was created?")
        accepted = accepted or number or _inside_call(call_ok)
        lines.append(f"  accepted: {flow(accepted)}")
        if accepted and (no := _no(accepted)) and results != "@":
            lines.append(f"  rejected: {flow(no)}")
    text = next((key for key in ("message", "msg", "errorMessage", "error") if key in entry), "")
    call_text = next(
        (key for key in ("message", "msg") if isinstance(answer, dict) and key in answer), ""
    )
    if text:
        lines.append(f"  message: {text}")
    if call_text:
        lines.append(f"  call_message: {call_text}")
    outputs = {"provider_order_no": number, "tracking_no": tracking}
    shown = ", ".join(f"{name}: {key}" for name, key in outputs.items() if key)
    if shown:
        lines += ["  # TODO are these the provider's own numbers?", f"  outputs: {{{shown}}}"]
    made.lines = lines
    made.sample = _sample(answer, {named: "$reference", number: "$number", tracking: "$tracking"})
    return made


def _yes(block: dict[str, Any], *, is_entry: bool = False) -> str:
    """The expression for what says yes in a block."""
    for key in ("success", "result", "ok", "isSuccess"):
        if isinstance(block.get(key), bool):
            return key
    for key in ("code", "errcode", "errorCode", "resultCode", "status", "state"):
        value = block.get(key)
        if isinstance(value, bool) or value in (None, "", "string"):
            continue
        if isinstance(value, int):
            return f"{key} == `{value}`"
        if isinstance(value, str) and (not is_entry or len(value) < 20):
            return f"{key} == '{value}'"
    return ""


def _no(yes: str) -> str:
    """The opposite of an expression that says yes."""
    if " == " in yes:
        key, _, value = yes.partition(" == ")
        return f"{key} && {key} != {value}" if value.startswith("'") else f"{key} != {value}"
    return ""


def _inside_call(call_ok: str) -> str:
    """The same expression where an entry is looked at."""
    return "@" if call_ok == "@" else f"_call.{call_ok}"


def _entries(answer: Any) -> tuple[str, dict[str, Any], tuple[str, str] | None]:
    """Where the entries are, what one of them has, and the lists of yes and no if there are."""
    if isinstance(answer, list):
        return "@", answer[0] if isinstance(answer[0], dict) else {}, None
    for path, block in (("", answer), *((k, v) for k, v in answer.items() if isinstance(v, dict))):
        lists = {key: value for key, value in block.items() if isinstance(value, list)}
        done = next((key for key in lists if re.search("succ|accept|creat", key, re.I)), "")
        failed = next((key for key in lists if re.search("fail|reject|error", key, re.I)), "")
        if done and failed and path:
            entry = next((one for one in lists[done] if isinstance(one, dict)), {})
            return path, entry, (f"{path}.{done}", f"{path}.{failed}")
    for key in ("data", "result", "results", "orders", "datas", "items"):
        inner = answer.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            return key, inner[0], None
        if isinstance(inner, dict) and inner:
            return key, inner, None
    return "@", answer, None


def _key(entry: dict[str, Any], form: str, named: str) -> str:
    return next((key for key, value in entry.items()
                 if re.search(form, key, re.I) and key != named
                 and not isinstance(value, dict | list)), "")  # fmt: skip


def _sample(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names[key] if key and key in names and not isinstance(inner, dict | list)
            else _sample(inner, names)
            for key, inner in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [_sample(inner, names) for inner in value[:1]]
    return value


def shows_values(answer: Any) -> bool:
    """Whether a sample is more than a schema filled with `string` and 0."""
    return any(value not in ("string", 0, None, "", True, False) for _, value in leaves(answer))


def sample_lines(sample: Any) -> Iterator[str]:
    """The block `samples`, for a sample of an accepted order."""
    yield "samples:"
    yield "  # TODO also 'refused', 'duplicate', 'call_refused' and 'unclear', as documented"
    yield f"  accepted: {{body: {flow(sample)}}}"
