"""Three kinds of "no": declared by a document, about the provider's own system, any other."""

from __future__ import annotations

from typing import Any

import pytest

from converter.model import Order, Reply, Status
from converter.provider import answers
from tests.provider.replies import UNPROVEN, R, U, judge, mapping, row, statuses

SENT = {"cargoParamList": [{"offerId": 554, "specId": "b26", "quantity": 1}]}


@pytest.mark.parametrize(
    "said",
    [
        {"code": "50000", "message": "系统异常,请稍后重试"},
        {"code": "500", "message": "创建失败"},
        {"code": 504, "message": ""},
        {"code": "-1", "message": "no"},
        {"code": "40001", "message": "请求超时"},
        {"code": "40001", "message": "Service busy"},
        {"code": "99", "message": "操作失败"},
        {"code": "99", "message": "no", "errors": ["SocketTimeoutException"]},
    ],
)
@pytest.mark.parametrize("provider", ["oms", "apicenter", "pandapon", "platform1688"])
def test_trouble_of_the_system_is_no_refusal(provider: str, said: dict[str, Any]) -> None:
    code: Any = said["code"] if provider == "oms" else int(said["code"])
    answer = {**said, "msg": said["message"], "code": code, "success": False, "result": False}
    found = judge(provider, answer)

    assert statuses(found) == [U]
    assert found.outcomes[0].message.startswith(
        "The provider speaks of trouble in its system (",
    )
    assert str(code) in found.outcomes[0].message  # the code is named


def test_the_message_names_what_speaks_of_the_system() -> None:
    found = judge("oms", {"code": "50000", "success": False, "message": "系统异常,请稍后重试"})

    assert found.outcomes[0].message == (
        "The provider speaks of trouble in its system (系统异常) and not of these orders. "
        "50000 系统异常,请稍后重试"
    )


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("body", [b'{"code": 500}', b"Service busy", b'{"message": "timeout"}'])
def test_trouble_of_the_system_is_no_refusal_over_http_either(status: int, body: bytes) -> None:
    assert statuses(judge("oms", body, ["R1", "R2"], status=status)) == [U, U]


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("oms", {"code": "40001", "success": False, "message": "参数错误"}),
        ("apicenter", {"code": 422, "message": "no such SKU"}),
        ("pandapon", {"code": 400, "msg": "参数错误"}),
        ("platform1688", {"code": 7, "result": False, "message": "参数错误"}),
        ("platform1688", {"code": 0, "result": True, "data": {"success": False, "code": "E1"}}),
    ],
)
def test_a_code_that_no_document_lists_is_unproven(provider: str, answer: Any) -> None:
    found = judge(provider, answer)

    assert [(o.status, o.flags) for o in found.outcomes] == [(R, UNPROVEN)]
    assert not found.refused_whole


FAILED = {"offerId": "554", "specId": "b26", "errorCode": "500_004", "errorMessage": "库存不足"}


def failed(*offers: Any) -> Any:
    data = {"success": False, "orderId": None, "failedOfferList": list(offers)}
    return {"code": 0, "result": True, "message": "", "data": data}


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("scexpress", {"code": 0, "data": [row(code=-1, number="", msg="渠道不存在")]}),
        (
            "oms",
            {
                "code": "20000",
                "success": True,
                "data": {
                    "totalQty": 1, "successQty": 0, "failQty": 1, "successList": [],
                    "failList": [{"orderNo": "R1", "message": "SKU 不存在"}],
                },
            },
        ),
        ("platform1688", failed(FAILED)),
    ],
)  # fmt: skip
def test_a_refusal_that_the_document_lists_is_proved(provider: str, answer: Any) -> None:
    found = judge(provider, answer, payload=SENT)

    assert [(o.status, o.flags) for o in found.outcomes] == [(R, ())]


@pytest.mark.parametrize(
    ("provider", "answer", "expected"),
    [
        ("scexpress", {"code": 0, "data": [row(code=-1, number="", msg="系统繁忙")]}, U),
        ("platform1688", failed({**FAILED, "errorCode": "500"}), U),
        ("platform1688", failed({**FAILED, "errorMessage": "请求超时"}), U),
        ("platform1688", failed(), U),
    ],
)
def test_trouble_of_the_system_counts_beside_a_declared_refusal(
    provider: str, answer: Any, expected: Status
) -> None:
    assert statuses(judge(provider, answer, payload=SENT)) == [expected]


def test_a_declared_refusal_of_a_whole_request() -> None:
    found = judge("scexpress", {"code": 7, "msg": "参数错误", "data": []}, ["R1", "R2"])

    assert [(o.status, o.flags) for o in found.outcomes] == [(R, ()), (R, ())]
    assert found.refused_whole


@pytest.mark.parametrize("code", [500, 503, 599, -1])
def test_a_code_of_the_system_is_never_a_declared_refusal_of_sc_express(code: int) -> None:
    found = judge("scexpress", {"code": code, "msg": "x", "data": []}, ["R1", "R2"])

    assert statuses(found) == [U, U]


@pytest.mark.parametrize(
    ("refusal", "status", "body", "expected"),
    [
        ({"http": [400]}, 400, b"{}", ()),
        ({"http": [400]}, 422, b"{}", UNPROVEN),
        ({"http": [400], "when": "code == 'E1'"}, 400, b'{"code": "E1"}', ()),
        ({"http": [400], "when": "code == 'E1'"}, 400, b'{"code": "E2"}', UNPROVEN),
        ({"http": [400], "when": "code == 'E1'"}, 400, b"no json", UNPROVEN),
        ({"http": [400], "when": "code == 'E1'"}, 200, b'{"code": "E1"}', UNPROVEN),
        ({"when": "code == 'E1'"}, 200, b'{"code": "E1"}', ()),
        ({"when": "code == 'E1'"}, 400, b'{"code": "E1"}', UNPROVEN),
    ],
)
def test_a_whole_refusal_is_known_by_its_status_or_by_its_content(
    refusal: dict[str, Any], status: int, body: bytes, expected: tuple[str, ...]
) -> None:
    from converter.mapping.response import CallRefusal

    declared = CallRefusal.model_validate({**refusal, "evidence": "a test"})
    response = mapping("oms").response.model_copy(
        update={"call_refused": "code", "call_refusals": (declared,)}
    )
    provider = mapping("oms").model_copy(update={"response": response})
    orders = [Order("R1", "R1", {}, (2,)), Order("R2", "R2", {}, (3,))]
    found = answers.judge(provider, orders, Reply(status, {}, body))

    assert [(o.status, o.flags) for o in found.outcomes] == [(R, expected)] * 2
    assert found.refused_whole == (expected == ())


def test_a_mapping_adds_words_of_its_own() -> None:
    response = mapping("oms").response.model_copy(update={"system_words": ("机房搬迁",)})
    provider = mapping("oms").model_copy(update={"response": response})
    body = '{"code": "1", "success": false, "message": "机房搬迁"}'.encode()
    found = answers.judge(provider, [Order("R1", "R1", {}, (2,))], Reply(200, {}, body))

    assert statuses(found) == [U]
