"""Builds and signs requests by the mapping's recipe, anew for every attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import string
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from converter.errors import SettingsError
from converter.json_text import encode
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Fresh, Recipe
from converter.message import N_, Multilingual, t
from converter.model import HttpRequest, Order
from converter.settings import MASK, Settings

_SKIP = object()
"""Value of an optional setting that is not set: its header or key is left out."""

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

    def request(self, orders: Sequence[Order]) -> HttpRequest:
        """Build the create request for these orders, with fresh values and a new signature."""
        names: dict[str, Any] = {"orders": [orjson.Fragment(order.json) for order in orders]}
        if len(orders) == 1:
            names["order"] = orders[0].payload
        return self._build(self.path, self.mapping.request.body, names)

    def query(self, references: Sequence[str]) -> HttpRequest:
        """Build the request that queries orders. The mapping must have a `query`."""
        query = self.mapping.query
        assert query is not None
        return self._build(query.path, query.body, {"references": list(references)})

    def _build(self, path: str, template: Any, names: dict[str, Any]) -> HttpRequest:
        spec = self.mapping.request
        names["path"] = self._fill(path)
        for name, fresh in spec.fresh.items():
            names[f"fresh.{name}"] = self._fresh_value(fresh, names)
        unsigned = {**names, "signature": ""}
        if self.recipe is not None:
            names["signature"] = self._signature(self.recipe, template, unsigned)
        else:
            names["signature"] = _SKIP
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        for name, text in spec.headers.items():
            value = self._value(text, names)
            if value is not _SKIP:
                headers[name] = _header(name, str(value), text)
        pairs = {name: self._value(text, names) for name, text in spec.query.items()}
        kept = {name: value for name, value in pairs.items() if value is not _SKIP}
        query = "?" + urlencode(kept) if kept else ""
        url = self._require("base_url") + names["path"] + query
        return HttpRequest(spec.method, url, headers, self._body(template, names))

    def _body(self, template: Any, names: Mapping[str, Any]) -> bytes:
        return encode(self._value(template, names))

    def _value(self, template: Any, names: Mapping[str, Any]) -> Any:
        """A template with its `$names` replaced and everything else unchanged."""
        if isinstance(template, str):
            return self._named(template[1:], names) if template.startswith("$") else template
        if isinstance(template, list):
            found = [self._value(item, names) for item in template]
            return [value for value in found if value is not _SKIP]
        if isinstance(template, dict):
            made: dict[str, Any] = {}
            for key, inner in template.items():
                value = self._value(inner, names)
                if key == "...":
                    made.update(value)
                elif value is not _SKIP:
                    made[key] = value
            return made
        return template

    def _named(self, name: str, names: Mapping[str, Any]) -> Any:
        if name in names:
            value = names[name]
            return MASK if self.masked and name == "signature" and value is not _SKIP else value
        setting = self.mapping.settings[name]
        if self.masked and setting.secret and (setting.required or name in self.settings.values):
            return MASK
        if name in self.settings.values:
            return self.settings.values[name]
        wanted = setting.required or setting.default is not None
        return f"{{{setting.env}}}" if self.masked and wanted else _SKIP

    def _require(self, name: str) -> str:
        """The value of a setting that every request needs."""
        value = self._named(name, {})
        if value is _SKIP:
            setting = self.mapping.settings[name].env
            raise SettingsError(t("{setting} is not set. Nothing was sent.", setting=setting))
        return str(value)

    def _fill(self, path: str) -> str:
        safe = "{}*" if self.masked else ""
        return re.sub(r"\{(\w+)\}", lambda found: quote(self._require(found[1]), safe=safe), path)

    def _fresh_value(self, fresh: Fresh, names: Mapping[str, Any]) -> str:
        if fresh.random:
            return self.random(fresh.random)
        unit = self._value(fresh.time, names)
        return str(int(self.now() * 1000) if unit == "ms" else int(self.now()))

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

    def _signature(self, recipe: Recipe, template: Any, names: Mapping[str, Any]) -> str:
        if self.masked:
            return MASK
        parts = []
        for part in recipe.join:
            if part == "$body":
                parts.append(self._body(template, names).decode())
            else:
                value = self._value(part, names)
                parts.append("" if value is _SKIP else str(value))
        text = recipe.separator.join(parts).encode()
        if recipe.key is not None:
            digest = hmac.new(self._require(recipe.key[1:]).encode(), text, recipe.hash).digest()
        else:
            digest = hashlib.new(recipe.hash, text).digest()
        if recipe.encode == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if recipe.encode == "HEX" else digest.hex()


def _header(name: str, value: str, source: str) -> str:
    """The value, if a header can hold it, which HTTP clients check only when sending."""
    if value.isascii() and value.isprintable() and value == value.strip():
        return value
    problem = N_(
        "The header {name} cannot hold its value ({source}): it has a line end, a blank at an end "
        "or a letter that is not English. Look at the setting it comes from. Nothing was sent."
    )
    raise SettingsError(t(problem, name=name, source=source))


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
