"""The settings screen: what is entered there counts, and no secret comes out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import Response
from keyring.backends import fail

import converter
from converter import settings
from converter.mapping.load import find_mapping, load_mapping
from tests.web.conftest import Visitor

ADDRESS = "/settings/providers/scexpress"
TOKEN = "t-0123456789"


@pytest.fixture(autouse=True)
def blank(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "CODE", "TOKEN"):
        monkeypatch.delenv(f"SCEXPRESS_{name}", raising=False)
    monkeypatch.setattr("keyring.get_keyring", fail.Keyring)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: home / name)


def test_an_account_is_entered_once_and_its_secret_never_shown(
    visitor: Visitor, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "not set up" in visitor.get("/settings")

    then = visitor.post(ADDRESS, **{"setting.code": "KJHB1", "setting.token": TOKEN})

    assert TOKEN not in then
    page = visitor.get(then)
    assert "Saved." in page
    assert 'value="KJHB1"' in page
    assert TOKEN not in page + visitor.get("/settings")
    assert "set up</span>" in visitor.get("/settings")
    assert settings.load(load_mapping(find_mapping("scexpress"))).values["token"] == TOKEN
    assert TOKEN not in "".join(capfd.readouterr())
    web = (home / "home" / "web").rglob("*")
    assert not any(TOKEN in path.read_text("latin-1") for path in web if path.is_file())


def test_what_cannot_be_used_is_refused_with_what_was_typed(visitor: Visitor) -> None:
    found = visitor.client.post(
        ADDRESS,
        data={"setting.base_url": "nowhere", "setting.token": TOKEN},
        headers={"Origin": "http://127.0.0.1:8700"},
    )

    assert found.status_code == 400
    assert "SCEXPRESS_BASE_URL must be an address" in found.text
    assert 'value="nowhere"' in found.text
    assert TOKEN not in found.text
    assert "Saved." not in found.text


def test_another_account_is_offered_where_orders_are_checked(visitor: Visitor) -> None:
    visitor.post(ADDRESS, account="uk", **{"setting.code": "UK", "setting.token": TOKEN})

    assert f'href="{ADDRESS}?account=uk"' in visitor.get("/settings")
    assert "Entered here." in visitor.get(f"{ADDRESS}?account=uk")

    visitor.post(f"{ADDRESS}/forget", account="uk")
    assert f'href="{ADDRESS}?account=uk"' not in visitor.get("/settings")


def test_what_goes_before_is_named(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCEXPRESS_CODE", "ENV")
    visitor.post(ADDRESS, **{"setting.code": "KJHB1"})

    page = visitor.get(ADDRESS)

    assert "Set in the environment." in page
    assert "That goes before what is entered here." in page


def test_a_provider_that_is_not_there_has_no_settings(visitor: Visitor) -> None:
    visitor.get("/settings/providers/nobody", status=404)
    visitor.post("/settings/providers/nobody", 404, **{"setting.code": "x"})


SHEET = "Amazon号,My no,渠道\nFBA1,PO-1,CH1\n"


def test_a_profile_goes_out_as_a_workbook_and_comes_back(visitor: Visitor, tmp_path: Path) -> None:
    sheet = tmp_path / "shop.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    converter.keep_profile(converter.new_profile(sheet, provider="scexpress", name="Shop & Co"))
    (kept,) = converter.list_profiles()
    assert "Shop &amp; Co" in visitor.get("/settings")

    content = visitor.client.get("/settings/profiles/workbook", params={"name": kept.name}).content
    assert visitor.post("/settings/profiles/delete", name=kept.name) == "/settings"
    assert converter.list_profiles() == []
    assert send(visitor, "/settings/profiles", "profile.xlsx", content).status_code == 201

    assert converter.list_profiles() == [kept]
    refused = send(visitor, "/settings/profiles", "x.xlsx", b"PK")
    assert refused.status_code == 400
    assert "x.xlsx" in refused.json()["problem"]


def test_a_product_table_is_uploaded_and_chosen(
    visitor: Visitor, example: Callable[..., bytes]
) -> None:
    table = b"SKU,Customs name\nX-1,Lamp\n"
    assert send(visitor, "/settings/products", "../goods.csv", table).status_code == 201
    assert "goods.csv" in visitor.get("/settings")
    address = visitor.upload("orders.csv", example())
    visitor.wait(address)

    visitor.post(f"{address}/check", provider="scexpress", products="../../secret")
    visitor.wait(address)
    assert "<option selected>goods.csv</option>" not in visitor.get(address)
    visitor.post(f"{address}/check", provider="scexpress", products="goods.csv")
    visitor.wait(address)

    page = visitor.get(address)
    assert "<option selected>goods.csv</option>" in page
    assert "goods.csv" in page.partition("How the sheet was read")[2] or 'class="told"' in page
    visitor.post("/settings/products/delete", name="../sheets")
    visitor.post("/settings/products/delete", name="goods.csv")
    assert "goods.csv" not in visitor.get("/settings")


def send(visitor: Visitor, address: str, name: str, content: bytes) -> Response:
    headers = {"Origin": "http://127.0.0.1:8700"}
    found: Response = visitor.client.post(
        address, params={"name": name}, content=content, headers=headers
    )
    return found
