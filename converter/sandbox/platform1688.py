"""The 1688-style platform: one purchase order to a call (its page 创建订单)."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable
from typing import Any

from converter.sandbox.book import Book, digits_number
from converter.sandbox.calls import Answer, Call
from converter.sandbox.schema import Shape

NAME = "platform1688"
PUBLIC_KEY = "5A4DB0C5A4DB0C00"
SECRET = "sandbox-secret-platform1688"
ENVIRONMENT = {"PLATFORM1688_PUBLIC_KEY": PUBLIC_KEY, "PLATFORM1688_SECRET": SECRET}

_ORDER = Shape(NAME)
_MAX_SKUS = 50
_SKEW_SECONDS = 600
_REASONS = ("buyerCancel", "sellerGoodsLack", "other")
_SIGNATURE = ("public_key", "nonce_str", "second_timestamp", "sign")


def admit(call: Call, book: Book) -> Answer | None:
    """Check the four signature fields that another document of this API puts into the body.

    How ``sign`` is computed is not published. The rule here is the sandbox's own and says nothing
    about the real one: UPPERCASE(HEX(MD5(public_key + nonce_str +
    second_timestamp + secret))).
    """
    if call.problem:
        return None
    body = call.body if isinstance(call.body, dict) else {}
    key, nonce, stamp, sign = (_text(body.get(name)) for name in _SIGNATURE)
    expected = hashlib.md5(f"{key}{nonce}{stamp}{SECRET}".encode()).hexdigest().upper()
    if key != PUBLIC_KEY or not nonce or sign != expected:
        return _refused(10001, "签名错误，请检查 public_key 和 sign")
    if not re.fullmatch("[0-9]{10}", stamp) or abs(time.time() - int(stamp)) > _SKEW_SECONDS:
        return _refused(10001, "时间戳 (second_timestamp) 已过期")
    if not book.first_time(NAME, nonce):
        return _refused(10001, "随机字符串 (nonce_str) 已使用过")
    return None


def refusal(why: str) -> Answer:
    """No error codes are published; those above 10000 are the sandbox's own."""
    return _refused(10002, why)


def references(body: Any) -> list[str]:
    return [_text(body.get("outOrderId"))] if isinstance(body, dict) else []


def create(body: Any, book: Book) -> Answer:
    """Create one order.

    What a repeated outOrderId does is not documented, so the worst is assumed: another order.
    Refusals of goods look like those of the official order call, with its error codes.
    """
    goods = body.get("cargoParamList")
    if isinstance(goods, list) and len(goods) > _MAX_SKUS:
        return _refused(10003, f"一次最多允许 {_MAX_SKUS} 个SKU，请拆单后提交")
    complaints = _ORDER.complaints(body)
    if complaints:
        return refusal("；".join(map(str, complaints)))
    address = body["addressParam"]
    if not address.get("mobile") and not address.get("phone"):
        return refusal("手机 (addressParam.mobile) 与电话 (addressParam.phone) 二选一必填")
    reference = body.get("outOrderId", "")
    if "DUPLICATE" in reference:
        return _answer({"code": "DUPLICATE", "message": f"外部订单号 {reference} 已存在"})
    if "REJECT" in reference:
        return _answer(_unsold(goods, "500_001", "商品不支持在线交易"))
    if unfit := [line for line in goods if not _fits_flow(body["flow"], line["quantity"])]:
        return _answer(_unsold(unfit, "500_009", "采购数量不符合该流程的要求"))

    order = {name: value for name, value in body.items() if name not in _SIGNATURE}
    [entry] = book.add(NAME, [(reference, order)], digits_number)
    created = (entry.reference,)
    if "OMIT" in reference:
        return _answer({"success": True, "code": "200", "message": None}, created)
    missing = goods[-1:] if "PARTIAL" in reference else []
    bought = goods[:-1] if missing else goods
    data = {
        "totalSuccessAmount": round(sum(line["quantity"] for line in bought) * 100),
        "orderId": entry.number,
        "success": True,
        "code": "200",
        "message": None,
        "accountPeriod": {"tapType": 1, "tapDate": 12, "tapOverdue": 0},
        "failedOfferList": _failed(missing, "500_004", "库存不足"),
        "postFee": 10,
        "orderList": [],
    }
    return _answer(data, created)


def cancel(body: Any, book: Book) -> Answer:
    """Cancel one unpaid order. The document has no sample of a failure."""
    number = body.get("tradeID")
    if type(number) is not int or body.get("cancelReason") not in _REASONS:
        return refusal("tradeID 和 cancelReason 为必填项")
    entry = book.find_number(NAME, str(number))
    if entry is None:
        return _refused(10004, f"订单 {number} 不存在")
    if "CANCELFAIL" in entry.reference:
        return _refused(10004, f"订单 {number} 已付款，不能取消")
    if not book.cancel(entry):
        return _refused(10004, f"订单 {number} 已取消")
    done = {"code": 0, "result": True, "message": "success", "data": {}}
    return Answer(done, cancelled=(entry.reference,))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _fits_flow(flow: str, quantity: float) -> bool:
    """Whether the flow allows the quantity: one for consignment, two or more for wholesale."""
    if flow == "boutiquefenxiao":
        return quantity == 1
    return flow != "boutiquepifa" or quantity >= 2


def _unsold(goods: list[dict[str, Any]], code: str, why: str) -> dict[str, Any]:
    return {"code": code, "message": why, "failedOfferList": _failed(goods, code, why)}


def _failed(goods: Iterable[dict[str, Any]], code: str, why: str) -> list[dict[str, Any]]:
    return [
        {
            "offerId": str(line["offerId"]),
            "specId": line.get("specId", ""),
            "errorCode": code,
            "errorMessage": why,
        }
        for line in goods
    ]


def _answer(data: dict[str, Any], created: tuple[str, ...] = ()) -> Answer:
    """A successful call; ``data`` says whether an order was created."""
    if not created:
        data = {
            "totalSuccessAmount": None,
            "orderId": None,
            "success": False,
            "failedOfferList": [],
            "postFee": None,
            "orderList": [],
            **data,
        }
    return Answer({"code": 0, "result": True, "message": "success", "data": data}, created=created)


def _refused(code: int, why: str) -> Answer:
    return Answer({"code": code, "result": False, "message": why, "data": None})
