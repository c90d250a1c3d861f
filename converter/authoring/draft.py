"""Draft a mapping from documents: it loads at once, and says in comments what is doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.authoring.draft_answer import draft_answer, sample_lines, shows_values
from converter.authoring.draft_fields import (
    Draft,
    clean,
    drafts,
    flow,
    lists_of,
    quoted,
    without_clashes,
)
from converter.authoring.guess import Envelope, envelope, fields, reference_of, setting_of, words
from converter.authoring.read_openapi import content_of, is_openapi, read_openapi
from converter.authoring.read_page import read_page
from converter.authoring.seen import Seen, SeenField, together
from converter.errors import MappingError, UsageError
from converter.mapping import paths
from converter.mapping.load import parse_mapping
from converter.message import N_, t
from converter.messages.system import of_system
from converter.runs.samples import sample_faults

_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text of a drafted mapping, and where its documents contradict each other."""

    text: str
    contradictions: tuple[str, ...]
    todos: int


def draft(name: str, files: Sequence[Path], *, call: str = "") -> Drafted:
    """Draft the mapping of a provider. Raises UsageError where no request is found."""
    seen = together([read(path, call) for path in files])
    if seen.body is None and not seen.fields:
        problem = N_(
            "No request was found in {files}. Give a JSON sample, a cURL command, an OpenAPI file "
            "or the text of a documentation page with a table of fields."
        )
        raise UsageError(t(problem, files=", ".join(map(str, files))))
    source = ", ".join(path.name for path in files)
    written = _Writer(name, seen, source)
    text = written.text(with_samples=True)
    if _fails(text):
        text = written.text(with_samples=False)
    return Drafted(text, tuple(written.contradictions), text.count("TODO"))


