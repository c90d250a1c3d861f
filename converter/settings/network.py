"""How the provider is reached: a proxy and further certificates, where they were chosen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from converter.errors import SettingsError
from converter.message import COMMA, N_, Message, join, t
from converter.settings.sources import NETWORK, Block

_ENVIRONMENT = {"proxy": "CONVERTER_PROXY", "ca_file": "CONVERTER_CA_FILE"}

_OF_OTHERS = {
    "proxy": ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    "ca_file": ("SSL_CERT_FILE", "SSL_CERT_DIR"),
}
"""Environment names by which other programs choose the same; here they choose nothing."""


@dataclass(frozen=True)
class Network:
    """How to reach the provider; by default directly, with the usual certificates."""

    proxy: str = field(default="", repr=False)
    ca_file: str = ""
    """A PEM file of certificates to trust besides the usual ones."""


def read_network(blocks: Iterable[Block]) -> Network:
    """What the environment, else the settings files' table `network` choose. Raises SettingsError.

    `blocks` are those tables by precedence.
    """
    found: dict[str, str] = {}
    named: dict[str, str] = {}
    for block in blocks:
        _check(block)
        for key, value in block.values.items():
            if key not in found:
                beside = block.path.parent / Path(value).expanduser()
                found[key] = str(beside) if key == "ca_file" else value
                named[key] = f"{block.path}: {NETWORK}.{key}"
    for key, env in _ENVIRONMENT.items():
        if value := os.environ.get(env, "").strip():
            found[key] = str(Path(value).expanduser()) if key == "ca_file" else value
            named[key] = env
    if "proxy" in found:
        _check_proxy(found["proxy"], named["proxy"])
    if "ca_file" in found:
        _check_certificates(found["ca_file"], named["ca_file"])
    return Network(**found)


def ignored(network: Network) -> list[Message]:
    """Sentences about what the environment chooses for other programs, and not for this one."""
    told = []
    for key, names in _OF_OTHERS.items():
        found = [name for name in names if os.environ.get(name)]
        if found and not getattr(network, key):
            one = N_(
                "{names} is set, but this program does not use it. "
                "To use it, set {own}, or {key} in the table [network] of converter.toml."
            )
            several = N_(
                "{names} are set, but this program does not use them. "
                "To use one, set {own}, or {key} in the table [network] of converter.toml."
            )
            note = one if len(found) == 1 else several
            told.append(t(note, names=join(COMMA, found), own=_ENVIRONMENT[key], key=key))
    return told


def _check(block: Block) -> None:
    if not isinstance(block.values, dict):
        problem = N_("{file}: [{provider}] must be a table of settings.")
        raise SettingsError(t(problem, file=block.path, provider=NETWORK))
    for key, value in block.values.items():
        if key not in _ENVIRONMENT:
            close = get_close_matches(key, list(_ENVIRONMENT), n=1)
            hint = t(", did you mean {name}?", name=repr(close[0])) if close else ""
            problem = N_("{file}: {key} is no setting of {provider}{hint}")
            facts = {"file": block.path, "key": repr(key), "provider": f"[{NETWORK}]"}
            raise SettingsError(t(problem, **facts, hint=hint))
        if not isinstance(value, str):
            problem = N_("{file}: {key} must be text in quotes.")
            raise SettingsError(t(problem, file=block.path, key=key))


def _check_proxy(proxy: str, named: str) -> None:
    """Refuse what is no proxy's address, without showing it: it may hold a password."""
    if "@" in proxy:
        problem = N_("{setting} may not hold a user name or password.")
        raise SettingsError(t(problem, setting=named))
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        problem = N_("{setting} must be the address of a proxy, such as http://proxy.example:3128.")
        raise SettingsError(t(problem, setting=named))


def _check_certificates(path: str, named: str) -> None:
    import ssl

    try:
        ssl.create_default_context().load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        problem = N_("{setting}: {file} cannot be read as a PEM file of certificates.")
        raise SettingsError(t(problem, setting=named, file=path)) from error
