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


# -- order APIs of the world, one shape each ---------------------------------------------------

SHEET = """\
Order,Name,Country,Street,Flat,Tags,Date,SKU,Qty,Price,Gift
A1,Anna Maria Smith,US,12 Elm St,Apt 4,3; 14,2025-05-31 10:20,pen,2,1.5,N
A1,Anna Maria Smith,US,12 Elm St,Apt 4,3; 14,2025-05-31 10:20,ink,1,7,Y
"""
COLUMNS = """\
  - {path: ref, title: {en: Order, zh: 单号}, required: true}
  - {path: name, title: {en: Name, zh: 姓名}, sent: false}
  - {path: land, title: {en: Country, zh: 国家}, type: country, sent: false}
  - {path: street, title: {en: Street, zh: 街道}, sent: false}
  - {path: flat, title: {en: Flat, zh: 房号}, sent: false}
  - {path: "L[].sku", title: {en: SKU, zh: 货号}, sent: false}
  - {path: "L[].qty", title: {en: Qty, zh: 数量}, type: integer, sent: false}
  - {path: "L[].price", title: {en: Price, zh: 单价}, type: decimal, sent: false}
  - {path: "L[].gift", title: {en: Gift, zh: 赠品}, type: choice, sent: false,
     choices: {true: Y, false: N}}
"""


def shaped(folder: Path, order: str, fields: str) -> Any:
    """The payload of the sheet's one order without its reference."""
    text = f"order: {{reference: ref, {order}}}\nfields:\n{COLUMNS}{fields}"
    (made,), issues = prepared(folder, text, SHEET)
    assert issues == []
    del made["ref"]
    return made


def test_lines_as_commands_of_an_erp(tmp_path: Path) -> None:
    """Odoo takes [0, 0, values] for a line, and [6, 0, ids] for tags."""
    lists = """lists: {
      L: {}, order_line: {from: L, entry: [0, 0, $entry]}, skus: {from: L, entry: $entry.sku},
      flat_rows: {from: L, entry: [$entry.a, x, $entry.b]},
      edges: {from: L, entry: {node: $entry, id: $entry.sku, none: $entry.b}}}"""
    fields = """\
  - {path: "order_line[].product", formula: L.sku}
  - {path: "order_line[].uom.qty", formula: L.qty}
  - {path: "flat_rows[].a", formula: L.sku}
  - {path: "flat_rows[].b", formula: 'if(L.gift = true, L.qty, null)'}
  - {path: "skus[].sku", formula: L.sku}
  - {path: "edges[].sku", formula: L.sku}
  - {path: "edges[].b", formula: 'if(L.gift = true, L.qty, null)'}
  - {path: "tag_ids[]", title: {en: Tags, zh: 标签}, type: integer, split: ";"}
"""
    assert shaped(tmp_path, lists, fields) == {
        "order_line": [
            [0, 0, {"product": "pen", "uom": {"qty": 2}}],
            [0, 0, {"product": "ink", "uom": {"qty": 1}}],
        ],
        "flat_rows": [["pen", "x", None], ["ink", "x", 1]],
        "skus": ["pen", "ink"],
        "edges": [
            {"node": {"sku": "pen"}, "id": "pen"},
            {"node": {"sku": "ink", "b": 1}, "id": "ink", "none": 1},
        ],
        "tag_ids": [3, 14],
    }


@pytest.mark.parametrize(
    ("blank", "expected"), [("absent", {}), ("empty", {"codes": []}), ('"null"', {"codes": None})]
)
def test_a_blank_array(tmp_path: Path, blank: str, expected: dict[str, Any]) -> None:
    field = (
        f'  - {{path: "codes[]", title: {{en: No codes, zh: 无}}, split: ";", blank: {blank}}}\n'
    )
    made = shaped(tmp_path, "lists: {L: {}}", field)
    assert {key: value for key, value in made.items() if key != "L"} == expected


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("type: integer", "3; x", "expected a whole number, found 'x'. Type the number "
         "without other characters."),
        ("type: country, as: numeric", "DE;IC", "expected a country such as US, 美国 or United "
         "States, found 'IC'. Type the two-letter code."),
        ("type: choice, choices: {A: [a]}", "a;b", "expected one of A (a); found 'b'. Choose "
         "one of these."),
    ],
)  # fmt: skip
def test_each_of_several_values_in_a_cell_is_checked(
    tmp_path: Path, kind: str, cell: str, expected: str
) -> None:
    text = f"""\
order: {{reference: ref}}
fields:
  - {{path: ref, title: {{en: Order, zh: 单号}}, required: true}}
  - {{path: "new[]", title: {{en: New, zh: 新}}, split: ";", {kind}}}
"""
    _, issues = prepared(tmp_path, text, f"Order,New\nA1,{cell}\n")

    assert issues == [f"orders!B2 New: {expected}"]


