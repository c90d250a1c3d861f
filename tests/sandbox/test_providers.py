from __future__ import annotations

import time

import pytest

from tests.sandbox.requests import (
    ORDER,
    Desk,
    merchants_order,
    platform_order,
    purchase,
    warehouse_order,
    waybill,
)


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
