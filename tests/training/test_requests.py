"""Requests of publicly documented APIs: address, headers, tokens and signatures, from mappings."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from converter import layout, sheet
from converter.checks import cells
from converter.json_text import encode
from converter.mapping.load import load_mapping
from converter.mapping.model import ProviderMapping
from converter.model import HttpRequest, Order, Reply
from converter.orders import grouping
from converter.orders.batches import batches
from converter.orders.payload import Payloads
from converter.provider.request import Signer
from converter.settings import Settings

HERE = Path(__file__).parent
NAMES = sorted(path.parent.name for path in HERE.glob("*/mapping.yaml"))
SIGNED = {"sign", "digest", "Digest", "Signature"}
"""Made of the exact text of a body, so recomputed here instead of compared."""


class TokenClient:
    """Answers every call for a token with the next one, and keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Reply:
        self.calls.append(request)
        number = len(self.calls)
        body = {"access_token": f"fx_access_{number}", "expires_in": 3600}
        return Reply(200, {}, encode(body))


def documented(name: str) -> Any:
    path = HERE / name / "expected_requests.json"
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def signer_of(name: str, mapping: ProviderMapping) -> Signer:
    asked = documented(name)
    given = asked["assumed"]
    first = next(request for request in asked["requests"] if request.get("order_keys"))
    values = {key: setting.default for key, setting in mapping.settings.items() if setting.default}
    values |= given.get("credentials", {}) | given.get("settings", {})
    values["base_url"] = "https://" + urlsplit(first["url"]).netloc
    if "auth_url" in mapping.settings:
        values["auth_url"] = "https://" + urlsplit(asked["requests"][0]["url"]).netloc
    clock = datetime.fromisoformat(given["clock_utc"]).timestamp()
    found = Settings({key: str(value) for key, value in values.items()}, (), ())
    return Signer(mapping, found, now=lambda: clock)


def batches_of(name: str, mapping: ProviderMapping) -> Iterator[tuple[Order, ...]]:
    file = HERE / name / "orders.csv"
    table = layout.find_table(sheet.read(file), mapping, file)
    settings = documented(name)["assumed"].get("settings", {})
    orders = grouping.group(cells.check(table, mapping, settings), mapping)
    payloads = Payloads(orders)
    return batches(
        (part for index in range(len(orders.references)) for part in payloads.of(index)), mapping
    )


@pytest.mark.parametrize("name", NAMES)
def test_requests_are_those_of_the_documentation(name: str) -> None:
    mapping = load_mapping(HERE / name / "mapping.yaml")
    signer, client = signer_of(name, mapping), TokenClient()
    signer.connect(client, lambda _: None)
    wanted = documented(name)["requests"]
    made = [signer.request(batch) for batch in batches_of(name, mapping)]

    assert [*map(read, made)] == [
        expected(request) for request in wanted if request.get("order_keys")
    ]
    assert [*map(read, client.calls)] == [
        expected(request) for request in wanted if request["id"] == "token"
    ]
    for request, want in zip(made, (one for one in wanted if one.get("order_keys")), strict=True):
        assert {**request.headers}.keys() >= want["headers"].keys()
        CHECKS.get(name, lambda _: None)(request)


def expected(want: Any) -> dict[str, Any]:
    body = want.get("body")
    if "form_fields" in want:
        body = {**want["form_fields"], **want.get("body_decoded", {})}
    return {
        "method": want["method"],
        "url": want["url"],
        "query": want["query"],
        "headers": {k: v for k, v in want["headers"].items() if k not in SIGNED},
        "body": without_signatures(body),
    }


def read(request: HttpRequest) -> dict[str, Any]:
    """A request in the form of the documented ones."""
    headers = {k: v for k, v in request.headers.items() if k not in SIGNED}
    if headers["Accept"] == "application/json":
        del headers["Accept"]
    address = urlsplit(request.url)
    body: Any
    if "json" in headers["Content-Type"]:
        body = json.loads(request.body, parse_float=Decimal)
    else:
        body = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        for key, value in body.items():
            if value[:1] in ("{", "["):
                body[key] = json.loads(value, parse_float=Decimal)
    return {
        "method": request.method,
        "url": f"{address.scheme}://{address.netloc}{address.path}",
        "query": dict(parse_qsl(address.query, keep_blank_values=True)),
        "headers": headers,
        "body": without_signatures(body),
    }


def without_signatures(body: Any) -> Any:
    return {k: v for k, v in body.items() if k != "sign"} if isinstance(body, dict) else body


# -- signatures, worked out a second time from what was really sent --------------------------------


def check_wangdiantong(request: HttpRequest) -> None:
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    sign = fields.pop("sign")
    text = ";".join(
        f"{len(name):02}-{name}:{len(value):04}-{value}" for name, value in sorted(fields.items())
    )

    assert sign == hashlib.md5((text + "fx_appsecret").encode()).hexdigest()


def check_jnt(request: HttpRequest) -> None:
    content = dict(parse_qsl(request.body.decode()))["bizContent"]
    digest = hashlib.md5((content + "fx_private_key").encode()).digest()

    assert request.headers["digest"] == base64.b64encode(digest).decode()


def check_cybersource(request: HttpRequest) -> None:
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    signed = (
        f"host: {urlsplit(request.url).netloc}\ndate: {request.headers['Date']}\n"
        f"request-target: post /invoicing/v2/invoices\ndigest: {digest}\n"
        "v-c-merchant-id: fx_merchant"
    )
    key = base64.b64decode("Znhfc2hhcmVkX3NlY3JldF9rZXlfMDEyMzQ1Njc4OSE=")
    made = base64.b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()

    assert request.headers["Digest"] == digest
    assert request.headers["Signature"] == (
        'keyid="fx-key-id-0001", algorithm="HmacSHA256", '
        f'headers="host date request-target digest v-c-merchant-id", signature="{made}"'
    )


CHECKS = {
    "wangdiantong": check_wangdiantong,
    "jnt-express-eg": check_jnt,
    "cybersource-invoices": check_cybersource,
}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_secret_is_in_masked_requests(name: str) -> None:
    mapping = load_mapping(HERE / name / "mapping.yaml")
    asked = documented(name)["assumed"]
    secrets = {
        asked["credentials"][key]
        for key, setting in mapping.settings.items()
        if setting.secret and key in asked["credentials"]
    }
    secrets |= {base64.b64encode(f"fx_{a}:fx_{b}".encode()).decode() for a, b in PAIRS}
    for values in (signer_of(name, mapping).settings, Settings({}, (), ())):
        masked = Signer(mapping, values, masked=True)
        for batch in batches_of(name, mapping):
            request = masked.request(batch)
            text = f"{request.url} {request.headers} {request.body.decode()}"

            assert not [secret for secret in secrets if secret in text]
            assert "***" in text or "%2A%2A%2A" in text


PAIRS = [("client_id", "client_secret"), ("login", "password"), ("public_key", "secret_key")]
