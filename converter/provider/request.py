"""Builds and signs requests by the mapping's recipe, anew for every attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from converter.errors import SettingsError
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call, Recipe, TokenCall
from converter.mapping.request_functions import MASKED, SKIP, Masked, text_of
from converter.message import N_, Multilingual, t
from converter.model import HttpRequest, Judgement, NoReply, Order, Reply, Status
from converter.provider.rendering import CallParts, Rendering
from converter.provider.tokens import Tokens
from converter.settings import Settings

if TYPE_CHECKING:  # sending loads slowly, and `convert` sends nothing
    from converter.provider.client import Sender

_ALPHABET = string.ascii_letters + string.digits


class Signer:
    """Builds the requests of one run; with `masked`, secrets and unset settings are masked."""

    def __init__(
        self,
        mapping: ProviderMapping,
        settings: Settings,
        action: str | None = None,
        *,
        masked: bool = False,
        now: Callable[[], float] = time.time,
        random: Callable[[int], str] | None = None,
    ) -> None:
        self.mapping = mapping
        self.settings = settings
        self.masked = masked
        self.path = _path(mapping, action)
        self.now = now
        self.random = random or (lambda n: "".join(secrets.choice(_ALPHABET) for _ in range(n)))
        self.recipe = self._recipe()
        self._parts = parts_of(mapping.request, self.path)
        self._tokens: Tokens | None = None
        self._sent_with: dict[str, int] = {}
        """By the first reference of a request: the generation of the tokens it was made with."""

    def connect(self, client: Sender, keep_secret: Callable[[str], object]) -> None:
        """Fetch tokens with this client from now on; each is told to `keep_secret`."""
        calls = self.mapping.request.tokens
        if self._tokens is not None:
            self._tokens.connect(client, keep_secret)
        elif calls:
            self._tokens = Tokens(calls, self._token_request, client, keep_secret=keep_secret)

    def after(self, orders: Sequence[Order], reply: Reply, judgement: Judgement) -> Judgement:
        """The judgement of a reply, once a token that has ended is taken into account.

        Where the provider refused the credentials, which proves that nothing was created, the
        orders may be sent again with a new token.
        """
        tokens = self._tokens
        if tokens is None:
            return judgement
        generation = self._sent_with.pop(orders[0].reference, 0)
        if not judgement.stop:
            tokens.confirm()
            return judgement
        is_proved = all(outcome.status is Status.NOT_SENT for outcome in judgement.outcomes)
        if reply.status == 403 or not is_proved or not tokens.replace(generation):
            return judgement
        return replace(judgement, stop="", not_processed=True, retry_after=0.0)

    def request(self, orders: Sequence[Order], *, key: str = "") -> HttpRequest:
        """Build the create request for these orders, with fresh values and a new signature.

        `key` is the idempotency key of an earlier request with the same orders.
        """
        names: dict[str, Any] = {"orders": [orjson.Fragment(order.json) for order in orders]}
        if len(orders) == 1:
            names["order"] = orders[0].payload
        names["references"] = [order.reference for order in orders]
        rendering = self._rendering(self._parts, names, orders)
        rendering.key = key
        made = rendering.request()
        if self._tokens is not None:
            self._sent_with[orders[0].reference] = self._tokens.generation
        return made

    def query(self, references: Sequence[str], page: Mapping[str, Any] = {}) -> HttpRequest:
        """Build the request that queries orders. The mapping must have a `query`."""
        query = self.mapping.query
        assert query is not None
        names: dict[str, Any] = {"references": list(references), **page}
        if len(references) == 1:
            names["reference"] = references[0]
        return self.call(query, names)

    def call(self, call: Call, names: Mapping[str, Any] = {}) -> HttpRequest:
        """Build the request of another call, with names of its own beside the usual ones.

        It has the headers of the create request too, save those that it gives itself.
        """
        own = {name.lower() for name in call.headers}
        request = self.mapping.request
        if not call.has_body or call.encoding != request.encoding:
            own.add("content-type")
        shared = request.headers.items()
        headers = {name: text for name, text in shared if name.lower() not in own}
        parts = replace(parts_of(call, call.path or ""), headers={**headers, **call.headers})
        return self._rendering(parts, dict(names)).request()

    def exchange(self, client: Sender, build: Callable[[], HttpRequest]) -> Reply | NoReply:
        """Make a call that creates nothing; once more where its token had ended."""
        reply = client.send(build())
        tokens = self._tokens
        if tokens is not None and isinstance(reply, Reply):
            if reply.status == 401 and tokens.replace(tokens.generation):
                reply = client.send(build())
            elif reply.status < 400:
                tokens.confirm()
        return reply

    def _rendering(
        self, call: CallParts, names: dict[str, Any], orders: Sequence[Order] = ()
    ) -> Rendering:
        return Rendering(
            call=call,
            spec=self.mapping.request,
            names=names,
            settings=self.mapping.settings.keys(),
            setting=self._setting,
            require=self._require,
            token=self._token,
            signature=self._signature,
            now=self.now,
            random=self.random,
            orders=orders,
            masked=self.masked,
            in_sandbox=self.settings.sandbox,
        )

    def _token(self, name: str) -> str:
        if self._tokens is None:
            raise RuntimeError("tokens are fetched only once there is a client")
        return self._tokens.get(name or next(iter(self.mapping.request.tokens)))

    def _token_request(self, call: TokenCall) -> HttpRequest:
        return self._rendering(parts_of(call, call.path or ""), {}).request()

    def _setting(self, name: str) -> Any:
        setting = self.mapping.settings[name]
        if self.masked and setting.secret and (setting.required or name in self.settings.values):
            return MASKED
        if name in self.settings.values:
            return self.settings.values[name]
        wanted = setting.required or setting.default is not None
        return Masked(f"{{{setting.env}}}") if self.masked and wanted else SKIP

    def _require(self, name: str) -> str:
        """The value of a setting that every request needs."""
        value = self._setting(name)
        if value is SKIP:
            setting = self.mapping.settings[name].env
            raise SettingsError(t("{setting} is not set. Nothing was sent.", setting=setting))
        return str(value)

    def _recipe(self) -> Recipe | None:
        signature = self.mapping.request.signature
        if signature is None:
            return None
        if self.settings.recipe or signature.recipe:
            return self.settings.recipe or signature.recipe
        if self.settings.sandbox or self.masked:
            return signature.sandbox
        told = signature.unpublished
        not_configured = t("The signing rule is not configured.")
        reason = Multilingual(**told.texts) if told else not_configured
        raise SettingsError(t("{reason} Nothing was sent.", reason=reason))

    def _signature(self, made: Rendering) -> Any:
        """The value of `$signature`, by the recipe."""
        recipe = self.recipe
        if recipe is None:
            return SKIP
        if self.masked:
            return MASKED
        made.names["signature"] = ""
        parts = []
        for part in recipe.join:
            if part == "$body":
                parts.append(made.body().decode())
            elif part == "$path":
                parts.append(made.path())
            else:
                value = made.name(part[1:]) if part.startswith("$") else part
                parts.append("" if value is SKIP else text_of(value))
        text = recipe.separator.join(parts).encode()
        if recipe.key is not None:
            digest = hmac.new(self._require(recipe.key[1:]).encode(), text, recipe.hash).digest()
        else:
            digest = hashlib.new(recipe.hash, text).digest()
        if recipe.encode == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if recipe.encode == "HEX" else digest.hex()


def parts_of(call: Call, path: str) -> CallParts:
    """What a block of the mapping says of its request."""
    return CallParts(
        call.method, call.host, path, call.headers, call.query, call.body,
        call.has_body, call.encoding, call.nesting,
    )  # fmt: skip


def _path(mapping: ProviderMapping, action: str | None) -> str:
    request = mapping.request
    if request.path is not None:
        if action is not None:
            problem = N_("{provider} has one action only: leave --action out.")
            raise SettingsError(t(problem, provider=mapping.provider))
        return request.path
    if action is not None and action not in request.actions:
        problem = N_("{provider} has no action {action}. Its actions: {known}.")
        known = ", ".join(request.actions)
        facts = {"provider": mapping.provider, "action": repr(action), "known": known}
        raise SettingsError(t(problem, **facts))
    return request.actions[action or next(iter(request.actions))].path
