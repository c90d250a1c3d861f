"""Drafts from documents load at once, say what they guessed, and hold what the documents say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.authoring.draft import draft
from converter.authoring.guess import snake, words
from converter.authoring.read_page import read_page
from converter.authoring.read_table import choices_of, title_of
from converter.errors import UsageError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping

Run = Callable[..., Result]

PAGE = """\
创建订单
接口地址: https://api.acme.example/v2/order/add
请求方式: POST
请求参数
字段名称 | 字段类型 | 字段长度 | 是否必需 | 字段说明
---|---|---|---|---
orderNo | String | 32 | Y | 客户订单号
country | String | 2 | Y | 收件国家二字码
payType | Integer | | Y | 支付方式(1:预付,2:到付)
goods | JSONArray | | | 商品
sku | String | 20 | Y | 商品编码
qty | Integer | | Y | 数量
price | Double | | | 单价(投保则必需)
请求示例
{"orderNo": "A-1", "country": "DE", "payType": "3",
 "goods": [{"sku": "S", "qty": 2, "price": 1.5, "hs": "61"}],}
返回参数
code | Integer | | | 0 成功
返回示例
{"code": 0, "msg": "ok", "data": {"systemNumber": "X9"}}
"""


def drafted(tmp_path: Path, text: str, suffix: str = ".txt") -> tuple[ProviderMapping, str]:
    path = tmp_path / f"page{suffix}"
    path.write_text(text, encoding="utf-8")
    found = draft("acme", [path])
    return parse_mapping(found.text, "acme.yaml"), found.text


def test_a_page_with_a_table_and_a_sample(tmp_path: Path) -> None:
    mapping, text = drafted(tmp_path, PAGE)

    assert mapping.settings["base_url"].default == "https://api.acme.example"
    assert mapping.request.path == "/v2/order/add"
    assert mapping.order.reference == "orderNo"
    assert mapping.field("orderNo").max == 32
    assert mapping.field("country").type == "country"
    assert (mapping.field("payType").send, mapping.field("payType").choices) == (
        "integer",
        {"1": ("预付",), "2": ("到付",)},
    )
    assert [spec.path for spec in mapping.fields if spec.required] == [
        "orderNo", "country", "payType", "goods[].sku", "goods[].qty",
    ]  # fmt: skip
    assert mapping.field("goods[].qty").title.zh == "数量"
    assert mapping.response.outputs["provider_order_no"].from_ == "systemNumber"
    assert mapping.samples is not None
    assert "# - payType: the sample has '3', which the table does not list" in text
    assert "# - goods[].hs: in the sample, but not in the table" in text
    assert "# TODO the document says: 单价(投保则必需)" in text


def test_fields_whose_titles_leave_no_doubt_say_what_they_are(tmp_path: Path) -> None:
    sample = {
        "orderNo": "A-1", "createdAt": "2025-05-31T10:20:30.000Z",
        "shipTo": {"city": "Wien", "country": "AT", "phone": "1"},
        "shipFrom": {"city": "Graz", "country": "AT"},
        "city": "Linz",
        "items": [{"sku": "S", "quantity": 1, "currency": "EUR"}],
        "parcels": [{"material": "box", "quantity": 1}],
    }  # fmt: skip
    mapping, text = drafted(tmp_path, json.dumps(sample), ".json")

    assert {spec.path: spec.is_ for spec in mapping.fields if spec.is_} == {
        "orderNo": "reference", "shipTo.city": "receiver.city", "shipTo.phone": "receiver.phone",
        "shipTo.country": "receiver.country", "items[].sku": "items.sku",
        "items[].quantity": "items.quantity", "items[].currency": "items.currency",
    }  # fmt: skip
    assert mapping.field("shipTo.country").type == "country"
    assert (mapping.field("createdAt").zone, mapping.field("createdAt").output_zone) == ("UTC",) * 2
    assert "in which zone are the times of the sheets?" in text


@pytest.mark.parametrize(
    "sample",
    [
        {"reference": {"productId": 2.5, "city": "x"}, "unit": "DE"},
        {"reference": "2025-05-31T10:20:30Z", "items": ["a"], "unit": "DE"},
        {"reference": 1, "lines": [{"orderNo": "A", "qty": 1}]},
    ],
)
def test_names_that_are_taken_are_not_used_again(tmp_path: Path, sample: Any) -> None:
    drafted(tmp_path, f"POST /orders\n{json.dumps(sample)}\n")


def test_a_curl_command(tmp_path: Path) -> None:
    command = """\
