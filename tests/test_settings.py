"""Settings: where each one is looked up, what is refused, and that no secret is shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from converter import settings
from converter.errors import SettingsError
from converter.mapping import listing
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Recipe

OMS = load_mapping(find_mapping("oms"))
PANDAPON = load_mapping(find_mapping("pandapon"))
PLATFORM1688 = load_mapping(find_mapping("platform1688"))
SCEXPRESS = load_mapping(find_mapping("scexpress"))
APICENTER = load_mapping(find_mapping("apicenter"))
MAPPINGS = (OMS, PANDAPON, PLATFORM1688, SCEXPRESS, APICENTER)


@dataclasses.dataclass(frozen=True)
class Places:
    """The two files in which settings may stand."""

    here: Path
    person: Path


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty folder to work in, an empty home, and none of our names in the environment."""
    for mapping in MAPPINGS:
        for setting in mapping.settings.values():
            monkeypatch.delenv(setting.env, raising=False)
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: home / name)
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "data"))
    person = home / "converter" / "converter.toml"
    person.parent.mkdir(parents=True)
    return Places(here / "converter.toml", person)


def complaint(mapping: ProviderMapping = OMS) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(mapping)
    return str(caught.value)


# -- where settings come from ----------------------------------------------------------------------


def test_the_environment_outdoes_this_folder_which_outdoes_the_person(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.person.write_text('[oms]\nbase_url = "https://person"\ncompany_code = "P"\n')
    assert settings.load(OMS).values["base_url"] == "https://person"

    places.here.write_text('[oms]\nbase_url = "https://here"\n')
    assert settings.load(OMS).values["base_url"] == "https://here"

    monkeypatch.setenv("OMS_BASE_URL", "https://environment")
    found = settings.load(OMS).values

    assert found["base_url"] == "https://environment"
    assert found["company_code"] == "P"


def test_defaults_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load(OMS).values == {"time_zone": "Asia/Shanghai"}

    monkeypatch.setenv("OMS_TIME_ZONE", "Europe/Berlin")
    assert settings.load(OMS).values == {"time_zone": "Europe/Berlin"}


def test_an_empty_name_in_the_environment_is_not_set(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.here.write_text('[oms]\ncompany_code = "ACME"\n')
    monkeypatch.setenv("OMS_COMPANY_CODE", "")

    assert settings.load(OMS).values["company_code"] == "ACME"


def test_blanks_and_line_ends_around_a_value_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_API_TOKEN", " s3cret\r\n")

    assert settings.load(OMS).secrets == ("s3cret",)


def test_each_provider_has_its_own_table(places: Places) -> None:
    places.here.write_text('[pandapon]\nuser_id = "21"\n[oms]\ncompany_code = 7\n')

    assert settings.load(PANDAPON).values["user_id"] == "21"
    assert settings.load(OMS).values["company_code"] == "7"


def test_a_secret_may_stand_in_a_file_of_its_own(places: Places) -> None:
    """Named from where the settings file lies, and without the line's end."""
    (places.here.parent / "token.txt").write_text("  s3cret\n", encoding="utf-8")
    places.here.write_text('[oms]\napi_token_file = "token.txt"\n')
    found = settings.load(OMS)

    assert found.values["api_token"] == "s3cret"
    assert found.secrets == ("s3cret",)


def test_the_sandbox_has_its_own_values_and_no_others(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_API_TOKEN", "real")
    places.here.write_text("[oms]\nbroken =")
    given = {"OMS_BASE_URL": "http://127.0.0.1:9/oms/", "OMS_COMPANY_CODE": "SBX"}
    found = settings.load(OMS, sandbox=given)

    assert found.values == {
        "base_url": "http://127.0.0.1:9/oms",
        "company_code": "SBX",
        "time_zone": "Asia/Shanghai",
    }
    assert (found.missing, found.secrets, found.sandbox) == (("OMS_API_TOKEN",), (), True)


def test_the_home_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "kept"))

    assert settings.home() == tmp_path / "kept"


# -- what is missing -------------------------------------------------------------------------------


def test_missing_settings_are_named_and_only_asked_for_when_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMS_COMPANY_CODE", "ACME")
    found = settings.load(OMS)

    assert found.missing == ("OMS_BASE_URL", "OMS_API_TOKEN")
    with pytest.raises(SettingsError) as caught:
        found.require()
    assert str(caught.value) == (
        "Settings are missing: OMS_BASE_URL, OMS_API_TOKEN. Set them in the environment or in "
        "converter.toml; `converter providers` shows what each one is. Nothing was sent."
    )


def test_optional_settings_are_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APICENTER_BASE_URL", "https://wms.example")
    found = settings.load(APICENTER)

    found.require()
    assert found.values == {"base_url": "https://wms.example"}


def test_the_state_of_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_COMPANY_CODE", "ACME")

    found = settings.with_states(listing.providers()["oms"]).settings.values()

    assert [(setting.env, setting.state) for setting in found] == [
        ("OMS_BASE_URL", "not set"),
        ("OMS_COMPANY_CODE", "set"),
        ("OMS_API_TOKEN", "not set"),
        ("OMS_CALLS", "not set"),
        ("OMS_TIME_ZONE", "default"),
    ]


def test_secrets_do_not_show_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_API_TOKEN", "s3cret")

    assert "s3cret" not in repr(settings.load(OMS))


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("outdone", [False, True], ids=["alone", "outdone by the environment"])
def test_a_secret_in_a_settings_file_is_refused(
    places: Places, monkeypatch: pytest.MonkeyPatch, outdone: bool
) -> None:
    places.here.write_text('[oms]\napi_token = "s3cret"\n')
    if outdone:
        monkeypatch.setenv("OMS_API_TOKEN", "other")

    assert complaint() == (
        "converter.toml: api_token is a secret and may not stand in this file. Put it into the "
        "environment as OMS_API_TOKEN, or into a file of its own named by api_token_file."
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        pytest.param(
            '[oms]\ncompany_cod = "A"\n',
            "converter.toml: 'company_cod' is no setting of oms, did you mean 'company_code'?",
            id="a misspelt key",
        ),
        pytest.param(
            "[oms]\nzzz = 1\n", "converter.toml: 'zzz' is no setting of oms", id="a foreign key"
        ),
        pytest.param(
            'oms = "https://oms.example"\n',
            "converter.toml: [oms] must be a table of settings.",
            id="no table",
        ),
        pytest.param(
            "[oms]\ncompany_code = true\n",
            "converter.toml: company_code must be text in quotes.",
            id="true",
        ),
        pytest.param(
            "[oms]\ncompany_code = 0.5\n",
            "converter.toml: company_code must be text in quotes.",
            id="a fraction",
        ),
        pytest.param(
            '[oms]\ncompany_code = ["A"]\n',
            "converter.toml: company_code must be text in quotes.",
            id="a list",
        ),
        pytest.param(
            '[oms.signature]\njoin = ["a"]\nhash = "md5"\n',
            "converter.toml: oms signs nothing, so it takes no signature.",
            id="a signature for a provider that wants none",
        ),
    ],
)
def test_settings_files_that_cannot_be_meant(places: Places, toml: str, message: str) -> None:
    places.here.write_text(toml, encoding="utf-8")

    assert complaint() == message


