from __future__ import annotations

import base64
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from converter.model import HttpRequest, Judgement, NoReply, Outcome, Reply, Status
from tests.journal.builders import (
    REPLY,
    REQUEST,
    FakeClock,
    Opened,
    answer,
    file,
    in_a_file,
    order,
    plan,
    references,
    rows,
)


def test_no_secret_reaches_the_file(opened: Opened, home: Path) -> None:
    secret = "s3cret/token+1"
    encoded = base64.b64encode(b"user:" + secret.encode()).decode()
    request = HttpRequest(
        "POST",
        f"https://u:{quote(secret, safe='')}@api.acme.test/v1/create?sign={secret}&mode=x",
        {"Authorization": f"Basic {encoded}"},
        f'{{"token":"{secret}"}}'.encode(),
    )
    echo = f"echo {secret} {encoded} s3cret%2Ftoken%2B1"
    with opened(secrets=[secret]) as journal:
        made = journal.plan([order("A1"), order("A2")], [("A3", (3,), (f"bad {secret}",))])
        attempt = journal.intend(made.new[:1], request, deadline=0)
        outcome = Outcome(Status.REJECTED, echo, secret, secret, {"x": secret})
        judgement = Judgement((outcome,), request_id=secret, notes=(echo,))
        journal.record(attempt, Reply(400, {"x": secret}, echo.encode()), judgement)
        attempt = journal.intend(made.new[1:], request, deadline=0)
        unknown = Judgement((Outcome(Status.UNKNOWN, echo),))
        journal.record(attempt, NoReply(True, echo), unknown)
        journal.finish(result_path="r.xlsx", result_sha256="", counts={}, stopped=echo)

        assert journal.redact(echo) == "echo *** dXNlcjp***Q== ***"

    for path in file(home).parent.iterdir():
        data = path.read_bytes()
        for form in (secret, encoded, "s3cret", "czNjcmV0"):
            assert form.encode() not in data, path
    assert rows(home, "SELECT url FROM attempt LIMIT 1") == [
        ("https://api.acme.test/v1/create?sign=***&mode=***",)
    ]


def test_the_raw_answer_is_kept_up_to_a_mebibyte(opened: Opened, home: Path) -> None:
    body = b"<html>" + bytes(2 * 1024 * 1024)
    with opened() as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.UNKNOWN, reply=Reply(502, {}, body))

    kept, size, status, verdict = rows(
        home,
        "SELECT reply, reply_bytes, http_status, state FROM attempt",
    )[0]
    assert (kept, size) == (body[: 1024 * 1024], len(body))
    assert (status, verdict) == (502, "IN_DOUBT")


def test_what_came_of_a_broken_answer_is_kept_without_secrets(opened: Opened, home: Path) -> None:
    broken = NoReply(True, "it broke", status=200, body=b'{"token": "sk\\/12345", "no": "SC')
    with opened(secrets=["sk/12345"]) as journal:
        orders = plan(journal, order("A1")).new
        answer(journal, orders, Status.UNKNOWN, reply=broken)

    assert rows(home, "SELECT reply, http_status, answered, state FROM attempt") == [
        (b'{"token": "***", "no": "SC', 200, "", "IN_DOUBT")
    ]


def test_text_that_cannot_be_written_does_not_lose_an_answer(opened: Opened) -> None:
    with opened() as journal:
        attempt = journal.intend(plan(journal, order("A1")).new, REQUEST, deadline=0)
        outcome = Outcome(Status.ACCEPTED, "half a \ud83d character", "SC1")
        journal.record(attempt, REPLY, Judgement((outcome,)))

        assert journal.records(["A1"])["A1"].message == "half a ? character"


def test_payloads_of_settled_orders_go_after_30_days(
    opened: Opened, home: Path, clock: FakeClock
) -> None:
    with opened() as journal:
        orders = plan(journal, order("A1"), order("A2"), order("A3")).new
        answer(journal, orders[:2], Status.ACCEPTED, Status.REJECTED)
        answer(journal, orders[2:], Status.UNKNOWN)

    clock.time += 31 * 24 * 3600
    with opened() as journal:
        sheet = [order("A1", n=2), order("A2"), order("A3")]
        made = journal.plan(sheet, [], again_rejected=True)

    assert (made.standing["A1"].flags, made.standing["A1"].differences) == (("sheet_changed",), ())
    assert references(made.new) == ["A2"]
    assert references(made.again) == ["A3"]
    bodies = rows(home, "SELECT body IS NULL, length(hash) FROM payload ORDER BY id")
    assert bodies == [(1, 64), (1, 64), (0, 64), (0, 64)]


def test_run_ids_tell_when_and_differ(opened: Opened) -> None:
    names = set()
    for _ in range(3):
        with opened() as journal:
            names.add(journal.run)

    assert len(names) == 3
    assert all(name.startswith("2027011") and len(name) == 20 for name in names)


@in_a_file
def test_many_orders_are_planned_and_looked_up_in_bulk(opened: Opened) -> None:
    orders = [order(f"A{n}", weight=Decimal("1.5"), rows=(n,)) for n in range(20_000)]
    with opened() as journal:
        made = journal.plan(orders, [])
        assert [*made.new] == orders

    with opened() as journal:
        assert len(journal.plan(orders, []).new) == 20_000
        assert len(journal.records(references(orders))) == 20_000
