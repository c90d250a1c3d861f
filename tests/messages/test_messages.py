"""Sentences that belong to codes, statuses, and which language counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import converter
from converter import messages
from converter.checks import schema
from converter.mapping.model import FieldSpec, Format, ProviderMapping
from converter.model import Cell, Issue, Status
from converter.orders import by_order, rules

MappingWith = Callable[..., ProviderMapping]

SENTENCES = messages._OF_CODE
SOURCES = [
    path
    for path in sorted(Path(converter.__file__).parent.rglob("*.py"))
    if path.parent.name != "messages"
]


# -- who asks for them -------------------------------------------------------------------------


def asked() -> Iterator[tuple[str, str]]:
    """(file, code) for every code that is written out in the sources."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                for code in _codes(node):
                    yield path.stem, code


def _codes(call: ast.Call) -> Iterator[str]:
    """The literal codes of one call, those of `a if b else c` among them."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = {
        "say": 0,
        "both": 0,
        "problem": 0,
        "Problem": 0,
        "Issue": 3,
        "_issue": 4,
        "issue": 2,
    }.get(name)
    if place is None:
        return
    given = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == "code")]
    for node in given:
        for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def test_every_code_in_the_sources_has_a_sentence() -> None:
    found = set(asked())

    assert len(found) > 30
    assert [(file, code) for file, code in sorted(found) if code not in SENTENCES] == []


@pytest.mark.parametrize(
    "code",
    [
        *(f"want_{form}" for form in get_args(Format)),
        *("want_above", "want_at_least", "want_at_most", "too_long"),
        *(f"cell_{kind}" for kind in ("error", "no_value", "rounded", "date")),
        *(f"rule_{kind}" for kind in ("equal", "at_least", "at_most", "near")),
    ],
)
def test_every_code_that_is_put_together_has_a_sentence(code: str) -> None:
    assert code in SENTENCES


def test_every_rule_of_a_field_has_a_sentence() -> None:
    everything: dict[str, Any] = {
        "max": 1, "above": 1, "at_least": 1, "at_most": 1, "format": "url", "warn_format": "latin"
    }  # fmt: skip
    spec = FieldSpec.model_validate(
        {"path": "f", "title": {"en": "F", "zh": "F"}, "type": "country", **everything}
    )

    made = {check.name for check in schema.column(spec).checks}
    assert made >= {"above", "at_least", "at_most"}
    assert {f"want_{rule}" for rule in made - {"format", "warn_format", "max"}} <= set(SENTENCES)


def test_every_sentence_is_asked_for_somewhere() -> None:
    """A sentence that nobody says is a check that somebody forgot."""
    sources = "\n".join(path.read_text("utf-8") for path in SOURCES)
    put_together = tuple(re.findall(r'f"([a-z_]+_){', sources))

    unused = [
        code
        for code in SENTENCES
        if f'"{code}"' not in sources
        and f"'{code}'" not in sources
        and not code.startswith(put_together)
    ]
    assert unused == []


# -- saying them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", "expected at most 5 characters, found 6: '{max}'. Shorten it."),
        ("zh", "最多 5 个字符，实际 6 个：'{max}'。请缩短。"),
    ],
)
def test_what_people_typed_is_never_read_as_a_place_for_facts(lang: str, expected: str) -> None:
    found = messages.of_code("too_long", found="'{max}'", max=5, length=6)

    assert messages.translate(found, lang) == expected


@pytest.mark.parametrize(
    ("title", "place", "expected"),
    [
        ("Qty", True, "Orders!D12 Qty: expected a value, found a blank cell. Fill it in."),
        ("", True, "Orders!D12 expected a value, found a blank cell. Fill it in."),
        ("Qty", False, "Qty: expected a value, found a blank cell. Fill it in."),
        ("", False, "expected a value, found a blank cell. Fill it in."),
    ],
)
def test_an_issue_reads_as_place_title_and_sentence(title: str, place: bool, expected: str) -> None:
    problem = Issue(Cell("Orders", "D", 12), "items[].qty", title, "required", {})

    assert messages.issue(problem, "en", place=place) == expected


@pytest.mark.parametrize(
    ("status", "en", "zh"),
    [
        (Status.ACCEPTED, "accepted", "已接受"),
        (Status.PARTIAL, "partial", "部分成功"),
        (Status.REJECTED, "rejected", "被拒绝"),
        (Status.DUPLICATE, "duplicate", "重复单号"),
        (Status.INVALID, "invalid", "数据有误"),
        (Status.UNKNOWN, "unknown", "结果不明"),
        (Status.NOT_SENT, "not sent", "未发送"),
        (Status.CANCELLED, "cancelled", "已取消"),
        (Status.CANCEL_UNKNOWN, "cancellation unknown", "取消结果不明"),
        (Status.VALID, "valid", "校验通过"),
    ],
)
def test_workbooks_keep_the_code_of_a_status(status: Status, en: str, zh: str) -> None:
    assert messages.status(status, "en") == messages.status_and_code(status, "en") == en
    assert messages.status(status, "zh") == zh
    assert messages.status_and_code(status, "zh") == f"{zh} {en}"


def test_every_status_has_a_word() -> None:
    assert [messages.status(status, "zh") for status in Status]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"LANG": "zh_CN.UTF-8"}, "zh", id="Chinese"),
        pytest.param({"LANG": "en_GB.UTF-8"}, "en", id="English"),
        pytest.param({"LANG": "de_DE.UTF-8"}, "en", id="any other"),
        pytest.param({"LC_ALL": "zh_TW", "LANG": "en_GB"}, "zh", id="LC_ALL comes first"),
        pytest.param({"LC_MESSAGES": "en_GB", "LANG": "zh_CN"}, "en", id="LC_MESSAGES too"),
    ],
)
def test_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert messages.default_language() == expected


# -- no place is left empty ---------------------------------------------------------------------

BAD_ROWS = """
客户单号 | 收件人 | 总件数 | 箱号 | 每箱件数 | 重量 | 商品编码 | 数量 | 甲     | 乙 | 丙
A1       |        | 9      | 1    | 1        | -1   | pen      | two  | 手机手 | x  | nix
A1       | Ann    | 8      |      | 2        | 1    |          | 0    |        | x  |
a1       | Bob    |        |      |          |      |          |      |        |    |
         |        |        |      |          |      |          |      |        |    |
         | Cid    |        |      |          |      | ink      | 1    |        |    |
