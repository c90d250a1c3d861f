"""Values that are constants or computed, and conditions that leave fields out."""

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
settings:
  base_url: {env: DEMO_BASE_URL, required: true}
  shop: {env: DEMO_SHOP, default: main}
  key: {env: DEMO_KEY, secret: true}
  spare: {env: DEMO_SPARE}
request: {path: /orders, body: $order}
response: {call_ok: ok, match: {single: true}, accepted: ok}
order: {reference: ref, lists: {items: {}}}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: country, title: {en: Country, zh: 国家}, type: country}
  - {path: freight, title: {en: Freight, zh: 运费}, type: decimal, sent: false}
  - {path: "items[].sku", title: {en: SKU, zh: 货号}}
  - {path: "items[].qty", title: {en: Qty, zh: 数量}, type: integer}
  - {path: "items[].price", title: {en: Price, zh: 单价}, type: decimal}
"""
ROWS = """\
Ref,Country,Freight,SKU,Qty,Price
R1,DE,4.5,pen,2,0.10
R1,DE,4.5,ink,3,1.25
"""


def prepared(folder: Path, fields: str, rows: str) -> tuple[Any, list[str]]:
    """The first order's payload, and every issue of the sheet."""
    mapping = parse_mapping(HEAD + fields, "demo.yaml")
    file = folder / "orders.csv"
    file.write_text(rows, encoding="utf-8")
    table = layout.find_table(sheet.read(file), mapping, file)
    grouped = grouping.group(cells.check(table, mapping, {"shop": "main"}), mapping)
    issues = [messages.issue(issue, "en") for issue in rules.check(grouped)]
    return json.loads(encode(Payloads(grouped).of(0)[0].payload)), issues


@pytest.mark.parametrize(
    ("field", "key", "expected"),
    [
        pytest.param("value: {a: $shop, b: [$shop, 1]}", "new", {"a": "main", "b": ["main", 1]},
                     id="settings in a constant"),
        pytest.param("text: '{shop}-{ref}'", "new", "main-R1", id="setting in a text"),
        pytest.param("formula: 'if(shop = main, 1, 2)'", "new", 1, id="setting in a condition"),
        pytest.param("value: X", "new", "X", id="text"),
        pytest.param("value: 5", "new", 5, id="number"),
        pytest.param('value: "5"', "new", "5", id="number in quotes"),
        pytest.param("value: 007", "new", "007", id="code"),
        pytest.param("value: true", "new", True, id="true"),
        pytest.param('value: ""', "new", "", id="empty text"),
        pytest.param("value: null", "new", None, id="null"),
        pytest.param("value: {}", "new", {}, id="empty object"),
        pytest.param("value: [1, {a: b}]", "new", [1, {"a": "b"}], id="any JSON"),
        pytest.param("value: $shop", "new", "main", id="setting"),
        pytest.param("formula: sum(items.qty * items.price) + freight", "new", 8.45, id="sum"),
        pytest.param("formula: sum(items.qty * items.price) + freight, as: text", "new", "8.45",
                     id="sum as text"),
        pytest.param("formula: 'fixed(freight, 2)'", "new", "4.50", id="fixed decimals"),
        pytest.param("formula: count(items), type: integer", "new", 2, id="count"),
        pytest.param("formula: country = DE", "new", True, id="whether"),
        pytest.param("formula: distinct(items.sku)", "new", ["pen", "ink"], id="plain values"),
        pytest.param("formula: country, type: choice, choices: {Q: DE, Z: FR}", "new", "Q",
                     id="another field's words"),
        pytest.param('text: "{ref}/{country}"', "new", "R1/DE", id="template"),
        pytest.param("formula: ref, when: country = DE", "new", "R1", id="condition holds"),
    ],
)  # fmt: skip
def test_values_without_a_column(tmp_path: Path, field: str, key: str, expected: Any) -> None:
    payload, issues = prepared(tmp_path, f"  - {{path: new, {field}}}\n", ROWS)

    assert issues == []
    assert payload[key] == expected


def test_a_condition_leaves_the_key_out_and_asks_for_nothing(tmp_path: Path) -> None:
    fields = """\
  - {path: vat, title: {en: VAT, zh: 税号}, required: true, blank: empty, when: country != DE}
  - {path: "items[].hs", title: {en: HS, zh: 编码}, required: true, when: country != DE}
  - {path: "items[].no", text: "{line:03}"}
"""
    payload, issues = prepared(tmp_path, fields, ROWS)

    assert issues == []
    assert payload == {
        "ref": "R1", "country": "DE",
        "items": [{"sku": "pen", "qty": 2, "price": 0.1, "no": "001"},
                  {"sku": "ink", "qty": 3, "price": 1.25, "no": "002"}],
    }  # fmt: skip

    payload, issues = prepared(tmp_path, fields, ROWS.replace("DE", "FR"))

    assert payload["vat"] == ""
    blank = "expected a value, but the sheet has no such column. Add the column and fill it in."
    assert issues == [f"orders!2 VAT: {blank}", f"orders!2 HS: {blank}", f"orders!3 HS: {blank}"]


