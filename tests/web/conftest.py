"""The page as a browser sees it that opened the start link."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from converter.mapping.shipped import shipped_folder
from converter.web.app import build
from converter.web.guard import Access

PORT = 8700
ORIGIN = f"http://127.0.0.1:{PORT}"


class Visitor:
    """A signed-in browser, which sends its Origin with every change."""

    def __init__(self, client: TestClient, access: Access) -> None:
        self.client = client
        self.access = access

    def get(self, path: str, status: int = 200) -> str:
        found = self.client.get(path)

        assert found.status_code == status
        return str(found.text)

    def post(self, path: str, status: int = 303, /, **fields: str) -> str:
        """Fill in a form; returns where it leads."""
        found = self.client.post(path, data=fields, headers={"Origin": ORIGIN})

        assert found.status_code == status, re.findall(r"told.*", found.text) or found.text
        return str(found.headers.get("location", ""))

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file; returns the address of its sheet."""
        headers = {"Origin": ORIGIN}
        found = self.client.post("/sheets", params={"name": name}, content=content, headers=headers)

        assert found.status_code == 201, found.text
        return str(found.json()["location"])

    def wait(self, address: str) -> None:
        """Until no job works on the sheet."""
        deadline = time.monotonic() + 120
        while True:
            said = self.client.get(f"{address}/progress").json()
            if not said["running"] and not self.client.get(f"{address}/progress").json()["running"]:
                return
            assert time.monotonic() < deadline, said
            time.sleep(0.1)


@pytest.fixture
def client(home: Path) -> Iterator[tuple[TestClient, Access]]:
    """A browser that has not opened the start link, and what it would need."""
    app, access = build(home / "home", PORT, most_bytes=1 << 20)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as made:
        yield made, access


@pytest.fixture
def visitor(client: tuple[TestClient, Access]) -> Visitor:
    made, access = client
    assert made.get(access.link).status_code == 303
    return Visitor(made, access)


@pytest.fixture
def example() -> Callable[[str, str], bytes]:
    """The shipped example of a provider as CSV, with one text in place of another."""

    def make(old: str = "", new: str = "") -> bytes:
        text = (shipped_folder("templates") / "data" / "scexpress.csv").read_text("utf-8-sig")
        assert old in text
        return text.replace(",000000,", ",510000,").replace(old, new).encode()

    return make
