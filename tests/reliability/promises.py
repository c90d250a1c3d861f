"""Made-up providers that keep the promises of classes B, C and U, and their mappings.

`keyed` knows idempotency keys for a time, `asked` creates whatever it gets and can be asked, and
for `updating` a second copy of a reference is a change of the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from converter.sandbox import app
from converter.sandbox.book import Book, own_number
from converter.sandbox.calls import Answer, Call

NAMES = {"B": "keyed", "C": "asked", "U": "updating"}
"""The provider of each class."""
PREFIX = "/promises/"
QUERY = f"{PREFIX}find"
KEY_SECONDS = 3600.0
APART_SECONDS = 60.0
"""How long after the first time the program asks again about an order that is not there."""
HEADER = ["Reference", "Receiver name", "SKU", "Quantity"]
EXAMPLES = [
    [["P-1", "Jane Roe", "PEN", "2"]],
    [["P-2", "Li Lei", "INK", "1"], ["P-2", "Li Lei", "PEN", "3"]],
]

_DUPLICATES = {
    "keyed": "{class: B, key_hours: 1, evidence: page 2}",
    "asked": "{class: C, evidence: page 2}",
    "updating": "{class: U, evidence: page 2}",
}
_QUERY_BLOCK = f"""
query:
  path: {QUERY}
  body: {{datas: {{customernumber: $references}}}}
  call_ok: code == `0`
  results: data
  reference: customernumber
  found: code == `0`
  absent: code == `-1`
  consistent: true
  outputs: {{provider_order_no: systemnumber}}
  evidence: page 3
"""


def mapping_text(name: str) -> str:
    """The mapping file of one of the providers."""
    key = ("key: $key, ", '\n  key: "{uuid(content)}"') if name == "keyed" else ("", "")
    return f"""
provider: {name}
title: {{en: {name}, zh: {name}}}
source: a test
settings: {{base_url: {{env: {name.upper()}_BASE_URL, required: true}}}}
request:
  path: {PREFIX}{name}
  body: {{{key[0]}orders: $orders}}{key[1]}
  orders_per_request: 20
  in_flight: 2
order: {{reference: ref, lists: {{items: {{required: true}}}}}}
fields:
  - {{path: ref, title: {{en: Reference, zh: 单号}}, required: true}}
  - {{path: name, title: {{en: Receiver name, zh: 收件人}}, required: true}}
  - {{path: "items[].sku", title: {{en: SKU, zh: 货号}}, required: true}}
  - {{path: "items[].qty", title: {{en: Quantity, zh: 数量}}, type: integer, at_least: 1,
     required: true}}
response:
  call_ok: code == `0`
  call_refused: code != `0`
  results: data
  match: {{reference: customernumber}}
  accepted: code == `0`
  rejected: code != `0`
  refusals: [{{when: "code == `-7`", evidence: page 1}}]
  message: msg
  outputs: {{provider_order_no: systemnumber}}
duplicates: {_DUPLICATES[name]}
{_QUERY_BLOCK if name == "asked" else ""}"""


def write_mapping(name: str, folder: Path) -> str:
    """Write the mapping of a provider; returns the name of its file."""
    path = folder / f"{name}.yaml"
    path.write_text(mapping_text(name), encoding="utf-8")
    return path.name


@dataclass
class Promising:
    """A provider for the sandbox's application."""

    NAME: str
    act: Callable[[Any, Book], Answer]
    ENVIRONMENT: dict[str, str] = field(default_factory=dict)

    def admit(self, _call: Call, _book: Book, /) -> Answer | None:
        return None

    def refusal(self, why: str) -> Answer:
        return Answer({"code": 2, "msg": why, "data": []})

    def references(self, body: Any) -> list[str]:
        """The references of orders; a query has none, so no word in them makes trouble."""
        return [row["ref"] for row in body.get("orders", [])]

    def create(self, body: Any, book: Book) -> Answer:
        return self.act(body, book)


class Keys:
    """The idempotency keys that are known, with the request and the answer of each."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Answer]] = {}

    def create(self, body: Any, book: Book) -> Answer:
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        if body["key"] not in self._known:
            answer = _created("keyed", body, book)
            self._known[body["key"]] = (digest, answer)
            return answer
        first, answer = self._known[body["key"]]
        if first != digest:
            return Answer({"code": 3, "msg": "this key had another request", "data": []})
        return Answer(answer.body, answer.status)

    def forget(self, run: str) -> None:
        """Forget the keys of orders whose references begin so, as after a long time."""
        self._known = {
            key: kept
            for key, kept in self._known.items()
            if not kept[1].body["data"][:1] or not _is_of(kept[1], run)
        }


def _is_of(answer: Answer, run: str) -> bool:
    return any(entry["customernumber"].startswith(run) for entry in answer.body["data"])


KEYS = Keys()


def _created(name: str, body: Any, book: Book) -> Answer:
    """Create each order, even one that exists; in the answer the entries are reversed."""
    rows = [row for row in body["orders"] if not _is_refused(row["ref"])]
    made = book.add(name, [(row["ref"], row) for row in rows], own_number)
    numbers = {one.reference: one.number for one in made}
    return _answer(body, numbers, tuple(numbers))


def _updated(body: Any, book: Book) -> Answer:
    """Create each order; one that exists is changed, and keeps its number."""
    rows = [row for row in body["orders"] if not _is_refused(row["ref"])]
    made = book.add_new("updating", [(row["ref"], row) for row in rows], own_number)
    found = {row["ref"]: book.find("updating", row["ref"]) for row in rows}
    numbers = {name: one.number for name, one in found.items() if one is not None}
    return _answer(body, numbers, tuple(one.reference for one in made if one is not None))


def _answer(body: Any, numbers: dict[str, str], created: tuple[str, ...]) -> Answer:
    entries = []
    for row in reversed(body["orders"]):
        name = row["ref"]
        if name not in numbers:
            entries.append({"code": -7, "msg": "out of stock", "customernumber": name})
        elif "OMIT" not in name or name not in created:
            entries.append({"code": 0, "customernumber": name, "systemnumber": numbers[name]})
    return Answer({"code": 0, "msg": "", "data": entries}, created=created)


def _found(body: Any, book: Book) -> Answer:
    entries = []
    for name in body["datas"]["customernumber"]:
        one = book.find("asked", name)
        if one is None:
            entries.append({"code": -1, "customernumber": name})
        else:
            entries.append({"code": 0, "customernumber": name, "systemnumber": one.number})
    return Answer({"code": 0, "data": entries})


def _is_refused(reference: str) -> bool:
    return "REJECT" in reference or "DUPLICATE" in reference


def install() -> None:
    """Add the providers to the sandbox of this process."""
    app.PATHS[f"{PREFIX}keyed"] = Promising("keyed", KEYS.create)
    app.PATHS[f"{PREFIX}asked"] = Promising(
        "asked", lambda body, book: _created("asked", body, book)
    )
    app.PATHS[f"{PREFIX}updating"] = Promising("updating", _updated)
    app.PATHS[QUERY] = Promising("asked", _found)
