"""Requests that could not work, or would be sent other than they look, are refused when loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping
from converter.runs.samples import sample_faults

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"

FORM = """\
provider: demo
title: {{en: Demo, zh: 演示}}
source: A page
settings:
  base_url: {{env: DEMO_URL, required: true}}
  secret: {{env: DEMO_SECRET, required: true, secret: true}}
{settings}request:
{request}
order:
  reference: no
fields:
  - {{path: no, title: {{en: No, zh: 单号}}, required: true}}
  - {{path: to.name, title: {{en: Name, zh: 名}}}}
  - {{path: total, title: {{en: Total, zh: 总}}, type: decimal}}
response:
  call_ok: id
  match: {{single: true, position: true}}
  accepted: id
"""


def faults(request: str, settings: str = "") -> list[str]:
    """What is wrong, without the place."""
    lines = "".join(f"  {line}\n" for line in request.strip().splitlines())
    return problems_of(FORM.format(request=lines.rstrip(), settings=settings))


def problems_of(text: str) -> list[str]:
    try:
        parse_mapping(text, "demo.yaml")
    except MappingError as error:
        return [line.split(": ", 1)[1] for line in str(error).splitlines()]
    return []


BODY = "path: /orders\nbody: {list: $orders}"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(BODY, id="a list under a name"),
        pytest.param("path: /orders\nbody: $orders\norders_per_request: 100000", id="bare array"),
        pytest.param('path: /orders\nbody: {"...": $order, v: 2}', id="spread"),
        pytest.param("path: /rpc\nbody: {jsonrpc: '2.0', params: [$secret, $order]}", id="array"),
        pytest.param(
            "path: /g\nbody: {query: {$literal: 'mutation($o: O!) { a(o: $o) { id } }'}, "
            "variables: {o: $order}}",
            id="GraphQL",
        ),
        pytest.param("method: GET\npath: /o/{reference}\nquery: {n: $order.to.name, "
                     "total: $order.total}", id="no body"),
        pytest.param("path: /orders\nbody: {no: $order.no, who: $order.to, t: $order.total}",
                     id="parts that make the whole"),
        pytest.param("path: /o\nbody: {who: $first.to.name, list: {$each: {no: $order.no, "
                     "to: $order.to, data: {$json: $order}}}}\norders_per_request: 9", id="each"),
        pytest.param('method: PUT\npath: "/o/{order.no}"\nbody: $order', id="a value in the path"),
        pytest.param("path: /o\nencoding: form\nnesting: brackets\nbody: $order", id="form"),
        pytest.param('path: /o\nencoding: form\nbody: {a: {$json: $orders}, b: "{count(orders)}"}',
                     id="JSON in a form"),
    ],
)  # fmt: skip
def test_requests_of_all_kinds_load(request_: str) -> None:
    assert faults(request_) == []


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        pytest.param(
            "path: /o\nbody: {list: []}",
            "no order would be sent: 'body' needs $orders (the list) or $order (the only one)",
            id="no orders",
        ),
        pytest.param(
            "path: /o\nbody: {text: {$literal: $orders}}",
            "no order would be sent: 'body' needs $orders (the list) or $order (the only one)",
            id="orders that are only a text",
        ),
        pytest.param(
            "path: /o\nbody: $order\norders_per_request: 20",
            "with several orders in a request, 'body' needs $orders; $order is the only one",
            id="one of several orders",
        ),
        pytest.param(
            "path: /o/{reference}\nbody: $orders\norders_per_request: 20",
            "{reference} is of the only order, but there may be several",
            id="the only one of several orders",
        ),
        pytest.param(
            "path: /o\nbody: {no: $order.no, total: $order.total}",
            "'to.name' is sent nowhere: the request has only parts of the order. Add "
            "$order.to.name, or say 'sent: false'",
            id="a part that is left out",
        ),
        pytest.param(
            BODY + "\nheaders: {Authorization: Bearer $secret}",
            "$secret stands inside a longer text, where it would be sent as it is: write "
            "'Bearer {secret}'; a whole text that is sent as it stands is {$literal: ...}",
            id="$ inside a text",
        ),
        pytest.param(
            BODY + '\nheaders: {Authorization: "Bearer {sekret}"}',
            "{sekret} is no setting of this mapping, did you mean 'secret'?",
            id="a misspelt name",
        ),
        pytest.param(
            "path: /o\nbody: {a: $orders, b: $first.nr}",
            "$first.nr is no field that is sent: there is no field 'nr'",
            id="a part of an order that there is not",
        ),
        pytest.param(
            BODY + "\nheaders: {Content-Type: application/x-www-form-urlencoded}",
            "'application/x-www-form-urlencoded' says that the body is a form: then write "
            "'encoding: form'",
            id="a form by its header alone",
        ),
        pytest.param(
            "path: /o\nencoding: form\nbody: {a: {$json: $orders}}\n"
            "headers: {content-type: application/json}",
            "'application/json' says that the body is JSON, but 'encoding' is form",
            id="JSON by its header alone",
        ),
        pytest.param(
            BODY + "\nheaders: {Content-Type: text/xml}",
            "XML bodies cannot be made: only JSON and forms can",
            id="XML by its header",
        ),
        pytest.param(
            BODY + "\nheaders: {Content-Type: text/plain}",
            "'text/plain' contradicts the body, which is JSON",
            id="text by its header",
        ),
        pytest.param(
            BODY + "\nheaders: {Content-Type: application/json;charset=gbk}",
            "'application/json;charset=gbk' contradicts the body, which is UTF-8",
            id="another encoding of characters",
        ),
        pytest.param(
            "path: /o\nbody: <order>{order.no}</order>",
            "XML bodies cannot be made: only JSON and forms can",
            id="XML as a text",
        ),
        pytest.param(
            BODY + "\nencoding: xml",
            "encoding: xml bodies cannot be made: only 'json' and 'form' can. XML and "
            "multipart are not supported",
            id="XML as an encoding",
        ),
        pytest.param(
            "method: GET\n" + BODY,
            "a GET request has no body: put the values under 'query'",
            id="GET with a body",
        ),
        pytest.param(
            "path: /o\nencoding: form\nbody: {a: $orders}",
            "the field 'a' of the form is no plain value: write {$json: ...} for JSON text, or "
            "'nesting: brackets' for fields such as a[0][b]",
            id="a list in a form",
        ),
        pytest.param(
            "path: /o\nencoding: form\nbody: $orders",
            "a form has named fields: write {name: value, ...}",
            id="a form without names",
        ),
        pytest.param(
            "path: /o\nbody: {a: {$json: $orders, b: 1}}",
            "'$json' stands alone in its braces, as {$json: ...}",
            id="$json beside another key",
        ),
        pytest.param(
            "path: /o\nbody: {a: {$xml: $orders}}",
            "there is no '$xml': there are $json, $number, $literal, $each",
            id="a form of values that there is not",
        ),
        pytest.param(
            BODY + "\nhost: http://auth.test",
            "'http://auth.test' is no host: write a $setting, or an address that begins with "
            "https://",
            id="a host in clear",
        ),
        pytest.param(
            BODY + "\nheaders: {X-Sign: $sign.a}\nsign: {a: md5(body_text)}",
            "'md5(body_text)' makes raw bytes: write hex(...) or base64(...) around it",
            id="a raw signature",
        ),
        pytest.param(
            BODY + "\nheaders: {X-Sign: $sign.a}\nsign: {a: hex(md5(body_text + secrt))}",
            "secrt is no setting of this mapping, did you mean 'secret'?",
            id="a misspelt name in a signature",
        ),
        pytest.param(
            BODY + "\nsign: {a: hex(md5(body_text))}",
            "nothing is '$sign.a'",
            id="a signature that nothing has",
        ),
        pytest.param(
            "path: /o\nbody: {list: $orders, a: $sign.a, b: $sign.b}\n"
            "sign: {a: hex(md5(body_text)), b: hex(sha1(body_text))}",
            "signatures need each other: a, b, a",
            id="signatures of each other",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $sign.a}\nsign: {a: hex(md5(secret))}\n"
            "vectors: [{sign: a, given: {secret: x}, result: abc}]",
            "sign.a makes '9dd4e461268c8034f5c8564e155c67a6' of this example, not 'abc'",
            id="an example that is another",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $sign.a}\nsign: {a: hex(md5(secret))}\n"
            "vectors: [{sign: a, result: abc}]",
            "the example cannot be worked out: 'given' has no secret",
            id="an example that lacks a value",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $key}\nkey: '{fresh.now}'\nfresh: {now: {time: s}}",
            "{fresh.now} is another one at every attempt, but a key has to stay the same",
            id="a key of the time",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $key}\nkey: fixed",
            "the key is the same for all orders: it needs {content}, or {first.reference}",
            id="the same key for all",
        ),
        pytest.param(
            BODY + "\nkey: '{content}'",
            "nothing in headers, query or body is '$key'",
            id="a key that nothing has",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $token}",
            "$token needs its name, as token.NAME, under request.tokens",
            id="a token that nobody fetches",
        ),
        pytest.param(
            BODY + "\ntokens: {a: {path: /login, body: {}, value: token}}",
            "nothing is '$token.a'",
            id="a token that nothing has",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $token}\ntokens: {a: {path: /login, value: 'a['}}",
            "not a JMESPath expression: ",
            id="no expression for the token",
        ),
        pytest.param(
            BODY + "\nquery: {a: $orders}",
            "a list of orders cannot stand in a query: send it in the body",
            id="a list in the query",
        ),
        pytest.param(
            "path: /new orders\nbody: $orders",
            "'/new orders' has a blank or a letter that an address cannot have: write it as %20",
            id="a blank in the path",
        ),
        pytest.param(
            "path: /o?x=1\nbody: $orders",
            "'/o?x=1' holds a query: parameters stand under 'query'",
            id="a query in the path",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $token}\ntokens: {a: {path: /login}}",
            "the token is read by 'value', or by 'value_header' from a header",
            id="a token that is read nowhere",
        ),
        pytest.param(
            BODY + "\nheaders: {X: $token}\ntokens: {a: {path: /login, value_header: 'X: Y'}}",
            "'X: Y' is no name of a header, such as X-Subject-Token",
            id="a header that there cannot be",
        ),
        pytest.param(
            BODY + "\nbasic_auth: [user, secret]",
            "{user} is no setting of this mapping",
            id="a user that there is not",
        ),
        pytest.param(
            BODY + "\nheaders: {Authorization: 'Berer {secret}'}",
            "'Berer' is no way to authorize: did you mean 'Bearer'?",
            id="a scheme that there is not",
        ),
        pytest.param(
            BODY + "\nbasic_auth: [secret]\nheaders: {authorization: x}",
            "request: 'basic_auth' is the header Authorization: leave one of the two out",
            id="two authorizations",
        ),
    ],
)
def test_requests_that_cannot_work_are_refused(request_: str, problem: str) -> None:
    found = faults(request_)

    assert any(one.startswith(problem) for one in found), found


def test_a_user_that_may_be_missing_is_none() -> None:
    found = faults(BODY + "\nbasic_auth: [spare, secret]", "  spare: {env: DEMO_SPARE}\n")

    assert found == [
        "spare may be missing, and Authorization with it: say 'required: true' at that setting"
    ]


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        pytest.param(BODY + "\nheaders: {T: $fresh.t}", False, id="a time in a header"),
        pytest.param("path: /o\nbody: {list: $orders, t: $fresh.t}", True, id="in the body"),
        pytest.param(
            "path: /o\nbody: {list: $orders, s: $sign.a}\nsign: {a: hex(md5(fresh.t))}",
            True,
            id="in a signature in the body",
        ),
    ],
)
def test_a_request_that_may_be_sent_again_is_always_the_same(request_: str, changes: bool) -> None:
    more = "fresh: {t: {time: s}}\nheaders: {K: $key, T: $fresh.t}\nkey: '{content}'"
    request_ = request_.replace("\nheaders: {T: $fresh.t}", "")
    lines = "".join(f"  {line}\n" for line in f"{request_}\n{more}".splitlines())
    text = FORM.format(request=lines.rstrip(), settings="")
    text += "duplicates: {class: B, key_hours: 24, evidence: The page}\n"

    assert any("the very same body" in one for one in problems_of(text)) is changes


QUERY = """\
query:
  {call}
  call_ok: "@"
  reference: no
  found: id
  absent: gone
  evidence: The page
