"""The pretend providers, spoken to as their documents say, with nothing but httpx."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from converter import sandbox
from converter.sandbox import schema
from converter.sandbox.server import Running

Order = dict[str, Any]

STALL_SECONDS = 0.4
PROVIDERS = ["scexpress", "oms", "platform1688", "apicenter", "pandapon"]


# -- speaking to the providers -------------------------------------------------------------------


def waybill(reference: str, **changes: Any) -> Order:
    """One row of SC-Express's sample, completed with the members its table requires."""
    order: Order = {
        "channelid": "HK_TNT",
        "customernumber1": reference,
        "customernumber2": "",
        "number": 2,
        "isbattery": 2,
        "forecastweight": "31.1",
        "packagetypecode": "O",
        "goodstypecode": "WPX",
        "countrycode": "SA",
        "consigneename": "Nwabisa Mkaka",
        "consigneeaddress1": "nah Iskan 2 Khamis",
        "consigneecity": "Khamis Mushait",
        "consigneezipcode": "13958",
        "consigneeprovince": "Asir",
        "consigneetel": "546102083",
        "consigneeemail": "admin@example.com",
        "sendercountrycode": "CN",
        "sendername": "李雷",
        "senderaddress1": "1 Example Road",
        "sendercity": "Shenzhen",
        "senderzipcode": "518000",
        "senderprovince": "Guangdong",
        "sendermobile": "13800000000",
    }
    volume = {
        "customerchildnumber": "CH-1001",
        "prenum": 2,
        "prelength": 50,
        "prewidth": 50,
        "preheight": 50.5,
        "prerweight": 15.55,
        "number": "1",
    }
    item = {
        "skucode": "PK-08-001",
        "cnname": "手机壳",
        "enname": "phone case",
        "weight": 1.15,
        "mweight": 1.25,
        "quantity": 10,
        "quantityunit": "PCS",
        "price": 5.87,
        "declarecurrency": "USD",
        "hscode": "3926909090",
        "origin": "CN",
        "number": "1",
    }
    return changed({"order": order, "volumes": [volume], "items": [item]}, changes)


def platform_order(reference: str, **changes: Any) -> Order:
    order = {
        "platformOrderNo": reference,
        "platformWarehouseCode": "US-LA-01",
        "shippingMethodCode": "UPS-GROUND",
        "trackingNo": "",
        "buyerName": "Jane Roe",
        "buyerPostcode": "90001",
        "buyerCountryCode": "US",
        "buyerMobile": "3235550100",
        "buyerCity": "Los Angeles",
        "buyerAddress": "100 Example St",
        "orderTime": "2025-12-01T02:15:22.000Z",
        "itemDTOs": [{"sku": "SKU-001", "quantity": 2}],
    }
    return changed(order, changes)


def purchase(reference: str, **changes: Any) -> Order:
    order = {
        "flow": "general",
        "message": "买家留言",
        "outOrderId": reference,
        "addressParam": {
            "fullName": "张三",
            "mobile": "15251667788",
            "provinceText": "浙江省",
            "cityText": "杭州市",
            "areaText": "滨江区",
            "address": "网商路699号",
        },
        "cargoParamList": [
            {"offerId": 554465348334, "specId": "b266e0726506185beaf205cbae88530d", "quantity": 5},
            {"offerId": 554465348335, "specId": "2ba3d63866a71fbae83909d9b4814f01", "quantity": 6},
        ],
    }
    return changed(order, changes)


def warehouse_order(reference: str, **changes: Any) -> Order:
    order = {
        "centre_code": "CKMX",
        "client_code": "CK2023",
        "real_time_response": True,
        "process_type": 1,
        "logistics_provider": {
            "code": "DHL",
            "tracking_number": "",
            "label_url": "",
            "label_base64": "",
        },
        "package": {"order_number": reference},
        "receiver": {"name": "Jane Roe", "country_code": "PH"},
        "items": [{"sku": "SKU-001", "currency": "PHP", "unit_price": 46, "qty": 2}],
    }
    return changed(order, changes)


def merchants_order(reference: str, **changes: Any) -> Order:
    order = {
        "flow": "general",
        "message": f"{reference} 请尽快发货",
        "shopPromotionId": None,
        "addressParam": {
            "fullName": "张三",
            "mobile": "13800000000",
            "provinceText": "浙江省",
            "cityText": "杭州市",
            "areaText": "滨江区",
            "address": "示例路1号",
        },
        "cargoParamList": [
            {"offerId": 554456348334, "quantity": 5, "sellerOpenId": "SELLER-A"},
            {"offerId": 554456348335, "quantity": 6, "sellerOpenId": "SELLER-B"},
            {"offerId": 554456348336, "quantity": 1, "sellerOpenId": "SELLER-A"},
        ],
    }
    return changed(order, changes)


NOTHING = object()


def changed(order: Order, changes: dict[str, Any]) -> Order:
    """A copy with members set, or taken away by NOTHING: ``order__isbattery=1``, ``items__0=…``."""
    order = copy.deepcopy(order)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        target: Any = order
        for step in steps:
            target = target[step]
        if value is NOTHING:
            del target[last]
        else:
            target[last] = value
    return order


ORDER: dict[str, Callable[..., Order]] = {
    "scexpress": waybill,
    "oms": platform_order,
    "platform1688": purchase,
    "apicenter": warehouse_order,
    "pandapon": merchants_order,
}
PATH = {
    "scexpress": "/api/order/create",
    "oms": "/middle/platform-order/create-batch/SANDBOX",
    "platform1688": "/api/v3/platform/order/create",
    "apicenter": "/apicenter/api/order",
    "pandapon": "/alibaba/order/batch/create",
}


def md5(*parts: str) -> str:
    return hashlib.md5("".join(parts).encode()).hexdigest().upper()


