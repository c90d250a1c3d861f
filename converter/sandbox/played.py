"""Plays the provider of any mapping, with the sample answers that stand in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from converter.sandbox.book import Book, own_number
from converter.sandbox.calls import Answer, Call, parse

TROUBLE: dict[str, tuple[str, str]] = {
    "CALLREFUSED": (
        "the whole request is refused, nothing is created",
        "整个请求被拒绝，不创建任何订单",
    ),
    "UNCLEAR": (
        "created, but the answer is neither a yes nor a no",
        "订单已创建，但返回结果既不表示成功也不表示失败",
    ),
}
"""Words beside the usual ones, for answers that only a mapping's samples can give."""


@dataclass(frozen=True, slots=True)
class SecondCall:
    """A call about orders that were sent before."""

    kind: str
    """`job`, `query` or `details`."""
    method: str
    path: str
    query: Mapping[str, Any]
    body: Any
    samples: Mapping[str, Mapping[str, Any]]
    """By what they mean, as those of the script."""
    answer: Any = "$entries"
    """The answer around the entries, to a query."""


@dataclass(frozen=True, slots=True)
class Script:
    """What has to be known of a provider to play it."""

    name: str
    environment: Mapping[str, str]
    """Its settings, but for the address."""
    address: str
    """The setting that holds the address."""
    routes: tuple[tuple[str, str], ...]
    """Method and path of each call that creates orders; `{name}` stands for any text."""
    reference: tuple[str, ...]
    """The keys that lead to the reference in the payload of an order."""
    answer: Any
    """The answer around the entries."""
    samples: Mapping[str, Mapping[str, Any]]
    """By what they mean: `http` and `entry` or `body`."""
    fixed: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    """The answers of other calls, by method and path, such as the one for a token."""
    fixed_headers: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    """Headers of those answers, where they have any."""
    calls: tuple[SecondCall, ...] = ()
    taken: Mapping[str, Any] | None = None
    """The sample that answers orders which are only taken into a job."""


