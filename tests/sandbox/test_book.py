from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from converter import sandbox
from tests.sandbox.requests import (
    DUPLICATE,
    ORDER,
    PROVIDERS,
    Desk,
    platform_order,
    waybill,
)


def test_a_second_run_knows_what_the_first_created(tmp_path: Path) -> None:
    book = tmp_path / "kept" / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            desk.send("scexpress", waybill("A"))
            desk.send("oms", platform_order("A"))
        before = running.book()

    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            [row] = desk.send("scexpress", waybill("A")).json()["data"]
            desk.send("oms", platform_order("A"))
            after = desk.http.get("/sandbox/book").json()

    assert row["msg"] == DUPLICATE["scexpress"]
    assert after[:2] == before
    assert [(entry["provider"], entry["seq"]) for entry in after] == [
        ("scexpress", 1),
        ("oms", 2),
        ("oms", 3),
    ]
    assert running.book() == after


def test_no_credential_is_written_into_the_book(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            for provider in PROVIDERS:
                desk.send(provider, ORDER[provider]("A"))

    text = book.read_text("utf-8")
    assert len(text.splitlines()) == 6
    for name, value in desk.environment.items():
        if name.endswith(("TOKEN", "SECRET", "KEY")):
            assert value not in text
    assert '"sign"' not in text


@pytest.mark.parametrize("kept", [1, 5, 60], ids=lambda kept: f"{kept} bytes left")
def test_a_line_cut_short_was_never_created(tmp_path: Path, kept: int) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            desk.send("scexpress", waybill("A"), waybill("B"))
    first, second = book.read_bytes().splitlines(keepends=True)
    book.write_bytes(first + second[:kept])

    with sandbox.serve(book=book) as running:
        desk = Desk(running)
        with desk.http:
            rows = desk.send("scexpress", waybill("A"), waybill("B")).json()["data"]
            entries = running.book()

    assert [(row["customernumber"], row["code"]) for row in rows] == [("B", 0), ("A", -1)]
    assert [(entry["reference"], entry["seq"]) for entry in entries] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"order,name\nA,Jane\n", id="a sheet"),
        pytest.param(b"order,name", id="one line"),
        pytest.param(b"[]\n", id="other JSON"),
        pytest.param(b"\x00\xff\n", id="bytes"),
    ],
)
def test_a_file_that_is_no_book_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"orders\.csv is not a book of the sandbox"):
        sandbox.serve(book=path).__enter__()

    assert path.read_bytes() == content


def test_two_sandboxes_may_keep_one_book(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    with sandbox.serve(book=book) as one, sandbox.serve(book=book) as two:
        desks = [Desk(one), Desk(two)]
        names = [f"R{place}" for place in range(40)]

        def work(desk: Desk) -> None:
            with desk.http:
                for name in names:
                    desk.send("scexpress", waybill(name))

        threads = [threading.Thread(target=work, args=[desk]) for desk in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = two.book()

    assert sorted(entry["reference"] for entry in entries) == sorted(names)
    assert [entry["seq"] for entry in entries] == list(range(1, 41))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGINT are POSIX's")
def test_run_survives_a_kill_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    program = (
        "import sys; from pathlib import Path; from converter import sandbox;"
        "sandbox.run(port=0, book=Path(sys.argv[1]))"
    )
    codes = []
    for end in (signal.SIGKILL, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-c", program, book],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip().removeprefix("SCEXPRESS_BASE_URL=")
            token = {"code": "SANDBOX", "token": "sandbox-token-scexpress"}
            answer = httpx.post(
                f"{url}/api/order/create",
                json={"authorization": token, "datas": [waybill("A")]},
                trust_env=False,
            ).json()
            codes.append(answer["data"][0]["code"])
            process.send_signal(end)
            returned = process.wait(timeout=10)

    assert codes == [0, -1]
    assert returned == 0
    assert len(book.read_bytes().splitlines()) == 1