def test_computed_values_may_read_others(tmp_path: Path) -> None:
    fields = """\
  - {path: total, formula: net + freight}
  - {path: net, formula: sum(items.amount)}
  - {path: "items[].amount", formula: items.qty * items.price, sent: false}
"""
    payload, issues = prepared(tmp_path, fields, ROWS)

    assert issues == []
    assert (payload["total"], payload["net"]) == (8.45, 3.95)


@pytest.mark.parametrize(
    ("field", "rows", "expected"),
    [
        pytest.param("formula: sum(items.qty) + freight", ROWS.replace("4.5", ""),
                     "new: sum(items.qty) + freight needs all of its numbers, but found a blank "
                     "cell among them. Fill it in.", id="a blank among numbers"),
        pytest.param("formula: country, type: integer", ROWS,
                     "Country: expected a whole number, found 'DE'. Type the number without other "
                     "characters.", id="no number"),
        pytest.param("formula: 'round(freight / 3, 2, half_up)', at_most: 1", ROWS,
                     "Freight: expected 1 or less, found '1.5'. Correct the number.",
                     id="too large"),
        pytest.param("formula: freight / sum(items.qty)", ROWS.replace(",3,", ",5,"),
                     "Freight: freight / sum(items.qty) has no exact result. The mapping has to "
                     "say how it is rounded.", id="endless"),
        pytest.param('text: "{ref}-{country}", max: 4', ROWS,
                     "Ref: expected at most 4 characters, found 5: 'R1-DE'. Shorten it.",
                     id="too long"),
        pytest.param("formula: freight, type: choice, choices: {1: a}", ROWS,
                     "Freight: expected one of 1 (a); found '4.5'. Choose one of these.",
                     id="no choice"),
        pytest.param("value: $shop, type: integer", ROWS,
                     "new: expected a whole number, found 'main'. Type the number without other "
                     "characters.", id="a setting of another type"),
        pytest.param("value: 1, when: number(country) > 1", ROWS,
                     "Country: number(country) > 1 needs a number, found DE. Correct it.",
                     id="a condition that cannot be worked out"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_issue_of_the_cell(
    tmp_path: Path, field: str, rows: str, expected: str
) -> None:
    _, issues = prepared(tmp_path, f"  - {{path: new, {field}}}\n", rows)

    assert [issue.rpartition("!")[2].partition(" ")[2] for issue in issues] == [expected]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("value: X, formula: ref", "new: a field has one source, so not 'value' and 'formula'"),
        ("value: X, default: Y", "new: a field has one source, so not 'value' and 'default'"),
        ("value: 5, as: text", "new: write the value as it is sent, without 'type' and 'as'"),
        ("value: $shoop", "new: there is no setting 'shoop'"),
        ("value: $key", "new: a secret belongs into 'request', and never into an order"),
        ("value: $spare", "new: the setting 'spare' needs 'required: true' or a default"),
        ("formula: items.qty", "new: 'items[].qty' has several values here: choose with "
         'first(items.qty), sum(items.qty), join(items.qty, ", ") or the like'),
        ("formula: items", "new: 'items' is a list: write count(items), or one of its fields"),
        ("formula: items.qtty", "new: there is no field 'items.qtty', did you mean 'items.qty'?"),
        ("formula: line", "new: 'line' is the number of an entry: it needs a field of a list"),
        ("formula: new + 1", "new is computed from itself"),
        ("formula: eval(ref)", "new: cannot read 'eval(ref)': there is no function 'eval'"),
        ('text: "{ref"', "new: cannot read the text '{ref': write {path}, or {{ for {"),
        ("value: X, when: 1 = 1", "new: the condition '1 = 1' reads no field"),
        ("max: 3", "the key 'title' is missing here"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_refused(field: str, expected: str) -> None:
    with pytest.raises(MappingError) as error:
        parse_mapping(f"{HEAD}  - {{path: new, {field}}}\n", "demo.yaml")

    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("join: {parts: [$ref]}, type: decimal",
         "Ref: expected a number, found 'R1'. Type the number without unit or other characters."),
        ("join: {parts: [$ref, $country]}, format: digits",
         "Ref: expected digits only, found 'R1DE'. Remove the other characters."),
        ("title: {en: N, zh: N}, fallback: {parts: [$country]}, type: integer",
         "Country: expected a whole number, found 'DE'. Type the number without other characters."),
        ("title: {en: N, zh: N}, fallback: {parts: [$ref]}, type: country",
         "Ref: expected a country such as US, 美国 or United States, found 'R1'. Type the "
         "two-letter code."),
    ],
)  # fmt: skip
def test_what_stands_in_for_a_blank_cell_passes_the_same_checks(
    tmp_path: Path, field: str, expected: str
) -> None:
    payload, issues = prepared(tmp_path, f"  - {{path: new, {field}}}\n", ROWS)

    assert [issue.rpartition("!")[2].partition(" ")[2] for issue in issues] == [expected]
    assert "new" not in payload


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("type: integer, default: many", "new: the default 'many' is no integer"),
        ("type: integer, default: 1.5", "new: the default '1.5' is no integer"),
        ("type: country, default: Atlantis", "'Atlantis' is no country: write its two-letter"),
        ("type: currency, default: XX", "the default 'XX' is no currency: write its three-letter"),
        ("type: datetime, default: 31.12.25", "the default '31.12.25' is no date: write it as"),
        ("type: datetime, default: 2025-06-31", "the default '2025-06-31' is no date: write it"),
        ("format: email, default: nobody", "new: the default 'nobody' is no email address"),
        ("format: digits, default: 12a", "new: the default '12a' is not of digits alone"),
        ("type: decimal, at_most: 5, default: 6", "new: the default '6' is not at most 5"),
        ("type: choice, choices: {1: a}, default: b",
         "new: the default 'b' is none of its choices: 1"),
        ("max: 2, default: abc", "new: the default 'abc' is longer than 2"),
    ],
)  # fmt: skip
def test_a_default_that_fails_its_own_check_is_refused(field: str, expected: str) -> None:
    with pytest.raises(MappingError) as error:
        parse_mapping(f"{HEAD}  - {{path: new, title: {{en: N, zh: N}}, {field}}}\n", "demo.yaml")

    assert expected in str(error.value)


