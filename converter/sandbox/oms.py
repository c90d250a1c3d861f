"""OMS: platform orders, many to a call (OMS open API, 批量创建电商平台订单)."""

from __future__ import annotations

import time
import uuid
from typing import Any

from converter.sandbox.book import Book, own_number
from converter.sandbox.calls import Answer, Call
from converter.sandbox.schema import Shape

NAME = "oms"
COMPANY_CODE = "SANDBOX"
TOKEN = "sandbox-token-oms"
ENVIRONMENT = {"OMS_COMPANY_CODE": COMPANY_CODE, "OMS_API_TOKEN": TOKEN}

_ORDERS = Shape(NAME)


def admit(call: Call, _book: Book) -> Answer | None:
    """Check the token in the header, and the company in the path that it belongs to."""
    if call.headers.get("authorization") != TOKEN:
        return _envelope("40100", "未授权，请检查 Authorization", status=401)
    if call.path_parameters.get("company", COMPANY_CODE) != COMPANY_CODE:
        return _envelope("40300", "公司编码 (companyCode) 与授权不符", status=403)
    return None


def refusal(why: str) -> Answer:
    """The list of return codes is not available; every code but 20000 is the sandbox's own."""
    return _envelope("40000", why, errors=[why])


def references(body: Any) -> list[str]:
    return [_reference(order) for order in body] if isinstance(body, list) else []


def create(body: Any, book: Book) -> Answer:
    """Create the orders, or none of them where any is invalid.

    What a repeated platformOrderNo does is not documented, so the worst is assumed: another order.
    Entries of failList are not documented either; they are assumed to be like those of successList.
    """
    complaints = _ORDERS.complaints(body)
    if complaints:
        return _envelope("40000", "请求参数错误", errors=[str(each) for each in complaints])
    refused = [
        {"orderNo": order["platformOrderNo"], "message": why}
        for order in body
        if (why := _fault(order))
    ]
    sound = [(order["platformOrderNo"], order) for order in body if not _fault(order)]
    created = tuple(entry.reference for entry in book.add(NAME, sound, own_number))
    listed = [
        {"orderNo": reference, "message": "处理成功"}
        for reference in created
        if "OMIT" not in reference
    ]
    data = {
        "totalQty": len(body),
        "successQty": len(listed),
        "failQty": len(refused),
        "successList": listed,
        "failList": refused,
    }
    return _envelope("20000", "请求成功", data=data, created=created)


def outbound(body: Any, book: Book) -> Answer:
    """A page of outbound orders by reference, as a public client of this product reads it.

    The tracking number of an order marked LATE comes at the second time that it is asked for.
    """
    try:
        names, page = body["referenceNos"], body["commonParam"]["pageParam"]
        number, size = page["pageNum"], page["pageSize"]
        rows = [row for name in names if (row := _outbound_row(name, book))]
        shown = rows[(number - 1) * size : number * size] if number > 0 < size else []
    except (TypeError, KeyError):
        return refusal("请求参数错误")
    data = {
        "pageNum": str(number),
        "pageSize": str(size),
        "totalCount": str(len(rows)),
        "totalPage": str(-(-len(rows) // size)),
        "list": shown,
    }
    return _envelope("20000", "请求成功", data=data)


def cancel(body: Any, book: Book) -> Answer:
    """Cancel outbound orders by their numbers, as a public client of this product does.

    A call that went well may have failed for each order.
    """
    numbers = body.get("orderNos")
    if (
        not isinstance(numbers, list)
        or not numbers
        or not isinstance(body.get("cancelRemark"), str)
    ):
        return refusal("请求参数错误")
    done: list[dict[str, str]] = []
    failed: list[dict[str, str]] = []
    cancelled: list[str] = []
    for number in numbers:
        entry = book.find_number(NAME, number)
        if entry is None:
            failed.append({"orderNo": number, "message": "出库单不存在"})
        elif "CANCELFAIL" in entry.reference:
            failed.append({"orderNo": number, "message": "出库单已拣货，不能取消"})
        elif not book.cancel(entry):
            failed.append({"orderNo": number, "message": "出库单已取消"})
        else:
            done.append({"orderNo": number, "message": ""})
            cancelled.append(entry.reference)
    data = {
        "totalQty": len(numbers),
        "successQty": len(done),
        "failQty": len(failed),
        "successList": done,
        "failList": failed,
    }
    answer = _envelope("20000", "请求成功", data=data)
    return Answer(answer.body, cancelled=tuple(cancelled))


def _outbound_row(name: str, book: Book) -> dict[str, Any] | None:
    entry = book.find(NAME, name)
    if entry is None:
        return None
    has_tracking = "LATE" not in name or not book.first_time(NAME, "LATE", name)
    return {
        "orderType": 1,
        "orderNo": entry.number,
        "referenceNo": name,
        "trackingNo": entry.number.replace("SBX-", "SBX-T", 1) if has_tracking else "",
        "status": -1 if book.is_cancelled(entry) else 4 if has_tracking else 3,
        "errorReason": None,
    }


def _reference(order: Any) -> str:
    reference = order.get("platformOrderNo") if isinstance(order, dict) else None
    return reference if isinstance(reference, str) else ""


def _fault(order: dict[str, Any]) -> str:
    if "DUPLICATE" in order["platformOrderNo"]:
        return "平台订单号 (platformOrderNo) 已存在，请勿重复提交"
    if "REJECT" in order["platformOrderNo"]:
        return f"SKU 不存在: {order['itemDTOs'][0]['sku']}"
    return ""


def _envelope(
    code: str,
    message: str,
    *,
    data: Any = None,
    errors: list[str] | None = None,
    status: int = 200,
    created: tuple[str, ...] = (),
) -> Answer:
    body = {
        "code": code,
        "success": code == "20000",
        "data": data,
        "message": message,
        "errors": errors or [],
        "timestamp": str(time.time_ns() // 1_000_000),
        "duration": 0.01,
        "requestId": uuid.uuid4().hex,
    }
    return Answer(body, status, created)