class Desk:
    """Someone with a sandbox's credentials."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.environment = running.environment
        # A proxy in the environment of the test is none of the test's business.
        self.http = httpx.Client(base_url=running.url, trust_env=False, timeout=10)

    def headers(self, provider: str, **changes: str) -> dict[str, str]:
        mine = self.environment
        if provider == "oms":
            return {"authorization": mine["OMS_API_TOKEN"]} | changes
        if provider != "pandapon":
            return changes
        given = {
            "access-key": mine["PANDAPON_ACCESS_KEY"],
            "timestamp": str(time.time_ns() // 1_000_000),
            "nonce-str": secrets.token_hex(16),
            "user-id": mine["PANDAPON_USER_ID"],
        } | changes
        secret = mine["PANDAPON_ACCESS_SECRET"]
        signed = md5(given["access-key"], given["timestamp"], given["nonce-str"], secret)
        return {"signature": signed} | given

    def body(self, provider: str, *orders: Order, **changes: Any) -> Any:
        mine = self.environment
        if provider == "oms":
            return list(orders)
        if provider == "scexpress":
            mine_here = {"code": mine["SCEXPRESS_CODE"], "token": mine["SCEXPRESS_TOKEN"]}
            return {"authorization": mine_here, "datas": list(orders)} | changes
        [order] = orders
        if provider != "platform1688":
            return order
        given = {
            "public_key": mine["PLATFORM1688_PUBLIC_KEY"],
            "nonce_str": secrets.token_hex(8),
            "second_timestamp": str(int(time.time())),
        } | changes
        signed = md5(*given.values(), mine["PLATFORM1688_SECRET"])
        return {"sign": signed} | given | order

    def send(self, provider: str, *orders: Order, **changes: Any) -> httpx.Response:
        """Post the orders; ``changes`` go where the provider's credentials are."""
        in_headers = changes if provider == "pandapon" else {}
        in_body = changes if provider != "pandapon" else {}
        return self.http.post(
            PATH[provider],
            json=self.body(provider, *orders, **in_body),
            headers=self.headers(provider, **in_headers),
        )

    def post(self, provider: str, content: bytes, **headers: str) -> httpx.Response:
        headers = {"content-type": "application/json"} | headers
        return self.http.post(
            PATH[provider], content=content, headers=self.headers(provider) | headers
        )

    def created(self, reference: str) -> list[dict[str, Any]]:
        return [entry for entry in self.running.book() if entry["reference"] == reference]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox.serve(stall_seconds=STALL_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def desk(running: Running) -> Iterator[Desk]:
    desk = Desk(running)
    with desk.http:
        yield desk


_count = itertools.count(1)


@pytest.fixture
def reference() -> str:
    """One that no other test uses: they share a book."""
    return f"PO-{next(_count)}"


# -- good answers --------------------------------------------------------------------------------


def test_scexpress_answers_each_row_in_another_order(desk: Desk, reference: str) -> None:
    response = desk.send("scexpress", waybill(f"{reference}-a"), waybill(f"{reference}-b"))

    [first] = desk.created(f"{reference}-a")
    serial = f"{first['seq']:08d}"
    answer = response.json()
    assert answer["code"] == 0
    assert [row["customernumber"] for row in answer["data"]] == [
        f"{reference}-b",
        f"{reference}-a",
    ]
    assert answer["data"][1] == {
        "code": 0,
        "msg": "下单成功",
        "customernumber": f"{reference}-a",
        "systemnumber": f"SBX-{serial}",
        "waybillnumber": f"SBX-W{serial}",
        "childs": [
            {
                "customernumber": "CH-1001",
                "systemnumber": f"SBX-{serial}-1",
                "tracknumber": f"SBX-T{serial}-1",
            },
            {
                "customernumber": "CH-1001-2",
                "systemnumber": f"SBX-{serial}-2",
                "tracknumber": f"SBX-T{serial}-2",
            },
        ],
    }
    assert first == {
        "seq": first["seq"],
        "provider": "scexpress",
        "reference": f"{reference}-a",
        "number": f"SBX-{serial}",
        "request": waybill(f"{reference}-a"),
    }


def test_scexpress_forecast_creates_too(desk: Desk, reference: str) -> None:
    body = desk.body("scexpress", waybill(reference))

    answer = desk.http.post("/api/order/createForecast", json=body).json()

    assert [row["code"] for row in answer["data"]] == [0]
    assert len(desk.created(reference)) == 1


def test_scexpress_finds_orders_by_reference(desk: Desk, reference: str) -> None:
    [made] = desk.send("scexpress", waybill(reference)).json()["data"]
    body = desk.body("scexpress", datas={"customernumber": [reference, "nobody's"]})

    answer = desk.http.post("/api/order/waybillnumber", json=body).json()

    assert answer == {
        "code": 0,
        "msg": "调用成功",
        "data": {
            "customernumber": [
                {**made, "msg": "获取单号成功", "tracknumber": "", "shortnumber": ""},
                {"code": -1, "msg": "单号系统中不存在", "customernumber": "nobody's"},
            ]
        },
    }


def test_oms_lists_successes_and_failures(desk: Desk, reference: str) -> None:
    response = desk.send("oms", platform_order(reference), platform_order(f"{reference}-REJECT"))

    answer = response.json()
    assert answer.pop("timestamp").isdigit()
    assert len(answer.pop("requestId")) == 32
    assert answer == {
        "code": "20000",
        "success": True,
        "data": {
            "totalQty": 2,
            "successQty": 1,
            "failQty": 1,
            "successList": [{"orderNo": reference, "message": "处理成功"}],
            "failList": [{"orderNo": f"{reference}-REJECT", "message": "SKU 不存在: SKU-001"}],
        },
        "message": "请求成功",
        "errors": [],
        "duration": 0.01,
    }
    assert [entry["request"] for entry in desk.created(reference)] == [platform_order(reference)]


def test_platform1688_answers_as_its_sample(desk: Desk, reference: str) -> None:
    answer = desk.send("platform1688", purchase(reference)).json()

    [entry] = desk.created(reference)
    assert entry["number"].startswith("9990000")
    assert entry["number"].isdigit()
    assert entry["request"] == purchase(reference)
    assert answer == {
        "code": 0,
        "result": True,
        "message": "success",
        "data": {
            "totalSuccessAmount": 1100,
            "orderId": entry["number"],
            "success": True,
            "code": "200",
            "message": None,
            "accountPeriod": {"tapType": 1, "tapDate": 12, "tapOverdue": 0},
            "failedOfferList": [],
            "postFee": 10,
            "orderList": [],
        },
    }


def test_apicenter_answers_with_its_own_number(desk: Desk, reference: str) -> None:
    answer = desk.send("apicenter", warehouse_order(reference)).json()

    [entry] = desk.created(reference)
    assert entry["number"] == f"SBX-{entry['seq']:08d}"
    assert entry["request"] == warehouse_order(reference)
    assert answer == {
        "code": 0,
        "data": {
            "order_number": entry["number"],
            "status": "created",
            "number_of_package": 1,
            "total_weight": "0",
            "logistic_provider_code": "DHL",
            "status_message": "",
            "shortage_at": "",
            "cancel_at": "",
            "allocate_at": "",
            "pack_at": "",
            "handover_at": "",
            "tracking_number": f"SBX-T{entry['seq']:08d}",
            "logistics_message": "",
            "sorting_code": "",
            "sorting_no": "",
            "items": [],
            "shipments": [],
        },
        "message": "success",
    }


def test_apicenter_keeps_the_tracking_number_it_is_given(desk: Desk, reference: str) -> None:
    order = warehouse_order(reference, logistics_provider__tracking_number="1Z999")

    assert desk.send("apicenter", order).json()["data"]["tracking_number"] == "1Z999"


@pytest.mark.parametrize("stamp", [pytest.param(13, id="ms"), pytest.param(10, id="seconds")])
def test_pandapon_creates_an_order_for_each_seller(desk: Desk, reference: str, stamp: int) -> None:
    timestamp = str(time.time_ns())[:stamp]

    answer = desk.send("pandapon", merchants_order(reference), timestamp=timestamp).json()

    first, second = desk.created(reference)
    goods = merchants_order(reference)["cargoParamList"]
    assert first["request"]["cargoParamList"] == [goods[0], goods[2]]
    assert second["request"] == {**merchants_order(reference), "cargoParamList": [goods[1]]}
    assert (answer["code"], answer["msg"]) == (200, "成功")
    assert [order["baseInfo"]["idOfStr"] for order in answer["data"]] == [
        first["number"],
        second["number"],
    ]
    assert [[line["productID"] for line in order["productItems"]] for order in answer["data"]] == [
        [554456348334, 554456348336],
        [554456348335],
    ]
    assert answer["data"][0]["nativeLogistics"]["contactPerson"] == "张三"


@pytest.mark.parametrize("provider", ["oms", "platform1688", "apicenter"])
def test_a_repeated_reference_is_created_again_where_nothing_forbids_it(
    desk: Desk, provider: str, reference: str
) -> None:
    for _ in range(2):
        desk.send(provider, ORDER[provider](reference))

    first, second = desk.created(reference)
    assert first["request"] == second["request"]
    assert first["number"] != second["number"]


def test_scexpress_refuses_a_repeated_reference(desk: Desk, reference: str) -> None:
    twice = desk.send("scexpress", waybill(reference), waybill(reference)).json()["data"]
    again = desk.send("scexpress", waybill(reference, order__note="x")).json()["data"]

    refused = {
        "code": -1,
        "msg": "客户参考号1已存在，不允许重复提交",
        "customernumber": reference,
    }
    assert [row["code"] for row in twice] == [-1, 0]
    assert twice[0] == refused
    assert again == [refused]
    assert len(desk.created(reference)) == 1


# -- strangers -----------------------------------------------------------------------------------

STRANGERS = [
    pytest.param(
        "scexpress", {"authorization": {"code": "SANDBOX", "token": "real"}}, id="scexpress-token"
    ),
    pytest.param(
        "scexpress",
        {"authorization": {"code": "REAL", "token": "sandbox-token-scexpress"}},
        id="scexpress-code",
    ),
    pytest.param("scexpress", {"authorization": {}}, id="scexpress-none"),
    pytest.param("platform1688", {"public_key": "817C573329FCC180"}, id="platform1688-key"),
    pytest.param("platform1688", {"second_timestamp": "1714370093"}, id="platform1688-old"),
    pytest.param("platform1688", {"second_timestamp": "now"}, id="platform1688-time"),
    pytest.param("platform1688", {"nonce_str": ""}, id="platform1688-no-nonce"),
    pytest.param("platform1688", {"nonce_str": 7}, id="platform1688-nonce-number"),
    pytest.param("pandapon", {"access-key": "real"}, id="pandapon-key"),
    pytest.param("pandapon", {"user-id": "2100007341207"}, id="pandapon-user"),
    pytest.param("pandapon", {"signature": "0" * 32}, id="pandapon-signature"),
    pytest.param("pandapon", {"timestamp": "1715669977082"}, id="pandapon-old"),
    pytest.param("pandapon", {"timestamp": "17156699770"}, id="pandapon-time"),
    pytest.param("pandapon", {"nonce-str": "nonce-str"}, id="pandapon-short-nonce"),
]
STRANGER_ANSWER: dict[str, Order] = {
    "scexpress": {"code": 1001, "msg": "授权失败，请检查code和token", "data": []},
    "platform1688": {"code": 10001, "result": False, "data": None},
    "pandapon": {"code": 401, "msg": "signature error", "data": None},
}


@pytest.mark.parametrize(("provider", "changes"), STRANGERS)
def test_strangers_are_refused(
    desk: Desk, provider: str, changes: dict[str, Any], reference: str
) -> None:
    if "nonce_str" in changes and not isinstance(changes["nonce_str"], str):
        order = ORDER[provider](reference, **changes)
        response = desk.send(provider, order)
    else:
        response = desk.send(provider, ORDER[provider](reference), **changes)

    expected = STRANGER_ANSWER[provider]
    assert response.status_code == 200
    assert {name: response.json()[name] for name in expected} == expected
    assert desk.created(reference) == []


@pytest.mark.parametrize("provider", ["platform1688", "pandapon"])
def test_a_wrong_signature_and_a_used_nonce_are_refused(
    desk: Desk, provider: str, reference: str
) -> None:
    body = desk.body(provider, ORDER[provider](reference))
    headers = desk.headers(provider)
    wrong_body = {**body, "sign": "0" * 32} if "sign" in body else body
    wrong_headers = {**headers, "signature": headers["signature"].lower()} if headers else {}

    codes = [
        desk.http.post(PATH[provider], json=sent, headers=with_headers).json()["code"]
        for sent, with_headers in [(wrong_body, wrong_headers), (body, headers), (body, headers)]
    ]

    refused, welcome = STRANGER_ANSWER[provider]["code"], {"pandapon": 200}.get(provider, 0)
    assert codes == [refused, welcome, refused]
    assert len(desk.created(reference)) == {"pandapon": 2}.get(provider, 1)


@pytest.mark.parametrize(
    ("path", "token", "status", "code"),
    [
        pytest.param("/SANDBOX", "real", 401, "40100", id="wrong token"),
        pytest.param("/SANDBOX", "Bearer sandbox-token-oms", 401, "40100", id="prefixed token"),
        pytest.param("/SANDBOX", "", 401, "40100", id="no token"),
        pytest.param("/OTHER", "sandbox-token-oms", 403, "40300", id="another company"),
    ],
)
def test_oms_refuses_strangers(
    desk: Desk, path: str, token: str, status: int, code: str, reference: str
) -> None:
    response = desk.http.post(
        f"/middle/platform-order/create-batch{path}",
        json=[platform_order(reference)],
        headers={"authorization": token},
    )

    answer = response.json()
    assert response.status_code == status
    assert (answer["code"], answer["success"], answer["data"]) == (code, False, None)
    assert desk.created(reference) == []


@pytest.mark.parametrize("path", ["", "/"], ids=["no company", "empty company"])
def test_oms_needs_a_company_in_its_path(desk: Desk, path: str) -> None:
    response = desk.http.post(
        f"/middle/platform-order/create-batch{path}", json=[], headers=desk.headers("oms")
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({}, 200, 0, id="no token"),
        pytest.param({"authorization": "sandbox-token-apicenter"}, 200, 0, id="token"),
        pytest.param({"authorization": "Bearer sandbox-token-apicenter"}, 200, 0, id="bearer"),
        pytest.param({"authorization": "real"}, 401, 401, id="wrong token"),
    ],
)
def test_apicenter_refuses_only_a_wrong_token(
    desk: Desk, headers: dict[str, str], status: int, code: int, reference: str
) -> None:
    response = desk.http.post(PATH["apicenter"], json=warehouse_order(reference), headers=headers)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert len(desk.created(reference)) == (status == 200)


