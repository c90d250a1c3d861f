from __future__ import annotations

from typing import Any

import pytest

from converter import messages
from converter.model import Outcome, Payload, Status
from tests.provider.replies import (
    ONE_SELLER,
    TWO_SELLERS,
    UNPROVEN,
    A,
    N,
    P,
    R,
    U,
    judge,
    part,
    statuses,
)

# -- 1688 ------------------------------------------------------------------------------------------


FAILED = {"offerId": "554", "specId": "b26", "errorCode": "500_004", "errorMessage": "库存不足"}
NO_FAILURE = {"offerId": "554", "specId": "b26", "errorCode": "0", "errorMessage": "-"}


def bought(**changes: Any) -> Any:
    data = {"success": True, "code": None, "message": None, "orderId": "87407346014789305"}
    return {"code": 0, "result": True, "message": "success", "data": data | changes}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(bought(), A, id="one order"),
        pytest.param(bought(orderId=87407346014789305), A, id="its number as a number"),
        pytest.param(bought(code=""), A, id="an empty inner code"),
        pytest.param(bought(code=200), A, id="200 as a number"),
        pytest.param(bought(failedOfferList=None), A, id="null for failed offers"),
        pytest.param(bought(failedOfferList=[NO_FAILURE]), A, id="a failed offer that is none"),
        pytest.param(
            bought(failedOfferList=[{"errorCode": None, "errorMessage": None}]), A, id="all null"
        ),
        pytest.param(
            bought(orderId=None, orderList=[part("1"), part("2")]), A, id="two orders, no amount"
        ),
        pytest.param(bought(failedOfferList=[FAILED]), P, id="an order and a failed offer"),
        pytest.param(
            bought(failedOfferList=[NO_FAILURE | {"errorMessage": "库存不足"}]),
            P,
            id="a reason though the code is 0",
        ),
        pytest.param(
            bought(failedOfferList=[NO_FAILURE | {"errorCode": "500_004"}]),
            P,
            id="a code without a reason",
        ),
        pytest.param(
            bought(orderId="", orderList=[part("1"), part(None, False, "500_004")]),
            P,
            id="two orders, one refused",
        ),
        pytest.param(bought(success=False), U, id="no success, yet a number (official sample)"),
        pytest.param(bought(success=False, code="500_004"), U, id="an error beside a number"),
        pytest.param(bought(success="true"), U, id="true as text"),
        pytest.param(bought(success=None), U, id="a number alone"),
        pytest.param(bought(code="500_004"), U, id="success with an error code"),
        pytest.param(bought(orderList=[part("2", None)]), U, id="a part that does not say"),
        pytest.param(bought(orderList=[part("2", True, "500")]), U, id="a part with an error code"),
        pytest.param(bought(orderId=None), U, id="success without a number"),
        pytest.param(bought(orderId="", success=False), U, id="no number, no error"),
        pytest.param(
            bought(orderId="", success=False, code="500_004"), R, id="no number, an error"
        ),
        pytest.param(
            bought(orderId=None, success=False, failedOfferList=[FAILED]), R, id="all offers failed"
        ),
        pytest.param(
            bought(orderId=None, success=False, failedOfferList=[NO_FAILURE]),
            U,
            id="no number and a failed offer that is none",
        ),
        pytest.param(
            bought(orderId=None, success=False, orderList=[part(None, False, "500_004")]),
            R,
            id="the only part refused",
        ),
        pytest.param(
            bought(orderId=None, success=False, code="500", orderList=[part(None, True)]),
            U,
            id="refused, yet a part succeeded",
        ),
        pytest.param(
            bought(orderId=None, success=False, code="500", orderList=[part("9", False)]),
            U,
            id="refused, yet a part has a number",
        ),
    ],
)
def test_platform1688_orders(answer: Any, expected: Status) -> None:
    assert statuses(judge("platform1688", answer)) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"result": False}, U, id="code 0 without result"),
        pytest.param({"result": "true"}, U, id="result as text"),
        pytest.param({"code": "0"}, U, id="code as text"),
        pytest.param({"code": False}, U, id="false for 0"),
        pytest.param({"code": 200}, U, id="a wrapper's 200"),
        pytest.param({"code": 500, "result": False}, U, id="refused, yet a number"),
        pytest.param({"data": None}, U, id="no data"),
        pytest.param({"data": []}, U, id="a list for data"),
        pytest.param({"data": "87407346014789305"}, U, id="text for data"),
        pytest.param({"code": 7, "result": False, "data": None}, R, id="refused"),
        pytest.param({"code": 500, "result": False, "data": None}, U, id="a fault over there"),
        pytest.param({"code": 500, "result": True, "data": None}, U, id="a code and a result"),
        pytest.param(
            {"code": 500, "result": False, "data": {"orderId": "", "orderList": [part("1")]}},
            U,
            id="refused, yet a part's number",
        ),
    ],
)
def test_platform1688_calls(changes: dict[str, Any], expected: Status) -> None:
    assert statuses(judge("platform1688", bought() | changes)) == [expected]