def test_an_exact_title_wins_over_one_in_another_unit(tmp_path: Path) -> None:
    fields = """\
  - {path: kilos, title: {en: Weight (kg), zh: 重量(KG)}, type: decimal}
  - {path: grams, title: {en: Weight (g), zh: 重量(G)}, type: decimal}
"""
    rows = "Ref,Weight (g),Weight (kg)\nR1,500,2\n"
    payload, issues = prepared(tmp_path, fields, rows)

    assert issues == []
    assert (payload["grams"], payload["kilos"]) == (500, 2)


# -- forms and shapes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        pytest.param("type: country, as: alpha3", "德国", "DEU", id="alpha-3"),
        pytest.param("type: country, as: numeric", "AT", "040", id="numeric"),
        pytest.param("type: country, as: name", "DE", "Germany", id="name"),
        pytest.param("type: datetime, pattern: '%Y-%m-%d', reads: '%d.%m.%Y'", "05.06.2025",
                     "2025-06-05", id="day first"),
        pytest.param("type: datetime, pattern: '%Y-%m-%d', reads: ['%d.%m.%Y', '%m/%d/%Y']",
                     "5/31/2025", "2025-05-31", id="month first"),
        pytest.param("type: datetime, pattern: '%Y-%m-%dT%H:%M:%S.%f%:z', zone: Europe/Berlin, "
                     "reads: '%d.%m.%Y %H:%M'", "19.05.2025 10:20",
                     "2025-05-19T10:20:00.000+02:00", id="offset"),
        pytest.param("type: datetime, pattern: '%Y-%m-%dT%H:%M:%SZ', zone: Europe/Berlin, "
                     "output_zone: UTC", "2025-01-19 10:20", "2025-01-19T09:20:00Z", id="UTC"),
        pytest.param("type: datetime, pattern: '%s', zone: Asia/Shanghai",
                     "2025-01-02 10:00", "1735783200", id="seconds"),
        pytest.param("type: datetime, pattern: '%s%f', zone: Asia/Shanghai, as: integer",
                     "2025-01-02 10:00", 1735783200000, id="milliseconds"),
        pytest.param("type: datetime, pattern: '/Date(%s%f)/', zone: UTC",
                     "2025-01-02 02:00", "/Date(1735783200000)/", id="milliseconds in a text"),
        pytest.param("type: datetime, pattern: '%Y%m%d', as: integer",
                     "2025-01-02", 20250102, id="digits of a day"),
        pytest.param("type: datetime, pattern: '%d.%m.', default: '2025-01-02'", "", "02.01.",
                     id="default"),
        pytest.param("type: choice, as: number, choices: {0.5: half, 2: twice}", "half", 0.5,
                     id="number of a choice"),
    ],
)  # fmt: skip
def test_forms_of_values(tmp_path: Path, field: str, cell: str, expected: Any) -> None:
    fields = f"  - {{path: new, title: {{en: New, zh: 新}}, {field}}}\n"
    payload, issues = prepared(tmp_path, fields, f"Ref,New\nR1,{cell}\n")

    assert issues == []
    assert payload["new"] == expected


