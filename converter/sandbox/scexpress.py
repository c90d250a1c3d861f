"""SC-Express TMS: waybills, many to a call (SC-Express, Create Order page)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from converter.sandbox.book import Book, CreatedOrder, own_number
from converter.sandbox.calls import Answer, Call
from converter.sandbox.schema import Shape

NAME = "scexpress"
CODE = "SANDBOX"
TOKEN = "sandbox-token-scexpress"
ENVIRONMENT = {"SCEXPRESS_CODE": CODE, "SCEXPRESS_TOKEN": TOKEN}

_ROW = Shape(NAME, "row")
_QUERY = Shape(NAME, "query")
_EXISTS = "客户参考号1已存在，不允许重复提交"
_PIECES_SHOWN = 200
LABELS = "/upload/order/label"
"""Where the sandbox has the files of labels."""


def admit(call: Call, _book: Book) -> Answer | None:
    """Check the credentials in the body; the wording is that of another host of this product."""
    if call.problem:
        return None
    wanted = {"code": CODE, "token": TOKEN}
    if isinstance(call.body, dict) and call.body.get("authorization") == wanted:
        return None
    return Answer({"code": 1001, "msg": "授权失败，请检查code和token", "data": []})


def refusal(why: str) -> Answer:
    """Refuse the whole call, as any top-level code but 0 does; 1002 is the sandbox's own."""
    return Answer({"code": 1002, "msg": why, "data": []})


def references(body: Any) -> list[str]:
    rows = body.get("datas") if isinstance(body, dict) else None
    return [_reference(row) for row in rows] if isinstance(rows, list) else []


def create(body: Any, book: Book) -> Answer:
    """Create orders, for create and createForecast alike; each row is checked by itself.

    A reference that exists is refused, as the document notes for both. The rows come back in
    reverse: nothing promises the order of the request, and they carry the reference.
    """
    rows = body.get("datas")
    if not isinstance(rows, list) or not rows:
        return refusal("本次提交数据集 (datas) 为必填项")
    if body.keys() - {"authorization", "datas"}:
        return refusal("请求报文含有接口文档以外的字段")
    faults = [_fault(row) for row in rows]
    sound = [(_reference(row), row) for row, why in zip(rows, faults, strict=True) if not why]
    entries = iter(book.add_new(NAME, sound, own_number))
    answers: list[dict[str, Any]] = []
    created: list[str] = []
    for row, why in zip(rows, faults, strict=True):
        entry = None if why else next(entries)
        if entry is None:
            answers.append(_refused(row, why or _EXISTS))
            continue
        created.append(entry.reference)
        if "OMIT" not in entry.reference:
            has_waybill = not any(word in entry.reference for word in ("PARTIAL", "LATE"))
            answers.append({"code": 0, "msg": "下单成功", **_numbers(entry, has_waybill)})
    answers.reverse()
    return Answer({"code": 0, "msg": "调用成功", "data": answers}, created=tuple(created))


def query(body: Any, book: Book) -> Answer:
    """Numbers by reference, as documented for another host of this product.

    By now every waybill has its number, the one that was created without it too.
    """
    complaints = _QUERY.complaints(body)
    if complaints:
        return refusal(str(complaints[0]))
    found = [_looked_up(reference, book) for reference in body["datas"]["customernumber"]]
    return Answer({"code": 0, "msg": "调用成功", "data": {"customernumber": found}})


def cancel(body: Any, book: Book) -> Answer:
    """Delete one waybill by its reference, as documented for another host of this product.

    What a second deletion answers is not documented; here the waybill is not there any more.
    """
    datas = body.get("datas")
    reference = datas.get("customernumber") if isinstance(datas, dict) else None
    if not isinstance(reference, str) or not reference:
        return refusal("客户参考号 (customernumber) 为必填项，且为字符串")
    if "CANCELFAIL" in reference:
        return Answer({"code": -1, "msg": "删除失败：运单已收货，不可删除"})
    entry = book.find(NAME, reference)
    if entry is None or not book.cancel(entry):
        return Answer({"code": -1, "msg": "删除失败：运单不存在"})
    return Answer({"code": 0, "msg": "删除成功"}, cancelled=(reference,))


LISTS: dict[str, list[dict[str, Any]]] = {
    "channel": [
        {"channelid": "CN_EMS", "channelname": "EMS", "channelnamecn": "中国邮政EMS"},
        {"channelid": "HK_TNT", "channelname": "TNT", "channelnamecn": "香港TNT"},
    ],
    "currency": [
        {"code": "CNY", "cnname": "人民币", "enname": "RMB"},
        {"code": "USD", "cnname": "美元", "enname": "US dollar"},
    ],
    "declaretype": [{"code": 1, "name": "不报关"}, {"code": 2, "name": "买单报关"}],
}
"""Lists by the last part of their paths, as documented for another host of this product."""


def listed(name: str) -> Answer:
    return Answer({"code": 0, "msg": "", "data": LISTS[name]})


