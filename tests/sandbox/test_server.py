from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from converter import sandbox
from converter.sandbox import schema
from converter.sandbox.server import Running
from tests.sandbox.requests import (
    ORDER,
    PATH,
    PROVIDERS,
    Desk,
    platform_order,
    waybill,
)

# -- the server ------------------------------------------------------------------------------------


def test_the_environment_has_all_a_client_needs(running: Running) -> None:
    assert sorted(running.environment) == [
        "APICENTER_BASE_URL",
        "APICENTER_TOKEN",
        "OMS_API_TOKEN",
        "OMS_BASE_URL",
        "OMS_COMPANY_CODE",
        "PANDAPON_ACCESS_KEY",
        "PANDAPON_ACCESS_SECRET",
        "PANDAPON_BASE_URL",
        "PANDAPON_USER_ID",
        "PLATFORM1688_BASE_URL",
        "PLATFORM1688_PUBLIC_KEY",
        "PLATFORM1688_SECRET",
        "SCEXPRESS_BASE_URL",
        "SCEXPRESS_CODE",
        "SCEXPRESS_TOKEN",
    ]
    assert {value for name, value in running.environment.items() if name.endswith("_BASE_URL")} == {
        running.url
    }


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1:{port}", 200, id="127.0.0.1"),
        pytest.param("localhost:{port}", 200, id="localhost"),
        pytest.param("[::1]:{port}", 200, id="IPv6"),
        pytest.param("127.0.0.1", 421, id="no port"),
        pytest.param("127.0.0.1:1", 421, id="another port"),
        pytest.param("LOCALHOST:{port}", 421, id="another case"),
        pytest.param("evil.example:{port}", 421, id="another host"),
        pytest.param("localhost.:{port}", 421, id="a dot too many"),
    ],
)
def test_only_this_machines_names_are_answered(desk: Desk, host: str, status: int) -> None:
    host = host.format(port=desk.http.base_url.port)

    for method, path in [("GET", "/sandbox/health"), ("GET", "/sandbox/book"), ("POST", "/x")]:
        response = desk.http.request(method, path, headers={"host": host})
        assert response.status_code == (404 if (path, status) == ("/x", 200) else status)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_orders_are_only_posted(desk: Desk, provider: str) -> None:
    assert desk.http.get(PATH[provider]).status_code == 405


def test_a_port_that_is_taken_is_an_error(running: Running) -> None:
    port = int(running.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        sandbox.serve(port=port).__enter__()


def test_leaving_does_not_wait_for_answers_held_back() -> None:
    ended: list[str] = []
    with sandbox.serve(stall_seconds=60) as running:
        desk = Desk(running)

        def wait_for_ever() -> None:
            with desk.http, pytest.raises(httpx.TransportError):
                desk.send("oms", platform_order("TIMEOUT"))
            ended.append("hung up")

        thread = threading.Thread(target=wait_for_ever)
        thread.start()
        while not running.book():
            time.sleep(0.01)
        started = time.monotonic()
    thread.join()

    assert ended == ["hung up"]
    assert time.monotonic() - started < 2


def test_importing_the_package_loads_no_server() -> None:
    program = (
        "import sys; from converter import sandbox; print(len(sandbox.TROUBLE),"
        "sorted({'starlette', 'uvicorn', 'jsonschema'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == "10 []\n"


# -- the schemas -----------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
def test_schemas_are_schemas(provider: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.load(provider))


def spoiled(value: Any) -> Iterator[Any]:
    """Copies of a value, each with one member changed, added or removed."""
    if isinstance(value, dict):
        for name in value:
            yield {other: value[other] for other in value if other != name}
            for worse in spoiled(value[name]):
                yield {**value, name: worse}
        yield {**value, "extra": 1}
    elif isinstance(value, list):
        yield []
        yield [*value, None]
        for worse in spoiled(value[0]):
            yield [worse, *value[1:]]
    yield from (None, True, 0, -1, 1, 2.0, 2.5, 10**12, 10**30, "", "US", "x" * 600, [], {})


@pytest.mark.parametrize(
    ("provider", "part"),
    [("scexpress", "row"), *((provider, "") for provider in PROVIDERS)],
    ids=lambda value: value or "whole",
)
def test_the_quick_check_agrees_with_jsonschema(desk: Desk, provider: str, part: str) -> None:
    shape = schema.Shape(provider, part)
    validator = schema.validator(shape.schema)
    good = waybill("A") if part else desk.body(provider, ORDER[provider]("A"))
    assert shape.fits(good)

    for value in spoiled(good):
        assert shape.fits(value) == validator.is_valid(value), value
