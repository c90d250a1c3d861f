from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.journal.redaction import Redaction

SECRET = 'p+ss/wörd "x" 7'


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param(quote(SECRET, safe=""), id="URL"),
        pytest.param(quote(SECRET, safe="").lower(), id="URL, small escapes"),
        pytest.param(quote_plus(SECRET), id="form"),
        pytest.param(json.dumps(SECRET)[1:-1], id="JSON"),
        pytest.param(json.dumps(SECRET, ensure_ascii=False)[1:-1], id="JSON, letters as they are"),
        pytest.param(json.dumps(SECRET)[1:-1].replace("00f6", "00F6"), id="JSON, large digits"),
        pytest.param(json.dumps(SECRET)[1:-1].replace("/", "\\/"), id="JSON, as PHP writes it"),
        pytest.param("".join(f"\\u{ord(c):04x}" for c in SECRET), id="JSON, all of it escaped"),
        pytest.param(json.dumps(json.dumps(SECRET)[1:-1])[1:-1], id="JSON in JSON"),
        pytest.param(quote(quote(SECRET, safe=""), safe=""), id="URL in a URL"),
        pytest.param(html.escape(SECRET), id="HTML"),
        pytest.param("".join(f"&#x{ord(c):x};" for c in SECRET), id="HTML, all of it escaped"),
        pytest.param(html.escape(html.escape(SECRET)), id="HTML in HTML"),
        pytest.param(html.escape(json.dumps(SECRET)[1:-1]), id="JSON in HTML"),
    ],
)
def test_secrets_are_masked_in_every_form(form: str) -> None:
    redaction = Redaction([SECRET])

    assert redaction.text(f"<{form}>") == "<***>"
    assert redaction.data(f"<{form}>".encode()) == b"<***>"
    assert redaction.data(f"<{form}>".encode("utf-16-le")).decode("utf-16-le") == "<***>"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc"])
def test_secrets_are_masked_inside_base64(user: str) -> None:
    encoded = base64.b64encode(f"{user}:{SECRET}:tail".encode()).decode()
    secret_alone = base64.b64encode(SECRET.encode()).decode().rstrip("=")[4:-4]

    masked = Redaction([SECRET]).text(encoded)

    assert "***" in masked
    assert secret_alone not in masked
    assert len(masked) < len(encoded) - len(SECRET)


def test_secrets_are_masked_inside_a_whole_body_in_base64() -> None:
    body = json.dumps({"token": SECRET, "orders": []}, ensure_ascii=False)

    masked = Redaction([SECRET]).text(base64.b64encode(body.encode()).decode())

    head, _, tail = masked.partition("***")
    assert base64.b64decode(head + "=" * (-len(head) % 4)).startswith(b'{"token": "')
    assert len(tail) < len(base64.b64encode(b'7", "orders": []}')) + 4


@given(st.binary(max_size=200))
def test_an_answer_without_secrets_is_kept_to_the_byte(answer: bytes) -> None:
    redaction = Redaction([SECRET])

    assert redaction.data(answer) == answer
    assert redaction.data(b"\0" + answer) == b"\0" + answer


def test_a_run_of_backslashes_is_looked_through_once() -> None:
    began = time.monotonic()

    Redaction([SECRET, "\\" * 6]).data(b"\\" * 300_000 + b"&" * 300_000 + b"%" * 300_000)

    assert time.monotonic() - began < 20


def test_a_secret_inside_another_one_is_masked_too() -> None:
    assert Redaction(["token", "token-long"]).text("token-long, token") == "***, ***"


def test_values_too_short_to_be_secret_spoil_nothing() -> None:
    assert Redaction(["", "1", "abc"]).text("order 1 abc") == "order 1 abc"
