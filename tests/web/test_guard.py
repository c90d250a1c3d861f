"""Nobody but the browser that opened the start link sees or changes anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from converter.web.app import ROUTES, build
from converter.web.guard import Access
from tests.web.conftest import ORIGIN, PORT, Visitor

CHANGES = [
    path.replace("{sheet}", "20260101-000000-000000000000")
    for method, path, _ in ROUTES
    if method == "POST"
]
PAGES = [
    path.replace("{sheet}", "20260101-000000-000000000000").replace("{number}", "1")
    for method, path, _ in ROUTES
    if method == "GET" and path not in ("/healthz", "/readyz")
]


def test_the_start_link_works_once(client: tuple[TestClient, Access]) -> None:
    browser, access = client
    link = access.link

    first = browser.get(link)
    browser.cookies.clear()
    second = browser.get(link)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"converter-{PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Max-Age" not in cookie
    assert second.status_code == 403
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize("token", ["", "x", "\u00e9", "a" * 43])
def test_a_wrong_token_opens_nothing(client: tuple[TestClient, Access], token: str) -> None:
    browser, access = client

    assert browser.get(f"/start/{token}").status_code == 403
    assert browser.get(access.link).status_code == 303  # the right one still does


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_without_the_cookie(client: tuple[TestClient, Access], path: str) -> None:
    browser, _ = client

    assert browser.get(path).status_code == 403


@pytest.mark.parametrize("path", CHANGES)
def test_nothing_is_changed_without_the_cookie(
    client: tuple[TestClient, Access], path: str
) -> None:
    browser, _ = client

    assert browser.post(path, headers={"Origin": ORIGIN}).status_code == 403


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("http://evil.example", id="another site"),
        pytest.param(f"http://127.0.0.1:{PORT + 1}", id="another port"),
        pytest.param(f"https://127.0.0.1:{PORT}", id="another scheme"),
        pytest.param(f"http://localhost:{PORT}", id="another name of this machine"),
        pytest.param("null", id="a sandboxed frame"),
        pytest.param("", id="blank"),
        pytest.param(None, id="none"),
    ],
)
def test_no_other_page_can_change_anything(visitor: Visitor, path: str, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}

    assert visitor.client.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("evil.example", id="a rebinding name"),
        pytest.param(f"evil.example:{PORT}", id="a rebinding name with our port"),
        pytest.param("127.0.0.1", id="no port"),
        pytest.param(f"127.0.0.1:{PORT + 1}", id="another port"),
        pytest.param(f"127.0.0.1.:{PORT}", id="a dot behind it"),
        pytest.param(f"[::1]:{PORT}", id="an address that is not bound"),
        pytest.param("", id="blank"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/static/page.js", "/start/x"])
def test_the_page_has_no_other_name(visitor: Visitor, host: str, path: str) -> None:
    assert visitor.client.get(path, headers={"Host": host}).status_code == 421


def test_the_cookie_of_one_port_opens_no_other(visitor: Visitor, home: Path) -> None:
    value = visitor.client.cookies[f"converter-{PORT}"]
    app, _ = build(home / "home", PORT + 1)
    other = TestClient(app, base_url=f"http://127.0.0.1:{PORT + 1}")

    for name in (f"converter-{PORT}", f"converter-{PORT + 1}"):
        assert other.get("/", headers={"Cookie": f"{name}={value}"}).status_code == 403


def test_an_open_tab_survives_a_restart(visitor: Visitor, home: Path) -> None:
    app, _ = build(home / "home", PORT)
    again = TestClient(app, base_url=ORIGIN, cookies=dict(visitor.client.cookies))

    assert again.get("/").status_code == 200


def test_the_secret_is_for_this_user_alone(visitor: Visitor, home: Path) -> None:
    folder = home / "home" / "web"

    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "sheets").stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/nothing", "/healthz"])
def test_every_answer_is_kept_nowhere_and_runs_no_foreign_script(
    visitor: Visitor, path: str
) -> None:
    headers = visitor.client.get(path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_monitors_need_no_cookie(client: tuple[TestClient, Access]) -> None:
    browser, _ = client

    assert browser.get("/healthz").text == "ok\n"
    assert browser.get("/readyz").text == "ready\n"


def test_the_language_form_leads_to_no_other_site(visitor: Visitor) -> None:
    for here in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert visitor.post("/language", lang="zh", here=here) == "/"