curl -X PUT 'https://api.acme.example/shops/{shopId}/orders?v=2' \\
  -H 'Authorization: Bearer abc' -H 'X-Api-Key: k' -H 'Content-Type: application/json' \\
  --data-raw '{"orders": [{"reference": "A", "items": [{"sku": "S"}], "gift": true}]}'
"""
    mapping, _ = drafted(tmp_path, command)

    assert (mapping.request.method, mapping.request.path) == ("PUT", "/shops/{shop_id}/orders")
    assert mapping.request.headers == {
        "Authorization": "Bearer {token}",
        "X-Api-Key": "$x_api_key",
    }
    assert mapping.settings["token"].secret
    assert mapping.request.body == {"orders": "$orders"}
    assert mapping.order.reference == "reference"
    assert list(mapping.order.lists) == ["items"]
    assert mapping.field("gift").send == "boolean"


def test_a_form_and_basic_authentication(tmp_path: Path) -> None:
    command = "curl -u a:b https://api.acme.example/o --data 'order_no=A&name=N'"

    mapping, _ = drafted(tmp_path, command)

    assert mapping.request.encoding == "form"
    assert mapping.request.headers["Authorization"] == "Basic {base64(user + ':' + password)}"
    assert mapping.request.body == {"...": "$order"}


OPENAPI: dict[str, Any] = {
    "openapi": "3.0.0",
    "servers": [{"url": "https://api.acme.example/v1"}],
    "paths": {
        "/orders/{id}/cancel": {"post": {"requestBody": {"content": {"application/json": {}}}}},
        "/orders": {
            "post": {
                "security": [{"key": []}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                    }
                },
                "responses": {
                    "201": {
                        "content": {"application/json": {"example": {"id": "7", "status": "new"}}}
                    }
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {
            "Order": {
                "required": ["reference", "lines"],
                "properties": {
                    "reference": {"type": "string", "maxLength": 40},
                    "carrier": {"type": "string", "enum": ["DHL", "UPS"]},
                    "shipOn": {"type": "string", "format": "date"},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Line": {
                "required": ["sku"],
                "properties": {
                    "sku": {"type": "string"},
                    "weight": {"type": "number"},
                    "self": {"$ref": "#/components/schemas/Line"},
                },
            },
        },
    },
}


def test_an_openapi_file(tmp_path: Path) -> None:
    mapping, _ = drafted(tmp_path, json.dumps(OPENAPI), ".json")

    assert mapping.settings["base_url"].default == "https://api.acme.example/v1"
    assert mapping.request.headers == {"X-Key": "$x_key"}
    assert mapping.field("reference").max == 40
    assert list(mapping.field("carrier").choices) == ["DHL", "UPS"]
    assert mapping.field("shipOn").pattern == "%Y-%m-%d"
    assert mapping.field("lines[].sku").required
    assert mapping.field("tags[]").split == ";"


def test_an_openapi_file_with_what_is_often_wrong_in_one(tmp_path: Path) -> None:
    number = {"type": "string", "required": True}
    schema = {"properties": {"no": number, "x": None, "y": {"oneOf": {}}}, "required": True}
    body = {"content": {"application/json": {"schema": schema}}}
    paths = {"/a": None, "/b": {"post": {"requestBody": body, "responses": None}}}

    mapping, _ = drafted(tmp_path, json.dumps({"openapi": "3.0.0", "paths": paths}), ".json")

    assert mapping.request.path == "/b"
    assert mapping.order.reference == "no"


def test_an_openapi_file_in_yaml(tmp_path: Path) -> None:
    import yaml

    mapping, _ = drafted(tmp_path, yaml.safe_dump(OPENAPI, sort_keys=False), ".yaml")

    assert mapping.field("lines[].weight").type == "decimal"


def test_the_command_writes_a_draft_and_never_over_a_file(run: Run, home: Path) -> None:
    (home / "page.txt").write_text(PAGE, encoding="utf-8")

    done = run("mapping", "new", "acme", "--from", "page.txt")
    again = run("mapping", "new", "acme", "--from", "page.txt")
    checked = run("mapping", "lint", "acme.yaml")

    assert done.exit_code == 0
    assert done.stderr.splitlines()[0] == (
        "The document contradicts itself: payType: integer in the table, text in the sample ('3')."
    )
    assert "Next: look for TODO in it, then run converter mapping lint acme.yaml" in done.stderr
    assert again.stderr == "Error: acme.yaml exists already. Name another file with -o.\n"
    assert checked.exit_code == 0
    assert "to be decided" in checked.stdout


def test_a_drafted_provider_can_be_tried_at_once(run: Run, home: Path) -> None:
    (home / "page.txt").write_text(PAGE, encoding="utf-8")
    run("mapping", "new", "acme", "--from", "page.txt")
    rows = "客户订单号,收件国家二字码,支付方式,商品编码,数量\nA-1,DE,预付,S,2\n"
    (home / "orders.csv").write_text(rows, encoding="utf-8")

    done = run("submit", "orders.csv", "-p", "acme.yaml", "--sandbox", "--json")

    (order,) = json.loads(done.stdout)["orders"]
    assert (order["status"], order["provider_order_no"]) == ("accepted", "SBX-00000001")


def test_a_text_without_a_request_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("nothing here", encoding="utf-8")

    with pytest.raises(UsageError, match="No request was found"):
        draft("acme", [tmp_path / "page.txt"])


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMES = st.sampled_from(["orderNo", "items", "sku", "qty", "country", "email", "date", "a", "b.c"])
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12), st.just("2025-01-02 03:04:05"),
)  # fmt: skip
SAMPLES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | KEYS, inner, max_size=5),
    max_leaves=20,
)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    body=st.dictionaries(NAMES | KEYS, SAMPLES, min_size=1, max_size=6)
    | st.lists(st.dictionaries(NAMES, SAMPLES, min_size=1), min_size=1, max_size=2),
    answer=SAMPLES,
)
def test_a_draft_of_any_sample_loads(tmp_path: Path, body: Any, answer: Any) -> None:
    text = f"POST /orders\n{json.dumps(body)}\nanswer\n{json.dumps(answer)}\n"
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    try:
        found = draft("acme", [tmp_path / "page.txt"])
    except UsageError:
        return

    parse_mapping(found.text, "acme.yaml")


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("物品类型 [ WPX:包裹,DOC:文件 ]", [("WPX", "包裹"), ("DOC", "文件")]),
        ("是否投保(1:投保,2:不投保)", [("1", "投保"), ("2", "不投保")]),
        ("a(one),b(two),c(three)", [("a", "one"), ("b", "two"), ("c", "three")]),
        ("产地(填写国家二字码,如:CN)", []),
        ("http://x:80,https://y:81", []),
    ],
)
def test_values_that_a_description_lists(note: str, found: list[tuple[str, str]]) -> None:
    assert choices_of(note) == found


def test_words() -> None:
    assert title_of("收件人电话(手机 / 电话二选一)") == "收件人电话"
    assert (words("buyerPostcode"), words("sku"), snake("access-key")) == (
        "Buyer postcode", "SKU", "access_key",
    )  # fmt: skip
    assert read_page('1. {\n2. "a": 1,\n3. }').body == {"a": 1}
