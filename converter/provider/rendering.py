"""One request in the making: every name is worked out when something needs it."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import orjson

from converter.errors import SettingsError
from converter.json_text import encode
from converter.mapping import paths
from converter.mapping.call_texts import SPECIAL
from converter.mapping.request import Fresh, Request
from converter.mapping.request_functions import (
    FIELD_SOURCES,
    MASKED,
    SKIP,
    Masked,
    evaluate,
    text_of,
)
from converter.mapping.request_text import Joined, Literal, Name, parse, parse_text
from converter.message import N_, t
from converter.model import HttpRequest, Order

UNUSABLE = N_("The request cannot be made ({where}): {problem}. Nothing was sent.")
GAP = N_("The address of the request has a gap ({source}). Nothing was sent.")

FORM = "application/x-www-form-urlencoded"

Setting = Callable[[str], Any]
"""The value of a setting, SKIP, or Masked text in its place."""


@dataclass(frozen=True, slots=True)
class CallParts:
    """What a call says of its request, whichever block of the mapping it stands in."""

    method: str
    host: str | None
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    has_body: bool = True
    encoding: str = "json"
    nesting: str | None = None


@dataclass(slots=True)
class Rendering:
    """The values of one request. A signature that stands in the request itself is made of the
    rest of it: names that are being worked out count as not there."""

    call: CallParts
    spec: Request
    names: dict[str, Any]
    settings: Collection[str]
    """The settings that there are; one of them hides a name of the request."""
    setting: Setting
    require: Callable[[str], str]
    """The value of a setting without which there is no address."""
    token: Callable[[str], Any]
    signature: Callable[[Rendering], Any]
    now: Callable[[], float]
    random: Callable[[int], str]
    orders: Sequence[Order] = ()
    masked: bool = False
    key: str = ""
    in_sandbox: bool = False
    _open: set[str] = field(default_factory=set)
    """The signatures that are being worked out."""
    _masks: int = 0
    """How often a secret was replaced so far."""
    _moment: float | None = None
    _path: str = ""
    _one: Order | None = None
    """The order whose part of the body is being made, inside `$each`."""

    def request(self) -> HttpRequest:
        headers = self._headers()
        body = self.body() if self.call.has_body else b""
        key = self.name("key") if self.orders and self.spec.key else ""
        return HttpRequest(self.call.method, self.url(), headers, body, str(key))

    # -- parts of the request ----------------------------------------------------------------------

    def url(self) -> str:
        query = self._query_text()
        return self._host() + self.path() + (f"?{query}" if query else "")

    def path(self) -> str:
        """The path below the base URL, with what stands in braces as one segment each."""
        if "{" not in self.call.path and "}" not in self.call.path:
            return self.call.path
        if not self._path:
            found = parse_text(self.call.path)
            parts = found.parts if isinstance(found, Joined) else (found,)
            self._path = "".join(map(self._segment, parts))
        return self._path

    def _segment(self, part: Any) -> str:
        if isinstance(part, Literal):
            return part.text
        if isinstance(part, Name) and part.name in self.settings:
            value: Any = self.require(part.name)
        else:
            value = self._evaluated(part, self.call.path)
        text = "" if value is SKIP else text_of(value)
        if not text:
            raise SettingsError(t(GAP, source=self.call.path))
        return quote(text, safe="{}*" if self.masked else "")

    def _host(self) -> str:
        if self.call.host is None or self.in_sandbox:
            return self.require("base_url")
        value = self.text(self.call.host)
        if value is SKIP or not value:
            raise SettingsError(t(GAP, source=self.call.host))
        host = str(value).rstrip("/")
        if not (self.masked or _ADDRESS.fullmatch(host)):
            raise SettingsError(t(UNUSABLE, where=self.call.host, problem=t("not an address")))
        return host

    def _headers(self) -> dict[str, str]:
        made: dict[str, str] = {"Accept": "application/json"}
        if self.call.has_body:
            kind = FORM if self.call.encoding == "form" else "application/json"
            made = {"Content-Type": kind, **made}
        for name, source in self.call.headers.items():
            value = self.text(source)
            if value is not SKIP:
                made.pop(_OWN_HEADERS.get(name.lower(), ""), None)
                made[name] = _header(name, text_of(value), source)
        return made

    def query(self) -> list[tuple[str, str]]:
        """The parameters of the address, as far as they are known."""
        pairs = ((name, self.text(source)) for name, source in self.call.query.items())
        return [(name, text_of(value)) for name, value in pairs if value is not SKIP]

    def _query_text(self) -> str:
        return urlencode(self.query()) if self.call.query else ""

    def body(self) -> bytes:
        if self.call.encoding == "form":
            return urlencode(self.form()).encode()
        return encode(self.value(self.call.body))

    def form(self) -> list[tuple[str, str]]:
        """The fields of the form, as far as they are known, in their order."""
        return [*self._flat("", self.value(self.call.body))]

    def _flat(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, orjson.Fragment):
            value = json.loads(orjson.dumps(value), parse_float=Decimal)
        if isinstance(value, dict | list):
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            for key, inner in entries:
                dotted = f"{name}.{key}" if self.call.nesting == "dots" else f"{name}[{key}]"
                yield from self._flat(dotted if name else str(key), inner)
        elif value is not None:
            yield name, text_of(value)

    def _body_fields(self) -> list[tuple[str, str]]:
        found = self.value(self.call.body)
        if not isinstance(found, dict):
            return []
        return [(key, text_of(value)) for key, value in found.items()]

    # -- texts and names ---------------------------------------------------------------------------

    def value(self, template: Any) -> Any:
        """A template with its names replaced and everything else unchanged."""
        if isinstance(template, str):
            return self.text(template)
        if isinstance(template, list):
            found = [self.value(item) for item in template]
            return [value for value in found if value is not SKIP]
        if isinstance(template, dict):
            if len(template) == 1 and (special := next(iter(template))) in SPECIAL:
                return self._special(special, template[special])
            made: dict[str, Any] = {}
            for key, inner in template.items():
                value = self.value(inner)
                if key == "..." and value is not SKIP:
                    made.update(value)
                elif value is not SKIP:
                    made[key] = value
            return made
        return template

    def _special(self, special: str, inner: Any) -> Any:
        if special == "$literal":
            return inner
        if special == "$each":
            return [self._of_one(order, inner) for order in self.orders]
        before = self._masks
        value = self.value(inner)
        if value is SKIP:
            return SKIP
        if special == "$json":
            made = encode(value).decode()
            return Masked(made) if self._masks > before else made
        if self._masks > before:
            return value
        try:
            number = Decimal(text_of(value))
            return int(number) if number == number.to_integral_value() else number
        except (InvalidOperation, OverflowError):
            facts = {"where": "$number", "problem": t("not a number")}
            raise SettingsError(t(UNUSABLE, **facts)) from None

    def _of_one(self, order: Order, inner: Any) -> Any:
        """A template with the names of one order among several."""
        self._one = order
        try:
            return self.value(inner)
        finally:
            self._one = None

    def text(self, source: str) -> Any:
        """The value of a text: that of its only name, or a text with its expressions replaced."""
        if "$" not in source and "{" not in source and "}" not in source:
            return source
        found = parse_text(source)
        return self.name(found.name) if isinstance(found, Name) else self._evaluated(found, source)

    def _evaluated(self, found: Any, source: str) -> Any:
        try:
            return evaluate(found, self.name)
        except ValueError as error:
            raise SettingsError(t(UNUSABLE, where=source, problem=error)) from None

    def name(self, name: str) -> Any:
        """The value of a name in a text; SKIP where it has none."""
        if self._one is not None:
            head, _, rest = name.partition(".")
            if head == "order" or name == "reference":
                value = _inside(self._one, rest) if head == "order" else self._one.reference
                return SKIP if value is None else value
        if name not in self.names:
            value = self._found(name)
            if self._open and (value is SKIP or name.partition(".")[0] in _OF_THE_WHOLE):
                return value  # it lacks what is being worked out
            self.names[name] = value
        value = self.names[name]
        self._masks += isinstance(value, Masked)
        return value

    def _found(self, name: str) -> Any:
        if name in self.settings:
            return self.setting(name)
        head, _, rest = name.partition(".")
        if head == "sign" and rest:
            return self._sign(rest)
        if head == "fresh" and rest:
            return self._fresh(self.spec.fresh[rest])
        if head == "token":
            return MASKED if self.masked else self.token(rest)
        if head in ("first", "order", "orders") and (rest or head != "orders"):
            return self._of_orders(head, rest)
        if head in FIELD_SOURCES:
            pairs = {"form": self.form, "query": self.query, "body": self._body_fields}[head]()
            return dict(pairs).get(rest, SKIP) if rest else pairs
        return _OF_THE_REQUEST[name](self)

    def _sign(self, name: str) -> Any:
        if name in self._open:
            return SKIP
        if self.masked:
            return MASKED
        self._open.add(name)
        try:
            return self._evaluated(parse(self.spec.sign[name]), f"sign.{name}")
        finally:
            self._open.discard(name)

    def _fresh(self, fresh: Fresh) -> str:
        if fresh.random:
            return self.random(fresh.random)
        if fresh.uuid:
            return str(uuid.uuid4())
        unit = text_of(self.text(fresh.time or "s"))
        time = self._time() + fresh.plus
        if unit in ("s", "ms"):
            return str(int(time * 1000) if unit == "ms" else int(time))
        moment = datetime.fromtimestamp(time, ZoneInfo(fresh.zone) if fresh.zone else UTC)
        if unit == "http":
            return format_datetime(moment.replace(microsecond=0).astimezone(UTC), usegmt=True)
        offset = moment.strftime("%z")
        pattern = unit.replace("%f", f"{moment.microsecond // 1000:03d}")
        return moment.strftime(pattern.replace("%:z", f"{offset[:3]}:{offset[3:]}"))

    def _time(self) -> float:
        if self._moment is None:
            self._moment = self.now()
        return self._moment

    def http_date(self) -> str:
        moment = datetime.fromtimestamp(int(self._time()), UTC)
        return format_datetime(moment, usegmt=True)

    def _of_orders(self, head: str, path: str) -> Any:
        if head == "orders":
            return [_inside(order, path) for order in self.orders]
        found = _inside(self.orders[0], path) if self.orders else SKIP
        return SKIP if found is None else found

    def body_text(self) -> str:
        before = self._masks
        made = self.body().decode() if self.call.has_body else ""
        return Masked(made) if self._masks > before else made

    def full_path(self) -> str:
        return urlsplit(self._host() + self.path()).path or "/"

    def target(self) -> str:
        query = self._query_text()
        return self.full_path() + (f"?{query}" if query else "")

    def host_name(self) -> str:
        return urlsplit(self._host()).netloc

    def own_key(self) -> Any:
        """The idempotency key: that of an earlier attempt, or one made of these orders."""
        return self.key or (self.text(self.spec.key) if self.spec.key else SKIP)

    def content(self) -> str:
        """SHA-256 of the orders' payloads, the same for the same content in the same batch."""
        digests = "\n".join(order.digest for order in self.orders)
        return hashlib.sha256(digests.encode()).hexdigest()


