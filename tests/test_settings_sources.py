"""Accounts, settings files by name, files of secrets, the keyring, and the network."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import keyring
import pytest
from click.testing import Result
from keyring.backend import KeyringBackend

from converter import settings
from converter.errors import SettingsError
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.request import Timeouts
from converter.model import HttpRequest, Reply
from converter.provider.client import Client
from converter.settings.network import Network

Run = Callable[..., Result]

SCEXPRESS = load_mapping(find_mapping("scexpress"))

TWO_ACCOUNTS = """
[scexpress]
base_url = "https://one.example"

[scexpress.accounts.uk]
code = "UK1"
token_file = "uk.txt"

[scexpress.accounts.de]
code = "DE1"
token_file = "de.txt"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with nothing set and no file of the person's own."""
    names = [setting.env for setting in SCEXPRESS.settings.values()]
    names += ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
    names += ["SSL_CERT_FILE", "SSL_CERT_DIR", "CONVERTER_PROXY", "CONVERTER_CA_FILE"]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: tmp_path / "none")
    return tmp_path


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def complaint(**options: str | Path | None) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(SCEXPRESS, **options)  # type: ignore[arg-type]  # one of several options
    return str(caught.value)


# -- accounts and files --------------------------------------------------------------------------


def test_an_account_is_chosen_by_name_and_goes_before_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private(here / "uk.txt", "token-uk")
    private(here / "de.txt", "token-de")
    (here / "converter.toml").write_text(TWO_ACCOUNTS, encoding="utf-8")
    monkeypatch.setenv("SCEXPRESS_CODE", "OTHER")

    uk, de = (settings.load(SCEXPRESS, account=name) for name in ("uk", "de"))

    assert (uk.values["code"], uk.values["token"]) == ("UK1", "token-uk")
    assert (de.values["code"], de.values["token"]) == ("DE1", "token-de")
    assert uk.values["base_url"] == "https://one.example"
    assert settings.load(SCEXPRESS).values["code"] == "OTHER"


def test_an_account_that_there_is_not_is_refused_by_name(here: Path) -> None:
    (here / "converter.toml").write_text(TWO_ACCOUNTS, encoding="utf-8")

    assert complaint(account="fr").startswith(
        "There is no account 'fr' of scexpress. Known accounts: uk, de."
    )


def test_a_settings_file_is_named(here: Path) -> None:
    (here / "converter.toml").write_text('[scexpress]\ncode = "HERE"\n', encoding="utf-8")
    (here / "other.toml").write_text('[scexpress]\ncode = "OTHER"\n', encoding="utf-8")

    assert settings.load(SCEXPRESS, config=Path("other.toml")).values["code"] == "OTHER"
    assert complaint(config=Path("none.toml")) == (
        "There is no settings file none.toml. Give --config a file that exists."
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        pytest.param("[scexpres]\n", "converter.toml: [scexpres] is no provider that is known, "
                     "did you mean 'scexpress'?", id="a table"),
        pytest.param("[acme]\n", "converter.toml: [acme] is no provider that is known. Where it is "
                     "a provider with a mapping of yours, name it in other_providers.", id="odd"),
        pytest.param('prox = "x"\n', "converter.toml: 'prox' is no setting that is known",
                     id="key"),
        pytest.param("[network]\nproxi = 'x'\n", "converter.toml: 'proxi' is no setting of "
                     "[network], did you mean 'proxy'?", id="network"),
        pytest.param('[scexpress.accounts.uk]\ncod = "x"\n', "converter.toml: 'cod' is no setting "
                     "of scexpress, did you mean 'code'?", id="account"),
        pytest.param('[scexpress.accounts.uk]\ntoken = "x"\n', "converter.toml: token is a "
                     "secret and may not stand in this file. Put it into the environment as "
                     "SCEXPRESS_TOKEN, or into a file of its own named by token_file.",
                     id="secret"),
        pytest.param('[scexpress]\naccounts = "uk"\n', "converter.toml: scexpress.accounts must "
                     "hold a table for each account, such as [scexpress.accounts.uk].", id="text"),
    ],
)  # fmt: skip
def test_what_nothing_reads_is_refused(here: Path, toml: str, message: str) -> None:
    (here / "converter.toml").write_text(toml, encoding="utf-8")

    assert complaint() == message


