"""Replies of the shipped providers, and how they are judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.model import Judgement, Order, Payload, Reply, Status
from converter.provider import answers

PROVIDERS = ["scexpress", "oms", "platform1688", "apicenter", "pandapon"]
A, P, R, D = Status.ACCEPTED, Status.PARTIAL, Status.REJECTED, Status.DUPLICATE
U, N = Status.UNKNOWN, Status.NOT_SENT
UNPROVEN = ("unproven",)


@cache
def mapping(provider: str) -> ProviderMapping:
    return load_mapping(find_mapping(provider))


def judge(
    provider: str,
    answer: Any,
    references: Sequence[str] = ("R1",),
    *,
    status: int = 200,
    payload: Payload | None = None,
    **headers: str,
) -> Judgement:
    """Judge an answer; anything but bytes is encoded as JSON."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
    orders = [Order(name, name, payload or {}, (2,)) for name in references]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers.judge(mapping(provider), orders, Reply(status, named, body))


def statuses(judgement: Judgement) -> list[Status]:
    return [outcome.status for outcome in judgement.outcomes]


OMS_SAMPLE = {
    "code": "20000",
    "success": True,
    "data": {
        "totalQty": 1,
        "successQty": 1,
        "failQty": 0,
        "successList": [{"orderNo": "112132123", "message": "处理成功"}],
        "failList": [],
    },
    "message": "请求成功",
    "errors": [],
    "timestamp": "1762834365750",
    "duration": 0.21,
    "requestId": "f08c5a7ec57a4dda8502bc409f74e633",
}


PLATFORM1688_SAMPLE = {
    "code": 0,
    "result": True,
    "message": "success",
    "data": {
        "totalSuccessAmount": 100,
        "orderId": "111111111",
        "success": True,
        "code": "200",
        "message": None,
        "accountPeriod": {"tapType": 1, "tapDate": 12, "tapOverdue": 0},
        "failedOfferList": [
            {
                "offerId": "554465348334",
                "specId": "b266e0726506185beaf205cabe88530d",
                "errorCode": "0",
                "errorMessage": "-",
            }
        ],
        "postFee": 10,
        "orderList": [
            {
                "postFee": 10,
                "orderAmmount": 100,
                "message": None,
                "resultCode": "200",
                "success": True,
                "orderId": "123124124",
                "payChannel": "shegou",
            }
        ],
    },
}


APICENTER_SAMPLE = {
    "code": 0,
    "data": {
        "order_number": "string",
        "status": "string",
        "number_of_package": 0,
        "total_weight": "string",
        "logistic_provider_code": "string",
        "status_message": "string",
        "shortage_at": "string",
        "cancel_at": "string",
        "allocate_at": "string",
        "pack_at": "string",
        "handover_at": "string",
        "tracking_number": "string",
        "logistics_message": "string",
        "sorting_code": "string",
        "sorting_no": "string",
        "items": ["string"],
        "shipments": ["string"],
    },
    "message": "string",
}


PANDAPON_TWO_ORDERS = {
    "requestId": "00000000000000000000000000000002",
    "code": 200,
    "developId": "1110890638347337996",
    "msg": "成功",
    "data": [
        {
            "baseInfo": {"idOfStr": "2019601741959504495"},
            "productItems": [{"productID": 554456348334, "name": "A", "price": 10.5}],
        },
        {
            "baseInfo": {"idOfStr": "2019601741959504496"},
            "productItems": [{"productID": 554456348335, "name": "B", "price": 3}],
        },
    ],
}


TWO_SELLERS: Payload = {
    "cargoParamList": [
        {"offerId": 554456348334, "quantity": 5, "sellerOpenId": "SELLER-A"},
        {"offerId": 554456348335, "quantity": 6, "sellerOpenId": "SELLER-B"},
    ]
}


ONE_SELLER: Payload = {
    "cargoParamList": [{"offerId": 554456348334, "quantity": 5, "sellerOpenId": "SELLER-A"}]
}


YES: dict[str, Any] = {
    "scexpress": {"code": 0, "data": [{"code": 0, "customernumber": "R1", "systemnumber": "9"}]},
    "oms": OMS_SAMPLE,
    "platform1688": PLATFORM1688_SAMPLE,
    "apicenter": APICENTER_SAMPLE,
    "pandapon": PANDAPON_TWO_ORDERS,
}


NO: dict[str, Any] = {
    "scexpress": {"code": 7, "msg": "参数错误", "data": []},
    "oms": {"code": "40001", "success": False, "message": "参数错误"},
    "platform1688": {"code": 400, "result": False, "message": "参数错误", "data": None},
    "apicenter": {"code": 422, "message": "no such SKU", "data": None},
    "pandapon": {"code": 400, "msg": "参数错误", "data": None},
}
"""Plain answers: one order accepted, one call refused."""


def row(reference: str | int | None = "R1", code: Any = 0, number: Any = "159", **more: Any) -> Any:
    named = {} if reference is None else {"customernumber": reference}
    return {"code": code, **named, "systemnumber": number, **more}


def part(number: Any, success: Any = True, code: Any = "200", **more: Any) -> Any:
    return {"orderId": number, "success": success, "resultCode": code, "message": None, **more}
