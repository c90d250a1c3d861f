"""Queries as providers offer them: by the reference in the path, as a list of all, over pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.model import HttpRequest, Reply
from converter.provider import query
from converter.provider.request import Signer
from converter.settings import Settings
from tests.provider.test_answer_rules import HEAD

ONE = (
    "method: GET, path: '/orders/{reference}', references_per_request: 1, call_ok: id, "
    "found: id, absent_http: [404], outputs: {provider_order_no: id}, evidence: page 8"
)
ALL = (
    "method: GET, path: /orders, query: {refs: \"{join(references, ',')}\", page: $page}, "
    "call_ok: rows, results: rows, reference: ref, found: id, left_out: absent, "
    "pages: {total: pages}, outputs: {provider_order_no: id}, evidence: page 9"
)


def mapping(asked: str) -> ProviderMapping:
    request = "request: {path: /orders, body: $order}"
    response = "response: {call_ok: id, match: {single: true}, accepted: id}"
    return parse_mapping(f"{HEAD}{request}\n{response}\nquery: {{{asked}}}\n", "demo.yaml")


class Asked:
    """Gives an answer for each end of an address."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        self.answers = answers
        self.urls: list[str] = []

    def send(self, request: HttpRequest) -> Reply:
        assert request.method == "GET"
        assert request.body == b""
        self.urls.append(request.url)
        found = [said for end, said in self.answers.items() if request.url.endswith(end)]
        status, body = found[0] if found else (500, {})
        return Reply(status, {}, json.dumps(body).encode())


def ask(asked: str, answers: dict[str, tuple[int, Any]], *names: str) -> query.QueryResult:
    made = mapping(asked)
    settings = Settings({"base_url": "http://p.test"}, (), ())
    return query.ask(made, Signer(made, settings), Asked(answers), names)


def test_by_the_reference_in_the_path() -> None:
    answers: dict[str, tuple[int, Any]] = {
        "/orders/A%2F1": (200, {"id": 7}),
        "/orders/A2": (404, {}),
    }

    found = ask(ONE, answers, "A/1", "A2")

    assert [(one.reference, one.provider_order_no) for one in found.found] == [("A/1", "7")]
    assert found.absent == ("A2",)


def test_what_cannot_be_asked_is_not_absent() -> None:
    assert ask(ONE, {}, "A1").failed == ("A1",)


def test_a_list_of_all_over_pages() -> None:
    answers: dict[str, tuple[int, Any]] = {
        "page=1": (200, {"pages": 2, "rows": [{"ref": "A1", "id": 1}]}),
        "page=2": (200, {"pages": 2, "rows": [{"ref": "A3", "id": 3}]}),
    }

    found = ask(ALL, answers, "A1", "A2", "A3")

    assert [one.reference for one in found.found] == ["A1", "A3"]
    assert found.absent == ("A2",)


@pytest.mark.parametrize("second", [(500, {}), (200, {"rows": {}}), (200, {})])
def test_a_page_that_is_lacking_proves_nothing(second: tuple[int, Any]) -> None:
    first = (200, {"pages": 2, "rows": [{"ref": "A1", "id": 1}]})

    assert ask(ALL, {"page=1": first, "page=2": second}, "A1", "A2").failed == ("A1", "A2")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("references_per_request: 1, ", "", "references_per_request: 1"),
        ("absent_http: [404], ", "", "'absent' is missing"),
        ("call_ok: id, ", "call_ok: id, pages: {first: 0}, ", "by 'total' or by 'next'"),
    ],
)
def test_a_query_that_cannot_work_is_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(MappingError, match=problem):
        mapping(ONE.replace(old, new))