def test_providers_of_ones_own_are_named_in_the_file(here: Path) -> None:
    text = 'other_providers = ["acme"]\n[acme]\ncode = "x"\n[oms]\ncompany_code = "y"\n'
    (here / "converter.toml").write_text(text, encoding="utf-8")

    assert settings.load(SCEXPRESS).values


def test_the_command_line_chooses_file_and_account(run: Run, here: Path) -> None:
    private(here / "uk.txt", "token-uk")
    (here / "mine.toml").write_text(TWO_ACCOUNTS, encoding="utf-8")
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    words = ["convert", "orders.xlsx", "-p", "scexpress", "--config", "mine.toml"]

    done = run(*words, "--account", "uk")
    wrong = run(*words, "--account", "fr")

    assert done.exit_code == 0
    assert "UK1" in done.stdout
    assert "token-uk" not in done.stdout
    assert wrong.exit_code == 2


# -- secrets -------------------------------------------------------------------------------------


def test_a_secret_comes_from_a_file_that_the_environment_names(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(here))
    private(here / "token.txt", "from-file\n")
    monkeypatch.setenv("SCEXPRESS_TOKEN_FILE", "~/token.txt")

    found = settings.load(SCEXPRESS)

    assert (found.values["token"], found.secrets, found.warnings) == (
        "from-file", ("from-file",), ()
    )  # fmt: skip
    monkeypatch.setenv("SCEXPRESS_TOKEN_FILE", "none.txt")
    assert complaint() == (
        "The secret file none.txt, named in SCEXPRESS_TOKEN_FILE, cannot be read."
    )


