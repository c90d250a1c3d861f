from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

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


def test_a_secret_inside_another_one_is_masked_too() -> None:
    assert Redaction(["token", "token-long"]).text("token-long, token") == "***, ***"


def test_values_too_short_to_be_secret_spoil_nothing() -> None:
    assert Redaction(["", "1", "abc"]).text("order 1 abc") == "order 1 abc"
