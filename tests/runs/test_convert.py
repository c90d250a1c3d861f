"""How `convert` shows a request, whatever its body is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.model import Order
from converter.runs.convert import ConvertedRequest

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        pytest.param({"Content-Type": "application/json"}, b'{"a":2.50}', {"a": 2.5}, id="JSON"),
        pytest.param(
            {"Content-Type": FORM},
            b"a=%7B%7D&b=x+y&c=",
            {"a": "{}", "b": "x y", "c": ""},
            id="form",
        ),
        pytest.param(
            {"content-type": f"{FORM};charset=utf-8"}, b"a=1", {"a": "1"}, id="own header"
        ),
        pytest.param({}, b"", None, id="no body"),
    ],
)
def test_bodies_are_shown_as_what_they_are(kind: dict[str, str], body: bytes, shown: Any) -> None:
    order = Order("A1", "A1", {"a": 1}, (2,))
    line = json.loads(ConvertedRequest("POST", "https://p.test/", kind, body, (order,)).to_json())

    assert line == {
        "method": "POST",
        "url": "https://p.test/",
        "headers": kind,
        "body": shown,
        "orders": ["A1"],
    }
