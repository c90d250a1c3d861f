from __future__ import annotations

import json
from typing import Any

import pytest

from converter.mapping.response import AllOfThem
from converter.model import Order, Outcome, Reply, Status
from converter.provider import answers
from tests.provider.replies import (
    UNPROVEN,
    A,
    D,
    N,
    R,
    U,
    judge,
    mapping,
    row,
    statuses,
)

# -- SC-Express ------------------------------------------------------------------------------------


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
        pytest.param({"code": 7, "msg": "x", "data": []}, [R, R], id="refused"),
        pytest.param({"code": 200, "msg": "", "data": []}, [U, U], id="HTTP's word for success"),
        pytest.param({"code": 7, "msg": "ok"}, [U, U], id="refused with the words of a yes"),
        pytest.param({"code": 7, "msg": "操作成功！"}, [U, U], id="and with those in Chinese"),
        pytest.param({"code": 7, "msg": "x", "success": True}, [U, U], id="refused and successful"),
        pytest.param({"code": 500, "msg": "x", "data": []}, [U, U], id="a fault over there"),
        pytest.param({"code": -1, "msg": "x"}, [U, U], id="-1 for the whole request"),
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
    ("changes", "expected"),
    [
        pytest.param({"failList": None}, [A, A], id="no list"),
        pytest.param({"failList": None, "failQty": None}, [A, A], id="neither list nor count"),
        pytest.param({"failList": None, "failQty": 1}, [U, U], id="a count alone"),
        pytest.param({"failList": None, "failQty": "0"}, [U, U], id="a count as text"),
    ],
)
def test_oms_counts_without_a_list_of_refusals(
    changes: dict[str, Any], expected: list[Status]
) -> None:
    answer = counted(["X", "Y"], [])
    answer["data"] |= changes

    assert statuses(judge("oms", answer, ["R1", "R2"])) == expected


def test_counts_may_leave_refusals_out() -> None:
    like = mapping("oms")
    counts = AllOfThem(total="data.totalQty", accepted="data.successQty")
    match = like.response.match.model_copy(update={"all": counts})
    response = like.response.model_copy(update={"match": match})
    orders = [Order(name, name, {}, (2,)) for name in ("R1", "R2")]
    reply = Reply(200, {}, json.dumps(counted(["X", "Y"], [])).encode())

    found = answers.judge(like.model_copy(update={"response": response}), orders, reply)

    assert statuses(found) == [A, A]


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

    assert found.outcomes == (Outcome(R, '40001 参数错误 ["buyerName 必填"]', flags=UNPROVEN),)
    assert found.request_id == "f08c"