def test_lines_as_an_object_and_parts_as_json_text(tmp_path: Path) -> None:
    order = """lists: {
      L: {}, stock: {from: L, map: "stock[].sku", entry: $entry.qty}, text: {from: L, json: true},
      lines: {from: L, map: "lines[].no"}}, objects: {extend: {json: true}}"""
    fields = """\
  - {path: "stock[].sku", formula: L.sku}
  - {path: "stock[].qty", formula: L.qty}
  - {path: "lines[].no", formula: line, sent: false}
  - {path: "lines[].sku", formula: L.sku}
  - {path: "text[].price", formula: L.price}
  - {path: extend.name, formula: name}
  - {path: extend.level, value: 1}
"""
    assert shaped(tmp_path, order, fields) == {
        "stock": {"pen": 2, "ink": 1},
        "lines": {"1": {"sku": "pen"}, "2": {"sku": "ink"}},
        "text": '[{"price":1.5},{"price":7}]',
        "extend": '{"name":"Anna Maria Smith","level":1}',
    }


def test_keys_of_an_object_differ(tmp_path: Path) -> None:
    text = f"""\
order: {{reference: ref, lists: {{L: {{}}, by: {{from: L, map: "by[].land"}}}}}}
fields:
{COLUMNS}  - {{path: "by[].land", formula: land}}
"""
    _, issues = prepared(tmp_path, text, SHEET)

    assert issues == [
        "orders!3 by[].land: expected a value of its own for every line of the order, found 'US' "
        "again. Make them different, or give the rows one line."
    ]


def test_some_lines_in_a_list_inside_a_single_entry(tmp_path: Path) -> None:
    """Magento repeats the items inside a shipping assignment; gifts go elsewhere."""
    order = """lists: {
      L: {}, assignments: {one: true}, "assignments[].items": {from: L, where: L.gift = false},
      gifts: {from: L, where: L.gift = true}}"""
    fields = """\
  - {path: "assignments[].method", value: flat}
  - {path: "assignments[].items[].sku", formula: L.sku, required: true}
  - {path: "gifts[].sku", formula: L.sku}
  - {path: "gifts[].line", formula: line}
  - {path: gift_count, formula: count(gifts)}
  - {path: gift_worth, formula: sum(gifts.price)}
  - {path: "gifts[].price", formula: L.price, sent: false}
  - {path: "one[]", formula: name}
  - {path: "street_lines[]", formula: "list(street, flat, null)"}
  - {path: "services[]", formula: 'list(if(land != US, "CUSTOMS", null), "SIGN")'}
  - {path: "all_prices[]", formula: all(L.price)}
  - {path: first_name, formula: 'before(name, " ")'}
  - {path: last_name, formula: 'after(name, " ")'}
  - {path: slug, formula: 'lower(replace(name, " ", "-"))'}
"""
    assert shaped(tmp_path, order, fields) == {
        "assignments": [{"method": "flat", "items": [{"sku": "pen"}]}],
        "gifts": [{"sku": "ink", "line": 1}],
        "gift_count": 1,
        "gift_worth": 7,
        "one": ["Anna Maria Smith"],
        "street_lines": ["12 Elm St", "Apt 4"],
        "services": ["SIGN"],
        "all_prices": [1.5, 7],
        "first_name": "Anna",
        "last_name": "Maria Smith",
        "slug": "anna-maria-smith",
    }


