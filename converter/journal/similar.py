"""Journals of accounts that may be the same under another spelling.

Each account has a journal of its own. Where `localhost` is written as `127.0.0.1`, or a mapping
was copied under another name, one account has two, and neither knows what the other has sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from converter.journal.account import Account
from converter.journal.places import all_places, place_of

_HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0")
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SimilarAccount:
    """Another account of this computer, the same but for its spelling."""

    path: str
    """Its journal."""
    name: str
    """Provider, address and names, as people know them."""
    differs_in_case: bool
    """Whether a name that identifies the account is spelled otherwise."""


def description(key: Mapping[str, Any]) -> str:
    """An account in one line."""
    return " ".join([key["provider"], key["base_url"], *key["names"].values()]).strip()


def similar_accounts(home: Path, account: Account) -> list[SimilarAccount]:
    """Accounts with journals in this home that may be this one."""
    own = json.loads(account.key)
    found = []
    name = place_of(home, account).name
    for place in all_places(home):
        if place.name == name:
            continue
        key = place.account_key()
        if not key:
            continue
        other = json.loads(key)
        if other["sandbox"] or own["sandbox"] or _loose(other) != _loose(own):
            continue
        differs = other["names"] != own["names"]
        found.append(SimilarAccount(str(place), description(other), differs))
    return found


def _loose(key: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The address and the names of an account, whatever their spelling."""
    names = {name: value.strip().casefold() for name, value in key["names"].items()}
    return _address(key["base_url"]), names


def _address(url: str) -> str:
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    try:
        port = parts.port or _USUAL_PORTS.get(scheme)
    except ValueError:
        port = None
    host = (parts.hostname or "").rstrip(".")
    place = "localhost" if host in _HERE else host
    return f"{place}:{port}{parts.path.rstrip('/').casefold()}"
