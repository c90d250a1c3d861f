"""apicenter: one warehouse order to a call (POST 新增订单, /apicenter/api/order)."""

from __future__ import annotations

from typing import Any

from converter.sandbox.book import Book, own_number
from converter.sandbox.calls import Answer, Call
from converter.sandbox.schema import Shape

NAME = "apicenter"
TOKEN = "sandbox-token-apicenter"
ENVIRONMENT = {"APICENTER_TOKEN": TOKEN}

_ORDER = Shape(NAME)


def admit(call: Call, _book: Book) -> Answer | None:
    """The document shows no authentication, so none is required; a wrong token is refused."""
    given = call.headers.get("authorization")
    if given is None or given.removeprefix("Bearer ") == TOKEN:
        return None
    return Answer({"code": 401, "data": {}, "message": "unauthorized"}, status=401)


def refusal(why: str) -> Answer:
    """The document has no code but 0; the others are the sandbox's own."""
    return Answer({"code": 400, "data": {}, "message": why})


def references(body: Any) -> list[str]:
    package = body.get("package") if isinstance(body, dict) else None
    reference = package.get("order_number") if isinstance(package, dict) else None
    return [reference] if isinstance(reference, str) else []


def create(body: Any, book: Book) -> Answer:
    """Create one order, with the warehouse's own number.

    The document does not say whether order_number is that number or an echo, nor what a repeated
    one does: a client must cope with either, and here it creates a second order.
    """
    complaints = _ORDER.complaints(body)
    if complaints:
        return refusal("；".join(map(str, complaints)))
    reference = body["package"]["order_number"]
    if "DUPLICATE" in reference:
        return refusal(f"平台订单号 (package.order_number) {reference} 已存在")
    if "REJECT" in reference:
        return refusal(f"SKU (items[0].sku) {body['items'][0]['sku']} 不存在")

    [entry] = book.add(NAME, [(reference, body)], own_number)
    carrier = body["logistics_provider"]
    tracking_number = carrier["tracking_number"] or f"SBX-T{entry.seq:08d}"
    data = {
        "order_number": entry.number,
        "status": "created",
        "number_of_package": 1,
        "total_weight": "0",
        "logistic_provider_code": carrier["code"],
        "status_message": "",
        "shortage_at": "",
        "cancel_at": "",
        "allocate_at": "",
        "pack_at": "",
        "handover_at": "",
        "tracking_number": "" if "PARTIAL" in reference else tracking_number,
        "logistics_message": "",
        "sorting_code": "",
        "sorting_no": "",
        "items": [],
        "shipments": [],
    }
    body = {"code": 0, "data": {} if "OMIT" in reference else data, "message": "success"}
    return Answer(body, created=(reference,))
