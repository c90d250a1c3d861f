"""The settings and secrets of a provider, from environment and files.

Looked up in this order: the environment, `./converter.toml`, the person's own file. A secret may
also stand in a file of its own that a settings file names (`token_file = "..."`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from converter.errors import SettingsError
from converter.message import N_, t

if TYPE_CHECKING:  # `status` needs only `home`, and the mapping language loads slowly
    from converter.mapping.listing import ListedProvider
    from converter.mapping.model import ProviderMapping
    from converter.mapping.request import Recipe

MASK = "***"


class _Setting(Protocol):
    """A setting of a mapping or of a listed provider."""

    @property
    def env(self) -> str: ...
    @property
    def default(self) -> str | None: ...
    @property
    def secret(self) -> bool: ...


class _Provider(Protocol):
    @property
    def provider(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, _Setting]: ...


_Blocks = list[tuple[Path, dict[str, Any]]]
"""The table of the provider in each settings file, by precedence."""

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


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

    def require(self) -> None:
        """Raise SettingsError that names every missing setting, never a value."""
        if self.missing and self.sandbox:
            problem = N_("The sandbox does not play this provider, only the shipped ones.")
            raise SettingsError(t(problem))
        if self.missing:
            problem = N_(
                "Settings are missing: {names}. Set them in the environment or in converter.toml; "
                "`converter providers` shows what each one is. Nothing was sent."
            )
            raise SettingsError(t(problem, names=", ".join(self.missing)))


def home() -> Path:
    """The folder that holds everything the program keeps; CONVERTER_HOME moves it."""
    if moved := os.environ.get("CONVERTER_HOME"):
        return Path(moved).expanduser()
    from platformdirs import user_data_path

    return user_data_path("converter", appauthor=False)


def folder(name: str) -> Path:
    """A folder in `home`; created, like `home` itself, readable by this user alone."""
    made = home() / name
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def load(mapping: ProviderMapping, *, sandbox: Mapping[str, str] | None = None) -> Settings:
    """The settings of a provider. With `sandbox`, its values are used and no other is looked at.

    Raises SettingsError where a settings file cannot be read or a value cannot be used.
    """
    blocks = [] if sandbox is not None else _blocks(mapping)
    values: dict[str, str] = {}
    missing: list[str] = []
    secrets: list[str] = []
    for name, setting in mapping.settings.items():
        value = (sandbox or {}).get(setting.env) if sandbox is not None else None
        if value is None and sandbox is None:
            value = _look_up(name, setting, blocks)
        if value is None:
            value = setting.default
        if value is None:
            if setting.required:
                missing.append(setting.env)
            continue
        values[name] = value
        if setting.secret:
            secrets.append(value)
    if base := values.get("base_url"):
        values["base_url"] = base.strip().rstrip("/")
        _check_address(values["base_url"], mapping)
    _check_steering(values, mapping)
    recipes = [
        _recipe(block["signature"], path, mapping) for path, block in blocks if "signature" in block
    ]
    recipe = recipes[0] if recipes else None
    return Settings(values, tuple(missing), tuple(secrets), recipe, sandbox is not None)


def with_states(provider: ListedProvider) -> ListedProvider:
    """The same provider, with the state of each setting: `set`, `default` or `not set`."""
    blocks = _blocks(provider)
    found = {}
    for name, setting in provider.settings.items():
        is_set = _look_up(name, setting, blocks) is not None
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


def _files() -> list[tuple[Path, dict[str, Any]]]:
    from platformdirs import user_config_path

    found = []
    for path in (
        Path("converter.toml"),
        user_config_path("converter", appauthor=False) / "converter.toml",
    ):
        try:
            if path.is_file():  # raises where the folder may not be entered
                found.append((path, tomllib.loads(path.read_text(encoding="utf-8"))))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            problem = N_("{file} cannot be read as TOML: {problem}.")
            raise SettingsError(t(problem, file=path, problem=error)) from error
    return found


def _blocks(mapping: _Provider) -> _Blocks:
    found: _Blocks = []
    for path, content in _files():
        block = content.get(mapping.provider, {})
        if not isinstance(block, dict):
            problem = N_("{file}: [{provider}] must be a table of settings.")
            raise SettingsError(t(problem, file=path, provider=mapping.provider))
        for key, value in block.items():
            _check_key(key, value, path, mapping)
        found.append((path, block))
    return found


def _check_key(key: str, value: Any, path: Path, mapping: _Provider) -> None:
    """Refuse keys not allowed in a settings file, even if the environment overrides them."""
    names = [*mapping.settings, *(f"{name}_file" for name in mapping.settings), "signature"]
    if key not in names:
        close = get_close_matches(key, names, n=1)
        hint = t(", did you mean {name}?", name=repr(close[0])) if close else ""
        problem = N_("{file}: {key} is no setting of {provider}{hint}")
        facts = {"file": path, "key": repr(key), "provider": mapping.provider, "hint": hint}
        raise SettingsError(t(problem, **facts))
    if key == "signature":
        return
    setting = mapping.settings.get(key)
    if setting is not None and setting.secret:
        problem = N_(
            "{file}: {key} is a secret and may not stand in this file. Put it into the "
            "environment as {setting}, or into a file of its own named by {key}_file."
        )
        raise SettingsError(t(problem, file=path, key=key, setting=setting.env))
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise SettingsError(t("{file}: {key} must be text in quotes.", file=path, key=key))


def _look_up(name: str, setting: _Setting, blocks: _Blocks) -> str | None:
    # Stripped, because a file of variables with Windows line ends leaves a \r behind.
    if found := os.environ.get(setting.env, "").strip():
        return found
    for path, block in blocks:
        if (named := block.get(f"{name}_file")) is not None:
            return _secret_file(path.parent / str(named), path)
        if (value := block.get(name)) is not None:
            return str(value)
    return None


def _secret_file(path: Path, named_in: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = N_("The secret file {file}, named in {settings}, cannot be read.")
        raise SettingsError(t(problem, file=path, settings=named_in)) from error
    if not secret:
        problem = N_("The secret file {file}, named in {settings}, is empty.")
        raise SettingsError(t(problem, file=path, settings=named_in))
    return secret


def _check_address(base: str, mapping: ProviderMapping) -> None:
    env = mapping.settings["base_url"].env
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
    if parts.username or parts.password:
        raise SettingsError(t("{setting} may not hold a user name or password.", setting=env))
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
