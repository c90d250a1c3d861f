"""What an answer says about every order: the documents' samples, and everything that is odd.

Whatever is not plainly a yes or a no has to come out as `unknown`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import formatdate
from functools import cache
from time import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import Match, ProviderMapping
from converter.model import Judgement, Order, Outcome, Payload, Reply, Status
from converter.provider import answers

PROVIDERS = ["scexpress", "oms", "platform1688", "apicenter", "pandapon"]

A, P, R, D = Status.ACCEPTED, Status.PARTIAL, Status.REJECTED, Status.DUPLICATE
U, N = Status.UNKNOWN, Status.NOT_SENT


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
    """What an answer says; anything but bytes is sent as its JSON."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
    orders = [Order(name, name, payload or {}, (2,)) for name in references]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers.judge(mapping(provider), orders, Reply(status, named, body))


def statuses(judgement: Judgement) -> list[Status]:
    return [outcome.status for outcome in judgement.outcomes]


# -- the documents' samples ------------------------------------------------------------------------

SCEXPRESS_SAMPLE = {
    "code": 0,
    "msg": "调用成功",
    "data": [
        {
            "code": 0,
            "msg": "下单成功",
            "customernumber": "T620200611-1001",
            "systemnumber": "1591857709631",
            "waybillnumber": "EV2145664012CN",
            "childs": [
                {
                    "customernumber": f"CH-85120-100{n}",
                    "systemnumber": f"1591857709631-{n}",
                    "tracknumber": f"1Z76V3R4044862136{min(n, 3)}",
                }
                for n in (1, 2, 3, 4, 5)
            ],
        }
    ],
}

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
    "scexpress": {"code": 500, "msg": "系统错误", "data": []},
    "oms": {"code": "40001", "success": False, "message": "参数错误"},
    "platform1688": {"code": 400, "result": False, "message": "参数错误", "data": None},
    "apicenter": {"code": 422, "message": "no such SKU", "data": None},
    "pandapon": {"code": 400, "msg": "参数错误", "data": None},
}
"""Plain answers: one order accepted, one call refused."""


def test_the_scexpress_sample() -> None:
    found = judge("scexpress", SCEXPRESS_SAMPLE, ["T620200611-1001"])

    assert found.outcomes == (
        Outcome(
            A,
            "下单成功",
            "1591857709631",
            "EV2145664012CN",
            {"children": "1Z76V3R40448621361; 1Z76V3R40448621362; 1Z76V3R40448621363"},
        ),
    )
    assert (found.stop, found.notes, found.not_processed) == ("", (), False)


def test_the_oms_sample() -> None:
    found = judge("oms", OMS_SAMPLE, payload={"trackingNo": "1Z999"})

    assert found.outcomes == (Outcome(A, "处理成功", "112132123", "1Z999"),)
    assert found.request_id == "f08c5a7ec57a4dda8502bc409f74e633"


def test_the_platform1688_sample() -> None:
    """Two numbers, one above the list and one in it; a failed offer that is none."""
    found = judge("platform1688", PLATFORM1688_SAMPLE)

    assert found.outcomes == (
        Outcome(
            A,
            "success",
            "111111111; 123124124",
            "",
            {
                "amount": "1.00",
                "postage": "0.10",
                "order_amounts": "1.00",
                "pay_channels": "shegou",
            },
        ),
    )


def test_the_apicenter_sample() -> None:
    found = judge("apicenter", APICENTER_SAMPLE)

    names = ["order_status", "status_message", "short_of_stock", "total_weight", "carrier"]
    names += ["carrier_message", "sorting_code", "sorting_no"]
    outputs = dict.fromkeys(names, "string") | {"packages": "0"}
    assert found.outcomes == (Outcome(A, "string", "string", "string", outputs),)


def test_the_apicenter_answer_of_a_new_order() -> None:
    empty = dict.fromkeys(APICENTER_SAMPLE["data"], "")  # type: ignore[call-overload]
    data = empty | {"order_number": "api-0315-3", "status": "created", "shortage_at": None}
    found = judge("apicenter", {"code": 0, "data": data, "message": "success"})

    assert found.outcomes == (Outcome(A, "success", "api-0315-3", "", {"order_status": "created"}),)


