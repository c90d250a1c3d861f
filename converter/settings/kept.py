"""Settings that were typed in once: secrets in the system's keyring, the rest in a private file.

The file is `settings.json` in the program's own folder, readable by this user alone. It also holds
the secrets where the system has no keyring that can be used.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from converter.errors import SettingsError
from converter.message import N_, Message, t

_LOG = logging.getLogger(__name__)

FILE = "settings.json"
_SERVICE = "converter"
"""What the keyring calls this program."""
_ACCOUNT = re.compile(r"[\w-]{1,40}")
_MOST_CHARACTERS = 4096


class Setting(Protocol):
    """A setting of a mapping or of a listed provider."""

    @property
    def env(self) -> str: ...
    @property
    def default(self) -> str | None: ...
    @property
    def secret(self) -> bool: ...


class Provider(Protocol):
    @property
    def provider(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Setting]: ...


Values = Mapping[str, str]
"""By the name that the mapping gives a setting."""


@dataclass(frozen=True)
class Kept:
    """What is kept for one provider."""

    path: Path
    accounts: Mapping[str, Values] = field(default_factory=dict, repr=False)
    """By the account's name; that of the usual account is empty."""
    warnings: tuple[Message, ...] = ()


def read(home: Path, provider: str) -> Kept:
    """What is kept for a provider. Raises SettingsError where the file cannot be read."""
    path = home / FILE
    accounts = _read(path).get(provider, {})
    warnings = []
    if accounts and os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warning = N_(
            "Other users of this machine can read the secret file {file}. "
            "Make it yours alone: chmod 600 {file}"
        )
        warnings.append(t(warning, file=path))
    return Kept(path, accounts, tuple(warnings))


def keep(home: Path, provider: Provider, account: str, values: Values) -> None:
    """Keep the settings of an account; a blank value changes nothing.

    Raises SettingsError where a name or value cannot be used. A secret goes to the keyring, or to
    the file where there is none.
    """
    if account and not _ACCOUNT.fullmatch(account):
        problem = N_("The name of an account may have letters, digits, hyphens and underscores.")
        raise SettingsError(t(problem))
    for name, value in values.items():
        if not value.isprintable() or len(value) > _MOST_CHARACTERS:
            problem = N_("{setting} must be one line of text without invisible characters.")
            raise SettingsError(t(problem, setting=provider.settings[name].env))
    path = home / FILE
    document = _read(path)
    block = document.setdefault(provider.provider, {}).setdefault(account, {})
    for name, value in values.items():
        if not value:
            continue
        hidden = provider.settings[name].secret
        if hidden and _put_into_keyring(keyring_name(provider.provider, account, name), value):
            block.pop(name, None)
        else:
            block[name] = value
    _write(path, document)


def forget(home: Path, provider: Provider, account: str, *names: str) -> None:
    """Remove settings of an account; without names all of them, and the account."""
    path = home / FILE
    document = _read(path)
    block = document.get(provider.provider, {}).get(account, {})
    for name in names or provider.settings:
        block.pop(name, None)
        if provider.settings[name].secret:
            _remove_from_keyring(keyring_name(provider.provider, account, name))
    if not names:
        document.get(provider.provider, {}).pop(account, None)
    _write(path, document)


def keyring_name(provider: str, account: str, name: str) -> str:
    """What a secret is called in the keyring."""
    return ".".join(filter(None, (provider, account, name)))


def in_keyring(name: str) -> str | None:
    """A secret from the system's keyring, where the extra `keyring` is installed."""
    for keyring, broken in _keyring():
        try:
            found = keyring.get_password(_SERVICE, name)
        except broken:
            _LOG.warning("keyring cannot be read", exc_info=True)
            return None
        return found.strip() if found else None
    return None


def has_keyring() -> bool:
    """Whether secrets can be kept in a keyring of the system."""
    return any(True for _ in _keyring())


def _put_into_keyring(name: str, secret: str) -> bool:
    for keyring, broken in _keyring():
        try:
            keyring.set_password(_SERVICE, name, secret)
        except broken:
            _LOG.warning("keyring cannot be written", exc_info=True)
            return False
        return True
    return False


def _remove_from_keyring(name: str) -> None:
    for keyring, broken in _keyring():
        try:
            if keyring.get_password(_SERVICE, name) is not None:
                keyring.delete_password(_SERVICE, name)
        except broken as error:
            problem = N_("{name} could not be removed from the system's keyring. Remove it there.")
            raise SettingsError(t(problem, name=name)) from error


def _keyring() -> Iterator[tuple[Any, type[Exception]]]:
    """The keyring that can be used, if there is one, and the error that it raises."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return
    if keyring.get_keyring().priority > 0:
        yield keyring, KeyringError


def _read(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if not isinstance(found, dict) or not all(
        isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        for accounts in found.values()
        for values in (accounts.values() if isinstance(accounts, dict) else (None,))
    ):
        raise _unreadable(path)
    return found


def _unreadable(path: Path) -> SettingsError:
    problem = N_(
        "The kept settings {file} cannot be read. Delete the file, and enter them anew on the "
        "page of `converter web`."
    )
    return SettingsError(t(problem, file=path))


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file as a whole; it never was readable by others."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        json.dump(document, opened, ensure_ascii=False)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(draft, path)