def label(body: Any, book: Book, address: str) -> Answer:
    """The address of one PDF for all the waybills, and which references it lacks."""
    given = body.get("datas") if isinstance(body, dict) else None
    datas = given if isinstance(given, dict) else {}
    names = datas.get("customernumber")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        return refusal("客户参考号 (customernumber) 为必填项")
    if datas.get("printType") not in ("A4", "Label", ""):
        return refusal("打印类型 (printType) 只能为 A4 或 Label")
    if datas.get("printInvoice") not in ("agent", "addressLabel", "expressLabel", "invoiceLabel"):
        return refusal("打印内容 (printInvoice) 无效")
    have = [name for name in names if "NOLABEL" not in name and book.find(NAME, name)]
    numbers = [entry.number for name in have if (entry := book.find(NAME, name))]
    url = f"{address}{LABELS}/{'_'.join(numbers)}.PDF" if numbers else ""
    lacking = [name for name in names if name not in have]
    return Answer({"code": 0, "msg": "", "data": {"url": url, "notCustomernumber": lacking}})


def _looked_up(reference: str, book: Book) -> dict[str, Any]:
    entry = book.find(NAME, reference)
    if entry is not None and book.is_cancelled(entry):
        entry = None
    if entry is None and "DUPLICATE" in reference:
        # A reference that is refused as existing must also be found.
        entry = CreatedOrder(0, NAME, reference, f"SBX-BEFORE-{reference}", {})
    if entry is None:
        return {"code": -1, "msg": "单号系统中不存在", "customernumber": reference}
    numbers = _numbers(entry, has_waybill=True)
    return {"code": 0, "msg": "获取单号成功", **numbers, "tracknumber": "", "shortnumber": ""}


def _reference(row: Any) -> str:
    order = row.get("order") if isinstance(row, dict) else None
    reference = order.get("customernumber1") if isinstance(order, dict) else None
    return reference if isinstance(reference, str) else ""


def _fault(row: Any) -> str:
    """Why a row is refused; empty where it is not."""
    reference = _reference(row)
    if "DUPLICATE" in reference:
        return _EXISTS
    if "REJECT" in reference:
        return "下单失败: 收货渠道 (channelid) 不存在或未开通"
    faults = [str(complaint).replace("(order.", "(") for complaint in _ROW.complaints(row)]
    faults = faults or list(_contradictions(row))
    return "下单失败: " + "；".join(faults) if faults else ""


def _contradictions(row: dict[str, Any]) -> Iterator[str]:
    """Rules of the document across fields.

    That the pieces add up is not written there, but its own sample answer counts them so.
    """
    order = row["order"]
    for who, title in (("consignee", "收件人"), ("sender", "寄件人")):
        if not order.get(f"{who}tel") and not order.get(f"{who}mobile"):
            yield f"{title}电话 ({who}tel) 与{title}手机 ({who}mobile) 二选一必填"
    if order.get("isinsurance") == 1:
        for name, title in (
            ("insurancevalue", "投保金额"),
            ("insurancetypepkid", "投保类型"),
            ("insurancecurrency", "投保币别"),
        ):
            if name not in order:
                yield f"{title} ({name}) 投保时为必填项"
    extension = order.get("interfacefieldvalue")
    if extension and not _is_object_text(extension):
        yield "其它扩展字段 (interfacefieldvalue) 不是有效的 JSON 对象"
    if "volumes" not in row:
        return
    pieces = sum(volume["prenum"] for volume in row["volumes"])
    if order["number"] != pieces:
        yield f"总件数 (number) {order['number']} 与材积件数合计 {pieces} 不一致"
    boxes = {volume["number"] for volume in row["volumes"]}
    for place, item in enumerate(row["items"]):
        box = item.get("number") or "1"  # the default in the document
        if box not in boxes:
            yield f"箱序号 (items[{place}].number) {box} 在材积信息中不存在"


def _is_object_text(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _refused(row: Any, why: str) -> dict[str, Any]:
    reference = _reference(row)
    return {"code": -1, "msg": why, **({"customernumber": reference} if reference else {})}


def _numbers(entry: CreatedOrder, has_waybill: bool) -> dict[str, Any]:
    waybill, parcel = (entry.number.replace("SBX-", f"SBX-{kind}", 1) for kind in "WT")
    return {
        "customernumber": entry.reference,
        "systemnumber": entry.number,
        "waybillnumber": waybill if has_waybill else "",
        "childs": [
            {
                "customernumber": name,
                "systemnumber": f"{entry.number}-{piece}",
                "tracknumber": f"{parcel}-{piece}" if has_waybill else "",
            }
            for piece, name in enumerate(islice(_pieces(entry.request), _PIECES_SHOWN), 1)
        ],
    }


def _pieces(row: dict[str, Any]) -> Iterator[str]:
    """References of pieces: the client names the first of each size, the provider continues."""
    for volume in row.get("volumes", []):
        name = volume["customerchildnumber"]
        yield name
        for piece in range(2, volume["prenum"] + 1):
            yield f"{name}-{piece}"