def test_the_pandapon_answer_with_two_orders() -> None:
    found = judge("pandapon", PANDAPON_TWO_ORDERS, payload=TWO_SELLERS)

    assert found.outcomes == (
        Outcome(
            A,
            "成功",
            "2019601741959504495; 2019601741959504496",
            "",
            {"develop_id": "1110890638347337996"},
        ),
    )
    assert found.request_id == "00000000000000000000000000000002"


def test_the_pandapon_page_shows_an_empty_form_that_says_nothing() -> None:
    empty = {"requestId": "", "code": 0, "developId": 0, "msg": "", "data": {}}

    assert statuses(judge("pandapon", empty)) == [U]


# -- SC-Express ------------------------------------------------------------------------------------


def row(reference: str | int | None = "R1", code: Any = 0, number: Any = "159", **more: Any) -> Any:
    named = {} if reference is None else {"customernumber": reference}
    return {"code": code, **named, "systemnumber": number, **more}


@pytest.mark.parametrize(
    ("references", "data", "expected"),
    [
        pytest.param(["R1"], [row(code=0)], [A], id="0 as in the sample"),
        pytest.param(["R1"], [row(code=1)], [A], id="1 as in the table"),
        pytest.param(["R1"], [row(waybillnumber="")], [A], id="no waybill number yet"),
        pytest.param(["R1"], [row(number="")], [U], id="yes without a number"),
        pytest.param(["R1"], [row(number=None)], [U], id="yes with null for a number"),
        pytest.param(["R1"], [row(code=1, number=None)], [U], id="1 without a number"),
        pytest.param(["R1"], [row(code="0")], [U], id="0 as text"),
        pytest.param(["R1"], [row(code="1")], [U], id="1 as text"),
        pytest.param(["R1"], [row(code=True)], [U], id="true for 1"),
        pytest.param(["R1"], [row(code=False)], [U], id="false for 0"),
        pytest.param(["R1"], [row(code=None)], [U], id="no code"),
        pytest.param(["R1"], [row(code=2)], [U], id="a code of neither kind"),
        pytest.param(["R1"], [row(code=-1, number="")], [R], id="-1"),
        pytest.param(["R1"], [row(code="-1", number="")], [U], id="-1 as text"),
        pytest.param(["R1"], [row(None, -1, "")], [R], id="a nameless no for the only order"),
        pytest.param(["R1"], [row("R2")], [U], id="another order"),
        pytest.param(["R1"], [row("r1")], [U], id="in other letters"),
        pytest.param(["R1"], [row(" R1\n")], [A], id="blanks around the reference"),
        pytest.param(["R1"], [row(), row()], [A], id="twice the same"),
        pytest.param(["R1"], [row(), row(number="160")], [U], id="twice, two numbers"),
        pytest.param(["R1"], [row(), row(code=-1, number="")], [U], id="twice, yes and no"),
        pytest.param(["R1"], [row(), row("R9")], [A], id="and an order that was not sent"),
        pytest.param(["R1"], [row(None), row("R9")], [U], id="nameless beside a foreign one"),
        pytest.param(["R1"], [], [U], id="no rows"),
        pytest.param(["R1"], None, [U], id="null for rows"),
        pytest.param(["R1"], "ok", [U], id="text for rows"),
        pytest.param(["R1"], [None, 7, "R1", []], [U], id="rows that are no objects"),
        pytest.param(["R1", "R2"], [row("R2", number="2"), row("R1")], [A, A], id="reordered"),
        pytest.param(["R1", "R2"], [row("R1")], [A, U], id="one left out"),
        pytest.param(["R1", "R2"], [row("R1"), row(None, -1, "")], [A, R], id="the one left over"),
        pytest.param(["R1", "R2"], [row(None, -1, ""), row("R2")], [R, A], id="in any order"),
        pytest.param(["R1", "R2", "R3"], [row("R1"), row(None, -1, "")], [A, U, U], id="two left"),
        pytest.param(["R1", "R2"], [row(None), row(None)], [U, U], id="two without a name"),
        pytest.param(["R1", "R2"], [row("R1"), row("R1"), row(None)], [A, A], id="left over again"),
        pytest.param(["12", "13"], [row(12), row(13)], [A, A], id="references echoed as numbers"),
        pytest.param(["R1", "R2"], [row("R1"), row("R2")], [A, A], id="one number for two orders"),
    ],
)
def test_scexpress_rows(references: list[str], data: Any, expected: list[Status]) -> None:
    found = judge("scexpress", {"code": 0, "msg": "调用成功", "data": data}, references)

    assert statuses(found) == expected


