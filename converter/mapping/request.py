"""The blocks of a mapping file on requests: how a batch of orders becomes one."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from converter.mapping.block import Block, Json, Text, Title


class Action(Block):
    """One of several things the provider can be asked to do with the same orders."""

    path: Text
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    title: Title


class Fresh(Block):
    """A value made anew for every attempt: the time, or random characters."""

    time: str | None = None
    """`s` or `ms`: UNIX time in that unit, as text; `http`: as HTTP writes a date; or strftime's
    letters, such as `%Y-%m-%dT%H:%M:%SZ`. May be a `$setting`."""
    plus: int = 0
    """So many seconds later than now, such as the end of a token that is signed here."""
    zone: str | None = None
    """For a time in strftime's letters: its zone, by default UTC."""
    random: Annotated[int, Field(ge=8, le=128)] | None = None
    """So many random letters and digits."""
    uuid: bool = False
    """A random UUID."""


class Recipe(Block):
    """How a signature is made: the parts joined, then hashed, then written as text."""

    join: tuple[Text, ...]
    """`$setting`, `$fresh.name`, `$path`, `$body` or literal text, in this order."""
    separator: str = ""
    """Stands between the parts."""
    hash: Literal["md5", "sha1", "sha256", "sha512"]
    """The hash function."""
    key: str | None = None
    """A `$setting`: then the hash is an HMAC with that key."""
    encode: Literal["hex", "HEX", "base64"] = "hex"
    """How the hash is written: hexadecimal in small or capital letters, or Base64."""

    def fault(self, settings: Collection[str], fresh: Collection[str]) -> str:
        """Why it cannot be followed: a `$name` that stands for nothing. Empty where it can."""
        if self.key is not None and not self.key.startswith("$"):
            return "the key is a $setting, never the secret itself"
        known = {"$path", "$body", *(f"${name}" for name in settings)}
        known |= {f"$fresh.{name}" for name in fresh}
        named = [part for part in (*self.join, self.key or "") if part.startswith("$")]
        unknown = next((part for part in named if part not in known), "")
        return f"{unknown} is no setting of this mapping" if unknown else ""


class Signature(Block):
    """The provider's signing rule, or why there is none."""

    recipe: Recipe | None = None
    """The rule as the provider publishes it."""
    unpublished: Title | None = None
    """The rule is not public: a live submit is refused, saying this, until one is configured."""
    sandbox: Recipe | None = None
    """What the sandbox checks where the real rule is unpublished; never sent elsewhere."""


class Timeouts(Block):
    """Seconds to wait; `total` ends an attempt however slowly bytes trickle."""

    connect: float = 10
    """For the connection."""
    write: float = 30
    """For each piece of the request."""
    read: float = 60
    """For each piece of the answer."""
    total: float = 120
    """For the whole attempt."""


Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def _encoding(value: Any) -> Any:
    if isinstance(value, str) and value not in ("json", "form"):
        raise ValueError(
            f"{value} bodies cannot be made: only 'json' and 'form' can. XML and multipart are "
            "not supported"
        )
    return value


class Call(Block):
    """One HTTP request.

    In `path`, `headers`, `query` and `body` a text that is `$name` alone is replaced by that
    value, and an expression in braces inside a longer text by its text: `Bearer {token}`,
    `/{project}/orders`. In a body, `...` spreads an object, `{$json: X}` is X as JSON text,
    `{$number: X}` a number, `{$literal: X}` is sent as it stands, and `{$each: X}` is a list with
    X for every order.
    """

    method: Method = "POST"
    """The HTTP method."""
    host: Text | None = None
    """Another address than `base_url`: a `$setting`, or one such as `https://auth.{region}.x.com`."""
    path: Text | None = None
    """Below the base URL; what stands in braces is percent-encoded."""
    headers: dict[str, str] = {}
    """Beside `Content-Type`, by `encoding`, and `Accept`, which is JSON."""
    basic_auth: Annotated[tuple[Text, ...], Field(min_length=1, max_length=2)] | None = None
    """HTTP Basic, `Authorization` of two settings: of the user and of the password, which is
    blank where only one is named."""
    query: dict[str, str] = {}
    """Parameters behind the `?` of the address."""
    body: Json = None
    """What is sent; without it, no body."""
    encoding: Annotated[Literal["json", "form"], BeforeValidator(_encoding)] = "json"
    """How the body is written: JSON, or the fields of a form."""
    nesting: Literal["brackets", "dots"] | None = None
    """In a form, how values in values are named: `a[b]`, `a[0][b]`, or `a.b`, `a.0.b`."""

    @model_validator(mode="after")
    def _with_basic_auth(self) -> Self:
        if self.basic_auth is None:
            return self
        user, password = (*self.basic_auth, '""')[:2]
        made = {"Authorization": f'Basic {{base64({user} + ":" + {password})}}'}
        if any(name.lower() == "authorization" for name, _ in self.headers.items() - made.items()):
            raise ValueError("'basic_auth' is the header Authorization: leave one of the two out")
        self.headers.update(made)
        return self

    @property
    def has_body(self) -> bool:
        return "body" in self.model_fields_set


