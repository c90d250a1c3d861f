from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from converter import sandbox
from tests.sandbox.requests import (
    DUPLICATE,
    ORDER,
    PATH,
    PROVIDERS,
    STALL_SECONDS,
    Desk,
    Order,
    merchants_order,
    platform_order,
    purchase,
    warehouse_order,
    waybill,
)


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
        "LATE",
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


def verdict(provider: str, answer: Any) -> Any:
    """The part of an answer about its only order."""
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
    """It never returns a tracking number, so none can be missing."""
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