def test_platform1688_names_all_orders_and_what_failed() -> None:
    orders = [
        part("123124124", orderAmmount=100, postFee=10, payChannel="shegou"),
        part("123124125", orderAmount=250, postFee=10, payChannel="bankcard"),
    ]
    answer = bought(orderId=None, postFee=20, orderList=orders, failedOfferList=[FAILED])
    found = judge("platform1688", answer)

    assert found.outcomes == (
        Outcome(
            P,
            "554 b26 500_004 库存不足",
            "123124124; 123124125",
            "",
            {
                "postage": "0.20",
                "order_amounts": "1.00; 2.50",
                "pay_channels": "shegou; bankcard",
                "failed_offers": "554 b26 500_004 库存不足",
                "not_made": "offerId=554&specId=b26",
            },
        ),
    )


def test_platform1688_tells_the_number_that_contradicts_a_no() -> None:
    (outcome,) = judge("platform1688", bought(success=False)).outcomes

    assert outcome.status is U
    assert outcome.message.endswith("orderId 87407346014789305")


# -- apicenter -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"code": 0, "data": {"order_number": "A-1"}}, A, id="0 and a number"),
        pytest.param({"code": 0, "data": {"order_number": ""}}, U, id="0 without a number"),
        pytest.param({"code": 0, "data": {"order_number": None}}, U, id="null for a number"),
        pytest.param({"code": 0, "data": {}}, U, id="0 with nothing"),
        pytest.param({"code": 0, "data": None}, U, id="0 with null"),
        pytest.param({"code": 0, "data": "A-1"}, U, id="text for data"),
        pytest.param({"code": 0}, U, id="0 alone"),
        pytest.param({"code": 0, "data": [{"order_number": "A-1"}]}, U, id="a list for data"),
        pytest.param({"code": "0", "data": {"order_number": "A-1"}}, U, id="0 as text"),
        pytest.param({"code": False, "data": {"order_number": "A-1"}}, U, id="false for 0"),
        pytest.param({"data": {"order_number": "A-1"}}, U, id="no code"),
        pytest.param({"code": 200, "data": {"order_number": "A-1"}}, U, id="200"),
        pytest.param({"code": 201, "data": {"order_number": "A-1"}}, U, id="a sibling's 201"),
        pytest.param({"code": 201, "data": None}, U, id="201 without a number"),
        pytest.param({"code": 422, "data": {"order_number": "A-1"}}, U, id="refused, yet a number"),
        pytest.param({"code": 422, "message": "no such SKU"}, R, id="another code"),
        pytest.param({"code": "422", "message": "no such SKU"}, U, id="another code as text"),
        pytest.param([{"code": 0, "data": {"order_number": "A-1"}}], U, id="a list"),
    ],
)
def test_apicenter_answers(answer: Any, expected: Status) -> None:
    assert statuses(judge("apicenter", answer)) == [expected]


def test_apicenter_shows_code_and_message_of_a_refusal() -> None:
    found = judge("apicenter", {"code": 422, "message": "no such SKU", "data": None})

    assert found.outcomes == (Outcome(R, "422 no such SKU", flags=UNPROVEN),)


# -- PandaPon --------------------------------------------------------------------------------------


