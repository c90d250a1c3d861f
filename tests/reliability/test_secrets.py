"""No secret is ever written down: not even when the provider sends it back.

The provider here repeats, in every answer, the whole request and the secret itself, each time in
another spelling: as its JSON, its web page or its address line has it. Afterwards every file and
every line that the program left is searched.
"""

from __future__ import annotations

import base64
import html
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner

from converter.cli.commands import cli
from converter.sending.loop import send
from tests.reliability.wire import (
    ACCOUNTS,
    PROVIDERS,
    SECRETS,
    SETTINGS_FILE,
    Provider,
    Request,
    Talk,
    environment,
    hurried,
    sheet,
)

IN_A_HEADER = "k7+/=&?%41 \"q'<b>\\n;end"
"""As awkward as a header allows: a blank, quotes, and characters that URLs, JSON or HTML escape."""
ANYWHERE = IN_A_HEADER + "-密钥-é-\U0001f511"

SECRET = {
    "scexpress": ANYWHERE,
    "oms": IN_A_HEADER,
    "platform1688": ANYWHERE,
    "apicenter": IN_A_HEADER,
    "pandapon": ANYWHERE,
}


# -- what the provider sends back ------------------------------------------------------------------


def _php(text: str) -> str:
    """JSON as PHP and C# write it: slashes escaped, large digits."""
    made = json.dumps(text).replace("/", "\\/")
    for escape in {made[i : i + 6] for i in range(len(made)) if made.startswith("\\u", i)}:
        made = made.replace(escape, "\\u" + escape[2:].upper())
    return made


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "JSON, ASCII": json.dumps,
    "JSON, letters as they are": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON as PHP has it": _php,
    "JSON, every letter escaped": lambda text: (
        '"' + "".join(f"\\u{unit:04x}" for unit in _units(text)) + '"'
    ),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "URL": lambda text: f'"{quote(text, safe="")}"',
    "form": lambda text: f'"{quote_plus(text)}"',
    "base64": lambda text: f'"{_encoded(text)}"',
    "base64 of more": lambda text: f'"{_encoded("ab" + text)} {_encoded("c" + text)}"',
    "HTML in JSON": lambda text: json.dumps(html.escape(text)),
}


