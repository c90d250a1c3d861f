"""Files that come: their names are never paths, and they end where they have to."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.errors import UsageError
from converter.web.store import Store
from converter.web.uploads import safe_name
from tests.web.conftest import ORIGIN, Visitor


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("orders.xlsx", "orders.xlsx", id="ordinary"),
        pytest.param("十二月 订单 (1).xlsx", "十二月 订单 (1).xlsx", id="Chinese"),
        pytest.param("../../etc/passwd.csv", "passwd.csv", id="a path upwards"),
        pytest.param("C:\\Users\\x\\a.xls", "a.xls", id="a path of Windows"),
        pytest.param("-o.csv", "o.csv", id="an option"),
        pytest.param("~$orders.xlsx", "__orders.xlsx", id="a lock file of Excel's"),
        pytest.param("a\x00b\n.csv", "a_b_.csv", id="control characters"),
        pytest.param("<script>.csv", "_script_.csv", id="markup"),
        pytest.param("CON.csv", "_CON.csv", id="a device of Windows"),
        pytest.param("单" * 300 + ".csv", "单" * 65 + ".csv", id="too long for a file system"),
    ],
)
def test_a_name_keeps_what_is_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize(
    "name", ["", "orders", "orders.exe", "orders.xlsx/", "a.csv\x00", ".csv", "..csv"]
)
def test_what_is_not_called_like_an_order_sheet_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no order sheet"):
        safe_name(name)


def folder_of(home: Path) -> Path:
    return home / "home" / "web" / "sheets"


def test_an_upload_lies_in_a_private_folder(visitor: Visitor, home: Path) -> None:
    address = visitor.upload("../../../up.csv", b"a,b\n1,2\n")

    kept = folder_of(home) / address.rpartition("/")[2] / "file" / "up.csv"
    assert kept.read_bytes() == b"a,b\n1,2\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    visitor.wait(address)


@pytest.mark.parametrize("has_length", [True, False], ids=["says its length", "says none"])
def test_an_upload_ends_at_its_limit(visitor: Visitor, home: Path, has_length: bool) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1 << 16
            yield b"x" * (1 << 16)

    content = b"x" * (1 << 22) if has_length else chunks()
    found = visitor.client.post(
        "/sheets", params={"name": "big.csv"}, content=content, headers={"Origin": ORIGIN}
    )

    assert found.status_code == 413
    assert found.json() == {
        "problem": "The file has more than 1 MB. Divide it, and upload the parts."
    }
    assert list(folder_of(home).iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["..", "../..", ".", "", "20260101-000000-00000000000g", "x" * 500, "\0", "/etc", "%2e%2e"],
)
def test_an_address_names_sheets_and_nothing_else(tmp_path: Path, name: str) -> None:
    assert Store(tmp_path).find(name) is None


def test_a_path_upwards_is_no_sheet(visitor: Visitor) -> None:
    assert visitor.client.get("/sheets/%2e%2e").status_code == 404
    assert visitor.client.get("/static/%2e%2e/app.py").status_code == 404


def test_an_upload_without_a_good_name_leaves_nothing(visitor: Visitor, home: Path) -> None:
    found = visitor.client.post(
        "/sheets", params={"name": "evil.exe"}, content=b"MZ", headers={"Origin": ORIGIN}
    )

    assert found.status_code == 400
    assert list(folder_of(home).iterdir()) == []
