"""Where settings stand: account tables, environment, settings files, files of secrets, keyring."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from converter.errors import SettingsError
from converter.message import COMMA, N_, Message, join, t
from converter.settings import kept
from converter.settings.kept import Kept, Provider, Setting

NETWORK = "network"
"""The table of the settings files that is no provider's."""

OTHERS = "other_providers"
"""Names the tables of providers whose mappings are not shipped."""

KEYRING = "keyring"
"""The place of secrets that are in the system's keyring."""

_ACCOUNTS = "accounts"


@dataclass(frozen=True)
class Block:
    """A table of a settings file."""

    path: Path
    values: Mapping[str, Any]


@dataclass
class Sources:
    """What may hold the settings of one provider, by precedence."""

    provider: str
    account: str = ""
    accounts: tuple[str, ...] = ()
    """The names of all accounts, but for the usual one."""
    chosen: list[Block] = field(default_factory=list)
    """The tables of the chosen account; they go before the environment."""
    blocks: list[Block] = field(default_factory=list)
    networks: list[Block] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    """Environment names that are not looked at."""

    def find(self, name: str, setting: Setting) -> str | None:
        """The value of a setting; None where it is set nowhere."""
        return next((value for _, value in self._found(name, setting)), None)

    def place(self, name: str, setting: Setting) -> str:
        """Where a setting has its value from: a file, the environment's name, or `keyring`."""
        return next((place for place, _ in self._found(name, setting)), "")

    def _found(self, name: str, setting: Setting) -> Iterator[tuple[str, str]]:
        """Every value of a setting with its place, by precedence."""
        in_keyring = kept.keyring_name(self.provider, self.account, name)
        yield from self._in_blocks(self.chosen, name, setting)
        if self.account and setting.secret and (found := kept.in_keyring(in_keyring)):
            yield KEYRING, found
        if found := self._in_environment(setting):
            yield setting.env, found
        yield from self._in_blocks(self.blocks, name, setting)
        if not self.account and setting.secret and (found := kept.in_keyring(in_keyring)):
            yield KEYRING, found

    def _in_environment(self, setting: Setting) -> str | None:
        if setting.env in self.unread:
            return None
        # Stripped, because a file of variables with Windows line ends leaves a \r behind.
        if found := os.environ.get(setting.env, "").strip():
            return found
        named_in = f"{setting.env}_FILE"
        if named := os.environ.get(named_in, "").strip():
            return self._read(Path(named).expanduser(), named_in, is_secret=setting.secret)
        return None

    def _in_blocks(
        self, blocks: Collection[Block], name: str, setting: Setting
    ) -> Iterator[tuple[str, str]]:
        for block in blocks:
            if (named := block.values.get(f"{name}_file")) is not None:
                path = block.path.parent / Path(str(named)).expanduser()
                yield (
                    str(block.path),
                    self._read(path, str(block.path), is_secret=setting.secret),
                )
            elif (value := block.values.get(name)) is not None:
                yield str(block.path), str(value)

    def _read(self, path: Path, named_in: str, *, is_secret: bool) -> str:
        try:
            secret = path.read_text(encoding="utf-8").strip()
            mode = path.stat().st_mode
        except (OSError, UnicodeDecodeError) as error:
            problem = N_("The secret file {file}, named in {settings}, cannot be read.")
            raise SettingsError(t(problem, file=path, settings=named_in)) from error
        if not secret:
            problem = N_("The secret file {file}, named in {settings}, is empty.")
            raise SettingsError(t(problem, file=path, settings=named_in))
        if is_secret and os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
            warning = N_(
                "Other users of this machine can read the secret file {file}. "
                "Make it yours alone: chmod 600 {file}"
            )
            self.warnings.append(t(warning, file=path))
        return secret