def test_a_country_without_such_a_code_is_an_issue(tmp_path: Path) -> None:
    fields = "  - {path: new, title: {en: New, zh: 新}, type: country, as: numeric}\n"
    _, issues = prepared(tmp_path, fields, "Ref,New\nR1,Canary Islands\n")

    assert issues == [
        "orders!B2 New: expected a country such as US, 美国 or United States, found 'Canary "
        "Islands'. Type the two-letter code."
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("type: country, max: 3", "three letters are sent with 'as: alpha3'"),
        ("as: alpha3", "a country, and only a country, goes as one of alpha2, alpha3"),
        ("type: datetime, pattern: x, reads: '%d.%m.'", "is no form of a date"),
        ("reads: '%d.%m.%Y'", "'reads' goes with 'type: datetime'"),
        ("split: ';'", "'split' goes with a path that ends in []"),
    ],
)
def test_forms_that_cannot_be_are_refused(field: str, expected: str) -> None:
    with pytest.raises(MappingError) as error:
        parse_mapping(f"{HEAD}  - {{path: new, title: {{en: N, zh: N}}, {field}}}\n", "demo.yaml")

    assert expected in str(error.value)


def test_arrays_pairs_and_objects(tmp_path: Path) -> None:
    shapes = """\
order:
  reference: ref
  lists: {items: {}, parcels: {one: true}, "items[].codes": {when: country != DE, one: true}}
  objects: {customs: {when: country != DE}, extra: {blank: "null"}, meta: {blank: empty}}
"""
    head = HEAD.replace("order: {reference: ref, lists: {items: {}}}\n", shapes)
    fields = """\
  - {path: "tags[]", title: {en: Tags, zh: 标签}, split: ";"}
  - {path: "items[].attributes[name=colour].value", title: {en: Colour, zh: 颜色}}
  - {path: "items[].attributes[name=size].value", title: {en: Size, zh: 尺寸}}
  - {path: "parcels[].kg", title: {en: Kg, zh: 重量}, type: decimal}
  - {path: "parcels[].unit", value: kg}
  - {path: customs.eori, title: {en: EORI, zh: 号}, required: true}
  - {path: customs.kind, value: SALE}
  - {path: extra.a, title: {en: A, zh: 甲}}
  - {path: meta.b, title: {en: B, zh: 乙}}
  - {path: "items[].codes[].hs", value: "1"}
"""
    rows = "Ref,Country,SKU,Tags,Colour,Size,Kg\nR1,DE,pen,a; b,red,L,2.5\nR1,DE,ink,a; b,,,2.5\n"
    file = tmp_path / "orders.csv"
    mapping = parse_mapping(head + fields, "demo.yaml")

    def built(text: str) -> Any:
        file.write_text(text, encoding="utf-8")
        table = layout.find_table(sheet.read(file), mapping, file)
        grouped = grouping.group(cells.check(table, mapping, {}), mapping)
        issues = [messages.issue(issue, "en") for issue in rules.check(grouped)]
        return json.loads(encode(Payloads(grouped).of(0)[0].payload)), issues

    assert built(rows) == (
        {
            "ref": "R1", "country": "DE", "tags": ["a", "b"],
            "items": [
                {"sku": "pen", "attributes": [{"name": "colour", "value": "red"},
                                              {"name": "size", "value": "L"}]},
                {"sku": "ink"},
            ],
            "parcels": [{"kg": 2.5, "unit": "kg"}], "extra": None, "meta": {},
        },
        [],
    )  # fmt: skip
    payload, issues = built(rows.replace("DE", "FR"))
    assert payload["customs"] == {"kind": "SALE"}
    assert payload["items"][1]["codes"] == [{"hs": "1"}]
    assert issues == [
        "orders!2 EORI: expected a value, but the sheet has no such column. "
        "Add the column and fill it in."
    ]