def _units(text: str) -> Iterator[int]:
    data = text.encode("utf-16-be")
    yield from (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


class Echo:
    """Echoes the request and the secret, each time in a new encoding, in answers of every kind."""

    KINDS = (
        *(f"refused: {spelling}" for spelling in SPELLINGS),
        "HTTP 400: plain",
        "HTTP 400: HTML",
        "HTTP 400: UTF-16",
        "accepted under the secret as its number",
        "HTTP 500",
        "refused: JSON, ASCII",
        "cut off",
        "refused: JSON, ASCII",
        "redirect",
    )

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.sent: list[bytes] = []
        self._kinds = iter(self.KINDS)

    def __call__(self, talk: Talk) -> None:
        request = talk.read()
        text = f"you sent {self.secret}: {request.head} {request.raw.decode()}"
        kind, _, spelling = next(self._kinds).partition(": ")
        headers = {"X_Echo": quote(self.secret), "Set_Cookie": f"t={quote(self.secret)}"}
        match kind:
            case "refused":
                self._say(talk, _refusal(talk.provider.name, request, SPELLINGS[spelling](text)))
            case "HTTP 400":
                page = html.escape(text) if spelling == "HTML" else text
                encoding = "utf-16" if spelling == "UTF-16" else "utf-8"
                self._say(talk, page.encode(encoding), 400, **headers)
            case "accepted under the secret as its number":
                self._say(talk, _acceptance(talk.provider.name, request, self.secret))
            case "redirect":
                self._say(talk, text.encode(), 302, Location=f"/?token={quote(self.secret)}")
            case "cut off":
                self.sent.append(text.encode())
                talk.reply(text.encode(), length=10_000_000)
                talk.close()
            case _:
                self._say(talk, text.encode(), 500, **headers)

    def _say(self, talk: Talk, body: bytes, status: int = 200, **headers: str) -> None:
        self.sent.append(body)
        talk.reply(body, status, headers=headers)


def _refusal(name: str, request: Request, said: str) -> bytes:
    [reference] = request.references
    who = json.dumps(reference)
    bodies = {
        "scexpress": f'{{"code":0,"data":[{{"code":-1,"customernumber":{who},"msg":{said}}}]}}',
        "oms": f'{{"code":"20000","success":true,"requestId":{said},"data":{{"totalQty":1,'
        f'"successQty":0,"failQty":1,"failList":[{{"orderNo":{who},"message":{said}}}]}}}}',
        "platform1688": '{"code":0,"result":true,"data":{"success":false,"code":"500_001",'
        f'"message":{said}}}}}',
        "apicenter": f'{{"code":400,"data":{{}},"message":{said}}}',
        "pandapon": f'{{"code":400,"requestId":{said},"msg":{said},"data":null}}',
    }
    return bodies[name].encode()


def _acceptance(name: str, request: Request, secret: str) -> bytes:
    [reference] = request.references
    said, who = json.dumps(secret), json.dumps(reference)
    listed = f'"orderNo":{who},"message":{said}'
    bodies = {
        "scexpress": f'{{"code":0,"data":[{{"code":0,"customernumber":{who},"systemnumber":{said},'
        f'"waybillnumber":{said},"shortnumber":{said}}}]}}',
        "oms": '{"code":"20000","success":true,"data":{"totalQty":1,"successQty":1,"failQty":0,'
        f'"successList":[{{{listed}}}],"failList":[]}}}}',
        "platform1688": '{"code":0,"result":true,"data":{"success":true,"code":"200",'
        f'"orderId":{said}}}}}',
        "apicenter": f'{{"code":0,"data":{{"order_number":{said},"status":{said}}}}}',
        "pandapon": f'{{"code":200,"developId":{said},'
        f'"data":[{{"baseInfo":{{"idOfStr":{said}}}}}]}}',
    }
    return bodies[name].encode()


# -- the search ------------------------------------------------------------------------------------


def spelled(secret: str) -> dict[str, bytes]:
    """The secret in every encoding in which it might leak."""
    found = {
        name: spell(secret)[1:-1].encode()
        for name, spell in SPELLINGS.items()
        if not name.startswith("base64")
    }
    found["JSON in JSON"] = json.dumps(json.dumps(secret)[1:-1])[1:-1].encode()
    found["plain"] = secret.encode()
    found["HTML"] = html.escape(secret).encode()
    found["XML"] = html.escape(secret, quote=False).encode()
    for before in range(3):
        encoded = _encoded("x" * before + secret)
        # The first letters also depend on what stands before, the last on what comes behind.
        found[f"base64 {before}"] = encoded[4:-4].encode()
    for name, data in list(found.items()):
        if not name.startswith("base64"):
            found[f"{name}, UTF-16"] = data.decode().encode("utf-16-le")
            found[f"{name}, small"] = data.lower()
    return {name: data for name, data in found.items() if len(data) > 6}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The content of every file, including the parts of workbooks."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for part in archive.namelist():
                        yield f"{path}: {part}", archive.read(part)


def found_in(places: Iterator[tuple[str, bytes]], secret: str) -> list[str]:
    forms = spelled(secret)
    return [
        f"{place} ({name})"
        for place, data in places
        for name, form in forms.items()
        if form in data
    ]


# -- the tests -------------------------------------------------------------------------------------


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files are all inspected."""
    folder = tmp_path / "left"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CONVERTER_HOME", str(folder / "home"))
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("converter.runs.submit.loop.send", hurried(send))
    return folder


def check_modes(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} is {mode:o}"


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_the_provider_sends_back_is_kept_without_secrets(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    secret, echo = SECRET[name], Echo(SECRET[name])
    Path("orders.csv").write_text(
        sheet(name, [f"R{number}" for number in range(len(Echo.KINDS))]), encoding="utf-8"
    )
    Path("converter.toml").write_text(SETTINGS_FILE if name == "platform1688" else "")
    said: list[tuple[str, bytes]] = []

    def run(*words: str) -> int:
        done = CliRunner().invoke(cli, list(words))
        said.append((" ".join(words), done.stdout_bytes + b"\n" + done.stderr_bytes))
        assert not done.exception or isinstance(done.exception, SystemExit), words
        return done.exit_code

    with closing(Provider(name)) as there:
        for variable, value in environment(name, there.url, secret).items():
            monkeypatch.setenv(variable, value)
        there.otherwise = echo
        submit = ("submit", "orders.csv", "-p", name, "--orders-per-request", "1")
        assert run(*submit, "--json") == 7  # the redirect comes last and stops the run
        requests = len(there.requests)
        there.otherwise = lambda talk: talk.reply(talk.provider.commit(talk.read()))
        run(*submit, "--lang", "zh")
        run("check", "orders.csv", "-p", name, "--json", "-o", "checked.xlsx")
        run("convert", "orders.csv", "-p", name, "-o", "requests.jsonl")
        run("convert", "orders.csv", "-p", name)
        run("reconcile", "orders.csv", "-p", name)
        run("status")
        run("status", "--json")
        run("providers", "--json")
        monkeypatch.setenv("CONVERTER_TIMEOUT_SECONDS", "soon")
        run(*submit)

    assert requests == len(Echo.KINDS)
    if name in ("scexpress", "oms", "apicenter"):  # the others only sign with it
        whole = there.requests[0].head + there.requests[0].raw.decode()
        assert secret in whole or json.dumps(secret, ensure_ascii=False)[1:-1] in whole
    echoed = b"".join(echo.sent)
    unseen = [form for form, data in spelled(secret).items()
              if data not in echoed and "UTF-16" not in form and "small" not in form]  # fmt: skip
    assert set(unseen) <= {"XML"}, "the provider sends it back in every form that is looked for"
    assert any("kept without" not in place for place, _ in said)
    assert found_in(contents(surroundings), secret) == []
    assert found_in(iter(said), secret) == []
    assert "***" in said[0][1].decode()
    check_modes(surroundings / "home")


def test_a_search_finds_what_lies_in_a_workbook(tmp_path: Path) -> None:
    """Otherwise the test above would prove nothing."""
    secret = ANYWHERE
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{html.escape(secret, quote=False)}</t>")
    (tmp_path / "b.json").write_text(json.dumps(f"x{secret}"))
    (tmp_path / "c.txt").write_text(_encoded(f"user:{secret}"))

    found = found_in(contents(tmp_path), secret)

    assert {Path(place.partition(" (")[0].partition(": ")[0]).name for place in found} == {
        "a.xlsx",
        "b.json",
        "c.txt",
    }


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here")
def test_other_users_see_no_secret_among_the_processes(surroundings: Path) -> None:
    name, secret = "oms", SECRET["oms"]
    seen: list[bytes] = []
    process: list[subprocess.Popen[bytes]] = []

    def look(talk: Talk) -> None:
        children = Path(f"/proc/{process[0].pid}/task").glob("*/cmdline")
        seen.extend(path.read_bytes() for path in children)
        talk.reply(talk.provider.commit(talk.read()))

    Path("orders.csv").write_text(sheet(name, ["R0"]), encoding="utf-8")
    with closing(Provider(name)) as there:
        there.otherwise = look
        words = ["submit", "orders.csv", "-p", name]
        more = environment(name, there.url, secret)
        process.append(
            subprocess.Popen(
                [sys.executable, "-m", "converter", *words],
                env={**os.environ, **more},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )
        out, _ = process[0].communicate(timeout=60)

    assert process[0].returncode == 0
    assert any(b"submit" in line for line in seen)
    assert found_in(iter([("cmdline", b"".join(seen)), ("output", out)]), secret) == []
    assert found_in(contents(surroundings), secret) == []


def test_the_sandbox_keeps_its_book_for_this_user_alone(surroundings: Path) -> None:
    before = os.umask(0)
    try:
        done = CliRunner().invoke(cli, ["template", "oms", "--example", "-o", "orders.xlsx"])
        assert done.exit_code == 0
        done = CliRunner().invoke(cli, ["submit", "orders.xlsx", "-p", "oms", "--sandbox"])
    finally:
        os.umask(before)

    assert done.exit_code == 0
    assert (surroundings / "home" / "sandbox" / "book.jsonl").is_file()
    check_modes(surroundings / "home")


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_secret_that_is_missing_or_unusable_is_named_and_not_shown(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    Path("orders.csv").write_text(sheet(name, ["R0"]), encoding="utf-8")
    Path("converter.toml").write_text(SETTINGS_FILE if name == "platform1688" else "")
    for variable, value in environment(name, "http://127.0.0.1:1", "two\nlines-密钥").items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("CONVERTER_TIMEOUT_SECONDS", "0.2")

    done = CliRunner().invoke(cli, ["submit", "orders.csv", "-p", name, "--json"])

    in_a_header = name in ("oms", "apicenter")
    assert done.exit_code == (2 if in_a_header else 7)
    assert ("cannot hold its value" in done.stderr) == in_a_header
    assert "lines-密钥" not in done.output
    assert found_in(contents(surroundings), "two\nlines-密钥") == []
    assert set(ACCOUNTS) == set(SECRETS) == set(PROVIDERS)
