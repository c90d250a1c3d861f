"""What a clerk who asked for Chinese is told when a run stops, and what is kept of it."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from converter.model import SUMMARY_SHEET

ROOT = Path(__file__).parents[2]
REFUSED = "The provider refused the credentials (HTTP 401)."
REFUSED_ZH = "服务商拒绝了账号或密钥（HTTP 401）。请检查设置。"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def sheet(home: Path) -> Path:
    (home / "orders.csv").write_bytes((ROOT / "templates" / "data" / "oms.csv").read_bytes())
    return home / "orders.csv"


class Refusing(BaseHTTPRequestHandler):
    """A provider that knows nobody."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings for a provider on this machine that refuses every request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OMS_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("OMS_COMPANY_CODE", "ACME")
        monkeypatch.setenv("OMS_API_TOKEN", "live-token-value")
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            ["check", "no.csv", "-p", "oms"],
            "找不到文件 no.csv。请检查文件名和文件夹。",
            id="no file",
        ),
        pytest.param(
            ["check", "orders.csv", "-p", "omss"],
            "没有服务商 'omss'。是否想用 'oms'？可用的服务商：apicenter, oms, pandapon, "
            "platform1688, scexpress。请指定其中之一，或以 .yaml 结尾的映射文件的路径。",
            id="no provider",
        ),
        pytest.param(
            ["check", "orders.csv", "-p", "no.yaml"],
            "no.yaml：无法读取映射文件：没有这个文件或文件夹",
            id="no mapping file",
        ),
        pytest.param(
            ["check", "empty.csv", "-p", "oms"],
            "empty.csv：文件是空的。请重新保存订单表。 [EMPTY_FILE]",
            id="an empty file",
        ),
        pytest.param(
            ["check", "broken.xlsx", "-p", "oms"],
            "broken.xlsx：工作簿已损坏，无法读取。请用 Excel 打开并修复，然后重新保存。 "
            "[DAMAGED_ZIP]",
            id="told by the reading process",
        ),
        pytest.param(
            ["submit", "orders.csv", "-p", "oms"],
            "缺少设置：OMS_BASE_URL、OMS_COMPANY_CODE、OMS_API_TOKEN。请在环境变量或 "
            "converter.toml 中设置；`converter providers` 会说明每一项。未发送任何订单。",
            id="no settings",
        ),
        pytest.param(
            ["check", "orders.csv", "-p", "oms", "-o", "no/result.xlsx"],
            "no/result.xlsx：没有文件夹 no。请用 --output 指定其他位置。",
            id="no folder",
        ),
        pytest.param(
            ["explain", "orders.csv", "Orders!A1", "-p", "oms"],
            "订单中没有单元格 Orders!A1。含订单的工作表：orders。",
            id="no cell",
        ),
        pytest.param(
            ["reconcile", "orders.csv", "-p", "oms", "--sandbox", "--created", "NO-1"],
            "此表中没有曾经发送过的订单 'NO-1'。请检查单号；所有决定均未记录。",
            id="no order",
        ),
        pytest.param(
            ["status", "--run", "never"],
            "没有运行 'never'。可用 `converter status` 查看历次运行。",
            id="no run",
        ),
    ],
)
def test_what_stops_a_run_is_said_in_chinese(
    run: Run, home: Path, words: list[str], expected: str
) -> None:
    (home / "empty.csv").touch()
    (home / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")

    done = run(*words, "--lang", "zh")

    assert (done.exit_code, done.stderr) == (2, f"错误：{expected}\n")


def test_the_systems_language_counts_where_none_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")

    assert run("template", "oms").stderr == (
        "已生成 oms.xlsx。请填写工作表 Orders，然后运行：converter check oms.xlsx -p oms\n"
    )
    assert run("template", "oms", "--example").stderr == (
        "错误：oms.xlsx 已存在。请用 -o 指定另一个文件名。\n"
    )
    assert run("status").stderr == "日志中还没有记录。\n"


def test_an_error_document_is_in_the_language_asked_for(run: Run) -> None:
    done = run("submit", "no.csv", "-p", "oms", "--lang", "zh", "--json")

    assert json.loads(done.stdout)["error"] == "找不到文件 no.csv。请检查文件名和文件夹。"


@pytest.mark.usefixtures("refusing")
def test_why_a_run_stopped_is_told_in_either_language_and_kept_in_english(
    run: Run, home: Path
) -> None:
    done = run("submit", "orders.csv", "-p", "oms", "--yes", "--lang", "zh", "--json")

    document = json.loads(done.stdout)
    name = document["run"]
    told = {
        lang: json.loads(run("status", "--run", name, "--json", "--lang", lang).stdout)
        for lang in ("en", "zh")
    }
    summary = openpyxl.load_workbook(document["result"])[SUMMARY_SHEET]
    cells = [cell.value for row in summary.iter_rows() for cell in row]
    journal = next((home / "home" / "journal").glob("*.sqlite3"))
    with sqlite3.connect(journal) as connection:
        kept = connection.execute("SELECT stopped FROM run").fetchone()
        messages = connection.execute("SELECT DISTINCT message FROM answer").fetchall()
    connection.close()

    assert done.exit_code == 7
    assert document["stopped"] == REFUSED_ZH
    assert {order["message"] for order in document["orders"]} == {
        f"未发送。请再次运行。{REFUSED_ZH}"
    }
    assert REFUSED_ZH in cells
    assert done.stderr.endswith(f"提前停止，其余未发送。{REFUSED_ZH}\n")
    assert (kept, messages) == ((REFUSED,), [(REFUSED,)])
    assert [told[lang]["stopped"] for lang in ("en", "zh")] == [REFUSED, REFUSED_ZH]
    assert REFUSED in told["en"]["orders"][0]["message"]
    assert REFUSED_ZH in told["zh"]["orders"][0]["message"]


def test_doubts_are_shown_in_chinese(run: Run, sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8-sig")
    name = text.splitlines()[1].split(",")[0]
    sheet.write_text(text.replace(name, "GARBAGE-1"), encoding="utf-8")
    run("submit", "orders.csv", "-p", "oms", "--sandbox")

    shown = run("status", "--lang", "zh").stdout.splitlines()

    assert re.fullmatch(
        r"结果不明  oms（沙箱）  GARBAGE-1  自 \S+ \S+ 起  "
        "无法读取服务商的答复。",
        shown[0],
    )
    document = json.loads(run("status", "--lang", "zh", "--json").stdout)
    assert document["unknown"][0]["message"].startswith("无法读取服务商的答复")
    assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", "\n".join(shown).replace("not sent", ""))


def test_settings_that_are_missing_are_named_in_chinese(run: Run) -> None:
    shown = run("providers", "--lang", "zh").stdout

    assert re.search(r"OMS_COMPANY_CODE +缺少！ ", shown)
    assert "MISSING" not in shown
