"""What a provider, or the network, does to one request."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.reliability.wire import (
    BATCHED,
    Act,
    Talk,
)


def reset_unread(talk: Talk) -> None:
    talk.reset()


def reset_uncommitted(talk: Talk) -> None:
    talk.read()
    talk.reset()


def reset_committed(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    talk.reset()


def closed_committed(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    talk.close()


def cut(at: int, *, chunked: bool = False) -> Act:
    """Cut the connection `at` bytes into the head, or after it into the body."""

    def act(talk: Talk) -> None:
        body = talk.provider.commit(talk.read())
        head = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
        if chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        whole = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode()
        talk.send((whole + body)[: at if at < 40 else len(whole) + len(body) // 2])
        talk.close()

    return act


def raw(data: bytes) -> Act:
    def act(talk: Talk) -> None:
        talk.provider.commit(talk.read())
        talk.send(data)
        talk.close()

    return act


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def says(body: bytes | Callable[[], bytes], status: int = 200, **headers: str) -> Act:
    """A complete answer after the orders were created."""

    def act(talk: Talk) -> None:
        talk.provider.commit(talk.read())
        talk.reply(body if isinstance(body, bytes) else body(), status, headers=_named(headers))

    return act


def refuses(status: int, body: bytes = b"", **headers: str) -> Act:
    """A complete answer without creating anything."""

    def act(talk: Talk) -> None:
        talk.read()
        talk.reply(body, status, headers=_named(headers))

    return act


def silent(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    talk.wait_until_gone()


def late(talk: Talk) -> None:
    """Create the orders only after the client has given up."""
    request = talk.read()
    talk.wait_until_gone()
    talk.provider.commit(request)


def committed_then(happen: Callable[[], object]) -> Act:
    """The orders are created, something happens on this machine, and the answer comes."""

    def act(talk: Talk) -> None:
        said = talk.provider.commit(talk.read())
        happen()
        talk.reply(said)

    return act


def trickle(in_head: bool) -> Act:
    """Send single bytes: no pause is long, but the answer never ends."""

    def act(talk: Talk) -> None:
        body = talk.provider.commit(talk.read())
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        if not in_head:
            talk.send(head)
        for byte in (head if in_head else b"") + body:
            talk.send(bytes([byte]))
            time.sleep(0.02)

    return act


def endless_continue(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    while True:
        talk.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


def informed(talk: Talk) -> None:
    """Informational responses, then the real one."""
    request = talk.read()
    talk.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    talk.reply(talk.provider.commit(request))


def huge(talk: Talk) -> None:
    talk.provider.commit(talk.read())
    talk.reply(b'{"x":"' + b"y" * (17 * 1024 * 1024) + b'"}')


@cache
def bomb(layers: int) -> bytes:
    """A few kilobytes that decompress to a gibibyte, compressed once or several times."""
    squeeze = zlib.compressobj(wbits=31)
    packed = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    packed += (squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)) * 1023
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


def edited(change: Callable[[Any, str, list[str]], None]) -> Act:
    """The usual answer with one fault."""

    def act(talk: Talk) -> None:
        request = talk.read()
        body = json.loads(talk.provider.commit(request))
        change(body, talk.provider.name, list(request.references))
        talk.reply(json.dumps(body).encode())

    return act


def rewritten(change: Callable[[bytes], bytes]) -> Act:
    def act(talk: Talk) -> None:
        talk.reply(change(talk.provider.commit(talk.read())))

    return act


def _entries(body: Any, name: str) -> list[Any]:
    entries: list[Any] = body["data"] if name == "scexpress" else body["data"]["successList"]
    return entries


def _name_of(name: str) -> str:
    return "customernumber" if name == "scexpress" else "orderNo"


def without_the_first(body: Any, name: str, sent: list[str]) -> None:
    if name in BATCHED:
        entries = _entries(body, name)
        entries[:] = [entry for entry in entries if entry[_name_of(name)] != sent[0]]
    elif name == "pandapon":
        body["data"] = []
    elif name == "apicenter":
        body["data"] = {}
    else:
        body["data"] = {"success": True, "code": "200", "message": None}


def with_a_foreign_one(body: Any, name: str, _: list[str]) -> None:
    entries = _entries(body, name)
    entries.append({**entries[0], _name_of(name): "NOBODY-KNOWS-THIS"})


def with_only_foreign_ones(body: Any, name: str, _: list[str]) -> None:
    for entry in _entries(body, name):
        entry[_name_of(name)] += "-OF-ANOTHER"
    if name == "oms":
        body["data"]["totalQty"] = 7


def with_the_first_twice(body: Any, name: str, sent: list[str]) -> None:
    entries = _entries(body, name)
    entries += [dict(entry) for entry in entries if entry[_name_of(name)] == sent[0]]


def contradicting_itself(body: Any, name: str, sent: list[str]) -> None:
    if name == "oms":
        body["data"]["failList"].append({"orderNo": sent[0], "message": "SKU"})
    else:
        body["data"].append({"code": -1, "msg": "SKU", "customernumber": sent[0]})


def with_another_number(body: Any, _: str, sent: list[str]) -> None:
    """Twice in the answer, each time with another order number."""
    for entry in list(body["data"]):
        if entry["customernumber"] == sent[0]:
            body["data"].append({**entry, "systemnumber": "SBX-OTHER"})


def with_wrong_counts(body: Any, *_: object) -> None:
    body["data"].update(totalQty=5, successQty=4, failQty=1)


def under_own_numbers(**counts: int) -> Callable[[Any, str, list[str]], None]:
    """A list without our references, where only matching counts settle it."""

    def change(body: Any, *_: object) -> None:
        for number, entry in enumerate(body["data"]["successList"]):
            entry["orderNo"] = f"WMS-{number}"
        body["data"].update(counts)

    return change


def with_a_code_of_another_type(body: Any, name: str, _: list[str]) -> None:
    if name == "oms":
        body["success"] = "true"  # the word, not the value
    else:
        body["code"] = str(body["code"])


def with_an_unheard_of_code(body: Any, name: str, _: list[str]) -> None:
    if name == "scexpress":
        for entry in body["data"]:
            entry["code"] = 77
    elif name == "oms":
        body["code"] = "20001"
    elif name == "platform1688":
        body["data"]["code"] = "777"
    elif name == "apicenter":
        body["code"] = 201  # though an order number comes with it
    else:
        body["code"] = 500


def known_already(status: int) -> Act:
    """The provider has these references from another client."""

    def act(talk: Talk) -> None:
        sent = talk.read().references
        entries = [{"code": -1, "msg": "客户参考号1已存在", "customernumber": r} for r in sent]
        talk.reply(json.dumps({"code": 0, "data": entries}).encode(), status)

    return act


def refuses_all(talk: Talk) -> None:
    """Refused as documented, order by order where there are several."""
    sent = talk.read().references
    body: Any
    match talk.provider.name:
        case "scexpress":
            body = [{"code": -1, "msg": "渠道", "customernumber": r} for r in sent]
            body = {"code": 0, "data": body}
        case "oms":
            failed = [{"orderNo": r, "message": "SKU"} for r in sent]
            body = {"totalQty": len(sent), "successQty": 0, "failQty": len(sent)}
            body |= {"successList": [], "failList": failed}
            body = {"code": "20000", "success": True, "data": body}
        case "platform1688":
            body = {"success": False, "code": "500_001", "message": "商品"}
            body = {"code": 0, "result": True, "data": body}
        case "apicenter":
            body = {"code": 400, "data": {}, "message": "SKU"}
        case _:
            body = {"code": 400, "msg": "offer", "data": None}
    talk.reply(json.dumps(body).encode())


def wrong_key(talk: Talk) -> None:
    """Credentials refused with HTTP 200 and the provider's own code."""
    talk.read()
    body = {
        "scexpress": {"code": 1001, "msg": "授权失败"},
        "pandapon": {"code": 401, "msg": "sign"},
    }
    talk.reply(json.dumps(body[talk.provider.name]).encode())
