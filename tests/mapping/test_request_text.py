"""Texts and signatures of requests: what they may say, and what they come to."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from base64 import b64encode
from typing import Any

import pytest

from converter.mapping.request_functions import SKIP, evaluate
from converter.mapping.request_text import parse, parse_text

NAMES: dict[str, Any] = {
    "token": "abc",
    "user": "ann",
    "password": "pä:ss",
    "secret": "Znhfc2VjcmV0",
    "body_text": '{"a":1}',
    "first.no": "A-7",
    "orders": [{}, {}],
    "orders.total": [1, "2.50", None],
    "references": ["A-7", "A-8"],
    "form": [("b", "2"), ("a", "深圳"), ("sign", "x"), ("c", "")],
    "form.b": "2",
    "unset": SKIP,
}
BODY = NAMES["body_text"].encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="plain text"),
        pytest.param("", "", id="nothing"),
        pytest.param("$token", "abc", id="a whole value"),
        pytest.param("$orders", [{}, {}], id="a whole list"),
        pytest.param("Bearer {token}", "Bearer abc", id="inside a text"),
        pytest.param("{user}-{token}", "ann-abc", id="two names"),
        pytest.param("{{x}} {user}", "{x} ann", id="braces themselves"),
        pytest.param("US$5", "US$5", id="an amount"),
        pytest.param("batch-{first.no}", "batch-A-7", id="part of an order"),
        pytest.param("{first.no:06}", "000A-7", id="padded"),
        pytest.param("{count(orders)} orders", "2 orders", id="count"),
        pytest.param("{sum(orders.total)}", "3.50", id="sum"),
        pytest.param('{join(references, ",")}', "A-7,A-8", id="join"),
        pytest.param("{json(references)}", '["A-7","A-8"]', id="JSON text"),
        pytest.param('Basic {base64(user + ":" + password)}', "Basic YW5uOnDDpDpzcw==", id="Basic"),
        pytest.param("Basic {base64($user + ':' + $password)}", "Basic YW5uOnDDpDpzcw==", id="$"),
        pytest.param("x {unset}", SKIP, id="an optional setting that is not set"),
    ],
)
def test_texts_of_requests(text: str, expected: Any) -> None:
    assert evaluate(parse_text(text), NAMES.__getitem__) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("hex(md5(body_text))", hashlib.md5(BODY).hexdigest(), id="hex"),
        pytest.param("HEX(sha1(body_text))", hashlib.sha1(BODY).hexdigest().upper(), id="HEX"),
        pytest.param(
            "base64(sha256(body_text + token))",
            b64encode(hashlib.sha256(BODY + b"abc").digest()).decode(),
            id="Base64 of the raw digest",
        ),
        pytest.param(
            "base64(md5(user + HEX(md5(password + 'x')) + token))",
            b64encode(
                hashlib.md5(
                    b"ann" + hashlib.md5("pä:ssx".encode()).hexdigest().upper().encode() + b"abc"
                ).digest()
            ).decode(),
            id="nested",
        ),
        pytest.param(
            "base64(hmac_sha256(unbase64(secret), lower('POST') + \" /x\\ny\"))",
            b64encode(hmac.digest(b"fx_secret", b"post /x\ny", "sha256")).decode(),
            id="HMAC with a decoded key",
        ),
        pytest.param(
            'hex(hmac_sha512(hmac_sha256("k", "day"), "region"))',
            hmac.digest(hmac.digest(b"k", b"day", "sha256"), b"region", "sha512").hex(),
            id="a chain of raw keys",
        ),
        pytest.param(
            'fields(form, "{name}={value}", "&", except=[sign])', "a=深圳&b=2&c=", id="sorted"
        ),
        pytest.param(
            'fields(form, "{name}{value}", "", except=sign, sort=no, blank=skip)',
            "b2a深圳",
            id="as they stand, without blank ones",
        ),
        pytest.param(
            'fields(form, "{len(name):02}-{name}:{len(value):04}-{value}", ";", except=[sign, c])',
            "01-a:0002-深圳;01-b:0001-2",
            id="lengths in characters",
        ),
        pytest.param("form.b + url('a b/ä')", "2a%20b%2F%C3%A4", id="one field, percent-encoded"),
        pytest.param("cut(hex(sha256(token)), 8)", "ba7816bf", id="cut"),
        pytest.param(
            "uuid(first.no)", str(uuid.uuid5(uuid.NAMESPACE_OID, "A-7")), id="a UUID of a text"
        ),
    ],
)
def test_signatures(text: str, expected: str) -> None:
    assert evaluate(parse(text), NAMES.__getitem__) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "Bearer $token",
            "$token stands inside a longer text, where it would be sent as it is: write "
            "'Bearer {token}'; a whole text that is sent as it stands is {$literal: ...}",
            id="$ inside a text",
        ),
        pytest.param(
            "{a",
            "the '{' in '{a' opens no {name}: a brace itself is '{{', and a whole text that is "
            "sent as it stands is {$literal: ...}",
            id="a brace that is not closed",
        ),
        pytest.param(
            "a}", "a '}' in 'a}' closes nothing: a brace itself is '}}'", id="a stray brace"
        ),
    ],
)
def test_texts_that_cannot_be_meant_are_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_text(text)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "md5(a) + b",
            "in 'md5(a) + b' the raw bytes of md5() stand beside text: write hex(md5(...)), "
            "HEX(...) or base64(...)",
            id="a raw digest beside text",
        ),
        pytest.param(
            "upper(md5(a))",
            "in 'upper(md5(a))' upper() takes text, not raw bytes: use hex()",
            id="capitals of a raw digest",
        ),
        pytest.param(
            "hmac_sha256(a)",
            "cannot read 'hmac_sha256(a)': hmac_sha256() is given 2 things, not 1",
            id="no key",
        ),
        pytest.param("hex(md5(a)", "cannot read 'hex(md5(a)': expected ','", id="no bracket"),
        pytest.param("a b", "cannot read 'a b': expected '+' or the end, found 'b'", id="no sign"),
        pytest.param(
            "a - b",
            "cannot read 'a - b': expected a name, a text in quotes or a function, found '- b'",
            id="a sign that there is not",
        ),
        pytest.param(
            'fields(form, "{key}={value}", "&")',
            "the pattern '{key}={value}' of fields() knows {name} and {value}, not {key}",
            id="a pattern with another name",
        ),
        pytest.param(
            'fields(headers, "{name}", "&")',
            'cannot read \'fields(headers, "{name}", "&")\': fields() is given form, query or '
            'body, a pattern and what stands between: fields(form, "{name}={value}", "&", '
            "except=[sign])",
            id="fields of something else",
        ),
        pytest.param(
            'fields(form, "{name}", "&", sort=maybe)',
            'cannot read \'fields(form, "{name}", "&", sort=maybe)\': fields() takes '
            "except=[...], sort=no, blank=skip",
            id="an option that there is not",
        ),
        pytest.param(
            "a" + "(" * 50,
            "there is no function a(), did you mean pad()? There are: md5,",
            id="no function",
        ),
        pytest.param("hex(" * 60, "nested too deep", id="nested too deep"),
    ],
)
def test_signatures_that_cannot_be_made_are_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse(text)

    assert problem in str(caught.value)
