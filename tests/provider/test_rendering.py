"""Bodies, addresses and headers of requests in all the forms that a mapping can say."""

from __future__ import annotations

import base64
import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from converter.errors import SettingsError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.model import HttpRequest, Order
from converter.orders.batches import batches
from converter.provider.request import Signer
from converter.settings import Settings

MAPPING = """\
provider: demo
title: {{en: Demo, zh: 演示}}
source: A page
settings:
  base_url: {{env: DEMO_URL, required: true}}
  auth_url: {{env: DEMO_AUTH_URL, default: "https://auth.test"}}
  shop: {{env: DEMO_SHOP, required: true}}
  option: {{env: DEMO_OPTION}}
  secret: {{env: DEMO_SECRET, required: true, secret: true}}
request:
{request}
order:
  reference: no
  lists: {{items: {{required: true}}}}
fields:
  - {{path: no, title: {{en: No, zh: 单号}}, required: true}}
  - {{path: hub, title: {{en: Hub, zh: 仓}}}}
  - {{path: total, title: {{en: Total, zh: 总}}, type: decimal}}
  - {{path: "items[].sku", title: {{en: SKU, zh: 货号}}}}
response:
  call_ok: id
  match: {{single: true, position: true}}
  accepted: id
"""
VALUES = {
    "base_url": "https://demo.test/v2",
    "auth_url": "https://auth.test",
    "shop": "S 1",
    "secret": "s3cret",
}
NOW = 1_700_000_000.25


def mapping(request: str) -> ProviderMapping:
    lines = "".join(f"  {line}\n" for line in request.strip().splitlines())
    return parse_mapping(MAPPING.format(request=lines.rstrip()), "demo.yaml")


def order(no: str, hub: str = "H1", total: str = "2.50") -> Order:
    payload = {"no": no, "hub": hub, "total": Decimal(total), "items": [{"sku": "a&b"}]}
    return Order(no, no, payload, (2,))


def made(request: str, *orders: Order, **options: Any) -> HttpRequest:
    values = Settings(VALUES, (), (), sandbox=options.pop("sandbox", False))
    signer = Signer(mapping(request), values, now=lambda: NOW, **options)
    return signer.request(orders or (order("A-1"),))


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        pytest.param(
            "path: /o\nbody: {meta: {v: 2, test: false, no: null, code: '007'}, list: $orders}",
            '{"meta":{"v":2,"test":false,"no":null,"code":"007"},"list":[ORDER]}',
            id="constants beside the list",
        ),
        pytest.param(
            'path: /o\nbody: {key: $secret, opt: $option, "...": $order}',
            '{"key":"s3cret","no":"A-1","hub":"H1","total":2.50,"items":[{"sku":"a&b"}]}',
            id="spread beside a credential, and an optional setting that is not set",
        ),
        pytest.param(
            "path: /rpc\nbody: {jsonrpc: '2.0', id: 1, params: [$shop, 5, $order]}",
            '{"jsonrpc":"2.0","id":1,"params":["S 1",5,ORDER]}',
            id="positional arguments",
        ),
        pytest.param(
            "path: /g\nbody: {query: {$literal: 'mutation($o: O!) { a(o: $o) { id } }'}, "
            "variables: {o: $order}}",
            '{"query":"mutation($o: O!) { a(o: $o) { id } }","variables":{"o":ORDER}}',
            id="GraphQL",
        ),
        pytest.param(
            "path: /o\nbody: {hub: $first.hub, total: {$number: '{sum(orders.total)}'}, n: "
            "{$number: '{count(orders)}'}, data: {$json: $orders}}",
            '{"hub":"H1","total":2.50,"n":1,"data":"[{\\"no\\":\\"A-1\\",\\"hub\\":\\"H1\\",'
            '\\"total\\":2.50,\\"items\\":[{\\"sku\\":\\"a&b\\"}]}]"}',
            id="JSON in JSON, numbers over the batch",
        ),
        pytest.param(
            "path: /o\nbody: {list: {$each: {id: $reference, data: $order}}}",
            '{"list":[{"id":"A-1","data":ORDER}]}',
            id="something around each order",
        ),
    ],
)
def test_json_bodies(request_: str, body: str) -> None:
    order_text = order("A-1").json.decode()

    assert made(request_).body.decode() == body.replace("ORDER", order_text)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        pytest.param(
            "encoding: form\npath: /o\nbody: {shop: $shop, v: 2, on: true, x: {$json: $order}}",
            "shop=S+1&v=2&on=true&x=%7B%22no%22%3A%22A-1%22%2C%22hub%22%3A%22H1%22%2C%22total%22"
            "%3A2.50%2C%22items%22%3A%5B%7B%22sku%22%3A%22a%26b%22%7D%5D%7D",
            id="JSON in a field",
        ),
        pytest.param(
            "encoding: form\nnesting: brackets\npath: /o\nbody: {o: $order}",
            "o%5Bno%5D=A-1&o%5Bhub%5D=H1&o%5Btotal%5D=2.50&o%5Bitems%5D%5B0%5D%5Bsku%5D=a%26b",
            id="brackets",
        ),
        pytest.param(
            'encoding: form\nnesting: dots\npath: /o\nbody: {"...": $order}',
            "no=A-1&hub=H1&total=2.50&items.0.sku=a%26b",
            id="dots",
        ),
    ],
)
def test_forms(request_: str, body: str) -> None:
    request = made(request_)

    assert request.body.decode() == body
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_request_without_a_body_has_no_type_of_one() -> None:
    request = made(
        "method: GET\npath: '/o/{reference}/{hub_of}'\nquery: {hub: $order.hub, t: $order.total, "
        "i: '{json(order.items)}', o: $option}".replace("{hub_of}", "x-{shop}"),
        order("A/1"),
    )

    assert (request.method, request.body) == ("GET", b"")
    assert request.url == (
        "https://demo.test/v2/o/A%2F1/x-S%201?hub=H1&t=2.50&i=%5B%7B%22sku%22%3A%22a%26b%22%7D%5D"
    )
    assert dict(request.headers) == {"Accept": "application/json"}