def test_a_settings_file_that_is_no_toml(places: Places) -> None:
    places.here.write_bytes(b"[oms\n")
    assert complaint().startswith("converter.toml cannot be read as TOML: ")

    places.here.write_bytes(b'[oms]\ncompany_code = "\xff"\n')
    assert complaint().startswith("converter.toml cannot be read as TOML: ")


def test_a_settings_file_that_cannot_even_be_looked_for(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = places.person.parent / ("n" * 300)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: nowhere)

    assert complaint().startswith(f"{nowhere / 'converter.toml'} cannot be read as TOML: ")


def test_the_persons_own_file_is_named_in_full(places: Places) -> None:
    places.person.write_text("[oms]\nzzz = 1\n")

    assert complaint() == f"{places.person}: 'zzz' is no setting of oms"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "cannot be read", id="not there"),
        pytest.param(b"\xff\xfe\x00", "cannot be read", id="no text"),
        pytest.param(b" \n", "is empty", id="empty"),
    ],
)
def test_secret_files_that_hold_no_secret(
    places: Places, content: bytes | None, problem: str
) -> None:
    if content is not None:
        (places.here.parent / "token.txt").write_bytes(content)
    places.here.write_text('[oms]\napi_token_file = "token.txt"\n')

    assert complaint() == f"The secret file token.txt, named in converter.toml, {problem}."


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://oms.example", "https://oms.example"),
        ("https://oms.example/", "https://oms.example"),
        ("https://oms.example:8443/v1//", "https://oms.example:8443/v1"),
        (" https://oms.example \n", "https://oms.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses_that_can_be_used(given: str, used: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_BASE_URL", given)

    assert settings.load(OMS).values["base_url"] == used