def read(path: Path, call: str = "") -> Seen:
    """What one document says."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = of_system(error) if isinstance(error, OSError) else error
        raise UsageError(t("{file} cannot be read: {problem}.", file=path, problem=why)) from error
    if len(text) > _LARGEST:
        raise UsageError(t("{file} is larger than any documentation page.", file=path))
    content = content_of(text)
    return read_openapi(content, call) if is_openapi(content) else read_page(text)


def _fails(text: str) -> bool:
    """Whether samples make a draft one that is refused, or that reads its own sample wrongly."""
    try:
        return any(True for _ in sample_faults(parse_mapping(text, "draft")))
    except MappingError:
        return True


class _Writer:
    """Writes the blocks of a mapping, in the order in which a person reads them."""

    def __init__(self, name: str, seen: Seen, source: str) -> None:
        self._name = name
        self._seen = seen
        self._source = source
        self._around = envelope(seen)
        found, problems = fields(seen, self._around)
        self.contradictions = [clean(problem) for problem in problems]
        self._left_out = [one.path for one in found if not paths.is_path(one.path)]
        found = without_clashes([one for one in found if paths.is_path(one.path)])
        best = reference_of(found)
        if best is None:
            used = {one.path.split(".")[0].partition("[")[0] for one in found}
            free = ("reference", *(f"reference{n}" for n in range(2, len(used) + 2)))
            best = SeenField(next(one for one in free if one not in used), "text", note="")
            found.insert(0, best)
            self._is_made_up = True
        else:
            self._is_made_up = False
        self._reference = best.path
        self._fields = list(drafts(found, self._reference))
        self._settings = {setting_of(one): True for one in self._around.settings}
        self._fresh: dict[str, str] = {}

    def text(self, *, with_samples: bool) -> str:
        """The whole file."""
        seen, answer = self._seen, draft_answer(self._seen.answer, self._reference)
        request = [*self._request(is_batch=self._around.is_batch and answer.finds_reference)]
        lines = [
            "# yaml-language-server: $schema=mapping.schema.json",
            f"# Drafted from {clean(self._source)}. What was guessed or not found is marked:",
            "# look it up, correct it, and delete the mark.",
            *self._comments(),
            f"provider: {self._name}",
            f"title: {{en: {quoted(words(self._name))}, zh: {quoted(words(self._name))}}}",
            f"source: {quoted(self._source)}",
            "settings:", *self._setting_lines(),
            "request:", *request,
            "order:",
            f"  reference: {quoted(self._reference)}", *self._list_lines(),
            "fields:", *(line for one in self._written() for line in one.lines()),
            "response:", *answer.lines,
            "# TODO what does the provider do with a number that it has already?",
            "duplicates: {class: D}",
        ]  # fmt: skip
        if with_samples and answer.sample is not None and shows_values(seen.answer):
            lines += sample_lines(answer.sample)
        return "\n".join(lines) + "\n"

    def _comments(self) -> Iterator[str]:
        if self.contradictions:
            yield "#"
            yield "# TODO the document contradicts itself:"
            for problem in self.contradictions:
                yield f"# - {problem}"
        for path in self._left_out:
            yield f"# TODO {clean(path)!r} cannot be a path here, so it is left out"

    def _written(self) -> Iterator[Draft]:
        for one in self._fields:
            if self._is_made_up and one.path == self._reference:
                todo = "no field looks like the order's own number: this one is not sent"
                yield Draft(one.path, (*one.keys, ("sent", "false")), (todo,))
            else:
                yield one

    def _list_lines(self) -> Iterator[str]:
        lists = lists_of(self._fields)
        if lists:
            yield "  lists:"
        for name, shape in lists.items():
            yield f"    {quoted(name)}: {shape}"

    def _setting_lines(self) -> Iterator[str]:
        prefix = re.sub(r"[^A-Z0-9]", "_", self._name.upper())
        host = self._seen.host
        default = f"default: {quoted(host)}" if host else "required: true"
        if not host:
            yield "  # TODO the address was not seen"
        yield f"  base_url: {{env: {prefix}_BASE_URL, {default}, account: true}}"
        for name, is_secret in self._settings.items():
            kind = "secret: true" if is_secret and _is_secret(name) else "account: true"
            yield f"  {name}: {{env: {prefix}_{name.upper()}, required: true, {kind}}}"

    def _request(self, *, is_batch: bool) -> Iterator[str]:
        seen, around = self._seen, self._around
        path = re.sub(r"\{([^{}]+)\}", self._in_path, seen.path or "/TODO")
        headers = dict(filter(None, (self._header(*one) for one in seen.headers)))
        query = dict(filter(None, (self._header(*one) for one in seen.query)))
        if not seen.path:
            yield "  # TODO the path of the call was not seen"
        if seen.method not in ("", "POST"):
            yield f"  method: {seen.method}"
        yield f"  path: {quoted(path)}"
        if seen.host.startswith("http://"):
            yield "  # TODO credentials would travel in clear: is there no https?"
            yield "  plain_http: true"
        if not headers and not around.settings and not query:
            yield "  # TODO no authentication was seen"
        for name in self._unsigned():
            yield f"  # TODO {name!r} is a signature whose rule was not seen: it is not sent yet"
        for block, values in (("headers", headers), ("query", query)):
            if values:
                yield f"  {block}:"
                for name, value in values.items():
                    yield f"    {quoted(name)}: {value}"
        if self._fresh:
            yield "  # TODO in which unit is the time, and how long is what is random?"
            yield f"  fresh: {{{', '.join(f'{k}: {v}' for k, v in self._fresh.items())}}}"
        yield from self._body(around)
        if around.is_batch and not is_batch:
            yield "  # TODO the answer does not show whose it is, so one order travels at a time"
        if is_batch:
            yield "  # TODO how many orders may one request have?"
            yield "  orders_per_request: 10"

    def _body(self, around: Envelope) -> Iterator[str]:
        body: Any = around.body
        if around.settings:
            yield "  # TODO which of these are the account's, and which are something else?"
        if self._seen.is_form:
            yield "  encoding: form"
            if isinstance(body, str):
                body = {"...": "$order"}
            if any("." in one.path or "[]" in one.path for one in self._fields):
                yield "  # TODO how does the form write values in values?"
                yield "  nesting: brackets"
        yield f"  body: {body if isinstance(body, str) else flow(body)}"

    def _in_path(self, found: re.Match[str]) -> str:
        name = setting_of(found[1])
        self._settings.setdefault(name, False)
        return f"{{{name}}}"

    def _header(self, name: str, value: str) -> tuple[str, str] | None:
        """A header or parameter, with the setting that it needs."""
        low = name.lower()
        if re.search("sign", low):
            return None
        if re.search("timestamp|^time$", low):
            self._fresh["timestamp"] = "{time: ms}"
            return name, "$fresh.timestamp"
        if "nonce" in low:
            self._fresh["nonce"] = "{random: 32}"
            return name, "$fresh.nonce"
        if low == "authorization" and value.lower().startswith("basic"):
            self._settings |= {"user": False, "password": True}
            return name, '''"Basic {base64(user + ':' + password)}"'''
        if low == "authorization":
            self._settings["token"] = True
            return name, '"Bearer {token}"' if value.lower().startswith("bearer") else "$token"
        setting = setting_of(name)
        self._settings.setdefault(setting, True)
        return name, f"${setting}"

    def _unsigned(self) -> list[str]:
        return [
            name for name, _ in (*self._seen.headers, *self._seen.query) if "sign" in name.lower()
        ]


def _is_secret(name: str) -> bool:
    return bool(re.search("token|secret|password|sign|key$", name)) and "access_key" not in name