@pytest.mark.parametrize(
    "message",
    [
        "客户参考号1已存在", "该单号已经存在", "不允许重复提交", "订单号重复",
        "customernumber1 already exists", "Already Exists", "DUPLICATE ORDER",
        "Repeat submission is not allowed", "单号已被使用", "系统中存在该客户参考号",
        "Reference has been used", "customernumber1 exists in system", "Reference exists already",
    ],
)  # fmt: skip
def test_scexpress_refuses_a_duplicate_recognisably(message: str) -> None:
    found = judge("scexpress", {"code": 0, "data": [row(code=-1, number="", msg=message)]})

    assert found.outcomes == (Outcome(D, message),)


@pytest.mark.parametrize(
    "message",
    [
        "SKU重复", "箱序号重复", "客户子单号已存在", "customerchildnumber already exists",
        "信用额度已使用完", "单号系统中不存在", "Channel does not exist",
    ],
)  # fmt: skip
def test_scexpress_takes_no_other_refusal_for_a_duplicate_order(message: str) -> None:
    found = judge("scexpress", {"code": 0, "data": [row(code=-1, number="", msg=message)]})

    assert statuses(found) == [R]


def test_scexpress_refuses_a_row_with_its_reason() -> None:
    reason = "下单失败: 运单客户参考号1 (customernumber1) 为必填项"
    found = judge(
        "scexpress", {"code": 0, "msg": "调用成功", "data": [{"code": -1, "msg": reason}]}
    )

    assert found.outcomes == (Outcome(R, reason),)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"code": 500, "msg": "x", "data": []}, [R, R], id="refused"),
        pytest.param({"code": -1, "msg": "x"}, [R, R], id="refused with -1, no rows"),
        pytest.param({"code": "0", "data": [row(), row("R2")]}, [U, U], id="0 as text"),
        pytest.param({"code": False, "data": [row(), row("R2")]}, [U, U], id="false for 0"),
        pytest.param({"code": None, "data": [row(), row("R2")]}, [U, U], id="null"),
        pytest.param({"data": [row(), row("R2")]}, [U, U], id="no code"),
        pytest.param({"code": "500", "msg": "x"}, [U, U], id="a code as text"),
        pytest.param({"code": 500, "data": [row()]}, [U, U], id="refused, yet with a number"),
        pytest.param([row(), row("R2")], [U, U], id="the rows alone"),
        pytest.param({}, [U, U], id="an empty object"),
    ],
)
def test_scexpress_calls(answer: Any, expected: list[Status]) -> None:
    assert statuses(judge("scexpress", answer, ["R1", "R2"])) == expected


def test_scexpress_stops_when_code_and_token_are_refused() -> None:
    found = judge("scexpress", {"code": 1001, "msg": "授权失败，请检查code和token", "data": []})

    assert statuses(found) == [N]
    assert found.stop == "The provider refused the credentials: 1001 授权失败，请检查code和token"


def test_scexpress_does_not_take_refused_credentials_for_true_beside_a_number() -> None:
    assert statuses(judge("scexpress", {"code": 1001, "data": [row()]})) == [U]


def test_a_code_of_neither_kind_is_named() -> None:
    found = judge("scexpress", {"code": 0, "data": [row(code=7, msg="排队中")]})

    said = "The provider's answer about this order is neither a clear yes nor a clear no. 7 排队中"
    assert found.outcomes == (Outcome(U, said),)


def test_one_number_for_two_orders_is_noted() -> None:
    found = judge("scexpress", {"code": 0, "data": [row("R1"), row("R2")]}, ["R1", "R2"])

    assert found.notes == ("The answer gives 2 orders the same number 159.",)


