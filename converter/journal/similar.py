"""Journals of accounts that may be the same under another spelling.

Each account has a journal of its own. Where `localhost` is written as `127.0.0.1`, or a mapping
was copied under another name, one account has two, and neither knows what the other has sent.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from converter.journal.account import Account
from converter.journal.location import FOLDER

_LOG = logging.getLogger(__name__)

_HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0")
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SimilarAccount:
    """Another account of this computer, the same but for its spelling."""

    path: Path
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
    for path in sorted((home.absolute() / FOLDER).glob("*.sqlite3")):
        if path.name == account.file_name:
            continue
        other = _key(path)
        if other is None or other["sandbox"] or own["sandbox"] or _loose(other) != _loose(own):
            continue
        differs = other["names"] != own["names"]
        found.append(SimilarAccount(path, description(other), differs))
    return found


def _key(path: Path) -> dict[str, Any] | None:
    """The account of a journal; None where it cannot be read now."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)) as found:
            row = found.execute("SELECT key FROM account").fetchone()
        return dict(json.loads(row[0])) if row else None
    except (sqlite3.Error, ValueError):
        _LOG.warning("journal cannot be read", extra={"journal": path.name}, exc_info=True)
        return None


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
