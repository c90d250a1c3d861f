"""PandaPon: an order for each seller of a call (its page Create orders, different merchants)."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from typing import Any

from converter.sandbox.book import Book, CreatedOrder, digits_number
from converter.sandbox.calls import Answer, Call
from converter.sandbox.schema import Shape

NAME = "pandapon"
ACCESS_KEY = "sandbox-access-key-pandapon"
SECRET = "sandbox-secret-pandapon"
USER_ID = "9990000000000"
ENVIRONMENT = {
    "PANDAPON_ACCESS_KEY": ACCESS_KEY,
    "PANDAPON_ACCESS_SECRET": SECRET,
    "PANDAPON_USER_ID": USER_ID,
}

_ORDER = Shape(NAME)
_SKEW_SECONDS = 600


def admit(call: Call, book: Book) -> Answer | None:
    """Check the five headers of the manual: key, time and nonce are signed with the secret.

    Its table shows milliseconds, but clients in use send seconds: both are accepted.
    """
    key, stamp, nonce, user, given = (
        call.headers.get(name, "")
        for name in ("access-key", "timestamp", "nonce-str", "user-id", "signature")
    )
    signed = hashlib.md5(f"{key}{stamp}{nonce}{SECRET}".encode()).hexdigest().upper()
    if (
        key != ACCESS_KEY
        or user != USER_ID
        or given != signed
        or not re.fullmatch("[0-9]{10}|[0-9]{13}", stamp)
        or abs(time.time() - int(stamp[:10])) > _SKEW_SECONDS
        or len(nonce) != 32
        or not book.first_time(NAME, nonce)
    ):
        return _envelope(401, "signature error", None)
    return None


def refusal(why: str) -> Answer:
    """No error codes are published; 400 is the sandbox's own."""
    return _envelope(400, why, None)


def references(body: Any) -> list[str]:
    """The first word of the message: there is no field for the client's own reference."""
    message = body.get("message") if isinstance(body, dict) else None
    return message.split()[:1] if isinstance(message, str) else []


def create(body: Any, book: Book) -> Answer:
    """Create an order for each seller, with that seller's goods.

    Nothing identifies a repeated call, so it creates everything again.
    """
    complaints = _ORDER.complaints(body)
    if complaints:
        return refusal("；".join(map(str, complaints)))
    address = body["addressParam"]
    if not address.get("mobile") and not address.get("phone"):
        return refusal("手机 (addressParam.mobile) 与电话 (addressParam.phone) 二选一必填")
    reference = " ".join(references(body))
    if "DUPLICATE" in reference:
        return refusal(f"订单 {reference} 已存在，请勿重复提交")
    if "REJECT" in reference:
        return refusal(
            f"商品 (cargoParamList[0].offerId) {body['cargoParamList'][0]['offerId']} 已下架"
        )

    sellers: dict[str, list[dict[str, Any]]] = {}
    for line in body["cargoParamList"]:
        sellers.setdefault(line["sellerOpenId"], []).append(line)
    if "PARTIAL" in reference:
        _sold_out(sellers)
    orders = [(reference, {**body, "cargoParamList": goods}) for goods in sellers.values()]
    entries = book.add(NAME, orders, digits_number)
    data = [] if "OMIT" in reference else [_created(entry) for entry in entries]
    return _envelope(200, "成功", data, created=(reference,))


def cancel(body: Any, book: Book) -> Answer:
    """Cancel one order before it is paid. No error codes are published: 400 is the sandbox's."""
    number = body.get("orderId")
    if body.get("webSite") != "1688" or type(number) is not int or not body.get("cancelReason"):
        return refusal("webSite、orderId (integer)、cancelReason 为必填项")
    entry = book.find_number(NAME, str(number))
    if entry is None:
        return refusal(f"订单 {number} 不存在")
    if "CANCELFAIL" in entry.reference:
        return refusal(f"订单 {number} 已付款，不能取消")
    if not book.cancel(entry):
        return refusal(f"订单 {number} 已取消")
    return Answer(_envelope(200, "成功", True).body, cancelled=(entry.reference,))


def _sold_out(sellers: dict[str, list[dict[str, Any]]]) -> None:
    """Remove the last seller's order, or a single seller's last line."""
    last, goods = list(sellers.items())[-1]
    if len(sellers) > 1:
        del sellers[last]
    else:
        sellers[last] = goods[:-1]


def _created(entry: CreatedOrder) -> dict[str, Any]:
    """An order as in the newer document's sample, as far as that is legible."""
    address = entry.request["addressParam"]
    return {
        "baseInfo": {"idOfStr": entry.number},
        "nativeLogistics": {
            "contactPerson": address["fullName"],
            "mobile": address.get("mobile", ""),
            "telephone": address.get("phone", ""),
            "province": address["provinceText"],
            "city": address["cityText"],
            "area": address.get("areaText", ""),
            "address": address["address"],
            "zip": address.get("postCode", ""),
        },
        "productItems": [
            {
                "productID": line["offerId"],
                "name": f"沙盒商品 {line['offerId']}",
                "price": 1,
                "itemAmount": line["quantity"],
            }
            for line in entry.request["cargoParamList"]
        ],
    }


def _envelope(code: int, message: str, data: Any, created: tuple[str, ...] = ()) -> Answer:
    body = {
        "requestId": uuid.uuid4().hex,
        "code": code,
        "developId": "9990000000000000000",
        "msg": message,
        "data": data,
    }
    return Answer(body, created=created)
