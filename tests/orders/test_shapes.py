"""Shapes of payloads that no row has by itself: lists made from others, named entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converter import layout, messages, sheet
from converter.checks import cells
from converter.errors import MappingError
from converter.json_text import encode
from converter.mapping.load import parse_mapping
from converter.orders import grouping, rules
from converter.orders.payload import Payloads

HEAD = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings: {base_url: {env: DEMO_BASE_URL, required: true}}
request: {path: /orders, body: $order}
response: {call_ok: ok, match: {single: true}, accepted: ok}
"""
BOXES = """\
order:
  reference: ref
  lists:
    boxes: {key: "boxes[].no"}
    "boxes[].items": {required: true}
    customs.items: {from: "boxes[].items", when: country != DE}
    "boxes[].labels": {from: "boxes[].items"}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: country, title: {en: Country, zh: 国家}, type: country}
  - {path: "boxes[].no", title: {en: Box, zh: 箱号}, required: true}
  - {path: "boxes[].items[].sku", title: {en: SKU, zh: 货号}, required: true}
  - {path: "boxes[].items[].qty", title: {en: Qty, zh: 数量}, type: integer, required: true}
  - {path: "customs.items[].line", formula: line}
  - {path: "customs.items[].what", text: "{boxes.items.sku} of box {boxes.no}"}
  - {path: "customs.items[].share", text: "{boxes.items.qty}/{sum(boxes.items.qty)}"}
  - {path: "boxes[].labels[].text", text: "{line}: {boxes.items.sku}"}
  - {path: customs.total, formula: sum(customs.items.line)}
"""
ROWS = """\
Ref,Country,Box,SKU,Qty
R1,FR,B,pen,1
R2,DE,A,cup,7
R1,FR,A,ink,2
R1,FR,B,cap,3
"""


def prepared(folder: Path, mapping_text: str, rows: str) -> tuple[list[Any], list[str]]:
    """The payloads of all orders, and every issue of the sheet."""
    mapping = parse_mapping(HEAD + mapping_text, "demo.yaml")
    file = folder / "orders.csv"
    file.write_text(rows, encoding="utf-8")
    table = layout.find_table(sheet.read(file), mapping, file)
    grouped = grouping.group(cells.check(table, mapping, {}), mapping)
    issues = [messages.issue(issue, "en") for issue in rules.check(grouped)]
    payloads = Payloads(grouped)
    orders = [payloads.of(index)[0].payload for index in range(len(grouped.references))]
    return [json.loads(encode(order)) for order in orders], issues


def test_a_list_is_made_from_the_entries_of_another(tmp_path: Path) -> None:
    (first, second), issues = prepared(tmp_path, BOXES, ROWS)

    assert issues == []
    assert first["customs"] == {
        "items": [
            {"line": 1, "what": "pen of box B", "share": "1/4"},
            {"line": 2, "what": "cap of box B", "share": "3/4"},
            {"line": 3, "what": "ink of box A", "share": "2/2"},
        ],
        "total": 6,
    }
    assert [box["labels"] for box in first["boxes"]] == [
        [{"text": "1: pen"}, {"text": "2: cap"}],
        [{"text": "1: ink"}],
    ]
    assert "customs" not in second


@pytest.mark.parametrize(
    ("shape", "field", "expected"),
    [
        pytest.param("goods: {from: stuff}", "", "there is no other list 'stuff'", id="unknown"),
        pytest.param("goods: {from: goods}", "", "there is no other list 'goods'", id="itself"),
        pytest.param(
            "goods: {from: items}, more: {from: goods}",
            "",
            "'goods' is made from a list itself: name 'items'",
            id="twice",
        ),
        pytest.param(
            'goods: {from: items, key: "goods[].no"}',
            '  - {path: "goods[].no", formula: items.sku}\n',
            "'goods' has the entries of 'items', so neither 'key' nor 'one'",
            id="key",
        ),
        pytest.param(
            "goods: {from: items}",
            '  - {path: "goods[].no", title: {en: No, zh: 号}}\n',
            "goods[].no would have a column, and 'goods' has no rows of its own: make it a field "
            "of 'items', and write 'formula' here",
            id="column",
        ),
        pytest.param(
            'boxes: {}, "boxes[].goods": {from: items}',
            "",
            "'boxes[].goods' lies in 'boxes', and the entries of 'items' do not",
            id="elsewhere",
        ),
        pytest.param(
            'goods: {from: items}, "goods[].parts": {}',
            "",
            "'goods' is made from 'items' and cannot hold the list 'goods[].parts'",
            id="list inside",
        ),
    ],
)
def test_a_list_that_cannot_be_made_is_refused(shape: str, field: str, expected: str) -> None:
    text = f"""\
order: {{reference: ref, lists: {{items: {{}}, {shape}}}}}
fields:
  - {{path: ref, title: {{en: Ref, zh: 单号}}}}
  - {{path: "items[].sku", title: {{en: SKU, zh: 货号}}}}
{field}"""
    with pytest.raises(MappingError) as error:
        parse_mapping(HEAD + text, "demo.yaml")

    assert "demo.yaml:7:" in str(error.value)
    assert expected in str(error.value)


def test_an_object_or_entry_of_nothing_is_not_there(tmp_path: Path) -> None:
    text = """\
order:
  reference: ref
  lists: {parcels: {one: true}}
  objects: {meta: {when: country = FR, blank: empty}, "at[name=a]": {when: country = FR}}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: country, title: {en: Country, zh: 国家}, type: country}
  - {path: meta.note, title: {en: Note, zh: 备注}}
  - {path: "parcels[].kg", title: {en: Kg, zh: 重量}}
  - {path: "at[name=a].value", title: {en: A, zh: 甲}}
"""
    rows = "Ref,Country,Note,Kg,A\nR1,DE,x,,a\nR2,FR,,,a\nR3,FR,,2,\n"
    made, issues = prepared(tmp_path, text, rows)

    assert issues == []
    assert made == [
        {"ref": "R1", "country": "DE"},
        {"ref": "R2", "country": "FR", "meta": {}, "at": [{"name": "a", "value": "a"}]},
        {"ref": "R3", "country": "FR", "meta": {}, "parcels": [{"kg": "2"}]},
    ]


def test_entries_are_named_by_texts_and_numbers(tmp_path: Path) -> None:
    text = """\
order: {reference: ref}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: "extra[id=1].value", title: {en: One, zh: 一}}
  - {path: 'extra[id="2"].value', title: {en: Two, zh: 二}}
  - {path: 'extra[name="Gift note"].value', title: {en: Note, zh: 赠言}}
  - {path: both, text: '{extra[id=1].value} and {extra[name="Gift note"].value}'}
  - {path: "@type", value: Order}
"""
    (made,), issues = prepared(tmp_path, text, "Ref,One,Two,Note\nR1,a,b,c\n")

    assert issues == []
    assert made == {
        "ref": "R1",
        "extra": [
            {"id": 1, "value": "a"},
            {"id": "2", "value": "b"},
            {"name": "Gift note", "value": "c"},
        ],
        "both": "a and c",
        "@type": "Order",
    }
