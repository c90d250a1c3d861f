"""Pretend providers on a loopback port, written from the providers' own documents.

They share no code with the rest of the program, which would repeat its mistakes. Importing this
package is cheap; the server is loaded when it is started.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.sandbox.played import Script
    from converter.sandbox.replay import Replay
    from converter.sandbox.server import Running

__all__ = ["TROUBLE", "run", "serve"]

# A word anywhere in an order's reference -> what it causes, in English and in Chinese.
# TIMEOUT, DROP, GARBAGE, OMIT and PARTIAL follow a creation: a reference that is refused because it
# exists already gets the plain refusal, so that a second try can find out what became of the first.
TROUBLE: dict[str, tuple[str, str]] = {
    "REJECT": ("refused, nothing is created", "拒绝下单，不创建任何订单"),
    "DUPLICATE": (
        "refused as if the provider had this reference from before",
        "按“参考号已存在”拒绝，如同此前已下过单",
    ),
    "TIMEOUT": (
        "created, but the answer is held back longer than a client waits",
        "订单已创建，但迟迟不返回结果",
    ),
    "DROP": (
        "created, but the connection is closed without an answer",
        "订单已创建，但连接中断，没有返回",
    ),
    "ERROR500": ("HTTP 500, nothing is created", "HTTP 500，不创建任何订单"),
    "BUSY429": (
        "HTTP 429 with Retry-After: 1 the first time, normal from then on",
        "第一次返回 HTTP 429 (Retry-After: 1)，之后正常",
    ),
    "GARBAGE": (
        "created, but the answer is a web page or JSON cut short",
        "订单已创建，但返回的是网页或残缺的 JSON",
    ),
    "OMIT": ("created, but missing from the answer", "订单已创建，但返回结果中没有该订单"),
    "PARTIAL": (
        "created in part, or without its tracking number where no part can be refused",
        "部分创建成功；不支持部分成功的接口则创建成功但没有运单号",
    ),
    "LATE": (
        "created without its tracking number, which a later call tells",
        "创建成功但没有运单号，之后的查询接口才返回",
    ),
}


def serve(
    port: int = 0,
    book: Path | None = None,
    stall_seconds: float = 30.0,
    scripts: Sequence[Script] = (),
    replay: Replay | None = None,
) -> AbstractContextManager[Running]:
    """Run all five providers on 127.0.0.1 for as long as the block lasts; port 0 picks a free one.

    ``scripts`` are for other providers, which are played beside them; with ``replay``, its answers
    are all there is.

    ``book`` is the file that keeps the created orders for the next run; without one they are lost.
    ``stall_seconds`` is how long the answer to an order marked TIMEOUT is delayed.
    """
    from converter.sandbox import server

    return server.serve(port, book, stall_seconds, scripts, replay)


def run(
    port: int = 8765,
    book: Path | None = None,
    stall_seconds: float = 30.0,
    announce: Callable[[Running], None] | None = None,
    scripts: Sequence[Script] = (),
) -> None:
    """Run the providers until Ctrl-C; ``announce`` is called once they accept connections.

    By default, it prints the address to stderr and the environment a client needs to stdout.
    """
    from converter.sandbox import server

    server.run(port, book, stall_seconds, announce, scripts)
