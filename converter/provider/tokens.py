"""Tokens that a call of their own fetches: kept in memory, renewed in time, never written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converter.errors import CallError
from converter.mapping.request import TokenCall
from converter.message import N_, t
from converter.model import HttpRequest, NoReply
from converter.provider.search import is_true, search, search_text
from converter.provider.strict_json import parse

if TYPE_CHECKING:  # sending loads slowly, and `convert` sends nothing
    from converter.provider.client import Sender

_LOG = logging.getLogger(__name__)

_MARGIN_SECONDS = 60.0
"""How long before its end a token is renewed, or a tenth of a short life."""
_LONGEST_MESSAGE = 300
_USUAL_MESSAGE = "error_description || message || msg || error.message || error || errmsg"

NO_ANSWER = N_("The call for the token {name} had no answer: {reason}. Run again later.")
REFUSED = N_(
    "The provider refused the call for the token {name} (HTTP {status}). Look at the settings it "
    "is made of. {message}"
)
NO_TOKEN = N_(
    "The answer to the call for the token {name} has none. Look at the settings it is made of. "
    "{message}"
)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends: float
    """When it has to be renewed, by the clock of `Tokens`."""


class Tokens:
    """The tokens of one run. Used by one thread at a time."""

    def __init__(
        self,
        calls: Mapping[str, TokenCall],
        build: Callable[[TokenCall], HttpRequest],
        client: Sender,
        *,
        keep_secret: Callable[[str], object] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.generation = 0
        """Counts the tokens fetched so far, so that a late refusal of an older one is known."""
        self._calls = calls
        self._build = build
        self._client = client
        self._keep_secret = keep_secret
        self._clock = clock
        self._found: dict[str, _Token] = {}
        self._is_replacing = False
        """The last tokens were refused, and no others have worked since."""

    def connect(self, client: Sender, keep_secret: Callable[[str], object]) -> None:
        """Use another client from now on; the tokens at hand are told to `keep_secret` too."""
        self._client, self._keep_secret = client, keep_secret
        for token in self._found.values():
            keep_secret(token.value)

    def get(self, name: str) -> str:
        """The value of a token, fetched where there is none or it ends soon. Raises CallError."""
        found = self._found.get(name)
        if found is None or self._clock() >= found.ends:
            found = self._found[name] = self._fetch(name)
        return found.value

    def confirm(self) -> None:
        """The provider has taken a request with the current tokens."""
        self._is_replacing = False

    def replace(self, generation: int) -> bool:
        """Whether a request that was refused with tokens of a generation is worth another try.

        The tokens are then fetched anew, once: if those are refused too, it is not their age.
        """
        if generation == self.generation and self._found:
            if self._is_replacing:
                return False
            self._is_replacing = True
            self._found.clear()
            _LOG.info("tokens were refused and will be fetched again")
        return True

    def _fetch(self, name: str) -> _Token:
        call = self._calls[name]
        started = self._clock()
        reply = self._client.send(self._build(call))
        if isinstance(reply, NoReply):
            raise CallError(t(NO_ANSWER, name=name, reason=reply.reason))
        answer = parse(reply.body)
        message = search_text(call.message or _USUAL_MESSAGE, answer)[:_LONGEST_MESSAGE]
        if not 200 <= reply.status < 300:
            raise CallError(t(REFUSED, name=name, status=reply.status, message=message))
        value: object = search(call.value, answer) if call.value else None
        if call.value_header:
            value = reply.headers.get(call.value_header.lower(), "").strip()
        is_ok = call.call_ok is None or is_true(call.call_ok, answer)
        if not is_ok or not isinstance(value, str) or not value:
            raise CallError(t(NO_TOKEN, name=name, message=message))
        self._keep_secret(value)
        self.generation += 1
        _LOG.info("token fetched", extra={"token_name": name})
        return _Token(value, started + _life(call, answer))


def _life(call: TokenCall, answer: object) -> float:
    """Seconds until a token has to be renewed; endless where nobody says."""
    said = search(call.expires_in, answer) if call.expires_in else None
    try:
        seconds = float(str(said))
    except ValueError:
        seconds = float(call.lifetime or "inf")
    return max(seconds - min(_MARGIN_SECONDS, seconds / 10), 0.0) if seconds < 1e9 else 1e9
