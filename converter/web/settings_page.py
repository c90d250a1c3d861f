"""Settings: what each provider's accounts need, entered once. A secret is never shown again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from converter import api, settings
from converter.errors import SettingsError
from converter.mapping.listing import ListedProvider, ListedSetting
from converter.mapping.load import find_mapping, load_mapping
from converter.settings import kept
from converter.settings.sources import KEYRING, Sources
from converter.web.forms import filled_in, state
from converter.web.known_providers import provider_named, providers
from converter.web.profiles_page import product_tables
from converter.web.render import render
from converter.web.uploads import SUFFIXES

_PREFIX = "setting."
_LOCK = threading.Lock()
"""Held while the kept settings are changed."""


@dataclass(frozen=True)
class Field:
    """One setting in the form of an account."""

    name: str
    setting: ListedSetting
    value: str
    """What stands in its box; never a secret."""
    place: str
    """Where it is set: `here`, `keyring`, `environment`, `file`, or `default`; or nowhere."""
    where: str
    """The file or the environment's name."""
    is_outdone: bool
    """Whether something else goes before what is entered here."""


def overview(request: Request) -> Response:
    facts = {
        "providers": [(one, is_ready(one, ""), accounts_of(one)) for one in providers()],
        "profiles": api.list_profiles(),
        "products": product_tables(state(request).home),
        "suffixes": ",".join(SUFFIXES),
        "has_keyring": kept.has_keyring(),
        "kept_file": str(settings.home() / kept.FILE),
    }
    return render(request, "settings.html", facts)


def form(request: Request) -> Response:
    """What is set for one account, with boxes to enter it."""
    account = request.query_params.get("account", "").strip()
    return _form(request, _provider_of(request), account)


def _form(
    request: Request,
    provider: ListedProvider,
    account: str,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    facts: dict[str, Any] = {
        "provider": provider,
        "account": account,
        "accounts": accounts_of(provider),
        "fields": _fields(provider, account, typed or {}),
        "problem": problem,
        "has_keyring": kept.has_keyring(),
        "is_saved": "saved" in request.query_params,
    }
    return render(request, "account.html", facts, status_code=400 if problem else 200)


async def keep(request: Request) -> Response:
    """Keep what was entered; the boxes that were left blank change nothing."""
    provider = await to_thread.run_sync(_provider_of, request)
    filled = await filled_in(request)
    account = filled.get("account", "").strip()
    typed = {name: filled.get(f"{_PREFIX}{name}", "") for name in provider.settings}

    def save() -> Response:
        try:
            with _LOCK:
                settings.keep(load_mapping(find_mapping(provider.name)), account, typed)
        except SettingsError as error:
            shown = {
                name: text for name, text in typed.items() if not provider.settings[name].secret
            }
            return _form(request, provider, account, shown, error.message)
        return RedirectResponse(_address(provider, account), 303)

    return await to_thread.run_sync(save)


async def forget(request: Request) -> Response:
    """Remove what was entered for an account; what is set elsewhere stays."""
    provider = await to_thread.run_sync(_provider_of, request)
    filled = await filled_in(request)
    account = filled.get("account", "").strip()

    def remove() -> None:
        with _LOCK:
            kept.forget(settings.home(), provider, account)

    await to_thread.run_sync(remove)
    return RedirectResponse(f"/settings/providers/{provider.name}", 303)


def is_ready(provider: ListedProvider, account: str) -> bool:
    """Whether nothing that is needed for real orders is missing."""
    try:
        found = settings.with_states(provider, account=account or None).settings.values()
    except SettingsError:
        return False
    return not any(one.required and one.state == "not set" for one in found)


def accounts_of(provider: ListedProvider) -> tuple[str, ...]:
    """The names of a provider's accounts, but for the usual one."""
    return settings.sources_of(provider).accounts


def _fields(provider: ListedProvider, account: str, typed: Mapping[str, str]) -> list[Field]:
    own = kept.read(settings.home(), provider.provider)
    known = account in settings.sources_of(provider).accounts
    sources = settings.sources_of(provider, account=account if known else None)
    return [
        _field(name, setting, sources, own, typed.get(name))
        for name, setting in provider.settings.items()
    ]


def _field(
    name: str, setting: ListedSetting, sources: Sources, own: kept.Kept, typed: str | None
) -> Field:
    where = sources.place(name, setting)
    is_own = where == str(own.path)
    if sources.account:
        others = [block.values for block in sources.chosen if block.path != own.path]
        is_outdone = any({name, f"{name}_file"} & values.keys() for values in others)
    else:
        is_outdone = where not in ("", KEYRING) and not is_own
    place = {"": "default" if setting.default is not None else "", KEYRING: KEYRING}.get(
        where, "here" if is_own else "environment" if where == setting.env else "file"
    )
    shown = typed if typed is not None else ""
    if typed is None and is_own and not setting.secret:
        shown = own.accounts.get(sources.account, {}).get(name, "")
    return Field(name, setting, shown, place, where, is_outdone)


def _provider_of(request: Request) -> ListedProvider:
    found = provider_named(request.path_params["provider"])
    if found is None:
        raise HTTPException(404)
    return found


def _address(provider: ListedProvider, account: str) -> str:
    return f"/settings/providers/{provider.name}?{urlencode({'account': account, 'saved': 1})}"