def test_an_order_that_was_not_sent_is_noted() -> None:
    found = judge("scexpress", {"code": 0, "data": [row(), row("R9")]})

    assert found.notes == ("The answer speaks of an order that this request did not hold.",)


# -- OMS -------------------------------------------------------------------------------------------


def counted(yes: list[Any], no: list[Any], total: Any = None, **counts: Any) -> Any:
    """An OMS answer; the counts agree with the lists unless they are given."""
    data = {"totalQty": len(yes) + len(no) if total is None else total}
    data |= {"successQty": len(yes), "failQty": len(no)} | counts
    data |= {"successList": [{"orderNo": name, "message": "处理成功"} for name in yes]}
    data |= {"failList": [{"orderNo": name, "message": "SKU 不存在"} for name in no]}
    return {"code": "20000", "success": True, "data": data, "message": "请求成功"}


@pytest.mark.parametrize(
    ("references", "answer", "expected"),
    [
        pytest.param(["R1", "R2"], counted(["R1", "R2"], []), [A, A], id="all named"),
        pytest.param(["R1", "R2"], counted(["R1"], ["R2"]), [A, R], id="a partial success"),
        pytest.param(["R1", "R2"], counted([], ["R2", "R1"]), [R, R], id="all refused"),
        pytest.param(["R1", "R2"], counted(["R2"], []), [U, A], id="one left out"),
        pytest.param(["R1", "R2"], counted(["R1"], ["R1"]), [U, U], id="in both lists"),
        pytest.param(["R1", "R2"], counted(["R1", "R1"], []), [A, U], id="twice the same"),
        pytest.param(["R1"], counted(["X"], []), [A], id="their number, one order"),
        pytest.param(["R1"], counted([], ["X"]), [R], id="their number, one order refused"),
        pytest.param(["R1"], counted(["X"], ["Y"]), [U], id="two entries for one order"),
        pytest.param(["R1"], counted([], []), [U], id="no entries"),
        pytest.param(
            ["R1", "R2"], counted(["X", "Y"], []), [A, A], id="their numbers, all of them"
        ),
        pytest.param(["R1", "R2"], counted(["X"], []), [U, U], id="their numbers, not all"),
        pytest.param(["R1", "R2"], counted(["X"], ["Y"]), [U, U], id="their numbers, one refused"),
        pytest.param(["R1", "R2"], counted(["R1", "Y"], []), [A, U], id="ours and theirs mixed"),
        pytest.param(
            ["R1", "R2"], counted(["X", "Y"], [], total=3), [U, U], id="a total that disagrees"
        ),
        pytest.param(
            ["R1", "R2"], counted(["X", "Y"], [], failQty=1), [U, U], id="a failure that is counted"
        ),
        pytest.param(
            ["R1", "R2"],
            counted(["X"], [], total=2, successQty=2),
            [U, U],
            id="a list shorter than its count",
        ),
        pytest.param(
            ["R1", "R2"],
            counted(["X", "Y"], [], total="2", successQty="2"),
            [U, U],
            id="counts as text",
        ),
        pytest.param(
            ["R1"],
            counted([], [], total=True, successQty=True, failQty=False),
            [U],
            id="true for a count",
        ),
        pytest.param(
            ["R1", "R2"],
            counted(["R1", "R2"], [], successQty=1, failQty=1),
            [A, A],
            id="named orders outweigh a count",
        ),
        pytest.param(["R1"], counted([None], []), [A], id="an entry without a number"),
        pytest.param(["7"], counted([7], []), [A], id="a number as a number"),
    ],
)
def test_oms_lists(references: list[str], answer: Any, expected: list[Status]) -> None:
    assert statuses(judge("oms", answer, references)) == expected


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        pytest.param(counted(["R1"], ["R2"]), False, id="they agree"),
        pytest.param(counted(["R1", "R2"], [], successQty=None), False, id="one is not given"),
        pytest.param(counted(["R1", "R2"], [], successQty=1), True, id="fewer successes"),
        pytest.param(counted(["R1"], ["R2"], failQty=0), True, id="no failure"),
        pytest.param(counted(["R1", "R2"], [], total=3), True, id="more than were sent"),
    ],
)
def test_oms_counts_that_disagree_are_noted(answer: Any, noted: bool) -> None:
    note = "The answer's counts do not agree with the orders that it names."

    assert judge("oms", answer, ["R1", "R2"]).notes == ((note,) if noted else ())