class Pace(Block):
    """How often a provider may be called. Requests are spread evenly over the time."""

    per_second: Annotated[Decimal, Field(gt=0, le=1000)] | None = None
    """The most requests in a second."""
    per_minute: Annotated[Decimal, Field(gt=0, le=60_000)] | None = None
    """The most requests in a minute."""

    @property
    def interval(self) -> float:
        """Seconds from one request to the next."""
        limits = [(self.per_second, 1.0), (self.per_minute, 60.0)]
        return max((seconds / float(most) for most, seconds in limits if most), default=0.0)


class TokenCall(Call):
    """A call that fetches a token, before the first request that needs it. The token is kept in
    memory alone, renewed before it ends, and once after the provider has refused it."""

    value: Text | None = None
    """Expression on the answer: the token, such as `access_token`; `@` is the whole answer."""
    value_header: Text | None = None
    """Instead of `value`: the header of the answer that is the token."""
    expires_in: str | None = None
    """Expression on the answer: for how many seconds it is good."""
    lifetime: Annotated[int, Field(ge=1)] | None = None
    """For how many seconds it is good, where the answer does not say."""
    call_ok: str | None = None
    """Expression on the answer that tells that there is a token; HTTP 2xx always has to."""
    message: str | None = None
    """Expression on the answer: why there is none."""


class Vector(Block):
    """A signature that the provider's document works out; held against the expression."""

    sign: Text
    """Its name under `sign`."""
    given: dict[str, Any] = {}
    """The value of each name that the expression uses; of `form`, `query` and `body` the fields."""
    result: Text
    """What comes out."""


class Request(Call):
    """How a batch of orders becomes one HTTP request.

    Names stand for settings, or for: `orders` (the list of payloads), `order` (the only one),
    `first`, and what is in them, as `first.customer.id`; `references`, `reference` (of the only
    order); `fresh.NAME`, `sign.NAME`, `token.NAME`, `key`; `body_text`, `form.NAME`, `method`,
    `host`, `path`, `target` (path and query), `url`, `date` (as HTTP writes it).
    """

    actions: dict[str, Action] = {}
    """Instead of `path`: the first one is used unless `--action` names another."""
    orders_per_request: Annotated[int, Field(ge=1, le=100_000)] = 1
    """The most orders in one request; `--orders-per-request` asks for fewer."""
    bytes_per_request: Annotated[int, Field(ge=1000, le=50_000_000)] = 2_000_000
    """The most bytes that the payloads of one request have together."""
    in_flight: Annotated[int, Field(ge=1, le=32)] = 1
    """How many requests may wait for their answer at once."""
    pace: Pace | None = None
    """How often an account may be used, by all runs and calls together."""
    plain_http: bool = False
    """The provider offers no https: credentials travel in clear, which is said once."""
    timeout: Timeouts = Timeouts()
    """How long to wait before an attempt is given up."""
    fresh: dict[str, Fresh] = {}
    """Values made anew for every attempt, by name: `$fresh.name`."""
    key: Text | None = None
    """An idempotency key, `$key` in headers or body: the same for the same orders, such as
    `batch-{first.no}`, or `{content}` and `{uuid(content)}`, made of everything in the orders. It
    is kept in the journal, and a request that is sent again has the same."""
    tokens: dict[str, TokenCall] = {}
    """Tokens that calls of their own fetch, by name: `$token.name`, or `$token` if there is one."""
    sign: dict[str, Text] = {}
    """Signatures by name, as expressions: `hex(sha256(body_text + secret))` is `$sign.name`. Where
    a signature stands in the body or query itself, it is made of the other fields."""
    vectors: tuple[Vector, ...] = ()
    """Worked examples of the signatures, tried when the file is loaded."""
    signature: Signature | None = None
    """How `$signature` is made."""
