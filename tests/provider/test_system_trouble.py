from __future__ import annotations

from typing import Any

import pytest

from converter.provider.system_trouble import sign_of_trouble


@pytest.mark.parametrize(
    "text",
    [
        "系统异常,请稍后重试",
        "系统繁忙",
        "系統忙碌中，請稍後再試",
        "请求超时",
        "服务器开小差了",
        "服务暂时不可用",
        "网络异常，请检查",
        "内部错误",
        "未知错误",
        "接口调用失败",
        "数据库连接失败",
        "请稍后再提交",
        "下单失败，请稍候再试",
        "订单正在处理中",
        "操作过于频繁",
        "操作失败",
        "下单失败！",
        "失败",
        "创建订单异常",
        "Service busy",
        "Service is temporarily unavailable",
        "System busy, please try again later",
        "Internal Server Error",
        "internal error 7",
        "Gateway Time-out",
        "request timed out",
        "Read timeout",
        "Bad gateway",
        "Please retry in a few minutes",
        "Try again later.",
        "unknown error",
        "java.lang.NullPointerException",
        "Connection to upstream was reset",
        "Database error",
        "Too many requests",
        "server overloaded",
        "Order creation failed",
        "Failed.",
        "ERROR",
        "The request failed",
        "HTTP 503",
        "error code: 500",
        "500",
        "-1",
    ],
)
def test_words_for_trouble_of_a_system(text: str) -> None:
    assert sign_of_trouble([text], []) != ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "参数错误",
        "收件人邮编格式错误",
        "SKU 不存在",
        "库存不足",
        "下单失败: 运单客户参考号1 (customernumber1) 为必填项",
        "客户参考号在系统中存在",
        "余额不足，请充值后重试",
        "请修改后重新提交",
        "渠道已停用",
        "no such SKU",
        "Postcode is invalid, correct it and try again",
        "SKU unavailable",
        "Shipping service error code: LINE-A",
        "Service unavailable for country PH",
        "The service DHL is not available",
        "服务商代码错误",
        "接口参数错误",
        "Validation failed: buyerName is required",
        "failed to find the channel 'X1'",
        "items[0].qty: must be above 0",
        "Item 500 is not for sale",
        "554 b26 500_004 库存不足",
        "Error in field countryCode",
        "order status 30 does not allow this",
        "Busybee Ltd is not a known receiver",
    ],
)
def test_words_of_a_plain_refusal(text: str) -> None:
    assert sign_of_trouble([text], []) == ""


@pytest.mark.parametrize("name", ["code", "errorCode", "error_code", "errno", "status", "subCode"])
@pytest.mark.parametrize("code", [-1, "-1", 500, "500", 503, 504.0, "599", " 502 "])
def test_codes_for_trouble_of_a_system(name: str, code: Any) -> None:
    assert sign_of_trouble([], [{name: code}]) == f"{name} {code}"
    assert sign_of_trouble([], [{"error": [{name: code}]}]) == f"{name} {code}"
    assert sign_of_trouble([], [{name: code}], codes=False) == ""


@pytest.mark.parametrize(
    "part",
    [
        {"code": 400},
        {"code": "50000"},
        {"code": 499},
        {"code": 600},
        {"code": True},
        {"code": 500.5},
        {"code": "500_001"},
        {"quantity": 500},
        {"zipcode": "501"},
        {"countryCode": "-1"},
        {"sku": "system error"},
        ["timeout"],
        None,
    ],
)
def test_values_that_are_no_codes_of_a_system(part: Any) -> None:
    assert sign_of_trouble([], [part]) == ""


def test_a_mapping_adds_words_of_its_provider() -> None:
    assert sign_of_trouble(["ZZ9: come tomorrow"], [], words=["zz9"]) == "zz9"
    assert sign_of_trouble([], [{"errorMsg": "机房搬迁"}], words=["搬迁"]) == "搬迁"


def test_the_message_is_found_wherever_it_stands() -> None:
    assert sign_of_trouble([], [{"data": {"errors": ["系统异常"]}}]) == "系统异常"