def test_oms_numbers_that_cannot_be_told_apart_are_left_out() -> None:
    found = judge("oms", counted(["X", "Y"], []), ["R1", "R2"], payload={"trackingNo": "T"})

    assert found.outcomes == (Outcome(A, tracking_no="T"), Outcome(A, tracking_no="T"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"code": 20000}, [A, A], id="the code as a number"),
        pytest.param({"success": "true"}, [U, U], id="true as text"),
        pytest.param({"success": 1}, [U, U], id="1 for true"),
        pytest.param({"success": None}, [U, U], id="no success"),
        pytest.param({"success": False}, [U, U], id="the code of success, yet no success"),
        pytest.param({"code": "50000"}, [U, U], id="success with another code"),
        pytest.param({"code": "50000", "success": False}, [U, U], id="refused, yet orders named"),
        pytest.param({"code": None, "success": False, "data": None}, [U, U], id="no without code"),
        pytest.param({"data": None}, [U, U], id="no data"),
        pytest.param({"data": []}, [U, U], id="a list for data"),
        pytest.param(
            {"data": {"successList": {}, "failList": "x"}}, [U, U], id="lists that are none"
        ),
        pytest.param({"code": "50000", "success": False, "data": None}, [R, R], id="refused"),
        pytest.param({"code": 50000, "success": False, "data": {}}, [R, R], id="refused, a number"),
    ],
)
def test_oms_calls(changes: dict[str, Any], expected: list[Status]) -> None:
    answer = counted(["R1", "R2"], []) | changes

    assert statuses(judge("oms", answer, ["R1", "R2"])) == expected


def test_oms_shows_code_message_and_errors_of_a_refusal() -> None:
    answer = {
        "code": "40001",
        "success": False,
        "message": "参数错误",
        "errors": ["buyerName 必填"],
    }
    found = judge("oms", answer | {"requestId": "f08c"})

    assert found.outcomes == (Outcome(R, '40001 参数错误 ["buyerName 必填"]'),)
    assert found.request_id == "f08c"


# -- 1688 ------------------------------------------------------------------------------------------

FAILED = {"offerId": "554", "specId": "b26", "errorCode": "500_004", "errorMessage": "库存不足"}
NO_FAILURE = {"offerId": "554", "specId": "b26", "errorCode": "0", "errorMessage": "-"}


def part(number: Any, success: Any = True, code: Any = "200", **more: Any) -> Any:
    return {"orderId": number, "success": success, "resultCode": code, "message": None, **more}


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
        pytest.param({"code": 500, "result": False, "data": None}, R, id="refused"),
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

    assert found.outcomes == (Outcome(R, "422 no such SKU"),)


# -- PandaPon --------------------------------------------------------------------------------------


def made(number: Any = "2019", *goods: int) -> Any:
    return {"baseInfo": {"idOfStr": number}, "productItems": [{"productID": id_} for id_ in goods]}