# -- bodies that cannot be taken -----------------------------------------------------------------

REFUSED = {
    "scexpress": ("code", 1002),
    "oms": ("code", "40000"),
    "platform1688": ("code", 10002),
    "apicenter": ("code", 400),
    "pandapon": ("code", 400),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"a": ', id="cut short"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": 1e999}', id="too large"),
        pytest.param(b'{"a": 1, "a": 2}', id="a member twice"),
        pytest.param(b'{"a": "\\ud800"}', id="half a surrogate pair"),
        pytest.param("{'a': '中'}".encode("gbk"), id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(b"9" * 5_000, id="too many digits"),
    ],
)
def test_what_is_not_json_is_refused(desk: Desk, provider: str, content: bytes) -> None:
    response = desk.post(provider, content)

    name, code = REFUSED[provider]
    assert response.status_code == 200
    assert response.json()[name] == code


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_form_is_refused(desk: Desk, provider: str, reference: str) -> None:
    content = json.dumps(desk.body(provider, ORDER[provider](reference))).encode()

    response = desk.post(provider, content, **{"content-type": "text/plain"})

    name, code = REFUSED[provider]
    assert response.json()[name] == code
    assert desk.created(reference) == []


def refusal_texts(provider: str, answer: Any) -> str:
    """What a provider says about an order that does not fit."""
    if provider == "scexpress":
        [row] = answer["data"]
        assert (answer["code"], row["code"]) == (0, -1)
        return str(row["msg"])
    name, code = REFUSED[provider]
    assert answer[name] == code
    if provider == "oms":
        return "；".join(answer["errors"])
    return str(answer["msg" if provider == "pandapon" else "message"])


