"""The settings and secrets of a provider, from environment and files.

Looked up in this order: the account that was chosen, the environment, `./converter.toml`, the
person's own file, what was entered on the page, and for secrets the system's keyring. A secret may
also stand in a file of its own that a settings file names (`token_file = "..."`), or the
environment (`SCEXPRESS_TOKEN_FILE`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from converter.errors import SettingsError
from converter.message import COMMA, N_, Message, join, t
from converter.messages.system import of_system
from converter.settings import kept
from converter.settings.network import Network, ignored, read_network
from converter.settings.sources import read_sources

if TYPE_CHECKING:  # `status` needs only `home`, and the mapping language loads slowly
    from converter.mapping.listing import ListedProvider
    from converter.mapping.model import ProviderMapping
    from converter.mapping.request import Recipe
    from converter.settings.sources import Sources

MASK = "***"


_CREDENTIALS = re.compile(r"^\s*[a-z][a-z0-9+.-]*://[^\s/?#]*@", re.IGNORECASE)
"""A URL with a user name, and perhaps a password."""

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


NO_ADDRESS = N_(
    "CONVERTER_JOURNAL is not the address of a PostgreSQL server. Write it like "
    "postgresql://USER@HOST/DATABASE, or unset it: then the journals are files on this machine."
)


@dataclass(frozen=True)
class Settings:
    """The values of one provider's settings; secrets never show in `repr`."""

    values: Mapping[str, str] = field(repr=False)
    missing: tuple[str, ...]
    """Environment names of required settings that are not set."""
    secrets: tuple[str, ...] = field(repr=False)
    """The live secret values, so that they can be kept out of everything that is written."""
    recipe: Recipe | None = None
    """A signing recipe from a settings file, where the mapping has none."""
    sandbox: bool = False
    network: Network = field(default_factory=Network)
    warnings: tuple[Message, ...] = ()
    """What the person should know, such as a secret file that others can read."""
    objection: str = ""
    """Why nothing may be sent yet, whatever is set: nobody has agreed to the mapping."""
    ignored: tuple[Message, ...] = ()
    """What the environment says about the network and nobody here follows."""

    def require(self) -> None:
        """Raise SettingsError that names every missing setting, never a value."""
        if self.objection:
            raise SettingsError(self.objection)
        if self.missing and self.sandbox:
            problem = N_(
                "The sandbox does not play this provider: its mapping has no `samples` of answers."
            )
            raise SettingsError(t(problem))
        if self.missing:
            problem = N_(
                "Settings are missing: {names}. Set them in the environment or in converter.toml; "
                "`converter providers` shows what each one is. Nothing was sent."
            )
            raise SettingsError(t(problem, names=join(COMMA, self.missing)))


def home() -> Path:
    """The folder that holds everything the program keeps; CONVERTER_HOME moves it."""
    if moved := os.environ.get("CONVERTER_HOME"):
        return Path(moved).expanduser()
    from platformdirs import user_data_path

    return user_data_path("converter", appauthor=False)


def journal_address() -> str:
    """The address of the server that holds the journals; empty where they are files in `home`.

    It may hold a password, so it may also stand in a file. Raises SettingsError where that file
    cannot be read.
    """
    address = os.environ.get("CONVERTER_JOURNAL", "").strip()
    if not address and (named := os.environ.get("CONVERTER_JOURNAL_FILE")):
        try:
            address = Path(named).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problem = t("{file} cannot be read: {problem}.", file=named, problem=of_system(error))
            raise SettingsError(problem) from error
    if address and not address.startswith(("postgresql://", "postgres://")):
        raise SettingsError(t(NO_ADDRESS))
    return address


def folder(name: str) -> Path:
    """A folder in `home`; created, like `home` itself, readable by this user alone."""
    made = home() / name
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def load(
    mapping: ProviderMapping,
    *,
    sandbox: Mapping[str, str] | None = None,
    config: Path | None = None,
    account: str | None = None,
    known: Collection[str] = (),
    unread: Collection[str] = (),
) -> Settings:
    """The settings of a provider. With `sandbox`, its values are used and no other is looked at.

    `config` is the settings file to read instead of those that are looked for, `account` one of
    its accounts, and `known` are the names of providers that are not shipped. What the environment
    has under the names in `unread` is left alone. Raises SettingsError where a settings file cannot
    be read or a value cannot be used.
    """
    if sandbox is not None:
        return _load_for(mapping, None, sandbox)
    sources = sources_of(mapping, config=config, account=account, known=known)
    return _load_for(mapping, replace(sources, unread=frozenset(unread)), {})


def _load_for(
    mapping: ProviderMapping, sources: Sources | None, sandbox: Mapping[str, str]
) -> Settings:
    """The settings from some sources; without them from the values of the sandbox."""
    values: dict[str, str] = {}
    missing: list[str] = []
    secrets: list[str] = []
    for name, setting in mapping.settings.items():
        value = sources.find(name, setting) if sources else sandbox.get(setting.env)
        if value is None:
            value = setting.default
        if value is None:
            if setting.required:
                missing.append(setting.env)
            continue
        values[name] = value
        if setting.secret:
            secrets.append(value)
        elif _CREDENTIALS.search(value):  # before anything shows it
            problem = N_("{setting} may not hold a user name or password.")
            raise SettingsError(t(problem, setting=setting.env))
    _fill_addresses(values, mapping)
    _check_steering(values, mapping)
    found = Settings(values, tuple(missing), tuple(secrets), None, sandbox=sources is None)
    if sources is None:
        return found
    recipes = [
        _recipe(block.values["signature"], block.path, mapping)
        for block in (*sources.chosen, *sources.blocks)
        if "signature" in block.values
    ]
    network = read_network(sources.networks)
    return replace(
        found,
        recipe=recipes[0] if recipes else None,
        network=network,
        warnings=tuple(sources.warnings),
        ignored=tuple(ignored(network)),
    )


