"""Requests to the pretend providers."""

from __future__ import annotations

import copy
import hashlib
import itertools
import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx

from converter.sandbox.server import Running

Order = dict[str, Any]
STALL_SECONDS = 0.4
PROVIDERS = ["scexpress", "oms", "platform1688", "apicenter", "pandapon"]


def waybill(reference: str, **changes: Any) -> Order:
    """A row of SC-Express's sample, with the members that its table requires."""
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
    """A client with the sandbox's credentials."""

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
        """Post the orders; ``changes`` replace the provider's credentials."""
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


_count = itertools.count(1)


DUPLICATE: dict[str, str] = {
    "scexpress": "客户参考号1已存在，不允许重复提交",
    "oms": "平台订单号 (platformOrderNo) 已存在，请勿重复提交",
    "platform1688": "外部订单号 {} 已存在",
    "apicenter": "平台订单号 (package.order_number) {} 已存在",
    "pandapon": "订单 {} 已存在，请勿重复提交",
}
