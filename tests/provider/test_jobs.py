"""Jobs that are asked what became of their orders: by which words, over which pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from converter.errors import MappingError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.model import HttpRequest, Order, Reply, Status
from converter.provider.request import Signer
from converter.provider.second_calls import Caller, ask_job
from converter.settings import Settings
from tests.provider.test_answer_rules import HEAD

JOB = (
    "{number: id, method: GET, path: '/jobs/{job}', query: {cursor: $cursor}, until: done, "
    "pages: {next: next}, response: {call_ok: rows, results: rows, match: {reference: ref}, "
    "accepted: id, rejected: errors, errors: {list: errors, at: at, text: text}}}"
)


def mapping(job: str = JOB, orders: int = 9) -> ProviderMapping:
    request = f"request: {{path: /o, body: {{orders: $orders}}, orders_per_request: {orders}}}"
    response = "response: {call_ok: id, match: {reference: ref}}"
    return parse_mapping(f"{HEAD}{request}\n{response}\nthen: {{job: {job}}}\n", "demo.yaml")


class Pages:
    """Gives one page after another."""

    def __init__(self, pages: Sequence[dict[str, Any]]) -> None:
        self.left = list(pages)
        self.urls: list[str] = []

    def send(self, request: HttpRequest) -> Reply:
        self.urls.append(request.url.removeprefix("https://api.example"))
        return Reply(200, {}, json.dumps(self.left.pop(0)).encode())


def asked(pages: Pages, references: Sequence[str]) -> list[tuple[Status, str]]:
    spec = mapping()
    assert spec.then is not None
    assert spec.then.job is not None
    settings = Settings({"base_url": "https://api.example"}, (), ())
    caller = Caller(Signer(spec, settings), pages, lambda *_: None, lambda _: None, lambda: 0.0)
    orders = [Order(name, name, {"ref": name}, (2,)) for name in references]
    answer = ask_job(spec, spec.then.job, "7", orders, caller)
    assert answer is not None
    return [(one.status, one.provider_order_no or str(one.message)) for one in answer[0].outcomes]


def test_the_first_page_has_no_mark() -> None:
    pages = Pages([
        {"done": True, "next": "c 2", "rows": [{"ref": "A", "id": 1}]},
        {"done": True, "next": None, "rows": [{"ref": "B", "id": 2}]},
    ])  # fmt: skip
    assert [status for status, _ in asked(pages, ["A", "B"])] == [Status.ACCEPTED] * 2
    assert pages.urls == ["/jobs/7", "/jobs/7?cursor=c+2"]


def test_pointers_count_no_orders_in_a_later_run() -> None:
    """The order that it asks about now was not the first of the request."""
    row = {"ref": "B", "errors": [{"at": "/orders/1/ref", "text": "ref is taken"}]}
    ((status, message),) = asked(Pages([{"done": True, "rows": [row]}]), ["B"])
    assert status is Status.REJECTED
    assert "ref is taken" in message


def test_a_job_of_one_order_need_not_name_it() -> None:
    job = JOB.replace("{reference: ref}", "{single: true}")
    assert mapping(job, orders=1).then is not None
    with pytest.raises(MappingError, match="send one order a request"):
        mapping(job, orders=9)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{reference: ref}", "{position: true}", "a job's answer tells the orders by 'reference'"),
        ("{reference: ref}", "{index: nr}", "a job's answer tells the orders by 'reference'"),
        ("at: at", "order: nr", "leave 'order' out"),
        ("call_ok: rows,", "call_ok: rows, atomic: true,", "'atomic' is for the answer to the"),
        ("text: text", "text: tekst(@)", "JMESPath has no function tekst()"),
        ("accepted: id, rejected: errors",
         "words: {of: size(@), accepted: ok, rejected: no}", "JMESPath has no function size()"),
        ("rejected: errors,", "rejected: errors, duplicate: has(@),", "no function has()"),
        ("/jobs/{job}", "/jobs", "the call names no job: write {job} into its path, or $job"),
        ("/jobs/{job}", "/jobs/{id}", "{id} in the path is no setting of this mapping"),
        ("{cursor: $cursor}", "{a: b}", "nothing is $cursor: the first page would be asked for"),
        ("{next: next}", "{total: n}", "nothing is $page: the first page would be asked for"),
        ("accepted: id, ", "", "'accepted' or 'words' must say when an order was accepted"),
    ],
)  # fmt: skip
def test_answers_of_jobs_that_could_not_be_read(old: str, new: str, expected: str) -> None:
    assert old in JOB
    with pytest.raises(MappingError) as error:
        mapping(JOB.replace(old, new))
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orders", "the call names no order: write {number} or {reference} into its path"),
        ("/orders/{id}", "{id} in the path is no setting of this mapping"),
    ],
)
def test_details_are_those_of_one_order(path: str, expected: str) -> None:
    details = f"{{method: GET, path: '{path}', outputs: {{tracking_no: t}}}}"
    request = "request: {path: /orders, body: $order}"
    response = "response: {call_ok: id, match: {single: true}, accepted: id}"
    with pytest.raises(MappingError) as error:
        parse_mapping(f"{HEAD}{request}\n{response}\nthen: {{details: {details}}}\n", "d.yaml")
    assert expected in str(error.value)
