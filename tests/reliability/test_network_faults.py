"""Every way in which a request can go wrong, for every provider: what the person is told, and
whether a second run may send again.

The table `FAULTS` is the rule book. For each line, a run meets the fault on its first request, and
a second run, with an edited sheet, meets a provider in good health. The provider counts what it
created for each reference: never twice.

The table is run through journal, sending, client and answers. A few of its lines, or with
RELIABILITY_FULL=1 all of them, are run through the command line as well.
"""

from __future__ import annotations

import copy
import json
import os
import sqlite3
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner

from converter import settings
from converter.cli.commands import cli
from converter.journal import Account, Journal, OrderRecord, ResendRule, RunStart
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Timeouts
from converter.model import Order, Result
from converter.orders.batches import batches
from converter.provider import answers
from converter.provider.client import Client
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.prepare import prepare_sheet
from converter.sending import loop
from converter.settings import Settings
from tests.reliability.faults import (
    bomb,
    closed_committed,
    contradicting_itself,
    cut,
    edited,
    endless_continue,
    huge,
    informed,
    known_already,
    late,
    raw,
    refuses,
    refuses_all,
    reset_committed,
    reset_uncommitted,
    reset_unread,
    rewritten,
    says,
    silent,
    trickle,
    under_own_numbers,
    with_a_code_of_another_type,
    with_a_foreign_one,
    with_an_unheard_of_code,
    with_another_number,
    with_only_foreign_ones,
    with_the_first_twice,
    with_wrong_counts,
    without_the_first,
    wrong_key,
)
from tests.reliability.wire import (
    BATCHED,
    PROVIDERS,
    SETTINGS_FILE,
    Act,
    Provider,
    Talk,
    answer,
    environment,
    hurried,
    quick_folder,
    sheet,
    statuses,
)

PATIENT, IMPATIENT = 20.0, 0.3
"""Seconds for a whole request; the second value where the provider takes too long."""

# -- the rule book ---------------------------------------------------------------------------------

A, R, U, N, D = "accepted", "rejected", "unknown", "not sent", "duplicate"

FINE, FAILED, UNSETTLED, STOPPED = 0, 1, 3, 7


@dataclass(frozen=True)
class Fault:
    """A fault of the first request of a run, and the expected outcome of its orders."""

    act: Act
    becomes: str | Mapping[str, str]
    """Expected status of each order: by provider, else by `batch` or `single`, else for all."""
    exit: int | Mapping[str, int] | None = None
    """Exit code; by default, the one that follows from the statuses."""
    stops: bool = False
    always: bool = False
    """The fault affects every request of the first run, not just the first."""
    slow: bool = False
    deaf: bool = False
    """The provider does not listen in the first run."""
    requests: int = 1
    """Number of requests in the first run."""
    only: tuple[str, ...] = PROVIDERS
    note: str = ""
    """Start of a sentence in the message about the answer."""

    def expected(self, name: str, count: int) -> list[str]:
        found = self.becomes
        if not isinstance(found, str):
            kind = "batch" if name in BATCHED else "single"
            found = found.get(name) or found.get(kind) or found["all"]
        words = found.split("+")
        return words * count if len(words) == 1 else words


_SINGLE_REFUSAL = {"all": R, "scexpress": U}
"""A 4xx refuses the request; for its orders that is a refusal only if there is just one, or if the
mapping says so, and scexpress documents nothing of the kind."""