@pytest.mark.parametrize(
    ("provider", "changes", "text"),
    [
        pytest.param(
            "scexpress",
            {"order__consigneeemail": NOTHING},
            "下单失败: 收件人邮箱 (consigneeemail) 为必填项",
            id="scexpress-missing",
        ),
        pytest.param(
            "scexpress",
            {"order__consigneename": "", "order__channelid": NOTHING},
            "下单失败: 收货渠道 (channelid) 为必填项；收件人名称 (consigneename) 为必填项",
            id="scexpress-blank-and-missing",
        ),
        pytest.param(
            "scexpress",
            {"order__number": "2"},
            "下单失败: 总件数 (number) 类型不正确，应为 integer",
            id="scexpress-number-as-text",
        ),
        pytest.param(
            "scexpress",
            {"order__number": 2.0},
            "下单失败: 总件数 (number) 类型不正确，应为 integer",
            id="scexpress-double-for-integer",
        ),
        pytest.param(
            "scexpress",
            {"order__forecastweight": 31.1},
            "下单失败: 预报总重量 (forecastweight) 类型不正确，应为 string",
            id="scexpress-weight-as-number",
        ),
        pytest.param(
            "scexpress",
            {"order__forecastweight": "0.0"},
            "下单失败: 预报总重量 (forecastweight) 格式不正确",
            id="scexpress-no-weight",
        ),
        pytest.param(
            "scexpress",
            {"order__isbattery": 0},
            "下单失败: 是否带电 (isbattery) 取值不正确，应为 1 / 2",
            id="scexpress-battery-0",
        ),
        pytest.param(
            "scexpress",
            {"order__isbattery": True},
            "下单失败: 是否带电 (isbattery) 类型不正确，应为 integer",
            id="scexpress-battery-true",
        ),
        pytest.param(
            "scexpress",
            {"order__packagetypecode": "X"},
            "下单失败: 包裹类型 (packagetypecode) 取值不正确，应为 G / C / D / O",
            id="scexpress-enum",
        ),
        pytest.param(
            "scexpress",
            {"order__consigneezipcode": "12345678901"},
            "下单失败: 收件人邮编 (consigneezipcode) 长度不能超过 10",
            id="scexpress-too-long",
        ),
        pytest.param(
            "scexpress",
            {"order__iossnumber": "IM123"},
            "下单失败: 未知字段 (iossnumber) 不在接口文档中",
            id="scexpress-unknown",
        ),
        pytest.param(
            "scexpress",
            {"items__0__quantity": 0, "items__0__note": "配" * 21},
            "下单失败: 数量 (items[0].quantity) 不能小于 1；"
            "配货信息 (items[0].note) 长度不能超过 20",
            id="scexpress-item",
        ),
        pytest.param(
            "scexpress",
            {"items": []},
            "下单失败: 物品信息 (items) 为必填项",
            id="scexpress-no-items",
        ),
        pytest.param(
            "scexpress",
            {"volumes__0__customerchildnumber": NOTHING, "volumes__0__prelength": 0},
            "下单失败: 客户子单号 (volumes[0].customerchildnumber) 为必填项；"
            "长(CM) (volumes[0].prelength) 必须大于 0",
            id="scexpress-volume-incomplete",
        ),
        pytest.param(
            "scexpress",
            {"order__consigneetel": NOTHING, "order__sendermobile": ""},
            "下单失败: 收件人电话 (consigneetel) 与收件人手机 (consigneemobile) 二选一必填；"
            "寄件人电话 (sendertel) 与寄件人手机 (sendermobile) 二选一必填",
            id="scexpress-no-phones",
        ),
        pytest.param(
            "scexpress",
            {"order__isinsurance": 1, "order__insurancevalue": 10},
            "下单失败: 投保类型 (insurancetypepkid) 投保时为必填项；"
            "投保币别 (insurancecurrency) 投保时为必填项",
            id="scexpress-insured",
        ),
        pytest.param(
            "scexpress",
            {"order__number": 3},
            "下单失败: 总件数 (number) 3 与材积件数合计 2 不一致",
            id="scexpress-pieces",
        ),
        pytest.param(
            "scexpress",
            {"items__0__number": "7"},
            "下单失败: 箱序号 (items[0].number) 7 在材积信息中不存在",
            id="scexpress-box",
        ),
        pytest.param(
            "scexpress",
            {"order__interfacefieldvalue": "fapiaohao=1"},
            "下单失败: 其它扩展字段 (interfacefieldvalue) 不是有效的 JSON 对象",
            id="scexpress-extension",
        ),
        pytest.param(
            "oms",
            {"itemDTOs__0__quantity": "2", "buyerName": NOTHING},
            "收件人姓名 ([0].buyerName) 为必填项；"
            "数量 ([0].itemDTOs[0].quantity) 类型不正确，应为 integer",
            id="oms-missing-and-type",
        ),
        pytest.param(
            "oms",
            {"insurePrice": 1.5},
            "投保金额 ([0].insurePrice) 类型不正确，应为 string",
            id="oms-price-as-number",
        ),
        pytest.param(
            "oms",
            {"orderTime": "2025-12-01 02:15:22"},
            "下单时间 ([0].orderTime) 格式不正确",
            id="oms-time",
        ),
        pytest.param(
            "oms",
            {"attachmentOpenDTOs": []},
            "未知字段 ([0].attachmentOpenDTOs) 不在接口文档中",
            id="oms-sibling-member",
        ),
        pytest.param(
            "platform1688",
            {"cargoParamList__0__offerId": "554465348334"},
            "商品id (cargoParamList[0].offerId) 类型不正确，应为 integer",
            id="platform1688-offer-as-text",
        ),
        pytest.param(
            "platform1688",
            {"addressParam__mobile": NOTHING},
            "手机 (addressParam.mobile) 与电话 (addressParam.phone) 二选一必填",
            id="platform1688-no-phone",
        ),
        pytest.param(
            "platform1688",
            {"flow": "wholesale"},
            "流程 (flow) 取值不正确，应为 general / fenxiao / saleproxy / paired / "
            "boutiquefenxiao / boutiquepifa",
            id="platform1688-flow",
        ),
        pytest.param(
            "platform1688",
            {"addressParam": NOTHING},
            "收货地址 (addressParam) 为必填项",
            id="platform1688-no-address",
        ),
        pytest.param(
            "apicenter",
            {"items__0__unit_price": 46.5},
            "单价 (items[0].unit_price) 类型不正确，应为 integer",
            id="apicenter-price",
        ),
        pytest.param(
            "apicenter",
            {"logistics_provider__label_url": NOTHING},
            "面单地址 (logistics_provider.label_url) 为必填项",
            id="apicenter-label",
        ),
        pytest.param(
            "pandapon",
            {"cargoParamList__1__sellerOpenId": NOTHING},
            "卖家open id (cargoParamList[1].sellerOpenId) 为必填项",
            id="pandapon-seller",
        ),
        pytest.param(
            "pandapon",
            {"cargoParamList__1__quantity": 0},
            "数量 (cargoParamList[1].quantity) 必须大于 0",
            id="pandapon-quantity",
        ),
    ],
)
def test_an_order_that_does_not_fit_is_refused(
    desk: Desk, provider: str, changes: dict[str, Any], text: str, reference: str
) -> None:
    answer = desk.send(provider, ORDER[provider](reference, **changes)).json()

    assert refusal_texts(provider, answer) == text
    assert desk.created(reference) == []


