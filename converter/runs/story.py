"""What happened to an order, attempt by attempt, as a document and as lines of text."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from converter import journal, json_text, messages, settings
from converter.errors import ConverterError, UsageError
from converter.journal import Exchange, LaterCall, Story, Version
from converter.mapping.load import available_mappings, find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, N_, enumerate_some, join, t
from converter.messages import translate
from converter.model import Status
from converter.provider.request import Signer
from converter.runs.convert import ConvertedRequest
from converter.settings import Settings

UNKNOWN_ORDERS = N_(
    "No journal on this machine knows {names}. Give the reference as the order sheet has it; "
    "`converter status` lists the runs."
)
NO_LONGER_KEPT = N_(
    "The body is no longer kept: it is deleted 30 days after an order is settled. "
    "Its SHA-256 is {sha256}."
)
NO_MAPPING = N_("The request cannot be built again: {problem}")
EXACT = N_("The body is exactly the one that was sent: its SHA-256 agrees.")
REBUILT = N_(
    "Built again from what is kept: secrets and signatures are masked, and the time may differ."
)


class Rebuilder:
    """Builds the requests of past attempts again, with secrets masked, from what is kept."""

    def __init__(
        self, home: Path, mapping: ProviderMapping | None = None, mappings: Path | None = None
    ) -> None:
        self._home = home
        self._mappings = mappings
        self._loaded = {mapping.provider: mapping} if mapping else {}

    def request(self, story: Story, exchange: Exchange) -> tuple[ConvertedRequest | None, str]:
        """The request of an attempt, and how far it is the one that was sent.

        None, and why, where it cannot be built.
        """
        orders = journal.sent_orders(self._home, story.journal, exchange.number)
        if not orders:
            return None, t(NO_LONGER_KEPT, sha256=exchange.body_sha256)
        try:
            mapping = self._mapping(story.provider)
            action = exchange.action if mapping.request.path is None else ""
            signer = Signer(
                mapping,
                _settings_of(story, exchange, mapping),
                action or None,
                masked=True,
                now=lambda: exchange.started_at,
                random=lambda count: "*" * count,
            )
            made = signer.request(orders, key=exchange.key)
        except ConverterError as error:
            return None, t(NO_MAPPING, problem=error.message)
        is_exact = hashlib.sha256(made.body).hexdigest() == exchange.body_sha256
        query = urlsplit(made.url).query
        address = exchange.url.partition("?")[0] + (f"?{query}" if query else "")
        request = ConvertedRequest(exchange.method, address, made.headers, made.body, orders)
        return request, t(EXACT) if is_exact else t(REBUILT)

    def _mapping(self, provider: str) -> ProviderMapping:
        if provider not in self._loaded:
            path = available_mappings(self._mappings).get(provider)
            self._loaded[provider] = load_mapping(path or find_mapping(provider, self._mappings))
        return self._loaded[provider]


def _settings_of(story: Story, exchange: Exchange, mapping: ProviderMapping) -> Settings:
    """What the journal knows of the settings at that time; others stay masked."""
    known = {name: one.default for name, one in mapping.settings.items() if one.default is not None}
    address = urlsplit(exchange.url)
    values = {**known, **story.account, "base_url": f"{address.scheme}://{address.netloc}"}
    return Settings(values, (), (), sandbox=story.sandbox)


def read_stories(
    references: Sequence[str], *, provider: str | None = None, mappings: Path | None = None
) -> tuple[list[Story], Rebuilder]:
    """The stories of these orders, and what builds their requests again.

    Raises UsageError where no journal knows one of them.
    """
    home = settings.home()
    mapping = load_mapping(find_mapping(provider, mappings)) if provider else None
    found = [
        story
        for story in journal.stories(home, references)
        if mapping is None or story.provider == mapping.provider
    ]
    known = {name for story in found for name in (story.reference, story.parent)}
    if missing := [name for name in references if name.strip() not in known]:
        raise UsageError(t(UNKNOWN_ORDERS, names=enumerate_some(missing)))
    return found, Rebuilder(home, mapping, mappings)


# -- the document ----------------------------------------------------------------------------------


def story_document(story: Story, rebuilder: Rebuilder | None, lang: str) -> dict[str, Any]:
    """The story as `--json` prints it; without a rebuilder the requests are left out."""
    return {
        "provider": story.provider,
        "sandbox": story.sandbox,
        "account": dict(story.account),
        "reference": story.reference,
        "order": story.parent,
        "status": str(story.status),
        "message": translate(story.message, lang),
        "provider_order_no": story.provider_order_no,
        "tracking_no": story.tracking_no,
        "outputs": dict(story.outputs),
        "accepted": story.accepted,
        "sheet": story.sheet,
        "rows": list(story.rows),
        "versions": [_version_document(version) for version in story.versions],
        "attempts": [
            {
                **exchange_document(story, attempt.exchange, rebuilder, lang),
                "version": attempt.sha256,
                "verdict": attempt.verdict,
                "status": attempt.status,
                "message": translate(attempt.message, lang),
                "provider_order_no": attempt.provider_order_no,
                "tracking_no": attempt.tracking_no,
            }
            for attempt in story.attempts
        ],
        "evidence": [
            {
                "at": found.at,
                "run": found.run,
                "source": found.source,
                "verdict": found.verdict,
                "provider_order_no": found.provider_order_no,
                "tracking_no": found.tracking_no,
                "who": found.who,
                "note": translate(found.note, lang),
            }
            for found in story.found
        ],
        "calls": [
            {
                "kind": call.kind,
                "run": call.run,
                "at": call.at,
                "method": call.method,
                "url": call.url,
                "number": call.number,
                "verdict": call.verdict,
                "http_status": call.http_status,
                "reply": reply_text(call),
                "message": translate(call.message, lang),
            }
            for call in story.calls
        ],
    }


def story_values(story: Story, rebuilder: Rebuilder, lang: str) -> dict[str, Any]:
    """The same document as plain values."""
    made: dict[str, Any] = orjson.loads(orjson.dumps(story_document(story, rebuilder, lang)))
    return made


def exchange_document(
    story: Story, exchange: Exchange, rebuilder: Rebuilder | None, lang: str
) -> dict[str, Any]:
    """One attempt: its request and what came back."""
    document: dict[str, Any] = {
        "attempt": exchange.number,
        "run": exchange.run,
        "started": exchange.started,
        "ended": exchange.ended,
        "sent": exchange.made,
        "method": exchange.method,
        "url": exchange.url,
        "orders": list(exchange.orders),
        "body_sha256": exchange.body_sha256,
        "http_status": exchange.http_status,
        "reply": reply_text(exchange),
        "reply_bytes": exchange.reply_bytes,
        "reason": translate(exchange.reason, lang),
        "request_id": exchange.request_id,
    }
    if rebuilder is not None:
        request, note = _rebuilt(story, exchange, rebuilder)
        made = orjson.Fragment(request.to_json()) if request else None
        document |= {"request": made, "request_is": translate(note, lang)}
    return document


def _version_document(version: Version) -> dict[str, Any]:
    payload = None if version.payload is None else _exactly(version.payload)
    changes = [
        {"path": path, "old": _exactly(old), "new": _exactly(new)}
        for path, old, new in version.changes
    ]
    return {"sha256": version.sha256, "run": version.run, "payload": payload, "changes": changes}


def _exactly(value: object) -> orjson.Fragment:
    return orjson.Fragment(json_text.encode(value))


def reply_text(exchange: Exchange | LaterCall) -> str:
    """What came back as text; bytes that are none in Base64."""
    try:
        return exchange.reply.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(exchange.reply).decode()}"


def _rebuilt(
    story: Story, exchange: Exchange, rebuilder: Rebuilder
) -> tuple[ConvertedRequest | None, str]:
    if exchange.is_answer_of_job:
        return None, t("The provider's job was asked what became of its orders.")
    return rebuilder.request(story, exchange)


# -- lines of text ---------------------------------------------------------------------------------


def story_lines(story: Story, rebuilder: Rebuilder, lang: str) -> Iterator[str]:
    """The whole story for people: what is known now, then every attempt and every finding."""
    named = t("{provider} (sandbox)", provider=story.provider)
    rows = join(COMMA, map(str, story.rows))
    status = messages.status(story.status, lang)
    yield "  ".join(
        filter(None, [story.reference, status, story.provider_order_no, story.tracking_no])
    )
    place = t("{provider}, {sheet}, rows {rows}", sheet=story.sheet, rows=rows,
              provider=named if story.sandbox else story.provider)  # fmt: skip
    yield f"  {translate(place, lang)}"
    for line in translate(story.message, lang).splitlines():
        yield f"  {line}"
    for name, value in story.outputs.items():
        yield f"  {name}: {value}"
    for number, version in enumerate(story.versions[1:], start=2):
        changed = t("Version {number}, run {run}:", number=number, run=version.run)
        yield f"  {translate(changed, lang)}"
        for path, old, new in version.changes:
            yield f"    {path}: {_shown(old)} -> {_shown(new)}"
    for attempt in story.attempts:
        yield from attempt_lines(story, attempt.exchange, rebuilder, lang)
        known = messages.status(Status(attempt.status), lang) if attempt.verdict else ""
        said = "  ".join(
            " ".join(word.split())
            for word in (
                known, attempt.provider_order_no, attempt.tracking_no,
                translate(attempt.message, lang),
            )
            if word
        )  # fmt: skip
        yield f"    {said}"
    for call in story.calls:
        yield from _call_lines(call, lang)
    for found in story.found:
        words = [found.at, found.source, found.verdict, found.provider_order_no,
                 found.tracking_no, found.who, translate(found.note, lang)]  # fmt: skip
        yield "  " + "  ".join(" ".join(word.split()) for word in words if word)


def _call_lines(call: LaterCall, lang: str) -> Iterator[str]:
    """One later request: which one, when, what it proves, and what came back."""
    request = f"{call.kind} {call.number}".rstrip()
    title = t("Later: {request}, {time}, run {run}", request=request, time=call.at, run=call.run)
    yield f"  {translate(title, lang)}"
    yield f"    {call.method} {call.url}"
    words = (str(call.http_status or ""), call.verdict, translate(call.message, lang))
    if said := "  ".join(" ".join(word.split()) for word in words if word):
        yield f"    {said}"
    for line in reply_text(call).splitlines():
        yield f"    {line}"


def _shown(value: object) -> str:
    return json_text.encode(value).decode()


def attempt_lines(
    story: Story, exchange: Exchange, rebuilder: Rebuilder, lang: str
) -> Iterator[str]:
    """One attempt: its request, masked, and what came back."""
    yield "  " + translate(attempt_title(exchange), lang)
    if others := [name for name in exchange.orders if name != story.reference]:
        together = t("In one request with: {names}", names=enumerate_some(others))
        yield f"    {translate(together, lang)}"
    yield f"    {exchange.method} {exchange.url}"
    request, note = _rebuilt(story, exchange, rebuilder)
    if request is None:
        yield f"    {translate(note, lang)}"
    else:
        for name, value in request.headers.items():
            yield f"    {name}: {value}"
        body = request.body.decode(errors="replace")
        if body:
            yield f"    {body}"
        yield f"    {translate(note, lang)}"
    if exchange.http_status is not None:
        answer = t("Answer {status}, {time}", status=exchange.http_status, time=exchange.ended)
        yield f"    {translate(answer, lang)}"
    if exchange.reason:
        yield f"    {translate(exchange.reason, lang)}"
    for line in reply_text(exchange).splitlines():
        yield f"    {line}"


def attempt_title(exchange: Exchange) -> str:
    """Which attempt it is, and when it was made."""
    facts = {"number": exchange.number, "time": exchange.started, "run": exchange.run}
    return t("Attempt {number}, {time}, run {run}", **facts)


def curl_lines(story: Story, rebuilder: Rebuilder, lang: str) -> Iterator[str]:
    """Every attempt as a cURL command; what cannot be one is a comment."""
    for attempt in story.attempts:
        exchange = attempt.exchange
        yield f"# {translate(attempt_title(exchange), lang)}"
        request, note = _rebuilt(story, exchange, rebuilder)
        yield f"# {translate(note, lang)}"
        if request is not None:
            yield curl(request)


def curl(request: ConvertedRequest) -> str:
    """The request as a cURL command for a POSIX shell."""
    lines = [f"curl -X {shlex.quote(request.method)} {shlex.quote(request.url)}"]
    lines += [f"-H {shlex.quote(f'{name}: {text}')}" for name, text in request.headers.items()]
    if request.body:
        lines.append(f"--data-raw {shlex.quote(request.body.decode())}")
    return " \\\n  ".join(lines)
