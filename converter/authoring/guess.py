"""Guesses about a call from what documents say: every one of them is marked in the draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from converter.authoring.seen import Seen, SeenField, date_pattern, kind_of, leaves
from converter.mapping.lint_names import RESERVED

_LINES = re.compile(r"item|line|good|cargo|product|detail|sku|article|position|piece|volume", re.I)
_CREDENTIAL = re.compile(
    r"^(authorization|auth|token|api_?key|app_?(key|id|code|token|secret)|access_?(key|token)|"
    r"sign(ature)?|customer_?code|user_?(token|id|name)|password|secret|timestamp|nonce(_?str)?)$",
    re.I,
)
_REFERENCE = (
    (r"^(.*\.)?(customer_?)?(reference|ref)(_?(no|number|1|code|id))?$", 6),
    (r"out_?order_?(id|no)|customer_?number1|platform_?order_?no|merchant_?(order|reference)", 8),
    (
        r"(^|[._])(customer|client|shop|external|partner|purchase)?_?order_?(no|number|id|code|ref)",
        5,
    ),
    (r"(^|[._])(tx|trade|bill)_?(no|logistic_?id|id)", 4),
    (r"(^|\.)(number|no|id|code)$", 1),
)
_WORDS_OF_REFERENCE = (
    "客户单号",
    "订单号",
    "客户参考号",
    "外部订单",
    "平台订单",
    "商户订单",
    "参考号",
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where the orders stand in the body, and what stands beside them."""

    prefix: str
    """What paths of the sample begin with that are those of an order."""
    is_batch: bool
    body: Any
    """The body of the mapping, with `$orders` or `$order`."""
    settings: tuple[str, ...] = ()
    """Credentials in the body, by their names in the sample."""


def envelope(seen: Seen) -> Envelope:
    """Guess how orders lie in the body of a request."""
    if isinstance(seen.body, list):
        return Envelope("[].", is_batch=True, body="$orders")
    if not isinstance(seen.body, dict):
        return Envelope("", is_batch=False, body="$order")
    for key, value in seen.body.items():
        beside = {name: one for name, one in seen.body.items() if name != key}
        if _is_orders(key, value) and not any(_is_order_like(one) for one in beside.values()):
            found: list[str] = []
            body = {name: _constant(name, one, found) for name, one in beside.items()}
            return Envelope(f"{key}[].", True, {**body, key: "$orders"}, tuple(found))
    credentials = {key: one for key, one in seen.body.items() if _CREDENTIAL.match(key)}
    found = []
    body = {name: _constant(name, one, found) for name, one in credentials.items()}
    if body:
        return Envelope("", False, {**body, "...": "$order"}, tuple(found))
    return Envelope("", is_batch=False, body="$order")


def _is_orders(key: str, value: Any) -> bool:
    """Whether a member of the body is the list of orders: its entries hold lists or objects."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return False
    has_parts = any(isinstance(inner, dict | list) for inner in value[0].values())
    return has_parts and not _LINES.search(key)


def _is_order_like(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _constant(name: str, value: Any, found: list[str]) -> Any:
    """What stands beside the orders: each plain value is a setting."""
    if isinstance(value, dict):
        return {key: _constant(key, inner, found) for key, inner in value.items()}
    setting = setting_of(name)
    if setting not in found:
        found.append(setting)
    return f"${setting}"


def fields(seen: Seen, around: Envelope) -> tuple[list[SeenField], list[str]]:
    """The fields of an order, of table and sample together, and where the two contradict."""
    sample = dict(leaves(seen.body)) if seen.body is not None else {}
    listed = {one.path: one for one in seen.fields}
    problems = []
    found: list[SeenField] = []
    beside = tuple(around.settings)
    for path in dict.fromkeys((*listed, *sample)):
        if around.prefix and not path.startswith(around.prefix):
            continue
        if not around.prefix and setting_of(path.rpartition(".")[2]) in beside:
            continue
        one = listed.get(path) or SeenField(path, kind_of(sample.get(path)))
        shown = sample.get(path)
        name = path.removeprefix(around.prefix)
        if listed and sample:
            problems += [
                f"{name}: {problem}" for problem in _contradictions(one, path, listed, sample)
            ]
        example = one.example if one.example is not None else shown
        if one.kind == "text" and not listed.get(path) and date_pattern(shown):
            one = replace(one, kind="datetime")
        found.append(replace(one, path=name, example=example))
    if not any(one.required for one in found):
        found = [_likely_required(one) for one in found]
    return found, problems


_NEEDED = re.compile(
    r"(^|\.|buyer|consignee|receiver|recipient|full)_?name$|(^|\.|buyer|consignee|receiver)_?"
    r"(street|address)_?(line)?_?1?$|city(text)?$|country_?code$|(^|\.)(sku|qty|quantity)$",
    re.I,
)
_OTHERS = re.compile(r"sender|shipper|invoice|return|billing", re.I)
GUESSED = "the document marks no field as required: is this one?"


def _likely_required(one: SeenField) -> SeenField:
    """The field as required where no order goes without it, as a guess."""
    if _NEEDED.search(one.path) and not _OTHERS.search(one.path):
        return replace(one, required=True, note=f"{one.note} {GUESSED}".strip())
    return one


def _contradictions(
    one: SeenField, path: str, listed: dict[str, SeenField], sample: dict[str, Any]
) -> Iterator[str]:
    if path not in listed:
        yield "in the sample, but not in the table"
    elif path not in sample:
        if one.required:
            yield "required by the table, but not in the sample"
    else:
        shown, kind = sample[path], kind_of(sample[path])
        alike = kind in ("", one.kind) or {kind, one.kind} <= {"text", "datetime"}
        if not alike and not (kind == "integer" and one.kind == "decimal"):
            yield f"{one.kind} in the table, {kind} in the sample ({str(shown)[:30]!r})"
        if one.longest and isinstance(shown, str) and len(shown) > one.longest:
            yield f"at most {one.longest} characters in the table, {len(shown)} in the sample"
        sent = {value for value, _ in one.choices}
        if sent and str(shown) not in sent and shown not in ("", "string", None):
            yield f"the sample has {str(shown)[:30]!r}, which the table does not list"


def reference_of(found: Sequence[SeenField]) -> SeenField | None:
    """The field of an order that most likely is its own number."""

    def score(one: SeenField) -> int:
        if "[]" in one.path or one.kind not in ("text", ""):
            return -1
        points = max(
            (worth for form, worth in _REFERENCE if re.search(form, one.path, re.I)), default=0
        )
        return points + 4 * any(word in one.note for word in _WORDS_OF_REFERENCE)

    best = max(found, key=score, default=None)
    return best if best is not None and score(best) > 0 else None


def snake(name: str) -> str:
    """A name as settings are called: `accessKey` and `access-key` are `access_key`."""
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", parts.lower()).strip("_") or "value"


def setting_of(name: str) -> str:
    """The setting for a key: as `snake`, but none of the names that requests have."""
    found = snake(name)
    return f"{found}_value" if found in RESERVED else found


def words(name: str) -> str:
    """A key in words: `buyerPostcode` is `Buyer postcode`."""
    text = snake(name).replace("_", " ")
    text = re.sub(r"\b(sku|id|url|vat|ioss|eori|hs)\b", lambda found: found[1].upper(), text)
    return text[:1].upper() + text[1:]
