"""Fetches files whose addresses a provider gives, from hosts that its mapping allows."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from converter.message import COMMA, N_, Message, join, t
from converter.model import HttpRequest, NoReply
from converter.provider.client import Sender

_MOST_REDIRECTS = 3
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

NO_ADDRESS = N_("The provider gives an address that is none: {url}.")
OTHER_HOST = N_(
    "The provider gives an address at {host}, from which the mapping allows no files: its calls "
    "allow {allowed}. If that host is the provider's, add it to 'hosts' of the call in a mapping "
    "of your own."
)
NOT_HTTPS = N_("The provider gives an address without https ({host}), so it was not followed.")
REDIRECTS = N_("{host} redirects again and again, so there is no file.")
NO_FILE = N_("{host} answers HTTP {status} instead of a file.")


@dataclass(frozen=True)
class Allowed:
    """Where files may be fetched from."""

    base_url: str
    hosts: tuple[str, ...] = ()
    plain_http: bool = False

    def problem_of(self, address: httpx.URL) -> Message | None:
        """Why an address is not followed; None where it may be."""
        base, host = httpx.URL(self.base_url), address.host.lower()
        if address.scheme not in ("http", "https") or not host or address.userinfo:
            return t(NO_ADDRESS, url=str(address.copy_with(userinfo=b"", query=None))[:200])
        is_own = host == base.host and (host not in _LOOPBACK or address.port == base.port)
        if not is_own and not any(_matches(host, known) for known in self.hosts):
            return t(OTHER_HOST, host=host, allowed=join(COMMA, (base.host, *self.hosts)))
        if address.scheme == "http" and not (self.plain_http or host in _LOOPBACK):
            return t(NOT_HTTPS, host=host)
        return None


def download(client: Sender, url: str, allowed: Allowed) -> bytes | str:
    """The file at an address, or why there is none. Nothing of ours goes there but the request."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return t(NO_ADDRESS, url=_without_secrets(url))
    for _ in range(_MOST_REDIRECTS):
        if problem := allowed.problem_of(address):
            return problem
        reply = client.send(HttpRequest("GET", str(address), {"Accept": "*/*"}, b""))
        if isinstance(reply, NoReply):
            return reply.reason
        place = reply.headers.get("location", "")
        if reply.status in (301, 302, 303, 307, 308) and place:
            try:
                address = address.join(place)
            except (httpx.InvalidURL, ValueError):
                return t(NO_ADDRESS, url=_without_secrets(place))
            continue
        if reply.status != 200:
            return t(NO_FILE, host=address.host, status=reply.status)
        return reply.body
    return t(REDIRECTS, host=address.host)


def _without_secrets(url: str) -> str:
    """An address that cannot be read, without a user, a password or a query."""
    return url.partition("?")[0].rpartition("@")[2][:200]


def _matches(host: str, known: str) -> bool:
    return host.endswith(known[1:]) if known.startswith("*.") else host == known
