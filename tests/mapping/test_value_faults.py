"""Values that would go out silently wrong: refused when the mapping is loaded."""

from __future__ import annotations

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping

HEAD = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings:
  base_url: {env: DEMO_BASE_URL, required: true}
  shop: {env: DEMO_SHOP, default: main}
  spare: {env: DEMO_SPARE}
  key: {env: DEMO_KEY, secret: true}
request: {path: /orders, body: $order}
response: {call_ok: ok, match: {single: true}, accepted: ok}
order: {reference: ref, lists: {items: {}}}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}}
  - {path: country, title: {en: Country, zh: 国家}, type: country}
  - {path: currency, title: {en: Currency, zh: 币种}, type: currency}
  - {path: pay, title: {en: Pay, zh: 付款}, type: choice, choices: {COD: [on delivery], PP: []}}
  - {path: total, title: {en: Total, zh: 总额}, type: decimal}
  - {path: "items[].sku", title: {en: SKU, zh: 货号}}
"""


def complaint(fields: str) -> str:
    with pytest.raises(MappingError) as error:
        parse_mapping(f"{HEAD}{fields}\n", "demo.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            "value: shop $shop",
            "$shop is a whole value; inside other text write {path: ..., text: 'shop {shop}'}",
        ),
        ("value: {name: $shopp}", "there is no setting 'shopp', did you mean 'shop'?"),
        ("value: [$key]", "a secret belongs into 'request', and never into an order"),
        ("value: {a: $spare}", "the setting 'spare' needs 'required: true' or a default"),
        ("value: '{ref}-1'", "{ref} would be sent as it stands: write 'text' for 'value'"),
        ("value: '{shop}'", "{shop} would be sent as it stands: write 'text' for 'value'"),
        ("value: long, max: 3", "what is always the same needs no check: leave 'max' out"),
        ("text: 'No. $ref'", "$ref would be sent as it stands: inside text write {ref}"),
        ("formula: '\"No. {ref}\"'",
         "{ref} would be sent as it stands: write 'text' for 'formula'"),
        ("text: '{key}'", "a secret belongs into 'request', and never into an order"),
        ("formula: 'if(country = Germany, 1, 2)'", "country is never 'Germany': a country is "
         "compared by its two letters, such as GB"),
        ("formula: 'if(country in [DE, FRA], 1, 2)'", "country is never 'FRA': a country is "
         "compared by its two letters, such as GB"),
        ("formula: 'if(currency != euro, 1, 2)'", "currency is never 'euro': a currency is "
         "compared by its three letters, such as EUR"),
        ("formula: 'if(pay = \"on delivery\", 1, 2)'",
         "pay is never 'on delivery': its choices are COD, PP"),
        ("formula: 'if(total = ref, 1, 2)'",
         "total is a number and never 'ref': to compare it with that field write (ref)"),
        ("value: 1, when: ref = country",
         "'country' would be a word: to compare with that field write (country)"),
    ],
)  # fmt: skip
def test_values_that_would_be_wrong(field: str, expected: str) -> None:
    found = complaint(f"  - {{path: new, {field}}}")

    assert found.startswith("demo.yaml:19:")
    assert found.endswith(f"new: {expected}")


LETTERS = ("%:z, %A, %a, %B, %b, %d, %f, %G, %H, %I, %j, %M, %m, %p, %S, %s, %u, %V, %Y, %y, %Z, "
           "%z")  # fmt: skip


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("type: text, as: number",
         "a text does not go as number: write 'type: decimal', and only what is a decimal is sent"),
        ("as: integer", "a text does not go as integer: write 'type: integer', and only what is an "
         "integer is sent"),
        ("type: decimal, as: integer", "a decimal does not go as integer: write 'type: integer', "
         "and only what is an integer is sent"),
        ("type: integer, as: boolean", "an integer does not go as boolean: write 'type: choice, "
         "choices: {true: [...], false: [...]}' with the words"),
        ("type: choice, as: integer, choices: {1: a, B: b}", "sent as integer, and 'B' is none"),
        ("type: choice, as: number, choices: {1.5: a, true: b}", "sent as number, and 'true' is "
         "none"),
        ("type: datetime, pattern: YYYY-MM-DD",
         "'YYYY-MM-DD' has nothing of the date: write it as %Y-%m-%d %H:%M:%S"),
        ("type: datetime, pattern: '%Y-%i'", f"there is no %i in 'pattern': there are {LETTERS}"),
        ("type: datetime, pattern: '%Y %'", f"there is no % in 'pattern': there are {LETTERS}"),
        ("type: datetime, pattern: '%Y%:z'",
         "%:z needs 'zone', the zone of the times in the sheet, such as Asia/Shanghai"),
        ("type: datetime, pattern: '%s'",
         "%s needs 'zone', the zone of the times in the sheet, such as Asia/Shanghai"),
        ("type: datetime, pattern: '%Y', output_zone: UTC",
         "output_zone needs 'zone', the zone of the times in the sheet, such as Asia/Shanghai"),
        ("type: datetime, pattern: '%Y', zone: Europe/Berlni",
         "there is no time zone 'Europe/Berlni': write UTC or Area/City"),
        ("type: datetime, pattern: '%Y', zone: UTC, output_zone: Europe",
         "there is no time zone 'Europe': write UTC or Area/City"),
        ("type: datetime, pattern: '%Y-%m', as: integer",
         "sent as integer, so 'pattern' may have digits only, such as %s or %Y%m%d"),
        ("type: datetime, pattern: '%Y', reads: ['%d/%m/%Y', '%m/%d/%Y']",
         "'%m/%d/%Y' and '%d/%m/%Y' read one text as two dates: choose one of them"),
        ("type: datetime, pattern: '%Y', reads: '%Y-%d-%m'",
         "'%Y-%d-%m' is not read: year, month and day in this order always come first"),
    ],
)  # fmt: skip
def test_forms_that_would_be_wrong(form: str, expected: str) -> None:
    found = complaint(f"  - {{path: new, title: {{en: New, zh: 新}}, {form}}}")

    assert found.startswith("demo.yaml:19:")
    assert found.endswith(f"new: {expected}")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("at[name=a].value", "at", "at is an array of named entries in another field, and a value "
         "or object here"),
        ("at[name=a].value", "at[]",
         "at is an array of named entries in another field, and an array of plain values here"),
        ("at", "at[]",
         "at is a value or object in another field, and an array of plain values here"),
        ("other", "items[name=a].value",
         "items is a list in another field, and an array of named entries here"),
        ("at[name=a].value", "at[name=b].name",
         "[name=...] writes 'name' already: leave the field out"),
    ],
)  # fmt: skip
def test_a_key_is_written_once(first: str, second: str, expected: str) -> None:
    one = "formula: distinct(items.sku)" if "[]" in second else "value: 1"
    found = complaint(f"  - {{path: {first!r}, value: 1}}\n  - {{path: {second!r}, {one}}}")

    assert found.startswith("demo.yaml:20:")
    assert found.endswith(f"{second}: {expected}")


def test_a_condition_of_a_rule_can_hold() -> None:
    found = complaint("rules:\n  - {when: country = Germany, require: [total]}")

    assert found == (
        "demo.yaml:20:5: country is never 'Germany': a country is compared by its two letters, "
        "such as GB"
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("formula: 'ref + \"-1\"'", "+ needs a number, and ref is a text: to put texts behind each "
         "other write text: '{a}{b}'"),
        ("formula: shop + ref", "+ needs a number, and the setting shop is a text"),
        ("formula: sum(items.sku)", "sum() needs a number, and items.sku is a text"),
        ("formula: 'fixed(country, 2)'", "fixed() needs a number, and country is a text"),
        ("formula: max(items.sku)", "max() would go by letters, and items.sku is a text: give it "
         "'type: integer' or 'decimal', or write number(...)"),
        ("value: 1, when: ref > 5", "> needs a number, and ref is a text"),
        ("value: 1, when: ref > shop", "> would go by letters, and ref is a text"),
        ("formula: 'if(total > 5, ref, shop) * 2'", "* needs a number, and if(...) is a text"),
        ("text: '{total * ref}'", "* needs a number, and ref is a text"),
    ],
)  # fmt: skip
def test_texts_where_a_number_is_needed(field: str, expected: str) -> None:
    assert expected in complaint(f"  - {{path: x, {field}}}")


@pytest.mark.parametrize(
    "field",
    [
        "formula: 'number(ref) + 1'", "formula: total * 2", "value: 1, when: total > 5",
        "formula: '(total or 0) + count(items)'", "formula: max(number(items.sku))",
        "text: '{ref}{shop}'",
    ],
)  # fmt: skip
def test_numbers_where_a_number_is_needed(field: str) -> None:
    parse_mapping(f"{HEAD}  - {{path: x, {field}}}\n", "demo.yaml")


def test_dates_are_ordered_only_where_their_texts_are() -> None:
    dates = (
        "  - {path: due, title: {en: Due, zh: 到期}, type: datetime, pattern: '%d.%m.%Y'}\n"
        "  - {path: x, value: 1, when: due > (due)}"
    )
    right = "> would go by letters, and due is a date: begin its 'pattern' with %Y-%m-%d"
    assert right in complaint(dates)
    parse_mapping(f"{HEAD}{dates.replace('%d.%m.%Y', '%Y-%m-%d')}\n", "demo.yaml")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("above: 0", "'above' goes with 'type: integer' or 'type: decimal', and this is a text"),
        ("type: integer, format: email", "'format' goes with 'type: text', and this is an integer"),
        ("pattern: '%Y'", "'pattern' goes with 'type: datetime', and this is a text"),
        ("zone: UTC", "'zone' goes with 'type: datetime', and this is a text"),
        ("type: integer, at_least: 9, at_most: 5", "no number lies between 9 and 5"),
        ("type: decimal, above: 5, at_most: 5", "no number lies between 5 and 5"),
        ("copies: x", "'copies' names the field itself"),
        ("max: 5, spill: 'items[].sku'", "items[].sku is not in the same list"),
        ("spill: ref", "'spill' is for text beyond 'max', which is missing"),
    ],
)
def test_keys_that_could_do_nothing(keys: str, expected: str) -> None:
    assert expected in complaint(f"  - {{path: x, title: {{en: X, zh: 某}}, {keys}}}")


def test_a_rule_about_the_order_of_texts() -> None:
    problem = "ref is a text, and only numbers are more or less than others"
    assert problem in complaint("rules:\n  - {at_least: [ref, 5]}")


def test_the_key_of_a_list_is_a_field_of_it() -> None:
    with pytest.raises(MappingError, match="'ref' is no field of 'items', so different entries"):
        parse_mapping(HEAD.replace("items: {}", "items: {key: ref}"), "demo.yaml")


def test_a_list_that_is_made_from_none() -> None:
    with pytest.raises(MappingError, match="there is no other list 'item'"):
        parse_mapping(
            HEAD.replace("items: {}", "items: {}, goods: {from: item}")
            + '  - {path: "goods[].sku", formula: items.sku}\n',
            "demo.yaml",
        )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("pattern: '%Y-%m-%dT%H:%M:%SZ'", "'Z' in 'pattern' tells a zone of its own, and that of "
         "the sheet's times is not known: name it as 'zone' and write 'output_zone: UTC'"),
        ("pattern: '%Y-%m-%dT%H:%M:%SZ', zone: Europe/Berlin", "'Z' in 'pattern' tells a zone of "
         "its own, and these times are in Europe/Berlin: keep that and write 'output_zone: UTC'"),
        ("pattern: '%H:%M %d.%m.%Y +01:00', zone: Europe/Berlin", "'+01:00' in 'pattern' tells a "
         "zone of its own, and these times are in Europe/Berlin: keep that and write %:z in its"),
    ],
)  # fmt: skip
def test_zones_that_a_pattern_claims(keys: str, expected: str) -> None:
    field = "  - {path: x, title: {en: X, zh: 某}, type: datetime, "
    assert expected in complaint(f"{field}{keys}}}")


def test_codes_for_countries_of_the_provider_s_own_are_choices() -> None:
    field = "  - {path: to, is: receiver.country, choices: {NI: [Northern Ireland], GB: [GB]}}"

    assert "or for codes of the provider's own write 'type: choice'" in complaint(field)
    head = HEAD.replace("title: {en: Country, zh: 国家}, type", "title: {en: Land, zh: 国}, type")
    made = parse_mapping(
        f"{head}{field.replace('choices', 'type: choice, choices')}\n", "demo.yaml"
    )
    assert {*made.field("to").choices} == {"NI", "GB"}


@pytest.mark.parametrize("formula", ["cut(total, 2)", "digits(total * 2)", "cut(count(items), 1)"])
def test_digits_of_a_number_are_not_cut_off(formula: str) -> None:
    problem = "of a number would send another number: write it as a text first"
    assert problem in complaint(f"  - {{path: x, formula: '{formula}'}}")


@pytest.mark.parametrize(
    ("formula", "ends"),
    [
        ("total / 3", False), ("fixed(total / 1.2, 2)", False), ("1 + total / 12 + 1", False),
        ("if(total / 3 > 1, total / 7, 0)", False), ("total / 0", False),
        ("total / 1000", True), ("round(total / 3, 2, half_up)", True), ("total / 0.5", True),
        ("if(total / 3 > 1, total, 0)", True), ("12 * (total / 3)", True),
    ],
)  # fmt: skip
def test_a_division_that_seldom_ends_is_rounded(formula: str, ends: bool) -> None:
    field = f'  - {{path: x, formula: "{formula}"}}'
    if ends:
        parse_mapping(f"{HEAD}{field}\n", "demo.yaml")
    else:
        assert "seldom ends: write round(..., 2, half_up) around it" in complaint(field)


@pytest.mark.parametrize(
    "keys",
    [
        "pattern: '%Y-%m-%dT%H:%M:%S.%fZ', zone: Europe/Berlin, output_zone: UTC",
        "pattern: '%H:%MZ', zone: Etc/UTC", "pattern: '%Y-%m-%dT00:00:00Z'",
        "pattern: '%Y-%m-%dT%H:%M:%S+08:00', zone: Asia/Shanghai",
    ],
)  # fmt: skip
def test_zones_that_a_pattern_knows(keys: str) -> None:
    field = "  - {path: x, title: {en: X, zh: 某}, type: datetime, "
    parse_mapping(f"{HEAD}{field}{keys}}}\n", "demo.yaml")


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("accepted: '`true`'", "True is true of every answer: name what tells it here"),
        ("accepted: \"'ok'\"", "'ok' is true of every answer"),
        ("accepted: 'code == `0` || `1`'", "1 is true of every answer"),
        ("accepted: id, rejected: 'error || `true`'", "True is true of every answer"),
        ("accepted: id, outputs: {tracking_no: \"'id'\"}", "'id' is the same for every order"),
        ("accepted: id, refused_http: [200]", "HTTP 200 refuses nothing"),
    ],
)
def test_answers_that_would_say_the_same_of_every_order(response: str, expected: str) -> None:
    with pytest.raises(MappingError) as error:
        parse_mapping(HEAD.replace("accepted: ok", response), "demo.yaml")
    assert expected in str(error.value)
