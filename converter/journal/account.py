"""Accounts at providers: each has a journal of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Account:
    """An account at a provider; each has a journal of its own."""

    provider: str
    base_url: str
    names: Mapping[str, str]
    """Settings that identify the account; never a secret."""
    sandbox: bool = False

    @property
    def key(self) -> str:
        """Text identifying the account, whatever the spelling of its base URL.

        The sandbox has a new address on every run, so there the address is left out.
        """
        names = {name: value for name, value in self.names.items() if value != self.base_url}
        whole = {
            "provider": self.provider,
            "base_url": "" if self.sandbox else _plain_address(self.base_url),
            "names": names,
            "sandbox": self.sandbox,
        }
        return json.dumps(whole, sort_keys=True, ensure_ascii=False)

    @property
    def description(self) -> str:
        """Provider, address and names in one line."""
        return " ".join([self.provider, self.base_url, *self.names.values()]).strip()

    @property
    def file_name(self) -> str:
        short = hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return f"{'sandbox-' if self.sandbox else ''}{self.provider}-{short}.sqlite3"


def _plain_address(url: str) -> str:
    parts = urlsplit(url.strip())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme.lower(), "")
    host = parts.netloc.lower().rpartition("@")[2].removesuffix(usual)
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