"""
BAD_FIELDS = """
  - {path: order.a, title: {zh: 甲, en: First}, max: 2, warn_format: latin}
  - {path: order.b, title: {zh: 乙, en: Other}, format: digits}
  - {path: order.c, title: {zh: 丙, en: Third}, type: country}
"""
BAD_RULES = """
  - {equal: [order.pieces, sum(boxes.count)]}
  - {near: [order.pieces, sum(boxes.count)], within: 5, because: {en: Why., zh: 因。}}
  - {at_most: [order.pieces, "1"], because: {en: Why., zh: 因。}}
  - {at_least: [order.pieces, "99"]}
  - {not_both: [order.a, order.b], because: {en: Why., zh: 因。}}
  - {any_of: [order.second, order.to.phone]}
  - {when: order.ref = A1, require: [order.second]}
"""


@pytest.mark.parametrize("lang", messages.languages())
def test_no_sentence_about_a_sheet_has_an_empty_place(
    sheets: Any, mapping_with: MappingWith, lang: str
) -> None:
    orders = sheets.orders(BAD_ROWS, mapping_with(more_fields=BAD_FIELDS, rules=BAD_RULES))

    issues = by_order.in_order(rules.check(orders))

    assert len({issue.code for issue in issues}) >= 15
    assert [
        issue.code
        for issue in issues
        if re.search("[{}]|None|  |\\.[A-Z]", messages.issue(issue, lang))
    ] == []