FAULTS: dict[str, Fault] = {
    # -- the connection
    "nobody listens": Fault(answer, N, stops=True, deaf=True, requests=0),
    "reset before reading": Fault(reset_unread, U, requests=0),
    "reset after reading, nothing created": Fault(reset_uncommitted, U),
    "reset after reading, created": Fault(reset_committed, U),
    "closed without an answer, created": Fault(closed_committed, U),
    "cut in the status line": Fault(cut(7), U),
    "cut in the headers": Fault(cut(35), U),
    "cut in the body": Fault(cut(99), U),
    "cut in a chunk": Fault(cut(99, chunked=True), U),
    "no answer in time, created": Fault(silent, U, slow=True),
    "no answer in time, created after that": Fault(late, U, slow=True),
    "headers trickle": Fault(trickle(True), U, slow=True),
    "body trickles": Fault(trickle(False), U, slow=True),
    "endless 100s": Fault(endless_continue, U, slow=True),
    # -- what is no answer
    "no HTTP": Fault(raw(b"\x16\x03\x01\x02\x00SSH-2.0-go away\r\n\r\n"), U),
    "a status that is no number": Fault(raw(b"HTTP/1.1 two00 OK\r\n\r\n"), U),
    "two lengths": Fault(
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"), U
    ),
    "an HTML page": Fault(says(b"<html><h1>Success</h1></html>", Content_Type="text/html"), U),
    "an empty body": Fault(says(b""), U),
    "204": Fault(raw(b"HTTP/1.1 204 No Content\r\n\r\n"), U),
    "101": Fault(raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), U),
    "larger than 16 MiB": Fault(huge, U),
    "gzip that is none": Fault(says(b'{"code":0}', Content_Encoding="gzip"), U),
    "gzip bomb": Fault(says(partial(bomb, 1), Content_Encoding="gzip"), U),
    "gzip bomb in gzip": Fault(says(partial(bomb, 2), Content_Encoding="gzip, gzip"), U),
    "half of the JSON": Fault(rewritten(lambda body: body[: len(body) // 2]), U),
    "text after the JSON": Fault(rewritten(lambda body: body + b"<!-- -->"), U),
    "UTF-16": Fault(rewritten(lambda body: body.decode().encode("utf-16")), U),
    "NaN": Fault(rewritten(lambda body: body[:-1] + b',"x":NaN}'), U),
    "a key twice": Fault(rewritten(lambda body: body[:-1] + b',"code":0,"code":0}'), U),
    "nested too deep": Fault(
        rewritten(lambda body: body[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), U
    ),
    "a number of 5,000 digits": Fault(
        rewritten(lambda body: body[:-1] + b',"x":' + b"9" * 5000 + b"}"), U
    ),
    "JSON that is no object": Fault(says(b"[]"), U),
    "null": Fault(says(b"null"), U),
    # -- HTTP says no
    "100 and 103 first": Fault(informed, A),
    **{
        f"{status}": Fault(says(b"", status, Location="/elsewhere"), U, stops=True)
        for status in (300, 301, 302, 304, 307, 308)
    },
    **{
        f"{status}": Fault(refuses(status), _SINGLE_REFUSAL)
        for status in (400, 404, 405, 413, 422)
    },
    **{
        f"{status}": Fault(refuses(status), N, stops=True, always=True) for status in (401, 403)
    },
    **{
        f"{status}": Fault(says(b"{}", status), U)
        for status in (408, 409, 499, 500, 502, 503, 504, 599)
    },
    "500, and the ordinary answer": Fault(
        lambda talk: talk.reply(talk.provider.commit(talk.read()), 500), U
    ),
    "400, and the ordinary answer": Fault(
        lambda talk: talk.reply(talk.provider.commit(talk.read()), 400), U
    ),
    "409 that names a duplicate": Fault(known_already(409), D, only=("scexpress",)),
    "425": Fault(refuses(425), A, requests=2),
    "429": Fault(refuses(429), A, requests=2),
    "429 with seconds to wait": Fault(refuses(429, Retry_After="2"), A, requests=2),
    "429 with a year to wait": Fault(refuses(429, Retry_After="31536000"), A, requests=2),
    "429 with a date": Fault(
        refuses(429, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"), A, requests=2
    ),
    "429 with junk": Fault(refuses(429, Retry_After="soon; or -1, or 1e99"), A, requests=2),
    "429 all the time": Fault(refuses(429), N, stops=True, always=True, requests=5),
    # -- the provider says it in its own words
    "credentials refused with 200": Fault(
        wrong_key, N, stops=True, only=("scexpress", "pandapon")
    ),
    "refused": Fault(refuses_all, R),
    "a duplicate of somebody else's": Fault(known_already(200), D, only=("scexpress",)),
    "one order left out": Fault(edited(without_the_first), {"batch": f"{U}+{A}", "single": U}),
    "a foreign order beside ours": Fault(
        edited(with_a_foreign_one), A, only=BATCHED, note="The answer speaks of an order that"
    ),
    "foreign orders only": Fault(
        edited(with_only_foreign_ones), U, only=BATCHED, note="The answer speaks of an order that"
    ),
    "one order twice, the same": Fault(edited(with_the_first_twice), A, only=BATCHED),
    "one order twice, yes and no": Fault(
        edited(contradicting_itself), f"{U}+{A}", only=BATCHED
    ),
    "one order twice, two numbers": Fault(
        edited(with_another_number), f"{U}+{A}", only=("scexpress",)
    ),
    "counts disagree, ours are named": Fault(
        edited(with_wrong_counts), A, only=("oms",), note="The answer's counts do not agree"
    ),
    "none of ours named, counts agree": Fault(edited(under_own_numbers()), A, only=("oms",)),
    "none of ours named, counts disagree": Fault(
        edited(under_own_numbers(successQty=1, failQty=1)), U, only=("oms",)
    ),
    "none of ours named, one refused": Fault(
        edited(under_own_numbers(failQty=1)), U, only=("oms",)
    ),
    "a code of another type": Fault(edited(with_a_code_of_another_type), U),
    "a code nobody documents": Fault(edited(with_an_unheard_of_code), U),
}  # fmt: skip

ON_THE_COMMAND_LINE = (
    "nobody listens",
    "reset after reading, created",
    "no answer in time, created after that",
    "401",
    "one order left out",
)

CASES = [
    pytest.param(name, fault, id=f"{name}-{fault}")
    for fault, rule in FAULTS.items()
    for name in rule.only
]


def exit_code(fault: Fault, words: list[str]) -> int:
    if fault.stops:
        return STOPPED
    if {U, N} & set(words):
        return UNSETTLED
    return FINE if set(words) == {A} else FAILED


def after_a_second_run(word: str, class_: str) -> str:
    """Expected status after the next run, with a healthy provider."""
    if word == U and class_ == "D":
        return U  # only a person may settle that
    return word if word == D else A


# -- our side --------------------------------------------------------------------------------------


@dataclass
class Seen:
    """The visible results of a run."""

    statuses: list[str]
    exit_code: int
    stopped: str
    notes: list[str]
    known: dict[str, OrderRecord] = field(default_factory=dict)


class Side:
    """The program, from planned orders to a report, for one provider and journal."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.mapping: ProviderMapping = load_mapping(find_mapping(name, None))
        with mock.patch.dict(os.environ, environment(name, "http://127.0.0.1:1")):
            self.values: Settings = settings.load(self.mapping)
        if self.mapping.request.signature and not self.mapping.request.signature.recipe:
            self.values = replace(self.values, recipe=self.mapping.request.signature.sandbox)
        path = home / "orders.csv"
        path.write_text(sheet(name, ["REFERENCE"], "RECEIVER"), encoding="utf-8")
        prepared = prepare_sheet(path, self.mapping, self.values, only=None, lang="en")
        [self.pattern] = prepared.valid()

    def order(self, reference: str, receiver: str) -> Order:
        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: filled(inner) for key, inner in value.items()}
            if isinstance(value, list):
                return [filled(inner) for inner in value]
            if isinstance(value, str):
                return value.replace("REFERENCE", reference).replace("RECEIVER", receiver)
            return copy.copy(value)

        return Order(reference, reference, filled(self.pattern.payload), (2,))

    def run(self, url: str, references: list[str], receiver: str, seconds: float) -> Seen:
        mapping = self.mapping
        values = replace(self.values, values={**self.values.values, "base_url": url})
        orders = [self.order(reference, receiver) for reference in references]
        duplicates, request = mapping.duplicates, mapping.request
        account = Account(self.name, "http://always.the.same", {})
        with Journal.open(
            self.home,
            account,
            RunStart(self.name, "", "orders.csv", "", "", ""),
            resend=ResendRule(duplicates.class_, 0),
            secrets=values.secrets,
        ) as book:
            plan = book.plan(orders, [])
            keep_alive = duplicates.class_ in ("A", "B")
            timeouts = Timeouts(total=seconds, read=seconds)
            with Client(timeouts, request.in_flight, keep_alive=keep_alive) as client:
                ended = hurried(loop.send)(
                    [*([order] for order in plan.again), *batches(plan.new, mapping)],
                    prepare=Signer(mapping, values).request,
                    judge=lambda batch, reply: answers.judge(mapping, batch, reply),
                    client=client,
                    journal=book,
                    in_flight=request.in_flight,
                    total_seconds=seconds,
                )
            known = book.records(references)
        results = tuple(Result(name, known[name].status) for name in references)
        report = Report(self.name, "", "", results, stopped=ended.stopped)
        words = [str(result.status) for result in results]
        return Seen(words, report.exit_code, ended.stopped, list(ended.notes), known)


@pytest.fixture(scope="module")
def sides() -> Iterator[Callable[[str], Side]]:
    """One journal per provider; every fault has its own references."""
    with quick_folder() as home:
        yield cache(lambda name: Side(name, home))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Skip pauses between tries and the loading of certificates in every run."""
    monkeypatch.setattr("converter.runs.submit.loop.send", hurried(loop.send))
    monkeypatch.setattr(
        "converter.provider.transport.httpx.create_ssl_context", lambda **_: _context()
    )
    threads = threading.active_count()
    yield
    deadline = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads, "a thread was left behind"


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def references_for(name: str, fault: str) -> list[str]:
    number = list(FAULTS).index(fault)
    return [f"F{number}-{place}" for place in range(2 if name in BATCHED else 1)]


def set_up(fault: Fault, name: str) -> Provider:
    there = Provider(name, deaf=fault.deaf)
    if fault.always:
        there.otherwise = fault.act
    else:
        there.acts.append(fault.act)
    return there


# -- the tests -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_a_fault_ends_as_the_rule_book_says(
    sides: Callable[[str], Side], name: str, fault: str
) -> None:
    rule, side = FAULTS[fault], sides(name)
    references = references_for(name, fault)
    expected = rule.expected(name, len(references))
    there = set_up(rule, name)
    try:
        began = time.monotonic()
        first = side.run(there.url, references, "Jane Roe", IMPATIENT if rule.slow else PATIENT)
        took = time.monotonic() - began
        there.quiet()

        assert first.statuses == expected
        assert first.exit_code == exit_code(rule, expected)
        assert bool(first.stopped) == rule.stops
        assert [note for note in first.notes if note.startswith(rule.note)] or not rule.note
        assert took < (4 if rule.slow else PATIENT)
        assert len(there.requests) == (1 if rule.always and rule.requests == 1 else rule.requests)

        before = len(there.requests)
        once = list(there.requests)
        there.otherwise = answer
        there.acts.clear()
        if rule.deaf:
            there.listen()
        second = side.run(there.url, references, "John Doe", PATIENT)
        there.quiet()
    finally:
        there.close()

    class_ = side.mapping.duplicates.class_
    assert second.statuses == [after_a_second_run(word, class_) for word in expected]
    assert max(there.commits.values(), default=0) <= 1
    sent_again = {r for request in there.requests[before:] for r in request.references}
    for reference, word in zip(references, expected, strict=True):
        may_be_sent = word in (N, R) or (word == U and class_ == "A")
        assert (reference in sent_again) == may_be_sent
        if reference in sent_again:
            carrying = [one for one in there.requests if reference in one.references]
            later = carrying[-1].order(name, reference)
            # In doubt it is the very same again; otherwise what the sheet says now.
            assert ("Jane Roe" in json.dumps(later)) == (word == U)
            if word == U and once:
                assert later == once[0].order(name, reference)


@pytest.mark.parametrize(
    ("name", "fault"),
    CASES
    if os.environ.get("RELIABILITY_FULL")
    else [
        pytest.param(name, fault, id=f"{name}-{fault}")
        for fault in ON_THE_COMMAND_LINE
        for name in BATCHED
    ],
)
def test_the_command_line_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    rule = FAULTS[fault]
    references = references_for(name, fault)
    expected = rule.expected(name, len(references))
    there = set_up(rule, name)
    monkeypatch.chdir(tmp_path)
    Path("converter.toml").write_text(SETTINGS_FILE if name == "platform1688" else "")
    for variable, value in environment(name, there.url).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONVERTER_SETTLE_SECONDS", "0")
    monkeypatch.setenv("CONVERTER_TIMEOUT_SECONDS", str(IMPATIENT if rule.slow else PATIENT))

    def submit(receiver: str) -> tuple[int, dict[str, Any]]:
        Path("orders.csv").write_text(sheet(name, references, receiver), encoding="utf-8")
        done = CliRunner().invoke(cli, ["submit", "orders.csv", "-p", name, "--json"])
        return done.exit_code, json.loads(done.stdout)

    try:
        code, document = submit("Jane Roe")
        there.quiet()

        assert statuses(document) == expected
        assert code == document["exit_code"] == exit_code(rule, expected)
        assert bool(document["stopped"]) == rule.stops
        assert [n for n in document["notes"] if n.startswith(rule.note)] or not rule.note
        assert Path(document["result"]).is_file()

        there.otherwise = answer
        there.acts.clear()
        if rule.deaf:
            there.listen()
        monkeypatch.setenv("CONVERTER_TIMEOUT_SECONDS", str(PATIENT))
        code, document = submit("John Doe")
        there.quiet()
    finally:
        there.close()

    class_ = load_mapping(find_mapping(name, None)).duplicates.class_
    then = [after_a_second_run(word, class_) for word in expected]
    assert statuses(document) == then
    assert code == exit_code(Fault(answer, ""), then)
    assert max(there.commits.values(), default=0) <= 1


# -- more than one request -------------------------------------------------------------------------


@pytest.mark.parametrize("name", BATCHED)
def test_one_fault_leaves_no_more_in_doubt_than_was_under_way(
    sides: Callable[[str], Side], name: str
) -> None:
    references = [f"ONE-{number}" for number in range(100)]
    there = Provider(name)
    there.acts.extend([answer, reset_committed])
    try:
        side = sides(name)
        seen = side.run(there.url, references, "Jane Roe", PATIENT)
    finally:
        there.close()

    assert Counter(seen.statuses) == {A: 80, U: 20}
    assert (seen.exit_code, seen.stopped) == (UNSETTLED, "")
    assert max(there.commits.values()) == 1


@pytest.mark.parametrize("name", BATCHED)
def test_a_provider_that_has_died_is_left_alone_after_three_doubts(
    sides: Callable[[str], Side], name: str
) -> None:
    references = [f"DEAD-{number}" for number in range(200)]
    there = Provider(name)
    there.acts.extend([answer, answer])
    there.otherwise = reset_committed
    side = sides(name)
    try:
        first = side.run(there.url, references, "Jane Roe", PATIENT)
        there.otherwise = answer
        second = side.run(there.url, references, "Jane Roe", PATIENT)
    finally:
        there.close()

    assert Counter(first.statuses) == {A: 40, U: 60, N: 100}
    assert (first.exit_code, first.stopped) == (STOPPED, loop.DOUBTS)
    left = {A: 200} if side.mapping.duplicates.class_ == "A" else {A: 140, U: 60}
    assert Counter(second.statuses) == left
    assert set(there.commits.values()) == {1}


@pytest.mark.parametrize(
    ("act", "settles"),
    [
        pytest.param(answer, True, id="the reference exists"),
        pytest.param(known_already(200), True, id="duplicate"),
        pytest.param(known_already(409), True, id="duplicate as 409"),
        pytest.param(refuses_all, False, id="refused"),
        pytest.param(refuses(400), False, id="400"),
        pytest.param(refuses(401), False, id="401"),
        pytest.param(refuses(503), False, id="503"),
        pytest.param(refuses(302, Location="/elsewhere"), False, id="302"),
        pytest.param(silent, False, id="no answer"),
        pytest.param(says(b"<html>"), False, id="a web page"),
    ],
)
def test_only_the_word_duplicate_settles_a_doubt_of_class_a(
    sides: Callable[[str], Side], request: pytest.FixtureRequest, act: Act, settles: bool
) -> None:
    references = [f"DOUBT-{request.node.callspec.id.replace(' ', '-')}"]
    there = Provider("scexpress")
    there.acts.extend([closed_committed, act])
    side = sides("scexpress")
    try:
        first = side.run(there.url, references, "Jane Roe", PATIENT)
        second = side.run(
            there.url, references, "Jane Roe", IMPATIENT if act is silent else PATIENT
        )
        third = side.run(there.url, references, "Jane Roe", PATIENT)
        there.quiet()
    finally:
        there.close()

    assert first.statuses == [U]
    assert second.statuses == [A if settles else U]
    assert third.statuses == [A]
    assert third.known[references[0]].flags == ("by_duplicate_refusal",)
    assert there.commits == {references[0]: 1}
    assert len(there.requests) == (2 if settles else 3)


def test_what_was_left_of_an_answer_is_in_the_journal(sides: Callable[[str], Side]) -> None:
    half = b'{"code": 0, "data": [{"systemnumber": "SC'
    there = Provider("scexpress")

    def cut_short(talk: Talk) -> None:
        talk.provider.commit(talk.read())
        talk.reply(half, length=len(half) + 1)
        talk.close()

    there.acts.append(cut_short)
    side = sides("scexpress")
    try:
        side.run(there.url, ["HALF-1"], "Jane Roe", PATIENT)
    finally:
        there.close()

    [file] = (side.home / "journal").glob("scexpress-*.sqlite3")
    with closing(sqlite3.connect(file)) as connection:
        kept = connection.execute("SELECT reply FROM attempt ORDER BY id DESC LIMIT 1").fetchone()
    assert kept == (half,)
