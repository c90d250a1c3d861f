"""Mapping files: bad ones say where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.errors import MappingError
from converter.mapping import yaml_events
from converter.mapping.load import load_mapping, parse_mapping

BASE = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings:
  base_url: {env: DEMO_BASE_URL, required: true}
  token: {env: DEMO_TOKEN, required: true, secret: true}
request:
  path: /orders
  body: {token: $token, data: $orders}
order:
  reference: ref
  lists: {items: {}}
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
  - {path: "items[].sku", title: {en: SKU, zh: 货号}}
  - {path: "items[].qty", title: {en: Qty, zh: 数量}, type: integer}
rules:
  - {when: items, require: [items.sku]}
response:
  call_ok: code == `0`
  match: {single: true}
  accepted: number
duplicates: {class: D}
"""


def complaint(old: str, new: str) -> str:
    """What the program says when this one place of a good mapping is written otherwise."""
    assert BASE.count(old) == 1
    with pytest.raises(MappingError) as caught:
        parse_mapping(BASE.replace(old, new), "demo.yaml")
    return str(caught.value)


def test_the_good_mapping_of_these_tests_is_good() -> None:
    assert parse_mapping(BASE, "demo.yaml").provider == "demo"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "single: true",
            "signle: true",
            "demo.yaml:21:11: unknown key 'signle', did you mean 'single'? "
            "Allowed here: all, counts, counts_from, index, position, reference, remaining, rest, "
            "single.",
            id="unknown key",
        ),
        pytest.param(
            "rules:",
            "rule:",
            "demo.yaml:17:1: unknown key 'rule', did you mean 'rules'? "
            "Allowed here: ask, calls, cut_cells, duplicates, fields, ignored, order, provider, "
            "query, request, response, rules, samples, settings, source, then, title.",
            id="unknown key at the top",
        ),
        pytest.param(
            "base_url: {env:",
            "base_url: {envv:",
            "demo.yaml:5:14: unknown key 'envv', did you mean 'env'? "
            "Allowed here: account, default, env, help, required, secret.",
            id="unknown key of a setting",
        ),
        pytest.param(
            "reference: ref",
            "reference: ref\n  colour: red",
            "demo.yaml:12:3: unknown key 'colour'. Allowed here: group_by, lists, objects, "
            "reference, split.",
            id="unknown key unlike any other",
        ),
        pytest.param(
            "type: integer",
            "type: number",
            "demo.yaml:16:53: type: expected one of 'text', 'integer', 'decimal', 'choice', "
            "'country', 'currency', 'datetime', found 'number'",
            id="unknown word",
        ),
        pytest.param(
            "required: true, secret",
            "required: maybe, secret",
            "demo.yaml:6:28: required: expected true or false, found 'maybe'",
            id="wrong type, yes or no",
        ),
        pytest.param(
            "  body:",
            "  in_flight: many\n  body:",
            "demo.yaml:9:3: in_flight: expected a whole number, found 'many'",
            id="wrong type, number",
        ),
        pytest.param(
            "  body:",
            "  in_flight: 0\n  body:",
            "demo.yaml:9:3: in_flight: expected a number of at least 1, found '0'",
            id="number out of range",
        ),
        pytest.param(
            "{en: Ref, zh: 单号}",
            "Ref",
            "demo.yaml:14:17: title: expected a block of keys (en, zh), found 'Ref'",
            id="wrong type, text for a block",
        ),
        pytest.param(
            "provider: demo",
            "provider: Demo 1",
            "demo.yaml:1:1: provider: expected small letters, digits, _ and -, beginning "
            "with a letter, found 'Demo 1'",
            id="provider's name",
        ),
        pytest.param(
            "source: A page\n",
            "",
            "demo.yaml:1:1: the key 'source' is missing here",
            id="missing key at the top",
        ),
        pytest.param(
            "  reference: ref\n",
            "",
            "demo.yaml:10:1: the key 'reference' is missing here",
            id="missing key",
        ),
        pytest.param(
            ", zh: 货号",
            "",
            "demo.yaml:15:27: the key 'zh' is missing here",
            id="missing language",
        ),
        pytest.param(
            BASE,
            "",
            "demo.yaml:1:1: expected keys such as 'provider:' and 'fields:'",
            id="nothing",
        ),
        pytest.param(
            BASE,
            "- a\n- b\n",
            "demo.yaml:1:1: expected keys such as 'provider:' and 'fields:'",
            id="a list",
        ),
    ],
)
def test_a_mapping_of_another_shape_is_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "source: A page",
            "source: A page\nsource: B page",
            "demo.yaml:4:1: the key 'source' stands here twice (first in line 3)",
            id="key twice",
        ),
        pytest.param(
            "{en: Demo, zh: 演示}",
            "{en: Demo, zh: 演示, en: Other}",
            "demo.yaml:2:27: the key 'en' stands here twice (first in line 2)",
            id="key twice in one line",
        ),
        pytest.param(
            "source: A page",
            "<<: {source: A page}",
            "demo.yaml:3:1: merge keys are not allowed: write the value out",
            id="merge key",
        ),
        pytest.param(
            "source: A page",
            "source: !secret A page",
            "demo.yaml:3:9: the tag !secret is not allowed: write plain text",
            id="tag",
        ),
        pytest.param(
            "source: A page",
            "? [a, b]\n: c",
            "demo.yaml:3:3: a key must be text",
            id="list as key",
        ),
        pytest.param(
            "source: A page",
            "source: " + "[" * 30 + "]" * 30,
            "demo.yaml:3:29: nested more than 20 deep",
            id="too deep",
        ),
        pytest.param(
            "source: A page",
            "source: [A page",
            "demo.yaml:4:9: not readable as YAML: did not find expected ',' or ']'. A "
            "bracket, brace or quote is not closed, or a line is indented otherwise than the one "
            "above.",
            id="open bracket",
        ),
        pytest.param(
            "source: A page",
            "source: A: page",
            "demo.yaml:3:10: not readable as YAML: mapping values are not allowed in this "
            "context. Put a text with ': ' in it into quotes.",
            id="two colons",
        ),
        pytest.param(
            "source: A page",
            "\tsource: A page",
            "demo.yaml:3:1: not readable as YAML: found character that cannot start any "
            "token. Indent with blanks, and put a text that begins with @, ` or % into quotes.",
            id="tab",
        ),
        pytest.param(
            "source: A page",
            "---\nsource: A page",
            "demo.yaml:3:1: not readable as YAML: but found another document",
            id="two documents",
        ),
    ],
)
def test_yaml_beyond_plain_keys_and_text_is_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "{en: Demo, zh: 演示}",
            "&names {en: Demo, zh: 演示}",
            "demo.yaml:2:8: anchors and aliases are not allowed: write the value out",
            id="anchor",
        ),
        pytest.param(
            "{en: Ref, zh: 单号}",
            "*names",
            "demo.yaml:14:24: anchors and aliases are not allowed: write the value out",
            id="alias",
        ),
        pytest.param(
            "source: A page",
            "source: !!python/object:os.system A page",
            "demo.yaml:3:9: the tag tag:yaml.org,2002:python/object:os.system is not allowed: "
            "write plain text",
            id="tag of Python's",
        ),
    ],
)
def test_yaml_with_tricks_is_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            'path: "items[].qty"',
            'path: "items[].sku"',
            "demo.yaml:16:6: two fields have the path 'items[].sku' (field 2 too)",
            id="two fields on one path",
        ),
        pytest.param(
            'path: "items[].qty"',
            "path: ref.qty",
            "demo.yaml:16:6: 'ref.qty' and 'ref' cannot both be values: one lies inside the other",
            id="a field inside another",
        ),
        pytest.param(
            'path: "items[].qty"',
            'path: "boxes[].qty"',
            "demo.yaml:16:6: the list 'boxes' is not declared under order.lists",
            id="unknown list",
        ),
        pytest.param(
            'path: "items[].qty"',
            'path: "items[0].qty"',
            "demo.yaml:16:6: 'items[0].qty' is not a path: write names joined by dots, "
            "such as items[].sku",
            id="no path",
        ),
        pytest.param(
            "zh: 数量",
            "zh: 货号",
            "demo.yaml:16:27: 'items[].sku' has the title '货号' too",
            id="two fields of one title",
        ),
        pytest.param(
            "type: integer",
            "type: choice",
            "demo.yaml:16:53: items[].qty: 'choices' and 'type: choice' go together",
            id="choice without choices",
        ),
        pytest.param(
            "type: integer",
            "type: choice, choices: {1: [a, b], 2: [A]}",
            "demo.yaml:16:67: items[].qty: 'A' stands for two values",
            id="one word for two values",
        ),
        pytest.param(
            "type: integer",
            "type: datetime",
            "demo.yaml:16:53: items[].qty: a datetime needs 'pattern', the form in which it is "
            "sent",
            id="datetime without pattern",
        ),
        pytest.param(
            "type: integer",
            "copies: items.skuu",
            "demo.yaml:16:53: there is no field 'items.skuu', did you mean 'items[].sku'?",
            id="copy of an unknown field",
        ),
        pytest.param(
            "reference: ref",
            "reference: order_no",
            "demo.yaml:11:3: there is no field 'order_no'",
            id="unknown reference",
        ),
        pytest.param(
            "{items: {}}",
            "{items: {}}\n  split: {list: boxes, at_most: 2}",
            "demo.yaml:13:11: there is no list 'boxes'",
            id="split of an unknown list",
        ),
        pytest.param(
            "rules:",
            "ask: {No: [refs]}\nrules:",
            "demo.yaml:17:7: there is no field 'refs', did you mean 'ref'?",
            id="ask for an unknown field",
        ),
        pytest.param(
            "rules:",
            'cut_cells: [{titles: [Lines], at: ["*"], fields: [items.sku]}]\nrules:',
            "demo.yaml:17:42: there is no field 'items.sku', did you mean 'items[].sku'?",
            id="a cell cut into an unknown field",
        ),
        pytest.param(
            "rules:",
            'cut_cells: [{titles: [Lines], at: ["*"], fields: [ref, "items[].sku"]}]\nrules:',
            "demo.yaml:17:42: the values of one cell are fields of one list",
            id="a cell cut into fields of two lists",
        ),
        pytest.param(
            "rules:",
            'cut_cells: [{titles: [Lines], at: ["*"], each: [";"], fields: [ref]}]\nrules:',
            "demo.yaml:17:42: only the entries of a list can be several in a cell",
            id="several entries of an order's own field",
        ),
        pytest.param(
            "type: integer",
            "currency: refs",
            "demo.yaml:16:53: there is no field 'refs', did you mean 'ref'?",
            id="an amount with an unknown currency",
        ),
        pytest.param(
            "zh: 单号}, required: true",
            'zh: 单号}, currency: "items[].sku"',
            "demo.yaml:14:43: items[].sku is neither in the list of ref nor the order's",
            id="an amount with the currency of another list",
        ),
        pytest.param(
            "zh: 单号}, required: true",
            "zh: 单号}, given_name: [First]",
            "demo.yaml:14:6: ref: 'given_name' and 'family_name' go together",
            id="a given name alone",
        ),
    ],
)
def test_fields_that_cannot_be_are_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "[items.sku]",
            "[items.skuu]",
            "demo.yaml:18:5: there is no field 'items.skuu', did you mean 'items.sku'?",
            id="unknown path",
        ),
        pytest.param(
            "when: items,",
            "when: items.qty > 1 +,",
            "demo.yaml:18:5: cannot read 'items.qty > 1 +': expected a path, a number, a text in "
            "quotes or a function, but it ends",
            id="no condition",
        ),
        pytest.param(
            "require: [items.sku]",
            "equal: [ref, total(items.qty)]",
            "demo.yaml:18:5: cannot read 'total(items.qty)': there is no function 'total'; there "
            "are sum, count, min, max, first, last, distinct, all, join, list, cut, round, fixed, "
            "plain, minor, money, if, digits, upper, lower, split, pad, number, before, after, "
            "replace, country",
            id="no term",
        ),
        pytest.param(
            "require: [items.sku]",
            "equal: [items, 1 + items]",
            "demo.yaml:18:5: 'items' is a list: a rule needs one of its fields",
            id="a list for a number",
        ),
        pytest.param(
            "when: items, require: [items.sku]",
            "at_least: [count(items), sum(ref + 1)]",
            "demo.yaml:18:5: sum() needs a field of a list",
            id="sum of an order's field",
        ),
        pytest.param(
            ", require: [items.sku]",
            "",
            "demo.yaml:18:5: a rule has one check: require, any_of, not_both, equal, at_least, "
            "at_most, near, in",
            id="no check",
        ),
        pytest.param(
            "require: [items.sku]",
            "require: [items.sku], any_of: [ref]",
            "demo.yaml:18:5: a rule has one check: require, any_of, not_both, equal, at_least, "
            "at_most, near, in",
            id="two checks",
        ),
        pytest.param(
            "require: [items.sku]",
            "require: [items]",
            "demo.yaml:18:5: 'items' is a list: a rule needs one of its fields",
            id="a list where a field is wanted",
        ),
        pytest.param(
            "when: items,",
            "when: items = many,",
            "demo.yaml:18:5: 'items' is a list: a condition can only ask whether it is there",
            id="a list compared with a word",
        ),
        pytest.param(
            "require: [items.sku]",
            "equal: [ref, count(boxes)]",
            "demo.yaml:18:5: there is no list 'boxes'",
            id="count of an unknown list",
        ),
        pytest.param(
            "require: [items.sku]",
            "equal: [ref, sum(items.qty * ref)]",
            "demo.yaml:18:5: the factors of sum(items[].qty * ref) must be fields of one list",
            id="sum over two lists",
        ),
    ],
)
def test_rules_that_cannot_hold_are_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "accepted: number",
            "accepted: number &&",
            "demo.yaml:22:3: not a JMESPath expression: Invalid jmespath expression: "
            "Incomplete expression:",
            id="half an expression",
        ),
        pytest.param(
            "single: true",
            'single: true, reference: "a["',
            "demo.yaml:21:3: not a JMESPath expression: Invalid jmespath expression: "
            "Incomplete expression:",
            id="expression in a block",
        ),
        pytest.param(
            "  accepted: number\n",
            "",
            "demo.yaml:19:1: 'accepted' or 'lists' must say when an order was accepted",
            id="nothing is ever accepted",
        ),
        pytest.param(
            "  body:",
            "  orders_per_request: 20\n  body:",
            "demo.yaml:9:3: answers that cannot be matched by reference or position need one "
            "order per request",
            id="batch without match",
        ),
        pytest.param(
            "{class: D}",
            "{class: A}",
            "demo.yaml:23:1: class A needs 'evidence': the document or test that says so\n"
            "demo.yaml:23:1: class A needs response.duplicate, or the refusal cannot be recognised",
            id="class A without evidence",
        ),
        pytest.param(
            "{class: D}",
            "{class: A, evidence: The page}",
            "demo.yaml:23:1: class A needs response.duplicate, or the refusal cannot be recognised",
            id="class A without a recognisable refusal",
        ),
        pytest.param(
            "{class: D}",
            "{class: C, evidence: The page}",
            "demo.yaml:23:1: class C needs a 'query'",
            id="class C without a query",
        ),
    ],
)
def test_answers_that_cannot_be_judged_are_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "secret: true}",
            "secret: true, default: abc}",
            "demo.yaml:6:58: a secret may not stand in a mapping file",
            id="secret with default",
        ),
        pytest.param(
            "{env: DEMO_BASE_URL, required: true}",
            '{env: DEMO_BASE_URL, default: "http://demo.example"}',
            "demo.yaml:5:3: an http:// address needs 'plain_http: true' under request",
            id="http without plain_http",
        ),
        pytest.param(
            "  base_url: {env: DEMO_BASE_URL, required: true}\n",
            "",
            "demo.yaml:4:1: the setting 'base_url' is missing",
            id="no address",
        ),
        pytest.param(
            "  path: /orders\n",
            "",
            "demo.yaml:7:1: a request has either 'path' or 'actions'",
            id="no path",
        ),
        pytest.param(
            "path: /orders",
            'path: "/orders/{company}"',
            "demo.yaml:8:3: {company} in the path is no setting of this mapping",
            id="unknown setting in the path",
        ),
        pytest.param(
            "data: $orders",
            "data: $order_list",
            "demo.yaml:9:3: $order_list is no setting of this mapping",
            id="unknown setting in the body",
        ),
        pytest.param(
            "data: $orders",
            "data: $orders, nonce: $fresh.nonce",
            "demo.yaml:9:3: $fresh.nonce is not declared under request.fresh",
            id="undeclared fresh value",
        ),
        pytest.param(
            "  path: /orders\n",
            "  path: /orders\n  fresh: {stamp: {time: seconds}}\n",
            "demo.yaml:9:11: the time is in 's' or 'ms', or a $setting",
            id="a unit of time that is none",
        ),
        pytest.param(
            "  path: /orders\n",
            "  path: /orders\n  fresh: {stamp: {}}\n",
            "demo.yaml:9:11: a fresh value is a 'time' or 'random' characters",
            id="a fresh value of nothing",
        ),
        pytest.param(
            "  path: /orders\n",
            "  path: /orders\n  fresh: {stamp: {time: $unit}}\n",
            "demo.yaml:9:11: $unit is no setting of this mapping",
            id="unknown setting for a unit of time",
        ),
        pytest.param(
            "  path: /orders\n",
            "  path: /orders\n  signature: {recipe: {join: [$secret], hash: md5}}\n",
            "demo.yaml:9:3: nothing in headers, query or body is '$signature'\n"
            "demo.yaml:9:15: $secret is no setting of this mapping",
            id="unknown setting in a signature",
        ),
        pytest.param(
            "  path: /orders\n",
            "  path: /orders\n  signature: {recipe: {join: [x], hash: md5, key: letmein}}\n",
            "demo.yaml:9:3: nothing in headers, query or body is '$signature'\n"
            "demo.yaml:9:15: the key is a $setting, never the secret itself",
            id="a secret written out in a signature",
        ),
        pytest.param(
            "  lists: {items: {}}\n",
            "  lists: {items: {}}\n  split: {list: items, by: items.sku}\n",
            "demo.yaml:13:24: there is no field 'items.sku', did you mean 'items[].sku'?",
            id="a field of a list without its mark",
        ),
    ],
)
def test_requests_that_cannot_be_made_are_refused(old: str, new: str, message: str) -> None:
    assert complaint(old, new) == message


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(b"provider: \xbb\xaa\n", "not UTF-8 text (byte 10)", id="not UTF-8"),
        pytest.param(
            b"#" * (yaml_events.LARGEST + 1),
            "larger than 256 KiB, which no mapping is",
            id="too large",
        ),
    ],
)
def test_files_that_are_no_mapping_are_refused(tmp_path: Path, raw: bytes, problem: str) -> None:
    path = tmp_path / "demo.yaml"
    path.write_bytes(raw)

    with pytest.raises(MappingError) as caught:
        load_mapping(path)

    assert str(caught.value) == f"{path}: {problem}"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"

    with pytest.raises(MappingError) as caught:
        load_mapping(path)

    assert str(caught.value) == (
        f"{path}: the mapping file cannot be read: No such file or directory"
    )


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(BASE, encoding="utf-8-sig")

    assert load_mapping(path).provider == "demo"


def test_scalars_stay_the_text_that_was_written() -> None:
    text = BASE.replace("{en: Demo, zh: 演示}", "{en: NO, zh: 012}")

    assert parse_mapping(text, "demo.yaml").title.model_dump() == {"en": "NO", "zh": "012"}
