"""Tokens that a call of its own fetches: when they are fetched, renewed and given up."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from converter.errors import CallError
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.request import Call
from converter.model import HttpRequest, Judgement, NoReply, Order, Outcome, Reply, Status
from converter.provider.request import Signer
from converter.provider.tokens import Tokens
from converter.settings import Settings

MAPPING = """\
provider: demo
title: {en: Demo, zh: 演示}
source: A page
settings:
  base_url: {env: DEMO_URL, required: true}
  login: {env: DEMO_LOGIN, required: true}
  password: {env: DEMO_PASSWORD, required: true, secret: true}
request:
  path: /orders
  headers: {Authorization: "Bearer {token}"}
  body: $order
  tokens:
    session:
      path: /login
      body: {login: $login, password: $password}
      value: data.token
      expires_in: data.seconds
      call_ok: code == `0`
order:
  reference: ref
fields:
  - {path: ref, title: {en: Ref, zh: 单号}, required: true}
response:
  call_ok: id
  match: {single: true}
  accepted: id
"""
VALUES = {"base_url": "https://demo.test", "login": "ann", "password": "secret-1"}
ORDER = Order("R1", "R1", {"ref": "R1"}, (2,))


def mapping() -> ProviderMapping:
    return parse_mapping(MAPPING, "demo.yaml")


def answer(body: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


class Login:
    """Gives the tokens t1, t2 ... or the replies that it was told to give."""

    def __init__(self, *replies: Reply | NoReply, seconds: Any = 600) -> None:
        self.replies = [*replies]
        self.seconds = seconds
        self.calls: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Reply | NoReply:
        self.calls.append(request)
        if self.replies:
            return self.replies.pop(0)
        token = {"token": f"t{len(self.calls)}", "seconds": self.seconds}
        return answer({"code": 0, "data": token})


def connected(client: Login, keep: Callable[[str], object] = lambda _: None) -> Signer:
    signer = Signer(mapping(), Settings(VALUES, (), ()))
    signer.connect(client, keep)
    return signer


def sent_with(signer: Signer) -> str:
    return signer.request([ORDER]).headers["Authorization"]


def test_a_token_is_fetched_once_and_kept_secret() -> None:
    client, secrets = Login(), list[str]()
    signer = connected(client, secrets.append)

    assert [sent_with(signer) for _ in range(3)] == ["Bearer t1"] * 3
    assert secrets == ["t1"]
    (call,) = client.calls
    assert (call.method, call.url) == ("POST", "https://demo.test/login")
    assert json.loads(call.body) == {"login": "ann", "password": "secret-1"}
    assert "Authorization" not in call.headers


def test_a_token_may_stand_in_a_header_of_the_answer() -> None:
    spec = parse_mapping(
        MAPPING.replace("value: data.token", "value_header: X-Subject-Token")
        .replace("      expires_in: data.seconds\n", "      lifetime: 600\n")
        .replace("      call_ok: code == `0`\n", ""),
        "demo.yaml",
    )
    client = Login(Reply(201, {"x-subject-token": "t7"}, b""), Reply(201, {}, b"{}"))
    secrets: list[str] = []
    signer = Signer(spec, Settings(VALUES, (), ()))
    signer.connect(client, secrets.append)

    assert sent_with(signer) == "Bearer t7"
    assert secrets == ["t7"]
    other = Signer(spec, Settings(VALUES, (), ()))
    other.connect(client, secrets.append)
    with pytest.raises(CallError, match="has none"):
        sent_with(other)


def test_basic_auth_is_the_header_of_two_settings() -> None:
    text = MAPPING.replace('  headers: {Authorization: "Bearer {token}"}\n', "  {}\n")
    text = text[: text.index("  tokens:")] + text[text.index("order:\n") :]
    for written, header in (
        ("basic_auth: [login, password]", "Basic YW5uOnNlY3JldC0x"),
        ("basic_auth: [password]", "Basic c2VjcmV0LTE6"),
    ):
        spec = parse_mapping(text.replace("  {}\n", f"  {written}\n"), "demo.yaml")
        assert sent_with(Signer(spec, Settings(VALUES, (), ()))) == header


def test_the_next_run_keeps_the_token_secret_too() -> None:
    client, secrets = Login(), list[str]()
    signer = connected(client)
    sent_with(signer)
    signer.connect(client, secrets.append)

    assert sent_with(signer) == "Bearer t1"
    assert secrets == ["t1"]


@pytest.mark.parametrize(
    ("seconds", "later", "fetched"),
    [
        pytest.param(3600, 3539, 1, id="a minute before its end"),
        pytest.param(3600, 3541, 2, id="within the last minute"),
        pytest.param(100, 89, 1, id="a short life"),
        pytest.param(100, 91, 2, id="the last tenth of a short life"),
        pytest.param("3600", 3541, 2, id="seconds as text"),
        pytest.param(None, 9_000_000, 1, id="nobody says when it ends"),
    ],
)
def test_a_token_is_renewed_before_it_ends(seconds: Any, later: float, fetched: int) -> None:
    now = 0.0
    client = Login(seconds=seconds)
    signer = connected(client)
    tokens = Tokens(mapping().request.tokens, signer._token_request, client, clock=lambda: now)
    tokens.get("session")
    now = later
    tokens.get("session")

    assert len(client.calls) == fetched


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(
            NoReply(False, "no connection"),
            "The call for the token session had no answer: no connection. Run again later.",
            id="no answer",
        ),
        pytest.param(
            answer({"error": "invalid_client", "error_description": "No such client"}, 401),
            "The provider refused the call for the token session (HTTP 401). Look at the "
            "settings it is made of. No such client",
            id="refused",
        ),
        pytest.param(
            answer({"code": 7, "msg": "wrong password"}),
            "The answer to the call for the token session has none. Look at the settings it "
            "is made of. wrong password",
            id="refused with HTTP 200",
        ),
        pytest.param(
            answer({"code": 0, "data": {}}),
            "The answer to the call for the token session has none. Look at the settings it "
            "is made of.",
            id="no token in it",
        ),
    ],
)
def test_a_call_that_fails_stops_everything(reply: Reply | NoReply, message: str) -> None:
    with pytest.raises(CallError) as caught:
        sent_with(connected(Login(reply)))

    assert str(caught.value) == message


# -- tokens that are refused -----------------------------------------------------------------------


def refused(status: Status = Status.NOT_SENT, orders: int = 1) -> Judgement:
    return Judgement((Outcome(status, "no"),) * orders, stop="refused")


def went_well() -> Judgement:
    return Judgement((Outcome(Status.ACCEPTED, ""),))


def after(signer: Signer, http: int, judgement: Judgement, order: Order = ORDER) -> Judgement:
    return signer.after((order,), answer({}, http), judgement)


def test_a_refused_token_is_fetched_anew_and_the_order_goes_again() -> None:
    signer = connected(Login())
    first = sent_with(signer)
    judged = after(signer, 401, refused())

    assert (judged.stop, judged.not_processed, judged.retry_after) == ("", True, 0.0)
    assert (first, sent_with(signer)) == ("Bearer t1", "Bearer t2")
    assert after(signer, 200, went_well()) == went_well()


def test_a_new_token_that_is_refused_too_stops_the_run() -> None:
    signer = connected(Login())
    sent_with(signer)
    after(signer, 401, refused())
    sent_with(signer)

    assert after(signer, 401, refused()) == refused()


def test_a_token_that_worked_in_between_may_be_replaced_again() -> None:
    signer = connected(Login())
    for expected in ("Bearer t1", "Bearer t2", "Bearer t3"):
        assert sent_with(signer) == expected
        after(signer, 200, went_well())
        assert sent_with(signer) == expected
        assert after(signer, 401, refused()).stop == ""


def test_requests_that_were_open_with_the_old_token_go_again_too() -> None:
    client = Login()
    signer = connected(client)
    other = Order("R2", "R2", {"ref": "R2"}, (3,))
    for order in (ORDER, other):
        signer.request([order])
    replies = [after(signer, 401, refused(), order) for order in (ORDER, other)]
    for order in (ORDER, other):
        signer.request([order])

    assert [one.stop for one in replies] == ["", ""]
    assert len(client.calls) == 2


@pytest.mark.parametrize(
    ("http", "judgement"),
    [
        pytest.param(403, refused(), id="forbidden"),
        pytest.param(401, refused(Status.UNKNOWN), id="the order may exist"),
        pytest.param(500, Judgement((Outcome(Status.UNKNOWN, ""),)), id="trouble"),
    ],
)
def test_other_refusals_are_no_reason_to_send_again(http: int, judgement: Judgement) -> None:
    signer = connected(Login())
    sent_with(signer)

    assert after(signer, http, judgement) == judgement
    assert sent_with(signer) == "Bearer t1"


def test_a_call_that_creates_nothing_is_made_again_with_a_new_token() -> None:
    client = Login()
    signer = connected(client)
    made = [sent_with(signer)]
    client.replies = [answer({}, 401)]

    def build() -> HttpRequest:
        return signer.call(Call(method="GET", path="/orders"))

    reply = signer.exchange(client, build)

    assert isinstance(reply, Reply)
    assert reply.status == 200
    calls = [(call.method, call.headers.get("Authorization")) for call in client.calls]
    assert (made, calls) == (
        ["Bearer t1"],
        [("POST", None), ("GET", "Bearer t1"), ("POST", None), ("GET", "Bearer t3")],
    )


def test_masked_requests_fetch_nothing() -> None:
    orders: Sequence[Order] = [ORDER]
    made = Signer(mapping(), Settings({}, (), ()), masked=True).request(orders)

    assert made.headers["Authorization"] == "Bearer ***"