def made(number: Any = "2019", *goods: int) -> Any:
    return {"baseInfo": {"idOfStr": number}, "productItems": [{"productID": id_} for id_ in goods]}


@pytest.mark.parametrize(
    ("answer", "payload", "expected"),
    [
        pytest.param({"code": 200, "data": [made()]}, ONE_SELLER, A, id="200 and an order"),
        pytest.param({"code": 200, "data": made()}, ONE_SELLER, A, id="an object for data"),
        pytest.param({"code": 200, "data": None}, ONE_SELLER, U, id="200 and null"),
        pytest.param({"code": 200, "data": {}}, ONE_SELLER, U, id="200 and nothing"),
        pytest.param(
            {"code": 200, "data": {"success": False, "message": "库存不足"}},
            ONE_SELLER,
            U,
            id="200 and no order in an object",
        ),
        pytest.param({"code": 0, "data": [made()]}, ONE_SELLER, A, id="0 and an order"),
        pytest.param({"code": 0, "data": []}, ONE_SELLER, U, id="0 and no order"),
        pytest.param({"code": 0, "data": [{}]}, ONE_SELLER, U, id="0 and an empty order"),
        pytest.param({"code": 0, "data": None}, ONE_SELLER, U, id="0 and null"),
        pytest.param({"code": "200", "data": [made()]}, ONE_SELLER, U, id="200 as text"),
        pytest.param({"code": True, "data": [made()]}, ONE_SELLER, U, id="true"),
        pytest.param({"data": [made()]}, ONE_SELLER, U, id="no code"),
        pytest.param({"code": 400, "data": None}, ONE_SELLER, R, id="refused"),
        pytest.param({"code": 400, "data": [made()]}, ONE_SELLER, U, id="refused, yet an order"),
        pytest.param({"code": 400, "data": {}}, TWO_SELLERS, R, id="refused, two sellers"),
        pytest.param({"code": 500, "data": None}, ONE_SELLER, U, id="a fault over there"),
        pytest.param({"code": 200, "data": []}, ONE_SELLER, U, id="200 and a list of no orders"),
        pytest.param(
            {"code": 200, "data": [made("1", 554456348334)]}, TWO_SELLERS, P, id="goods missing"
        ),
        pytest.param(
            {"code": 200, "data": [made("1", 554456348334), made("2", 554456348335)]},
            TWO_SELLERS,
            A,
            id="all goods there",
        ),
        pytest.param(
            {"code": 200, "data": [made("1"), made("2")]}, TWO_SELLERS, A, id="goods not named"
        ),
    ],
)
def test_pandapon_answers(answer: Any, payload: Payload, expected: Status) -> None:
    assert statuses(judge("pandapon", answer, payload=payload)) == [expected]


def test_pandapon_names_the_goods_that_were_not_bought() -> None:
    answer = {"code": 200, "msg": "成功", "data": [made("1", 554456348334)]}
    (outcome,) = judge("pandapon", answer, payload=TWO_SELLERS).outcomes

    said = "成功 Not created: 554456348335."
    assert messages.translate(outcome.message, "zh") == "成功 未创建：554456348335。"
    assert outcome == Outcome(P, said, "1", outputs={"not_made": "offerId=554456348335"})


def test_pandapon_stops_when_the_credentials_are_refused() -> None:
    found = judge("pandapon", {"code": 401, "msg": "signature error", "data": None})

    assert statuses(found) == [N]
    assert found.stop == "The provider refused the credentials: 401 signature error"


@pytest.mark.parametrize(
    ("said", "is_refused"),
    [
        ("登录超时，请重新登录", True),
        ("session timed out", True),
        ("token校验失败", True),
        ("系统繁忙，请稍后重试", False),
        ("认证服务异常", False),
        ("internal server error", False),
        ("request timeout", False),
    ],
)
def test_pandapon_401_that_speaks_of_the_system_proves_nothing(said: str, is_refused: bool) -> None:
    found = judge("pandapon", {"code": 401, "msg": said, "data": None})

    assert statuses(found) == [N if is_refused else U]
    assert found.stop  # either way the next request would fare no better
    assert said in found.stop
    assert ("credentials" in found.stop) == is_refused
