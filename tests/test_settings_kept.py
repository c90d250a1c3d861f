"""Settings that were typed in once: where they go, what goes before them, and how they go away."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from keyring.backends import fail
from keyring.errors import PasswordSetError

from converter import settings
from converter.errors import SettingsError
from converter.mapping.load import find_mapping, load_mapping
from converter.settings import kept

SCEXPRESS = load_mapping(find_mapping("scexpress"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for setting in SCEXPRESS.settings.values():
        monkeypatch.delenv(setting.env, raising=False)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: tmp_path / name)
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("keyring.get_keyring", fail.Keyring)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


class Ring:
    """A keyring in memory, which may be locked."""

    priority = 1

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise PasswordSetError
        self.secrets[f"{service}/{username}"] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[f"{service}/{username}"]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr("keyring.get_keyring", lambda: made)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(f"keyring.{name}", getattr(made, name))
    return made


def values(account: str | None = None) -> dict[str, str]:
    found = settings.load(SCEXPRESS, account=account).values
    return {name: found[name] for name in ("code", "token") if name in found}


def test_without_a_keyring_a_private_file_holds_what_was_typed_in(home: Path) -> None:
    settings.keep(SCEXPRESS, "", {"code": " KJHB1 ", "token": "t-1", "base_url": ""})

    assert values() == {"code": "KJHB1", "token": "t-1"}
    assert settings.load(SCEXPRESS).secrets == ("t-1",)
    assert stat.S_IMODE((home / "settings.json").stat().st_mode) == 0o600
    assert [one.name for one in home.iterdir()] == ["settings.json"]


def test_secrets_go_to_the_keyring_where_there_is_one(home: Path, ring: Ring) -> None:
    settings.keep(SCEXPRESS, "", {"code": "KJHB1", "token": "t-1"})

    assert values() == {"code": "KJHB1", "token": "t-1"}
    assert ring.secrets == {"converter/scexpress.token": "t-1"}
    assert json.loads((home / "settings.json").read_text()) == {
        "scexpress": {"": {"code": "KJHB1"}}
    }


def test_a_keyring_that_is_locked_leaves_the_secret_to_the_file(home: Path, ring: Ring) -> None:
    settings.keep(SCEXPRESS, "", {"token": "old"})
    ring.is_locked = True
    settings.keep(SCEXPRESS, "", {"token": "new"})

    assert values()["token"] == "new"

    ring.is_locked = False
    settings.keep(SCEXPRESS, "", {"token": "newest"})
    assert values()["token"] == "newest"
    assert "new" not in (home / "settings.json").read_text()


def test_a_blank_value_changes_nothing() -> None:
    settings.keep(SCEXPRESS, "", {"code": "A", "token": "t-1"})
    settings.keep(SCEXPRESS, "", {"code": "B", "token": ""})

    assert values() == {"code": "B", "token": "t-1"}


def test_the_environment_and_settings_files_go_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.keep(SCEXPRESS, "", {"code": "KEPT", "token": "kept"})
    (tmp_path / "converter.toml").write_text('[scexpress]\ncode = "FILE"\n')
    monkeypatch.setenv("SCEXPRESS_TOKEN", "environment")

    assert values() == {"code": "FILE", "token": "environment"}


@pytest.mark.parametrize("has_keyring", [False, True])
def test_an_account_is_known_by_what_was_typed_in_for_it(
    has_keyring: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if has_keyring:
        request.getfixturevalue("ring")
    settings.keep(SCEXPRESS, "", {"code": "USUAL", "token": "usual"})
    settings.keep(SCEXPRESS, "uk", {"code": "UK", "token": "of uk"})
    monkeypatch.setenv("SCEXPRESS_TOKEN", "environment")

    assert values("uk") == {"code": "UK", "token": "of uk"}  # never another account's token
    assert settings.sources_of(SCEXPRESS).accounts == ("uk",)


def test_what_was_typed_in_can_be_removed(home: Path, ring: Ring) -> None:
    settings.keep(SCEXPRESS, "uk", {"code": "UK", "token": "of uk"})
    settings.keep(SCEXPRESS, "", {"code": "USUAL"})

    kept.forget(home, SCEXPRESS, "uk")

    assert ring.secrets == {}
    assert values() == {"code": "USUAL"}
    with pytest.raises(SettingsError, match="There is no account 'uk'"):
        values("uk")


@pytest.mark.parametrize(
    ("account", "given", "problem"),
    [
        ("", {"base_url": "ftp://x"}, "must be an address"),
        ("", {"base_url": "https://me:pw@x"}, "may not hold a user name"),
        ("", {"token": "a\nb"}, "SCEXPRESS_TOKEN must be one line"),
        ("", {"token": "x" * 5000}, "SCEXPRESS_TOKEN must be one line"),
        ("a.b", {"token": "x"}, "name of an account"),
    ],
)
def test_what_cannot_be_used_is_not_kept(
    home: Path, account: str, given: dict[str, str], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        settings.keep(SCEXPRESS, account, {"code": "KJHB1", **given})

    assert not home.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"scexpress": []}', '{"scexpress": {"": {"a": 1}}}'])
def test_a_file_that_cannot_be_read_is_named(home: Path, text: str) -> None:
    home.mkdir()
    (home / "settings.json").write_text(text)

    with pytest.raises(SettingsError, match=r"settings\.json cannot be read"):
        values()


def test_a_file_that_others_can_read_is_warned_of(home: Path) -> None:
    settings.keep(SCEXPRESS, "", {"token": "t-1"})
    (home / "settings.json").chmod(0o644)

    (warning,) = settings.load(SCEXPRESS).warnings
    assert "settings.json" in str(warning)