class Played:
    """A provider of the application, made from a script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.NAME = script.name
        self.ENVIRONMENT = dict(script.environment)
        self._jobs: dict[str, Answer] = {}
        """What each job answers once it has ended."""
        self._asked: set[str] = set()

    def read(self, headers: Mapping[str, str], path: Mapping[str, str], raw: bytes) -> Call:
        """Read a request, whatever the form of its body."""
        try:
            return Call(headers, path, _decoded(headers.get("content-type", ""), raw), "")
        except (ValueError, RecursionError):
            return Call(headers, path, None, "the body is neither JSON nor a form")

    def admit(self, _call: Call, _book: Book) -> Answer | None:
        """Whoever asks may: a mapping says how to sign, and not how to check that."""
        return None

    def refusal(self, why: str) -> Answer:
        return Answer({"error": why}, status=400)

    def references(self, body: Any) -> list[str]:
        """The references of the orders in a body, wherever in it the orders stand."""
        return [reference for reference, _ in orders_in(body, self.script.reference)]

    def create(self, body: Any, book: Book) -> Answer:
        found = orders_in(body, self.script.reference)
        orders = [reference for reference, _ in found]
        fates = [self._fate(reference, book) for reference in orders]
        whole = next((fate for fate in fates if self._refuses_all(fate)), "")
        if whole:
            place = fates.index(whole)
            values = {"reference": orders[place], "position": place, "number": "", "tracking": ""}
            values["message"] = _SAID.get(whole, "")
            return self._whole(whole, {**values, **_counts(fates)}, ())
        created = [one for one, fate in zip(found, fates, strict=True) if fate in _CREATED]
        entries = iter(book.add(self.NAME, created, own_number))
        numbers = [next(entries).number if fate in _CREATED else "" for fate in fates]
        answer = self.answer(orders, fates, numbers)
        return answer if self.script.taken is None else self._taken(answer)

    def _taken(self, ended: Answer) -> Answer:
        """Take orders into a job, which gives this answer once it has ended."""
        assert self.script.taken is not None
        job = f"SBX-JOB-{len(self._jobs) + 1}"
        self._jobs[job] = ended
        body = filled(self.script.taken["body"], {"job": job})
        return Answer(body, self.script.taken["http"], ended.created)

    def second(
        self,
        call: SecondCall,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        body: Any,
        book: Book,
    ) -> Answer:
        """The answer to a call about orders that were sent before."""
        found = named_in(call.query, query) | named_in(call.body, body)
        names = re.findall(r"\{([^{}]*)\}", call.path)
        found |= {name: path[f"p{place}"] for place, name in enumerate(names)}
        if call.kind == "job":
            return self._job(call, str(found.get("job", "")))
        if call.kind == "details":
            return self._details(call, found, book)
        references = found.get("references", found.get("reference", []))
        asked = references if isinstance(references, list) else str(references).split(",")
        return self._query(call, asked, book)

    def _job(self, call: SecondCall, job: str) -> Answer:
        ended = self._jobs.get(job)
        if ended is None:
            return Answer({}, status=404)
        if "running" in call.samples and job not in self._asked:
            self._asked.add(job)
            sample = call.samples["running"]
            return Answer(filled(sample["body"], {"job": job}), sample["http"])
        return Answer(ended.body, ended.status)

    def _details(self, call: SecondCall, found: Mapping[str, Any], book: Book) -> Answer:
        number, reference = found.get("number"), found.get("reference")
        entries = [one for one in book.entries() if one["provider"] == self.NAME]
        for one in entries:
            if one["number"] == number or one["reference"] == reference:
                sample = call.samples["details"]
                return Answer(
                    filled(sample["body"], _values(one["reference"], one["number"])), sample["http"]
                )
        return Answer({}, status=404)

    def _query(self, call: SecondCall, references: Sequence[str], book: Book) -> Answer:
        found = [(name, book.find(self.NAME, name)) for name in references]
        numbers = [(name, "" if one is None else one.number) for name, one in found]
        return query_answer(call, numbers)

    def answer(self, orders: Sequence[str], fates: Sequence[str], numbers: Sequence[str]) -> Answer:
        """The answer on some orders, made of the samples of what became of each of them."""
        made = tuple(name for name, fate in zip(orders, fates, strict=True) if fate in _CREATED)
        found: dict[str, list[Any]] = {"entries": [], "accepted_entries": [], "refused_entries": []}
        status = 200
        counts = _counts(fates)
        for place, (name, fate, number) in enumerate(zip(orders, fates, numbers, strict=True)):
            values = {
                "reference": name,
                "position": place,
                "number": number,
                "tracking": number.replace("SBX-", "SBX-T"),
                "message": _SAID.get(fate, ""),
                **counts,
            }
            sample = self.script.samples[fate]
            if "body" in sample:
                return self._whole(fate, values, made)
            status = max(status, sample["http"])
            if "OMIT" in name and fate in _CREATED:
                continue
            entry = filled(sample["entry"], values)
            found["entries"].append(entry)
            found["accepted_entries" if fate in _CREATED else "refused_entries"].append(entry)
        first = {"entry": found["entries"][0] if found["entries"] else None}
        body = filled(self.script.answer, {**counts, **found, **first})
        return Answer(body, status, made)

    def _whole(self, fate: str, values: Mapping[str, Any], created: tuple[str, ...]) -> Answer:
        """An answer that is one sample for the whole request."""
        sample = self.script.samples[fate]
        inner = {} if "body" in sample else {"entry": filled(sample["entry"], values)}
        entries = {"entries": [*inner.values()], **inner}
        body = sample.get("body", self.script.answer)
        return Answer(filled(body, {**values, **entries}), sample["http"], created)

    def _fate(self, reference: str, book: Book) -> str:
        """Which of the samples answers for an order."""
        samples = self.script.samples
        wished = next((fate for word, fate in _WORDS.items() if word in reference), "")
        if wished in samples:
            return wished
        if wished == "duplicate":
            return "refused" if "refused" in samples else "accepted"
        if "duplicate" in samples and book.find(self.NAME, reference) is not None:
            return "duplicate"
        return "accepted"

    def _refuses_all(self, fate: str) -> bool:
        """Whether a sample says that nothing of the request was created."""
        return fate == "call_refused" or (
            fate in ("refused", "duplicate") and "body" in self.script.samples[fate]
        )


def query_answer(call: SecondCall, orders: Sequence[tuple[str, str]]) -> Answer:
    """The answer to a query about orders, given with their numbers; blank where there is none."""
    entries: list[Any] = []
    status = 200
    for name, number in orders:
        sample = call.samples.get("found" if number else "absent")
        if sample is None:
            continue
        if "body" in sample:
            return Answer(filled(sample["body"], _values(name, number)), sample["http"])
        status = max(status, sample["http"])
        entries.append(filled(sample["entry"], _values(name, number)))
    around = {"entries": entries, "entry": entries[0] if entries else None, "count": len(entries)}
    return Answer(filled(call.answer, around), status)


_SAID = {
    "accepted": "ok",
    "partial": "only a part of it was created",
    "refused": "the sandbox refuses this reference",
    "duplicate": "there is an order with this reference",
    "call_refused": "the sandbox refuses this request",
}
"""What `$message` is in samples, by what became of the order."""


def _values(reference: str, number: str) -> dict[str, Any]:
    """What samples of second calls can name of an order."""
    return {
        "reference": reference,
        "number": number,
        "tracking": number.replace("SBX-", "SBX-T"),
    }


def named_in(template: Any, given: Any) -> dict[str, Any]:
    """The values in a request of the names in its template, such as `$reference`."""
    if isinstance(template, dict):
        if {*template} == {"$json"} and isinstance(given, str):
            try:
                return named_in(template["$json"], json.loads(given))
            except (ValueError, RecursionError):
                return {}
        given = given if isinstance(given, Mapping) else {}
        pairs = [(inner, given[key]) for key, inner in template.items() if key in given]
    elif isinstance(template, list):
        pairs = list(zip(template, given if isinstance(given, list) else [], strict=False))
    elif isinstance(template, str):
        return _in_text(template, given)
    else:
        return {}
    return {name: value for pair in pairs for name, value in named_in(*pair).items()}


def _in_text(template: str, given: Any) -> dict[str, Any]:
    if re.fullmatch(r"\$\w+", template):
        return {template[1:]: given}
    parts = re.split(r"\{(\w+)\}", template)
    pattern = "".join(
        f"(?P<{part}>.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    try:
        found = re.fullmatch(pattern, str(given))
    except re.error:  # a name that stands there twice
        return {}
    return dict(found.groupdict()) if found else {}


_WORDS = {
    "CALLREFUSED": "call_refused",
    "UNCLEAR": "unclear",
    "DUPLICATE": "duplicate",
    "REJECT": "refused",
    "PARTIAL": "partial",
}
_CREATED = ("accepted", "partial", "unclear")


def _counts(fates: Sequence[str]) -> dict[str, int]:
    accepted = sum(fate in _CREATED for fate in fates)
    return {
        "count": len(fates),
        "accepted_count": accepted,
        "refused_count": len(fates) - accepted,
    }


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A sample with its `$names` and `{names}` replaced."""
    if isinstance(value, dict):
        return {key: filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    if not isinstance(value, str):
        return value
    if value.startswith("$") and value[1:] in values:
        return values[value[1:]]
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), value)


def orders_in(body: Any, path: Sequence[str]) -> list[tuple[str, Any]]:
    """The outermost objects of a body that have a text at the end of a path, with that text."""
    level = [body]
    while level:
        found = [(text, node) for node in level if (text := _text_at(node, path)) is not None]
        if found:
            return found
        level = [inner for node in level for inner in _inside(node)]
    return []


def _text_at(node: Any, path: Sequence[str]) -> str | None:
    for key in path:
        if not isinstance(node, dict) or key not in node:
            return None
        node = node[key]
    return str(node) if isinstance(node, str | int) and not isinstance(node, bool) else None


def _inside(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node
    elif isinstance(node, str) and node[:1] in ("{", "["):
        try:
            yield json.loads(node)
        except (ValueError, RecursionError):
            return


def _decoded(content_type: str, raw: bytes) -> Any:
    if not raw:
        return {}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True))
    return parse(raw)


Reader = Callable[[Mapping[str, str], Mapping[str, str], bytes], Call]


def route_path(path: str) -> str:
    """A path of a mapping as Starlette writes one; its names need not be Python's."""
    numbers = iter(range(path.count("{")))
    return re.sub(r"\{[^{}]*\}", lambda _: f"{{p{next(numbers)}}}", path)