PLAIN = "is a plain http address, over which secrets would travel in clear. Use https://."


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param(
            "oms.example", "must be an address that begins with https://.", id="no scheme"
        ),
        pytest.param(
            "ftp://oms.example", "must be an address that begins with https://.", id="ftp"
        ),
        pytest.param("https://", "must be an address that begins with https://.", id="no host"),
        pytest.param("file:///etc", "must be an address that begins with https://.", id="a file"),
        pytest.param("http://oms.example", PLAIN, id="plain http"),
        pytest.param("http://localhost.oms.example", PLAIN, id="only looks like this machine"),
        pytest.param("http://127.0.0.1.oms.example", PLAIN, id="looks like it too"),
        pytest.param(
            "https://me:pw@oms.example", "may not hold a user name or password.", id="credentials"
        ),
        pytest.param(
            "https://me@oms.example", "may not hold a user name or password.", id="a user name"
        ),
        pytest.param(
            "https://oms.example/?a=1",
            "must be an address without blanks, '?' and '#'.",
            id="a question mark",
        ),
        pytest.param(
            "https://oms.example#a",
            "must be an address without blanks, '?' and '#'.",
            id="a fragment",
        ),
        pytest.param(
            "https://oms.example/a b",
            "must be an address without blanks, '?' and '#'.",
            id="a blank",
        ),
    ],
)
def test_addresses_that_are_refused(
    given: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_BASE_URL", given)

    assert complaint() == f"OMS_BASE_URL {problem}"


@pytest.mark.parametrize("given", ["https://oms.example:port", "https://[::1", "https://x:99999"])
def test_addresses_that_are_none(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_BASE_URL", given)

    assert complaint().startswith("OMS_BASE_URL is not an address (")


def test_plain_http_is_used_where_the_provider_has_nothing_else() -> None:
    assert settings.load(SCEXPRESS).values["base_url"] == "http://tms.gateway.sc-express.cn"


# -- values that steer the program -----------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Beijing", "GMT+8", "../etc/passwd", "Asia", "+08:00"])
def test_a_time_zone_that_there_is_not(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_TIME_ZONE", zone)

    message = "OMS_TIME_ZONE must be the name of a time zone, such as Asia/Shanghai."
    assert complaint() == message


@pytest.mark.parametrize("unit", ["MS", "seconds", "us"])
def test_a_unit_of_time_that_there_is_not(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANDAPON_TIMESTAMP_UNIT", unit)

    assert complaint(PANDAPON) == "PANDAPON_TIMESTAMP_UNIT must be s or ms."


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0.0), ("1.5", 1.5), ("1e2", 100.0), ("", 900.0)]
)
def test_a_number_from_the_environment(
    text: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", text)

    assert settings.number("CONVERTER_SETTLE_SECONDS", 900.0) == expected


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf", "1,5"])
def test_a_number_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", text)

    with pytest.raises(SettingsError) as caught:
        settings.number("CONVERTER_SETTLE_SECONDS", 900.0)
    assert str(caught.value) == "CONVERTER_SETTLE_SECONDS must be a number of seconds, 0 or more."


# -- a signing rule --------------------------------------------------------------------------------

RULE = '[platform1688.signature]\njoin = ["$public_key", "$fresh.nonce_str", "$secret"]\n'


def test_a_signing_rule_is_taken_from_the_first_file_that_has_one(places: Places) -> None:
    places.person.write_text(f'{RULE}hash = "sha1"\n')
    assert settings.load(PLATFORM1688).recipe == Recipe(
        join=("$public_key", "$fresh.nonce_str", "$secret"), hash="sha1"
    )

    places.here.write_text(f'{RULE}hash = "md5"\nencode = "HEX"\nseparator = "&"\n')
    found = settings.load(PLATFORM1688).recipe

    assert found is not None
    assert (found.hash, found.encode, found.separator) == ("md5", "HEX", "&")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param("", "signature.hash: Field required.", id="no hash"),
        pytest.param(
            'hash = "crc32"',
            "signature.hash: Input should be 'md5', 'sha1', 'sha256' or 'sha512'.",
            id="a hash that is not known",
        ),
        pytest.param(
            'hash = "md5"\nsalt = "x"',
            "signature.salt: Extra inputs are not permitted.",
            id="a key that is not known",
        ),
        pytest.param(
            'hash = "md5"\nkey = "letmein"',
            "signature: the key is a $setting, never the secret itself.",
            id="a secret written out",
        ),
        pytest.param(
            'hash = "md5"\nkey = "$sekret"',
            "signature: $sekret is no setting of this mapping.",
            id="a setting that there is not",
        ),
    ],
)
def test_signing_rules_that_cannot_be_followed(places: Places, lines: str, problem: str) -> None:
    places.here.write_text(f"{RULE}{lines}\n")

    assert complaint(PLATFORM1688) == f"converter.toml: {problem}"


def test_a_signing_rule_that_is_no_table(places: Places) -> None:
    places.here.write_text('[platform1688]\nsignature = "md5"\n')

    assert complaint(PLATFORM1688).startswith("converter.toml: signature: ")
