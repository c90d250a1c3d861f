from __future__ import annotations

import json
from typing import Any

import pytest

from converter.mapping.response import Match
from converter.model import Order, Reply, Status
from converter.provider import answers
from tests.provider.replies import (
    A,
    D,
    R,
    U,
    judge,
    mapping,
    statuses,
)

# -- answers that come in the order of the request -------------------------------------------------


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