"""


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        pytest.param("path: /find\n  body: $references", "", id="a list"),
        pytest.param(
            "method: GET\n  path: '/orders/{reference}'\n  references_per_request: 1",
            "",
            id="by GET",
        ),
        pytest.param(
            "method: GET\n  path: /orders\n  query: {ids: '{join(references, \",\")}'}",
            "",
            id="several in a parameter",
        ),
        pytest.param(
            "method: GET\n  path: '/orders/{reference}'",
            "$reference is the only one: write 'references_per_request: 1', or $references",
            id="one of several",
        ),
        pytest.param(
            "path: /orders\n  body: {refs: $references}\n  left_out: absent",
            "it needs 'results', the list that leaves orders out, or @ where the answer is it",
            id="left out of no list",
        ),
        pytest.param(
            "path: /orders\n  body: {page: 1}",
            "the query names no order: it needs $references, or $reference (the only one)",
            id="nobody",
        ),
        pytest.param(
            "path: /orders\n  body: {a: $references, b: $orders}",
            "$orders is no setting of this mapping",
            id="orders, which a query has not",
        ),
    ],
)
def test_queries_name_the_orders(call: str, problem: str) -> None:
    text = FORM.format(request="  path: /o\n  body: $orders", settings="")

    assert problems_of(text + QUERY.replace("{call}", call)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param("", "{region} in the address is no setting of this mapping", id="none"),
        pytest.param(
            "  region: {env: DEMO_REGION}\n",
            "{region} may be missing: say 'required: true' at that setting",
            id="an optional one",
        ),
        pytest.param(
            "  region: {env: DEMO_REGION, required: true, secret: true}\n",
            "{region} is a secret, which has no place in an address",
            id="a secret",
        ),
    ],
)
def test_addresses_are_made_of_settings_that_are_there(settings: str, problem: str) -> None:
    more = settings + '  other: {env: DEMO_OTHER, default: "https://{region}.demo.test"}\n'

    assert faults(BODY, more) == [problem]


def test_the_mapping_with_the_rarer_keys_loads() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(provider: rare\n.*?)```", text, flags=re.S)
    assert found is not None

    assert problems_of(found[1]) == []
    assert list(sample_faults(parse_mapping(found[1], "rare.yaml"))) == []


def test_the_examples_of_the_page_load() -> None:
    """The blocks on requests, with the settings that they name."""
    text = PAGE.read_text(encoding="utf-8")
    part = text[text.index("\n## Requests\n") : text.index("\nThe older `signature.recipe`")]
    blocks = re.findall(r"```yaml\n(.*?)```", part, flags=re.S)
    names = ("shop", "project", "user", "password", "client_id", "client_secret", "sid", "key_id",
             "auth_url", "region")  # fmt: skip
    settings = "".join(
        f"  {name}: {{env: DEMO_{name.upper()}, required: true}}\n" for name in names
    )
    for block in blocks:
        request = re.sub(r"^  ", "", block.split("request:\n")[1], flags=re.M)

        assert faults(request, settings) == []
    assert len(blocks) == 4
