"""The page in a real browser: a clerk's day, and what pages of others try."""

from __future__ import annotations

import functools
import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import AXE, BROWSER

pytestmark = pytest.mark.browser

WAIT = 120_000
"""Milliseconds, for slow machines."""


class Server:
    """`converter web` in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self.process: subprocess.Popen[str] | None = None
        self.port = port
        self.link = ""

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "converter", "web", "--no-browser", f"--port={self.port}"],
            cwd=self._folder, stderr=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "CONVERTER_HOME": str(self._folder / "home"), "LANG": "en_US.UTF-8"},
        )  # fmt: skip
        assert self.process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\S+", self.process.stderr.readline())
        assert found
        self.link, self.port = found[0], int(found[1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        self.process.send_signal(number)
        self.process.wait(30)
        self.process.stderr.close()


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(home)
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield made
        made.close()


class Tab:
    """A tab that has opened the start link, and everything that it asked for."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.set_default_timeout(WAIT)
        self.page.goto(server.link)

    def upload(self, file: Path) -> None:
        self.page.set_input_files("#files", file)
        self.page.wait_for_url("**/sheets/*")
        self.page.wait_for_selector(".counts, .told")

    def send(self) -> None:
        self.page.click("a.button.main")
        self.page.click(".go button.main")


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[Callable[..., Tab]]:
    contexts = []

    def opened(locale: str = "en-US") -> Tab:
        contexts.append(browser.new_context(locale=locale))
        return Tab(contexts[-1], server)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """The shipped example as a workbook, with some texts in place of others."""

    def make(**changed: str) -> Path:
        file = tmp_path / "orders.xlsx"
        words = [sys.executable, "-m", "converter", "template", "scexpress", "--example"]
        subprocess.run([*words, "-o", str(file)], check=True, capture_output=True)
        book = openpyxl.load_workbook(file)
        for cell, text in {"AK8": "510000", **changed}.items():
            book["Orders"][cell] = text
        book.save(file)
        return file

    return make


@pytest.mark.parametrize(
    ("locale", "done"),
    [
        pytest.param("en-US", "Every order was accepted. Nothing is left to do.", id="English"),
        pytest.param("zh-CN", "所有订单均已接受，无需操作。", id="Chinese"),
    ],
)
def test_a_clerk_s_day(
    tab: Callable[..., Tab],
    server: Server,
    sheet: Callable[..., Path],
    locale: str,
    done: str,
    tmp_path: Path,
) -> None:
    """A wrong cell is corrected on the page, the rest sent, the result taken home."""
    clerk = tab(locale)
    page = clerk.page
    clerk.upload(sheet(E2="<img src=x onerror=alert(1)>"))

    wrong = page.locator("td.error input, td.warning input").first
    assert wrong.input_value() == "<img src=x onerror=alert(1)>"
    wrong.fill("3")
    page.click("#cells button")
    page.wait_for_selector("td.error", state="detached")
    page.wait_for_selector(".counts")
    clerk.send()
    page.wait_for_selector(f"text={done}")
    with page.expect_download() as download:
        page.click("a[download]")
    download.value.save_as(tmp_path / "result.xlsx")
    book = openpyxl.load_workbook(tmp_path / "result.xlsx")

    assert book.sheetnames[0] == "Results"
    assert book["Orders"]["E2"].value == "3"
    assert clerk.complaints == []
    ours = (f"http://127.0.0.1:{server.port}/", "data:")
    assert [address for address in clerk.asked if not address.startswith(ours)] == []


def test_work_goes_on_while_tab_and_server_are_gone(
    tab: Callable[..., Tab], server: Server, sheet: Callable[..., Path]
) -> None:
    """The server is killed twice while orders are sent, and a reload finds them."""
    clerk = tab()
    clerk.upload(sheet(A8="TIMEOUT-1"))
    clerk.send()
    clerk.page.wait_for_selector("#progress")
    for _ in range(2):
        server.end(signal.SIGKILL)
        clerk.page.wait_for_selector("text=does not answer")
        time.sleep(1)
        server.start()

    clerk.page.wait_for_selector(".next")

    text = clerk.page.inner_text("main")
    assert "SCX-20251201-001" in text
    assert "cut off" not in text


