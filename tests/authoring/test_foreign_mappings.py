"""A mapping is somebody else's file: what a hostile one can try, and what a person agrees to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import converter
from converter.errors import MappingError, SettingsError
from converter.mapping.load import parse_mapping
from converter.runs import approval
from converter.settings import load
from tests.runs.test_samples import ACME, sheet

Run = Callable[..., Result]

HOSTED = ACME.replace("ACME_URL, required: true", 'ACME_URL, default: "https://acme.example"')


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    monkeypatch.setenv("ACME_ACCOUNT", "shop-1")
    monkeypatch.setenv("ACME_TOKEN", "s3cret-acme")
    monkeypatch.setenv("OMS_API_TOKEN", "s3cret-oms")
    sheet(home, "A1")
    return home


def objection(file: Path) -> str:
    """Why nothing would be sent by a mapping."""
    with pytest.raises(SettingsError) as error:
        converter.submit(file.parent / "orders.csv", provider=str(file))
    return str(error.value)


def test_nothing_is_sent_before_somebody_agreed(run: Run, secrets: Path) -> None:
    (secrets / "acme.yaml").write_text(HOSTED, encoding="utf-8")

    done = run("submit", "orders.csv", "-p", "acme.yaml", "--yes")

    assert done.exit_code == 2
    assert done.stderr == (
        "Error: acme.yaml is a mapping of your own or of somebody else, and nobody here has agreed "
        "yet to what it sends. acme.example gets ACME_ACCOUNT, ACME_TOKEN. If that is right, run "
        "`converter mapping trust acme.yaml` once, or give --trust-mapping. Nothing was sent.\n"
    )


def test_what_was_agreed_to_holds_for_this_mapping_and_its_hosts_alone(
    run: Run, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = secrets / "acme.yaml"
    file.write_text(HOSTED, encoding="utf-8")

    done = run("mapping", "trust", "acme.yaml")

    assert done.stdout == "acme.example gets ACME_ACCOUNT, ACME_TOKEN.\n"
    assert done.stderr == "acme.yaml may send now, as it stands.\n"
    monkeypatch.setenv("ACME_URL", "https://other.example")
    assert "other.example gets ACME_ACCOUNT, ACME_TOKEN." in objection(file)
    monkeypatch.delenv("ACME_URL")
    file.write_text(HOSTED.replace("acme.example", "evil.example"), encoding="utf-8")
    assert "evil.example gets ACME_ACCOUNT, ACME_TOKEN." in objection(file)


def test_a_host_that_looks_like_another_is_shown_as_it_is(secrets: Path) -> None:
    file = secrets / "acme.yaml"
    file.write_text(HOSTED.replace("acme.example", "аcme.example"), encoding="utf-8")

    assert "xn--cme-5cd.example gets ACME_ACCOUNT, ACME_TOKEN." in objection(file)


def test_this_machine_needs_no_agreement_where_a_person_named_it(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a stub on loopback; but not where the mapping itself names it."""
    text = HOSTED.replace("  path: /v1", "  host: $second\n  path: /v1").replace(
        "  token:", "  second: {env: ACME_SECOND, required: true}\n  token:", 1
    )
    mapping = parse_mapping(text, "acme.yaml")
    origin = approval.origin_of(secrets / "acme.yaml", mapping)
    monkeypatch.setenv("ACME_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ACME_SECOND", "http://localhost:8")

    assert approval.objection(origin, mapping, load(mapping)) == ""
    own = parse_mapping(
        HOSTED.replace('"https://acme.example"', '"http://127.0.0.1:2375"').replace(
            "  path: /v1", "  plain_http: true\n  path: /v1"
        ),
        "acme.yaml",
    )
    monkeypatch.delenv("ACME_URL")
    origin = approval.origin_of(secrets / "acme.yaml", own)
    assert "127.0.0.1:2375 gets" in approval.objection(origin, own, load(own))


def test_settings_of_another_provider_are_not_read(run: Run, secrets: Path) -> None:
    """Neither for a live run nor for what is only shown."""
    file = secrets / "acme.yaml"
    stolen = HOSTED.replace("{env: ACME_ACCOUNT", "{env: OMS_API_TOKEN")
    file.write_text(stolen, encoding="utf-8")

    shown = run("convert", "orders.csv", "-p", "acme.yaml")

    assert "s3cret-oms" not in shown.output
    assert objection(file) == (
        f"{file} reads OMS_API_TOKEN, which are not settings of its own: those begin with ACME_. "
        f"Rename them, or allow it with: converter mapping trust {file} --allow OMS_API_TOKEN"
    )
    with pytest.raises(SettingsError):
        converter.submit(secrets / "orders.csv", provider=str(file), trust_mapping=True)