@pytest.mark.parametrize(
    ("answer", "payload", "expected"),
    [
        pytest.param({"code": 200, "data": [made()]}, ONE_SELLER, A, id="200 and an order"),
        pytest.param({"code": 200, "data": made()}, ONE_SELLER, A, id="an object for data"),
        pytest.param({"code": 200, "data": None}, ONE_SELLER, A, id="200 and null"),
        pytest.param({"code": 200, "data": {}}, ONE_SELLER, A, id="200 and nothing"),
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
        pytest.param({"code": 500, "data": None}, ONE_SELLER, R, id="a fault over there"),
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

    assert outcome == Outcome(P, "成功 Not created: 554456348335.", "1")


def test_pandapon_stops_when_the_credentials_are_refused() -> None:
    found = judge("pandapon", {"code": 401, "msg": "signature error", "data": None})

    assert statuses(found) == [N]
    assert found.stop == "The provider refused the credentials: 401 signature error"


# -- answers that come in the order of the request ------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param([1, -1, 1], [A, R, A], id="one entry for each order"),
        pytest.param([1, -1], [U, U, U], id="one too few"),
        pytest.param([1, 1, 1, 1], [U, U, U], id="one too many"),
        pytest.param([1, None, 1], [U, U, U], id="a gap"),
        pytest.param([1, 0, "1"], [A, U, U], id="codes of neither kind"),
    ],
)
def test_answers_by_position(answer: Any, expected: list[Status]) -> None:
    like = mapping("scexpress")
    response = like.response.model_copy(
        update={
            "match": Match(position=True),
            "call_ok": "type(@) == 'array'",
            "stop": None,
            "results": "@",
            "accepted": "@ == `1`",
            "rejected": "@ == `-1`",
            "message": None,
            "outputs": {},
        }
    )
    orders = [Order(name, name, {}, (2,)) for name in ("R1", "R2", "R3")]
    reply = Reply(200, {}, json.dumps(answer).encode())
    found = answers.judge(like.model_copy(update={"response": response}), orders, reply)

    assert statuses(found) == expected


# -- HTTP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [200, 201, 202, 207, 299])
def test_the_body_decides_when_http_says_well(provider: str, status: int) -> None:
    assert statuses(judge(provider, YES[provider], status=status)) == [A]
    assert statuses(judge(provider, NO[provider], status=status, payload=ONE_SELLER)) == [R]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [0, 100, 199, 408, 409, 499, 500, 502, 503, 504, 529, 599, 999])
def test_a_status_that_settles_nothing(provider: str, status: int) -> None:
    for answer in (YES[provider], NO[provider], b"<html>Bad Gateway</html>", b""):
        found = judge(provider, answer, status=status)

        assert statuses(found) == [U]
        assert (found.stop, found.not_processed) == ("", False)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308])
def test_a_redirect_settles_nothing_and_stops_the_run(provider: str, status: int) -> None:
    found = judge(provider, b"", status=status, location="https://elsewhere.example")

    assert statuses(found) == [U]
    reason = f"The provider answered with a redirect (HTTP {status}), which is not followed."
    assert found.stop == reason


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_stop_the_run(provider: str, status: int) -> None:
    found = judge(provider, b"<html>no</html>", ["R1", "R2"], status=status)

    assert statuses(found) == [N, N]
    assert found.stop == f"The provider refused the credentials (HTTP {status})."


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [425, 429])
def test_a_busy_provider_has_not_looked_at_the_request(provider: str, status: int) -> None:
    found = judge(provider, b"slow down", ["R1", "R2"], status=status, retry_after="7")

    assert statuses(found) == [N, N]
    assert (found.not_processed, found.retry_after, found.stop) == (True, 7.0, "")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422])
def test_a_refused_request_of_one_order(provider: str, status: int) -> None:
    found = judge(provider, b"<html>no</html>", status=status)

    assert found.outcomes == (Outcome(R, f"The provider refused the request (HTTP {status})."),)


@pytest.mark.parametrize(
    ("provider", "status", "expected"),
    [
        pytest.param("scexpress", 400, U, id="SC-Express says nothing of it"),
        pytest.param("oms", 400, R, id="the mapping says so"),
        pytest.param("oms", 402, U, id="a status that the mapping does not name"),
    ],
)
def test_a_refused_request_of_several_orders(provider: str, status: int, expected: Status) -> None:
    assert statuses(judge(provider, {}, ["R1", "R2"], status=status)) == [expected, expected]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 425, 429])
def test_a_refusal_that_names_created_orders_settles_nothing(provider: str, status: int) -> None:
    found = judge(provider, YES[provider], status=status)

    said = f"The provider answered HTTP {status}, yet its answer says that orders were created."
    assert found.outcomes == (Outcome(U, said),)