def test_stop_is_polite(
    tab: Callable[..., Tab], server: Server, sheet: Callable[..., Path]
) -> None:
    clerk = tab()
    clerk.upload(sheet(A8="TIMEOUT-1"))
    clerk.send()
    clerk.page.wait_for_selector("#progress")
    clerk.page.wait_for_selector("#progress .words:not(:empty)")

    clerk.page.click("text=Stop >> nth=0")

    clerk.page.wait_for_selector(".counts")
    assert "cut off" not in clerk.page.inner_text("main")


NARROW_AND_DARK, WIDE_AND_BRIGHT = (390, "dark"), (1400, "light")


def barriers(page: Page, window: tuple[int, str]) -> list[str]:
    """What axe-core finds on the page, and whether it is wider than its window."""
    width, scheme = window
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal, to its types
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    checked = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    found = [f"{page.url} {width}: scrolls sideways"] if page.evaluate(wider) else []
    return found + [
        f"{page.url} {width} {scheme}: {one['id']} {node['html'][:200]}"
        for one in checked["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.axe
def test_nobody_is_kept_out(tab: Callable[..., Tab], sheet: Callable[..., Path]) -> None:
    """Every screen without a barrier that axe-core knows, and the work done by keyboard alone."""
    clerk = tab("zh-CN")
    page, found = clerk.page, barriers(clerk.page, NARROW_AND_DARK)
    clerk.upload(sheet(E2="two"))
    address, home = page.url, page.url.partition("/sheets")[0]
    found += barriers(page, NARROW_AND_DARK)

    def press_tab_until(condition: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches('{condition}')"):
                return
        raise AssertionError(condition)

    press_tab_until("td.error input")
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.error", state="detached")
    page.wait_for_selector(".counts")
    press_tab_until("a.button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector(".go")
    found += barriers(page, WIDE_AND_BRIGHT)
    press_tab_until(".go button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector(".next")

    link = page.locator("tbody th a").first.get_attribute("href")
    places = ("", "settle", "history", "settings", "settings/providers/oms", "nothing")
    screens = [f"{address}/result", f"{address}/columns", f"{address}?all=1", f"{home}{link}"]
    screens += [f"{home}/{place}" for place in places]
    for screen, window in zip(screens, (NARROW_AND_DARK, WIDE_AND_BRIGHT) * 5, strict=True):
        page.goto(screen)
        found += barriers(page, window)
    assert found == []


@contextmanager
def another_port(folder: Path) -> Iterator[str]:
    """A web server of somebody else on this machine, the same site for a browser."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_address[1]}"
        other.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_page_of_another_port_changes_nothing(
    tab: Callable[..., Tab], server: Server, sheet: Callable[..., Path], tmp_path: Path
) -> None:
    """It sends our cookie, being the same site, and its form is refused for its Origin."""
    clerk = tab()
    clerk.upload(sheet())
    address = clerk.page.url
    (tmp_path / "evil.html").write_text(
        f'<form method="post" action="{address}/delete"><button>x</button></form>'
    )
    with another_port(tmp_path) as other:
        clerk.page.goto(f"{other}/evil.html")
        clerk.page.click("button")
        assert "Another page may not change anything here." in clerk.page.content()
        clerk.page.goto(f"{other}/evil.html")
        read = clerk.page.evaluate(
            "address => fetch(address, {credentials: 'include'}).then(a => a.text(), () => 'no')",
            address,
        )

    assert read == "no"
    clerk.page.goto(address)
    assert "orders.xlsx" in clerk.page.inner_text("h1")
