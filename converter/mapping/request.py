"""The blocks of a mapping file on requests: how a batch of orders becomes one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field

from converter.mapping.block import Block, Text, Title


class Action(Block):
    """One of several things the provider can be asked to do with the same orders."""

    path: Text
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    title: Title


class Fresh(Block):
    """A value made anew for every attempt: the time, or random characters."""

    time: str | None = None
    """`s` or `ms`: UNIX time in that unit, as text. May be a `$setting`."""
    random: Annotated[int, Field(ge=8, le=128)] | None = None
    """So many random letters and digits."""


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


class Request(Block):
    """How a batch of orders becomes one HTTP request.

    In `headers`, `query` and `body` a text that starts with `$` is replaced: `$name` by a
    setting, `$orders` by the list of payloads, `$order` by the only payload, `$fresh.name` by a
    fresh value, `$signature` by the signature. A body key `...` spreads an object into the body.
    """

    method: Literal["POST", "PUT"] = "POST"
    path: Text | None = None
    """Below the base URL; `{name}` is a setting, percent-encoded."""
    actions: dict[str, Action] = {}
    """Instead of `path`: the first one is used unless `--action` names another."""
    headers: dict[str, str] = {}
    """Beside `Content-Type` and `Accept`, which are JSON."""
    query: dict[str, str] = {}
    """Parameters behind the `?` of the address."""
    body: Any
    """The JSON that is sent."""
    orders_per_request: Annotated[int, Field(ge=1, le=1000)] = 1
    """The most orders in one request; `--orders-per-request` asks for fewer."""
    bytes_per_request: Annotated[int, Field(ge=1000, le=50_000_000)] = 2_000_000
    """The most bytes that the payloads of one request have together."""
    in_flight: Annotated[int, Field(ge=1, le=32)] = 1
    """How many requests may wait for their answer at once."""
    plain_http: bool = False
    """The provider offers no https: credentials travel in clear, which is said once."""
    timeout: Timeouts = Timeouts()
    """How long to wait before an attempt is given up."""
    fresh: dict[str, Fresh] = {}
    """Values made anew for every attempt, by name: `$fresh.name`."""
    signature: Signature | None = None
    """How `$signature` is made."""
