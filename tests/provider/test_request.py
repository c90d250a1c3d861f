"""Content of requests, a new signature for each, and no secrets in masked ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from converter.errors import SettingsError
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Recipe
from converter.model import HttpRequest, Order
from converter.provider.request import Signer
from converter.settings import Settings

NOW = 1_700_000_000.25
NONCE = "0123456789abcdefghijklmnopqrstuv"

VALUES: dict[str, dict[str, str]] = {
    "scexpress": {"base_url": "http://tms.test", "code": "DEMO1", "token": "scx-secret"},
    "oms": {"base_url": "https://oms.test/api", "company_code": "ACME", "api_token": "oms-secret"},
    "platform1688": {"base_url": "https://p.test", "public_key": "817C", "secret": "1688-secret"},
    "apicenter": {"base_url": "https://wms.test", "token": "wms-secret"},
    "pandapon": {
        "base_url": "https://api.pandapon.com",
        "access_key": "demo-access-key",
        "access_secret": "demo-access-secret",
        "user_id": "2100007341207",
        "timestamp_unit": "s",
    },
}
SECRETS = [value for found in VALUES.values() for value in found.values() if "secret" in value]


@cache
def mapping(provider: str) -> ProviderMapping:
    return load_mapping(find_mapping(provider))


def signer(
    provider: str,
    *,
    without: str = "",
    recipe: Recipe | None = None,
    sandbox: bool = False,
    action: str | None = None,
    masked: bool = False,
    **changes: str,
) -> Signer:
    values = {**VALUES[provider], **changes}
    values.pop(without, None)
    found = Settings(values, (), (), recipe, sandbox)
    return Signer(
        mapping(provider),
        found,
        action,
        masked=masked,
        now=lambda: NOW,
        random=lambda length: NONCE[:length],
    )


def order(reference: str = "R1", **payload: Any) -> Order:
    return Order(reference, reference, {"reference": reference, **payload}, (2,))


def sent(request: HttpRequest) -> Any:
    return json.loads(request.body)


# -- what each provider's document asks for --------------------------------------------------------


def test_scexpress_has_code_and_token_in_the_body() -> None:
    request = signer("scexpress").request([order("R1"), order("R2")])

    assert (request.method, request.url) == ("POST", "http://tms.test/api/order/create")
    assert sent(request) == {
        "authorization": {"code": "DEMO1", "token": "scx-secret"},
        "datas": [{"reference": "R1"}, {"reference": "R2"}],
    }
    assert dict(request.headers) == {
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


def test_scexpress_has_a_second_action() -> None:
    request = signer("scexpress", action="createForecast").request([order()])

    assert request.url == "http://tms.test/api/order/createForecast"


def test_scexpress_asks_by_reference() -> None:
    request = signer("scexpress").query(["R1", "R2"])

    assert request.url == "http://tms.test/api/order/waybillnumber"
    assert sent(request) == {
        "authorization": {"code": "DEMO1", "token": "scx-secret"},
        "datas": {"customernumber": ["R1", "R2"]},
    }


def test_oms_has_the_bare_token_in_a_header_and_a_bare_array() -> None:
    request = signer("oms").request([order("R1"), order("R2")])

    assert request.url == "https://oms.test/api/middle/platform-order/create-batch/ACME"
    assert request.headers["Authorization"] == "oms-secret"
    assert sent(request) == [{"reference": "R1"}, {"reference": "R2"}]


def test_apicenter_sends_one_order_as_the_whole_body() -> None:
    request = signer("apicenter").request([order()])

    assert request.url == "https://wms.test/apicenter/api/order"
    assert request.headers["Authorization"] == "wms-secret"
    assert sent(request) == {"reference": "R1"}


@pytest.mark.parametrize(
    ("unit", "timestamp", "signature"),
    [
        pytest.param("s", "1700000000", "E402CB66F9E560756EBBCC3107984296", id="seconds"),
        pytest.param("ms", "1700000000250", "", id="milliseconds"),
    ],
)
def test_pandapon_signs_in_five_headers(unit: str, timestamp: str, signature: str) -> None:
    request = signer("pandapon", timestamp_unit=unit).request([order()])

    plain = f"demo-access-key{timestamp}{NONCE}demo-access-secret"
    expected = signature or hashlib.md5(plain.encode()).hexdigest().upper()
    names = ("access-key", "timestamp", "nonce-str", "user-id", "signature")
    assert [request.headers[name] for name in names] == [
        "demo-access-key",
        timestamp,
        NONCE,
        "2100007341207",
        expected,
    ]
    assert request.url == "https://api.pandapon.com/alibaba/order/batch/create"
    assert sent(request) == {"reference": "R1"}


def test_pandapon_signs_milliseconds_as_worked_out_by_hand() -> None:
    values = Settings({**VALUES["pandapon"], "timestamp_unit": "ms"}, (), ())
    made = Signer(mapping("pandapon"), values, now=lambda: 1_700_000_000.0, random=lambda _: NONCE)

    assert made.request([order()]).headers["signature"] == "0BA02AA57118D0FA1C18AFD9D1C7CEBE"


def test_platform1688_is_signed_in_the_body_beside_the_order() -> None:
    made = signer("platform1688", sandbox=True).request([order(cargoParamList=[])])

    nonce, stamp = NONCE[:16], "1700000000"
    plain = f"817C{nonce}{stamp}1688-secret"
    assert made.url == "https://p.test/api/v3/platform/order/create"
    assert sent(made) == {
        "reference": "R1",
        "cargoParamList": [],
        "public_key": "817C",
        "nonce_str": nonce,
        "second_timestamp": stamp,
        "sign": hashlib.md5(plain.encode()).hexdigest().upper(),
    }


# -- signatures ------------------------------------------------------------------------------------


def test_platform1688_is_not_sent_live_without_the_providers_rule() -> None:
    with pytest.raises(SettingsError) as caught:
        signer("platform1688")

    assert str(caught.value) == (
        "This provider does not publish how `sign` is made. Ask it for the rule and configure it: "
        "in converter.toml under [platform1688.signature] with join, hash and encode, or as "
        "`recipe` in a copy of this mapping. check, convert and --sandbox work without it. "
        "Nothing was sent."
    )


def test_platform1688_is_sent_live_with_a_rule_from_the_settings() -> None:
    recipe = Recipe(
        join=("$public_key", "$fresh.nonce_str", "$fresh.second_timestamp"),
        separator="&",
        hash="sha256",
        key="$secret",
        encode="hex",
    )
    made = sent(signer("platform1688", recipe=recipe).request([order()]))

    plain = f"817C&{NONCE[:16]}&1700000000"
    assert made["sign"] == hmac.new(b"1688-secret", plain.encode(), "sha256").hexdigest()


RECIPES = [
    pytest.param("md5", None, "hex", id="md5"),
    pytest.param("sha1", None, "HEX", id="sha1 in capitals"),
    pytest.param("sha256", None, "base64", id="sha256 in base64"),
    pytest.param("sha512", "$secret", "hex", id="hmac sha512"),
    pytest.param("sha1", "$secret", "base64", id="hmac sha1 in base64"),
]


@pytest.mark.parametrize(("hash_", "key", "encode"), RECIPES)
def test_every_way_to_hash_and_to_write(hash_: Any, key: str | None, encode: Any) -> None:
    recipe = Recipe(join=("a", "$public_key"), separator="|", hash=hash_, key=key, encode=encode)
    made = sent(signer("platform1688", recipe=recipe).request([order()]))["sign"]

    digest = (
        hmac.new(b"1688-secret", b"a|817C", hash_).digest()
        if key
        else hashlib.new(hash_, b"a|817C").digest()
    )
    written = {"hex": digest.hex(), "HEX": digest.hex().upper()}
    written["base64"] = base64.b64encode(digest).decode()
    assert made == written[encode]


def test_the_path_and_the_body_can_be_signed() -> None:
    """The body with an empty signature."""
    recipe = Recipe(join=("$path", "$body"), separator=":", hash="md5")
    made = sent(signer("platform1688", recipe=recipe).request([order()]))

    signature = made.pop("sign")
    body = json.dumps({**made, "sign": ""}, separators=(",", ":"))
    plain = f"/api/v3/platform/order/create:{body}"
    assert signature == hashlib.md5(plain.encode()).hexdigest()


def test_every_request_has_fresh_values() -> None:
    clock: Iterator[int] = iter([1, 2])
    values = Settings(VALUES["pandapon"], (), ())
    made = Signer(mapping("pandapon"), values, now=lambda: next(clock))
    first, second = (made.request([order()]).headers for _ in range(2))

    assert (first["timestamp"], second["timestamp"]) == ("1", "2")
    assert first["nonce-str"] != second["nonce-str"]
    assert first["signature"] != second["signature"]
    for headers in (first, second):
        assert re.fullmatch(r"[A-Za-z0-9]{32}", headers["nonce-str"])


def test_the_same_order_is_signed_anew() -> None:
    one, two = signer("pandapon"), signer("pandapon", timestamp_unit="ms")

    assert one.request([order()]).body == two.request([order()]).body
    assert (
        one.request([order()]).headers["signature"] != two.request([order()]).headers["signature"]
    )


# -- settings in requests --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "segment"),
    [
        pytest.param("A/B", "A%2FB", id="slash"),
        pytest.param("A B?x=1#y", "A%20B%3Fx%3D1%23y", id="signs of an address"),
        pytest.param("100%", "100%25", id="percent"),
        pytest.param("深圳", "%E6%B7%B1%E5%9C%B3", id="Chinese"),
        pytest.param("{api_token}", "%7Bapi_token%7D", id="a name in braces stays text"),
    ],
)
def test_a_setting_in_the_path_is_one_segment_of_it(code: str, segment: str) -> None:
    request = signer("oms", company_code=code).request([order()])

    assert request.url == f"https://oms.test/api/middle/platform-order/create-batch/{segment}"


def test_a_header_is_left_out_where_its_setting_is_optional_and_not_set() -> None:
    assert "Authorization" not in signer("apicenter", without="token").request([order()]).headers


@pytest.mark.parametrize(
    ("without", "name"), [("company_code", "OMS_COMPANY_CODE"), ("base_url", "OMS_BASE_URL")]
)
def test_an_address_with_a_gap_is_never_used(without: str, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set. Nothing was sent.$"):
        signer("oms", without=without).request([order()])


@pytest.mark.parametrize("token", ["abc\r", "abc\n", " abc", "密钥", "a\u200bb", "a\0b"])
def test_a_header_never_holds_what_cannot_be_sent(token: str) -> None:
    """A settings file with Windows line ends, and a token pasted with blanks around it."""
    with pytest.raises(SettingsError) as caught:
        signer("oms", api_token=token).request([order()])

    assert str(caught.value) == (
        "The header Authorization cannot hold its value ($api_token): it has a line end, a blank "
        "at an end or a letter that is not English. Look at the setting it comes from. "
        "Nothing was sent."
    )


def test_what_customers_write_is_never_replaced() -> None:
    payload = {"note": "$token", "memo": "{code}", "...": "$orders", "list": ["$signature"]}
    request = signer("scexpress").request([Order("R1", "R1", payload, (2,))])

    assert sent(request)["datas"] == [payload]


@pytest.mark.parametrize(
    ("provider", "action", "message"),
    [
        pytest.param("oms", "create", "oms has one action only: leave --action out.", id="one"),
        pytest.param(
            "scexpress",
            "forecast",
            "scexpress has no action 'forecast'. Its actions: create, createForecast.",
            id="unknown",
        ),
    ],
)
def test_an_action_that_there_is_not(provider: str, action: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        signer(provider, action=action)

    assert str(caught.value) == message


# -- masked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", VALUES)
def test_masked_requests_hold_no_secret(provider: str) -> None:
    request = signer(provider, masked=True).request([order()])

    text = f"{request.url} {dict(request.headers)} {request.body.decode()}"
    assert [secret for secret in SECRETS if secret in text] == []
    assert "***" in text


@pytest.mark.parametrize("provider", VALUES)
def test_masked_requests_need_no_settings(provider: str) -> None:
    request = Signer(mapping(provider), Settings({}, (), ()), masked=True).request([order()])

    settings = mapping(provider).settings
    assert request.url.startswith(f"{{{settings['base_url'].env}}}/")
    text = f"{request.url} {dict(request.headers)} {request.body.decode()}"
    for name, setting in settings.items():
        if setting.required and not setting.secret:
            assert f"{{{setting.env}}}" in text, name


def test_a_masked_request_shows_where_everything_goes() -> None:
    values = Settings({"timestamp_unit": "ms"}, (), ())
    made = Signer(mapping("pandapon"), values, masked=True, now=lambda: NOW, random=lambda _: NONCE)

    assert dict(made.request([order()]).headers) == {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "access-key": "{PANDAPON_ACCESS_KEY}",
        "timestamp": "1700000000250",
        "nonce-str": NONCE,
        "user-id": "{PANDAPON_USER_ID}",
        "signature": "***",
    }


def test_a_masked_path_keeps_the_name_of_what_is_missing() -> None:
    request = signer("oms", without="company_code", masked=True).request([order()])

    assert request.url == (
        "https://oms.test/api/middle/platform-order/create-batch/{OMS_COMPANY_CODE}"
    )


def test_secrets_and_bodies_do_not_show_in_a_repr() -> None:
    request = signer("scexpress").request([order()])

    assert repr(request) == "HttpRequest(method='POST', url='http://tms.test/api/order/create')"