def test_headers_of_the_mapping_replace_the_usual_ones() -> None:
    request = made(
        "path: /o\nbody: $order\nheaders: {content-type: application/vnd.api+json, "
        "Accept: text/json, X: 'shop {shop}', O: 'a {option}'}"
    )

    assert dict(request.headers) == {
        "content-type": "application/vnd.api+json",
        "Accept": "text/json",
        "X": "shop S 1",
    }


def test_a_signature_in_the_body_is_of_the_rest_of_it() -> None:
    request = made(
        'path: /o\nbody: {"...": $order, at: $fresh.at, sign: $sign.all}\n'
        "fresh: {at: {time: '%Y-%m-%dT%H:%M:%S%:z', zone: Asia/Shanghai}}\n"
        "sign: {all: hex(sha256(body_text + secret))}"
    )
    body = json.loads(request.body, parse_float=Decimal)
    sign = body.pop("sign")
    rest = request.body.decode().replace(f',"sign":"{sign}"', "")

    assert body["at"] == "2023-11-15T06:13:20+08:00"
    assert sign == hashlib.sha256(f"{rest}s3cret".encode()).hexdigest()


def test_times_are_of_one_moment() -> None:
    clock = iter([NOW])
    values = Settings(VALUES, (), ())
    signer = Signer(
        mapping(
            "path: /o\nbody: $order\nheaders: {A: $fresh.s, B: $fresh.ms, C: $fresh.end, D: $date, "
            "E: $fresh.h}\nfresh: {s: {time: s}, ms: {time: ms}, end: {time: s, plus: 300}, "
            "h: {time: http}}"
        ),
        values,
        now=lambda: next(clock),
    )
    headers = signer.request([order("A-1")]).headers

    assert [headers[name] for name in "ABCDE"] == [
        "1700000000",
        "1700000000250",
        "1700000300",
        "Tue, 14 Nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 2023 22:13:20 GMT",
    ]


def test_keys_are_the_same_for_the_same_orders() -> None:
    request = "path: /o\nbody: $orders\norders_per_request: 5\nheaders: {K: $key}\nkey: '{content}'"
    one, same, other, more = (
        made(request, *orders)
        for orders in (
            [order("A")],
            [order("A")],
            [order("A", total="3")],
            [order("A"), order("B")],
        )
    )

    assert one.key == one.headers["K"] == same.key
    assert len({one.key, other.key, more.key}) == 3


def test_the_sandbox_gets_the_calls_to_other_hosts_too() -> None:
    request = "path: /o\nhost: $auth_url\nbody: $order"

    assert made(request).url == "https://auth.test/o"
    assert made(request, sandbox=True).url == "https://demo.test/v2/o"


def test_what_is_made_of_a_secret_is_masked() -> None:
    request = made(
        "path: /o\nbody: {'...': $order, pin: $secret}\nheaders: {A: 'Basic {base64(shop + \":\" + "
        "secret)}', B: 'x {secret} y', C: '{len(secret)}', D: '{hex(md5(body_text))}', "
        "S: 'v1={sign.a}'}\nsign: {a: hex(md5(shop))}",
        masked=True,
    )

    assert [request.headers[name] for name in "ABCDS"] == ["Basic ***", "x *** y"] + ["***"] * 2 + [
        "v1=***"
    ]
    assert json.loads(request.body)["pin"] == "***"
    assert base64.b64encode(b"s3cret").decode() not in str(request.headers)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        pytest.param(
            "path: '/o/{order.hub}'\nbody: $order",
            "The address of the request has a gap (/o/{order.hub}). Nothing was sent.",
            id="a gap in the path",
        ),
        pytest.param(
            'host: "https://{shop}.demo.test"\npath: /o\nbody: $order',
            "The request cannot be made (https://{shop}.demo.test): not an address. Nothing was "
            "sent.",
            id="a setting that makes no host",
        ),
        pytest.param(
            "path: /o\nbody: {a: $order, n: {$number: $shop}}",
            "The request cannot be made ($number): not a number. Nothing was sent.",
            id="no number",
        ),
        pytest.param(
            "path: /o\nbody: $order\nheaders: {A: '{hex(unbase64(base_url))}'}",
            "The request cannot be made ({hex(unbase64(base_url))}): unbase64() is given a text "
            "that is no Base64. Nothing was sent.",
            id="a key that is no Base64",
        ),
    ],
)
def test_requests_with_holes_are_never_made(request_: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        made(request_, order("A-1", hub=""))

    assert str(caught.value) == message


def test_orders_that_differ_in_what_a_request_has_once_travel_apart() -> None:
    given = mapping(
        "path: /o\nbody: {hub: $first.hub, list: $orders}\norders_per_request: 3\n"
        "key: '{first.no}'\nheaders: {K: $key}"
    )
    orders = [order("A"), order("B"), order("C", "H2"), order("D"), order("E"), order("F")]

    assert [[one.reference for one in batch] for batch in batches(orders, given)] == [
        ["A", "B"],
        ["C"],
        ["D", "E", "F"],
    ]