def test_a_refusal_over_http_gives_the_providers_own_reason() -> None:
    found = judge("apicenter", {"code": 422, "message": "no such SKU"}, status=422)

    assert found.outcomes == (Outcome(R, "422 no such SKU"),)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param(" 7 ", 7.0, id="seconds with blanks"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 0.0, id="a date that has passed"),
        pytest.param("", None, id="nothing"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="below zero"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("nan", None, id="no number"),
        pytest.param("\u00b2", None, id="a superscript, which Python calls a digit"),
        pytest.param("Mon, 99 Foo 0000 99:99:99", None, id="no date"),
    ],
)
def test_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert judge("oms", b"", status=429, retry_after=header).retry_after == seconds


def test_how_long_to_wait_as_a_date() -> None:
    wait = judge("oms", b"", status=429, retry_after=formatdate(time() + 90)).retry_after

    assert wait is not None
    assert 85 < wait < 95


# -- bodies that cannot be read --------------------------------------------------------------------


def text(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


BROKEN = [
    pytest.param(lambda good: b"", id="nothing"),
    pytest.param(lambda good: b" \r\n", id="blanks"),
    pytest.param(lambda good: b"<!DOCTYPE html><html><body>OK</body></html>", id="HTML"),
    pytest.param(lambda good: b"OK", id="a word"),
    pytest.param(lambda good: text(good)[:-1], id="cut at the last byte"),
    pytest.param(lambda good: text(good)[: len(text(good)) // 2], id="cut in the middle"),
    pytest.param(lambda good: text(good) + b"}", id="a bracket too many"),
    pytest.param(lambda good: text(good) * 2, id="two answers"),
    pytest.param(lambda good: text(good) + b"\0", id="a null byte at the end"),
    pytest.param(lambda good: text(good).decode().encode("utf-16"), id="UTF-16"),
    pytest.param(lambda good: text({**good, "x": "成功"}).decode().encode("gbk"), id="GBK"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": NaN}', id="NaN"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": Infinity}', id="infinity"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": -Infinity}', id="minus infinity"),
    pytest.param(lambda good: text(good)[:-1] + b', "code": 0}', id="a key twice"),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": {"a": 1, "a": 1}}', id="a key twice inside"
    ),
    pytest.param(lambda good: text(good)[:-1] + b', "x": ' + b"9" * 5000 + b"}", id="5,000 digits"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": "\\ud800"}', id="half a character"),
    pytest.param(lambda good: text(good)[:-1] + b', "\\udfff": 1}', id="half a character in a key"),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b"[" * 150 + b"]" * 150 + b"}", id="150 deep"
    ),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b'{"a":' * 950 + b"1" + b"}" * 951,
        id="950 deep",
    ),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        id="100,000 deep",
    ),
    pytest.param(lambda good: b"null", id="null"),
    pytest.param(lambda good: b"true", id="true"),
    pytest.param(lambda good: b"0", id="0"),
    pytest.param(lambda good: b"200", id="200"),
    pytest.param(lambda good: b'"20000"', id="a text"),
    pytest.param(lambda good: b"[]", id="an empty list"),
    pytest.param(lambda good: b"{}", id="an empty object"),
    pytest.param(lambda good: text([good]), id="the answer in a list"),
    pytest.param(lambda good: text(json.dumps(good)), id="the answer as text in JSON"),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_that_cannot_be_read_settles_nothing(provider: str, broken: Any) -> None:
    for good in (YES[provider], NO[provider]):
        found = judge(provider, broken(good))

        assert statuses(found) == [U]
        assert (found.stop, found.not_processed) == ("", False)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_byte_order_mark_and_pairs_of_halves_do_no_harm(provider: str) -> None:
    emoji = text(YES[provider])[:-1] + b', "x": "\\ud83d\\ude00"}'

    assert statuses(judge(provider, b"\xef\xbb\xbf" + text(YES[provider]))) == [A]
    assert statuses(judge(provider, emoji)) == [A]


def test_a_long_message_is_cut_and_nothing_else_is_done_to_it() -> None:
    reason = "=HYPERLINK(1)<b>" + "x" * 10_000_000
    (outcome,) = judge("scexpress", {"code": 0, "data": [row(code=-1, msg=reason)]}).outcomes

    assert outcome.message == reason[:1000]


