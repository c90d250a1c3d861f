"""Orders of publicly documented APIs: each mapping makes exactly the bodies that have to leave."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from converter import layout, messages, sheet
from converter.checks import cells
from converter.json_text import encode
from converter.mapping.load import load_mapping
from converter.orders import grouping, rules
from converter.orders.payload import Payloads

HERE = Path(__file__).parent
SETTINGS = {"integration_id": "7", "postoffice_code": "109012"}
NAMES = sorted(path.parent.name for path in HERE.glob("*/mapping.yaml"))
AROUND = {"paypal-payouts": "items", "wangdiantong": "trade_list", "jnt-express-eg": "bizContent"}
"""The key of the body that holds the orders, where these are not the whole body."""
OF_THE_CALL = {"jnt-express-eg": ("customerCode", "digest"), "prodigi": ("idempotencyKey",)}
"""What the request writes beside the values of the order."""


def expected_orders(name: str) -> list[Any]:
    """The orders in the bodies of the requests, each once, in the order of the sheet."""
    asked = json.loads(
        (HERE / name / "expected_requests.json").read_text(encoding="utf-8"), parse_float=Decimal
    )
    found: list[Any] = []
    for request in asked["requests"]:
        if not request.get("order_keys") or "only_in" in request:
            continue
        body = request.get("body_decoded", request.get("body"))
        inside = body[AROUND[name]] if name in AROUND else body
        orders = inside if isinstance(inside, list) else [inside]
        for key in OF_THE_CALL.get(name, ()):
            orders[0].pop(key)
        found += [order for order in orders if order not in found]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_bodies_are_those_of_the_documentation(name: str) -> None:
    mapping = load_mapping(HERE / name / "mapping.yaml")
    file = HERE / name / "orders.csv"
    table = layout.find_table(sheet.read(file), mapping, file)
    orders = grouping.group(cells.check(table, mapping, SETTINGS), mapping)
    problems = [messages.issue(issue, "en") for issue in rules.check(orders) if not issue.warning]
    payloads = Payloads(orders)
    made = [
        json.loads(encode(part.payload), parse_float=Decimal)
        for index in range(len(orders.references))
        for part in payloads.of(index)
    ]

    assert problems == []
    assert made == expected_orders(name)
