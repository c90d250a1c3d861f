"""A mapping that is not shipped is somebody else's file: what it may reach, and who allowed it.

Its requests carry settings of this installation to the hosts that it names. So before its first
live use a person is shown which host gets which settings. The answer is kept by the mapping's
hash and the hosts: after any change to either the question comes again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from converter import settings
from converter.mapping.model import ProviderMapping
from converter.mapping.shipped import shipped_folder
from converter.message import COMMA, N_, Message, join, t
from converter.settings import Settings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

NOT_APPROVED = N_(
    "{file} is a mapping of your own or of somebody else, and nobody here has agreed yet to what "
    "it sends. {uses} If that is right, run `converter mapping trust {file}` once, or give "
    "--trust-mapping. Nothing was sent."
)
USES = N_("{host} gets {settings}.")
NO_SETTINGS = N_("{host} gets no setting.")
OTHERS_NAMES = N_(
    "{file} reads {names}, which are not settings of its own: those begin with {prefix}. Rename "
    "them, or allow it with: {command}"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a mapping came from."""

    file: Path
    digest: str
    """Hash of what it says; empty for a shipped one, which needs none."""
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class Uses:
    """Which host gets which settings, by their environment names."""

    hosts: Mapping[str, tuple[str, ...]]

    @property
    def lines(self) -> list[Message]:
        """A sentence for each host."""
        return [
            t(USES, host=host, settings=join(COMMA, names)) if names else t(NO_SETTINGS, host=host)
            for host, names in self.hosts.items()
        ]


def origin_of(path: Path, mapping: ProviderMapping) -> Origin:
    """Where a mapping came from that was just loaded, before anything in it is changed."""
    if path.resolve().parent == shipped_folder("mappings").resolve():
        return Origin(path, "", is_shipped=True)
    digest = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()
    return Origin(path, digest, is_shipped=False)


def prefix_of(mapping: ProviderMapping) -> str:
    """What the environment names of a provider's settings begin with."""
    return re.sub(r"[^A-Z0-9]", "_", mapping.provider.upper()) + "_"


def others_names(mapping: ProviderMapping) -> tuple[str, ...]:
    """Environment names in a mapping that do not carry its provider's name."""
    prefix = prefix_of(mapping)
    names = (setting.env for setting in mapping.settings.values())
    return tuple(name for name in names if not name.startswith(prefix))


def unread(origin: Origin, mapping: ProviderMapping) -> frozenset[str]:
    """The environment names that are not read, because nobody has allowed it."""
    if origin.is_shipped:
        return frozenset()
    return frozenset(others_names(mapping)) - frozenset(_kept(origin).get("allowed", ()))


def objection(origin: Origin, mapping: ProviderMapping, values: Settings) -> str:
    """Why nothing may be sent by this mapping yet; empty where it may."""
    if origin.is_shipped or values.sandbox:
        return ""
    if names := sorted(unread(origin, mapping)):
        allowed = " ".join(f"--allow {name}" for name in names)
        facts = {
            "file": origin.file,
            "names": join(COMMA, names),
            "prefix": prefix_of(mapping),
            "command": f"converter mapping trust {origin.file} {allowed}",
        }
        return t(OTHERS_NAMES, **facts)
    uses = uses_of(mapping, values)
    hosts = [host for host in uses.hosts if not _stays_here(host, mapping, values)]
    if set(hosts) <= set(_kept(origin).get("hosts", ())):
        return ""
    return t(NOT_APPROVED, file=origin.file, uses=join(" ", uses.lines))


def approve(
    origin: Origin, mapping: ProviderMapping, values: Settings, allowed: Sequence[str] = ()
) -> None:
    """Keep that a person has agreed to what this mapping sends where, and to what it reads."""
    before = _kept(origin)
    record = {
        "provider": mapping.provider,
        "file": str(origin.file),
        "hosts": sorted({*before.get("hosts", ()), *uses_of(mapping, values).hosts}),
        "allowed": sorted({*before.get("allowed", ()), *allowed}),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    folder = settings.folder("mappings")
    path = folder / f"{origin.digest}.json"
    new = folder / f"{origin.digest}.{os.getpid()}.new"
    new.write_text(json.dumps(record, ensure_ascii=False, indent=2), encoding="utf-8")
    new.replace(path)


def _kept(origin: Origin) -> dict[str, Any]:
    """What was agreed to before; nothing where that cannot be read."""
    path = settings.home() / "mappings" / f"{origin.digest}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def uses_of(mapping: ProviderMapping, values: Settings) -> Uses:
    """Which host gets which settings. A host may get more than it is sent, but never less."""
    base = _host(values.values.get("base_url", mapping.settings["base_url"].env))
    found: dict[str, dict[str, None]] = {base: {}}
    content = mapping.model_dump(by_alias=True)
    parts = [content[part] for part in ("request", "response", "query", "then", "calls")]
    for host, text in _texts(parts, base, values):
        named = found.setdefault(host, {})
        for name, setting in mapping.settings.items():
            if name != "base_url" and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                named[setting.env] = None
    for spec in mapping.fields:
        if isinstance(spec.value, str) and spec.value[1:] in mapping.settings:
            found[base][mapping.settings[spec.value[1:]].env] = None
    return Uses({host: tuple(names) for host, names in found.items()})


def _texts(value: Any, host: str, values: Settings) -> Iterator[tuple[str, str]]:
    """Every text in the requests of a mapping, with the host that it goes to."""
    if isinstance(value, dict):
        if own := value.get("host"):
            host = _host(_filled(own, values))
        for key, inner in value.items():
            yield from _texts(inner, host, values)
            yield host, str(key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, host, values)
    elif isinstance(value, str):
        yield host, value


def _filled(text: str, values: Settings) -> str:
    if text.startswith("$"):
        return values.values.get(text[1:], text)
    return re.sub(r"\{(\w+)\}", lambda found: values.values.get(found[1], found[0]), text)


def _host(address: str) -> str:
    """The host of an address, in letters that cannot be taken for others."""
    try:
        parts = urlsplit(address)
        name = parts.hostname or address
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ascii(address)[1:-1]
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ascii(name)[1:-1]
    return name + port


def _stays_here(host: str, mapping: ProviderMapping, values: Settings) -> bool:
    """Whether a host is this machine because the person's own settings say so."""
    for name, setting in mapping.settings.items():
        value = values.values.get(name, "")
        is_own = value != setting.default and "://" in value and host == _host(value)
        if is_own and urlsplit(value).hostname in _LOOPBACK:
            return True
    return False