def test_numbers_beyond_a_float_stay_exact() -> None:
    body = b'{"code": 0, "data": [{"code": 0, "customernumber": "R1", "systemnumber": %d}]}'
    (outcome,) = judge("scexpress", body % 12345678901234567890123).outcomes

    assert outcome.provider_order_no == "12345678901234567890123"


# -- whatever may come -----------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 200, 201, 20000, 0.5, "", "0", "200", "20000", "R1", "-", "true"])
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value, itself included."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(found for key, part in inner for found in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


@st.composite
def odd_answers(draw: st.DrawFn, provider: str) -> Any:
    """A plain answer of the provider with one or two of its parts replaced by anything."""
    answer = draw(st.sampled_from([YES[provider], NO[provider]]))
    for _ in range(draw(st.integers(1, 2))):
        answer = replaced(answer, draw(st.sampled_from(places(answer))), draw(ANYTHING))
    return answer


def is_number(value: Any, *wanted: int) -> bool:
    return type(value) in (int, float) and value in wanted


def numbers_in(provider: str, answer: Any) -> bool:
    """Whether an answer holds, where it belongs, the mark that an order was created."""
    if not isinstance(answer, dict):
        return False
    data = answer.get("data")
    if provider == "scexpress":
        rows = data if isinstance(data, list) else [data]
        return is_number(answer.get("code"), 0) and any(
            is_number(found.get("code"), 0, 1) and found.get("systemnumber") not in (None, "")
            for found in rows
            if isinstance(found, dict)
        )
    if provider == "oms":
        return answer.get("success") is True and str(answer.get("code")) in ("20000", "20000.0")
    if provider == "apicenter":
        return is_number(answer.get("code"), 0) and isinstance(data, dict)
    if provider == "platform1688":
        return answer.get("result") is True and isinstance(data, dict) and data["success"] is True
    return is_number(answer.get("code"), 0, 200)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(data=st.data())
@settings(deadline=None, max_examples=200)
def test_no_answer_raises_and_no_yes_is_made_up(provider: str, data: st.DataObject) -> None:
    answer = data.draw(odd_answers(provider))
    found = judge(provider, answer, data.draw(st.sampled_from([["R1"], ["R1", "R2"]])))

    if {A, P} & set(statuses(found)):
        assert numbers_in(provider, answer)


# -- refusals that name nobody ---------------------------------------------------------------------


SAME_KEY = {"code": -1, "msg": "下单失败: 客户参考号1已存在"}
SAME_KEY_TOO = {"code": -1, "msg": "下单失败: 订单号重复"}
NO_POSTCODE = {"code": -1, "msg": "下单失败: 邮编错误"}
NO_CHANNEL = {"code": -1, "msg": "下单失败: 渠道不存在"}
CREATED_R1 = {"code": 0, "msg": "下单成功", "systemnumber": "S1", "customernumber": "R1"}
STRANGER = {**CREATED_R1, "customernumber": "X"}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([SAME_KEY] * 3, [D, D, D], id="all there already"),
        pytest.param([NO_CHANNEL] * 3, [R, R, R], id="all refused in the same words"),
        pytest.param([CREATED_R1, SAME_KEY, SAME_KEY], [A, D, D], id="the rest there already"),
        pytest.param([SAME_KEY, SAME_KEY_TOO, SAME_KEY], [D, D, D], id="in any words"),
        pytest.param([NO_CHANNEL, NO_POSTCODE, NO_CHANNEL], [U, U, U], id="which is whose"),
        pytest.param([SAME_KEY, NO_CHANNEL, SAME_KEY], [U, U, U], id="some there and some refused"),
        pytest.param([SAME_KEY] * 2, [U, U, U], id="one is left out"),
        pytest.param([SAME_KEY] * 4, [U, U, U], id="one too many"),
        pytest.param([CREATED_R1, STRANGER, SAME_KEY, SAME_KEY], [A, U, U], id="a stranger"),
    ],
)
def test_it_need_not_be_told_apart_what_is_said_of_all(
    entries: list[Any], expected: list[Status]
) -> None:
    answer = {"code": 0, "msg": "调用成功", "data": entries}

    assert statuses(judge("scexpress", answer, ("R1", "R2", "R3"))) == expected