def sources_of(
    provider: kept.Provider,
    *,
    config: Path | None = None,
    account: str | None = None,
    known: Collection[str] = (),
) -> Sources:
    """Where the settings of a provider stand, of one account. Raises SettingsError."""
    own = kept.read(home(), provider.provider)
    return read_sources(provider, own, config=config, account=account, known=known)


def keep(mapping: ProviderMapping, account: str, values: Mapping[str, str]) -> None:
    """Keep settings that a person typed in, once each can be used; a blank one changes nothing.

    Raises SettingsError, and then nothing is kept.
    """
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    _load_for(mapping, None, {mapping.settings[name].env: value for name, value in given.items()})
    kept.keep(home(), mapping, account, given)


def with_states(
    provider: ListedProvider,
    *,
    config: Path | None = None,
    account: str | None = None,
    known: Collection[str] = (),
) -> ListedProvider:
    """The same provider, with the state of each setting: `set`, `default` or `not set`."""
    sources = sources_of(provider, config=config, account=account, known=known)
    found = {}
    for name, setting in provider.settings.items():
        is_set = sources.find(name, setting) is not None
        state = "set" if is_set else "not set" if setting.default is None else "default"
        found[name] = replace(setting, state=state)
    return replace(provider, settings=found)


def number(name: str, default: float) -> float:
    """A number from the environment, such as CONVERTER_SETTLE_SECONDS."""
    text = os.environ.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        problem = N_("{setting} must be a number of seconds, 0 or more.")
        raise SettingsError(t(problem, setting=name))
    return value


def _fill_addresses(values: dict[str, str], mapping: ProviderMapping) -> None:
    """Put settings into the addresses that name them, such as `https://api.{region}.example.com`.

    A setting that is missing leaves its environment name, which `check` and `convert` show.
    """
    for name, setting in mapping.settings.items():
        if name in values and values[name] == setting.default:
            values[name] = _PLACE.sub(
                lambda found: _part_of_address(found[1], values, mapping), values[name]
            )
    for name in {"base_url", *mapping.hosts} & values.keys():
        values[name] = values[name].strip().rstrip("/")
        _check_address(values[name], name, mapping)


_PLACE = re.compile(r"\{([a-z]\w*)\}")


def _part_of_address(name: str, values: Mapping[str, str], mapping: ProviderMapping) -> str:
    env = mapping.settings[name].env
    value = values.get(name)
    if value is None:
        return f"{{{env}}}"
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", value):
        problem = N_(
            "{setting} is part of an address, so it may have letters, digits, dots and hyphens."
        )
        raise SettingsError(t(problem, setting=env))
    return value


def _check_address(base: str, name: str, mapping: ProviderMapping) -> None:
    env = mapping.settings[name].env
    if "@" in base:  # before any part of it is shown
        raise SettingsError(t("{setting} may not hold a user name or password.", setting=env))
    try:
        parts = urlsplit(base)
        _ = parts.port  # read only now, and with the same error
    except ValueError as error:
        problem = N_("{setting} is not an address ({problem}).")
        raise SettingsError(t(problem, setting=env, problem=error)) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = N_("{setting} must be an address that begins with https://.")
        raise SettingsError(t(problem, setting=env))
    if "?" in base or "#" in base or any(character.isspace() for character in base):
        problem = N_("{setting} must be an address without blanks, '?' and '#'.")
        raise SettingsError(t(problem, setting=env))
    if (
        parts.scheme == "http"
        and parts.hostname not in _LOOPBACK
        and not mapping.request.plain_http
    ):
        problem = N_(
            "{setting} is a plain http address, over which secrets would travel in clear. "
            "Use https://."
        )
        raise SettingsError(t(problem, setting=env))


def _check_steering(values: Mapping[str, str], mapping: ProviderMapping) -> None:
    """Check settings that the program itself uses, such as time zones, before starting."""

    def given(named: str | None) -> tuple[str, str] | None:
        name = named[1:] if named and named.startswith("$") else ""
        return (mapping.settings[name].env, values[name]) if name in values else None

    for fresh in mapping.request.fresh.values():
        if (unit := given(fresh.time)) and unit[1] not in ("s", "ms"):
            raise SettingsError(t("{setting} must be s or ms.", setting=unit[0]))
    for spec in mapping.fields:
        if zone := given(spec.zone):
            try:
                ZoneInfo(zone[1])
            except (KeyError, ValueError, OSError):
                problem = N_("{setting} must be the name of a time zone, such as Asia/Shanghai.")
                raise SettingsError(t(problem, setting=zone[0])) from None


def _recipe(block: Any, path: Path, mapping: ProviderMapping) -> Recipe:
    import pydantic

    from converter.mapping.request import Recipe

    if mapping.request.signature is None:
        problem = N_("{file}: {provider} signs nothing, so it takes no signature.")
        raise SettingsError(t(problem, file=path, provider=mapping.provider))
    try:
        recipe = Recipe.model_validate(block)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(("signature", *(str(part) for part in first["loc"])))
        facts = {"file": path, "place": place, "problem": first["msg"]}
        raise SettingsError(t("{file}: {place}: {problem}.", **facts)) from None
    if fault := recipe.fault(mapping.settings, mapping.request.fresh):
        raise SettingsError(t("{file}: signature: {problem}.", file=path, problem=fault))
    return recipe
