"""Errors, warnings, words and counts in answers, read by rules that any mapping can have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.model import WARNED, Judgement, Order, Reply, Status
from converter.provider import answers
from tests.provider.replies import UNPROVEN, A, D, N, P, R, U, statuses

HEAD = """
provider: demo
title: {en: Demo, zh: 示例}
source: a test
settings: {base_url: {env: DEMO_URL, required: true}}
order: {reference: number, lists: {items: {}}}
fields:
  - {path: number, title: {en: No., zh: 单号}, required: true}
  - {path: "items[].sku", title: {en: SKU, zh: SKU}}
"""
ALIKE = "call_ok: rows, results: rows, match: {reference: ref}, accepted: id"
ATOMIC = "atomic: {evidence: page 4}"


def mapping(response: str, body: str = "{orders: $orders}", more: str = "") -> ProviderMapping:
    count = 10 if "$orders" in body or "$each" in body else 1
    keyed = 'headers: {Key: $key}, key: "{content}", ' if more == KEYED else ""
    request = f"request: {{path: /orders, {keyed}body: {body}, orders_per_request: {count}}}"
    return parse_mapping(f"{HEAD}{request}\n{more}\nresponse: {{{response}}}\n", "demo.yaml")


def judge(
    response: str,
    answer: Any,
    references: Sequence[str] = ("R1",),
    *,
    status: int = 200,
    body: str = "{orders: $orders}",
    more: str = "",
    headers: dict[str, str] | None = None,
) -> Judgement:
    orders = [Order(name, name, {"number": name}, (2,)) for name in references]
    sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return answers.judge(mapping(response, body, more), orders, Reply(status, headers or {}, sent))


def messages(found: Judgement) -> list[str]:
    return [str(outcome.message) for outcome in found.outcomes]


# -- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "answer", "message"),
    [
        pytest.param(
            "{map: failures}",
            {"failures": {"a.b": [{"code": "Bad", "given": "1"}], "items[0].sku": ["gone", "old"]}},
            "a.b: Bad 1; items[0].sku: gone; items[0].sku: old",
            id="map with objects and with texts",
        ),
        pytest.param(
            "{map: '@'}",
            {"to": {"zip": ["too short"]}, "items": [{}, {"sku": ["unknown"]}], "email": "taken"},
            "to.zip: too short; items[1].sku: unknown; email: taken",
            id="nested maps and lists",
        ),
        pytest.param(
            "{list: errors, at: source.pointer, code: code, text: detail}",
            {"errors": [{"code": "E1", "detail": "low", "source": {"pointer": "/items/0/qty"}}]},
            "/items/0/qty: E1 low",
            id="list with pointers",
        ),
        pytest.param(
            "{list: details, at: field}",
            {"details": [{"field": "email", "reason": "required"}]},
            "email: email required",
            id="every value of an error",
        ),
        pytest.param(
            "'errors[].message'",
            {"errors": [{"message": "one"}, {"message": "two"}, {"message": "one"}]},
            "one; two",
            id="just an expression",
        ),
        pytest.param(
            "[{list: errors}, {map: fields}]",
            {"errors": ["general"], "fields": {"sku": ["gone"]}},
            "general; sku: gone",
            id="two places",
        ),
        pytest.param(
            "{list: errors}",
            {"errors": []},
            "The provider refused the request (HTTP 400).",
            id="no error",
        ),
    ],
)
def test_errors_of_a_refused_order_are_one_message(rule: str, answer: Any, message: str) -> None:
    found = judge(
        f"call_ok: id, match: {{single: true}}, accepted: id, errors: {rule}",
        answer,
        status=400,
        body="$order",
    )

    assert statuses(found) == [R]
    prefix = "The provider refused the request (HTTP 400)."
    assert messages(found) == [message if message == prefix else f"{prefix} {message}"]


def test_a_bare_no_beside_an_error_of_a_field_is_no_trouble_of_the_system() -> None:
    rules = f"{ALIKE}, rejected: why, message: msg, errors: {{list: why, at: at, text: text}}"
    rows = [
        {"ref": "R1", "msg": "fail", "why": [{"at": "to.country", "text": "not served"}]},
        {"ref": "R2", "msg": "fail", "why": [{"text": "not served"}]},
        {"ref": "R3", "msg": "system busy", "why": [{"at": "sku", "text": "not served"}]},
    ]
    found = judge(rules, {"rows": rows}, ["R1", "R2", "R3"])

    assert statuses(found) == [R, U, U]


def test_errors_of_an_entry_belong_to_its_order() -> None:
    answer = {"rows": [{"ref": "R1", "id": 7}, {"ref": "R2", "why": {"sku": ["gone"]}}]}
    found = judge(f"{ALIKE}, rejected: why, errors: {{map: why}}", answer, ["R1", "R2"])

    assert [(o.status, o.message) for o in found.outcomes] == [(A, ""), (R, "sku: gone")]


@pytest.mark.parametrize(
    "pointer",
    [
        "/orders/1/items/0/qty",
        "orders[1].items[0].qty",
        "$.orders[1].items[0].qty",
        "orders.1.items.0.qty",
        "#/data/orders/[1]/items/0/qty",
        "body['orders'][1].items[0].qty",
    ],
)
def test_all_or_nothing_refuses_whom_the_pointer_names(pointer: str) -> None:
    found = judge(
        f"{ALIKE}, {ATOMIC}, errors: {{list: errors, at: at, text: text}}",
        {"errors": [{"at": pointer, "text": "too few"}]},
        ["R1", "R2", "R3"],
        status=400,
    )

    assert statuses(found) == [N, R, N]
    assert found.refused_others
    assert not found.refused_whole
    assert "too few" in found.outcomes[1].message
    assert "too few" not in found.outcomes[0].message
    assert found.outcomes[1].flags == ()


def test_the_pointer_goes_through_orders_with_something_around_each() -> None:
    found = judge(
        f"{ALIKE}, {ATOMIC}, errors: {{list: errors, at: at, text: text}}",
        {"errors": [{"at": "/x:operations/1/data/sku", "text": "too few"}]},
        ["R1", "R2"],
        status=422,
        body='{"x:operations": {$each: {op: add, data: $order}}}',
    )

    assert statuses(found) == [N, R]
    assert messages(found)[1].endswith("(HTTP 422). /x:operations/1/data/sku: too few")


@pytest.mark.parametrize(
    ("error", "counts_from", "body"),
    [
        ({"row": 2}, 1, "{orders: $orders}"),
        ({"row": "1"}, 0, "{orders: $orders}"),
        ({"row": "[1].sku"}, 0, "$orders"),
        ({"row": "/data/1/sku"}, 0, "$orders"),
    ],
)
def test_a_position_names_an_order(error: Any, counts_from: int, body: str) -> None:
    rule = f"{{list: errors, order: row, counts_from: {counts_from}}}"
    found = judge(
        f"{ALIKE}, {ATOMIC}, errors: {rule}",
        {"errors": [error]},
        ["R1", "R2"],
        status=422,
        body=body,
    )

    assert statuses(found) == [N, R]


def test_all_or_nothing_is_divided_where_nobody_is_named() -> None:
    found = judge(f"{ALIKE}, {ATOMIC}", {"message": "bad"}, ["R1", "R2"], status=400)

    assert found.refused_whole
    assert statuses(found) == [R, R]


@pytest.mark.parametrize(
    ("status", "answer"),
    [(400, b"<html>"), (408, {}), (409, {}), (500, {}), (400, {"code": 500}), (200, {"x": 1})],
)
def test_all_or_nothing_proves_nothing_without_a_clear_refusal(status: int, answer: Any) -> None:
    found = judge(f"{ALIKE}, {ATOMIC}", answer, ["R1", "R2"], status=status)

    assert not found.refused_whole
    assert not found.refused_others
    assert N not in statuses(found)


def test_all_or_nothing_without_evidence_is_not_proved() -> None:
    answer = {"errors": [{"at": "/orders/1/qty", "text": "too few"}]}
    found = judge(
        f"{ALIKE}, atomic: true, errors: {{list: errors, at: at, text: text}}",
        answer,
        ["R1", "R2"],
        status=400,
    )

    assert statuses(found) == [R, R]
    assert [outcome.flags for outcome in found.outcomes] == [("unproven",)] * 2
    assert not found.refused_whole
    assert not found.refused_others


def test_without_all_or_nothing_a_refusal_of_several_settles_nothing() -> None:
    found = judge(
        f"{ALIKE}, errors: {{list: errors, at: at}}", {"errors": []}, ["R1", "R2"], status=400
    )

    assert statuses(found) == [U, U]


def test_an_error_of_an_order_that_was_not_sent_is_not_told_of_another() -> None:
    found = judge(
        f"{ALIKE}, {ATOMIC}, errors: {{list: errors, at: at, text: text}}",
        {"errors": [{"at": "/orders/1/qty", "text": "too few"}]},
        ["R1"],
        status=400,
    )

    assert statuses(found) == [R]
    assert "too few" not in found.outcomes[0].message


# -- warnings ----------------------------------------------------------------------------------


def test_a_warning_leaves_the_order_accepted() -> None:
    answer = {"rows": [{"ref": "R1", "id": 7, "issues": [{"code": "W1", "text": "slow"}]}]}
    found = judge(f"{ALIKE}, warnings: {{list: issues, code: code, text: text}}", answer)

    (outcome,) = found.outcomes
    assert (outcome.status, outcome.message, outcome.flags) == (A, "W1 slow", (WARNED,))


# -- matching ----------------------------------------------------------------------------------

GAPS = (
    "call_ok: ids || errors, lists: {accepted: ids, rejected: errors}, "
    "match: {index: position, rest: true}, message: code, outputs: {provider_order_no: '@'}"
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"ids": [1, 2, 3], "errors": []}, [(A, "1"), (A, "2"), (A, "3")]),
        ({"ids": [1, 3], "errors": [{"position": 1, "code": "E"}]}, [(A, "1"), (R, ""), (A, "3")]),
        ({"ids": [], "errors": [{"position": n, "code": "E"} for n in range(3)]}, [(R, "")] * 3),
        ({"ids": [1], "errors": [{"position": 1, "code": "E"}]}, [(U, "")] * 3),
        ({"ids": [1, 2, 3], "errors": [{"position": 1, "code": "E"}]}, [(U, "")] * 3),
        ({"ids": [1, 2], "errors": [{"position": 7, "code": "E"}]}, [(U, "")] * 3),
        ({"ids": [1, 2], "errors": [{"position": True, "code": "E"}]}, [(U, "")] * 3),
    ],
    ids=["all", "a gap", "none", "too few", "too many", "foreign position", "no position"],
)
def test_positions_with_gaps(answer: Any, expected: list[tuple[Status, str]]) -> None:
    found = judge(GAPS, answer, ["R1", "R2", "R3"])

    assert [(o.status, o.provider_order_no) for o in found.outcomes] == expected


COUNTS = (
    "call_ok: code == `0`, match: {counts: {accepted: 'sum([new, changed])', rejected: failed}}"
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"new": 1, "changed": 1}, [A, A]),
        ({"new": 2, "changed": 0, "failed": 0}, [A, A]),
        ({"new": 1, "changed": 0}, [U, U]),
        ({"new": 3, "changed": 0}, [U, U]),
        ({"new": 2, "changed": 0, "failed": 1}, [U, U]),
        ({"new": 0, "changed": 0, "failed": 2}, [R, R]),
        ({"new": "2", "changed": 0}, [U, U]),
        ({"new": 2}, [U, U]),
        ({}, [U, U]),
    ],
)
def test_counts_alone_say_all_or_nothing(answer: Any, expected: list[Status]) -> None:
    found = judge(COUNTS, {"code": 0, **answer}, ["R1", "R2"])

    assert statuses(found) == expected


# -- words -------------------------------------------------------------------------------------

WORDS = (
    "call_ok: outcome, match: {single: true}, words: {of: outcome, accepted: [Created, OnHold],"
    " partial: Half, rejected: Failed, duplicate: Known, pending: Queued}"
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Created", A), ("created", A), ("ONHOLD", A), (" created ", A), ("half", P),
        ("failed", R), ("known", D), ("queued", U), ("Novel", U), (True, U),
    ],
)  # fmt: skip
def test_a_word_tells_the_outcome(word: Any, expected: Status) -> None:
    assert statuses(judge(WORDS, {"outcome": word, "id": 1}, body="$order")) == [expected]


# -- later -------------------------------------------------------------------------------------

LATER = (
    f"{ALIKE}, later: [{{when: code == `1012`, wait: 31, evidence: page 3}},"
    " {http: [503], evidence: page 4}]"
)


@pytest.mark.parametrize(
    ("status", "answer", "headers", "wait"),
    [
        (200, {"code": 1012}, {}, 31.0),
        (400, {"code": 1012}, {}, 31.0),
        (503, b"<html>", {}, None),
        (503, b"", {"retry-after": "7"}, 7.0),
    ],
)
def test_later_means_that_nothing_was_processed(
    status: int, answer: Any, headers: dict[str, str], wait: float | None
) -> None:
    found = judge(LATER, answer, ["R1", "R2"], status=status, headers=headers)

    assert statuses(found) == [N, N]
    assert (found.not_processed, found.retry_after) == (True, wait)


def test_one_order_of_a_request_is_to_come_again_later() -> None:
    rows = [{"ref": "R1", "id": "7"}, {"ref": "R2", "busy": True},
            {"ref": "R3", "busy": True, "id": "9"}]  # fmt: skip
    found = judge(
        f"{ALIKE}, later: [{{entry: busy, wait: 9, evidence: page 3}}]",
        {"rows": rows},
        ["R1", "R2", "R3"],
    )

    assert statuses(found) == [A, N, U]
    assert found.retry_after == 9
    assert not found.not_processed


JOB = """then: {{job: {{number: id, path: "/jobs/{{job}}", until: done, response: {{
  call_ok: rows, results: rows, match: {{reference: ref}}, accepted: id, {}}}}}}}"""


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("errors: {list: a, map: b}", "errors have either 'list'"),
        ("errors: {list: 'a['}", "not a JMESPath expression"),
        ("warnings: {map: a, at: b}", "leave 'at' out"),
        ("words: {of: state, accepted: [ok]}", "'words' tells this already"),
        ("words: {of: state, rejected: [no], pending: ['NO']}", "means both"),
        ("words: {of: 'state('}", "not a JMESPath expression"),
        ("later: [{when: a, evidence: b}]", "a job is asked again until it has ended"),
    ],
)
def test_answers_of_jobs_are_checked_as_those_to_orders_are(rule: str, problem: str) -> None:
    with pytest.raises(MappingError, match=r"demo.yaml:\d+:\d+: ") as caught:
        mapping("call_ok: id, match: {single: true}", "$order", JOB.format(rule))

    assert problem in str(caught.value)


def test_what_is_not_declared_as_later_stays_unknown() -> None:
    assert statuses(judge(LATER, {"code": 1013}, status=500)) == [U]


# -- there already -----------------------------------------------------------------------------

KEYED = "duplicates: {class: B, key_hours: forever, evidence: page 5}"
EXISTS = (
    "call_ok: id, match: {single: true}, accepted: state == 'new', "
    "exists: {when: state == 'exists', evidence: page 6}, outputs: {provider_order_no: id}"
)


@pytest.mark.parametrize("status", [200, 400, 409, 422])
def test_what_exists_under_our_own_key_is_created(status: int) -> None:
    answer = {"id": 5, "state": "exists"}
    found = judge(EXISTS, answer, status=status, body="$order", more=KEYED)

    assert [(o.status, o.provider_order_no) for o in found.outcomes] == [(A, "5")]


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_duplicate_is_recognised_in_a_refusal_of_one_order(status: int) -> None:
    response = "call_ok: id, match: {single: true}, accepted: id, duplicate: code == 'taken'"
    more = "duplicates: {class: A, evidence: page 7}"
    found = judge(response, {"code": "taken"}, status=status, body="$order", more=more)

    assert statuses(found) == [D]


# -- a rule that cannot work -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        ("errors: {at: field}", "either 'list'"),
        ("errors: {map: a, at: field}", "leave 'at' out"),
        ("errors: {list: 'a['}", "not a JMESPath expression"),
        ("warnings: {list: a, text: 'b('}", "not a JMESPath expression"),
        ("later: [{evidence: x}]", "by 'when', by 'http' or by both"),
        ("later: [{entry: a, http: [400], evidence: x}]", "write two rules"),
        ("exists: {when: a, evidence: x}", "write 'class: B'"),
        ("rejected: b, call_refused: b", "one of the two is never looked at"),
        ("words: {of: a, accepted: [b]}", "leave one of the two 'accepted' out"),
        ("words: {of: a, rejected: [b], pending: B}", "means both 'rejected' and 'pending'"),
    ],
)
def test_rules_that_cannot_work_are_refused(response: str, problem: str) -> None:
    with pytest.raises(MappingError, match=r"demo.yaml:\d+:\d+: ") as caught:
        mapping(f"call_ok: a, match: {{single: true}}, accepted: a, {response}", "$order")

    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("match", "problem"),
    [
        ("reference: a, rest: true", "'rest' needs 'index'"),
        ("reference: a, index: b", "matched by one of"),
    ],
)
def test_entries_are_matched_in_one_way(match: str, problem: str) -> None:
    with pytest.raises(MappingError, match=problem):
        mapping(f"call_ok: a, match: {{{match}}}, accepted: a")


@pytest.mark.parametrize(
    ("promise", "problem"),
    [
        ("class: B, evidence: x", "class B needs 'key_hours'"),
        ("class: A, evidence: x, key_hours: 3", "only class B has an idempotency key"),
        ("class: U", "class U needs 'evidence'"),
        ("class: C, evidence: x", "class C needs a 'query'"),
    ],
)
def test_a_class_without_what_it_needs_is_refused(promise: str, problem: str) -> None:
    more = f"duplicates: {{{promise}}}"
    with pytest.raises(MappingError, match=problem):
        mapping("call_ok: a, match: {single: true}, accepted: a, duplicate: b", "$order", more)


def test_an_undeclared_refusal_of_counts_is_not_proved() -> None:
    found = judge(COUNTS, {"code": 0, "new": 0, "changed": 0, "failed": 1})

    assert [outcome.flags for outcome in found.outcomes] == [UNPROVEN]