def test_the_form_of_a_column_is_seen_by_the_provider_alone(tmp_path: Path) -> None:
    """SF Express names contacts by a number; a price goes as text, and others still count it."""
    text = """\
order: {reference: ref, lists: {cargo: {}}}
fields:
  - {path: ref, title: {en: Order, zh: 单号}, required: true}
  - {path: "contacts[contactType=1].contact", value: Warehouse}
  - {path: "contacts[contactType=2].contact", title: {en: Name, zh: 姓名}, max: 20,
     form: upper(it)}
  - {path: "cargo[].amount", title: {en: Price, zh: 单价}, type: decimal, above: 1,
     form: "fixed(it, 2)"}
  - {path: "cargo[].count", title: {en: Qty, zh: 数量}, type: integer,
     form: plain(it * cargo.amount)}
  - {path: total, formula: sum(cargo.amount * cargo.count)}
  - {path: sendStartTm, title: {en: Date, zh: 日期}, type: datetime, zone: Asia/Shanghai,
     pattern: "%s%f", as: integer}
"""
    (made,), issues = prepared(tmp_path, text, SHEET)

    assert issues == []
    assert made == {
        "ref": "A1",
        "contacts": [
            {"contactType": 1, "contact": "Warehouse"},
            {"contactType": 2, "contact": "ANNA MARIA SMITH"},
        ],
        "cargo": [{"amount": "1.50", "count": "3"}, {"amount": "7.00", "count": "7"}],
        "total": 10,
        "sendStartTm": 1748658000000,
    }
    _, issues = prepared(tmp_path, text, SHEET.replace(",1.5,", ",1.555,"))
    assert issues == [
        "orders!J2 Price: fixed(it, 2) takes no number with so many decimals as 1.555. Correct it."
    ]


def test_what_is_left_out_is_neither_enough_nor_a_part(tmp_path: Path) -> None:
    text = """\
order:
  reference: ref
  lists: {items: {required: true, where: items.qty > 1}, extras: {from: items}}
  split: {list: items, at_most: 1}
fields:
  - {path: ref, title: {en: Order, zh: 单号}, required: true}
  - {path: "items[].sku", title: {en: SKU, zh: 货号}}
  - {path: "items[].qty", title: {en: Qty, zh: 数量}, type: integer, required: true}
  - {path: "items[].code", title: {en: Code, zh: 码}, required: true, form: 'if(it = x, "X", null)'}
  - {path: "extras[].sku", formula: items.sku, when: items.qty > 4}
"""
    rows = "Order,SKU,Qty,Code\nA1,pen,1,x\nA1,ink,2,x\nA2,cap,1,x\nA3,cup,3,y\n"
    made, issues = prepared(tmp_path, text, rows)

    assert made[0] == {"ref": "A1", "items": [{"sku": "ink", "qty": 2, "code": "X"}]}
    assert issues == [
        "orders!D5 Code: expected a value, found a blank cell. Fill it in.",
        "orders!A4 expected at least one line with Qty for this order, found none. Add one.",
    ]


@pytest.mark.parametrize(
    ("shape", "field", "expected"),
    [
        ("entry: [0, 0]", "formula: L.sku",
         "'entry' has no $entry in it: every line of the order would be the same"),
        ("entry: $line", "formula: L.sku",
         "'$line' is neither $entry nor $entry.MEMBER, each a whole value"),
        ("entry: $entry.skuu", "formula: L.sku", "the entry has no 'skuu': it has out.sku"),
        ("map: 'L[].sku'", "formula: L.sku", "'L[].sku' is no field of the list 'out'"),
        ("where: L.sku = land", "formula: L.sku",
         "'land' would be a word: to compare with that field write (land)"),
        ("", "text: '{split(L.sku, \";\")}'", "out[].sku: an array cannot stand there: make it one "
         "text, as in join(..., \", \")"),
        ("", "formula: L.sku, form: upper(it)",
         "out[].sku: 'form' is what is sent of a cell: write it into the formula"),
    ],
)  # fmt: skip
def test_shapes_that_cannot_be_are_refused(shape: str, field: str, expected: str) -> None:
    text = f"""\
order: {{reference: ref, lists: {{L: {{}}, out: {{from: L, {shape}}}}}}}
fields:
{COLUMNS}  - {{path: "out[].sku", {field}}}
"""
    with pytest.raises(MappingError) as error:
        parse_mapping(HEAD + text, "demo.yaml")

    assert str(error.value).splitlines()[0].split(": ", 1)[1] == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("form: upper(name)",
         "'form' is what is sent of the value, called 'it', such as fixed(it, 2)"),
        ("as: text, form: upper(it)", "'form' says what is sent, so leave 'as' out"),
        ("form: upper(it", "cannot read 'upper(it': expected ')', but it ends"),
        ("form: sum(L.qty) + it.x", "there is no field 'it.x'"),
    ],
)  # fmt: skip
def test_forms_that_cannot_be_are_refused(field: str, expected: str) -> None:
    text = f"""\
order: {{reference: ref, lists: {{L: {{}}}}}}
fields:
{COLUMNS}  - {{path: new, title: {{en: New, zh: 新}}, {field}}}
"""
    with pytest.raises(MappingError) as error:
        parse_mapping(HEAD + text, "demo.yaml")

    assert str(error.value).splitlines()[0].endswith(f"new: {expected}")
