from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.requests import (
    NOTHING,
    ORDER,
    PATH,
    PROVIDERS,
    Desk,
    Order,
    platform_order,
    purchase,
    warehouse_order,
    waybill,
)

# -- strangers -------------------------------------------------------------------------------------


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


# -- bodies that cannot be taken -------------------------------------------------------------------


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
    """A provider's message about an invalid order."""
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
    """Unauthorized where the credentials are in the body, malformed elsewhere."""
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