def test_scexpress_refuses_only_the_rows_that_do_not_fit(desk: Desk, reference: str) -> None:
    bad = waybill(f"{reference}-bad", order__channelid=NOTHING)
    nameless = waybill("x", order__customernumber1=NOTHING)

    answer = desk.send("scexpress", waybill(reference), bad, nameless, "junk").json()  # type: ignore[arg-type]

    assert [(row["code"], row.get("customernumber")) for row in answer["data"]] == [
        (-1, None),
        (-1, None),
        (-1, f"{reference}-bad"),
        (0, reference),
    ]


def test_oms_refuses_all_orders_if_one_does_not_fit(desk: Desk, reference: str) -> None:
    answer = desk.send("oms", platform_order(reference), {"sku": 1}).json()

    assert (answer["success"], answer["code"], answer["data"]) == (False, "40000", None)
    assert desk.created(reference) == []


@pytest.mark.parametrize("body", [None, [], {}, {"datas": {}}, "x", 7, [[]], [None], True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_json_of_another_shape_is_refused(desk: Desk, provider: str, body: Any) -> None:
    """Refused as a stranger where the credentials are in the body, as misshapen elsewhere."""
    response = desk.post(provider, json.dumps(body).encode())

    name, code = REFUSED[provider]
    refused = (
        STRANGER_ANSWER[provider]["code"] if provider in ("scexpress", "platform1688") else code
    )
    assert response.json()[name] == refused


@pytest.mark.parametrize(
    "datas",
    [
        pytest.param([], id="none"),
        pytest.param(None, id="null"),
        pytest.param({"customernumber": "x"}, id="an object"),
    ],
)
@pytest.mark.parametrize("path", ["/api/order/create", "/api/order/waybillnumber"])
def test_scexpress_refuses_datas_it_cannot_read(desk: Desk, path: str, datas: Any) -> None:
    body = desk.body("scexpress", datas=datas)

    assert desk.http.post(path, json=body).json()["code"] == 1002


def test_platform1688_takes_50_skus_and_refuses_51(desk: Desk, reference: str) -> None:
    goods = [{"offerId": 554465348334 + place, "quantity": 1} for place in range(51)]

    refused = desk.send("platform1688", purchase(reference, cargoParamList=goods)).json()
    taken = desk.send("platform1688", purchase(reference, cargoParamList=goods[:50])).json()

    assert refused == {
        "code": 10003,
        "result": False,
        "message": "一次最多允许 50 个SKU，请拆单后提交",
        "data": None,
    }
    assert taken["data"]["success"] is True
    assert len(desk.created(reference)) == 1


@pytest.mark.parametrize(
    ("flow", "quantity", "is_taken"),
    [
        pytest.param("boutiquefenxiao", 1, True, id="one at the consignment price"),
        pytest.param("boutiquefenxiao", 2, False, id="two at the consignment price"),
        pytest.param("boutiquepifa", 1, False, id="one at the wholesale price"),
        pytest.param("boutiquepifa", 2, True, id="two at the wholesale price"),
    ],
)
def test_platform1688_holds_a_flow_to_its_quantities(
    desk: Desk, flow: str, quantity: int, is_taken: bool, reference: str
) -> None:
    goods = [{"offerId": 1, "quantity": quantity}]

    answer = desk.send("platform1688", purchase(reference, flow=flow, cargoParamList=goods))

    data = answer.json()["data"]
    assert data["success"] is is_taken
    assert [line["errorCode"] for line in data["failedOfferList"]] == (
        [] if is_taken else ["500_009"]
    )
    assert len(desk.created(reference)) == is_taken


# -- trouble asked for by reference --------------------------------------------------------------


def test_every_word_is_explained_in_both_languages() -> None:
    assert list(sandbox.TROUBLE) == [
        "REJECT",
        "DUPLICATE",
        "TIMEOUT",
        "DROP",
        "ERROR500",
        "BUSY429",
        "GARBAGE",
        "OMIT",
        "PARTIAL",
    ]
    for english, chinese in sandbox.TROUBLE.values():
        assert english.isascii()
        assert not chinese.isascii()


REJECTED: dict[str, Order] = {
    "scexpress": {"code": -1, "msg": "下单失败: 收货渠道 (channelid) 不存在或未开通"},
    "oms": {"successQty": 0, "failQty": 1, "successList": []},
    "platform1688": {"success": False, "code": "500_001", "orderId": None},
    "apicenter": {"code": 400, "message": "SKU (items[0].sku) SKU-001 不存在"},
    "pandapon": {
        "code": 400,
        "msg": "商品 (cargoParamList[0].offerId) 554456348334 已下架",
        "data": None,
    },
}
DUPLICATE: dict[str, str] = {
    "scexpress": "客户参考号1已存在，不允许重复提交",
    "oms": "平台订单号 (platformOrderNo) 已存在，请勿重复提交",
    "platform1688": "外部订单号 {} 已存在",
    "apicenter": "平台订单号 (package.order_number) {} 已存在",
    "pandapon": "订单 {} 已存在，请勿重复提交",
}


def verdict(provider: str, answer: Any) -> Any:
    """The part of an answer that is about its one order."""
    if provider == "scexpress":
        return answer["data"][0]
    return answer["data"] if provider in ("oms", "platform1688") else answer


@pytest.mark.parametrize("provider", PROVIDERS)
def test_reject_is_refused(desk: Desk, provider: str, reference: str) -> None:
    reference += "-REJECT"

    answer = verdict(provider, desk.send(provider, ORDER[provider](reference)).json())

    expected = REJECTED[provider]
    assert {name: answer[name] for name in expected} == expected
    assert desk.created(reference) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_duplicate_is_refused_as_known(desk: Desk, provider: str, reference: str) -> None:
    reference += "-DUPLICATE"

    answer = verdict(provider, desk.send(provider, ORDER[provider](reference)).json())

    said = answer["failList"][0] if provider == "oms" else answer
    assert said.get("msg", said.get("message")) == DUPLICATE[provider].format(reference)
    assert desk.created(reference) == []


def test_scexpress_also_finds_what_it_calls_a_duplicate(desk: Desk) -> None:
    body = desk.body("scexpress", datas={"customernumber": ["A-DUPLICATE", "A-OTHER"]})

    answer = desk.http.post("/api/order/waybillnumber", json=body).json()

    found, unknown = answer["data"]["customernumber"]
    assert (found["code"], found["systemnumber"]) == (0, "SBX-BEFORE-A-DUPLICATE")
    assert unknown["code"] == -1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_timeout_creates_and_answers_late(desk: Desk, provider: str, reference: str) -> None:
    reference += "-TIMEOUT"
    started = time.monotonic()

    response = desk.send(provider, ORDER[provider](reference))

    assert time.monotonic() - started >= STALL_SECONDS
    assert response.status_code == 200
    assert desk.created(reference) != []


def test_timeout_has_created_when_the_client_gives_up(desk: Desk, reference: str) -> None:
    reference += "-TIMEOUT"
    body = desk.body("scexpress", waybill(reference))

    with pytest.raises(httpx.ReadTimeout):
        desk.http.post(PATH["scexpress"], json=body, timeout=STALL_SECONDS / 4)

    assert len(desk.created(reference)) == 1


def test_a_second_try_after_a_timeout_is_told_at_once(desk: Desk, reference: str) -> None:
    reference += "-TIMEOUT"
    desk.send("scexpress", waybill(reference))
    started = time.monotonic()

    [row] = desk.send("scexpress", waybill(reference)).json()["data"]

    assert time.monotonic() - started < STALL_SECONDS
    assert row["msg"] == DUPLICATE["scexpress"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_drop_creates_and_hangs_up(desk: Desk, provider: str, reference: str) -> None:
    reference += "-DROP"

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        desk.send(provider, ORDER[provider](reference))

    assert desk.created(reference) != []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_error500_creates_nothing(desk: Desk, provider: str, reference: str) -> None:
    reference += "-ERROR500"

    assert desk.send(provider, ORDER[provider](reference)).status_code == 500
    assert desk.created(reference) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_busy429_goes_away(desk: Desk, provider: str, reference: str) -> None:
    reference += "-BUSY429"

    first = desk.send(provider, ORDER[provider](reference))
    assert desk.created(reference) == []
    second = desk.send(provider, ORDER[provider](reference))

    assert (first.status_code, first.headers["retry-after"]) == (429, "1")
    assert second.status_code == 200
    assert desk.created(reference) != []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_garbage_creates_and_answers_nonsense(desk: Desk, provider: str, reference: str) -> None:
    kinds = set()
    for place in range(12):
        name = f"{reference}-{place}-GARBAGE"
        response = desk.send(provider, ORDER[provider](name))
        kinds.add(response.headers["content-type"].partition(";")[0])
        assert response.status_code == 200
        assert desk.created(name) != []
        with pytest.raises(ValueError, match=r"codec|Expecting|Unterminated"):
            response.json()

    assert kinds == {"text/html", "application/json"}


@pytest.mark.parametrize(
    ("provider", "left"),
    [
        pytest.param("scexpress", {"code": 0, "msg": "调用成功", "data": []}, id="scexpress"),
        pytest.param(
            "oms",
            {"totalQty": 1, "successQty": 0, "failQty": 0, "successList": [], "failList": []},
            id="oms",
        ),
        pytest.param(
            "platform1688", {"success": True, "code": "200", "message": None}, id="platform1688"
        ),
        pytest.param("apicenter", {}, id="apicenter"),
        pytest.param("pandapon", [], id="pandapon"),
    ],
)
def test_omit_creates_and_says_nothing(
    desk: Desk, provider: str, left: Any, reference: str
) -> None:
    reference += "-OMIT"

    answer = desk.send(provider, ORDER[provider](reference)).json()

    assert (answer if provider == "scexpress" else answer["data"]) == left
    assert desk.created(reference) != []


def test_omit_and_reject_leave_the_other_orders_alone(desk: Desk, reference: str) -> None:
    names = [reference, f"{reference}-OMIT", f"{reference}-REJECT", f"{reference}-z"]

    rows = desk.send("scexpress", *map(waybill, names)).json()["data"]
    lists = desk.send("oms", *map(platform_order, names)).json()["data"]

    assert [(row["customernumber"], row["code"]) for row in rows] == [
        (f"{reference}-z", 0),
        (f"{reference}-REJECT", -1),
        (reference, 0),
    ]
    assert [entry["orderNo"] for entry in lists["successList"]] == [reference, f"{reference}-z"]
    assert [entry["orderNo"] for entry in lists["failList"]] == [f"{reference}-REJECT"]


def test_partial_scexpress_gets_its_waybill_number_later(desk: Desk, reference: str) -> None:
    reference += "-PARTIAL"
    [row] = desk.send("scexpress", waybill(reference)).json()["data"]
    body = desk.body("scexpress", datas={"customernumber": [reference]})
    later = desk.http.post("/api/order/waybillnumber", json=body).json()
    [found] = later["data"]["customernumber"]

    assert (row["code"], row["waybillnumber"]) == (0, "")
    assert {child["tracknumber"] for child in row["childs"]} == {""}
    assert found["systemnumber"] == row["systemnumber"]
    assert found["waybillnumber"].startswith("SBX-W")


def test_partial_platform1688_names_the_goods_it_lacks(desk: Desk, reference: str) -> None:
    reference += "-PARTIAL"

    data = desk.send("platform1688", purchase(reference)).json()["data"]

    [entry] = desk.created(reference)
    assert data["orderId"] == entry["number"]
    assert data["failedOfferList"] == [
        {
            "offerId": "554465348335",
            "specId": "2ba3d63866a71fbae83909d9b4814f01",
            "errorCode": "500_004",
            "errorMessage": "库存不足",
        }
    ]


def test_partial_apicenter_has_no_tracking_number(desk: Desk, reference: str) -> None:
    data = desk.send("apicenter", warehouse_order(f"{reference}-PARTIAL")).json()["data"]

    assert data["order_number"].startswith("SBX-")
    assert data["tracking_number"] == ""


def test_partial_oms_is_created_like_any_other(desk: Desk, reference: str) -> None:
    """It never tells a tracking number, so none can be missing."""
    data = desk.send("oms", platform_order(f"{reference}-PARTIAL")).json()["data"]

    assert (data["successQty"], data["failQty"]) == (1, 0)


def test_partial_pandapon_leaves_out_the_last_seller(desk: Desk, reference: str) -> None:
    reference += "-PARTIAL"

    [order] = desk.send("pandapon", merchants_order(reference)).json()["data"]

    [entry] = desk.created(reference)
    assert order["baseInfo"]["idOfStr"] == entry["number"]
    assert {line["sellerOpenId"] for line in entry["request"]["cargoParamList"]} == {"SELLER-A"}


def test_partial_pandapon_leaves_out_a_lone_sellers_last_line(desk: Desk, reference: str) -> None:
    reference += "-PARTIAL"
    goods = [
        {"offerId": 1, "quantity": 5, "sellerOpenId": "A"},
        {"offerId": 2, "quantity": 6, "sellerOpenId": "A"},
    ]

    order = merchants_order(reference, cargoParamList=goods)
    [made] = desk.send("pandapon", order).json()["data"]

    assert [line["productID"] for line in made["productItems"]] == [1]


def test_pandapon_reads_the_reference_from_the_message(desk: Desk, reference: str) -> None:
    order = merchants_order(reference, message=f"{reference} not-REJECT")
    silent = merchants_order(reference, message=None)

    assert desk.send("pandapon", order).json()["code"] == 200
    assert desk.send("pandapon", silent).json()["code"] == 200
    assert len(desk.created(reference)) == 2
    assert len(desk.created("")) == 2


# -- the book ------------------------------------------------------------------------------------


def test_a_second_run_knows_what_the_first_created(tmp_path: Path) -> None:
    book = tmp_path / "kept" / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            desk.send("scexpress", waybill("A"))
            desk.send("oms", platform_order("A"))
        before = running.book()

    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            [row] = desk.send("scexpress", waybill("A")).json()["data"]
            desk.send("oms", platform_order("A"))
            after = desk.http.get("/sandbox/book").json()

    assert row["msg"] == DUPLICATE["scexpress"]
    assert after[:2] == before
    assert [(entry["provider"], entry["seq"]) for entry in after] == [
        ("scexpress", 1),
        ("oms", 2),
        ("oms", 3),
    ]
    assert running.book() == after


def test_no_credential_is_written_into_the_book(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            for provider in PROVIDERS:
                desk.send(provider, ORDER[provider]("A"))

    text = book.read_text("utf-8")
    assert len(text.splitlines()) == 6
    for name, value in desk.environment.items():
        if name.endswith(("TOKEN", "SECRET", "KEY")):
            assert value not in text
    assert '"sign"' not in text


@pytest.mark.parametrize("kept", [1, 5, 60], ids=lambda kept: f"{kept} bytes left")
def test_a_line_cut_short_was_never_created(tmp_path: Path, kept: int) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            desk.send("scexpress", waybill("A"), waybill("B"))
    first, second = book.read_bytes().splitlines(keepends=True)
    book.write_bytes(first + second[:kept])

    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            rows = desk.send("scexpress", waybill("A"), waybill("B")).json()["data"]
            entries = running.book()

    assert [(row["customernumber"], row["code"]) for row in rows] == [("B", 0), ("A", -1)]
    assert [(entry["reference"], entry["seq"]) for entry in entries] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"order,name\nA,Jane\n", id="a sheet"),
        pytest.param(b"order,name", id="one line"),
        pytest.param(b"[]\n", id="other JSON"),
        pytest.param(b"\x00\xff\n", id="bytes"),
    ],
)
def test_a_file_that_is_no_book_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"orders\.csv is not a book of the sandbox"):
        sandbox.serve(book=path).__enter__()

    assert path.read_bytes() == content


