"""Nested payloads, parts of large orders, and JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from converter import layout, messages, sheet
from converter.checks import cells
from converter.json_text import encode
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.orders import by_order, grouping, rules
from converter.orders.payload import Payloads

PROVIDER = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings:
  base_url: {env: DEMO_BASE_URL, required: true}
request:
  path: /orders
  body: $orders
  orders_per_request: 3
  bytes_per_request: 1000
order:
  reference: head.ref
  lists:
    parcels: {key: "parcels[].box"}
    "parcels[].items": {}
    notes: {}
"""

FIELDS = """\
fields:
  - {path: head.ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: head.who.name, title: {en: Name, zh: 姓名}}
  - {path: head.who.phone, title: {en: Phone, zh: 电话}}
  - {path: empty, title: {en: Empty, zh: 空}, blank: empty}
  - {path: nothing, title: {en: Nothing, zh: 无}, blank: "null"}
  - {path: hidden, title: {en: Hidden, zh: 隐}, sent: false}
  - {path: made, title: {en: Made, zh: 全}, join: {parts: [$head.ref, ":", $hidden]}}
  - {path: "parcels[].box", title: {en: Box, zh: 箱号}}
  - {path: "parcels[].size.kg", title: {en: Kg, zh: 重量}, type: decimal}
  - {path: "parcels[].items[].sku", title: {en: SKU, zh: 货号}}
  - {path: "parcels[].items[].qty", title: {en: Qty, zh: 数量}, type: integer}
  - {path: "parcels[].items[].line", title: {en: Line, zh: 行}, fallback: {parts: [L, $line]}}
  - {path: "notes[].text", title: {en: Note, zh: 备注}}
"""

ANSWER = """\
response:
  call_ok: code == `0`
  match: {reference: ref}
  accepted: number
"""


def mapping(fields: str = FIELDS, head: str = PROVIDER) -> ProviderMapping:
    return parse_mapping(head + fields + ANSWER, "demo.yaml")


def payloads(folder: Path, rows: str, mapping: ProviderMapping) -> Payloads:
    """The payloads of a CSV sheet whose cells are all valid."""
    file = folder / "orders.csv"
    file.write_text(rows, encoding="utf-8")
    table = layout.find_table(sheet.read(file), mapping, file)
    grouped = grouping.group(cells.check(table, mapping, {}), mapping)
    problems = [
        messages.issue(issue, "en")
        for issue in by_order.in_order(rules.check(grouped))
        if not issue.warning
    ]
    assert problems == []
    return Payloads(grouped)


def first(folder: Path, rows: str, mapping: ProviderMapping) -> Any:
    (order,) = payloads(folder, rows, mapping).of(0)
    return order.payload


# -- shapes ----------------------------------------------------------------------------------------


def test_lists_in_lists_in_an_order(tmp_path: Path) -> None:
    rows = """\
Ref,Name,Hidden,Box,Kg,SKU,Qty,Note
R1,Jo,x,1,0.5,pen,2,one
R1,,,2,1.50,ink,3,two
R1,,,1,,cap,1,
"""

    assert first(tmp_path, rows, mapping()) == {
        "head": {"ref": "R1", "who": {"name": "Jo"}},
        "empty": "",
        "nothing": None,
        "made": "R1:x",
        "parcels": [
            {
                "box": "1",
                "size": {"kg": Decimal("0.5")},
                "items": [
                    {"sku": "pen", "qty": 2, "line": "L1"},
                    {"sku": "cap", "qty": 1, "line": "L2"},
                ],
            },
            {
                "box": "2",
                "size": {"kg": Decimal("1.5")},
                "items": [{"sku": "ink", "qty": 3, "line": "L3"}],
            },
        ],
        "notes": [{"text": "one"}, {"text": "two"}],
    }


def test_what_is_blank_has_no_key_object_or_list(tmp_path: Path) -> None:
    rows = "Ref,Name,Phone,Empty,Nothing,Box,Kg,SKU,Qty,Note\nR1,,,,,,,,,\n"

    assert first(tmp_path, rows, mapping()) == {
        "head": {"ref": "R1"},
        "empty": "",
        "nothing": None,
        "made": "R1:",
    }


def test_each_order_has_its_own_entries(tmp_path: Path) -> None:
    rows = "Ref,Box,SKU\nR1,1,a\nR2,1,b\nR1,2,c\nR3,,\nR2,1,d\n"
    found = payloads(tmp_path, rows, mapping())
    skus = [
        [
            [item["sku"] for item in parcel.get("items", [])]
            for parcel in order.payload.get("parcels", [])
        ]
        for index in range(3)
        for order in found.of(index)
    ]

    assert skus == [[["a"], ["c"]], [["b", "d"]], []]
    assert [found.of(index)[0].rows for index in range(3)] == [(2, 4), (3, 6), (5,)]


def test_keys_stand_in_the_order_of_the_mapping(tmp_path: Path) -> None:
    rows = "Note,Qty,SKU,Box,Phone,Name,Ref\nn,1,a,1,5,Jo,R1\n"
    text = encode(first(tmp_path, rows, mapping())).decode()

    assert text == (
        '{"head":{"ref":"R1","who":{"name":"Jo","phone":"5"}},"empty":"","nothing":null,'
        '"made":"R1:","parcels":[{"box":"1","items":[{"sku":"a","qty":1,"line":"L1"}]}],'
        '"notes":[{"text":"n"}]}'
    )