def read_sources(
    mapping: Provider,
    own: Kept,
    *,
    config: Path | None = None,
    account: str | None = None,
    known: Collection[str] = (),
) -> Sources:
    """The settings files' tables of a provider, checked, and what is kept. Raises SettingsError.

    `config` is the one file to read instead of those that are looked for; `known` are the names of
    providers that are not shipped, whose tables the files may have.
    """
    from converter.mapping.load import available_mappings  # PyYAML, which `status` does not need

    found = Sources(mapping.provider, account or "")
    accounts: dict[str, None] = {}
    for path, content in _files(config):
        _check_tables(path, content, {*available_mappings(), *known, mapping.provider})
        block = content.get(mapping.provider, {})
        if not isinstance(block, dict):
            problem = N_("{file}: [{provider}] must be a table of settings.")
            raise SettingsError(t(problem, file=path, provider=mapping.provider))
        usual = {key: value for key, value in block.items() if key != _ACCOUNTS}
        _check_keys(usual, path, mapping)
        found.blocks.append(Block(path, usual))
        for name, table in _accounts_of(block, path, mapping):
            _check_keys(table, path, mapping)
            accounts[name] = None
            if name == account:
                found.chosen.append(Block(path, table))
        if NETWORK in content:
            found.networks.append(Block(path, content[NETWORK]))
    for name, values in own.accounts.items():
        if not name:
            found.blocks.append(Block(own.path, values))
        elif name == account:
            found.chosen.append(Block(own.path, values))
        accounts |= {name: None} if name else {}
    found.warnings += own.warnings
    found.accounts = tuple(accounts)
    if account is not None and account not in accounts:
        problem = N_(
            "There is no account {account} of {provider}. Known accounts: {known}. Each one is a "
            "table [{provider}.accounts.NAME] of a settings file, or was entered on the page."
        )
        names = join(COMMA, accounts) or t("none")
        facts = {"account": repr(account), "provider": mapping.provider, "known": names}
        raise SettingsError(t(problem, **facts))
    return found


def _accounts_of(
    block: Mapping[str, Any], path: Path, mapping: Provider
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    accounts = block.get(_ACCOUNTS, {})
    tables = accounts.items() if isinstance(accounts, dict) else ()
    if not isinstance(accounts, dict) or not all(isinstance(table, dict) for _, table in tables):
        problem = N_(
            "{file}: {provider}.accounts must hold a table for each account, such as "
            "[{provider}.accounts.uk]."
        )
        raise SettingsError(t(problem, file=path, provider=mapping.provider))
    yield from tables


def _files(config: Path | None) -> Iterator[tuple[Path, dict[str, Any]]]:
    from platformdirs import user_config_path

    looked_for = [
        Path("converter.toml"),
        user_config_path("converter", appauthor=False) / "converter.toml",
    ]
    if config is not None:
        looked_for = [config.expanduser()]
        if not looked_for[0].is_file():
            problem = N_("There is no settings file {file}. Give --config a file that exists.")
            raise SettingsError(t(problem, file=config))
    for path in looked_for:
        try:
            if path.is_file():  # raises where the folder may not be entered
                yield path, tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            problem = N_("{file} cannot be read as TOML: {problem}.")
            raise SettingsError(t(problem, file=path, problem=error)) from error


def _check_tables(path: Path, content: Mapping[str, Any], providers: Collection[str]) -> None:
    """Refuse tables and keys that nothing reads: they were meant for something."""
    others = content.get(OTHERS, [])
    if not isinstance(others, list) or not all(isinstance(name, str) for name in others):
        problem = N_("{file}: {key} must be a list of names in quotes.")
        raise SettingsError(t(problem, file=path, key=OTHERS))
    names = sorted({*providers, *others, NETWORK, OTHERS})
    for key, value in content.items():
        if key in names:
            continue
        is_table = isinstance(value, dict)
        close = get_close_matches(key, names, n=1)
        hint: str = t(", did you mean {name}?", name=repr(close[0])) if close else ""
        if is_table and not close:
            hint = t(
                ". Where it is a provider with a mapping of yours, name it in {key}.", key=OTHERS
            )
        problem = N_("{file}: {key} is no provider that is known{hint}")
        if not is_table:
            problem = N_("{file}: {key} is no setting that is known{hint}")
        shown = f"[{key}]" if is_table else repr(key)
        raise SettingsError(t(problem, file=path, key=shown, hint=hint))


def _check_keys(block: Mapping[str, Any], path: Path, mapping: Provider) -> None:
    """Refuse keys not allowed in a settings file, even if the environment overrides them."""
    names = [*mapping.settings, *(f"{name}_file" for name in mapping.settings), "signature"]
    for key, value in block.items():
        if key not in names:
            close = get_close_matches(key, [*names, _ACCOUNTS], n=1)
            hint = t(", did you mean {name}?", name=repr(close[0])) if close else ""
            problem = N_("{file}: {key} is no setting of {provider}{hint}")
            facts = {"file": path, "key": repr(key), "provider": mapping.provider, "hint": hint}
            raise SettingsError(t(problem, **facts))
        if key == "signature":
            continue
        setting = mapping.settings.get(key)
        if setting is not None and setting.secret:
            problem = N_(
                "{file}: {key} is a secret and may not stand in this file. Put it into the "
                "environment as {setting}, or into a file of its own named by {key}_file."
            )
            raise SettingsError(t(problem, file=path, key=key, setting=setting.env))
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise SettingsError(t("{file}: {key} must be text in quotes.", file=path, key=key))