def test_two_sandboxes_may_keep_one_book(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as one, sandbox.serve(book=book) as two:
        desks = [Desk(one), Desk(two)]
        names = [f"R{place}" for place in range(40)]

        def work(desk: Desk) -> None:
            with desk.http:
                for name in names:
                    desk.send("scexpress", waybill(name))

        threads = [threading.Thread(target=work, args=[desk]) for desk in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = two.book()

    assert sorted(entry["reference"] for entry in entries) == sorted(names)
    assert [entry["seq"] for entry in entries] == list(range(1, 41))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGINT are POSIX's")
def test_run_survives_a_kill_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    program = (
        "import sys; from pathlib import Path; from converter import sandbox;"
        "sandbox.run(port=0, book=Path(sys.argv[1]))"
    )
    codes = []
    for end in (signal.SIGKILL, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-c", program, book],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip().removeprefix("SCEXPRESS_BASE_URL=")
            token = {"code": "SANDBOX", "token": "sandbox-token-scexpress"}
            answer = httpx.post(
                f"{url}/api/order/create",
                json={"authorization": token, "datas": [waybill("A")]},
                trust_env=False,
            ).json()
            codes.append(answer["data"][0]["code"])
            process.send_signal(end)
            returned = process.wait(timeout=10)

    assert codes == [0, -1]
    assert returned == 0
    assert len(book.read_bytes().splitlines()) == 1


# -- the server ----------------------------------------------------------------------------------


def test_the_environment_has_all_a_client_needs(running: Running) -> None:
    assert sorted(running.environment) == [
        "APICENTER_BASE_URL",
        "APICENTER_TOKEN",
        "OMS_API_TOKEN",
        "OMS_BASE_URL",
        "OMS_COMPANY_CODE",
        "PANDAPON_ACCESS_KEY",
        "PANDAPON_ACCESS_SECRET",
        "PANDAPON_BASE_URL",
        "PANDAPON_USER_ID",
        "PLATFORM1688_BASE_URL",
        "PLATFORM1688_PUBLIC_KEY",
        "PLATFORM1688_SECRET",
        "SCEXPRESS_BASE_URL",
        "SCEXPRESS_CODE",
        "SCEXPRESS_TOKEN",
    ]
    assert {value for name, value in running.environment.items() if name.endswith("_BASE_URL")} == {
        running.url
    }


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1:{port}", 200, id="127.0.0.1"),
        pytest.param("localhost:{port}", 200, id="localhost"),
        pytest.param("[::1]:{port}", 200, id="IPv6"),
        pytest.param("127.0.0.1", 421, id="no port"),
        pytest.param("127.0.0.1:1", 421, id="another port"),
        pytest.param("LOCALHOST:{port}", 421, id="another case"),
        pytest.param("evil.example:{port}", 421, id="another host"),
        pytest.param("localhost.:{port}", 421, id="a dot too many"),
    ],
)
def test_only_this_machines_names_are_answered(desk: Desk, host: str, status: int) -> None:
    host = host.format(port=desk.http.base_url.port)

    for method, path in [("GET", "/sandbox/health"), ("GET", "/sandbox/book"), ("POST", "/x")]:
        response = desk.http.request(method, path, headers={"host": host})
        assert response.status_code == (404 if (path, status) == ("/x", 200) else status)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_orders_are_only_posted(desk: Desk, provider: str) -> None:
    assert desk.http.get(PATH[provider]).status_code == 405


def test_a_port_that_is_taken_is_an_error(running: Running) -> None:
    port = int(running.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        sandbox.serve(port=port).__enter__()


def test_leaving_does_not_wait_for_answers_held_back() -> None:
    ended: list[str] = []
    with sandbox.serve(stall_seconds=60) as running:
        desk = Desk(running)

        def wait_for_ever() -> None:
            with desk.http, pytest.raises(httpx.TransportError):
                desk.send("oms", platform_order("TIMEOUT"))
            ended.append("hung up")

        thread = threading.Thread(target=wait_for_ever)
        thread.start()
        while not running.book():
            time.sleep(0.01)
        started = time.monotonic()
    thread.join()

    assert ended == ["hung up"]
    assert time.monotonic() - started < 2


def test_importing_the_package_loads_no_server() -> None:
    program = (
        "import sys; from converter import sandbox; print(len(sandbox.TROUBLE),"
        "sorted({'starlette', 'uvicorn', 'jsonschema'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == "9 []\n"


# -- the schemas ---------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
def test_schemas_are_schemas(provider: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.load(provider))


def spoiled(value: Any) -> Iterator[Any]:
    """Copies of a value, each with one thing in it changed, added or taken away."""
    if isinstance(value, dict):
        for name in value:
            yield {other: value[other] for other in value if other != name}
            for worse in spoiled(value[name]):
                yield {**value, name: worse}
        yield {**value, "extra": 1}
    elif isinstance(value, list):
        yield []
        yield [*value, None]
        for worse in spoiled(value[0]):
            yield [worse, *value[1:]]
    yield from (None, True, 0, -1, 1, 2.0, 2.5, 10**12, 10**30, "", "US", "x" * 600, [], {})


@pytest.mark.parametrize(
    ("provider", "part"),
    [("scexpress", "row"), *((provider, "") for provider in PROVIDERS)],
    ids=lambda value: value or "whole",
)
def test_the_quick_check_agrees_with_jsonschema(desk: Desk, provider: str, part: str) -> None:
    shape = schema.Shape(provider, part)
    judge = schema.judge(shape.schema)
    good = waybill("A") if part else desk.body(provider, ORDER[provider]("A"))
    assert shape.fits(good)

    for value in spoiled(good):
        assert shape.fits(value) == judge.is_valid(value), value