def test_values_may_stand_on_both_sides_of_an_object(tmp_path: Path) -> None:
    fields = """\
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: who.name, title: {en: Name, zh: 姓名}}
  - {path: note, title: {en: Note, zh: 备注}}
"""
    head = PROVIDER[: PROVIDER.index("  lists:")].replace("head.ref", "ref")
    text = encode(first(tmp_path, "Ref,Name,Note\nR1,Jo,n\n", mapping(fields, head))).decode()

    assert text == '{"ref":"R1","who":{"name":"Jo"},"note":"n"}'


# -- parts -----------------------------------------------------------------------------------------

SPLIT = PROVIDER[: PROVIDER.index("  lists:")] + (
    "  lists: {cargo: {}}\n  split: {list: cargo, at_most: 2, by: 'cargo[].seller'}\n"
)
CARGO = """\
fields:
  - {path: head.ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: "cargo[].seller", title: {en: Seller, zh: 卖家}, sent: false}
  - {path: "cargo[].sku", title: {en: SKU, zh: 货号}}
"""


def parts(folder: Path, rows: str) -> list[tuple[str, str, list[str], tuple[int, ...]]]:
    found = payloads(folder, rows, mapping(CARGO, SPLIT))
    made = [order for index in range(len(found.orders.references)) for order in found.of(index)]
    assert [order.payload["head"]["ref"] for order in made] == [order.reference for order in made]
    return [
        (
            order.reference,
            order.parent,
            [entry["sku"] for entry in order.payload["cargo"]],
            order.rows,
        )
        for order in made
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(["R1,A,a"], [("R1", "R1", ["a"], (2,))], id="one entry"),
        pytest.param(
            ["R1,A,a", "R1,A,b"], [("R1", "R1", ["a", "b"], (2, 3))], id="as many as are allowed"
        ),
        pytest.param(
            ["R1,A,a", "R1,A,b", "R1,A,c"],
            [("R1-1", "R1", ["a", "b"], (2, 3)), ("R1-2", "R1", ["c"], (4,))],
            id="one more",
        ),
        pytest.param(
            ["R1,A,a", "R1,B,b"],
            [("R1-1", "R1", ["a"], (2,)), ("R1-2", "R1", ["b"], (3,))],
            id="two sellers",
        ),
        pytest.param(
            ["R1,A,a", "R1,B,b", "R2,B,c", "R1,A,d", "R1,A,e"],
            [
                ("R1-1", "R1", ["a", "d"], (2, 5)),
                ("R1-2", "R1", ["e"], (6,)),
                ("R1-3", "R1", ["b"], (3,)),
                ("R2", "R2", ["c"], (4,)),
            ],
            id="two sellers, one of them with too much, another order between",
        ),
        pytest.param(
            ["R1,,a", "R1,,b", "R1,,c"],
            [("R1-1", "R1", ["a", "b"], (2, 3)), ("R1-2", "R1", ["c"], (4,))],
            id="no seller named",
        ),
        pytest.param(
            ["R1,A,a", "R1,,b"],
            [("R1", "R1", ["a", "b"], (2, 3))],
            id="one seller, named on the first line only",
        ),
    ],
)
def test_orders_that_are_too_large_are_sent_in_parts(
    rows: list[str], expected: list[Any], tmp_path: Path
) -> None:
    assert parts(tmp_path, "\n".join(["Ref,Seller,SKU", *rows]) + "\n") == expected


def test_a_sheet_without_sellers_is_split_by_number_alone(tmp_path: Path) -> None:
    found = parts(tmp_path, "Ref,SKU\nR1,a\nR1,b\nR1,c\n")

    assert [(name, skus) for name, _, skus, _ in found] == [("R1-1", ["a", "b"]), ("R1-2", ["c"])]


def test_the_names_of_parts_are_known_before_they_are_built(tmp_path: Path) -> None:
    rows = "Ref,Seller,SKU\nR1,A,a\nR1,B,b\nR2,A,c\n"
    found = payloads(tmp_path, rows, mapping(CARGO, SPLIT))

    assert [found.part_names(0), found.part_names(1)] == [["R1-1", "R1-2"], []]


def test_an_order_is_built_the_same_every_time(tmp_path: Path) -> None:
    found = payloads(tmp_path, "Ref,Seller,SKU\nR1,A,a\nR1,B,b\n", mapping(CARGO, SPLIT))

    assert found.of(0) == found.of(0)


# -- JSON ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kg", ["9223372036854775807", "9223372036854775808", "99999999999999999999", "0.000000001"]
)
def test_no_amount_is_too_long_to_be_written(kg: str, tmp_path: Path) -> None:
    text = encode(first(tmp_path, f"Ref,Box,Kg\nR1,1,{kg}\n", mapping())).decode()

    assert f'"size":{{"kg":{kg}}}' in text


def test_payloads_survive_being_written_and_read() -> None:
    payload = {"number": Decimal("0.10"), "big": 2**63 - 1, "text": "0.10", "none": None}

    assert json.loads(encode(payload), parse_float=Decimal) == payload