_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%/-]*)?")

_OWN_HEADERS = {"content-type": "Content-Type", "accept": "Accept"}
"""Headers that a mapping may replace, however it writes them."""

_OF_THE_WHOLE = frozenset({"body_text", "form", "query", "body", "target", "url"})
"""Names that hold what else is in the request."""

_OF_THE_REQUEST: dict[str, Callable[[Rendering], Any]] = {
    "body_text": Rendering.body_text,
    "method": lambda made: made.call.method,
    "path": Rendering.full_path,
    "target": Rendering.target,
    "host": Rendering.host_name,
    "url": Rendering.url,
    "date": Rendering.http_date,
    "content": Rendering.content,
    "key": Rendering.own_key,
    "signature": lambda made: made.signature(made),
    "reference": lambda made: made.orders[0].reference if len(made.orders) == 1 else SKIP,
}


def _inside(order: Order, path: str) -> Any:
    """A value of the payload; `reference` is the order's own where the payload has no such key."""
    if path == "reference" and "reference" not in order.payload:
        return order.reference
    return paths.value_at(order.payload, path)


def _header(name: str, value: str, source: str) -> str:
    """The value, if a header can hold it, which HTTP clients check only when sending."""
    if value.isascii() and value.isprintable() and value == value.strip():
        return value
    problem = N_(
        "The header {name} cannot hold its value ({source}): it has a line end, a blank at an end "
        "or a letter that is not English. Look at the setting it comes from. Nothing was sent."
    )
    raise SettingsError(t(problem, name=name, source=source))