def test_a_home_folder_is_understood_in_a_settings_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(here / "person"))
    (here / "person").mkdir()
    private(here / "person" / "token.txt", "at-home")
    (here / "converter.toml").write_text('[scexpress]\ntoken_file = "~/token.txt"\n')

    assert settings.load(SCEXPRESS).values["token"] == "at-home"


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions")
def test_a_secret_file_that_others_can_read_is_warned_of_once(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private(here / "token.txt", "secret").chmod(0o644)
    monkeypatch.setenv("SCEXPRESS_TOKEN_FILE", "token.txt")
    run("template", "scexpress", "--example", "-o", "orders.xlsx")

    done = run("check", "orders.xlsx", "-p", "scexpress")

    sentence = "Other users of this machine can read the secret file token.txt."
    assert done.exit_code == 0
    assert done.stderr.count(sentence) == 1


class OneSecret(KeyringBackend):
    """A keyring that knows one token."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        known = {"scexpress.token": "kept", "scexpress.uk.token": "uk"}
        return known.get(username) if service == "converter" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def one_secret() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(OneSecret())  # type: ignore[no-untyped-call]  # its class has no types
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("one_secret")
def test_a_secret_may_stand_in_the_keyring(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load(SCEXPRESS).secrets == ("kept",)
    (here / "converter.toml").write_text('[scexpress.accounts.uk]\ncode = "UK1"\n')
    assert settings.load(SCEXPRESS, account="uk").secrets == ("uk",)
    monkeypatch.setenv("SCEXPRESS_TOKEN", "environment")
    assert settings.load(SCEXPRESS).secrets == ("environment",)


@pytest.mark.parametrize(
    "address",
    [
        "https://user:pass@host.example",
        "https://user:pa/ss@host.example",
        "ftp://user:pass@host.example",
        "https://user:pa ss@host.example?",
    ],
)
def test_an_address_with_a_password_is_refused_and_not_shown(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SCEXPRESS_BASE_URL", address)
    assert complaint() == "SCEXPRESS_BASE_URL may not hold a user name or password."
    monkeypatch.delenv("SCEXPRESS_BASE_URL")
    monkeypatch.setenv("CONVERTER_PROXY", address)
    assert complaint() == "CONVERTER_PROXY may not hold a user name or password."
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    done = run("check", "orders.xlsx", "-p", "scexpress", "--json")
    assert done.exit_code == 2
    assert "user" not in done.output.replace("a user name", "")


# -- network -------------------------------------------------------------------------------------


class Recorder(BaseHTTPRequestHandler):
    """A proxy that answers by itself."""

    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Proxy", (Recorder,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_requests_go_through_a_proxy_that_was_chosen(proxy: tuple[str, list[str]]) -> None:
    address, asked = proxy
    request = HttpRequest("POST", "http://provider.example/orders", {}, b"{}")

    with Client(Timeouts(), 1, network=Network(proxy=address)) as client:
        reply = client.send(request)

    assert isinstance(reply, Reply)
    assert asked == ["http://provider.example/orders"]


def test_proxy_and_certificates_come_from_environment_or_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import certifi

    (here / "ca.pem").write_bytes(Path(certifi.where()).read_bytes())
    (here / "converter.toml").write_text(
        '[network]\nproxy = "http://proxy.example:3128"\nca_file = "ca.pem"\n', encoding="utf-8"
    )
    assert settings.load(SCEXPRESS).network == Network("http://proxy.example:3128", "ca.pem")
    assert settings.load(SCEXPRESS, sandbox={}).network == Network()
    monkeypatch.setenv("CONVERTER_PROXY", "http://other.example:80")
    assert settings.load(SCEXPRESS).network.proxy == "http://other.example:80"
    monkeypatch.setenv("CONVERTER_CA_FILE", "none.pem")
    assert complaint() == (
        "CONVERTER_CA_FILE: none.pem cannot be read as a PEM file of certificates."
    )
    monkeypatch.setenv("CONVERTER_PROXY", "proxy.example")
    assert complaint() == (
        "CONVERTER_PROXY must be the address of a proxy, such as http://proxy.example:3128."
    )


def test_what_the_environment_chooses_for_others_is_said_to_be_ignored(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://u:p@proxy.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/somewhere")
    assert [str(note) for note in settings.load(SCEXPRESS).ignored] == [
        "HTTPS_PROXY is set, but this program does not use it. To use it, set CONVERTER_PROXY, or "
        "proxy in the table [network] of converter.toml.",
        "SSL_CERT_FILE is set, but this program does not use it. To use it, set "
        "CONVERTER_CA_FILE, or ca_file in the table [network] of converter.toml.",
    ]
    monkeypatch.setenv("SSL_CERT_DIR", "/certs")
    assert str(settings.load(SCEXPRESS).ignored[1]) == (
        "SSL_CERT_FILE, SSL_CERT_DIR are set, but this program does not use them. To use one, set "
        "CONVERTER_CA_FILE, or ca_file in the table [network] of converter.toml."
    )
    monkeypatch.delenv("SSL_CERT_DIR")
    monkeypatch.setenv("CONVERTER_PROXY", "http://proxy.example:3128")
    assert len(settings.load(SCEXPRESS).ignored) == 1
    assert settings.load(SCEXPRESS, sandbox={}).ignored == ()
    monkeypatch.setenv("SCEXPRESS_CODE", "X")
    monkeypatch.setenv("SCEXPRESS_TOKEN", "Y")
    monkeypatch.setenv("SCEXPRESS_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CONVERTER_PROXY", "http://127.0.0.1:9")
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    done = run("submit", "orders.xlsx", "-p", "scexpress", "--no-input")
    assert "SSL_CERT_FILE is set, but this program does not use it." in done.stderr