def test_a_person_may_allow_another_name_once(run: Run, secrets: Path) -> None:
    file = secrets / "acme.yaml"
    file.write_text(HOSTED.replace("{env: ACME_ACCOUNT", "{env: OMS_API_TOKEN"), encoding="utf-8")

    run("mapping", "trust", "acme.yaml", "--allow", "OMS_API_TOKEN")

    shown = run("convert", "orders.csv", "-p", "acme.yaml")
    assert "/v1/s3cret-oms/orders" in shown.stdout
    file.write_text(
        file.read_text(encoding="utf-8").replace("zh: 顶点", "zh: 别的"), encoding="utf-8"
    )
    assert "reads OMS_API_TOKEN" in objection(file)


def test_a_mapping_that_calls_itself_as_a_shipped_one_is_asked_about(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCEXPRESS_ACCOUNT", "x")
    monkeypatch.setenv("SCEXPRESS_TOKEN", "y")
    file = secrets / "scexpress.yaml"
    posing = HOSTED.replace("acme\n", "scexpress\n", 1).replace("ACME_", "SCEXPRESS_")
    file.write_text(posing, encoding="utf-8")

    assert "acme.example gets SCEXPRESS_ACCOUNT, SCEXPRESS_TOKEN." in objection(file)


@pytest.mark.parametrize(
    "request_line",
    [
        pytest.param("path: /v1/{token}/orders", id="path"),
        pytest.param('path: "/v1"\n  query: {t: $token}', id="query"),
        pytest.param('path: "/v1"\n  query: {t: "a{token}"}', id="inside a text"),
        pytest.param('path: "/v1"\n  query: {t: "{base64(token)}"}', id="made of it"),
    ],
)
def test_a_secret_in_the_address_is_masked_where_it_is_shown(
    run: Run, secrets: Path, request_line: str
) -> None:
    text = HOSTED.replace("path: /v1/{account}/orders", request_line)
    (secrets / "acme.yaml").write_text(text, encoding="utf-8")

    shown = run("convert", "orders.csv", "-p", "acme.yaml", "--log-file", "log.txt")

    assert shown.exit_code == 0
    assert "s3cret" not in shown.output + (secrets / "log.txt").read_text(encoding="utf-8")
    assert "czNjcmV0" not in shown.output  # the same in Base64


def field(text: str) -> str:
    return HOSTED.replace("rules:", "").replace(
        "response:\n", f"  - {{path: new, {text}}}\nresponse:\n", 1
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(field("formula: '" + "(" * 1900 + "'"), "more than 60 deep", id="brackets"),
        pytest.param(field("formula: '" + "not " * 490 + "x'"), "more than 60 deep", id="not"),
        pytest.param(field("formula: '" + "1+" * 5000 + "1'"), "longer than 2,000", id="long"),
        pytest.param(field("text: '" + "{{" * 9000 + "'"), "longer than 2,000", id="template"),
        pytest.param(
            HOSTED.replace("code == `0`", "'" + "!" * 1900 + "a'"), "more than 80 deep", id="answer"
        ),
        pytest.param(
            HOSTED.replace("code == `0`", "a" * 19_000), "longer than 2,000", id="long answer"
        ),
        pytest.param(
            HOSTED.replace("X-Token: $token", "X: '{" + "hex(" * 490 + "}'"),
            "nested too deep",
            id="signature",
        ),
        pytest.param(
            HOSTED.replace("source: made up", "source: " + "[" * 9000), "nest", id="YAML"
        ),
        pytest.param(
            HOSTED.replace("source: made up", "source: &a [*a, *a]"), "anchors", id="aliases"
        ),
        pytest.param(
            HOSTED.replace("source: made up", 'source: "\\x1b[2J"'), "U+001B", id="terminal"
        ),
        pytest.param(
            HOSTED.replace("en: Acme,", 'en: "\\u202eemcA",'), "U+202E", id="backwards"
        ),
        pytest.param(HOSTED.replace("provider: acme", "provider: ../a"), "small letters", id="up"),
        pytest.param(field("value: x").replace(" new,", " ../new,"), "not a path", id="path"),
        pytest.param(HOSTED.replace("ACME_URL", '"A B"'), "a name such as", id="variable"),
        pytest.param(field("value: $token"), "never into an order", id="secret in an order"),
    ],
)  # fmt: skip
def test_what_a_mapping_cannot_do(text: str, problem: str) -> None:
    began = time.monotonic()

    with pytest.raises(MappingError) as error:
        parse_mapping(text, "acme.yaml")

    assert problem in str(error.value)
    assert time.monotonic() - began < 5
